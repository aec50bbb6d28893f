"""The order of evaluation, cut from one version of the structure: places in the store, never numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nodesim.errors import StateError, StructureError, UnknownNameError, suggestion
from nodesim.functions.contracts import Activation
from nodesim.graph.arrangement import arranged
from nodesim.graph.depths import depths, reaching
from nodesim.graph.elements import Bias, Connection, Layer, Node
from nodesim.graph.index_arrays import Places, places, sorted_by
from nodesim.graph.layering import layers
from nodesim.graph.links import Linked, Links
from nodesim.graph.roll import Roll
from nodesim.graph.sharing import Shared, refuse_tie, shared_slots
from nodesim.notation.symbols import LETTERS
from nodesim.validation import shortened

_NUMBERED = re.compile(LETTERS["connection"] + r"([1-9]\d{0,17})\Z")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NodeTask:
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
    links : Links
        The connections.
    version : int
        The version of the structure; the schedule is of use as long as it is the store's `structure_version`.
    earlier : Schedule, optional
        The schedule before an edit.
    ties : tuple of tuples of int
        For each tied weight the numbers of its uses, the first use first.

    Attributes
    ----------
    delays : dict of int to int
        The delays of the connections that have one, by number. Order, depths and layers are those within one step.
    numbers, sources, targets : ndarray of shape (n_connections,)
        Each connection's number and the rows of its two ends, in connection order.
    depths : ndarray of shape (n_rows,)
        For each node the length of the longest path that ends there; at least 1 for hidden and output nodes.
    reaching : ndarray of bool, shape (n_rows,)
        For each node whether an output can be reached from it.
    arrangement : Arrangement
        The order in which kernels walk through nodes and connections.
    slots : ndarray of shape (n_connections,)
        Each connection's slot, in connection order: its place in the arrangement, and so in the store, for as long as
        the store is arranged so.
    cache : dict
        What was built of it; another one after an activation or a constant was exchanged.

    Notes
    -----
    The order is by depth, then by row: a function of the structure alone, not of the edits that led to it. Cutting
    it costs O(nodes + connections); what only some need, such as the tasks, is cut when it is asked for.
    """

    def __init__(
        self, nodes: tuple[Node, ...], links: Links, version: int, earlier: Schedule | None = None,
        ties: tuple[tuple[int, ...], ...] = (),
    ) -> None:  # fmt: skip
        self.version, self.ties = version, ties
        # What an edit leaves as it was is not looked up anew.
        known = earlier if earlier is not None and earlier.nodes == nodes else None
        self._roll: Roll = Roll(nodes) if known is None else known._roll
        self._linked = links.linked()
        self.numbers, (self.sources, self.targets) = links.numbers(), links.ends()
        self.delays = dict(links.delays)
        ends, least = self._at_once(), self._roll.calculated.astype(np.intp)
        self.depths: NDArray[np.intp] = depths(*ends, least, None if known is None else known.depths)
        found = None if known is None else known.reaching
        self.reaching: NDArray[np.bool_] = reaching(*ends, self.depths, self.output_rows, found)
        self._arrange()

    def _at_once(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the ends of the connections without delay: the order of nodes, within one step, is by these."""
        if not self.delays:
            return self.sources, self.targets
        now = ~np.isin(self.numbers, list(self.delays))
        return self.sources[now], self.targets[now]

    def _arrange(self) -> None:
        self.arrangement = arranged(
            self.sources, self.targets, self.depths, self._kinds(), self.bias_rows, self._roll.aggregations > 0
        )
        self.slots = np.empty_like(self.arrangement.order)
        self.slots[self.arrangement.order] = np.arange(len(self.slots))
        self.cache: dict[Callable[[Schedule], Any], Any] = {}

    def _kinds(self) -> NDArray[np.intp]:
        """Return the number of each node's functions, those that reach no output apart; -1 where there is none."""
        functions, aggregations = self._roll.functions, self._roll.aggregations
        alike = functions + (functions.max(initial=0) + 1) * aggregations
        return np.where(functions < 0, -1, 2 * alike + ~self.reaching)

    def is_arranged(self) -> bool:
        """Tell whether the arrangement is still that of the activations of now."""
        return bool((self.arrangement.kinds == self._kinds()).all())

    def rearranged(self) -> Schedule:
        """Return this schedule in the arrangement of the activations of now."""
        twin = Schedule.__new__(Schedule)
        vars(twin).update(self.__getstate__())
        twin._arrange()
        return twin

    def __getstate__(self) -> dict[str, Any]:
        # Pickled and copied, a schedule is what it was cut from; whatever was built from it is built again.
        kept = (
            "version", "_roll", "_linked", "numbers", "sources", "targets", "depths", "reaching", "arrangement",
            "slots", "ties", "delays",
        )  # fmt: skip
        return {**{name: getattr(self, name) for name in kept}, "cache": {}}

    def cached(self, build: Callable[[Schedule], T]) -> T:
        """Return what is built from this schedule; built once, until an activation or a constant is exchanged.

        Raises
        ------
        StateError
            If a connection is delayed: whatever runs the network or walks its paths asks for something here.
        """
        self.check_at_once()
        # Where a function is exchanged meanwhile, what was built of the old one is not kept for the new one.
        cache = self.cache
        if build not in cache:
            cache[build] = build(self)
        found: T = cache[build]
        return found

    def clear_cache(self) -> None:
        """Note that an activation or a constant was exchanged."""
        self.cache = {}
        self._roll.exchanged()

    @property
    def shared(self) -> Shared | None:
        """Which slots hold one weight; None where no weights are tied."""
        return self.cached(shared_slots) if self.ties else None

    @property
    def connections(self) -> Linked:
        """All connections, in connection order; objects are made of those that are asked for."""
        return self._linked

    @cached_property
    def order(self) -> list[Node]:
        """All nodes, each after those that feed it."""
        # Rows are in order already, and the sort is stable.
        return [self.nodes[row] for row in sorted_by(self.depths)]

    @cached_property
    def depth(self) -> dict[Node, int]:
        """For each node its depth."""
        return dict(zip(self.nodes, self.depths.tolist()))

    @cached_property
    def incoming(self) -> dict[Node, tuple[Connection, ...]]:
        """For each node the connections that enter it, in connection order."""
        return self._by_end(self.targets)

    @cached_property
    def outgoing(self) -> dict[Node, tuple[Connection, ...]]:
        """For each node the connections that leave it, in connection order."""
        return self._by_end(self.sources)

    def _by_end(self, rows: NDArray[np.intp]) -> dict[Node, tuple[Connection, ...]]:
        lists: list[list[Connection]] = [[] for _ in self.nodes]
        for row, connection in zip(rows.tolist(), self.connections):
            lists[row].append(connection)
        return {node: tuple(found) for node, found in zip(self.nodes, lists)}

    def index(self, connection: Connection) -> int:
        """Return the place of a connection in connection order, or -1 if it is none of this schedule's."""
        found = self.index_of_number(connection.number)
        return found if found >= 0 and self.connections[found] is connection else -1

    def slot(self, connection: Connection) -> int:
        """Return where a connection of this schedule stands in the store."""
        return int(self.slots[self.indices[connection.number]])

    @cached_property
    def _slots_by_number(self) -> list[int]:
        """The same for every number, for whoever asks for all of them."""
        slots = np.full(len(self.indices), -1)
        slots[self.numbers] = self.slots
        return slots.tolist()

    def taken_over(self, numbers: NDArray[Any], earlier: Schedule) -> NDArray[Any]:
        """Return numbers by slot of an earlier arrangement of this structure by the slots of this one."""
        if self is earlier:
            return numbers
        moved = numbers.copy()
        moved[self.slots] = numbers[earlier.slots]
        return moved

    def index_of_number(self, number: int) -> int:
        """Return the place, in connection order, of the connection of a number, or -1."""
        return int(self.indices[number]) if number < len(self.indices) else -1

    def find(self, name: str, verb: str = "is named", where: str = "here") -> Node | Connection:
        """Return the node or connection of a name, as this version of the structure had it.

        Parameters
        ----------
        name : str
        verb, where : str
            How the error puts it: nothing ``verb`` so-and-so ``where``.

        Raises
        ------
        UnknownNameError
            If there is none; the message suggests the nearest name.
        ArgumentTypeError
            If it is the name of a tie.
        """
        found = self.get(name)
        if found is None:
            refuse_tie(self, name)
            names = [*(node.name for node in self.nodes), *(c.name for c in self.connections)]
            raise UnknownNameError(f"nothing {verb} {shortened(name)} {where}. {suggestion(name, names)}")
        return found

    def get(self, name: str) -> Node | Connection | None:
        """Return the node or connection of a name, or None."""
        found = self._index_of_name(name)
        return self.connections[found] if found >= 0 else self._nodes_by_name.get(name)

    @cached_property
    def _nodes_by_name(self) -> dict[str, Node]:
        return {node.name: node for node in self.nodes}

    def _index_of_name(self, name: str) -> int:
        """Return the place, in connection order, of the connection of a name, or -1; without a list of all names."""
        match = _NUMBERED.match(name)
        if name in self._own_names or match is None:
            return self._own_names.get(name, -1)
        found = self.index_of_number(int(match[1]) - 1)
        return found if found >= 0 and self.connections[found].own_name is None else -1

    @cached_property
    def _own_names(self) -> dict[str, int]:
        """The places of the connections whose names do not tell their numbers."""
        return {c.own_name: index for index, c in enumerate(self.connections) if c.own_name is not None}

    @cached_property
    def indices(self) -> NDArray[np.intp]:
        """For each number the place of its connection in connection order, or -1."""
        indices = np.full(int(self.numbers.max(initial=-1)) + 1, -1)
        indices[self.numbers] = np.arange(len(self.numbers))
        return indices

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes, by row."""
        return self._roll.nodes

    @property
    def n_rows(self) -> int:
        """How many nodes there are."""
        return len(self._roll.nodes)

    @property
    def inputs(self) -> list[Node]:
        """The input nodes, by row: the columns of x."""
        return self._roll.inputs

    @property
    def outputs(self) -> list[Node]:
        """The output nodes, by row: the columns of y."""
        return self._roll.outputs

    @property
    def biases(self) -> list[Bias]:
        """The bias nodes, by row."""
        return self._roll.biases

    @property
    def constants(self) -> NDArray[np.float64]:
        """What bias nodes send now."""
        return np.array([bias.value for bias in self.biases], dtype=float)

    @property
    def row_of(self) -> Mapping[Node, int]:
        """For each node its row, whatever edits made of it since."""
        return self._roll.row_of

    @property
    def joins(self) -> NDArray[np.bool_]:
        """For each row, whether another aggregation than the sum makes H of its node."""
        return self._roll.aggregations > 0

    @property
    def has_joins(self) -> bool:
        """Whether there is such a node."""
        return bool(self._roll.aggregations.any())

    @property
    def bias_rows(self) -> NDArray[np.intp]:
        """The rows of the bias nodes."""
        return self._roll.bias_rows

    @property
    def input_rows(self) -> NDArray[np.intp]:
        """The rows of the inputs."""
        return self._roll.input_rows

    @property
    def output_rows(self) -> NDArray[np.intp]:
        """The rows of the outputs."""
        return self._roll.output_rows

    @cached_property
    def alive(self) -> set[Node]:
        """The nodes from which an output can be reached, outputs included."""
        return {node for node, alive in zip(self.nodes, self.reaching) if alive}

    @cached_property
    def tasks(self) -> list[NodeTask]:
        """One task for each node, in topological order."""
        return [self._task(node) for node in self.order]

    @cached_property
    def calculated(self) -> list[NodeTask]:
        """The tasks of hidden and output nodes, in topological order."""
        return [task for task in self.tasks if task.node.activation is not None]

    def _task(self, node: Node) -> NodeTask:
        incoming, outgoing = self.incoming[node], self.outgoing[node]
        rows, slots = self.row_of, self._slots_by_number
        useful = [connection for connection in outgoing if connection.target in self.alive]
        return NodeTask(
            node, rows[node], incoming, outgoing,
            places([rows[c.source] for c in incoming]), places([slots[c.number] for c in incoming]),
            places([rows[c.target] for c in useful]), places([slots[c.number] for c in useful]),
            node in self.alive,
        )  # fmt: skip

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """Input layer, hidden layers, output layer; a bias node stands in the layer before the first it feeds."""
        return layers(self.nodes, self.depth, self.sources, self.targets)

    @cached_property
    def layer_of(self) -> dict[Node, Layer]:
        """For each node and bias node, its layer."""
        return {node: layer for layer in self.layers for node in (*layer.nodes, *layer.biases)}

    @cached_property
    def _unfed(self) -> list[Node]:
        """The outputs that nothing leads to."""
        counts = np.bincount(self.targets, minlength=self.n_rows)[self.output_rows]
        return [node for node, count in zip(self.outputs, counts.tolist()) if not count]

    def check_at_once(self) -> None:
        """Raise a `StateError` if a connection is delayed: then there are steps in time, and no one run."""
        if self.delays:
            names = [self.connections[self.index_of_number(number)].name for number in sorted(self.delays)]
            few, verb = ", ".join(names[:3]) + (", ..." if len(names) > 3 else ""), "is" if len(names) == 1 else "are"
            raise StateError(
                f"{few} {verb} delayed, so that this network lives in time and has no single run: unroll it, and run "
                "what comes of it: network.unroll(steps=8)."
            )

    def check_runnable(self) -> None:
        """Raise an error unless there are inputs, and outputs that are fed by something, and nothing is delayed.

        Raises
        ------
        StateError
            If a connection is delayed.
        StructureError
            In the other cases.
        """
        self.check_at_once()
        if not self.inputs:
            raise StructureError("the network has no input node; add one with add_input().")
        if not self.outputs:
            raise StructureError("the network has no output node; add one with add_output().")
        if self._unfed:
            name = self._unfed[0].name
            raise StructureError(f"nothing is connected to output {name}: connect something to it, or remove it.")


def by_activation(
    schedule: Schedule, rows: Iterable[int], known: Mapping[Node, Activation] | None = None
) -> dict[Activation, list[int]]:
    """Return the rows of hidden and output nodes by their activation, in their order; other rows are left out.

    Those that nodes have now, or those that are known of an earlier moment.
    """
    groups: dict[Activation, list[int]] = {}
    for row in rows:
        node = schedule.nodes[row]
        activation = node.activation if known is None else known.get(node)
        if activation is not None:
            groups.setdefault(activation, []).append(row)
    return groups
