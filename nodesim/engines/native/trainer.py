"""Whole epochs of training without the interpreter between updates."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array
from nodesim.engines import vectorized
from nodesim.engines.compile_notice import call
from nodesim.engines.early_stopping import is_watching, stops
from nodesim.engines.native import batch_kernels, minibatch_training, online_training
from nodesim.engines.native.blocks import block_count, to_read
from nodesim.engines.native.builtin import loss_kernel, step_form
from nodesim.engines.native.dense import PACKED_BLOCKS
from nodesim.engines.native.function_pointers import LossCall
from nodesim.engines.native.interpreter import NO_CALLS, Calls
from nodesim.engines.native.joins import is_native
from nodesim.engines.native.memory_layout import MemoryLayout, layout_of
from nodesim.engines.native.minibatch_training import Weights
from nodesim.engines.native.online_arrays import Learner, OnlineNumbers, OnlineProgram, online_numbers, online_program
from nodesim.engines.native.optimizers import SGD, Learning, StepForm, StepRule, rule
from nodesim.engines.native.threads import in_rounds, in_threads, room_for_others, round_size, worth
from nodesim.engines.native.vectors import LANES
from nodesim.engines.training_task import Progress, Trainer, TrainingTask
from nodesim.graph.sharing import Shared

# With more connections, a network is no longer tiny: latency is not what limits it. By other optimizers than gradient
# descent, which calculate more for each of them, that is sooner so: in arrays, several are done at a time (measured).
_TINY, _TINY_FOR_OTHERS = 2_000, 80
# What a step takes for each weight, in multiplications of a sweep.
_STEP = 20


def trainer(task: TrainingTask) -> Trainer | None:
    """Return what trains this task natively, or None if it has to be done update by update.

    That is so for optimizers without a native form. What kernels cannot calculate, NumPy trains.
    """
    form = step_form(task.optimizer)
    if form is None:
        return None
    if not is_native(task.schedule):
        return vectorized.trainer(task)
    layout = task.schedule.cached(layout_of)
    most = _TINY if form.code == SGD else _TINY_FOR_OTHERS
    tiny = not layout.widest and layout.n_connections <= most
    program = layout.program
    # Online training knows nothing but sums. It looks at errors and weights alone; a d that is not finite shows in the
    # weights of what is fed.
    fed = np.count_nonzero(np.diff(program.start)) + len(program.given) == len(layout.rows)
    # Its kernels make a step for each connection by itself.
    if task.batch == 1 and tiny and fed and not layout.joins and not task.schedule.ties:
        return OnlineTrainer(task, layout, form)
    return minibatch_trainer(task, layout, form)


def minibatch_trainer(task: TrainingTask, layout: MemoryLayout, form: StepForm, dtype: Any = np.float64) -> Trainer:
    """Return what trains a task in batches, of a network of numbers of this type."""
    # A batch of one block is for one thread.
    kind = ThreadedTrainer if task.threads > 1 and task.batch > LANES else MinibatchTrainer
    return kind(task, layout, form, dtype)


class _NativeTrainer:
    """What both kinds of training have in common."""

    def __init__(self, task: TrainingTask, layout: MemoryLayout, form: StepForm, dtype: Any = np.float64) -> None:
        self.layout = layout
        self.form, self.dtype = form, dtype
        self.loss = loss_kernel(task.loss)
        self.fitting = 0
        self._of_nothing = task.without_samples()
        self.begin(task)

    def begin(self, task: TrainingTask) -> None:
        """Train the samples of a task from now on; see `nodesim.engines.training_task.Trainer`."""
        self.task = task
        # Read where they stand, sample by sample; in float32 there is a copy, in which infinite is what is too large.
        with np.errstate(over="ignore"):
            self.inputs = to_read(task.inputs.T.astype(self.dtype, copy=False))
        self.targets = to_read(task.targets.T)

    def end(self) -> None:
        """Let go of the samples."""
        self.begin(self._of_nothing)


def _journal(progress: Progress, weights: Array) -> Array:
    """Return where kernels note the weights before each update; without rows where nobody asks for them."""
    return np.empty((0, len(weights)), weights.dtype) if progress.journal is None else progress.journal


class OnlineTrainer(_NativeTrainer):
    """One sample for each update of a tiny network; see `nodesim.engines.native.online_training`."""

    def __init__(self, task: TrainingTask, layout: MemoryLayout, form: StepForm) -> None:
        super().__init__(task, layout, form)
        # The sum of the errors of an epoch that a call left unfinished.
        self._carried = np.zeros(1)
        self.careful = not (self.loss.native and all(kernel.native for kernel in layout.kernels))

    @functools.cached_property
    def _without_calls(self) -> tuple[OnlineProgram, OnlineNumbers]:
        return self._prepared(NO_CALLS)

    def _prepared(self, calls: Calls) -> tuple[OnlineProgram, OnlineNumbers]:
        layout, program = self.layout, self.layout.program
        given = np.split(program.given, [len(program.given) - len(program.sent)])
        online = online_program(
            program, calls.address, given[0], layout.online, self.loss.online, layout.loss_call(self.loss, calls)
        )
        sent = np.zeros(len(layout.rows))
        sent[given[1]] = program.sent
        return online, online_numbers(online, sent)

    def train(
        self, weights: Array, state: dict[str, Any], trainable: NDArray[np.bool_], learning_rate: float, orders: Any,
        watch: Array, progress: Progress,
    ) -> None:  # fmt: skip
        """Train; see `nodesim.engines.training_task.Trainer`.

        It is quick enough to go through whole epochs, but for the room that there is to note weights in.
        """
        calls = self.layout.calls(self.loss)
        online, numbers = self._prepared(calls) if calls else self._without_calls
        own = np.array([weights, *(state[name] for name in self.form.states)])
        rates, done = np.where(trainable, learning_rate, 0.0), np.zeros(2, dtype=np.int64)
        begin, end = progress.start, orders.size
        if progress.journal is not None:
            end = min(end, begin + progress.most)
        if begin:
            progress.errors[0] = 0.0
        carried = self._carried * (begin > 0)
        call(
            online_training.train, online, numbers, self.inputs, self.targets, orders.ravel(), orders.shape[1],
            begin, end, own.ravel(), np.empty(own.size), rates, self._learner(own, state, trainable, learning_rate),
            watch, watch.copy(), is_watching(watch), self.careful, progress.errors, carried, done,
            _journal(progress, own[0]),
        )  # fmt: skip
        progress.updates, progress.finite, progress.weights = int(done[0]), not done[1], own[0]
        self._carried, begun = carried, begin + progress.updates
        if begun % orders.shape[1]:
            progress.errors[begun // orders.shape[1]] += carried[0] / orders.shape[1]
        state.update(zip(self.form.states, own[1:]))
        if self.form.counts:
            state["steps"] = state["steps"] + progress.updates
        progress.failures = calls.failures

    def _learner(
        self, own: Array, state: dict[str, Any], trainable: NDArray[np.bool_], learning_rate: float
    ) -> Learner | None:
        if self.form.code == SGD:
            return None
        step = rule(self.form, self.task.optimizer.parameters, learning_rate)
        first, second, *_ = [*own[1:], np.zeros(0), np.zeros(0)]
        return Learner(step, int(state.get("steps", 0)), Learning(own[0], np.zeros(0), trainable, first, second))


class Work(NamedTuple):
    """What one call of a trainer is about: its record of calls, the loss with it, and how far it came."""

    calls: int
    loss: LossCall
    progress: Progress


class MinibatchTrainer(_NativeTrainer):
    """Any optimizer with a native form, batches of any size; see `nodesim.engines.native.minibatch_training`."""

    def __init__(self, task: TrainingTask, layout: MemoryLayout, form: StepForm, dtype: Any) -> None:
        super().__init__(task, layout, form, dtype)
        self.buffers = minibatch_training.buffers(layout, task.batch, self._n_caches(block_count(task.batch)), dtype)
        # One sample at a time is calculated in the order of the store, and so are its steps.
        self.order: Any = slice(None) if task.batch == 1 or layout.by_source is None else layout.by_source

    def _n_caches(self, n_blocks: int) -> int:
        # Dense groups take their gradients from several blocks at once; else one block stays in the cache.
        return min(n_blocks, PACKED_BLOCKS) if self.layout.widest else 1

    def train(
        self, weights: Array, state: dict[str, Any], trainable: NDArray[np.bool_], learning_rate: float, orders: Any,
        watch: Array, progress: Progress,
    ) -> None:  # fmt: skip
        """Train; see `nodesim.engines.training_task.Trainer`."""
        calls = self.layout.calls(self.loss)
        work = Work(calls.address, self.layout.loss_call(self.loss, calls), progress)
        own, first, unseen = self._weights(weights, state, trainable), progress.errors[0], watch.copy()
        step = rule(self.form, self.task.optimizer.parameters, learning_rate)
        done = self._run(work, own, state, step, orders, watch, progress.most)
        if done[1] == minibatch_training.BAD_STEP:
            # The same again, up to the step that was not finite.
            own = self._weights(weights, state, trainable)
            progress.errors[:] = 0.0
            progress.errors[0], watch[:] = first, unseen
            done = self._run(work, own, state, step, orders, watch, int(done[0]))
            done[1] = minibatch_training.BAD_STEP
        for name, values in zip(self.form.states, (own.first, own.second)):
            state[name] = np.array(state[name])
            state[name][self.order] = values
        if self.form.counts:
            state["steps"] = state["steps"] + int(done[0])
        progress.updates, progress.finite = int(done[0]), done[1] == minibatch_training.DONE
        progress.weights = own.by_target
        progress.failures = calls.failures

    def _run(
        self, work: Work, own: Weights, state: dict[str, Any], step: StepRule, orders: Any, watch: Array, most: int
    ) -> NDArray[np.int64]:
        done = np.zeros(2, dtype=np.int64)
        call(
            minibatch_training.train, self.layout.memory, work.calls, work.loss, self.inputs.ravel(),
            self.targets.ravel(), orders.ravel(), orders.shape[1], len(orders), work.progress.start * self.task.batch,
            self.task.batch, own, step, int(state.get("steps", 0)), self.buffers, watch,
            work.progress.errors, done, most, _journal(work.progress, own.by_target), dtype=self.dtype,
        )  # fmt: skip
        return done

    def _weights(self, weights: Array, state: dict[str, Any], trainable: NDArray[np.bool_]) -> Weights:
        layout, by_target = self.layout, weights.copy()
        by_source = layout.in_order_by_source(by_target)
        remembered = [np.array(state[name][self.order]) for name in self.form.states]
        nothing = np.zeros(0, weights.dtype)
        first, second, *_ = [*remembered, nothing, nothing]
        shared = self.task.schedule.shared or Shared(())
        place = np.arange(len(weights))
        place[self.order] = np.arange(len(weights))
        return Weights(
            by_target, by_source, layout.program.out_index, layout.by_source is None,
            shared.once(trainable)[self.order], first, second, place[shared.firsts], place[shared.copies],
        )  # fmt: skip


class ThreadedTrainer(MinibatchTrainer):
    """The same by threads that share the blocks of every batch: with the same results, bit by bit."""

    def __init__(self, task: TrainingTask, layout: MemoryLayout, form: StepForm, dtype: Any) -> None:
        super().__init__(task, layout, form, dtype)
        n_blocks = block_count(task.batch)
        self.threads = min(task.threads, n_blocks)
        self.others = room_for_others(self.threads, n_blocks, len(layout.program.source), dtype)
        self.scratches = [self.buffers.scratch, *(layout.scratch(n_blocks, dtype) for _ in range(1, self.threads))]

    def _n_caches(self, n_blocks: int) -> int:
        return round_size(self.task.threads, n_blocks) if self.layout.widest else min(self.task.threads, n_blocks)

    def _run(
        self, work: Work, own: Weights, state: dict[str, Any], step: StepRule, orders: Any, watch: Array, most: int
    ) -> NDArray[np.int64]:
        done = np.zeros(2, dtype=np.int64)
        for number, order in enumerate(orders):
            start = work.progress.start * self.task.batch if number == 0 else 0
            for first in range(start, len(order), self.task.batch):
                if done[0] == most:
                    return done
                last = min(first + self.task.batch, len(order))
                flags, error = self._sweep(work, own, order, first, last)
                if flags or not np.isfinite(error):
                    done[1] = minibatch_training.BAD_BATCH
                    return done
                if work.progress.journal is not None:
                    work.progress.journal[done[0]] = own.by_target
                steps = int(state.get("steps", 0)) + int(done[0]) + 1
                if not self._make_step(own, step, steps, last - first):
                    done[1] = minibatch_training.BAD_STEP
                    return done
                work.progress.errors[number] += error / len(order)
                done[0] += 1
            if stops(watch, work.progress.errors[number]):
                break
        return done

    def _sweep(self, work: Work, own: Weights, order: Any, first: int, last: int) -> tuple[int, float]:
        """Run a batch forward and backward; return what was not finite, and the sum of the errors."""
        b, n_blocks, memory, dense = self.buffers, block_count(last - first), self.layout.memory, self.layout.widest > 0
        inputs, targets = self.inputs.ravel(), self.targets.ravel()

        def sweep(thread: int, begin: int, end: int, place: int, into: Array, fresh: bool) -> int:
            # Numbers of all blocks of a round are kept for the gradients of dense groups.
            cache, n_caches = (place, end - begin) if dense else (thread, 1)
            flags: int = call(
                batch_kernels.sweep, memory, work.calls, own.by_target, own.by_source, work.loss, inputs, targets,
                order, first, last, begin, end, b.z, b.a, b.d, cache, n_caches, into, fresh, b.errors,
                self.scratches[thread], dtype=self.dtype,
            )  # fmt: skip
            return flags

        def add_up(thread: int, begin: int, end: int, parts: int, blocks: tuple[int, int], others: Array) -> None:
            call(
                batch_kernels.add_up, memory, b.a, b.d, 0, blocks[1] - blocks[0], b.gradients[0], others,
                blocks[0] > 0, begin, end, parts, self.scratches[thread], dtype=self.dtype,
            )  # fmt: skip

        answer = in_rounds(sweep, add_up, b.gradients, self.others, n_blocks, self.threads)
        return answer, call(minibatch_training.total, b.errors, n_blocks)

    def _make_step(self, own: Weights, step: StepRule, number: int, count: int) -> bool:
        """Make a step, each thread some of it, and return whether it is finite."""
        size, gradients, dtype = len(own.by_source), self.buffers.gradients[0], self.dtype
        threads = worth(self.threads, size * _STEP)

        def make(thread: int, begin: int, end: int) -> int:
            args = own, step, number, gradients, count, False, begin, end
            return 0 if call(minibatch_training.make_step, *args, dtype=dtype) else 1

        def take_over(thread: int, begin: int, end: int) -> int:
            call(minibatch_training.take_over, own, begin, end, dtype=dtype)
            return 0

        call(minibatch_training.add_up_uses, own, gradients, dtype=dtype)
        if in_threads(make, size, threads):
            return False
        call(minibatch_training.level_uses, own, False, dtype=dtype)
        if not own.same:
            in_threads(take_over, size, threads)
        return True
