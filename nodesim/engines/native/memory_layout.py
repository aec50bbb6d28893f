"""A network as kernels see it: nodes in places, connections in the order they are read, activations by address."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array
from nodesim.engines.native.activations import ActivationKernel, flattened
from nodesim.engines.native.buffers import Scratch, scratch
from nodesim.engines.native.builtin import activation_kernel
from nodesim.engines.native.grouping import in_places, runs
from nodesim.engines.native.program import AT_SUM, AT_VALUE, Group, Program, arrange
from nodesim.engines.native.scalar_math import OTHER
from nodesim.functions.contracts import Activation
from nodesim.graph.schedule import Schedule

Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Arrangement:
    """Where the nodes and connections of a schedule stand in the arrays of kernels.

    Attributes
    ----------
    rows, place_of : ndarray of shape (n_rows,)
        The row of the node in each place, and the place of each row.
    slots, by_source : ndarray of shape (n_connections,)
        The slots of the connections: the sparse ones by target or by source, then the pieces of dense groups.
    in_order : bool
        Whether both are 0, 1, 2, ...: weights are then used where they stand.
    programs : dict of int to Program
        By where the error enters the outputs, AT_VALUE or AT_SUM.
    kernels : tuple of ActivationKernel
        What the addresses in the programs belong to.
    online : ndarray of shape (n_rows,)
        By place the code of the activation for online training; OTHER where there is none.
    largest, widest : int
        How many places the largest group has, and the largest dense one.
    kept : dict
        The weights in an order, with their edition.
    """

    rows: Indices
    place_of: Indices
    slots: Indices
    by_source: Indices
    in_order: bool
    programs: dict[int, Program]
    kernels: tuple[ActivationKernel, ...]
    online: NDArray[np.int64]
    largest: int
    widest: int
    kept: dict[int, tuple[int, Array]] = field(default_factory=dict)

    def ordered(self, weights: Array, slots: Indices, edition: int = -1) -> Array:
        """Return the weights in the order of `slots` or `by_source`; a view, if that is their own.

        Parameters
        ----------
        weights, slots : ndarray
        edition : int
            The store's, where that is known to change with the weights: they are then ordered once for each.
        """
        if self.in_order:
            return weights[: len(slots)]
        known, ordered = self.kept.get(id(slots), (-1, weights))
        if edition < 0 or known != edition:
            ordered = weights.take(slots)
            self.kept[id(slots)] = edition, ordered
        return ordered

    def scratch(self, n_blocks: int) -> Scratch:
        """Return what kernels write to and do not keep, for so many blocks."""
        n_outputs = len(self.programs[AT_VALUE].outputs)
        return scratch(self.largest, self.widest, n_outputs, n_blocks)


def cut(schedule: Schedule) -> Arrangement:
    """Arrange the nodes and connections of a schedule."""
    kinds = _kinds(schedule)
    rows = in_places(schedule, kinds)
    place_of = np.empty_like(rows)
    place_of[rows] = np.arange(len(rows))
    source, target = place_of[schedule.sources], place_of[schedule.targets]
    order = np.lexsort((source, target))
    found = runs(schedule.depths[rows], kinds[rows], source[order], target[order])
    kernels = {
        int(kind): _kernel(schedule, int(row)) for kind, row in zip(*np.unique(kinds, return_index=True)) if kind >= 0
    }
    groups = [Group(*run, kernels[int(kinds[rows[run[0]]])]) for run in found]
    online = np.full(len(rows), OTHER, dtype=np.int64)
    for group in groups:
        online[group.begin : group.end] = group.kernel.online
    order, n_sparse = _by_piece(order, source, target, groups, len(rows))
    given = place_of[np.concatenate([schedule.input_rows, [bias.row for bias in schedule.biases]]).astype(np.intp)]
    sparse = source[order[:n_sparse]], target[order[:n_sparse]]
    programs = {
        entry: arrange(given, len(rows), *sparse, groups, place_of[schedule.output_rows], entry)
        for entry in (AT_VALUE, AT_SUM)
    }
    slots = schedule.slots[order]
    by_source = slots.copy()
    by_source[programs[AT_VALUE].position] = slots[:n_sparse]
    counting = np.arange(len(slots))
    return Arrangement(
        rows, place_of, slots, by_source, bool((slots == counting).all() and (by_source == counting).all()),
        programs, tuple(kernels.values()), online,
        max((group.end - group.begin for group in groups), default=0),
        max((group.end - group.begin for group in groups if group.dense), default=0),
    )  # fmt: skip


def _by_piece(
    order: Indices, source: Indices, target: Indices, groups: list[Group], n_places: int
) -> tuple[Indices, int]:
    """Return connections, given by target, in their final order, and how many of them, the first ones, are sparse."""
    piece_of = np.full(n_places, -1)
    for number, group in enumerate(groups):
        if group.dense:
            piece_of[group.begin : group.end] = number
    pieces = piece_of[target[order]]
    dense = order[pieces >= 0]
    dense = dense[np.lexsort((target[dense], source[dense], pieces[pieces >= 0]))]
    return np.concatenate([order[pieces < 0], dense]), int((pieces < 0).sum())


def _kinds(schedule: Schedule) -> Indices:
    """Return the number of each node's activation, those that reach no output apart; -1 for inputs and bias nodes."""
    numbers: dict[tuple[Activation, bool], int] = {}
    kinds = [
        -1 if node.activation is None else numbers.setdefault((node.activation, alive), len(numbers))
        for node, alive in zip(schedule.nodes, schedule.reaching.tolist())
    ]
    return np.array(kinds, dtype=np.intp)


def _kernel(schedule: Schedule, row: int) -> ActivationKernel:
    activation = schedule.nodes[row].activation
    assert activation is not None
    kernel = activation_kernel(activation)
    # Nothing behind a dead end has a derivative, and no derivative is asked for.
    return kernel if schedule.reaching[row] else flattened(kernel)
