"""Formulas of activations as steps of ONNX."""

from __future__ import annotations

import functools
from collections.abc import Callable

from nodesim.errors import ExchangeError
from nodesim.exchange.onnx.bodies import Body
from nodesim.notation.expressions import (
    Call,
    Comparison,
    Expression,
    Negative,
    Number,
    Partial,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    leaves,
)

_SIGNS = {"<": "Less", "<=": "LessOrEqual", ">": "Greater", ">=": "GreaterOrEqual"}
# erf has no float64 kernel in onnxruntime, and none can be made of a few steps.
_OPERATORS = {
    "abs": "Abs", "cos": "Cos", "erf": "Erf", "exp": "Exp", "log": "Log", "max": "Max", "min": "Min", "sign": "Sign",
    "sin": "Sin", "sqrt": "Sqrt", "tanh": "Tanh",
}  # fmt: skip


def write(body: Body, expression: Expression) -> None:
    """Write the formula of an activation: z and the parameters are inputs of those names."""
    found = _Walk(body).of(expression)
    if not any(isinstance(leaf, Symbol) and leaf.name == "z" for leaf in leaves(expression)):
        # One number stands for every sample.
        found = body.do("Add", body.do("Mul", "z", 0.0), found)
    body.end(found)


class _Walk:
    """Writes the parts of an expression, each once."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.known: dict[Expression, str] = {}
        self._composed: dict[str, Callable[[str], str]] = {
            name: getattr(body, name) for name in ("asinh", "atan", "cosh", "expm1", "log1p", "sinh", "tan")
        }

    def of(self, expression: Expression) -> str:
        """Return the name of its value."""
        if expression not in self.known:
            self.known[expression] = self._written(expression)
        return self.known[expression]

    def _written(self, expression: Expression) -> str:
        do = self.body.do
        match expression:
            case Number(value):
                return self.body.number(value)
            case Symbol(name, value):
                return name if value is None else self.body.number(float(value))
            case Sum(terms):
                return functools.reduce(lambda left, right: do("Add", left, right), map(self.of, terms))
            case Product(factors):
                return functools.reduce(lambda left, right: do("Mul", left, right), map(self.of, factors))
            case Negative(term):
                return do("Neg", self.of(term))
            case Quotient(over, under):
                return do("Div", self.of(over), self.of(under))
            case Power(base, exponent):
                return do("Pow", self.of(base), self.of(exponent))
            case Comparison():
                # As a number it is 1 or 0.
                return do("Where", self._condition(expression), 1.0, 0.0)
            case Call(name, arguments):
                return self._call(name, arguments)
            case Partial():
                raise ExchangeError(f"{self.body.who}: {expression.name} is no part of a formula.")

    def _call(self, name: str, arguments: tuple[Expression, ...]) -> str:
        if name == "where":
            condition, then, otherwise = arguments
            return self.body.do("Where", self._condition(condition), self.of(then), self.of(otherwise))
        if (power := _of_softplus(name, arguments[0])) is not None:
            return self.body.softplus(self.of(power))
        if name in self._composed:
            return self._composed[name](self.of(arguments[0]))
        if name not in _OPERATORS:
            raise ExchangeError(f"{self.body.who}: its formula has the function {name}, and ONNX has none of that.")
        return self.body.do(_OPERATORS[name], *map(self.of, arguments))

    def _condition(self, expression: Expression) -> str:
        if isinstance(expression, Comparison):
            return self.body.do(_SIGNS[expression.sign], self.of(expression.left), self.of(expression.right))
        return self.body.do("Not", self.body.do("Equal", self.of(expression), 0.0))


def _of_softplus(name: str, argument: Expression) -> Expression | None:
    """Return u of log(1 + exp(u)), which would overflow as it is written; None if it is something else."""
    match name, argument:
        case "log1p", Call("exp", (power,)):
            return power
        case "log", Sum((Number(1.0), Call("exp", (power,))) | (Call("exp", (power,)), Number(1.0))):
            return power
    return None
