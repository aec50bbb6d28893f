"""The slopes of a function of one weight, for many samples at once, from nothing but its values.

A central stencil of the eighth order needs no small step where the function is smooth, so that nearly all digits are
left; a kink within its reach spoils it. So several steps are tried, and each sample takes the one that is nearest to
exact by three signs: the next smaller step gives the same, no smaller one gives anything else but for rounding, and
the eighth difference, which a polynomial does not have and a kink has at every step, is small. A kink at the sample
itself stays visible in it at every step: what is then known of the slope is that it lies between those of both sides.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nodesim._arrays import Array

_STEPS = 2.0 ** -np.array([3.0, 6.0, 9.0, 13.0, 18.0, 24.0, 30.0])
_SLOPE = np.array([4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0])
_EIGHTH = np.array([-56.0, 28.0, -8.0, 1.0])
_MIDDLE = 70.0
# Of |slope right - slope left| at the middle the eighth difference shows 20 steps: by this it is no less than half.
_SHOWN = 30.0

# By how many roundings a smaller step may be away before it contradicts.
_ROUNDINGS = 16.0
_ULP = 2.0**-52


def slopes(function: Callable[[float], Array], at: float, size: float, noise: Array) -> tuple[Array, Array]:
    """Find the slope of each entry of a function's values.

    Parameters
    ----------
    function : callable
        Takes a number, and returns an array of a fixed shape.
    at : float
        Where.
    size : float
        In units of this, a power of 2 so that steps are exact, steps go from 1/8 down to 2^-30.
    noise : ndarray
        How large one rounding is of each of the values; they may be worse, which shows in them.

    Returns
    -------
    slope, error : ndarray
        And how far it may be away from the slope, or at a kink from that of either side; infinite where no step has
        finite values.

    Examples
    --------
    >>> import numpy as np
    >>> slope, error = slopes(lambda w: np.array([np.sin(w), abs(w - 1.0)]), 1.0, 1.0, np.full(2, 2e-16))
    >>> bool(abs(slope[0] - np.cos(1.0)) < 1e-13), bool(error[0] < 1e-12), bool(1.0 <= error[1] <= 2.0)
    (True, True, True)
    """
    with np.errstate(all="ignore"):
        middle = function(at)
        found = [_at_step(function, at, middle, step) for step in _STEPS * size]
        slope, bend = (np.array(part) for part in zip(*found))
        rounding = (noise + _ULP * size * np.abs(slope)) / (_STEPS * size)[:, None]
        error = _errors(slope, bend, rounding)
    best = error.argmin(axis=0)[None]
    chosen = (np.take_along_axis(part, best, axis=0)[0] for part in (slope[:-1], error))
    return next(chosen), next(chosen)


def _errors(slope: Array, bend: Array, rounding: Array) -> Array:
    """Return how far the slope by each step may be off, but for the last, which has no smaller one to be compared with.

    All of shape (n_steps, n).
    """
    # Beside a kink both sides may be curved: then the jump is seen, and the slope in the middle is still on its way.
    away = np.abs(slope[:-1] - slope[1:])
    for step in range(len(away)):
        contradiction = np.abs(slope[step + 1 :] - slope[step]) - _ROUNDINGS * rounding[step + 1 :]
        away[step] = np.maximum(away[step], 2.0 * contradiction.max(axis=0))
    error = np.maximum(np.maximum(bend[:-1], bend[1:]) + away, rounding[:-1])
    return np.where(np.isfinite(error), error, np.inf)


def _at_step(function: Callable[[float], Array], at: float, middle: Array, step: float) -> tuple[Array, Array]:
    """Return the slope by one step, and how far a kink in its reach may have moved it."""
    above, below = (np.array([function(at + side * k * step) for k in range(1, 5)]) for side in (1.0, -1.0))
    slope = np.tensordot(_SLOPE, above - below, 1) / step
    eighth = np.tensordot(_EIGHTH, above + below, 1) + _MIDDLE * middle
    return slope, np.abs(eighth) / (_SHOWN * step)
