"""JAX: everything under jit, whole epochs by lax.scan, double precision (set in the environment)."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from problems import Array, Graph, Indices, Layered, Sweep, flat

from peers.jax_rules import RULES

Tables = list[tuple[Any, Any]]
Trained = tuple[Tables, list[Any]]  # weights, and what the optimizer keeps for each table


def error_of(tables: Tables, x: Any, y: Any) -> Any:
    """Return the mean square of a fully connected network."""
    for w, b in tables:
        x = jax.nn.sigmoid(x @ w + b)
    return jnp.mean((x - y) ** 2)


class Steps:
    """A jitted step for each batch."""

    def __init__(self, problem: Layered) -> None:
        self.problem = problem
        self._begin, self._rule = RULES[problem.optimizer]
        self._step = jax.jit(self._updated)
        self._prepare()
        self._reset()

    def _prepare(self) -> None:
        self.batches = [(jnp.asarray(x), jnp.asarray(y)) for x, y in self.problem.batches]

    def _reset(self) -> None:
        self.tables = [(jnp.asarray(table[:-1]), jnp.asarray(table[-1])) for table in self.problem.weights]

    def _error(self, tables: Any, x: Any, y: Any) -> Any:
        return error_of(tables, x, y)

    def _started(self, tables: Tables) -> Trained:
        """Return weights with the states of an optimizer that starts afresh."""
        return tables, [self._begin(weights, self.problem.rate) for weights in jax.tree.leaves(tables)]

    def _updated(self, trained: Trained, x: Any, y: Any) -> tuple[Trained, Any]:
        tables, states = trained
        error, gradients = jax.value_and_grad(self._error)(tables, x, y)
        leaves, tree = jax.tree.flatten(tables)
        each = zip(leaves, jax.tree.leaves(gradients), states)
        stepped = [self._rule(weights, slopes, state, self.problem.rate) for weights, slopes, state in each]
        return (jax.tree.unflatten(tree, [weights for weights, _ in stepped]), [state for _, state in stepped]), error

    def run(self, times: int) -> None:
        trained = self._started(self.tables)
        for _ in range(times):
            for x, y in self.batches:
                trained, error = self._step(trained, x, y)
        self.tables, _ = jax.block_until_ready(trained)
        float(error)

    def result(self) -> Array:
        self._reset()
        self.run(self.problem.checked)
        return flat([np.vstack([w, b]) for w, b in self.tables])


class Scan(Steps):
    """All epochs in one call: a scan over the batches within a loop over the epochs."""

    unrolled = 1  # how many batches are written out, one behind the other

    def _prepare(self) -> None:
        x, y = zip(*self.problem.batches)
        data = jnp.asarray(np.stack(x)), jnp.asarray(np.stack(y))

        def step(trained: Trained, batch: tuple[Any, Any]) -> tuple[Trained, Any]:
            return self._updated(trained, *batch)

        def epoch(_: int, carry: tuple[Trained, Any]) -> tuple[Trained, Any]:
            trained, errors = jax.lax.scan(step, carry[0], data, unroll=self.unrolled)
            return trained, errors.mean()

        def epochs(times: Any, tables: Tables) -> tuple[Tables, Any]:
            (tables, _), error = jax.lax.fori_loop(0, times, epoch, (self._started(tables), 0.0))
            return tables, error

        self._epochs = jax.jit(epochs)

    def run(self, times: int) -> None:
        self.tables, error = jax.block_until_ready(self._epochs(times, self.tables))
        float(error)


class Vmap:
    """All networks by vmap, their epochs by scan, the samples of an epoch written out: from weights that are there."""

    def __init__(self, problem: Sweep) -> None:
        self.problem, samples = problem, [(jnp.asarray(x), jnp.asarray(y)) for x, y in zip(problem.x, problem.y)]

        def epoch(tables: Tables, _: Any) -> tuple[Tables, Any]:
            total = 0.0
            for x, y in samples:
                error, gradients = jax.value_and_grad(error_of)(tables, x, y)
                tables = jax.tree.map(lambda w, g: w - problem.rate * g, tables, gradients)
                total += error
            return tables, total / len(samples)

        def trained(weights: Any) -> Any:
            parts = [weights[first : first + 6].reshape(3, 2) for first in (0, 6)]
            tables, errors = jax.lax.scan(epoch, [(part[:2], part[2]) for part in parts], None, problem.epochs)
            return jnp.concatenate([jnp.concatenate([w.ravel(), b]) for w, b in tables]), errors

        self._trained, self._weights = jax.jit(jax.vmap(trained)), jnp.asarray(problem.weights)

    def run(self, times: int) -> None:
        for _ in range(times):
            self.weights, self.errors = jax.block_until_ready(self._trained(self._weights))

    def result(self) -> Array:
        self.run(1)
        return np.asarray(self.weights[: self.problem.compared]).ravel()


class Gradient:
    """Level by level: gathered by a table of what feeds each node, weighted and summed; the gradient is JAX's own.

    A node that is fed by fewer than another of its level reads connections of weight 0. Sums by segments take three
    times as long on a processor.
    """

    def __init__(self, problem: Graph) -> None:
        self.problem = problem
        self.data = jnp.asarray(problem.x.T), jnp.asarray(problem.y.T)
        self.weights = jnp.asarray(problem.weight)
        self.sources = np.append(problem.source, 0)
        self.tables = [_padded(problem, begin, end) for begin, end in problem.levels[1:]]
        self._both = jax.jit(jax.value_and_grad(self._error))

    def _error(self, weights: Any, x: Any, y: Any) -> Any:
        padded = jnp.append(weights, 0.0)
        activated = jnp.zeros((int(self.problem.starts[-1]), x.shape[1])).at[: len(x)].set(x)
        for (begin, end), table in zip(self.problem.levels[1:], self.tables):
            sums = jnp.einsum("nk,nkb->nb", padded[table], activated[self.sources[table]])
            out = jax.nn.sigmoid(sums)
            activated = activated.at[begin:end].set(out)
        return jnp.mean((out - y) ** 2)

    def run(self, times: int) -> None:
        for _ in range(times):
            self.error, self.gradient = jax.block_until_ready(self._both(self.weights, *self.data))

    def result(self) -> Array:
        self.run(1)
        return np.asarray(self.gradient)


def _padded(problem: Graph, begin: int, end: int) -> Indices:
    """Return the connections into each node of a level, filled up with one behind the last."""
    nodes = np.arange(begin, end)
    first, last = np.searchsorted(problem.target, nodes), np.searchsorted(problem.target, nodes, side="right")
    table = first[:, None] + np.arange((last - first).max())
    return np.where(table < last[:, None], table, len(problem.source))
