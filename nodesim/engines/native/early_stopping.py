"""Early stopping inside a kernel: the same rules as `nodesim.training`, so that no epoch too many is trained."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.engines.native.jit import inlined
from nodesim.engines.training_task import Watch

LIMIT, TOLERANCE, PATIENCE, BEST, SINCE = range(5)


def as_array(watch: Watch) -> Array:
    """Return what a kernel keeps an eye on."""
    return np.array([watch.limit, watch.tolerance, watch.patience, watch.best, float(watch.since)])


@inlined
def stops(watch: Any, error: float) -> bool:
    """Note the error of an epoch, and tell whether training should stop, or be looked at, after it."""
    if error < watch[BEST] - watch[TOLERANCE]:
        watch[BEST] = error
        watch[SINCE] = 0.0
    else:
        watch[SINCE] += 1.0
    return error <= watch[LIMIT] or watch[SINCE] >= watch[PATIENCE]  # type: ignore[no-any-return]


def is_watching(watch: Watch) -> bool:
    """Tell whether anything can stop the training before its last epoch."""
    return watch.limit > -math.inf or watch.patience < math.inf
