"""Activations as operators of ONNX, or as functions of the model's own, in the domain "nodesim".

onnxruntime has no float64 kernel for Softplus, Elu, Selu, HardSigmoid, Softsign, PRelu and their kin, and attributes
such as alpha are float32 even in models of doubles. So these are functions of the model, composed of operators that it
has, and parameters are their inputs. nodesim's own are written by hand where their formula would overflow; any other
as its formula says.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from nodesim._version import version
from nodesim.errors import ExchangeError, FunctionError
from nodesim.exchange.onnx import formula_bodies
from nodesim.exchange.onnx.bodies import Body
from nodesim.functions.constants import SELU_ALPHA, SELU_SCALE
from nodesim.functions.contracts import Activation
from nodesim.functions.formulas import activation_expression

DOMAIN = "nodesim"
OPSET, OWN_OPSET = 17, 1
# Those that onnxruntime has in float64, as nodesim calculates them.
OPERATORS = {"relu": "Relu", "sigmoid": "Sigmoid", "sine": "Sin", "tanh": "Tanh"}

_FLAT = 40.0  # exp(-40²) is 0 in double precision, so nothing changes beyond


def _scaled_elu(body: Body, alpha: str | float) -> str:
    below = body.do("Mul", alpha, body.expm1(body.do("Min", "z", 0.0)))
    return body.do("Where", body.do("Greater", "z", 0.0), "z", below)


def _leaky_relu(body: Body) -> str:
    return body.do("Where", body.do("Greater", "z", 0.0), "z", body.do("Mul", "slope", "z"))


def _upper(body: Body) -> str:
    return body.do("Exp", body.do("Neg", body.do("Abs", "z")))


def _softsign(body: Body) -> str:
    return body.do("Div", "z", body.do("Add", body.do("Abs", "z"), 1.0))


def _silu(body: Body) -> str:
    # Not by Sigmoid: z · sigmoid(z) onnxruntime 1.18 takes for an operator of its own, which it has in float32 only.
    return body.do("Div", "z", body.do("Add", body.do("Exp", body.do("Neg", "z")), 1.0))


def _gelu(body: Body) -> str:
    share = body.do("Add", body.do("Erf", body.do("Mul", "z", 0.5**0.5)), 1.0)
    return body.do("Mul", "z", body.do("Mul", share, 0.5))


def _mish(body: Body) -> str:
    small = _upper(body)
    positive = body.do("GreaterOrEqual", "z", 0.0)
    above = body.do("Add", body.do("Mul", small, 2.0), 1.0)
    below = body.do("Mul", small, body.do("Add", small, 2.0))
    whole = body.do("Where", positive, above, below)
    rest = body.do("Where", positive, body.do("Mul", body.do("Mul", small, small), 2.0), 2.0)
    return body.do("Mul", "z", body.do("Div", whole, body.do("Add", whole, rest)))


def _clipped(body: Body, bound: float) -> str:
    return body.do("Min", body.do("Max", "z", -bound), bound)


def _gaussian(body: Body) -> str:
    near = _clipped(body, _FLAT)
    return body.do("Exp", body.do("Neg", body.do("Mul", near, near)))


_BY_HAND: dict[str, Callable[[Body], str]] = {
    "leaky_relu": _leaky_relu,
    "elu": lambda body: _scaled_elu(body, "alpha"),
    "selu": lambda body: body.do("Mul", _scaled_elu(body, SELU_ALPHA), SELU_SCALE),
    "softplus": lambda body: body.softplus("z"),
    "softsign": _softsign,
    "silu": _silu,
    "gelu": _gelu,
    "mish": _mish,
    "hard_sigmoid": lambda body: body.do("Add", body.do("Div", _clipped(body, 3.0), 6.0), 0.5),
    "hard_tanh": lambda body: _clipped(body, 1.0),
    "gaussian": _gaussian,
    "step": lambda body: body.do("Where", body.do("GreaterOrEqual", "z", 0.0), 1.0, 0.0),
}


def operator_of(activation: Activation) -> str | None:
    """Return ONNX's own operator for an activation; "" for linear, which needs none; None if there is none."""
    if not _of_nodesim(activation):
        return None
    return "" if activation.name == "linear" else OPERATORS.get(activation.name)


def function_of(onnx: Any, activation: Activation, name: str, dtype: str) -> Any:
    """Return an activation as a function of the model: of z and of its parameters, in their order.

    Raises
    ------
    ExchangeError
        If it has no formula, or one that ONNX has no operators for.
    """
    body = Body(onnx, dtype, activation.label)
    if _of_nodesim(activation) and activation.name in _BY_HAND:
        body.end(_BY_HAND[activation.name](body))
    else:
        formula_bodies.write(body, _expression(activation))
    return onnx.helper.make_function(
        DOMAIN, name, ["z", *activation.parameters], ["a"], body.nodes,
        [onnx.helper.make_opsetid("", OPSET)],
        doc_string=json.dumps({"activation": activation.name, "formula": activation.formula}),
    )  # fmt: skip


def _expression(activation: Activation) -> Any:
    what = f"{activation.label} has no formula that an ONNX file could carry"
    advice = "write it as one: Activation(..., formula='z / (1 + exp(-z))')"
    if not activation.formula:
        raise ExchangeError(f"{what}; {advice}.")
    try:
        return activation_expression(activation.formula, activation.parameters)
    except FunctionError as error:
        raise ExchangeError(f"{what}: {error} Instead, {advice}.") from error


def _of_nodesim(activation: Activation) -> bool:
    return activation.origin == f"nodesim {version}"
