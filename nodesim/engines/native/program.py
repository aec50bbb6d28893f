"""The arrays that kernels run on, made from a network's connections, in one piece of memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array
from nodesim.engines.native.activations import ActivationKernel
from nodesim.engines.native.aggregations import SUM, AggregationKernel
from nodesim.engines.native.interpreter import row_offset
from nodesim.engines.native.jit import inlined
from nodesim.engines.native.packing import doubles, flags, indices, packed, whole_numbers
from nodesim.graph.index_arrays import sorted_by

Integers = NDArray[np.int64]
Indices32 = NDArray[np.uint32]
Flags = NDArray[np.uint8]


class Group(NamedTuple):
    """Consecutive positions that share an activation and do not feed each other.

    Attributes
    ----------
    begin, end : int
    feed_begin, feed_end : int
        In a dense group, every one of these positions feeds every one of the group; others may do so by sparse
        connections.
    kernel : ActivationKernel
    number : int
        Which of the layout's kernels that is.
    aggregation : AggregationKernel
        What makes z of what comes in.
    """

    begin: int
    end: int
    feed_begin: int
    feed_end: int
    kernel: ActivationKernel
    number: int
    aggregation: AggregationKernel = SUM

    @property
    def dense(self) -> bool:
        """Whether it is one."""
        return self.feed_end > self.feed_begin

    @property
    def size(self) -> int:
        """How many connections enter a dense group."""
        return (self.end - self.begin) * (self.feed_end - self.feed_begin)


class Terms(NamedTuple):
    """Where contributions to nodes that are no sums stand: behind the positions of all nodes.

    Attributes
    ----------
    end, starts : ndarray
        `end` and `terms` of `Program`.
    most : int
        The most that one node has.
    """

    end: NDArray[np.intp]
    starts: Integers
    most: int


class Program(NamedTuple):
    """A network in evaluation order: positions instead of nodes; sparse connections by target, then dense groups.

    The weights of a dense group are a matrix, source by source, behind those of the sparse connections.

    Attributes
    ----------
    given : ndarray of shape (n_given,)
        The positions of inputs, then those of bias constants.
    start : ndarray of shape (n_positions + 1,)
        The sparse connections into position p are k = start[p] ... start[p + 1] − 1.
    source : ndarray of shape (n_sparse,)
        The position that feeds connection k.
    out_start : ndarray of shape (n_positions + 1,)
        The sparse connections out of position p are j = out_start[p] ... out_start[p + 1] − 1 of the
        order by source, which is by target among equal sources.
    target : ndarray of shape (n_sparse,)
        The position that connection j of the order by source feeds: `end` in that order.
    out_index : ndarray of shape (n_sparse,)
        Where connection k stands in the order by source: j.
    group_begin, group_end : ndarray of shape (n_groups,)
        Consecutive positions that share an activation and do not feed each other.
    feed_begin, feed_end : ndarray of shape (n_groups,)
        The consecutive positions that feed a dense group; empty for a sparse one.
    inner_begin, inner_end : ndarray of shape (n_groups,)
        The same without inputs and bias constants at its ends.
    matrix : ndarray of shape (n_groups,)
        Where the matrix of weights of a dense group begins.
    adds : ndarray of shape (n_groups,)
        Whether something has arrived at the group's sources when it hands its errors down to them.
    function, derivative : ndarray of shape (n_groups,)
        Addresses of the groups' activation functions and derivatives.
    row : ndarray of shape (n_groups,)
        Where what these are given first stands, as `row_of` reads it.
    feeds : ndarray of shape (n_positions,)
        Whether the position feeds a dense group.
    cleared : ndarray of int
        Positions of which only some groups that add to their neighbours hand errors down to them first.
    is_output : ndarray of shape (n_positions,)
        Whether the error enters there.
    column : ndarray of shape (n_positions,)
        Which of the outputs an output position is.
    outputs : ndarray of shape (n_outputs,)
        The output positions, in the order of the targets' columns.
    sent : ndarray of shape (n_biases,)
        What bias nodes send.
    aggregation, handing : ndarray of shape (n_groups,)
        Addresses of what makes z of the contributions to nodes that are no sums, and hands errors down to them; 0 for
        sums.
    end : ndarray of shape (n_sparse,)
        The position that connection k feeds, or, where that node is no sum, that of its contribution.
    terms : ndarray of shape (n_rows + 1,)
        The contributions to position p are at terms[p] ... terms[p + 1] − 1, in connection order.
    calls : int
        The address of a run's `Calls`; only within kernels.
    """

    given: Integers
    start: Integers
    source: Indices32
    out_start: Integers
    target: Indices32
    out_index: Indices32
    group_begin: Integers
    group_end: Integers
    feed_begin: Integers
    feed_end: Integers
    inner_begin: Integers
    inner_end: Integers
    matrix: Integers
    adds: Flags
    function: Integers
    derivative: Integers
    row: Integers
    feeds: Flags
    cleared: Integers
    is_output: Flags
    column: Integers
    outputs: Integers
    sent: Array
    aggregation: Integers
    handing: Integers
    end: Indices32
    terms: Integers
    calls: int = 0


def make_program(
    given: NDArray[np.intp],
    n_positions: int,
    source: NDArray[np.intp],
    target: NDArray[np.intp],
    groups: Sequence[Group],
    outputs: NDArray[np.intp],
    sent: Array,
    terms: Terms,
) -> Program:
    """Return the program of a network whose positions stand in evaluation order.

    Parameters
    ----------
    given, outputs, sent
        As in `Program`.
    n_positions : int
        Those of nodes.
    source, target : ndarray of shape (n_sparse,)
        The ends of the sparse connections, by target, then by source.
    groups : sequence of Group
        In ascending order; together they cover all calculated positions.
    terms : Terms
    """
    # Stable: among equal sources the order stays by target.
    order = sorted_by(source)
    out_index = np.empty(len(source), dtype=np.uint32)
    out_index[order] = np.arange(len(source), dtype=np.uint32)
    is_output, column = np.zeros(n_positions, dtype=np.uint8), np.zeros(n_positions, dtype=np.int64)
    is_output[outputs], column[outputs] = 1, np.arange(len(outputs))
    begin, end, feed_begin, feed_end, sizes = _columns([(*group[:4], group.size) for group in groups], 5)
    function, derivative, row = _columns(
        [(group.kernel.function, group.kernel.derivative, group.kernel.row or -row_offset(group.number))
         for group in groups], 3
    )  # fmt: skip
    aggregation, handing = _columns([group.aggregation[1:] for group in groups], 2)
    inner_begin, inner_end = _inner(groups, given, n_positions)
    adds, feeds, cleared = _arrivals(groups, n_positions)
    return Program(
        given.astype(np.int64), starts(target, n_positions), source.astype(np.uint32), starts(source, n_positions),
        terms.end[order].astype(np.uint32), out_index, begin, end, feed_begin, feed_end,
        inner_begin, inner_end, len(source) + np.cumsum(sizes) - sizes, adds, function, derivative, row,
        feeds, cleared, is_output, column, outputs.astype(np.int64), sent, aggregation, handing,
        terms.end.astype(np.uint32), terms.starts,
    )  # fmt: skip


def in_one_piece(program: Program) -> Integers:
    """Return the memory of a program, as kernels are given it; they see it by `unpacked`."""
    return packed(program[:-1])


@inlined
def unpacked(memory: Any, calls: int) -> Any:
    """Return the program in a piece of memory: views of it, and the address of the run's `Calls`."""
    return Program(
        whole_numbers(memory, 0), whole_numbers(memory, 1), indices(memory, 2), whole_numbers(memory, 3),
        indices(memory, 4), indices(memory, 5), whole_numbers(memory, 6), whole_numbers(memory, 7),
        whole_numbers(memory, 8), whole_numbers(memory, 9), whole_numbers(memory, 10), whole_numbers(memory, 11),
        whole_numbers(memory, 12), flags(memory, 13), whole_numbers(memory, 14), whole_numbers(memory, 15),
        whole_numbers(memory, 16), flags(memory, 17), whole_numbers(memory, 18), flags(memory, 19),
        whole_numbers(memory, 20), whole_numbers(memory, 21), doubles(memory, 22), whole_numbers(memory, 23),
        whole_numbers(memory, 24), indices(memory, 25), whole_numbers(memory, 26),
        calls,
    )  # fmt: skip


@inlined
def row_of(program: Any, group: int) -> int:
    """Return the address that a group's functions are given first: of their parameters, or in the run's `Calls`."""
    row = program.row[group]
    return row if row > 0 else program.calls - row  # type: ignore[no-any-return]


@inlined
def connection_count(program: Any) -> int:
    """Return how many connections there are, those of dense groups included."""
    count = len(program.source)
    for group in range(len(program.group_begin)):
        feeds = program.feed_end[group] - program.feed_begin[group]
        count += (program.group_end[group] - program.group_begin[group]) * feeds
    return count


def _columns(numbers: Sequence[tuple[int, ...]], count: int) -> list[Integers]:
    table = np.array(numbers, dtype=np.int64).reshape(-1, count)
    return [np.ascontiguousarray(column) for column in table.T]


def starts(ends: NDArray[np.intp], n_positions: int) -> Integers:
    """Return where the connections of each position begin, and at last their number; their ends are in order."""
    found = np.zeros(n_positions + 1, dtype=np.int64)
    np.cumsum(np.bincount(ends, minlength=n_positions), out=found[1:])
    return found


def _inner(groups: Sequence[Group], given: NDArray[np.intp], n_positions: int) -> list[Integers]:
    """Return the ends of each dense group's feed without the given positions that stand there."""
    calculated = np.ones(n_positions, dtype=bool)
    calculated[given] = False
    ends = [(0, 0)] * len(groups)
    for number, group in enumerate(groups):
        inside = np.flatnonzero(calculated[group.feed_begin : group.feed_end]) if group.dense else calculated[:0]
        if len(inside):
            ends[number] = group.feed_begin + int(inside[0]), group.feed_begin + int(inside[-1]) + 1
    return _columns(ends, 2)


def _arrivals(groups: Sequence[Group], n_positions: int) -> tuple[Flags, Flags, Integers]:
    """Return which dense groups add to what other ones handed down, what is fed by any, and what to clear before."""
    # Backward, the last group hands down first. Where nothing has arrived before, a group writes instead of adding, and
    # nothing need be cleared; where its feed overlaps with that of a later group in part, the rest of it must be 0.
    adds, feeds = np.zeros(len(groups), dtype=bool), np.zeros(n_positions, dtype=bool)
    cleared = np.zeros(n_positions, dtype=bool)
    for number, group in reversed(list(enumerate(groups))):
        feed = slice(group.feed_begin, group.feed_end)
        adds[number] = feeds[feed].any()
        if adds[number]:
            cleared[feed] |= ~feeds[feed]
        feeds[feed] = True
    return adds.view(np.uint8), feeds.view(np.uint8), np.flatnonzero(cleared).astype(np.int64)
