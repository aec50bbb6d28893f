"""What is there before anything is cut: nodes, arcs and e, and what the paths begin with at the goal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection
from nodesim.paths.cutting.end import end_of
from nodesim.paths.cutting.joins import Joins
from nodesim.paths.cutting.nodes import Nodes
from nodesim.paths.sums import PathSums

# How many numbers are worked on together: what fits into the processor's caches.
TOGETHER = 1 << 18


class Ground:
    """A set of paths, and the samples that are looked at.

    Parameters
    ----------
    sums : PathSums
    samples : sequence of int
        One, or all.

    Attributes
    ----------
    nodes : Nodes
    joins : Joins
    end : ErrorEnd or QuantityEnd
    single : bool
        Whether it is one sample.
    samples : slice
    """

    def __init__(self, sums: PathSums, samples: Sequence[int]) -> None:
        self.sums = sums
        self.nodes = Nodes(sums.graph)
        self.joins = Joins(self.nodes)
        self.end = end_of(self.nodes)
        self.single = len(samples) == 1
        first = samples[0] % sums.graph.n_samples if self.single else 0
        self.samples = slice(first, first + len(samples))

    @property
    def n_samples(self) -> int:
        """How many samples are looked at."""
        return self.samples.stop - self.samples.start

    def blocks(self, numbers: int) -> Iterator[slice]:
        """Yield the samples in parts, so that with so many numbers for each of them no part takes much memory."""
        each = max(1, TOGETHER // max(numbers, 1))
        for first in range(self.samples.start, self.samples.stop, each):
            yield slice(first, min(first + each, self.samples.stop))

    @property
    def of(self) -> Quantity:
        """What the paths end at."""
        return self.sums.of

    @cached_property
    def goal(self) -> Indices:
        """The row of the node where all paths end, shape (1,)."""
        return self.sums.trellis.rows[[self.sums.trellis.goal]]

    @cached_property
    def amount(self) -> Any:
        """What is set to 0 along the paths: the weight; or of a node's sum, or what it sends, shape (n_samples,)."""
        graph, element = self.sums.graph, self.of.element
        if isinstance(element, Connection):
            return float(graph.weights[graph.schedule.slot(element)])
        found: Array = (graph.activated if self.of.kind == "activated" else self.nodes.sums)[self.goal[0], self.samples]
        return float(found[0]) if self.single else found

    def begin(self, block: slice) -> tuple[Array, Array, Array]:
        """Return H' and HA' of the goal, and HA' - HA, each of shape (1, n_samples)."""
        sums: Array = self.nodes.sums[self.goal, block]
        if self.of.kind == "activated":
            sent = self.sums.graph.activated[self.goal, block]
            return sums, np.zeros_like(sums), -sent
        without = np.zeros_like(sums)
        if self.of.kind == "weight":
            without = self._without_weight(sums, block)
        sent = self.nodes.checked(self.goal, without, block)
        return without, sent, sent - self.nodes.sent(self.goal, sums, block)

    def _without_weight(self, sums: Array, block: slice) -> Array:
        """Return H' of the goal where nothing comes in over the weight."""
        if len(self.joins.among(self.goal)):
            graph, element = self.sums.graph, self.of.element
            assert isinstance(element, Connection)
            numbers, sent = np.array([graph.index(element)]), graph.activated[[graph.row[element.source]], block]
            return self.joins.each(self.goal, numbers, -sent, block)
        with np.errstate(all="ignore"):
            without: Array = sums - self.amount * self.sums.last[None, block]
        return without

    def outputs(self, rows: Indices, sent: Array) -> Array:
        """Return OA of all outputs when these nodes send something else.

        Parameters
        ----------
        rows : ndarray of shape (n,)
            Where e sees it; those that are no outputs are passed over.
        sent : ndarray of shape (n, n_samples)

        Returns
        -------
        ndarray of shape (n_outputs,) for one sample, else (n_samples, n_outputs)
        """
        graph = self.sums.graph
        found = np.array(graph.activated[graph.schedule.output_rows, self.samples])
        places = np.full(graph.schedule.n_rows, -1)
        places[graph.schedule.output_rows] = np.arange(len(found))
        outputs = np.flatnonzero(places[rows] >= 0)
        rows, sent, places = rows[outputs], sent[outputs], places[rows[outputs]]
        # What is not changed has the bits of the run.
        same = sent == self.nodes.sent(rows, self.nodes.sums[rows, self.samples], self.samples)
        found[places] = np.where(same, found[places], sent)
        return found[:, 0] if self.single else found.T
