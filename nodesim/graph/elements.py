"""What a network is made of: `Node`, `Bias`, `Connection`, `Layer`. Windows on the store; no arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from nodesim._arrays import Array, read_only
from nodesim.errors import StaleElementError, StateError, StructureError
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation
from nodesim.graph.edge_data import EdgeData
from nodesim.graph.element import Element
from nodesim.graph.lock import Lock
from nodesim.graph.store import Store
from nodesim.notation.symbols import LETTERS, with_article
from nodesim.plugins import lookup
from nodesim.showing import shown
from nodesim.validation import finite, flag

if TYPE_CHECKING:
    # `H1.network` is a `Network` to a type checker, though this room lies below that of `Network` and must not import
    # it: elements are generic in what they show as their network, and a network hands out `Node[Network]`. Rooms that
    # do not care write `Node`: the default (PEP 696) fills in the parameter, which mypy would ask for otherwise. Type
    # checkers bring typing_extensions; Python itself has such defaults from 3.13 on, and runs without them here.
    from typing_extensions import TypeVar as TypeVarWithDefault

    Net = TypeVarWithDefault("Net", default=Any)
else:
    Net = TypeVar("Net")


class Owner(Protocol):
    """What elements ask of the structure that they belong to.

    Attributes
    ----------
    store : Store
        Where their numbers live.
    lock : Lock
        What refuses to set them while they are trained.
    face : Any
        What they show as their network.
    ties : Ties
        Which connections share a weight; see `nodesim.graph.ties`.
    """

    store: Store
    lock: Lock
    face: Any
    ties: Any

    def incoming(self, node: Node) -> tuple[Connection, ...]:
        """Return the connections that enter a node, in connection order."""

    def outgoing(self, node: Node) -> tuple[Connection, ...]:
        """Return the connections that leave a node, in connection order."""

    def layer_of(self, node: Node) -> Layer:
        """Return the layer that a node stands in."""

    def delay_of(self, number: int) -> int:
        """Return by how many steps in time the connection of a number is delayed."""

    def function_exchanged(self) -> None:
        """Note that an activation was exchanged."""

    def get(self, name: str) -> Node | Connection | None:
        """Return the element of a name, or None."""

    def element(self, element: object) -> Node | Connection:
        """Return an element from its name or itself."""

    def node(self, node: object) -> Node:
        """Return a node from its name or itself."""

    def __contains__(self, name: object) -> bool: ...


class Node(Element, Generic[Net]):
    """A node: the basic unit of computation, one circle and two quantities, H and HA.

    Made by `Network.add_input`, `Network.add_hidden` and `Network.add_output`.

    Parameters
    ----------
    owner : object
        The structure that the node belongs to.
    kind : {"input", "hidden", "output", "bias"}
        What the node is for.
    name : str
        Unique in the network.
    row : int
        The address of its numbers in the tables of a run.
    activation : Activation or None
        What makes HA of H; None for inputs and bias nodes.
    aggregation : Aggregation or None
        What makes H of what comes in; None for inputs and bias nodes.

    See Also
    --------
    Network.add_hidden : Add a node to a network.
    Network.node : Return a node by its name.
    Connection : What leads from one node to another.
    Network.paths : What feeds ∂e/∂H, or ∂e/∂HA, of a node.

    References
    ----------
    Article, section 1.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> _ = net.forward([0.5, -0.5])
    >>> H1 = net["H1"]
    >>> H1.kind, H1.activation, H1.activated == H1.activation(H1.value)
    ('hidden', <activation sigmoid>, np.True_)
    """

    __slots__ = ("__weakref__", "_activation", "_aggregation", "_kind", "_name", "_owner", "_row")

    def __init__(
        self, owner: Owner, kind: str, name: str, row: int, activation: Activation | None,
        aggregation: Aggregation | None = None,
    ) -> None:  # fmt: skip
        self._owner: Owner | None = owner
        self._kind, self._name, self._row, self._activation = kind, name, row, activation
        self._aggregation = aggregation

    @property
    def name(self) -> str:
        """The node's name, unique in its network."""
        return self._name

    @property
    def kind(self) -> str:
        """One of "input", "hidden", "output" and "bias"."""
        return self._kind

    @property
    def row(self) -> int:
        """The node's address: its row in the tables of a run. It may change when nodes are removed."""
        return self._row

    @property
    def owner(self) -> Owner:
        """The structure that the node belongs to.

        Raises
        ------
        StaleElementError
            If the node was removed.
        """
        if self._owner is None:
            raise StaleElementError(f"{self._name} was removed from its network and has no numbers any more.")
        return self._owner

    @property
    def network(self) -> Net:
        """The `Network` that the node belongs to.

        Raises
        ------
        StaleElementError
            If the node was removed.
        """
        return cast(Net, self.owner.face)

    @property
    def activation(self) -> Activation | None:
        """The activation function, None for inputs and bias nodes; set it by name or object.

        Raises
        ------
        StructureError, UnknownNameError
            When it is set: if the node is an input or a bias node, or there is no such activation.
        """
        return self._activation

    @activation.setter
    def activation(self, activation: object) -> None:
        self.owner.lock.check_settable()
        if self._activation is None:
            raise StructureError(f"{self._name} is {with_article(self._kind)} node: it has no activation to be set.")
        self._activation = lookup.activation(activation)
        self.owner.function_exchanged()

    @property
    def aggregation(self) -> Aggregation | None:
        """What makes H of what comes in, the sum in most nodes, None for inputs and bias nodes; set it likewise.

        Raises
        ------
        StructureError, UnknownNameError
            When it is set: if the node is an input or a bias node, or there is no such aggregation.
        """
        return self._aggregation

    @aggregation.setter
    def aggregation(self, aggregation: object) -> None:
        self.owner.lock.check_settable()
        if self._aggregation is None:
            raise StructureError(f"{self._name} is {with_article(self._kind)} node: nothing comes in to be aggregated.")
        self._aggregation = lookup.aggregation(aggregation)
        self.owner.function_exchanged()

    @property
    def value(self) -> float | Array:
        """H, the weighted sum, or what another aggregation makes of what comes in.

        A float for one sample, for a batch a read-only array of shape (n_samples,).

        Raises
        ------
        StateError
            If nothing was run since the network was made, edited or trained.
        """
        return self._read("value")

    @property
    def activated(self) -> float | Array:
        """HA, the activation function of H, shaped like `value`; for inputs and bias nodes the value itself.

        Raises
        ------
        StateError
            As for `value`.
        """
        return self._read("activated")

    @property
    def delta(self) -> float | Array:
        """∂e/∂H of each sample's own error, shaped like `value`; for inputs and bias nodes ∂e/∂I and ∂e/∂B.

        Raises
        ------
        StateError
            Without a backward of the last run.
        """
        run = self.owner.store.run
        if run is not None and run.errors is None:
            raise StateError(f"{self._name} has no delta yet: run network.backward(y) first.")
        return self._read("delta")

    @property
    def mask(self) -> float | Array:
        """By what HA was multiplied, shaped like `value`: 0 where dropout dropped it, 1 / (1 - p) where it might have.

        Without dropout 1.

        Raises
        ------
        StateError
            As for `value`.
        """
        return self._read("mask")

    def _read(self, what: str) -> float | Array:
        # Read in loops over nodes: `owner`, one call more, is only asked for its complaint.
        run = (self.owner if self._owner is None else self._owner).store.run
        if run is None:
            raise StateError(
                f"{self._name} has no {what} now: nothing was run since the network was made, edited or trained. "
                "Run network.forward(x) first."
            )
        row = run.rows(what, self._row)
        return float(row[0]) if run.single else cast(Array, read_only(row.copy()))

    @property
    def incoming(self) -> tuple[Connection[Net], ...]:
        """The connections that enter the node, in the order of the weighted sum."""
        return self.owner.incoming(self)

    @property
    def outgoing(self) -> tuple[Connection[Net], ...]:
        """The connections that leave the node, in connection order."""
        return self.owner.outgoing(self)

    @property
    def layer(self) -> Layer:
        """The layer that the node stands in."""
        return self.owner.layer_of(self)

    def __str__(self) -> str:
        return self._name

    def __repr__(self) -> str:
        activation = f", {self._activation}" if self._activation is not None else ""
        if self._aggregation is not None and not self._aggregation.is_sum:
            activation = f", {self._aggregation}{activation}"
        removed = ", removed" if self._owner is None else ""
        return shown(f"<{type(self).__name__} {self._name} ({self._kind}{activation}{removed})>")


class Bias(Node[Net]):
    """A bias node: a constant, normally 1.0, like the b of y = mx + b. Made by `Network.add_bias`.

    Parameters
    ----------
    owner : object
        The structure that the node belongs to.
    name : str
        Unique in the network.
    row : int
        The address of its numbers in the tables of a run.
    value : float
        The constant.

    See Also
    --------
    Network.add_bias : Add a bias node to a network.
    Node : What a bias node has in common with the others.

    References
    ----------
    Article, section 1.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.Network().add_bias().value
    1.0
    """

    __slots__ = ("_constant",)

    def __init__(self, owner: Owner, name: str, row: int, value: float) -> None:
        super().__init__(owner, "bias", name, row, None)
        self._constant = value

    @property
    def value(self) -> float:
        """The constant; set it to another finite number.

        Raises
        ------
        ArgumentError
            When it is set to something else than a finite number, or to one too large for the network's numbers.
        """
        return self._constant

    @value.setter
    def value(self, value: float) -> None:
        (owner := self.owner).lock.check_settable()
        self._constant = owner.store.check(finite(value, what := f"the value of bias node {self._name}"), what)
        owner.function_exchanged()

    @property
    def activated(self) -> float:
        """The constant itself."""
        return self._constant


class Connection(EdgeData, Element, Generic[Net]):
    """A connection: a weighted relationship from one node to another. Made by `Network.connect`.

    A connection is at the same time the data of its edge in `Network.graph`: it maps "connection" to
    itself, and "name", "weight", "trainable" and "order" to what they are, and where it has one "tie" to the name
    of its tie and "delay" to its delay, so that every networkx algorithm that takes a ``weight`` sees the weight of
    this moment.

    See Also
    --------
    Network.connect : Make a connection.
    Network.connection : Return a connection by its name.
    Network.graph : The graph whose edges have these data.
    Network.paths : What feeds the gradient of the weight.

    References
    ----------
    Article, section 1.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> net["W1"].weight = 0.15
    >>> net.graph.edges[net["I1"], net["H1"]]["weight"]
    0.15
    """

    # One object is both what users hold and the data that networkx keeps at the edge. A weight in a dict of the edge,
    # beside the object, would be a second copy, wrong after the next step of a training, and the dict would cost some
    # two hundred bytes for each of perhaps a million connections. As a Mapping that reads the store when it is asked,
    # the edge has the weight of this moment, and networkx's algorithms run on the graph itself. So networkx makes
    # connections, without arguments, where it would make a dict (`edge_attr_dict_factory`): there is no __init__, and
    # `fasten` gives them their ends. They have no dict of their own either, and keep a name only where it is not
    # W<number + 1>.
    __slots__ = ("_label", "_number", "_source", "_target")

    _source: Node[Net]
    _target: Node[Net]
    _number: int
    _label: str | None

    @property
    def name(self) -> str:
        """The connection's name, unique in its network: W1, W2, ... unless another was given."""
        return self._label or f"{LETTERS['connection']}{self.number + 1}"

    @property
    def own_name(self) -> str | None:
        """The name where it is not W<number + 1>, else None."""
        return self._label

    @property
    def number(self) -> int:
        """The connection's number, from 0 on, for as long as it lives: connections stand in the order of theirs."""
        return self._number if self._number >= 0 else ~self._number

    @property
    def slot(self) -> int:
        """Where the store keeps the numbers of the connection now; after an edit it may be another place.

        Raises
        ------
        StaleElementError
            If the connection was removed.
        """
        return int(self.owner.store.slot_of[self._number])

    @property
    def source(self) -> Node[Net]:
        """The node it comes from."""
        return self._source

    @property
    def target(self) -> Node[Net]:
        """The node it leads to."""
        return self._target

    @property
    def delay(self) -> int:
        """By how many steps in time the source is delayed: 0 unless it was connected with another delay.

        Raises
        ------
        StaleElementError
            If the connection was removed.
        """
        return self.owner.delay_of(self._number)

    @property
    def weight(self) -> float:
        """The weight W; set it to another finite number, which all uses of a tied weight take.

        Raises
        ------
        ArgumentError
            When it is set to something else than a finite number.
        StaleElementError
            If the connection was removed.
        """
        store = self.owner.store
        return float(store.weights[store.slot_of[self._number]])

    @weight.setter
    def weight(self, weight: float) -> None:
        (owner := self.owner).lock.check_settable()
        store, number = owner.store, finite(weight, f"the weight of {self.name}")
        store.check(number, f"the weight of {self.name}")
        store.weights[store.slot_of[owner.ties.numbers(self._number)]] = number
        store.changed()

    @property
    def trainable(self) -> bool:
        """Whether updates change the weight, in all uses if it is tied; a frozen connection still has a gradient."""
        store = self.owner.store
        return bool(store.trainable[store.slot_of[self._number]])

    @trainable.setter
    def trainable(self, trainable: bool) -> None:
        (owner := self.owner).lock.check_settable()
        wanted, store = flag(trainable, f"trainable of {self.name}"), owner.store
        store.trainable[store.slot_of[owner.ties.numbers(self._number)]] = wanted

    @property
    def gradient(self) -> float:
        """∂e/∂W of the last backward: the mean over its samples, or what `Network.gradients` was set to since.

        Of a tied weight it is what this use contributes; `Tie.gradient` is the sum over the uses.

        Raises
        ------
        StateError
            Without a backward on the weights as they are.
        """
        store = self.owner.store
        if not store.has_gradients:
            raise StateError(f"{self.name} has no gradient now: run network.forward(x) and network.backward(y) first.")
        return float(store.gradients[store.slot_of[self._number]])

    @property
    def tie(self) -> Any:
        """The `Tie` of which this is a use; None where the weight is this connection's alone."""
        return self.owner.ties.of_number(self._number)

    @property
    def owner(self) -> Owner:
        """The structure that the connection belongs to.

        Raises
        ------
        StaleElementError
            If the connection was removed.
        """
        owner = self._source._owner
        if owner is None or self._number < 0:
            raise StaleElementError(f"{self.name} was removed from its network and has no numbers any more.")
        return owner

    @property
    def network(self) -> Net:
        """The `Network` that the connection belongs to.

        Raises
        ------
        StaleElementError
            If the connection was removed.
        """
        return cast(Net, self.owner.face)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        try:
            state = f" = {self.weight:.6g}" + ("" if self.trainable else ", frozen")
            state += f", delay {self.delay}" if self.delay else ""
        except StaleElementError:
            state = ", removed"
        return shown(f"<Connection {self.name}: {self._source} -> {self._target}{state}>")


@dataclass(frozen=True)
class Layer(Generic[Net]):
    """The nodes of the same kind and index, with the bias nodes that feed the next layer.

    Parameters
    ----------
    kind : {"input", "hidden", "output"}
        What its nodes are.
    index : int
        0 for the input layer, 1 for the first hidden layer, and so on; the output layer comes last. A hidden
        node of a network that is not layered stands behind every node that feeds it.
    nodes : tuple of Node
        The nodes of that kind and index, in the order in which they were added.
    biases : tuple of Bias
        The bias nodes that feed the next layer.

    See Also
    --------
    Network.layers : All layers of a network.
    Network.operations : Count what the derivatives of a layer's weights cost.
    Network.diagnose : Say how the gradients fare from layer to layer.

    References
    ----------
    Article, section 1.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.Network.layered([2, 3, 1]).layers[1]
    <Hidden layer 1: H1 H2 H3, bias B2>
    """

    kind: str
    index: int
    nodes: tuple[Node[Net], ...]
    biases: tuple[Bias[Net], ...]

    @property
    def name(self) -> str:
        """The name as the article writes it: "Input layer", "Hidden layer 1", "Output layer"."""
        return f"{self.kind.capitalize()} layer" + (f" {self.index}" if self.kind == "hidden" else "")

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Node[Net]]:
        return iter(self.nodes)

    def __contains__(self, node: object) -> bool:
        return any(node is each for each in (*self.nodes, *self.biases))

    def __repr__(self) -> str:
        names = " ".join(node.name for node in self.nodes)
        biases = ", bias " + " ".join(bias.name for bias in self.biases) if self.biases else ""
        return shown(f"<{self.name}: {names}{biases}>")


def in_order(edges: Iterable[object]) -> tuple[Connection, ...]:
    """Return the data of networkx edges, which are connections, in connection order."""
    return tuple(sorted(cast(Iterable[Connection], edges), key=lambda connection: connection.number))


def renumber(nodes: Iterable[Node], owner: Owner | None = None) -> None:
    """Give nodes the rows 0, 1, ... in their order; and an owner, if one is given, to which they come back."""
    for row, node in enumerate(nodes):
        node._row, node._owner = row, owner or node._owner


def release(element: Node | Connection) -> None:
    """Note that an element was removed: it has a name still, and no network."""
    if isinstance(element, Node):
        element._owner = None
    else:
        # The default name is made of the number, so that must stay known; but another connection may have it by now,
        # whose weight this one must not show. Its ends do not tell that it was removed, they may live on. So the number
        # itself is marked: ~number is below 0 for every number, 0 included, and needs no room of its own.
        element._number = ~element.number


def fasten(connection: Connection, source: Node, target: Node, number: int, own_name: str | None) -> None:
    """Give a connection that networkx made its ends, its number, and its name where that is not W<number + 1>."""
    connection._source, connection._target = source, target
    connection._number, connection._label = number, own_name
