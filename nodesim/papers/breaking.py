"""Where long formulas are broken: sums at their terms, products between their factors, brackets with what they hold.

A formula becomes rows, and a row pieces: rows stand under one another, and where a row is too long for its place it
may be broken between its pieces, which are never broken themselves. Whoever writes says how signs look.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from nodesim.notation.expressions import (
    Comparison,
    Expression,
    Negative,
    Partial,
    Product,
    Quotient,
    Sum,
    parts,
)
from nodesim.notation.printing import POWER, SIGNED, SUM, Writer
from nodesim.notation.text import text

# A sum that is wider, in letters, is broken at its terms; brackets around a shorter one stay a piece.
_LONG, _BRACKETED = 44.0, 18.0
_SIGN = 3.0


@dataclass(frozen=True)
class Signs:
    """How a writer writes what stands between pieces: before a term or a factor, around a sum on several rows."""

    plus: str
    minus: str
    dot: str
    opening: str
    closing: str


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
    (4.0, 10.0)
    """
    if numbers and isinstance(getattr(expression, "value", None), float):
        return float(len(text(expression, digits, numbers=True)))
    match expression:
        case Partial(numerator, denominator):
            return 1.0 + max(len(numerator), len(denominator))
        case Quotient(over, under):
            return max(width(each, numbers=numbers, digits=digits) for each in (over, under))
        case Sum(inner) | Product(inner):
            widths = [width(each, numbers=numbers, digits=digits) for each in inner]
            return sum(widths) + _SIGN * (len(widths) - 1) + 2.0 * isinstance(expression, Product) * _sums(inner)
        case Negative(term):
            return 1.0 + width(term, numbers=numbers, digits=digits)
        case Comparison(left, _, right):
            return _SIGN + sum(width(each, numbers=numbers, digits=digits) for each in (left, right))
    inner = parts(expression)
    return float(len(text(expression, digits, numbers=numbers))) if not inner else _SIGN * len(inner) + sum(
        width(each, numbers=numbers, digits=digits) for each in inner
    )  # fmt: skip


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
                return self._sum(terms, depth, apart=self._width(expression) > _LONG or any(map(_nested, terms)))
            case Product(factors):
                return self._product(factors, depth)
            case Negative(Product(factors)):
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
                apart = self._width(factor) > _LONG or any(map(_nested, factor.terms))
                more = self._sum(factor.terms, depth + 1, apart=apart)
                more = _after(_before(self.signs.opening, more), self.signs.closing)
                more[0] = replace(more[0], depth=depth)
            else:
                written = self.writer.within(factor, POWER) if rows else self.writer.leading(factor)[0]
                more = [Row(depth, (written,))]
            rows = _joined(rows, _before(self.signs.dot, more)) if rows else more
        return rows

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
