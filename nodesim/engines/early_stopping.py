"""When a training stops before its last epoch: one rule, for kernels and for the loop that calls them.

A watch is an array of five numbers, so that compiled code can keep it; kernels compile `stops` as it stands here.
"""

from __future__ import annotations

import math

import numpy as np

from nodesim._arrays import Array

LIMIT, TOLERANCE, PATIENCE, BEST, SINCE = range(5)


def new_watch(limit: float = -math.inf, tolerance: float = 0.0, patience: float = math.inf) -> Array:
    """Return a watch that has seen no epoch.

    Parameters
    ----------
    limit : float
        Stop after an epoch whose error is this low.
    tolerance, patience : float
        Stop when the error was not lower than the best, by more than the tolerance, for so many epochs.

    Returns
    -------
    ndarray of shape (5,)
        These three, then the best error so far, and how many epochs ago it was.
    """
    return np.array([limit, tolerance, patience, math.inf, 0.0])


def stops(watch: Array, error: float) -> bool:
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
    return bool(error <= watch[LIMIT] or watch[SINCE] >= watch[PATIENCE])


def is_watching(watch: Array) -> bool:
    """Tell whether anything can stop the training before its last epoch."""
    return bool(watch[LIMIT] > -math.inf or watch[PATIENCE] < math.inf)
