"""When a training stops before its last epoch: one rule, for kernels and for the loop that calls them.

A watch is a list of numbers, or an array of them, so that compiled code can keep it; kernels compile `stops` as it
stands here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

LIMIT, TOLERANCE, PATIENCE, BEST, SINCE, FIRST, LAST = range(7)
# So many times the first error, and rising: that is no detour any more.
DIVERGED = 1e6


def new_watch(
    limit: float = -math.inf, tolerance: float = 0.0, patience: float = math.inf, errors: Sequence[float] = ()
) -> list[float]:
    """Return a watch that has seen no epoch, or only knows the errors of those before.

    Parameters
    ----------
    limit : float
        Stop after an epoch whose error is this low.
    tolerance, patience : float
        Stop when the error was not lower than the best, by more than the tolerance, for so many epochs.
    errors : sequence of float
        Of the epochs before, the first and the last of which tell whether the training diverges.

    Returns
    -------
    list of float
        Seven: the three, then the best error so far, how many epochs ago it was, the first error and the last one.
    """
    first, last = (errors[0], errors[-1]) if len(errors) else (math.nan, math.inf)
    return [limit, tolerance, patience, math.inf, 0.0, first, last]


def stops(watch: Any, error: float) -> bool:
    """Note the error of an epoch, and tell whether training should stop, or be looked at, after it.

    Examples
    --------
    >>> watch = new_watch(patience=2)
    >>> [stops(watch, error) for error in (3.0, 2.0, 2.5, 2.0)]
    [False, False, False, True]
    """
    if error < watch[BEST] - watch[TOLERANCE]:
        watch[BEST] = error
        watch[SINCE] = 0.0
    else:
        watch[SINCE] += 1.0
    if math.isnan(watch[FIRST]):
        watch[FIRST] = error
    rises = error > watch[LAST]
    watch[LAST] = error
    # The errors of a loss that may be negative have no such measure.
    diverges = rises and watch[FIRST] > 0.0 and error > DIVERGED * watch[FIRST]
    return bool(error <= watch[LIMIT] or watch[SINCE] >= watch[PATIENCE] or diverges)


def diverges(errors: Sequence[float], begun: int = 0) -> bool:
    """Tell whether a training diverges: the error of its last epoch is DIVERGED times the first one, and rising.

    Parameters
    ----------
    errors : sequence of float
        Of the epochs so far.
    begun : int
        How many of these do not count.

    Examples
    --------
    >>> diverges([1.0, 1e7, 1e8]), diverges([1.0, 1e8, 1e7]), diverges([1.0, 10.0, 100.0])
    (True, False, False)
    """
    if len(errors) < begun + 2 or not errors[-1] > errors[-2]:
        return False
    return stops(new_watch(errors=(errors[begun], errors[-2])), errors[-1])


def is_watching(watch: Any) -> bool:
    """Tell whether any epoch may be one to stop after, and not only those of a training that diverges."""
    return bool(watch[LIMIT] > -math.inf or watch[PATIENCE] < math.inf)
