"""What a network consists of, and how it is looked up.

The structure lives in a networkx `DiGraph` whose nodes are `Node` and `Bias` objects and whose edges carry
their `Connection`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import networkx as nx
import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, ArgumentTypeError, StaleElementError, StateError
from nodesim.functions.contracts import Initializer
from nodesim.graph.elements import Connection, Layer, Node
from nodesim.graph.namespace import Namespace
from nodesim.graph.schedule import Schedule
from nodesim.graph.store import Store
from nodesim.graph.topological_order import TopologicalOrder
from nodesim.notation.symbols import with_article
from nodesim.plugins import lookup
from nodesim.validation import numbers, shortened

DTYPES = ("float64", "float32")
Seed = int | np.random.Generator | None


class Structure:
    """The graph of a network, its names and numbers, and how they are looked up; see `Network`."""

    def __init__(self, *, seed: Seed = None, initializer: object = "normal", dtype: str = "float64") -> None:
        if dtype not in DTYPES:
            raise ArgumentError(f"dtype must be one of {', '.join(DTYPES)}, got {shortened(dtype)}.")
        self.store = Store(np.dtype(dtype))
        self._generator = _generator(seed)
        self._initializer = lookup.initializer(initializer)
        self._names = Namespace()
        self._graph: nx.DiGraph[Node] = nx.DiGraph()
        # The public way to make a networkx edge carry an object that is its own attribute mapping.
        self._graph.edge_attr_dict_factory = Connection  # type: ignore[misc, assignment]
        self._order = TopologicalOrder(self._graph)
        self._schedule: Schedule | None = None
        self._busy = ""

    @property
    def graph(self) -> nx.DiGraph[Node]:
        """The structure as a live, read-only networkx `DiGraph` of `Node` objects.

        ``graph.edges[u, v]["connection"]`` is the `Connection`, ``["weight"]`` its weight of this moment.
        ``network.graph.copy()`` is a graph of your own, with plain dicts.
        """
        view: nx.DiGraph[Node] = self._graph.copy(as_view=True)
        return view

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes, bias nodes included, in the order in which they were added."""
        return tuple(node for node in self._names.rows if node is not None)

    @property
    def inputs(self) -> tuple[Node, ...]:
        """The input nodes: the columns of x."""
        return self._of_kind("input")

    @property
    def hidden(self) -> tuple[Node, ...]:
        """The hidden nodes."""
        return self._of_kind("hidden")

    @property
    def outputs(self) -> tuple[Node, ...]:
        """The output nodes: the columns of y."""
        return self._of_kind("output")

    @property
    def biases(self) -> tuple[Node, ...]:
        """The bias nodes."""
        return self._of_kind("bias")

    def _of_kind(self, kind: str) -> tuple[Node, ...]:
        return tuple(node for node in self._names.rows if node is not None and node.kind == kind)

    @property
    def connections(self) -> tuple[Connection, ...]:
        """All connections, in the order of their default numbers W1, W2, ..."""
        return tuple(connection for connection in self._names.slots if connection is not None)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers, from the input layer to the output layer."""
        return self.schedule.layers

    @property
    def dtype(self) -> str:
        """What the numbers are: "float64", or "float32", in which gradients agree to 1e-4 of the scale."""
        return str(self.store.weights.dtype)

    @property
    def weights(self) -> Array:
        """A copy of all weights, shape (n_connections,), in connection order; set it to change them all."""
        weights: Array = self.store.weights[self.schedule.slots]
        return weights

    @weights.setter
    def weights(self, weights: Any) -> None:
        slots = self.schedule.slots
        new = numbers(weights, "weights")
        if new.shape != slots.shape or not np.isfinite(new).all():
            raise ArgumentError(f"weights must be {len(slots)} finite numbers, got {shortened(weights)}.")
        self.store.check(max(map(abs, new.tolist()), default=0.0), "a connection")
        self.store.weights[slots] = new
        self.store.changed()

    @property
    def gradients(self) -> Array:
        """A copy of ∂e/∂W of the last backward, shape (n_connections,), in connection order."""
        if not self.store.has_gradients:
            raise StateError("there are no gradients now: run network.forward(x) and network.backward(y) first.")
        gradients: Array = self.store.gradients[self.schedule.slots]
        return gradients

    @property
    def initializer(self) -> Initializer:
        """How weights are drawn."""
        return self._initializer

    def _describe_slot(self, slot: int) -> str:
        connection = self._names.slots[slot]
        assert connection is not None
        return f"{connection.name} ({connection.source} -> {connection.target})"

    @property
    def schedule(self) -> Schedule:
        """The order of evaluation of this structure; cut again after an edit."""
        if self._schedule is None or self._schedule.structure != self.store.structure:
            # An edit forgot the last run, so that nothing refers to rows now.
            self._names.close_rows()
            self._schedule = Schedule(self.nodes, self.connections, self.store.structure)
        return self._schedule

    def _exchanged(self) -> None:
        """Note that an activation was exchanged: the last run is out of date, and what engines cut."""
        self.store.changed()
        if self._schedule is not None:
            self._schedule.forget_cuts()

    def __getitem__(self, name: str) -> Any:
        """Return the node or connection of a name.

        Raises
        ------
        UnknownNameError
            If there is none; the message suggests the nearest name.
        """
        return self._names.find(name)

    def __contains__(self, name: object) -> bool:
        if isinstance(name, Node | Connection):
            return name is self._names.get(name.name)
        return isinstance(name, str) and name in self._names

    def __len__(self) -> int:
        return len(self._graph)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def node(self, node: str | Node) -> Node:
        """Return a node of this network from its name or itself.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError
            If it is unknown, removed or of another network, or no node.
        """
        found = self.element(node)
        if isinstance(found, Connection):
            raise ArgumentTypeError(f"{found.name} is a connection; a node is needed here.")
        return found

    def connection(self, connection: str | Connection) -> Connection:
        """Return a connection of this network from its name or itself.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError
            If it is unknown, removed or of another network, or no connection.
        """
        found = self.element(connection)
        if isinstance(found, Node):
            raise ArgumentTypeError(
                f"{found.name} is {with_article(found.kind)} node, not a connection; a connection is needed here."
            )
        return found

    def get(self, name: str) -> Node | Connection | None:
        """Return the node or connection of a name, or None."""
        return self._names.get(name)

    def element(self, element: object) -> Node | Connection:
        """Return a node or connection of this network from its name or itself.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError
            If it is unknown, removed or of another network, or neither.
        """
        if not isinstance(element, Node | Connection):
            return self._names.find(element)
        if element.network is not self:
            raise StaleElementError(f"{element.name} belongs to another network.")
        return element


def _generator(seed: Any) -> np.random.Generator:
    if isinstance(seed, np.random.Generator):
        return seed
    if seed is None or (isinstance(seed, int | np.integer) and not isinstance(seed, bool) and seed >= 0):
        return np.random.default_rng(seed)
    raise ArgumentError(f"seed must be a whole number of at least 0, a numpy Generator or None, got {seed!r}.")
