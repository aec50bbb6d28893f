"""Files of neat-python's `export_network_json`: JSON with nodes and connections by their keys."""

from __future__ import annotations

from typing import Any

from nodesim.errors import ExchangeError, FileError
from nodesim.exchange.neat.genes import Called, Gene, Genes, key_of
from nodesim.formats.atomic import path_of, read_text
from nodesim.formats.json_schema import parsed
from nodesim.validation import brief, shortened

_OTHERS = {
    "recurrent": "a recurrent network", "ctrnn": "a continuous-time recurrent network",
    "iznn": "a network of spiking neurons",
}  # fmt: skip


def genes_of_file(file: Any) -> Genes:
    """Read a file.

    Raises
    ------
    FileError
        If it cannot be read, or is damaged.
    ExchangeError
        For a network that is not feed-forward.
    """
    text, path = read_text(file), str(path_of(file))
    try:
        return _genes(path, parsed(text))
    except FileError as error:
        raise FileError(f"{path}: {brief(error, 350)}") from error


def _genes(path: str, content: Any) -> Genes:
    if not isinstance(content, dict) or "network_type" not in content:
        raise FileError('this is no network of neat-python: "network_type" is missing.')
    kind = content["network_type"]
    if isinstance(kind, str) and kind in _OTHERS:
        raise ExchangeError(f"{path}: it holds {_OTHERS[kind]} ({kind}); only feed-forward networks can be read.")
    _need(kind == "feedforward", 'network_type is "feedforward"', kind)
    version = content.get("format_version")
    _need(isinstance(version, str) and version.split(".")[0] == "1", 'format_version is "1.0"', version)
    topology = _of(content, "topology", dict)
    inputs, outputs = (_keys(topology, end, path) for end in ("input", "output"))
    nodes = {}
    for node in _rows(content, "nodes"):
        key = key_of(_of(node, "id"), path)
        _need(key not in nodes, "each node stands there once", key)
        ends = {"input": key in inputs, "output": key in outputs, "hidden": key not in inputs and key not in outputs}
        kind = _of(node, "type", str)
        _need(ends.get(kind, False), f"the type of node {key} is that of the topology", kind)
        nodes[key] = _gene(node)
    for key in inputs:
        _need(nodes.pop(key, None) is not None, "each input is a node", key)
    return Genes(path, list(inputs), list(outputs), nodes, _links(content, path))


def _keys(topology: dict[str, Any], end: str, path: str) -> dict[int, None]:
    given, count = _of(topology, f"{end}_keys", list), _of(topology, f"num_{end}s")
    keys = dict.fromkeys(key_of(key, path) for key in given)
    _need(len(keys) == len(given), f"{end}_keys names each node once", given)
    _need(type(count) is int and count == len(keys), f"num_{end}s is the length of {end}_keys, {len(keys)}", count)
    return keys


def _gene(node: dict[str, Any]) -> Gene:
    return Gene(_of(node, "bias"), _of(node, "response"), _called(node, "activation"), _called(node, "aggregation"))


def _called(node: dict[str, Any], kind: str) -> Called:
    said = _of(node, kind, dict)
    return Called(_of(said, "name", str), _of(said, "custom", bool))


def _links(content: dict[str, Any], path: str) -> dict[tuple[int, int], Any]:
    links = {}
    for row in _rows(content, "connections"):
        ends = key_of(_of(row, "from"), path), key_of(_of(row, "to"), path)
        weight = _of(row, "weight")
        if _of(row, "enabled", bool):
            _need(ends not in links, "each connection stands there once", ends)
            links[ends] = weight
    return links


def _rows(content: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = _of(content, key, list)
    for row in rows:
        _need(isinstance(row, dict), f"{key} is a list of objects", row)
    return rows


def _of(table: dict[str, Any], key: str, kind: type = object) -> Any:
    _need(key in table, f'there is "{key}"', table)
    _need(isinstance(table[key], kind), f'"{key}" is a {kind.__name__}', table[key])
    return table[key]


def _need(condition: bool, rule: str, got: object) -> None:
    if not condition:
        raise FileError(f"the file is damaged; expected that {rule}, got {shortened(got)}.")
