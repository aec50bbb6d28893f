"""Tables for readers: rows of text as plain lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from nodesim.notation.symbols import shown

Rows = Sequence[Sequence[str]]


def lines(heads: Sequence[str], rows: Rows, sides: str) -> list[str]:
    r"""Return a table as lines of text.

    Parameters
    ----------
    heads : sequence of str
    rows : sequence of sequence of str
    sides : str
        For each column "<" or ">": to which side its cells stand; the last one is that of all further columns.

    Examples
    --------
    >>> print("\n".join(lines(["weight", "paths"], [["W1", "2"], ["W7", "1"]], "<>")))
    weight  paths
    W1          2
    W7          1
    """
    cells = [[shown(cell) for cell in row] for row in (heads, *rows)]
    sides = sides.ljust(len(heads), sides[-1])
    wide = [max(map(_width, column)) for column in zip(*cells)]
    return ["  ".join(map(_padded, row, sides, wide)).rstrip() for row in cells]


def _padded(cell: str, side: str, width: int) -> str:
    space = " " * (width - _width(cell))
    return cell + space if side == "<" else space + cell


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )
