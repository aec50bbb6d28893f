"""Kernels for one sample, made for latency: arrays z, a and d of shape (n_positions,), connections in their order."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim.engines.native.finite_checks import (
    IN_ERRORS,
    IN_GRADIENTS,
    IN_INPUTS,
    IN_LOSS,
    IN_SUMS,
    IN_TARGETS,
    IN_VALUES,
    flag,
)
from nodesim.engines.native.function_pointers import LossCall, call_derivative, call_function, call_loss
from nodesim.engines.native.jit import inlined, kernel
from nodesim.engines.native.join_kernels import aggregate_one, hand_down_one
from nodesim.engines.native.program import connection_count, row_of, unpacked
from nodesim.engines.native.vectors import (
    STRIP,
    UNROLLED,
    fma,
    four,
    load_partial,
    load_strip,
    store_four,
    store_partial,
    store_strip,
    sum_of,
)


@inlined
def _weighted_sum(program: Any, weights: Any, a: Any, position: int) -> float:
    """Return Σ w_k · a[source k] over the connections k into a position, as (k0 + k2 + …) + (k1 + k3 + …).

    An addition must wait for the one before: in two sums, every other one need not.
    """
    even, odd = 0.0, 0.0
    k, stop = np.uint64(program.start[position]), np.uint64(program.start[position + 1])
    while k + np.uint64(1) < stop:
        even = fma(weights[k], a[np.uint64(program.source[k])], even)
        odd = fma(weights[k + np.uint64(1)], a[np.uint64(program.source[k + np.uint64(1)])], odd)
        k += np.uint64(2)
    if k < stop:
        even = fma(weights[k], a[np.uint64(program.source[k])], even)
    return even + odd


@inlined
def _dense_sums(weights: Any, matrix: int, a: Any, feed: int, feed_end: int, z: Any, begin: int, end: int) -> None:
    """Write z[t] = Σ W[s, t] · a[s] of a dense group, in the order of s: side by side, sums need not wait."""
    # Sources outside: W is read from one end to the other, and neighbouring sums fill whole registers.
    for t in range(begin, end):
        z[t] = 0.0
    for s in range(np.uint64(feed), np.uint64(feed_end)):
        value, row = a[s], np.uint64(matrix) + (s - np.uint64(feed)) * np.uint64(end - begin)
        for t in range(np.uint64(end - begin)):
            z[np.uint64(begin) + t] = fma(weights[row + t], value, z[np.uint64(begin) + t])


@inlined
def _forward(program: Any, weights: Any, z: Any, a: Any) -> Any:
    answer = 0
    for group in range(len(program.group_begin)):
        begin, end = program.group_begin[group], program.group_end[group]
        feed, feed_end = program.feed_begin[group], program.feed_end[group]
        if feed_end > feed:
            _dense_sums(weights, program.matrix[group], a, feed, feed_end, z, begin, end)
            # What else feeds it comes by sparse connections.
            if program.start[begin] < program.start[end]:
                for position in range(np.uint64(begin), np.uint64(end)):
                    z[position] += _weighted_sum(program, weights, a, position)
        elif program.aggregation[group] != 0:
            aggregate_one(program, weights, group, z, a)
        else:
            for position in range(np.uint64(begin), np.uint64(end)):
                z[position] = _weighted_sum(program, weights, a, position)
        call_function(program.function[group], row_of(program, group), z, begin, a, begin, end - begin)
        answer |= flag(z, begin, end, IN_SUMS) | flag(a, begin, end, IN_VALUES)
    return answer


@inlined
def _hand_down_dense(weights: Any, row: int, a: Any, d: Any, gradients: Any, source: int, begin: int, end: int) -> None:
    """Write gradients[row + t] = a[source] · d[t] and add Σ weights[row + t] · d[t] to d[source], for a dense group."""
    value, count = a[source], end - begin
    whole = count - count % STRIP
    total = load_partial(d, begin, 0)
    for t in range(0, whole, STRIP):
        errors = load_strip(d, begin + t)
        store_strip(gradients, row + t, errors * value)
        total = fma(load_strip(weights, row + t), errors, total)
    if whole < count:
        errors = load_partial(d, begin + whole, count - whole)
        store_partial(gradients, row + whole, errors * value, count - whole)
        total = fma(load_partial(weights, row + whole, count - whole), errors, total)
    d[source] += sum_of(total)


@inlined
def _hand_down(program: Any, weights: Any, a: Any, d: Any, gradients: Any, position: int, error: float) -> None:
    """Write gradients[k] = a[source k] · error and add w_k · error to d[source k], for the connections into a position.

    Four gradients are stored at a time, because it is the stores that take longest.
    """
    # Unsigned numbers throughout: numba would test every signed index for being negative.
    k, stop = np.uint64(program.start[position]), np.uint64(program.start[position + np.uint64(1)])
    while k + np.uint64(UNROLLED) <= stop:
        s0, s1 = np.uint64(program.source[k]), np.uint64(program.source[k + np.uint64(1)])
        s2, s3 = np.uint64(program.source[k + np.uint64(2)]), np.uint64(program.source[k + np.uint64(3)])
        store_four(gradients, k, four(a[s0], a[s1], a[s2], a[s3]) * error)
        d[s0] = fma(weights[k], error, d[s0])
        d[s1] = fma(weights[k + np.uint64(1)], error, d[s1])
        d[s2] = fma(weights[k + np.uint64(2)], error, d[s2])
        d[s3] = fma(weights[k + np.uint64(3)], error, d[s3])
        k += np.uint64(UNROLLED)
    while k < stop:
        source = np.uint64(program.source[k])
        gradients[k] = a[source] * error
        d[source] = fma(weights[k], error, d[source])
        k += np.uint64(1)


@inlined
def _backward(
    program: Any, weights: Any, z: Any, a: Any, seeds: Any, by_sums: bool, d: Any, slope: Any, gradients: Any
) -> Any:
    for p in range(len(d)):
        d[p] = 0.0
    if not by_sums:
        for i in range(len(program.outputs)):
            d[program.outputs[i]] = seeds[i]
    for group in range(len(program.group_begin) - 1, -1, -1):
        begin, end = program.group_begin[group], program.group_end[group]
        row = row_of(program, group)
        call_derivative(program.derivative[group], row, z, begin, a, begin, slope, 0, end - begin)
        for position in range(np.uint64(begin), np.uint64(end)):
            own = slope[position - np.uint64(begin)]
            error = d[position] * own
            if by_sums and program.is_output[position] != 0:
                # In one piece, so that the loss's own derivative is added without a rounding in between.
                error = fma(d[position], own, seeds[program.column[position]])
            d[position] = error
            if program.aggregation[group] != 0:
                hand_down_one(program, weights, group, z, a, d, gradients, position)
            else:
                _hand_down(program, weights, a, d, gradients, position, error)
        feed = program.feed_begin[group]
        for source in range(feed, program.feed_end[group]):
            row = program.matrix[group] + (source - feed) * (end - begin)
            _hand_down_dense(weights, row, a, d, gradients, source, begin, end)
    return flag(d, 0, len(d), IN_ERRORS) | flag(gradients, 0, connection_count(program), IN_GRADIENTS)


@inlined
def _judge(program: Any, loss: Any, z: Any, a: Any, y: Any, first: int, errors: Any, seeds: Any, results: Any) -> float:
    """Write the error, and where it enters the outputs; return it."""
    n_outputs = len(program.outputs)
    for i in range(n_outputs):
        results[i] = z[program.outputs[i]] if loss.by_sums else a[program.outputs[i]]
    call_loss(loss.address, loss.row, y, first, results, 0, seeds, 0, errors, 0, n_outputs, 1)
    error: float = errors[0]
    return error


@inlined
def _give(program: Any, x: Any, first: int, z: Any, a: Any) -> None:
    """Set z and a of the inputs and bias nodes."""
    n_inputs = len(program.given) - len(program.sent)
    for i in range(n_inputs):
        z[program.given[i]] = a[program.given[i]] = x[first + i]
    for i in range(len(program.sent)):
        z[program.given[n_inputs + i]] = a[program.given[n_inputs + i]] = program.sent[i]


@kernel
def forward(memory: Any, calls: int, weights: Any, x: Any, numbers: Any, outputs: Any) -> Any:
    """Write z[p] = Σ w_k · a[source k] and a[p] = f(z[p]) for all positions, in evaluation order.

    Parameters
    ----------
    memory, calls : ndarray of int64, int
        The program in one piece, and the address of the run's `Calls`.
    weights : ndarray of shape (n_connections,)
    x : ndarray of shape (n_inputs,)
    numbers : ndarray of shape (2 · n_positions,)
        Becomes z, then a.
    outputs : ndarray of shape (n_outputs,)
        Becomes a of the outputs.

    Returns
    -------
    int
        0, or the bits IN_INPUTS, IN_SUMS and IN_VALUES for what is not finite.
    """
    program = unpacked(memory, calls)
    if flag(x, 0, len(x), IN_INPUTS):
        return IN_INPUTS
    half = len(numbers) // 2
    z, a = numbers[:half], numbers[half:]
    _give(program, x, 0, z, a)
    answer = _forward(program, weights, z, a)
    for i in range(len(outputs)):
        outputs[i] = a[program.outputs[i]]
    return answer


@kernel
def backward(
    memory: Any, calls: int, weights: Any, numbers: Any, seeds: Any, by_sums: bool, found: Any, gradients: Any
) -> Any:
    """Write d[p] = f'(z[p]) · Σ w_k · d[target k] and gradients[k] = a[source k] · d[target k].

    Positions are taken in reverse order of evaluation, by group, and each hands its error down to its sources: that
    walks through weights and gradients in connection order, and reads of the sources what it writes to them.

    Parameters
    ----------
    memory, calls, weights, numbers
        As `forward` left them.
    seeds : ndarray of shape (n_outputs,)
        The derivatives of the error by the values of the outputs, or by their sums.
    by_sums : bool
        Which of the two.
    found : ndarray of shape (n_positions + largest group,)
        Becomes d; the rest is scratch.
    gradients : ndarray
        In the order of weights, and at least as many.

    Returns
    -------
    int
        0, or the bits IN_ERRORS and IN_GRADIENTS.
    """
    half = len(numbers) // 2
    z, a, d, slope = numbers[:half], numbers[half:], found[:half], found[half:]
    return _backward(unpacked(memory, calls), weights, z, a, seeds, by_sums, d, slope, gradients)


@kernel
def judge_and_backward(
    memory: Any, weights: Any, address: int, row: int, by_sums: bool, low: float, high: float, y: Any, numbers: Any,
    found: Any, gradients: Any,
) -> Any:  # fmt: skip
    """Calculate the error of a run and where it enters the outputs, and run backward from there.

    Parameters
    ----------
    memory, weights, numbers, by_sums, gradients
        As for `backward`.
    address, row : int
        The loss; see `LossCall`.
    low, high : float
        Between which targets must be.
    y : ndarray of shape (n_outputs,)
        The targets.
    found : ndarray of shape (n_positions + 1 + 2 · n_outputs + largest group,)
        Becomes d, the error, the seeds, a copy of the targets; the rest is scratch.

    Returns
    -------
    int
        As for `backward`, or IN_TARGETS or IN_LOSS: then nothing was run.
    """
    program, half, n = unpacked(memory, 0), len(numbers) // 2, len(y)
    z, a, d, errors = numbers[:half], numbers[half:], found[:half], found[half : half + 1]
    seeds, wanted, slope = found[half + 1 : half + 1 + n], found[half + 1 + n :], found[half + 1 + 2 * n :]
    if flag(y, 0, n, IN_TARGETS):
        return IN_TARGETS
    for i in range(n):
        if not low <= y[i] <= high:
            return IN_TARGETS
        wanted[i] = y[i]
    error = _judge(program, LossCall(address, row, by_sums), z, a, y, 0, errors, seeds, d)
    if error * 0.0 != 0.0 or flag(seeds, 0, n, IN_LOSS):
        return IN_LOSS
    return _backward(program, weights, z, a, seeds, by_sums, d, slope, gradients)


@kernel
def descend(weights: Any, gradients: Any, trainable: Any, learning_rate: float) -> bool:
    """W -= η·G where a weight is trainable, if all of them are finite then; return whether they are."""
    odd = 0.0
    for k in range(len(weights)):
        new = weights[k] - learning_rate * gradients[k]
        odd += (new if trainable[k] else weights[k]) * 0.0
    if odd != 0.0:
        return False
    for k in range(len(weights)):
        new = weights[k] - learning_rate * gradients[k]
        weights[k] = new if trainable[k] else weights[k]
    return True


@inlined
def sweep(
    program: Any, weights: Any, loss: Any, x: Any, y: Any, sample: int, z: Any, a: Any, d: Any, gradients: Any,
    scratch: Any,
) -> Any:  # fmt: skip
    """Run forward, loss and backward.

    Parameters
    ----------
    program, weights, z, a, d, gradients
        As for `forward` and `backward`.
    loss : LossCall
    x, y : flat arrays of shape (n_samples, n_inputs) and (n_samples, n_outputs)
        Inputs and targets.
    sample : int
        Which of them.
    scratch : Scratch

    Returns
    -------
    int, float
        0, or the bits of what was not finite; and the error.
    """
    n_inputs, n_outputs = len(program.given) - len(program.sent), len(program.outputs)
    _give(program, x, sample * n_inputs, z, a)
    answer = _forward(program, weights, z, a)
    error = _judge(program, loss, z, a, y, sample * n_outputs, scratch.errors, scratch.seeds, scratch.outputs)
    answer |= _backward(program, weights, z, a, scratch.seeds, loss.by_sums, d, scratch.slope, gradients)
    return answer, error
