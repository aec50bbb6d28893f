"""Activations as kernels call them: by address, on the contiguous numbers of one group.

The native forms are compiled here and named in `nodesim.engines.native.builtin`; `compiled` makes a kernel from two
scalar functions that numba can compile, and `interpreted` from two functions of NumPy arrays that it cannot.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from numba import carray

from nodesim._arrays import Array
from nodesim.engines.native import interpreter, vector_math
from nodesim.engines.native.function_pointers import DERIVATIVE, FUNCTION, call_derivative, call_function
from nodesim.engines.native.interpreter import Called, array_at, write_to
from nodesim.engines.native.jit import addressable, inlined
from nodesim.engines.native.scalar_math import LINEAR, OTHER, RELU, SIGMOID, TANH
from nodesim.engines.native.vectors import STRIP, load_partial, load_strip, store_partial, store_strip
from nodesim.functions.guard import called


@dataclass(frozen=True)
class ActivationKernel:
    """An activation as kernels call it.

    Attributes
    ----------
    function, derivative : int
        Addresses of function(row, z, a, n) and derivative(row, z, a, out, n).
    keep : tuple
        What must live as long as the addresses are used.
    called : tuple of callable
        What these call in the interpreter, if anything; see `nodesim.engines.native.interpreter.Calls`.
    native : bool
        Whether it runs without the interpreter.
    online : int
        The code by which `nodesim.engines.native.scalar_math.activated` knows it; OTHER where it does not.
    """

    function: int
    derivative: int
    keep: tuple[Any, ...]
    called: tuple[Called, ...] = ()
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
def _sigmoid(row: Any, z: Any, a: Any, n: int) -> None:
    _strip_by_strip(vector_math.sigmoid, z, a, n)


@addressable(DERIVATIVE)
def _sigmoid_derivative(row: Any, z: Any, a: Any, out: Any, n: int) -> None:
    _slopes_strip_by_strip(vector_math.sigmoid_slope, z, a, out, n)


@addressable(FUNCTION)
def _tanh(row: Any, z: Any, a: Any, n: int) -> None:
    _strip_by_strip(vector_math.tanh, z, a, n)


@addressable(DERIVATIVE)
def _tanh_derivative(row: Any, z: Any, a: Any, out: Any, n: int) -> None:
    _slopes_strip_by_strip(vector_math.tanh_slope, z, a, out, n)


@addressable(FUNCTION)
def _linear(row: Any, z: Any, a: Any, n: int) -> None:
    for i in range(n):
        a[i] = z[i]


@addressable(DERIVATIVE)
def _linear_derivative(row: Any, z: Any, a: Any, out: Any, n: int) -> None:
    for i in range(n):
        out[i] = 1.0


@addressable(FUNCTION)
def _relu(row: Any, z: Any, a: Any, n: int) -> None:
    for i in range(n):
        a[i] = 0.0 if z[i] <= 0.0 else z[i]  # NaN stays NaN


@addressable(DERIVATIVE)
def _relu_derivative(row: Any, z: Any, a: Any, out: Any, n: int) -> None:
    for i in range(n):
        out[i] = 1.0 if z[i] > 0.0 else 0.0


@addressable(DERIVATIVE)
def _flat(row: Any, z: Any, a: Any, out: Any, n: int) -> None:
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
    def write_function(row: Any, z: Any, a: Any, n: int) -> None:
        for i in range(n):
            a[i] = function(z[i])

    @addressable(DERIVATIVE, cache=False)
    def write_derivative(row: Any, z: Any, a: Any, out: Any, n: int) -> None:
        for i in range(n):
            out[i] = derivative(z[i], a[i])

    return _of(write_function, write_derivative)


def compiled_with(
    careful: ActivationKernel, function: Callable[..., float], derivative: Callable[..., float]
) -> ActivationKernel:
    """Make such loops, which leave it to a careful kernel where something that is not finite comes out."""
    careful_function, careful_derivative = careful.function, careful.derivative

    @addressable(FUNCTION, cache=False)
    def write_function(row: Any, z: Any, a: Any, n: int) -> None:
        finite = True
        for i in range(n):
            a[i] = function(z[i])
            finite = finite and math.isfinite(a[i])
        if not finite:
            call_function(careful_function, row, carray(z, (n,)), 0, carray(a, (n,)), 0, n)

    @addressable(DERIVATIVE, cache=False)
    def write_derivative(row: Any, z: Any, a: Any, out: Any, n: int) -> None:
        finite = True
        for i in range(n):
            out[i] = derivative(z[i], a[i])
            finite = finite and math.isfinite(out[i])
        if not finite:
            call_derivative(careful_derivative, row, carray(z, (n,)), 0, carray(a, (n,)), 0, carray(out, (n,)), 0, n)

    keep = (write_function, write_derivative, careful)
    return ActivationKernel(write_function.address, write_derivative.address, keep, careful.called)


def interpreted(
    function: Callable[[Array], Array], derivative: Callable[[Array, Array], Array], label: str
) -> ActivationKernel:
    """Let the interpreter call function(z) and derivative(z, a) of NumPy arrays, which they must not write to."""

    def write_function(z: int, a: int, _: int, __: int, n: int, ___: int) -> None:
        write_to(a, called(function, (array_at(z, n),), (n,), lambda: label))

    def write_derivative(z: int, a: int, out: int, _: int, n: int, __: int) -> None:
        arguments = array_at(z, n), array_at(a, n)
        write_to(out, called(derivative, arguments, (n,), lambda: f"the derivative of {label}"))

    addresses = interpreter.function.address, interpreter.derivative.address
    return ActivationKernel(*addresses, (), (write_function, write_derivative), native=False)
