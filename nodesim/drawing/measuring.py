"""How much room words take, and words cut or broken to the room there is."""

from __future__ import annotations

import unicodedata

# Advances of DejaVu Sans, the first of the fonts asked for and a wide one, in parts of the type's size.
_ADVANCES = {
    letter: advance
    for advance, letters in {
        0.227: "′", 0.275: "'", 0.278: "ijl", 0.295: "IJ", 0.318: " ,.·", 0.337: "/:;\\|", 0.352: "f", 0.361: "-",
        0.390: "()[]", 0.392: "t", 0.401: "!", 0.411: "r", 0.460: '"', 0.500: "*_`", 0.517: "∂", 0.521: "s", 0.525: "z",
        0.531: "?", 0.550: "c", 0.557: "L", 0.575: "F", 0.579: "k", 0.592: "vxy", 0.602: "π", 0.603: "P", 0.611: "TY",
        0.613: "ao", 0.615: "e", 0.632: "EΣ", 0.635: "Sbdghnpquη", 0.636: "$0123456789{}", 0.656: "K", 0.684: "AVX",
        0.686: "BZ", 0.695: "R", 0.698: "C", 0.732: "U", 0.748: "N", 0.752: "H", 0.770: "D", 0.775: "G", 0.780: "&",
        0.787: "OQ", 0.818: "w", 0.838: "#+<=>^~−≈→×≤≥", 0.863: "M", 0.950: "%", 0.974: "m", 0.989: "W", 1.000: "@…⋮",
    }.items()
    for letter in letters
}  # fmt: skip
_OTHER, _WIDE, _BOLD = 0.85, 1.0, 1.12


def width(words: str, size: float, *, bold: bool = False) -> float:
    """Return how wide words are in type of a size, in pixels.

    Examples
    --------
    >>> width("W1", 10)
    16.25
    """
    return round(size * sum(map(_advance, words)) * (_BOLD if bold else 1.0), 3)


def _advance(letter: str) -> float:
    if letter in _ADVANCES:
        return _ADVANCES[letter]
    if unicodedata.category(letter) in ("Mn", "Me"):
        return 0.0
    return _WIDE if unicodedata.east_asian_width(letter) in "WF" else _OTHER


def squeezed(words: str, size: float, most: float) -> str:
    """Return words in so many pixels at most, the middle left out: ends tell names apart.

    Examples
    --------
    >>> squeezed("a_name_that_nobody_can_read_1", 10, 100)
    'a_name_t…_read_1'
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
