"""The paths that feed an exact gradient, with exact products: their sum is the gradient, with ``==``.

References
----------
Article, section 4.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from nodesim._arrays import read_only
from nodesim.errors import TooManyPathsError
from nodesim.exact.expression import ExactExpression
from nodesim.exact.legend import Legend
from nodesim.exact.values import ONE, Value, mean, times
from nodesim.exact.writing import readable
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import Factor, PartialDerivative, Quantity
from nodesim.graph.elements import Connection, Node
from nodesim.notation import markup
from nodesim.notation.expressions import Comparison, Negative, Partial, Sum, Symbol
from nodesim.notation.symbols import ERROR, Count, partial, plural
from nodesim.paths.first_paths import first_paths
from nodesim.showing import shown
from nodesim.validation import brief

_SHOWN, _LISTABLE, _MOST_NAMES, _FORMULA = 10, 10_000_000, 40, 60
Exact = Fraction | ExactExpression


def handed_out(value: Value, what: Symbol | Partial, legend: Legend | None) -> Exact:
    """Return a value as users hold it: a fraction of a rational run, an expression of a symbolic one."""
    if legend is not None:
        return ExactExpression(what, value, legend)
    assert isinstance(value, Fraction)
    return value


class ExactPath:
    """One path from e back to a weight, or to a node, with its exact product.

    Parameters
    ----------
    paths : ExactPaths
        Those that it is one of.
    connections : tuple of Connection
        From the weight to the output; of a node, from the connection that leaves it.
    product : Value
        The product of its factors, the mean over the samples.

    Attributes
    ----------
    connections : tuple of Connection
        From the weight to the output; of a node, from the connection that leaves it.

    See Also
    --------
    ExactPaths : All of them.
    GradientPath : The same with floats.

    References
    ----------
    Article, section 4.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([1, 1, 1], hidden="relu", bias=False, seed=0)
    >>> net["W1"].weight, net["W2"].weight = 0.15, 0.4
    >>> (path,) = net.exact(["1/3"], [1]).paths("W1")
    >>> print(path)
    ∂e/∂OA1 · ∂OA1/∂O1 · ∂O1/∂HA1 · ∂HA1/∂H1 · ∂H1/∂W1 = (−49/25) · 1 · 2/5 · 1 · 1/3 = −98/375
    """

    __slots__ = ("_paths", "_product", "connections")

    def __init__(self, paths: ExactPaths, connections: tuple[Connection, ...], product: Value) -> None:
        self._paths = paths
        self.connections = connections
        self._product = product

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes on the path, from the weight's source, or from the node, to the output."""
        element = self._paths.of.element
        start = element if isinstance(element, Node) else self.connections[0].source
        return (start, *(connection.target for connection in self.connections))

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The partial derivatives in the article's order, from e back; each multiplies like its `Factor.value`."""
        return tuple(map(self._paths._factor_of, self._chain))

    @property
    def product(self) -> Any:
        """The product of the factors, the mean over the samples of a batch: what the path adds to the gradient."""
        return self._paths._handed_out(self._product)

    @property
    def formula(self) -> str:
        """The product of the factors in symbols."""
        return " · ".join(partial(each.numerator.name, each.denominator.name) for each in self._chain)

    @property
    def _chain(self) -> list[PartialDerivative]:
        return list(self._paths.graph.chain(self._paths.of, self.connections))

    def __eq__(self, other: object) -> bool:
        """Whether both go over the same connections, to the same quantity of the same run."""
        if not isinstance(other, ExactPath):
            return NotImplemented
        return self._paths.key == other._paths.key and self.connections == other.connections

    def __hash__(self) -> int:
        return hash((self._paths.key, self.connections))

    def __str__(self) -> str:
        product = self._product
        if len(self._paths.samples) > 1:
            return f"{self.formula} = {readable(product)} (mean of {len(self._paths.samples)} samples)"
        numbers = " · ".join(_factor(each.values[self._paths.samples[0]]) for each in self._chain)
        return f"{self.formula} = {numbers} = {readable(product)}"

    def __repr__(self) -> str:
        names = [node.name for node in self.nodes]
        if len(names) > _MOST_NAMES:
            names = [*names[: _MOST_NAMES // 2], "...", *names[-_MOST_NAMES // 2 :]]
        return shown(f"<exact path {' -> '.join(names)}: {brief(readable(self._product), _FORMULA)}>")

    def _repr_html_(self) -> str:
        return markup.written(str(self))


def _factor(value: Value) -> str:
    written = readable(value)
    loose = value < 0 if isinstance(value, Fraction) else isinstance(value, Sum | Negative | Comparison)
    return f"({written})" if loose else written


class ExactPaths:
    """All paths that feed one exact gradient; iterating lists them lazily, in the article's order.

    Parameters
    ----------
    graph : DerivativeGraph
        The partial derivatives, exact ones.
    of : Quantity
        What the paths end at.
    totals : sequence of Value
        ∂e/∂of of each sample, by backpropagation.
    sample : int, optional
        Look at one sample of the batch; None takes the mean over all samples.
    legend : Legend, optional
        What the letters of a symbolic run stand for.

    Attributes
    ----------
    graph : DerivativeGraph
        The partial derivatives, exact ones.
    of : Quantity
        What the paths end at.
    samples : sequence of int
        Those that are looked at.

    See Also
    --------
    ExactRun.paths : Makes it.
    GradientPaths : The same with floats; it ranks, restricts and shares out, too.

    Notes
    -----
    `count` and `gradient` take no list of paths; each path costs its length.

    References
    ----------
    Article, section 4.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2, 2], hidden="relu", seed=0)
    >>> paths = net.exact(["0.05", "0.1"], ["0.01", "0.99"]).paths("W1")
    >>> paths.count, sum(path.product for path in paths) == paths.gradient
    (4, True)
    """

    def __init__(
        self,
        graph: DerivativeGraph,
        of: Quantity,
        totals: Sequence[Value],
        sample: int | None = None,
        legend: Legend | None = None,
    ) -> None:
        self.graph = graph
        self.of = of
        self.samples: Sequence[int] = range(len(totals)) if sample is None else [sample]
        self._totals = totals
        self._legend = legend

    @cached_property
    def count(self) -> Count:
        """How many paths there are: exact, and never by listing them."""
        return Count(self.graph.count(self.of))

    def __bool__(self) -> bool:
        """Whether there is any path."""
        return self.count > 0

    @cached_property
    def gradient(self) -> Any:
        """The derivative of e, by backpropagation: the sum over all paths, with ``==``."""
        return self._handed_out(mean(self._totals[sample] for sample in self.samples))

    @property
    def key(self) -> tuple[object, ...]:
        """What two paths must have in common, besides their connections, to be the same one."""
        return id(self.graph), self.of, tuple(self.samples)

    def __iter__(self) -> Iterator[ExactPath]:
        # Paths that follow one another have most of their way from e in common, and its products.
        trail: list[tuple[Node | Connection, list[Value]]] = []
        for connections in first_paths(self.graph, self.of, min(self.count, sys.maxsize)):
            output: Any = connections[-1].target if connections else self.of.element
            way = [output, *reversed(connections)]
            common = next((n for n, (known, one) in enumerate(zip(trail, way)) if known[0] is not one), len(trail))
            del trail[common:]
            for one in way[common:]:
                edges = list(self.graph.entry(self.of, one) if one is output else self.graph.over(self.of, one))
                before = trail[-1][1] if trail else [ONE] * len(self.samples)
                products = zip(before, self.samples)
                trail.append((one, [times(product, *(edge.values[k] for edge in edges)) for product, k in products]))
            yield ExactPath(self, connections, mean(trail[-1][1]))

    def __length_hint__(self) -> int:
        # list(paths) asks here first: better an answer than a full memory.
        if self.count > _LISTABLE:
            raise TooManyPathsError(
                f"{self.of.name} has {self.count:,} paths: too many for a list. Iterate over them and stop, or use "
                ".count and .gradient, which need none."
            )
        return self.count

    def _handed_out(self, value: Value) -> Exact:
        """Return a value of ∂e/∂of as users hold it."""
        return handed_out(value, Partial(ERROR, self.of.name), self._legend)

    def _factor_of(self, edge: PartialDerivative) -> Factor:
        """Return a partial derivative as users hold it: of one sample its value, of several an array of them."""
        what = Partial(edge.numerator.name, edge.denominator.name)
        found = np.empty(len(self.samples), dtype=object)
        found[:] = [handed_out(edge.values[sample], what, self._legend) for sample in self.samples]
        return Factor(what.numerator, what.denominator, found[0] if len(found) == 1 else read_only(found))

    def _title(self) -> str:
        gradient = readable(mean(self._totals[sample] for sample in self.samples))
        return f"{partial(ERROR, self.of.name)} = {gradient}, the sum of {plural(self.count, 'path')}"

    def __str__(self) -> str:
        first = list(islice(self, _SHOWN))
        more = [f"  ... {plural(Count(self.count - len(first)), 'more path')}"] if self.count > len(first) else []
        return "\n".join([self._title(), *(f"  {path}" for path in first), *more])

    def __repr__(self) -> str:
        return shown(f"<{plural(self.count, 'exact path')} of {self.of.name}>")

    def _repr_html_(self) -> str:
        return markup.written(str(self))
