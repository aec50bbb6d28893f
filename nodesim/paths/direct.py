"""The paths of penalties: from e straight to a weight, past all nodes.

A penalty of the weights is added to e, so that an arrow of its own leads from e through it to each weight:

    ∂e/∂W1  =  Σ over the paths through the network  +  ∂e/∂l2 · ∂l2/∂W1

Such a path passes no node and goes over no connection: no trellis has it. It stands beside the others, and comes last
where they are listed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

import numpy as np

from nodesim._arrays import Array
from nodesim.functions.guard import called
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import PartialDerivative, Quantity
from nodesim.graph.elements import Connection


class Direct:
    """The paths of penalties in a set of paths: all that lead to a weight.

    Parameters
    ----------
    graph : DerivativeGraph
    of : Quantity
        Where the paths end: no penalty leads to anything but a weight.
    among : collection of str, optional
        The labels of some penalties; by default all.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99], l2=0.5)
    >>> graph = net.paths("W1").derivatives
    >>> direct = Direct(graph, Quantity("weight", net["W1"]))
    >>> direct.names, direct.product(0, [0]) == 0.5 * net["W1"].weight
    (['l2'], True)
    """

    def __init__(self, graph: DerivativeGraph, of: Quantity, among: Collection[str] | None = None) -> None:
        self._graph, self._of = graph, of
        self._connection = of.element if isinstance(of.element, Connection) else None
        penalized = self._connection is not None and graph.is_penalized(self._connection)
        every = enumerate(graph.start.penalties if penalized else ())
        self._penalties = [(number, each) for number, each in every if among is None or each.label in among]

    def __len__(self) -> int:
        return len(self._penalties)

    def only(self, name: str) -> Direct:
        """Return the path of one penalty, if it is among these."""
        return Direct(self._graph, self._of, {name} & set(self.names))

    def without(self, name: str) -> Direct:
        """Return the paths of all these penalties but one."""
        return Direct(self._graph, self._of, set(self.names) - {name})

    @property
    def names(self) -> list[str]:
        """What the penalties are called."""
        return [penalty.label for _, penalty in self._penalties]

    @property
    def quantities(self) -> list[Quantity]:
        """The penalties."""
        return [Quantity("penalty", label=name) for name in self.names]

    @cached_property
    def chains(self) -> list[tuple[PartialDerivative, ...]]:
        """For each path its edges, from e back."""
        if self._connection is None:
            return []
        every = list(self._graph.direct(self._connection))
        return [every[number] for number, _ in self._penalties]

    @cached_property
    def products(self) -> Array:
        """Of shape (n_paths, n_samples)."""
        found = np.ones((len(self), self._graph.n_samples))
        for row, chain in zip(found, self.chains):
            for edge in chain:
                row *= edge.values
        return found

    def product(self, number: int, samples: Sequence[int]) -> float:
        """Return the product of a path, the mean over some samples."""
        # The same number in each sample: no mean, that would round it.
        return float(self.products[number, samples[0]])

    def each(self, samples: Sequence[int]) -> list[float]:
        """Return the products of all paths, the means over some samples."""
        return [self.product(number, samples) for number in range(len(self))]

    def arcs(self, index: int) -> list[int]:
        """Return the arcs of a path: none."""
        return []

    def cut(self, number: int) -> float:
        """Return by how much e changes where the penalty is that of a weight of 0."""
        assert self._connection is not None
        regularizer, weight = (
            self._penalties[number][1].regularizer,
            self._graph.weights[self._graph.schedule.slot(self._connection)],
        )
        given = np.array([0.0, weight])
        with np.errstate(all="ignore"):
            without, before = called(regularizer.function, (given,), given.shape, lambda: regularizer.label).tolist()
        change: float = without - before
        return change
