"""The article's letters, once: I H HA O OA B W e, their partial derivatives, and how numbers are written.

References
----------
E. Beqari, "A Very Basic Introduction to Feed-Forward Neural Networks" (DZone, 2018), section "Vocabulary".
"""

from __future__ import annotations

import math
import re

LETTERS = {"input": "I", "hidden": "H", "output": "O", "bias": "B", "connection": "W"}
ERROR = "e"
RATE = "η"
DOT = "·"
MINUS = "−"

_TRAILING_NUMBER = re.compile(r"\d*\Z")


def activated(name: str) -> str:
    """Name the activated self of a node: the letter A stands before the number.

    Examples
    --------
    >>> activated("H1"), activated("O12"), activated("gate")
    ('HA1', 'OA12', 'gateA')
    """
    cut = _TRAILING_NUMBER.search(name).start()  # type: ignore[union-attr]  # it matches the empty end
    return f"{name[:cut]}A{name[cut:]}"


def target(name: str) -> str:
    """Name the desired value of an output node: y and the output's number, or its name.

    Examples
    --------
    >>> target("O2"), target("price")
    ('y2', 'y(price)')
    """
    return "y" + name[1:] if re.fullmatch(r"O\d+", name) else f"y({name})"


def partial(numerator: str, denominator: str) -> str:
    """Write a partial derivative.

    Examples
    --------
    >>> partial("OA1", "O1")
    '∂OA1/∂O1'
    """
    return f"∂{numerator}/∂{denominator}"


def number(value: float, digits: int = 6) -> str:
    """Write a number for a reader, with a real minus sign.

    Examples
    --------
    >>> number(-0.25), number(3.51018778297886e-05), number(2.0)
    ('−0.25', '3.51019e-05', '2')
    """
    return re.sub(r"^-", MINUS, f"{value:.{digits}g}")


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


def plural(count: int, noun: str) -> str:
    """Write a count with its noun.

    Examples
    --------
    >>> plural(1, "path"), plural(2, "path")
    ('1 path', '2 paths')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def with_article(noun: str) -> str:
    """Put the indefinite article before a noun.

    Examples
    --------
    >>> with_article("input"), with_article("bias")
    ('an input', 'a bias')
    """
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"
