"""How much room words take, and words cut or broken to the room there is."""

from __future__ import annotations

import unicodedata

# Advances of DejaVu Sans, the first of the fonts asked for, and a wide one, in parts of the type's size.
_ADVANCES = {
    **dict.fromkeys("0123456789", 0.636), **dict.fromkeys("ijl'", 0.278), **dict.fromkeys(" .,·I", 0.318),
    **dict.fromkeys("()[]", 0.390), **dict.fromkeys("ft", 0.392), "/": 0.337, **dict.fromkeys("mM", 0.974),
    **dict.fromkeys("+−=≈", 0.838), "∂": 0.517, "e": 0.615, "r": 0.411, "w": 0.818, "A": 0.684, "B": 0.686,
    "H": 0.752, "O": 0.787, "W": 0.989, "-": 0.361, "…": 1.0, "⋮": 1.0, "→": 0.838, "%": 0.950,
}  # fmt: skip
_LATIN, _OTHER, _WIDE = 0.66, 0.85, 1.0


def width(words: str, size: float) -> float:
    """Return how wide words are in type of a size, in pixels.

    Examples
    --------
    >>> width("W1", 10)
    16.25
    """
    return round(size * sum(map(_advance, words)), 3)


def _advance(character: str) -> float:
    if character in _ADVANCES:
        return _ADVANCES[character]
    if unicodedata.east_asian_width(character) in "WF":
        return _WIDE
    return _LATIN if character.isascii() else _OTHER


def squeezed(words: str, size: float, most: float) -> str:
    """Return words in so many pixels at most, the middle left out: ends tell names apart.

    Examples
    --------
    >>> squeezed("a_name_that_nobody_can_read_1", 10, 100)
    'a_name_…read_1'
    """
    if width(words, size) <= most:
        return words
    kept = len(words) - 1
    while kept > 1 and width(_without_middle(words, kept), size) > most:
        kept -= 1
    return _without_middle(words, kept)


def _without_middle(words: str, kept: int) -> str:
    return f"{words[: -(-kept // 2)]}…{words[len(words) - kept // 2 :]}"


def broken(words: str, size: float, most: float) -> list[str]:
    """Return words in lines of so many pixels at most, broken between words.

    Examples
    --------
    >>> broken("add what arrives, multiply by the box", 10, 120)
    ['add what arrives,', 'multiply by the box']
    """
    lines: list[str] = []
    for word in words.split(" "):
        if lines and width(f"{lines[-1]} {word}", size) <= most:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(squeezed(word, size, most))
    return lines
