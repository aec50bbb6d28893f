r"""What stands for a sign where an output cannot show it: ∂ as d, − as -, Σ as sum; never a question mark.

Importing this registers the error handler ``"nodesim"``, so that any stream of text can be told to use it:
``sys.stdout.reconfigure(errors="nodesim")``. Letters of other scripts are written out as Python does it.

Examples
--------
>>> print("∂e/∂W1 = −2·η, Größe".encode("ascii", HANDLER).decode())
de/dW1 = -2*eta, Gr\xf6\xdfe
"""

from __future__ import annotations

import codecs

HANDLER = "nodesim"

# One sign for one where there is one: columns stay columns, and bars grow darker as they grow.
_ONE_FOR_ONE = {
    "-": "−–—‐‑─━", "*": "·∙•∗", "x": "×✗✘", "/": "÷", "d": "∂", "~": "≈∼", "^": "↑", "v": "↓✓✔", "|": "│┃├┤",
    "`": "└", "+": "┌┐┘┬┴┼", ":": "⋮▃▄▒", ".": "▁▂░", "=": "▅▆", "#": "▇█▓", "'": "’‘′", ",": "‚",
    " ": "\xa0\u2002\u2003\u2009\u202f",
}  # fmt: skip
_WORDS = {
    "…": "...", "→": "->", "←": "<-", "⇒": "=>", "↔": "<->", "≤": "<=", "≥": ">=", "≠": "!=", "±": "+-", "√": "sqrt",
    "∞": "inf", "∑": "sum", "∏": "prod", "∇": "grad", "∆": "Delta", "∈": " in ", "²": "^2", "³": "^3", "¹": "^1",
    "€": "EUR", "£": "GBP", "¥": "JPY", "°": "deg", "µ": "u", "“": '"', "”": '"', "″": '"', "⋯": "...",
    "ᵀ": "^T", "½": "1/2", "■": "#",
}  # fmt: skip
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "ο": "omicron", "π": "pi", "ρ": "rho",
    "σ": "sigma", "ς": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
_CAPITALS = {letter.upper(): word.capitalize() for letter, word in _GREEK.items() if letter != "ς"}

SIGNS: dict[str, str] = {**_GREEK, **_CAPITALS, **_WORDS, "Σ": "sum"} | {
    sign: plain_sign for plain_sign, signs in _ONE_FOR_ONE.items() for sign in signs
}


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(SIGNS.get(sign) or _escaped(sign) for sign in wrong), error.end


def _escaped(sign: str) -> str:
    # Halves of surrogates, as in names of files that are no UTF-8, are written out, too.
    return sign.encode("ascii", "backslashreplace").decode("ascii")


codecs.register_error(HANDLER, _replaced)
