"""Numbers as JSON has them: exact, and those that JSON has no sign for as words; many of them in few letters."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.notation.symbols import Count

# Path counts with more digits than these are shortened where all of them would make the document too large.
_DIGITS = 100
_MOST_DIGITS = 2_000_000


def written(values: Array) -> list[Any]:
    """Return an array as a list of floats; NaN and infinities as text.

    Examples
    --------
    >>> import numpy as np
    >>> written(np.array([0.1, np.nan, -np.inf]))
    [0.1, 'NaN', '-Infinity']
    """
    plain: list[Any] = np.asarray(values, dtype=float).tolist()
    return plain if np.isfinite(values).all() else [one(value) for value in plain]


def packed(values: Array) -> str:
    """Return an array as text with every bit of it, eleven letters a number: base64 of float64, the low byte first.

    Examples
    --------
    >>> import numpy as np
    >>> packed(np.array([1.0, -2.0]))
    'AAAAAAAA8D8AAAAAAAAAwA=='
    >>> unpacked(packed(np.array([0.1, np.nan, -np.inf])))
    array([ 0.1,  nan, -inf])
    """
    return base64.b64encode(np.asarray(values, dtype="<f8").tobytes()).decode("ascii")


def unpacked(text: str) -> Array:
    """Return the array that `packed` made a text of."""
    return np.frombuffer(base64.b64decode(text), dtype="<f8").astype(float)


def one(value: float) -> float | str:
    """Return a single number as `written` does."""
    if math.isfinite(value):
        return float(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def digits(counts: Iterable[int]) -> list[str]:
    """Return exact whole numbers as text, whatever their length.

    All together they may have two million digits; beyond that the long ones are shortened, and show it by a "≈".

    Examples
    --------
    >>> digits([8, 2**64])
    ['8', '18446744073709551616']
    """
    numbers = list(counts)
    long = sum(number.bit_length() for number in numbers) * math.log10(2.0) > _MOST_DIGITS
    return [str(Count(number)) if long and number >= 10**_DIGITS else _exact(number) for number in numbers]


def _exact(number: int) -> str:
    # Python refuses to print whole numbers of more than 4,300 digits; a Decimal it prints.
    return str(number) if number.bit_length() < 10_000 else f"{Decimal(number):f}"
