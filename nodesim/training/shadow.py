"""A private copy of a network that tells what feeds its gradients, so that looking disturbs no training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.graph.elements import Bias, Connection, Node
from nodesim.network import Network
from nodesim.paths import GradientPaths
from nodesim.paths.flow_table import Flow
from nodesim.simulation import samples
from nodesim.validation import numbers

Way = tuple[Connection, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """What fed the gradient of one weight at one moment.

    Attributes
    ----------
    weight, gradient, scale : float
    outputs : ndarray of shape (n_outputs,)
        What entered from each output that the weight reaches.
    nodes : ndarray of shape (n_nodes,)
        What flowed through each node on the paths.
    top : tuple of (connections, product)
        The strongest paths, the strongest first.
    """

    weight: float
    gradient: float
    scale: float
    outputs: Array
    nodes: Array
    top: tuple[tuple[Way, float], ...]


@dataclass(frozen=True)
class Columns:
    """What the numbers of a weight's traces are about.

    Attributes
    ----------
    outputs, nodes : tuple of str
        Names.
    levels : tuple of (str, tuple of int)
        The nodes by their distance from the inputs, those behind the weight: a name, and which of them. No path
        passes two nodes of one level.
    """

    outputs: tuple[str, ...]
    nodes: tuple[str, ...]
    levels: tuple[tuple[str, tuple[int, ...]], ...]


class Twin:
    """A copy of a network, and the samples and weights that are looked at.

    Parameters
    ----------
    network : Network
    weights : sequence of str
        Names of connections.
    x, y : array_like
        As for `Network.forward` and `Network.backward`.
    top : int
        How many paths.

    Raises
    ------
    NodesimError
        If the network does not run on these samples.
    """

    def __init__(self, network: Network, weights: Sequence[str], x: Any, y: Any, top: int) -> None:
        self.weights = weights
        self.top = top
        self._network = network.copy()
        inputs, single = samples.inputs(x, self._network.inputs)
        # Arrays of its own: who gave them may go on using them.
        self._x, self._y = inputs[:, 0] if single else inputs.T, numbers(y, "y")
        self._network.forward(self._x)
        self._network.backward(self._y)
        self._functions = _functions(network)
        self._structure = network.store.structure
        paths = [self._network.paths(name) for name in weights]
        self.columns = [_columns(each, each.flow()) for each in paths]

    def resembles(self, network: Network) -> bool:
        """Tell whether a network still has the structure, functions and constants that it had."""
        return network.store.structure == self._structure and _functions(network) == self._functions

    def trace(self, weights: Array) -> tuple[float, tuple[Trace, ...]]:
        """Run the samples with weights in connection order; return the error, and a trace for each weight.

        Raises
        ------
        NonFiniteError, FunctionError
            If that leaves the finite numbers.
        """
        twin = self._network
        twin.weights = weights
        twin.forward(self._x)
        error = twin.backward(self._y)
        return error, tuple(self._traced(twin[name]) for name in self.weights)

    def _traced(self, weight: Connection) -> Trace:
        paths = self._network.paths(weight)
        flow = paths.flow()
        assert flow.outputs is not None
        top = tuple((path.connections, path.product) for path in paths.top(self.top))
        return Trace(
            weight.weight, paths.gradient, paths.scale, flow.outputs.column("gradient"), flow.nodes.column("gradient"),
            top,
        )  # fmt: skip


def _columns(paths: GradientPaths, flow: Flow) -> Columns:
    assert flow.outputs is not None
    graph, nodes = paths.derivatives, flow.nodes
    depths = graph.schedule.depths[[graph.row[node] for node in nodes.elements]]
    # The first level is the weight's source: everything comes from there.
    levels = [np.flatnonzero(depths == depth).tolist() for depth in np.unique(depths)[1:]]
    named = tuple((_level_name([nodes.elements[i] for i in level]), tuple(level)) for level in levels)
    return Columns(tuple(flow.outputs.names), tuple(nodes.names), named)


def _level_name(nodes: list[Node]) -> str:
    return ", ".join(dict.fromkeys(node.layer.name for node in nodes))


def _functions(network: Network) -> list[Any]:
    return [network.loss, *(node.value if isinstance(node, Bias) else node.activation for node in network.nodes)]
