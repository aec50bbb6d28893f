"""One path in one sample, cut in plain numbers: a call of NumPy takes longer than all that there is to calculate."""

from __future__ import annotations

from functools import cached_property, partial
from math import isfinite
from typing import Any

import numpy as np

from nodesim.functions.scalar_forms import OfNumber, of_activation
from nodesim.paths.cutting.ground import Ground
from nodesim.paths.cutting.nodes import Nodes, not_finite


class Alone:
    """Cuts paths of one sample, one after the other; what it has looked up for one it knows for the next.

    Parameters
    ----------
    ground : Ground
        Of one sample.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._sample = ground.samples.start
        self._above, self._weights = ground.sums.trellis.above, ground.sums.weights
        # By state: H, HA and the activation.
        self._states: dict[int, tuple[float, float, OfNumber]] = {}

    def cut(self, arcs: list[int]) -> tuple[float, float]:
        """Cut a path, and return e' and e' - e.

        Parameters
        ----------
        arcs : list of int
            From the goal to e.

        Raises
        ------
        FunctionError, NonFiniteError
            If a function fails, or a number leaves the finite ones; the message says where.
        """
        states, above, weights, joins = self._states, self._above, self._weights, self._ground.joins.rows
        state, z, a, change = self._begin
        for arc in arcs:
            state = above.item(arc)
            known = states.get(state) or self._looked_up(state)
            z = known[0] + weights.item(arc) * change if joins is None else self._joined(known[0], state, arc, change)
            a = known[2](z)
            if not (isfinite(z) and isfinite(a)):
                kind, value = ("activated", a) if isfinite(z) else ("sum", z)
                raise not_finite(self._ground.sums.graph, self._row(state), kind, value, self._sample)
            change = a - known[1]
        seen = self._before.copy()
        seen[self._place(state)] = z if self._ground.end.of_sums else a
        error = self._error(seen)
        return error, error - self._error_before

    def _joined(self, old: float, state: int, arc: int, change: float) -> float:
        """Return H' of a node in a network where some are no sums."""
        ground, rows = self._ground, np.array([self._row(state)])
        if not len(ground.joins.among(rows)):
            return old + self._weights.item(arc) * change
        through = ground.sums.trellis.connections[[arc]]
        return float(ground.joins.each(rows, through, np.array([[change]]), ground.samples)[0, 0])

    @cached_property
    def _begin(self) -> tuple[int, float, float, float]:
        numbers = (float(each[0, 0]) for each in self._ground.begin(self._ground.samples))
        state = self._ground.sums.trellis.goal
        if self._ground.of.kind == "activated":
            return (state, *numbers)  # type: ignore[return-value]
        z, _, _ = numbers
        # In the form that gives the other numbers as well, so that what does not change gives 0.
        _, old, function = self._looked_up(state)
        a = function(z)
        return state, z, a, a - old

    def _row(self, state: int) -> int:
        return int(self._ground.sums.trellis.rows[state])

    def _looked_up(self, state: int) -> tuple[float, float, OfNumber]:
        row = self._row(state)
        z = float(self._ground.nodes.sums[row, self._sample])
        function = self._function(row)
        known = self._states[state] = z, function(z), function
        return known

    def _function(self, row: int) -> OfNumber:
        activation = self._ground.nodes.activation(row)
        form = None if activation is None else of_activation(activation)
        if form is None:
            return partial(_called, self._ground.nodes, row, self._ground.samples)
        mask = self._ground.sums.graph.run.mask
        kept = 1.0 if mask is None else float(mask[row, self._sample])
        return form if kept == 1.0 else lambda z: form(z) * kept

    @cached_property
    def _places(self) -> dict[int, int]:
        return {}

    def _place(self, state: int) -> int:
        place = self._places.get(state)
        if place is None:
            place = self._places[state] = int(self._ground.end.places[self._row(state)])
        return place

    @cached_property
    def _before(self) -> list[float]:
        """What e sees as long as nothing is cut."""
        end = self._ground.end
        rows = end.rows.tolist()
        values: list[float] = self._ground.nodes.sums[end.rows, self._sample].tolist()
        return values if end.of_sums else [self._function(row)(z) for row, z in zip(rows, values)]

    @cached_property
    def _of_numbers(self) -> Any:
        return self._ground.end.of_sample(self._sample)

    def _error(self, seen: list[float]) -> float:
        if self._of_numbers is None:
            numbers = np.array(seen)[:, None, None]
            return float(self._ground.end.values(numbers, self._ground.samples)[0, 0])
        error: float = self._of_numbers(seen)
        if not isfinite(error):
            raise self._ground.end.not_finite(error, self._sample)
        return error

    @cached_property
    def _error_before(self) -> float:
        return self._error(self._before)


def _called(nodes: Nodes, row: int, sample: slice, z: float) -> float:
    """Return what a node sends, by NumPy."""
    return float(nodes.sent(np.array([row]), np.array([[z]]), sample)[0, 0])
