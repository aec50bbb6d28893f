"""Functions of vectors and of doubles that are made to measure: polynomials, and the mathematical library's."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types

from nodesim.engines.native.jit import intrinsic
from nodesim.engines.native.llvm import DOUBLE, called


def polynomial(*coefficients: float) -> Any:
    """Return a function for kernels: c[0] + c[1]·x + c[2]·x² + ... of a vector or a double.

    Even and odd powers are added apart, by Horner's rule in x²: half as many steps then wait for each other.
    """

    @intrinsic
    def value(context: Any, x: types.Type) -> Any:
        def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
            x = values[0]
            square = builder.fmul(x, x)
            even, odd = (_horner(builder, square, coefficients[first::2]) for first in (0, 1))
            return called(builder, "fma", odd, x, even)

        return x(x), generate

    return value


def _horner(builder: ir.IRBuilder, x: Any, coefficients: tuple[float, ...]) -> Any:
    first, *rest = (ir.Constant(x.type, c if x.type == DOUBLE else [c] * x.type.count) for c in coefficients[::-1])
    total = first
    for constant in rest:
        total = called(builder, "fma", total, x, constant)
    return total


def by_library(name: str) -> Any:
    """Return one of the mathematical library's functions for kernels, which is called for each lane by itself."""

    @intrinsic
    def value(context: Any, x: types.Type) -> Any:
        def generate(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
            return called(builder, name, values[0])

        return x(x), generate

    return value
