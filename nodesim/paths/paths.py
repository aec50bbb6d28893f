"""The paths that feed a gradient, as users hold them.

References
----------
Article, sections 4 and 5.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from nodesim.errors import ArgumentTypeError, StaleElementError, UnknownNameError, suggestion
from nodesim.graph.elements import Connection, Node
from nodesim.notation.symbols import ERROR, Count, number, partial, percent, plural, shown
from nodesim.paths.flow import flow, lengths
from nodesim.paths.flow_table import Flow
from nodesim.paths.listed import ListedPaths
from nodesim.paths.outputs import ByOutput
from nodesim.paths.sums import PathSums
from nodesim.paths.trellis import EMPTY, Trellis
from nodesim.validation import shortened, whole

_SHOWN = 10
Element = str | Node | Connection


class GradientPaths(ListedPaths):
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

        Notes
        -----
        Where the ways to a node differ in length, each node is told apart by its distance from e: that takes memory
        for length x connections, gigabytes for a thousand over 50,000.
        """
        own = isinstance(self.of.element, Connection)
        wanted = whole(length, "length", 0)
        # No path has more connections than there are nodes.
        found = self._trellis.of_length(min(wanted - own, self._trellis.n_states))
        return self._some(found, self._kept(f"of length {Count(wanted)}"))

    def _some(self, trellis: Trellis, kept: str) -> GradientPaths:
        sums = PathSums(self.derivatives, self.of, trellis)
        return GradientPaths(self.derivatives, self.of, self.sample, sums, kept)

    def _kept(self, what: str) -> str:
        return f"{self.kept}, {what}" if self.kept else what

    def _element(self, element: Any) -> Node | Connection:
        """Return a node or connection of the network as it was at the backward."""
        graph = self.derivatives
        if isinstance(element, str):
            return self._named(element)
        if isinstance(element, Connection):
            graph.index(element)
            return element
        if isinstance(element, Node):
            if element not in graph.row:
                raise StaleElementError(f"{element.name} is none of the nodes that this backward went over.")
            return element
        raise ArgumentTypeError(f"paths are restricted by nodes, connections or their names, got {shortened(element)}.")

    def _named(self, name: str) -> Node | Connection:
        schedule = self.derivatives.schedule
        for node in schedule.nodes:
            if node.name == name:
                return node
        found = schedule.index_of_name(name)
        if found >= 0:
            return schedule.connections[found]
        everything: tuple[Node | Connection, ...] = (*schedule.nodes, *schedule.connections)
        raise UnknownNameError(
            f"nothing was named {shortened(name)} in this network at that backward. "
            f"{suggestion(name, (each.name for each in everything))}"
        )

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
            A row for each length that occurs, the shortest first; ``["2"]`` is that of length 2, ``[2]`` the third row.

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

    # ---- shown --------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        shown = list(islice(self, _SHOWN))
        what = f"{partial(ERROR, self.of.name)}{self._which}"
        lines = [f"{what} = {number(self.gradient)}, the sum of {plural(self.count, 'path')}"]
        lines += [f"  {path}" for path in shown]
        if self.count > len(shown):
            part = sum(path.product for path in shown)
            share = f" ({percent(part / self.gradient)} of the gradient)" if self.gradient else ""
            lines.append(
                f"  ... {plural(Count(self.count - len(shown)), 'more path')}; those shown sum to {number(part)}{share}"
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        what = f"{plural(self.count, 'path')} of {self.of.name}{self._which}"
        return shown(f"<{what}: gradient {number(self.gradient)}>")
