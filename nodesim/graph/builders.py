"""Whole structures at once: layered in the article's numbering, copied, and as a file has them.

References
----------
Article, section 2, "Weight numbering".
"""

from __future__ import annotations

import copy
import copyreg
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np

from nodesim.errors import ArgumentError, ArgumentTypeError
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Initializer
from nodesim.graph.elements import Bias, Node
from nodesim.graph.store import Store
from nodesim.graph.structure import Structure
from nodesim.notation.symbols import LETTERS, plural
from nodesim.plugins import lookup
from nodesim.validation import flag, items, names, shortened, whole

# Each connection is an object of about 200 bytes.
MOST = 500_000_000
# What could be taken for the name of a connection that has none of its own.
_WEIGHT = re.compile(rf"{LETTERS['connection']}[1-9]\d{{0,17}}\Z")


def connect_layers(
    structure: Structure,
    sizes: Any,
    hidden: object,
    output: object,
    bias: bool,
    inputs: Any,
    outputs: Any,
) -> None:
    """Fill an empty structure with fully connected layers, and draw its weights; see `nodesim.Network.layered`."""
    counts = _sizes(sizes)
    bias = flag(bias, "bias")
    count = sum((a + bias) * b for a, b in pairwise(counts))
    if count > MOST:
        raise ArgumentError(
            f"layers of {shortened(sizes)} nodes have {count:,} connections; more than {MOST:,} fit no memory."
        )
    activations = [*_activations(hidden, len(counts) - 2), output]
    starts, ends = _names(inputs, counts[0], "inputs"), _names(outputs, counts[-1], "outputs")
    before: Sequence[Node] = [structure.add("input", name) for name in starts]
    for depth, size in enumerate(counts[1:]):
        sources = [*before, structure.add_bias(None, 1.0)] if bias else before
        kind = "output" if depth == len(counts) - 2 else "hidden"
        called = ends if kind == "output" else [None] * size
        before = [structure.add(kind, name, activations[depth]) for name in called]
        _connect_all(structure, sources, before)
    # What is named before there are connections may take their names: inputs, and outputs those of the last ones.
    structure.links.named.update(own_names([*starts, *ends], structure.links.size))
    structure.initialize()


def own_names(nodes: Iterable[str | None], count: int) -> dict[str, int]:
    """Return names, with numbers, for the connections whose first ones, W1, W2, ..., are those of nodes."""
    taken, last, own = {name for name in nodes if name is not None and _WEIGHT.match(name)}, count, {}
    for number in sorted(int(name[1:]) - 1 for name in taken):
        if number < count:
            last += 1
            while f"{LETTERS['connection']}{last}" in taken:
                last += 1
            own[f"{LETTERS['connection']}{last}"] = number
    return own


def _names(given: Any, count: int, what: str) -> list[Any]:
    if given is None:
        return [None] * count
    found = names(given, what)
    if len(found) != count:
        wanted = f"{plural(count, 'name')}, one for each node"
        raise ArgumentError(f"{what} must be {wanted}; got {len(found)}: {shortened(found)}.")
    return found


def _connect_all(structure: Structure, sources: Sequence[Node], targets: Sequence[Node]) -> None:
    """Connect each of some nodes with each of others, source by source, at weight 0; there are no such connections."""
    first, count = structure.links.size, len(sources) * len(targets)
    rows = np.array([node.row for node in sources]), np.array([node.row for node in targets])
    numbers = np.arange(first, first + count)
    structure.links.add_all(np.repeat(rows[0], len(targets)), np.tile(rows[1], len(sources)), numbers, {})
    structure.store.occupy_all(numbers)


def fill(
    structure: Structure,
    nodes: Iterable[tuple[Any, ...]],
    positions: Iterable[int],
    links: tuple[Any, Any, Any],
    named: Mapping[str, int],
    weights: Any = (),
    frozen: Any = (),
    delays: Mapping[int, int] = MappingProxyType({}),
) -> None:
    """Fill an empty structure with nodes and connections that are known to be right.

    Parameters
    ----------
    structure : Structure
    nodes : iterable of (kind, name, activation, or the constant of a bias node, and maybe the aggregation)
        In the order of rows; sums where no aggregation is given.
    positions : iterable of int
        For each node its place in a topological order.
    links : tuple of three array_like of int, shape (n_connections,)
        The rows of both ends of each connection, and its number; by number.
    named : mapping from name to number
        The connections that have a name of their own.
    weights : array_like of float, shape (n_connections,), optional
        By default 0.
    frozen : array_like of int or of bool, optional
        The connections, by index, that updates must not change.
    delays : mapping of int to int, optional
        The delays of those connections that have one, by number.
    """
    made = [structure.enter(_node(structure, row, *each)) for row, each in enumerate(nodes)]
    structure.order.take_over(dict(zip(made, positions)))
    sources, targets, numbers = (np.asarray(column, dtype=np.intp) for column in links)
    structure.links.add_all(sources, targets, numbers, named)
    structure.links.delays.update(delays)
    store = structure.store
    store.occupy_all(numbers)
    # No schedule was cut yet: slots stand as they were given, in connection order.
    store.weights[: len(weights)] = weights
    if len(frozen):
        store.trainable[: len(numbers)][frozen] = False


def _node(
    structure: Structure, row: int, kind: str, name: str, given: Any, aggregation: Aggregation | None = None
) -> Node:
    if kind == "bias":
        return Bias(structure, name, row, given)
    if given is not None and aggregation is None:
        aggregation = lookup.aggregation("sum")
    return Node(structure, kind, name, row, given, aggregation)


def copied(structure: Structure, face: object = None) -> Structure:
    """Return an independent structure with the same nodes, numbers and names, gaps included, and nothing run yet.

    It goes on bit by bit the same: the next weight is drawn, and the next name given, as in the original.
    """
    return _restored(
        *_described(structure), copy.deepcopy(structure.generator), structure.initializer, face, *_beside(structure)
    )


def _described(structure: Structure) -> tuple[Store, list[Any], list[int], tuple[Any, Any, Any], dict[str, int]]:
    schedule = structure.schedule
    nodes = schedule.nodes
    return (
        structure.store,
        [
            (node.kind, node.name, node.value if isinstance(node, Bias) else node.activation, node.aggregation)
            for node in nodes
        ],
        [structure.order[node] for node in nodes],
        (schedule.sources, schedule.targets, schedule.numbers),
        dict(structure.links.named),
    )


def _beside(structure: Structure) -> tuple[list[tuple[str, tuple[int, ...]]], dict[int, int]]:
    return structure.ties.described(), dict(structure.links.delays)


def _restored(
    store: Store, nodes: list[Any], positions: list[int], links: tuple[Any, Any, Any], named: dict[str, int],
    generator: np.random.Generator, initializer: Initializer, face: object = None,
    ties: Sequence[tuple[str, Sequence[int]]] = (), delays: Mapping[int, int] = MappingProxyType({}),
) -> Structure:  # fmt: skip
    twin = Structure(seed=generator, initializer=initializer, dtype=str(store.weights.dtype), face=face)
    fill(twin, nodes, positions, links, named, delays=delays)
    if ties:
        twin.tie_all(ties)
    twin.store.adopt(store)
    return twin


def _reduced(structure: Structure) -> tuple[Any, ...]:
    # Pickled, a structure is that of its network, or if it has none, what it consists of.
    if structure.face is not structure:
        return _structure_of, (structure.face,)
    return _restored, (
        *_described(structure), structure.generator, structure.initializer, None, *_beside(structure)
    )  # fmt: skip


def _structure_of(network: Any) -> Any:
    return network.structure


copyreg.pickle(Structure, _reduced)


def _activations(hidden: object, count: int) -> list[object]:
    if isinstance(hidden, Iterable) and not isinstance(hidden, str | Mapping):
        given = items(hidden, "hidden", "an activation, or a list of them")
        if len(given) != count:
            raise ArgumentError(f"hidden gives {len(given)} activations for {count} hidden layers.")
        return given
    return [hidden] * count


def _sizes(sizes: Any) -> list[int]:
    try:
        given = [whole(size, "a size") for size in items(sizes, "sizes", "a list of sizes")]
    except (ArgumentError, ArgumentTypeError):
        given = []
    if len(given) < 2:
        raise ArgumentError(
            f"sizes must be two or more whole numbers of at least 1, such as [2, 2, 2]; got {shortened(sizes)}."
        )
    return given
