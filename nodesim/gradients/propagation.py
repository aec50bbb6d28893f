"""Numbers handed on along the arcs of an acyclic graph: the dynamic programme that counts, sums and compares paths.

One recurrence serves for everything, with different numbers put in and a different way to join them:

    x[s] = start[s]  ⊕  slopes[s] · (⊕ over the arcs a -> s)  weight · x[a]

With ⊕ = + it is backpropagation (x is ∂e/∂H), or, with 1 for every number, it counts paths; with ⊕ = max it finds the
largest ``|product|``; with ⊕ = or it tells what is reached. These are sums over all paths, by the distributive law:
each number is multiplied with what has been joined, not with every path.

References
----------
Mohri, M., "Semiring Frameworks and Algorithms for Shortest-Distance Problems", Journal of Automata, Languages and
Combinatorics 7 (2002).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from operator import add, or_
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices, Mask, stable_order

# NumPy handles a level at once, for the price of a few calls. With fewer arcs than this on a level, on average, a loop
# over plain numbers is quicker. With columns that loop adds rows of them, by a call for each arc, while the other form
# makes its calls for each column: where the two meet depends on the number of columns, too.
_NARROW, _NARROW_COLUMNS = 60, 4
# A product of matrices is worth its call for so many arcs.
_BLOCK = 64
# What joins plain numbers as these ufuncs do arrays.
_IN_PYTHON: dict[Any, Callable[[Any, Any], Any]] = {np.add: add, np.maximum: max, np.bitwise_or: or_}


class _Block(NamedTuple):
    """Some arcs that follow one another, into heads of one level.

    Attributes
    ----------
    arcs : slice
    starts : ndarray of shape (n_heads,)
        Where those of each head start in it.
    heads : ndarray of shape (n_heads,)
    shared : ndarray or None
        The tails from which arcs lead into every one of the heads; None where heads differ in them.
    """

    arcs: slice
    starts: Indices
    heads: Indices
    shared: Indices | None


class Propagation:
    """An acyclic graph of states through which numbers are handed on, from the first level to the last.

    Which form calculates is a function of the graph and the number of columns alone, never of the clock: the same call
    gives the same bits.

    Parameters
    ----------
    tails, heads : ndarray of shape (n_arcs,)
        The states that each arc leads from and to.
    levels : ndarray of shape (n_states,)
        Every arc leads from a lower level to a higher one.

    Attributes
    ----------
    arcs : ndarray of shape (n_arcs,)
        The arcs in the order in which they are gone through, as numbers of the given ones: level by level, and those
        into one head together.
    tails : ndarray of shape (n_arcs,)
        Where each of them comes from, in that order.
    heads : ndarray of shape (n_heads,)
        The states that arcs lead into, in that order.

    Notes
    -----
    Making it costs O(arcs log arcs), a run O(states + arcs): level by level in NumPy, or state by state where
    levels are narrow, as in chains.

    Examples
    --------
    >>> diamond = Propagation(np.array([0, 0, 1, 2]), np.array([1, 2, 3, 3]), np.array([0, 1, 1, 2]))
    >>> diamond.propagate(np.array([1.0, 0.0, 0.0, 0.0])).tolist()
    [1.0, 1.0, 1.0, 2.0]
    """

    def __init__(self, tails: Indices, heads: Indices, levels: Indices) -> None:
        # By level, then by head, then as they were given: states are ranked, and arcs sorted once. Tails are on lower
        # levels, so that all sums of a level can be made at once, and the arcs of each are a slice.
        self._n_states = len(levels)
        rank = np.empty(self._n_states, dtype=np.intp)
        rank[np.argsort(levels, kind="stable")] = np.arange(self._n_states)
        self.arcs: Indices = stable_order(rank[heads], self._n_states)
        self.tails: Indices = tails[self.arcs]
        into = heads[self.arcs]
        self._starts = _changes(into)
        self.heads: Indices = into[self._starts]
        self._cuts = _changes(levels[self.heads])

    def into(self, state: int) -> Indices:
        """Return the arcs into a state, as numbers of the given ones and in their order.

        Parameters
        ----------
        state : int

        Returns
        -------
        ndarray of shape (n_arcs_into_it,)
        """
        first, end = self._bounds
        return self.arcs[first[state] : end[state]]

    @cached_property
    def _bounds(self) -> tuple[Indices, Indices]:
        """For each state where the arcs into it start and end."""
        first, end = np.zeros((2, self._n_states), dtype=np.intp)
        first[self.heads], end[self.heads] = self._starts, [*self._starts[1:], len(self.arcs)][: len(self.heads)]
        return first, end

    def propagate(
        self, start: Any, weights: Any = None, slopes: Any = None, join: Callable[..., Any] = np.add
    ) -> NDArray[Any]:
        """Return x[s] = join(start[s], slopes[s] · join over the arcs into s of weight · x[tail]).

        Parameters
        ----------
        start : ndarray of shape (n_states,) or (n_states, n_columns)
            Floats, or whole Python numbers (dtype object) of any size.
        weights : ndarray of shape (n_arcs,) or (n_arcs, n_columns), optional
            In the order of the arcs as they were given; by default 1.
        slopes : ndarray shaped like `start`, optional
            By default 1.
        join : ufunc
            `numpy.add`, `numpy.maximum` of numbers that are not negative, or `numpy.bitwise_or` of whole numbers.

        Returns
        -------
        ndarray shaped like `start`
        """
        if weights is not None:
            weights = weights[self.arcs]
        columns = start.ndim > 1
        narrow = _NARROW_COLUMNS * start.shape[1] if columns else _NARROW
        if len(self.arcs) < narrow * len(self._cuts):
            return self._by_state(start, weights, slopes, join)
        if not columns:
            return self._by_level(start, weights, slopes, join)
        shared = weights is None or weights.ndim == 1
        floats = weights is not None and weights.dtype == start.dtype == float
        if join is np.add and floats and shared and self._is_mostly_full:
            return self._by_block(start, weights, slopes)
        each = [None] * start.shape[1] if slopes is None else slopes.T
        own = [weights] * start.shape[1] if shared else weights.T
        # Column by column: to reduce rows of columns takes NumPy longer.
        return np.stack([self._by_level(x, w, slope, join) for x, w, slope in zip(start.T, own, each)], axis=1)

    def step(self, x: Array, weights: Array) -> Array:
        """Return for each state and column the sum over the arcs into it of weight · x[tail]: one arc far only.

        Parameters
        ----------
        x : ndarray of shape (n_states, n_columns)
        weights : ndarray of shape (n_arcs,) or (n_arcs, n_columns)
            In the order of the arcs as they were given.

        Returns
        -------
        ndarray of shape (n_states, n_columns)
            0 where no arc leads to.
        """
        arrived = np.zeros_like(x)
        if len(self.arcs):
            weights = weights[self.arcs]
            own = [weights] * x.shape[1] if weights.ndim == 1 else weights.T
            for numbers, each, sums in zip(x.T, own, arrived.T):
                sums[self.heads] = np.add.reduceat(each * numbers[self.tails], self._starts)
        return arrived

    @cached_property
    def steps(self) -> list[tuple[slice, Indices, Indices]]:
        """For each level its arcs, as a slice of `arcs`, where those of each head start in it, and the heads."""
        cuts, starts = [*self._cuts.tolist(), len(self.heads)], [*self._starts.tolist(), len(self.arcs)]
        return [
            (slice(starts[a], starts[b]), self._starts[a:b] - starts[a], self.heads[a:b]) for a, b in pairwise(cuts)
        ]

    @cached_property
    def _blocks(self) -> list[_Block]:
        """The arcs in their order, in parts: those of heads that share their tails together, and all between these."""
        return [block for step in self.steps for block in self._parted(*step)]

    def _parted(self, arcs: slice, starts: Indices, heads: Indices) -> list[_Block]:
        """Part one level where its heads no longer share their tails."""
        tails, ends = self.tails[arcs], [*starts[1:].tolist(), arcs.stop - arcs.start]
        own = [tails[first:end].tobytes() for first, end in zip(starts.tolist(), ends)]
        changes = [0, *(place for place in range(1, len(own)) if own[place] != own[place - 1]), len(own)]
        blocks: list[_Block] = []
        for first, end in pairwise(changes):
            begin = int(starts[first])
            part = slice(arcs.start + begin, arcs.start + ends[end - 1])
            full = end - first > 1 and part.stop - part.start >= _BLOCK
            shared = tails[begin : ends[first]] if full else None
            blocks.append(_Block(part, starts[first:end] - begin, heads[first:end], shared))
        return _merged(blocks)

    @cached_property
    def _is_mostly_full(self) -> bool:
        """Whether most arcs are between states of which all of one kind lead into all of another, as in layers."""
        full: int = sum(block.arcs.stop - block.arcs.start for block in self._blocks if block.shared is not None)
        return 2 * full >= len(self.arcs)

    def _by_block(self, start: Array, weights: Array, slopes: Any) -> Array:
        """Hand on all columns at once: what a group of tails leads into is a product of matrices."""
        x = start.copy()
        for arcs, starts, heads, shared in self._blocks:
            if shared is None:
                joined = np.add.reduceat(x[self.tails[arcs]] * weights[arcs, None], starts)
            else:
                joined = weights[arcs].reshape(len(heads), -1) @ x[shared]
            x[heads] += joined if slopes is None else joined * slopes[heads]
        return x

    def _by_level(self, start: Any, weights: Any, slopes: Any, join: Any) -> NDArray[Any]:
        x = start.copy()
        for arcs, starts, heads in self.steps:
            arriving = x[self.tails[arcs]]
            if weights is not None:
                arriving = arriving * weights[arcs]
            joined = join.reduceat(arriving, starts)
            x[heads] = join(x[heads], joined if slopes is None else joined * slopes[heads])
        return np.asarray(x)

    def _by_state(self, start: Any, weights: Any, slopes: Any, join: Any) -> NDArray[Any]:
        # Plain Python numbers: an access to an element of an array costs more than the multiplication.
        columns = start.ndim > 1
        x = list(start) if columns else start.tolist()
        if not columns:
            join = _IN_PYTHON[join]
            slopes = None if slopes is None else slopes.tolist()
            weights = None if weights is None else weights.tolist()
        tails, ends = self.tails.tolist(), [*self._starts.tolist()[1:], len(self.arcs)]
        # Each head once, with all its arcs: tails are finished before, as they are on lower levels.
        first = 0
        for head, end in zip(self.heads.tolist(), ends):
            arriving = x[tails[first]] if weights is None else x[tails[first]] * weights[first]
            for arc in range(first + 1, end):
                more = x[tails[arc]] if weights is None else x[tails[arc]] * weights[arc]
                arriving = join(arriving, more)
            x[head] = join(x[head], arriving if slopes is None else arriving * slopes[head])
            first = end
        return np.array(x, dtype=start.dtype).reshape(start.shape)


def by_column(weights: Array) -> Array:
    """Return numbers of arcs, of shape (n_arcs, 1) or (n_arcs, n_columns), as propagations take them."""
    return weights[:, 0] if weights.shape[1] == 1 else weights


def _merged(blocks: list[_Block]) -> list[_Block]:
    """Join neighbours of one level that share no tails."""
    merged: list[_Block] = []
    for block in blocks:
        before = merged[-1] if merged else None
        if before is None or before.shared is not None or block.shared is not None:
            merged.append(block)
            continue
        starts = np.concatenate((before.starts, block.starts + (block.arcs.start - before.arcs.start)))
        arcs = slice(before.arcs.start, block.arcs.stop)
        merged[-1] = _Block(arcs, starts, np.concatenate((before.heads, block.heads)), None)
    return merged


def _changes(numbers: Indices) -> Indices:
    """Return where runs of equal numbers start."""
    return np.flatnonzero(np.concatenate((np.ones(min(len(numbers), 1), bool), numbers[1:] != numbers[:-1])))


def counted(along: Propagation, start: Array, kept: Mask | None = None) -> NDArray[Any]:
    """Return exact numbers of paths: as floats where they are whole numbers below 2^53, else as Python's integers.

    Parameters
    ----------
    along : Propagation
    start : ndarray of shape (n_states,)
        How many paths begin in each state; whole numbers.
    kept : ndarray of shape (n_states,), optional
        Where paths may arrive; by default everywhere.

    Returns
    -------
    ndarray of shape (n_states,)
        Of dtype float64, or object.

    Notes
    -----
    Floats hold all whole numbers below 2^53, and here only such are added, none of them negative. If no result reaches
    2^53 then nothing on the way to it did, and nothing was rounded. If a true count does, its float does, too: rounding
    never takes a sum below the 2^53 that it has passed. So the floats themselves tell whether they are right, and the
    integers, which are much slower, are only needed where counts are that large.

    Examples
    --------
    >>> chain = Propagation(np.arange(9), np.arange(1, 10), np.arange(10))
    >>> counted(chain, np.array([1.0] + 9 * [0.0]))[-1]
    np.float64(1.0)
    """
    # Beyond 10^308 floats overflow, which is above 2^53 as well.
    with np.errstate(over="ignore", invalid="ignore"):
        counts = along.propagate(start, slopes=kept)
    if not len(counts) or counts.max() < 2.0**53:
        return counts
    return along.propagate(np.array([int(number) for number in start], dtype=object), slopes=kept)


def reached(along: Propagation, states: Mask) -> Mask:
    """Return what is reached from some states, themselves included."""
    return along.propagate(states.astype(float), join=np.maximum) > 0
