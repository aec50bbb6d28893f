"""Whole epochs in mini-batches: gather, sweep, step, over and over, without the interpreter in between."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import types

from nodesim._arrays import Array
from nodesim.engines import early_stopping
from nodesim.engines.native import batch_kernels, sample_kernels
from nodesim.engines.native.blocks import Scratch, aligned, block_count
from nodesim.engines.native.finite_checks import IN_SUMS
from nodesim.engines.native.jit import chosen_by_name, inlined, kernel
from nodesim.engines.native.memory_layout import MemoryLayout
from nodesim.engines.native.optimizers import step
from nodesim.engines.native.program import unpacked
from nodesim.engines.native.vectors import LANES

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
    firsts, copies : ndarray of int
        Where tied weights stand among those by source: for each further use the first one, and its own place. Of these
        `trainable` has the first one alone.
    """

    by_target: Array
    by_source: Array
    out_index: Any
    same: bool
    trainable: Any
    first: Array
    second: Array
    firsts: Any
    copies: Any


class Buffers(NamedTuple):
    """Memory for batches, each at most as large as it was made for.

    Attributes
    ----------
    z, a, d : ndarray of shape (n_caches, n_positions, LANES)
    one_z, one_a, one_d : ndarray of shape (n_positions,)
        For batches of one.
    gradients : ndarray of shape (1, n_connections)
    errors : ndarray of shape (n_blocks,)
    scratch : Scratch
    """

    z: Array
    a: Array
    d: Array
    one_z: Array
    one_a: Array
    one_d: Array
    gradients: Array
    errors: Array
    scratch: Scratch


def buffers(layout: MemoryLayout, batch: int, n_caches: int, dtype: Any = np.float64) -> Buffers:
    """Return memory for batches of a size, whose blocks take turns in so many caches."""
    n_positions, n_blocks = len(layout.rows), block_count(batch)
    z, a, d = (aligned(0 if batch == 1 else n_caches, n_positions, LANES, dtype=dtype) for _ in range(3))
    one_z, one_a, one_d = (aligned(layout.n_positions, dtype=dtype) for _ in range(3))
    return Buffers(
        z, a, d, one_z, one_a, one_d, aligned(1, layout.n_connections, dtype=dtype), aligned(n_blocks),
        layout.scratch(n_blocks, dtype),
    )  # fmt: skip


@kernel
def total(errors: Any, count: int) -> float:
    """Return the sum of the first numbers, in their order."""
    found = 0.0
    for i in range(count):
        found += errors[i]
    return found


@inlined
def _batch(memory: Any, calls: int, loss: Any, x: Any, y: Any, order: Any, first: int, last: int, weights: Any,
           buffers: Any) -> Any:  # fmt: skip
    """Run a batch forward and backward; return what was not finite, and the sum of the errors."""
    b, answer = buffers, 0
    n_blocks, n_caches = (last - first + LANES - 1) // LANES, len(buffers.a)
    for begin in range(0, n_blocks, n_caches):
        end = min(begin + n_caches, n_blocks)
        answer |= batch_kernels.sweep(
            memory, calls, weights.by_target, weights.by_source, loss, x, y, order, first, last, begin, end, b.z, b.a,
            b.d, 0, n_caches, b.gradients, begin == 0, b.errors, b.scratch,
        )  # fmt: skip
        batch_kernels.add_up(
            memory, b.a, b.d, 0, end - begin, b.gradients[0], b.gradients[:0], begin > 0, 0, 1, 1, b.scratch
        )
    return answer, total(b.errors, n_blocks)


def _one_sample(
    memory: Any, calls: int, loss: Any, x: Any, y: Any, sample: int, weights: Any, buffers: Any
) -> Any:  # fmt: skip
    """Stand for the same of one sample in compiled code."""


@chosen_by_name(_one_sample)
def _one_sample_by_type(
    memory: Any, calls: Any, loss: Any, x: Any, y: Any, sample: Any, weights: Any, buffers: Any
) -> Any:  # fmt: skip
    if x.dtype != types.float64:
        # Of floats a single sample is for NumPy.
        return lambda memory, calls, loss, x, y, sample, weights, buffers: (IN_SUMS, 0.0)
    return lambda memory, calls, loss, x, y, sample, weights, buffers: sample_kernels.sweep(
        unpacked(memory, calls), weights.by_target, loss, x, y, sample, buffers.one_z, buffers.one_a, buffers.one_d,
        buffers.gradients[0], buffers.scratch,
    )  # fmt: skip


@kernel
def make_step(weights: Any, rule: Any, number: int, gradients: Any, count: int, by_target: bool, begin: int,
              end: int) -> bool:  # fmt: skip
    """Change weights begin ... end − 1 by the gradients / count, and return whether they are finite.

    They are those by target, or else by source, where gradients stand; then `take_over` gives the other order a copy.
    """
    own = weights.by_target if by_target else weights.by_source
    first, second = weights.first[begin:end], weights.second[begin:end]  # empty, if there are none
    return step(  # type: ignore[no-any-return]
        rule.code, own[begin:end], gradients[begin:end], 1.0 / count, weights.trainable[begin:end], first,
        second, number, rule.learning_rate, rule.p, rule.q, rule.r,
    )  # fmt: skip


@kernel
def add_up_uses(weights: Any, gradients: Any) -> None:
    """Let the gradient of the first use of a tied weight be the sum over its uses."""
    for k in range(len(weights.firsts)):
        gradients[weights.firsts[k]] += gradients[weights.copies[k]]


@kernel
def level_uses(weights: Any, by_target: bool) -> None:
    """Let all uses of a tied weight have what the first one has."""
    own = weights.by_target if by_target else weights.by_source
    for k in range(len(weights.firsts)):
        own[weights.copies[k]] = own[weights.firsts[k]]


@kernel
def take_over(weights: Any, begin: int, end: int) -> None:
    """Copy weights begin ... end − 1 by target from those by source."""
    sparse = len(weights.out_index)
    for k in range(begin, min(end, sparse)):
        weights.by_target[np.uint64(k)] = weights.by_source[np.uint64(weights.out_index[np.uint64(k)])]
    for k in range(max(begin, sparse), end):
        weights.by_target[k] = weights.by_source[k]


@kernel
def train(memory: Any, calls: int, loss: Any, x: Any, y: Any, orders: Any, per_epoch: int, epochs: int, start: int,
          batch: int, weights: Any, rule: Any, steps: int, buffers: Any, watch: Any, errors: Any, done: Any,
          most: int, journal: Any) -> None:  # fmt: skip
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
    journal : ndarray of shape (most or 0, n_connections)
        Becomes the weights by target before each update, if it has rows.
    """
    noting = len(journal) > 0
    for epoch in range(epochs):
        begin = epoch * per_epoch + (start if epoch == 0 else 0)
        for first in range(begin, (epoch + 1) * per_epoch, batch):
            if done[0] == most:
                return
            last = min(first + batch, (epoch + 1) * per_epoch)
            if batch == 1:
                answer, error = _one_sample(memory, calls, loss, x, y, orders[first], weights, buffers)
            else:
                answer, error = _batch(memory, calls, loss, x, y, orders, first, last, weights, buffers)
            # 0 · error is 0 unless it is infinite or NaN.
            if answer != 0 or error * 0.0 != 0.0:
                done[1] = BAD_BATCH
                return
            if noting:
                note = journal[done[0]]
                for k in range(len(weights.by_target)):
                    note[k] = weights.by_target[k]
            number, size, gradients = steps + done[0] + 1, len(weights.by_target), buffers.gradients[0]
            add_up_uses(weights, gradients)
            if not make_step(weights, rule, number, gradients, last - first, batch == 1, 0, size):
                done[1] = BAD_STEP
                return
            level_uses(weights, batch == 1)
            if batch > 1 and not weights.same:
                take_over(weights, 0, size)
            errors[epoch] += error / per_epoch
            done[0] += 1
        if _stops(watch, errors[epoch]):
            return
