"""The connections as numbers are handed on along them: from the outputs back, and from the inputs on.

They belong to a schedule, and are made once for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Indices, Mask
from nodesim.gradients.propagation import Propagation, counted, reached
from nodesim.graph.schedule import Schedule


def from_error(schedule: Schedule) -> Propagation:
    """Return the propagation from the outputs back, by rows; its arcs are the connections, in their order."""
    return schedule.cached(_from_error)


def from_inputs(schedule: Schedule) -> Propagation:
    """Return the propagation from the inputs on, by rows; its arcs are the connections, in their order."""
    return schedule.cached(_from_inputs)


def _from_inputs(schedule: Schedule) -> Propagation:
    return Propagation(schedule.sources, schedule.targets, schedule.depths)


def _from_error(schedule: Schedule) -> Propagation:
    return Propagation(schedule.targets, schedule.sources, -schedule.depths)


def path_counts(schedule: Schedule, entered: Indices | None = None) -> NDArray[Any]:
    """Return by row the exact number of paths to a node's sum, as `counted` does.

    A weight has as many as the sum that it enters. No run is needed: the structure alone says it.

    Parameters
    ----------
    schedule : Schedule
    entered : ndarray of int, optional
        The rows of the nodes where paths begin; by default the outputs, where they come from e.
    """
    start = np.zeros(schedule.n_rows)
    start[schedule.output_rows if entered is None else entered] = 1.0
    return counted(from_error(schedule), start)


def feeding(schedule: Schedule, rows: Indices) -> Mask:
    """Return by row which nodes feed some nodes, these included."""
    return _reached(from_error(schedule), schedule, rows)


def fed_by(schedule: Schedule, rows: Indices | int) -> Mask:
    """Return by row which nodes some nodes feed, these included."""
    return _reached(from_inputs(schedule), schedule, rows)


def _reached(along: Propagation, schedule: Schedule, rows: Indices | int) -> Mask:
    begin = np.zeros(schedule.n_rows, bool)
    begin[rows] = True
    return reached(along, begin)
