"""Kernels for batches: each walks once over all connections for a block of `LANES` samples side by side.

The numbers of a block are rows of (n_blocks, n_places, LANES) arrays: z (weighted sums), a (values) and d
(derivatives of each sample's error by z; by a for inputs and bias nodes, which have no z). Where only the
gradients are wanted, blocks can share a slot of such an array: it then stays in the cache.

Places of sparse groups are summed one by one. Dense groups are matrices: their sums are calculated by tiles, their
errors handed down to their sources, and their gradients taken once for many blocks.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim.engines.native import dense
from nodesim.engines.native.finite_checks import IN_ERRORS, IN_GRADIENTS, IN_SUMS, IN_VALUES, flag, row_flag
from nodesim.engines.native.function_pointers import call_derivative, call_function, call_loss
from nodesim.engines.native.jit import inlined, kernel
from nodesim.engines.native.program import AT_SUM, AT_VALUE
from nodesim.engines.native.vectors import (
    LANES,
    UNROLLED,
    fma,
    folded_product,
    load_four,
    load_row,
    store_four,
    store_row,
    sum_of,
    sums_of_four,
    zero_row,
)

# Gradients that are added, divided and looked at while they are in the cache.
_AT_A_TIME = 1024


@inlined
def _weighted_sum(program: Any, weights: Any, a: Any, base: int, place: int) -> Any:
    """Return Σ w_k · a[source k] over the connections k into a place, in connection order."""
    total = zero_row()
    for k in range(program.start[place], program.start[place + 1]):
        total = fma(weights[k], load_row(a, base + np.int64(program.source[k]) * LANES), total)
    return total


@inlined
def _forward(program: Any, weights: Any, z: Any, a: Any, slot: int) -> Any:
    base = slot * a.shape[1] * LANES
    odd_sums = odd_values = zero_row()  # 0 · number, summed: NaN as soon as one is infinite or NaN
    for group in range(len(program.group_begin)):
        begin, end, feed = program.group_begin[group], program.group_end[group], program.feed_begin[group]
        slab, n_sources = base + begin * LANES, program.feed_end[group] - feed
        if n_sources > 0:
            dense.forward(weights, program.piece[group], n_sources, end - begin, a, base + feed * LANES, z, slab)
        else:
            for place in range(begin, end):
                total = _weighted_sum(program, weights, a, base, place)
                store_row(z, base + place * LANES, total)
                odd_sums = fma(total, 0.0, odd_sums)
        call_function(program.function[group], z, slab, a, slab, (end - begin) * LANES)
        for place in range(begin, end):
            odd_values = fma(load_row(a, base + place * LANES), 0.0, odd_values)
            if n_sources > 0:
                odd_sums = fma(load_row(z, base + place * LANES), 0.0, odd_sums)
    return row_flag(odd_sums, IN_SUMS) | row_flag(odd_values, IN_VALUES)


@inlined
def _error_by_value(program: Any, weights: Any, a: Any, d: Any, gradients: Any, base: int, place: int) -> Any:
    """Return ∂e/∂a of a place, and add Σ a[place] · d[target j] to the gradients of sparse connections j out of it.

    ∂e/∂a is Σ w_j · d[target j] over these, and what dense groups have handed down to d[place].

    The first sum runs from the last connection to the first, as places do, so that memory is walked through
    evenly; the second runs over lanes. Taken together, the two need the row of each target once, and that of
    the source only at the beginning. Four gradients share the steps of their sums.
    """
    own = load_row(a, base + place * LANES)
    total = zero_row()
    begin, j = program.fan_start[place], program.fan_start[place + 1]
    while j - UNROLLED >= begin:
        j -= UNROLLED
        d3 = load_row(d, base + np.int64(program.target[j + 3]) * LANES)
        total = fma(weights[j + 3], d3, total)
        p3 = folded_product(own, d3)
        d2 = load_row(d, base + np.int64(program.target[j + 2]) * LANES)
        total = fma(weights[j + 2], d2, total)
        p2 = folded_product(own, d2)
        d1 = load_row(d, base + np.int64(program.target[j + 1]) * LANES)
        total = fma(weights[j + 1], d1, total)
        p1 = folded_product(own, d1)
        d0 = load_row(d, base + np.int64(program.target[j]) * LANES)
        total = fma(weights[j], d0, total)
        p0 = folded_product(own, d0)
        store_four(gradients, j, load_four(gradients, j) + sums_of_four(p0, p1, p2, p3))
    while j > begin:
        j -= 1
        d0 = load_row(d, base + np.int64(program.target[j]) * LANES)
        total = fma(weights[j], d0, total)
        gradients[j] += sum_of(folded_product(own, d0))
    if program.feeds[place]:
        total = total + load_row(d, base + place * LANES)
    return total


@inlined
def _hand_down(program: Any, weights: Any, d: Any, base: int, group: int, everywhere: bool) -> None:
    """Add W · d of a dense group to d of its sources; unless `everywhere`, not to that of inputs around them."""
    begin, feed, first, end = (
        program.group_begin[group], program.feed_begin[group], program.inner_begin[group], program.inner_end[group]
    )  # fmt: skip
    if everywhere:
        first, end = feed, program.feed_end[group]
    if end > first:
        n_targets = program.group_end[group] - begin
        piece = program.piece[group] + (first - feed) * n_targets
        source, target = base + first * LANES, base + begin * LANES
        dense.backward(weights, piece, end - first, n_targets, d, source, target, program.adds[group])


@inlined
def _backward(
    program: Any, weights: Any, z: Any, a: Any, d: Any, slot: int, seeds: Any, seed: int, gradients: Any, slope: Any,
    everywhere: bool,
) -> Any:  # fmt: skip
    base = slot * a.shape[1] * LANES
    odd = zero_row()
    for place in program.cleared:
        store_row(d, base + place * LANES, zero_row())
    for group in range(len(program.group_begin) - 1, -1, -1):
        begin, end = program.group_begin[group], program.group_end[group]
        slab = base + begin * LANES
        call_derivative(program.derivative[group], z, slab, a, slab, slope, 0, (end - begin) * LANES)
        for place in range(end - 1, begin - 1, -1):
            error = _error_by_value(program, weights, a, d, gradients, base, place)
            by_sum = load_row(slope, (place - begin) * LANES)
            if program.entry[place] == AT_VALUE:
                error = (error + load_row(seeds, seed + program.column[place] * LANES)) * by_sum
            elif program.entry[place] == AT_SUM:
                error = fma(error, by_sum, load_row(seeds, seed + program.column[place] * LANES))
            else:
                error = error * by_sum
            store_row(d, base + place * LANES, error)
            odd = fma(error, 0.0, odd)
        _hand_down(program, weights, d, base, group, everywhere)
    for i in range(len(program.given) - 1, -1, -1):
        place = program.given[i]
        # Without `everywhere`, what is wanted here are only the gradients of sparse connections.
        if everywhere or program.fan_start[place] < program.fan_start[place + 1]:
            error = _error_by_value(program, weights, a, d, gradients, base, place)
            if everywhere:
                store_row(d, base + place * LANES, error)
                odd = fma(error, 0.0, odd)
    return row_flag(odd, IN_ERRORS)


@inlined
def _dense_gradients(
    program: Any, a: Any, d: Any, slot: int, n_blocks: int, gradients: Any, scratch: Any, keep: bool
) -> None:
    """Write the gradients of dense groups for some blocks, or add them to what is there, if it is to be kept."""
    size = a.shape[1] * LANES
    for group in range(len(program.group_begin)):
        begin, feed = program.group_begin[group], program.feed_begin[group]
        n_sources, n_targets = program.feed_end[group] - feed, program.group_end[group] - begin
        if n_sources > 0:
            for done in range(0, n_blocks, dense.TURNED):
                count, base = min(dense.TURNED, n_blocks - done), (slot + done) * size
                dense.turn(d, base + begin * LANES, size, count, n_targets, scratch.offsets, scratch.turned)
                dense.gradient(gradients, program.piece[group], n_sources, n_targets, a, base + feed * LANES, size,
                               count, scratch.turned, keep or done > 0, 1.0)  # fmt: skip


@inlined
def _fill(program: Any, x: Any, block: int, z: Any, a: Any, slot: int) -> None:
    to, n_given = slot * a.shape[1] * LANES, len(program.given)
    for i in range(n_given):
        row = load_row(x, (block * n_given + i) * LANES)
        store_row(z, to + program.given[i] * LANES, row)
        store_row(a, to + program.given[i] * LANES, row)


@inlined
def _judge(
    program: Any, loss: int, y: Any, z: Any, a: Any, slot: int, block: int, n_live: int, scratch: Any
) -> float:  # fmt: skip
    """Return the sum of the block's errors, and write where they enter the outputs: 0 behind the last sample."""
    n_outputs, seeds, errors = len(program.outputs), scratch.seeds, scratch.errors
    for i in range(n_outputs):
        place = program.outputs[i]
        row = (slot * a.shape[1] + place) * LANES
        store_row(scratch.outputs, i * LANES, load_row(z if program.entry[place] == AT_SUM else a, row))
    call_loss(loss, y, block * n_outputs * LANES, scratch.outputs, 0, seeds, 0, errors, 0, n_outputs, LANES)
    total = 0.0
    for lane in range(n_live):
        total += errors[lane]
    for i in range(n_outputs):
        for lane in range(i * LANES + n_live, (i + 1) * LANES):
            seeds[lane] = 0.0
    return total


@kernel
def forward(
    program: Any, weights: Any, x: Any, begin: int, end: int, z: Any, a: Any
) -> Any:  # fmt: skip
    """Write z[p] = Σ w_k · a[source k] and a[p] = f(z[p]) for all places of blocks begin ... end − 1.

    Connections are summed in their order, which is that of memory: the sums of a row stay in registers.

    Parameters
    ----------
    program : Program
    weights : ndarray of shape (n_connections,)
        The sparse ones by target, then the pieces of dense groups.
    x : ndarray of shape (n_blocks, n_given, LANES), or flat
        Inputs, then bias constants; lanes behind the last sample repeat it.
    begin, end : int
        The blocks.
    z, a : ndarray of shape (n_blocks, n_places, LANES)

    Returns
    -------
    int
        0, or the bits IN_SUMS and IN_VALUES for what was not finite.
    """
    answer = 0
    for block in range(begin, end):
        _fill(program, x, block, z, a, block)
        answer |= _forward(program, weights, z, a, block)
    return answer


@kernel
def backward(
    program: Any, weights: Any, z: Any, a: Any, d: Any, begin: int, end: int, seeds: Any, gradients: Any, scratch: Any
) -> Any:
    """Write d[p] = f'(z[p]) · Σ w_j · d[target j], and Σ a[p] · d[target j] over samples to gradients[j].

    Places are taken from the last to the first. Over sparse connections each gathers from its targets, whose errors
    are complete by then: that reads one row for each connection, where a scatter reads two and writes one. Dense
    groups scatter, tile by tile, which reads their weights as they stand.

    Parameters
    ----------
    program : Program
    weights : ndarray of shape (n_connections,)
        The sparse ones by source, then the pieces of dense groups.
    z, a : ndarray of shape (n_blocks, n_places, LANES)
        As `forward` left them.
    d : ndarray of shape (n_blocks, n_places, LANES)
        Only written.
    begin, end : int
        The blocks.
    seeds : ndarray of shape (n_blocks, n_outputs, LANES)
        The derivatives of each sample's error by the outputs' values or sums, as the program's `entry` says; 0 in
        lanes behind the last sample.
    gradients : ndarray of shape (n_connections,)
        In the order of weights; need not be prepared.
    scratch : Scratch

    Returns
    -------
    int
        0, or the bit IN_ERRORS.
    """
    answer = 0
    gradients[: len(program.source)] = 0.0
    for block in range(begin, end):
        first = block * len(program.outputs) * LANES
        answer |= _backward(program, weights, z, a, d, block, seeds, first, gradients, scratch.slope, True)
    _dense_gradients(program, a, d, begin, end - begin, gradients, scratch, False)
    return answer


@kernel
def sweep(
    program: Any, weights: Any, weights_by_source: Any, loss: int, x: Any, y: Any, n_samples: int,
    begin: int, end: int, z: Any, a: Any, d: Any, slot: int, n_slots: int, gradients: Any, dense_gradients: Any,
    adds: bool, scratch: Any,
) -> Any:  # fmt: skip
    """Run forward, loss and backward for one block after the other, each while it is in the cache.

    Parameters
    ----------
    program, weights, x, begin, end
        As for `forward`.
    weights_by_source, scratch
        As for `backward`.
    gradients, dense_gradients : ndarray of shape (n_connections,)
        Where those of sparse connections and those of dense groups go: the same array, or two.
    adds : bool
        Whether dense groups add to what is there. To add the sums of two chunks so, or later, gives the same bits.
    loss : int
        Address of loss(y, outputs, seeds, errors, n_outputs, lanes).
    y : ndarray of shape (n_blocks, n_outputs, LANES), or flat
        The targets.
    n_samples : int
        How many samples all blocks hold.
    z, a, d : ndarray of shape (n, n_places, LANES)
        Scratch.
    slot, n_slots : int
        Where blocks are kept there: at slot, slot + 1, ... slot + n_slots − 1, then at slot again. Dense groups take
        their gradients once for n_slots blocks.

    Returns
    -------
    int, float
        0, or the bits of what was not finite; and the sum of the samples' errors.
    """
    answer, error = 0, 0.0
    gradients[: len(program.source)] = 0.0
    for block in range(begin, end):
        kept = (block - begin) % n_slots
        _fill(program, x, block, z, a, slot + kept)
        answer |= _forward(program, weights, z, a, slot + kept)
        n_live = min(LANES, n_samples - block * LANES)
        error += _judge(program, loss, y, z, a, slot + kept, block, n_live, scratch)
        answer |= _backward(
            program, weights_by_source, z, a, d, slot + kept, scratch.seeds, 0, gradients, scratch.slope, False
        )
        if kept == n_slots - 1 or block == end - 1:
            _dense_gradients(program, a, d, slot, kept + 1, dense_gradients, scratch, adds or block - begin >= n_slots)
    return answer, error


@kernel
def add_parts(gradients: Any, parts: Any, n_samples: int, begin: int, end: int) -> Any:
    """Write gradients[j] = (gradients[j] + Σ parts[i, j]) / n_samples for j = begin ... end − 1, i ascending.

    Returns
    -------
    int
        0, or the bit IN_GRADIENTS.
    """
    answer = 0
    for first in range(begin, end, _AT_A_TIME):
        last = min(first + _AT_A_TIME, end)
        for i in range(len(parts)):
            for j in range(first, last):
                gradients[j] += parts[i, j]
        for j in range(first, last):
            gradients[j] /= n_samples
        answer |= flag(gradients, first, last, IN_GRADIENTS)
    return answer
