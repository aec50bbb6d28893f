"""PATHS: what feeds a gradient: counted exactly, listed lazily, summed without listing.

References
----------
Article, sections 4 and 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from nodesim.calls import Array
from nodesim.elements import Connection, Node
from nodesim.errors import ArgumentError, TooManyPathsError
from nodesim.notation import ERROR, Count, factor, number, partial, plural, shown
from nodesim.partials import DerivativeGraph
from nodesim.quantities import Factor, Quantity

_LISTABLE = 10_000_000
_SHOWN = 10


class GradientPath:
    """One path from e back to a weight, or to a node.

    Attributes
    ----------
    connections : tuple of Connection
        From the weight to the output; of a node, from the connection that leaves it.
    product : float
        The product of the factors, the mean over the samples of a batch: what the path adds to the gradient.
    """

    __slots__ = ("_paths", "connections", "product")

    def __init__(self, paths: GradientPaths, connections: tuple[Connection, ...], product: float) -> None:
        self._paths = paths
        self.connections = connections
        self.product = product

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes on the path, from the weight's source, or from the node, to the output."""
        element = self._paths.of.element
        start = element if isinstance(element, Node) else self.connections[0].source
        return (start, *(connection.target for connection in self.connections))

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The partial derivatives in the article's order, from e back."""
        arrows = self._paths.derivatives.chain(self._paths.of, self.connections)
        return tuple(
            Factor(arrow.numerator.name, arrow.denominator.name, self._paths.seen(arrow.values)) for arrow in arrows
        )

    @property
    def formula(self) -> str:
        """The product of the factors in symbols."""
        return " · ".join(factor.name for factor in self.factors)

    def __str__(self) -> str:
        factors = self.factors
        if all(isinstance(f.value, float) for f in factors):
            numbers = " · ".join(factor(float(f)) for f in factors)
            return f"{self.formula} = {numbers} = {number(self.product)}"
        return f"{self.formula} = {number(self.product)} (mean of {self._paths.derivatives.n_samples} samples)"

    def __repr__(self) -> str:
        return shown(f"<path {' -> '.join(node.name for node in self.nodes)}: {number(self.product)}>")


class GradientPaths:
    """All paths that feed the gradient of one quantity, in one backward.

    Iterating lists them lazily in the article's order: output by output from e back, and at each node source
    by source in connection order.

    Parameters
    ----------
    derivatives : DerivativeGraph
    of : Quantity
        A weight, or the weighted sum or the activated value of a node.
    sample : int, optional
        Look at one sample of the batch; None takes the mean over all samples.

    Raises
    ------
    ArgumentError
        If there is no such sample.

    Notes
    -----
    `count` and `gradient` cost O(nodes + connections), once for all weights of a backward; each path costs
    its length.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> paths = net.paths("W1")
    >>> paths.count, [path.nodes[2].name + path.nodes[3].name for path in paths]
    (4, ['H3O1', 'H4O1', 'H3O2', 'H4O2'])
    """

    def __init__(self, derivatives: DerivativeGraph, of: Quantity, sample: int | None = None) -> None:
        self.derivatives = derivatives
        self.of = of
        self.sample = _checked_sample(sample, derivatives.n_samples)

    @cached_property
    def count(self) -> Count:
        """How many paths there are: exact, whatever its size, and never by listing them."""
        return Count(self.derivatives.count(self.of))

    @cached_property
    def gradient(self) -> float:
        """The derivative of e: the sum over all paths, without listing them."""
        return self.mean(self.derivatives.total(self.of))

    @cached_property
    def scale(self) -> float:
        """The sum of |product| over all paths (for a batch, the mean over samples): the measure of rounding."""
        return float(self.derivatives.scale(self.of).mean())

    def seen(self, values: Array) -> float | Array:
        """Return of the values of all samples those that these paths look at."""
        if self.sample is not None:
            return float(values[self.sample])
        return float(values[0]) if len(values) == 1 else values

    def mean(self, values: Array) -> float:
        """Return the value of the sample that these paths look at, or the mean over all samples."""
        return float(values[self.sample]) if self.sample is not None else float(values.mean())

    def __iter__(self) -> Iterator[GradientPath]:
        graph, walk = self.derivatives, _Walk(self.derivatives, self.of)
        below = graph.below(walk.goal)
        # Each entry: a node, the product of the partials from e to it, the connections walked so far.
        waiting: list[tuple[Node, Array, Any]] = [
            (output, walk.entry(output), None) for output in reversed(graph.schedule.outputs) if output in below
        ]
        while waiting:
            node, product, chain = waiting.pop()
            if node is walk.goal:
                if chain is not None or not walk.only_through:
                    yield self._path(product * walk.last, chain)
                continue
            for connection in reversed(graph.schedule.incoming[node]):
                if connection.source in below:
                    waiting.append((connection.source, product * walk.step(connection), (connection, chain)))

    def _path(self, product: Array, chain: Any) -> GradientPath:
        connections = [self.of.element] if isinstance(self.of.element, Connection) else []
        while chain is not None:
            connection, chain = chain
            connections.append(connection)
        return GradientPath(self, tuple(connections), self.mean(product))

    def __length_hint__(self) -> int:
        # list(paths) asks here first: better an answer than a full memory.
        if self.count > _LISTABLE:
            raise TooManyPathsError(
                f"{self.of.name} has {self.count} paths: too many for a list. Iterate over them and stop, "
                "take some with itertools.islice, or use .count and .gradient, which need no list."
            )
        return int(self.count)

    def __str__(self) -> str:
        shown = list(islice(self, _SHOWN))
        lines = [f"{partial(ERROR, self.of.name)} = {number(self.gradient)}, the sum of {plural(self.count, 'path')}"]
        lines += [f"  {path}" for path in shown]
        if self.count > len(shown):
            part = sum(path.product for path in shown)
            share = f" ({part / self.gradient:.1%} of the gradient)" if self.gradient else ""
            lines.append(
                f"  ... {plural(Count(self.count - len(shown)), 'more path')}; those shown sum to {number(part)}{share}"
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        return shown(f"<{plural(self.count, 'path')} of {self.of.name}: gradient {number(self.gradient)}>")


class _Walk:
    """The partials of a walk from e back to the goal of a quantity's paths."""

    def __init__(self, graph: DerivativeGraph, of: Quantity) -> None:
        element = of.element
        self.graph = graph
        self.goal: Node = element.target if isinstance(element, Connection) else element  # type: ignore[assignment]
        self.last: Array | float = graph.activated[element.source._row] if isinstance(element, Connection) else 1.0
        self.ends_activated = of.kind == "activated"
        # Where the error enters at O, the only way to OA leads through the nodes that OA feeds.
        self.only_through = self.ends_activated and graph.of_sums

    def entry(self, output: Node) -> Array:
        """Return the derivative of e by the output's sum, or by the goal itself."""
        activated = self.ends_activated and output is self.goal
        return self.graph.seeds[output] if activated else self.graph.entry(output)

    def step(self, connection: Connection) -> Array:
        """Return the derivative of the target's sum by the source's, or by the goal itself."""
        activated = self.ends_activated and connection.source is self.goal
        return self.graph.weight(connection) if activated else self.graph.step(connection)


def _checked_sample(sample: Any, n_samples: int) -> int | None:
    if sample is None:
        return None
    if isinstance(sample, int | np.integer) and not isinstance(sample, bool) and -n_samples <= sample < n_samples:
        return int(sample)
    raise ArgumentError(f"sample must be a whole number from 0 to {n_samples - 1}, got {sample!r}.")
