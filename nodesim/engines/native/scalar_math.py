"""Activations of single numbers for online training, where the time from z to a is what counts, not the work.

Sigmoid and tanh are polynomials of degree 7, one per interval, with the coefficients from a table: no exp, no
division, about 27 cycles instead of 40. Right to 4e-16 × max(1, |exact|); sigmoid keeps its relative precision
far below 0, tanh near 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numpy.polynomial import chebyshev

from nodesim.engines.native.jit import inlined, intrinsic
from nodesim.engines.native.vectors import fma

# The activations that `activated` knows; all others are called by address.
OTHER, LINEAR, SIGMOID, TANH, RELU = range(5)
_TERMS = 8
# Added to a double below 2**51, this rounds it to a whole number and puts that into the lowest bits.
_ROUNDING = 1.5 * 2.0**52


def _economy(terms: int) -> Any:
    """Return the matrix from `terms` Taylor coefficients to the best fewer: as Chebyshev series, cut, and back."""
    kept = [chebyshev.cheb2poly(chebyshev.poly2cheb(row)[:_TERMS]) for row in np.eye(terms)]
    return np.array([np.pad(row, (0, _TERMS - len(row))) for row in kept])


def _table(values: Any, constant: float, linear: float, radius: float) -> Any:
    """Return the polynomials of a function f over the intervals around the middles where it has these values.

    f' = constant + linear·f - f², so each Taylor coefficient follows from those before it. Four more than are
    wanted are cut off as Chebyshev terms, which leaves an error of 1e-17.
    """
    c = [values]
    for n in range(_TERMS + 3):
        square = sum(c[i] * c[n - i] for i in range(n + 1))
        c.append((linear * c[n] - square + (constant if n == 0 else 0.0)) / (n + 1))
    scales = radius ** np.arange(len(c))
    return (np.transpose(c) * scales @ _economy(len(c)) / scales[:_TERMS]).ravel()


def _sigmoids(z: Any) -> Any:
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1.0 + small)


_SIGMOID_LIMIT, _SIGMOIDS_PER_UNIT = 36.0, 8.0
_TANH_LIMIT, _TANHS_PER_UNIT = 20.0, 16.0


# Beyond these limits a is 1 to the last digit, or so small that exp is taken. 1/8 and 1/16 are wide enough to keep the
# tables (37 and 41 KB) in the second-level cache, and narrow enough for polynomials of degree 7.
def _middles(limit: float, per_unit: float) -> Any:
    return np.arange(-limit * per_unit, limit * per_unit + 1) / per_unit


SIGMOID_TABLE = _table(_sigmoids(_middles(_SIGMOID_LIMIT, _SIGMOIDS_PER_UNIT)), 0.0, 1.0, 0.5 / _SIGMOIDS_PER_UNIT)
TANH_TABLE = _table(np.tanh(_middles(_TANH_LIMIT, _TANHS_PER_UNIT)), 1.0, 0.0, 0.5 / _TANHS_PER_UNIT)


@intrinsic
def _lowest_bits(context: Any, shifted: Any) -> Any:
    """Return the whole number in the lowest 32 bits of a double, for indexing from the middle of a table."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        bits = builder.bitcast(arguments[0], ir.IntType(64))
        return builder.sext(builder.trunc(bits, ir.IntType(32)), ir.IntType(64))

    return types.int64(types.float64), code


@inlined
def _from_table(table: Any, per_unit: float, limit: float, z: float) -> float:
    """Return Σ_i c_i·h^i with the coefficients of the interval around z and the distance h from its middle."""
    # Adding and taking away rounds z · per_unit to the number of its interval, without a conversion.
    shifted = fma(z, per_unit, _ROUNDING)
    h = fma(shifted - _ROUNDING, -1.0 / per_unit, z)
    i = np.uint64((_lowest_bits(shifted) + np.int64(limit * per_unit)) * _TERMS)
    # Estrin's scheme instead of Horner's: four steps that wait for each other instead of seven. Here one number is all
    # there is to do, so the length of that chain is the time that it takes.
    h2 = h * h
    c01 = fma(table[i + np.uint64(1)], h, table[i])
    c23 = fma(table[i + np.uint64(3)], h, table[i + np.uint64(2)])
    c45 = fma(table[i + np.uint64(5)], h, table[i + np.uint64(4)])
    c67 = fma(table[i + np.uint64(7)], h, table[i + np.uint64(6)])
    value: float = fma(h2 * h2, fma(c67, h2, c45), fma(c23, h2, c01))
    return value


@inlined
def sigmoid(table: Any, z: float) -> float:
    """Return 1 / (1 + exp(-z)); NaN for NaN, and no overflow."""
    if -_SIGMOID_LIMIT < z < _SIGMOID_LIMIT:
        return _from_table(table, _SIGMOIDS_PER_UNIT, _SIGMOID_LIMIT, z)  # type: ignore[no-any-return]
    # Here 1 + exp(z) is 1, and so is a.
    return math.exp(z) if z < 0.0 else 1.0 if z > 0.0 else z


@inlined
def tanh(table: Any, z: float) -> float:
    """Return tanh(z); NaN for NaN."""
    if -_TANH_LIMIT < z < _TANH_LIMIT:
        return _from_table(table, _TANHS_PER_UNIT, _TANH_LIMIT, z)  # type: ignore[no-any-return]
    return math.tanh(z)


@inlined
def activated(code: int, z: float) -> tuple[float, float]:
    """Return activation(z) and its derivative, for the activations with a code."""
    if code == SIGMOID:
        a = sigmoid(SIGMOID_TABLE, z)
        return a, a * (1.0 - a)
    if code == TANH:
        a = tanh(TANH_TABLE, z)
        return a, 1.0 - a * a
    if code == RELU:
        # Written so that NaN stays NaN.
        return (0.0, 0.0) if z <= 0.0 else (z, 1.0)
    return z, 1.0
