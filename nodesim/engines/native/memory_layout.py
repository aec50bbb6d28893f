"""A network as kernels see it: nodes by position, connections in the order they are read, activations by address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices
from nodesim.engines.native.activations import ActivationKernel, flattened
from nodesim.engines.native.aggregations import AggregationKernel
from nodesim.engines.native.aggregations import flattened as handing_nothing
from nodesim.engines.native.blocks import Needs, Scratch, scratch
from nodesim.engines.native.builtin import activation_kernel, aggregation_kernel
from nodesim.engines.native.function_pointers import LossCall
from nodesim.engines.native.interpreter import NO_CALLS, Calls
from nodesim.engines.native.joins import terms_of
from nodesim.engines.native.losses import LossKernel
from nodesim.engines.native.program import Group, Integers, Program, in_one_piece, make_program
from nodesim.engines.native.scalar_math import OTHER
from nodesim.graph.schedule import Schedule


@dataclass(frozen=True)
class MemoryLayout:
    """Where the nodes and connections of a schedule stand in the arrays of kernels.

    Attributes
    ----------
    rows, position_of : ndarray of shape (n_rows,)
        The row of the node at each position, and the position of each row.
    n_connections : int
        How many there are; by target, they stand in the first slots of the store.
    by_source : ndarray of shape (n_connections,), or None
        The slots of the connections where the sparse ones stand by source; None where that is their order by target as
        well, which is that of the store.
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
    joins : tuple of (int, int, str)
        The groups of nodes that are no sums: begin, end, and the name of the native form of their aggregation.
    n_positions : int
        Those of nodes, and behind them, for one sample, those of the contributions to nodes that are no sums.
    needs : Needs
        Of what kernels write to and do not keep.
    """

    rows: Indices
    position_of: Indices
    n_connections: int
    by_source: Indices | None
    program: Program
    memory: Integers
    kernels: tuple[ActivationKernel, ...]
    interpreted: bool
    online: NDArray[np.int64]
    largest: int
    widest: int
    joins: tuple[tuple[int, int, str], ...]
    n_positions: int
    needs: Needs

    def stands_as(self, other: MemoryLayout | None) -> bool:
        """Tell whether the numbers of another layout stand at the same positions, and mean the same."""
        if other is None or other is self:
            return other is self
        return np.array_equal(other.rows, self.rows) and other.joins == self.joins

    def in_order_by_source(self, weights: Array) -> Array:
        """Return weights by slot by source; themselves, if that is their own order."""
        return weights[: self.n_connections] if self.by_source is None else weights.take(self.by_source)

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
        return scratch(self.needs, n_blocks, dtype)


def layout_of(schedule: Schedule) -> MemoryLayout:
    """Lay out the memory of kernels as the nodes and connections of a schedule are arranged."""
    arrangement = schedule.arrangement
    kinds, rows, position_of = arrangement.kinds, arrangement.rows, arrangement.position_of
    kernels = {
        int(kind): _kernel(schedule, int(row)) for kind, row in zip(*np.unique(kinds, return_index=True)) if kind >= 0
    }
    places = {kind: place for place, kind in enumerate(kernels)}
    owners = [int(kinds[rows[begin]]) for begin, *_ in arrangement.groups]
    groups = [
        Group(*ends, kernels[kind], places[kind], _aggregation(schedule, int(rows[ends[0]])))
        for ends, kind in zip(arrangement.groups, owners)
    ]
    online = np.full(len(rows), OTHER, dtype=np.int64)
    for group in groups:
        online[group.begin : group.end] = group.kernel.online
    given = position_of[np.concatenate([schedule.input_rows, schedule.bias_rows])]
    sparse = arrangement.order[: arrangement.n_sparse]
    source, target = position_of[schedule.sources[sparse]], position_of[schedule.targets[sparse]]
    terms = terms_of(sparse, target, schedule.joins[rows])
    program = make_program(
        given, len(rows), source, target, groups, position_of[schedule.output_rows], schedule.constants, terms
    )
    # By source differs from by target in the sparse connections only; matrices stand source by source in both.
    by_source: Indices = np.arange(len(arrangement.order))
    by_source[program.out_index] = np.arange(len(sparse))
    same = bool((by_source[: len(sparse)] == np.arange(len(sparse))).all())
    largest = max((group.end - group.begin for group in groups), default=0)
    widest = max((group.end - group.begin for group in groups if group.dense), default=0)
    n_positions = int(terms.starts[-1])
    return MemoryLayout(
        rows, position_of, len(by_source), None if same else by_source,
        program, in_one_piece(program), tuple(kernels.values()), any(kernel.called for kernel in kernels.values()),
        online, largest, widest,
        tuple((group.begin, group.end, group.aggregation.name) for group in groups if group.aggregation.function),
        n_positions, Needs(largest, widest, n_positions - len(rows), terms.most, len(program.outputs)),
    )  # fmt: skip


def _kernel(schedule: Schedule, row: int) -> ActivationKernel:
    activation = schedule.nodes[row].activation
    assert activation is not None
    kernel = activation_kernel(activation)
    # Nothing behind a dead end has a derivative, and no derivative is asked for.
    return kernel if schedule.reaching[row] else flattened(kernel)


def _aggregation(schedule: Schedule, row: int) -> AggregationKernel:
    aggregation = schedule.nodes[row].aggregation
    assert aggregation is not None
    kernel = aggregation_kernel(aggregation)
    assert kernel is not None
    return kernel if schedule.reaching[row] else handing_nothing(kernel)
