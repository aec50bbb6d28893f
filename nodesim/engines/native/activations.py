"""Activations as kernels call them: by address, on the contiguous numbers of one group.

The native forms are compiled here and named in `nodesim.engines.native.builtin`; `compiled` makes a kernel from two
scalar functions that numba can compile, and `interpreted` from two functions of NumPy arrays that it cannot.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numba import carray

from nodesim._arrays import Array
from nodesim.engines.native import vector_math
from nodesim.engines.native.function_pointers import DERIVATIVE, FUNCTION, call_derivative, call_function
from nodesim.engines.native.jit import addressable, inlined
from nodesim.engines.native.scalar_math import LINEAR, OTHER, RELU, SIGMOID, TANH
from nodesim.engines.native.vectors import STRIP, load_partial, load_strip, store_partial, store_strip
from nodesim.functions.guard import called

_DOUBLES = ctypes.POINTER(ctypes.c_double)
FUNCTION_TYPE = ctypes.CFUNCTYPE(None, _DOUBLES, _DOUBLES, ctypes.c_ssize_t)
DERIVATIVE_TYPE = ctypes.CFUNCTYPE(None, _DOUBLES, _DOUBLES, _DOUBLES, ctypes.c_ssize_t)


@dataclass(frozen=True)
class ActivationKernel:
    """An activation as kernels call it.

    Attributes
    ----------
    function, derivative : int
        Addresses of function(z, a, n) and derivative(z, a, out, n).
    keep : tuple
        What must live as long as the addresses are used.
    failures : list of BaseException
        What the interpreter's functions raised; kernels cannot, and go on with NaN.
    native : bool
        Whether it runs without the interpreter.
    online : int
        The code by which `nodesim.engines.native.scalar_math.activated` knows it; OTHER where it does not.
    """

    function: int
    derivative: int
    keep: tuple[Any, ...]
    failures: list[BaseException] = field(default_factory=list)
    native: bool = True
    online: int = OTHER


# ---- native forms --------------------------------------------------------------------------------------------


@inlined
def _strip_by_strip(function: Any, z: Any, a: Any, n: int) -> None:
    whole = n - n % STRIP
    for i in range(0, whole, STRIP):
        store_strip(a, i, function(load_strip(z, i)))
    if whole < n:
        store_partial(a, whole, function(load_partial(z, whole, n - whole)), n - whole)


@inlined
def _slopes_strip_by_strip(slope: Any, z: Any, a: Any, out: Any, n: int) -> None:
    whole = n - n % STRIP
    for i in range(0, whole, STRIP):
        store_strip(out, i, slope(load_strip(z, i), load_strip(a, i)))
    if whole < n:
        rest = n - whole
        store_partial(out, whole, slope(load_partial(z, whole, rest), load_partial(a, whole, rest)), rest)


@addressable(FUNCTION)
def _sigmoid(z: Any, a: Any, n: int) -> None:
    _strip_by_strip(vector_math.sigmoid, z, a, n)


@addressable(DERIVATIVE)
def _sigmoid_derivative(z: Any, a: Any, out: Any, n: int) -> None:
    _slopes_strip_by_strip(vector_math.sigmoid_slope, z, a, out, n)


@addressable(FUNCTION)
def _tanh(z: Any, a: Any, n: int) -> None:
    _strip_by_strip(vector_math.tanh, z, a, n)


@addressable(DERIVATIVE)
def _tanh_derivative(z: Any, a: Any, out: Any, n: int) -> None:
    _slopes_strip_by_strip(vector_math.tanh_slope, z, a, out, n)


@addressable(FUNCTION)
def _linear(z: Any, a: Any, n: int) -> None:
    for i in range(n):
        a[i] = z[i]


@addressable(DERIVATIVE)
def _linear_derivative(z: Any, a: Any, out: Any, n: int) -> None:
    for i in range(n):
        out[i] = 1.0


@addressable(FUNCTION)
def _relu(z: Any, a: Any, n: int) -> None:
    for i in range(n):
        a[i] = 0.0 if z[i] <= 0.0 else z[i]  # NaN stays NaN


@addressable(DERIVATIVE)
def _relu_derivative(z: Any, a: Any, out: Any, n: int) -> None:
    for i in range(n):
        out[i] = 1.0 if z[i] > 0.0 else 0.0


@addressable(DERIVATIVE)
def _flat(z: Any, a: Any, out: Any, n: int) -> None:
    for i in range(n):
        out[i] = 0.0


def _of(function: Any, derivative: Any, online: int = OTHER) -> ActivationKernel:
    return ActivationKernel(function.address, derivative.address, (function, derivative), online=online)


linear = _of(_linear, _linear_derivative, LINEAR)
relu = _of(_relu, _relu_derivative, RELU)
sigmoid = _of(_sigmoid, _sigmoid_derivative, SIGMOID)
tanh = _of(_tanh, _tanh_derivative, TANH)


def flattened(kernel: ActivationKernel) -> ActivationKernel:
    """Return the same function with the derivative 0, for nodes behind which there is no output."""
    return replace(kernel, derivative=_flat.address, online=OTHER)


# ---- anyone's --------------------------------------------------------------------------------------------


def compiled(function: Callable[..., float], derivative: Callable[..., float]) -> ActivationKernel:
    """Make loops over function(z) and derivative(z, a) of single numbers, which numba has compiled."""

    @addressable(FUNCTION, cache=False)
    def write_function(z: Any, a: Any, n: int) -> None:
        for i in range(n):
            a[i] = function(z[i])

    @addressable(DERIVATIVE, cache=False)
    def write_derivative(z: Any, a: Any, out: Any, n: int) -> None:
        for i in range(n):
            out[i] = derivative(z[i], a[i])

    return _of(write_function, write_derivative)


def compiled_with(
    careful: ActivationKernel, function: Callable[..., float], derivative: Callable[..., float]
) -> ActivationKernel:
    """Make such loops, which leave it to a careful kernel where something that is not finite comes out."""
    careful_function, careful_derivative = careful.function, careful.derivative

    @addressable(FUNCTION, cache=False)
    def write_function(z: Any, a: Any, n: int) -> None:
        finite = True
        for i in range(n):
            a[i] = function(z[i])
            finite = finite and math.isfinite(a[i])
        if not finite:
            call_function(careful_function, carray(z, (n,)), 0, carray(a, (n,)), 0, n)

    @addressable(DERIVATIVE, cache=False)
    def write_derivative(z: Any, a: Any, out: Any, n: int) -> None:
        finite = True
        for i in range(n):
            out[i] = derivative(z[i], a[i])
            finite = finite and math.isfinite(out[i])
        if not finite:
            call_derivative(careful_derivative, carray(z, (n,)), 0, carray(a, (n,)), 0, carray(out, (n,)), 0, n)

    keep = (write_function, write_derivative, careful)
    return ActivationKernel(write_function.address, write_derivative.address, keep, careful.failures)


def interpreted(function: Callable[[Array], Array], derivative: Callable[[Array, Array], Array]) -> ActivationKernel:
    """Let the interpreter call function(z) and derivative(z, a) of NumPy arrays, which they must not write to."""
    failures: list[BaseException] = []

    def write(out: Any, n: int, call: Callable[..., Array], *arguments: Any) -> None:
        target = np.ctypeslib.as_array(out, (n,))
        try:
            target[:] = called(call, tuple(np.ctypeslib.as_array(each, (n,)) for each in arguments), (n,), str)
        except BaseException as error:
            # An exception cannot pass through a kernel: it is raised when that is done.
            failures.append(error)
            target[:] = np.nan

    def write_function(z: Any, a: Any, n: int) -> None:
        write(a, n, function, z)

    def write_derivative(z: Any, a: Any, out: Any, n: int) -> None:
        write(out, n, derivative, z, a)

    callbacks = FUNCTION_TYPE(write_function), DERIVATIVE_TYPE(write_derivative)
    addresses = [ctypes.cast(callback, ctypes.c_void_p).value or 0 for callback in callbacks]
    return ActivationKernel(addresses[0], addresses[1], callbacks, failures, native=False)
