"""The second partial derivatives of a run: of every HA by its H, of e by outputs, of every H by pairs of contributions.

What is linear has none. They stand beside the first ones of a derivative graph, with which they make all second
derivatives of e.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.curvature.second_derivatives import LossCurvature, of_activation, of_aggregation
from nodesim.errors import FunctionError
from nodesim.functions.contracts import Activation
from nodesim.functions.guard import called
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.directions import from_error
from nodesim.gradients.propagation import by_column
from nodesim.gradients.starts import in_double
from nodesim.graph.schedule import by_activation


class Bends:
    """First and second partial derivatives of some samples of a run.

    Parameters
    ----------
    graph : DerivativeGraph
        Of e.
    samples : slice
        Which samples are looked at.

    Attributes
    ----------
    graph : DerivativeGraph
    weights : ndarray of shape (n_connections,)
        In connection order, as all that follows by connections.
    activated, slopes, deltas : ndarray of shape (n_rows, n_samples)
        HA, ∂HA/∂H, and ∂e/∂H of every node.
    partials : ndarray of shape (n_connections, n_samples) or None
        ∂H/∂c of every contribution; None where all nodes are sums.
    """

    def __init__(self, graph: DerivativeGraph, samples: slice) -> None:
        self.graph, self._samples = graph, samples
        self.schedule = graph.schedule
        self.weights: Array = graph.weights[self.schedule.slots]
        self.activated: Array = graph.activated[:, samples]
        self.slopes: Array = graph.slopes[:, samples]
        self.deltas: Array = graph.totals[:, samples]
        self.partials: Array | None = None if graph.partials is None else graph.partials[:, samples]
        self._value: Array = in_double(graph.run.value[:, samples])
        run = graph.run
        self._shares: Array | float = 1.0 if run.shares is None else run.shares[samples]

    @property
    def n_samples(self) -> int:
        """How many samples are looked at."""
        return int(self.activated.shape[1])

    @cached_property
    def of_nodes(self) -> Array:
        """By row, ∂²HA/∂H² · ∂e/∂HA: what e has of the bend of a node, shape (n_rows, n_samples).

        Raises
        ------
        FunctionError
            If the second derivative of an activation is not known; the message names the node.
        """
        found = self._arriving
        # Where nothing arrives nobody asks, as behind dead ends.
        rows = np.flatnonzero(self.schedule.reaching & found.any(axis=1)).tolist()
        bends = np.zeros_like(found)
        with np.errstate(all="ignore"):
            for activation, members in by_activation(self.schedule, rows, self.graph.activations).items():
                bends[members] = self._of_alike(activation, members)
        bends *= found
        return bends

    @property
    def _arriving(self) -> Array:
        """∂e/∂HA of every node, shape (n_rows, n_samples)."""
        along, passed = from_error(self.schedule), self.graph.passed
        columns = passed if passed.shape[1] == 1 else passed[:, self._samples]
        found = along.step(self.deltas, by_column(columns))
        if not self.graph.of_sums:
            entering = np.array(list(self.graph.output_gradients.values()))
            found[self.schedule.output_rows] += entering[:, self._samples]
        return found

    def _of_alike(self, activation: Activation, rows: list[int]) -> Array:
        """Return ∂²HA/∂H² of nodes that share an activation."""
        mask = self.graph.run.mask
        z = self._value[rows]
        try:
            # Anew: what is left of HA by dropout is not what derivatives take.
            a = called(activation.function, (z,), z.shape, lambda: activation.label)
            slope = called(activation.derivative, (z, a), z.shape, lambda: f"the derivative of {activation.label}")
            found = of_activation(activation, z, a, slope)
        except FunctionError as error:
            names = [self.schedule.nodes[row].name for row in rows]
            raise FunctionError(f"at {', '.join(names[:3])}{', ...' if len(names) > 3 else ''}: {error}") from error
        return found if mask is None else found * mask[rows][:, self._samples]

    @cached_property
    def _loss(self) -> LossCurvature:
        run, rows = self.graph.run, self.schedule.output_rows
        assert run.targets is not None
        outputs = self._value[rows] if self.graph.of_sums else self.activated[rows]
        given = in_double(run.targets[:, self._samples]), outputs
        entering = self.graph.loss.sum_derivative if self.graph.of_sums else self.graph.loss.derivative
        assert entering is not None
        # Anew: those of a network in single precision are not exact enough to be compared with.
        at = called(entering, given, outputs.shape, lambda: f"the derivative of {self.graph.loss.label}")
        return LossCurvature(self.graph.loss, *given, at)

    def of_loss(self, moved: Array) -> Array:
        """Return how the derivatives of e by its outputs move where these move.

        Parameters
        ----------
        moved : ndarray of shape (n_outputs, n_directions, n_samples)
            By how much every OA moves; every O where the loss is differentiated by sums.

        Returns
        -------
        ndarray of the same shape
        """
        return self._loss.along(moved) * self._shares

    def of_join(self, row: int, moved: Array) -> Array:
        """Return how ∂H/∂c of a node that is no sum moves where its contributions move.

        Parameters
        ----------
        row : int
        moved : ndarray of shape (n_contributions, n_directions, n_samples)

        Returns
        -------
        ndarray of the same shape
        """
        node, into = self.schedule.nodes[row], self.entering(row)
        made = self.weights[into][:, None] * self.activated[self.schedule.sources[into]]
        try:
            return of_aggregation(self.graph.aggregations[node], made, self._value[row], moved)
        except FunctionError as error:
            raise FunctionError(f"at {node.name}: {error}") from error

    def entering(self, row: int) -> Indices:
        """Return the numbers of the connections into a node, in connection order."""
        return self.graph.entering(self.schedule.nodes[row])

    @cached_property
    def into_sums(self) -> list[Indices]:
        """By row, the connections that leave a node into sums."""
        schedule, joins = self.schedule, self.graph.joins
        leaving = (self.graph.leaving(node) for node in schedule.nodes)
        return [each[~joins[schedule.targets[each]]] for each in leaving]
