"""The order of evaluation, cut from one version of the structure: places in the store, never numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nodesim.elements import Bias, Connection, Layer, Node, in_order
from nodesim.errors import StructureError

if TYPE_CHECKING:
    import networkx as nx

Places = slice | NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Task:
    """Where one node finds what it needs.

    Attributes
    ----------
    node : Node
    row : int
        The node's row.
    incoming, outgoing : tuple of Connection
        In connection order.
    sources, source_slots : slice or ndarray
        Rows of the nodes that feed it, and slots of the connections over which they do.
    targets, target_slots : slice or ndarray
        Rows of the nodes that it feeds, of those from which the error can be reached, and slots.
    alive : bool
        Whether the node reaches an output; the gradients behind a dead end are 0.
    """

    node: Node
    row: int
    incoming: tuple[Connection, ...]
    outgoing: tuple[Connection, ...]
    sources: Places
    source_slots: Places
    targets: Places
    target_slots: Places
    alive: bool


class Schedule:
    """The tasks of all nodes in topological order, with the layers and the places of inputs and outputs.

    Parameters
    ----------
    nodes : sequence of Node
        All nodes, by row.
    graph : networkx.DiGraph
        The structure.
    structure : int
        The version of the structure; the schedule is of use as long as it is the store's.

    Notes
    -----
    The order is by depth (the longest path that ends at the node), then by row: a function of the structure
    alone, not of the edits that led to it. Cutting it costs O(nodes + connections).
    """

    def __init__(self, nodes: Sequence[Node], graph: nx.DiGraph[Node], structure: int) -> None:
        self.structure = structure
        self.n_rows = len(nodes)
        self.nodes = nodes
        self.incoming = {node: in_order(graph.pred[node].values()) for node in nodes}
        self.outgoing = {node: in_order(graph.succ[node].values()) for node in nodes}
        self.depth = _depths(nodes, self.incoming)
        self.order = sorted(nodes, key=lambda node: (self.depth[node], node._row))

    @cached_property
    def inputs(self) -> list[Node]:
        """The input nodes, by row: the columns of x."""
        return [node for node in self.nodes if node.kind == "input"]

    @cached_property
    def outputs(self) -> list[Node]:
        """The output nodes, by row: the columns of y."""
        return [node for node in self.nodes if node.kind == "output"]

    @cached_property
    def biases(self) -> list[Bias]:
        """The bias nodes, by row."""
        return [node for node in self.nodes if isinstance(node, Bias)]

    @cached_property
    def input_rows(self) -> NDArray[np.intp]:
        """The rows of the inputs."""
        return _rows(self.inputs)

    @cached_property
    def output_rows(self) -> NDArray[np.intp]:
        """The rows of the outputs."""
        return _rows(self.outputs)

    @cached_property
    def alive(self) -> set[Node]:
        """The nodes from which an output can be reached, outputs included."""
        alive = set(self.outputs)
        for node in reversed(self.order):
            if any(connection.target in alive for connection in self.outgoing[node]):
                alive.add(node)
        return alive

    @cached_property
    def tasks(self) -> list[Task]:
        """One task for each node, in topological order."""
        return [self._task(node) for node in self.order]

    @cached_property
    def calculated(self) -> list[Task]:
        """The tasks of hidden and output nodes, in topological order."""
        return [task for task in self.tasks if task.node.activation is not None]

    def _task(self, node: Node) -> Task:
        incoming, outgoing = self.incoming[node], self.outgoing[node]
        useful = [connection for connection in outgoing if connection.target in self.alive]
        return Task(
            node, node._row, incoming, outgoing,
            _places([c.source._row for c in incoming]), _places([c._slot for c in incoming]),
            _places([c.target._row for c in useful]), _places([c._slot for c in useful]),
            node in self.alive,
        )  # fmt: skip

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """Input layer, hidden layers, output layer; a bias node stands in the layer before the first it feeds."""
        groups = _grouped(self)
        index = {node: layer for layer, (_, group) in enumerate(groups) for node in group}
        biases: list[list[Bias]] = [[] for _ in groups]
        for bias in self.biases:
            fed = [index[connection.target] for connection in self.outgoing[bias]]
            biases[min(fed) - 1 if fed else 0].append(bias)
        return tuple(
            Layer(kind, number, tuple(group), tuple(biases[number])) for number, (kind, group) in enumerate(groups)
        )

    @cached_property
    def layer_of(self) -> dict[Node, Layer]:
        """For each node and bias node, its layer."""
        return {node: layer for layer in self.layers for node in (*layer.nodes, *layer.biases)}

    @cached_property
    def slots(self) -> NDArray[np.intp]:
        """The slots of all connections, in connection order."""
        return np.sort(np.array([c._slot for incoming in self.incoming.values() for c in incoming], dtype=np.intp))

    def check_runnable(self) -> None:
        """Raise a `StructureError` unless there are inputs, and outputs that are fed by something."""
        if not self.inputs:
            raise StructureError("the network has no input node; add one with add_input().")
        if not self.outputs:
            raise StructureError("the network has no output node; add one with add_output().")
        for node in self.outputs:
            if not self.incoming[node]:
                raise StructureError(
                    f"nothing is connected to output {node.name}: connect something to it, or remove it."
                )


def _depths(nodes: Iterable[Node], incoming: dict[Node, tuple[Connection, ...]]) -> dict[Node, int]:
    depth: dict[Node, int] = {}
    for node in sorted(nodes, key=lambda node: node._position):
        before = max((depth[connection.source] + 1 for connection in incoming[node]), default=0)
        # Hidden and output nodes stand behind the inputs even where nothing feeds them.
        depth[node] = max(before, 0 if node.kind in ("input", "bias") else 1)
    return depth


def _grouped(schedule: Schedule) -> list[tuple[str, list[Node]]]:
    hidden = [node for node in schedule.nodes if node.kind == "hidden"]
    by_depth: dict[int, list[Node]] = {depth: [] for depth in sorted({schedule.depth[node] for node in hidden})}
    for node in hidden:
        by_depth[schedule.depth[node]].append(node)
    return [
        ("input", schedule.inputs),
        *(("hidden", group) for group in by_depth.values()),
        ("output", schedule.outputs),
    ]


def _rows(nodes: Iterable[Node]) -> NDArray[np.intp]:
    return np.array([node._row for node in nodes], dtype=np.intp)


def _places(indices: list[int]) -> Places:
    """Return indices as a slice where they are evenly spaced upwards: NumPy then reads without copying."""
    if not indices:
        return slice(0, 0)
    step = indices[1] - indices[0] if len(indices) > 1 else 1
    if step > 0 and indices == list(range(indices[0], indices[-1] + 1, step)):
        return slice(indices[0], indices[-1] + 1, step)
    return np.array(indices, dtype=np.intp)
