"""Text in lines no wider than there is room, counted in the columns of a terminal."""

from __future__ import annotations

import re
import unicodedata

# What a line begins with: its indentation, and the branches of a tree.
_MARGIN = re.compile(r"[ │├└─]*")
_NEXT = str.maketrans("├└─", "│  ")
_RULE = re.compile(r"\s*([─-])\1+")
_LEAST = 8
# Marks that stand on the letter before them, or around it.
_WITHOUT_WIDTH = ("Mn", "Me")


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes.

    Examples
    --------
    >>> columns("weight"), columns("重み")
    (6, 4)
    """
    if text.isascii():
        return len(text)
    return sum(map(_column, text))


def _column(letter: str) -> int:
    if unicodedata.category(letter) in _WITHOUT_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def padded(text: str, width: int, side: str = "<") -> str:
    """Fill text up with blanks to so many columns: behind it, or before it for the side ">".

    Examples
    --------
    >>> padded("重み", 6), padded("W1", 6, ">")
    ('重み  ', '    W1')
    """
    space = " " * (width - columns(text))
    return text + space if side == "<" else space + text


def wrapped(line: str, width: int) -> list[str]:
    """Break a line between words; what follows is indented, and goes on below the branches of a tree.

    Parameters
    ----------
    line : str
    width : int
        In columns; words that are wider stand alone, whole.

    Examples
    --------
    >>> wrapped("├─ ∂e/∂OA1 · ∂OA1/∂O1", 14)
    ['├─ ∂e/∂OA1 ·', '│    ∂OA1/∂O1']
    """
    if columns(line) <= width:
        return [line]
    if _RULE.fullmatch(line):
        return [line[:width]]
    match = _MARGIN.match(line)
    margin = match[0] if match else ""
    rest = margin.translate(_NEXT) + "  "
    return filled(line[len(margin) :], width, margin, rest if columns(rest) <= width - _LEAST else "")


def filled(text: str, width: int, first: str = "", rest: str = "", *, whole: bool = True) -> list[str]:
    """Put words into lines; those that are too wide are broken unless they shall stay whole.

    Examples
    --------
    >>> filled("leaky_relu and others", 6, whole=False)
    ['leaky_', 'relu', 'and', 'others']
    """
    lines, line, empty = [], first, True
    # The spaces that stand between words are kept, but for those at which a line is broken.
    for space, word in re.findall(r"( *)([^ ]+)", text):
        if not empty and columns(line) + len(space) + columns(word) > width:
            lines.append(line)
            line, space, empty = rest, "", True
        while not whole and columns(line) + columns(word) > width:
            fitting = _fitting(word, width - columns(line))
            lines.append(line + word[:fitting])
            line, word = rest, word[fitting:]
        line, empty = line + (space if not empty or not lines else "") + word, False
    return [*lines, line]


def _fitting(word: str, width: int) -> int:
    """Return how many letters of a word fit, at least one."""
    taken = 0
    for place, letter in enumerate(word):
        taken += _column(letter)
        if taken > width:
            return max(place, 1)
    return len(word)
