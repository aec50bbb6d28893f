"""A network as kernels see it: nodes in places, connections by target and by source, activations by address."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nodesim.engines.native.functions import slab_of
from nodesim.engines.native.program import AT_SUM, AT_VALUE, Program, arrange
from nodesim.engines.native.slabs import FLAT, Slab
from nodesim.functions import Activation
from nodesim.schedule import Schedule

Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Arrangement:
    """Where the nodes and connections of a schedule stand in the arrays of kernels.

    Attributes
    ----------
    rows, place_of : ndarray of shape (n_rows,)
        The row of the node in each place, and the place of each row.
    slots, by_source : ndarray of shape (n_connections,)
        The slots of the connections, by target and by source.
    programs : dict of int to Program
        By where the error enters the outputs, AT_VALUE or AT_SUM.
    slabs : tuple of Slab
        What the addresses in the programs belong to.
    largest : int
        How many places the largest group has.
    """

    rows: Indices
    place_of: Indices
    slots: Indices
    by_source: Indices
    programs: dict[int, Program]
    slabs: tuple[Slab, ...]
    largest: int


def cut(schedule: Schedule) -> Arrangement:
    """Arrange the nodes and connections of a schedule.

    Inputs and bias nodes come first, then the others by depth, activation, and number of connections: neighbours do
    the same things, which is what branch prediction wants.
    """
    kinds = _kinds(schedule)
    counts = np.bincount(schedule.targets, minlength=schedule.n_rows)
    given = kinds < 0
    depths = np.where(given, -1, schedule.depths)
    rows = np.lexsort((np.arange(schedule.n_rows), counts, kinds, depths))
    place_of = np.empty_like(rows)
    place_of[rows] = np.arange(len(rows))
    order = np.lexsort((place_of[schedule.sources], place_of[schedule.targets]))
    source = place_of[schedule.sources[order]]
    start = np.concatenate([[0], np.cumsum(counts[rows])]).astype(np.int64)
    groups, slabs = _groups(schedule, rows, kinds, int(given.sum()))
    outputs = place_of[schedule.output_rows]
    by_value = arrange(int(given.sum()), start, source.astype(np.uint32), groups, outputs, AT_VALUE)
    by_sum = arrange(int(given.sum()), start, source.astype(np.uint32), groups, outputs, AT_SUM)
    largest = max((end - begin for begin, end, _ in groups), default=0)
    slots = schedule.slots[order]
    by_source = np.empty_like(slots)
    by_source[by_value.position] = slots
    return Arrangement(rows, place_of, slots, by_source, {AT_VALUE: by_value, AT_SUM: by_sum}, slabs, largest)


def _kinds(schedule: Schedule) -> Indices:
    """Return the number of each node's activation, those that reach no output apart; -1 for inputs and bias nodes."""
    numbers: dict[tuple[Activation, bool], int] = {}
    kinds = [
        -1 if node.activation is None else numbers.setdefault((node.activation, alive), len(numbers))
        for node, alive in zip(schedule.nodes, schedule.reaching.tolist())
    ]
    return np.array(kinds, dtype=np.intp)


def _groups(
    schedule: Schedule, rows: Indices, kinds: Indices, first: int
) -> tuple[list[tuple[int, int, Slab]], tuple[Slab, ...]]:
    """Return the runs of places that share depth and activation."""
    places = np.arange(first, len(rows))
    depth, kind = schedule.depths[rows[places]], kinds[rows[places]]
    changes = np.flatnonzero((np.diff(depth) != 0) | (np.diff(kind) != 0)) + 1
    slabs: dict[int, Slab] = {}
    groups = []
    for members in np.split(places, changes) if len(places) else []:
        row = rows[members[0]]
        number = int(kinds[row])
        if number not in slabs:
            slabs[number] = _slab(schedule, int(row))
        groups.append((int(members[0]), int(members[-1]) + 1, slabs[number]))
    return groups, tuple(slabs.values())


def _slab(schedule: Schedule, row: int) -> Slab:
    activation = schedule.nodes[row].activation
    assert activation is not None
    slab = slab_of(activation)
    # Nothing behind a dead end has a derivative, and no derivative is asked for.
    return slab if schedule.reaching[row] else replace(slab, derivative=FLAT)
