"""nodesim's own files: versioned JSON, data only, every number exact.

One list for each property of nodes and of connections. Functions stand there by name and parameters, and are
looked up among the registered ones. See `nodesim.formats.json_schema` for what is allowed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from nodesim._version import version
from nodesim.errors import FileError, FunctionError, NodesimError
from nodesim.formats.atomic import path_of, read_text, write_atomically
from nodesim.formats.json_schema import FORMAT, VERSION, Document, checked
from nodesim.functions.contracts import Function
from nodesim.graph.collector import paused_collector
from nodesim.graph.elements import Bias, Connection, Node
from nodesim.plugins import lookup
from nodesim.simulation.running import Running

N = TypeVar("N", bound=Running)


def save(network: Running, file: Any) -> None:
    """Write a network into a file; see `Network.save`."""
    write_atomically(file, dumps(network))


def load(file: Any, make: Callable[..., N]) -> N:
    """Read a network from a file; see `nodesim.load`. `make` is its class."""
    text = read_text(file)
    try:
        return loads(text, make)
    except NodesimError as error:
        raise FileError(f"{path_of(file)}: {error}") from error


def dumps(network: Running) -> str:
    """Return a network as the text of a file.

    Raises
    ------
    FunctionError
        If it uses a function that is not registered, so that the text could not be read again.
    """
    document = {
        "format": FORMAT,
        "version": VERSION,
        "written_by": f"nodesim {version}",
        "loss": _specification(network.loss),
        "initializer": _specification(network._initializer),
        "engine": network.engine,
        "dtype": network.dtype,
        "generator": _generator_state(network._generator),
        **_nodes(network),
        "connections": _connections(network),
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in document.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def loads(text: str, make: Callable[..., N]) -> N:
    """Return the network of a file's text.

    Raises
    ------
    FileError, UnknownNameError, FunctionError
        If it is not the text of a nodesim network, or needs a function that is not registered.
    """
    document = checked(text)
    network = make(document.loss, initializer=document.initializer, engine=document.engine, dtype=document.dtype)
    if document.generator is not None:
        network._generator = document.generator
    nodes = [_node(network, document, row) for row in range(len(document.names))]
    for node in nodes:
        network._enter(node)
    for node, position in zip(nodes, document.positions):
        node._position = position
    network._names.reserve(max(document.slots, default=-1) + 1)
    with paused_collector():
        for index, slot in enumerate(document.slots):
            ends = nodes[document.sources[index]], nodes[document.targets[index]]
            network._link(*ends, slot, document.labels.get(index))
    _fill(network, document)
    return network


def _fill(network: Running, document: Document) -> None:
    store, size = network.store, len(network._names.slots)
    store.reserve(size)
    if document.slots:
        store.weights[document.slots] = document.weights
        store.trainable[document.slots] = True
        store.trainable[[document.slots[index] for index in document.frozen]] = False
    store.restructured()


def _node(network: Running, document: Document, row: int) -> Node:
    name, kind = document.names[row], document.kinds[row]
    if kind == "bias":
        return Bias(network, name, row, document.constants[row])
    return Node(network, kind, name, row, document.activations[row])


def _nodes(network: Running) -> dict[str, Any]:
    places: dict[Function, int] = {}
    used = []
    for node in network.nodes:
        function = node.activation
        used.append(None if function is None else places.setdefault(function, len(places)))
    return {
        "activations": [_specification(function) for function in places],
        "nodes": {
            "name": [node.name for node in network.nodes],
            "kind": [node.kind for node in network.nodes],
            "activation": used,
            "value": [node.value if isinstance(node, Bias) else None for node in network.nodes],
        },
    }


def _connections(network: Running) -> dict[str, Any]:
    row = {node: index for index, node in enumerate(network.nodes)}
    connections: tuple[Connection, ...] = network.connections
    slots = [c.slot for c in connections]
    weights, trainable = network.store.weights, network.store.trainable
    return {
        "source": [row[c.source] for c in connections],
        "target": [row[c.target] for c in connections],
        "weight": weights[slots].tolist() if slots else [],
        "frozen": [index for index, slot in enumerate(slots) if not trainable[slot]],
        # Gaps of removed connections, and names of their own, are the exception.
        "slot": None if slots == list(range(len(slots))) else slots,
        "name": [[index, c._label] for index, c in enumerate(connections) if c._label is not None],
    }


def _specification(function: Function) -> Any:
    try:
        known = lookup.default.find(type(function), function.specification)
    except NodesimError as error:
        raise FunctionError(f"{function.label} cannot be kept in a file: {error}") from error
    if known != function:
        raise FunctionError(
            f"{function.label} cannot be kept in a file: another {function.kind} is registered under its name. "
            f"Register it: nodesim.register(...)."
        )
    return function.specification


def _generator_state(generator: np.random.Generator) -> Any:
    return _plain(dict(generator.bit_generator.state))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return {"dtype": str(value.dtype), "values": value.tolist()}
    if isinstance(value, np.integer):
        return int(value)
    return value if not isinstance(value, float) or math.isfinite(value) else None
