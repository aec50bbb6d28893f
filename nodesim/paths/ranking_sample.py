"""The paths of one sample by their magnitude, the largest first, without listing the others.

For every state the best way to it is known from a dynamic programme. The next best one is then either the next best
to one of the states above, carried on, or the best over another arc; each state remembers what it was asked for.
Products are multiplied in the order of listing, and to multiply by one factor never changes an order: what is found
is exactly what sorting the whole list would give.

References
----------
V. M. Jiménez, A. Marzal, "Computing the K Shortest Paths: A New Algorithm and an Experimental Comparison" (1999).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.gradients.propagation import Propagation
from nodesim.paths.scaled_floats import PlainFloat, ScaledFloat
from nodesim.paths.sums import SamplePartials
from nodesim.paths.trellis import reached

_ENTRY = -1


@dataclass(frozen=True, eq=False)
class Ways:
    """What is ranked: states and arcs with one number each.

    Attributes
    ----------
    above, below, levels, order : ndarray
        The arcs, as in a `Trellis`, and by what equal ones are ordered.
    factors : ndarray of shape (n_arcs,)
    entries : ndarray of shape (n_states,)
    entered : ndarray of shape (n_states,)
    goal : int
    last : float
    arcs : ndarray of shape (n_arcs,)
        The arcs of the trellis that these are.
    """

    above: Indices
    below: Indices
    levels: Indices
    order: Indices
    factors: Array
    entries: Array
    entered: Mask
    goal: int
    last: float
    arcs: Indices

    @cached_property
    def propagation(self) -> Propagation:
        """What hands numbers on from e to the goal."""
        return Propagation(self.above, self.below, self.levels)


def ways(partials: SamplePartials) -> Ways:
    """Return all the ways of one sample."""
    t = partials.trellis
    return Ways(
        t.above, t.below, t.levels, t.connections, partials.factors, partials.entries, t.entered, t.goal, partials.last,
        np.arange(len(t.above)),
    )  # fmt: skip


def signed(every: Ways, sign: str) -> Ways | None:
    """Return the ways whose products are positive, or negative: each state is told apart by the sign so far."""
    used = np.flatnonzero(every.factors != 0)
    if every.last == 0:
        return None
    turns = (every.factors[used] < 0).astype(np.intp)
    above, below = 2 * every.above[used], 2 * every.below[used]
    entered = np.zeros(2 * len(every.levels), bool)
    entering = np.flatnonzero(every.entered & (every.entries != 0))
    entered[2 * entering + (every.entries[entering] < 0)] = True
    both = Ways(
        np.concatenate((above, above + 1)), np.concatenate((below + turns, below + 1 - turns)),
        np.repeat(every.levels, 2), np.tile(every.order[used], 2), np.tile(every.factors[used], 2),
        np.repeat(every.entries, 2), entered, 2 * every.goal + ((sign == "-") != (every.last < 0)), every.last,
        np.tile(every.arcs[used], 2),
    )  # fmt: skip
    return _within_reach(both)


def _within_reach(every: Ways) -> Ways | None:
    """Leave out the arcs that no way leads to."""
    states = reached(every.propagation, every.entered)
    if not states[every.goal]:
        return None
    arcs = states[every.above]
    return replace(
        every, above=every.above[arcs], below=every.below[arcs], order=every.order[arcs], factors=every.factors[arcs],
        arcs=every.arcs[arcs],
    )  # fmt: skip


class _RankedState:
    """What is known of the ways to one state: those found, and candidates for the next."""

    __slots__ = ("above", "arcs", "candidates", "entry", "factors", "found", "places", "unfollowed")

    def __init__(
        self, entry: Any, arcs: list[int], places: list[int], factors: list[Any], candidates: list[Any]
    ) -> None:
        self.entry = entry
        self.arcs = arcs
        self.places = places  # of the states above
        self.above: list[_RankedState | None] = [None] * len(arcs)  # once they are asked for
        self.factors = factors
        self.candidates = candidates
        self.found: list[tuple[Any, int, int]] = []  # product, which arc, which way to the state above
        self.unfollowed = False  # whether what comes after the last one found is still to become a candidate


class SampleRanking:
    """Finds paths by rank.

    Parameters
    ----------
    every : Ways
    arithmetic : PlainFloat or ScaledFloat

    Notes
    -----
    O(states + arcs) at first, in NumPy; then O(length · log degree) for each path at most. The memory grows by
    O(length) with each path.
    """

    def __init__(self, every: Ways, arithmetic: PlainFloat | ScaledFloat) -> None:
        self.ways = every
        self.arithmetic = arithmetic
        self._states: dict[int, _RankedState] = {}
        self._last = arithmetic.of(every.last)

    def __iter__(self) -> Iterator[float]:
        """Yield the products, the largest magnitude first; `arcs` tells of which path."""
        goal = self._state(self.ways.goal)
        number, times = self.arithmetic.number, self.arithmetic.times
        while self._find_next(goal):
            yield number(times(goal.found[-1][0], self._last))

    def arcs(self, rank: int) -> list[int]:
        """Return the arcs of a path that was found, from the goal to e."""
        arcs: list[int] = []
        place = self.ways.goal
        while True:
            state = self._states[place]
            _, which, rank = state.found[rank]
            if which == _ENTRY:
                return arcs
            arcs.append(int(self.ways.arcs[state.arcs[which]]))
            place = state.places[which]

    @cached_property
    def _best(self) -> Any:
        """For each state the magnitude of the best way to it."""
        every = self.ways
        entries = np.where(every.entered, np.abs(every.entries), 0.0)
        if isinstance(self.arithmetic, PlainFloat):
            return every.propagation.propagate(entries, np.abs(every.factors), join=np.maximum)
        return self._best_scaled(entries)

    def _best_scaled(self, entries: Array) -> list[Any]:
        every, times = self.ways, self.arithmetic.times
        best = self._pairs(entries)
        factors = self._pairs(np.abs(every.factors))
        above, below = every.above.tolist(), every.below.tolist()
        for arc in every.propagation.arcs.tolist():
            candidate = times(best[above[arc]], factors[arc])
            if candidate > best[below[arc]]:
                best[below[arc]] = candidate
        return best

    def _pairs(self, numbers: Array) -> list[Any]:
        exponents, mantissas = self.arithmetic.of(numbers)
        return list(zip(exponents.tolist(), mantissas.tolist()))

    @cached_property
    def _firsts(self) -> Indices:
        """Where the arcs into each state start in the order of the propagation."""
        into = self.ways.below[self.ways.propagation.arcs]
        count = len(self.ways.levels)
        firsts, ends = np.zeros(count, np.intp), np.zeros(count, np.intp)
        firsts[into[::-1]] = np.arange(len(into))[::-1]
        ends[into] = np.arange(len(into)) + 1
        return np.stack((firsts, ends), axis=1)

    def _state(self, place: int) -> _RankedState:
        """Return what is known of a state; at first, the best ways over each of its arcs."""
        if place not in self._states:
            every = self.ways
            first, end = self._firsts[place].tolist()
            arcs = every.propagation.arcs[first:end]
            arcs = arcs[np.argsort(every.order[arcs], kind="stable")]
            above, factors = every.above[arcs].tolist(), every.factors[arcs]
            candidates = self._candidates(above, factors)
            entry = self.arithmetic.of(float(every.entries[place]))
            if every.entered[place]:
                candidates.append((self.arithmetic.key(entry), _ENTRY, 0))
            heapq.heapify(candidates)
            kept = [self.arithmetic.of(factor) for factor in factors.tolist()]
            self._states[place] = _RankedState(entry, arcs.tolist(), above, kept, candidates)
        return self._states[place]

    def _candidates(self, above: list[int], factors: Array) -> list[Any]:
        if isinstance(self.arithmetic, PlainFloat):
            keys = (-(self._best[above] * np.abs(factors))).tolist()
        else:
            of, times, key = self.arithmetic.of, self.arithmetic.times, self.arithmetic.key
            keys = [key(times(self._best[state], of(abs(f)))) for state, f in zip(above, factors.tolist())]
        return [(key, which, 0) for which, key in enumerate(keys)]

    def _find_next(self, state: _RankedState) -> bool:
        """Find the next way to a state, and what it takes of the ways to states above; False if there is none."""
        times, key, before = self.arithmetic.times, self.arithmetic.key, len(state.found)
        waiting = [state]
        while waiting:
            state = waiting[-1]
            if state.unfollowed:
                _, which, rank = state.found[-1]
                if which != _ENTRY:
                    above = state.above[which] or self._above(state, which)
                    if len(above.found) > rank + 1:
                        product = times(above.found[rank + 1][0], state.factors[which])
                        heapq.heappush(state.candidates, (key(product), which, rank + 1))
                    elif above.candidates or above.unfollowed:
                        waiting.append(above)
                        continue
                state.unfollowed = False
            if state.candidates:
                _, which, rank = state.candidates[0]
                product = state.entry
                if which != _ENTRY:
                    above = state.above[which] or self._above(state, which)
                    if not above.found:
                        waiting.append(above)
                        continue
                    product = times(above.found[rank][0], state.factors[which])
                heapq.heappop(state.candidates)
                state.found.append((product, which, rank))
                state.unfollowed = True
            waiting.pop()
        return len(state.found) > before

    def _above(self, state: _RankedState, which: int) -> _RankedState:
        above = state.above[which] = self._state(state.places[which])
        return above
