"""Whole networks at once: layered in the article's numbering, and copies."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from nodesim.errors import ArgumentError
from nodesim.graph.assembly import Assembly
from nodesim.graph.collector import paused_collector
from nodesim.graph.elements import Bias, Node
from nodesim.validation import flag

A = TypeVar("A", bound=Assembly)
# Each connection is an object of about 200 bytes.
_MOST = 500_000_000


def connect_layers(network: Assembly, sizes: Any, hidden: object, output: object, bias: bool) -> None:
    """Fill an empty network with fully connected layers, and draw its weights; see `Network.layered`."""
    counts = _sizes(sizes)
    bias = flag(bias, "bias")
    count = sum((a + bias) * b for a, b in pairwise(counts))
    if count > _MOST:
        raise ArgumentError(f"layers of {sizes} nodes have {count:,} connections; more than {_MOST:,} fit no memory.")
    activations = [*_activations(hidden, len(counts) - 2), output]
    before: Sequence[Node] = [network.add_input() for _ in range(counts[0])]
    for depth, size in enumerate(counts[1:]):
        sources = [*before, network.add_bias()] if bias else before
        add = network.add_output if depth == len(counts) - 2 else network.add_hidden
        before = [add(None, activations[depth]) for _ in range(size)]
        network._link_all((source, target) for source in sources for target in before)
    network.initialize()


def copy_structure(network: Assembly, twin: Assembly) -> None:
    """Give an empty network the same nodes, slots and names, gaps included, so that it goes on bit by bit the same."""
    twin._generator = copy.deepcopy(network._generator)
    twin._initializer = network._initializer
    twin._names.reserve(len(network._names.slots))
    for node in network.nodes:
        clone = _clone(node, twin)
        twin._enter(clone)
        clone._position = node._position
    twin._order.resume(network._order)
    clones = dict(zip(network.nodes, twin.nodes))
    with paused_collector():
        for old in network.connections:
            twin._link(clones[old.source], clones[old.target], old._slot, old._label)
    twin.store = network.store.copy()


def _clone(node: Node, twin: Assembly) -> Node:
    if isinstance(node, Bias):
        return Bias(twin, node.name, twin._names.next_row(), node.value)
    return Node(twin, node.kind, node.name, twin._names.next_row(), node.activation)


def _activations(hidden: object, count: int) -> list[object]:
    if isinstance(hidden, Iterable) and not isinstance(hidden, str | dict):
        given = list(hidden)
        if len(given) != count:
            raise ArgumentError(f"hidden gives {len(given)} activations for {count} hidden layers.")
        return given
    return [hidden] * count


def _sizes(sizes: Any) -> list[int]:
    try:
        given = list(sizes)
    except TypeError:
        given = []
    whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) and n > 0 for n in given)
    if len(given) < 2 or not whole:
        raise ArgumentError(f"sizes must be two or more whole numbers of at least 1, such as [2, 2, 2]; got {sizes!r}.")
    return [int(n) for n in given]
