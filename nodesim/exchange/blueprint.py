"""What a reader has found in another program's network: everything a network of nodesim is built from, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.formats.json_files import N
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation
from nodesim.graph import builders
from nodesim.graph.collector import gc_paused


@dataclass(frozen=True, eq=False)
class Origins:
    """Which number of the other program each connection's weight was made of: weight = factor · number.

    Several weights may be made of one number; then the gradient of each is that of all of them together.

    Attributes
    ----------
    parameters : tuple of str
        What the other program calls its arrays of numbers.
    parameter : ndarray of int, shape (n_connections,)
        Which of them; -1 where a weight comes from none, as the 1 of a connection that passes a value on.
    place : ndarray of int, shape (n_connections,)
        Where in that array, flattened.
    factor : ndarray of float, shape (n_connections,)
    """

    parameters: tuple[str, ...]
    parameter: Indices
    place: Indices
    factor: Array

    @cached_property
    def connections(self) -> tuple[Indices, ...]:
        """For each array the connections that come from it; one by a factor of 0 says nothing of any number."""
        known = np.flatnonzero((self.parameter >= 0) & (self.factor != 0.0))
        ordered = known[np.argsort(self.parameter[known], kind="stable")]
        ends = np.searchsorted(self.parameter[ordered], np.arange(1, len(self.parameters)))
        return tuple(np.split(ordered, ends)) if self.parameters else ()

    @property
    def firsts(self) -> Indices:
        """For each array the first connection that comes from it, where every weight comes from one."""
        found: Indices = np.unique(self.parameter, return_index=True)[1]
        return found

    def put(self, number: int, array: Array, weights: Array) -> None:
        """Write into an array of the other program the numbers that these weights are made of."""
        ours = self.connections[number]
        array.flat[self.place[ours]] = weights[ours] / self.factor[ours]

    def gradients(self, arrays: Sequence[Array]) -> Array:
        """Return the gradient of each weight, from those of the arrays; NaN for a weight that comes from none."""
        found = np.full(len(self.parameter), np.nan)
        for array, ours in zip(arrays, self.connections):
            found[ours] = array.flat[self.place[ours]] / self.factor[ours]
        return found


@dataclass(frozen=True)
class Blueprint:
    """A network that can be built: by row of the node, and by index of the connection.

    Attributes
    ----------
    names, kinds : tuple of str
    given : tuple
        The activation of a hidden or output node, the constant of a bias node, None of an input node.
    positions : tuple of int
        For each node its place in a topological order.
    sources, targets : ndarray of int, shape (n_connections,)
        The rows of both ends.
    weights : ndarray of float, shape (n_connections,)
    frozen : ndarray of bool, shape (n_connections,)
        Which of them updates must not change.
    loss : str or Loss
    origins : Origins
    labels : mapping from index to name
        The connections that have a name of their own.
    classes : tuple, optional
        What the outputs stand for.
    joins : mapping from row to Aggregation
        The nodes that are no sums.
    ties : tuple of (name, indices)
        The connections that have one weight, which they have bit by bit already.
    dtype : str
    notes : tuple of str
        What a user should know: what was folded into weights, what the other program does besides.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    given: tuple[Activation | float | None, ...]
    positions: tuple[int, ...]
    sources: Indices
    targets: Indices
    weights: Array
    frozen: Mask
    loss: object
    origins: Origins
    labels: Mapping[int, str] = field(default_factory=dict)
    classes: tuple[str | int | bool, ...] | None = None
    joins: Mapping[int, Aggregation] = field(default_factory=dict)
    ties: tuple[tuple[str, tuple[int, ...]], ...] = ()
    dtype: str = "float64"
    notes: tuple[str, ...] = ()

    def network(self, make: Callable[..., N]) -> N:
        """Build the network; `make` is its class."""
        with gc_paused():
            network = make(self.loss, dtype=self.dtype)
            links = self.sources, self.targets, np.arange(len(self.weights))
            named = {name: index for index, name in self.labels.items()}
            aggregations = map(self.joins.get, range(len(self.kinds)))
            nodes = zip(self.kinds, self.names, self.given, aggregations)
            builders.fill(network.structure, nodes, self.positions, links, named, self.weights, self.frozen)
            if self.ties:
                network.structure.tie_all(self.ties)
            network.simulator.classes = self.classes
        return network


def loss_of(given: object, ending: str | None = None) -> Any:
    """Return the loss that a reader gives its network: what the user asks for, else what the last function suggests.

    Parameters
    ----------
    given : str, Loss or None
        What the user asks for.
    ending : str, optional
        What the other program's network ends with; mse follows whatever is neither a softmax nor a sigmoid.
    """
    if given is not None:
        return given
    return {
        "softmax": "softmax_cross_entropy",
        "log_softmax": "softmax_cross_entropy",
        "sigmoid": "binary_cross_entropy",
    }.get(ending or "", "mse")
