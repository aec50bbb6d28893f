"""Activations as functions of slabs: contiguous numbers of one group, called by address.

The built-in ones are compiled here; `compiled` makes a pair from two scalar functions that numba can compile,
and `interpreted` from two functions of NumPy arrays that it cannot.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.engines.native import vector_math
from nodesim.engines.native.function_pointers import DERIVATIVE, FUNCTION
from nodesim.engines.native.jit import addressable, inlined
from nodesim.engines.native.vectors import STRIP, load_part, load_strip, store_part, store_strip
from nodesim.functions.guard import called

_DOUBLES = ctypes.POINTER(ctypes.c_double)
_FUNCTION = ctypes.CFUNCTYPE(None, _DOUBLES, _DOUBLES, ctypes.c_ssize_t)
_DERIVATIVE = ctypes.CFUNCTYPE(None, _DOUBLES, _DOUBLES, _DOUBLES, ctypes.c_ssize_t)


@dataclass(frozen=True)
class Slab:
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
    """

    function: int
    derivative: int
    keep: tuple[Any, ...]
    failures: list[BaseException] = field(default_factory=list)
    native: bool = True


# ---- built-in --------------------------------------------------------------------------------------------


@inlined
def _strip_by_strip(function: Any, z: Any, a: Any, n: int) -> None:
    whole = n - n % STRIP
    for i in range(0, whole, STRIP):
        store_strip(a, i, function(load_strip(z, i)))
    if whole < n:
        store_part(a, whole, function(load_part(z, whole, n - whole)), n - whole)


@addressable(FUNCTION)
def _sigmoid(z: Any, a: Any, n: int) -> None:
    _strip_by_strip(vector_math.sigmoid, z, a, n)


@addressable(DERIVATIVE)
def _sigmoid_derivative(z: Any, a: Any, out: Any, n: int) -> None:
    for i in range(n):
        out[i] = a[i] * (1.0 - a[i])


@addressable(FUNCTION)
def _tanh(z: Any, a: Any, n: int) -> None:
    _strip_by_strip(vector_math.tanh, z, a, n)


@addressable(DERIVATIVE)
def _tanh_derivative(z: Any, a: Any, out: Any, n: int) -> None:
    for i in range(n):
        out[i] = 1.0 - a[i] * a[i]


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


def _built_in(function: Any, derivative: Any) -> Slab:
    return Slab(function.address, derivative.address, (function, derivative))


BUILT_IN = {
    "linear": _built_in(_linear, _linear_derivative),
    "relu": _built_in(_relu, _relu_derivative),
    "sigmoid": _built_in(_sigmoid, _sigmoid_derivative),
    "tanh": _built_in(_tanh, _tanh_derivative),
}


@addressable(DERIVATIVE)
def _flat(z: Any, a: Any, out: Any, n: int) -> None:
    for i in range(n):
        out[i] = 0.0


FLAT: int = _flat.address


# ---- anyone's --------------------------------------------------------------------------------------------


def compiled(function: Callable[..., float], derivative: Callable[..., float]) -> Slab:
    """Make loops over slabs of function(z) and derivative(z, a) of single numbers, which numba has compiled."""

    @addressable(FUNCTION, cache=False)
    def write_function(z: Any, a: Any, n: int) -> None:
        for i in range(n):
            a[i] = function(z[i])

    @addressable(DERIVATIVE, cache=False)
    def write_derivative(z: Any, a: Any, out: Any, n: int) -> None:
        for i in range(n):
            out[i] = derivative(z[i], a[i])

    return _built_in(write_function, write_derivative)


def interpreted(function: Callable[[Array], Array], derivative: Callable[[Array, Array], Array]) -> Slab:
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

    callbacks = _FUNCTION(write_function), _DERIVATIVE(write_derivative)
    addresses = [ctypes.cast(callback, ctypes.c_void_p).value or 0 for callback in callbacks]
    return Slab(addresses[0], addresses[1], callbacks, failures, native=False)
