"""One path that feeds a gradient.

References
----------
Article, section 4.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import count as numbered
from itertools import islice, repeat
from typing import Protocol

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.gradients.quantities import Factor, PartialDerivative
from nodesim.graph.elements import Connection, Node
from nodesim.notation import markup
from nodesim.notation.symbols import equals, factor, is_whole, number
from nodesim.paths.cut import Cut
from nodesim.paths.ranking_sample import SampleRanking
from nodesim.paths.view import View
from nodesim.showing import shown

_MOST_NAMES, _MOST_CONNECTIONS, _END = 40, 60, 20
_MOST_IN_ROW = 12
ARROW = " → "


class Finder(Protocol):
    """What found a path, or several, and remembers which way each of them goes."""

    def arcs(self, index: int) -> list[int]:
        """Return the arcs of one of the paths, from the goal to e."""


class GradientPath:
    """One path from e back to a weight, or to a node.

    Iterating over `GradientPaths` makes them; two are equal if they go over the same connections to the same quantity
    in the same backward.

    Parameters
    ----------
    view : View
        The set that it belongs to, and the samples that are looked at.
    finder : Finder
        What found it. The connections are only asked for when somebody looks at them: most paths are listed for
        their product alone.
    index : int
        Which of the paths that were found there it is.
    product : float
        The product of the factors, the mean over the samples of a batch.

    Attributes
    ----------
    product : float
        The product of the factors, the mean over the samples of a batch: what the path adds to the gradient.

    See Also
    --------
    GradientPaths : All of them, counted, summed, ranked and restricted.

    Notes
    -----
    The path of a penalty, such as l2, has its name as `penalty`. It leads from e straight to the weight: it has
    factors, and no nodes and connections.

    References
    ----------
    Article, section 4.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> path = next(iter(net.paths("W1")))
    >>> path
    <path I1 -> H1 -> O1: −0.00843113>
    >>> path.formula
    '∂e/∂OA1 · ∂OA1/∂O1 · ∂O1/∂HA1 · ∂HA1/∂H1 · ∂H1/∂W1'
    """

    __slots__ = ("_finder", "_index", "_view", "product")

    def __init__(self, view: View, finder: Finder, index: int, product: float) -> None:
        self._view = view
        self._finder = finder
        self._index = index
        self.product = product

    @property
    def connections(self) -> tuple[Connection, ...]:
        """From the weight to the output; of a node, from the connection that leaves it."""
        return self._view.connections(self._finder.arcs(self._index))

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes on the path, from the weight's source, or from the node, to the output."""
        element, connections = self._view.of.element, self.connections
        start = element if isinstance(element, Node) else connections[0].source
        return (start, *(connection.target for connection in connections))

    @property
    def name(self) -> str:
        """The way it takes, "I1 → H1 → O1"; of many nodes those of the two ends."""
        return ARROW.join(self._names(_MOST_NAMES))

    @property
    def title(self) -> str:
        """Its `name` in plain letters: "I1 -> H1 -> O1"."""
        return " -> ".join(self._names(_MOST_NAMES))

    @property
    def share(self) -> float:
        """The product as a part of the gradient, the sum over all paths; NaN where that is 0."""
        gradient = self._view.gradient
        return self.product / gradient if gradient else math.nan

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The partial derivatives in the article's order, from e back."""
        return tuple(map(self._factor, self._edges()))

    def _edges(self) -> Iterator[PartialDerivative]:
        return self._view.graph.chain(self._view.of, self.connections)

    @property
    def penalty(self) -> str | None:
        """What the penalty is called that the path leads through instead of the network; None for all others."""
        return None

    @property
    def formula(self) -> str:
        """The product of the factors in symbols."""
        return " · ".join(factor.name for factor in self.factors)

    @property
    def log_product(self) -> float:
        """The logarithm of ``|product|``, also where thousands of factors make it too small, or too large, for a float.

        Of a batch, only for products that a float can hold.
        """
        with np.errstate(divide="ignore"):
            if not self._view.single:
                return float(np.log(abs(self.product)))
            # Added up exactly: over thousands of factors the roundings of a plain sum would show.
            return math.fsum(np.log(np.abs(self._numbers())))

    def _numbers(self) -> Array | list[float]:
        return self._view.numbers(self._finder.arcs(self._index))

    def cut(self) -> Cut:
        """Cut this path alone in the forward pass: what e would be without what comes along it.

        Returns
        -------
        Cut
            ``error`` is e afterwards, ``change`` by how much it differs, ``predicted`` what the product says of it;
            of a batch, the means over the samples.

        Raises
        ------
        NonFiniteError, FunctionError
            If a number leaves the finite ones without the path, or an activation or the loss fails; the message says
            where.

        See Also
        --------
        GradientPaths.cuts : The strongest paths, each cut by itself.
        GradientPaths.cut : All paths of a set, cut at once.

        Notes
        -----
        Along the path each node sees the value that it would have, and every other node sees the old one: for
        I1 -> H1 -> H3 of the weight W1, H1' = H1 - W1·I1, HA1' = f(H1'), H3' = H3 - W7·(HA1 - HA1'). An output on the
        way feeds what comes behind it with its new value, but e sees that of the last one alone.

        References
        ----------
        Goldowsky-Dill, N., C. MacLeod, L. Sato, A. Arora, "Localizing Model Behavior with Path Patching" (2023,
        arXiv:2304.05969).

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> print(net.paths("W1").top(1)[0].cut())
        cut             e before  e after      change   predicted        missed
        I1 -> H1 -> O2   1.03395  1.03582  0.00187648  0.00187684  −3.59966e-07
        """
        return self._view.cutter.path(self, self._finder.arcs(self._index))

    @property
    def key(self) -> tuple[object, ...]:
        """What it is a path of: the backward, the quantity, and the samples that are looked at."""
        return self._view.key

    def __eq__(self, other: object) -> bool:
        """Whether both go over the same connections, to the same quantity in the same backward."""
        if not isinstance(other, GradientPath):
            return NotImplemented
        return (self.key, self.penalty) == (other.key, other.penalty) and self.connections == other.connections

    def __hash__(self) -> int:
        return hash((self.key, self.penalty, self.connections))

    def __str__(self) -> str:
        formula, numbers, exact = self._sides()
        return " ".join([formula, *self._right(numbers, exact)])

    def _right(self, numbers: str, exact: bool) -> list[str]:
        """Write what the product is equal to, each behind its sign: of one sample the numbers put in; the product."""
        if not self._view.single:
            return [f"{equals(self.product)}{self._mean}"]
        if exact:
            return [f"= {numbers}", equals(self.product)]
        return [f"≈ {numbers}", f"≈ {number(self.product)}"]

    def _sides(self) -> tuple[str, str, bool]:
        """Write the product in symbols and in numbers, and tell whether these are written with all their digits.

        Of long paths the two ends, for nobody would read the whole.
        """
        of, connections, graph = self._view.of, self.connections, self._view.graph
        if len(connections) <= _MOST_CONNECTIONS:
            return self._written(list(self._edges()))
        ends = list(islice(graph.chain(of, connections), _END)), list(graph.along(of, connections[:_END]))[-_END:]
        # A connection makes one edge or two, its own and a slope: so many of them have the last edges among theirs.
        left_out = f" · ... {len(connections):,} connections ... · "
        formulas, numbers, _ = zip(*map(self._written, ends))
        # What is left out is not written.
        return left_out.join(formulas), left_out.join(numbers), False

    def _written(self, partials: Sequence[PartialDerivative]) -> tuple[str, str, bool]:
        """Write a product in symbols and, of one sample, in numbers."""
        factors = [self._factor(partial) for partial in partials]
        formula = " · ".join(f.name for f in factors)
        if not self._view.single:
            return formula, "", False
        values = [float(f) for f in factors]
        return formula, " · ".join(map(factor, values)), all(map(is_whole, values))

    @property
    def _mean(self) -> str:
        """Say what a product is the mean of, if it is one."""
        graph = self._view.graph
        return f" ({graph.meant})" if graph.steps is not None or not self._view.single else ""

    def _factor(self, partial: PartialDerivative) -> Factor:
        return Factor(partial.numerator.name, partial.denominator.name, self._view.seen(partial.values))

    def _names(self, most: int) -> list[str]:
        """Return the names of the nodes, of many those of the two ends."""
        names = [node.name for node in self.nodes]
        return names if len(names) <= most else [*names[: most // 2], "...", *names[-most // 2 :]]

    def __repr__(self) -> str:
        return shown(f"<path {self.title}: {number(self.product)}>")

    def _repr_html_(self) -> str:
        formula, numbers, exact = self._sides()
        sides = "".join(f"\n  {side}" for side in self._right(numbers, exact))
        return markup.line(_in_row(self)) + markup.written(f"{formula}{sides}")


def cells(path: GradientPath) -> tuple[str, str, str, str]:
    """Return a row of a table of paths: the way, the product in symbols and in numbers (of one sample), and what it is.

    Of long paths the two ends.
    """
    formula, numbers, _ = path._sides()
    return _in_row(path), formula, numbers, number(path.product)


def _in_row(path: GradientPath) -> str:
    return ARROW.join(path._names(_MOST_IN_ROW))


def each(view: View, finder: Finder, products: Iterable[float]) -> Iterator[GradientPath]:
    """Return the paths that something found, from their products in the order in which they were found.

    Paths by the million are made here: `map` calls the class from C, which saves half the time of a loop.
    """
    return map(GradientPath, repeat(view), repeat(finder), numbered(), products)


def arcs_of(paths: Sequence[GradientPath]) -> Indices:
    """Return the arcs of paths that were found together as rows, from the goal to e, -1 behind their ends."""
    finder = next((path._finder for path in paths if path.penalty is None), None)
    if isinstance(finder, SampleRanking):
        # Those of penalties have none, and were found by nothing.
        through = np.array([path.penalty is None for path in paths])
        found = finder.table([path._index for path in paths if path.penalty is None])
        table = np.full((len(paths), found.shape[1]), -1)
        table[through] = found
        return table
    rows = [path._finder.arcs(path._index) for path in paths]
    table = np.full((len(rows), max(map(len, rows), default=0)), -1)
    for row, arcs in zip(table, rows):
        row[: len(arcs)] = arcs
    return table
