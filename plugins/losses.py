"""Built-in losses: the error of each sample, and its derivative with respect to every output.

Where a loss is a mean, it is the mean over the outputs, as in the article; `half_squared_error` and
`softmax_cross_entropy` are sums, as their authors write them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nodesim import Loss, hookimpl
from nodesim.functions import Array, quiet

from .activations import sigmoid, softplus

# What a saturated output is moved to, so that logarithm and quotient stay finite.
_SMALLEST = 5e-324
_INVERTIBLE = 5.6e-309


def _mean(each: Array) -> Array:
    # Divided first: the mean of numbers that a double can hold is one, too.
    return (each / len(each)).sum(axis=0)  # type: ignore[no-any-return]


def _mse(target: Array, output: Array) -> Array:
    distance = target - output
    share = distance / len(target)
    share *= distance
    errors: Array = np.add.reduce(share)
    return errors


def _mse_derivative(target: Array, output: Array, out: Array | None = None) -> Array:
    return np.multiply(-2.0 / len(target), np.subtract(target, output, out), out)


def _mae(target: Array, output: Array) -> Array:
    return _mean(np.abs(target - output))


def _mae_derivative(target: Array, output: Array) -> Array:
    return np.sign(output - target) / len(target)


def _half_squared_error(target: Array, output: Array) -> Array:
    distance = target - output
    return (distance * (0.5 * distance)).sum(axis=0)  # type: ignore[no-any-return]


def _half_squared_error_derivative(target: Array, output: Array) -> Array:
    return output - target


def _huber(target: Array, output: Array, delta: float) -> Array:
    distance = np.abs(target - output)
    near = np.minimum(distance, delta)
    return _mean(near * (distance - 0.5 * near))


def _huber_derivative(target: Array, output: Array, delta: float) -> Array:
    return np.clip(output - target, -delta, delta) / len(target)


def _log_cosh(target: Array, output: Array) -> Array:
    # log cosh d = |d| + log(1 + exp(-2|d|)) - log 2; near 0 the terms cancel to an error of 1e-16, not more.
    distance = np.abs(target - output)
    return _mean(distance + np.log1p(np.exp(-2.0 * distance)) - math.log(2.0))


def _log_cosh_derivative(target: Array, output: Array) -> Array:
    return np.tanh(output - target) / len(target)


def _binary_cross_entropy(target: Array, output: Array) -> Array:
    hit = target * np.log(np.maximum(output, _SMALLEST))
    miss = (1.0 - target) * np.where(output < 1.0, np.log1p(-np.minimum(output, _BELOW_ONE)), math.log(_SMALLEST))
    return -_mean(hit + miss)


_BELOW_ONE = 1.0 - 2.0**-53


def _binary_cross_entropy_derivative(target: Array, output: Array) -> Array:
    return (output - target) / np.maximum(output * (1.0 - output), _INVERTIBLE) / len(target)


def _binary_cross_entropy_of_sums(target: Array, total: Array) -> Array:
    return _mean(np.where(total > 0, (1.0 - target) * total, -target * total) + softplus(-np.abs(total)))


def _binary_cross_entropy_sum_derivative(target: Array, total: Array) -> Array:
    # a - y as (1 - y) a - y (1 - a): where a is all but 1 and y is 1, what is left of a - y is 1 - a.
    return ((1.0 - target) * sigmoid(total) - target * sigmoid(-total)) / len(target)


def _others(numbers: Array) -> Array:
    """Return for each of the numbers of a sample, none below 0, the sum of the others.

    Added up from both ends: taken off the sum of all, a number that makes up nearly all of it would leave nothing.
    """
    before, after = np.zeros_like(numbers), np.zeros_like(numbers)
    np.cumsum(numbers[:-1], axis=0, out=before[1:])
    np.cumsum(numbers[:0:-1], axis=0, out=after[-2::-1])
    return before + after


def _exponentials(output: Array) -> tuple[Array, Array]:
    """Return how far each output is below the highest, and exp of that: at most 1, so that nothing overflows."""
    below = output - output.max(axis=0)
    return below, np.exp(below)


def _softmax_cross_entropy(target: Array, output: Array) -> Array:
    below, exponentials = _exponentials(output)
    # log(1 + the others) for the logarithm of the sum, in which others below 1e-16 would be lost.
    logarithms = below - np.log1p(np.sort(exponentials, axis=0)[:-1].sum(axis=0))
    # Subtracted from 0: an error of 0 is not to be shown as -0.0.
    return 0.0 - np.where(target == 0.0, 0.0, target * logarithms).sum(axis=0)  # type: ignore[no-any-return]


def _softmax_cross_entropy_derivative(target: Array, output: Array) -> Array:
    # s Σy - y is s · (the other targets) - y · (the other shares): where s is all but 1 and the others' targets are 0,
    # what is left of it is (1 - s) y.
    _, exponentials = _exponentials(output)
    derivative: Array = (exponentials * _others(target) - target * _others(exponentials)) / exponentials.sum(axis=0)
    return derivative


def _loss(name: str, function: Any, derivative: Any, formula: str, derivative_formula: str, **more: Any) -> Loss:
    return Loss(
        name,
        quiet(function),
        quiet(derivative),
        formula=formula,
        derivative_formula=derivative_formula,
        **more,
    )


@hookimpl
def nodesim_losses() -> list[Loss]:
    """Return the built-in losses."""
    return [
        _loss(
            "mse", _mse, _mse_derivative, "mean((y - a) ** 2)", "-2 / n * (y - a)",
            native="mse", aliases=("mean_squared_error",),
        ),
        _loss(
            "mae", _mae, _mae_derivative, "mean(abs(y - a))", "sign(a - y) / n",
            native="mae", aliases=("mean_absolute_error",),
        ),
        _loss(
            "half_squared_error", _half_squared_error, _half_squared_error_derivative,
            "sum((y - a) ** 2) / 2", "a - y", native="half_squared_error",
        ),
        _loss(
            "huber", _huber, _huber_derivative,
            "mean(where(abs(y - a) <= delta, (y - a) ** 2 / 2, delta * (abs(y - a) - delta / 2)))",
            "min(max(a - y, -delta), delta) / n", parameters={"delta": 1.0}, native="huber",
        ),
        _loss(
            "log_cosh", _log_cosh, _log_cosh_derivative, "mean(log(cosh(y - a)))", "tanh(a - y) / n", native="log_cosh",
        ),
        _loss(
            "binary_cross_entropy", _binary_cross_entropy, _binary_cross_entropy_derivative,
            "-mean(y * log(a) + (1 - y) * log(1 - a))", "(a - y) / (a * (1 - a)) / n",
            outputs="sigmoid", targets=(0.0, 1.0), classifies=True,
            sum_function=quiet(_binary_cross_entropy_of_sums),
            sum_derivative=quiet(_binary_cross_entropy_sum_derivative), sum_derivative_formula="(a - y) / n",
            native="binary_cross_entropy", aliases=("bce", "binary_crossentropy", "log_loss", "logistic_loss"),
        ),
        _loss(
            "softmax_cross_entropy", _softmax_cross_entropy, _softmax_cross_entropy_derivative,
            "-sum(y * log(softmax(a)))", "softmax(a) * sum(y) - y",
            outputs="linear", targets=(0.0, math.inf), classifies=True, least_outputs=2,
            native="softmax_cross_entropy",
            aliases=(
                "cross_entropy", "crossentropy", "categorical_cross_entropy", "categorical_crossentropy", "entropy",
            ),
        ),
    ]  # fmt: skip
