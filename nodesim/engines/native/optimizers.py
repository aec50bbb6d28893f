"""One step of each optimizer that has a native form, over flat arrays: the plugins' formulas, operation by operation.

Each takes the weights and what the optimizer remembers, changes both in place where `trainable` is true and leaves
the rest alone. Gradients come as sums over samples; times `share`, one over their number, they are means. What does
not change is written, too, as it was: so the loops work on several weights at a time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from nodesim.engines.native.finite_checks import IN_GRADIENTS, flag
from nodesim.engines.native.jit import inlined, kernel

SMALLEST_STEP, LARGEST_STEP = 1e-6, 50.0


@inlined
def _sgd(weights: Any, gradients: Any, share: float, trainable: Any, learning_rate: float) -> None:
    """W -= η·G."""
    for k in range(len(weights)):
        new = weights[k] - learning_rate * (gradients[k] * share)
        weights[k] = new if trainable[k] else weights[k]


@inlined
def _momentum(weights: Any, gradients: Any, share: float, trainable: Any, velocity: Any, learning_rate: float,
              factor: float) -> None:  # fmt: skip
    """V = μ·V + G; W -= η·V."""
    for k in range(len(weights)):
        v = factor * velocity[k] + gradients[k] * share
        new = weights[k] - learning_rate * v
        velocity[k] = v if trainable[k] else velocity[k]
        weights[k] = new if trainable[k] else weights[k]


@inlined
def _nesterov(weights: Any, gradients: Any, share: float, trainable: Any, velocity: Any, learning_rate: float,
              factor: float) -> None:  # fmt: skip
    """V = μ·V + G; W -= η·(G + μ·V)."""
    for k in range(len(weights)):
        g = gradients[k] * share
        v = factor * velocity[k] + g
        new = weights[k] - learning_rate * (g + factor * v)
        velocity[k] = v if trainable[k] else velocity[k]
        weights[k] = new if trainable[k] else weights[k]


@inlined
def _adam(weights: Any, gradients: Any, share: float, trainable: Any, mean: Any, square: Any, steps: int,
          learning_rate: float, beta1: float, beta2: float, epsilon: float) -> None:  # fmt: skip
    """M = β₁·M + (1 - β₁)·G; S = β₂·S + (1 - β₂)·G²; W -= η/(1 - β₁ⁿ)·(M / (√S / √(1 - β₂ⁿ) + ε)), n = steps.

    `steps` counts this step: 1 in the first.
    """
    # What does not depend on the weight stands before the loop, in the plugin's order of operations.
    correction = (1.0 - beta2**steps) ** 0.5
    rate = learning_rate / (1.0 - beta1**steps)
    for k in range(len(weights)):
        g = gradients[k] * share
        first = beta1 * mean[k] + (1.0 - beta1) * g
        second = beta2 * square[k] + (1.0 - beta2) * (g * g)
        new = weights[k] - rate * (first / (math.sqrt(second) / correction + epsilon))
        mean[k] = first if trainable[k] else mean[k]
        square[k] = second if trainable[k] else square[k]
        weights[k] = new if trainable[k] else weights[k]


@inlined
def _rmsprop(weights: Any, gradients: Any, share: float, trainable: Any, square: Any, learning_rate: float,
             alpha: float, epsilon: float) -> None:  # fmt: skip
    """S = α·S + (1 - α)·G²; W -= η·G / (√S + ε)."""
    for k in range(len(weights)):
        g = gradients[k] * share
        second = alpha * square[k] + (1.0 - alpha) * (g * g)
        new = weights[k] - learning_rate * g / (math.sqrt(second) + epsilon)
        square[k] = second if trainable[k] else square[k]
        weights[k] = new if trainable[k] else weights[k]


@inlined
def _sign(x: float) -> float:
    """Return 1 above 0 and -1 below, else x itself: 0 or NaN."""
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else x


@inlined
def _rprop(weights: Any, gradients: Any, share: float, trainable: Any, previous: Any, size: Any, shrink: float,
           grow: float) -> None:  # fmt: skip
    """Grow the step where the gradient keeps its sign, shrink and skip it where it turns; W -= sign(G)·size.

    The learning rate is only the first size, which is in `size` already.
    """
    for k in range(len(weights)):
        # What differs by sign are branches in any case; so here is one for frozen weights, too.
        if trainable[k]:
            agreement = _sign(gradients[k]) * _sign(previous[k])
            factor = grow if agreement > 0.0 else shrink if agreement < 0.0 else 1.0
            used = 0.0 if agreement < 0.0 else gradients[k] * share
            size[k] = min(max(size[k] * factor, SMALLEST_STEP), LARGEST_STEP)
            previous[k] = used
            weights[k] = weights[k] - _sign(used) * size[k]


# A kernel is compiled once for all rules, not once for each: which one it is, it sees by a number.
SGD, _MOMENTUM, _NESTEROV, _ADAM, _RMSPROP, _RPROP = range(6)


@kernel
def step(code: int, weights: Any, gradients: Any, share: float, trainable: Any, first: Any, second: Any, steps: int,
         learning_rate: float, p: float, q: float, r: float) -> bool:  # fmt: skip
    """Make the step of the optimizer that a code stands for; return whether gradients and weights are finite."""
    # Before anything is changed: the weights are then still those of the last whole step.
    if flag(gradients, 0, len(gradients), IN_GRADIENTS):
        return False
    if code == SGD:
        _sgd(weights, gradients, share, trainable, learning_rate)
    elif code == _MOMENTUM:
        _momentum(weights, gradients, share, trainable, first, learning_rate, p)
    elif code == _NESTEROV:
        _nesterov(weights, gradients, share, trainable, first, learning_rate, p)
    elif code == _ADAM:
        _adam(weights, gradients, share, trainable, first, second, steps, learning_rate, p, q, r)
    elif code == _RMSPROP:
        _rmsprop(weights, gradients, share, trainable, first, learning_rate, p, q)
    else:
        _rprop(weights, gradients, share, trainable, first, second, p, q)
    return not flag(weights, 0, len(weights), IN_GRADIENTS)


@dataclass(frozen=True)
class StepForm:
    """The native form of an optimizer.

    Attributes
    ----------
    code : int
        What `step` makes of it.
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


class StepRule(NamedTuple):
    """An optimizer as kernels know it: the code of its form, the learning rate, and its parameters, the rest 0."""

    code: int
    learning_rate: float
    p: float
    q: float
    r: float


def rule(form: StepForm, parameters: Mapping[str, float], learning_rate: float) -> StepRule:
    """Return an optimizer as kernels know it, with the values of its parameters."""
    given = [parameters[name] for name in form.parameters]
    return StepRule(form.code, learning_rate, *given, *[0.0] * (3 - len(given)))
