"""Points and weights along a straight line, so that what is integrated there is right to the last digits.

Gauss-Legendre on pieces between which nothing has a kink. A piece is right if two rules of different order agree for
every input, and if what they add up to is what the target really changes by: the integral of a derivative is known.
Where a node passes a kink on a piece, it is cut there; where a piece is not right and no kink is known, in the middle.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np

from nodesim._arrays import Array, Indices

_FINE, _COARSE = (np.polynomial.legendre.leggauss(count) for count in (20, 13))
# Of the scale; what is left of a piece is far below it once it is smooth.
_TOLERANCE = 1e-14
# A jump, which a step makes, is no derivative's integral: pieces are not cut for ever.
_SHORTEST, _MOST_PIECES = 2.0**-44, 5_000
_HALVINGS = 60


class Seen(NamedTuple):
    """What is seen at some points of the line.

    Attributes
    ----------
    values : ndarray of shape (n_points,)
        The target.
    slopes : ndarray of shape (n_inputs, n_points)
        What each input adds to its derivative along the line.
    sides : ndarray of shape (n_kinks, n_points)
        On which side of each kink it is.
    scale : float
        The largest sum of |path products|, or target: what rounding is measured by.
    """

    values: Array
    slopes: Array
    sides: Array
    scale: float


class Line(Protocol):
    """What can be looked at along a line, t from 0 to 1."""

    def __call__(self, t: Array) -> Seen:
        """Look at some points."""

    def sides(self, t: Array) -> Array:
        """Tell on which side of each kink some points are, shape (n_kinks, n_points)."""


def points(line: Line) -> tuple[Array, Array]:
    """Return points of a line and their weights, which add up to 1."""
    found: list[tuple[Array, Array]] = []
    pieces = np.array([[0.0, 1.0]])
    done = 0
    while len(pieces):
        seen = _Pieces(line, pieces)
        good = seen.good | (np.diff(pieces)[:, 0] <= _SHORTEST) | (done + len(pieces) > _MOST_PIECES)
        found += [(seen.t[piece], seen.weights[piece]) for piece in np.flatnonzero(good)]
        done += int(good.sum())
        pieces = _cut(line, seen, np.flatnonzero(~good))
    t, weights = (np.concatenate(each) for each in zip(*found))
    order = np.argsort(t)
    return t[order], weights[order]


class _Pieces:
    """Some pieces of the line, with what is seen at the points of the two rules and at the ends."""

    def __init__(self, line: Line, pieces: Array) -> None:
        self.pieces = pieces
        low, length = pieces[:, :1], np.diff(pieces)
        self.t, self.weights = low + length * (_FINE[0] + 1) / 2, length * _FINE[1] / 2
        coarse, coarse_weights = low + length * (_COARSE[0] + 1) / 2, length * _COARSE[1] / 2
        # Each piece with its points in order, so that what changes sides between two of them is seen.
        self.every = np.concatenate((pieces, self.t, coarse), axis=1)
        seen = line(self.every.ravel())
        fine = slice(2, 2 + len(_FINE[0]))
        values = seen.values.reshape(self.every.shape)
        slopes = seen.slopes.reshape(len(seen.slopes), *self.every.shape)
        by_input = np.einsum("ipk,pk->ip", slopes[:, :, fine], self.weights)
        again = np.einsum("ipk,pk->ip", slopes[:, :, 2 + len(_FINE[0]) :], coarse_weights)
        missed = np.abs(by_input - again).max(axis=0, initial=0.0)
        incomplete = np.abs(by_input.sum(axis=0) - (values[:, 1] - values[:, 0]))
        self.good = np.maximum(missed, incomplete) <= _TOLERANCE * seen.scale
        self.sides = seen.sides.reshape(len(seen.sides), *self.every.shape)


def _cut(line: Line, seen: _Pieces, bad: Indices) -> Array:
    """Cut pieces where a kink is passed, else in the middle."""
    brackets = [_brackets(seen, piece) for piece in bad]
    roots = _roots(line, brackets)
    cut = []
    for piece, own in zip(bad, roots):
        low, high = seen.pieces[piece]
        inner = np.unique(own[(own > low) & (own < high)])
        ends = [low, *(inner if len(inner) else [(low + high) / 2]), high]
        cut += list(pairwise(ends))
    return np.array(cut).reshape(-1, 2)


def _brackets(seen: _Pieces, piece: int) -> Array:
    """Return where kinks are passed on a piece: rows of (which kink, t before, t behind)."""
    order = np.argsort(seen.every[piece], kind="stable")
    t, sides = seen.every[piece][order], seen.sides[:, piece][:, order]
    kinks, places = np.nonzero(sides[:, :-1] * sides[:, 1:] < 0)
    return np.column_stack((kinks, t[places], t[places + 1]))


def _roots(line: Line, brackets: list[Array]) -> list[Array]:
    """Halve all brackets until they hold nothing more, and return for each piece where its kinks are."""
    every = np.concatenate([np.zeros((0, 3)), *brackets])
    kinks, low, high = every[:, 0].astype(int), every[:, 1].copy(), every[:, 2].copy()
    if len(every):
        _halve(lambda t: line.sides(t)[kinks, np.arange(len(t))], low, high)
    ends = np.cumsum([len(each) for each in brackets])[:-1]
    return np.split((low + high) / 2, ends)


def _halve(side: Callable[[Array], Array], low: Array, high: Array) -> None:
    """Bring the two ends of brackets together where the side changes."""
    before = side(low)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if ((middle == low) | (middle == high)).all():
            return
        here = side(middle) == before
        low[here], high[~here] = middle[here], middle[~here]
