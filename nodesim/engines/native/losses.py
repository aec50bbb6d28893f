"""Losses by address: the native forms compiled ahead, all others called in the interpreter.

Kernels hand over the numbers of `lanes` samples side by side, for one output after the other, and get the errors of the
samples and where they enter the outputs: by OA, or by O where the loss has a `sum_derivative`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim.engines.native import interpreter
from nodesim.engines.native.function_pointers import LOSS
from nodesim.engines.native.interpreter import Called, array_at, write_to
from nodesim.engines.native.jit import addressable, inlined
from nodesim.functions.contracts import Loss
from nodesim.functions.guard import called

# How online training gets an error: by the loss's address, or by its own form of the mean squared error.
CALLED, MSE = 0, 1


@dataclass(frozen=True)
class LossKernel:
    """A loss as kernels call it.

    Attributes
    ----------
    function : int
        Address of loss(row, y, outputs, seeds, errors, n_outputs, lanes).
    keep : tuple
        What must live as long as the address is used.
    called : tuple of callable
        What it calls in the interpreter, if anything; see `nodesim.engines.native.interpreter.Calls`.
    native : bool
        Whether it runs without the interpreter.
    of_sums : bool
        Whether it is a function of the outputs' weighted sums, as `Loss.sum_function` is.
    online : int
        CALLED or MSE.
    """

    function: int
    keep: tuple[Any, ...]
    called: tuple[Called, ...] = ()
    native: bool = True
    of_sums: bool = False
    online: int = CALLED


@addressable(LOSS)
def _mse(row: Any, y: Any, a: Any, seeds: Any, errors: Any, n: int, lanes: int) -> None:
    """Mean of (y − a)²."""
    # distance · (distance · share), not distance² · share: what a double can hold is then found without overflow.
    factor, share = -2.0 / n, 1.0 / n
    for lane in range(lanes):
        errors[lane] = 0.0
    for i in range(n):
        first = i * lanes
        for lane in range(lanes):
            distance = y[first + lane] - a[first + lane]
            seeds[first + lane] = factor * distance
            errors[lane] += distance * (distance * share)


@addressable(LOSS)
def _half_squared_error(row: Any, y: Any, a: Any, seeds: Any, errors: Any, n: int, lanes: int) -> None:
    """Half of the sum of (y − a)²."""
    for lane in range(lanes):
        errors[lane] = 0.0
    for i in range(n):
        first = i * lanes
        for lane in range(lanes):
            distance = a[first + lane] - y[first + lane]
            seeds[first + lane] = distance
            errors[lane] += distance * (0.5 * distance)


@addressable(LOSS)
def _mae(row: Any, y: Any, a: Any, seeds: Any, errors: Any, n: int, lanes: int) -> None:
    """Mean of |y − a|."""
    for lane in range(lanes):
        errors[lane] = 0.0
    for i in range(n):
        for lane in range(i * lanes, (i + 1) * lanes):
            distance = a[lane] - y[lane]
            # Of NaN and 0 the sign is itself, as np.sign has it.
            sign = 1.0 if distance > 0.0 else -1.0 if distance < 0.0 else distance
            seeds[lane] = sign / n
            errors[lane - i * lanes] += abs(distance) / n


@addressable(LOSS)
def _binary_cross_entropy(row: Any, y: Any, z: Any, seeds: Any, errors: Any, n: int, lanes: int) -> None:
    """Mean of −y·log a − (1 − y)·log(1 − a), written in the sums so that nothing overflows or cancels."""
    for lane in range(lanes):
        errors[lane] = 0.0
    for i in range(n):
        for lane in range(i * lanes, (i + 1) * lanes):
            small = math.exp(-abs(z[lane]))
            # a − y as (1 − y)·a − y·(1 − a), with 1 − a from z: nothing is left of it once a is rounded to 1.
            a, rest = (1.0, small) if z[lane] >= 0.0 else (small, 1.0)
            seeds[lane] = ((1.0 - y[lane]) * a - y[lane] * rest) / (1.0 + small) / n
            far = (1.0 - y[lane]) * z[lane] if z[lane] > 0.0 else -y[lane] * z[lane]
            errors[lane - i * lanes] += (far + math.log1p(small)) / n


@inlined
def _largest(numbers: Any, first: int, last: int, step: int) -> int:
    """Return where the largest of some numbers stands."""
    found = first
    for i in range(first + step, last, step):
        found = i if numbers[i] > numbers[found] else found
    return found


@inlined
def _sum_without(place: int, numbers: Any, first: int, last: int, step: int) -> float:
    """Return the sum of all but one of some numbers."""
    total = 0.0
    for i in range(first, last, step):
        total += 0.0 if i == place else numbers[i]
    return total


@addressable(LOSS)
def _softmax_cross_entropy(row: Any, y: Any, a: Any, seeds: Any, errors: Any, n: int, lanes: int) -> None:
    """Sum of −y·log softmax(a), by log-sum-exp.

    With s = softmax(a), the derivative s·Σy − y is s·(the other targets) − y·(the others' s). The others of the largest
    are added up by themselves: in the sum of all, and in s once it is rounded to 1, what they are is lost.
    """
    last = n * lanes
    for lane in range(lanes):
        # The highest output is taken off first: every exponential is then at most 1, and their sum at least 1.
        highest, wanted = _largest(a, lane, last, lanes), _largest(y, lane, last, lanes)
        top, most = a[highest], y[wanted]
        for i in range(lane, last, lanes):
            seeds[i] = math.exp(a[i] - top)
        others, unwanted = _sum_without(highest, seeds, lane, last, lanes), _sum_without(wanted, y, lane, last, lanes)
        total, logarithm, error = 1.0 + others, math.log1p(others), 0.0
        for i in range(lane, last, lanes):
            error -= 0.0 if y[i] == 0.0 else y[i] * (a[i] - top - logarithm)
            other_targets = unwanted if i == wanted else unwanted + most - y[i]
            other_shares = others if i == highest else total - seeds[i]
            seeds[i] = (seeds[i] * other_targets - y[i] * other_shares) / total
        errors[lane] = error


def _of(function: Any, *, of_sums: bool = False, online: int = CALLED) -> LossKernel:
    return LossKernel(function.address, (function,), of_sums=of_sums, online=online)


mse = _of(_mse, online=MSE)
mae = _of(_mae)
half_squared_error = _of(_half_squared_error)
binary_cross_entropy = _of(_binary_cross_entropy, of_sums=True)
softmax_cross_entropy = _of(_softmax_cross_entropy)


def interpreted(loss: Loss) -> LossKernel:
    """Let the interpreter call a loss, for all samples of a block at once."""
    value = loss.sum_function if loss.sum_function is not None else loss.function
    slope = loss.sum_derivative if loss.sum_derivative is not None else loss.derivative

    def write(y: int, outputs: int, seeds: int, errors: int, n: int, lanes: int) -> None:
        arguments = array_at(y, n, lanes), array_at(outputs, n, lanes)
        with np.errstate(all="ignore"):
            write_to(errors, called(value, arguments, (lanes,), lambda: loss.label))
            write_to(seeds, called(slope, arguments, (n, lanes), lambda: f"the derivative of {loss.label}"))

    of_sums = loss.sum_function is not None
    return LossKernel(interpreter.loss.address, (), (write,), native=False, of_sums=of_sums)
