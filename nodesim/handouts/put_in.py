"""Numbers put into a formula: with as many digits as it takes that the line can be calculated again as it stands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nodesim.errors import FunctionError
from nodesim.notation.expressions import (
    Call,
    Expression,
    Negative,
    Number,
    Partial,
    Product,
    Sum,
    Symbol,
    evaluate,
    parts,
    transform,
)
from nodesim.notation.symbols import MINUS, number

# What is put in has so many digits more than what comes out.
MORE = 2
# More than doubles have.
_ALL = 17


def enough(formula: Expression, value: float, digits: int) -> int:
    """Return with how many digits the numbers of a formula give its value when that is rounded to fewer.

    Parameters
    ----------
    formula : Expression
    value : float
        What comes out.
    digits : int
        To how many that is rounded.
    """
    wanted = number(unsigned(value), digits)
    for more in range(digits + MORE, _ALL):
        if _calculated(formula, more, digits) == wanted:
            return more
    # Also where a function is known by its name alone: nobody calculates that again.
    return digits + MORE if _calculated(formula, _ALL, digits) is None else max(_ALL, digits + MORE)


def _calculated(formula: Expression, more: int, digits: int) -> str | None:
    def rounded(part: Expression) -> Expression | None:
        known = isinstance(part, Symbol | Partial | Number) and isinstance(part.value, float)
        return Number(as_written(part.value, more)) if known else None  # type: ignore[union-attr]

    try:
        with np.errstate(all="ignore"):
            return number(unsigned(float(evaluate(transform(formula, rounded)))), digits)
    except (FunctionError, ArithmeticError):
        return None


def as_written(value: float, digits: int) -> float:
    """Return a number as it is read again where it was written with so many digits."""
    return float(number(value, digits).replace(MINUS, "-"))


def bracketed(formula: Expression) -> Expression:
    """Put every negative number that is added or multiplied into brackets, also the first: a sum stays a sum.

    Examples
    --------
    >>> from nodesim.notation.text import text
    >>> text(bracketed(Sum((Symbol("a", -0.5), Symbol("b", -2.0)))), numbers=True)
    '(−0.5) + (−2)'
    """
    return transform(formula, _written)


def _written(part: Expression) -> Expression | None:
    match part:
        case Symbol() | Partial() if isinstance(part.value, float):
            return replace(part, value=unsigned(part.value))
        case Sum():
            return Sum(tuple(map(_inside, parts(part))))
        case Product():
            return Product(tuple(map(_inside, parts(part))))
        case Negative(term):
            return Negative(_inside(term))
    return None


def _inside(part: Expression) -> Expression:
    found = bracketed(part)
    negative = isinstance(found, Symbol | Partial) and isinstance(found.value, float) and found.value < 0
    # The call of no function: what is left of it are its brackets.
    return Call("", (found,)) if negative else found


def unsigned(value: float) -> float:
    """Return a number, 0 without the sign that doubles have there: nobody writes −0."""
    return value + 0.0
