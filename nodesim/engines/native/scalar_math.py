"""Activations of single numbers for online training, where the time from z to a is what counts, not the work.

Sigmoid and tanh are polynomials of degree 7, one per interval, with the coefficients from a table: no exp, no
division, about 27 cycles instead of 40. Right to 4e-16 × max(1, ``|exact|``); sigmoid keeps its relative precision
far below 0, tanh near 0. Their slopes are right to 1e-12 × ``|exact|``, down to 1e-300.

A slope needs 1 − ``|a|``, of which little is left once a is rounded to almost 1. There, b = sigmoid(−z) is looked up
instead: sigmoid(z) = 1 − b, and its slope is b (1 − b). With b = sigmoid(−2 ``|z|``), ``|tanh(z)|`` = 1 − 2b, and its
slope is 4b (1 − b). So neither table needs to reach far to that side.
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

# The activations that `activated` knows; all others are called by address, which is a higher number than any of these.
OTHER, LINEAR, SIGMOID, TANH, RELU = range(5)
LAST_CODE = RELU
TABLES = {"linear": LINEAR, "sigmoid": SIGMOID, "tanh": TANH, "relu": RELU}
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


# Below the lowest, 1 + exp(z) is 1. From the highest on, 1 − |a| is taken from elsewhere: the last digit of a is still
# less than 1e-13 of it there. 1/8 and 1/16 are narrow enough for polynomials of degree 7; wider ones would need more
# terms, narrower ones larger tables (these are 21 and 7 KB, in the first-level cache).
_SIGMOID_LOWEST, _SIGMOID_HIGHEST, _SIGMOIDS_PER_UNIT = -36.0, 6.0, 8.0
_TANH_HIGHEST, _TANHS_PER_UNIT = 3.5, 16.0


def _middles(lowest: float, highest: float, per_unit: float) -> Any:
    return np.arange(lowest * per_unit, highest * per_unit + 1) / per_unit


SIGMOID_TABLE = _table(
    _sigmoids(_middles(_SIGMOID_LOWEST, _SIGMOID_HIGHEST, _SIGMOIDS_PER_UNIT)), 0.0, 1.0, 0.5 / _SIGMOIDS_PER_UNIT
)
TANH_TABLE = _table(np.tanh(_middles(-_TANH_HIGHEST, _TANH_HIGHEST, _TANHS_PER_UNIT)), 1.0, 0.0, 0.5 / _TANHS_PER_UNIT)


@intrinsic
def _lowest_bits(context: Any, shifted: Any) -> Any:
    """Return the whole number in the lowest 32 bits of a double, for indexing from the zero of a table."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        bits = builder.bitcast(arguments[0], ir.IntType(64))
        return builder.sext(builder.trunc(bits, ir.IntType(32)), ir.IntType(64))

    return types.int64(types.float64), code


@inlined
def _from_table(table: Any, per_unit: float, lowest: float, z: float) -> float:
    """Return Σ_i c_i·h^i with the coefficients of the interval around z and the distance h from its middle."""
    # Adding and taking away rounds z · per_unit to the number of its interval, without a conversion.
    shifted = fma(z, per_unit, _ROUNDING)
    h = fma(shifted - _ROUNDING, -1.0 / per_unit, z)
    i = np.uint64((_lowest_bits(shifted) + np.int64(-lowest * per_unit)) * _TERMS)
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
def _lower_sigmoid(table: Any, z: float) -> float:
    """Return 1 / (1 + exp(-z)) for z < `_SIGMOID_HIGHEST`, right to the last digit or two; NaN for NaN."""
    if z > _SIGMOID_LOWEST:
        return _from_table(table, _SIGMOIDS_PER_UNIT, _SIGMOID_LOWEST, z)  # type: ignore[no-any-return]
    return math.exp(z)


@inlined
def sigmoid(table: Any, z: float) -> tuple[float, float]:
    """Return a = 1 / (1 + exp(-z)) and a (1 - a); NaN for NaN, and no overflow."""
    if z < _SIGMOID_HIGHEST:
        a = _lower_sigmoid(table, z)
        return a, a * (1.0 - a)
    b = _lower_sigmoid(table, -z)
    return 1.0 - b, b * (1.0 - b)


@inlined
def tanh(table: Any, sigmoids: Any, z: float) -> tuple[float, float]:
    """Return a = tanh(z) and 1 - a²; NaN for NaN."""
    if -_TANH_HIGHEST < z < _TANH_HIGHEST:
        a = _from_table(table, _TANHS_PER_UNIT, -_TANH_HIGHEST, z)
        return a, 1.0 - a * a
    b = _lower_sigmoid(sigmoids, -2.0 * abs(z))
    return math.copysign(1.0 - 2.0 * b, z), 4.0 * (b * (1.0 - b))


@inlined
def activated(code: int, z: float) -> tuple[float, float]:
    """Return activation(z) and its derivative, for the activations with a code."""
    if code == SIGMOID:
        return sigmoid(SIGMOID_TABLE, z)  # type: ignore[no-any-return]
    if code == TANH:
        return tanh(TANH_TABLE, SIGMOID_TABLE, z)  # type: ignore[no-any-return]
    if code == RELU:
        # Written so that NaN stays NaN.
        return (0.0, 0.0) if z <= 0.0 else (z, 1.0)
    return z, 1.0
