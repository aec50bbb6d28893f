"""Expressions as Unicode text on one line.

Put ``*``, ``-`` and ``**`` for ``·``, ``−`` and ``^``, and it is Python.
"""

from __future__ import annotations

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
from nodesim.notation.printing import ATOM, COMPARISON, POWER, PRODUCT, SIGNED, SUM, Writer
from nodesim.notation.symbols import DOT, MINUS, number
from nodesim.showing import shown


def text(expression: Expression, digits: int | None = None, *, numbers: bool = False) -> str:
    """Write an expression.

    Parameters
    ----------
    expression : Expression
    digits : int, optional
        Significant digits of the numbers; by default as many as it takes to lose nothing.
    numbers : bool
        Whether symbols that have one value are written as that number.

    Examples
    --------
    >>> from nodesim.notation.syntax import parse
    >>> text(parse("-2 / n * (y - a)"))
    '−2/n·(y − a)'
    """
    return Text(digits, numbers=numbers).write(expression)[0]


class Text(Writer):
    """Writes expressions as Unicode text; see `text`."""

    minus, dot, brackets = MINUS, DOT, ("(", ")")

    def form(self, expression: Expression) -> tuple[str, int]:
        """Write an expression as it is."""
        match expression:
            case Number(value):
                written = number(value, self.digits)
                return written, SIGNED if written.startswith(MINUS) else ATOM
            case Symbol() | Partial():
                return shown(expression.name), ATOM
            case Sum(terms):
                return self.sum(terms)
            case Product(factors):
                return self.product(factors)
            case Quotient(over, under):
                above, level = self.leading(over)
                return f"{above}/{self.within(under, POWER)}", level
            case Power(base, exponent):
                return f"{self.within(base, ATOM)}^{self.within(exponent, ATOM)}", POWER
            case Negative(term):
                return f"{MINUS}{self.within(term, PRODUCT)}", SIGNED
            case Comparison(left, sign, right):
                return f"{self.within(left, SUM)} {sign} {self.within(right, SUM)}", COMPARISON
            case Call(function, arguments):
                return f"{shown(function)}({', '.join(self.write(argument)[0] for argument in arguments)})", ATOM
