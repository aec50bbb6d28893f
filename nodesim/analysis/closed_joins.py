"""Where joins let nothing through: what comes in beside others that decide alone, and factors of a product of 0.

Of a sum ∂H/∂c is 1 for all that comes in. Of the largest it is 0 for what is not the largest, and of a product it is
the product of the other factors: 0 as soon as one of these is. Then ∂H/∂HA and ∂H/∂W are 0 whatever the weight is.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices, Mask
from nodesim.analysis.reasons import UNDERFLOW, ZERO_INPUT, ZERO_WEIGHT, Reasons
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.graph.elements import Connection, Node

Bits = NDArray[np.int64]


class ClosedJoins:
    """The connections over which joins let nothing through, sample by sample.

    Parameters
    ----------
    graph : DerivativeGraph
        Of a network with joins.
    reasons : Reasons

    Attributes
    ----------
    closed : ndarray of bool, shape (n_connections, n_samples)
        Whether ∂H/∂(W·HA) is 0, and an output can be reached.
    """

    def __init__(self, graph: DerivativeGraph, reasons: Reasons) -> None:
        assert graph.partials is not None
        self._graph, self._schedule = graph, graph.schedule
        reached = self._schedule.reaching[self._schedule.targets]
        self.closed: Mask = (graph.partials == 0) & reached[:, None]
        by_row = np.zeros(self._schedule.n_rows, np.int64)
        for node, aggregation in graph.aggregations.items():
            by_row[graph.row[node]] = reasons.closed_bit(aggregation)
        self._own: Bits = by_row[self._schedule.targets]

    def of_weights(self, numbers: Indices, sample: int) -> Bits:
        """Return why ∂H/∂W of some connections is 0, where it is because of ∂H/∂(W·HA)."""
        found: Bits = self._own[numbers] * self.closed[numbers, sample]
        return found

    def of_idle(self, numbers: Indices) -> Bits:
        """Return why ∂H/∂W of some connections is 0 in every sample: nothing is sent, or nothing of it is taken."""
        silent = self._graph.activated[self._schedule.sources[numbers]] == 0
        taken = (self.closed[numbers] & ~silent).any(axis=1)
        found: Bits = ZERO_INPUT * silent.any(axis=1) | self._own[numbers] * taken
        return found

    def own(self, number: int) -> int:
        """Return the bit of the aggregation that a connection leads into."""
        return int(self._own[number])

    @cached_property
    def bits(self) -> Bits:
        """By connection and sample, why ∂H/∂HA is 0; 0 where it is not."""
        weights = self._graph.weights[self._schedule.slots][:, None]
        found: Bits = self._own[:, None] * self.closed | ZERO_WEIGHT * (weights == 0)
        # A product of two numbers may be 0 though neither is.
        found |= UNDERFLOW * ((self._graph.passed == 0) & (found == 0))
        found[~self._schedule.reaching[self._schedule.targets]] = 0
        return found

    def at_fault(self, number: int, samples: Mask) -> Iterator[Node | Connection]:
        """Yield whose fault it is where nothing goes over a connection in some samples.

        Of a product those are the other factors of 0; of the largest or the smallest, this one, which is not.
        """
        connection = self._schedule.connections[number]
        aggregation = self._graph.aggregations[connection.target]
        samples = samples & self.closed[number]
        if aggregation.native == "product":
            for other in self._graph.entering(connection.target).tolist():
                if other != number and (self._coming(other)[samples] == 0).any():
                    yield self._schedule.connections[other]
        elif aggregation.native in ("max", "min"):
            yield connection
        else:
            yield connection.target

    def _coming(self, number: int) -> Array:
        weight = self._graph.weights[self._schedule.slots[number]]
        found: Array = weight * self._graph.activated[self._schedule.sources[number]]
        return found
