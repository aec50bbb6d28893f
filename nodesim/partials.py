"""The derivative graph: quantities e, OA, O, HA, H, W, whose arrows are partial derivatives.

A photograph of one backward: it keeps the weights, values and local derivatives of that moment, and whatever
counts, lists, sums or prints paths walks over it.

References
----------
Article, section 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import cast

import networkx as nx
import numpy as np

from nodesim.calls import Array
from nodesim.elements import Connection, Node
from nodesim.engines.nodes import slope
from nodesim.functions import Activation, Loss
from nodesim.quantities import Arrow, Quantity
from nodesim.schedule import Schedule
from nodesim.store import Run

E = Quantity("error")


class DerivativeGraph:
    """The partial derivatives of one backward, for every arrow and sample.

    Parameters
    ----------
    schedule : Schedule
        The structure.
    weights : ndarray of shape (n_slots,)
    slopes : ndarray of shape (n_rows, n_samples)
        ∂HA/∂H of every node, 1 for inputs and bias nodes.
    run : Run
        Values and error of the samples. The error's arrows lead to O instead of OA where its seed is `of_sums`.

    Notes
    -----
    Counts and sums are dynamic programmes over the schedule, O(nodes + connections) once for all weights.
    """

    def __init__(self, schedule: Schedule, weights: Array, slopes: Array, run: Run) -> None:
        assert run.seed is not None
        assert run.loss is not None
        self.schedule = schedule
        self.weights = weights
        self.slopes = slopes
        self.run = run
        self.activated = run.activated
        self.loss: Loss = run.loss
        self.seeds = dict(zip(schedule.outputs, run.seed.gradient))
        self.of_sums = run.seed.of_sums
        self.activations: dict[Node, Activation] = {
            task.node: cast(Activation, task.node.activation) for task in schedule.calculated
        }

    @property
    def n_samples(self) -> int:
        """How many samples it holds."""
        return self.run.n_samples

    def entry(self, output: Node) -> Array:
        """Return ∂e/∂O of the arrow or arrows that lead from e straight to an output's sum."""
        seed = self.seeds[output]
        entering: Array = seed if self.of_sums else seed * self.slopes[output._row]
        return entering

    def step(self, connection: Connection) -> Array:
        """Return ∂(sum of the target)/∂(sum of the source): the weight times the source's slope."""
        partials: Array = self.weights[connection._slot] * self.slopes[connection.source._row]
        return partials

    def weight(self, connection: Connection) -> Array:
        """Return ∂(sum of the target)/∂(what the source sends), for all samples."""
        return np.full(self.n_samples, self.weights[connection._slot])

    @cached_property
    def counts(self) -> dict[Node, int]:
        """For each node, the exact number of paths from e to its sum."""
        counts: dict[Node, int] = {}
        for node in reversed(self.schedule.order):
            after = sum(counts[connection.target] for connection in self.schedule.outgoing[node])
            counts[node] = after + (node in self.seeds)
        return counts

    @cached_property
    def totals(self) -> dict[Node, Array]:
        """For each node, the sum over all paths from e to its sum of the product of their partials: ∂e/∂H."""
        totals: dict[Node, Array] = {}
        for node in reversed(self.schedule.order):
            total = self.entry(node) if node in self.seeds else np.zeros(self.n_samples)
            for connection in self.schedule.outgoing[node]:
                if self.counts[connection.target]:
                    total = total + totals[connection.target] * self.step(connection)
            totals[node] = total
        return totals

    @cached_property
    def absolutes(self) -> dict[Node, Array]:
        """For each node, the sum of |product| over all paths from e to its sum."""
        totals: dict[Node, Array] = {}
        for node in reversed(self.schedule.order):
            total = np.abs(self.entry(node)) if node in self.seeds else np.zeros(self.n_samples)
            for connection in self.schedule.outgoing[node]:
                if self.counts[connection.target]:
                    total = total + totals[connection.target] * np.abs(self.step(connection))
            totals[node] = total
        return totals

    def count(self, of: Quantity) -> int:
        """Return the exact number of paths from e to a quantity."""
        match of.element:
            case Connection() as connection:
                return self.counts[connection.target]
            case Node() as node:
                entering_below = of.kind == "activated" and self.of_sums and node in self.seeds
                return self.counts[node] - entering_below
        return 1

    def total(self, of: Quantity) -> Array:
        """Return ∂e/∂(a quantity), for all samples: the sum over all paths, without listing them."""
        if of.kind == "sum":
            return self.totals[cast(Node, of.element)]
        total = np.zeros(self.n_samples)
        for arrow in self.arrows_into(of):
            above = 1.0 if arrow.numerator is E else self.totals[cast(Node, arrow.numerator.element)]
            total = total + above * arrow.values
        return total

    def scale(self, of: Quantity) -> Array:
        """Return the sum of |product| over all paths to a quantity, for all samples: the measure of rounding."""
        if of.kind == "sum":
            return self.absolutes[cast(Node, of.element)]
        total = np.zeros(self.n_samples)
        for arrow in self.arrows_into(of):
            above = 1.0 if arrow.numerator is E else self.absolutes[cast(Node, arrow.numerator.element)]
            total = total + above * np.abs(arrow.values)
        return total

    def arrows_into(self, of: Quantity) -> list[Arrow]:
        """Return the arrows that lead into a quantity from the side of e, those of dead ends left out."""
        match of:
            case Quantity("weight", Connection() as connection):
                into = Arrow(Quantity("sum", connection.target), of, self.activated[connection.source._row])
                return [into] if self.counts[connection.target] else []
            case Quantity("activated", Node() as node):
                own = [Arrow(E, of, self.seeds[node])] if node in self.seeds and not self.of_sums else []
                return own + [
                    Arrow(Quantity("sum", c.target), of, self.weight(c))
                    for c in self.schedule.outgoing[node]
                    if self.counts[c.target]
                ]
            case Quantity("sum", Node() as node):
                own = [Arrow(E, of, self.seeds[node])] if node in self.seeds and self.of_sums else []
                sends = Quantity("activated", node)
                return own + ([Arrow(sends, of, self.slopes[node._row])] if self.count(sends) else [])
        return []

    def chain(self, of: Quantity, connections: tuple[Connection, ...]) -> Iterator[Arrow]:
        """Yield the arrows of a path, from e back to a quantity.

        Parameters
        ----------
        of : Quantity
            Where the path ends.
        connections : tuple of Connection
            From the weight, or from the node's first connection, to the output.
        """
        weight = of.element if isinstance(of.element, Connection) else None
        walked = connections[1:] if weight else connections
        last = of.element if of.kind == "activated" else None
        node: Node = connections[-1].target if connections else cast(Node, of.element)
        if self.of_sums:
            yield Arrow(E, Quantity("sum", node), self.seeds[node])
        else:
            yield Arrow(E, Quantity("activated", node), self.seeds[node])
            if node is not last:
                yield self._slope(node)
        for connection in reversed(walked):
            node = connection.source
            yield Arrow(Quantity("sum", connection.target), Quantity("activated", node), self.weight(connection))
            if node is not last:
                yield self._slope(node)
        if weight:
            yield Arrow(Quantity("sum", weight.target), of, self.activated[weight.source._row])

    def _slope(self, node: Node) -> Arrow:
        return Arrow(Quantity("activated", node), Quantity("sum", node), self.slopes[node._row])

    def below(self, node: Node) -> set[Node]:
        """Return what a node reaches, itself included."""
        found = {node}
        waiting = [node]
        while waiting:
            for connection in self.schedule.outgoing[waiting.pop()]:
                if connection.target not in found:
                    found.add(connection.target)
                    waiting.append(connection.target)
        return found

    def quantities(self) -> Iterator[Quantity]:
        """Yield all quantities but e, each after all that arrows lead into it from."""
        for node in reversed(self.schedule.order):
            yield Quantity("activated", node)
            if node in self.activations:
                yield Quantity("sum", node)
            for connection in self.schedule.incoming[node]:
                yield Quantity("weight", connection)

    def to_networkx(self) -> nx.DiGraph[str]:
        """Return the quantities as a plain networkx `DiGraph`, arrows from e towards the weights.

        Each edge has the attribute ``partial``, a float for one sample or an array of shape (n_samples,).

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
            for arrow in self.arrows_into(of):
                value = float(arrow.values[0]) if self.n_samples == 1 else arrow.values
                graph.add_edge(arrow.numerator.name, of.name, partial=value)
        return graph


def photograph(schedule: Schedule, weights: Array, run: Run) -> DerivativeGraph:
    """Take the derivative graph of a run that went forward and backward.

    Raises
    ------
    FunctionError
        If the derivative of an activation fails; the message names the node.
    """
    slopes = np.ones_like(run.value)
    with np.errstate(all="ignore"):
        for task in schedule.calculated:
            slopes[task.row] = slope(task.node, run) if task.alive else 0.0
    return DerivativeGraph(schedule, weights.copy(), slopes, run)
