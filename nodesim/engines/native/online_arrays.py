"""The arrays of online training; see `nodesim.engines.native.online_training`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nodesim._arrays import Array
from nodesim.engines.native.function_pointers import LossCall
from nodesim.engines.native.optimizers import Learning, StepRule
from nodesim.engines.native.program import Program


class OnlineProgram(NamedTuple):
    """What the trainer reads of a network: positions in the order of evaluation, all whole numbers unsigned.

    Attributes
    ----------
    start, source : ndarray
        Connections by target: position p is fed by source[start[p]] to source[start[p + 1] - 1], and these are also
        the positions of their weights.
    out_start, out_weight, out_target : ndarray
        The same connections by source: where their weights are, and what they feed.
    inputs, outputs, calculated : ndarray
        The positions of the inputs, the outputs, and of all that has an activation, in order.
    codes : ndarray of shape (n_positions,)
        What is calculated there, as `ActivationKernel.online` says it.
    function, derivative, row : ndarray of shape (n_positions,)
        As in `Program`, by position; a row is its whole address.
    loss : int
        MSE or CALLED.
    loss_call : LossCall
    """

    start: Any
    source: Any
    out_start: Any
    out_weight: Any
    out_target: Any
    inputs: Any
    outputs: Any
    calculated: Any
    codes: Any
    function: Any
    derivative: Any
    row: Any
    loss: int
    loss_call: Any


class OnlineNumbers(NamedTuple):
    """Arrays by position: a of this and of the last sample, z, d, a'(z), and what belongs to outputs.

    `factor` is ∂e/∂distance by distance and `share` the error by squared distance, for MSE; both are 0 but at
    outputs, so that every position can be treated alike. `entering` is ∂e/∂a, or ∂e/∂z, of another loss.
    """

    a: Array
    z: Array
    d: Array
    slope: Array
    wanted: Array
    factor: Array
    share: Array
    entering: Array
    results: Array
    seeds: Array
    errors: Array


class Learner(NamedTuple):
    """An optimizer other than gradient descent, at work.

    Attributes
    ----------
    rule, steps : StepRule, int
        Which one, and how many steps it made before.
    on : Learning
        What it changes; there are no gradients, which are used where they arise.
    """

    rule: StepRule
    steps: int
    on: Learning


def online_program(
    program: Program, calls: int, inputs: Any, codes: Any, loss: int, loss_call: LossCall
) -> OnlineProgram:
    """Return what online training reads of a program and a run's `Calls`; codes are those of the positions."""
    start, source = program.start.astype(np.uint64), program.source.astype(np.uint64)
    weight = np.argsort(source, kind="stable").astype(np.uint64)
    callee = np.zeros((3, len(start) - 1), dtype=np.int64)
    rows = np.where(program.row > 0, program.row, calls - program.row)
    called = np.array([program.function, program.derivative, rows])
    for number, (begin, end) in enumerate(zip(program.group_begin, program.group_end)):
        callee[:, begin:end] = called[:, number, None]
    calculated = np.flatnonzero(callee[0]).astype(np.uint64)
    return OnlineProgram(
        start, source, program.out_start.astype(np.uint64), weight, program.target.astype(np.uint64),
        np.asarray(inputs, np.uint64), program.outputs.astype(np.uint64), calculated,
        codes, callee[0], callee[1], callee[2], loss, loss_call,
    )  # fmt: skip


def online_numbers(program: OnlineProgram, constants: Array) -> OnlineNumbers:
    """Return memory for a program; `constants` of shape (n_positions,) has the values of the bias nodes."""
    n_positions, n_outputs = len(constants), len(program.outputs)
    factor, share = np.zeros(n_positions), np.zeros(n_positions)
    factor[program.outputs], share[program.outputs] = -2.0 / n_outputs, 1.0 / n_outputs
    z, d, wanted, entering = (np.zeros(n_positions) for _ in range(4))
    return OnlineNumbers(
        np.tile(constants, 2), z, d, np.ones(n_positions), wanted, factor, share, entering,
        np.zeros(n_outputs), np.zeros(n_outputs), np.zeros(1),
    )  # fmt: skip
