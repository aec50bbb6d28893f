"""Tables of numbers: inputs, targets, weights."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import DataError, NodesimError
from nodesim.validation.shortening import shortened

_DOUBLE = np.dtype(float)


def numbers(data: Any, who: str, *, shared: bool = False) -> Array:
    """Return data as an array of floats.

    Parameters
    ----------
    data : array_like
    who : str
        Whose they are, for messages.
    shared : bool
        Whether the caller's own array will do, where it is one of floats; else it is always a new one.

    Raises
    ------
    DataError
        If it is ragged, complex, masked, or not numbers, or more than memory holds.
    """
    try:
        return _floats(data, who, shared)
    except MemoryError as error:
        raise DataError(f"{who} does not fit in memory: {_size(data)}.") from error


def _floats(data: Any, who: str, shared: bool) -> Array:
    if shared and type(data) is np.ndarray and data.dtype is _DOUBLE:
        return data
    array = _array(data, who)
    if array.dtype.kind == "O":
        array = _unboxed(array, who)
    if array.dtype.kind not in "fiub":
        first = f" ({shortened(array.ravel()[:1])})" if array.size else ""
        raise DataError(f"{who} must hold real numbers, got {array.dtype}{first}.")
    if np.ma.is_masked(data):
        raise DataError(f"{who} holds masked values; fill or drop them first.")
    if array.dtype.itemsize <= 8:
        return np.asarray(array, dtype=float) if shared else np.array(array, dtype=float)
    # Only wider floats can be too large: they become infinite, which is refused where it matters.
    with np.errstate(over="ignore"):
        return np.array(array, dtype=float)


def _array(data: Any, who: str) -> Any:
    try:
        return np.asarray(data)
    except (NodesimError, MemoryError):
        raise
    except Exception as error:
        # Data bring their own ways to become an array, which may fail in any way.
        why = shortened(str(error))
        raise DataError(f"{who} is no table of numbers: are its rows of different lengths? ({why})") from error


def _unboxed(array: Any, who: str) -> Any:
    for value in array.flat:
        if not isinstance(value, Real):
            raise DataError(f"{who} must hold real numbers only, got {shortened(value)}.")
    try:
        return array.astype(float)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"{who} must hold real numbers only: {error}") from error


def _size(data: Any) -> str:
    return f"shape {data.shape}" if isinstance(data, np.ndarray) else f"a {type(data).__name__}"
