"""How many digits a number was written with: what it says, and how far it may be from what is exact.

Rounded to a few significant digits, 1234.5 is 1230 and 0.49996 is 0.5: zeros at the end may be digits or not. What a
number alone does not tell, those beside it do.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError
from nodesim.notation.symbols import MINUS
from nodesim.validation import finite, shortened

_WRITTEN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_QUOTIENT = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))\s*/\s*(\d+\.?\d*|\.\d+)", re.ASCII)
# Of 1,234 nobody knows whether it is a little more than one, or than a thousand.
_DOUBTFUL = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
_LONGEST = 400
# Whatever is calculated in single or half precision has lost this part of its scale on the way.
LOST = {2: 1e-2, 4: 1e-5}
_FINEST = -400


@dataclass(frozen=True, slots=True)
class Written:
    """A number as it was written.

    Attributes
    ----------
    value : float
    last : int
        Its last digit stands for this power of ten.
    significant : int
        How many digits count from the first that is not 0; 0 for a zero.
    open : bool
        Whether it has no decimals, and zeros at the end that may be no digits: 1230, or 0.
    text : str
        How it was written.
    lost : float
        What part of the scale its number type has lost; 0 for doubles.
    """

    value: float
    last: int
    significant: int
    open: bool
    text: str
    lost: float = 0.0


def written(value: Any, who: str) -> Written:
    """Return a number with its digits: of a float those of its repr, a trailing .0 not counted.

    Parameters
    ----------
    value : float, int, str, Decimal, or a number of NumPy, torch or the like
    who : str
        Whose it is, for messages.

    Raises
    ------
    ArgumentError
        If it is no finite number.

    Examples
    --------
    >>> [written(value, "e").last for value in (0.0331, 1e-05, "0.50", 2.0)]
    [-4, -5, -2, 0]
    """
    value = _without_dimensions(value)
    if type(value) is float and math.isfinite(value):
        return _from_text(repr(value).removesuffix(".0"), value)
    if isinstance(value, str):
        return _from_string(value, who)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ArgumentError(f"{who} must be a finite real number, got {shortened(value)}.")
        return _from_text(str(value), finite(float(value), who))
    if np.ndim(value) if isinstance(value, np.ndarray | list | tuple) else getattr(value, "shape", ()):
        raise ArgumentError(
            f"{who} must be a finite real number, got {shortened(value)}. Of a matrix each number goes by the name of "
            "its own connection: dict(zip(names, W.ravel())), where W has a row for each source."
        )
    number = finite(value, who)
    if isinstance(value, np.floating):
        # Its digits are what it says: as a double, -0.001 of single precision has others behind them.
        text, lost = str(value), LOST.get(value.dtype.itemsize, 0.0)
        return _from_text(text.removesuffix(".0"), finite(float(text), who), lost)
    return _from_text(repr(number).removesuffix(".0"), number)


def _without_dimensions(value: Any) -> Any:
    """Return an array without dimensions, of NumPy or of another program, as a number of NumPy; all else as it is."""
    if type(value) is float or getattr(value, "shape", None) != () or not hasattr(value, "__array__"):
        return value
    if hasattr(value, "detach"):
        # An error that torch can differentiate is handed over like any other.
        value = value.detach().cpu()
    return np.asarray(value)[()]


def _from_string(text: str, who: str) -> Written:
    plain = text.strip().replace(MINUS, "-")
    if len(plain) <= _LONGEST and _DOUBTFUL.fullmatch(plain):
        both = plain.replace(",", "."), plain.replace(",", "")
        raise ArgumentError(f"{who}: {shortened(text)} can be {both[0]} or {both[1]}; write the one that is meant.")
    plain = plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain
    if len(plain) <= _LONGEST:
        if _WRITTEN.fullmatch(plain):
            return _from_text(plain, finite(float(plain), who))
        quotient = _QUOTIENT.fullmatch(plain)
        if quotient is not None and float(quotient[2]) > 0.0:
            # A fraction is exact: its digits are all that a float has.
            value = finite(float(quotient[1]) / float(quotient[2]), who)
            return replace(_from_text(repr(value).removesuffix(".0"), value), text=plain)
    raise ArgumentError(f"{who} must be a number, such as 0.0331, '0.50', '0,50' or '-7/300', got {shortened(text)}.")


def _from_text(text: str, value: float, lost: float = 0.0) -> Written:
    _, digits, exponent = Decimal(text).as_tuple()
    assert isinstance(exponent, int)
    whole = "".join(map(str, digits)).lstrip("0")
    bare = whole.rstrip("0")
    is_open = exponent >= 0 and len(bare) < max(len(whole), 1)
    last = exponent + (len(whole) - len(bare) if is_open else 0)
    return Written(value, max(last, _FINEST), len(bare if is_open else whole), is_open, text, lost)


@dataclass(frozen=True, slots=True)
class Units:
    """What one unit of the last digit is, for some numbers that were written together.

    Attributes
    ----------
    units : ndarray of shape (n,)
        As the digits say.
    fine : ndarray of shape (n,)
        As they are if all were rounded alike, and zeros at the end were not written.
    """

    units: Array
    fine: Array


def units(numbers: list[Written]) -> Units:
    """Return the units of numbers of one kind: all gradients, or all weights.

    Examples
    --------
    >>> found = units([written(value, "") for value in (0.1234, 0.5, 1230.0)])
    >>> found.units.tolist(), found.fine.tolist()
    ([0.0001, 0.1, 1.0], [0.0001, 0.0001, 1.0])
    """
    closed = [number for number in numbers if not number.open]
    significant = max((number.significant for number in closed), default=0)
    decimals = max((-number.last for number in closed), default=0)
    typical = sorted(-number.last for number in closed)[len(closed) // 2] if closed else 0
    coarse, fine = [], []
    for number in numbers:
        size = math.floor(math.log10(abs(number.value))) if number.value else 0
        alike = max(size - significant + 1, -decimals)
        last = number.last
        if number.open and number.value and closed:
            last = min(last, max(alike, 0))
        elif number.open and not number.value:
            last = -typical if closed else _FINEST
        coarse.append(10.0 ** max(last, _FINEST))
        fine.append(10.0 ** max(min(last, alike), _FINEST))
    return Units(np.array(coarse), np.array(fine))


def sequence(values: Any, who: str, count: int) -> list[Any]:
    """Return one number for each of so many samples, or one for all of them, as a list.

    Raises
    ------
    ArgumentError
        If there are not so many.
    """
    wanted = "a number" if count == 1 else f"{count} numbers, one for each sample, or their mean"
    if isinstance(values, np.ndarray) and values.ndim:
        if values.shape != (count,):
            raise ArgumentError(f"{who} must be {wanted}; got shape {values.shape}.")
        return list(values)
    if not isinstance(values, list | tuple):
        return [values]
    if len(values) != count:
        raise ArgumentError(f"{who} must be {wanted}; got {len(values)} of them.")
    return list(values)
