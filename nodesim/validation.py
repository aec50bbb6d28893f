"""Arguments at the door: checked, and refused with a message that says who got what."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, DataError


def finite(value: Any, who: str) -> float:
    """Return a finite number as a float, or raise an `ArgumentError` that says who got what."""
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
        raise ArgumentError(f"{who} must be 0 or more, got {value!r}.")
    return result


def whole(value: Any, who: str, least: int = 1) -> int:
    """Return a whole number of at least `least`, or raise an `ArgumentError`."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= least:
        return int(value)
    raise ArgumentError(f"{who} must be a whole number of at least {least}, got {shortened(value)}.")


def flag(value: Any, who: str) -> bool:
    """Return a truth value, or raise an `ArgumentError`: other things have a truth that nobody meant."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise ArgumentError(f"{who} must be True or False, got {shortened(value)}.")


def numbers(data: Any, who: str) -> Array:
    """Return data as an array of floats.

    Raises
    ------
    DataError
        If it is ragged, complex, masked, or not numbers.
    """
    try:
        array = np.asarray(data)
    except (ValueError, TypeError) as error:
        raise DataError(f"{who} is no table of numbers: are its rows of different lengths? ({error})") from error
    if array.dtype.kind == "O":
        array = _unboxed(array, who)
    if array.dtype.kind not in "fiub":
        raise DataError(f"{who} must hold real numbers, got {array.dtype} ({array.ravel()[:1]}).")
    if np.ma.is_masked(data):
        raise DataError(f"{who} holds masked values; fill or drop them first.")
    if array.dtype.itemsize <= 8:
        return np.array(array, dtype=float)
    # Only wider floats can be too large: they become infinite, which is refused where it matters.
    with np.errstate(over="ignore"):
        return np.array(array, dtype=float)


def _unboxed(array: Any, who: str) -> Any:
    for value in array.ravel():
        if not isinstance(value, Real):
            raise DataError(f"{who} must hold real numbers only, got {shortened(value)}.")
    try:
        return array.astype(float)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"{who} must hold real numbers only: {error}") from error


def shortened(value: Any, length: int = 100) -> str:
    """Return what a value looks like, not more of it than fits into a message."""
    try:
        text = repr(value)
    except ValueError:
        # Whole numbers beyond some thousand digits refuse to be printed.
        text = f"a number of {value.bit_length():,} bits" if isinstance(value, int) else type(value).__name__
    return brief(text, length)


def brief(value: object, length: int = 60) -> str:
    """Return a text as it stands, of a long one its beginning; of several texts their list."""
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= length else f"{text[:length]}..."
