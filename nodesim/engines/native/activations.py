"""Activations as kernels call them: by address, on the contiguous numbers of one group.

The native forms are compiled from `nodesim.engines.native.activation_math` when one is first used; `compiled` makes a
kernel from two scalar functions that numba can compile, and `interpreted` from two functions of NumPy arrays that it
cannot.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numba import carray

from nodesim._arrays import Array
from nodesim.engines.native import interpreter
from nodesim.engines.native.activation_math import FORMULAS
from nodesim.engines.native.function_pointers import (
    DERIVATIVE,
    FUNCTION,
    call_derivative,
    call_function,
    first_parameter,
)
from nodesim.engines.native.interpreter import Called, array_at, write_to
from nodesim.engines.native.jit import addressable, chosen_by_name
from nodesim.engines.native.scalar_math import OTHER, TABLES
from nodesim.engines.native.vectors import STRIP, load_partial, load_strip, store_partial, store_strip
from nodesim.engines.native.watched import Reference, intact, words
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
    why : str
        If not, why not.
    online : int
        For one number at a time: the code by which `nodesim.engines.native.scalar_math.activated` knows it, or else the
        address of both(row, z, a, slope, n), which writes a[0] and slope[0]; OTHER where there is neither.
    row : int
        The address of its parameters, or 0: what its functions are given first, unless they call the interpreter.
    """

    function: int
    derivative: int
    keep: tuple[Any, ...]
    called: tuple[Called, ...] = ()
    native: bool = True
    why: str = ""
    online: int = OTHER
    row: int = 0


# ---- native forms --------------------------------------------------------------------------------------------


def _value(name: Any, z: Any, parameter: Any) -> Any:
    """Stand for the formula of that name in compiled code."""


def _slope(name: Any, z: Any, a: Any, parameter: Any) -> Any:
    """Stand for the slope of the formula of that name in compiled code."""


@chosen_by_name(_value)
def _value_by_name(name: Any, z: Any, parameter: Any) -> Any:
    formula, _, takes = FORMULAS[name.literal_value]
    if takes:
        return lambda name, z, parameter: formula(z, parameter)
    return lambda name, z, parameter: formula(z)


@chosen_by_name(_slope)
def _slope_by_name(name: Any, z: Any, a: Any, parameter: Any) -> Any:
    _, formula, takes = FORMULAS[name.literal_value]
    if takes:
        return lambda name, z, a, parameter: formula(z, a, parameter)
    return lambda name, z, a, parameter: formula(z, a)


class _Form(NamedTuple):
    """The compiled code of a formula: for many numbers, for their slopes, and for both of one where no table has it."""

    function: Any
    derivative: Any
    both: Any


@functools.cache
def _form(name: str) -> _Form:
    """Compile a formula, or find it on disk: only what is used costs anything."""
    takes = bool(FORMULAS[name][2])

    @addressable(FUNCTION)
    def function(row: Any, z: Any, a: Any, n: int) -> None:
        parameter = first_parameter(row) if takes else 0.0
        whole = n - n % STRIP
        for i in range(0, whole, STRIP):
            store_strip(a, i, _value(name, load_strip(z, i), parameter))
        if whole < n:
            store_partial(a, whole, _value(name, load_partial(z, whole, n - whole), parameter), n - whole)

    @addressable(DERIVATIVE)
    def derivative(row: Any, z: Any, a: Any, out: Any, n: int) -> None:
        parameter = first_parameter(row) if takes else 0.0
        whole = n - n % STRIP
        for i in range(0, whole, STRIP):
            store_strip(out, i, _slope(name, load_strip(z, i), load_strip(a, i), parameter))
        if whole < n:
            rest = n - whole
            slopes = _slope(name, load_partial(z, whole, rest), load_partial(a, whole, rest), parameter)
            store_partial(out, whole, slopes, rest)

    if name in TABLES:
        return _Form(function, derivative, None)

    @addressable(DERIVATIVE)
    def both(row: Any, z: Any, a: Any, out: Any, n: int) -> None:
        parameter = first_parameter(row) if takes else 0.0
        a[0] = _value(name, z[0], parameter)
        out[0] = _slope(name, z[0], a[0], parameter)

    return _Form(function, derivative, both)


@addressable(DERIVATIVE)
def _flat(row: Any, z: Any, a: Any, out: Any, n: int) -> None:
    for i in range(n):
        out[i] = 0.0


@functools.lru_cache(maxsize=1000)
def native(name: str, parameters: tuple[float, ...]) -> ActivationKernel:
    """Return a built-in activation with these values of its parameters, in the order of `FORMULAS`."""
    form, values = _form(name), np.array(parameters)
    online = TABLES[name] if form.both is None else form.both.address
    row = int(values.ctypes.data) if parameters else 0
    return ActivationKernel(form.function.address, form.derivative.address, (form, values), online=online, row=row)


def flattened(kernel: ActivationKernel) -> ActivationKernel:
    """Return the same function with the derivative 0, for nodes behind which there is no output."""
    return replace(kernel, derivative=_flat.address, online=OTHER)


# ---- anyone's --------------------------------------------------------------------------------------------


class Scalar(NamedTuple):
    """A function of single numbers that numba compiles, and what it refers to that might be set to something else."""

    function: Any
    references: tuple[Reference, ...] = ()


def compiled(
    function: Scalar, derivative: Scalar | None, careful: ActivationKernel, *, finite_only: bool
) -> ActivationKernel:
    """Make loops over function(z) and derivative(z, a) of single numbers, which numba can compile.

    Parameters
    ----------
    function, derivative : Scalar
        None for a derivative that is not compiled.
    careful : ActivationKernel
        What is called instead of that, and of both where something that they refer to has changed.
    finite_only : bool
        Whether it is called as well where something that is not finite comes out.
    """
    loop = _loop(function, careful.function, finite_only)
    if derivative is None:
        return replace(careful, function=loop.address, keep=(loop, function, careful))
    slopes = _slope_loop(derivative, careful.derivative, finite_only)
    both = _both(function, derivative, careful, finite_only)
    keep = (loop, slopes, both, function, derivative, careful)
    return replace(
        careful, function=loop.address, derivative=slopes.address, keep=keep, online=both.address, native=True
    )


def _loop(scalar: Scalar, careful: int, finite_only: bool) -> Any:
    function, watched = scalar.function, words(scalar.references)

    @addressable(FUNCTION, cache=False)
    def write_function(row: Any, z: Any, a: Any, n: int) -> None:
        sound = intact(watched)
        if sound:
            for i in range(n):
                a[i] = function(z[i])
                sound &= math.isfinite(a[i]) or not finite_only
        if not sound:
            call_function(careful, row, carray(z, (n,)), 0, carray(a, (n,)), 0, n)

    return write_function


def _slope_loop(scalar: Scalar, careful: int, finite_only: bool) -> Any:
    derivative, watched = scalar.function, words(scalar.references)

    @addressable(DERIVATIVE, cache=False)
    def write_derivative(row: Any, z: Any, a: Any, out: Any, n: int) -> None:
        sound = intact(watched)
        if sound:
            for i in range(n):
                out[i] = derivative(z[i], a[i])
                sound &= math.isfinite(out[i]) or not finite_only
        if not sound:
            call_derivative(careful, row, carray(z, (n,)), 0, carray(a, (n,)), 0, carray(out, (n,)), 0, n)

    return write_derivative


def _both(of_z: Scalar, of_z_and_a: Scalar, careful: ActivationKernel, finite_only: bool) -> Any:
    function, derivative = of_z.function, of_z_and_a.function
    careful_function, careful_derivative = careful.function, careful.derivative
    watched = words([*of_z.references, *of_z_and_a.references])

    @addressable(DERIVATIVE, cache=False)
    def write_both(row: Any, z: Any, a: Any, out: Any, n: int) -> None:
        sound = intact(watched)
        if sound:
            a[0] = function(z[0])
            out[0] = derivative(z[0], a[0])
            sound = (math.isfinite(a[0]) and math.isfinite(out[0])) or not finite_only
        if not sound:
            call_function(careful_function, row, carray(z, (1,)), 0, carray(a, (1,)), 0, 1)
            call_derivative(careful_derivative, row, carray(z, (1,)), 0, carray(a, (1,)), 0, carray(out, (1,)), 0, 1)

    return write_both


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
