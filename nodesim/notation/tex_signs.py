r"""Text as pdflatex takes it: its own signs escaped, letters that T1 has as they are, others by commands or escapes.

Examples
--------
>>> print(in_tex("50 % of Größe_1 → \u05d0"))
50 \% of Größe\_1 \ensuremath{\rightarrow} \textbackslash{}u05d0
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from nodesim.notation.plain_signs import SIGNS
from nodesim.showing import shown

_OWN = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "^": r"\textasciicircum{}",
    "_": r"\_", "~": r"\textasciitilde{}", "%": r"\%", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}",
}  # fmt: skip
# Two of these would become another sign.
_PAIRS = re.compile(r"([-',<>])(?=\1)")
_OTHER = re.compile(r"[^\x00-\x7f]")
# Latin letters of T1's declarations: those of the Latin blocks, but a few.
_LETTERS = frozenset(map(chr, [*range(0xC0, 0x180), *range(0x218, 0x21C)])) - frozenset("×÷") - frozenset(
    map(chr, [0x126, 0x127, 0x138, 0x13F, 0x140, 0x149, 0x166, 0x167, 0x17F])
)  # fmt: skip
_MATHEMATICS = {
    "→": "rightarrow", "←": "leftarrow", "⇒": "Rightarrow", "↔": "leftrightarrow", "≤": "le", "≥": "ge", "≠": "ne",
    "±": "pm", "∞": "infty", "∑": "Sigma", "∏": "Pi", "∇": "nabla", "∆": "Delta", "∈": "in",
    "∙": "bullet", "•": "bullet", "∗": "ast", "×": "times", "÷": "div", "∂": "partial", "≈": "approx", "∼": "sim",
    "↑": "uparrow", "↓": "downarrow", "µ": "mu", "⋮": "vdots", "⋯": "cdots", "…": "ldots", "\N{PRIME}": "prime",
}  # fmt: skip
_TEXT = {
    "−": r"\ensuremath{-}", "²": r"\textsuperscript{2}", "³": r"\textsuperscript{3}", "¹": r"\textsuperscript{1}",
    "–": "--", "—": "---", "‐": "-", "‑": r"\mbox{-}", "“": r"\textquotedblleft{}", "”": r"\textquotedblright{}",
    "’": r"\textquoteright{}", "‘": r"\textquoteleft{}", "‚": r"\quotesinglbase{}", "°": r"\textdegree{}",
    "£": r"\pounds{}", "€": r"\texteuro{}", "½": r"\textonehalf{}", "·": r"\textperiodcentered{}",
    chr(0x201E): r"\quotedblbase{}",
    chr(0xAB): r"\guillemetleft{}", chr(0xBB): r"\guillemetright{}", chr(0xA7): r"\S{}",
    chr(0xBF): r"\textquestiondown{}", chr(0xA1): r"\textexclamdown{}",
}  # fmt: skip
# After so many letters a word may be broken, and then after each so many more.
_LONGEST, _BROKEN = 24, 8
# Greek letters that look like Latin ones have no command.
_LATIN_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo"))
_VARIANTS = {"ε": "varepsilon", "φ": "varphi", "ς": "varsigma"}


def in_tex(text: str) -> str:
    r"""Return text as it stands in a paragraph.

    Examples
    --------
    >>> print(in_tex("a--b_{c} 'η'"))
    a-{}-b\_\{c\} '\ensuremath{\eta}'
    """
    words = _PAIRS.sub("\\1\0", unicodedata.normalize("NFC", shown(text)))
    written = "".join(_breakable("{}" if sign == "\0" else _OWN.get(sign) or _sign(sign) for sign in words))
    return written.replace("  ", r"\ \ ")


def _breakable(pieces: Iterable[str]) -> Iterator[str]:
    """Yield pieces, with places in words of more than any language's length at which lines may be broken."""
    room = _LONGEST
    for piece in pieces:
        letters = len(piece) if piece.lower().startswith((r"\textbackslash{}u", r"\textbackslash{}x")) else 1
        room = _LONGEST if piece == " " else room - letters
        if room < 0:
            yield r"\allowbreak{}"
            room = _BROKEN
        yield piece


def visible(text: str) -> str:
    r"""Return text as it is seen when pdflatex has set it: what that cannot show is an escape.

    Examples
    --------
    >>> print(visible("Größe \u05d0"))
    Größe \u05d0
    """
    escape = _OWN["\\"]
    signs = ((sign, _sign(sign)) for sign in shown(text))
    return "".join(written.replace(escape, "\\") if written.startswith(escape) else sign for sign, written in signs)


def in_tex_math(latex: str) -> str:
    r"""Return LaTeX's mathematics, as nodesim writes them, with every sign that is no ASCII as pdflatex takes it.

    Examples
    --------
    >>> print(in_tex_math(r"η \cdot \mathit{HA}_{\text{Größe}}"))
    \ensuremath{\eta} \cdot \mathit{HA}_{\text{Gr\text{ö}\text{ß}e}}
    """
    return _OTHER.sub(lambda sign: _in_both(sign[0]), unicodedata.normalize("NFC", latex))


def _in_both(sign: str) -> str:
    written = _sign(sign)
    # Letters of text are none of mathematics.
    return written if written.startswith(r"\ensuremath") else rf"\text{{{written}}}"


@lru_cache(maxsize=10_000)
def _sign(sign: str) -> str:
    if sign.isascii() or sign in _LETTERS:
        return sign
    if sign in _TEXT:
        return _TEXT[sign]
    if sign in _LATIN_GREEK:
        return rf"\ensuremath{{\mathrm{{{_LATIN_GREEK[sign]}}}}}"
    if (command := _MATHEMATICS.get(sign) or _VARIANTS.get(sign) or _greek(sign)) is not None:
        return rf"\ensuremath{{\{command}}}"
    # What an output without the sign shows stands for it here, too: pdflatex has no more.
    plain = SIGNS.get(sign) or sign.encode("ascii", "backslashreplace").decode()
    return "".join(_OWN.get(letter, letter) for letter in plain)


def _greek(sign: str) -> str | None:
    return SIGNS.get(sign) if "\u0391" <= sign <= "\u03c9" and sign != "Σ" else "Sigma" if sign == "Σ" else None
