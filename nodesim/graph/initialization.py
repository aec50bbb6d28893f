"""How weights are drawn: one at a time, or all of them when every fan is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices, read_only
from nodesim.errors import ArgumentError
from nodesim.functions.contracts import Initializer
from nodesim.functions.guard import called
from nodesim.functions.interruptions import is_interruption
from nodesim.graph.elements import Node
from nodesim.graph.generators import generators_of
from nodesim.validation import shortened

# Twice as many bits as numpy itself takes from the system where no seed is given.
_SEEDS = 2**256
_ONE = np.ones(1, dtype=np.intp)


def generator_of(seed: Any) -> np.random.Generator:
    """Return the generator that a seed stands for.

    Raises
    ------
    ArgumentError
        If it is no seed.
    """
    if isinstance(seed, np.random.Generator):
        return seed
    if seed is None or (isinstance(seed, int | np.integer) and not isinstance(seed, bool) and 0 <= seed < _SEEDS):
        return np.random.default_rng(seed)
    limit = " and below 2**256" if isinstance(seed, int) and seed > 0 else ""
    raise ArgumentError(
        f"seed must be a whole number of at least 0{limit}, a numpy Generator or None, got {shortened(seed)}."
    )


def drawn_weights(rule: Initializer, generator: np.random.Generator, fan_in: Any, fan_out: Any, dtype: Any) -> Array:
    """Return finite weights, one for each pair of fans; if it fails the generator is as it was.

    Raises
    ------
    FunctionError, ArgumentError
        If the initializer fails, or draws what is not finite in that type of numbers.
    """
    state = generator.bit_generator.state
    try:
        weights = called(rule.function, (generator, fan_in, fan_out), fan_in.shape, lambda: rule.label)
        # The sum tells of most arrays quickly that all is well; it may overflow where the weights do not.
        with np.errstate(over="ignore", invalid="ignore"):
            well = np.dtype(dtype) == np.float64 and isfinite(weights.sum())
        if not well and not (np.abs(weights) <= float(np.finfo(dtype).max)).all():
            raise ArgumentError(f"{rule.label} drew a weight that is not finite in {np.dtype(dtype)}.")
    except BaseException:
        generator.bit_generator.state = state
        raise
    return weights


def drawn_one(
    rule: Initializer, generator: np.random.Generator, source: Node, fan_in: int, fan_out: int, dtype: Any
) -> float:
    """Return the weight of one new connection.

    Parameters
    ----------
    rule : Initializer
    generator : numpy.random.Generator
    source : Node
        Where the connection comes from: some rules have a constant for bias nodes.
    fan_in, fan_out : int
        How many connections enter its target, those of bias nodes left out, and leave its source, with this one.
    dtype : data-type
        That of the weights.
    """
    if rule.bias is not None and source.kind == "bias":
        return _bias_of(rule, dtype)
    ins, outs = (np.array([fan_in]), np.array([fan_out])) if rule.fans else (_ONE, _ONE)
    return float(drawn_weights(rule, generator, ins, outs, dtype)[0])


class Draws:
    """What is drawn for a whole network of which every fan is known.

    Parameters
    ----------
    rule : Initializer
    is_bias : ndarray of bool, shape (n_rows,)
        Which nodes are bias nodes.
    ends : callable
        Returns the rows of the sources and of the targets of all connections; only called where the rule asks for them.
    weights, trainable : ndarray of shape (n_connections,)
        In connection order; weights that do not learn stay what they are.
    """

    def __init__(
        self, rule: Initializer, is_bias: NDArray[np.bool_], ends: Callable[[], tuple[Indices, Indices]],
        weights: Array, trainable: NDArray[np.bool_],
    ) -> None:  # fmt: skip
        self.rule, self.weights, chosen = rule, weights, trainable
        sources, targets = ends() if rule.fans or rule.bias is not None else (_ONE, _ONE)
        if rule.bias is not None:
            chosen = trainable & ~is_bias[sources]
            self.weights[trainable & ~chosen] = _bias_of(rule, weights.dtype)
        self.chosen: Any = slice(None) if chosen.all() else np.flatnonzero(chosen)
        self.count = int(np.count_nonzero(chosen))
        self.fans: tuple[Indices, Indices] = (np.broadcast_to(_ONE, self.count),) * 2
        if rule.fans:
            # Bias nodes are no input of a node in the sense of Glorot and He.
            fan_in = np.bincount(targets[~is_bias[sources]], minlength=len(is_bias))
            fan_out = np.bincount(sources, minlength=len(is_bias))
            self.fans = fan_in[targets[self.chosen]], fan_out[sources[self.chosen]]

    def one(self, generator: np.random.Generator) -> Array:
        """Return the weights that a generator draws; see `drawn_weights` for what is raised."""
        if self.count == len(self.weights) > 0:
            drawn = drawn_weights(self.rule, generator, *self.fans, self.weights.dtype)
            return drawn.astype(self.weights.dtype, copy=False)
        weights = self.weights.copy()
        if self.count:
            weights[self.chosen] = drawn_weights(self.rule, generator, *self.fans, weights.dtype)
        return weights

    def many(self, seeds: Sequence[int]) -> tuple[Array, list[np.random.Generator]]:
        """Return a row of weights for each seed, as `one` draws it, and the generators as they are then."""
        rows, generators = np.tile(self.weights, (len(seeds), 1)), list(generators_of(seeds))
        if not self._quickly(rows, generators):
            generators = list(generators_of(seeds))
            for row, generator in zip(rows, generators):
                row[:] = self.one(generator)
        return rows, generators

    def _quickly(self, rows: Array, generators: Sequence[np.random.Generator]) -> bool:
        """Fill rows without looking at each; whatever is not plain and finite is left to be drawn again with care."""
        function, (fan_in, fan_out) = self.rule.function, map(read_only, self.fans)
        try:
            drawn = [function(generator, fan_in, fan_out) for generator in generators]
            if {(type(each), each.shape, each.dtype) for each in drawn} != {(np.ndarray, fan_in.shape, rows.dtype)}:
                return False
            rows[:, self.chosen] = np.concatenate(drawn).reshape(len(rows), -1)
        except Exception as error:
            if is_interruption(error):
                raise
            return False
        with np.errstate(all="ignore"):
            return isfinite(rows.sum())


def _bias_of(rule: Initializer, dtype: Any) -> float:
    bias = 0.0 if rule.bias is None else rule.bias
    if abs(bias) > float(np.finfo(dtype).max):
        raise ArgumentError(f"{rule.label}: bias={bias:g} is not finite in {np.dtype(dtype)}.")
    return bias
