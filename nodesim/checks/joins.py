"""∂H/∂c of what comes into joins, by finite differences of their aggregations alone.

Where H is smooth, it moves by Σ ∂H/∂c·ċ. Where two contributions are the largest it has a kink, and what it moves by is
no sum of parts: along each direction by itself, there is one derivative to each side.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.checks.differences import Differenced, rounding_of
from nodesim.checks.joint_slopes import JointSlopes, joint_slopes
from nodesim.functions.finite_differences import Slopes, slopes
from nodesim.gradients.derivative_graph import DerivativeGraph


class DifferencedJoins:
    """The joins of a backward that lead to an output.

    Parameters
    ----------
    graph : DerivativeGraph
    activated : ndarray of shape (n_rows, n_samples)
        What every node sends.
    dtype : str
        What the network calculates in.

    Attributes
    ----------
    parts : Differenced
        ∂H/∂c of every connection; 1 into sums.
    """

    def __init__(self, graph: DerivativeGraph, activated: Array, dtype: str) -> None:
        self._graph, schedule = graph, graph.schedule
        self.parts = Differenced.known(np.ones((len(schedule.slots), activated.shape[1])))
        self._coming: dict[int, Array] = {}
        self._joint: dict[int, JointSlopes] = {}
        for node in graph.aggregations:
            row, entering = graph.row[node], graph.entering(node)
            if len(entering) and schedule.reaching[row]:
                weights = graph.weights[schedule.slots[entering]][:, None]
                self._coming[row] = weights * activated[schedule.sources[entering]]
                self._difference(row, entering, dtype)

    def _difference(self, row: int, entering: Indices, dtype: str) -> None:
        assert self._graph.partials is not None
        coming = self._coming[row]
        found = self._joint[row] = joint_slopes(partial(self._h, row), coming)
        for place, connection in enumerate(entering.tolist()):
            used = self._graph.partials[connection]
            self.parts.put(connection, coming[place], found.each[place], used, rounding_of(dtype))

    def _h(self, row: int, coming: Array) -> Array:
        return self._graph.aggregations[self._graph.schedule.nodes[row]].function(coming)

    def __contains__(self, row: int) -> bool:
        """Whether a node is one of these joins."""
        return row in self._coming

    def moved(self, row: int, coming: Array, *, one_sided: bool) -> tuple[Array, Mask]:
        """Return how far H moves, and where it leads away from a kink, both of shape (n_directions, n_samples).

        Parameters
        ----------
        row : int
        coming : ndarray of shape (n_contributions, n_directions, n_samples)
            How far what comes in moves.
        one_sided : bool
            At a kink, whether by the derivative of the side to which it moves; else by what is nearest to what the run
            used, of all that is allowed there.
        """
        entering = self._graph.entering(self._graph.schedule.nodes[row])
        found: Array = (self.parts.slope[entering][:, None] * coming).sum(axis=0)
        bent = np.zeros(found.shape, dtype=bool)
        at = np.flatnonzero(self.parts.kink[entering].any(axis=0))
        if len(at):
            sides, bent[:, at] = self._sides(row, coming[:, :, at], at)
            low, high = (each.reshape(-1, len(at)) for each in (sides.low, sides.high))
            nearest = np.clip(found[:, at], *self._allowed(row, coming, at, low, high))
            found[:, at] = sides.right.reshape(-1, len(at)) if one_sided else nearest
        return found, bent

    def _allowed(self, row: int, coming: Array, at: Indices, low: Array, high: Array) -> tuple[Array, Array]:
        """Return between which numbers H may move at kinks: by its two sides, and by all that is next to there."""
        joint = self._joint[row]
        places = np.flatnonzero(np.isin(joint.at, at))
        own = np.searchsorted(at, joint.at[places])
        moved = np.einsum("mks,kds->mds", joint.nearby[:, :, places], coming[:, :, joint.at[places]])
        low[:, own], high[:, own] = (
            np.minimum(low[:, own], moved.min(axis=0)),
            np.maximum(high[:, own], moved.max(axis=0)),
        )
        return low, high

    def _sides(self, row: int, coming: Array, samples: Indices) -> tuple[Slopes, Mask]:
        """Return the derivatives of H along what comes in, to both sides, in some samples."""
        shape = coming.shape[1:]
        here = np.broadcast_to(self._coming[row][:, None, samples], coming.shape).reshape(len(coming), -1)
        moved = coming.reshape(len(coming), -1)
        # Directions are gone along in steps of one length, however far they lead.
        length = np.abs(moved).max(axis=0)
        unit = moved / np.where(length > 0.0, length, 1.0)
        found = slopes(partial(self._along, row, here, unit), np.zeros(unit.shape[1]), np.abs(here).max(axis=0))
        left, right, low, high = (each * length for each in (found.left, found.right, found.low, found.high))
        return Slopes(left, right, low, high, found.bend, found.kink), found.kink.reshape(shape)

    def _along(self, row: int, here: Array, unit: Array, t: Array) -> Array:
        return self._h(row, here + unit * t)
