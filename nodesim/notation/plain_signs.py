r"""What stands for the signs of mathematics where an output cannot show them: - for −, d for ∂, sum for Σ.

A handler of encoding errors, so that every text can be written to every stream: a terminal of ASCII, a file in a
Windows code page. What the table does not know, as the letters of a name, is written as Python writes it: \u05d0.
"""

from __future__ import annotations

import codecs

# The name of the handler, for ``errors=``.
HANDLER = "nodesim"
SIGNS = {
    "−": "-", "–": "-", "—": "-", "·": "*", "∗": "*", "×": "x", "÷": "/", "∂": "d", "η": "eta", "Σ": "sum", "∑": "sum",
    "π": "pi", "√": "sqrt", "∞": "inf", "≈": "~", "≤": "<=", "≥": ">=", "≠": "!=", "±": "+-", "²": "^2", "³": "^3",
    "′": "'", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "⋮": ":", "→": "->", "←": "<-", "↑": "^", "↓": "v",
    "°": "deg", "µ": "u", "€": "EUR", "£": "GBP", "¥": "JPY", "\xa0": " ", "\u2009": " ", "\u202f": " ",
    "─": "-", "│": "|", "└": "`", "├": "|", "┌": ",", "┐": ".", "┘": "'", "┤": "|", "┬": "-", "┴": "-", "┼": "+",
    "▁": "_", "▂": ".", "▃": "-", "▄": ":", "▅": "=", "▆": "+", "▇": "*", "█": "#",
}  # fmt: skip


def plain(error: UnicodeError) -> tuple[str, int]:
    r"""Return what stands for the signs that cannot be written, as handlers of `codecs.register_error` do.

    Raises
    ------
    UnicodeError
        The same, where it is not about writing.

    Examples
    --------
    >>> print("∂e/∂W1 = −0.5 · א".encode("ascii", errors=HANDLER).decode())
    de/dW1 = -0.5 * \u05d0
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(SIGNS.get(sign) or sign.encode("ascii", "backslashreplace").decode() for sign in signs), error.end


codecs.register_error(HANDLER, plain)
