"""Networks grow where their gradient is largest, and calculate what they calculated before."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices
from nodesim.errors import ArgumentError, ArgumentTypeError, CycleError, StructureError
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.graph.elements import Connection, Node
from nodesim.graph.schedule import Schedule
from nodesim.graph.structure import Structure
from nodesim.showing import shown
from nodesim.simulation.simulator import Simulator
from nodesim.surgery.growth import Growth, reason
from nodesim.surgery.samples import Samples, largest_change
from nodesim.validation import one_of, shortened

WAYS = ("split", "connect")


def grow(simulator: Simulator, by: str, where: Any, graph: DerivativeGraph, samples: Samples) -> Growth:
    """Let a network grow; see `nodesim.Network.grow`.

    Parameters
    ----------
    simulator : Simulator
    by : str
        One of `WAYS`.
    where : object
        A connection, or a pair of nodes; None for the largest gradient.
    graph : DerivativeGraph
        Of the last backward.
    samples : Samples
        Of the last backward.

    Returns
    -------
    Growth
    """
    structure = simulator.structure
    structure.lock.check_editable()
    before = samples.outputs(simulator)
    if one_of(by, WAYS, "by") == "split":
        gradients = gradients_of_connections(graph)
        number, count = _connection(structure, where, gradients)
        place, gradient = structure.schedule.connections[number].name, float(gradients[number])
        trial = simulator.copy()
        trial.structure.split(place, None, "linear")
        change = largest_change(before, samples.outputs(trial))
        added: Node | Connection = structure.split(place, None, "linear")
        why = reason(f"{added.name} splits {place}", gradient, count, "connection", named=where is not None)
        return Growth(by, added, place, gradient, count, change, why)
    source, target, gradient, count = _pair(structure, where, graph)
    trial = simulator.copy()
    trial.structure.connect(source.name, target.name, 0.0, None, True)
    change = largest_change(before, samples.outputs(trial))
    connection = structure.connect(source, target, 0.0, None, True)
    place = f"{source.name} -> {target.name}"
    why = reason(f"{connection.name} connects {place}", gradient, count, "pair", named=where is not None)
    return Growth(by, connection, place, gradient, count, change, why)


def gradients_of_connections(graph: DerivativeGraph) -> Array:
    """Return ∂e/∂W of all connections, in connection order: the mean over samples, penalties left out."""
    found: Array = (graph.all_sent() * graph.totals[graph.schedule.targets]).mean(axis=1)
    return found


def _connection(structure: Structure, where: Any, gradients: Array) -> tuple[int, int]:
    if where is not None:
        if not isinstance(where, str | Connection):
            raise ArgumentTypeError(f"where is a connection or its name for a split, got {shortened(where)}.")
        return structure.schedule.index(structure.connection(where)), 1
    if not len(gradients):
        raise StructureError("there is no connection to split.")
    return int(np.abs(gradients).argmax()), len(gradients)


def _pair(structure: Structure, where: Any, graph: DerivativeGraph) -> tuple[Node, Node, float, int]:
    schedule = structure.schedule
    gradients = gradients_of_pairs(graph)
    if where is not None:
        source, target = _ends(structure, where)
        row, column = schedule.row_of[target], schedule.row_of[source]
        if np.isnan(gradients[row, column]):
            raise _refusal(structure, source, target)
        return source, target, float(gradients[row, column]), 1
    open_ = ~np.isnan(gradients)
    if not open_.any():
        raise StructureError("every two nodes that may be connected are connected already.")
    # By source, then by target, as connections are numbered in a layered network.
    sizes = np.where(open_, np.abs(gradients), -1.0).T
    column, row = divmod(int(sizes.argmax()), sizes.shape[1])
    nodes = schedule.nodes
    return nodes[column], nodes[row], float(gradients[row, column]), int(open_.sum())


def gradients_of_pairs(graph: DerivativeGraph) -> Array:
    """Return by rows of target and source ∂e/∂W at W = 0 of a connection that is not there: the mean of HA · ∂e/∂H.

    NaN where none can be: where there is one already, from a second bias node, into inputs, bias nodes and nodes that
    are no sums, and where it would close a cycle.

    Parameters
    ----------
    graph : DerivativeGraph

    Returns
    -------
    ndarray of shape (n_rows, n_rows)

    Notes
    -----
    One product of matrices: O(nodes² · samples).
    """
    schedule = graph.schedule
    found: Array = graph.totals @ graph.activated.T / graph.n_samples
    # A target that leads to the source would feed itself.
    closed = _reached(schedule)
    closed[schedule.targets, schedule.sources] = True
    fed = np.array([node.activation is not None for node in schedule.nodes], dtype=bool)
    closed[~fed | schedule.joins] = True
    # A second constant says nothing that the weight of the first one cannot.
    constant = np.isin(schedule.sources, schedule.bias_rows)
    closed[np.ix_(schedule.targets[constant], schedule.bias_rows)] = True
    found[closed] = np.nan
    return found


def _reached(schedule: Schedule) -> NDArray[np.bool_]:
    """Return by row of a node and row of another whether the first leads to the second; every node leads to itself."""
    found = np.eye(schedule.n_rows, dtype=bool)
    targets: list[list[int]] = [[] for _ in range(schedule.n_rows)]
    for source, target in zip(schedule.sources.tolist(), schedule.targets.tolist()):
        targets[source].append(target)
    order: Indices = np.argsort(-schedule.depths, kind="stable")
    for row in order.tolist():
        if targets[row]:
            found[row] |= found[targets[row]].any(axis=0)
    return found


def _ends(structure: Structure, where: Any) -> tuple[Node, Node]:
    if not (isinstance(where, tuple | list) and len(where) == 2):
        raise ArgumentTypeError(f"where is a pair of two nodes or their names to connect, got {shortened(where)}.")
    return structure.node(where[0]), structure.node(where[1])


def _refusal(structure: Structure, source: Node, target: Node) -> StructureError | ArgumentError:
    ends = shown(f"{source.name} -> {target.name}")
    if target.activation is None:
        return StructureError(f"{ends}: nothing can be connected into {target.kind} nodes.")
    if target.aggregation is not None and not target.aggregation.is_sum:
        return StructureError(f"{ends}: a weight of 0 changes what a {target.aggregation.name} node calculates.")
    if any(connection.target is target for connection in source.outgoing):
        return StructureError(f"{ends} are connected already.")
    if source.kind == "bias":
        return StructureError(f"{ends}: a bias node feeds {shown(target.name)} already.")
    return CycleError(f"{ends} would close a cycle.")
