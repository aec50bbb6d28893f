"""What a set of paths adds up to: counts and sums over all of them, by dynamic programmes, without listing.

A path multiplies ∂e/∂O where e enters, then for each connection ∂H/∂HA, which is W where H is a sum, and ∂HA/∂H of its
source, and at last ∂H/∂W: what the weight's source sends, where H is a sum. On the trellis this is one number for each
entry, one for each arc, and one at the end:

    product of a path  =  entries[first state] · Π over its arcs (passed[arc] · slopes[state below]) · last

The slope ∂OA/∂O of the output is part of the entry, so that entries do not depend on whether the loss is
differentiated by OA or by O; so is what all paths begin with where e is clipped, or its samples have weights. The paths
of penalties stand beside the trellis (`Direct`), and are added.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.propagation import by_column, counted
from nodesim.gradients.quantities import Quantity
from nodesim.gradients.starts import E
from nodesim.graph.elements import Connection, Node
from nodesim.paths.direct import Direct
from nodesim.paths.scaled_floats import PlainFloat, ScaledFloat, arithmetic, exponents
from nodesim.paths.trellis import Trellis, all_paths


@dataclass(frozen=True, eq=False)
class SamplePartials:
    """The partial derivatives of the paths in one sample, or in several.

    Several are worked on together where that is quicker; what is calculated of one state or arc stands in a row then.

    Attributes
    ----------
    entries, slopes : ndarray of shape (n_states,) or (n_states, n_samples)
        The derivative of e where it enters a state, and ∂HA/∂H of its node, 1 where paths end at HA.
    passed : ndarray of shape (n_arcs,) or (n_arcs, n_samples)
        ∂H/∂HA over each arc: the weight, where all nodes are sums.
    last : float, or ndarray of shape (n_samples,)
        What every path is multiplied with in the end: ∂H/∂W, 1 for nodes.
    """

    trellis: Trellis
    entries: Array
    slopes: Array
    passed: Array
    last: Any

    @cached_property
    def factors(self) -> Array:
        """For each arc, the derivative of the state above by the state below, in one sample."""
        factors: Array = self.passed * self.slopes[self.trellis.below]
        return factors

    def magnitudes(self) -> SamplePartials:
        """Return the same with every number's magnitude, for sums of ``|product|``."""
        entries, slopes, passed, last = map(np.abs, (self.entries, self.slopes, self.passed, self.last))
        return SamplePartials(self.trellis, entries, slopes, passed, last)

    def arriving(self) -> Array:
        """Return for each state the sum over all ways from e to it, its slope included: ∂e/∂H, of these paths alone."""
        return self.trellis.from_error.propagate(self.entries, self.passed, self.slopes)

    def leaving(self) -> Array:
        """Return for each state the sum over all ways from it to the goal, its slope and `last` included."""
        start = np.zeros_like(self.slopes)
        start[self.trellis.goal] = self.slopes[self.trellis.goal] * self.last
        return self.trellis.from_goal.propagate(start, self.passed, self.slopes)


class PathSums:
    """A trellis with the numbers of a backward, and what they add up to.

    Parameters
    ----------
    graph : DerivativeGraph
    of : Quantity
        Where the paths end.
    trellis : Trellis, optional
        Some of its paths; by default all. Of all paths the derivative graph knows the sums, for every quantity at
        once, so that the trellis is only made for what needs more.
    by_length : bool
        Whether they were chosen by their length, and not by what they pass: a node may have several states then.
    direct : Direct, optional
        The paths of penalties among them, which the trellis does not have; by default all, beside some of the others
        none.

    Notes
    -----
    Everything is calculated when it is first asked for, in O(states + arcs) for a sample, and kept.
    """

    def __init__(
        self, graph: DerivativeGraph, of: Quantity, trellis: Trellis | None = None, *, by_length: bool = False,
        direct: Direct | None = None,
    ) -> None:  # fmt: skip
        self.graph = graph
        self.direct = Direct(graph, of if trellis is None else E) if direct is None else direct
        self.by_length = by_length
        self.of = of
        self._given = trellis

    @cached_property
    def trellis(self) -> Trellis:
        """The paths as states and arcs."""
        return _whole(self.graph, self.of) if self._given is None else self._given

    @property
    def ends_activated(self) -> bool:
        """Whether the paths end at HA, before the slope of their last node."""
        return self.of.kind in ("activated", "step")

    @cached_property
    def last(self) -> Array:
        """What every path is multiplied with in the end, for each sample."""
        element = self.of.element
        if isinstance(element, Connection):
            return self.graph.sent(element)
        if self.of.kind == "step":
            assert self.graph.steps is not None
            moved: Array = self.graph.steps[self.graph.row[cast(Node, element)]]
            return moved
        return np.ones(self.graph.n_samples)

    @cached_property
    def weights(self) -> Array:
        """By arc."""
        weights: Array = self.graph.weights[self.graph.schedule.slots[self.trellis.connections]]
        return weights

    @cached_property
    def passed(self) -> Array:
        """By arc ∂H/∂HA: the weights, of shape (n_arcs,); where some nodes are no sums, by arc and sample."""
        return self.weights if self.graph.partials is None else by_column(self.graph.passed[self.trellis.connections])

    @cached_property
    def slopes(self) -> Array:
        """By state and sample: ∂HA/∂H, or 1 where paths end at HA."""
        # Indexing copies: the graph's own slopes stay what they are.
        slopes: Array = self.graph.slopes[self.trellis.rows]
        if self.ends_activated:
            slopes[self.trellis.rows == self.graph.row[cast(Node, self.of.element)]] = 1.0
        return slopes

    @cached_property
    def entries(self) -> Array:
        """By state and sample: the derivative of e where it enters."""
        # Where paths end at OA, the error enters there without the slope ∂OA/∂O that other entries have in them.
        entries = np.where(self.trellis.entered[:, None], self.graph.entries[self.trellis.rows], 0.0)
        goal: Any = self.of.element
        if not self.empty and self.ends_activated and self.trellis.entered[self.trellis.goal]:
            entries[self.trellis.goal] = self.graph.output_gradients[goal]
        return entries

    def partials(self, sample: int | list[int]) -> SamplePartials:
        """Return the partial derivatives in one sample, or in several."""
        last = self.last[sample] if isinstance(sample, list) else float(self.last[sample])
        passed = self.passed if self.passed.ndim == 1 else self.passed[:, sample]
        return SamplePartials(self.trellis, self.entries[:, sample], self.slopes[:, sample], passed, last)

    @cached_property
    def arithmetic(self) -> PlainFloat | ScaledFloat:
        """In which the products of single paths are kept: plain floats where none can leave their range.

        A bound without looking at single paths: each has at most one arc into each level, so that the largest exponents
        of all levels add up to one that no path exceeds, on the way to its end or there.
        """
        trellis = self.trellis
        into, level = np.unique(trellis.levels[trellis.below], return_inverse=True)
        steps = np.zeros(len(into))
        passed = exponents(self.passed)
        arcs = passed if passed.ndim == 1 else passed.max(axis=1)
        np.maximum.at(steps, level, arcs + exponents(self.slopes).max(axis=1)[trellis.below])
        ends = exponents(self.entries).max() + exponents(self.last).max()
        return arithmetic(float(steps.sum() + ends))

    @cached_property
    def empty(self) -> bool:
        """Whether there is no path but those of penalties."""
        return self.trellis.goal < 0

    @cached_property
    def counts(self) -> NDArray[Any]:
        """By state, the exact number of ways from e; see `counted`."""
        return counted(self.trellis.from_error, self.trellis.entered.astype(float))

    @cached_property
    def onward_counts(self) -> NDArray[Any]:
        """By state, the exact number of ways to the goal."""
        start = np.zeros(self.trellis.n_states)
        start[self.trellis.goal] = 1.0
        return counted(self.trellis.from_goal, start)

    @cached_property
    def count(self) -> int:
        """How many paths there are."""
        if self._given is None:
            return self.graph.count(self.of, direct=False) + len(self.direct)
        return (0 if self.empty else int(self.counts[self.trellis.goal])) + len(self.direct)

    @cached_property
    def total(self) -> Array:
        """The sum of the products of all paths, for each sample."""
        added: Array = self.direct.products.sum(axis=0)
        if self._given is None:
            return self.graph.total(self.of, direct=False) + added
        return self._at_goal(self.entries, self.passed, self.slopes) * self.last + added

    @cached_property
    def scale(self) -> Array:
        """The sum of ``|product|`` over all paths, for each sample: the measure of rounding."""
        added: Array = np.abs(self.direct.products).sum(axis=0)
        if self._given is None:
            return self.graph.scale(self.of, direct=False) + added
        return self._at_goal(*map(np.abs, (self.entries, self.passed, self.slopes))) * np.abs(self.last) + added

    @property
    def elements(self) -> tuple[set[Node], set[Connection]]:
        """All nodes and connections that the paths pass, without listing the paths."""
        schedule, of = self.graph.schedule, self.of.element
        nodes = {schedule.nodes[row] for row in np.unique(self.trellis.rows)}
        connections = {schedule.connections[index] for index in np.unique(self.trellis.connections)}
        if isinstance(of, Connection) and nodes:
            nodes.add(of.source)
            connections.add(of)
        return nodes, connections

    def _at_goal(self, entries: Array, passed: Array, slopes: Array) -> Array:
        if self.empty:
            return np.zeros(self.graph.n_samples)
        with np.errstate(all="ignore"):
            # A single sample goes without a second axis: the propagation then has quicker forms.
            if self.graph.n_samples > 1:
                sums = self.trellis.from_error.propagate(entries, passed, slopes)
            else:
                sums = self.trellis.from_error.propagate(entries[:, 0], passed, slopes[:, 0])[:, None]
        arrived: Array = sums[self.trellis.goal]
        return arrived


def _whole(graph: DerivativeGraph, of: Quantity) -> Trellis:
    """Return the trellis of all paths to a quantity."""
    element: Any = of.element
    goal: Node = element.target if isinstance(element, Connection) else element
    row = graph.row[goal]
    entered = np.zeros(graph.schedule.n_rows, bool)
    entered[graph.entered] = True
    if of.kind == "activated" and graph.of_sums:
        # Where the error enters at O, the only way to OA leads through the nodes that OA feeds.
        entered[row] = False
    return all_paths(graph.schedule, row, entered, graph.counts != 0)
