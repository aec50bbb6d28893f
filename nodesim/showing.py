"""Names and other text that may hold any character, shown: one way for each medium.

Names are free, as those of networkx are. What would break a line, steer a terminal, turn the text around it, or make a
file that no reader takes, is written out as Python's own `repr` writes it; letters of every script stay. What else a
medium asks for stands with it: LaTeX's own signs in `nodesim.notation.symbols`, signs that an output lacks in
`nodesim.notation.plain_signs`, names that come back from the files of other programs in `nodesim.formats.names`.
"""

from __future__ import annotations

import re
from html import escape

# Words of Hebrew, Arabic and the other scripts that run from right to left, where digits, or such words, follow that
# would be drawn to their other side.
_LETTERS = r"\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_LEFTWARD = re.compile(rf"[{_LETTERS}](?:[^\W\d_]|[{_LETTERS}]| (?=[{_LETTERS}]))*+(?=.*[\d{_LETTERS}])", re.DOTALL)


def shown(text: str) -> str:
    r"""Return text as it stands on a line: of messages, representations, tables and pictures.

    Shown again, it stays the same. Backslashes of names stay, too: what tells a name from every other is its `repr`.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Without control characters, marks of direction, separators of lines, halves of surrogates, and whatever else
        Python does not call printable: each is written as an escape.

    Examples
    --------
    >>> print(shown("two\nlines \x1b[31m"))
    two\nlines \x1b[31m
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown_lines(text: str) -> str:
    r"""Return text of several lines as `shown` does: its own line breaks stay.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> print(shown_lines("two\nlines\x07"))
    two
    lines\x07
    """
    return text if text.isprintable() else "\n".join(map(shown, text.split("\n")))


def in_html(text: str) -> str:
    r"""Return text as it stands in an element of HTML: words that run from right to left turn nothing beside them.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> print(ascii(in_html("<\u05e9\u05dc> = 1")))
    '&lt;<bdi>\u05e9\u05dc</bdi>&gt; = 1'
    """
    return _isolated(in_markup(text), r"<bdi>\g<0></bdi>")


def in_svg(text: str) -> str:
    """Return text as it stands in an element of SVG that is drawn; as `in_html` does it.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> in_svg("W1 < 2")
    'W1 &lt; 2'
    """
    return _isolated(in_markup(text), r'<tspan unicode-bidi="isolate">\g<0></tspan>')


def _isolated(written: str, element: str) -> str:
    return written if written.isascii() else _LEFTWARD.sub(element, written)


def in_markup(text: str) -> str:
    r"""Return text as it stands in any XML, and in attributes and titles.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> print(in_markup("<a & b>\0"))
    &lt;a &amp; b&gt;\x00
    """
    return escape(shown(text))
