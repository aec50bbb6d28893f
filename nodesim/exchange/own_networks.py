"""Networks of nodesim as blueprints: what a writer gives along, so that the same network is read again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from nodesim.exchange.blueprint import Blueprint, Origins
from nodesim.functions.aggregation import Aggregation
from nodesim.graph.elements import Bias
from nodesim.graph.structure import Structure
from nodesim.notation.symbols import LETTERS
from nodesim.simulation.simulator import Simulator


def blueprint_of(simulator: Simulator) -> Blueprint:
    """Return a network as a blueprint: each weight comes from a number that has the connection's name, or the tie's."""
    structure = simulator.structure
    # The schedule first: asking for it may put the store in another order.
    schedule, store = structure.schedule, structure.store
    names = connection_names(simulator)
    ties = tuple((tie.name, tuple(schedule.indices[list(tie.numbers)].tolist())) for tie in structure.ties)
    letter = LETTERS["connection"]
    return Blueprint(
        names=tuple(node.name for node in schedule.nodes),
        kinds=tuple(node.kind for node in schedule.nodes),
        given=tuple(node.value if isinstance(node, Bias) else node.activation for node in schedule.nodes),
        positions=tuple(structure.order[node] for node in schedule.nodes),
        sources=schedule.sources.copy(),
        targets=schedule.targets.copy(),
        weights=store.weights[schedule.slots].astype(float),
        frozen=~store.trainable[schedule.slots],
        loss=simulator.loss,
        origins=named_numbers(names, ties),
        # Behind gaps that removed connections left, a connection says the name that its number has said.
        labels={index: name for index, name in enumerate(names) if name != f"{letter}{index + 1}"},
        joins=joins_of(structure),
        ties=ties,
        classes=None if simulator.classes is None else tuple(simulator.classes),
        dtype=structure.dtype,
    )


def named_numbers(names: Sequence[str], ties: Iterable[tuple[str, Sequence[int]]]) -> Origins:
    """Return origins of which each is one number: that of a connection, or of a tie, by its name."""
    owners, count = list(names), len(names)
    for name, uses in ties:
        for use in uses:
            owners[use] = name
    numbers = {name: number for number, name in enumerate(dict.fromkeys(owners))}
    parameter = np.array([numbers[name] for name in owners], dtype=np.intp)
    return Origins(tuple(numbers), parameter, np.zeros(count, dtype=np.intp), np.ones(count))


def joins_of(structure: Structure) -> dict[int, Aggregation]:
    """Return the aggregations of the nodes that are no sums, by row."""
    nodes = structure.schedule.nodes
    return {
        row: node.aggregation
        for row, node in enumerate(nodes)
        if node.aggregation is not None and not node.aggregation.is_sum
    }


def connection_names(simulator: Simulator) -> list[str]:
    """Return the names of all connections, in connection order, without making an object of each."""
    structure = simulator.structure
    schedule = structure.schedule
    names = [f"{LETTERS['connection']}{number + 1}" for number in schedule.numbers.tolist()]
    for name, number in structure.links.named.items():
        names[schedule.index_of_number(number)] = name
    return names
