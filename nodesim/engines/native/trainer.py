"""Whole epochs of training without the interpreter between updates."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array
from nodesim.engines.compile_notice import call
from nodesim.engines.early_stopping import is_watching, stops
from nodesim.engines.native import batch_kernels, minibatch_training, online_training
from nodesim.engines.native.blocks import Scratch, block_count, for_each_chunk
from nodesim.engines.native.builtin import loss_kernel, step_form
from nodesim.engines.native.engine import constants, raise_interrupts
from nodesim.engines.native.memory_layout import MemoryLayout, layout_of
from nodesim.engines.native.minibatch_training import Weights
from nodesim.engines.native.optimizers import SGD, StepForm, StepRule, rule
from nodesim.engines.native.program import AT_SUM, AT_VALUE
from nodesim.engines.native.vectors import LANES
from nodesim.engines.training_task import Progress, Trainer, TrainingTask

# Beyond, a network is no longer tiny: latency is not what limits it.
_TINY = 2_000


def trainer(task: TrainingTask) -> Trainer | None:
    """Return what trains this task natively, or None if it has to be done update by update.

    That is so for optimizers without a native form.
    """
    form = step_form(task.optimizer)
    if form is None:
        return None
    layout = task.schedule.cached(layout_of)
    plain = task.batch == 1 and form.code == SGD
    tiny = not layout.widest and len(layout.slots) <= _TINY
    if plain and tiny:
        return OnlineTrainer(task, layout)
    # A batch of one block has no work for two.
    kind = ThreadedTrainer if task.threads > 1 and task.batch > LANES else MinibatchTrainer
    return kind(task, layout, form)


class _NativeTrainer:
    """What both kinds of training have in common."""

    def __init__(self, task: TrainingTask, layout: MemoryLayout) -> None:
        self.task = task
        self.layout = layout
        self.by_sums = task.loss.sum_derivative is not None
        self.program = layout.programs[AT_SUM if self.by_sums else AT_VALUE]
        self.loss = loss_kernel(task.loss)
        self.targets = np.ascontiguousarray(task.targets.T)


class OnlineTrainer(_NativeTrainer):
    """Gradient descent with one sample for each update; see `nodesim.engines.native.online_training`."""

    def __init__(self, task: TrainingTask, layout: MemoryLayout) -> None:
        super().__init__(task, layout)
        schedule, positions, program = task.schedule, layout.position_of, self.program
        self.online = online_training.online_program(
            program, positions[schedule.input_rows], layout.online, self.loss.online, self.loss.function,
            by_sums=self.by_sums,
        )  # fmt: skip
        sent = np.zeros(len(positions))
        sent[program.given[len(schedule.inputs) :]] = constants(schedule)
        self.numbers = online_training.online_numbers(self.online, sent)
        self.inputs = np.ascontiguousarray(task.inputs.T)
        self.careful = not (self.loss.native and all(kernel.native for kernel in layout.kernels))

    def train(
        self, weights: Array, state: dict[str, Any], trainable: NDArray[np.bool_], learning_rate: float, orders: Any,
        watch: Array, progress: Progress,
    ) -> None:  # fmt: skip
        """Train; see `nodesim.engines.training_task.Trainer`. It is quick enough to go through whole epochs."""
        slots = self.layout.slots
        own, rates = weights[slots], np.where(trainable[slots], learning_rate, 0.0)
        done = np.zeros(2, dtype=np.int64)
        try:
            call(
                online_training.train, self.online, self.numbers, self.inputs, self.targets, orders.ravel(),
                orders.shape[1], len(orders), own, np.empty_like(own), rates, watch, watch.copy(),
                is_watching(watch), self.careful, progress.errors, done,
            )  # fmt: skip
        finally:
            # Ctrl-C is only noticed here, when all updates that were made are whole.
            weights[slots] = own
            progress.updates, progress.finite = int(done[0]), not done[1]
        raise_interrupts(self.layout, self.loss)


class MinibatchTrainer(_NativeTrainer):
    """Any optimizer with a native form, batches of any size; see `nodesim.engines.native.minibatch_training`."""

    def __init__(self, task: TrainingTask, layout: MemoryLayout, form: StepForm) -> None:
        super().__init__(task, layout)
        self.form = form
        sent = np.tile(constants(task.schedule), (task.inputs.shape[1], 1))
        self.inputs = np.ascontiguousarray(np.concatenate([task.inputs.T, sent], axis=1))
        self.buffers = minibatch_training.buffers(layout, self.inputs.shape[1], self.targets.shape[1], task.batch)
        # One sample at a time is calculated in connection order, and so are its steps.
        self.slots = layout.slots if task.batch == 1 else layout.by_source

    def train(
        self, weights: Array, state: dict[str, Any], trainable: NDArray[np.bool_], learning_rate: float, orders: Any,
        watch: Array, progress: Progress,
    ) -> None:  # fmt: skip
        """Train; see `nodesim.engines.training_task.Trainer`."""
        # Weights are changed in a copy: Ctrl-C, or a step that is not finite, leaves those of the caller whole.
        own, first, unseen = self._weights(weights, state, trainable), progress.errors[0], watch.copy()
        step = rule(self.form, self.task.optimizer.parameters, learning_rate)
        done = self._run(own, state, step, orders, watch, progress, progress.most)
        if done[1] == minibatch_training.BAD_STEP:
            # The same again, up to the step that was not finite.
            own = self._weights(weights, state, trainable)
            progress.errors[:] = 0.0
            progress.errors[0], watch[:] = first, unseen
            self._run(own, state, step, orders, watch, progress, int(done[0]))
        weights[self.slots] = own.by_target if self.task.batch == 1 else own.by_source
        for name, values in zip(self.form.states, (own.first, own.second)):
            state[name] = np.array(state[name])
            state[name][self.slots] = values
        if "steps" in state:
            state["steps"] = state["steps"] + int(done[0])
        progress.updates, progress.finite = int(done[0]), done[1] == minibatch_training.DONE
        raise_interrupts(self.layout, self.loss)

    def _run(
        self,
        own: Weights,
        state: dict[str, Any],
        step: StepRule,
        orders: Any,
        watch: Array,
        progress: Progress,
        most: int,
    ) -> NDArray[np.int64]:
        done = np.zeros(2, dtype=np.int64)
        call(
            minibatch_training.train, self.program, self.loss.function, self.inputs.ravel(), self.targets.ravel(),
            self.inputs.shape[1], orders.ravel(), orders.shape[1], len(orders), progress.start * self.task.batch,
            self.task.batch, own, step, int(state.get("steps", 0)), self.buffers, watch,
            progress.errors, done, most,
        )  # fmt: skip
        return done

    def _weights(self, weights: Array, state: dict[str, Any], trainable: NDArray[np.bool_]) -> Weights:
        layout = self.layout
        by_target = weights[layout.slots]
        by_source = by_target if layout.in_order else weights[layout.by_source]
        remembered = [state[name][self.slots] for name in self.form.states]
        first, second, *_ = [*remembered, np.zeros(0), np.zeros(0)]
        return Weights(
            by_target, by_source, self.program.out_index, layout.in_order, trainable[self.slots], first, second
        )


class ThreadedTrainer(MinibatchTrainer):
    """The same with two threads, each of which sweeps its chunk of every batch: with the same results, bit by bit."""

    def _run(
        self,
        own: Weights,
        state: dict[str, Any],
        step: StepRule,
        orders: Any,
        watch: Array,
        progress: Progress,
        most: int,
    ) -> NDArray[np.int64]:
        done = np.zeros(2, dtype=np.int64)
        for number, order in enumerate(orders):
            start = progress.start * self.task.batch if number == 0 else 0
            for first in range(start, len(order), self.task.batch):
                if done[0] == most:
                    return done
                last = min(first + self.task.batch, len(order))
                flags, error = self._sweep(own, order, first, last)
                if flags or not np.isfinite(error):
                    done[1] = minibatch_training.BAD_BATCH
                    return done
                steps = int(state.get("steps", 0)) + int(done[0]) + 1
                if not minibatch_training.make_step(own, step, steps, self.buffers.gradients, last - first, False):
                    done[1] = minibatch_training.BAD_STEP
                    return done
                progress.errors[number] += error / len(order)
                done[0] += 1
            if stops(watch, progress.errors[number]):
                break
        return done

    def _sweep(self, own: Weights, order: Any, first: int, last: int) -> tuple[int, float]:
        """Run a batch forward and backward; return what was not finite, and the sum of the errors."""
        b, n_blocks = self.buffers, block_count(last - first)
        call(
            minibatch_training.fill, self.inputs.ravel(), self.targets.ravel(), self.inputs.shape[1],
            self.targets.shape[1], order, first, last, b,
        )  # fmt: skip
        kept, errors, into = len(b.a) >= n_blocks, [0.0, 0.0], [b.gradients, b.other_gradients]

        def run_chunk(chunk: int, begin: int, end: int) -> int:
            cache, n_caches = (begin, end - begin) if kept else (chunk, 1)
            flags, errors[chunk] = call(
                batch_kernels.sweep, self.program, own.by_target, own.by_source, self.loss.function, b.x, b.y,
                last - first, begin, end, b.z, b.a, b.d, cache, n_caches, into[chunk], into[chunk], False,
                b.scratch if chunk == 0 else self.scratch,
            )  # fmt: skip
            return int(flags)

        answer = for_each_chunk(run_chunk, n_blocks, self.task.threads)
        # In the same order as one thread adds them.
        if n_blocks > 1:
            call(minibatch_training.add, b.gradients, b.other_gradients, 0, len(b.other_gradients))
        return answer, sum(errors)

    @functools.cached_property
    def scratch(self) -> Scratch:
        """What the second thread writes to and does not keep."""
        return self.layout.scratch(block_count(self.task.batch))
