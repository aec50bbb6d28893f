"""The slopes of a function of several numbers, by each of them, and where it has no derivative by all of them at once.

Of three equal numbers the median does not move with any one of them, and yet moves with all. Where the slopes along
single numbers do not make up those along others, every slope is right that the function has next to there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.functions.finite_differences import Slopes, slopes

# How far away it is looked at, in parts of the largest number; and how many times in each direction at most.
_NEARBY, _MOST = 1e-6, 12
# What slopes may differ by that make up one derivative.
_SAME = 1e-5


@dataclass(frozen=True, slots=True)
class JointSlopes:
    """What finite differences say of several numbers at once.

    Attributes
    ----------
    each : list of Slopes
        By each of the numbers.
    at : ndarray of shape (n_bent,)
        In which samples there is no joint derivative.
    nearby : ndarray of shape (n_places, n_numbers, n_bent)
        The derivatives by the numbers in some places next to there.
    """

    each: list[Slopes]
    at: Indices
    nearby: Array


def joint_slopes(function: Callable[[Array], Array], c: Array) -> JointSlopes:
    """Find the slopes of a function of the rows of an array, shape (n_numbers, n_samples), by each row.

    Parameters
    ----------
    function : callable
        Of an array of this shape, or of fewer samples; returns a number for each sample.
    c : ndarray of shape (n_numbers, n_samples)
    """
    each = _each(function, c)
    at = np.flatnonzero(_bent(function, c, each))
    nearby = (
        np.stack([_middle(_each(function, place)) for place in _places(c[:, at])])
        if len(at)
        else np.zeros((0, *c[:, at].shape))
    )
    return JointSlopes([_widened(one, at, nearby[:, number]) for number, one in enumerate(each)], at, nearby)


def _each(function: Callable[[Array], Array], c: Array) -> list[Slopes]:
    size, found = np.abs(c).max(axis=0), []
    for place in range(len(c)):

        def along(numbers: Array, place: int = place) -> Array:
            moved = c.copy()
            moved[place] = numbers
            return function(moved)

        found.append(slopes(along, c[place], size))
    return found


def _middle(each: list[Slopes]) -> Array:
    return np.stack([0.5 * (one.left + one.right) for one in each])


def _bent(function: Callable[[Array], Array], c: Array, each: list[Slopes]) -> Array:
    """Tell in which samples slopes by single numbers do not make up those in other directions."""
    bent = np.any([one.kink for one in each], axis=0)
    middle, rng = _middle(each), np.random.default_rng(0)
    for direction in rng.uniform(-1.0, 1.0, (2, len(c), 1)):
        along = slopes(lambda t, d=direction: function(c + d * t), np.zeros(c.shape[1]), np.abs(c).max(axis=0))  # type: ignore[misc]
        made_up, parts = (direction * middle).sum(axis=0), np.abs(direction * middle).sum(axis=0)
        bent |= along.kink | (np.abs(made_up - 0.5 * (along.left + along.right)) > _SAME * np.maximum(1.0, parts))
    return np.asarray(bent)


def _places(c: Array) -> list[Array]:
    """Return places next to some, so that each of the numbers is once the largest, the smallest and between."""
    step = np.linspace(-1.0, 1.3, len(c))[:, None] * _NEARBY * np.maximum(1.0, np.abs(c).max(axis=0))
    return [c + sign * np.roll(step, turn, axis=0) for turn in range(min(len(c), _MOST)) for sign in (1.0, -1.0)]


def _widened(one: Slopes, at: Indices, nearby: Array) -> Slopes:
    """Allow at bent places what the function has nearby."""
    if not len(at):
        return one
    low, high, left, right, kink = (getattr(one, name).copy() for name in ("low", "high", "left", "right", "kink"))
    least, most = nearby.min(axis=0), nearby.max(axis=0)
    wide = most - least > _SAME * np.maximum(1.0, np.abs(most))
    where = at[wide]
    low[where], high[where] = np.minimum(low[where], least[wide]), np.maximum(high[where], most[wide])
    left[where], right[where], kink[where] = low[where], high[where], True
    return replace(one, low=low, high=high, left=left, right=right, kink=kink)
