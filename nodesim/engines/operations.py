"""Forward and backward as operations of NumPy, one after the other, on arrays that are there.

They are called as soon as they are cut for a single run, or cut once and called for every update of a training: so
both calculate the same, bit by bit. Some of them ask functions of plugins; by whom, the caller says.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from functools import partial
from operator import setitem
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.engines.joins import Join
from nodesim.engines.levels import ActivationGroup, Levels
from nodesim.engines.matrices import DenseMatrix, Gather
from nodesim.graph.index_arrays import Places

Operation = Callable[[], Any]
# Made of some nodes, their z and where their a belongs: sets a.
Activating = Callable[[ActivationGroup, Array, Array], Operation]
# Made of some nodes, their z and a, and what arrives at a: multiplies it by the slope.
Sloping = Callable[[ActivationGroup, Array, Array, Array], Operation]
Operations = Generator[Operation, None, None]
# Operations, and at their end an array that they fill.
Filling = Generator[Operation, None, Array]


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is calculated with.

    Attributes
    ----------
    weights : ndarray of shape (n_slots + 1,)
        By slot; behind them a 0, which padding refers to.
    value, activated, delta : ndarray of shape (n_rows, n_samples)
        Forward does not look at delta.
    room : callable
        Returns an array of a shape, of no use any more when another one is asked for.
    """

    weights: Array
    value: Array
    activated: Array
    delta: Array
    room: Callable[[tuple[int, ...]], Array]


def forward(levels: Levels, on: Numbers, activate: Activating) -> Operations:
    """Article step 2: H = Σ W·HA over what feeds the node, HA = activation(H), for all nodes of a depth at once.

    Reads the weights and what inputs and bias nodes send; sets value and activated of all others.
    """
    # Nodes of one depth do not feed each other, so a whole depth can be calculated at once.
    for level in levels.forward:
        if len(level.unfed):
            yield partial(setitem, on.value, level.unfed, 0.0)
        for dense in level.dense:
            matrix = yield from _matrix(dense, on.weights)
            sources = yield from _read(on.activated, dense.sources)
            sums = _place(on.value, dense.targets)
            yield _product(matrix.T, sources, sums)
            yield from _write(on.value, dense.targets, sums)
        for gather in level.incoming:
            sums = yield from _sums(on, on.activated, gather)
            yield partial(setitem, on.value, gather.rows, sums)
        for join in level.joins:
            yield partial(_join_forward, on, join)
        for group in level.groups:
            z = yield from _read(on.value, group.rows)
            a = _place(on.activated, group.rows)
            yield activate(group, z, a)
            yield from _write(on.activated, group.rows, a)


def backward(
    levels: Levels, on: Numbers, entering: Array | None, found: Array, slope: Sloping, *, of_sums: bool, of_given: bool
) -> Operations:
    """Article step 3: ∂e/∂HA = Σ W·∂e/∂H, ∂e/∂H = ∂e/∂HA·∂HA/∂H, ∂e/∂W = Σ HA·∂e/∂H, for all nodes of a depth at once.

    Reads the weights, value and activated.

    Parameters
    ----------
    entering : ndarray of shape (n_outputs, n_samples), or None
        Where the error enters: the derivative by OA, or by O where `of_sums`. None if that by OA is in delta already.
    found : ndarray of shape (n_slots + 1,)
        Becomes the gradients, summed over the samples. What padding gathers is written behind the last one.
    of_given : bool
        Whether the delta of inputs and bias nodes is asked for.
    """
    if of_sums:
        yield partial(setitem, on.delta, levels.outputs, 0.0)
    elif entering is not None:
        arrived = _place(on.delta, levels.outputs)
        # Added to nothing: there is no -0.
        yield partial(np.add, entering, 0.0, arrived)
        yield from _write(on.delta, levels.outputs, arrived)
    if len(levels.cleared):
        yield partial(setitem, on.delta, levels.cleared, 0.0)
    depths = range(0 if of_given else 1, len(levels.forward))
    for level, returning in ((levels.forward[depth], levels.backward[depth]) for depth in reversed(depths)):
        for gather, first in zip(level.outgoing, returning.gathered):
            sums = yield from _sums(on, on.delta, gather)
            yield from [partial(setitem, on.delta, gather.rows, sums)] if first else _add(on.delta, gather.rows, sums)
        yield from _slopes(level.groups, on, slope)
        if len(level.dead):
            yield partial(setitem, on.delta, level.dead, 0.0)
        if of_sums and entering is not None and len(returning.rows):
            part = yield from _read(entering, returning.numbers)
            yield from _add(on.delta, returning.rows, part)
        for dense, first, given in zip(level.dense, returning.dense, returning.given):
            targets = yield from _read(on.delta, dense.targets)
            if of_given or not given:
                yield from _back(dense, on, targets, first=first)
            yield from _gradients(dense, on, targets, found)
        for gather in level.incoming:
            ends = on.room((*gather.ends.shape, on.delta.shape[1]))
            yield partial(on.activated.take, gather.ends, 0, ends, "clip")
            own = yield from _read(on.delta, gather.rows)
            products = np.empty((*gather.ends.shape, 1), on.delta.dtype)
            yield partial(np.matmul, ends, own[:, :, None], products)
            yield partial(setitem, found, gather.slots, products[:, :, 0])
        for join in level.joins:
            yield partial(_join_backward, on, join, found)


def _join_forward(on: Numbers, join: Join) -> None:
    """Set H of nodes that are no sums."""
    on.value[join.rows] = join.value(join.contributions(on.weights, on.activated))


def _join_backward(on: Numbers, join: Join, found: Array) -> None:
    """Hand ∂e/∂H of nodes that are no sums down to their contributions, and from there to weights and sources."""
    if not join.alive:
        found[join.slots] = 0.0
        return
    contributions = join.contributions(on.weights, on.activated)
    arriving = join.partials(contributions, on.value[join.rows]) * on.delta[join.rows]
    found[join.slots] = np.einsum("kns,kns->kn", arriving, on.activated[join.ends])
    join.hand_down(on.weights[join.slots][:, :, None] * arriving, on.delta)


def _slopes(groups: Iterable[ActivationGroup], on: Numbers, slope: Sloping) -> Operations:
    for group in groups:
        if group.alive:
            z = yield from _read(on.value, group.rows)
            a = yield from _read(on.activated, group.rows)
            own = yield from _read(on.delta, group.rows)
            yield slope(group, z, a, own)
            yield from _write(on.delta, group.rows, own)


def _back(dense: DenseMatrix, on: Numbers, targets: Array, *, first: bool) -> Operations:
    matrix = yield from _matrix(dense, on.weights)
    if first:
        arriving = _place(on.delta, dense.sources)
        yield _product(matrix, targets, arriving)
        yield from _write(on.delta, dense.sources, arriving)
    else:
        more = np.empty((len(matrix), on.delta.shape[1]), on.delta.dtype)
        yield _product(matrix, targets, more)
        yield from _add(on.delta, dense.sources, more)


def _gradients(dense: DenseMatrix, on: Numbers, targets: Array, found: Array) -> Operations:
    sources = yield from _read(on.activated, dense.sources)
    place = dense.in_place(found)
    if place is not None:
        yield _product(sources, targets.T, place)
    else:
        products = np.empty(dense.slots.shape, found.dtype)
        yield _product(sources, targets.T, products)
        yield partial(setitem, found, dense.slots, products)


def _product(left: Array, right: Array, into: Array) -> Operation:
    # The same call of BLAS, on a shorter way. Vectors have other ones; a result that is not in order has none.
    if into.flags.c_contiguous and min(*left.shape, right.shape[1]) > 1:
        return partial(left.dot, right, into)
    return partial(np.matmul, left, right, into)


def _matrix(dense: DenseMatrix, weights: Array) -> Filling:
    """Return the weights of a matrix (n_sources, n_targets): a view where they stand contiguously."""
    matrix = dense.in_place(weights)
    if matrix is None:
        # The slots stand target by target.
        by_target = np.empty(dense.slots.shape[::-1], weights.dtype)
        yield partial(weights.take, dense.slots.T, None, by_target, "clip")
        matrix = by_target.T
    return matrix


def _sums(on: Numbers, table: Array, gather: Gather) -> Filling:
    """Return Σ W·number over the ends that some nodes gather."""
    weights = np.empty(gather.slots.shape, table.dtype)
    yield partial(on.weights.take, gather.slots, None, weights, "clip")
    n_samples = table.shape[1]
    # A stack of matrix products is slow for a single column.
    if n_samples == 1:
        column, sums = np.empty(gather.ends.shape, table.dtype), np.empty((len(weights), 1), table.dtype)
        yield partial(table[:, 0].take, gather.ends, None, column, "clip")
        yield partial(np.einsum, "ne,ne->n", weights, column, out=sums[:, 0])
        return sums
    numbers = on.room((*gather.ends.shape, n_samples))
    yield partial(table.take, gather.ends, 0, numbers, "clip")
    stack = np.empty((len(weights), 1, n_samples), table.dtype)
    yield partial(np.matmul, weights[:, None, :], numbers, stack)
    return stack[:, 0, :]


def _read(table: Array, rows: Places) -> Filling:
    """Return rows of a table: a view where they stand side by side."""
    if isinstance(rows, slice):
        return table[rows]
    copy = np.empty((len(rows), table.shape[1]), table.dtype)
    yield partial(table.take, rows, 0, copy, "clip")
    return copy


def _place(table: Array, rows: Places) -> Array:
    """Return where to write numbers for rows of a table: the rows themselves, or what `_write` brings there."""
    return table[rows] if isinstance(rows, slice) else np.empty((len(rows), table.shape[1]), table.dtype)


def _write(table: Array, rows: Places, numbers: Array) -> Operations:
    if not isinstance(rows, slice):
        yield partial(setitem, table, rows, numbers)


def _add(table: Array, rows: Places, numbers: Array) -> Operations:
    own = yield from _read(table, rows)
    yield partial(np.add, own, numbers, own)
    yield from _write(table, rows, own)
