"""The paths of a batch by the magnitude of their mean product, the largest first: best first, with a bound.

A beginning of a path, from e on, is followed as long as nothing else can be better. Let a beginning have the product
p_s in sample s, and let c_s be the largest ``|product|`` of the ways from there to the goal in sample s alone. Whatever
complete path comes of it, with completion q_s::

    |mean_s p_s·q_s|  <=  mean_s |p_s|·|q_s|  <=  mean_s |p_s|·c_s

and c_s is one dynamic programme for all states. So the beginning with the largest bound is followed by one arc, and a
complete path is handed out when no bound is larger. The first step of the bound loses much where samples cancel one
another, as those of wrong and of right outputs do; the second where they disagree about the best completion. Many
beginnings are followed in vain then, but no path is missed.

References
----------
Hart, P. E., N. J. Nilsson, B. Raphael, "A Formal Basis for the Heuristic Determination of Minimum Cost Paths", IEEE
Transactions on Systems Science and Cybernetics 4 (1968): the search (A*), with bounds that are never too low here.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.paths.listing import Chain
from nodesim.paths.sums import PathSums

# How many beginnings are followed, when it is only rounding that can still change an order. Networks with symmetries
# have thousands of equal products: to wait for all of them would mean to list them all before the first is shown.
_PATIENCE = 2000


class _Beginning:
    """A way from e to a state, and the arcs by which it goes on, the most promising first."""

    __slots__ = ("arcs", "bounds", "chain", "product")

    def __init__(self, product: Array, chain: Any, arcs: list[int], bounds: list[float]) -> None:
        self.product = product
        self.chain = chain
        self.arcs = arcs
        self.bounds = bounds


class BatchRanking:
    """Finds paths by the magnitude of their product's mean over all samples.

    Parameters
    ----------
    sums : PathSums

    Notes
    -----
    Products that differ by no more than rounding (1e-14 or so) are put in order as long as there are not thousands
    of them; beyond that they come as they are found.
    """

    def __init__(self, sums: PathSums) -> None:
        self.sums = sums
        self.trellis = sums.trellis
        self._last = np.abs(sums.last)
        self._passed = sums.passed.reshape(len(sums.passed), -1) if len(sums.passed) else sums.passed
        self._best = self._completions()
        # A bound and a product are rounded differently: each multiplies up to twice for each level, and adds up the
        # samples. By this factor, a few units in the last place for each step, a bound may be too low.
        length = int(np.ptp(self.trellis.levels))
        self._rounding = 1.0 + (4 * length + sums.graph.n_samples + 8) * 2.0**-52
        self._number = count()  # so that equal bounds never compare beginnings
        self._waiting: list[tuple[float, int, _Beginning, int]] = []
        self._complete: list[tuple[float, tuple[int, ...], float, Any]] = []

    def __iter__(self) -> Iterator[tuple[Chain, float]]:
        """Yield each path with the mean of its product."""
        for state in self.trellis.entries.tolist():
            self._begin(state, self.sums.entries[state], None)
        patience = _PATIENCE
        while self._waiting or self._complete:
            bound = -self._waiting[0][0] if self._waiting else -1.0
            best = -self._complete[0][0] if self._complete else -1.0
            # Handed out is what no other can be above, or equal to but for rounding; of those equal ones, after some
            # patience; and what is left when nothing waits (-1 is below all magnitudes).
            if best > bound * self._rounding or (best * self._rounding >= bound and not patience) or bound < 0:
                _, _, product, chain = heapq.heappop(self._complete)
                patience = _PATIENCE
                yield Chain(chain), product
            else:
                patience = patience - 1 if best * self._rounding >= bound else _PATIENCE
                self._follow()

    def _completions(self) -> Array:
        """For each state and sample, the largest ``|product|`` of the ways from it to the goal, its slope left out."""
        trellis, sums = self.trellis, self.sums
        start = np.zeros_like(sums.slopes)
        start[trellis.goal] = np.abs(sums.slopes[trellis.goal]) * self._last
        with np.errstate(all="ignore"):
            return trellis.from_goal.propagate(start, np.abs(sums.passed), np.abs(sums.slopes), join=np.maximum)

    def _begin(self, state: int, product: Array, chain: Any) -> None:
        """Note a way from e to a state: it is complete at the goal, else it goes on."""
        if state == self.trellis.goal:
            mean = float((product * self.sums.last).mean())
            connections = tuple(self.trellis.connections[Chain(chain).arcs(0)].tolist())
            heapq.heappush(self._complete, (-abs(mean), connections, mean, chain))
            return
        arcs = np.arange(self.trellis.starts[state], self.trellis.starts[state + 1])
        bounds = self._bounds(product, arcs)
        order = np.argsort(-bounds, kind="stable")
        self._wait(_Beginning(product, chain, arcs[order].tolist(), bounds[order].tolist()), 0)

    def _bounds(self, product: Array, arcs: Indices) -> Array:
        with np.errstate(all="ignore"):
            handed = np.abs(self._passed[arcs]) * self._best[self.trellis.below[arcs]]
            bounds: Array = (handed * np.abs(product)).mean(axis=1)
        # 0 times an overflow is no number: it bounds nothing, so that it is followed first.
        return np.where(np.isnan(bounds), np.inf, bounds)

    def _wait(self, beginning: _Beginning, which: int) -> None:
        if which < len(beginning.arcs):
            heapq.heappush(self._waiting, (-beginning.bounds[which], next(self._number), beginning, which))

    def _follow(self) -> None:
        """Follow the most promising beginning by one arc.

        Of each beginning only its best arc waits; when that is followed, the next one takes its place. So a step puts
        two into the queue at most, however many arcs lead on.
        """
        _, _, beginning, which = heapq.heappop(self._waiting)
        self._wait(beginning, which + 1)
        arc = beginning.arcs[which]
        below = int(self.trellis.below[arc])
        product = beginning.product * (self._passed[arc] * self.sums.slopes[below])
        self._begin(below, product, (arc, beginning.chain))
