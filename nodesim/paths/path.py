"""One path that feeds a gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Protocol

import numpy as np

from nodesim.gradients.quantities import Arrow, Factor
from nodesim.graph.elements import Connection, Node
from nodesim.notation.symbols import factor, number, shown

if TYPE_CHECKING:
    from nodesim.paths.listed import ListedPaths

_MOST_NAMES, _MOST_CONNECTIONS, _END = 40, 60, 20


class Found(Protocol):
    """What found a path, and remembers which way it went."""

    def arcs(self, index: int) -> list[int]:
        """Return the arcs of one of the paths, from the goal to e."""


class GradientPath:
    """One path from e back to a weight, or to a node.

    Attributes
    ----------
    product : float
        The product of the factors, the mean over the samples of a batch: what the path adds to the gradient.
    """

    __slots__ = ("_found", "_index", "_paths", "product")

    def __init__(self, paths: ListedPaths, found: Found, index: int, product: float) -> None:
        self._paths = paths
        self._found = found
        self._index = index
        self.product = product

    @property
    def connections(self) -> tuple[Connection, ...]:
        """From the weight to the output; of a node, from the connection that leaves it."""
        return self._paths._connections(self._found.arcs(self._index))

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes on the path, from the weight's source, or from the node, to the output."""
        element, connections = self._paths.of.element, self.connections
        start = element if isinstance(element, Node) else connections[0].source
        return (start, *(connection.target for connection in connections))

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The partial derivatives in the article's order, from e back."""
        arrows = self._paths.derivatives.chain(self._paths.of, self.connections)
        return tuple(map(self._factor, arrows))

    def __eq__(self, other: object) -> bool:
        """Whether both go over the same connections, to the same quantity in the same backward."""
        if not isinstance(other, GradientPath):
            return NotImplemented
        return self._key == other._key and self.connections == other.connections

    def __hash__(self) -> int:
        return hash((self._key, self.connections))

    @property
    def _key(self) -> tuple[object, ...]:
        paths = self._paths
        return id(paths.derivatives), paths.of, tuple(paths._samples)

    @property
    def formula(self) -> str:
        """The product of the factors in symbols."""
        return " · ".join(factor.name for factor in self.factors)

    @property
    def log_product(self) -> float:
        """The logarithm of |product|, also where thousands of factors make it too small, or too large, for a float.

        Of a batch, only for products that a float can hold.
        """
        with np.errstate(divide="ignore"):
            if len(self._paths._samples) > 1:
                return float(np.log(abs(self.product)))
            return math.fsum(np.log(np.abs(self._paths._numbers(self._found.arcs(self._index)))))

    def __str__(self) -> str:
        of, connections, graph = self._paths.of, self.connections, self._paths.derivatives
        if len(connections) > _MOST_CONNECTIONS:
            # The two ends: the whole of such a product nobody would read.
            ends = list(islice(graph.chain(of, connections), _END)), list(graph.along(of, connections[:_END]))[-_END:]
            written = map(self._written, ends)
            formula, numbers = (f" · ... {len(connections):,} connections ... · ".join(both) for both in zip(*written))
        else:
            formula, numbers = self._written(list(graph.chain(of, connections)))
        if len(self._paths._samples) > 1:
            return f"{formula} = {number(self.product)} (mean of {self._paths.derivatives.n_samples} samples)"
        return f"{formula} = {numbers} = {number(self.product)}"

    def _written(self, arrows: Sequence[Arrow]) -> tuple[str, str]:
        """Write a product in symbols and, of one sample, in numbers."""
        factors = [self._factor(arrow) for arrow in arrows]
        single = len(self._paths._samples) == 1
        numbers = " · ".join(factor(float(f)) for f in factors) if single else ""
        return " · ".join(f.name for f in factors), numbers

    def _factor(self, arrow: Arrow) -> Factor:
        return Factor(arrow.numerator.name, arrow.denominator.name, self._paths.seen(arrow.values))

    def __repr__(self) -> str:
        names = [node.name for node in self.nodes]
        if len(names) > _MOST_NAMES:
            names = [*names[: _MOST_NAMES // 2], "...", *names[-_MOST_NAMES // 2 :]]
        return shown(f"<path {' -> '.join(names)}: {number(self.product)}>")
