"""What a network consists of, its numbers, and how it is edited.

Every edit is checked first and then made, so that a refused one leaves no trace.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any, TypeVar, cast

import numpy as np

from nodesim._arrays import Array, Indices, read_only
from nodesim.errors import StateError, StructureError
from nodesim.functions.contracts import Initializer
from nodesim.graph.connecting import checked_delay, refuse
from nodesim.graph.elements import Bias, Connection, Layer, Node, fasten, in_order, release
from nodesim.graph.initialization import Draws, drawn_one, generator_of
from nodesim.graph.kept_structure import KeptStructure
from nodesim.graph.live_graph import NodeAttributes
from nodesim.graph.lock import Lock
from nodesim.graph.roster import Roster
from nodesim.graph.schedule import Schedule
from nodesim.graph.store import Store
from nodesim.graph.ties import Tie
from nodesim.graph.topological_order import TopologicalOrder
from nodesim.graph.tying import free_numbers
from nodesim.plugins import lookup
from nodesim.validation import finite, flag, one_of

DTYPES = ("float64", "float32")
FED = frozenset(("hidden", "output"))
Seed = int | np.random.Generator | None
N = TypeVar("N", bound=Node)


class Structure(Roster):
    """The graph of a network, with names, order and store. It knows no engine and no loss.

    Parameters
    ----------
    seed, initializer, dtype
        As for `nodesim.Network`.
    face : object, optional
        What elements show as their network: `nodesim.Network` passes itself.

    Attributes
    ----------
    store : Store
        The numbers of the connections, and the last run.
    generator : numpy.random.Generator
        What draws weights, and orders of samples.
    initializer : Initializer
        How weights are drawn.
    order : TopologicalOrder
    lock : Lock
        What refuses edits, runs and settings while it is trained.
    kept : list of KeptStructure
        What it was when each of the trials began that are under way, the innermost last.

    See Also
    --------
    nodesim.simulation.simulator.Simulator : what runs a structure.
    """

    def __init__(
        self, *, seed: Seed = None, initializer: object = "normal", dtype: str = "float64", face: Any = None
    ) -> None:
        super().__init__(face)
        self.store = Store(np.dtype(_dtype(dtype)))
        self.generator = generator_of(seed)
        self.initializer: Initializer = lookup.initializer(initializer)
        self.order = TopologicalOrder(self._successors, self._predecessors, lambda: self.links.delays)
        self._schedule: Schedule | None = None
        # How often an activation was exchanged, and how often up to its cut.
        self._exchanges = self._seen_exchanges = 0
        self._cutting = threading.RLock()
        self.lock = Lock()
        self.kept: list[KeptStructure] = []

    # ---- what there is ------------------------------------------------------------------------------------

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers, from the input layer to the output layer."""
        return self.schedule.layers

    @property
    def schedule(self) -> Schedule:
        """The order of evaluation of this structure; cut again after an edit."""
        schedule, exchanged = self._schedule, self._seen_exchanges != self._exchanges
        if schedule is None or exchanged or schedule.version != self.store.structure_version:
            return self._cut()
        return schedule

    def _cut(self) -> Schedule:
        # Two threads that run it for the first time would both put the store in order.
        with self._cutting:
            schedule, exchanges = self._schedule, self._exchanges
            if schedule is None or schedule.version != self.store.structure_version:
                # An edit forgot the last run, so that nothing refers to rows now.
                self.names.close_rows()
                schedule = Schedule(self.nodes, self.links, self.store.structure_version, schedule, self.ties.groups())
            elif not schedule.is_arranged():
                schedule = schedule.rearranged()
            self.store.arrange(schedule.numbers, schedule.slots)
            self._schedule, self._seen_exchanges = schedule, exchanges
            return schedule

    def delay_of(self, number: int) -> int:
        """Return by how many steps in time the connection of a number is delayed."""
        return self.links.delays.get(number, 0)

    def layer_of(self, node: Node) -> Layer:
        """Return the layer that a node stands in."""
        return self.schedule.layer_of[node]

    def describe_slot(self, slot: int) -> str:
        """Name the connection of a slot, for messages."""
        schedule = self.schedule
        connection = schedule.connections[schedule.arrangement.order[slot]]
        return f"{connection.name} ({connection.source} -> {connection.target})"

    # ---- numbers ------------------------------------------------------------------------------------------

    @property
    def dtype(self) -> str:
        """What the numbers are: "float64" or "float32"."""
        return str(self.store.weights.dtype)

    @property
    def weights(self) -> Array:
        """All weights, shape (n_connections,), in connection order, read-only; set it, whole, to change them."""
        # The slots first: asking for a schedule may put the store in another order.
        slots = self.schedule.slots
        weights: Array = read_only(self.store.weights[slots])
        return weights

    @weights.setter
    def weights(self, weights: Any) -> None:
        self.lock.check_settable()
        schedule = self.schedule
        self.store.replace_weights(schedule.slots, weights, lambda new: self.ties.check(schedule.numbers, new))
        self.ties.level()

    @property
    def gradients(self) -> Array:
        """∂e/∂W as updates use it, shape (n_connections,), in connection order, read-only; set it to change them."""
        if not self.store.has_gradients:
            raise StateError("there are no gradients now: run network.forward(x) and network.backward(y) first.")
        slots = self.schedule.slots
        gradients: Array = read_only(self.store.gradients[slots])
        return gradients

    @gradients.setter
    def gradients(self, gradients: Any) -> None:
        self.lock.check_settable()
        self.store.replace_gradients(self.schedule.slots, gradients)

    @property
    def backward_gradients(self) -> Array:
        """∂e/∂W as the last backward has found it, whatever was set since; otherwise like `gradients`."""
        slots, own = self.schedule.slots, self.store.replaced
        return self.gradients if own is None else own[slots]

    def initialize(self, initializer: object = None) -> None:
        """Draw all weights of trainable connections anew; see `nodesim.Network.initialize`."""
        self.lock.check_settable()
        slots, draws = self.draws(self.initializer if initializer is None else lookup.initializer(initializer))
        self.store.replace_weights(slots, draws.one(self.generator))
        self.ties.level()

    def draws(self, rule: Initializer) -> tuple[Indices, Draws]:
        """Return the slots of all connections, in connection order, and what an initializer draws for these."""
        # Without a schedule, which would take longer than to draw the weights of a new network.
        store, numbers = self.store, self.links.numbers()
        slots = store.slot_of[numbers]
        is_bias = np.array([isinstance(node, Bias) for node in self.names.rows], dtype=bool)
        return slots, Draws(rule, is_bias, self.links.ends, store.weights[slots], store.trainable[slots])

    def function_exchanged(self) -> None:
        """Note that an activation or a constant was exchanged: the last run is out of date, and what engines cut."""
        self.store.changed()
        if self._schedule is not None:
            self._schedule.clear_cache()
        self._exchanges += 1

    # ---- edits --------------------------------------------------------------------------------------------

    def add(self, kind: str, name: str | None, activation: object = None, aggregation: object = "sum") -> Node:
        """Add an input, hidden or output node; see `nodesim.Network.add_hidden`."""
        self.lock.check_editable()
        checked = self.names.check(name, kind)
        function = None if activation is None and kind == "input" else lookup.activation(activation)
        made_by = None if kind == "input" else lookup.aggregation(aggregation)
        return self.enter(Node(self, kind, checked, self.names.next_row(), function, made_by))

    def add_bias(self, name: str | None, value: float) -> Bias:
        """Add a bias node; see `nodesim.Network.add_bias`."""
        self.lock.check_editable()
        checked = self.names.check(name, "bias")
        constant = self.store.check(finite(value, what := f"the value of bias node {checked}"), what)
        return self.enter(Bias(self, checked, self.names.next_row(), constant))

    def enter(self, node: N) -> N:
        """Take in a new node whose name and row are known to be right."""
        self.names.add_node(node)
        self._graph.add_node(node)
        cast(NodeAttributes, self._graph.nodes[node]).node = node
        self.order.append(node)
        self.store.restructured()
        return node

    def connect(
        self, source: str | Node, target: str | Node, weight: float | None, name: str | None, trainable: bool,
        delay: int = 0,
    ) -> Connection:  # fmt: skip
        """Connect two nodes; see `nodesim.Network.connect`."""
        self.lock.check_editable()
        self.links.made()
        start = source if isinstance(source, Node) and source._owner is self else self.node(source)
        end = target if isinstance(target, Node) and target._owner is self else self.node(target)
        if type(delay) is not int or delay:
            delay = checked_delay(start, end, delay)
        if end._kind not in FED or (start is end and not delay) or end in self._successors[start]:
            refuse(start, end, self._successors[start].get(end))
        number = self.links.free_number()
        own_name = self.names.label(name, number)
        # What is right already passes quickly; whatever else is checked, and named if it is refused.
        if weight is not None and not (type(weight) is float and isfinite(weight)):
            weight = finite(weight, f"the weight of {self.names.check(name, 'connection')}")
        if trainable is not True:
            trainable = flag(trainable, f"trainable of {self.names.check(name, 'connection')}")
        if weight is not None and abs(weight) > self.store.largest:
            self.store.check(weight, f"the weight of {start.name} -> {end.name}")
        if not delay:
            self.order.admit(start, end)
        if weight is None:
            weight = self._draw(start, end)
        connection = Connection()
        fasten(connection, start, end, number, own_name)
        if self.kept:
            self.kept[-1].coming(connection)
        self._link(start, end, connection)
        self.links.add(connection, start._row, end._row, own_name, delay)
        self.store.occupy(number, weight, trainable)
        return connection

    def _draw(self, start: Node, end: Node) -> float:
        entering = sum(node.kind != "bias" for node in self._predecessors[end]) if self.initializer.fans else 0
        fans = 1 + entering, 1 + len(self._successors[start])
        return drawn_one(self.initializer, self.generator, start, *fans, self.store.weights.dtype)

    def disconnect(self, source: object, target: object) -> Connection:
        """Remove a connection, given by its two ends, or by itself or its name; see `nodesim.Network.disconnect`."""
        self.lock.check_editable()
        connection = self.connection(source) if target is None else self._between(source, target)
        self._detach(connection)
        return connection

    def _between(self, source: object, target: object) -> Connection:
        self.links.made()
        start, end = self.node(source), self.node(target)
        if end not in self._successors[start]:
            raise StructureError(f"{start.name} and {end.name} are not connected.")
        found: Connection = self._successors[start][end]
        return found

    def _detach(self, connection: Connection) -> None:
        if self.kept:
            self.kept[-1].going(connection)
        self.ties.discard(connection.number)
        self.names.remove_connection(connection)
        self._graph.remove_edge(connection.source, connection.target)
        self.store.vacate(connection.number)
        release(connection)

    def remove(self, element: object) -> tuple[Connection, ...]:
        """Remove a node together with its connections, or a connection; see `nodesim.Network.remove`."""
        self.lock.check_editable()
        found = self.element(element)
        if isinstance(found, Connection):
            self._detach(found)
            return (found,)
        self.links.made()
        # A self-loop enters and leaves.
        gone = in_order({*self._predecessors[found].values(), *self._successors[found].values()})
        for connection in gone:
            self._detach(connection)
        self._graph.remove_node(found)
        self.names.remove_node(found)
        self.order.discard(found)
        self.store.restructured()
        release(found)
        return gone

    def split(self, connection: object, name: str | None, activation: object) -> Node:
        """Put a new hidden node into the middle of a connection; see `nodesim.Network.split`."""
        self.lock.check_editable()
        old = self.connection(connection)
        start, end, weight, trainable, delay = old.source, old.target, old.weight, old.trainable, old.delay
        middle = self.add("hidden", name, activation)
        tie = self.ties.leave(old.number)
        self._detach(old)
        # This one first: it takes the old number, and with it the old place in the sum, whose last digits stay.
        onward = self.connect(middle, end, weight, None, trainable)
        self.connect(start, middle, 1.0, None, trainable, delay)
        if tie is not None:
            self.ties.extend(tie, [onward.number])
        return middle

    # ---- ties ---------------------------------------------------------------------------------------------

    def tie(self, uses: tuple[object, ...], name: str | None) -> Tie:
        """Let connections share one weight, or give a tie further uses; see `nodesim.Network.tie`."""
        self.lock.check_editable()
        tie = self.ties.named(uses[0]) if uses else None
        connections = [self.connection(each) for each in (uses if tie is None else uses[1:])]
        numbers = free_numbers(connections, tie, name)
        if tie is None:
            return self.tie_all([(self.names.check(name, "tie"), numbers)])[0]
        return self.ties.extend(tie, numbers)

    def tie_all(self, ties: Iterable[tuple[str, Sequence[int]]]) -> list[Tie]:
        """Tie many connections at once.

        Parameters
        ----------
        ties : iterable of (name, numbers)
            Names that are free, and the numbers of connections that are, the one first whose weight is taken.
        """
        return self.ties.make(ties)

    def untie(self, tie: object) -> Tie:
        """Give each use of a tie a weight of its own; see `nodesim.Network.untie`."""
        self.lock.check_editable()
        return self.ties.remove(tie)

    # ---- trials -------------------------------------------------------------------------------------------

    def keep(self) -> KeptStructure:
        """Return what it is now; in `kept` it is told of edits, so that they can be undone."""
        self.lock.check_editable()
        # First: asking for a schedule may close rows.
        schedule, graph = self.schedule, self._graph
        return KeptStructure(
            schedule, self.names, self.links, self.ties, self.order, graph._node, graph._succ, graph._pred,  # type: ignore[attr-defined]
            self._exchanges,
        )  # fmt: skip

    def put_back(self, kept: KeptStructure) -> None:
        """Undo all edits since this was kept, also what was kept later; the numbers are left to be put back."""
        self.lock.check_editable()
        while kept in self.kept:
            last = self.kept[-1]
            last.restore(self, self.store)
            self._schedule = last.schedule
            if last.exchanges != self._exchanges:
                # What was built of this schedule meanwhile may be of other functions.
                self.function_exchanged()
            self.kept = self.kept[:-1]


def _dtype(given: object) -> str:
    """Return the name of a type of numbers: numpy's own objects, such as ``np.float32``, are those of their names."""
    return one_of(np.dtype(given).name if isinstance(given, type | np.dtype) else given, DTYPES, "dtype")
