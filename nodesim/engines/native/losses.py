"""Losses by address: the common built-in ones compiled ahead, all others called in the interpreter.

Kernels hand over rows of `lanes` samples side by side, one row for each output, and get the errors of the samples and
where they enter the outputs: by OA, or by O where the loss is differentiated by the sums (`Loss.sum_derivative`).
"""

from __future__ import annotations

import ctypes
import functools
import math
from typing import Any

import numpy as np

from nodesim.engines.native.activations import Slab
from nodesim.engines.native.function_pointers import LOSS
from nodesim.engines.native.jit import addressable
from nodesim.functions.contracts import Loss
from nodesim.functions.guard import called

_PLUGIN = "nodesim_plugins.losses"
_DOUBLES = ctypes.POINTER(ctypes.c_double)
_LOSS = ctypes.CFUNCTYPE(None, _DOUBLES, _DOUBLES, _DOUBLES, _DOUBLES, ctypes.c_ssize_t, ctypes.c_ssize_t)


@addressable(LOSS)
def _mse(y: Any, a: Any, seeds: Any, errors: Any, n: int, lanes: int) -> None:
    """Mean of (y − a)²."""
    factor, share = -2.0 / n, 1.0 / n
    for lane in range(lanes):
        errors[lane] = 0.0
    for i in range(n):
        row = i * lanes
        for lane in range(lanes):
            distance = y[row + lane] - a[row + lane]
            seeds[row + lane] = factor * distance
            errors[lane] += distance * (distance * share)


@addressable(LOSS)
def _half_squared_error(y: Any, a: Any, seeds: Any, errors: Any, n: int, lanes: int) -> None:
    """Half of the sum of (y − a)²."""
    for lane in range(lanes):
        errors[lane] = 0.0
    for i in range(n):
        row = i * lanes
        for lane in range(lanes):
            distance = a[row + lane] - y[row + lane]
            seeds[row + lane] = distance
            errors[lane] += distance * (0.5 * distance)


@addressable(LOSS)
def _mae(y: Any, a: Any, seeds: Any, errors: Any, n: int, lanes: int) -> None:
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
def _binary_cross_entropy(y: Any, z: Any, seeds: Any, errors: Any, n: int, lanes: int) -> None:
    """Mean of −y·log a − (1 − y)·log(1 − a), written in the sums so that nothing overflows or cancels."""
    for lane in range(lanes):
        errors[lane] = 0.0
    for i in range(n):
        for lane in range(i * lanes, (i + 1) * lanes):
            small = math.exp(-abs(z[lane]))
            a = (1.0 if z[lane] >= 0.0 else small) / (1.0 + small)
            seeds[lane] = (a - y[lane]) / n
            far = (1.0 - y[lane]) * z[lane] if z[lane] > 0.0 else -y[lane] * z[lane]
            errors[lane - i * lanes] += (far + math.log1p(small)) / n


@addressable(LOSS)
def _softmax_cross_entropy(y: Any, a: Any, seeds: Any, errors: Any, n: int, lanes: int) -> None:
    """Sum of −y·log softmax(a), by log-sum-exp."""
    for lane in range(lanes):
        highest, wanted, total, error = a[lane], 0.0, 0.0, 0.0
        for i in range(lane, n * lanes, lanes):
            highest = a[i] if a[i] > highest else highest
            wanted += y[i]
        for i in range(lane, n * lanes, lanes):
            seeds[i] = math.exp(a[i] - highest)
            total += seeds[i]
        for i in range(lane, n * lanes, lanes):
            error -= 0.0 if y[i] == 0.0 else y[i] * (a[i] - highest - math.log(total))
            seeds[i] = seeds[i] / total * wanted - y[i]
        errors[lane] = error


_BUILT_IN = {
    "mse": _mse,
    "half_squared_error": _half_squared_error,
    "mae": _mae,
    "binary_cross_entropy": _binary_cross_entropy,
    "softmax_cross_entropy": _softmax_cross_entropy,
}


@functools.lru_cache(maxsize=1000)
def loss_of(loss: Loss) -> Slab:
    """Return a loss as kernels call it; a slab without a derivative of its own."""
    home = getattr(getattr(loss.derivative, "__wrapped__", loss.derivative), "__module__", "")
    if loss.name in _BUILT_IN and home == _PLUGIN:
        built_in = _BUILT_IN[loss.name]
        return Slab(built_in.address, 0, (built_in,))
    return _interpreted(loss)


def _interpreted(loss: Loss) -> Slab:
    failures: list[BaseException] = []
    value = loss.sum_function if loss.sum_function is not None else loss.function
    slope = loss.sum_derivative if loss.sum_derivative is not None else loss.derivative

    def write(y: Any, outputs: Any, seeds: Any, errors: Any, n: int, lanes: int) -> None:
        target, output, seed = (np.ctypeslib.as_array(each, (n, lanes)) for each in (y, outputs, seeds))
        error = np.ctypeslib.as_array(errors, (lanes,))
        try:
            with np.errstate(all="ignore"):
                error[:] = called(value, (target, output), (lanes,), str)
                seed[:] = called(slope, (target, output), (n, lanes), str)
        except BaseException as failure:
            # An exception cannot pass through a kernel: it is raised when that is done.
            failures.append(failure)
            error[:] = seed[:] = np.nan

    callback = _LOSS(write)
    return Slab(ctypes.cast(callback, ctypes.c_void_p).value or 0, 0, (callback,), failures, native=False)
