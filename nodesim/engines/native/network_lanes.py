"""Many networks of one structure, trained side by side: a lane is a network, where elsewhere it is a sample.

Every lane has weights of its own, in arrays of shape (n_connections, WIDE), and z, a and d of shape (n_positions,
WIDE). All lanes take one sample after the other, each its own where orders are mixed. No lane knows of another: what
comes out in it is the same bit by bit whoever stands beside it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nodesim.engines import early_stopping
from nodesim.engines.early_stopping import DIVERGED, FIRST, LAST, LIMIT, PATIENCE, SINCE
from nodesim.engines.native.function_pointers import call_derivative, call_function, call_loss
from nodesim.engines.native.jit import inlined, kernel, merged
from nodesim.engines.native.optimizers import SGD, Learning, change, constants, keep_wide
from nodesim.engines.native.vectors import WIDE, absolute, fma, load_wide, store_wide, zero_wide
from nodesim.engines.training_task import DIVERGING, FAILED, LOW, RUNNING, SETTLED

# Compiled as it stands there: one network by itself is stopped by the same rule.
_stops = inlined(early_stopping.stops)
# Nothing is calculated beside that would tell of a number that is not finite. As long as weights are this small, there
# is none but with functions that make it of moderate sums, and then no weight stays finite; larger ones fail.
FAR = 1e100


@merged
def _give(program: Any, samples: Any, numbers: Any, sample: int) -> None:
    """Give a sample to all lanes: what inputs and bias nodes send, and the targets."""
    for i in range(len(program.given)):
        store_wide(numbers.a, program.given[i] * WIDE, zero_wide() + samples.x[sample, i])
    for i in range(len(program.outputs)):
        store_wide(numbers.wanted, i * WIDE, zero_wide() + samples.y[sample, i])


@merged
def _give_each(program: Any, samples: Any, numbers: Any, orders: Any, first: int) -> None:
    """Give each lane a sample of its own: orders[first + lane]."""
    for i in range(len(program.given)):
        for lane in range(WIDE):
            numbers.a[program.given[i] * WIDE + lane] = samples.x[orders[first + lane], i]
    for i in range(len(program.outputs)):
        for lane in range(WIDE):
            numbers.wanted[i * WIDE + lane] = samples.y[orders[first + lane], i]


@merged
def _forward(program: Any, numbers: Any) -> None:
    """Set z = Σ W·a[source] and a = f(z)."""
    weights, z, a = numbers.weights, numbers.z, numbers.a
    for group in range(len(program.group_begin)):
        begin, end = program.group_begin[group], program.group_end[group]
        first = begin * WIDE
        for p in range(begin, end):
            total = zero_wide()
            for k in range(program.start[p], program.start[p + 1]):
                total = fma(load_wide(weights, k * WIDE), load_wide(a, program.source[k] * WIDE), total)
            store_wide(z, p * WIDE, total)
        call_function(program.function[group], program.row[group], z, first, a, first, (end - begin) * WIDE)


@merged
def _judge(program: Any, numbers: Any) -> None:
    """Set the errors of a sample, and where they enter the outputs."""
    n_outputs = len(program.outputs)
    for i in range(n_outputs):
        values = numbers.z if program.loss.by_sums else numbers.a
        store_wide(numbers.results, i * WIDE, load_wide(values, program.outputs[i] * WIDE))
    call_loss(
        program.loss.address, program.loss.row, numbers.wanted, 0, numbers.results, 0, numbers.seeds, 0,
        numbers.judged, 0, n_outputs, WIDE,
    )  # fmt: skip


@merged
def _backward(program: Any, numbers: Any) -> None:
    """Set d = f'(z) · Σ W·d[target], with the seeds at outputs."""
    weights, d, slope = numbers.weights, numbers.d, numbers.slope
    for group in range(len(program.group_begin) - 1, -1, -1):
        begin, end = program.group_begin[group], program.group_end[group]
        first = begin * WIDE
        call_derivative(
            program.derivative[group], program.row[group], numbers.z, first, numbers.a, first, slope, first,
            (end - begin) * WIDE,
        )  # fmt: skip
        for p in range(end - 1, begin - 1, -1):
            error, column = zero_wide(), program.column[p]
            if column >= 0 and not program.loss.by_sums:
                error = load_wide(numbers.seeds, column * WIDE)
            for j in range(program.out_start[p], program.out_start[p + 1]):
                at, to = program.out_weight[j] * WIDE, program.out_target[j] * WIDE
                error = fma(load_wide(weights, at), load_wide(d, to), error)
            error = error * load_wide(slope, p * WIDE)
            if column >= 0 and program.loss.by_sums:
                error = error + load_wide(numbers.seeds, column * WIDE)
            store_wide(d, p * WIDE, error)


@merged
def _descend(program: Any, numbers: Any) -> None:
    """W -= η·a[source]·d: online gradient descent, which needs no gradients written down."""
    weights, rates = numbers.weights, zero_wide() - load_wide(numbers.rates, 0)
    for p in range(len(program.column)):
        step = rates * load_wide(numbers.d, p * WIDE)
        for k in range(program.start[p], program.start[p + 1]):
            if program.learns[k]:
                sent = load_wide(numbers.a, program.source[k] * WIDE)
                store_wide(weights, k * WIDE, fma(sent, step, load_wide(weights, k * WIDE)))


@merged
def _collect(program: Any, numbers: Any, anew: bool) -> None:
    """G = a[source]·d, or G += where the batch has begun."""
    gradients = numbers.gradients
    for p in range(len(program.column)):
        error = load_wide(numbers.d, p * WIDE)
        for k in range(program.start[p], program.start[p + 1]):
            sent = load_wide(numbers.a, program.source[k] * WIDE)
            if anew:
                store_wide(gradients, k * WIDE, sent * error)
            else:
                store_wide(gradients, k * WIDE, fma(sent, error, load_wide(gradients, k * WIDE)))


@merged
def _step(program: Any, numbers: Any, rule: Any, steps: int, share: float) -> None:
    """Change the weights by the gradients · share, by the optimizer of a rule; `steps` counts this step."""
    on = Learning(numbers.weights, numbers.gradients, program.learns, numbers.first, numbers.second)
    c = constants(rule, load_wide(numbers.rates, 0), steps)
    for k in range(len(program.learns)):
        if program.learns[k]:
            i = k * WIDE
            step = change(rule.code, on, i, load_wide(numbers.gradients, i) * share, c, load_wide, keep_wide)
            store_wide(numbers.weights, i, load_wide(numbers.weights, i) - step)


@merged
def _go_through(
    program: Any,
    samples: Any,
    numbers: Any,
    rule: Any,
    steps: int,
    orders: Any,
    mixed: bool,
    begin: int,
    learning: bool,
) -> None:
    """Go through the samples once; `total` becomes the mean of their errors. Unless they are learning, nothing else."""
    n_samples, online, total = len(samples.x), samples.batch == 1 and rule.code == SGD, zero_wide()
    for first in range(0, n_samples, samples.batch):
        last = min(first + samples.batch, n_samples)
        for index in range(first, last):
            if mixed and learning:
                _give_each(program, samples, numbers, orders, (begin + index) * WIDE)
            else:
                _give(program, samples, numbers, index)
            _forward(program, numbers)
            _judge(program, numbers)
            total = total + load_wide(numbers.judged, 0)
            if learning:
                _backward(program, numbers)
                if online:
                    _descend(program, numbers)
                else:
                    _collect(program, numbers, index == first)
        if learning and not online:
            steps += 1
            _step(program, numbers, rule, steps, 1.0 / (last - first))
    store_wide(numbers.total, 0, total * (1.0 / n_samples))


@merged
def _note(program: Any, numbers: Any, epoch: int) -> None:
    """Note the errors of an epoch, and how large the weights are after it."""
    store_wide(numbers.errors, _place(numbers, epoch), load_wide(numbers.total, 0))
    size = zero_wide()
    for k in range(len(program.learns)):
        size = size + absolute(load_wide(numbers.weights, k * WIDE))
    store_wide(numbers.sizes, 0, size)


@merged
def _place(numbers: Any, epoch: int) -> int:
    """Return where the errors of an epoch begin."""
    place: int = epoch * numbers.row + numbers.column
    return place


@merged
def _is_calm(numbers: Any, error: int, limit: float) -> bool:
    """Whether nothing can be the matter with any lane: a test of vectors, before that of single numbers."""
    noisy = 0
    for lane in range(WIDE):
        # Unsigned: a negative index would count from the end, and is asked for at each.
        e = numbers.errors[np.uint64(error) + np.uint64(lane)]
        # Written so that NaN is not calm.
        calm = (e <= numbers.bound[lane]) & (e > limit) & (numbers.sizes[lane] <= FAR)
        noisy += 0 if calm | (numbers.ended[lane] != RUNNING) else 1
    return noisy == 0


@merged
def _ending(numbers: Any, lane: int, error: float, known: bool) -> int:
    """Return how a lane ends with an epoch of this error; `known` says that `total` is its error over all samples."""
    watch = numbers.watch[lane]
    if not (math.isfinite(error) and numbers.sizes[lane] <= FAR):
        return FAILED
    rises = error > watch[LAST]
    if not _stops(watch, error):
        return RUNNING
    if rises and error > numbers.bound[lane]:
        return DIVERGING
    if error <= watch[LIMIT] and known and numbers.total[lane] <= watch[LIMIT]:
        return LOW
    return SETTLED if watch[SINCE] >= watch[PATIENCE] else RUNNING


@merged
def _any_low(numbers: Any, epoch: int, limit: float) -> bool:
    low = 0
    for lane in range(WIDE):
        error = numbers.errors[_place(numbers, epoch) + lane]
        low += 1 if numbers.ended[lane] == RUNNING and error <= limit else 0
    return low > 0


@merged
def _look(numbers: Any, epoch: int, known: bool) -> int:
    """Look at each lane after an epoch, keep the weights of those that end, and return how many go on."""
    error, left = _place(numbers, epoch), 0
    for lane in range(WIDE):
        if numbers.ended[lane] != RUNNING:
            continue
        e = numbers.errors[error + lane]
        if epoch == 0:
            numbers.bound[lane] = DIVERGED * e if e > 0.0 else math.inf
        else:
            # Calm epochs are not noted, but they were there.
            numbers.watch[lane, FIRST] = numbers.errors[numbers.column + lane]
            numbers.watch[lane, LAST] = numbers.errors[error - numbers.row + lane]
        numbers.ended[lane] = _ending(numbers, lane, e, known)
        numbers.epochs[lane] = epoch + 1
        if numbers.ended[lane] == RUNNING:
            left += 1
        else:
            _keep(numbers, lane)
    return left


@merged
def _keep(numbers: Any, lane: int) -> None:
    for k in range(len(numbers.weights) // WIDE):
        numbers.kept[k * numbers.row + numbers.column + lane] = numbers.weights[k * WIDE + lane]


@kernel
def train(
    program: Any,
    samples: Any,
    numbers: Any,
    rule: Any,
    steps: int,
    orders: Any,
    mixed: bool,
    begin: int,
    end: int,
    patient: bool,
) -> int:
    """Train a block of lanes for the epochs begin ... end − 1, and return how many lanes go on.

    Parameters
    ----------
    program : LaneProgram
    samples : LaneSamples
    numbers : LaneNumbers
        Changed in place. Lanes that ended before are calculated on, and mean nothing.
    rule, steps : StepRule, int
        The optimizer, whose learning rate is not read, and how many steps it made before the first epoch.
    orders : flat array of int, shape (end − begin, n_samples, WIDE)
        Numbers of samples; read if `mixed`, else all lanes take the samples as they come.
    begin, end : int
    patient : bool
        Whether lanes end only when they are low enough, diverge or fail, and not because they do not get lower.
    """
    n_samples, limit, left = len(samples.x), numbers.watch[0, LIMIT], 0
    per_epoch = (n_samples + samples.batch - 1) // samples.batch
    epoch, learning = begin, True
    while epoch < end:
        at = (epoch - begin) * n_samples if mixed else 0
        _go_through(program, samples, numbers, rule, steps + epoch * per_epoch, orders, mixed, at, learning)
        if learning:
            _note(program, numbers, epoch)
            if epoch > 0 and patient and _is_calm(numbers, _place(numbers, epoch), limit):
                epoch += 1
                continue
            # What was noted is the error before the updates: where it is low, that after them is to be known.
            learning = not _any_low(numbers, epoch, limit)
            if not learning:
                continue
        if _look(numbers, epoch, not learning) == 0:
            return 0
        learning = True
        epoch += 1
    for lane in range(WIDE):
        if numbers.ended[lane] == RUNNING:
            numbers.epochs[lane] = end
            _keep(numbers, lane)
            left += 1
    return left
