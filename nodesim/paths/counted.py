"""What a set of paths adds up to, and what they pass: known without listing them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection, Node
from nodesim.notation.symbols import Count
from nodesim.paths.sums import PathSums
from nodesim.paths.trellis import Trellis
from nodesim.validation import shortened


class CountedPaths:
    """Paths that can be counted and summed; see `GradientPaths`."""

    def __init__(
        self,
        derivatives: DerivativeGraph,
        of: Quantity,
        sample: int | None = None,
        sums: PathSums | None = None,
        kept: str = "",
    ) -> None:
        self.derivatives = derivatives
        self.of = of
        self.sample = _checked_sample(sample, derivatives.n_samples)
        self.kept = kept
        self._restricted = sums is not None
        self._sums = sums or PathSums(derivatives, of)

    @cached_property
    def count(self) -> Count:
        """How many paths there are: exact, whatever its size, and never by listing them."""
        return Count(self._sums.count if self._restricted else self.derivatives.count(self.of))

    def __bool__(self) -> bool:
        """Whether there is any path."""
        return self.count > 0

    @cached_property
    def gradient(self) -> float:
        """The derivative of e: the sum over all paths, without listing them."""
        return self.mean(self._sums.total if self._restricted else self.derivatives.total(self.of))

    @cached_property
    def scale(self) -> float:
        """The sum of |product| over all paths (for a batch, the mean over samples): the measure of rounding."""
        return self.mean(self._sums.scale if self._restricted else self.derivatives.scale(self.of))

    @property
    def positive(self) -> float:
        """The sum of the positive products; of a batch, the mean over the samples of each one's sum."""
        return (self.scale + self.gradient) / 2

    @property
    def negative(self) -> float:
        """The sum of the negative products, likewise; with `positive` it makes the gradient."""
        return (self.gradient - self.scale) / 2

    @property
    def cancellation(self) -> float:
        """|gradient| / sum of |products|: 1 where no paths cancel, 0 where all do; NaN where all products are 0."""
        return min(abs(self.gradient) / self.scale, 1.0) if self.scale else float("nan")

    def seen(self, values: Array) -> float | Array:
        """Return of the values of all samples those that these paths look at."""
        if self.sample is not None:
            return float(values[self.sample])
        return float(values[0]) if len(values) == 1 else values

    def mean(self, values: Array) -> float:
        """Return the value of the sample that these paths look at, or the mean over all samples."""
        return float(values[self.sample]) if self.sample is not None else float(values.mean())

    @property
    def _which(self) -> str:
        return f", {self.kept}" if self.kept else ""

    @property
    def _samples(self) -> list[int]:
        return list(range(self.derivatives.n_samples)) if self.sample is None else [self.sample]

    @property
    def _trellis(self) -> Trellis:
        return self._sums.trellis

    @property
    def elements(self) -> tuple[set[Node], set[Connection]]:
        """All nodes and connections that the paths pass, without listing the paths."""
        schedule, of = self.derivatives.schedule, self.of.element
        nodes = {schedule.nodes[row] for row in np.unique(self._trellis.rows)}
        connections = {schedule.connections[index] for index in np.unique(self._trellis.connections)}
        if isinstance(of, Connection) and nodes:
            nodes.add(of.source)
            connections.add(of)
        return nodes, connections


def _checked_sample(sample: Any, n_samples: int) -> int | None:
    if sample is None:
        return None
    if isinstance(sample, int | np.integer) and not isinstance(sample, bool) and -n_samples <= sample < n_samples:
        return int(sample)
    raise ArgumentError(f"sample must be a whole number from 0 to {n_samples - 1}, got {shortened(sample)}.")
