"""Exact expressions as those of SymPy, where SymPy is."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from nodesim.errors import MissingExtraError
from nodesim.exact.legend import Legend
from nodesim.exact.values import fraction_of
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
)


def converted(legend: Legend, expression: Expression, *, letters: bool) -> Any:
    """Return an expression as one of SymPy.

    Parameters
    ----------
    legend : Legend
    expression : Expression
    letters : bool
        Whether letters stay letters; else only those that were given do.

    Raises
    ------
    MissingExtraError
        If SymPy is not there.
    """
    try:
        import sympy
    except ImportError as error:
        raise MissingExtraError("sympy() needs the extra 'sympy': pip install 'nodesim[sympy]'.") from error
    converter = _Converter(sympy)
    for name in legend.needed(expression):
        own = letters or name not in legend.defined
        converter.known[name] = (
            sympy.Symbol(name, real=True) if own else converter.of(legend.defined[name])
        )  # fmt: skip
    return converter.of(expression)


class _Converter:
    """Writes expressions in SymPy's classes."""

    def __init__(self, sympy: Any) -> None:
        self.sympy = sympy
        self.known: dict[str, Any] = {"π": sympy.pi}
        self._calls: dict[str, Callable[..., Any]] = {
            "abs": sympy.Abs, "expm1": lambda u: sympy.exp(u) - 1, "log1p": lambda u: sympy.log(1 + u),
            "max": sympy.Max, "min": sympy.Min,
        }  # fmt: skip

    def of(self, expression: Expression) -> Any:
        """Return an expression of SymPy."""
        match expression:
            case Number():
                return self._rational(fraction_of(expression))
            case Symbol(name):
                return self.known[name]
            case Partial():
                return self.known[expression.name]
            case Sum(terms):
                return self.sympy.Add(*map(self.of, terms))
            case Product(factors):
                return self.sympy.Mul(*map(self.of, factors))
            case Negative(term):
                return -self.of(term)
            case Quotient(above, below):
                return self.of(above) / self.of(below)
            case Power(base, exponent):
                return self.of(base) ** self.of(exponent)
            case Comparison():
                # As a number it is 1 or 0.
                return self.sympy.Piecewise((1, self._condition(expression)), (0, True))
            case Call("where", (condition, then, otherwise)):
                return self.sympy.Piecewise((self.of(then), self._condition(condition)), (self.of(otherwise), True))
            case Call(name, arguments):
                call = self._calls.get(name) or getattr(self.sympy, name)
                return call(*map(self.of, arguments))

    def _rational(self, value: Fraction) -> Any:
        return self.sympy.Rational(value.numerator, value.denominator)

    def _condition(self, expression: Expression) -> Any:
        if not isinstance(expression, Comparison):
            return self.sympy.Ne(self.of(expression), 0)
        sign = {"<": self.sympy.Lt, "<=": self.sympy.Le, ">": self.sympy.Gt, ">=": self.sympy.Ge}[expression.sign]
        return sign(self.of(expression.left), self.of(expression.right))
