"""Kernels for one sample, made for latency: arrays z, a and d of shape (n_positions,), connections in their order."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim.engines.native.finite_checks import IN_ERRORS, IN_GRADIENTS, IN_SUMS, IN_VALUES, flag
from nodesim.engines.native.function_pointers import call_derivative, call_function, call_loss
from nodesim.engines.native.jit import inlined, kernel
from nodesim.engines.native.program import AT_SUM, DERIVATIVE, FUNCTION, ROW
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
        else:
            for position in range(np.uint64(begin), np.uint64(end)):
                z[position] = _weighted_sum(program, weights, a, position)
        call_function(program.callee[group, FUNCTION], program.callee[group, ROW], z, begin, a, begin, end - begin)
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
def _backward(program: Any, weights: Any, z: Any, a: Any, d: Any, direct: Any, gradients: Any, slope: Any) -> Any:
    for group in range(len(program.group_begin) - 1, -1, -1):
        begin, end = program.group_begin[group], program.group_end[group]
        call_derivative(
            program.callee[group, DERIVATIVE], program.callee[group, ROW], z, begin, a, begin, slope, 0, end - begin
        )
        # fma, so that a loss by the sums adds its own derivative without a rounding in between; elsewhere direct is 0.
        for position in range(np.uint64(begin), np.uint64(end)):
            error = fma(d[position], slope[position - np.uint64(begin)], direct[position])
            d[position] = error
            _hand_down(program, weights, a, d, gradients, position, error)
        feed = program.feed_begin[group]
        for source in range(feed, program.feed_end[group]):
            row = program.matrix[group] + (source - feed) * (end - begin)
            _hand_down_dense(weights, row, a, d, gradients, source, begin, end)
    return flag(d, 0, len(d), IN_ERRORS) | flag(gradients, 0, len(gradients), IN_GRADIENTS)


@kernel
def forward(program: Any, weights: Any, z: Any, a: Any) -> Any:
    """Write z[p] = Σ w_k · a[source k] and a[p] = f(z[p]) for the calculated positions, in evaluation order.

    Parameters
    ----------
    program : Program
    weights : ndarray of shape (n_connections,)
    z, a : ndarray of shape (n_positions,)
        The values of inputs and bias nodes stand in `a`.

    Returns
    -------
    int
        0, or the bits IN_SUMS and IN_VALUES for what was not finite.
    """
    return _forward(program, weights, z, a)


@kernel
def backward(program: Any, weights: Any, z: Any, a: Any, d: Any, direct: Any, gradients: Any, slope: Any) -> Any:
    """Write d[p] = f'(z[p]) · Σ w_k · d[target k] and gradients[k] = a[source k] · d[target k].

    Positions are taken in reverse order of evaluation, by group, and each hands its error down to its sources: that
    walks through weights and gradients in connection order, and reads of the sources what it writes to them.

    Parameters
    ----------
    program : Program
    weights : ndarray of shape (n_connections,)
    z, a : ndarray of shape (n_positions,)
        As `forward` left them.
    d : ndarray of shape (n_positions,)
        Holds the derivatives of the error by the values of positions that it enters there (AT_VALUE), 0 elsewhere.
    direct : ndarray of shape (n_positions,)
        The derivatives of the error by the sums of positions that it enters there (AT_SUM), 0 elsewhere.
    gradients : ndarray of shape (n_connections,)
        In the order of weights.
    slope : ndarray of shape (largest group,)
        Scratch.

    Returns
    -------
    int
        0, or the bits IN_ERRORS and IN_GRADIENTS.
    """
    return _backward(program, weights, z, a, d, direct, gradients, slope)


@kernel
def sweep(
    program: Any, weights: Any, loss: Any, y: Any, sample: int, z: Any, a: Any, d: Any, direct: Any, gradients: Any,
    scratch: Any,
) -> Any:  # fmt: skip
    """Run forward, loss and backward.

    Parameters
    ----------
    program, weights, z, a, d, direct, gradients
        As for `forward` and `backward`; d need not be prepared, and direct holds zeros but at outputs.
    loss : LossCall
    y, sample : ndarray of shape (n_samples, n_outputs), int
        The targets, and which of them.
    scratch : Scratch

    Returns
    -------
    int, float
        0, or the bits of what was not finite; and the error.
    """
    answer = _forward(program, weights, z, a)
    n_outputs = len(program.outputs)
    by_sums = program.entry[program.outputs[0]] == AT_SUM
    for i in range(n_outputs):
        scratch.outputs[i] = z[program.outputs[i]] if by_sums else a[program.outputs[i]]
    call_loss(
        loss.address, loss.row, y, sample * n_outputs, scratch.outputs, 0, scratch.seeds, 0, scratch.errors, 0,
        n_outputs, 1,
    )  # fmt: skip
    for p in range(len(d)):
        d[p] = 0.0
    for i in range(n_outputs):
        (direct if by_sums else d)[program.outputs[i]] = scratch.seeds[i]
    answer |= _backward(program, weights, z, a, d, direct, gradients, scratch.slope)
    return answer, scratch.errors[0]
