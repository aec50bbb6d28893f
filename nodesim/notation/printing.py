"""What the linear printers share: when an expression needs brackets, and how signs are written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from nodesim.notation.expressions import Expression, Number, Partial, Symbol

# How tightly a written expression holds together; what is looser than its place asks for goes into brackets.
COMPARISON, SUM, SIGNED, PRODUCT, POWER, ATOM = range(6)


class Writer(ABC):
    """Writes expressions on one line.

    Parameters
    ----------
    digits : int or None
        Significant digits of the numbers; None loses nothing.
    numbers : bool
        Whether symbols that have one value are written as that number.
    """

    minus: ClassVar[str]
    dot: ClassVar[str]
    brackets: ClassVar[tuple[str, str]]

    def __init__(self, digits: int | None = None, *, numbers: bool = False) -> None:
        self.digits = digits
        self.numbers = numbers
        # Paths have most of their partial derivatives in common, and hold them as the same objects: each is written
        # once. It is kept beside what is written, so that no other object gets its identity meanwhile.
        self._partials: dict[int, tuple[Partial, tuple[str, int]]] = {}

    def write(self, expression: Expression) -> tuple[str, int]:
        """Return the written expression, and how tightly it holds together."""
        if isinstance(expression, Partial):
            known = self._partials.get(id(expression))
            if known is None:
                known = self._partials[id(expression)] = expression, self._written(expression)
            return known[1]
        return self._written(expression)

    def _written(self, expression: Expression) -> tuple[str, int]:
        if self.numbers and isinstance(expression, Symbol | Partial) and isinstance(expression.value, float):
            return self.form(Number(expression.value))
        return self.form(expression)

    @abstractmethod
    def form(self, expression: Expression) -> tuple[str, int]:
        """Write an expression as it is, in the form of the printer."""

    def within(self, expression: Expression, least: int) -> str:
        """Write an expression, in brackets if it holds together less than its place asks for."""
        written, level = self.write(expression)
        return written if level >= least else self._bracketed(written)

    def leading(self, expression: Expression) -> tuple[str, int]:
        """Write what stands first in a product: its minus sign becomes that of the whole."""
        written, level = self.write(expression)
        return (self._bracketed(written), PRODUCT) if level < SIGNED else (written, min(level, PRODUCT))

    def _bracketed(self, written: str) -> str:
        return written.join(self.brackets)

    def sum(self, terms: tuple[Expression, ...]) -> tuple[str, int]:
        """Write a sum; what has a minus is subtracted."""
        (first, _), *others = map(self._term, terms)
        return first + "".join(
            f" {self.minus} {written.removeprefix(self.minus)}" if level == SIGNED else f" + {written}"
            for written, level in others
        ), SUM

    def _term(self, term: Expression) -> tuple[str, int]:
        written, level = self.write(term)
        # z > 0 + 1 would be another comparison.
        return (written, level) if level > COMPARISON else (self._bracketed(written), ATOM)

    def product(self, factors: tuple[Expression, ...]) -> tuple[str, int]:
        """Write a product."""
        first, level = self.leading(factors[0])
        return self.dot.join([first, *(self.within(factor, POWER) for factor in factors[1:])]), level
