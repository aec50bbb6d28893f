"""sigmoid and tanh of vectors, right to 4e-15 · max(1, ``|exact|``), and their slopes, right to 1e-12 · ``|exact|``.

So is what the other activations are made of: exponentials, log(1 + x), the normal distribution, sine and cosine.
The first holds for every double, the second down to 1e-300; NaN stays NaN. All of it is for single doubles as well.

With k = round(x / ln 2) and r = x − k · ln 2, so ``|r|`` <= ln 2 / 2, exp(x) = 2^k · (1 + q) where q = exp(r) − 1.
The polynomial gives q, not exp(r): that keeps small numbers right to their last digits in tanh.

The slopes a (1 − a) and 1 − a² = (1 + ``|a|``)(1 − ``|a|``) need 1 − ``|a|``. Once a is rounded to almost 1, little is
left: there it is taken from z, as exp(−z) · a and exp(−2 ``|z|``) · (1 + ``|a|``). An exponential is only calculated
for strips that need it, and only used in lanes that do, so that no number depends on those beside it.
"""

from __future__ import annotations

import math
from typing import Any

from nodesim.engines.native.jit import inlined
from nodesim.engines.native.llvm_functions import by_library, polynomial
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
_NEAR_LOWEST = -700.0
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
def exponential(x: Any) -> Any:
    """Return exp(x) for x <= 0, right to its last digit or two; 0 below `_LOWEST`."""
    shifted, q = _reduced(x)
    scale = power_of_two(shifted)
    return where_less(x, _LOWEST, 0.0, fma(scale, q, scale))


@inlined
def exponential_of_any(x: Any) -> Any:
    """Return exp(x) for every double: infinite from 709.79 on, with fewer digits below −708, as doubles have."""
    shifted, q = _reduced(x)
    # 2^k may be out of the range of a double where exp(x) is not: by two factors it never is.
    scale = power_of_two(shifted + where_less(x, _NEAR_LOWEST, 100.0, -1.0))
    value = fma(scale, q, scale) * where_less(x, _NEAR_LOWEST, 2.0**-100, 2.0)
    return where_less(x, -746.0, 0.0, where_less(709.8, x, math.inf, value))


@inlined
def exponential_less_one(x: Any) -> Any:
    """Return exp(x) − 1 for x <= 0: no digits cancel near 0."""
    shifted, q = _reduced(x)
    scale = power_of_two(shifted)
    return where_less(x, _SATURATED, -1.0, fma(scale, q, scale - 1.0))


@inlined
def sigmoid(z: Any) -> Any:
    """Return 1 / (1 + exp(−z)), by the sign of z so that exp never overflows."""
    small = exponential(0.0 - absolute(z))
    # One division serves both signs: exp(-|z|) / (1 + exp(-|z|)) below 0, and 1 / (1 + exp(-|z|)) above.
    return where_less(z, 0.0, small, 1.0) / (small + 1.0)


@inlined
def tanh(z: Any) -> Any:
    """Return tanh(z) = −t / (2 + t) with the sign of z, where t = exp(−2 ``|z|``) − 1: no digits cancel near 0."""
    t = exponential_less_one(absolute(z) * -2.0)
    return with_sign(t / (t + 2.0), z)


@inlined
def sigmoid_slope(z: Any, a: Any) -> Any:
    """Return a (1 − a) for a = sigmoid(z)."""
    rest = 1.0 - a
    if any_less(rest, _CANCELS):
        rest = where_less(rest, _CANCELS, exponential(0.0 - absolute(z)) * a, rest)
    return a * rest


@inlined
def tanh_slope(z: Any, a: Any) -> Any:
    """Return 1 − a² for a = tanh(z)."""
    size = absolute(a)
    whole, rest = size + 1.0, 1.0 - size
    if any_less(rest, _CANCELS):
        rest = where_less(rest, _CANCELS, exponential(absolute(z) * -2.0) * whole, rest)
    return whole * rest


# log(1 + x) = 2t (1 + u L(u)) with t = x / (2 + x) and u = t² <= 1/9; L at the Chebyshev nodes, right to 8e-18.
_log_series = polynomial(
    0.3333333333333333, 0.20000000000007292, 0.1428571428355438, 0.11111111358713932, 0.09090894718066429,
    0.07692785032479312, 0.06657072104827468, 0.06000536404795356, 0.04400369243072337, 0.08082022805971766,
)  # fmt: skip


@inlined
def log_one_plus(x: Any) -> Any:
    """Return log(1 + x) for 0 <= x <= 1."""
    t = x / (x + 2.0)
    square = t * t
    return fma(square * _log_series(square), t, t) * 2.0


_FLAT = 40.0  # exp(−z²/2) and exp(−z²) are 0 beyond


@inlined
def bell(z: Any, share: float) -> Any:
    """Return exp(−share · z²), for a share of 1 or 1/2."""
    near = where_less(_FLAT, absolute(z), _FLAT, absolute(z))
    square = near * near
    # What z² was rounded by would show in the exponential, a thousand times as large.
    rest = fma(near, near, 0.0 - square)
    whole = exponential(square * (0.0 - share))
    return fma(whole * (0.0 - share), rest, whole)


# (1 + y) Φ(−y) exp(y²/2) by t = (y − 5) / (y + 5), at the Chebyshev nodes of 0 <= y <= 40; right to 1e-16 of itself.
_tail_series = polynomial(
    0.46151582985003775, -0.09155228183400917, 0.0310303684259707, 0.010002352385241659, -0.026401042966674067,
    0.024536963243297946, -0.015170415395094575, 0.0065220006738440734, -0.0016760724212402098, 7.791539896184297e-06,
    0.00018233460332349368, -5.360723737658505e-05, -9.897782095693084e-06, 9.058505485209712e-06,
    -6.645126985386993e-08, -1.3041981291689899e-06, 1.222807738066692e-07, 1.9124697360088803e-07,
    -2.1567877175579913e-08, -2.6332491672878587e-08, 1.6129107766244392e-09, 2.196032905924892e-09,
)  # fmt: skip


@inlined
def normal_tail(z: Any) -> Any:
    """Return y = min(``|z|``, 40), exp(−y²/2) and Φ(−y) / exp(−y²/2) for the standard normal distribution Φ."""
    y = where_less(_FLAT, absolute(z), _FLAT, absolute(z))
    return y, bell(y, 0.5), _tail_series((y - 5.0) / (y + 5.0)) / (y + 1.0)


# π/2 in three parts: as long as k < 2^30, taking the first off leaves no rounding error.
_PER_QUARTER = 0.6366197723675814
_QUARTER, _QUARTER_REST, _QUARTER_LAST = 1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33
_FAR = 1e9
# (sin(r) − r) / r³ and (cos(r) − 1 + r²/2) / r⁴ by r², at the Chebyshev nodes of |r| <= π/4; right to 5e-18.
_sine_series = polynomial(
    -0.16666666666666666, 0.008333333333333331, -0.00019841269841264821, 2.7557319219150783e-06,
    -2.5052106167335705e-08, 1.6058521349954986e-10, -7.586094789672621e-13,
)  # fmt: skip
_cosine_series = polynomial(
    0.041666666666666664, -0.0013888888888887322, 2.4801587298651292e-05, -2.755731721268659e-07,
    2.0876134024090145e-09, -1.1381754653662937e-11,
)  # fmt: skip
_sine_by_library, _cosine_by_library = by_library("sin"), by_library("cos")


@inlined
def _turned(z: Any) -> Any:
    """Return sin(r) and cos(r) of r = z − k · π/2, and which quarter of a turn k is: 0, ±1/4 or ±1/2."""
    k = fma(z, _PER_QUARTER, _SHIFT) - _SHIFT
    r = fma(k, -_QUARTER_LAST, fma(k, -_QUARTER_REST, fma(k, -_QUARTER, z)))
    square = r * r
    turns = k * 0.25
    sine = fma(r * square, _sine_series(square), r)
    cosine = fma(square * square, _cosine_series(square), fma(square, -0.5, 1.0))
    return sine, cosine, turns - ((turns + _SHIFT) - _SHIFT)


@inlined
def _sideways(quarter: Any, then: Any, otherwise: Any) -> Any:
    """Return `then` at ±1/4."""
    size = absolute(quarter)
    return where_less(0.125, size, where_less(size, 0.375, then, otherwise), otherwise)


@inlined
def sine(z: Any) -> Any:
    """Return sin(z)."""
    sine, cosine, quarter = _turned(z)
    value = _sideways(quarter, cosine, sine)
    value = value * where_less(quarter, -0.125, -1.0, where_less(quarter, 0.375, 1.0, -1.0))
    if any_less(0.0 - absolute(z), -_FAR):
        value = where_less(_FAR, absolute(z), _sine_by_library(z), value)
    return value


@inlined
def cosine(z: Any) -> Any:
    """Return cos(z)."""
    sine, cosine, quarter = _turned(z)
    value = _sideways(quarter, sine, cosine)
    value = value * where_less(0.125, quarter, -1.0, where_less(quarter, -0.375, -1.0, 1.0))
    if any_less(0.0 - absolute(z), -_FAR):
        value = where_less(_FAR, absolute(z), _cosine_by_library(z), value)
    return value
