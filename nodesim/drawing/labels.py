"""Places for labels along arrows, so that none covers another."""

from __future__ import annotations

from collections.abc import Callable

Point = tuple[float, float]

# How far along its arrow a label may stand, best first: near the source, where arrows are apart.
_ALONG = (0.3, 0.22, 0.38, 0.15, 0.46, 0.54, 0.62, 0.7)
_LETTER, _MARGIN, _HEIGHT = 7.6, 5.0, 15.0


class LabelPlaces:
    """The places that labels take in one picture."""

    def __init__(self) -> None:
        self._taken: list[tuple[Point, float]] = []

    def take(self, words: str, along: Callable[[float], Point]) -> Point:
        """Return where a label goes: the first place where it covers no other, or where it covers least.

        Parameters
        ----------
        words : str
        along : callable
            Returns the point at a share of the arrow's length.
        """
        width = _LETTER * len(words) + _MARGIN
        points = [along(share) for share in _ALONG]
        point = min(points, key=lambda point: self._covered(point, width))
        self._taken.append((point, width))
        return point

    def _covered(self, point: Point, width: float) -> float:
        return sum(
            max(0.0, (width + other) / 2 - abs(point[0] - x)) * max(0.0, _HEIGHT - abs(point[1] - y))
            for (x, y), other in self._taken
        )
