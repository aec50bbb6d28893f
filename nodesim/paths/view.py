"""How a set of paths is looked at: its trellis, and the samples whose numbers are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from nodesim._arrays import Array, read_only
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection
from nodesim.paths.cutting.cutter import Cutter
from nodesim.paths.sums import PathSums


class View:
    """What a single path has to know of the set that it belongs to.

    A `GradientPath` is but a number and the arcs of a trellis. Here arcs become connections and factors. Thousands of
    paths share one view, and a view knows nothing of them, or of the `GradientPaths` that handed them out.

    Parameters
    ----------
    sums : PathSums
        The trellis, with the numbers of the backward.
    samples : sequence of int
        Those that are looked at: one, or all.

    Attributes
    ----------
    sums : PathSums
    samples : sequence of int
    single : bool
        Whether it is one sample, so that factors are floats and products can be written out in numbers.
    """

    __slots__ = ("_cutter", "samples", "single", "sums")

    def __init__(self, sums: PathSums, samples: Sequence[int]) -> None:
        self.sums = sums
        self.samples = samples
        self.single = len(samples) == 1
        self._cutter: Cutter | None = None

    @property
    def cutter(self) -> Cutter:
        """What cuts the paths."""
        if self._cutter is None:
            self._cutter = Cutter(self.sums, self.samples)
        return self._cutter

    @property
    def graph(self) -> DerivativeGraph:
        """The partial derivatives of the backward."""
        return self.sums.graph

    @property
    def of(self) -> Quantity:
        """The quantity that the paths end at."""
        return self.sums.of

    @property
    def gradient(self) -> float:
        """The sum over all paths, of all samples the mean."""
        total = self.sums.total
        return float(total[self.samples[0]] if self.single else total.mean())

    @property
    def key(self) -> tuple[object, ...]:
        """What two paths must have in common, besides their connections, to be the same one."""
        return id(self.graph), self.of, tuple(self.samples)

    def connections(self, arcs: Sequence[int]) -> tuple[Connection, ...]:
        """Return the connections of a path from its arcs: both from the goal to e, the weight itself in front."""
        every, indices, own = self.graph.schedule.connections, self.sums.trellis.connections, self.of.element
        found = (every[indices[arc]] for arc in arcs)
        return (own, *found) if isinstance(own, Connection) else tuple(found)

    def numbers(self, arcs: list[int]) -> Array:
        """Return numbers whose product is that of a path in the one sample, given its arcs from the goal to e.

        They are not the partial derivatives of the formula, but what the trellis keeps of them: some are products of
        two, such as ∂e/∂OA · ∂OA/∂O.
        """
        partials = self.sums.partials(self.samples[0])
        trellis = partials.trellis
        entry = trellis.above[arcs[-1]] if arcs else trellis.goal
        slopes = partials.slopes[trellis.below[arcs]]
        return np.concatenate(([partials.last, partials.entries[entry]], partials.passed[arcs], slopes))

    def seen(self, values: Array) -> float | Array:
        """Return of the values of all samples those that are looked at, read-only: a float if it is one sample."""
        return float(values[self.samples[0]]) if self.single else cast(Array, read_only(values))
