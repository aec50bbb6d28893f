"""Arrays with room for what is to come."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def grown(array: NDArray[Any], size: int, filled: float = 0) -> NDArray[Any]:
    """Return an array with room for so many entries, at least twice as long if that of now is too small.

    Parameters
    ----------
    array : ndarray of shape (n,)
    size : int
    filled : float
        What stands in the new entries.

    Examples
    --------
    >>> grown(np.array([1, 2]), 3).tolist()
    [1, 2, 0, 0]
    """
    if size <= len(array):
        return array
    more = np.zeros(max(size, 2 * len(array)), dtype=array.dtype)
    more[: len(array)] = array
    if filled:
        more[len(array) :] = filled
    return more
