"""How wide the columns of a table are: as wide as what stands in them, or cut to the room there is."""

from __future__ import annotations

from nodesim.drawing.measuring import width as width_of_words
from nodesim.papers.blocks import Blank, Inline, Line, Math, Strong, Table
from nodesim.papers.breaking import width
from nodesim.papers.words import answer_of
from nodesim.wording.language import Language

_TYPE, _LETTER, _GAP, _LEAST = 10.0, 5.6, 12.0, 40.0
_ROOM = {"number": 90.0, "path": 190.0}


def column_widths(table: Table, room: float, language: Language) -> list[float | None]:
    """Return the widths of the columns in points; None for those that are as wide as what stands in them."""
    columns = list(
        zip(*([_words(head) for head in table.heads], *([_cell(each, language) for each in row] for row in table.rows)))
    )
    natural = [max(column) for column in columns]
    left = room - _GAP * (len(natural) - 1)
    if sum(natural) <= left:
        return [None] * len(natural)
    widths: list[float | None] = [None] * len(natural)
    # Narrow columns keep their width; the others share what is left.
    wide = sorted(range(len(natural)), key=lambda place: natural[place])
    for done, place in enumerate(wide):
        share = left / (len(wide) - done)
        taken = min(natural[place], share)
        widths[place] = max(taken, _LEAST)
        left -= taken
    return widths


def _cell(line: Line, language: Language) -> float:
    return sum(_inline(inline, language) for inline in line)


def _inline(inline: Inline, language: Language) -> float:
    match inline:
        case str():
            return _words(inline)
        case Strong(words):
            return _words(words) * 1.1
        case Math(expression, numbers, digits):
            return width(expression, numbers=numbers, digits=digits) * _LETTER + 4.0
        case Blank(kind="choice", name=name, choices=choices):
            return sum(map(_words, choices)) + 20.0 * len(choices) + _words(name)
    return max(_ROOM[inline.kind], _words(answer_of(inline, language)) * 1.1, _words(inline.name) * 0.75)


def _words(words: str) -> float:
    return width_of_words(words, _TYPE)
