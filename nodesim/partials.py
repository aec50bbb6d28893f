"""The derivative graph: quantities e, OA, O, HA, H, W, whose arrows are partial derivatives.

A photograph of one backward: it keeps the weights, values and local derivatives of that moment, and whatever
counts, lists, sums or prints paths walks over it.

References
----------
Article, section 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import networkx as nx
import numpy as np

from nodesim.calls import Array
from nodesim.elements import Connection, Node
from nodesim.engines.nodes import slope
from nodesim.notation import ERROR, activated, number, partial
from nodesim.schedule import Schedule
from nodesim.store import Run


@dataclass(frozen=True, slots=True)
class Factor:
    """One partial derivative of a path; it multiplies like the number that it is.

    Attributes
    ----------
    numerator, denominator : str
        The names of the two quantities.
    value : float, or ndarray of shape (n_samples,)

    Examples
    --------
    >>> print(Factor("OA1", "O1", 1.0))
    ∂OA1/∂O1 = 1
    """

    numerator: str
    denominator: str
    value: float | Array

    @property
    def name(self) -> str:
        """The partial derivative as it is written."""
        return partial(self.numerator, self.denominator)

    def __float__(self) -> float:
        return float(self.value)

    def __mul__(self, other: object) -> object:
        return self.value * (other.value if isinstance(other, Factor) else other)  # type: ignore[operator]

    __rmul__ = __mul__

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.asarray(self.value, dtype=dtype)

    def __str__(self) -> str:
        return f"{self.name} = {number(self.value) if isinstance(self.value, float) else self.value}"


class DerivativeGraph:
    """The partial derivatives of one backward, for every arrow and sample.

    Parameters
    ----------
    schedule : Schedule
        The structure.
    weights : ndarray of shape (n_slots,)
    activated : ndarray of shape (n_rows, n_samples)
    slopes : ndarray of shape (n_rows, n_samples)
        ∂HA/∂H of every node, 1 for inputs and bias nodes.
    seeds : ndarray of shape (n_outputs, n_samples)
        ∂e/∂OA of every output, or ∂e/∂O where `of_sums`.
    of_sums : bool
        Whether the error's arrows lead to O instead of OA (see `Loss.sum_derivative`).

    Notes
    -----
    Counts and sums are dynamic programmes over the schedule, O(nodes + connections) once for all weights.
    """

    def __init__(
        self,
        schedule: Schedule,
        weights: Array,
        activated: Array,
        slopes: Array,
        seeds: Array,
        *,
        of_sums: bool,
    ) -> None:
        self.schedule = schedule
        self.weights = weights
        self.activated = activated
        self.slopes = slopes
        self.seeds = dict(zip(schedule.outputs, seeds))
        self.of_sums = of_sums

    @property
    def n_samples(self) -> int:
        """How many samples it holds."""
        return int(self.activated.shape[1])

    def entry(self, output: Node) -> Array:
        """Return ∂e/∂O of the arrow or arrows that lead from e straight to an output's sum."""
        seed = self.seeds[output]
        entering: Array = seed if self.of_sums else seed * self.slopes[output._row]
        return entering

    def step(self, connection: Connection) -> Array:
        """Return ∂(sum of the target)/∂(sum of the source): the weight times the source's slope."""
        partials: Array = self.weights[connection._slot] * self.slopes[connection.source._row]
        return partials

    @cached_property
    def counts(self) -> dict[Node, int]:
        """For each node, the exact number of paths from e to its sum."""
        counts: dict[Node, int] = {}
        for node in reversed(self.schedule.order):
            after = sum(counts[connection.target] for connection in self.schedule.outgoing[node])
            counts[node] = after + (node in self.seeds)
        return counts

    @cached_property
    def totals(self) -> dict[Node, Array]:
        """For each node, the sum over all paths from e to its sum of the product of their partials: ∂e/∂H."""
        totals: dict[Node, Array] = {}
        for node in reversed(self.schedule.order):
            total = self.entry(node) if node in self.seeds else np.zeros(self.n_samples)
            for connection in self.schedule.outgoing[node]:
                if self.counts[connection.target]:
                    total = total + totals[connection.target] * self.step(connection)
            totals[node] = total
        return totals

    def scale(self, connection: Connection) -> float:
        """Return the sum of |product| over all paths of a weight, the mean over samples: the measure of rounding."""
        reached = np.abs(self.activated[connection.source._row]) * self._absolute[connection.target]
        return float(reached.mean())

    @cached_property
    def _absolute(self) -> dict[Node, Array]:
        totals: dict[Node, Array] = {}
        for node in reversed(self.schedule.order):
            total = np.abs(self.entry(node)) if node in self.seeds else np.zeros(self.n_samples)
            for connection in self.schedule.outgoing[node]:
                if self.counts[connection.target]:
                    total = total + totals[connection.target] * np.abs(self.step(connection))
            totals[node] = total
        return totals

    def below(self, node: Node) -> set[Node]:
        """Return what a node reaches, itself included."""
        found = {node}
        waiting = [node]
        while waiting:
            for connection in self.schedule.outgoing[waiting.pop()]:
                if connection.target not in found:
                    found.add(connection.target)
                    waiting.append(connection.target)
        return found

    def arrows(self, connections: tuple[Connection, ...]) -> Iterator[tuple[str, str, Array]]:
        """Yield the partials of a path, from e back: numerator, denominator, values of all samples.

        Parameters
        ----------
        connections : tuple of Connection
            From the weight to the output.
        """
        output = connections[-1].target
        yield from self._error_arrows(output)
        for connection in reversed(connections[1:]):
            source = connection.source
            weight = np.full(self.n_samples, self.weights[connection._slot])
            yield connection.target.name, self.name(source), weight
            yield self.name(source), source.name, self.slopes[source._row]
        weight_of = connections[0]
        yield weight_of.target.name, weight_of.name, self.activated[weight_of.source._row]

    def _error_arrows(self, output: Node) -> Iterator[tuple[str, str, Array]]:
        if self.of_sums:
            yield ERROR, output.name, self.seeds[output]
        else:
            yield ERROR, self.name(output), self.seeds[output]
            yield self.name(output), output.name, self.slopes[output._row]

    def name(self, node: Node) -> str:
        """Return the name of what a node sends on: HA of a hidden node, I or B itself."""
        return node.name if node.activation is None else activated(node.name)

    def to_networkx(self) -> nx.DiGraph[str]:
        """Return the quantities as a plain networkx `DiGraph`, arrows from e towards the weights.

        Each edge has the attribute ``partial``, a float for one sample or an array of shape (n_samples,).

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> graph = net.paths("W1").derivatives.to_networkx()
        >>> graph.edges["O1", "HA1"]["partial"] == net["W7"].weight
        True
        """
        graph: nx.DiGraph[str] = nx.DiGraph()
        for output in self.schedule.outputs:
            self._add(graph, self._error_arrows(output))
        for node in self.schedule.order:
            if node.activation is not None:
                self._add(graph, [(self.name(node), node.name, self.slopes[node._row])])
            for c in self.schedule.incoming[node]:
                weight = np.full(self.n_samples, self.weights[c._slot])
                self._add(graph, [(node.name, self.name(c.source), weight)])
                self._add(graph, [(node.name, c.name, self.activated[c.source._row])])
        return graph

    def _add(self, graph: nx.DiGraph[str], arrows: object) -> None:
        for numerator, denominator, values in arrows:  # type: ignore[attr-defined]
            value = float(values[0]) if self.n_samples == 1 else values
            graph.add_edge(numerator, denominator, partial=value)


def photograph(schedule: Schedule, weights: Array, run: Run) -> DerivativeGraph:
    """Take the derivative graph of a run that went forward and backward.

    Raises
    ------
    FunctionError
        If the derivative of an activation fails; the message names the node.
    """
    assert run.seed is not None
    slopes = np.ones_like(run.value)
    with np.errstate(all="ignore"):
        for task in schedule.calculated:
            slopes[task.row] = slope(task, run) if task.alive else 0.0
    return DerivativeGraph(schedule, weights.copy(), run.activated, slopes, run.seed.gradient, of_sums=run.seed.of_sums)
