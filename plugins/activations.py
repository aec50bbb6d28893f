"""Built-in activations.

Each function is right to 4e-15 × max(1, ``|exact|``) for every finite double and raises no floating-point warning:
exponentials are only taken of numbers that cannot overflow, and differences that would cancel are written so that
they do not.

Each derivative is right to 1e-12 × ``|exact|`` as well, down to 1e-300, for ``|z|`` up to 700: how small a slope is
decides what a saturated node still learns. `derivative_formula` has a (1 - a) and 1 - a², as the article has them;
where a is rounded to almost 1, nothing is left of 1 - a, and it is taken from z. Where a derivative crosses 0 (silu,
gelu, mish) its error is 1e-15 of its largest term.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nodesim import Activation, hookimpl
from nodesim.functions import Array, quiet
from nodesim.functions.constants import SELU_ALPHA, SELU_SCALE

_FLAT = 40.0  # exp(-40²) is 0 in double precision, so nothing changes beyond

# Below, 1 - |a| is taken from z: the last digit of a is 6e-14 of it there. The native forms change over there, too.
_CANCELS = 2.0**-9

_erfc = np.frompyfunc(math.erfc, 1, 1)


def _upper(z: Array) -> Array:
    return np.exp(-np.abs(z))


def sigmoid(z: Array, out: Array | None = None) -> Array:
    """1 / (1 + exp(-z)), by the sign of z so that exp never overflows."""
    small: Array = np.exp(np.negative(np.abs(z, out), out), out)
    whole = 1.0 + small
    # 1 or exp(z), which is 1 at 0: a choice number by number, with branches that no processor foresees, takes twice as
    # long as all else.
    small = np.maximum(small, np.sign(z), out=out)
    return np.divide(small, whole, out)


def _sigmoid_derivative(z: Array, a: Array, out: Array | None = None) -> Array:
    # Where 1 - a cancels it is exp(-z) a; elsewhere the slope has the very bits of the article's a (1 - a).
    rest = np.subtract(1.0, a, out)
    cancels = _places(rest < _CANCELS)
    if len(cancels):
        rest, z, a = np.asarray(rest), np.asarray(z), np.asarray(a)
        rest.put(cancels, _upper(z.take(cancels)) * a.take(cancels))
    return np.multiply(a, rest, out)


def _places(chosen: Any) -> Any:
    """Return where something is true, as places in the flat array."""
    return chosen.ravel().nonzero()[0]


def _linear(z: Array) -> Array:
    return z + 0.0


def _linear_derivative(z: Array, a: Array) -> Array:
    return np.ones_like(z)


def _tanh_derivative(z: Array, a: Array, out: Array | None = None) -> Array:
    # 1 - a² = (1 + |a|)(1 - |a|); where 1 - |a| cancels it is exp(-2|z|) (1 + |a|).
    rest: Array = np.abs(a, out)
    whole = 1.0 + rest
    rest = np.subtract(1.0, rest, out)
    cancels = _places(rest < _CANCELS)
    if len(cancels):
        rest, z, whole = np.asarray(rest), np.asarray(z), np.asarray(whole)
        rest.put(cancels, _upper(z.take(cancels)) ** 2 * whole.take(cancels))
    return np.multiply(whole, rest, out)


def _relu(z: Array) -> Array:
    return np.maximum(z, 0.0)


def _relu_derivative(z: Array, a: Array) -> Array:
    return np.greater(z, 0.0).astype(float)


def _leaky_relu(z: Array, slope: float) -> Array:
    return np.where(z > 0, z, slope * z)


def _leaky_relu_derivative(z: Array, a: Array, slope: float) -> Array:
    return np.where(z > 0, 1.0, slope)


def _elu(z: Array, alpha: float) -> Array:
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0.0)))


def _elu_derivative(z: Array, a: Array, alpha: float) -> Array:
    return np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0.0)))


@quiet
def _selu(z: Array) -> Array:
    # Beyond 1.71e308 the exact value is out of the range of a double, and so infinite.
    return SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * np.expm1(np.minimum(z, 0.0)))


def _selu_derivative(z: Array, a: Array) -> Array:
    return np.where(z > 0, SELU_SCALE, SELU_SCALE * SELU_ALPHA * np.exp(np.minimum(z, 0.0)))


def softplus(z: Array) -> Array:
    """log(1 + exp(z)), without overflow."""
    return np.maximum(z, 0.0) + np.log1p(_upper(z))


def _softplus_derivative(z: Array, a: Array) -> Array:
    return sigmoid(z)


def _softsign(z: Array) -> Array:
    return z / (1.0 + np.abs(z))


def _softsign_derivative(z: Array, a: Array) -> Array:
    return (1.0 / (1.0 + np.abs(z))) ** 2


def _silu(z: Array) -> Array:
    return z * sigmoid(z)


def _silu_derivative(z: Array, a: Array) -> Array:
    # sigmoid(-z) instead of 1 - sigmoid(z), which cancels.
    return sigmoid(z) * (1.0 + z * sigmoid(-z))


def _normal_below(z: Array) -> Array:
    """Return the share of a standard normal distribution that lies below z."""
    return np.asarray(0.5 * _erfc(z * -math.sqrt(0.5)), dtype=float)


def _gelu(z: Array) -> Array:
    return z * _normal_below(z)


def _gelu_derivative(z: Array, a: Array) -> Array:
    near = np.clip(z, -_FLAT, _FLAT)
    return _normal_below(z) + near * np.exp(-0.5 * near * near) / math.sqrt(2.0 * math.pi)


def _tanh_softplus(z: Array) -> tuple[Array, Array]:
    """Return tanh(softplus(z)) and 1 - tanh(softplus(z))², from ``exp(-|z|)`` alone."""
    small = _upper(z)
    positive = z >= 0
    whole = np.where(positive, 1.0 + 2.0 * small, small * (small + 2.0))
    rest = np.where(positive, 2.0 * small * small, 2.0)
    return whole / (whole + rest), rest * (2.0 * whole + rest) / (whole + rest) ** 2


def _mish(z: Array) -> Array:
    return z * _tanh_softplus(z)[0]


def _mish_derivative(z: Array, a: Array) -> Array:
    gate, slope = _tanh_softplus(z)
    return gate + z * (slope * sigmoid(z))


def _hard_sigmoid(z: Array) -> Array:
    return np.clip(z, -3.0, 3.0) / 6.0 + 0.5


def _hard_sigmoid_derivative(z: Array, a: Array) -> Array:
    return np.where(np.abs(z) < 3.0, 1.0 / 6.0, 0.0)


def _hard_tanh(z: Array) -> Array:
    return np.clip(z, -1.0, 1.0)


def _hard_tanh_derivative(z: Array, a: Array) -> Array:
    return np.where(np.abs(z) < 1.0, 1.0, 0.0)


def _gaussian(z: Array) -> Array:
    near = np.clip(z, -_FLAT, _FLAT)
    return np.exp(-near * near)


def _gaussian_derivative(z: Array, a: Array) -> Array:
    return -2.0 * (z * a)


def _sine_derivative(z: Array, a: Array) -> Array:
    return np.cos(z)


def _step(z: Array) -> Array:
    return np.where(z >= 0, 1.0, 0.0)


# Kinks take the derivative of their left side, as torch does.
_ACTIVATIONS = [
    Activation(
        "linear", _linear, _linear_derivative, formula="z", derivative_formula="1", native="linear",
        aliases=("identity", "purelin"),
    ),
    Activation(
        "sigmoid", sigmoid, _sigmoid_derivative, formula="1 / (1 + exp(-z))", derivative_formula="a * (1 - a)",
        native="sigmoid", aliases=("logistic", "logsig"),
    ),
    Activation(
        "tanh", np.tanh, _tanh_derivative, formula="tanh(z)", derivative_formula="1 - a ** 2", native="tanh",
        aliases=("tansig", "hyperbolic_tangent"),
    ),
    Activation(
        "relu", _relu, _relu_derivative, formula="max(z, 0)", derivative_formula="where(z > 0, 1, 0)",
        native="relu", aliases=("rectifier", "rectified_linear"),
    ),
    Activation(
        "leaky_relu", _leaky_relu, _leaky_relu_derivative, parameters={"slope": 0.01},
        formula="where(z > 0, z, slope * z)", derivative_formula="where(z > 0, 1, slope)", native="leaky_relu",
    ),
    Activation(
        "elu", _elu, _elu_derivative, parameters={"alpha": 1.0},
        formula="where(z > 0, z, alpha * (exp(z) - 1))", derivative_formula="where(z > 0, 1, alpha * exp(z))",
        native="elu",
    ),
    Activation(
        "selu", _selu, _selu_derivative,
        formula=f"{SELU_SCALE!r} * where(z > 0, z, {SELU_ALPHA!r} * (exp(z) - 1))",
        derivative_formula=f"{SELU_SCALE!r} * where(z > 0, 1, {SELU_ALPHA!r} * exp(z))", native="selu",
    ),
    Activation(
        "softplus", softplus, _softplus_derivative,
        formula="log(1 + exp(z))", derivative_formula="1 / (1 + exp(-z))", native="softplus",
    ),
    Activation(
        "softsign", _softsign, _softsign_derivative,
        formula="z / (1 + abs(z))", derivative_formula="1 / (1 + abs(z)) ** 2", native="softsign",
    ),
    Activation(
        "silu", _silu, _silu_derivative,
        formula="z / (1 + exp(-z))", derivative_formula="(1 + z / (1 + exp(z))) / (1 + exp(-z))",
        aliases=("swish",), native="silu",
    ),
    Activation(
        "gelu", _gelu, _gelu_derivative, formula="z * (1 + erf(z / sqrt(2))) / 2",
        derivative_formula="(1 + erf(z / sqrt(2))) / 2 + z * exp(-z ** 2 / 2) / sqrt(2 * pi)", native="gelu",
    ),
    Activation(
        "mish", _mish, _mish_derivative, formula="z * tanh(log(1 + exp(z)))",
        derivative_formula="tanh(log(1 + exp(z))) + z * (1 - tanh(log(1 + exp(z))) ** 2) / (1 + exp(-z))",
        native="mish",
    ),
    Activation(
        "hard_sigmoid", _hard_sigmoid, _hard_sigmoid_derivative,
        formula="min(max(z / 6 + 1 / 2, 0), 1)", derivative_formula="where(abs(z) < 3, 1 / 6, 0)",
        native="hard_sigmoid",
    ),
    Activation(
        "hard_tanh", _hard_tanh, _hard_tanh_derivative,
        formula="min(max(z, -1), 1)", derivative_formula="where(abs(z) < 1, 1, 0)", native="hard_tanh",
    ),
    Activation(
        "gaussian", _gaussian, _gaussian_derivative, formula="exp(-z ** 2)", derivative_formula="-2 * z * a",
        aliases=("gauss",), native="gaussian",
    ),
    Activation(
        "sine", np.sin, _sine_derivative, formula="sin(z)", derivative_formula="cos(z)",
        native="sine", aliases=("sin",),
    ),
    Activation("step", _step, "refuse", formula="where(z >= 0, 1, 0)", aliases=("heaviside", "threshold")),
]  # fmt: skip


@hookimpl
def nodesim_activations() -> list[Activation]:
    """Return the built-in activations."""
    return list(_ACTIVATIONS)
