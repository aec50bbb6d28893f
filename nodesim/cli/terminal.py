"""What terminals are given: aligned tables, and emphasis where it is wanted."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import TextIO

from nodesim.notation.tables import lines

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
    head, *others = lines(heads, rows, "<" * left + ">")
    yield styled(head, "bold")
    yield from others
