"""How exactly numbers are asked for: what one unit of the last digit is, and how far an answer may be off."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction

from nodesim.exercises.decimals import is_rounded
from nodesim.exercises.working import Value
from nodesim.notation.symbols import MINUS, number
from nodesim.wording.language import Language

_PLAIN = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?")
# Doubles that were calculated in another order are the same number.
_NOISE, _LEAST = 1e-9, 1e-12
# A fraction that has no end is written with so many digits at least; and told with so many.
_ENOUGH, _TOLD, _DOUBLE = 3, 6, 12
_LONG = 12
# What is larger, or nearer to 0, stands on no sheet; products of such numbers would leave the doubles.
LARGEST = Fraction(10) ** 30


def unit(value: Value, digits: int | None) -> Value:
    """Return one unit of the last of so many significant digits; without, 0 of a fraction, of a double its noise.

    Examples
    --------
    >>> unit(0.0331, 3), unit(Fraction(1, 3), None)
    (Fraction(1, 10000), Fraction(0, 1))
    """
    if digits is None:
        return Fraction(0) if isinstance(value, Fraction) else max(_NOISE * size(value), _LEAST)
    # A fraction can be so small that it is 0 as a double.
    if not float(value):
        return Fraction(0)
    ten: Fraction = Fraction(10) ** (math.floor(math.log10(size(value))) - digits + 1)
    return ten if isinstance(value, Fraction) else max(ten, Fraction(_LEAST))


def size(value: Value) -> Value:
    """Return how large a number is, whatever its sign."""
    return value if value >= 0 else -value


def is_usual(value: Value) -> bool:
    """Tell whether a number is one that somebody writes down.

    Examples
    --------
    >>> is_usual(Fraction(0)), is_usual(1e-31), is_usual(float("inf"))
    (True, False, False)
    """
    return not value or 1 / LARGEST <= size(value) <= LARGEST


def is_short(value: Value) -> bool:
    """Tell whether a number is a decimal that ends.

    Examples
    --------
    >>> is_short(Fraction(5, 8)), is_short(Fraction(1, 3))
    (True, False)
    """
    return isinstance(value, Fraction) and _places(value) is not None


def _places(value: Fraction) -> int | None:
    """Return how many decimals write a fraction; None if none do."""
    under, places = value.denominator, 0
    while under % 10 == 0 or under % 5 == 0 or under % 2 == 0:
        under //= 10 if under % 10 == 0 else 5 if under % 5 == 0 else 2
        places += 1
    return places if under == 1 else None


def allowed(value: Value, digits: int | None, last: Fraction | None) -> Value:
    """Return how far an answer may be from a number: as the doctor has it, one unit of the last digit asked for.

    Parameters
    ----------
    value : Fraction or float
        What it should be.
    digits : int or None
        How many digits were asked for; None if the number itself was.
    last : Fraction or None
        One unit of the last digit that was written, where it was a decimal.
    """
    # What has no more digits than are asked for is not rounded: 15.5 of three digits is not 15.6.
    own = unit(value, digits if is_rounded(value, digits) else None)
    if last is None or not value:
        return own
    if digits is None and not is_short(value) and last <= unit(value, _ENOUGH):
        # Nobody writes all digits of 1/3: some are as good as the fraction.
        return max(own, last)
    # What a machine calculated is off in the last of its many digits.
    return max(own, unit(value, _DOUBLE)) if last <= unit(value, _DOUBLE) else own


def told(value: Value, digits: int | None, language: Language) -> str:
    """Write a number for a reader: all of it where that is short, else as a fraction, or rounded.

    Examples
    --------
    >>> from nodesim.wording.language import ENGLISH
    >>> told(Fraction(-5, 8), None, ENGLISH), told(Fraction(2, 3), None, ENGLISH), told(Fraction(2, 3), 3, ENGLISH)
    ('−0.625', '2/3', '0.667')
    """
    if isinstance(value, Fraction) and digits is None:
        places = _places(value)
        if places is not None and places <= _LONG:
            return language.number(f"{Decimal(value.numerator) / value.denominator:.{places}f}".replace("-", MINUS))
        fraction = str(value).replace("-", MINUS)
        if len(fraction) <= _LONG:
            return fraction
    return language.number(number(float(value), digits or _TOLD))


def printed(answer: str, language: Language) -> str:
    """Write an answer of a key, if it is a number, with the signs of a language.

    Examples
    --------
    >>> from nodesim.wording.language import language
    >>> printed("-0.5", language("de")), printed("I-1", language("de"))
    ('−0,5', 'I-1')
    """
    return language.number(answer.replace("-", MINUS)) if _PLAIN.fullmatch(answer) else answer
