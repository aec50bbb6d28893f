"""How high the vertices of ordered columns stand: near what they are joined with, and never too near each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

_SWEEPS = 24


def heights(
    columns: Sequence[Sequence[int]],
    edges: Mapping[tuple[int, int], float],
    rooms: Sequence[Sequence[float]],
) -> dict[int, float]:
    """Return y of every vertex.

    Parameters
    ----------
    columns : sequence of sequence of int
        From top to bottom.
    edges : mapping of (int, int) to float
        Between neighbouring columns, each with how much it wants to be level.
    rooms : sequence of sequence of float
        For each column, the least distances between its neighbours: one less than it has vertices.

    Examples
    --------
    >>> heights([[0], [1, 2]], {(0, 1): 1.0, (0, 2): 1.0}, [[], [84.0]])
    {0: 0.0, 1: -42.0, 2: 42.0}
    """
    near: dict[int, list[tuple[int, float]]] = {vertex: [] for column in columns for vertex in column}
    for (source, target), weight in edges.items():
        near[source].append((target, weight))
        near[target].append((source, weight))
    y: dict[int, float] = {}
    for column, room in zip(columns, rooms):
        ends = list(accumulate(room, initial=0.0))
        y.update((vertex, end - ends[-1] / 2) for vertex, end in zip(column, ends))
    for sweep in range(_SWEEPS):
        order = range(len(columns)) if sweep % 2 == 0 else reversed(range(len(columns)))
        for index in order:
            wanted = [_wanted(vertex, near[vertex], y) for vertex in columns[index]]
            y.update(zip(columns[index], apart(wanted, rooms[index])))
    return y


def _wanted(vertex: int, near: list[tuple[int, float]], y: dict[int, float]) -> tuple[float, float]:
    """Return the mean height of what a vertex is joined with, and how much that counts."""
    total = sum(weight for _, weight in near)
    if not total:
        return y[vertex], 0.1
    return sum(weight * y[other] for other, weight in near) / total, total


def apart(wanted: Sequence[tuple[float, float]], room: Sequence[float]) -> list[float]:
    """Return the heights nearest to the wanted ones, in squares with weights, that keep the distances.

    Notes
    -----
    Without the distances the heights must rise: what does not is drawn together into blocks, each at its mean.

    Examples
    --------
    >>> apart([(0.0, 1.0), (0.0, 1.0), (50.0, 1.0)], [10.0, 10.0])
    [-5.0, 5.0, 50.0]
    """
    shifts = list(accumulate(room, initial=0.0))
    blocks: list[tuple[float, float, int]] = []
    for (value, weight), shift in zip(wanted, shifts):
        block = (value - shift, weight, 1)
        while blocks and blocks[-1][0] >= block[0]:
            mean, mass, count = blocks.pop()
            block = ((mean * mass + block[0] * block[1]) / (mass + block[1]), mass + block[1], count + block[2])
        blocks.append(block)
    levels = [mean for mean, _, count in blocks for _ in range(count)]
    return [level + shift for level, shift in zip(levels, shifts)]
