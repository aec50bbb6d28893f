"""The paths one after the other, in the article's order, in blocks as soon as there are many.

Depth first from e, output by output, and at each node source by source in connection order. To walk every path arc by
arc in Python would cost many times what its product does. But paths that begin alike only differ in their ends: as
soon as few enough ways are left from a state to the goal, all of these are listed together, as the rows of a table that
NumPy fills column by column, and the walk to that state is shared by all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.graph.index_arrays import ranges
from nodesim.paths.scaled_floats import PlainFloat, ScaledFloat
from nodesim.paths.sums import PathSums

# A block holds so many paths at least, and so many arcs at most: smaller ones do not pay for the calls of NumPy, and of
# larger ones who stops early would have waited for paths, and held them in memory, that nobody looks at.
_WORTH, _LARGEST = 32, 1 << 17


class Chain:
    """One path, as arcs linked from the goal back to e."""

    __slots__ = ("_chain",)

    def __init__(self, chain: Any) -> None:
        self._chain = chain

    def arcs(self, index: int) -> list[int]:
        """Return the arcs of the path, from the goal to e; there is but one path."""
        arcs, chain = [], self._chain
        while chain is not None:
            arc, chain = chain
            arcs.append(arc)
        return arcs


class Block:
    """Several paths that begin alike: the common arcs, and the others as rows of a table, -1 behind their ends."""

    __slots__ = ("common", "rows")

    def __init__(self, chain: Any, rows: Indices) -> None:
        self.common = Chain(chain).arcs(0)
        self.rows = rows

    def arcs(self, index: int) -> list[int]:
        """Return the arcs of one of the paths, from the goal to e."""
        row = self.rows[index]
        return [*row[row >= 0][::-1].tolist(), *self.common]


class Listing:
    """Lists the paths of some samples; see `Listing.blocks`.

    Parameters
    ----------
    sums : PathSums
    samples : sequence of int
        Those that are looked at.
    """

    def __init__(self, sums: PathSums, samples: Sequence[int]) -> None:
        self.sums = sums
        self.trellis = sums.trellis
        self.samples = samples
        self.single = len(samples) == 1
        self.slopes = sums.slopes[:, samples]
        self.entries = sums.entries[:, samples]
        self.last = sums.last[samples]
        self._passed = sums.passed[:, None] if sums.passed.ndim == 1 else sums.passed[:, samples]

    @cached_property
    def arithmetic(self) -> PlainFloat | ScaledFloat:
        """In which products are kept; there must be a path."""
        return self.sums.arithmetic

    @cached_property
    def _together(self) -> list[bool]:
        """For each state, whether the ways from it to the goal are listed as a block."""
        if isinstance(self.arithmetic, ScaledFloat):
            # Blocks multiply plain floats.
            return [False] * self.trellis.n_states
        # Counts may be integers of thousands of digits: they are cut before they become floats.
        ways = np.minimum(self.sums.onward_counts, _LARGEST + 1).astype(float)
        lengths = self.trellis.levels[self.trellis.goal] - self.trellis.levels
        large = ways * np.maximum(lengths, 1) * len(self.samples) > _LARGEST
        together: list[bool] = ((ways >= np.maximum(_WORTH, 2 * lengths)) & ~large).tolist()
        return together

    def factors(self, arcs: Indices) -> Array:
        """Return the derivatives over arcs, shape (n_arcs, n_samples)."""
        factors: Array = self._passed[arcs] * self.slopes[self.trellis.below[arcs]]
        return factors

    def blocks(self) -> Iterator[tuple[Chain | Block, list[float]]]:
        """Yield paths with their products, the means over the samples, in the article's order."""
        if self.sums.empty:
            return
        trellis, together = self.trellis, self._together
        goal, number = trellis.goal, self.arithmetic.number
        last = self.arithmetic.of(self._scalar(self.last))
        # A stack, last in first out: what is pushed in reverse comes in order. Chains share their beginnings.
        waiting = self._entering()
        while waiting:
            state, product, chain = waiting.pop()
            if state == goal:
                yield Chain(chain), [self._mean(number(self.arithmetic.times(product, last)))]
            elif together[state]:
                yield self._block(state, number(product), chain)
            else:
                waiting += self._leaving(state, product, chain)

    def _scalar(self, values: Array) -> Any:
        return float(values[0]) if self.single else values

    def _mean(self, values: Any) -> float:
        return values if self.single else float(values.mean())

    def _entering(self) -> list[tuple[int, Any, Any]]:
        of, states = self.arithmetic.of, self.trellis.entries[::-1].tolist()
        return [(state, of(self._scalar(self.entries[state])), None) for state in states]

    def _leaving(self, state: int, product: Any, chain: Any) -> list[tuple[int, Any, Any]]:
        trellis, times, of = self.trellis, self.arithmetic.times, self.arithmetic.of
        arcs = np.arange(trellis.starts[state], trellis.starts[state + 1])[::-1]
        factors = self.factors(arcs)
        each = factors[:, 0].tolist() if self.single else list(factors)
        states = trellis.below[arcs].tolist()
        return [
            (below, times(product, of(factor)), (arc, chain)) for below, factor, arc in zip(states, each, arcs.tolist())
        ]

    def _block(self, state: int, product: Any, chain: Any) -> tuple[Block, list[float]]:
        """List all ways from a state to the goal: step by step, each is repeated for the arcs that go on from it."""
        trellis = self.trellis
        states = np.array([state])
        products = np.atleast_1d(product)[None, :]
        columns: list[Indices] = []
        # Row i is one way, at states[i]. Repeating a row for each arc that goes on keeps the order of depth first.
        while (states != trellis.goal).any():
            starts, ends = trellis.starts[states], trellis.starts[states + 1]
            # Ways differ in length: one that has arrived waits, with no arc and a factor of 1.
            arrived = states == trellis.goal
            times = np.where(arrived, 1, ends - starts)
            arcs = ranges(starts, starts + times)
            arcs[np.repeat(arrived, times)] = -1
            factors = self.factors(arcs)
            factors[arcs < 0] = 1.0
            states = np.where(arcs < 0, trellis.goal, trellis.below[arcs])
            products = np.repeat(products, times, axis=0) * factors
            columns = [*(np.repeat(column, times) for column in columns), arcs]
        products = products * self.last
        means = products[:, 0] if self.single else products.mean(axis=1)
        return Block(chain, np.stack(columns, axis=1)), means.tolist()
