"""Derivatives from nothing but a function's values: the slopes on both sides of a number, and their bounds.

A single finite difference is wrong in two ways, by the curve between its two points where the step is wide, and by the
rounding of two values that nearly cancel where it is narrow; and it is wrong altogether where a kink lies between the
two points. So each side is differenced by itself, by steps from wide to narrow, and every step says within which bounds
the slope must lie. The narrowest step is the least exact and the least likely to reach over a kink: it begins, wider
ones may only narrow its bounds, and the first that contradicts has met a kink, or whatever else lies over there.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from nodesim._arrays import Array, Mask
from nodesim.errors import FunctionError
from nodesim.functions.interruptions import is_interruption

# Steps are these powers of 4, in units of the number where it is large: a kink that is 1e-9 away is seen to be away.
_WIDEST, _NARROWEST, _NARROWEST_NEAR_ZERO = -1, -16, -26
_FAR, _NARROWEST_FAR = 2.0**20, -21
_ORDER = 4
# How many times nearer to each other the estimates of two steps may be than those before.
_BY_CHANCE = 16.0
# How many roundings a value may be off. A rounding is one of the largest of 1, the value, and what the slope makes of a
# rounding of the argument: authors write 1 - tanh(z) ** 2, which is right to that and not to its own last digit.
_ROUNDINGS = 16.0
# Two sides that differ by less are one slope: where the second derivative jumps nearby, bounds are off by about 1e-7.
_KINK = 1e-6


@dataclass(frozen=True, slots=True)
class Slopes:
    """The slopes of a function at some numbers, seen from both sides.

    Attributes
    ----------
    left, right : ndarray
        The one-sided derivatives; the same number where there is no kink.
    low, high : ndarray
        Between them lies every right answer: the derivative where there is one, and at a kink whatever is between the
        two sides. Where the function is finite on no side they are infinite.
    bend : ndarray
        About the absolute second derivative; 0 at a kink.
    kink : ndarray of bool
        Whether the two sides differ.
    """

    left: Array
    right: Array
    low: Array
    high: Array
    bend: Array
    kink: Mask


def slopes(function: Callable[[Array], Array], z: Array, size: Array | None = None) -> Slopes:
    """Find the slopes of a function of one variable at each of some numbers.

    Parameters
    ----------
    function : callable
        Elementwise. Where it raises or is not finite, it is not looked at.
    z : ndarray of shape (n,)
    size : ndarray of shape (n,), optional
        How large the numbers are that it calculates with, by default that of z: it is rounded accordingly.

    Returns
    -------
    Slopes

    Notes
    -----
    Some fifty calls of the function. Smooth functions are differentiated to about ten digits.

    References
    ----------
    Ridders, C., "Accurate computation of F'(x) and F'(x)F''(x)", Advances in Engineering Software 4 (1982), for the
    table of extrapolations that tell their own error.
    """
    z = np.asarray(z, dtype=float)
    size = np.maximum(1.0, np.abs(z) if size is None else size)
    with np.errstate(all="ignore"):
        at, _ = _values(function, z)
        (left_low, left_high), (right_low, right_high) = (_bounds(function, z, at, size, side) for side in (-1.0, 1.0))
        low, high = np.maximum(left_low, right_low), np.minimum(left_high, right_high)
        apart = low > high
        low, high = (
            np.where(apart, np.minimum(left_low, right_low), low),
            np.where(apart, np.maximum(left_high, right_high), high),
        )
        left, middle, right = (
            below + 0.5 * (above - below)
            for below, above in ((left_low, left_high), (low, high), (right_low, right_high))
        )
        kink = apart & (np.abs(right - left) > _KINK * np.maximum(1.0, np.maximum(np.abs(left), np.abs(right))))
        bend = np.where(kink, 0.0, _bend(function, z, at))
        return Slopes(np.where(kink, left, middle), np.where(kink, right, middle), low, high, bend, kink)


def _unit(z: Array) -> Array:
    return np.asarray(np.exp2(np.floor(np.log2(np.maximum(1.0, np.abs(z) / 64.0)))))


def _bend(function: Callable[[Array], Array], z: Array, at: Array) -> Array:
    step = _unit(z) / 4096.0
    (above, _), (below, _) = _values(function, z + step), _values(function, z - step)
    return np.nan_to_num(np.abs(above - 2.0 * at + below) / step**2, posinf=0.0)


def _values(function: Callable[[Array], Array], z: Array) -> tuple[Array, float]:
    """Return a function's values, and what one rounding of them is; not a number where it cannot be evaluated."""
    try:
        found = np.asarray(function(z))
    except Exception as error:
        if is_interruption(error):
            raise
        # A step may leave the domain of a function, and its author may have chosen to raise there.
        return np.full(z.shape, np.nan), 0.0
    rounding = np.finfo(found.dtype if found.dtype.kind == "f" else float).eps / 2
    return np.asarray(found, dtype=float), float(rounding)


def _bounds(function: Callable[[Array], Array], z: Array, at: Array, size: Array, side: float) -> tuple[Array, Array]:
    """Return the bounds of the one-sided slope, from the narrowest step up to the first that contradicts."""
    low, high = np.full(z.shape, -np.inf), np.full(z.shape, np.inf)
    open_ = np.ones(z.shape, dtype=bool)
    for estimate, error in reversed(_estimates(function, z, at, size, side)):
        known = np.isfinite(error)
        above, below = np.maximum(low, estimate - error), np.minimum(high, estimate + error)
        agrees = open_ & known & (above <= below)
        low, high = np.where(agrees, above, low), np.where(agrees, below, high)
        open_ = agrees | (open_ & ~known)
    return low, high


def _estimates(
    function: Callable[[Array], Array], z: Array, at: Array, size: Array, side: float
) -> list[tuple[Array, Array]]:
    """Return for each step, from wide to narrow, the best extrapolation that ends there, and how far it may be off."""
    unit = _unit(z)
    narrowest = _narrowest(z)
    found: list[tuple[Array, Array]] = []
    wider: list[Array] = []
    before = earlier = np.full(z.shape, np.inf)
    for power in range(_WIDEST, int(narrowest.min(initial=0)) - 1, -1):
        x = z + side * unit * 4.0**power
        step = np.where(power >= narrowest, x - z, np.nan)
        values, rounding = _values(function, x.copy())
        difference = (values - at) / step
        steep = size * np.maximum(1.0, np.abs(difference))
        noise = _ROUNDINGS * rounding * (np.maximum(np.abs(at), np.abs(values)) + steep) / np.abs(step)
        narrower, estimate, error = _extrapolated(difference, wider)
        # Two entries may meet by chance: what is better than the two steps before must be so by more than chance.
        moved = np.abs(estimate - before)
        # Where narrower steps move it more, and by more than rounding, wider ones reach over turns that they miss.
        blind = moved > np.maximum(earlier, 0.5 * noise)
        found = [(seen, np.where(blind, np.inf, away)) for seen, away in found]
        found.append((estimate, np.maximum(np.maximum(error, moved), earlier / _BY_CHANCE) + 2.0 * noise))
        wider, before, earlier = narrower, estimate, moved
    return found


def _narrowest(z: Array) -> Array:
    # Close to zero the number itself is a scale: a logarithm at 1e-8 is smooth only over steps that are smaller.
    size = np.abs(z)
    near = (z != 0.0) & (size < 4.0 ** (_NARROWEST + 6))
    own = np.floor(np.log2(np.where(near, size, 1.0)) / 2.0) - 6.0
    # Far out it is none: a sine needs steps of its own length, down to what is left of the digits.
    elsewhere = np.where(size > _FAR, _NARROWEST_FAR, _NARROWEST)
    return np.where(near, np.maximum(own, _NARROWEST_NEAR_ZERO), elsewhere)


def _extrapolated(difference: Array, wider: list[Array]) -> tuple[list[Array], Array, Array]:
    """Return a row of the table of extrapolations to step 0, its best entry, and how far its neighbours are from it."""
    row = [difference]
    best, error = difference, np.full(difference.shape, np.inf)
    for order, above in enumerate(wider[:_ORDER], start=1):
        entry = row[-1] + (row[-1] - above) / (4.0**order - 1.0)
        away = 2.0 * np.maximum(np.abs(entry - row[-1]), np.abs(entry - above))
        better = away < error
        best, error = np.where(better, entry, best), np.where(better, away, error)
        row.append(entry)
    return row, best, error


class NumericalDerivative:
    """Finite differences of a function of one variable, for authors who ask for them; right to about ten digits.

    Where the function is smooth, by central differences and Richardson extrapolation. Where it is not, or a step would
    reach over a kink, by `slopes`; at the kink itself the slope of the left side counts.
    """

    def __init__(self, function: Callable[..., Array]) -> None:
        self.function = function

    def __call__(self, z: Array, a: Array | None = None, /, **parameters: float) -> Array:
        """Return the derivative at z, given the values a there, where they are known."""
        if a is None or np.asarray(z).dtype != np.float64:
            # Differences need every digit, whatever the network's own numbers are.
            z = np.asarray(z, dtype=float)
            a = self.function(z, **parameters)
        step = 1e-3 * np.maximum(np.abs(z), 1.0)
        (wide, even_wide), (half, even_half), (narrow, _) = (
            self._central(z, step / parts, parameters) for parts in (1.0, 2.0, 4.0)
        )
        coarse, found = (4.0 * half - wide) / 3.0, np.asarray((4.0 * narrow - half) / 3.0)
        # Of a smooth function two extrapolations agree to 1e-12, and so do the means of both sides, to fourth order.
        # A jump of the second derivative shows in the first, a kink at z itself, whose two sides average, in the other.
        fourth = 2.0 * even_wide - 8.0 * even_half + 6.0 * a
        size = np.maximum(1.0, np.abs(a) / np.maximum(np.abs(z), 1.0))
        smooth = np.abs(coarse - found) <= 1e-9 * np.maximum(size, np.abs(found))
        rough = ~(smooth & (np.abs(fourth) <= 1e-11 * np.maximum(np.maximum(1.0, np.abs(z)), np.abs(a))))
        if np.any(rough):
            found[rough] = slopes(functools.partial(self.function, **parameters), np.asarray(z)[rough]).left
        return found

    def _central(self, z: Array, step: Array, parameters: Mapping[str, float]) -> tuple[Array, Array]:
        above, below = z + step, z - step
        upper, lower = self.function(above, **parameters), self.function(below, **parameters)
        return (upper - lower) / (above - below), 0.5 * (upper + lower)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NumericalDerivative) and self.function == other.function

    def __hash__(self) -> int:
        return hash(self.function)


@functools.cache
def refusal(name: str) -> Callable[..., Array]:
    """Return a derivative that refuses to be calculated, the same object for the same name."""

    def refuse(z: Array, a: Array, /, **parameters: float) -> Array:
        raise FunctionError(
            f"activation {name!r} has no derivative that could train anything: use it to run forward, "
            "and a smooth activation such as 'sigmoid' to learn."
        )

    return refuse
