"""Built-in schedules: the learning rate of an epoch, from its number alone.

Their formulas are those of torch, Keras and scikit-learn, with t = epoch - 1, which is 0 in the first epoch, that has
the rate `rate` (but for the two that warm up). What lasts `epochs` epochs keeps its last rate from then on.

References
----------
Loshchilov and Hutter 2017 (cosine, cosine_restarts); Goyal et al. 2017 (warmup).
"""

from __future__ import annotations

import math

from nodesim import LearningRateSchedule, hookimpl
from nodesim.errors import FunctionError


def _constant(epoch: int, rate: float) -> float:
    return rate


def _step(epoch: int, rate: float, every: float, factor: float) -> float:
    return rate * math.pow(factor, (epoch - 1) // _positive("every", every))


def _exponential(epoch: int, rate: float, factor: float) -> float:
    return rate * factor ** (epoch - 1)


def _inverse(epoch: int, rate: float, decay: float) -> float:
    return rate / (1.0 + decay * (epoch - 1))


def _inverse_scaling(epoch: int, rate: float, power: float) -> float:
    return rate / math.pow(epoch, power)


def _linear(epoch: int, rate: float, epochs: float, end: float) -> float:
    return _between(rate, end, 1.0 - _done(epoch, epochs))


def _polynomial(epoch: int, rate: float, epochs: float, end: float, power: float) -> float:
    return _between(rate, end, (1.0 - _done(epoch, epochs)) ** power)


def _cosine(epoch: float, rate: float, epochs: float, end: float) -> float:
    return _between(rate, end, 0.5 * (1.0 + math.cos(math.pi * _done(epoch, epochs))))


def _cosine_restarts(epoch: int, rate: float, epochs: float, end: float, stretch: float) -> float:
    if stretch < 1.0:
        raise FunctionError(f"stretch must be 1 or more, got {stretch:g}.")
    at, length = float(epoch - 1), _positive("epochs", epochs)
    if stretch == 1.0:
        return _cosine(1 + at % length, rate, length, end)
    while at >= length:
        at, length = at - length, length * stretch
    return _cosine(1 + at, rate, length, end)


def _warmup(epoch: int, rate: float, epochs: float, start: float) -> float:
    return _linear(epoch, start, epochs, rate)


def _warmup_cosine(epoch: int, rate: float, warmup: float, epochs: float, start: float, end: float) -> float:
    if epoch <= _positive("warmup", warmup):
        return _warmup(epoch, rate, warmup, start)
    if epochs <= warmup:
        raise FunctionError(f"epochs must be more than warmup, got {epochs:g} and {warmup:g}.")
    return _cosine(epoch - warmup, rate, epochs - warmup, end)


def _done(epoch: float, epochs: float) -> float:
    """Return which part of so many epochs lies behind."""
    return min((epoch - 1) / _positive("epochs", epochs), 1.0)


def _between(rate: float, end: float, left: float) -> float:
    return end + (rate - end) * left


def _positive(what: str, value: float) -> float:
    if value <= 0.0:
        raise FunctionError(f"{what} must be more than 0, got {value:g}.")
    return value


@hookimpl
def nodesim_schedules() -> list[LearningRateSchedule]:
    """Return the built-in schedules."""
    each = LearningRateSchedule
    return [
        each("constant", _constant, parameters={"rate": 0.1}, description="always the same"),
        each(
            "step", _step, parameters={"rate": 0.1, "every": 100.0, "factor": 0.1},
            description="times factor after every so many epochs",
        ),
        each(
            "exponential", _exponential, parameters={"rate": 0.1, "factor": 0.99}, description="times factor each epoch"
        ),
        each(
            "inverse", _inverse, parameters={"rate": 0.1, "decay": 0.01}, aliases=("inverse_time",),
            description="rate / (1 + decay · (epoch - 1))",
        ),
        each(
            "inverse_scaling", _inverse_scaling, parameters={"rate": 0.1, "power": 0.5}, aliases=("invscaling",),
            description="rate / epoch ** power",
        ),
        each(
            "linear", _linear, parameters={"rate": 0.1, "epochs": 1000.0, "end": 0.0},
            description="straight down to end",
        ),
        each(
            "polynomial", _polynomial, parameters={"rate": 0.1, "epochs": 1000.0, "end": 0.0, "power": 2.0},
            description="down to end, by a power of what is left",
        ),
        each(
            "cosine", _cosine, parameters={"rate": 0.1, "epochs": 1000.0, "end": 0.0},
            description="down to end by half a wave",
        ),
        each(
            "cosine_restarts", _cosine_restarts,
            parameters={"rate": 0.1, "epochs": 100.0, "end": 0.0, "stretch": 2.0},
            description="cosine again and again, each time stretch times as long",
        ),
        each(
            "warmup", _warmup, parameters={"rate": 0.1, "epochs": 10.0, "start": 0.01},
            description="straight up from start to rate, and then constant",
        ),
        each(
            "warmup_cosine", _warmup_cosine,
            parameters={"rate": 0.1, "warmup": 10.0, "epochs": 1000.0, "start": 0.01, "end": 0.0},
            description="warmup, then cosine for what is left of the epochs",
        ),
    ]  # fmt: skip
