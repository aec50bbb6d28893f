"""Training of many networks of one structure side by side: what the kernels of `network_lanes` get, and what they give.

Nothing here is but numbers: who draws weights and orders, and who puts the end of a training into words, stands above.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices
from nodesim.engines.compile_notice import call
from nodesim.engines.early_stopping import PATIENCE
from nodesim.engines.native import network_lanes
from nodesim.engines.native.blocks import aligned
from nodesim.engines.native.builtin import loss_kernel, step_form
from nodesim.engines.native.interpreter import NO_CALLS
from nodesim.engines.native.lane_arrays import LaneNumbers, LaneProgram, LaneSamples
from nodesim.engines.native.memory_layout import MemoryLayout, layout_of
from nodesim.engines.native.optimizers import SGD, StepForm, rule
from nodesim.engines.native.program import starts
from nodesim.engines.native.vectors import WIDE
from nodesim.engines.training_task import FAILED, RUNNING, LaneResults, TrainingTask

# Samples times connections, and samples, that one call goes through at most: often enough back for Ctrl-C.
_WORK, _SAMPLES = 3_000_000, 100_000
# With more connections one network at a time is as fast (measured): by gradient descent online, and else, where more is
# calculated for each of them, or samples can stand side by side instead.
_MOST_ONLINE, _MOST = 8_000, 500


def lanes(task: TrainingTask, trainable: NDArray[np.bool_]) -> LaneTrainer | None:
    """Return what trains many networks of a task's structure side by side, or None if each is better off by itself.

    That is so for nodes that are no sums, for functions that are called in the interpreter, for optimizers without a
    native form, for numbers that are near the largest ones, and for large networks.

    Parameters
    ----------
    task : TrainingTask
    trainable : ndarray of bool, shape (n_slots,)
    """
    if task.schedule.has_joins:
        return None
    form, layout = step_form(task.optimizer), task.schedule.cached(layout_of)
    native = form is not None and not layout.interpreted and loss_kernel(task.loss).native
    given = task.inputs, task.targets, task.schedule.constants
    far = max(np.abs(numbers).max(initial=0.0) for numbers in given) > network_lanes.FAR
    if form is None or not native or far:
        return None
    most = _MOST_ONLINE if task.batch == 1 and form.code == SGD else _MOST
    if len(task.schedule.slots) > most:
        return None
    return LaneTrainer(task, layout, form, trainable)


class LaneTrainer:
    """Trains networks of one structure, `WIDE` of them at a time.

    Parameters
    ----------
    task : TrainingTask
    layout : MemoryLayout
    form : StepForm
        The optimizer's.
    trainable : ndarray of bool, shape (n_slots,)

    """

    def __init__(self, task: TrainingTask, layout: MemoryLayout, form: StepForm, trainable: NDArray[np.bool_]) -> None:
        schedule = task.schedule
        self.task, self.form = task, form
        source, target = layout.position_of[schedule.sources], layout.position_of[schedule.targets]
        order = np.lexsort((source, target))
        self.slots = schedule.slots[order]
        self.program = _program(task, layout, source[order], target[order], trainable[self.slots])
        sent = np.tile(schedule.constants, (task.inputs.shape[1], 1))
        x = np.ascontiguousarray(np.concatenate([task.inputs.T, sent], axis=1))
        self.samples = LaneSamples(x, np.ascontiguousarray(task.targets.T), task.batch)

    def train(
        self, weights: Array, state: Mapping[str, Any], rates: Array, epochs: int, watch: Array,
        orders: Callable[[range, int], NDArray[np.int64]] | None, report: Callable[[int], None],
    ) -> LaneResults:  # fmt: skip
        """Train networks; see `nodesim.engines.training_task.LaneTrainer`."""
        n, n_slots = weights.shape
        row = -(-n // WIDE) * WIDE
        numbers, ended = self._memory(epochs, row), np.zeros((2, row), dtype=np.int64)
        for column in range(0, n, WIDE):
            rows, own = range(column, min(column + WIDE, n)), slice(column, column + WIDE)
            numbers = numbers._replace(column=column, ended=ended[0, own], epochs=ended[1, own])
            self._begin(numbers, rows, weights, state, rates, watch)
            self._run(numbers, rows, int(state.get("steps", 0)), epochs, orders, report)
        kept = np.zeros((n_slots, row))
        kept[self.slots] = numbers.kept.reshape(-1, row)
        return LaneResults(kept.T[:n], ended[0, :n], ended[1, :n], numbers.errors.reshape(-1, row).T[:n])

    def _memory(self, epochs: int, row: int) -> LaneNumbers:
        n_connections, plain = len(self.slots), self.task.batch == 1 and self.form.code == SGD
        remembered = [n_connections * (number < len(self.form.states)) for number in range(2)]
        own = _vectors(n_connections, n_connections * (not plain), *remembered)
        shared = [aligned(size * row) for size in (n_connections, epochs)]
        others = _vectors(*[len(self.program.column)] * 4, *[len(self.program.outputs)] * 3, *[1] * 5)
        ended, done = np.zeros((2, WIDE), dtype=np.int64)
        return LaneNumbers(*own, *shared, row, 0, *others, np.zeros((WIDE, 7)), ended, done)  # type: ignore[call-arg, arg-type]

    def _begin(
        self, numbers: LaneNumbers, rows: range, weights: Array, state: Mapping[str, Any], rates: Array, watch: Array
    ) -> None:
        # Lanes behind the last network are copies of it.
        chosen = np.minimum(np.arange(rows.start, rows.start + WIDE), rows.stop - 1)
        tables = [weights, *(state[name] for name in self.form.states)]
        for into, table in zip((numbers.weights, numbers.first, numbers.second), tables):
            into.reshape(-1, WIDE)[:] = table[chosen].T[self.slots]
        numbers.d[:] = 0.0
        numbers.rates[:], numbers.watch[:] = rates[chosen], watch
        numbers.ended[:] = RUNNING
        numbers.ended[len(rows) :] = FAILED

    def _run(
        self, numbers: LaneNumbers, rows: range, steps: int, epochs: int, orders: Any, report: Callable[[int], None]
    ) -> None:
        step = rule(self.form, self.task.optimizer.parameters, 0.0)
        samples, patient = len(self.samples.x), bool(np.isinf(numbers.watch[0, PATIENCE]))
        at_once = max(1, min(_WORK // (samples * max(1, len(self.slots))), _SAMPLES // samples))
        none, begin, left = np.zeros(0, dtype=np.int64), 0, len(rows)
        while begin < epochs and left:
            end = min(begin + at_once, epochs)
            given = none if orders is None else _filled(orders(rows, end - begin))
            left = call(
                network_lanes.train, self.program, self.samples, numbers, step, steps, given, orders is not None,
                begin, end, patient,
            )  # fmt: skip
            report(len(rows) * (end - begin))
            begin = end


def _vectors(*counts: int) -> list[Array]:
    return [aligned(count * WIDE) for count in counts]


def _filled(orders: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return orders of all lanes, those behind the last network copies of it."""
    missing = WIDE - orders.shape[2]
    return np.pad(orders, ((0, 0), (0, 0), (0, missing)), mode="edge").ravel()


def _program(
    task: TrainingTask, layout: MemoryLayout, source: Indices, target: Indices, learns: NDArray[np.bool_]
) -> LaneProgram:
    """Return the structure as kernels read it; the connections come by target."""
    # All that is taken of the program for samples: groups, and what calculates them. Nothing is in the interpreter, so
    # there are no rows but those of parameters.
    program, loss = layout.program, layout.loss_call(loss_kernel(task.loss), NO_CALLS)
    n_positions = len(layout.rows)
    by_source = np.argsort(source, kind="stable")
    column = np.full(n_positions, -1)
    column[program.outputs] = np.arange(len(program.outputs))
    return LaneProgram(
        program.given, starts(target, n_positions), source.astype(np.int64), starts(source, n_positions),
        by_source.astype(np.int64), target[by_source].astype(np.int64), learns, program.group_begin,
        program.group_end, program.function, program.derivative, np.maximum(program.row, 0), program.outputs,
        column.astype(np.int64), loss,
    )  # fmt: skip
