"""The graph that users see: read-only, and its attributes are always those of this moment.

Nodes and edges carry what `nodesim.Network.from_networkx` reads, so that a copied, relabelled or cut graph is still the
whole network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self

import networkx as nx

from nodesim.errors import FrozenGraphError, UnknownNameError, suggestion
from nodesim.graph.elements import Bias, Node
from nodesim.validation import shortened

if TYPE_CHECKING:
    Base = nx.DiGraph[Node]
else:
    Base = nx.DiGraph


class LiveAttributes(Mapping[str, Any]):
    """Attributes that are read when they are asked for; a copy is a plain dict."""

    __slots__ = ()

    def update(self, attributes: Mapping[str, Any]) -> None:
        """Take what networkx hands to something new: nothing, the attributes live in the network."""

    def copy(self) -> dict[str, Any]:
        """Return the attributes of this moment, as networkx asks for when it copies a graph."""
        return dict(self)

    def __deepcopy__(self, memo: object) -> dict[str, Any]:
        # The activation of a node is an object that nobody copies.
        return dict(self)

    def _check(self, key: object) -> None:
        if not isinstance(key, str) or key not in tuple(self):
            raise UnknownNameError(f"there is no attribute {shortened(key)} here. {suggestion(key, self)}")

    def __setitem__(self, key: object, value: object) -> None:
        _refuse("set loss, activations, weights and constants of the network and its elements themselves")

    def __delitem__(self, key: object) -> None:
        _refuse("its attributes are those of the network")

    def __repr__(self) -> str:
        return repr(dict(self))


class NodeAttributes(LiveAttributes):
    """What a node's entry in the graph says: kind, layer and order, and its activation or its constant.

    networkx makes it without arguments (`node_attr_dict_factory`); the structure gives it its node.
    """

    __slots__ = ("node",)

    node: Node

    def __getitem__(self, key: str) -> Any:
        self._check(key)
        if key == "layer":
            return self.node.layer.index
        if key == "order":
            return self.node.row
        return self.node.value if key == "constant" else getattr(self.node, key)

    def __iter__(self) -> Iterator[str]:
        yield from ("kind", "layer", "order")
        if self.node.activation is not None:
            yield "activation"
        if self.node.aggregation is not None and not self.node.aggregation.is_sum:
            yield "aggregation"
        if isinstance(self.node, Bias):
            yield "constant"

    def __len__(self) -> int:
        return sum(1 for _ in self)


def attributes_of(node: Node) -> NodeAttributes:
    """Return what the graph says of a node."""
    attributes = NodeAttributes()
    attributes.node = node
    return attributes


class GraphAttributes(LiveAttributes):
    """What the graph says of the whole network: its loss, and its type of numbers where that is not float64."""

    __slots__ = ("face",)

    def __init__(self, face: Any) -> None:
        self.face = face

    def __getitem__(self, key: str) -> Any:
        self._check(key)
        return getattr(self.face, key)

    def __iter__(self) -> Iterator[str]:
        # A structure that no network shows has no loss.
        if hasattr(self.face, "loss"):
            yield "loss"
        if self.face.dtype != "float64":
            yield "dtype"

    def __len__(self) -> int:
        return sum(1 for _ in self)


class LiveGraph(Base):
    """The graph of a network, live and read-only. What networkx makes of it (copies, views) are plain `DiGraph`."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Return a plain graph: networkx asks for one of the same class where it copies, relabels or cuts one."""
        return nx.DiGraph(*args, **kwargs)  # type: ignore[return-value]

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickled, the graph is its network: what comes back is that network's own live graph.
        return _graph_of, (self.graph.face,)  # type: ignore[attr-defined]

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> nx.DiGraph[Node]:
        return self.copy()


def _refuse(advice: str) -> NoReturn:
    raise FrozenGraphError(f"Network.graph is read-only: {advice}. Its copy, network.graph.copy(), is a graph to edit.")


def _refusal(advice: str) -> Callable[..., NoReturn]:
    def refused(*arguments: object, **keywords: object) -> NoReturn:
        _refuse(advice)

    return refused


_ADDS = "add nodes by network.add_input, add_hidden, add_output and add_bias"
_CONNECTS = "connect nodes by network.connect"
_REMOVES = "remove nodes and connections by network.remove or disconnect"
# What networkx edits graphs by, and by what a network is edited instead.
_REFUSALS = {
    name: _refusal(advice)
    for names, advice in (
        ("add_node add_nodes_from", _ADDS),
        ("add_edge add_edges_from add_weighted_edges_from", _CONNECTS),
        ("remove_node remove_nodes_from remove_edge remove_edges_from clear clear_edges", _REMOVES),
        ("update", f"{_ADDS}, and {_CONNECTS}"),
    )
    for name in names.split()
}


def live_view(graph: nx.DiGraph[Node], face: Any) -> LiveGraph:
    """Return a live, read-only view of the graph of a network or structure."""
    view: Any = graph.copy(as_view=True)
    view.__class__ = LiveGraph
    view.graph = GraphAttributes(face)
    vars(view).update(_REFUSALS)
    return view  # type: ignore[no-any-return]


def _graph_of(network: Any) -> Any:
    return network.graph
