"""Online training of a small network of any shape: one update per sample, epochs in one call."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim.engines import early_stopping
from nodesim.engines.native.function_pointers import call_derivative, call_function, call_loss
from nodesim.engines.native.jit import inlined, kernel
from nodesim.engines.native.losses import MSE
from nodesim.engines.native.optimizers import change, constants, keep_one, load_one
from nodesim.engines.native.scalar_math import LAST_CODE, OTHER, activated
from nodesim.engines.native.vectors import fma

_stops = inlined(early_stopping.stops)
# Updates from one look at the weights to the next. Whatever is not finite stays so and is found at the end; then
# these updates are made again, one at a time.
_UPDATES = 256


# Everything here is for latency. The network is so small that all its numbers are in the first-level cache; what takes
# time is the chain of operations that wait for each other. So nothing is vectorised, no sample's gradients are written
# down, indices are unsigned (numba would test signed ones), and sigmoid and tanh come from tables.
#
# Without a `Learner` it is gradient descent, for which there is a kernel of its own: numba leaves out what is under a
# condition that the types decide.


@inlined
def _called_loss(program: Any, targets: Any, sample: Any, now: Any, numbers: Any) -> float:
    """Return the error of a loss that is called by its address; sets `entering` of the outputs."""
    n_outputs = len(program.outputs)
    for i in range(n_outputs):
        p = program.outputs[i]
        numbers.results[i] = numbers.z[p] if program.loss_call.by_sums else numbers.a[now + p]
    call_loss(
        program.loss_call.address, program.loss_call.row, targets, sample * np.uint64(n_outputs), numbers.results, 0,
        numbers.seeds, 0, numbers.errors, 0, n_outputs, 1,
    )  # fmt: skip
    for i in range(n_outputs):
        numbers.entering[program.outputs[i]] = numbers.seeds[i]
    error: float = numbers.errors[0]
    return error


@inlined
def _give(program: Any, numbers: Any, inputs: Any, targets: Any, sample: Any, now: Any) -> None:
    """Set a of the inputs, and what the outputs should be."""
    for i in range(len(program.inputs)):
        numbers.a[now + program.inputs[i]] = inputs[sample, i]
    for i in range(len(program.outputs)):
        numbers.wanted[program.outputs[i]] = targets[sample, i]


@inlined
def _renew_and_forward(program: Any, numbers: Any, weights: Any, rates: Any, learner: Any, now: Any, last: Any) -> None:
    """Set z, a and a'(z); without a learner, first W -= η·a[source]·d[target] with a and d of the last sample."""
    start, source, calculated, a = program.start, program.source, program.calculated, numbers.a
    for i in range(np.uint64(len(calculated))):
        p = calculated[i]
        z, last_d = 0.0, numbers.d[p]
        for k in range(start[p], start[p + np.uint64(1)]):
            weight = weights[k]
            if learner is None:
                # For a frozen connection the rate is 0, and the weight stays as it is, to the last bit.
                weight = fma(-(rates[k] * a[last + source[k]]), last_d, weight)
                weights[k] = weight
            z = fma(weight, a[now + source[k]], z)
        numbers.z[p] = z
        code, row = program.codes[p], program.row[p]
        if code == OTHER:
            call_function(program.function[p], row, numbers.z, p, a, now + p, 1)
            call_derivative(program.derivative[p], row, numbers.z, p, a, now + p, numbers.slope, p, 1)
        elif code <= LAST_CODE:
            a[now + p], numbers.slope[p] = activated(code, z)
        else:
            call_derivative(code, row, numbers.z, p, a, now + p, numbers.slope, p, 1)


@inlined
def _backward(program: Any, numbers: Any, weights: Any, now: Any, error: float) -> float:
    """Set d; return the error, to which the squared distances are added if it is theirs."""
    calculated, d = program.calculated, numbers.d
    out_start, out_weight, out_target = program.out_start, program.out_weight, program.out_target
    n_calculated, mse = np.uint64(len(calculated)), program.loss == MSE
    for i in range(n_calculated):
        p = calculated[n_calculated - i - np.uint64(1)]
        arriving = 0.0
        # Inner positions have factor and share 0: cheaper than to ask at each whether it is an output.
        if mse:
            distance = numbers.wanted[p] - numbers.a[now + p]
            arriving = numbers.factor[p] * distance
            error = fma(numbers.share[p] * distance, distance, error)
        else:
            # A distance tells in any case whether a is finite; without one, 0 · a does, also where p feeds nothing.
            error = fma(0.0, numbers.a[now + p], error)
            if not program.loss_call.by_sums:
                arriving = numbers.entering[p]
        for k in range(out_start[p], out_start[p + np.uint64(1)]):
            arriving = fma(weights[out_weight[k]], d[out_target[k]], arriving)
        arriving *= numbers.slope[p]
        d[p] = arriving + numbers.entering[p] if program.loss_call.by_sums else arriving
    return error


@inlined
def _renew(program: Any, numbers: Any, weights: Any, rates: Any, last: Any) -> None:
    """W -= η·a[source]·d[target] with a and d of the last sample; the next one then has nothing to renew."""
    start, source, calculated = program.start, program.source, program.calculated
    for i in range(np.uint64(len(calculated))):
        p = calculated[i]
        for k in range(start[p], start[p + np.uint64(1)]):
            weights[k] = fma(-(rates[k] * numbers.a[last + source[k]]), numbers.d[p], weights[k])
        numbers.d[p] = 0.0


@inlined
def _learn(program: Any, numbers: Any, learner: Any, number: int, now: Any, error: float) -> float:
    """Make a step with the gradients a[source]·d[target]; return the error, NaN if they or a z are not finite."""
    start, source, calculated, on, rule = program.start, program.source, program.calculated, learner.on, learner.rule
    c = constants(rule, rule.learning_rate, learner.steps + number)
    for i in range(np.uint64(len(calculated))):
        p = calculated[i]
        # Weights do not tell all: rprop goes by the sign of a gradient, be it infinite.
        d, odd = numbers.d[p], 0.0 * numbers.z[p]
        for k in range(start[p], start[p + np.uint64(1)]):
            gradient, weight = numbers.a[now + source[k]] * d, on.weights[k]
            lessened = change(rule.code, on, k, gradient, c, load_one, keep_one)
            keep_one(on.learns, on.weights, k, weight, weight - lessened)
            odd = fma(0.0, gradient, odd)
        error += odd
    return error


@inlined
def _copy(values: Any, into: Any) -> None:
    for k in range(len(values)):
        into[k] = values[k]


@inlined
def _update(program: Any, numbers: Any, inputs: Any, targets: Any, samples: Any, first: int, last_one: int,
            per_epoch: int, weights: Any, rates: Any, learner: Any, errors: Any, carried: Any, journal: Any,
            begin: int) -> None:  # fmt: skip
    """Make an update after each of the samples first ... last_one - 1; their errors are added up by epoch.

    By gradient descent, W -= η·a[source]·d[target], a weight is renewed when the next sample first needs it, in the sum
    z = Σ W·a: so it is read and written once per sample, and the sum need not wait for memory. No weight is read in
    between, and d is a sum over what a position feeds, complete in a register when it is stored.

    The sum of the errors of an epoch that is not gone through to its end is carried on. The optimizer, and the journal
    where there is one, count updates from `begin` on; there the weights before each are noted.
    """
    # Two halves of `a` take turns: renewing a weight needs what its source sent for the sample before.
    now, last = np.uint64(0), np.uint64(len(numbers.d))
    epoch, left, error, noting = first // per_epoch, per_epoch - first % per_epoch, carried[0], len(journal) > 0
    for index in range(first, last_one):
        sample = np.uint64(samples[np.uint64(index)])
        _give(program, numbers, inputs, targets, sample, now)
        _renew_and_forward(program, numbers, weights, rates, learner, now, last)
        if noting:
            _copy(weights, journal[index - begin])
        if program.loss != MSE:
            error += _called_loss(program, targets, sample, now, numbers)
        error = _backward(program, numbers, weights, now, error)
        if learner is not None:
            error = _learn(program, numbers, learner, index + 1 - begin, now, error)
        now, last = last, now
        left -= 1
        if left == 0:
            errors[epoch] += error / per_epoch
            epoch, left, error = epoch + 1, per_epoch, 0.0
    carried[0] = error if left < per_epoch else 0.0
    if learner is None:
        _renew(program, numbers, weights, rates, last)


@inlined
def _finite(values: Any, first: int, last: int) -> bool:
    total = 0.0
    for k in range(first, last):
        total += values[k] * 0.0
    return total == 0.0


@inlined
def _take_back(own: Any, before: Any, watch: Any, unseen: Any, errors: Any, first: int, last: int) -> None:
    """Forget the epochs first ... last - 1."""
    _copy(before, own)
    _copy(unseen, watch)
    for epoch in range(first, last):
        errors[epoch] = 0.0


@inlined
def _reset(numbers: Any) -> None:
    """Remove what failed numbers left in the half of a that is read, times a d of 0, before it is written."""
    for p in range(len(numbers.d), len(numbers.a)):
        if not _finite(numbers.a, p, p + 1):
            numbers.a[p] = 0.0


@kernel
def train(program: Any, numbers: Any, inputs: Any, targets: Any, samples: Any, per_epoch: int, begin: int, end: int,
          own: Any, before: Any, rates: Any, learner: Any, watch: Any, unseen: Any, watching: bool, careful: bool,
          errors: Any, carried: Any, done: Any, journal: Any) -> None:  # fmt: skip
    """Make an update after every sample, of all weights at once; d = a'·Σ W·d as before the update.

    Parameters
    ----------
    program, numbers : OnlineProgram, OnlineNumbers
    inputs, targets : ndarray of shape (n_samples, n_inputs) and (n_samples, n_outputs)
    samples : ndarray of shape (epochs · per_epoch,)
        Numbers of samples, one update each.
    begin, end : int
        Which of these updates to make; the first epoch may have been begun before, and the last one be left unfinished.
    own, before : flat ndarray
        The weights and, behind them, what the optimizer remembers: changed in place; and as much scratch.
    rates : ndarray of shape (n_connections,)
        For gradient descent, W -= η·a[source]·d[target]: the learning rate of each, 0 where it does not learn.
    learner : Learner or None
        What makes the updates instead, of what is in `own`.
    watch : ndarray
        See `nodesim.engines.early_stopping`; looked at if `watching`.
    careful : bool
        Whether to look after every update if all is finite: for functions in the interpreter, which may fail once.
    errors : ndarray of shape (epochs,)
        Zeros; becomes the mean error of each epoch, each sample's taken before its update.
    carried : ndarray of shape (1,)
        The sum of the errors of the updates that the first epoch was begun with; becomes that of an unfinished one.
    done : ndarray of shape (2,)
        Zeros; becomes the number of updates, and 1 if the next one's error or weights are not finite: it is not made.
    journal : ndarray of shape (end - begin or 0, n_connections)
        Becomes the weights before each update, if it has rows.
    """
    most = 1 if watching or careful else max(1, _UPDATES // per_epoch)
    first, weights = begin, own[: len(program.source)]
    while first < end:
        epoch = first // per_epoch
        # Whole epochs; or what is left of one that was begun, or of the room for them.
        several = min(most, end // per_epoch - epoch) if first % per_epoch == 0 else 1
        last = min((epoch + max(several, 1)) * per_epoch, end)
        ended, sums = last // per_epoch - epoch, carried[0]
        # Many updates on trust, with one look at the end. If something was not finite, or an epoch was one to stop
        # after, all of them are taken back and made again epoch by epoch, and one by one in that of the culprit: that
        # is rare, and costs these updates twice.
        whole = False
        if not careful:
            _copy(own, before)
            _copy(watch, unseen)
            _update(
                program, numbers, inputs, targets, samples, first, last, per_epoch, weights, rates, learner, errors,
                carried, journal, begin,
            )  # fmt: skip
            whole = _finite(errors, epoch, epoch + ended) and _finite(weights, 0, len(weights))
            whole = whole and _finite(carried, 0, 1)
        seen, stopped = 0, False
        while whole and seen < ended and not stopped:
            stopped = _stops(watch, errors[epoch + seen])
            seen += 1
        if not careful and (seen < ended or not whole):
            _take_back(own, before, watch, unseen, errors, epoch, epoch + ended)
            carried[0] = sums
            if several > 1:
                _reset(numbers)
                most = 1
                continue
        if not whole:
            errors[epoch] += carried[0] / per_epoch
            carried[0] = 0.0
            _one_by_one(
                program, numbers, inputs, targets, samples, first, last, per_epoch, own, before, rates, learner, errors,
                carried, done, journal, begin,
            )  # fmt: skip
            if done[1]:
                return
            stopped = ended > 0 and _stops(watch, errors[epoch])
        first = last
        done[0] = last - begin
        if stopped:
            return


@inlined
def _one_by_one(program: Any, numbers: Any, inputs: Any, targets: Any, samples: Any, first: int, last: int,
                per_epoch: int, own: Any, before: Any, rates: Any, learner: Any, errors: Any, carried: Any, done: Any,
                journal: Any, begin: int) -> None:  # fmt: skip
    """Make updates one at a time, up to the first that is not finite."""
    weights = own[: len(program.source)]
    for index in range(first, last):
        _reset(numbers)
        _copy(own, before)
        epoch = index // per_epoch
        total = errors[epoch]
        _update(
            program, numbers, inputs, targets, samples, index, index + 1, per_epoch, weights, rates, learner, errors,
            carried, journal, begin,
        )  # fmt: skip
        # The error of one that ends its epoch is there already.
        errors[epoch] += carried[0] / per_epoch
        carried[0] = 0.0
        if not (_finite(errors, epoch, epoch + 1) and _finite(weights, 0, len(weights))):
            _copy(before, own)
            errors[epoch] = total
            done[1] = 1
            _reset(numbers)
            return
        done[0] = index + 1 - begin
