"""Places for labels along lines, so that none covers another, a node, or a line that is not its own."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Sequence

from nodesim.drawing.curves import Curve, Point
from nodesim.drawing.layout import RADIUS
from nodesim.drawing.words import width

SIZE = 12
_HEIGHT, _MARGIN = 15.0, 6.0
# Points along lines are so far apart; those of a cell of the grid are looked up together.
_STEP, _CELL = 4.0, 24.0
# Where along its line a label stands best, in pixels from the start, at most so far along the whole of it.
_BEST, _SHARE = 40.0, 0.32
# What is worse: to cover a label or node, by the square pixel, or a line, by the point; a pixel from the best place.
_COVER, _LINE, _PIXEL = 10.0, 6.0, 0.05
_ROUNDS = 3


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

    def take(self, labels: Sequence[tuple[str, int, bool]]) -> tuple[list[Point], bool]:
        """Return where the labels go, and whether none covers another or a node.

        Parameters
        ----------
        labels : sequence of (str, int, bool)
            The words, the number of the line, and whether they are bold; the first choose first.
        """
        halves = [(width(words, SIZE, bold=bold) + _MARGIN) / 2 for words, _, bold in labels]
        choices = [self._choices(number, half) for (_, number, _), half in zip(labels, halves)]
        taken: list[Point | None] = [None] * len(labels)
        worst = 0.0
        for _ in range(_ROUNDS):
            worst, before = 0.0, list(taken)
            for index, half in enumerate(halves):
                others = [(p, halves[i]) for i, p in enumerate(taken) if p is not None and i != index]
                _, taken[index], covered = min(
                    (own + _COVER * (over + hidden), point, over + hidden)
                    for own, hidden, point in choices[index]
                    for over in (_overlap(point, half, others),)
                )
                worst = max(worst, covered)
            if taken == before:
                break
        return [point for point in taken if point is not None], worst == 0.0

    def _choices(self, number: int, half: float) -> list[tuple[float, float, Point]]:
        """Return places along a line: how bad each is by itself, how much of nodes it covers, and where it is."""
        points = self._points[number]
        best = min(_BEST / _STEP, _SHARE * len(points))
        return [
            (
                _LINE * self._crossed(point, half, number) + _PIXEL * _STEP * abs(index - best),
                self._hidden(point, half),
                point,
            )
            for index, point in enumerate(points)
            if index % 2 == 0 or len(points) < 12
        ]

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
        reach = RADIUS + 3.0
        deepest = 0.0
        for x, y in self._nodes:
            away = math.hypot(max(abs(x - point[0]) - half, 0.0), max(abs(y - point[1]) - _HEIGHT / 2, 0.0))
            deepest = max(deepest, reach - away)
        return deepest


def _overlap(point: Point, half: float, others: list[tuple[Point, float]]) -> float:
    x, y = point
    return sum(
        (half + other - abs(x - px)) * (_HEIGHT - abs(y - py))
        for (px, py), other in others
        if abs(x - px) < half + other and abs(y - py) < _HEIGHT
    )
