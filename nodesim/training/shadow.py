"""A private copy of a simulator that tells what feeds its gradients, so that looking disturbs no training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.gradients.derivative_graph import DerivativeGraph, snapshot
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Bias, Connection, Node
from nodesim.paths import GradientPath, GradientPaths
from nodesim.paths.flow_table import Flow
from nodesim.simulation.simulator import Simulator
from nodesim.simulation.terms import NONE, Terms

# The connections of a path; of one that leads through a penalty the weight and the name of that.
Way = tuple[Connection, ...] | tuple[Connection, str]


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
    top : tuple of (way, product)
        The strongest paths, the strongest first.
    penalties : dict of str to float
        What each penalty added.
    """

    weight: float
    gradient: float
    scale: float
    outputs: Array
    nodes: Array
    top: tuple[tuple[Way, float], ...]
    penalties: dict[str, float]


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


class Shadow:
    """A copy of a simulator, and the samples and weights that are looked at.

    Parameters
    ----------
    simulator : Simulator
        Whatever becomes of its structure, functions and constants, the copy stays as it is.
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

    def __init__(self, simulator: Simulator, weights: Sequence[str], x: Any, y: Any, top: int) -> None:
        self.weights = weights
        self.top = top
        self._simulator = simulator.copy()
        inputs, single = self._simulator.inputs(x)
        # An array of its own: who gave it may go on using it.
        self._inputs = inputs.copy()
        self._targets = self._simulator.targets(y, inputs.shape[1], single=single)
        self._functions = _functions(simulator)
        self._version = simulator.structure.store.structure_version
        _, graph = self._run(NONE)
        self.columns = [_columns(each, each.flow()) for each in map(partial(self._paths, graph), weights)]

    def resembles(self, simulator: Simulator) -> bool:
        """Tell whether a simulator still has the structure, functions and constants that it had."""
        return simulator.structure.store.structure_version == self._version and _functions(simulator) == self._functions

    def trace(self, weights: Array, terms: Terms) -> tuple[float, tuple[Trace, ...]]:
        """Run the samples with weights in connection order; return the error, and a trace for each weight.

        Parameters
        ----------
        weights : ndarray of shape (n_connections,)
        terms : Terms
            Penalties and the limit of the gradient.

        Raises
        ------
        NonFiniteError, FunctionError
            If that leaves the finite numbers.
        """
        self._simulator.structure.weights = weights
        error, graph = self._run(terms)
        return error, tuple(self._traced(self._paths(graph, name)) for name in self.weights)

    def _run(self, terms: Terms) -> tuple[float, DerivativeGraph]:
        simulator = self._simulator
        run = simulator.forward(self._inputs)
        simulator.backward(run, self._targets, terms=terms)
        structure = simulator.structure
        return run.error, snapshot(structure.schedule, structure.store.weights, run)

    def _paths(self, graph: DerivativeGraph, name: str) -> GradientPaths:
        return GradientPaths(graph, Quantity("weight", self._simulator.structure.connection(name)))

    def _traced(self, paths: GradientPaths) -> Trace:
        flow, weight = paths.flow(), paths.of.element
        assert flow.outputs is not None
        assert isinstance(weight, Connection)
        top = tuple((_way(path, weight), path.product) for path in paths.top(self.top))
        outputs = np.array([row.gradient for row in flow.outputs if row.kind == "output"])
        penalties = {row.name: row.gradient for row in flow.outputs if row.kind == "penalty"}
        return Trace(weight.weight, paths.gradient, paths.scale, outputs, flow.nodes.column("gradient"), top, penalties)


def _way(path: GradientPath, weight: Connection) -> Way:
    return path.connections if path.penalty is None else (weight, path.penalty)


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


def _functions(simulator: Simulator) -> list[Any]:
    nodes = simulator.structure.nodes
    return [simulator.loss, *(node.value if isinstance(node, Bias) else node.activation for node in nodes)]
