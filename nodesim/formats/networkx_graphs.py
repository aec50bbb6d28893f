"""Networks as plain networkx graphs and back: with attributes that GraphML, GEXF and node-link JSON can hold."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import networkx as nx

from nodesim.errors import ArgumentTypeError, StructureError
from nodesim.graph.collector import gc_paused
from nodesim.graph.elements import Bias, Node
from nodesim.graph.structure import Structure
from nodesim.simulation.simulator import Simulator


def to_networkx(simulator: Simulator) -> nx.DiGraph[str]:
    """Return a network as a plain graph; see `Network.to_networkx`."""
    graph: nx.DiGraph[str] = nx.DiGraph(loss=str(simulator.loss))
    for node in simulator.structure.nodes:
        attributes: dict[str, Any] = {"kind": node.kind, "layer": node.layer.index}
        if node.activation is not None:
            attributes["activation"] = str(node.activation)
        if isinstance(node, Bias):
            attributes["value"] = node.value
        graph.add_node(node.name, **attributes)
    for order, c in enumerate(simulator.structure.connections):
        graph.add_edge(c.source.name, c.target.name, weight=c.weight, name=c.name, trainable=c.trainable, order=order)
    return graph


def from_networkx(graph: Any, structure: Structure, hidden: object, output: object) -> None:
    """Fill an empty structure from a graph; see `Network.from_networkx`."""
    if not isinstance(graph, nx.DiGraph) or graph.is_multigraph():
        raise ArgumentTypeError(f"a network is made from a networkx.DiGraph, got {type(graph).__name__}.")
    names: dict[Hashable, str] = {}
    for node, attributes in graph.nodes(data=True):
        names[node] = _add(structure, graph, node, attributes, {"hidden": hidden, "output": output})
    edges = list(graph.edges(data=True))
    if all("order" in data for _, _, data in edges):
        edges.sort(key=lambda edge: int(edge[2]["order"]))
    with gc_paused():
        for source, target, data in edges:
            structure.connect(
                names[source], names[target], data.get("weight"), data.get("name"), _truth(data.get("trainable", True))
            )


def _add(
    structure: Structure, graph: Any, node: Any, attributes: Mapping[str, Any], activations: Mapping[str, object]
) -> str:
    given = _attributes_of(node) if isinstance(node, Node) else attributes
    kind = given.get("kind") or _kind(graph, node)
    name = str(given.get("name", node)) if not isinstance(node, Node) else node.name
    if kind == "input":
        structure.add("input", name)
    elif kind == "bias":
        structure.add_bias(name, given.get("value", 1.0))
    elif kind == "hidden":
        structure.add(kind, name, given.get("activation", activations["hidden"]))
    elif kind == "output":
        structure.add(kind, name, given.get("activation", activations["output"]))
    else:
        raise StructureError(f"node {name!r}: kind must be input, hidden, output or bias, got {kind!r}.")
    return name


def _attributes_of(node: Node) -> dict[str, Any]:
    if isinstance(node, Bias):
        return {"kind": node.kind, "value": node.value}
    return {"kind": node.kind, "activation": node.activation}


def _kind(graph: Any, node: Hashable) -> str:
    if not graph.in_degree(node):
        return "input"
    return "hidden" if graph.out_degree(node) else "output"


def _truth(value: Any) -> Any:
    # Some formats bring truth values back as text.
    return {"true": True, "false": False}.get(str(value).lower(), value)
