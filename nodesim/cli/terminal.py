"""What terminals are given: aligned tables, lines that fit, and emphasis where it is wanted."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from nodesim.notation.tables import lines
from nodesim.notation.wrapping import wrapped
from nodesim.showing import shown, shown_lines

_NARROWEST = 20
_CODES = {"bold": "1", "red": "31", "green": "32", "faint": "2"}
_STYLED = re.compile(rf"(\x1b\[(?:{'|'.join(_CODES.values())})m)(.*)(\x1b\[0m)")


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
    if not wanted or stream is None or not stream.isatty():
        return text
    return Styled(f"\x1b[{_CODES[style]}m{text}\x1b[0m")


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


class Styled(str):
    """A line that nodesim itself emphasised: codes of a name are none of a terminal's."""

    __slots__ = ()


class Verbatim(str):
    """What other programs read: no line of it is ever broken."""

    __slots__ = ()


def as_json(value: Any, indent: int | None = None) -> Verbatim:
    """Write JSON in the letters that the output has; the others, and what acts on a terminal, by their numbers."""
    lines = json.dumps(value, ensure_ascii=False, indent=indent).split("\n")
    # Only strings hold what is not printable, and there JSON has escapes for it.
    text = "\n".join("".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line) for line in lines)
    return Verbatim(text if _encodable(text) else json.dumps(value, indent=indent))


def as_markup(text: str) -> Verbatim:
    """Write SVG in the letters that the output has; all others than those of ASCII by their numbers if it lacks one."""
    return Verbatim(text if _encodable(text) else text.encode("ascii", "xmlcharrefreplace").decode())


def as_latex(text: str) -> Verbatim:
    """Write LaTeX in the letters that the output has; the others by their numbers."""
    if _encodable(text):
        return Verbatim(text)
    return Verbatim("".join(sign if sign.isascii() else f'{{\\char"{ord(sign):X}}}' for sign in text))


def _encodable(text: str) -> bool:
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def width() -> int | None:
    """Return how many columns the terminal has, by COLUMNS if that is set; None for a file or a pipe."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    return max(shutil.get_terminal_size().columns, _NARROWEST)


def fitted(text: str, room: int | None) -> str:
    """Make text fit to be printed: no character of it acts on a terminal, and lines that are too wide are broken.

    Lines are broken between words; those that are emphasised stay so.

    Examples
    --------
    >>> fitted("weights from 1 to 2", 12).splitlines()
    ['weights from', '  1 to 2']
    """
    if isinstance(text, Verbatim):
        return text
    if room is None:
        return shown_lines(text)
    found: list[str] = []
    for line in text.split("\n"):
        match = _STYLED.fullmatch(line) if isinstance(text, Styled) else None
        begin, words, end = match.groups() if match else ("", line, "")
        found += [f"{begin}{part}{end}" for part in wrapped(shown(words), room)]
    return "\n".join(found)
