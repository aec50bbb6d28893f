"""The paths that feed a gradient, as users hold them.

References
----------
Article, sections 4 and 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Any, NoReturn

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, ArgumentTypeError, StaleElementError, TooManyPathsError
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection, Node
from nodesim.notation import frames, markup
from nodesim.notation.symbols import Count, number, partial, percent, plural
from nodesim.paths import restrictions
from nodesim.paths.arrays import PathArrays, arrays
from nodesim.paths.by_output import ByOutput
from nodesim.paths.comparison import PathComparison
from nodesim.paths.cut import Cut
from nodesim.paths.cuts import Cuts
from nodesim.paths.direct import Direct
from nodesim.paths.flow import flow, lengths
from nodesim.paths.flow_table import Flow
from nodesim.paths.listing import Listing
from nodesim.paths.path import GradientPath, arcs_of, each
from nodesim.paths.path_columns import columns
from nodesim.paths.path_matching import Side
from nodesim.paths.path_table import PathList, path_table
from nodesim.paths.penalty_path import penalty_paths
from nodesim.paths.ranking import Ranking, Sign
from nodesim.paths.sums import PathSums
from nodesim.paths.trellis import EMPTY, Trellis
from nodesim.paths.view import View
from nodesim.showing import shown
from nodesim.validation import ENDLESS, flag, shortened, whole

_SHOWN = 10
_LISTABLE = 10_000_000
Element = str | Node | Connection | Quantity


class GradientPaths:
    """All paths that feed the gradient of one quantity in one backward, or some of them.

    Iterating lists them lazily in the article's order: output by output from e back, and at each node source
    by source in connection order.

    Parameters
    ----------
    derivatives : DerivativeGraph
        The partial derivatives of the backward.
    of : Quantity
        A weight, or H or HA of a node.
    sample : int, optional
        Look at one sample of the batch; None takes the mean over all samples.
    sums : PathSums, optional
        Some of the paths; by default all.
    kept : str, optional
        Which ones, in words.

    Attributes
    ----------
    derivatives : DerivativeGraph
        The partial derivatives of the backward.
    of : Quantity
        What the paths end at.
    sample : int or None
        The sample that is looked at; None for the mean over all.
    kept : str
        Which of the paths these are, such as "through H3, avoiding O2"; empty for all of them.

    Raises
    ------
    ArgumentError
        If there is no such sample.

    See Also
    --------
    nodesim.Network.paths : Makes it.
    nodesim.Network.derivation : The same paths, written out as formulas.
    nodesim.Network.path_counts : How many paths every weight has; needs no backward.
    GradientPath : One of them.

    Notes
    -----
    The numbers are those of the backward that was the last one when the paths were asked for, whatever the network
    does afterwards. `count` and `gradient` cost O(nodes + connections), once for all weights of a backward; each
    path costs its length.

    Where e has penalties, an arrow leads from each straight to every weight: a path that passes no node and goes over
    no connection, and comes last where paths are listed. Where the gradient was clipped, c·e is what is derived: all
    paths begin with ∂(c·e)/∂e. Where samples have weights, ∂e/∂e_s is how much this sample's error counts in the mean.

    References
    ----------
    Article, sections 4 and 5.

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
        self._sums = sums or PathSums(derivatives, of)

    @cached_property
    def _samples(self) -> list[int]:
        return list(range(self.derivatives.n_samples)) if self.sample is None else [self.sample]

    @cached_property
    def _view(self) -> View:
        return View(self._sums, self._samples)

    # ---- what they add up to ------------------------------------------------------------------------------

    @cached_property
    def count(self) -> Count:
        """How many paths there are: exact, whatever its size, and never by listing them."""
        return Count(self._sums.count)

    def __bool__(self) -> bool:
        """Whether there is any path."""
        return self.count > 0

    @cached_property
    def gradient(self) -> float:
        """The derivative of e: the sum over all paths, without listing them."""
        return self.mean(self._sums.total)

    @cached_property
    def scale(self) -> float:
        """The sum of ``|product|`` over all paths (for a batch, the mean over samples): the measure of rounding."""
        return self.mean(self._sums.scale)

    @property
    def positive(self) -> float:
        """The sum of the positive products; of a batch, the mean over the samples of each one's sum."""
        # positive + negative is the gradient, positive - negative the sum of |products|.
        return (self.scale + self.gradient) / 2

    @property
    def negative(self) -> float:
        """The sum of the negative products, likewise; with `positive` it makes the gradient."""
        return (self.gradient - self.scale) / 2

    @property
    def cancellation(self) -> float:
        """``|gradient|`` / sum of ``|products|``: 1 where no paths cancel, 0 where all do; NaN where all are 0."""
        return min(abs(self.gradient) / self.scale, 1.0) if self.scale else float("nan")

    def mean(self, values: Array) -> float:
        """Return the value of the sample that these paths look at, or the mean over all samples.

        Parameters
        ----------
        values : ndarray of shape (n_samples,)
            One number for each sample of the backward, such as the values of a partial derivative.

        Returns
        -------
        float
            The number of the sample `sample`; where that is None, the mean of all.

        See Also
        --------
        GradientPaths.gradient : The mean of the sum over all paths.
        Derivation.expression : Its symbols know the values of all samples.

        Examples
        --------
        >>> import nodesim as ns, numpy as np
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([[0.05, 0.1], [1.0, 0.0]]), net.backward([[0.01, 0.99], [0.0, 1.0]])
        >>> [net.paths("W1", sample=sample).mean(np.array([1.0, 3.0])) for sample in (None, 0, 1)]
        [2.0, 1.0, 3.0]
        """
        return float(values[self.sample]) if self.sample is not None else float(values.mean())

    @property
    def elements(self) -> tuple[set[Node], set[Connection]]:
        """All nodes and connections that the paths pass, without listing the paths."""
        return self._sums.elements

    # ---- one by one ---------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[GradientPath]:
        for finder, products in Listing(self._sums, self._samples).blocks():
            yield from each(self._view, finder, products)
        yield from penalty_paths(self._view)

    def __getitem__(self, place: object) -> NoReturn:
        """Refuse to be asked by a number: paths are listed lazily, and have two orders."""
        raise ArgumentTypeError(
            f"paths have no numbers, got [{shortened(place)}]: .top(k) is a list of the k strongest, as in .top(1)[0]; "
            "next(iter(paths)) is the first in the article's order."
        )

    def __contains__(self, path: object) -> bool:
        """Whether a path of this backward is one of these: known without listing them."""
        if not isinstance(path, GradientPath) or path.key != self._view.key:
            return False
        if path.penalty is not None:
            return path.penalty in self._sums.direct.names
        walk = path.connections[1:] if isinstance(self.of.element, Connection) else path.connections
        return self._sums.trellis.has([self.derivatives.index(connection) for connection in reversed(walk)])

    def ranked(self, sign: Sign | None = None) -> Iterator[GradientPath]:
        """Yield the paths by ``|product|``, the largest first, lazily and without listing the others.

        Parameters
        ----------
        sign : {"+", "-"}, optional
            Only paths with a positive, or with a negative product.

        Returns
        -------
        iterator of GradientPath
            It ends when there are no more paths; each is found when it is asked for.

        Raises
        ------
        ArgumentError
            If the sign is none of these.
        NonFiniteError
            If a partial derivative on the paths is not finite: then there is no order.

        See Also
        --------
        GradientPaths.top : The first k of them, as a list.
        GradientPaths.coverage : Which part of the gradient these make.

        Notes
        -----
        Exact. Equal products come in the order of their connections from the weight on; if it was rounding, or a
        factor 0, that made them equal, the one that was larger before comes first. In one sample, products that are
        too small or too large for a float are ranked rightly, too.

        A path costs O(length · log degree). For a batch of several samples, where the product is a mean, paths are
        bounded by the sum over samples of ``|what they begin with|`` times the best completion. Where the products of
        samples cancel one another that is far from the mean, and it takes long; look at single samples then
        (``sample=``). There, products that are equal up to rounding come as they are found if there are thousands.

        References
        ----------
        Jiménez, V. M., A. Marzal, "Computing the K Shortest Paths: A New Algorithm and an Experimental Comparison",
        Algorithm Engineering (WAE), 1999.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> next(net.paths("W1").ranked())
        <path I1 -> H1 -> H3 -> O1: 0.0161485>
        """
        if sign is not None and not (isinstance(sign, str) and sign in ("+", "-")):
            raise ArgumentError(f"sign must be '+', '-' or None for both, got {shortened(sign)}.")
        return Ranking(self._view).paths(sign)

    def top(self, k: int, sign: Sign | None = None) -> list[GradientPath]:
        """Return the k paths of the largest ``|product|``, the largest first; all of them if there are fewer.

        Parameters
        ----------
        k : int
            0 or more.
        sign : {"+", "-"}, optional
            Only paths with a positive, or with a negative product.

        Returns
        -------
        list of GradientPath
            The `product` of each is what it adds to the gradient.

        Raises
        ------
        ArgumentError, NonFiniteError
            If k is negative or no whole number, or as for `GradientPaths.ranked`.
        TooManyPathsError
            If k is above ten million, and there are more paths than that.

        See Also
        --------
        GradientPaths.ranked : The same lazily, and how it is done.
        GradientPaths.coverage : Which part of the gradient these make.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> [f"{path.product:.2e}" for path in net.paths("W1").top(2)]
        ['1.61e-02', '6.56e-03']
        """
        wanted = whole(k, "k", 0, ENDLESS)
        return PathList(islice(self.ranked(sign), wanted if wanted <= _LISTABLE else len(self._listable)))

    def coverage(self, k: int, *, absolute: bool = False) -> float:
        """Return which part of the gradient the top k paths make.

        Parameters
        ----------
        k : int
            How many paths; 0 or more.
        absolute : bool
            Compare the sums of ``|product|`` instead: from 0 to 1. The part of the gradient itself may be above 1 or
            below 0, where other paths cancel these.

        Returns
        -------
        float
            NaN where the whole is 0.

        Raises
        ------
        ArgumentError, NonFiniteError, TooManyPathsError
            As for `GradientPaths.top`.

        See Also
        --------
        GradientPaths.top : The paths themselves.
        GradientPaths.cancellation : How much of the products cancels.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> paths = net.paths("W1")
        >>> [f"{paths.coverage(k):.3f}" for k in (1, 2, 4)]
        ['0.589', '0.828', '1.000']
        """
        flag(absolute, "absolute")
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
            the output, -1 behind the end of shorter paths, and nothing else for those of penalties; ``products`` of
            shape (n_paths,).

        Raises
        ------
        ArgumentError
            If the limit is negative or no whole number.
        TooManyPathsError
            If all are asked for, and there are more than ten million; or if those asked for do not fit into memory.

        See Also
        --------
        GradientPaths.top : The strongest paths, as objects.
        nodesim.Network.connections : What the indices stand for.

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
        return arrays(self._sums, self._samples, min(whole(limit, "limit", 0, ENDLESS), self.count))

    def to_pandas(self) -> Any:
        """Return all paths as a data frame of pandas, in the order of listing.

        Returns
        -------
        pandas.DataFrame
            A row for each path: "path", the names of its nodes, and "connections", those of its connections, both from
            the weight to the output; "length", how many connections it has; "product", and its "share" of the gradient.
            The path of a penalty is "W1 -> l2", over no connection.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        TooManyPathsError
            If there are more than ten million.

        See Also
        --------
        GradientPaths.as_arrays : The same as arrays; of many paths the first.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> net.paths("W1").to_pandas()["path"].tolist()
        ['I1 -> H1 -> O1', 'I1 -> H1 -> O2']
        """
        return frames.frame(columns(self._sums, self.as_arrays(), self.gradient))

    def __length_hint__(self) -> int:
        # list(paths) asks here first: better an answer than a full memory.
        return len(self._listable)

    @property
    def _listable(self) -> range:
        if self.count > _LISTABLE:
            raise TooManyPathsError(
                f"{self.of.name}{self._which} has {self.count:,} paths: too many for a list. Iterate over them and "
                "stop, take the strongest with .top(k), or use .count, .gradient and .flow(), which need none."
            )
        return range(self.count)

    # ---- some of them -------------------------------------------------------------------------------------

    def through(self, element: Element) -> GradientPaths:
        """Return those of the paths that pass a node, a connection, or a penalty of e.

        Parameters
        ----------
        element : str, Node, Connection or Quantity
            Of the network as it was at the backward; or a penalty, such as "l2", which one path leads through at most.

        Returns
        -------
        GradientPaths
            As lazy as these; restrictions may follow one another.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError
            If it was none of that network.

        See Also
        --------
        GradientPaths.avoiding, GradientPaths.of_length, GradientPaths.by_output : Other restrictions.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> net.paths("W1").through("H3").through("O1")
        <1 path of W1, through H3, through O1: gradient 0.0161485>
        """
        if (penalty := self._penalty(element)) is not None:
            return self._some(EMPTY, f"through {penalty.name}", self._sums.direct.only(penalty.label))
        found = self._element(element)
        return self._some(restrictions.through(self._sums, found), f"through {found.name}")

    def avoiding(self, element: Element) -> GradientPaths:
        """Return those of the paths that do not pass a node, a connection, or a penalty of e.

        Parameters
        ----------
        element : str, Node, Connection or Quantity
            Of the network as it was at the backward; or a penalty, such as "l2". Paths of penalties pass no nodes: they
            are among those that avoid one.

        Returns
        -------
        GradientPaths
            As lazy as these; restrictions may follow one another.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError
            If it was none of that network.

        See Also
        --------
        GradientPaths.through : The others; with these they make the whole gradient.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> paths = net.paths("W1")
        >>> paths.avoiding("H3").count, paths.avoiding("W1").count
        (2, 0)
        """
        if (penalty := self._penalty(element)) is not None:
            kept = self._sums.trellis, f"avoiding {penalty.name}", self._sums.direct.without(penalty.label)
            return self._some(*kept)
        found = self._element(element)
        return self._some(restrictions.avoiding(self._sums, found), f"avoiding {found.name}", self._sums.direct)

    def by_output(self) -> ByOutput[GradientPaths]:
        """Return the paths of each output of the network: those by which e enters there.

        Returns
        -------
        ByOutput
            A mapping from the output nodes to `GradientPaths`; it takes names, too, and ``print`` shows a table. Their
            gradients add up, with those of the penalties of e, which stand behind them. Where something else than e is
            derived, that one's node stands in their place.

        See Also
        --------
        GradientPaths.flow : Its ``outputs`` has the gradients of all outputs in one table.
        GradientPaths.through : The paths that pass a node, wherever e enters.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> {output.name: paths.count for output, paths in net.paths("W1").by_output().items()}
        {'O1': 1, 'O2': 1}
        """
        graph, trellis = self.derivatives, self._sums.trellis
        entered = {graph.schedule.nodes[row]: row for row in graph.entered.tolist()}
        found: dict[Node | Quantity, GradientPaths] = {
            node: self._some(trellis.from_output(row), f"from {node.name}") for node, row in entered.items()
        }
        for penalty in self._sums.direct.quantities:
            found[penalty] = self._some(EMPTY, f"of {penalty.name}", self._sums.direct.only(penalty.name))
        return ByOutput(found, self.flow)

    def of_length(self, length: int) -> GradientPaths:
        """Return those of the paths that have so many connections, the weight's own included.

        Parameters
        ----------
        length : int
            0 or more. The paths of penalties go over no connection: they have length 0, as `lengths` tells them.

        Returns
        -------
        GradientPaths
            As lazy as these; restrictions may follow one another.

        Raises
        ------
        ArgumentError
            If the length is negative or no whole number.

        See Also
        --------
        GradientPaths.lengths : How the gradient is shared out over all lengths.

        Notes
        -----
        Where the ways to a node differ in length, each node is told apart by its distance from e: that takes memory
        for length x connections, gigabytes for a thousand over 50,000.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> [net.paths("W1").of_length(length).count for length in (2, 3, 4)]
        [0, 4, 0]
        """
        wanted = whole(length, "length", 0, ENDLESS)
        left, direct = restrictions.of_length(self._sums, wanted), None if wanted else self._sums.direct
        return self._some(left, f"of length {Count(wanted)}", direct, by_length=True)

    def _some(
        self, trellis: Trellis, what: str, direct: Direct | None = None, *, by_length: bool = False
    ) -> GradientPaths:
        by_length = by_length or self._sums.by_length
        sums = PathSums(self.derivatives, self.of, trellis, by_length=by_length, direct=direct)
        kept = f"{self.kept}, {what}" if self.kept else what
        return GradientPaths(self.derivatives, self.of, self.sample, sums, kept)

    def _penalty(self, element: Any) -> Quantity | None:
        """Return the penalty of e that is meant, if one is: by its name, or by the key that `by_output` has."""
        name = element.name if isinstance(element, Quantity) else element
        if not isinstance(name, str):
            return None
        penalties = (Quantity("penalty", label=each.label) for each in self.derivatives.start.penalties)
        return next((each for each in penalties if each.name == name), None)

    def _element(self, element: Any) -> Node | Connection:
        """Return a node or connection of the network as it was at the backward."""
        graph = self.derivatives
        if isinstance(element, str):
            return graph.schedule.find(element, "was named", "in this network at that backward")
        if isinstance(element, Connection):
            graph.index(element)
            return element
        if isinstance(element, Node):
            if element not in graph.row:
                raise StaleElementError(f"{element.name} is none of the nodes that this backward went over.")
            return element
        raise ArgumentTypeError(f"paths are restricted by nodes, connections or their names, got {shortened(element)}.")

    # ---- shared out ---------------------------------------------------------------------------------------

    def flow(self) -> Flow:
        """Share the gradient out over the nodes and connections that the paths pass, and the outputs.

        Returns
        -------
        Flow
            A table. For each node and connection the exact number of paths that pass it, the sum of their products,
            its share of the gradient, the sums of the positive and of the negative products. ``flow.outputs`` has the
            same for what enters at each output, which adds up to the gradient.

        See Also
        --------
        GradientPaths.lengths : The same over the lengths of the paths.
        nodesim.Network.draw : Draws it: ``net.draw(highlight=paths.flow())``.

        Notes
        -----
        By dynamic programming over sums towards e and towards the weight, O(nodes + connections).

        References
        ----------
        Article, section 5.

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
            A row for each length that occurs, the shortest first; ``["2"]`` is that of length 2, ``[2]`` the third row.

        See Also
        --------
        GradientPaths.of_length : The paths of one length.

        Notes
        -----
        O(nodes + connections) where all ways to a node are equally long, as in layers; where they are not, the
        connections are gone through once for each length.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> net.paths("W1").lengths()["2"].count
        2
        """
        return lengths(self._sums, self._samples)

    # ---- cut ----------------------------------------------------------------------------------------------

    def cut(self) -> Cut:
        """Cut all these paths at once in the forward pass: what e would be without what comes along them.

        Returns
        -------
        Cut
            ``error`` is e afterwards, ``change`` by how much it differs, ``predicted`` what the gradient says of it;
            of a batch, the means over the samples.

        Raises
        ------
        ArgumentError
            If paths were chosen by their length.
        NonFiniteError, FunctionError
            If a number leaves the finite ones without them, or an activation or the loss fails; the message says where.

        See Also
        --------
        GradientPaths.cuts : The strongest of them, each cut by itself.
        GradientPath.cut : One of them.

        Notes
        -----
        The paths that pass a node or go around one go over arcs of their own, and are cut there: what is taken off a
        sum is added up over the arcs into it. All paths of a weight, cut at once, give e of the network in which that
        weight is 0. Paths of one length are not told from others by arcs: the same node would have to send one value
        to paths of this length, and another to those of that.

        References
        ----------
        Goldowsky-Dill, N., C. MacLeod, L. Sato, A. Arora, "Localizing Model Behavior with Path Patching" (2023,
        arXiv:2304.05969).

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> cut = net.paths("W1").cut()
        >>> net["W1"].weight = 0
        >>> bool(abs(net.error([0.05, 0.1], [0.01, 0.99]) - cut.error) < 1e-15)
        True
        """
        if self._sums.by_length:
            raise ArgumentError(
                f"{self.title}: paths that were chosen by their length go over the same connections as others, and "
                "cannot be cut at once. Cut them one by one with .cuts(k), or choose them with .through(...) and "
                ".avoiding(...)."
            )
        return self._view.cutter.whole(self)

    def cuts(self, k: int = _SHOWN, sign: Sign | None = None) -> Cuts:
        """Cut the k paths of the largest ``|product|``, each by itself; all of them if there are fewer.

        Parameters
        ----------
        k : int
            0 or more; 10 unless given.
        sign : {"+", "-"}, optional
            Only paths with a positive, or with a negative product.

        Returns
        -------
        Cuts
            A sequence of `Cut` by rank, with arrays ``change``, ``predicted``, ``errors`` and ``products``; ``print``
            shows a table.

        Raises
        ------
        ArgumentError, TooManyPathsError
            As for `GradientPaths.top`.
        NonFiniteError, FunctionError
            If a derivative on the paths is not finite; or a number without one of them, or an activation or the loss
            fails.

        See Also
        --------
        GradientPaths.top : The paths, not cut.
        GradientPaths.cut : All of them at once.

        Notes
        -----
        All paths are followed together, connection by connection: a thousand cost little more than their ranking.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> print(net.paths("W1").cuts(2))
        path                     product     predicted        change       missed
        I1 -> H1 -> H3 -> O1   0.0161485   −0.00203036   −0.00202783  2.53195e-06
        I1 -> H1 -> H4 -> O1  0.00655507  −0.000824171  −0.000823387  7.83354e-07
        """
        paths = self.top(k, sign)
        return self._view.cutter.paths(paths, arcs_of(paths))

    # ---- compared -----------------------------------------------------------------------------------------

    def compare(self, other: GradientPaths) -> PathComparison:
        """Compare these paths with those of another sample, another moment or another network: what changed.

        Parameters
        ----------
        other : GradientPaths
            What it is afterwards: of the same quantity, such as W1, in this network or another one.

        Returns
        -------
        PathComparison
            ``print`` shows the paths that changed most; it has tables of nodes, connections and outputs, and draws
            them.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If it is of another quantity, or no set of paths.
        NonFiniteError
            When the strongest of very many paths are compared: as for `GradientPaths.ranked`.

        See Also
        --------
        GradientPaths.flow : Shares one gradient out.
        Derivation.compare : What two derivatives of one backward share.
        PathRecording : Keeps which paths fed a gradient over the epochs of a training.

        Notes
        -----
        Paths are the same if they pass nodes of the same names, or lead through penalties of one name; one that is
        there once alone has a product of 0 on the other side. All are compared one by one where there are at most a
        hundred thousand of each; otherwise the strongest thousand of each are, which the comparison says
        (`PathComparison.complete`). Gradients, nodes, connections and outputs are exact in any case.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> first = net.paths("W1")
        >>> net.update()
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> first.compare(net.paths("W1"))
        <comparison of 2 paths and 2 paths of W1: change 0.0198322>
        """
        if not isinstance(other, GradientPaths):
            raise ArgumentTypeError(f"paths are compared with paths, as network.paths returns; got {shortened(other)}.")
        mine, others = self._derivative, other._derivative
        # That of e is the same, whatever e is made of, and also where it was clipped.
        targets = {paths.derivatives.target.element and paths.derivatives.target.name for paths in (self, other)}
        if (other.of.kind, other.of.name) != (self.of.kind, self.of.name) or len(targets) > 1:
            raise ArgumentError(
                f"paths of {mine} are compared with paths of the same derivative; got those of {others}."
            )
        return PathComparison(Side(self, self._sums, self._samples), Side(other, other._sums, other._samples))

    @property
    def _derivative(self) -> str:
        return partial(self.derivatives.target.name, self.of.name)

    # ---- shown --------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """Which paths these are, in a few words: "2 paths of W1, through H3", or "2 paths of ∂OA1/∂I1"."""
        of = self.of.name if self.derivatives.target.element is None else self._derivative
        return f"{plural(self.count, 'path')} of {of}{self._which}"

    @property
    def _which(self) -> str:
        return f", {shown(self.kept)}" if self.kept else ""

    def __str__(self) -> str:
        first = list(islice(self, _SHOWN))
        return "\n".join(
            [self._title, *(f"  {path}" for path in first), *(f"  ... {more}" for more in self._more(first))]
        )

    @property
    def _title(self) -> str:
        element = self.of.element if self.of.kind == "step" else None
        moved = f"; t moves {element.name} from its baseline to the sample" if element is not None else ""
        sums = f"{number(self.gradient)}, the sum of {plural(self.count, 'path')}{moved}"
        return f"{self._derivative}{self._which} = {sums}"

    def _more(self, listed: list[GradientPath]) -> list[str]:
        """Say how many paths there are besides those listed, and what those listed make."""
        if self.count <= len(listed):
            return []
        part = sum(path.product for path in listed)
        share = f" ({percent(part / self.gradient)} of the gradient)" if self.gradient else ""
        more = plural(Count(self.count - len(listed)), "more path")
        return [f"{more}; those shown sum to {number(part)}{share}"]

    def __repr__(self) -> str:
        return shown(f"<{self.title}: gradient {number(self.gradient)}>")

    def _repr_html_(self) -> str:
        first = list(islice(self, _SHOWN))
        more = "".join(f"… {words}" for words in self._more(first))
        return markup.line(self._title) + (path_table(first, self.gradient, more) if first else "")


def _checked_sample(sample: Any, n_samples: int) -> int | None:
    if sample is None:
        return None
    if isinstance(sample, int | np.integer) and not isinstance(sample, bool) and -n_samples <= sample < n_samples:
        return int(sample)
    raise ArgumentError(f"sample must be a whole number from 0 to {n_samples - 1}, got {shortened(sample)}.")
