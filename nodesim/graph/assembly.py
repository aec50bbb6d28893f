"""ASSEMBLY: a network's structure, edited node by node and connection by connection.

Every edit is checked first and then made, so that a refused one leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any

import numpy as np

from nodesim.errors import ArgumentError, StructureError
from nodesim.functions.contracts import Initializer
from nodesim.functions.guard import called
from nodesim.graph.collector import paused_collector
from nodesim.graph.elements import Bias, Connection, Node, in_order
from nodesim.graph.structure import Structure
from nodesim.notation.symbols import with_article
from nodesim.plugins import lookup
from nodesim.validation import finite, flag

_FED = frozenset(("hidden", "output"))
_ONE = np.ones(1, dtype=np.intp)


class Assembly(Structure):
    """The structure and the weights of a network, and everything that edits them; see `Network`."""

    def add_input(self, name: str | None = None) -> Node:
        """Add an input node.

        Parameters
        ----------
        name : str, optional
            Any non-empty string that is free; by default the next free of I1, I2, ...

        Raises
        ------
        StructureError
            If the name is taken.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network().add_input()
        <Node I1 (input)>
        """
        return self._add("input", name, None)

    def add_hidden(self, name: str | None = None, activation: object = "sigmoid") -> Node:
        """Add a hidden node: H is its weighted sum, HA = activation(H).

        Parameters
        ----------
        name : str, optional
            Any non-empty string that is free; by default the next free of H1, H2, ...
        activation : str or Activation
            A registered name, or the result of `nodesim.activation`, or an `Activation` of your own.

        Raises
        ------
        StructureError, UnknownNameError
            If the name is taken, or the activation is unknown.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network().add_hidden(activation="tanh")
        <Node H1 (hidden, tanh)>
        """
        return self._add("hidden", name, activation)

    def add_output(self, name: str | None = None, activation: object = "linear") -> Node:
        """Add an output node: O is its weighted sum, OA = activation(O) a network output.

        Parameters and errors as for `add_hidden`; names are O1, O2, ... by default.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network().add_output("price")
        <Node price (output, linear)>
        """
        return self._add("output", name, activation)

    def add_bias(self, name: str | None = None, value: float = 1.0) -> Bias:
        """Add a bias node: a constant.

        Parameters
        ----------
        name : str, optional
            Any non-empty string that is free; by default the next free of B1, B2, ...
        value : float
            The constant.

        Raises
        ------
        StructureError, ArgumentError
            If the name is taken, or the value is not a finite number.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network().add_bias(value=0.5)
        <Bias B1 (bias)>
        """
        self._editable()
        checked = self._names.check(name, "bias")
        bias = Bias(self, checked, self._names.next_row(), finite(value, f"the value of bias node {checked}"))
        self._enter(bias)
        return bias

    def _add(self, kind: str, name: str | None, activation: object) -> Node:
        self._editable()
        checked = self._names.check(name, kind)
        function = None if activation is None and kind == "input" else lookup.activation(activation)
        node = Node(self, kind, checked, self._names.next_row(), function)
        self._enter(node)
        return node

    def _enter(self, node: Node) -> None:
        self._names.add_node(node)
        self._graph.add_node(node)
        self._order.append(node)
        self.store.restructured()

    def connect(
        self,
        source: str | Node,
        target: str | Node,
        weight: float | None = None,
        *,
        name: str | None = None,
        trainable: bool = True,
    ) -> Connection:
        """Connect two nodes.

        Parameters
        ----------
        source, target : str or Node
            Nodes of this network, or their names. The target is a hidden or an output node.
        weight : float, optional
            By default it is drawn by the network's initializer, N(0, 1) unless told otherwise.
        name : str, optional
            Any non-empty string that is free; by default the next free of W1, W2, ...
        trainable : bool
            False freezes the weight.

        Returns
        -------
        Connection

        Raises
        ------
        StructureError
            If the nodes are connected already, the target is an input or bias node, or the name is taken.
        CycleError
            If it would close a cycle; the message prints it.
        UnknownNameError, StaleElementError, ArgumentError
            If a node is unknown or not of this network, or the weight is not a finite number.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network()
        >>> I1, H1 = net.add_input(), net.add_hidden()
        >>> net.connect(I1, H1, weight=0.15)
        <Connection W1: I1 -> H1 = 0.15>
        """
        self._editable()
        start = source if isinstance(source, Node) and source._owner is self else self.node(source)
        end = target if isinstance(target, Node) and target._owner is self else self.node(target)
        if end._kind not in _FED or start is end or self._graph.has_edge(start, end):
            self._refuse(start, end)
        slot = self._names.free_slot()
        label = self._names.label(name, slot)
        if weight is not None and not (type(weight) is float and isfinite(weight)):
            weight = finite(weight, f"the weight of {self._names.check(name, 'connection')}")
        if trainable is not True:
            trainable = flag(trainable, f"trainable of {self._names.check(name, 'connection')}")
        if weight is not None:
            self.store.check(weight, f"{start.name} -> {end.name}")
        self._order.admit(start, end)
        if weight is None:
            weight = self._draw(start, end)
        connection = self._link(start, end, slot, label)
        self.store.occupy(slot, weight, trainable)
        return connection

    def _link(self, start: Node, end: Node, slot: int, label: str | None) -> Connection:
        self._graph.add_edge(start, end)
        connection: Connection = self._graph.get_edge_data(start, end)  # type: ignore[assignment]
        connection._source, connection._target, connection._slot, connection._label = start, end, slot, label
        self._names.add_connection(connection)
        return connection

    def _link_all(self, pairs: Iterable[tuple[Node, Node]]) -> None:
        """Connect many pairs that are known to be new and free of cycles, in slots behind all others, at weight 0."""
        first = len(self._names.slots)
        with paused_collector():
            for slot, (start, end) in enumerate(pairs, first):
                self._link(start, end, slot, None)
        self.store.occupy_all(first, len(self._names.slots) - first)

    def _refuse(self, start: Node, end: Node) -> None:
        if end.kind in ("input", "bias"):
            raise StructureError(
                f"{start.name} -> {end.name}: nothing can be connected into {with_article(end.kind)} node."
            )
        if start is end:
            raise StructureError(f"{start.name} -> {end.name} would be a self-loop; a feed-forward network has none.")
        raise StructureError(
            f"{start.name} and {end.name} are connected already, by {self._graph.succ[start][end]!r}. "
            "Set its weight, or disconnect it first."
        )

    def _draw(self, start: Node, end: Node) -> float:
        if self._initializer.bias is not None and start.kind == "bias":
            return self._initializer.bias
        fans = _ONE, _ONE
        if self._initializer.fans:
            entering = sum(node.kind != "bias" for node in self._graph.pred[end])
            fans = np.array([1 + entering]), np.array([1 + self._graph.out_degree(start)])
        return float(_drawn(self._initializer, self._generator, *fans)[0])

    def initialize(self, initializer: object = None) -> None:
        """Draw all weights of trainable connections anew, in connection order.

        Parameters
        ----------
        initializer : str or Initializer, optional
            By default the network's own. Those that depend on the fan of a node (xavier_*, he_*) are meant
            to be used like this, when all connections are there.

        Raises
        ------
        UnknownNameError, FunctionError
            If the initializer is unknown, or does not return finite weights.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1])
        >>> net.initialize("zeros")
        >>> net.weights.any()
        np.False_
        """
        rule = self._initializer if initializer is None else lookup.initializer(initializer)
        schedule, weights = self.schedule, self.weights
        biased = np.fromiter((node._kind == "bias" for node in schedule.nodes), bool, schedule.n_rows)[schedule.sources]
        fan_in = np.bincount(schedule.targets[~biased], minlength=schedule.n_rows)[schedule.targets]
        fan_out = np.bincount(schedule.sources, minlength=schedule.n_rows)[schedule.sources]
        trained = self.store.trainable[schedule.slots]
        drawn = trained if rule.bias is None else trained & ~biased
        if drawn.any():
            weights[drawn] = _drawn(rule, self._generator, fan_in[drawn], fan_out[drawn])
        weights[trained & ~drawn] = 0.0 if rule.bias is None else rule.bias
        self.weights = weights

    def disconnect(self, source: str | Node | Connection, target: str | Node | None = None) -> Connection:
        """Remove a connection, given by its two ends, or by itself or its name.

        Returns
        -------
        Connection
            The removed connection; it has a name and two ends, but no numbers any more.

        Raises
        ------
        StructureError
            If the two nodes are not connected.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> net.disconnect("I1", "H1")
        <Connection W1: I1 -> H1, removed>
        """
        self._editable()
        ends: Any = source
        connection = self.connection(ends) if target is None else self._between(ends, target)
        self._detach(connection)
        return connection

    def _between(self, source: Any, target: Any) -> Connection:
        start, end = self.node(source), self.node(target)
        if end not in self._graph.succ[start]:
            raise StructureError(f"{start.name} and {end.name} are not connected.")
        found: Connection = self._graph.succ[start][end]  # type: ignore[assignment]
        return found

    def _detach(self, connection: Connection) -> None:
        self._names.remove_connection(connection)
        self._graph.remove_edge(connection.source, connection.target)
        self.store.vacate(connection._slot)

    def remove(self, element: str | Node | Connection) -> tuple[Connection, ...]:
        """Remove a node together with its connections, or a connection.

        Returns
        -------
        tuple of Connection
            The connections that went, in connection order.

        Raises
        ------
        UnknownNameError, StaleElementError
            If it is unknown, removed already, or of another network.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> [connection.name for connection in net.remove("H2")]
        ['W2', 'W4', 'W6', 'W8']
        """
        self._editable()
        found = self.element(element)
        if isinstance(found, Connection):
            self._detach(found)
            return (found,)
        gone = in_order((*self._graph.pred[found].values(), *self._graph.succ[found].values()))
        for connection in gone:
            self._detach(connection)
        self._graph.remove_node(found)
        self._names.remove_node(found)
        self.store.restructured()
        found._owner = None
        return gone

    def split(self, connection: str | Connection, name: str | None = None, activation: object = "linear") -> Node:
        """Put a new hidden node into the middle of a connection.

        The connection is replaced by two: one of weight 1 into the new node, and one of the old weight out
        of it. With the default linear activation the network calculates what it calculated before.

        Parameters
        ----------
        connection : str or Connection
        name : str, optional
            The new node's name; by default the next free of H1, H2, ...
        activation : str or Activation

        Returns
        -------
        Node
            The new node.

        Raises
        ------
        UnknownNameError, StaleElementError, StructureError
            If the connection or the activation is unknown, or the name is taken.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1, 1], bias=False, seed=0)
        >>> net.split("W2").outgoing[0].target.name
        'O1'
        """
        self._editable()
        old = self.connection(connection)
        start, end, weight, trainable = old.source, old.target, old.weight, old.trainable
        middle = self.add_hidden(name, activation)
        self._detach(old)
        self.connect(start, middle, weight=1.0, trainable=trainable)
        self.connect(middle, end, weight=weight, trainable=trainable)
        return middle

    def _editable(self) -> None:
        if self._busy:
            raise StructureError(f"the network cannot be edited while {self._busy}.")


def _drawn(rule: Initializer, generator: np.random.Generator, fan_in: Any, fan_out: Any) -> Any:
    state = generator.bit_generator.state
    try:
        weights = called(rule.function, (generator, fan_in, fan_out), fan_in.shape, lambda: rule.label)
        if not isfinite(weights.sum()) and not np.isfinite(weights).all():
            raise ArgumentError(f"{rule.label} drew a weight that is not finite.")
    except Exception:
        generator.bit_generator.state = state
        raise
    return weights
