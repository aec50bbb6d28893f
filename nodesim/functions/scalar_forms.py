"""Activations and losses of single numbers in plain Python: a tenth of what NumPy takes for so few.

Who gives a function the name of a native form says that it calculates exactly what this does; here are further forms of
the same names. All others are called as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from nodesim.functions.contracts import Activation, Loss

OfNumber = Callable[[float], float]
OfOutputs = Callable[[Sequence[float], Sequence[float]], float]


def of_activation(activation: Activation) -> OfNumber | None:
    """Return an activation of one number; None where there is no such form.

    Examples
    --------
    >>> import nodesim as ns
    >>> of_activation(ns.activation("sigmoid"))(0.0), of_activation(ns.activation("gelu"))
    (0.5, None)
    """
    return _ACTIVATIONS.get(activation.native or "")


def of_loss(loss: Loss) -> OfOutputs | None:
    """Return the error of one sample, from its targets and outputs; None where there is no such form.

    A loss that has a `sum_function` takes O instead of the outputs.

    Examples
    --------
    >>> import nodesim as ns
    >>> of_loss(ns.loss("mse"))([0.0, 1.0], [0.0, 0.0]), of_loss(ns.loss("huber"))
    (0.5, None)
    """
    return (_LOSSES if loss.sum_function is None else _OF_SUMS).get(loss.native or "")


def _linear(z: float) -> float:
    return z


def _sigmoid(z: float) -> float:
    # By the sign of z, so that exp never overflows.
    small = math.exp(-abs(z))
    return (1.0 if z >= 0.0 else small) / (1.0 + small)


def _relu(z: float) -> float:
    # Written so that NaN stays NaN.
    return 0.0 if z <= 0.0 else z


def _mse(targets: Sequence[float], outputs: Sequence[float]) -> float:
    n, error = len(targets), 0.0
    for target, output in zip(targets, outputs):
        distance = target - output
        error += distance / n * distance
    return error


def _half_squared_error(targets: Sequence[float], outputs: Sequence[float]) -> float:
    error = 0.0
    for target, output in zip(targets, outputs):
        distance = target - output
        error += distance * (0.5 * distance)
    return error


def _mae(targets: Sequence[float], outputs: Sequence[float]) -> float:
    n = len(targets)
    return sum(abs(target - output) / n for target, output in zip(targets, outputs))


def _binary_cross_entropy(targets: Sequence[float], totals: Sequence[float]) -> float:
    n, error = len(targets), 0.0
    for target, total in zip(targets, totals):
        part = (1.0 - target) * total if total > 0.0 else -target * total
        error += (part + math.log1p(math.exp(-abs(total)))) / n
    return error


def _softmax_cross_entropy(targets: Sequence[float], outputs: Sequence[float]) -> float:
    highest = max(outputs)
    # log(1 + the others) for the logarithm of the sum, in which others below 1e-16 would be lost.
    others = sorted(math.exp(output - highest) for output in outputs)[:-1]
    logarithm = math.log1p(sum(others))
    parts = (target * (output - highest - logarithm) for target, output in zip(targets, outputs) if target != 0.0)
    return 0.0 - sum(parts)


_ACTIVATIONS: dict[str, OfNumber] = {"linear": _linear, "sigmoid": _sigmoid, "tanh": math.tanh, "relu": _relu}
_LOSSES: dict[str, OfOutputs] = {
    "mse": _mse,
    "mae": _mae,
    "half_squared_error": _half_squared_error,
    "softmax_cross_entropy": _softmax_cross_entropy,
}
_OF_SUMS: dict[str, OfOutputs] = {"binary_cross_entropy": _binary_cross_entropy}
