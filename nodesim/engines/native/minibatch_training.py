"""Whole epochs in mini-batches: gather, sweep, step, over and over, without the interpreter in between."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nodesim._arrays import Array
from nodesim.engines import early_stopping
from nodesim.engines.native import batch_kernels, sample_kernels
from nodesim.engines.native.blocks import Scratch, aligned, block_count, chunks
from nodesim.engines.native.jit import inlined, kernel
from nodesim.engines.native.memory_layout import MemoryLayout
from nodesim.engines.native.optimizers import step
from nodesim.engines.native.program import unpacked
from nodesim.engines.native.vectors import LANES, STRIP, at, transpose

# Compiled as it stands there: the loop that calls kernels keeps the same rule.
_stops = inlined(early_stopping.stops)
# Why a training ended: all done or stopped, a batch that is not finite, a step that is not.
DONE, BAD_BATCH, BAD_STEP = range(3)


class Weights(NamedTuple):
    """Weights in the two orders that kernels read, and all that goes with them in the order by source.

    Attributes
    ----------
    by_target, by_source : ndarray of shape (n_connections,)
        One and the same array where the orders are.
    out_index : ndarray of shape (n_sparse,)
        Where a connection by target stands by source.
    same : bool
    trainable : ndarray of bool
    first, second : ndarray
        What the optimizer remembers; empty if nothing.
    """

    by_target: Array
    by_source: Array
    out_index: Any
    same: bool
    trainable: Any
    first: Array
    second: Array


class Buffers(NamedTuple):
    """Memory for batches, each at most as large as it was made for.

    Attributes
    ----------
    x, y : flat ndarray of shape (n_blocks, n, LANES)
        Inputs and targets.
    z, a, d : ndarray of shape (n_caches, n_positions, LANES)
    one_z, one_a, one_d : ndarray of shape (n_positions,)
        For batches of one.
    gradients, other_gradients : ndarray of shape (n_connections,)
        Of all blocks, and of sparse connections in the second chunk.
    scratch : Scratch
    """

    x: Array
    y: Array
    z: Array
    a: Array
    d: Array
    one_z: Array
    one_a: Array
    one_d: Array
    gradients: Array
    other_gradients: Array
    scratch: Scratch


def buffers(layout: MemoryLayout, n_inputs: int, n_outputs: int, batch: int) -> Buffers:
    """Return memory for batches of a size."""
    n_positions, n_connections = len(layout.rows), layout.n_connections
    n_blocks = block_count(batch)
    # Dense groups take their gradients from all blocks at once; else one block stays in the cache.
    kept = n_blocks if layout.widest else len(chunks(n_blocks))
    z, a, d = (aligned(0 if batch == 1 else kept, n_positions, LANES) for _ in range(3))
    one_z, one_a, one_d = (aligned(n_positions) for _ in range(3))
    return Buffers(
        aligned(n_blocks * n_inputs * LANES), aligned(n_blocks * n_outputs * LANES), z, a, d,
        one_z, one_a, one_d, aligned(n_connections), aligned(n_connections), layout.scratch(n_blocks),
    )  # fmt: skip


@inlined
def _gather(
    table: Any, n_columns: int, chosen: Any, first: int, last: int, into: Any, start: int, offsets: Any
) -> None:
    """into[start + j·32 + i] = table[chosen[first + i], j] for a block of samples i and all columns j.

    Lanes behind the last sample are copies of it: every number is then one of a real sample.
    """
    # Eight samples by eight columns at a time, transposed in registers: a plain loop would write 32 numbers apart.
    for i in range(LANES):
        offsets[i] = chosen[min(first + i, last - 1)] * n_columns
    whole = n_columns // STRIP * STRIP
    for j in range(0, whole, STRIP):
        for i in range(0, LANES, STRIP):
            transpose(at(table, j), at(offsets, i), at(into, start + j * LANES + i), LANES)
    for j in range(whole, n_columns):
        for i in range(LANES):
            into[start + j * LANES + i] = table[np.uint64(offsets[i] + j)]


@kernel
def fill(x: Any, y: Any, n_inputs: int, n_outputs: int, order: Any, first: int, last: int, buffers: Any) -> None:
    """Gather the inputs and targets of a batch into blocks."""
    for block in range((last - first + LANES - 1) // LANES):
        begin, offsets = first + block * LANES, buffers.scratch.offsets
        _gather(x, n_inputs, order, begin, last, buffers.x, block * n_inputs * LANES, offsets)
        _gather(y, n_outputs, order, begin, last, buffers.y, block * n_outputs * LANES, offsets)


@kernel
def add(gradients: Any, others: Any, begin: int, end: int) -> None:
    """gradients[k] += others[k]."""
    for k in range(begin, end):
        gradients[k] += others[k]


@inlined
def _batch(memory: Any, calls: int, loss: Any, x: Any, y: Any, order: Any, first: int, last: int, weights: Any,
           buffers: Any) -> Any:  # fmt: skip
    """Run a batch forward and backward; return what was not finite, and the sum of the errors."""
    n_samples = last - first
    n_blocks = (n_samples + LANES - 1) // LANES
    program = unpacked(memory, calls)
    fill(x, y, len(program.given) - len(program.sent), len(program.outputs), order, first, last, buffers)
    # The chunks of `nodesim.engines.native.blocks`: what is added in which order does not depend on who adds it.
    half = n_blocks // 2 if n_blocks > 1 else n_blocks
    kept = len(buffers.a) >= n_blocks
    gradients, others = buffers.gradients, buffers.other_gradients
    answer, error = batch_kernels.sweep(
        memory, calls, weights.by_target, weights.by_source, loss, buffers.x, buffers.y, n_samples, 0, half,
        buffers.z, buffers.a, buffers.d, 0, half if kept else 1, gradients, gradients, False, buffers.scratch,
    )  # fmt: skip
    if half < n_blocks:
        flags, more = batch_kernels.sweep(
            memory, calls, weights.by_target, weights.by_source, loss, buffers.x, buffers.y, n_samples, half, n_blocks,
            buffers.z, buffers.a, buffers.d, half if kept else 1, n_blocks - half if kept else 1,
            others, gradients, True, buffers.scratch,
        )  # fmt: skip
        answer |= flags
        error += more
        add(gradients, others, 0, len(weights.out_index))
    return answer, error


@kernel
def make_step(weights: Any, rule: Any, number: int, gradients: Any, count: int, by_target: bool) -> bool:
    """Change the weights in both orders by the gradients / count, and return whether they are finite."""
    own = weights.by_target if by_target else weights.by_source
    finite = step(
        rule.code, own, gradients, 1.0 / count, weights.trainable, weights.first, weights.second, number,
        rule.learning_rate, rule.p, rule.q, rule.r,
    )  # fmt: skip
    # The step is made once, by source, where gradients stand; the other order gets a copy.
    if not weights.same and not by_target:
        for k in range(len(weights.out_index)):
            weights.by_target[np.uint64(k)] = own[np.uint64(weights.out_index[np.uint64(k)])]
        for k in range(len(weights.out_index), len(own)):
            weights.by_target[k] = own[k]
    return finite  # type: ignore[no-any-return]


@kernel
def train(memory: Any, calls: int, loss: Any, x: Any, y: Any, orders: Any, per_epoch: int, epochs: int, start: int,
          batch: int, weights: Any, rule: Any, steps: int, buffers: Any, watch: Any, errors: Any, done: Any,
          most: int) -> None:  # fmt: skip
    """Over and over: the mean gradients of a batch, by the `sweep` of `batch_kernels` or `sample_kernels`; then a step.

    Parameters
    ----------
    memory, calls : ndarray of int64, int
        The program in one piece, and the address of the run's `Calls`.
    loss : LossCall
    x, y : flat arrays of shape (n_samples, n_inputs) and (n_samples, n_outputs)
        Inputs and targets.
    orders : flat array of shape (epochs, per_epoch)
        Numbers of samples.
    start : int
        How many samples of the first epoch were done before.
    weights : Weights
        Changed in place. With batches of one only `by_target` is used, and `trainable`, `first`, `second` are in
        that order.
    rule, steps : StepRule, int
        The optimizer, and how many steps it made before.
    buffers : Buffers
    watch : ndarray
        See `nodesim.engines.early_stopping`.
    errors : ndarray of shape (epochs,)
        Each epoch's mean error, or its share so far; added to.
    done : ndarray of shape (2,)
        Zeros; becomes the number of updates, and why it ended: DONE, BAD_BATCH with the weights as before the batch,
        or BAD_STEP with weights that are of no use.
    most : int
        How many updates to make at most.
    """
    for epoch in range(epochs):
        begin = epoch * per_epoch + (start if epoch == 0 else 0)
        for first in range(begin, (epoch + 1) * per_epoch, batch):
            if done[0] == most:
                return
            last = min(first + batch, (epoch + 1) * per_epoch)
            if batch == 1:
                answer, error = sample_kernels.sweep(
                    unpacked(memory, calls), weights.by_target, loss, x, y, orders[first], buffers.one_z,
                    buffers.one_a, buffers.one_d, buffers.gradients, buffers.scratch,
                )  # fmt: skip
            else:
                answer, error = _batch(memory, calls, loss, x, y, orders, first, last, weights, buffers)
            # 0 · error is 0 unless it is infinite or NaN.
            if answer != 0 or error * 0.0 != 0.0:
                done[1] = BAD_BATCH
                return
            if not make_step(weights, rule, steps + done[0] + 1, buffers.gradients, last - first, batch == 1):
                done[1] = BAD_STEP
                return
            errors[epoch] += error / per_epoch
            done[0] += 1
        if _stops(watch, errors[epoch]):
            return
