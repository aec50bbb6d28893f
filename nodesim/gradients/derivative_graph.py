"""The derivative graph: quantities e, OA, O, HA, H, W, whose edges are partial derivatives.

A snapshot of one run: it keeps the weights, values and local derivatives of that moment, and whatever counts, lists,
sums or prints paths walks over it. What it derives is its target, e in most cases.

References
----------
Article, section 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, cast

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices, Mask, read_only
from nodesim.engines.joins import partials_of_run
from nodesim.errors import StaleElementError
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation, Loss
from nodesim.gradients import starts
from nodesim.gradients.directions import from_error, from_inputs, path_counts
from nodesim.gradients.propagation import by_column
from nodesim.gradients.quantities import PartialDerivative, Quantity
from nodesim.gradients.slopes import slopes_of
from nodesim.gradients.starts import E, Start, in_double
from nodesim.graph.elements import Connection, Node
from nodesim.graph.run import Run
from nodesim.graph.schedule import Schedule


class DerivativeGraph:
    """The partial derivatives of one run, for every edge and sample; made by `snapshot`.

    Parameters
    ----------
    schedule : Schedule
        The structure.
    weights : ndarray of shape (n_slots,)
        By slot.
    slopes : ndarray of shape (n_rows, n_samples)
        ∂HA/∂H of every node, 1 for inputs and bias nodes, 0 for those that do not feed the target.
    run : Run
        Values and error of the samples.
    start : Start
        What is derived, and where it enters the network.
    steps : ndarray of shape (n_rows, n_samples), optional
        ∂I/∂t of inputs that move with a t, where derivatives by that are asked for (quantities of the kind "step").
    partials : ndarray of shape (n_connections, n_samples), optional
        ∂H/∂(W·HA) of every connection, in connection order, where some nodes are no sums.

    Attributes
    ----------
    schedule : Schedule
    weights, slopes : ndarray
    run : Run
    activated : ndarray of shape (n_rows, n_samples)
        What every node sends.
    target : Quantity
        What is derived.
    output_gradients : mapping of Node to ndarray of shape (n_samples,)
        For each output ∂e/∂OA, or ∂e/∂O where `of_sums`: where the error enters. Of another target, for its own node.
    of_sums : bool
        Whether the loss is differentiated by the weighted sums O directly: no edge leads from e to OA then. Other
        targets always enter at sums.
    activations : dict of Node to Activation
        Of hidden and output nodes, as they were.
    aggregations : dict of Node to Aggregation
        Of those that are no sums, as they were.
    joins : ndarray of bool, shape (n_rows,)
        Which those are.

    See Also
    --------
    GradientPaths : The paths through it.
    nodesim.Network.paths : ``net.paths("W1").derivatives`` is this graph.

    Notes
    -----
    Counts and sums are dynamic programmes over the schedule, O(nodes + connections) once for all weights. Nodes are
    known by their rows of that moment: whatever becomes of the network afterwards, this graph stays as it is.

    All arrays that it has are read-only: paths, derivations and counts read them again and again.

    The partials are float64 also where the network is float32: products of a few of them leave the smaller range.

    Paths walk from e towards the weights, so that the graph is directed that way: from the numerator of a partial
    derivative to its denominator. To count and sum, the two edges of a node, ∂H/∂HA and ∂HA/∂H, are gone over as one:
    there is a number for each row, for H, and those for HA and W follow from it.

    References
    ----------
    Article, section 4. A. Griewank, A. Walther, "Evaluating Derivatives" (2nd edition, SIAM 2008), chapter 9: the
    "linearized computational graph".
    """

    def __init__(
        self, schedule: Schedule, weights: Array, slopes: Array, run: Run, start: Start, steps: Array | None = None,
        partials: Array | None = None,
    ) -> None:  # fmt: skip
        self.schedule = schedule
        self.weights: Array = read_only(weights)
        self.slopes: Array = read_only(slopes)
        self.run = run
        self.activated: Array = read_only(in_double(run.activated))
        self.start = start
        self.steps = steps
        self.partials: Array | None = None if partials is None else read_only(partials)
        self.target = start.target
        self.output_gradients = start.gradients
        self.of_sums = start.of_sums
        self.activations: dict[Node, Activation] = {
            node: node.activation for node in schedule.nodes if node.activation is not None
        }
        # As they are now: a schedule tells of the functions that nodes have when it is asked.
        self.joins: Mask = read_only(schedule.joins.copy())
        joins = [schedule.nodes[row] for row in np.flatnonzero(self.joins).tolist()]
        self.aggregations: dict[Node, Aggregation] = {
            node: node.aggregation for node in joins if node.aggregation is not None
        }

    @property
    def n_samples(self) -> int:
        """How many samples it holds."""
        return self.run.n_samples

    @property
    def loss(self) -> Loss:
        """What e was calculated by."""
        assert self.run.loss is not None
        return self.run.loss

    @property
    def row(self) -> Mapping[Node, int]:
        """For each node its row."""
        return self.schedule.row_of

    def index(self, connection: Connection) -> int:
        """Return the number of a connection in connection order.

        Parameters
        ----------
        connection : Connection

        Returns
        -------
        int

        Raises
        ------
        StaleElementError
            If it is not one of this graph's.
        """
        found = self.schedule.index(connection)
        if found < 0:
            raise StaleElementError(f"{connection.name} is none of the connections that this backward went over.")
        return found

    def leaving(self, node: Node) -> Indices:
        """Return the numbers of the connections that leave a node, in connection order.

        Parameters
        ----------
        node : Node

        Returns
        -------
        ndarray of shape (n_leaving,)
        """
        return from_error(self.schedule).into(self.row[node])

    def entering(self, node: Node) -> Indices:
        """Return the numbers of the connections that enter a node, in connection order.

        Parameters
        ----------
        node : Node

        Returns
        -------
        ndarray of shape (n_entering,)
        """
        return from_inputs(self.schedule).into(self.row[node])

    @cached_property
    def entered(self) -> Indices:
        """The rows of the nodes where paths begin: the outputs, or the node of another target."""
        rows: Indices = read_only(starts.rows_entered(self.schedule, self.target))
        return rows

    @cached_property
    def entries(self) -> Array:
        """∂e/∂O of the edge or edges that lead from e straight to an output's sum, shape (n_rows, n_samples)."""
        rows = self.entered
        entering = np.array(list(self.output_gradients.values()))
        # Both edges e -> OA -> O at once, so that whatever sums over paths need not know by which the error entered.
        entries = np.zeros_like(self.slopes)
        entries[rows] = entering if self.of_sums else entering * self.slopes[rows]
        return cast(Array, read_only(entries))

    @cached_property
    def passed(self) -> Array:
        """∂H/∂HA over every connection, in connection order: the weight, of shape (n_connections, 1).

        Where some nodes are no sums, the weight times ∂H/∂(W·HA), of shape (n_connections, n_samples).
        """
        weights = self.weights[self.schedule.slots][:, None]
        return cast(Array, read_only(weights if self.partials is None else weights * self.partials))

    def weight(self, connection: Connection) -> Array:
        """Return ∂(sum of the target)/∂(what the source sends), for all samples."""
        passed = self.passed[self.index(connection)]
        return cast(Array, read_only(np.broadcast_to(passed, self.n_samples)))

    def all_sent(self) -> Array:
        """Return what `sent` does for every connection, in connection order: shape (n_connections, n_samples)."""
        sent: Array = self.activated[self.schedule.sources]
        return sent if self.partials is None else sent * self.partials

    def sent(self, connection: Connection) -> Array:
        """Return ∂(sum of the target)/∂(the weight), for all samples: what the source sends."""
        sent: Array = self.activated[self.row[connection.source]]
        if self.partials is None:
            return sent
        return cast(Array, read_only(sent * self.partials[self.index(connection)]))

    @cached_property
    def counts(self) -> NDArray[Any]:
        """By row, the exact number of paths from e to a node's sum, as `counted` returns it."""
        return cast(NDArray[Any], read_only(path_counts(self.schedule, self.entered)))

    def onwards(self, node: Node) -> Indices:
        """Return the numbers of the connections that leave a node towards e, those into dead ends left out.

        Parameters
        ----------
        node : Node

        Returns
        -------
        ndarray of shape (n_leaving,)
            In connection order.
        """
        leaving = self.leaving(node)
        alive: Indices = leaving[self.counts[self.schedule.targets[leaving]] != 0]
        return alive

    @property
    def meant(self) -> str:
        """What a number of all samples is, in words: their mean, or along a line its integral by that many points."""
        return f"mean of {self.n_samples} samples" if self.steps is None else f"integral, by {self.n_samples} points"

    @cached_property
    def totals(self) -> Array:
        """By row, the sum over all paths from e to a node's sum of the product of their partials: ∂e/∂H."""
        return self._propagated(self.entries, self.passed, self.slopes)

    @cached_property
    def absolutes(self) -> Array:
        """By row, the sum of ``|product|`` over all paths from e to a node's sum."""
        return self._propagated(*map(np.abs, (self.entries, self.passed, self.slopes)))

    def _propagated(self, entries: Array, weights: Array, slopes: Array) -> Array:
        with np.errstate(all="ignore"):
            along = from_error(self.schedule)
            if self.n_samples > 1:
                return cast(Array, read_only(along.propagate(entries, by_column(weights), slopes)))
            return cast(Array, read_only(along.propagate(entries[:, 0], weights[:, 0], slopes[:, 0])[:, None]))

    def count(self, of: Quantity, *, direct: bool = True) -> int:
        """Return the exact number of paths from e to a quantity.

        Parameters
        ----------
        of : Quantity
        direct : bool
            Whether paths of penalties are counted, which lead from e to a weight through no node.

        Returns
        -------
        int
            1 for e itself: the path of no edges.
        """
        match of.element:
            case Connection() as connection:
                return int(self.counts[self.row[connection.target]]) + direct * len(self.start.penalties)
            case Node() as node:
                # Every path to O passes OA, but for e -> O where the error enters at the sum.
                entering_below = of.kind == "activated" and self.of_sums and node in self.output_gradients
                return int(self.counts[self.row[node]]) - entering_below
        return 1

    def total(self, of: Quantity, *, direct: bool = True) -> Array:
        """Return ∂e/∂(a quantity), for all samples: the sum over all paths, without listing them.

        Parameters
        ----------
        of : Quantity
        direct : bool
            Whether paths of penalties belong to them; see `count`.

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        return self._summed(of, self.totals, np.positive, direct)

    def scale(self, of: Quantity, *, direct: bool = True) -> Array:
        """Return the sum of ``|product|`` over all paths to a quantity, for all samples: the measure of rounding.

        Parameters
        ----------
        of : Quantity
        direct : bool
            Whether paths of penalties belong to them; see `count`.

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        return self._summed(of, self.absolutes, np.abs, direct)

    def _summed(self, of: Quantity, sums: Array, size: np.ufunc, direct: bool) -> Array:
        """Return what is known by row of sums, or the same one edge further: HA and W have no rows of their own."""
        if of.kind == "sum":
            known: Array = sums[self.row[cast(Node, of.element)]].copy()
            return known
        summed = np.zeros(self.n_samples)
        for partial in self.each_into(of):
            above = partial.numerator
            if above.element is not None:
                summed = summed + sums[self.row[cast(Node, above.element)]] * size(partial.values)
            elif direct or above.kind != "penalty":
                summed = summed + self.start.derivative_by(above) * size(partial.values)
        return summed

    def partials_into(self, of: Quantity) -> list[PartialDerivative]:
        """Return the edges that lead into a quantity from the side of e, those of dead ends left out.

        Parameters
        ----------
        of : Quantity

        Returns
        -------
        list of PartialDerivative
            All with `of` as their denominator. In the article's order: straight from e first, then in connection order.
        """
        return list(self.each_into(of))

    def each_into(self, of: Quantity) -> Iterator[PartialDerivative]:
        """Yield what `partials_into` returns: who looks at the first of them does not pay for the others.

        Parameters
        ----------
        of : Quantity

        Yields
        ------
        PartialDerivative
        """
        match of:
            case Quantity(element=None):
                yield from (edge for edge in self._beside() if edge.denominator == of)
            case Quantity("weight", Connection() as connection):
                if self.counts[self.row[connection.target]]:
                    yield self._of_weight(connection)
                for penalty in range(len(self.start.penalties)):
                    yield self.penalized(connection, penalty)
            case Quantity("step", Node() as node):
                if self.counts[self.row[node]]:
                    yield self._of_step(of, node)
            case Quantity("activated", Node() as node):
                if self._enters(of):
                    yield self._straight(of, node)
                for number in self.onwards(node).tolist():
                    yield self._of_sent(self.schedule.connections[number])
            case Quantity("sum", Node() as node):
                if self._enters(of):
                    yield self._straight(of, node)
                if self.count(Quantity("activated", node)):
                    yield self._slope(node)

    def number_into(self, of: Quantity) -> int:
        """Return how many edges `partials_into` returns, without making them.

        Parameters
        ----------
        of : Quantity

        Returns
        -------
        int
        """
        match of:
            case Quantity("activated", Node() as node):
                return self._enters(of) + len(self.onwards(node))
            case Quantity("sum", Node() as node):
                return self._enters(of) + (self.count(Quantity("activated", node)) > 0)
            case Quantity("weight"):
                return (self.count(of, direct=False) > 0) + len(self.start.penalties)
        return int(of != self.target and self.count(of) > 0)

    def _beside(self) -> Iterator[PartialDerivative]:
        """Yield the edges from what is derived to what stands beside e: those before the outputs, and to penalties."""
        yield from self.start.before
        for penalty in self.start.penalties:
            yield PartialDerivative(E, Quantity("penalty", label=penalty.label), np.ones(self.n_samples))

    def penalized(self, connection: Connection, penalty: int) -> PartialDerivative:
        """Return the edge of a penalty to a weight.

        Parameters
        ----------
        connection : Connection
        penalty : int
            Its number among those of the start.

        Returns
        -------
        PartialDerivative
        """
        one = self.start.penalties[penalty]
        slope = np.full(self.n_samples, one.gradients[self.schedule.slot(connection)])
        return PartialDerivative(Quantity("penalty", label=one.label), Quantity("weight", connection), slope)

    def is_penalized(self, connection: Connection) -> bool:
        """Tell whether penalties look at a connection's weight: of a tied weight they do at the first use alone."""
        shared = self.schedule.shared
        return shared is None or self.schedule.slot(connection) not in shared.further

    def direct(self, connection: Connection) -> Iterator[tuple[PartialDerivative, ...]]:
        """Yield the paths of penalties to a weight, through no node: the edges of each.

        Parameters
        ----------
        connection : Connection

        Yields
        ------
        tuple of PartialDerivative
        """
        clipping = tuple(edge for edge in self.start.before if edge.denominator == E)
        own = list(self._beside())[len(self.start.before) :]
        for number, edge in enumerate(own if self.is_penalized(connection) else ()):
            yield (*clipping, edge, self.penalized(connection, number))

    def _enters(self, of: Quantity) -> bool:
        """Tell whether an edge leads straight from e into a quantity."""
        kind = "sum" if self.of_sums else "activated"
        return self.start.has_edges and of.kind == kind and of.element in self.output_gradients

    def chain(self, of: Quantity, connections: tuple[Connection, ...]) -> Iterator[PartialDerivative]:
        """Yield the edges of a path, from e back to a quantity.

        Parameters
        ----------
        of : Quantity
            Where the path ends.
        connections : tuple of Connection
            From the weight, or from the node's first connection, to the output.

        Yields
        ------
        PartialDerivative
        """
        yield from self.entry(of, connections[-1].target if connections else cast(Node, of.element))
        yield from self.along(of, connections)

    def entry(self, of: Quantity, output: Node) -> Iterator[PartialDerivative]:
        """Yield the edges with which a path to a quantity begins: from e to the sum of an output."""
        if not self.start.has_edges:
            return
        yield from self.start.before
        if self.of_sums:
            yield self._straight(Quantity("sum", output), output)
        else:
            yield self._straight(Quantity("activated", output), output)
            if of != Quantity("activated", output):
                yield self._slope(output)

    def along(self, of: Quantity, connections: tuple[Connection, ...]) -> Iterator[PartialDerivative]:
        """Yield the edges of connections that end a path, from the target of the last one back to a quantity."""
        for connection in reversed(connections):
            yield from self.over(of, connection)

    def over(self, of: Quantity, connection: Connection) -> Iterator[PartialDerivative]:
        """Yield the edges of one connection on a path to a quantity, from the target's sum on."""
        if of.element is connection:
            yield self._of_weight(connection)
            return
        yield self._of_sent(connection)
        if of == Quantity("step", connection.source):
            yield self._of_step(of, connection.source)
        elif of != Quantity("activated", connection.source):
            yield self._slope(connection.source)

    def _straight(self, of: Quantity, node: Node) -> PartialDerivative:
        return PartialDerivative(self.start.entered_from, of, self.start.edges[node])

    def _of_step(self, of: Quantity, node: Node) -> PartialDerivative:
        assert self.steps is not None
        return PartialDerivative(Quantity("activated", node), of, self.steps[self.row[node]])

    def _of_weight(self, connection: Connection) -> PartialDerivative:
        return PartialDerivative(
            Quantity("sum", connection.target), Quantity("weight", connection), self.sent(connection)
        )

    def _of_sent(self, connection: Connection) -> PartialDerivative:
        sends = Quantity("activated", connection.source)
        return PartialDerivative(Quantity("sum", connection.target), sends, self.weight(connection))

    def _slope(self, node: Node) -> PartialDerivative:
        return PartialDerivative(Quantity("activated", node), Quantity("sum", node), self.slopes[self.row[node]])

    def quantities(self) -> Iterator[Quantity]:
        """Yield all quantities but what is derived, each after all that edges lead into it from."""
        yield from (edge.denominator for edge in self._beside())
        for node in reversed(self.schedule.order):
            yield Quantity("activated", node)
            if node in self.activations:
                yield Quantity("sum", node)
            for connection in self.schedule.incoming[node]:
                yield Quantity("weight", connection)

    def to_networkx(self) -> nx.DiGraph[str]:
        """Return the quantities as a plain networkx `DiGraph`, edges from e towards the weights.

        Returns
        -------
        networkx.DiGraph
            Nodes are names. Each edge has the attribute ``partial``, a float for one sample or an array of shape
            (n_samples,).

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> graph = net.paths("W1").derivatives.to_networkx()
        >>> graph.edges["O1", "HA1"]["partial"] == net["W7"].weight
        True
        """
        graph: nx.DiGraph[str] = nx.DiGraph()
        for of in self.quantities():
            for partial in self.partials_into(of):
                value = float(partial.values[0]) if self.n_samples == 1 else partial.values
                graph.add_edge(partial.numerator.name, of.name, partial=value)
        return graph


def snapshot(
    schedule: Schedule, weights: Array, run: Run, target: Quantity = E, steps: Array | None = None
) -> DerivativeGraph:
    """Take the derivative graph of a run that went forward and, where e is derived, backward.

    Parameters
    ----------
    schedule : Schedule
        The structure that it ran on.
    weights : ndarray of shape (n_slots,)
        What they were; copied.
    run : Run
    target : Quantity
        What is derived: e, or a sum or an activated value.
    steps : ndarray of shape (n_rows, n_samples), optional
        As for `DerivativeGraph`.

    Returns
    -------
    DerivativeGraph

    Raises
    ------
    FunctionError
        If the derivative of an activation fails; the message names the node.
    """
    slopes = slopes_of(schedule, starts.reaching(schedule, target), run)
    start = starts.start(schedule, target, slopes, run)
    own = weights.astype(float)
    partials = partials_of_run(schedule, own, in_double(run.activated), in_double(run.value))
    return DerivativeGraph(schedule, own, slopes, run, start, steps, partials)
