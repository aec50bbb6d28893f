"""The same paths twice: two samples, two epochs, two networks; what changed, path by path and node by node.

Two networks share no objects, and perhaps not all their nodes. So a path is known by the names of the nodes that it
passes: between two nodes there is at most one connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection, Node
from nodesim.notation import markup
from nodesim.notation.symbols import Count, number, partial, percent, plural
from nodesim.paths.change_table import Change, ChangeTable, largest
from nodesim.paths.flow_table import Flow
from nodesim.paths.path_matching import PENALTY, STRONGEST, Ends, Matched, Side, listed, strongest
from nodesim.showing import shown
from nodesim.validation import ENDLESS, whole

# Up to so many paths of each, and so many connections of them, all are listed.
_LISTED, _NUMBERS = 100_000, 20_000_000
_SHOWN, _OUTPUTS = 10, 6


class PathComparison:
    """Two sets of paths of one quantity, side by side: what changed.

    Made by `GradientPaths.compare`.

    Parameters
    ----------
    before, after : Side
        The two sets of paths.

    Attributes
    ----------
    before, after, change : float
        The gradients, and after - before.
    counts : tuple of two int
        How many paths there are before and after, exactly.
    complete : bool
        Whether all paths are compared one by one: where there are at most a hundred thousand of each. Otherwise it is
        the strongest thousand of each. Sums, nodes, connections and outputs are exact in any case.

    See Also
    --------
    GradientPaths.compare : Makes it.
    GradientPaths.flow : Shares one gradient out.
    PathRecording : Keeps which paths fed a gradient over all epochs of a training.

    References
    ----------
    Article, sections 4 and 5.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> _, _ = net.forward([[0.05, 0.1], [1.0, 0.0]]), net.backward([[0.01, 0.99], [0.0, 1.0]])
    >>> print(net.paths("W1", sample=0).compare(net.paths("W1", sample=1)))
    ∂e/∂W1 changed by −0.423472: from −0.0233586 to −0.446831
    name                 before      after     change  share  where
    I1 -> H1 -> O2   −0.0149275  −0.292011  −0.277083  65.4%  both
    I1 -> H1 -> O1  −0.00843113   −0.15482  −0.146389  34.6%  both
    before: 2 paths, sample 0; after: 2 paths, sample 1
    above: 2 paths, together −0.423472, 100.0% of the change
    by output: O2 −0.277083, O1 −0.146389; together −0.423472
    """

    def __init__(self, before: Side, after: Side) -> None:
        self._sides = before, after
        self._paths = before.paths, after.paths
        self.before, self.after = (paths.gradient for paths in self._paths)
        self.change = self.after - self.before
        self.counts = self._paths[0].count, self._paths[1].count
        self.complete = all(map(_is_listable, self._paths))

    @property
    def of(self) -> Quantity:
        """What the gradients are by: the quantity in the network of after."""
        of: Quantity = self._paths[1].of
        return of

    # ---- shared out -------------------------------------------------------------------------------------

    @cached_property
    def _flows(self) -> tuple[Flow, Flow]:
        return self._paths[0].flow(), self._paths[1].flow()

    @property
    def nodes(self) -> ChangeTable:
        """What passed each node before and after: exact, by dynamic programming."""
        return self._nodes[1]

    @property
    def connections(self) -> ChangeTable:
        """What passed each connection; rows have the names of after, or of before where that is gone."""
        return self._connections[1]

    @cached_property
    def outputs(self) -> ChangeTable:
        """What entered at each output; its changes add up to the change of the gradient."""
        return self._joined([flow.outputs for flow in self._flows if flow.outputs is not None])[1]

    @property
    def changes(self) -> dict[str | Ends, Change]:
        """The rows of nodes, by name, and of connections, by the names of their ends: for drawing, in any network."""
        return {key: row for keys, table in (self._nodes, self._connections) for key, row in zip(keys, table)}

    @cached_property
    def _nodes(self) -> tuple[list[Any], ChangeTable]:
        return self._joined([flow.nodes for flow in self._flows])

    @cached_property
    def _connections(self) -> tuple[list[Any], ChangeTable]:
        return self._joined([flow.connections for flow in self._flows])

    def _joined(self, flows: list[Flow]) -> tuple[list[Any], ChangeTable]:
        sides = [dict(zip(map(_key, flow.elements), flow.column("gradient").tolist())) for flow in flows]
        # Those of after, then those that are gone, whose names others may have by now.
        keys = list(sides[1] | sides[0])
        names, taken = dict(zip(sides[1], flows[1].names)), set(flows[1].names)
        for key, name in zip(sides[0], flows[0].names):
            names.setdefault(key, f"{name} ({' -> '.join(key)})" if name in taken else name)
        before, after = (np.array([side.get(key, 0.0) for key in keys], dtype=float) for side in sides)
        where = [_where(*(key in side for side in sides)) for key in keys]
        return keys, ChangeTable([names[key] for key in keys], before, after, where, self.change)

    # ---- one by one -------------------------------------------------------------------------------------

    @cached_property
    def _matched(self) -> Matched:
        return listed(*self._sides) if self.complete else strongest(*self._sides)

    @cached_property
    def paths(self) -> ChangeTable:
        """The paths that are compared one by one, by ``|change|``, the largest first."""
        return self.top(len(self._matched.before))

    @property
    def appeared(self) -> Count:
        """How many of the paths that are compared one by one are there after and not before."""
        return Count(int((~self._matched.there[0]).sum()))

    @property
    def disappeared(self) -> Count:
        """How many of them are there before and not after."""
        return Count(int((~self._matched.there[1]).sum()))

    def top(self, k: int) -> ChangeTable:
        """Return the paths whose products changed most, the largest ``|change|`` first; all if there are fewer.

        Parameters
        ----------
        k : int
            0 or more.

        Returns
        -------
        ChangeTable
            A row for each path: the nodes that it passes, its product before and after, the change, and the share of
            the whole change.

        Raises
        ------
        ArgumentError
            If k is negative or no whole number.

        See Also
        --------
        PathComparison.paths : All that are compared one by one.
        GradientPaths.top : The strongest paths of one set.

        Notes
        -----
        Where the comparison is not `complete`, a path may have changed more that is not among the strongest thousand,
        neither before nor after.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([[0.05, 0.1], [1.0, 0.0]]), net.backward([[0.01, 0.99], [0.0, 1.0]])
        >>> comparison = net.paths("W1", sample=0).compare(net.paths("W1", sample=1))
        >>> comparison.top(1)[0].name
        'I1 -> H1 -> O2'
        """
        found = self._matched
        wanted = min(whole(k, "k", 0, ENDLESS), len(found.before))
        rows = largest(found.after - found.before)[:wanted]
        where = [_where(*there) for there in found.there[:, rows].T.tolist()]
        names = [self._name(found.ends(row)) for row in rows]
        return ChangeTable(names, found.before[rows], found.after[rows], where, self.change)

    def _name(self, ends: list[Ends]) -> str:
        element = self.of.element
        if ends and ends[0][0] == PENALTY:
            return f"{self.of.name} -> {ends[0][1]}"
        start = ends[0][0] if ends else element.name if isinstance(element, Node) else ""
        return " -> ".join([start, *(target for _, target in ends)])

    # ---- shown --------------------------------------------------------------------------------------------

    def draw(self, *, labels: str | None = "names", titles: bool = True) -> Any:
        """Draw the network of after: lines as thick as what flows through them has changed.

        Parameters
        ----------
        labels : {"names", "weights", None}
            What stands at the connections, as for `nodesim.Network.draw`.
        titles : bool
            Whether the layers are named.

        Returns
        -------
        Drawing
            What became larger is red, what became smaller is blue and dotted.

        Raises
        ------
        StaleElementError
            If the weight or node was removed since.
        ArgumentError
            As for `nodesim.Network.draw`.

        See Also
        --------
        nodesim.Network.draw : Draws it in another network: ``net.draw(highlight=comparison)``.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([[0.05, 0.1], [1.0, 0.0]]), net.backward([[0.01, 0.99], [0.0, 1.0]])
        >>> net.paths("W1", sample=0).compare(net.paths("W1", sample=1)).draw()
        <Drawing: network 2-2-2, 500 x 324>
        """
        element: Any = self.of.element
        return element.network.draw(self, labels=labels, titles=titles)

    def to_pandas(self) -> Any:
        """Return the paths that are compared one by one as a data frame of pandas.

        Returns
        -------
        pandas.DataFrame
            The columns of `PathComparison.paths`. The other tables have a `to_pandas` of their own.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.

        See Also
        --------
        ChangeTable.to_pandas : Of nodes, connections or outputs.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([[0.05, 0.1], [1.0, 0.0]]), net.backward([[0.01, 0.99], [0.0, 1.0]])
        >>> net.paths("W1", sample=0).compare(net.paths("W1", sample=1)).to_pandas().shape
        (2, 6)
        """
        return self.paths.to_pandas()

    @property
    def title(self) -> str:
        """What changed, in one line."""
        what = partial(self._paths[1].derivatives.target.name, self.of.name)
        return f"{what} changed by {number(self.change)}: from {number(self.before)} to {number(self.after)}"

    def _lines(self, listed: ChangeTable) -> Iterator[str]:
        yield f"before: {_described(self._paths[0])}; after: {_described(self._paths[1])}"
        if not self.complete:
            yield f"too many paths for all of them: the {STRONGEST:,} strongest of each are compared one by one"
        gone = [f"{count:,} {word}" for count, word in ((self.appeared, "new"), (self.disappeared, "gone")) if count]
        if gone:
            yield f"of the {plural(Count(len(self._matched.before)), 'path')} compared, {', '.join(gone)}"
        part = float(listed.column("change").sum())
        share = f", {percent(part / self.change)} of the change" if self.change else ""
        left = Count(len(self._matched.before) - len(listed))
        others = plural(left, "other") if self.complete else "all others"
        rest = f"; {others}: {number(self.change - part)}" if left or not self.complete else ""
        yield f"above: {plural(Count(len(listed)), 'path')}, together {number(part)}{share}{rest}"
        if self._paths[1].derivatives.target.element is None:
            # Paths from one quantity all come from its node.
            yield f"by output: {self._by_output()}"

    def _by_output(self) -> str:
        outputs = self.outputs.sorted()
        words = [f"{row.name} {number(row.change)}" for row in outputs[:_OUTPUTS]]
        if len(outputs) > _OUTPUTS:
            rest = outputs[_OUTPUTS:]
            words.append(f"{len(rest):,} more {number(float(rest.column('change').sum()))}")
        return f"{', '.join(words)}; together {number(float(outputs.column('change').sum()))}"

    def __str__(self) -> str:
        listed = self.top(_SHOWN)
        return "\n".join([shown(self.title), str(listed), *map(shown, self._lines(listed))])

    def __repr__(self) -> str:
        counts = " and ".join(plural(count, "path") for count in self.counts)
        return shown(f"<comparison of {counts} of {self.of.name}: change {number(self.change)}>")

    def _repr_html_(self) -> str:
        listed = self.top(_SHOWN)
        return markup.line(self.title) + listed._repr_html_() + "".join(map(markup.line, self._lines(listed)))


def _is_listable(paths: Any) -> bool:
    longest = int(paths.derivatives.schedule.depths.max(initial=0)) + 1
    return bool(paths.count <= min(_LISTED, _NUMBERS // longest))


def _key(element: Node | Connection | Quantity) -> str | Ends:
    if isinstance(element, Quantity):
        return PENALTY, element.name
    return element.name if isinstance(element, Node) else (element.source.name, element.target.name)


def _where(before: bool, after: bool) -> str:
    return "both" if before and after else "before" if before else "after"


def _described(paths: Any) -> str:
    n_samples = paths.derivatives.n_samples
    which = f"sample {paths.sample % n_samples}" if paths.sample is not None else paths.derivatives.meant
    words = [plural(paths.count, "path"), *([paths.kept] if paths.kept else []), *([which] if n_samples > 1 else [])]
    return ", ".join(words)
