"""Lines for connections: straight where nothing is in the way, otherwise smooth curves between the nodes.

References
----------
Fritsch, F., R. Carlson, "Monotone piecewise cubic interpolation" (SIAM Journal on Numerical Analysis, 1980): a line
through its lanes that never swings beyond them.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from itertools import pairwise

from nodesim.drawing.curves import Cubic, Curve, Point, line, through
from nodesim.drawing.layout import RADIUS, Layout, swing
from nodesim.graph.elements import Connection

# How near to another node's circle a line may pass, how steep one passes a column, and how far a level piece reaches.
_CLEAR, _STEEPEST, _LEVEL = 5.0, 1.1, 7.0
_TRIES = 4
# How wide and how low a loop is, and how far a line that leads back is bent.
_LOOP, _LOOP_LOW, _BEND = 15.0, 22.0, 34.0


class Router:
    """Finds the lines of one picture.

    Parameters
    ----------
    plan : Layout
    """

    def __init__(self, plan: Layout) -> None:
        self.plan = plan
        self._heights: dict[float, list[float]] = {}
        for x, y in plan.places.values():
            self._heights.setdefault(x, []).append(y)
        for heights in self._heights.values():
            heights.sort()

    def curve(self, c: Connection) -> Curve:
        """Return the line of a connection, from the centre of its source to the centre of its target."""
        start, end = self.plan.places[c.source], self.plan.places[c.target]
        if c.source is c.target:
            return Curve(_loop(start))
        if start[0] == end[0]:
            return Curve(_later(start, end) if c.delay else _beside(start, end))
        forward = start[0] < end[0]
        if not forward and c.delay and c not in self.plan.lanes:
            return Curve([_bent(start, end)])
        left, right = (start, end) if forward else (end, start)
        curve = self._between([left, *self.plan.lanes.get(c, ()), right])
        return curve if forward else curve.reversed()

    def _between(self, points: list[Point]) -> Curve:
        """Draw a smooth line through points, more level wherever it would come too near to a node."""
        slopes = _slopes(points)
        level = [False] * len(points)
        for attempt in range(_TRIES + 1):
            pieces = [
                _piece(start, end, slopes[index : index + 2], level[index : index + 2])
                for index, (start, end) in enumerate(pairwise(points))
            ]
            near = self._near(points, pieces)
            if not near:
                break
            for index in near:
                slopes[index] /= 2
                if attempt == _TRIES - 1 or len(points) == 2:
                    slopes[index], level[index] = 0.0, True
        return Curve([cubic for piece in pieces for cubic in piece])

    def _near(self, points: list[Point], pieces: list[list[Cubic]]) -> set[int]:
        """Return at which points the line comes too near to a node of that column which is none of its ends."""
        near = set()
        for index, piece in enumerate(pieces):
            walk = Curve(piece).points()
            for place in (index, index + 1):
                own = points[place] if place in (0, len(points) - 1) else None
                if self._hits(walk, points[place][0], own):
                    near.add(place)
        return near

    def _hits(self, walk: Iterable[Point], column: float, own: Point | None) -> bool:
        heights, most = self._heights.get(column, []), RADIUS + _CLEAR
        for x, y in walk:
            if abs(x - column) >= most:
                continue
            place = bisect_left(heights, y)
            for height in heights[max(place - 1, 0) : place + 1]:
                other = own is None or height != own[1]
                if other and (x - column) ** 2 + (y - height) ** 2 < most**2:
                    return True
        return False


def _slopes(points: list[Point]) -> list[float]:
    secants = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in pairwise(points)]
    if len(secants) == 1:
        return secants * 2
    inner = [2 * a * b / (a + b) if a * b > 0 else 0.0 for a, b in pairwise(secants)]
    slopes = [(3 * secants[0] - inner[0]) / 2, *inner, (3 * secants[-1] - inner[-1]) / 2]
    return [max(-_STEEPEST, min(_STEEPEST, slope)) for slope in slopes]


def _piece(start: Point, end: Point, slopes: list[float], level: list[bool]) -> list[Cubic]:
    """Return the line from one column to the next, with level ends beside the nodes where asked for."""
    reach = RADIUS + _LEVEL
    first = (start[0] + reach, start[1]) if level[0] else start
    last = (end[0] - reach, end[1]) if level[1] else end
    pieces = [line(start, first)] if level[0] else []
    pieces.append(through(first, slopes[0], last, slopes[1]))
    return [*pieces, line(last, end)] if level[1] else pieces


def _loop(centre: Point) -> list[Cubic]:
    """Return a line from a node to itself, below it."""
    x, y = centre
    left, right, low = (x - _LOOP, y + RADIUS + 3), (x + _LOOP, y + RADIUS + 3), y + RADIUS + _LOOP_LOW
    return [line(centre, right), (right, (x + 1.6 * _LOOP, low), (x - 1.6 * _LOOP, low), left), line(left, centre)]


def _bent(start: Point, end: Point) -> Cubic:
    """Return a line back to the column before, beside the one that may lead straight on."""
    third = (end[0] - start[0]) / 3, (end[1] - start[1]) / 3
    return (
        start, (start[0] + third[0], start[1] + third[1] + _BEND), (end[0] - third[0], end[1] - third[1] + _BEND), end
    )  # fmt: skip


def _later(start: Point, end: Point) -> list[Cubic]:
    """Return a delayed line within a column, where two may lead both ways: down on the right, up on the left.

    It leaves and arrives aslant, because from the side come others.
    """
    side = down = 1 if start[1] < end[1] else -1
    reach = (RADIUS + 3) * math.sqrt(0.5)
    first, last = (start[0] + side * reach, start[1] + down * reach), (end[0] + side * reach, end[1] - down * reach)
    out = start[0] + side * (RADIUS + 4 / 3 * swing(abs(end[1] - start[1])))
    return [line(start, first), (first, (out, first[1]), (out, last[1]), last), line(last, end)]


def _beside(start: Point, end: Point) -> list[Cubic]:
    """Return a line within a column: out to its right, past what stands between, and back."""
    x = start[0] + RADIUS + _LEVEL
    out = start[0] + RADIUS + 4 / 3 * (swing(abs(end[1] - start[1])))
    first, last = (x, start[1]), (x, end[1])
    return [line(start, first), (first, (out, start[1]), (out, end[1]), last), line(last, end)]
