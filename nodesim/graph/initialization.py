"""How weights are drawn: one at a time, or all of them when every fan is known."""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array
from nodesim.errors import ArgumentError
from nodesim.functions.contracts import Initializer
from nodesim.functions.guard import called
from nodesim.graph.elements import Node
from nodesim.graph.schedule import Schedule
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


def drawn_anew(
    rule: Initializer, generator: np.random.Generator, schedule: Schedule, weights: Array, trainable: NDArray[np.bool_]
) -> Array:
    """Return the weights of a whole network with those that are trainable drawn, in connection order.

    Parameters
    ----------
    rule : Initializer
    generator : numpy.random.Generator
    schedule : Schedule
    weights, trainable : ndarray of shape (n_connections,)
    """
    weights, bias = weights.copy(), _bias_of(rule, weights.dtype)
    biased = np.fromiter((node.kind == "bias" for node in schedule.nodes), bool, schedule.n_rows)[schedule.sources]
    # Bias nodes are no input of a node in the sense of Glorot and He.
    fan_in = np.bincount(schedule.targets[~biased], minlength=schedule.n_rows)[schedule.targets]
    fan_out = np.bincount(schedule.sources, minlength=schedule.n_rows)[schedule.sources]
    chosen = trainable if rule.bias is None else trainable & ~biased
    if chosen.any():
        weights[chosen] = drawn_weights(rule, generator, fan_in[chosen], fan_out[chosen], weights.dtype)
    weights[trainable & ~chosen] = bias
    return weights


def _bias_of(rule: Initializer, dtype: Any) -> float:
    bias = 0.0 if rule.bias is None else rule.bias
    if abs(bias) > float(np.finfo(dtype).max):
        raise ArgumentError(f"{rule.label}: bias={bias:g} is not finite in {np.dtype(dtype)}.")
    return bias
