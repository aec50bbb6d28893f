"""In which order vertices stand in their columns, so that few of the edges between neighbouring columns cross.

References
----------
Sugiyama, K., S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system structures" (IEEE
Transactions on Systems, Man, and Cybernetics, 1981); E. Gansner, E. Koutsofios, S. North, K. Vo, "A technique for
drawing directed graphs" (IEEE Transactions on Software Engineering, 1993), where the exchange of neighbours comes from.
"""

from __future__ import annotations

from bisect import bisect, bisect_left, insort
from collections.abc import Callable, Collection, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from random import Random

_SWEEPS = 10
# So many sweeps, or beginnings, without a gain are the last.
_PATIENCE = 4
_EXCHANGES = 3
# Moving each vertex to its best place looks at all pairs of a column: for so many pairs it is worth it.
_MOST_PAIRS, _SIFTINGS = 8_000, 4
_MOST_BEGINNINGS, _BEGINNING_PAIRS = 12, 1_000

Columns = list[list[int]]


def ordered(columns: Sequence[Sequence[int]], edges: Collection[tuple[int, int]], movable: Collection[int]) -> Columns:
    """Return the columns with few crossings: the given order, if no other that is found has fewer.

    Parameters
    ----------
    columns : sequence of sequence of int
        The vertices of each column, in their natural order.
    edges : collection of (int, int)
        Each from a vertex to one in the next column.
    movable : collection of int
        Vertices without a natural order, which may move past the others at once.

    Notes
    -----
    The same arguments give the same order.

    Examples
    --------
    >>> ordered([[0, 1], [2, 3]], [(0, 3), (1, 2)], ())
    [[0, 1], [3, 2]]
    """
    graph = _Graph([list(column) for column in columns], edges)
    if not graph.crossings():
        return graph.columns
    graph.sift(movable)
    best, fewest = graph.columns, graph.crossings()
    pairs = sum(len(column) ** 2 for column in columns)
    # Where that takes no time, more beginnings lead to better ends. The same ones always: a picture stays what it is.
    idle = 0
    for beginning in range(max(1, min(_MOST_BEGINNINGS, _BEGINNING_PAIRS // pairs))):
        if not fewest or idle > _PATIENCE:
            break
        mixed = Random(beginning)
        graph.arrange([mixed.sample(column, len(column)) if beginning else list(column) for column in columns])
        graph.improve(backwards=bool(beginning % 2))
        crossings, idle = graph.crossings(), idle + 1
        if crossings < fewest:
            best, fewest, idle = graph.columns, crossings, 0
    return best


def crossings(columns: Sequence[Sequence[int]], edges: Collection[tuple[int, int]]) -> int:
    """Return how many pairs of edges cross.

    Examples
    --------
    >>> crossings([[0, 1], [2, 3]], [(0, 3), (1, 2)]), crossings([[0, 1], [3, 2]], [(0, 3), (1, 2)])
    (1, 0)
    """
    return _Graph([list(column) for column in columns], edges).crossings()


class _Graph:
    """Columns in an order that changes."""

    def __init__(self, columns: Columns, edges: Collection[tuple[int, int]]) -> None:
        self.before: dict[int, list[int]] = {vertex: [] for column in columns for vertex in column}
        self.behind: dict[int, list[int]] = {vertex: [] for column in columns for vertex in column}
        for source, target in edges:
            self.before[target].append(source)
            self.behind[source].append(target)
        self.arrange(columns)

    def arrange(self, columns: Columns) -> None:
        self.columns = columns
        self.row = {vertex: row for column in columns for row, vertex in enumerate(column)}

    def crossings(self) -> int:
        total = 0
        for column in self.columns:
            ends = [(row, self.row[far]) for row, vertex in enumerate(column) for far in self.behind[vertex]]
            total += _inversions(sorted(ends))
        return total

    def improve(self, *, backwards: bool) -> None:
        """Sweep to and fro as long as it helps, then move single vertices."""
        best, fewest, idle = self.columns, self.crossings(), 0
        for sweep in range(_SWEEPS):
            if not fewest or idle > _PATIENCE:
                break
            self.sweep(backwards=backwards != bool(sweep % 2), key=_mean if sweep % 4 < 2 else _median)
            self.exchange()
            crossings, idle = self.crossings(), idle + 1
            if crossings < fewest:
                best, fewest, idle = self.columns, crossings, 0
        self.arrange(best)
        self.sift(self.row)

    def sweep(self, *, backwards: bool, key: Callable[[list[int]], float]) -> None:
        """Sort column after column by where its neighbours in the last one stand; what has none keeps its place."""
        near = self.behind if backwards else self.before
        columns = list(self.columns)
        for index in reversed(range(len(columns))) if backwards else range(len(columns)):
            rows = {v: [self.row[far] for far in near[v]] for v in columns[index]}
            bound = iter(sorted((v for v in columns[index] if rows[v]), key=lambda v: key(rows[v])))
            columns[index] = [next(bound) if rows[v] else v for v in columns[index]]
            self.row.update((v, row) for row, v in enumerate(columns[index]))
        self.columns = columns

    def exchange(self) -> None:
        """Exchange neighbours as long as that saves crossings."""
        columns = [list(column) for column in self.columns]
        waiting = set(range(len(columns)))
        for _ in range(_EXCHANGES):
            changed = {index for index in sorted(waiting) if self._exchange(columns[index])}
            waiting = {near for index in changed for near in (index - 1, index, index + 1) if 0 <= near < len(columns)}
        self.columns = columns

    def _exchange(self, column: list[int]) -> bool:
        changed = False
        sides = self._sides(column)
        for row, (upper, lower) in enumerate(pairwise(list(column))):
            upper = column[row]  # It may have moved down.
            if _cost(sides[lower], sides[upper]) < _cost(sides[upper], sides[lower]):
                column[row], column[row + 1] = lower, upper
                self.row[lower], self.row[upper] = row, row + 1
                changed = True
        return changed

    def _sides(self, column: list[int]) -> dict[int, tuple[list[int], list[int]]]:
        """Return for each vertex the rows of its neighbours, before it and behind it."""
        row = self.row
        return {v: (sorted(row[u] for u in self.before[v]), sorted(row[u] for u in self.behind[v])) for v in column}

    def sift(self, vertices: Collection[int]) -> None:
        """Move each of these vertices to the place in its column where it saves most crossings."""
        chosen = set(vertices)
        columns = [list(column) for column in self.columns]
        pairs = sum(len(column) * len(chosen.intersection(column)) for column in columns)
        for _ in range(_SIFTINGS if pairs <= _MOST_PAIRS else 0):
            changed = False
            for column in columns:
                moving, sides = [v for v in column if v in chosen], self._sides(column)
                changed |= sum(_moved(column, v, sides) for v in moving) > 0
                self.row.update((v, row) for row, v in enumerate(column))
            if not changed:
                break
        self.columns = columns


def _moved(column: list[int], vertex: int, sides: dict[int, tuple[list[int], list[int]]]) -> bool:
    start = column.index(vertex)
    best, fewest = start, 0
    for rows in (range(start - 1, -1, -1), range(start + 1, len(column))):
        change = 0
        for row in rows:
            passed = _cost(sides[vertex], sides[column[row]]) - _cost(sides[column[row]], sides[vertex])
            change += passed if row < start else -passed
            if change < fewest:
                best, fewest = row, change
    if best != start:
        column.insert(best, column.pop(start))
    return best != start


def _cost(upper: tuple[list[int], list[int]], lower: tuple[list[int], list[int]]) -> int:
    """Return how many edges of two vertices cross if one stands above the other."""
    total = 0
    for above, below in zip(upper, lower):
        # Mostly all ends of the one are above all ends of the other, or there is one of each.
        if above and below and above[-1] > below[0]:
            if len(above) == 1:
                total += bisect_left(below, above[0])
            else:
                for end in above:
                    total += bisect_left(below, end)
    return total


def _mean(rows: list[int]) -> float:
    return sum(rows) / len(rows)


def _median(rows: list[int]) -> float:
    rows = sorted(rows)
    return (rows[len(rows) // 2] + rows[(len(rows) - 1) // 2]) / 2


def _inversions(ends: list[tuple[int, int]]) -> int:
    """Return how many pairs, sorted by their first number, have their second ones the other way round."""
    before: list[int] = []
    inversions = 0
    for _, group in groupby(ends, itemgetter(0)):
        seconds = [second for _, second in group]
        inversions += sum(len(before) - bisect(before, second) for second in seconds)
        for second in seconds:
            insort(before, second)
    return inversions
