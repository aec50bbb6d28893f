"""sigmoid and tanh of vectors, right to 4e-15 · max(1, |exact|), and their slopes, right to 1e-12 · |exact|.

The first holds for every double, the second down to 1e-300; NaN stays NaN.

With k = round(x / ln 2) and r = x − k · ln 2, so |r| <= ln 2 / 2, exp(x) = 2^k · (1 + q) where q = exp(r) − 1.
The polynomial gives q, not exp(r): that keeps small numbers right to their last digits in tanh.

The slopes a (1 − a) and 1 − a² = (1 + |a|)(1 − |a|) need 1 − |a|. Once a is rounded to almost 1, little is left:
there it is taken from z, as exp(−z) · a and exp(−2 |z|) · (1 + |a|). An exponential is only calculated for strips that
need it, and only used in lanes that do, so that no number depends on those beside it.
"""

from __future__ import annotations

from typing import Any

from nodesim.engines.native.jit import inlined
from nodesim.engines.native.vectors import absolute, any_less, fma, power_of_two, where_less, with_sign

# Range reduction (Cody and Waite): ln 2 in two parts, so that k · ln 2 is taken off x with an error of 1e-33 · k.
_SHIFT = 1.5 * 2.0**52  # adding it rounds to an integer, and puts that into the lowest bits
_PER_LN2 = 1.4426950408889634
_LN2 = 0.6931471805599453
_LN2_REST = 2.3190468138462996e-17  # ln 2 − _LN2

# (exp(r) − 1 − r) / r² interpolated at the Chebyshev nodes of |r| <= ln 2 / 2: q is right to 4.1e-17 · |q|, less than
# what rounding adds. A polynomial and no table: lanes cannot look up eight different entries at once as cheaply.
_C0 = 0.5000000000000001
_C1 = 0.16666666666666669
_C2 = 0.04166666666662413
_C3 = 0.008333333333330062
_C4 = 0.0013888888917213717
_C5 = 0.00019841269863053618
_C6 = 2.4801521295954376e-05
_C7 = 2.7557268459997064e-06
_C8 = 2.7620088445409746e-07
_C9 = 2.510038549551032e-08

_LOWEST = -708.0  # below, 2^k is no longer a normal number
_SATURATED = -60.0  # below, exp(x) − 1 rounds to −1
# Below, 1 − |a| is taken from z. The last digit of a is then 6e-14 of it: enough, and most nodes need no exponential.
_CANCELS = 2.0**-9


@inlined
def _reduced(x: Any) -> Any:
    """Return k + _SHIFT and q = exp(x − k · ln 2) − 1."""
    # The addition rounds x / ln 2 to an integer without a conversion, which AVX2 does not have for 64 bits.
    shifted = fma(x, _PER_LN2, _SHIFT)
    k = shifted - _SHIFT
    r = fma(k, -_LN2_REST, fma(k, -_LN2, x))
    # Horner's rule: strips of several samples overlap, so its long chain of dependent steps costs nothing.
    p = fma(r, _C9, _C8)
    p = fma(p, r, _C7)
    p = fma(p, r, _C6)
    p = fma(p, r, _C5)
    p = fma(p, r, _C4)
    p = fma(p, r, _C3)
    p = fma(p, r, _C2)
    p = fma(p, r, _C1)
    p = fma(p, r, _C0)
    return shifted, fma(r * r, p, r)


@inlined
def _exponential(x: Any) -> Any:
    """Return exp(x) for x <= 0, right to its last digit or two; 0 below `_LOWEST`."""
    shifted, q = _reduced(x)
    scale = power_of_two(shifted)
    return where_less(x, _LOWEST, 0.0, fma(scale, q, scale))


@inlined
def sigmoid(z: Any) -> Any:
    """Return 1 / (1 + exp(−z)), by the sign of z so that exp never overflows."""
    small = _exponential(0.0 - absolute(z))
    # One division serves both signs: exp(-|z|) / (1 + exp(-|z|)) below 0, and 1 / (1 + exp(-|z|)) above.
    return where_less(z, 0.0, small, 1.0) / (small + 1.0)


@inlined
def tanh(z: Any) -> Any:
    """Return tanh(z) = −t / (2 + t) with the sign of z, where t = exp(−2 |z|) − 1: no digits cancel near 0."""
    x = absolute(z) * -2.0
    shifted, q = _reduced(x)
    scale = power_of_two(shifted)
    t = where_less(x, _SATURATED, -1.0, fma(scale, q, scale - 1.0))
    return with_sign(t / (t + 2.0), z)


@inlined
def sigmoid_slope(z: Any, a: Any) -> Any:
    """Return a (1 − a) for a = sigmoid(z)."""
    rest = 1.0 - a
    if any_less(rest, _CANCELS):
        rest = where_less(rest, _CANCELS, _exponential(0.0 - absolute(z)) * a, rest)
    return a * rest


@inlined
def tanh_slope(z: Any, a: Any) -> Any:
    """Return 1 − a² for a = tanh(z)."""
    size = absolute(a)
    whole, rest = size + 1.0, 1.0 - size
    if any_less(rest, _CANCELS):
        rest = where_less(rest, _CANCELS, _exponential(absolute(z) * -2.0) * whole, rest)
    return whole * rest
