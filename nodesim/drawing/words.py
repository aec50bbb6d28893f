"""Words as they fit: in smaller letters, on several lines, or cut."""

from __future__ import annotations

import math

from nodesim.drawing.measuring import width
from nodesim.showing import shown

_SIZES = (13, 12, 11, 10, 9, 8, 7)
_CUT = 8


def cut(words: str, size: float, room: float, *, bold: bool = False) -> str:
    """Return as much of the words as fits, with … at the end if that is not all.

    Examples
    --------
    >>> cut("H1", 13, 50), cut("petal length (cm)", 9, 40)
    ('H1', 'petal l…')
    """
    words = shown(words)
    if width(words, size, bold=bold) <= room:
        return words
    kept, used = 0, width("…", size, bold=bold)
    for letter in words:
        used += width(letter, size, bold=bold)
        if used > room:
            break
        kept += 1
    return f"{words[:kept].rstrip()}…"


def in_circle(name: str, radius: float, *, bold: bool) -> list[tuple[str, float, int]]:
    """Return the lines of a name that stands alone in a circle: words, how far below its centre, and their size.

    Examples
    --------
    >>> [line for line, _, _ in in_circle("petal length (cm)", 27, bold=False)]
    ['petal', 'length', '(cm)']
    """
    written = shown(name)
    for size in _SIZES[:-3]:
        if width(written, size, bold=bold) <= _chord(radius, size / 2):
            return [(written, 0.0, size)]
    pieces = written.split()
    for size in _SIZES[-5:-1] if 2 <= len(pieces) <= 3 else ():
        offsets = [(row - (len(pieces) - 1) / 2) * (size + 2.0) for row in range(len(pieces))]
        rooms = [_chord(radius, abs(offset) + size / 2) for offset in offsets]
        if all(width(piece, size, bold=bold) <= room for piece, room in zip(pieces, rooms)):
            return [(piece, offset, size) for piece, offset in zip(pieces, offsets)]
    return [in_half(name, radius, 0.0, bold=bold)]


def in_half(name: str, radius: float, offset: float, *, bold: bool) -> tuple[str, float, int]:
    """Return a name as it fits into a circle so far below its centre: words, that distance, and their size."""
    written = shown(name)
    for size in _SIZES:
        room = _chord(radius, abs(offset) + size * 0.45)
        if width(written, size, bold=bold) <= room:
            return written, offset, size
    return cut(name, _CUT, room, bold=bold), offset, _CUT


def _chord(radius: float, distance: float) -> float:
    """Return how wide a circle is so far from its centre, less a margin."""
    return 2 * math.sqrt(max(radius**2 - distance**2, 0.0)) - 4.0
