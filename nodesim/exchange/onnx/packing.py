"""Long lists of whole numbers, written as runs: layers that are fully connected have few of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim._arrays import Indices
from nodesim.errors import ExchangeError

_LARGEST = 2**31


def packed(numbers: Indices, step: int) -> list[Any]:
    """Return pairs of first number and length for each run that rises by `step`; the numbers themselves if shorter.

    Examples
    --------
    >>> packed(np.array([0, 0, 0, 0, 0, 0, 0, 7, 7, 7, 7, 7]), 0)
    [[0, 7], [7, 5]]
    >>> packed(np.array([3, 1, 2]), 0)
    [3, 1, 2]
    """
    starts = np.flatnonzero(np.diff(numbers, prepend=-1) != step)
    starts = np.unique(np.concatenate([starts, np.zeros(min(1, len(numbers)), dtype=np.intp)]))
    if 3 * len(starts) > len(numbers):
        return list(numbers.tolist())
    return list(np.stack([numbers[starts], np.diff(starts, append=len(numbers))], axis=1).tolist())


def unpacked(given: Any, step: int, most: int) -> Any:
    """Return the numbers again, `most` at most; what is no list of runs as it is.

    Raises
    ------
    ExchangeError
        For runs of another form, or too many numbers.
    """
    if not (isinstance(given, list) and given and isinstance(given[0], list)):
        return given
    for run in given:
        whole = isinstance(run, list) and len(run) == 2 and all(type(each) is int for each in run)
        if not whole or not 0 <= run[0] < _LARGEST or not 0 < run[1] <= most:
            raise ExchangeError("a list in them is no list of runs")
    firsts, counts = np.array(given, dtype=np.intp).T
    if sum(counts.tolist()) > most:
        raise ExchangeError("they describe more connections than the model has numbers")
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return (np.repeat(firsts, counts) + step * within).tolist()
