"""How large the derivatives of a backward are, layer by layer: root mean squares, without overflow or underflow.

Gradients that vanish are just those whose squares would be 0 (below 1e-162 they are): values are divided by the
largest of them before they are squared, as in the Euclidean norm of BLAS.

A layer is what `Network.layers` has; of its nodes count those from which an output is reached.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.directions import from_error
from nodesim.gradients.propagation import by_column


def rms(values: Array) -> Array:
    """Return the root mean square of each row.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_columns)

    Returns
    -------
    ndarray of shape (n_rows,)

    Examples
    --------
    >>> rms(np.array([[3e-200, 4e-200], [0.0, 0.0]])) / 1e-200
    array([3.53553391, 0.        ])
    """
    largest = np.abs(values).max(axis=1)
    scaled = values / np.where(largest > 0, largest, 1.0)[:, None]
    found: Array = largest * np.sqrt((scaled * scaled).mean(axis=1))
    return found


def norms(values: Array, groups: Indices, n_groups: int) -> Array:
    """Return for each group the Euclidean norm of its values: the root of the sum of their squares.

    Parameters
    ----------
    values : ndarray of shape (n,)
        None of them negative.
    groups : ndarray of shape (n,)
        To which group each belongs.
    n_groups : int

    Returns
    -------
    ndarray of shape (n_groups,)
        0 for a group of nothing.

    Examples
    --------
    >>> norms(np.array([3e-200, 4e-200, 1.0]), np.array([0, 0, 1]), 3).tolist()
    [5e-200, 1.0, 0.0]
    """
    largest = np.zeros(n_groups)
    np.maximum.at(largest, groups, values)
    scaled = values / np.where(largest > 0, largest, 1.0)[groups]
    found: Array = largest * np.sqrt(np.bincount(groups, scaled * scaled, n_groups))
    return found


def arriving(graph: DerivativeGraph) -> Array:
    """Return by row and sample ∂e/∂HA: Σ ∂H/∂HA·∂e/∂H over what the node feeds, and what enters straight from e."""
    # One step from the engine's own ∂e/∂H: ∂e/∂HA is not kept by a run, and to divide by slopes would not do at 0.
    with np.errstate(all="ignore"):
        arriving = from_error(graph.schedule).step(graph.run.delta, by_column(graph.passed))
        if not graph.of_sums:
            arriving[graph.schedule.output_rows] += np.array(list(graph.output_gradients.values()))
    return arriving


class LayerRms:
    """Root mean squares of the derivatives of one backward, by node and by layer.

    Parameters
    ----------
    graph : DerivativeGraph
    gradients : ndarray of shape (n_connections,)

    Attributes
    ----------
    layer_of : ndarray of shape (n_rows,)
        For each row the number of its layer; 0, which is the input layer's, also for those that reach no output.
    slopes, arriving, delta : ndarray of shape (n_rows,)
        Root mean square over the samples of ∂HA/∂H, ∂e/∂HA and ∂e/∂H.
    steepest : ndarray of shape (n_rows,)
        The largest ``|∂HA/∂H|`` of all samples.
    n_layers : int
        The input layer included.

    Notes
    -----
    O(samples · (nodes + connections)).
    """

    def __init__(self, graph: DerivativeGraph, gradients: Array) -> None:
        self.graph = graph
        self.schedule = graph.schedule
        self._gradients = np.abs(gradients)
        self.n_layers = len(self.schedule.layers)
        self.layer_of: Indices = np.zeros(self.schedule.n_rows, np.intp)
        for layer in self.schedule.layers:
            self.layer_of[[graph.row[node] for node in layer.nodes]] = layer.index
        # Groups are whole numbers from 0 on. The input layer has no part in a diagnosis: its number holds the rest.
        self.layer_of[~self.schedule.reaching] = 0
        self.slopes, self.arriving, self.delta = map(rms, (graph.slopes, arriving(graph), graph.run.delta))
        self.steepest: Array = np.abs(graph.slopes).max(axis=1)

    @cached_property
    def arriving_at(self) -> Array:
        """For each layer the root mean square of ∂e/∂HA of its nodes."""
        return self._means(norms(self.arriving, self.layer_of, self.n_layers), self.layer_of)

    @cached_property
    def deltas(self) -> Array:
        """For each layer the root mean square of ∂e/∂H of its nodes."""
        return self._means(norms(self.delta, self.layer_of, self.n_layers), self.layer_of)

    def _means(self, sums: Array, groups: Indices) -> Array:
        """Divide roots of sums of squares by the root of how many there are of each layer."""
        counts = np.bincount(groups, minlength=self.n_layers)
        means: Array = sums / np.sqrt(np.maximum(counts, 1))
        return means

    @cached_property
    def gradients(self) -> Array:
        """For each layer the root mean square of ∂e/∂W of the weights that enter its nodes."""
        into = self.layer_of[self.schedule.targets]
        return self._means(norms(self._gradients, into, self.n_layers), into)

    @cached_property
    def handed_on(self) -> Array:
        """For each connection the root mean square of ∂H/∂HA·∂e/∂H of its target: what it hands on to its source."""
        if self.graph.partials is not None:
            return rms(self.graph.passed * self.graph.run.delta[self.schedule.targets])
        handed: Array = np.abs(self.graph.weights[self.schedule.slots]) * self.delta[self.schedule.targets]
        return handed

    def passed(self, number: int) -> float:
        """Return ∂H/∂HA over a connection: the weight, or into nodes that are no sums its root mean square."""
        passed = self.graph.passed[number]
        return float(passed[0] if len(passed) == 1 else rms(passed[None])[0])

    @cached_property
    def uncancelled(self) -> Array:
        """For each layer what the root mean square of ∂e/∂HA would be if what arrives at a node were independent.

        Of independent terms with mean 0 the squares add up; where the true ∂e/∂HA is much less, terms cancel.
        """
        sums = norms(self.handed_on, self.layer_of[self.schedule.sources], self.n_layers)
        return self._means(sums, self.layer_of)

    def rows_of(self, layer: int) -> NDArray[np.intp]:
        """Return the rows of a layer's nodes that reach an output."""
        return self._by_layer[layer]

    @cached_property
    def _by_layer(self) -> list[NDArray[np.intp]]:
        order = np.argsort(self.layer_of, kind="stable")
        return np.split(order, np.cumsum(np.bincount(self.layer_of, minlength=self.n_layers))[:-1])
