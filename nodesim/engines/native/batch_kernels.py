"""Kernels for batches: each walks once over all connections for a block of `LANES` samples side by side.

The numbers of a block are lane vectors in arrays of shape (n_caches, n_positions, LANES): z (weighted sums), a (values)
and d (derivatives of each sample's error by z; by a for inputs and bias nodes, which have no z). Where all numbers are
kept, every block has a cache of its own. Where only the gradients are wanted, blocks take turns in one or a few, which
then stay in the processor's caches.

Positions of sparse groups are summed one by one. Dense groups are matrices: their sums are calculated by tiles, their
errors handed down to their sources, and their gradients taken once for many blocks.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim.engines.native import dense
from nodesim.engines.native.finite_checks import IN_ERRORS, IN_GRADIENTS, IN_SUMS, IN_VALUES, flag, vector_flag
from nodesim.engines.native.function_pointers import call_loss
from nodesim.engines.native.gathering import gather_inputs, gather_targets
from nodesim.engines.native.group_functions import activate, slopes
from nodesim.engines.native.jit import inlined, kernel, merged
from nodesim.engines.native.join_kernels import aggregate_block, hand_down_block
from nodesim.engines.native.program import row_of, unpacked
from nodesim.engines.native.sparse_errors import error_by_value
from nodesim.engines.native.vectors import (
    LANES,
    as_in,
    fma,
    load_vector,
    store_vector,
    zero_vector,
)

# Gradients that are added, divided and looked at while they are in the cache.
_AT_A_TIME = 1024


@inlined
def _weighted_sum(program: Any, weights: Any, a: Any, base: int, position: int, total: Any) -> Any:
    """Return total + Σ w_k · a[source k] over the sparse connections k into a position, in their order."""
    for k in range(program.start[position], program.start[position + 1]):
        total = fma(weights[k], load_vector(a, base + np.int64(program.source[k]) * LANES), total)
    return total


@inlined
def _forward(program: Any, weights: Any, z: Any, a: Any, cache: int, scratch: Any) -> Any:
    base = cache * a.shape[1] * LANES
    odd_sums = odd_values = zero_vector(a)  # 0 · number, summed: NaN as soon as one is infinite or NaN
    for group in range(len(program.group_begin)):
        begin, end, feed = program.group_begin[group], program.group_end[group], program.feed_begin[group]
        first, n_sources = base + begin * LANES, program.feed_end[group] - feed
        if n_sources > 0:
            dense.forward(weights, program.matrix[group], n_sources, end - begin, a, base + feed * LANES, z, first)
        # Where a dense group has sparse connections as well, they are added.
        if program.aggregation[group] != 0:
            odd_sums = aggregate_block(program, weights, group, z, a, base, odd_sums, scratch.contributions)
        elif n_sources <= 0 or program.start[begin] < program.start[end]:
            for position in range(begin, end):
                at = base + position * LANES
                total = zero_vector(z)
                if n_sources > 0:
                    total = load_vector(z, at)
                total = _weighted_sum(program, weights, a, base, position, total)
                store_vector(z, at, total)
                odd_sums = fma(total, 0.0, odd_sums)
        # One call by address for the whole group: what it costs is shared by 32 numbers of each node.
        row = row_of(program, group)
        activate(program.function[group], row, z, a, first, (end - begin) * LANES, scratch.wide)
        for position in range(begin, end):
            odd_values = fma(load_vector(a, base + position * LANES), 0.0, odd_values)
            if n_sources > 0:
                odd_sums = fma(load_vector(z, base + position * LANES), 0.0, odd_sums)
    return vector_flag(odd_sums, IN_SUMS) | vector_flag(odd_values, IN_VALUES)


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
        matrix = program.matrix[group] + (first - feed) * n_targets
        source, target = base + first * LANES, base + begin * LANES
        dense.backward(weights, matrix, end - first, n_targets, d, source, target, program.adds[group])


@inlined
def _backward(
    program: Any, weights: Any, z: Any, a: Any, d: Any, cache: int, seeds: Any, seed: int, by_sums: bool,
    gradients: Any, scratch: Any, everywhere: bool,
) -> Any:  # fmt: skip
    base, slope = cache * a.shape[1] * LANES, scratch.slope
    odd = zero_vector(d)
    for position in program.cleared:
        store_vector(d, base + position * LANES, zero_vector(d))
    for group in range(len(program.group_begin) - 1, -1, -1):
        begin, end = program.group_begin[group], program.group_end[group]
        first = base + begin * LANES
        row = row_of(program, group)
        slopes(program.derivative[group], row, z, a, first, (end - begin) * LANES, slope, scratch.wide)
        for position in range(end - 1, begin - 1, -1):
            error = error_by_value(program, weights, a, d, scratch.terms, gradients, base, position)
            by_sum = load_vector(slope, (position - begin) * LANES)
            if program.is_output[position] == 0:
                error = error * by_sum
            elif by_sums:
                error = fma(error, by_sum, as_in(load_vector(seeds, seed + program.column[position] * LANES), d))
            else:
                error = (error + as_in(load_vector(seeds, seed + program.column[position] * LANES), d)) * by_sum
            # Targets stand behind their sources: all that feeds on this d comes later in the walk.
            store_vector(d, base + position * LANES, error)
            odd = fma(error, 0.0, odd)
        if program.handing[group] != 0:
            c, terms = scratch.contributions, scratch.terms
            odd = hand_down_block(program, weights, group, z, a, d, base, odd, c, terms)
        _hand_down(program, weights, d, base, group, everywhere)
    for i in range(len(program.given) - 1, -1, -1):
        position = program.given[i]
        # Without `everywhere`, what is wanted here are only the gradients of sparse connections.
        if everywhere or program.out_start[position] < program.out_start[position + 1]:
            error = error_by_value(program, weights, a, d, scratch.terms, gradients, base, position)
            if everywhere:
                store_vector(d, base + position * LANES, error)
                odd = fma(error, 0.0, odd)
    return vector_flag(odd, IN_ERRORS)


@inlined
def _dense_gradients(
    program: Any, a: Any, d: Any, cache: int, n_blocks: int, gradients: Any, scratch: Any, keep: bool, begin: int,
    end: int, parts: int,
) -> None:  # fmt: skip
    """Write parts of the gradients of dense groups for some blocks, or add them to what is there, if that is kept."""
    size = a.shape[1] * LANES
    for group in range(len(program.group_begin)):
        first, feed = program.group_begin[group], program.feed_begin[group]
        n_sources, n_targets = program.feed_end[group] - feed, program.group_end[group] - first
        # Each part is some of the sources: that divides no sum, and changes no bit.
        tiles = dense.tile_count(n_sources, a)
        first_tile, last_tile = tiles * begin // parts, tiles * end // parts
        if first_tile < last_tile:
            for done in range(0, n_blocks, dense.PACKED_BLOCKS):
                count, base = min(dense.PACKED_BLOCKS, n_blocks - done), (cache + done) * size
                dense.pack(d, base + first * LANES, size, count, n_targets, scratch.offsets, scratch.packed)
                dense.gradient(gradients, program.matrix[group], n_sources, n_targets, a, base + feed * LANES, size,
                               count, scratch.packed, first_tile, last_tile, keep or done > 0, 1.0)  # fmt: skip


@inlined
def _fill(program: Any, x: Any, block: int, z: Any, a: Any, cache: int) -> None:
    to, n_inputs = cache * a.shape[1] * LANES, len(program.given) - len(program.sent)
    for i in range(len(program.given)):
        sent = zero_vector(a)
        sent = load_vector(x, (block * n_inputs + i) * LANES) if i < n_inputs else sent + program.sent[i - n_inputs]
        store_vector(z, to + program.given[i] * LANES, sent)
        store_vector(a, to + program.given[i] * LANES, sent)


@inlined
def _judge(
    program: Any, loss: Any, y: Any, order: Any, first: int, last: int, z: Any, a: Any, cache: int, scratch: Any
) -> float:  # fmt: skip
    """Return the sum of the block's errors, and write where they enter the outputs: 0 behind the last sample."""
    n_outputs, seeds, errors = len(program.outputs), scratch.seeds, scratch.errors
    for i in range(n_outputs):
        position = program.outputs[i]
        at = (cache * a.shape[1] + position) * LANES
        store_vector(scratch.outputs, i * LANES, as_in(load_vector(z if loss.by_sums else a, at), scratch.outputs))
    gather_targets(program, y, order, first, last, scratch)
    call_loss(loss.address, loss.row, scratch.targets, 0, scratch.outputs, 0, seeds, 0, errors, 0, n_outputs, LANES)
    # In the order of the samples, whatever the width of registers.
    total, n_live = 0.0, min(LANES, last - first)
    for lane in range(n_live):
        total += errors[lane]
    # The copies of the last sample then have d = 0, and add nothing to any gradient.
    for i in range(n_outputs):
        for lane in range(i * LANES + n_live, (i + 1) * LANES):
            seeds[lane] = 0.0
    return total


@kernel
def forward(
    memory: Any, calls: int, weights: Any, x: Any, begin: int, end: int, z: Any, a: Any, scratch: Any
) -> Any:  # fmt: skip
    """Write z[p] = Σ w_k · a[source k] and a[p] = f(z[p]) for all positions of blocks begin ... end − 1.

    Connections are summed in their order, which is that of memory: the 32 sums of a lane vector stay in registers.

    Parameters
    ----------
    memory, calls : ndarray of int64, int
        The program in one piece, and the address of the run's `Calls`.
    weights : ndarray of shape (n_connections,)
        The sparse ones by target, then the matrices of dense groups.
    x : ndarray of shape (n_blocks, n_inputs, LANES), or flat
        Inputs; lanes behind the last sample repeat it.
    begin, end : int
        The blocks.
    z, a : ndarray of shape (n_blocks, n_positions, LANES)
    scratch : Scratch

    Returns
    -------
    int
        0, or the bits IN_SUMS and IN_VALUES for what was not finite.
    """
    program, answer = unpacked(memory, calls), 0
    for block in range(begin, end):
        _fill(program, x, block, z, a, block)
        answer |= _forward(program, weights, z, a, block, scratch)
    return answer


@merged
def _row_of_block(program: Any, into: Any, number: int, fresh: bool) -> Any:
    """Return where the sparse gradients of a span's block go, cleared before the first one that comes there."""
    gradients = into[min(number, len(into) - 1)]
    if fresh and number < len(into):
        gradients[: len(program.source)] = 0.0
    return gradients


@kernel
def backward(
    memory: Any, calls: int, weights: Any, z: Any, a: Any, d: Any, begin: int, end: int, seeds: Any, by_sums: bool,
    into: Any, fresh: bool, scratch: Any,
) -> Any:  # fmt: skip
    """Write d[p] = f'(z[p]) · Σ w_j · d[target j], and add Σ a[p] · d[target j] over samples to sparse gradients[j].

    Positions are taken from the last to the first. Over sparse connections each gathers from its targets, whose errors
    are complete by then: that reads one lane vector for each connection, where a scatter reads two and writes one.
    Dense groups scatter, tile by tile, which reads their weights as they stand.

    Parameters
    ----------
    memory, calls
        As for `forward`.
    weights : ndarray of shape (n_connections,)
        The sparse ones by source, then the matrices of dense groups.
    z, a : ndarray of shape (n_blocks, n_positions, LANES)
        As `forward` left them.
    d : ndarray of shape (n_blocks, n_positions, LANES)
        Only written.
    begin, end : int
        The blocks.
    seeds : ndarray of shape (n_blocks, n_outputs, LANES)
        The derivatives of each sample's error by the outputs' values; 0 in lanes behind the last sample.
    by_sums : bool
        Whether these are by the outputs' sums instead.
    into : ndarray of shape (n, n_connections)
        Gradients, in the order of weights: those of each block in a row of its own, the rest all in the last one.
    fresh : bool
        Whether these rows are to be cleared first.
    scratch : Scratch

    Returns
    -------
    int
        0, or the bit IN_ERRORS.
    """
    program, answer = unpacked(memory, calls), 0
    for block in range(begin, end):
        gradients = _row_of_block(program, into, block - begin, fresh)
        first = block * len(program.outputs) * LANES
        answer |= _backward(program, weights, z, a, d, block, seeds, first, by_sums, gradients, scratch, True)
    return answer


@kernel
def sweep(
    memory: Any, calls: int, weights: Any, weights_by_source: Any, loss: Any, x: Any, y: Any, order: Any, first: int,
    last: int, begin: int, end: int, z: Any, a: Any, d: Any, cache: int, n_caches: int, into: Any, fresh: bool,
    errors: Any, scratch: Any,
) -> Any:  # fmt: skip
    """Run forward, loss and backward for one block after the other, each while it is in the cache.

    Parameters
    ----------
    memory, calls, weights, begin, end
        As for `forward`.
    weights_by_source, into, fresh, scratch
        As for `backward`.
    loss : LossCall
    x, y : flat arrays of shape (n_samples, n_inputs) and (n_samples, n_outputs)
        Inputs and targets.
    order, first, last : ndarray of int, int, int
        The batch is of the samples order[first] ... order[last − 1].
    z, a, d : ndarray of shape (n, n_positions, LANES)
        Become what `add_up` needs; z of given positions is of no meaning.
    cache, n_caches : int
        Which of these n the blocks take turns in: cache, cache + 1, ... cache + n_caches − 1, then cache again.
    errors : ndarray of shape (n_blocks,)
        Become the sums of the samples' errors, block by block.

    Returns
    -------
    int
        0, or the bits of what was not finite.
    """
    program, answer = unpacked(memory, calls), 0
    for block in range(begin, end):
        here, start = cache + (block - begin) % n_caches, first + block * LANES
        gradients = _row_of_block(program, into, block - begin, fresh)
        gather_inputs(program, x, order, start, last, a, here, scratch)
        answer |= _forward(program, weights, z, a, here, scratch)
        errors[block] = _judge(program, loss, y, order, start, last, z, a, here, scratch)
        answer |= _backward(
            program, weights_by_source, z, a, d, here, scratch.seeds, 0, loss.by_sums, gradients, scratch, False
        )
    return answer


@kernel
def add_up(
    memory: Any, a: Any, d: Any, cache: int, n_blocks: int, gradients: Any, others: Any, keep: bool, begin: int,
    end: int, parts: int, scratch: Any,
) -> None:  # fmt: skip
    """Add parts begin ... end − 1 of gradients: to sparse ones those of more blocks, to dense ones those of all.

    Parameters
    ----------
    memory : ndarray of int64
    a, d, cache, n_blocks
        Where the numbers of the blocks stand, if there are dense groups.
    gradients : ndarray of shape (n_connections,)
    others : ndarray of shape (n, n_sparse)
        Those of sparse connections in more blocks; added in this order.
    keep : bool
        Whether something is there that those of dense groups are added to.
    begin, end, parts : int
    scratch : Scratch
    """
    program = unpacked(memory, 0)
    count = len(program.source)
    for first in range(count * begin // parts, count * end // parts, _AT_A_TIME):
        last = min(first + _AT_A_TIME, count * end // parts)
        for i in range(len(others)):
            for j in range(first, last):
                gradients[j] += others[i, j]
    _dense_gradients(program, a, d, cache, n_blocks, gradients, scratch, keep, begin, end, parts)


@kernel
def to_means(gradients: Any, n_samples: int) -> Any:
    """Divide gradients by the number of samples; return 0, or the bit IN_GRADIENTS."""
    answer = 0
    for first in range(0, len(gradients), _AT_A_TIME):
        last = min(first + _AT_A_TIME, len(gradients))
        for j in range(first, last):
            gradients[j] /= n_samples
        answer |= flag(gradients, first, last, IN_GRADIENTS)
    return answer
