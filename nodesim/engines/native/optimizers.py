"""One step of each optimizer that has a native form, over flat arrays: the plugins' formulas, operation by operation.

There is one formula of each, for one weight at a time or for a vector of lanes, each of which is another network's. How
these numbers are taken from memory and put back, it is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nodesim._arrays import Array
from nodesim.engines.native.finite_checks import IN_GRADIENTS, flag
from nodesim.engines.native.jit import inlined, kernel, merged
from nodesim.engines.native.vectors import square_root, store_wide, where_less

_SMALLEST_STEP, _LARGEST_STEP = 1e-6, 50.0


class Learning(NamedTuple):
    """What a step changes, and what it needs for that.

    Attributes
    ----------
    weights, gradients : flat ndarray
    learns : ndarray of bool
        Which weights may change. The rest is left alone, also in what the optimizer remembers.
    first, second : flat ndarray
        What the optimizer remembers of each weight; empty if nothing.
    """

    weights: Array
    gradients: Array
    learns: Any
    first: Array
    second: Array


class StepRule(NamedTuple):
    """An optimizer as kernels know it: the code of its form, the learning rate, and its parameters, the rest 0."""

    code: int
    learning_rate: float
    p: float
    q: float
    r: float


# ---- one, or one of each lane -----------------------------------------------------------------------------------


@inlined
def load_one(numbers: Any, i: int) -> float:
    """Load a number."""
    return numbers[np.uint64(i)]  # type: ignore[no-any-return]


@inlined
def keep_one(learns: Any, numbers: Any, i: int, old: float, new: float) -> None:
    """Store the new number where learns[i], else the old one: without a branch, LLVM makes vectors of a loop."""
    numbers[np.uint64(i)] = new if learns[np.uint64(i)] else old


@inlined
def keep_wide(learns: Any, numbers: Any, i: int, old: Any, new: Any) -> None:
    """Store the numbers of all lanes; the caller has asked whether they learn."""
    store_wide(numbers, i, new)


# ---- formulas ---------------------------------------------------------------------------------------------------
# Each changes what is remembered of the weights from the i-th on, by their gradients g, and returns by how much to
# lessen these weights.


class _Constants(NamedTuple):
    """What is the same for all weights: parameters, and what comes of the learning rate and the number of steps."""

    rate: Any
    correction: float
    p: float
    q: float
    r: float


@merged
def _sgd(on: Any, i: int, g: Any, c: Any, load: Any, keep: Any) -> Any:
    """W -= η·G."""
    return c.rate * g


@merged
def _velocity(on: Any, i: int, g: Any, c: Any, load: Any, keep: Any) -> Any:
    old = load(on.first, i)
    v = c.p * old + g
    keep(on.learns, on.first, i, old, v)
    return v


@merged
def _momentum(on: Any, i: int, g: Any, c: Any, load: Any, keep: Any) -> Any:
    """V = μ·V + G; W -= η·V."""
    return c.rate * _velocity(on, i, g, c, load, keep)


@merged
def _nesterov(on: Any, i: int, g: Any, c: Any, load: Any, keep: Any) -> Any:
    """V = μ·V + G; W -= η·(G + μ·V)."""
    return c.rate * (g + c.p * _velocity(on, i, g, c, load, keep))


@merged
def _adam(on: Any, i: int, g: Any, c: Any, load: Any, keep: Any) -> Any:
    """M = β₁·M + (1 - β₁)·G; S = β₂·S + (1 - β₂)·G²; W -= η/(1 - β₁ⁿ)·(M / (√S / √(1 - β₂ⁿ) + ε)), n = steps."""
    mean, square = load(on.first, i), load(on.second, i)
    m = c.p * mean + (1.0 - c.p) * g
    s = c.q * square + (1.0 - c.q) * (g * g)
    keep(on.learns, on.first, i, mean, m)
    keep(on.learns, on.second, i, square, s)
    return c.rate * (m / (square_root(s) / c.correction + c.r))


@merged
def _rmsprop(on: Any, i: int, g: Any, c: Any, load: Any, keep: Any) -> Any:
    """S = α·S + (1 - α)·G²; W -= η·G / (√S + ε)."""
    square = load(on.first, i)
    s = c.p * square + (1.0 - c.p) * (g * g)
    keep(on.learns, on.first, i, square, s)
    return c.rate * g / (square_root(s) + c.q)


@merged
def _sign(x: Any) -> Any:
    """Return 1 above 0 and -1 below, else x itself: 0 or NaN."""
    return where_less(x, 0.0, -1.0, where_less(0.0, x, 1.0, x))


@merged
def _rprop(on: Any, i: int, g: Any, c: Any, load: Any, keep: Any) -> Any:
    """Grow the step where the gradient keeps its sign, shrink and skip it where it turns; W -= sign(G)·size.

    The learning rate is only the first size, which is remembered already.
    """
    previous, size = load(on.first, i), load(on.second, i)
    agreement = _sign(g) * _sign(previous)
    scaled = size * where_less(0.0, agreement, c.q, where_less(agreement, 0.0, c.p, 1.0))
    s = where_less(scaled, _SMALLEST_STEP, _SMALLEST_STEP, where_less(_LARGEST_STEP, scaled, _LARGEST_STEP, scaled))
    used = where_less(agreement, 0.0, 0.0, g)
    keep(on.learns, on.first, i, previous, used)
    keep(on.learns, on.second, i, size, s)
    return _sign(used) * s


# ---- steps ------------------------------------------------------------------------------------------------------

# A kernel is compiled once for all rules, not once for each: which one it is, it sees by a number.
SGD, _MOMENTUM, _NESTEROV, _ADAM, _RMSPROP, _RPROP = range(6)


@merged
def constants(rule: Any, rate: Any, steps: int) -> Any:
    """Return what is the same for all weights in the step of a number: 1 for the first.

    Parameters
    ----------
    rule : StepRule
        The optimizer; its learning rate is not read.
    rate : float or vector
        The learning rate, or those of the lanes.
    steps : int
    """
    correction = 1.0
    if rule.code == _ADAM:
        # In the plugin's order of operations.
        correction, rate = (1.0 - rule.q**steps) ** 0.5, rate / (1.0 - rule.p**steps)
    return _Constants(rate, correction, rule.p, rule.q, rule.r)


@merged
def change(code: int, on: Any, i: int, g: Any, c: Any, load: Any, keep: Any) -> Any:
    """Return by how much to lessen the weights from the i-th on; change what the optimizer remembers of them.

    Parameters
    ----------
    code : int
        Which optimizer.
    on : Learning
    i : int
    g : float or vector
        Their gradients, means over the samples.
    c : tuple
        The `constants` of the step.
    load, keep : function
        How numbers are taken from memory and put back.
    """
    if code == SGD:
        step = _sgd(on, i, g, c, load, keep)
    elif code == _MOMENTUM:
        step = _momentum(on, i, g, c, load, keep)
    elif code == _NESTEROV:
        step = _nesterov(on, i, g, c, load, keep)
    elif code == _ADAM:
        step = _adam(on, i, g, c, load, keep)
    elif code == _RMSPROP:
        step = _rmsprop(on, i, g, c, load, keep)
    else:
        step = _rprop(on, i, g, c, load, keep)
    return step


@merged
def _each(formula: Any, on: Any, share: float, c: Any) -> None:
    for i in range(len(on.weights)):
        weight = load_one(on.weights, i)
        step = formula(on, i, load_one(on.gradients, i) * share, c, load_one, keep_one)
        keep_one(on.learns, on.weights, i, weight, weight - step)


@kernel
def step(code: int, weights: Any, gradients: Any, share: float, trainable: Any, first: Any, second: Any, steps: int,
         learning_rate: float, p: float, q: float, r: float) -> bool:  # fmt: skip
    """Make the step of the optimizer that a code stands for; return whether gradients and weights are finite.

    Gradients come as sums over samples; times `share`, one over their number, they are means.
    """
    # Before anything is changed: the weights are then still those of the last whole step.
    if flag(gradients, 0, len(gradients), IN_GRADIENTS):
        return False
    on = Learning(weights, gradients, trainable, first, second)
    c = constants(StepRule(code, learning_rate, p, q, r), learning_rate, steps)
    # A loop for each: in one that asks inside, LLVM does not work on several weights at a time.
    if code == SGD:
        _each(_sgd, on, share, c)
    elif code == _MOMENTUM:
        _each(_momentum, on, share, c)
    elif code == _NESTEROV:
        _each(_nesterov, on, share, c)
    elif code == _ADAM:
        _each(_adam, on, share, c)
    elif code == _RMSPROP:
        _each(_rmsprop, on, share, c)
    else:
        _each(_rprop, on, share, c)
    return not flag(weights, 0, len(weights), IN_GRADIENTS)


@dataclass(frozen=True)
class StepForm:
    """The native form of an optimizer.

    Attributes
    ----------
    code : int
        What `change` and `step` make of it.
    states : tuple of str
        The arrays that it remembers, two at most.
    parameters : tuple of str
        The parameters that it takes, three at most.
    counts : bool
        Whether it also remembers the number of its steps, as "steps".
    """

    code: int
    states: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    counts: bool = False


sgd = StepForm(SGD)
momentum = StepForm(_MOMENTUM, ("velocity",), ("momentum",))
nesterov = StepForm(_NESTEROV, ("velocity",), ("momentum",))
adam = StepForm(_ADAM, ("mean", "square"), ("beta1", "beta2", "epsilon"), counts=True)
rmsprop = StepForm(_RMSPROP, ("square",), ("alpha", "epsilon"))
rprop = StepForm(_RPROP, ("previous", "size"), ("shrink", "grow"))


def rule(form: StepForm, parameters: Mapping[str, float], learning_rate: float) -> StepRule:
    """Return an optimizer as kernels know it, with the values of its parameters."""
    given = [parameters[name] for name in form.parameters]
    return StepRule(form.code, learning_rate, *given, *[0.0] * (3 - len(given)))
