"""A network as kernels see it: nodes by position, connections in the order they are read, activations by address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices
from nodesim.engines.native.activations import ActivationKernel, flattened
from nodesim.engines.native.blocks import Scratch, scratch
from nodesim.engines.native.builtin import activation_kernel
from nodesim.engines.native.function_pointers import LossCall
from nodesim.engines.native.grouping import group_ranges, rows_by_position
from nodesim.engines.native.interpreter import NO_CALLS, Calls
from nodesim.engines.native.losses import LossKernel
from nodesim.engines.native.program import Group, Integers, Program, in_one_piece, make_program
from nodesim.engines.native.scalar_math import OTHER
from nodesim.functions.contracts import Activation
from nodesim.graph.schedule import Schedule


@dataclass(frozen=True)
class MemoryLayout:
    """Where the nodes and connections of a schedule stand in the arrays of kernels.

    Attributes
    ----------
    rows, position_of : ndarray of shape (n_rows,)
        The row of the node at each position, and the position of each row.
    slots, by_source : ndarray of shape (n_connections,)
        The slots of the connections: the sparse ones by target or by source, then the matrices of dense groups.
    in_order : bool
        Whether both are 0, 1, 2, ...: weights are then used where they stand.
    program : Program
    memory : ndarray of int64
        The same in one piece, as kernels are given it.
    kernels : tuple of ActivationKernel
        What the addresses in the program belong to.
    interpreted : bool
        Whether any of them calls the interpreter.
    online : ndarray of shape (n_rows,)
        By position the code of the activation for online training; OTHER where there is none.
    largest, widest : int
        How many positions the largest group has, and the largest dense one.
    kept : dict
        The weights in an order, with their version.
    """

    rows: Indices
    position_of: Indices
    slots: Indices
    by_source: Indices
    in_order: bool
    program: Program
    memory: Integers
    kernels: tuple[ActivationKernel, ...]
    interpreted: bool
    online: NDArray[np.int64]
    largest: int
    widest: int
    kept: dict[int, tuple[int, Array]] = field(default_factory=dict)

    def ordered(self, weights: Array, slots: Indices, version: int = -1) -> Array:
        """Return the weights in the order of `slots` or `by_source`; a view, if that is their own.

        Parameters
        ----------
        weights, slots : ndarray
        version : int
            The store's, where that is known to change with the weights: they are then ordered once for each.
        """
        if self.in_order:
            return weights[: len(slots)]
        # Ordering takes time that a single sample's run would notice: it is done once for each version.
        known, ordered = self.kept.get(id(slots), (-1, weights))
        if version < 0 or known != version:
            ordered = weights.take(slots)
            self.kept[id(slots)] = version, ordered
        return ordered

    def room(self, gradients: Array) -> Array:
        """Return where kernels write gradients, in their order: where these belong, if that is the same."""
        count = len(self.slots)
        return gradients[:count] if self.in_order else np.empty(count, gradients.dtype)

    def place(self, found: Array, slots: Indices, gradients: Array) -> None:
        """Write gradients in the order of `slots` or `by_source` where they belong, if they are not there."""
        if not self.in_order:
            gradients[slots] = found

    def calls(self, *losses: LossKernel) -> Calls:
        """Return a new record of what a run calls in the interpreter: of the kernels' functions, then of losses."""
        if not self.interpreted and not any(loss.called for loss in losses):
            return NO_CALLS
        return Calls([kernel.called for kernel in self.kernels] + [loss.called for loss in losses])

    def loss_call(self, loss: LossKernel, calls: Calls) -> LossCall:
        """Return a loss as kernels call it; the calls are of this loss alone, or none."""
        return LossCall(loss.function, loss.row or (calls.row(len(self.kernels)) if calls else 0), loss.of_sums)

    def scratch(self, n_blocks: int, dtype: Any = np.float64) -> Scratch:
        """Return what kernels write to and do not keep, for so many blocks."""
        return scratch(self.largest, self.widest, len(self.program.outputs), n_blocks, dtype)


def layout_of(schedule: Schedule) -> MemoryLayout:
    """Arrange the nodes and connections of a schedule."""
    kinds = _kinds(schedule)
    rows = rows_by_position(schedule, kinds)
    position_of = np.empty_like(rows)
    position_of[rows] = np.arange(len(rows))
    source, target = position_of[schedule.sources], position_of[schedule.targets]
    # In the order of evaluation, sources and targets alike: memory is walked through from one end to the other.
    order = np.lexsort((source, target))
    found = group_ranges(schedule.depths[rows], kinds[rows], source[order], target[order])
    kernels = {
        int(kind): _kernel(schedule, int(row)) for kind, row in zip(*np.unique(kinds, return_index=True)) if kind >= 0
    }
    places = {kind: place for place, kind in enumerate(kernels)}
    owners = [int(kinds[rows[begin]]) for begin, *_ in found]
    groups = [Group(*ends, kernels[kind], places[kind]) for ends, kind in zip(found, owners)]
    online = np.full(len(rows), OTHER, dtype=np.int64)
    for group in groups:
        online[group.begin : group.end] = group.kernel.online
    order, n_sparse = _by_matrix(order, source, target, groups, len(rows))
    given = position_of[np.concatenate([schedule.input_rows, [bias.row for bias in schedule.biases]]).astype(np.intp)]
    sparse = source[order[:n_sparse]], target[order[:n_sparse]]
    program = make_program(given, len(rows), *sparse, groups, position_of[schedule.output_rows], schedule.constants)
    # By source differs from by target in the sparse connections only; matrices stand source by source in both.
    slots = schedule.slots[order]
    by_source = slots.copy()
    by_source[program.out_index] = slots[:n_sparse]
    counting = np.arange(len(slots))
    return MemoryLayout(
        rows, position_of, slots, by_source, bool((slots == counting).all() and (by_source == counting).all()),
        program, in_one_piece(program), tuple(kernels.values()), any(kernel.called for kernel in kernels.values()),
        online,
        max((group.end - group.begin for group in groups), default=0),
        max((group.end - group.begin for group in groups if group.dense), default=0),
    )  # fmt: skip


def _by_matrix(
    order: Indices, source: Indices, target: Indices, groups: list[Group], n_positions: int
) -> tuple[Indices, int]:
    """Return connections, given by target, in their final order, and how many of them, the first ones, are sparse."""
    matrix_of = np.full(n_positions, -1)
    for number, group in enumerate(groups):
        if group.dense:
            matrix_of[group.begin : group.end] = number
    matrices = matrix_of[target[order]]
    dense = order[matrices >= 0]
    dense = dense[np.lexsort((target[dense], source[dense], matrices[matrices >= 0]))]
    return np.concatenate([order[matrices < 0], dense]), int((matrices < 0).sum())


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
