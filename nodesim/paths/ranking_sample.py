"""The paths of one sample by their magnitude, the largest first, without listing the others.

With logarithms it would be the k shortest paths of an acyclic graph, and it is solved as these are, by the recursive
enumeration of Jiménez and Marzal. Let w(s, r) be the way of rank r from e to a state s. The best one, w(s, 0), goes
over one of the arcs into s and takes the best way to the state above. If w(s, r) takes w(a, q) over an arc from a, then
w(s, r + 1) is the best of

    w(a, q + 1) over the same arc, and what every other arc into s would take next.

So each state keeps one candidate for each arc, in a heap. To replace the one that was used, the state above is asked
for its next, which may ask a state above it, and so on up to e, but never for more than one way of each state.

The order is exact, although products are rounded. They are multiplied from e on, as in listing, and to multiply by one
factor never turns an order around: x <= y gives fl(x·f) <= fl(y·f). What is found is what sorting the list would give.

References
----------
Jiménez, V. M., A. Marzal, "Computing the K Shortest Paths: A New Algorithm and an Experimental Comparison", Algorithm
Engineering (WAE 1999), LNCS 1668; "A lazy version of Eppstein's K shortest paths algorithm", WEA 2003, LNCS 2647.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.gradients.propagation import Propagation, reached
from nodesim.paths.scaled_floats import PlainFloat, ScaledFloat
from nodesim.paths.sums import SamplePartials

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
    """Return the ways whose products are positive, or negative: each state is told apart by the sign so far.

    State s becomes 2s, reached with a positive product, and 2s + 1, with a negative one. A negative factor leads from
    one kind to the other, and all paths of one sign end in the same state: they are ranked like any others, and none
    of the other sign is found in vain. Factors of 0 go, as what they multiply to has no sign.
    """
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
        # `last` multiplies all paths alike, and changes no order.
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

    def table(self, ranks: Sequence[int]) -> Indices:
        """Return the arcs of several paths that were found as rows, from the goal to e, -1 behind their ends.

        What was found of all states is put into arrays, each entry with the one of the state above that it goes on
        with: all paths are then followed at once.
        """
        places = {place: number for number, place in enumerate(self._states)}
        firsts = np.cumsum([0, *(len(state.found) for state in self._states.values())]).tolist()
        arcs, following = [], []
        for first, state in zip(firsts, self._states.values()):
            for number, (_, which, rank) in enumerate(state.found):
                ends = which == _ENTRY
                arcs.append(-1 if ends else state.arcs[which])
                following.append(first + number if ends else firsts[places[state.places[which]]] + rank)
        chosen = np.append(self.ways.arcs, -1)[arcs]
        onwards, at = np.array(following, dtype=np.intp), firsts[places[self.ways.goal]] + np.array(ranks, np.intp)
        columns = [chosen[at]]
        while (columns[-1] >= 0).any():
            at = onwards[at]
            columns.append(chosen[at])
        return np.stack(columns[:-1], axis=1) if len(columns) > 1 else np.zeros((len(at), 0), np.intp)

    @cached_property
    def _best(self) -> Any:
        """For each state the magnitude of the best way to it: Viterbi's dynamic programme."""
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
        """Where the arcs into each state start and end in the order of the propagation, where they stand together."""
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
            # Candidates are compared by key, then by their place in connection order; an entry, -1, comes before all.
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
        """Find the next way to a state, and what it takes of the ways to states above; False if there is none.

        The recursion as a stack, as paths may be longer than Python's: `waiting` are states that were asked for their
        next way, each by the one before it. A state is left in one of two ways. Either it lacks something of a state
        above: that is put on the stack, and this state is looked at again from the start when the other is done. Or
        it has done what it can, and goes off the stack: with one more way, or, where no candidate is left, without.
        """
        times, key, before = self.arithmetic.times, self.arithmetic.key, len(state.found)
        waiting = [state]
        while waiting:
            state = waiting[-1]
            # 1. The way that was used last is followed by the next over the same arc, as a candidate. This is put off
            #    until somebody asks for more: who takes k paths does not pay for the next one.
            if state.unfollowed:
                _, which, rank = state.found[-1]
                if which != _ENTRY:
                    above = state.above[which] or self._above(state, which)
                    if len(above.found) > rank + 1:
                        product = times(above.found[rank + 1][0], state.factors[which])
                        heapq.heappush(state.candidates, (key(product), which, rank + 1))
                    # The first exit: the state above has not looked for its next way yet, and may have one. It will
                    # not be asked twice: afterwards it has found it, or has neither candidates nor anything to follow.
                    elif above.candidates or above.unfollowed:
                        waiting.append(above)
                        continue
                state.unfollowed = False
            # 2. The best candidate is the next way. Its product must be that of the way itself, multiplied in the order
            #    of listing and with its sign: the way above must have been found, not only be known to be the best.
            if state.candidates:
                _, which, rank = state.candidates[0]
                product = state.entry
                if which != _ENTRY:
                    above = state.above[which] or self._above(state, which)
                    # The second exit: nobody has come to the state above before. Further ways over an arc only become
                    # candidates when they are found, so that only the first, of rank 0, can be missing here.
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
