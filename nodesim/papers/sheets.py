"""Sheets of paper: how large they are, and whether a picture stands better on its side."""

from __future__ import annotations

# In points: what there is to write on, within the margins, a line for a caption left out.
SIZES = ("a4", "letter")
_ROOM = {"a4": (493.0, 700.0), "letter": (510.0, 650.0)}
# A picture that is made smaller than so is turned where that makes it so many times as large.
_SMALL, _GAIN = 0.68, 1.2


def upright_scale(wide: float, high: float, size: str) -> float:
    """Return how many times as large a picture is printed, of a size in points.

    Examples
    --------
    >>> upright_scale(986.0, 300.0, "a4")
    0.5
    """
    room, height = _ROOM[size]
    return min(1.0, room / wide, height / high)


def turned_scale(wide: float, high: float, size: str) -> float | None:
    """Return how many times as large a picture is printed on its side; None if it stands better upright.

    Examples
    --------
    >>> turned_scale(1000.0, 493.0, "a4"), turned_scale(600.0, 300.0, "a4")
    (0.7, None)
    """
    upright, turned = upright_scale(wide, high, size), upright_scale(high, wide, size)
    return turned if upright < _SMALL and turned > _GAIN * upright else None
