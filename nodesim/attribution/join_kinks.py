"""Where joins have kinks: where two of what comes in are the largest, or the smallest, and where a norm is 0.

For each contribution there is a number whose zeros these are: of the largest by how much it is above all others, and of
a norm, the contribution itself. Where none of them changes its sign, all joins are smooth.
"""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.graph.run import Run
from nodesim.graph.schedule import Schedule

_BENT = ("max", "min", "norm")


class JoinKinks:
    """The joins with kinks among some nodes.

    Parameters
    ----------
    schedule : Schedule
    rows : ndarray of int
        Of nodes.
    weights : ndarray of shape (n_slots,)
    """

    def __init__(self, schedule: Schedule, rows: Indices, weights: Array) -> None:
        self._schedule = schedule
        self._parts: list[tuple[str, slice]] = []
        found: list[Indices] = [np.zeros(0, dtype=np.intp)]
        first = 0
        for row in rows[schedule.joins[rows]].tolist() if schedule.has_joins else ():
            aggregation = schedule.nodes[row].aggregation
            own = np.flatnonzero(schedule.targets == row)
            if aggregation is not None and aggregation.native in _BENT and len(own):
                found.append(own)
                self._parts.append((aggregation.native, slice(first, first + len(own))))
                first += len(own)
        self._connections = np.concatenate(found)
        self._weights = weights[schedule.slots[self._connections]][:, None]

    def coming(self, run: Run) -> Array:
        """Return what comes into these joins, W·HA of every connection, shape (n_contributions, n_samples)."""
        found: Array = self._weights * run.rows("activated", self._schedule.sources[self._connections])
        return found

    def sides(self, coming: Array) -> Array:
        """Return on which side of its kink each contribution is: −1, 0 or 1, of the shape of what comes in."""
        found = np.empty_like(coming)
        with np.errstate(all="ignore"):
            for kind, part in self._parts:
                own = coming[part]
                found[part] = np.sign(own if kind == "norm" else _above_others(own if kind == "max" else -own))
        return found


def _above_others(own: Array) -> Array:
    """Return by how much each row is above the largest of the others; infinite where there are none."""
    ranked = np.sort(own, axis=0)
    largest = ranked[-1]
    second = ranked[-2] if len(own) > 1 else np.full_like(largest, -np.inf)
    others: Array = np.where(own == largest, second, largest)
    return own - others
