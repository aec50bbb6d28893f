"""Where long formulas are broken: sums at their terms, products between their factors, brackets with what they hold.

A formula becomes rows, and a row pieces: rows stand under one another, and where a row is too long for its place it
may be broken between its pieces, which are never broken themselves. Whoever writes says how signs look.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from nodesim.notation.expressions import (
    Call,
    Comparison,
    Expression,
    Negative,
    Partial,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    parts,
)
from nodesim.notation.printing import POWER, PRODUCT, SIGNED, SUM, Writer
from nodesim.notation.text import text

# In letters: a sum that is wider, and of terms that are, is broken at its terms; brackets around a short one stay a
# piece.
_LONG, _TERM, _BRACKETED = 56.0, 25.0, 18.0
_SIGN, _DOT = 3.0, 2.5


@dataclass(frozen=True)
class Signs:
    """How a writer writes what stands between pieces: before a term or factor, around a sum, or a sum of fractions."""

    plus: str
    minus: str
    dot: str
    opening: str
    closing: str
    high_opening: str
    high_closing: str


@dataclass(frozen=True)
class Row:
    """One row of a formula, indented so many times, and its pieces."""

    depth: int
    pieces: tuple[str, ...]


def width(expression: Expression, *, numbers: bool = False, digits: int | None = None) -> float:
    """Estimate how wide an expression is, in letters: fractions are as wide as the wider of their halves.

    Examples
    --------
    >>> width(Partial("OA1", "O1")), width(Product((Partial("e", "W1"), Partial("OA1", "O1"))))
    (5.4, 12.3)
    """
    if numbers and isinstance(getattr(expression, "value", None), float):
        return float(len(text(expression, digits, numbers=True)))
    match expression:
        case Partial(numerator, denominator):
            return 2.4 + max(len(numerator), len(denominator))
        case Quotient(over, under):
            return max(width(each, numbers=numbers, digits=digits) for each in (over, under))
        case Symbol(name):
            return 0.5 + len(name)
        case Sum(terms):
            return sum(width(each, numbers=numbers, digits=digits) + _SIGN for each in terms) - _SIGN
        case Product(factors):
            return (
                sum(width(each, numbers=numbers, digits=digits) + _DOT for each in factors)
                - _DOT
                + 2.0 * _sums(factors)
            )
        case Negative(term):
            return 1.0 + width(term, numbers=numbers, digits=digits)
        case Comparison(left, _, right):
            return _SIGN + sum(width(each, numbers=numbers, digits=digits) for each in (left, right))
        case Call(function, arguments):
            inside = sum(width(each, numbers=numbers, digits=digits) for each in arguments)
            return len(function) + inside + 2.0 * len(arguments)
        case Power(base, exponent):
            return sum(width(each, numbers=numbers, digits=digits) for each in (base, exponent))
    return float(len(text(expression, digits, numbers=numbers)))


def _sums(factors: Iterable[Expression]) -> int:
    return sum(isinstance(factor, Sum) for factor in factors)


class Breaker:
    """Breaks formulas.

    Parameters
    ----------
    writer : Writer
        Writes the pieces.
    signs : Signs
    """

    def __init__(self, writer: Writer, signs: Signs) -> None:
        self.writer = writer
        self.signs = signs

    def rows(self, expression: Expression) -> list[Row]:
        """Return the rows of a formula."""
        return self._rows(expression, 0)

    def _rows(self, expression: Expression, depth: int) -> list[Row]:
        match expression:
            case Sum(terms):
                return self._sum(terms, depth, apart=self._is_long(terms))
            case Product(factors):
                return self._product(factors, depth)
            case Negative(Product(factors) as term) if self.writer.write(term)[1] >= PRODUCT:
                return _before(self.writer.minus, self._product(factors, depth))
        return [Row(depth, (self.writer.write(expression)[0],))]

    def _sum(self, terms: tuple[Expression, ...], depth: int, *, apart: bool) -> list[Row]:
        rows = self._rows(terms[0], depth)
        for term in terms[1:]:
            level = self.writer.write(term)[1]
            if level < SUM:
                more, sign = [Row(depth, (self.writer.within(term, SUM),))], self.signs.plus
            elif level == SIGNED:
                more, sign = _without(self.writer.minus, self._rows(term, depth)), self.signs.minus
            else:
                more, sign = self._rows(term, depth), self.signs.plus
            more = _before(sign, more)
            rows = [*rows, *more] if apart else _joined(rows, more)
        return rows

    def _product(self, factors: tuple[Expression, ...], depth: int) -> list[Row]:
        rows: list[Row] = []
        for factor in factors:
            if isinstance(factor, Sum) and (self._width(factor) > _BRACKETED or any(map(_nested, factor.terms))):
                more = self._sum(factor.terms, depth + 1, apart=self._is_long(factor.terms))
                more = self._enclosed(factor, more)
                more[0] = replace(more[0], depth=depth)
            else:
                written = self.writer.within(factor, POWER) if rows else self.writer.leading(factor)[0]
                more = [Row(depth, (written,))]
            rows = _joined(rows, _before(self.signs.dot, more)) if rows else more
        return rows

    def _is_long(self, terms: tuple[Expression, ...]) -> bool:
        widths = [self._width(term) for term in terms]
        whole = sum(widths) + _SIGN * (len(widths) - 1)
        return (whole > _LONG and max(widths) > _TERM) or any(map(_nested, terms))

    def _enclosed(self, inner: Sum, rows: list[Row]) -> list[Row]:
        signs = self.signs
        if self._is_high(inner):
            return _after(_before(signs.high_opening, rows), signs.high_closing)
        return _after(_before(signs.opening, rows), signs.closing)

    def _is_high(self, expression: Expression) -> bool:
        fraction = isinstance(expression, Quotient) or (isinstance(expression, Partial) and not self.writer.numbers)
        return fraction or any(map(self._is_high, parts(expression)))

    def _width(self, expression: Expression) -> float:
        return width(expression, numbers=self.writer.numbers, digits=self.writer.digits)


def _nested(term: Expression) -> bool:
    """Tell whether a term is a product with a sum in brackets."""
    return isinstance(term, Product) and any(
        isinstance(factor, Sum)
        and len(factor.terms) > 1
        and any(isinstance(part, Product | Partial) for part in factor.terms)
        for factor in term.factors
    )


def _joined(rows: list[Row], more: list[Row]) -> list[Row]:
    """Go on in the last row."""
    last = replace(rows[-1], pieces=rows[-1].pieces + more[0].pieces)
    return [*rows[:-1], last, *more[1:]]


def _before(sign: str, rows: list[Row]) -> list[Row]:
    first = rows[0].pieces
    return [replace(rows[0], pieces=(sign + first[0], *first[1:])), *rows[1:]]


def _after(rows: list[Row], sign: str) -> list[Row]:
    last = rows[-1].pieces
    return [*rows[:-1], replace(rows[-1], pieces=(*last[:-1], last[-1] + sign))]


def _without(sign: str, rows: list[Row]) -> list[Row]:
    first = rows[0].pieces
    return [replace(rows[0], pieces=(first[0].removeprefix(sign), *first[1:])), *rows[1:]]
