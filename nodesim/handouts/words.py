"""Sentences with formulas in them: said in a language first, the formulas put in afterwards."""

from __future__ import annotations

import re

from nodesim.notation.expressions import Expression
from nodesim.papers.blocks import Inline, Line, Math, Paragraph

# Between signs that steer, which no name that was shown can hold, stands which formula is meant.
_PLACE = re.compile("\x02(\\d+)\x03")


class Words:
    """Keeps formulas while a sentence about them is said.

    Examples
    --------
    >>> from nodesim.notation.expressions import Symbol
    >>> words = Words()
    >>> words.line(f"It is {words.math(Symbol('W1'))}.")
    ('It is ', Math(expression=Symbol(name='W1', value=None), numbers=False, digits=None), '.')
    """

    def __init__(self) -> None:
        self._kept: list[Inline] = []

    def math(self, expression: Expression, digits: int | None = None) -> str:
        """Return the place of a formula, to stand in a sentence."""
        return self._place(Math(expression, digits=digits))

    def _place(self, inline: Inline) -> str:
        self._kept.append(inline)
        return f"\x02{len(self._kept) - 1}\x03"

    def line(self, said: str) -> Line:
        """Return a sentence with its formulas."""
        pieces = _PLACE.split(said)
        # Words and numbers of formulas in turn.
        found = [self._kept[int(piece)] if place % 2 else piece for place, piece in enumerate(pieces)]
        return tuple(each for each in found if each != "")

    def paragraph(self, said: str) -> Paragraph:
        """Return a paragraph of a sentence with its formulas."""
        return Paragraph(self.line(said))
