"""Smooth lines through points, as pieces of Bézier curves, that can be cut and walked along."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise

Point = tuple[float, float]
Cubic = tuple[Point, Point, Point, Point]

_STEPS, _HALVINGS = 16, 24


class Curve:
    """A line of Bézier pieces, each beginning where the last one ends.

    Parameters
    ----------
    pieces : sequence of (start, control, control, end)

    Examples
    --------
    >>> Curve([line((0.0, 0.0), (90.0, 0.0))]).outside((0.0, 0.0), 27.0).path()
    'M27 0L90 0'
    """

    def __init__(self, pieces: Sequence[Cubic]) -> None:
        self.pieces = list(pieces)

    def reversed(self) -> Curve:
        """Return the same line from its end to its start."""
        return Curve([(d, c, b, a) for a, b, c, d in reversed(self.pieces)])

    def outside(self, centre: Point, distance: float) -> Curve:
        """Return what is left of a line that starts in a centre when all near the centre is cut off."""
        for index, piece in enumerate(self.pieces):
            if math.dist(piece[3], centre) > distance:
                low, high = 0.0, 1.0
                for _ in range(_HALVINGS):
                    middle = (low + high) / 2
                    near = math.dist(at(piece, middle), centre) <= distance
                    low, high = (middle, high) if near else (low, middle)
                return Curve([_behind(piece, high), *self.pieces[index + 1 :]])
        return self

    def points(self, steps: int = _STEPS) -> list[Point]:
        """Return points along the line, so many for each piece that is bent."""
        points = [self.pieces[0][0]]
        for piece in self.pieces:
            points += [at(piece, step / steps) for step in range(1, steps + 1)]
        return points

    def every(self, distance: float) -> list[Point]:
        """Return points along the line, the same distance apart."""
        points = self.points()
        lengths = list(accumulate((math.dist(a, b) for a, b in pairwise(points)), initial=0.0))
        places, index = [], 0
        for step in range(int(lengths[-1] / distance) + 1):
            while index < len(points) - 2 and lengths[index + 1] < step * distance:
                index += 1
            share = (step * distance - lengths[index]) / ((lengths[index + 1] - lengths[index]) or 1.0)
            (x1, y1), (x2, y2) = points[index], points[index + 1]
            places.append((x1 + share * (x2 - x1), y1 + share * (y2 - y1)))
        return places

    def path(self) -> str:
        """Write the line as the d of an SVG path."""
        written = [f"M{_pair(self.pieces[0][0])}"]
        for a, b, c, d in self.pieces:
            bent = max(abs(_side(a, d, b)), abs(_side(a, d, c))) > 0.05 * math.dist(a, d)
            written.append(f"C{_pair(b)} {_pair(c)} {_pair(d)}" if bent else f"L{_pair(d)}")
        return "".join(written)


def line(start: Point, end: Point) -> Cubic:
    """Return a straight piece."""
    third = ((end[0] - start[0]) / 3, (end[1] - start[1]) / 3)
    return start, (start[0] + third[0], start[1] + third[1]), (end[0] - third[0], end[1] - third[1]), end


def through(start: Point, slope: float, end: Point, final: float) -> Cubic:
    """Return the piece from point to point, to the right, that leaves and arrives with these slopes."""
    third = (end[0] - start[0]) / 3
    return start, (start[0] + third, start[1] + third * slope), (end[0] - third, end[1] - third * final), end


def at(piece: Cubic, t: float) -> Point:
    """Return the point of a piece at t, from 0 to 1."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = piece
    u = 1 - t
    k, m, n, p = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
    return k * ax + m * bx + n * cx + p * dx, k * ay + m * by + n * cy + p * dy


def _behind(piece: Cubic, t: float) -> Cubic:
    """Return the part of a piece behind t."""
    a, b, c, d = piece
    ab, bc, cd = _between(a, b, t), _between(b, c, t), _between(c, d, t)
    abc, bcd = _between(ab, bc, t), _between(bc, cd, t)
    return _between(abc, bcd, t), bcd, cd, d


def _between(a: Point, b: Point, t: float) -> Point:
    return a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])


def _side(a: Point, b: Point, point: Point) -> float:
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])


def _pair(point: Point) -> str:
    return " ".join(f"{value:.1f}".removesuffix(".0") for value in point)
