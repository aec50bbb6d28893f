"""The ways on from the node that a weight enters, and what of ∂e/∂H comes back over each of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.gradients.directions import from_error, path_counts
from nodesim.graph.schedule import Schedule
from nodesim.ledger.columns import Columns

# A weight of at most so many paths has an account for each of them.
ALL = 1_000
# Of others the strongest have.
TRACKED = 200

# The connections of a path from the node on, by their numbers in connection order; none for that straight from e.
Way = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Route:
    """All ways on from a node.

    Attributes
    ----------
    row : int
        The node's.
    ways : tuple of Way
        The paths that have accounts.
    every : bool
        Whether these are all that there are: then all else follows from them.
    """

    schedule: Schedule
    row: int
    ways: tuple[Way, ...]
    every: bool

    @cached_property
    def cone(self) -> Indices:
        """The rows that lie on a path: the node, and what it leads to and leads to an output; by depth."""
        schedule = self.schedule
        waiting = [self.row] if schedule.reaching[self.row] else []
        found = set(waiting)
        while waiting:
            targets = schedule.targets[_onwards(schedule, waiting.pop())].tolist()
            waiting += [row for row in targets if row not in found]
            found.update(targets)
        rows = np.array(sorted(found), dtype=np.intp)
        return rows[np.argsort(schedule.depths[rows], kind="stable")]

    @cached_property
    def outputs(self) -> list[int]:
        """The outputs that are reached: their places among all outputs."""
        return np.flatnonzero(np.isin(self.schedule.output_rows, self.cone)).tolist()

    @cached_property
    def first(self) -> list[int]:
        """The connections by which paths go on, by their numbers in connection order."""
        return _onwards(self.schedule, self.row)

    @property
    def straight(self) -> bool:
        """Whether a path comes straight from e."""
        return bool(self.row in self.schedule.output_rows) and bool(len(self.cone))

    @property
    def size(self) -> int:
        """How many accounts there are."""
        if self.every:
            return len(self.ways)
        return len(self.outputs) + self.straight + len(self.first) + len(self.ways)

    # ---- what each account gets -----------------------------------------------------------------------------

    def numbers(self, columns: Columns, entering: Array) -> tuple[Array, Array]:
        """Return the parts of ∂e/∂H that the accounts get, shape ``(size, *shape)``, and ∂e/∂H itself.

        Parameters
        ----------
        columns : Columns
        entering : ndarray of shape ``(n_outputs, *shape)``
        """
        parts = np.empty((self.size, *columns.shape))
        if self.every:
            self._along_ways(columns, entering, parts)
            return parts, parts[0] if len(parts) == 1 else parts.sum(axis=0)
        n_outputs, n_nodes = len(self.outputs), self.straight + len(self.first)
        self._by_output(columns, entering, parts[:n_outputs])
        self._by_node(columns, entering, parts[n_outputs : n_outputs + n_nodes])
        self._along_ways(columns, entering, parts[n_outputs + n_nodes :])
        return parts, parts[:n_outputs].sum(axis=0)

    def _along_ways(self, columns: Columns, entering: Array, into: Array) -> None:
        """Set the products along all ways; those that end alike share what is behind."""
        slots, sources, targets = (getattr(self.schedule, name) for name in ("slots", "sources", "targets"))
        at = {row: place for place, row in enumerate(self.schedule.output_rows.tolist())}
        known: dict[Way, Array] = {}

        def behind(way: Way, own: Array) -> Array:
            source, target = int(sources[way[0]]), int(targets[way[0]])
            if (handed := (way[0], -1)) not in known:
                known[handed] = columns.slope(source) * columns.passed(int(slots[way[0]]))
            rest = way[1:]
            if rest and rest not in known:
                known[rest] = behind(rest, np.empty(columns.shape))
            return np.multiply(known[handed], known[rest] if rest else entering[at[target]], own)

        for way, own in zip(self.ways, into):
            if way:
                behind(way, own)
            else:
                own[...] = entering[at[self.row]]

    def _by_output(self, columns: Columns, entering: Array, into: Array) -> None:
        """Set ∂e/∂H as it comes from each output: one sweep of ∂HA/∂H from the node on."""
        schedule, cone = self.schedule, set(self.cone.tolist())
        sums, table = np.zeros((2, schedule.n_rows, *columns.shape))
        place = {int(schedule.output_rows[number]): (number, own) for number, own in zip(self.outputs, into)}
        table[self.row] = columns.slope(self.row)
        if self.row in place:
            into[self.outputs.index(place[self.row][0])] = entering[place[self.row][0]]
        for depth in range(int(schedule.depths[self.row]) + 1, int(schedule.depths.max()) + 1):
            columns.sums(depth, table, sums)
            for row in columns.rows_at(depth):
                if row in cone:
                    np.multiply(sums[row], columns.slope(row), table[row])
                    if row in place:
                        number, own = place[row]
                        np.multiply(sums[row], entering[number], own)

    def _by_node(self, columns: Columns, entering: Array, into: Array) -> None:
        """Set ∂e/∂H as it comes straight from e, and over each connection: one sweep of ∂e/∂H back to the node."""
        schedule, cone = self.schedule, set(self.cone.tolist())
        arrived, delta = np.zeros((2, schedule.n_rows, *columns.shape))
        at = {row: place for place, row in enumerate(schedule.output_rows.tolist())}
        for depth in range(int(schedule.depths.max()), int(schedule.depths[self.row]), -1):
            for row in columns.rows_at(depth):
                if row in cone:
                    np.multiply(arrived[row], columns.slope(row), delta[row])
                    if row in at:
                        delta[row] += entering[at[row]]
            columns.back(depth, delta, arrived)
        if self.straight:
            into[0] = entering[at[self.row]]
        for connection, own in zip(self.first, into[self.straight :]):
            passed = columns.passed(int(schedule.slots[connection]))
            np.multiply(columns.slope(self.row) * passed, delta[schedule.targets[connection]], own)

    # ---- what became of accounts ----------------------------------------------------------------------------

    def by_output(self, amounts: Array) -> tuple[list[int], Array]:
        """Return which outputs, by their rows, and how much came from each."""
        rows = [int(self.schedule.output_rows[number]) for number in self.outputs]
        if not self.every:
            return rows, amounts[: len(rows)]
        return rows, _grouped([self.nodes_of(way)[-1] for way in self.ways], rows, amounts)

    def by_node(self, amounts: Array) -> tuple[list[int], Array]:
        """Return which nodes paths go on to, by their rows, the node itself for those straight from e."""
        rows = [self.row] * self.straight + [int(self.schedule.targets[connection]) for connection in self.first]
        if not self.every:
            start = len(self.outputs)
            return rows, amounts[start : start + len(rows)]
        return rows, _grouped([self.nodes_of(way)[:2][-1] for way in self.ways], rows, amounts)

    def by_path(self, amounts: Array) -> tuple[tuple[Way, ...], Array]:
        """Return the paths that have accounts, and how much each brought."""
        return self.ways, amounts[self.size - len(self.ways) :]

    def total(self, amounts: Array) -> float:
        """Return how much all paths brought together."""
        return float(self.by_output(amounts)[1].sum())

    def nodes_of(self, way: Way) -> list[int]:
        """Return the rows that a path passes, from the node on."""
        return [self.row, *(int(self.schedule.targets[connection]) for connection in way)]


def _grouped(keys: list[int], rows: list[int], amounts: Array) -> Array:
    found = np.zeros(len(rows))
    np.add.at(found, [rows.index(key) for key in keys], amounts)
    return found


def _onwards(schedule: Schedule, row: int) -> list[int]:
    leaving = from_error(schedule).into(row)
    found: list[int] = leaving[schedule.reaching[schedule.targets[leaving]]].tolist()
    return found


def route(schedule: Schedule, row: int, strongest: tuple[Way, ...] | None = None) -> Route:
    """Return the ways on from a node: all, or of too many the strongest, which must be given then.

    Parameters
    ----------
    schedule : Schedule
    row : int
    strongest : tuple of Way, optional
    """
    if strongest is not None:
        return Route(schedule, row, strongest, every=False)
    ways: list[Way] = []
    waiting: list[Way] = [()] if schedule.reaching[row] else []
    outputs = set(schedule.output_rows.tolist())
    while waiting:
        way = waiting.pop()
        end = int(schedule.targets[way[-1]]) if way else row
        if end in outputs:
            ways.append(way)
        waiting += [(*way, connection) for connection in reversed(_onwards(schedule, end))]
    return Route(schedule, row, tuple(ways), every=True)


def are_many(schedule: Schedule, row: int) -> bool:
    """Tell whether more paths lead on from a node than each of which can have an account."""
    return bool(schedule.cached(path_counts)[row] > ALL)
