"""The paths that feed a gradient, as users hold them.

References
----------
Article, sections 4 and 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import count as numbered
from itertools import islice, repeat
from typing import Any, Literal

import numpy as np

from nodesim.arguments import shortened, whole
from nodesim.calls import Array
from nodesim.elements import Connection, Node
from nodesim.errors import (
    ArgumentError,
    ArgumentTypeError,
    NonFiniteError,
    StaleElementError,
    TooManyPathsError,
    UnknownNameError,
    suggestion,
)
from nodesim.notation import ERROR, Count, number, partial, plural, shown
from nodesim.partials import DerivativeGraph
from nodesim.paths.arrays import PathArrays, arrays
from nodesim.paths.batches import MeanRanking
from nodesim.paths.flow import Flow
from nodesim.paths.listing import Listing
from nodesim.paths.path import GradientPath
from nodesim.paths.ranking import Ranking, signed, ways
from nodesim.paths.sharing import flow, lengths
from nodesim.paths.sums import PathSums
from nodesim.paths.trellis import EMPTY, Trellis
from nodesim.quantities import Quantity

_LISTABLE = 10_000_000
_SHOWN = 10
Sign = Literal["+", "-"]
Element = str | Node | Connection


class GradientPaths:
    """All paths that feed the gradient of one quantity in one backward, or some of them.

    Iterating lists them lazily in the article's order: output by output from e back, and at each node source
    by source in connection order.

    Parameters
    ----------
    derivatives : DerivativeGraph
    of : Quantity
        A weight, or the weighted sum or the activated value of a node.
    sample : int, optional
        Look at one sample of the batch; None takes the mean over all samples.
    sums : PathSums, optional
        Some of the paths.
    kept : str, optional
        Which ones, in words.

    Raises
    ------
    ArgumentError
        If there is no such sample.

    Notes
    -----
    The numbers are those of the backward that was the last one when the paths were asked for, whatever the network
    does afterwards. `count` and `gradient` cost O(nodes + connections), once for all weights of a backward; each
    path costs its length.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> paths = net.paths("W1")
    >>> paths.count, [path.nodes[2].name + path.nodes[3].name for path in paths]
    (4, ['H3O1', 'H4O1', 'H3O2', 'H4O2'])
    >>> paths.through("H3").avoiding("O2").count
    1
    """

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

    # ---- counts and sums ----------------------------------------------------------------------------------

    @cached_property
    def count(self) -> Count:
        """How many paths there are: exact, whatever its size, and never by listing them."""
        return Count(self._sums.count if self._restricted else self.derivatives.count(self.of))

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
    def _samples(self) -> list[int]:
        return list(range(self.derivatives.n_samples)) if self.sample is None else [self.sample]

    # ---- one by one ---------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[GradientPath]:
        if self._sums.empty:
            return
        for found, products in Listing(self._sums, self._samples).blocks():
            yield from map(GradientPath, repeat(self), repeat(found), numbered(), products)

    def ranked(self, sign: Sign | None = None) -> Iterator[GradientPath]:
        """Yield the paths by |product|, the largest first, lazily and without listing the others.

        Parameters
        ----------
        sign : {"+", "-"}, optional
            Only paths with a positive, or with a negative product.

        Raises
        ------
        ArgumentError
            If the sign is none of these.
        NonFiniteError
            If a partial derivative on the paths is not finite: then there is no order.

        Notes
        -----
        Exact. Equal products come in the order of their connections from the weight on; if it was rounding, or a
        factor 0, that made them equal, the one that was larger before comes first. In one sample, products that are
        too small or too large for a float are ranked rightly, too.

        A path costs O(length · log degree). For a batch of several samples, where the product is a mean, paths are
        bounded by the sum over samples of |what they begin with| times the best completion. Where the products of
        samples cancel one another that is far from the mean, and it takes long; look at single samples then
        (``sample=``). There, products that are equal up to rounding come as they are found if there are thousands.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> next(net.paths("W1").ranked())
        <path I1 -> H1 -> H3 -> O1: 0.0161485>
        """
        if sign not in (None, "+", "-"):
            raise ArgumentError(f"sign must be '+', '-' or None for both, got {shortened(sign)}.")
        if self._sums.empty:
            return iter(())
        self._check_finite()
        return self._ranked_means(sign) if len(self._samples) > 1 else self._ranked(sign)

    def _ranked(self, sign: Sign | None) -> Iterator[GradientPath]:
        every = ways(self._sums.column(self._samples[0]))
        chosen = every if sign is None else signed(every, sign)
        if chosen is not None:
            ranking = Ranking(chosen, self._sums.arithmetic)
            yield from map(GradientPath, repeat(self), repeat(ranking), numbered(), ranking)

    def _ranked_means(self, sign: Sign | None) -> Iterator[GradientPath]:
        for found, product in MeanRanking(self._sums):
            if sign is None or (product > 0 if sign == "+" else product < 0):
                yield GradientPath(self, found, 0, product)

    def _check_finite(self) -> None:
        sums, samples = self._sums, self._samples
        numbers = (sums.weights, sums.last[samples], sums.slopes[:, samples], sums.entries[:, samples])
        if all(np.isfinite(each).all() for each in numbers):
            return
        for path in self:
            for factor in path.factors:
                if not np.isfinite(factor.value).all():
                    raise NonFiniteError(f"paths cannot be ranked: {factor} is not finite, in {path.formula}.")

    def top(self, k: int, sign: Sign | None = None) -> list[GradientPath]:
        """Return the k paths of the largest |product|, the largest first; all of them if there are fewer.

        Parameters
        ----------
        k : int
            0 or more.
        sign : {"+", "-"}, optional
            Only paths with a positive, or with a negative product.

        Raises
        ------
        ArgumentError, NonFiniteError
            If k is negative or no whole number, or as for `ranked`, which see.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> [f"{path.product:.2e}" for path in net.paths("W1").top(2)]
        ['1.61e-02', '6.56e-03']
        """
        return list(islice(self.ranked(sign), whole(k, "k", 0)))

    def coverage(self, k: int, *, absolute: bool = False) -> float:
        """Return which part of the gradient the top k paths make.

        Parameters
        ----------
        k : int
        absolute : bool
            Compare the sums of |product| instead: from 0 to 1. The part of the gradient itself may be above 1 or
            below 0, where other paths cancel these.

        Returns
        -------
        float
            NaN where the whole is 0.

        Raises
        ------
        ArgumentError, NonFiniteError
            As for `top`.
        """
        products = [path.product for path in self.top(k)]
        part, everything = (sum(map(abs, products)), self.scale) if absolute else (sum(products), self.gradient)
        return part / everything if everything else float("nan")

    def as_arrays(self, limit: int | None = None) -> PathArrays:
        """Return the first paths, in the order of listing, as arrays.

        Parameters
        ----------
        limit : int, optional
            How many; by default all.

        Returns
        -------
        PathArrays
            ``connections`` of shape (n_paths, longest), int32: indices into `Network.connections`, from the weight to
            the output, -1 behind the end of shorter paths; ``products`` of shape (n_paths,).

        Raises
        ------
        ArgumentError
            If the limit is negative or no whole number.
        TooManyPathsError
            If all are asked for, and there are more than ten million.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> net.paths("W1").as_arrays(limit=2).connections
        array([[ 0,  6, 12],
               [ 0,  7, 14]], dtype=int32)
        """
        if limit is None:
            limit = len(self._listable)
        return arrays(self._sums, self._samples, min(whole(limit, "limit", 0), self.count))

    # ---- some of them -------------------------------------------------------------------------------------

    def through(self, element: Element) -> GradientPaths:
        """Return those of the paths that pass a node or a connection.

        Parameters
        ----------
        element : str, Node or Connection
            Of the network as it was at the backward.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError
            If it was none of that network.
        """
        found = self._element(element)
        kept = self._kept(f"through {found.name}")
        if isinstance(found, Connection):
            index = self.derivatives.index(found)
            return self._some(self._sums.trellis if found is self.of.element else self._trellis.over(index), kept)
        ends = isinstance(self.of.element, Connection) and found is self.of.element.source
        return self._some(self._trellis if ends else self._trellis.through(self.derivatives.row[found]), kept)

    def avoiding(self, element: Element) -> GradientPaths:
        """Return those of the paths that do not pass a node or a connection; see `through`."""
        found, of = self._element(element), self.of.element
        kept = self._kept(f"avoiding {found.name}")
        if found is of or (isinstance(of, Connection) and found is of.source):
            return self._some(EMPTY, kept)
        if isinstance(found, Connection):
            return self._some(self._trellis.without_connection(self.derivatives.index(found)), kept)
        return self._some(self._trellis.without(self.derivatives.row[found]), kept)

    def by_output(self) -> ByOutput:
        """Return the paths of each output of the network: those by which e enters there.

        Returns
        -------
        ByOutput
            A mapping from the output nodes to `GradientPaths`; it takes names, too. Their gradients add up.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> {output.name: paths.count for output, paths in net.paths("W1").by_output().items()}
        {'O1': 1, 'O2': 1}
        """
        graph = self.derivatives
        return ByOutput(
            {
                output: self._some(self._trellis.from_output(graph.row[output]), self._kept(f"from {output.name}"))
                for output in graph.schedule.outputs
            }
        )

    def of_length(self, length: int) -> GradientPaths:
        """Return those of the paths that have so many connections, the weight's own included.

        Raises
        ------
        ArgumentError
            If the length is negative or no whole number.
        """
        own = isinstance(self.of.element, Connection)
        trellis = self._trellis.of_length(whole(length, "length", 0) - own)
        return self._some(trellis, self._kept(f"of length {length}"))

    @property
    def _trellis(self) -> Trellis:
        return self._sums.trellis

    def _some(self, trellis: Trellis, kept: str) -> GradientPaths:
        sums = PathSums(self.derivatives, self.of, trellis)
        return GradientPaths(self.derivatives, self.of, self.sample, sums, kept)

    def _kept(self, what: str) -> str:
        return f"{self.kept}, {what}" if self.kept else what

    def _element(self, element: Any) -> Node | Connection:
        """Return a node or connection of the network as it was at the backward."""
        graph = self.derivatives
        if isinstance(element, str):
            everything: list[Node | Connection] = [*graph.schedule.nodes, *graph.schedule.connections]
            for each in everything:
                if each.name == element:
                    return each
            raise UnknownNameError(
                f"nothing was named {shortened(element)} in this network at that backward. "
                f"{suggestion(element, (each.name for each in everything))}"
            )
        if isinstance(element, Connection):
            graph.index(element)
            return element
        if isinstance(element, Node):
            if element not in graph.row:
                raise StaleElementError(f"{element.name} is none of the nodes that this backward went over.")
            return element
        raise ArgumentTypeError(f"paths are restricted by nodes, connections or their names, got {shortened(element)}.")

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

    # ---- shared out ---------------------------------------------------------------------------------------

    def flow(self) -> Flow:
        """Share the gradient out over the nodes and connections that the paths pass, and the outputs.

        Returns
        -------
        Flow
            A table. For each node and connection the exact number of paths that pass it, the sum of their products,
            its share of the gradient, the sums of the positive and of the negative products. ``flow.outputs`` has the
            same for what enters at each output, which adds up to the gradient.

        Notes
        -----
        By dynamic programming over sums towards e and towards the weight, O(nodes + connections).

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> print(net.paths("W1").flow().outputs)
        name  kind    count     gradient  share  positive     negative  cancellation
        O1    output      1  −0.00843113  36.1%         0  −0.00843113             1
        O2    output      1   −0.0149275  63.9%         0   −0.0149275             1
        """
        return flow(self._sums, self._samples)

    def lengths(self) -> Flow:
        """Share the gradient out over the lengths of the paths, counted in connections, the weight's own included.

        Returns
        -------
        Flow
            A row for each length that occurs, the shortest first.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> net.paths("W1").lengths()["2"].count
        2
        """
        return lengths(self._sums, self._samples)

    # ---- shown --------------------------------------------------------------------------------------------

    def _connections(self, arcs: list[int]) -> tuple[Connection, ...]:
        every, indices = self.derivatives.schedule.connections, self._trellis.connections
        found = (every[indices[arc]] for arc in arcs)
        return (self.of.element, *found) if isinstance(self.of.element, Connection) else tuple(found)

    def _numbers(self, arcs: list[int]) -> Array:
        """Return factors that make the product of a path in one sample, given its arcs from the goal on."""
        column = self._sums.column(self._samples[0])
        end = column.trellis.above[arcs[-1]] if arcs else column.trellis.goal
        slopes = column.slopes[column.trellis.below[arcs]]
        return np.concatenate(([column.last, column.entries[end]], column.weights[arcs], slopes))

    def __length_hint__(self) -> int:
        # list(paths) asks here first: better an answer than a full memory.
        return len(self._listable)

    @property
    def _listable(self) -> range:
        if self.count > _LISTABLE:
            raise TooManyPathsError(
                f"{self.of.name} has {self.count} paths: too many for a list. Iterate over them and stop, take the "
                "strongest with .top(k), or use .count, .gradient and .flow(), which need no list."
            )
        return range(self.count)

    def __str__(self) -> str:
        shown = list(islice(self, _SHOWN))
        what = f"{partial(ERROR, self.of.name)}{self._which}"
        lines = [f"{what} = {number(self.gradient)}, the sum of {plural(self.count, 'path')}"]
        lines += [f"  {path}" for path in shown]
        if self.count > len(shown):
            part = sum(path.product for path in shown)
            share = f" ({part / self.gradient:.1%} of the gradient)" if self.gradient else ""
            lines.append(
                f"  ... {plural(Count(self.count - len(shown)), 'more path')}; those shown sum to {number(part)}{share}"
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        what = f"{plural(self.count, 'path')} of {self.of.name}{self._which}"
        return shown(f"<{what}: gradient {number(self.gradient)}>")

    @property
    def _which(self) -> str:
        return f", {self.kept}" if self.kept else ""


def _checked_sample(sample: Any, n_samples: int) -> int | None:
    if sample is None:
        return None
    if isinstance(sample, int | np.integer) and not isinstance(sample, bool) and -n_samples <= sample < n_samples:
        return int(sample)
    raise ArgumentError(f"sample must be a whole number from 0 to {n_samples - 1}, got {sample!r}.")


class ByOutput(Mapping[Node, GradientPaths]):
    """The paths of each output; a mapping from output nodes, or their names, to `GradientPaths`."""

    def __init__(self, paths: dict[Node, GradientPaths]) -> None:
        self._paths = paths

    def __getitem__(self, output: Any) -> GradientPaths:
        """Return the paths of an output.

        Raises
        ------
        UnknownNameError
            If there is no such output.
        """
        if isinstance(output, str):
            output = next((node for node in self._paths if node.name == output), output)
        if output not in self._paths:
            raise UnknownNameError(
                f"no output {shortened(str(output))}. {suggestion(str(output), [node.name for node in self._paths])}"
            )
        return self._paths[output]

    def __iter__(self) -> Iterator[Node]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __repr__(self) -> str:
        return f"<paths of {plural(len(self), 'output')}>"
