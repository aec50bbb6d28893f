"""A network level by level, for calculations of many variants of it at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.functions.contracts import Activation
from nodesim.graph.schedule import Schedule, by_activation


@dataclass(frozen=True, slots=True)
class Level:
    """The nodes of one depth from which an output is reached, and their connections.

    Attributes
    ----------
    rows : ndarray of shape (n_nodes,)
    incoming : ndarray of shape (n_incoming,)
        Connections into them, node by node.
    into : ndarray of shape (n_incoming,)
        For each its target's place among `rows`.
    outgoing : ndarray of shape (n_outgoing,)
        Connections that leave them towards outputs, node by node.
    fed, fed_starts : ndarray
        Which of the nodes are fed at all, by place, and where the connections of each begin.
    feeding, feeding_starts : ndarray
        The same of those that feed others.
    outputs, output_places : ndarray
        Which of the nodes are outputs, by place, and by their place among all outputs.
    groups : tuple of (Activation, ndarray)
        The places of the nodes of each activation.
    """

    rows: Indices
    incoming: Indices
    into: Indices
    outgoing: Indices
    fed: Indices
    fed_starts: Indices
    feeding: Indices
    feeding_starts: Indices
    outputs: Indices
    output_places: Indices
    groups: tuple[tuple[Activation, Indices], ...]


def levels_of(schedule: Schedule) -> list[Level]:
    """Return the levels of a network, from the inputs on; connections are known by their numbers in their order."""
    alive, place_of_output = schedule.reaching, np.full(schedule.n_rows, -1)
    place_of_output[schedule.output_rows] = np.arange(len(schedule.output_rows))
    calculated = np.array([node.activation is not None for node in schedule.nodes], dtype=bool)
    useful = np.flatnonzero(alive[schedule.targets])
    by_target = useful[np.argsort(schedule.targets[useful], kind="stable")]
    by_source = useful[np.argsort(schedule.sources[useful], kind="stable")]
    found = []
    for depth in range(1, int(schedule.depths.max(initial=0)) + 1):
        rows = np.flatnonzero((schedule.depths == depth) & alive & calculated)
        if len(rows):
            found.append(_level(schedule, rows, by_target, by_source, place_of_output))
    return found


def _level(
    schedule: Schedule, rows: Indices, by_target: Indices, by_source: Indices, place_of_output: Indices
) -> Level:
    incoming, into, fed, fed_starts = _of(rows, by_target, schedule.targets)
    outgoing, _, feeding, feeding_starts = _of(rows, by_source, schedule.sources)
    outputs = np.flatnonzero(place_of_output[rows] >= 0)
    alike = by_activation(schedule, rows.tolist())
    groups = tuple((activation, np.searchsorted(rows, members)) for activation, members in alike.items())
    return Level(
        rows, incoming, into, outgoing, fed, fed_starts, feeding, feeding_starts, outputs,
        place_of_output[rows[outputs]], groups,
    )  # fmt: skip


def _of(rows: Indices, ordered: Indices, ends: Indices) -> tuple[Indices, Indices, Indices, Indices]:
    """Return the connections at some rows, the place of each row, and which rows have some, where they begin."""
    own = ends[ordered]
    first, end = np.searchsorted(own, rows), np.searchsorted(own, rows, side="right")
    counts = end - first
    chosen = np.concatenate([ordered[a:b] for a, b in zip(first, end)]) if counts.sum() else np.empty(0, np.intp)
    into = np.repeat(np.arange(len(rows)), counts)
    some = np.flatnonzero(counts)
    starts = np.concatenate([[0], np.cumsum(counts[some])[:-1]]) if len(some) else np.empty(0, np.intp)
    return chosen, into, some, starts.astype(np.intp)


def summed(terms: Array, places: Indices, starts: Indices, count: int) -> Array:
    """Return sums of terms, shape (k, n_terms, n_samples), that stand together, shape (k, count, n_samples)."""
    sums = np.zeros((len(terms), count, terms.shape[2]))
    if len(places):
        sums[:, places] = np.add.reduceat(terms, starts, axis=1)
    return sums
