"""Networks as plain networkx graphs and back, through whatever formats networkx writes and reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import networkx as nx

from nodesim.errors import ArgumentError, FunctionError, StructureError, UnknownNameError
from nodesim.formats.foreign_graphs import Plan, PlannedLink, planned
from nodesim.formats.json_files import N
from nodesim.formats.names import for_files
from nodesim.functions.contracts import Function
from nodesim.graph.collector import gc_paused
from nodesim.graph.elements import Connection, Node
from nodesim.graph.structure import Structure
from nodesim.plugins import lookup
from nodesim.simulation.simulator import Simulator
from nodesim.validation import shortened

# What separates, quotes or escapes in formats that keep nothing but words; or no word at all.
_NO_WORD = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\"'\\]|\A\s*\Z")


def to_networkx(simulator: Simulator, *, text: bool) -> nx.DiGraph[str]:
    """Return a network as a plain graph; see `Network.to_networkx`."""
    structure = simulator.structure
    write = _as_text if text else _as_it_is
    about = {key: _function(value) for key, value in structure.graph.graph.items()} | {
        "loss": _function(simulator.loss)
    }
    graph: nx.DiGraph[str] = nx.DiGraph(**about)
    # Some formats have no attributes of the graph.
    speakers = set(structure.of_kind("output") or structure.nodes)
    live = structure.graph.nodes
    functions: dict[Any, Any] = {}
    keys: dict[Node, str] = {}
    for order, node in enumerate(structure.nodes):
        attributes = {**live[node], "order": order, **(about if node in speakers else {})}
        for what in ("activation", "aggregation"):
            if (function := attributes.get(what)) is not None:
                if function not in functions:
                    functions[function] = _function(function)
                attributes[what] = functions[function]
        keys[node] = for_files(write(node.name))
        if keys[node] != node.name:
            # Only names are read as `for_files` writes them: nodes of other graphs may be named in quotes.
            attributes["name"] = keys[node]
        graph.add_node(keys[node], **{key: write(value) for key, value in attributes.items()})
    for order, c in enumerate(structure.connections):
        attributes = {"name": for_files(write(c.name)), "trainable": c.trainable, "order": order}
        if c.tie is not None:
            attributes["tie"] = for_files(write(c.tie.name))
        attributes |= {"delay": c.delay} if c.delay else {}
        written = {key: write(value) for key, value in attributes.items()}
        graph.add_edge(keys[c.source], keys[c.target], weight=c.weight, **written)
    return graph


def _as_it_is(value: Any) -> Any:
    return value


def _as_text(value: Any) -> str:
    if isinstance(value, str) and _NO_WORD.search(value):
        raise ArgumentError(
            f"the name {value!r} is blank, or holds quotes, backslashes or control characters, which formats of text "
            "alone do not keep: leave text=True out, and write GraphML, GML or JSON."
        )
    return str(value).lower() if isinstance(value, bool) else str(value)


def _function(value: Any) -> Any:
    """Return the text under which a function is found again; refuse if another one would be."""
    if not isinstance(value, Function):
        return value
    try:
        known = lookup.default.find(type(value), str(value))
    except UnknownNameError:
        # Whoever reads the graph must register it first, and is told so.
        return for_files(str(value))
    if known != value:
        raise FunctionError(
            f"{value.label} cannot be told by its name: another {value.kind} is registered under it. "
            "Give yours another name."
        )
    return for_files(str(value))


def from_networkx(
    graph: Any,
    make: Callable[..., N],
    defaults: Mapping[str, object],
    default_weight: object,
    loss: object,
    dtype: str | None,
) -> N:
    """Make a network from a graph; see `Network.from_networkx`. `make` takes loss and dtype, where they are said."""
    with gc_paused():
        plan = planned(graph, defaults, default_weight, {"loss": loss, "dtype": dtype})
        network = make(**{what: said for what, said in plan.about.items() if said is not None})
        _build(network.structure, plan)
    return network


def _build(structure: Structure, plan: Plan) -> None:
    made: dict[Hashable, Node] = {}
    for node in plan.nodes:
        if node.kind == "bias":
            made[node.key] = structure.add_bias(node.name, node.constant)
        else:
            made[node.key] = structure.add(node.kind, node.name, node.activation, node.aggregation)
    tied: dict[str, list[tuple[PlannedLink, Connection]]] = {}
    for link in plan.links:
        connection = structure.connect(
            made[link.source], made[link.target], link.weight, link.name, link.trainable, link.delay
        )
        if link.tie is not None:
            tied.setdefault(link.tie, []).append((link, connection))
    for name, uses in tied.items():
        _tie(structure, name, uses)


def _tie(structure: Structure, name: str, uses: list[tuple[PlannedLink, Connection]]) -> None:
    first, connection = uses[0]
    for link, other in uses[1:]:
        if (link.weight, link.trainable) != (first.weight, first.trainable):
            raise StructureError(
                f"tie={shortened(name)} stands at {connection!r} and at {other!r}, which are to have one weight: give "
                "both the same weight and the same trainable, or remove the attribute."
            )
    # What is left of a tie in a part of a graph may be one connection.
    if len(uses) > 1:
        structure.tie(tuple(use for _, use in uses), name)
