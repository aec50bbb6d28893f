"""The article's letters, once: I H HA O OA B W e, their partial derivatives, and how numbers are written.

References
----------
Beqari, E., "A Very Basic Introduction to Feed-Forward Neural Networks" (DZone, 2018), section "Vocabulary".
"""

from __future__ import annotations

import math
import re

from nodesim.showing import shown

LETTERS = {"input": "I", "hidden": "H", "output": "O", "bias": "B", "connection": "W"}
ERROR = "e"
STEP = "t"
# e, and what stands between it and the outputs where samples have weights, or the length of the gradient a limit.
BESIDE = {"error": ERROR, "clipped": f"(c·{ERROR})", "sample": f"{ERROR}_s"}
# Sums of doubles differ by so much, as a share, in the order in which they are made.
_SAME = 1e-13
_LATEX_BESIDE = {BESIDE["clipped"]: rf"(c \cdot {ERROR})", BESIDE["sample"]: f"{ERROR}_{{s}}"}
RATE = "η"
DOT = "·"
MINUS = "−"

# What a network unrolled in time has at a step is named with the step: H1[3].
AT_STEP = re.compile(r"(.*)\[(-?\d{1,18})\]\Z", re.DOTALL)
_NUMBERED = re.compile(r"([A-Za-z]+)(\d+)(\[-?\d+\])?\Z")
# Signs that LaTeX gives another meaning, as they are written in its mathematics.
_LATEX_SIGNS = {
    "\\": r"\backslash ", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "^": r"\wedge ", "_": r"\_",
    "~": r"\sim ", "%": r"\%", "<": r"\lt ", ">": r"\gt ",
}  # fmt: skip
_OF_ONE_QUANTITY = ("input", "bias", "connection")
_OF_A_QUANTITY = re.compile(r"(I|HA?|OA?|B|W|y)(\d+(\[-?\d+\])?|\[.*\])\Z", re.DOTALL)
_OWN_NUMBER = re.compile(r"\d+(\[-?\d+\])?\Z", re.ASCII)
_BRACKETED = re.compile(r"(I|HA?|OA?|B|W|y)\[(.*)\]\Z", re.DOTALL)


def quantity_name(letters: str, kind: str, name: str) -> str:
    """Name a quantity of a node or of a connection: letters and number as in the article, else the name in brackets.

    What has one quantity alone, an input, a bias node or a weight, has the same name as that, unless it could be taken
    for another.

    Parameters
    ----------
    letters : str
        What the quantity is: I, H, HA, O, OA, B, W or y.
    kind : str
        Of `LETTERS`: whose letter the name begins with, if it is one of the article's.
    name : str

    Examples
    --------
    >>> quantity_name("HA", "hidden", "H1"), quantity_name("HA", "hidden", "gate"), quantity_name("H", "hidden", "HA1")
    ('HA1', 'HA[gate]', 'H[HA1]')
    >>> quantity_name("I", "input", "width"), quantity_name("I", "input", "H1"), quantity_name("HA", "hidden", "H1[3]")
    ('width', 'I[H1]', 'HA1[3]')
    """
    if kind in _OF_ONE_QUANTITY and name != ERROR and not _OF_A_QUANTITY.match(name):
        return name
    number = name.removeprefix(LETTERS[kind])
    own = number != name and _OWN_NUMBER.match(number) is not None
    return f"{letters}{number}" if own else f"{letters}[{name}]"


def at_step(name: str, step: int) -> str:
    """Name what a node or connection is at a step in time; −1 is the step before the first one.

    Examples
    --------
    >>> at_step("H1", 3)
    'H1[3]'
    """
    return f"{name}[{step}]"


def is_taken(name: str) -> bool:
    """Tell whether formulas give a name a meaning of its own, so that nothing else can be called that.

    Examples
    --------
    >>> is_taken("HA1"), is_taken("e"), is_taken("l2")
    (True, True, False)
    """
    return name in BESIDE.values() or name == STEP or _OF_A_QUANTITY.match(name) is not None


def bracketed(name: str) -> tuple[str, str] | None:
    """Return the letters of a quantity and the name in its brackets, None if the name of a quantity is another.

    Examples
    --------
    >>> bracketed("HA[gate]"), bracketed("HA1")
    (('HA', 'gate'), None)
    """
    match = _BRACKETED.match(name)
    return (match[1], match[2]) if match else None


def partial(numerator: str, denominator: str) -> str:
    """Write a partial derivative.

    Examples
    --------
    >>> partial("OA1", "O1")
    '∂OA1/∂O1'
    """
    return f"∂{shown(numerator)}/∂{shown(denominator)}"


def latex_name(name: str) -> str:
    r"""Write a name in LaTeX's mathematics: the number or the name in brackets as an index.

    Examples
    --------
    >>> print(latex_name("W12"), latex_name("HA1"), latex_name("OA[50 %]"), latex_name("HA1[3]"))
    W_{12} \mathit{HA}_{1} \mathit{OA}_{\text{50 }\%} \mathit{HA}_{1}[3]
    """
    if (numbered := _NUMBERED.match(name)) is not None:
        return f"{_latex_letters(numbered[1])}_{{{numbered[2]}}}{numbered[3] or ''}"
    if (named := bracketed(name)) is not None:
        return f"{_latex_letters(named[0])}_{{{_latex_words(named[1])}}}"
    if name in _LATEX_BESIDE:
        return _LATEX_BESIDE[name]
    return name if len(name) == 1 and name.isalpha() else _latex_words(name)


def _latex_letters(letters: str) -> str:
    return letters if len(letters) == 1 else rf"\mathit{{{letters}}}"


def _latex_words(name: str) -> str:
    pieces = re.split(r"([\\{}$&#^_~%<>])", shown(name))
    return "".join(_LATEX_SIGNS.get(piece, rf"\text{{{piece}}}") for piece in pieces if piece)


def latex_partial(numerator: str, denominator: str) -> str:
    r"""Write a partial derivative in LaTeX.

    Examples
    --------
    >>> print(latex_partial("e", "W1"))
    \frac{\partial e}{\partial W_{1}}
    """
    return rf"\frac{{\partial {latex_name(numerator)}}}{{\partial {latex_name(denominator)}}}"


def latex_number(value: float, digits: int | None = 6) -> str:
    r"""Write a number in LaTeX.

    Examples
    --------
    >>> print(latex_number(-0.25), latex_number(2.5e-07))
    -0.25 2.5 \times 10^{-7}
    """
    mantissa, _, exponent = number(value, digits).replace(MINUS, "-").partition("e")
    return mantissa if not exponent else rf"{mantissa} \times 10^{{{int(exponent)}}}"


def number(value: float, digits: int | None = 6) -> str:
    """Write a number for a reader, with a real minus sign; without `digits` so that no bit of it is lost.

    Examples
    --------
    >>> number(-0.25), number(3.51018778297886e-05), number(2.0), number(0.1 + 0.2, None)
    ('−0.25', '3.51019e-05', '2', '0.30000000000000004')
    """
    # A zero that is rounded for a reader has no sign.
    text = repr(float(value)).removesuffix(".0") if digits is None else f"{value + 0.0:.{digits}g}"
    return re.sub(r"^-", MINUS, text)


def equals(value: float, digits: int | None = 6) -> str:
    """Write a number behind the sign that is true of it: ≈ where digits were cut off.

    Examples
    --------
    >>> equals(0.5), equals(2 / 3, 3)
    ('= 0.5', '≈ 0.667')
    """
    return f"{'=' if is_whole(value, digits) else '≈'} {number(value, digits)}"


def is_whole(value: float, digits: int | None = 6) -> bool:
    """Tell whether a number is written with all its digits, but for the last bits, in which sums of doubles differ.

    Examples
    --------
    >>> is_whole(0.5), is_whole(0.1 + 0.2), is_whole(2 / 3), is_whole(0.1 + 0.2, None)
    (True, True, False, True)
    """
    written = float(number(value, digits).replace(MINUS, "-"))
    return not math.isfinite(value) or abs(written - value) <= _SAME * abs(value)


def factor(value: float, digits: int = 6) -> str:
    """Write a number that stands inside a sum or product: negative ones in brackets.

    Examples
    --------
    >>> factor(-2.0), factor(0.5)
    ('(−2)', '0.5')
    """
    text = number(value, digits)
    return f"({text})" if text.startswith(MINUS) else text


class Count(int):
    """An exact whole number that can be printed however large it is.

    Python refuses to print integers of more than 4,300 digits, and path counts grow beyond. A `Count` is
    an `int` in every respect; only its text is shortened, and says so, when it has more than 60 digits.

    Examples
    --------
    >>> Count(8), Count(2**15000)
    (8, ≈2.818e+4515)
    """

    _EXACT_DIGITS = 60

    def __str__(self) -> str:
        if abs(self) < 10**self._EXACT_DIGITS:
            return int.__repr__(self)
        power = math.log10(abs(self))
        mantissa = f"{10 ** (power % 1):.3f}"
        exponent = math.floor(power)
        if mantissa == "10.000":
            mantissa, exponent = "1.000", exponent + 1
        sign = "-" if self < 0 else ""
        return f"≈{sign}{mantissa}e+{exponent}"

    __repr__ = __str__

    def __format__(self, specification: str) -> str:
        if abs(self) < 10**self._EXACT_DIGITS:
            return int.__format__(self, specification)
        return str(self)


def percent(share: float) -> str:
    """Write a share in percent, to a tenth; a minus as `number` writes it. Of nothing there is none.

    Examples
    --------
    >>> percent(0.25), percent(-0.25), percent(-1e-9), percent(float("nan"))
    ('25.0%', '−25.0%', '0.0%', '')
    """
    return "" if share != share else f"{share:z.1%}".replace("-", MINUS)


def plural(count: int, noun: str) -> str:
    """Write a count with its noun.

    Examples
    --------
    >>> plural(1, "path"), plural(2, "path"), plural(2, "bias")
    ('1 path', '2 paths', '2 biases')
    """
    ending = "" if count == 1 else "es" if noun.endswith("s") else "s"
    return f"{count:,} {noun}{ending}"


def with_article(noun: str) -> str:
    """Put the indefinite article before a noun.

    Examples
    --------
    >>> with_article("input"), with_article("bias")
    ('an input', 'a bias')
    """
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"
