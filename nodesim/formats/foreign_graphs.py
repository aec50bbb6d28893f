"""What network a graph means, worked out as a whole before anything is built: its nodes, its connections, their order.

The order of the graph's nodes and edges is that of dicts, and of sets after `subgraph`; where nodes and edges carry an
order of their own, that one counts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import networkx as nx

from nodesim.errors import ArgumentTypeError, StructureError
from nodesim.formats import dropped_attributes
from nodesim.formats.foreign_nodes import NodeReading, read_node
from nodesim.formats.graph_attributes import EDGE, REFUSED_AT_EDGES, REFUSED_AT_GRAPHS, Attributes
from nodesim.formats.names import from_files
from nodesim.graph.elements import Connection, Node
from nodesim.graph.live_graph import attributes_of
from nodesim.notation.symbols import LETTERS
from nodesim.validation import brief, finite, shortened

Key = Hashable


@dataclass(frozen=True, slots=True)
class PlannedNode:
    """A node to be made: its key in the graph, and what `Structure.add` and `Structure.add_bias` take."""

    key: Key
    name: str
    kind: str
    activation: object = None
    constant: float = 1.0
    aggregation: object = "sum"


@dataclass(frozen=True, slots=True)
class PlannedLink:
    """A connection to be made, between keys of the graph."""

    source: Key
    target: Key
    weight: float | None
    name: str
    trainable: bool
    tie: str | None = None
    delay: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A network to be made, in the order of its rows and numbers."""

    about: Mapping[str, Any]
    nodes: list[PlannedNode]
    links: list[PlannedLink]


@dataclass(slots=True)
class _Edge:
    """An edge that is not switched off."""

    source: Key
    target: Key
    attributes: Attributes
    weight: float | None = field(init=False)

    def __post_init__(self) -> None:
        self.attributes.refuse(REFUSED_AT_EDGES)
        self.weight = self.attributes.number_or_none("weight")


def planned(graph: Any, defaults: Mapping[str, object], default_weight: object, about: Mapping[str, object]) -> Plan:
    """Read a graph.

    Parameters
    ----------
    graph : networkx.DiGraph or networkx.MultiDiGraph
    defaults : mapping of str to str or Activation
        The activations of "hidden" and "output" nodes that have none.
    default_weight : float or None
        The weight of edges that have none.
    about : mapping of str to object
        What "loss" and "dtype" are to be, None for what the graph says.

    Raises
    ------
    ArgumentTypeError, StructureError, ArgumentError, UnknownNameError
        Naming the node or edge that cannot be read.
    """
    if not isinstance(graph, nx.DiGraph):
        raise ArgumentTypeError(
            f"a network is made from a networkx.DiGraph, or a MultiDiGraph without parallel edges; got "
            f"{type(graph).__name__}."
        )
    if not isinstance(graph.graph, Mapping):
        # The reader of node-link JSON takes whatever stands there.
        raise StructureError(f"the attributes of the graph must be a dict, got {shortened(graph.graph)}.")
    dropped_attributes.check(graph)
    Attributes("the graph", graph.graph, {}).refuse(REFUSED_AT_GRAPHS)
    found = list(_edges(graph))
    readings = _in_order(_nodes(graph, found, defaults), lambda node: (node.order, str(node.key)))
    names = _node_names(readings)
    edges = _in_order(found, lambda edge: (edge.attributes.number_or_none("order"), _ends(names, edge)))
    _check_parallel(edges, names)
    _weigh(edges, readings, names, None if default_weight is None else finite(default_weight, "default_weight"))
    nodes = [
        PlannedNode(node.key, names[node.key], node.kind, node.activation, node.constant, node.aggregation)
        for node in readings
    ]
    biased = [node for node in readings if node.bias is not None]
    wanted = [_wanted(edge) for edge in edges]
    links = [
        (
            edge.source, edge.target, edge.weight, edge.attributes.truth("trainable"), edge.attributes.text("tie"),
            edge.attributes.whole("delay"),
        )
        for edge in edges
    ]  # fmt: skip
    if biased:
        taken = {*names.values(), *(name for name in wanted if name)}
        name = next(name for k in count(1) if (name := f"{LETTERS['bias']}{k}") not in taken)
        added = _AddedBias()
        nodes.append(PlannedNode(added, name, "bias"))
        links += [(added, node.key, node.bias, True, None, 0) for node in biased]
        wanted += [None] * len(biased)
    numbered = _connection_names(wanted, {node.name for node in nodes})
    return Plan(
        {what: _about(graph, readings, what) if given is None else given for what, given in about.items()},
        nodes,
        [
            PlannedLink(source, target, weight, name, trainable, tie, delay)
            for (source, target, weight, trainable, tie, delay), name in zip(links, numbered)
        ],
    )


class _AddedBias:
    """The key of the bias node for what nodes say as their bias: equal to no key of the graph."""


def _in_order(items: Iterable[Any], key: Any) -> list[Any]:
    """Sort by the order that items carry, then by their text; those without one follow as they come."""
    keyed = [(key(item), item) for item in items]
    keyed.sort(key=lambda pair: (0, *pair[0]) if pair[0][0] is not None else (1, 0, ""))
    return [item for _, item in keyed]


# ---- nodes ------------------------------------------------------------------------------------------------


def _nodes(graph: nx.DiGraph[Any], edges: list[_Edge], defaults: Mapping[str, object]) -> Iterable[NodeReading]:
    default = _defaults(graph, "node_default")
    # Where a node stands, edges that are switched off do not say.
    feeding, fed = {edge.source for edge in edges}, {edge.target for edge in edges}
    for key, data in graph.nodes(data=True):
        # Where networkx made a graph of edges alone, a node of a live graph still knows what it is.
        own = attributes_of(key) if isinstance(key, Node) and "kind" not in data else {}
        place = "input" if key not in fed else "hidden" if key in feeding else "output"
        yield read_node(key, {**default, **own, **data}, place, defaults)


def _defaults(graph: Any, what: str) -> Mapping[str, Any]:
    # The readers of GraphML and GEXF leave a file's default values here, and not at the nodes and edges.
    found = graph.graph.get(what)
    return found if isinstance(found, Mapping) else {}


def _node_names(readings: list[NodeReading]) -> dict[Key, str]:
    """Return the names of nodes: what they say as "name" where that is unique, else their keys as text."""
    wanted = {node.key: node.name or str(node.key) for node in readings}
    times = Counter(wanted.values())
    names = {key: name if times[name] == 1 else str(key) for key, name in wanted.items()}
    holders: dict[str, Key] = {}
    for key, name in names.items():
        other = holders.setdefault(name, key)
        if other is not key:
            raise StructureError(
                f"the nodes {shortened(other)} and {shortened(key)} would both be named {shortened(name)}. Names are "
                'unique in a network: relabel one of them, or give each a "name".'
            )
    return names


def _about(graph: Any, readings: list[NodeReading], what: str) -> Any:
    """Return the loss, or the type of numbers, as the graph says it, else as its nodes do; None if nobody does."""
    whole = graph.graph.get(what)
    if whole is not None:
        return from_files(whole) if isinstance(whole, str) else whole
    said = {str(found): found for node in readings if (found := getattr(node, what)) is not None}
    if len(said) > 1:
        raise StructureError(
            f"the nodes say different things of the {what}: {brief(sorted(said), 200)}. Give {what}=..., or the "
            f'graph an attribute "{what}".'
        )
    return next(iter(said.values()), None)


# ---- edges ------------------------------------------------------------------------------------------------


def _edges(graph: nx.DiGraph[Any]) -> Iterable[_Edge]:
    default = _defaults(graph, "edge_default")
    for source, target, data in graph.edges(data=True):
        who = f"edge {brief(source)} -> {brief(target)}"
        attributes = Attributes(who, {**default, **data} if default else data, EDGE)
        if attributes.truth("enabled"):
            yield _Edge(source, target, attributes)


def _arrow(names: Mapping[Key, str], edge: _Edge) -> str:
    """Name an edge in a message, which may name several."""
    return f"{brief(names[edge.source], 25)} -> {brief(names[edge.target], 25)}"


def _ends(names: Mapping[Key, str], edge: _Edge) -> str:
    return f"{names[edge.source]} -> {names[edge.target]}"


def _check_parallel(edges: list[_Edge], names: Mapping[Key, str]) -> None:
    for (source, target), times in Counter((edge.source, edge.target) for edge in edges).items():
        if times > 1:
            raise StructureError(
                f"{times} parallel edges lead from {brief(names[source])} to {brief(names[target])}; a network has one "
                "connection from one node to another: add their weights into one edge."
            )


def _weigh(edges: list[_Edge], readings: list[NodeReading], names: Mapping[Key, str], default: float | None) -> None:
    """Give edges the default weight where they have none, and fold the responses of their targets into them."""
    missing = [edge for edge in edges if edge.weight is None]
    for edge in missing:
        edge.weight = default
    if default is None and 0 < len(missing) < len(edges):
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        raise StructureError(
            f"{len(missing)} of {len(edges)} edges have no weight: "
            f"{', '.join(_arrow(names, edge) for edge in missing[:5])}{more}. Give them one, or default_weight=1.0."
        )
    responses = {node.key: node.response for node in readings if node.response != 1.0}
    for edge in edges:
        if edge.target in responses:
            edge.weight = _scaled(edge, responses[edge.target], names)


def _scaled(edge: _Edge, response: float, names: Mapping[Key, str]) -> float:
    if edge.weight is None:
        raise StructureError(
            f"{brief(names[edge.target])} has a response of {response!r}, which multiplies the weights that enter it, "
            f"and {_arrow(names, edge)} has none: give weights, or default_weight=1.0."
        )
    weight = edge.weight * response
    if not math.isfinite(weight):
        raise StructureError(
            f"the weight of {_arrow(names, edge)}, {edge.weight!r}, times the response {response!r} of "
            f"{brief(names[edge.target])} is no finite number."
        )
    return weight


def _wanted(edge: _Edge) -> str | None:
    attributes = edge.attributes
    own = attributes.given.get("connection")
    if isinstance(own, Connection) and attributes.given.get("name") == own.name:
        # Of a live graph, which was never written.
        return own.name
    return attributes.text("name") or attributes.text("label")


def _connection_names(wanted: list[str | None], taken: set[str]) -> list[str]:
    """Return the wanted names where they are unique, and the lowest free W1, W2, ... for all others."""
    times = Counter(wanted)
    kept = [name if name and times[name] == 1 and name not in taken else None for name in wanted]
    used = taken | {name for name in kept if name}
    free = (name for k in count(1) if (name := f"{LETTERS['connection']}{k}") not in used)
    return [name or next(free) for name in kept]
