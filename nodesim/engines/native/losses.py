"""Losses by address: native forms, compiled when one is first used, all others called in the interpreter.

Kernels hand over the numbers of `lanes` samples side by side, for one output after the other, and get the errors of the
samples and where they enter the outputs: by OA, or by O where the loss has a `sum_derivative`.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim.engines.native import interpreter
from nodesim.engines.native.function_pointers import LOSS, first_parameter
from nodesim.engines.native.interpreter import Called, array_at, write_to
from nodesim.engines.native.jit import addressable
from nodesim.engines.native.loss_math import (
    FORMULAS,
    load_one,
    load_several,
    softmax_seeds,
    softmax_sums,
    store_one,
    store_several,
    term,
)
from nodesim.engines.native.vectors import STRIP, load_partial, load_strip, store_strip
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
    row : int
        The address of its parameters, or 0: what it is given first, unless it calls the interpreter.
    """

    function: int
    keep: tuple[Any, ...]
    called: tuple[Called, ...] = ()
    native: bool = True
    of_sums: bool = False
    online: int = CALLED
    row: int = 0


# ---- native forms ----------------------------------------------------------------------------------------------


@functools.cache
def _form(name: str) -> Any:
    """Compile a loss, or find it on disk: only what is used costs anything."""
    if name == "softmax_cross_entropy":
        return _softmax_cross_entropy_form()
    takes = bool(FORMULAS[name].parameters)

    @addressable(LOSS)
    def loss(row: Any, y: Any, outputs: Any, seeds: Any, errors: Any, n: int, lanes: int) -> None:
        parameter = first_parameter(row) if takes else 0.0
        count, whole = float(n), lanes - lanes % STRIP
        for first in range(0, whole, STRIP):
            total = load_partial(y, 0, 0)
            for i in range(first, first + n * lanes, lanes):
                error, seed = term(name, load_strip(y, i), load_strip(outputs, i), count, parameter)
                store_strip(seeds, i, seed)
                total = total + error
            store_strip(errors, first, total)
        for lane in range(whole, lanes):
            errors[lane] = 0.0
            for i in range(lane, lane + n * lanes, lanes):
                error, seeds[i] = term(name, y[i], outputs[i], count, parameter)
                errors[lane] += error

    return loss


def _softmax_cross_entropy_form() -> Any:
    @addressable(LOSS)
    def loss(row: Any, y: Any, a: Any, seeds: Any, errors: Any, n: int, lanes: int) -> None:
        whole = lanes - lanes % STRIP
        for first in range(0, whole, STRIP):
            sums = softmax_sums(y, a, seeds, first, first + n * lanes, lanes, load_several, store_several)
            # One logarithm for each sample: there is nothing to be won by lanes.
            store_strip(errors, first, sums[-1])
            for lane in range(first, first + STRIP):
                errors[lane] = math.log1p(errors[lane])
            logarithm = load_strip(errors, first)
            error = softmax_seeds(
                y, a, seeds, first, first + n * lanes, lanes, load_several, store_several, sums, logarithm
            )
            store_strip(errors, first, error)
        for lane in range(whole, lanes):
            sums = softmax_sums(y, a, seeds, lane, lane + n * lanes, lanes, load_one, store_one)
            errors[lane] = softmax_seeds(
                y, a, seeds, lane, lane + n * lanes, lanes, load_one, store_one, sums, math.log1p(sums[-1])
            )

    return loss


@functools.lru_cache(maxsize=1000)
def native(name: str, parameters: tuple[float, ...]) -> LossKernel:
    """Return a built-in loss with these values of its parameters, in the order of `FORMULAS`."""
    form, values = _form(name), np.array(parameters)
    row = int(values.ctypes.data) if parameters else 0
    online = MSE if name == "mse" else CALLED
    return LossKernel(form.address, (form, values), of_sums=FORMULAS[name].of_sums, online=online, row=row)


# ---- anyone's --------------------------------------------------------------------------------------------------


def interpreted(loss: Loss) -> LossKernel:
    """Let the interpreter call a loss, for all samples of a block at once."""
    # Not the loss itself: what is remembered for it must not keep it alive.
    label = loss.label
    value = loss.sum_function if loss.sum_function is not None else loss.function
    slope = loss.sum_derivative if loss.sum_derivative is not None else loss.derivative

    def write(y: int, outputs: int, seeds: int, errors: int, n: int, lanes: int) -> None:
        arguments = array_at(y, n, lanes), array_at(outputs, n, lanes)
        with np.errstate(all="ignore"):
            write_to(errors, called(value, arguments, (lanes,), lambda: label))
            write_to(seeds, called(slope, arguments, (n, lanes), lambda: f"the derivative of {label}"))

    of_sums = loss.sum_function is not None
    return LossKernel(interpreter.loss.address, (), (write,), native=False, of_sums=of_sums)
