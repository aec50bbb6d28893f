"""One step of each built-in optimizer over flat arrays: the formulas of the plugins, operation by operation.

Each takes the weights and what the optimizer remembers, changes both in place where `trainable` is true and leaves
the rest alone; gradients come as sums over `count` samples. Nothing is contracted to fma: the results have the bits
of the NumPy formulas. Each returns whether every weight that it changed is finite.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nodesim.engines.native.kernels import kernel
from nodesim.functions import Optimizer

_SMALLEST_STEP, _LARGEST_STEP = 1e-6, 50.0


@kernel
def sgd(weights: Any, gradients: Any, count: float, trainable: Any, learning_rate: float) -> bool:
    """W -= η·G."""
    odd = 0.0
    for k in range(len(weights)):
        # Written in any case, so that the loop works on several weights at a time.
        new = weights[k] - learning_rate * (gradients[k] / count)
        weights[k] = new if trainable[k] else weights[k]
    for k in range(len(weights)):
        odd += weights[k] * 0.0
    return odd == 0.0


@kernel
def momentum(weights: Any, gradients: Any, count: float, trainable: Any, velocity: Any, learning_rate: float,
             factor: float) -> bool:  # fmt: skip
    """V = μ·V + G; W -= η·V."""
    finite = True
    for k in range(len(weights)):
        if trainable[k]:
            velocity[k] = factor * velocity[k] + gradients[k] / count
            weights[k] = weights[k] - learning_rate * velocity[k]
            finite &= weights[k] - weights[k] == 0.0
    return finite


@kernel
def nesterov(weights: Any, gradients: Any, count: float, trainable: Any, velocity: Any, learning_rate: float,
             factor: float) -> bool:  # fmt: skip
    """V = μ·V + G; W -= η·(G + μ·V)."""
    finite = True
    for k in range(len(weights)):
        if trainable[k]:
            velocity[k] = factor * velocity[k] + gradients[k] / count
            weights[k] = weights[k] - learning_rate * (gradients[k] / count + factor * velocity[k])
            finite &= weights[k] - weights[k] == 0.0
    return finite


@kernel
def adam(weights: Any, gradients: Any, count: float, trainable: Any, mean: Any, square: Any, steps: int,
         learning_rate: float, beta1: float, beta2: float, epsilon: float) -> bool:  # fmt: skip
    """M = β₁·M + (1 - β₁)·G; S = β₂·S + (1 - β₂)·G²; W -= η/(1 - β₁ⁿ)·(M / (√S / √(1 - β₂ⁿ) + ε)), n = steps.

    `steps` counts this step: 1 in the first.
    """
    correction = (1.0 - beta2**steps) ** 0.5
    rate = learning_rate / (1.0 - beta1**steps)
    finite = True
    for k in range(len(weights)):
        if trainable[k]:
            g = gradients[k] / count
            mean[k] = beta1 * mean[k] + (1.0 - beta1) * g
            square[k] = beta2 * square[k] + (1.0 - beta2) * (g * g)
            scale = math.sqrt(square[k]) / correction + epsilon
            weights[k] = weights[k] - rate * (mean[k] / scale)
            finite &= weights[k] - weights[k] == 0.0
    return finite


@kernel
def rmsprop(weights: Any, gradients: Any, count: float, trainable: Any, square: Any, learning_rate: float, alpha: float,
            epsilon: float) -> bool:  # fmt: skip
    """S = α·S + (1 - α)·G²; W -= η·G / (√S + ε)."""
    finite = True
    for k in range(len(weights)):
        if trainable[k]:
            g = gradients[k] / count
            square[k] = alpha * square[k] + (1.0 - alpha) * (g * g)
            weights[k] = weights[k] - learning_rate * g / (math.sqrt(square[k]) + epsilon)
            finite &= weights[k] - weights[k] == 0.0
    return finite


@kernel
def _sign(x: float) -> float:
    """Return 1 above 0 and -1 below, else x itself: 0 or NaN."""
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else x


@kernel
def rprop(weights: Any, gradients: Any, count: float, trainable: Any, previous: Any, size: Any, learning_rate: float,
          shrink: float, grow: float) -> bool:  # fmt: skip
    """Grow the step where the gradient keeps its sign, shrink and skip it where it turns; W -= sign(G)·size.

    The learning rate is only the first size, which is in `size` already.
    """
    finite = True
    for k in range(len(weights)):
        if trainable[k]:
            agreement = _sign(gradients[k]) * _sign(previous[k])
            used = gradients[k] / count
            if agreement > 0.0:
                size[k] *= grow
            elif agreement < 0.0:
                size[k] *= shrink
                used = 0.0
            if size[k] < _SMALLEST_STEP:
                size[k] = _SMALLEST_STEP
            elif size[k] > _LARGEST_STEP:
                size[k] = _LARGEST_STEP
            previous[k] = used
            weights[k] = weights[k] - _sign(used) * size[k]
            # Only the sign of a gradient gets into the weights.
            finite &= gradients[k] - gradients[k] == 0.0
            finite &= weights[k] - weights[k] == 0.0
    return finite


_SGD, _MOMENTUM, _NESTEROV, _ADAM, _RMSPROP, _RPROP = range(6)


@kernel
def step(code: int, weights: Any, gradients: Any, count: float, trainable: Any, first: Any, second: Any, steps: int,
         learning_rate: float, p: float, q: float, r: float) -> bool:  # fmt: skip
    """Make the step of the optimizer that a rule stands for; see `Rule`."""
    if code == _SGD:
        return sgd(weights, gradients, count, trainable, learning_rate)  # type: ignore[no-any-return]
    if code == _MOMENTUM:
        return momentum(weights, gradients, count, trainable, first, learning_rate, p)  # type: ignore[no-any-return]
    if code == _NESTEROV:
        return nesterov(weights, gradients, count, trainable, first, learning_rate, p)  # type: ignore[no-any-return]
    if code == _ADAM:
        return adam(weights, gradients, count, trainable, first, second, steps, learning_rate, p, q, r)  # type: ignore[no-any-return]
    if code == _RMSPROP:
        return rmsprop(weights, gradients, count, trainable, first, learning_rate, p, q)  # type: ignore[no-any-return]
    return rprop(weights, gradients, count, trainable, first, second, learning_rate, p, q)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Rule:
    """A built-in optimizer as kernels know it.

    Attributes
    ----------
    code : int
    states : tuple of str
        The arrays that it remembers, two at most.
    parameters : tuple of float
        Three, the rest 0.
    """

    code: int
    states: tuple[str, ...]
    parameters: tuple[float, ...]


_RULES: dict[str, tuple[int, tuple[str, ...], tuple[str, ...]]] = {
    "_sgd": (_SGD, (), ()),
    "_momentum": (_MOMENTUM, ("velocity",), ("momentum",)),
    "_nesterov": (_NESTEROV, ("velocity",), ("momentum",)),
    "_adam": (_ADAM, ("mean", "square"), ("beta1", "beta2", "epsilon")),
    "_rmsprop": (_RMSPROP, ("square",), ("alpha", "epsilon")),
    "_rprop": (_RPROP, ("previous", "size"), ("shrink", "grow")),
}


def rule(optimizer: Optimizer) -> Rule | None:
    """Return the rule of a built-in optimizer, None for a stranger's."""
    raw = getattr(optimizer.step, "func", optimizer.step)
    if getattr(raw, "__module__", "") != "nodesim_plugins.optimizers" or raw.__name__ not in _RULES:
        return None
    code, states, names = _RULES[raw.__name__]
    given: Mapping[str, float] = optimizer.parameters
    return Rule(code, states, (*(given[name] for name in names), *[0.0] * (3 - len(names))))
