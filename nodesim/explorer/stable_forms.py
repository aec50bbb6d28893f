"""Formulas that lose no digits, of the functions that have a native form: what the page calculates with.

The formulas that a reader sees are short; calculated as they stand they overflow, or leave nothing of a difference.
These here are what the native forms are, step by step. Besides what every formula may say, they may call the functions
of `MORE`.
"""

from __future__ import annotations

import math

from nodesim.functions.constants import SELU_ALPHA, SELU_SCALE

# erfc(z) is 1 - erf(z); of a loss, others(y) is for each output the sum of the other ones' y, and log_softmax(a) the
# logarithm of softmax(a).
MORE = ("erfc", "others", "log_softmax")

# exp(-40²) is 0 in double precision.
_NEAR = "clip(z, -40, 40)"
# Below, 1 - |a| is taken from z: the last digit of a is 6e-14 of it there.
_CANCELS = repr(2.0**-9)


def _sigmoid(z: str) -> str:
    return f"(max(exp(-abs({z})), sign({z})) / (1 + exp(-abs({z}))))"


def _choice(least: str, then: str, otherwise: str = "0") -> str:
    return f"where({least}, {then}, {otherwise})"


_UPPER = "exp(-abs(z))"
_NORMAL_BELOW = f"(0.5 * erfc(z * {-math.sqrt(0.5)!r}))"
# tanh(softplus(z)) is WHOLE / (WHOLE + REST).
_WHOLE = _choice("z >= 0", f"1 + 2 * {_UPPER}", f"{_UPPER} * ({_UPPER} + 2)")
_REST = _choice("z >= 0", f"2 * {_UPPER} * {_UPPER}", "2")
_GATE = f"{_WHOLE} / ({_WHOLE} + {_REST})"
_GATE_SLOPE = f"{_REST} * (2 * {_WHOLE} + {_REST}) / ({_WHOLE} + {_REST}) ** 2"
_MIN_DISTANCE = "min(abs(y - a), delta)"

# HA in terms of z, ∂HA/∂H in terms of z and a.
ACTIVATIONS: dict[str, tuple[str, str]] = {
    "linear": ("z + 0", "1"),
    "sigmoid": (_sigmoid("z"), f"a * {_choice(f'1 - a < {_CANCELS}', f'{_UPPER} * a', '1 - a')}"),
    "tanh": (
        "tanh(z)",
        f"(1 + abs(a)) * {_choice(f'1 - abs(a) < {_CANCELS}', f'{_UPPER} ** 2 * (1 + abs(a))', '1 - abs(a)')}",
    ),
    "relu": ("max(z, 0)", "where(z > 0, 1, 0)"),
    "leaky_relu": ("where(z > 0, z, slope * z)", "where(z > 0, 1, slope)"),
    "elu": ("where(z > 0, z, alpha * expm1(min(z, 0)))", "where(z > 0, 1, alpha * exp(min(z, 0)))"),
    "selu": (
        f"{SELU_SCALE!r} * where(z > 0, z, {SELU_ALPHA!r} * expm1(min(z, 0)))",
        f"where(z > 0, {SELU_SCALE!r}, {SELU_SCALE * SELU_ALPHA!r} * exp(min(z, 0)))",
    ),
    "softplus": (f"max(z, 0) + log1p({_UPPER})", _sigmoid("z")),
    "softsign": ("z / (1 + abs(z))", "(1 / (1 + abs(z))) ** 2"),
    "silu": (f"z * {_sigmoid('z')}", f"{_sigmoid('z')} * (1 + z * {_sigmoid('-z')})"),
    "gelu": (
        f"z * {_NORMAL_BELOW}",
        f"{_NORMAL_BELOW} + {_NEAR} * exp(-0.5 * {_NEAR} * {_NEAR}) / {math.sqrt(2.0 * math.pi)!r}",
    ),
    "mish": (f"z * ({_GATE})", f"{_GATE} + z * ({_GATE_SLOPE} * {_sigmoid('z')})"),
    "hard_sigmoid": ("clip(z, -3, 3) / 6 + 0.5", "where(abs(z) < 3, 1 / 6, 0)"),
    "hard_tanh": ("clip(z, -1, 1)", "where(abs(z) < 1, 1, 0)"),
    "gaussian": (f"exp(-{_NEAR} * {_NEAR})", "-2 * (z * a)"),
    "sine": ("sin(z)", "cos(z)"),
}

# e and ∂e/∂OA in terms of y, a and n.
LOSSES: dict[str, tuple[str, str]] = {
    "mse": ("sum((y - a) * ((y - a) / n))", "-2 / n * (y - a)"),
    "mae": ("mean(abs(y - a))", "sign(a - y) / n"),
    "half_squared_error": ("sum((y - a) * (0.5 * (y - a)))", "a - y"),
    "huber": (
        f"mean({_MIN_DISTANCE} * (abs(y - a) - 0.5 * {_MIN_DISTANCE}))",
        "clip(a - y, -delta, delta) / n",
    ),
    "log_cosh": (
        f"mean(abs(y - a) + log1p(exp(-2 * abs(y - a))) - {math.log(2.0)!r})", "tanh(a - y) / n",
    ),
    "softmax_cross_entropy": (
        "sum(where(y > 0, -y * log_softmax(a), 0))", "softmax(a) * others(y) - y * others(softmax(a))",
    ),
}  # fmt: skip

# The same of losses of the weighted sums, for which a stands there.
LOSSES_OF_SUMS: dict[str, tuple[str, str]] = {
    "binary_cross_entropy": (
        "mean(where(a > 0, (1 - y) * a, -y * a) + log1p(exp(-abs(a))))",
        f"((1 - y) * {_sigmoid('a')} - y * {_sigmoid('-a')}) / n",
    ),
}
