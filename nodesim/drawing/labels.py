"""Places for labels along lines, so that none covers another, a node, or a line that is not its own."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from nodesim.drawing.curves import Curve, Point
from nodesim.drawing.layout import RADIUS
from nodesim.drawing.measuring import width

SIZE = 12
_HEIGHT, _MARGIN, _REACH = 15.0, 6.0, RADIUS + 3.0
# Points along lines are so far apart; those of a cell of the grid are looked up together.
_STEP, _CELL = 4.0, 24.0
# Where along its line a label stands best, in pixels from the start, at most so far along the whole of it.
_BEST, _SHARE = 40.0, 0.32
# What is worse: to touch a label or node at all, and by the square pixel; to cover a line, by the point; to be a pixel
# away from the best place.
_TOUCH, _COVER, _LINE, _PIXEL = 1_000.0, 10.0, 6.0, 0.05
_ROUNDS = 8
# So many of the labels may stand on lines that are not theirs, on more than so many points of them.
_MOST_ASTRAY, _TOUCHED = 0.25, 2


class _Place(NamedTuple):
    """Where a label may stand: how bad that is, and what other lines and nodes it covers."""

    point: Point
    cost: float
    lines: int
    hidden: float


class LabelPlaces:
    """The places that labels may take in one picture.

    Parameters
    ----------
    curves : sequence of Curve
        The lines.
    nodes : collection of (x, y)
        The centres of the nodes.
    """

    def __init__(self, curves: Sequence[Curve], nodes: Collection[Point]) -> None:
        self._points = [curve.every(_STEP) for curve in curves]
        self._nodes = list(nodes)
        self._lines: dict[tuple[int, int], list[tuple[int, Point]]] = defaultdict(list)
        for index, points in enumerate(self._points):
            for point in points:
                self._lines[int(point[0] // _CELL), int(point[1] // _CELL)].append((index, point))

    def take(
        self, labels: Sequence[tuple[str, int, bool]], beside: Sequence[float] | None = None
    ) -> tuple[list[Point], bool]:
        """Return where the labels go, and whether they can be read: none covers another or a node, few cover lines.

        Parameters
        ----------
        labels : sequence of (str, int, bool)
            The words, the number of the line, and whether they are bold; the first choose first.
        beside : sequence of float, optional
            How much wider each is than its words.
        """
        more = beside or [0.0] * len(labels)
        halves = [(width(words, SIZE, bold=bold) + wide + _MARGIN) / 2 for (words, _, bold), wide in zip(labels, more)]
        choices = [self._choices(number, half) for (_, number, _), half in zip(labels, halves)]
        taken: list[_Place | None] = [None] * len(labels)
        worst = 0.0
        for _ in range(_ROUNDS):
            worst, before = 0.0, list(taken)
            for index, half in enumerate(halves):
                others = [(p.point, halves[i]) for i, p in enumerate(taken) if p is not None and i != index]
                covers = [place.hidden + _overlap(place.point, half, others) for place in choices[index]]
                costs = [
                    p.cost + (_TOUCH + _COVER * cover if cover else 0.0) for p, cover in zip(choices[index], covers)
                ]
                best = costs.index(min(costs))
                taken[index], worst = choices[index][best], max(worst, covers[best])
            if taken == before:
                break
        places = [place for place in taken if place is not None]
        astray = sum(place.lines > _TOUCHED for place in places)
        return [place.point for place in places], worst == 0.0 and astray <= _MOST_ASTRAY * len(places)

    def _choices(self, number: int, half: float) -> list[_Place]:
        points = self._points[number]
        best = min(_BEST / _STEP, _SHARE * len(points))
        places = []
        for index, point in enumerate(points):
            if index % 2 == 0 or len(points) < 12:
                lines = self._crossed(point, half, number)
                cost = _LINE * lines + _PIXEL * _STEP * abs(index - best)
                places.append(_Place(point, cost, lines, self._hidden(point, half)))
        return places

    def _crossed(self, point: Point, half: float, own: int) -> int:
        """Count the points of other lines under a label."""
        x, y = point
        columns = range(int((x - half) // _CELL), int((x + half) // _CELL) + 1)
        rows = range(int((y - _HEIGHT / 2) // _CELL), int((y + _HEIGHT / 2) // _CELL) + 1)
        return sum(
            number != own and abs(px - x) < half and abs(py - y) < _HEIGHT / 2
            for column in columns
            for row in rows
            for number, (px, py) in self._lines.get((column, row), ())
        )

    def _hidden(self, point: Point, half: float) -> float:
        """Return how far a label reaches into nodes."""
        wide, high = half + _REACH, _HEIGHT / 2 + _REACH
        near = [(abs(x - point[0]), abs(y - point[1])) for x, y in self._nodes]
        away = [
            math.hypot(max(dx - half, 0.0), max(dy - _HEIGHT / 2, 0.0)) for dx, dy in near if dx < wide and dy < high
        ]
        return max(_REACH - min(away, default=_REACH), 0.0)


def _overlap(point: Point, half: float, others: list[tuple[Point, float]]) -> float:
    x, y = point
    return sum(
        (half + other - abs(x - px)) * (_HEIGHT - abs(y - py))
        for (px, py), other in others
        if abs(x - px) < half + other and abs(y - py) < _HEIGHT
    )
