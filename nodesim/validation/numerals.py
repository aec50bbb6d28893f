"""Single numbers: finite ones, whole ones, and how many digits to write."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np

from nodesim.errors import ArgumentError
from nodesim.validation.shortening import shortened

# The largest whole number that compiled code can hold; of paths there may be any number.
MOST, ENDLESS = 2**63 - 1, math.inf
_WHOLE = (int, np.integer)
# No double has more digits that mean something.
DIGITS = 100


def finite(value: Any, who: str) -> float:
    """Return a finite number as a float, or raise an `ArgumentError` that says who got what."""
    if type(value) is float and math.isfinite(value):
        return value
    number = value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value
    if isinstance(number, Real) and not isinstance(number, bool | np.bool_):
        try:
            result = float(number)
        except OverflowError:
            result = math.inf
        if math.isfinite(result):
            return result
    raise ArgumentError(f"{who} must be a finite real number, got {shortened(value)}.")


def at_least_zero(value: Any, who: str) -> float:
    """Return a finite number that is not negative, or raise an `ArgumentError`."""
    result = finite(value, who)
    if result < 0:
        raise ArgumentError(f"{who} must be 0 or more, got {shortened(value)}.")
    return result


def above_zero(value: Any, who: str) -> float:
    """Return a finite number that is larger than 0, or raise an `ArgumentError`."""
    result = finite(value, who)
    if result <= 0:
        raise ArgumentError(f"{who} must be larger than 0, got {shortened(value)}.")
    return result


def whole(value: Any, who: str, least: int = 1, most: float = MOST) -> int:
    """Return a whole number from `least` to `most`, or raise an `ArgumentError`."""
    if isinstance(value, _WHOLE) and not isinstance(value, bool) and least <= value <= most:
        return int(value)
    limit = f" and at most {most:,}" if isinstance(value, int) and value > most else ""
    raise ArgumentError(f"{who} must be a whole number of at least {least}{limit}, got {shortened(value)}.")


def optional_digits(value: Any) -> int | None:
    """Return how many significant digits to write, None for all of them."""
    return None if value is None else whole(value, "digits", most=DIGITS)
