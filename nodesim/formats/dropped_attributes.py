"""Graphs of ours that came through a format which keeps less than they say: refused, as nobody knows the rest.

A list of edges keeps nothing of the nodes, a tree nothing of the edges, and Pajek nothing but text.
"""

from __future__ import annotations

from typing import Any

from nodesim.errors import StructureError
from nodesim.formats.graph_attributes import EDGE, says
from nodesim.graph.elements import Node

_OURS = ("name", "trainable", "order")


def check(graph: Any) -> None:
    """Refuse a graph whose other half is missing.

    Raises
    ------
    StructureError
        Naming what is missing, and what to do.
    """
    nodes = [data for _, data in graph.nodes(data=True)]
    edges = [data for _, _, data in graph.edges(data=True)]
    if not edges:
        return
    of_nodes = [key for key in ("kind", "order") if all(key in data for data in nodes)]
    of_edges = [key for key in _OURS if all(key in data for data in edges)]
    bare = not any("kind" in data for data in nodes) and not any(isinstance(node, Node) for node in graph)
    if bare and len(of_edges) == len(_OURS):
        raise StructureError(
            "the edges are those of Network.to_networkx, and no node says its kind: the format that the graph came "
            "through keeps no attributes of nodes, as lists of edges do not. Use GraphML, GML, GEXF or JSON."
        )
    if len(of_nodes) == 2 and not any(says("weight", data, EDGE) for data in edges):
        raise StructureError(
            "the nodes are those of Network.to_networkx, and no edge has a weight: the format that the graph came "
            "through keeps no attributes of edges. Use GraphML, GML, GEXF or JSON; or remove the order of the nodes, "
            "if weights are to be drawn."
        )
    if graph.is_multigraph() and any("kind" in data and "id" in data for data in nodes):
        _check_text(nodes, edges)


def _check_text(nodes: list[dict[str, Any]], edges: list[dict[str, Any]]) -> None:
    named = any("name" in data for data in edges) and not any("order" in data for data in edges)
    constants = any(data.get("kind") == "bias" and not {"constant", "value"} & set(data) for data in nodes)
    if named or constants:
        what = "the values of bias nodes" if constants else "trainable and order of connections"
        raise StructureError(
            f"{what} are missing: the graph came through a format that keeps nothing but text, such as Pajek. Write it "
            "from Network.to_networkx(text=True)."
        )
