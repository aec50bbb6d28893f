"""What penalties of weights add to derivatives of e, by finite differences of each penalty."""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array
from nodesim.checks.differences import Differenced, rounding_of
from nodesim.functions.finite_differences import slopes
from nodesim.gradients.derivative_graph import DerivativeGraph

# Of a penalty's derivative: what two ways to write it may differ by.
_EQUAL = 1e-12


class DifferencedPenalties:
    """The slopes of all penalties of a backward, weight by weight; multiplied by what its clipping multiplied them by.

    Parameters
    ----------
    graph : DerivativeGraph
    dtype : str
        What the network calculates in; penalties are calculated in double precision in any case.

    Attributes
    ----------
    exact : ndarray of shape (n_slots,)
        What the authors' derivatives add to the gradients.
    paths, differences, rounding : ndarray of shape (n_slots,)
        How far apart right derivatives may lie for that; see `Tolerances`.
    """

    def __init__(self, graph: DerivativeGraph, dtype: str) -> None:
        run, schedule = graph.run, graph.schedule
        self._clip = 1.0 if run.clip is None else run.clip
        places = [place for place, each in enumerate(schedule.connections) if graph.is_penalized(each)]
        self._names = {int(schedule.slots[place]): schedule.connections[place].name for place in places}
        slots, size = list(self._names), len(graph.weights)
        weights = np.asarray(graph.weights[slots], dtype=float)[:, None]
        self._found: list[tuple[str, Differenced]] = []
        self.exact, self.differences = np.zeros(size), np.zeros(size)
        for penalty in run.penalties:
            found = Differenced.known(np.zeros((size, 1)))
            at = slopes(penalty.regularizer.function, weights.ravel())
            found.put(slots, weights, at, penalty.gradients[slots][:, None], rounding_of("float64"))
            self._found.append((penalty.label, found))
            self.exact += self._clip * penalty.gradients
            self.differences += self._clip * (found.error[:, 0] + _EQUAL * np.abs(found.slope[:, 0]))
        # What is added to a gradient is rounded as that is.
        self.paths = (_EQUAL + 8.0 * rounding_of(dtype)) * np.abs(self.exact)
        self.rounding = np.zeros(size) if dtype == "float64" else self.paths.copy()

    def along(self, directions: Array, *, one_sided: bool = False) -> Array:
        """Return what the penalties add to the derivatives along directions, shape (n_directions,)."""
        moved = np.zeros(len(directions))
        for _, found in self._found:
            sides = np.where(directions > 0.0, found.right[:, 0], found.left[:, 0]) if one_sided else found.slope[:, 0]
            moved += (sides * directions).sum(axis=1)
        along: Array = self._clip * moved
        return along

    def kinks(self, direction: Array) -> list[str]:
        """Return where a direction leads away from a kink of a penalty."""
        return [
            f"kink of {label} at {self._names[slot]}"
            for label, found in self._found
            for slot in np.flatnonzero(found.kink[:, 0] & (direction != 0.0)).tolist()
        ]
