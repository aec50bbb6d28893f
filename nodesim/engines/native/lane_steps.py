"""One step of each optimizer for many networks side by side: every lane has its own learning rate.

The formulas are those of `nodesim.engines.native.optimizers`; here a number is a vector of lanes, and connections that
do not learn are left out.
"""

from __future__ import annotations

from typing import Any

from nodesim.engines.native import optimizers
from nodesim.engines.native.jit import merged
from nodesim.engines.native.optimizers import LARGEST_STEP, SMALLEST_STEP
from nodesim.engines.native.vectors import WIDE, load_wide, square_root, store_wide, where_less

_SGD, _MOMENTUM, _NESTEROV = optimizers.sgd.code, optimizers.momentum.code, optimizers.nesterov.code
_ADAM, _RMSPROP = optimizers.adam.code, optimizers.rmsprop.code


@merged
def _with_velocity(i: int, numbers: Any, g: Any, rates: Any, factor: float, ahead: bool) -> Any:
    """Return η times the velocity, or as nesterov has it, times that of one step ahead."""
    v = factor * load_wide(numbers.first, i) + g
    store_wide(numbers.first, i, v)
    return rates * (g + factor * v if ahead else v)


@merged
def _adam(
    i: int, numbers: Any, g: Any, rates: Any, correction: float, beta1: float, beta2: float, epsilon: float
) -> Any:
    mean = beta1 * load_wide(numbers.first, i) + (1.0 - beta1) * g
    square = beta2 * load_wide(numbers.second, i) + (1.0 - beta2) * (g * g)
    store_wide(numbers.first, i, mean)
    store_wide(numbers.second, i, square)
    return rates * (mean / (square_root(square) / correction + epsilon))


@merged
def _rmsprop(i: int, numbers: Any, g: Any, rates: Any, alpha: float, epsilon: float) -> Any:
    square = alpha * load_wide(numbers.first, i) + (1.0 - alpha) * (g * g)
    store_wide(numbers.first, i, square)
    return rates * g / (square_root(square) + epsilon)


@merged
def _sign(x: Any) -> Any:
    return where_less(x, 0.0, -1.0, where_less(0.0, x, 1.0, x))


@merged
def _rprop(i: int, numbers: Any, g: Any, shrink: float, grow: float) -> Any:
    agreement = _sign(g) * _sign(load_wide(numbers.first, i))
    factor = where_less(0.0, agreement, grow, where_less(agreement, 0.0, shrink, 1.0))
    used = where_less(agreement, 0.0, 0.0, g)
    size = load_wide(numbers.second, i) * factor
    size = where_less(size, SMALLEST_STEP, SMALLEST_STEP, where_less(LARGEST_STEP, size, LARGEST_STEP, size))
    store_wide(numbers.first, i, used)
    store_wide(numbers.second, i, size)
    return _sign(used) * size


@merged
def make_steps(rule: Any, numbers: Any, learns: Any, share: float, steps: int) -> None:
    """Change the weights by the gradients · share, by the optimizer of a rule; `steps` counts this step."""
    rates, correction = load_wide(numbers.rates, 0), 1.0
    if rule.code == _ADAM:
        # What does not depend on the weight stands before the loop, as there.
        correction, rates = (1.0 - rule.q**steps) ** 0.5, rates / (1.0 - rule.p**steps)
    for k in range(len(learns)):
        if not learns[k]:
            continue
        i = k * WIDE
        g = load_wide(numbers.gradients, i) * share
        if rule.code == _SGD:
            change = rates * g
        elif rule.code == _MOMENTUM or rule.code == _NESTEROV:
            change = _with_velocity(i, numbers, g, rates, rule.p, rule.code == _NESTEROV)
        elif rule.code == _ADAM:
            change = _adam(i, numbers, g, rates, correction, rule.p, rule.q, rule.r)
        elif rule.code == _RMSPROP:
            change = _rmsprop(i, numbers, g, rates, rule.p, rule.q)
        else:
            change = _rprop(i, numbers, g, rule.p, rule.q)
        store_wide(numbers.weights, i, load_wide(numbers.weights, i) - change)
