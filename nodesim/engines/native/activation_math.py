"""The built-in activations and their slopes, of vectors and of single doubles.

Each takes z, or z and a, and behind them the parameter of an activation that has one. They are as right as
`nodesim.engines.native.vector_math` says; where a slope crosses 0 (silu, gelu, mish), 1e-15 of its largest term.
"""

from __future__ import annotations

from typing import Any

from nodesim.engines.native.jit import inlined
from nodesim.engines.native.vector_math import (
    bell,
    cosine,
    exponential,
    exponential_less_one,
    log_one_plus,
    normal_tail,
    sigmoid,
    sigmoid_slope,
    sine,
    tanh,
    tanh_slope,
)
from nodesim.engines.native.vectors import absolute, fma, where_less

_SMALLEST = 5e-324
_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
_PER_ROOT = 0.3989422804014327  # 1 / √(2π)


@inlined
def _linear(z: Any) -> Any:
    return z


@inlined
def _one(z: Any, a: Any) -> Any:
    return where_less(z, 0.0, 1.0, 1.0)


@inlined
def _relu(z: Any) -> Any:
    # NaN stays NaN, and of −0 comes 0.
    return where_less(z, _SMALLEST, 0.0, z)


@inlined
def _relu_slope(z: Any, a: Any) -> Any:
    return where_less(0.0, z, 1.0, 0.0)


@inlined
def _leaky_relu(z: Any, slope: float) -> Any:
    return where_less(0.0, z, z, z * slope)


@inlined
def _leaky_relu_slope(z: Any, a: Any, slope: float) -> Any:
    return where_less(0.0, z, 1.0, slope)


@inlined
def _elu(z: Any, alpha: float) -> Any:
    return where_less(0.0, z, z, exponential_less_one(z) * alpha)


@inlined
def _elu_slope(z: Any, a: Any, alpha: float) -> Any:
    return where_less(0.0, z, 1.0, exponential(z) * alpha)


@inlined
def _selu(z: Any) -> Any:
    return where_less(0.0, z, z, exponential_less_one(z) * _SELU_ALPHA) * _SELU_SCALE


@inlined
def _selu_slope(z: Any, a: Any) -> Any:
    return where_less(0.0, z, _SELU_SCALE, exponential(z) * (_SELU_SCALE * _SELU_ALPHA))


@inlined
def _softplus(z: Any) -> Any:
    return log_one_plus(exponential(0.0 - absolute(z))) + where_less(z, 0.0, 0.0, z)


@inlined
def _softplus_slope(z: Any, a: Any) -> Any:
    return sigmoid(z)


@inlined
def _softsign(z: Any) -> Any:
    return z / (absolute(z) + 1.0)


@inlined
def _softsign_slope(z: Any, a: Any) -> Any:
    root = 1.0 / (absolute(z) + 1.0)
    return root * root


@inlined
def _silu(z: Any) -> Any:
    return z * sigmoid(z)


@inlined
def _silu_slope(z: Any, a: Any) -> Any:
    # 1 − sigmoid(z) as sigmoid(−z), which does not cancel.
    small = exponential(0.0 - absolute(z))
    larger = 1.0 / (small + 1.0)
    smaller = small * larger
    return where_less(z, 0.0, smaller, larger) * fma(z, where_less(z, 0.0, larger, smaller), 1.0)


@inlined
def _gelu(z: Any) -> Any:
    _, bell, share = normal_tail(z)
    below = bell * share
    return z * where_less(z, 0.0, below, 1.0 - below)


@inlined
def _gelu_slope(z: Any, a: Any) -> Any:
    # Φ(z) + z φ(z) of −y; that of y and that of −y make 1 together.
    y, bell, share = normal_tail(z)
    below = bell * fma(y, -_PER_ROOT, share)
    return where_less(z, 0.0, below, 1.0 - below)


@inlined
def _tanh_of_softplus(z: Any, small: Any) -> Any:
    """Return n, m and n + m of tanh(softplus(z)) = n / (n + m), from ``exp(−|z|)``."""
    whole = where_less(z, 0.0, small * (small + 2.0), fma(small, 2.0, 1.0))
    rest = where_less(z, 0.0, 2.0, small * small * 2.0)
    return whole, rest, whole + rest


@inlined
def _mish(z: Any) -> Any:
    whole, _, both = _tanh_of_softplus(z, exponential(0.0 - absolute(z)))
    return z * (whole / both)


@inlined
def _mish_slope(z: Any, a: Any) -> Any:
    small = exponential(0.0 - absolute(z))
    whole, rest, both = _tanh_of_softplus(z, small)
    share = 1.0 / both
    slope = (rest * share) * (fma(whole, 2.0, rest) * share)
    return fma(z, slope * (where_less(z, 0.0, small, 1.0) / (small + 1.0)), whole * share)


@inlined
def _within(z: Any, bound: float) -> Any:
    return where_less(z, -bound, -bound, where_less(bound, z, bound, z))


@inlined
def _hard_sigmoid(z: Any) -> Any:
    return _within(z, 3.0) / 6.0 + 0.5


@inlined
def _hard_sigmoid_slope(z: Any, a: Any) -> Any:
    return where_less(absolute(z), 3.0, 1.0 / 6.0, 0.0)


@inlined
def _hard_tanh(z: Any) -> Any:
    return _within(z, 1.0)


@inlined
def _hard_tanh_slope(z: Any, a: Any) -> Any:
    return where_less(absolute(z), 1.0, 1.0, 0.0)


@inlined
def _gaussian(z: Any) -> Any:
    return bell(z, 1.0)


@inlined
def _gaussian_slope(z: Any, a: Any) -> Any:
    return (z * a) * -2.0


@inlined
def _sine_slope(z: Any, a: Any) -> Any:
    return cosine(z)


# By name: the function, its slope, and what its parameter is called.
FORMULAS: dict[str, tuple[Any, Any, tuple[str, ...]]] = {
    "linear": (_linear, _one, ()),
    "relu": (_relu, _relu_slope, ()),
    "sigmoid": (sigmoid, sigmoid_slope, ()),
    "tanh": (tanh, tanh_slope, ()),
    "leaky_relu": (_leaky_relu, _leaky_relu_slope, ("slope",)),
    "elu": (_elu, _elu_slope, ("alpha",)),
    "selu": (_selu, _selu_slope, ()),
    "softplus": (_softplus, _softplus_slope, ()),
    "softsign": (_softsign, _softsign_slope, ()),
    "silu": (_silu, _silu_slope, ()),
    "gelu": (_gelu, _gelu_slope, ()),
    "mish": (_mish, _mish_slope, ()),
    "hard_sigmoid": (_hard_sigmoid, _hard_sigmoid_slope, ()),
    "hard_tanh": (_hard_tanh, _hard_tanh_slope, ()),
    "gaussian": (_gaussian, _gaussian_slope, ()),
    "sine": (sine, _sine_slope, ()),
}
