"""The text of a file, checked as a whole before anything is built from it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from nodesim.engines import choice
from nodesim.errors import FileError
from nodesim.formats.generator_states import generator_of
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation, Initializer, Loss
from nodesim.graph.depths import depths
from nodesim.graph.structure import DTYPES
from nodesim.notation.symbols import LETTERS
from nodesim.plugins import lookup
from nodesim.validation import MOST, shortened

FORMAT = "nodesim network"
# The first version has sums alone; a file says the second one where it has more, so that no reader drops it.
SUMS, VERSION = 1, 2
_KINDS = ("input", "hidden", "output", "bias")
# A number costs memory: gaps are what removed connections left, and no file has more of them before a connection.
GAPS = 1_000_000


@dataclass(frozen=True)
class Document:
    """The contents of a file, by row of the node and by index of the connection."""

    loss: Loss
    initializer: Initializer
    engine: str
    dtype: str
    generator: np.random.Generator | None
    names: list[str]
    kinds: list[str]
    activations: list[Activation | None]
    aggregations: list[Aggregation | None]
    constants: list[float]
    sources: list[int]
    targets: list[int]
    weights: list[float]
    frozen: list[int]
    numbers: list[int]
    labels: dict[int, str]
    ties: list[tuple[str, list[int]]]
    delays: dict[int, int]
    positions: list[int]
    classes: list[str | int | bool] | None
    training: object


def checked(text: str) -> Document:
    """Read and check the text of a file.

    Raises
    ------
    FileError
        Saying what is wrong with it.
    NodesimError
        If a function is not registered or does not take its parameters.
    """
    return document_of(parsed(text))


def document_of(content: Any) -> Document:
    """Check what a file's text holds; see `checked`."""
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise FileError(f'this is no nodesim network: "format" should be "{FORMAT}".')
    number = content.get("version")
    if type(number) is not int or number < 1:
        raise FileError(f"the version of the file is {shortened(number)}, expected a whole number.")
    if number > VERSION:
        raise FileError(f"the file is of version {number}, this nodesim reads up to {VERSION}: install a newer one.")
    nodes, connections = _table(content, "nodes"), _table(content, "connections")
    names, kinds = _names(nodes), _column(nodes, "kind", str)
    _need(set(kinds) <= set(_KINDS) and len(kinds) == len(names), f"kind: one of {', '.join(_KINDS)} for each node")
    sources, targets = (_indices(connections, key, len(names)) for key in ("source", "target"))
    dtype = _dtype(content)
    weights = _numbers(connections, "weight", dtype)
    count = len(weights)
    _need(len(sources) == len(targets) == count, "source, target and weight are of one length")
    numbers = _connection_numbers(connections, count)
    labels, frozen = _labels(connections, count, numbers, names), _indices(connections, "frozen", count)
    delays = _delays(connections, count, kinds, sources)
    return Document(
        lookup.default.find(Loss, content.get("loss")), lookup.default.find(Initializer, content.get("initializer")),
        _engine(content), dtype, _generator(content),
        names, kinds, _activations(content, nodes, kinds), _aggregations(content, nodes, kinds),
        _constants(nodes, kinds, dtype), sources, targets, weights, frozen, numbers,
        labels, _ties(content, names, weights, numbers, labels, set(frozen)), delays,
        _positions(names, kinds, sources, targets, delays), _classes(content, kinds.count("output")),
        content.get("training"),
    )  # fmt: skip


def parsed(text: str) -> Any:
    """Return what a text of JSON says, in which each key stands once and each number is finite.

    Raises
    ------
    FileError
        If it is none.
    """
    if not text.strip():
        raise FileError("the file is empty.")
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except FileError:
        raise
    except RecursionError as error:
        raise FileError("it is nested too deeply.") from error
    except (ValueError, MemoryError) as error:
        raise FileError(f"this is no whole JSON: {error}") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise FileError("a key appears twice in the same object.")
    return found


def _no_constant(name: str) -> Any:
    raise FileError(f"{name} is no finite number.")


def _need(condition: bool, rule: str) -> None:
    if not condition:
        raise FileError(f"the file is damaged; expected {rule}.")


def _table(content: dict[str, Any], key: str) -> dict[str, Any]:
    table: dict[str, Any] = content.get(key)  # type: ignore[assignment]
    _need(isinstance(table, dict), f"{key}: an object with a list for each property")
    return table


def _column(table: dict[str, Any], key: str, *types: type) -> list[Any]:
    column = table.get(key)
    kinds = " or ".join("null" if kind is type(None) else kind.__name__ for kind in types)
    _need(isinstance(column, list) and all(type(value) in types for value in column), f"{key}: a list of {kinds}")
    return column  # type: ignore[return-value]


def _dtype(content: dict[str, Any]) -> str:
    dtype: str = content.get("dtype", DTYPES[0])
    _need(dtype in DTYPES, f"dtype: one of {', '.join(DTYPES)}")
    return dtype


def _names(nodes: dict[str, Any]) -> list[str]:
    names = _column(nodes, "name", str)
    _need(all(names) and len(set(names)) == len(names), "name: names that are not empty, and each once")
    return names


def _indices(table: dict[str, Any], key: str, count: int) -> list[int]:
    column = _column(table, key, int)
    _need(all(0 <= index < count for index in column), f"{key}: whole numbers from 0 to {count - 1}")
    return column


def _numbers(table: dict[str, Any], key: str, dtype: str) -> list[float]:
    column = _column(table, key, float, int)
    try:
        numbers = [float(value) for value in column]
    except OverflowError:
        numbers = [math.inf]
    with np.errstate(over="ignore"):
        finite = bool(np.isfinite(np.array(numbers, dtype=dtype)).all())
    _need(finite, f"{key}: finite numbers of {dtype}")
    return numbers


def _connection_numbers(connections: dict[str, Any], count: int) -> list[int]:
    if connections.get("slot") is None:
        return list(range(count))
    numbers = _indices(connections, "slot", count + GAPS)
    ascending = all(a < b for a, b in pairwise(numbers))
    _need(len(numbers) == count and ascending, "slot: ascending whole numbers, one for each connection")
    return numbers


def _labels(connections: dict[str, Any], count: int, numbers: list[int], names: list[str]) -> dict[int, str]:
    pairs = _column(connections, "name", list)
    whole = all(
        len(pair) == 2 and type(pair[0]) is int and 0 <= pair[0] < count and isinstance(pair[1], str) and pair[1]
        for pair in pairs
    )
    _need(whole, "name: pairs of a connection's index and its name")
    labels = {pair[0]: pair[1] for pair in pairs}
    once = len(labels) == len(pairs) and len(_all_names(names, numbers, labels)) == len(names) + count
    _need(once, "name: each name once, among nodes and connections")
    return labels


def _all_names(names: list[str], numbers: list[int], labels: dict[int, str]) -> set[str]:
    return {*names, *(labels.get(i, f"{LETTERS['connection']}{number + 1}") for i, number in enumerate(numbers))}


def _ties(
    content: dict[str, Any], names: list[str], weights: list[float], numbers: list[int], labels: dict[int, str],
    frozen: set[int],
) -> list[tuple[str, list[int]]]:  # fmt: skip
    """Return the name of each tied weight, and the numbers of its uses, in their order."""
    ties: dict[str, list[int]] = content.get("ties", {})
    _need(isinstance(ties, dict), "ties: an object with a list of connections for each name")
    for name in ties:
        uses, own = _column(ties, name, int), f"ties: {shortened(name)}"
        _need(len(uses) > 1 and all(0 <= use < len(weights) for use in uses), f"{own}: two connections or more")
        alike = len({(weights[use], use in frozen) for use in uses}) == 1
        _need(alike, f"{own}: connections of one weight, all of them frozen or none")
    used = [use for uses in ties.values() for use in uses]
    _need(len(set(used)) == len(used), "ties: each connection once")
    free = all(ties) and not set(ties) & (_all_names(names, numbers, labels) if ties else set())
    _need(free, "ties: names that are not empty, and of no node or connection")
    return [(name, [numbers[use] for use in uses]) for name, uses in ties.items()]


def _delays(connections: dict[str, Any], count: int, kinds: list[str], sources: list[int]) -> dict[int, int]:
    if connections.get("delay") is None:
        return {}
    pairs = _column(connections, "delay", list)
    whole = all(
        len(pair) == 2 and all(type(part) is int for part in pair) and 0 <= pair[0] < count and 1 <= pair[1] <= MOST
        for pair in pairs
    )
    _need(whole, "delay: pairs of a connection's index and its delay, a whole number of at least 1")
    delays = {pair[0]: pair[1] for pair in pairs}
    _need(len(delays) == len(pairs), "delay: each connection once")
    _need(all(kinds[sources[index]] != "bias" for index in delays), "no delayed connection from a bias node")
    return delays


def _engine(content: dict[str, Any]) -> str:
    name = content.get("engine")
    _need(isinstance(name, str), "engine: a name")
    choice.engine(name)  # type: ignore[arg-type]
    return name  # type: ignore[return-value]


def _activations(content: dict[str, Any], nodes: dict[str, Any], kinds: list[str]) -> list[Activation | None]:
    listed = content.get("activations")
    _need(isinstance(listed, list), "activations: a list of functions")
    functions = [lookup.default.find(Activation, specification) for specification in listed or ()]
    used = _column(nodes, "activation", int, type(None))
    fits = len(used) == len(kinds) and all(
        index is None if kind in ("input", "bias") else index is not None and 0 <= index < len(functions)
        for index, kind in zip(used, kinds)
    )
    _need(fits, "activation: the place of a function for hidden and output nodes, null for the others")
    return [None if index is None else functions[index] for index in used]


def _aggregations(content: dict[str, Any], nodes: dict[str, Any], kinds: list[str]) -> list[Aggregation | None]:
    """Return the aggregation of each node that says one; where none is said, it is the sum."""
    listed, used = content.get("aggregations", []), nodes.get("aggregation", [None] * len(kinds))
    _need(isinstance(listed, list), "aggregations: a list of functions")
    functions = [lookup.default.find(Aggregation, specification) for specification in listed]
    fits = (
        isinstance(used, list)
        and len(used) == len(kinds)
        and all(
            index is None or (type(index) is int and 0 <= index < len(functions) and kind in ("hidden", "output"))
            for index, kind in zip(used, kinds)
        )
    )
    _need(fits, "aggregation: the place of a function for hidden and output nodes, null for sums and the others")
    return [None if index is None else functions[index] for index in used]


def _constants(nodes: dict[str, Any], kinds: list[str], dtype: str) -> list[float]:
    values = _column(nodes, "value", int, float, type(None))
    fits = [value is not None for value in values] == [kind == "bias" for kind in kinds]
    _need(fits, "value: a number for bias nodes, null for the others")
    return _numbers({"value": [0.0 if value is None else value for value in values]}, "value", dtype)


def _positions(
    names: list[str], kinds: list[str], sources: list[int], targets: list[int], delays: dict[int, int]
) -> list[int]:
    """Return a place for each node such that connections lead upwards; refuse what no network may have."""
    starts, ends = np.array(sources, dtype=np.intp), np.array(targets, dtype=np.intp)
    closed = np.array([kind in ("input", "bias") for kind in kinds], dtype=bool)
    _need(not closed[ends].any(), "no connection into an input or bias node")
    _need(len(np.unique(starts * len(names) + ends)) == len(ends), "at most one connection from one node to another")
    # What comes a step later may come from anywhere.
    now = np.isin(np.arange(len(ends)), list(delays), invert=True)
    starts, ends = starts[now], ends[now]
    depth = depths(starts, ends, np.zeros(len(names), dtype=np.intp))
    # The nodes of a cycle cannot all lie deeper than those that feed them.
    _need(bool((depth[starts] < depth[ends]).all()), "no cycle without a delay")
    positions = np.empty(len(names), dtype=np.intp)
    positions[np.argsort(depth, kind="stable")] = np.arange(1, len(names) + 1)
    return positions.tolist()


def _classes(content: dict[str, Any], n_outputs: int) -> list[str | int | bool] | None:
    if content.get("classes") is None:
        return None
    classes = _column(content, "classes", str, int, bool)
    fits = len(set(classes)) == len(classes) == max(n_outputs, 2) and n_outputs > 0
    _need(fits, "classes: different labels, one for each output, or two for a single one")
    return classes


def _generator(content: dict[str, Any]) -> np.random.Generator | None:
    state = content.get("generator")
    return None if state is None else generator_of(state)
