"""A schedule, cut into what NumPy calculates at once: the nodes of one depth, and all that leads to or from them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from nodesim._arrays import Indices
from nodesim.engines.joins import Join, joins_of
from nodesim.engines.matrices import DenseMatrix, Gather, dense_matrices, gathers
from nodesim.functions.contracts import Activation
from nodesim.graph.index_arrays import Places, places
from nodesim.graph.schedule import Schedule


@dataclass(frozen=True, slots=True)
class ActivationGroup:
    """Nodes of one depth that share an activation.

    Attributes
    ----------
    activation : Activation
    rows : slice or ndarray
    alive : bool
        Whether an output can be reached from them.
    members : ndarray of int
        Their rows, one by one.
    """

    activation: Activation
    rows: Places
    alive: bool
    members: Indices


@dataclass(frozen=True, slots=True)
class Level:
    """The nodes of one depth, and the connections that enter and leave them.

    Attributes
    ----------
    rows : slice or ndarray
    dead, unfed : ndarray of int
        The rows from which no output can be reached, and those of hidden nodes that nothing feeds.
    groups : tuple of ActivationGroup
    dense : tuple of DenseMatrix
        Into these nodes.
    incoming, outgoing : tuple of Gather
        The other connections: all that enter, and those that leave towards an output.
    joins : tuple of Join
        The nodes that are no sums, whose connections are in none of these.
    """

    rows: Places
    dead: Indices
    unfed: Indices
    groups: tuple[ActivationGroup, ...]
    dense: tuple[DenseMatrix, ...]
    incoming: tuple[Gather, ...]
    outgoing: tuple[Gather, ...]
    joins: tuple[Join, ...]


class Levels(NamedTuple):
    """All levels, in the order of calculation, and how the error comes back through them.

    Attributes
    ----------
    forward : list of Level
    backward : list of Returning
        For each of these levels, the first one included.
    cleared : ndarray of int
        The rows, outputs aside, whose delta begins with 0, because it is added up; that of others is written at once.
    outputs : slice or ndarray
        Their rows.
    """

    forward: list[Level]
    backward: list[Returning]
    cleared: Indices
    outputs: Places


class Returning(NamedTuple):
    """How the error comes back to and through the nodes of one depth.

    Attributes
    ----------
    rows, numbers : ndarray of int
        The rows of the outputs among them, and which outputs they are.
    gathered, dense : tuple of bool
        For each gather that leaves, and each matrix that enters: whether it is the first that reaches its sources.
    given : tuple of bool
        For each matrix, whether nothing but inputs and bias nodes feeds it.
    """

    rows: Indices
    numbers: Indices
    gathered: tuple[bool, ...]
    dense: tuple[bool, ...]
    given: tuple[bool, ...]


def levels_of(schedule: Schedule) -> Levels:
    """Cut the levels of a schedule."""
    levels = _levels(schedule)
    rows, is_given, depth_of = np.arange(schedule.n_rows), schedule.depths == 0, schedule.depths[schedule.output_rows]
    reached = np.zeros(schedule.n_rows, dtype=bool)
    reached[schedule.output_rows] = True
    # Whoever wants no delta of inputs leaves out the matrices that only they feed: in others it is added up from 0, if
    # it comes from several.
    matrices = [rows[dense.sources] for level in levels for dense in level.dense]
    times = np.bincount(np.concatenate([rows[:0], *matrices]), minlength=schedule.n_rows)
    mixed = [sources for sources in matrices if not is_given[sources].all()]
    summed = [sources[is_given[sources] & (times[sources] > 1)] for sources in mixed]
    cleared = [np.unique(np.concatenate([rows[:0], *summed]))]
    reached[cleared[0]] = True

    def first(places_of: Places) -> bool:
        found = rows[places_of]
        before = reached[found]
        if before.any():
            cleared.append(found[~before])
        reached[found] = True
        return not before.any()

    def added_to(found: Indices) -> None:
        # Joins add to what stands there, whoever comes first.
        cleared.append(found[~reached[found]])
        reached[found] = True

    backward: list[Returning] = []
    for depth, level in reversed(list(enumerate(levels))):
        numbers = np.flatnonzero(depth_of == depth)
        outgoing = tuple(first(gather.rows) for gather in level.outgoing)
        for join in level.joins:
            added_to(join.sources)
        backward.append(
            Returning(
                schedule.output_rows[numbers], numbers, outgoing,
                tuple(first(dense.sources) for dense in level.dense),
                tuple(bool(is_given[dense.sources].all()) for dense in level.dense),
            )
        )  # fmt: skip
    return Levels(levels, backward[::-1], np.concatenate(cleared), places(schedule.output_rows))


def _levels(schedule: Schedule) -> list[Level]:
    depth_of = schedule.depths
    order = np.lexsort((schedule.sources, schedule.targets, depth_of[schedule.targets]))
    order, joins = order[~schedule.joins[schedule.targets[order]]], joins_of(schedule)
    sources, targets, slots = schedule.sources[order], schedule.targets[order], schedule.slots[order]
    padding = int(schedule.slots.max(initial=-1)) + 1
    last = int(depth_of.max(initial=0))
    bounds = np.searchsorted(depth_of[targets], np.arange(last + 2))
    matrices, inside = [], np.zeros(len(targets), dtype=bool)
    for low, high in pairwise(bounds):
        found, within = dense_matrices(sources[low:high], targets[low:high], slots[low:high])
        matrices.append(found)
        inside[low:high] = within
    sparse = ~inside
    useful = sparse & schedule.reaching[targets]
    into = _split(targets[sparse], sources[sparse], slots[sparse], depth_of, last, padding)
    out_of = _split(sources[useful], targets[useful], slots[useful], depth_of, last, padding)
    fed = np.bincount(schedule.targets, minlength=schedule.n_rows) > 0
    given = np.concatenate([schedule.input_rows, schedule.bias_rows])
    fed[given.astype(np.intp)] = True
    by_depth = np.split(np.argsort(depth_of, kind="stable"), np.cumsum(np.bincount(depth_of))[:-1])
    return [
        Level(
            places(rows), rows[~schedule.reaching[rows]], rows[~fed[rows]], _groups(schedule, rows),
            tuple(matrix), tuple(entering), tuple(leaving), tuple(joins.get(depth, ())),
        )
        for depth, (rows, matrix, entering, leaving) in enumerate(zip(by_depth, matrices, into, out_of))
    ]  # fmt: skip


def _split(
    rows: Indices, ends: Indices, slots: Indices, depth_of: Indices, last: int, padding: int
) -> list[list[Gather]]:
    order = np.lexsort((ends, rows, depth_of[rows]))
    rows, ends, slots = rows[order], ends[order], slots[order]
    bounds = np.searchsorted(depth_of[rows], np.arange(last + 2))
    return [gathers(rows[a:b], ends[a:b], slots[a:b], padding) for a, b in pairwise(bounds)]


def _groups(schedule: Schedule, rows: Indices) -> tuple[ActivationGroup, ...]:
    found: dict[tuple[Activation, bool], list[int]] = {}
    for row in rows.tolist():
        activation = schedule.nodes[row].activation
        if activation is not None:
            found.setdefault((activation, bool(schedule.reaching[row])), []).append(row)
    return tuple(
        ActivationGroup(activation, places(np.array(members)), alive, np.array(members))
        for (activation, alive), members in found.items()
    )
