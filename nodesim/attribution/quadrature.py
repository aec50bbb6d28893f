"""Points and weights along a straight line, so that what is integrated there is right to the last digits.

Gauss-Legendre on pieces between which nothing has a kink. A piece is right if two rules of different order agree for
every input, and if what they add up to is what the target really changes by: the integral of a derivative is known.
Where a node passes a kink on a piece, it is cut there; where a piece is not right and no kink is known, in the middle.

That two rules agree says nothing where both look past what happens: a target that is 0 at all points may leave it, and
come back, between two of them. So wide pieces must be smooth for all nodes on the way, too: what enters each of them
at the points of one rule is interpolated from those of the other, and what is interpolated passes no kink anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np

from nodesim._arrays import Array, Indices, Mask

_FINE, _COARSE = (np.polynomial.legendre.leggauss(count) for count in (20, 13))
# Of the scale; what is left of a piece is far below it once it is smooth.
_TOLERANCE = 1e-14
# A jump, which a step makes, is no derivative's integral: pieces are not cut for ever.
_SHORTEST, _MOST_PIECES = 2.0**-44, 5_000
_HALVINGS = 60
# Wider pieces are believed only where all nodes are smooth: of their sums so much may differ from what is interpolated.
# What is below the second, of the largest sum of all nodes, is rounding.
_WIDE, _SMOOTH, _ROUNDING = 2.0**-10, 1e-6, 1e-13


def _interpolation(at: Array, known: Array) -> Array:
    """Return the matrix that makes values at some points of values at the known ones, by Lagrange's polynomial."""
    own = np.eye(len(known), dtype=bool)
    # A point's own factor is left out of its product, which is 1.
    above = np.where(own, 1.0, (at[:, None] - known)[:, None, :]).prod(axis=2)
    below = np.where(own, 1.0, known[:, None] - known).prod(axis=1)
    matrix: Array = above / below
    return matrix


_BETWEEN = _interpolation(_COARSE[0], _FINE[0])
# Many points, in order, between the first and the last of the fine rule.
_DENSELY = _interpolation(_FINE[0].max() * np.cos(np.pi * np.arange(1, 128) / 128), _FINE[0])
# How many numbers are interpolated together.
_TOGETHER = 4_000_000


class Seen(NamedTuple):
    """What is seen at some points of the line.

    Attributes
    ----------
    values : ndarray of shape (n_points,)
        The target.
    slopes : ndarray of shape (n_inputs, n_points)
        What each input adds to its derivative along the line.
    sums : ndarray of shape (n_nodes, n_points)
        What enters each node on the way.
    scale : float
        The largest sum of ``|path products|``, or target: what rounding is measured by.
    """

    values: Array
    slopes: Array
    sums: Array
    scale: float


class Line(Protocol):
    """What can be looked at along a line, t from 0 to 1."""

    def __call__(self, t: Array) -> Seen:
        """Look at some points."""

    def sums(self, t: Array) -> Array:
        """Return what enters each node on the way, shape (n_nodes, n_points)."""

    def sides(self, sums: Array) -> Array:
        """Tell on which side of each kink nodes are with such sums, shape (n_kinks, n_points)."""


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
        self.sides = line.sides(seen.sums).reshape(-1, *self.every.shape)
        sums = seen.sums.reshape(-1, *self.every.shape)[:, :, 2:]
        wide = np.flatnonzero(self.good & (length[:, 0] > _WIDE))
        each = max(1, _TOGETHER // (len(_DENSELY) * max(len(sums), 1)))
        for first in range(0, len(wide), each):
            some = wide[first : first + each]
            self.good[some] = _is_smooth(line, sums[:, some])


def _is_smooth(line: Line, sums: Array) -> Mask:
    """Tell on which pieces what enters every node is smooth, and passes no kink between the ends."""
    fine, coarse = sums[:, :, : len(_FINE[0])], sums[:, :, len(_FINE[0]) :]
    sizes = np.abs(sums).max(axis=2, initial=0.0)
    rounding = _ROUNDING * sizes.max(initial=0.0)
    off = np.abs(fine @ _BETWEEN.T - coarse).max(axis=2, initial=0.0)
    densely = fine @ _DENSELY.T
    densely[np.abs(densely) <= rounding] = 0.0
    sides = line.sides(densely.reshape(len(sums), -1)).reshape(-1, *densely.shape[1:])
    passed = (sides[:, :, :-1] * sides[:, :, 1:] < 0).any(axis=(0, 2))
    smooth: Mask = (off <= np.maximum(_SMOOTH * sizes, rounding)).all(axis=0) & ~passed
    return smooth


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
        _halve(lambda t: line.sides(line.sums(t))[kinks, np.arange(len(t))], low, high)
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
