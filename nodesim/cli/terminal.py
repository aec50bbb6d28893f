"""What terminals are given: aligned tables, and emphasis where it is wanted."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TextIO

from nodesim.notation import shown

_CODES = {"bold": "1", "red": "31", "green": "32", "faint": "2"}


def styled(text: str, style: str, stream: TextIO | None = None) -> str:
    """Emphasise text on a terminal; elsewhere, and where NO_COLOR is set, it stays as it is.

    Examples
    --------
    >>> styled("plain in a file", "bold")
    'plain in a file'
    """
    stream = stream or sys.stdout
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    # Without standard output there is no stream at all.
    return text if not wanted or stream is None or not stream.isatty() else f"\x1b[{_CODES[style]}m{text}\x1b[0m"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> Iterator[str]:
    r"""Yield the lines of a table whose first `left` columns stand to the left and the others to the right.

    Examples
    --------
    >>> print(*table(["name", "value"], [["a", "1"], ["long", "20"]]), sep="\n")
    name  value
    a         1
    long     20
    """
    cells = [[shown(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(map(_width, column)) for column in zip(*cells)]
    for index, row in enumerate(cells):
        padded = [
            cell + " " * (width - _width(cell)) if place < left else " " * (width - _width(cell)) + cell
            for place, (cell, width) in enumerate(zip(row, widths))
        ]
        line = "  ".join(padded).rstrip()
        yield styled(line, "bold") if index == 0 else line


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )
