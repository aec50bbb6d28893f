"""How wide the columns of a table are: as wide as what stands in them, or cut to the room there is."""

from __future__ import annotations

from collections.abc import Sequence

from nodesim.drawing.measuring import width as width_of_words
from nodesim.notation.expressions import Expression, Partial, Quotient, Symbol, parts, transform
from nodesim.notation.tex_signs import visible
from nodesim.papers.blocks import Blank, Inline, Line, Math, Strong, Table
from nodesim.papers.breaking import width
from nodesim.papers.words import answer_of
from nodesim.wording.language import Language

_TYPE, _LETTER, _GAP = 10.5, 5.1, 12.0
# The height of a row of words, in points.
_ROW = 18.0
_ROOM = {"number": 78.0, "path": 186.0}


def column_widths(table: Table, room: float, language: Language) -> list[float]:
    """Return the widths of the columns in points."""
    columns = list(zip([_words(head, bold=True) for head in table.heads], *(_row(row, language) for row in table.rows)))
    natural = [max(column) for column in columns]
    left = room - _GAP * (len(natural) - 1)
    widths = [0.0] * len(natural)
    # Narrow columns keep their width; where all together are too wide, the others share what is left.
    order = sorted(range(len(natural)), key=lambda place: natural[place])
    for done, place in enumerate(order):
        widths[place] = min(natural[place], left / (len(order) - done))
        left -= widths[place]
    return widths


def height_of(table: Table, small: int) -> float:
    """Estimate how high the part of a table is that must stay on one sheet, in points: of a small one all of it."""
    rows = table.rows if len(table.rows) <= small else table.rows[:2]
    return 2.0 * _ROW + sum(max((_high(inline) for cell in row for inline in cell), default=_ROW) for row in rows)


def _high(inline: Inline) -> float:
    match inline:
        case Blank(kind="number" | "path"):
            return 2.0 * _ROW
        case Math(expression) if has_fraction(expression):
            return 1.9 * _ROW
    return _ROW


def has_fraction(expression: Expression) -> bool:
    """Tell whether something stands over something else in an expression."""
    return isinstance(expression, Partial | Quotient) or any(map(has_fraction, parts(expression)))


def _row(row: Sequence[Line], language: Language) -> list[float]:
    return [sum(_inline(inline, language) for inline in cell) for cell in row]


def _inline(inline: Inline, language: Language) -> float:
    match inline:
        case str():
            return _words(inline)
        case Strong(words):
            return _words(words, bold=True)
        case Math(expression, numbers, digits):
            return width(transform(expression, _as_shown), numbers=numbers, digits=digits) * _LETTER + 4.0
        case Blank(kind="choice", caption=caption, choices=choices):
            return sum(map(_words, choices)) + 20.0 * len(choices) + _words(caption)
    return max(_ROOM[inline.kind], _words(answer_of(inline, language), bold=True), _words(inline.caption) * 0.75)


def _words(words: str, *, bold: bool = False) -> float:
    return width_of_words(visible(words), _TYPE, bold=bold)


def _as_shown(part: Expression) -> Expression | None:
    match part:
        case Symbol(name, value):
            return Symbol(visible(name), value)
        case Partial(numerator, denominator, value):
            return Partial(visible(numerator), visible(denominator), value)
    return None
