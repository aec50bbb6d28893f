"""Whole epochs of training in NumPy: the operations of an update are cut once and called again and again.

Functions and the optimizer are called without saying whose fault something would be, and all numbers of an update are
looked at together before its step is made. Whatever is wrong, or only may be, ends the call before that step: the
caller makes the update on the checked path, which finds the fault and names it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, read_only
from nodesim.engines import operations
from nodesim.engines.early_stopping import stops
from nodesim.engines.levels import Levels, levels_of
from nodesim.engines.operations import Numbers, Operation
from nodesim.engines.training_task import Progress, TrainingTask
from nodesim.engines.unchecked_calls import Asked, DoubtError, activating, is_whole, numeric, sloping
from nodesim.functions.guard import takes_out, undecorated
from nodesim.functions.interruptions import is_interruption
from nodesim.graph.index_arrays import places

# After so many seconds a call ends, for whoever reports how far a training came.
_LONG = 0.05
# So many weights fit beside their gradients into a processor's second cache.
_AT_A_TIME = 1 << 15


class VectorizedTrainer:
    """Trains in NumPy; see `nodesim.engines.training_task.Trainer`.

    Parameters
    ----------
    task : TrainingTask
    """

    def __init__(self, task: TrainingTask) -> None:
        self.fitting = 0
        self._of_nothing = task.without_samples()
        # Made when the first weights come, which tell the number type.
        self._updates: dict[int, _Update] = {}
        self._weights = np.zeros((2, 0))
        self._asked = Asked()
        self.begin(task)

    def begin(self, task: TrainingTask) -> None:
        """Train the samples of a task from now on; see `nodesim.engines.training_task.Trainer`."""
        self.task = task
        # Each sample's numbers side by side, as the checked path takes them.
        self._inputs, targets = (np.ascontiguousarray(table.T) for table in (task.inputs, task.targets))
        self._targets = read_only(targets)
        for n_samples, update in self._updates.items():
            update.feed_all(task, n_samples)

    def end(self) -> None:
        """Let go of the samples."""
        self.begin(self._of_nothing)

    def train(
        self, weights: Array, state: dict[str, Any], trainable: NDArray[np.bool_], learning_rate: float, orders: Any,
        watch: Array, progress: Progress,
    ) -> None:  # fmt: skip
        """Train; see `nodesim.engines.training_task.Trainer`."""
        if self._weights.shape[1] != len(weights) + 1:
            self._updates.clear()
            self._weights = np.zeros((2, len(weights) + 1), weights.dtype)
        self._weights[0, :-1] = weights
        self._asked.function = None
        step = _Step(self.task, state, trainable, learning_rate, self._weights[:, :-1], self._asked)
        step.begin(0, float(progress.errors[0]))
        seen = watch.tolist()
        try:
            self._epochs(step, orders, seen, progress)
        except DoubtError:
            progress.finite = False
        except BaseException as error:
            progress.finite = False
            progress.failures = [error] if is_interruption(error) else self._asked.failure(error)
        watch[:] = seen
        # Wherever it was interrupted: these belong together.
        progress.updates, progress.errors[step.epoch] = step.made, step.error
        step.keep(state)
        progress.weights = self._weights[step.now, :-1]

    def _epochs(self, step: _Step, orders: Any, seen: Any, progress: Progress) -> None:
        batch, count = self.task.batch, orders.shape[1]
        latest, plain = time.perf_counter() + _LONG, np.arange(count)
        for number, order in enumerate(orders):
            in_order = bool((order == plain).all())
            step.begin(number, float(progress.errors[number]))
            for first in range(progress.start * batch if number == 0 else 0, count, batch):
                if step.made == progress.most or (step.made and time.perf_counter() > latest):
                    return
                n_samples = batch if first + batch <= count else count - first
                update = self._updates.get(n_samples) or self._update(n_samples)
                if n_samples < count:
                    chosen = slice(first, first + n_samples) if in_order else order[first : first + n_samples]
                    update.feed(self._inputs[chosen].T, self._targets[chosen].T)
                if progress.journal is not None:
                    progress.journal[step.made] = self._weights[step.now, :-1]
                update.run(step, n_samples / count)
            progress.errors[number] = step.error
            if stops(seen, step.error):
                return

    def _update(self, n_samples: int) -> _Update:
        update = _Update(self.task, self._weights, n_samples, self._asked)
        update.feed_all(self.task, n_samples)
        return self._updates.setdefault(n_samples, update)


class _Update:
    """One update with a number of samples.

    Parameters
    ----------
    task : TrainingTask
    weights : ndarray of shape (2, n_slots + 1)
        What all updates share; it may begin with each row.
    n_samples : int
    asked : Asked
    """

    def __init__(self, task: TrainingTask, weights: Array, n_samples: int, asked: Asked) -> None:
        schedule, dtype, levels = task.schedule, weights.dtype, task.schedule.cached(levels_of)
        self._asked = asked
        self._n_samples, self._padding = n_samples, int(schedule.slots.max(initial=-1)) + 1
        calculated = np.flatnonzero(schedule.depths)
        low, high = (int(calculated[0]), int(calculated[-1]) + 1) if len(calculated) else (0, 0)
        tables = np.zeros((3, schedule.n_rows, n_samples), dtype)
        value, activated, delta = tables
        # What is looked at together stands side by side: sums, and what all nodes send.
        self._sent = tables[:2].reshape(-1)[low * n_samples :]
        self._returned = delta[low:high].reshape(-1)
        self._gradients = np.zeros_like(weights[0])
        self._shown = read_only(self._gradients)[:-1]
        for bias in schedule.biases:
            activated[bias.row] = bias.value
        rows = places(schedule.input_rows)
        # Of rows side by side a view is there already.
        side_by_side = isinstance(rows, slice)
        self._given: tuple[Array, Any] = (activated[rows], ...) if side_by_side else (activated, rows)
        loss = self._loss = task.loss
        by_sums = loss.sum_derivative is not None
        self._outputs, self._output_rows = read_only(value if by_sums else activated), levels.outputs
        self._function = undecorated(loss.function if loss.sum_function is None else loss.sum_function)
        self._derivative = undecorated(loss.derivative if loss.sum_derivative is None else loss.sum_derivative)
        direct = isinstance(levels.outputs, slice) and not by_sums and is_whole(delta[levels.outputs])
        self._entering = delta[levels.outputs] if direct else np.zeros((len(schedule.outputs), n_samples), dtype)
        # Targets may be of another number type than all else: what is made of both is rounded at the end.
        self._writes = task.targets.dtype == dtype and takes_out(self._derivative, dtype, loss.parameters)
        room = _Room(levels, n_samples, dtype)
        entering, gradients = None if direct else self._entering, self._gradients
        activate, slope = partial(activating, asked=asked), partial(sloping, room=room, asked=asked)

        def cut(row: Array) -> tuple[list[Operation], list[Operation]]:
            on = Numbers(row, value, activated, delta, room)
            back = operations.backward(levels, on, entering, gradients, slope, of_sums=by_sums, of_given=False)
            return list(operations.forward(levels, on, activate)), list(back)

        self._weights, self._cut = weights, cut
        # From each row of the weights, cut when it is begun with.
        self._operations: dict[int, tuple[list[Operation], list[Operation]]] = {}
        # Sums of squares below this are of finite numbers, and so are products of such numbers.
        self._most = float(np.finfo(dtype).max)

    def feed_all(self, task: TrainingTask, n_samples: int) -> None:
        """Take all samples of a task, if they are so many."""
        self._targets = task.targets[:, :0]
        if n_samples == task.inputs.shape[1]:
            self.feed(task.inputs, task.targets)

    def feed(self, inputs: Array, targets: Array) -> None:
        """Take some samples, one column for each."""
        table, rows = self._given
        table[rows] = inputs
        self._targets = read_only(targets) if targets.flags.writeable else targets

    def run(self, step: _Step, share: float) -> None:
        """Make the update.

        Parameters
        ----------
        step : _Step
        share : float
            How much of the epoch's error the one before this update is.

        Raises
        ------
        DoubtError
            If not everything is right beyond doubt; then no weight is changed.
        """
        forward, backward = self._operations.get(step.now) or self._operations_from(step.now)
        for operation in forward:
            operation()
        error = self._look()
        for operation in backward:
            operation()
        # It may be the place of a connection that was removed.
        self._gradients[self._padding] = 0.0
        # A gradient is at most the norm of all that is sent times that of all delta; the delta of an input, which
        # nobody needs, the norm of all weights times the latter.
        sent, returned = float(self._sent.dot(self._sent)), float(self._returned.dot(self._returned))
        if not (1.0 + sent + step.norm) * (1.0 + returned) < self._most:
            raise DoubtError
        step.make(self._gradients[:-1], self._shown, self._n_samples, error * share)

    def _operations_from(self, row: int) -> tuple[list[Operation], list[Operation]]:
        found = self._operations[row] = self._cut(self._weights[row])
        return found

    def _look(self) -> float:
        """Return the error, and let its derivative enter the outputs."""
        n_samples, outputs = self._n_samples, self._outputs[self._output_rows]
        self._asked.function = self._loss
        errors = numeric(self._function(self._targets.view(), outputs), (n_samples,))
        error = float(np.add.reduce(errors / n_samples)) if n_samples > 1 else float(errors[0])
        if not math.isfinite(error):
            raise DoubtError
        outputs, entering = self._outputs[self._output_rows], self._entering
        if self._writes:
            found = self._derivative(self._targets.view(), outputs, out=entering)
        else:
            found = self._derivative(self._targets.view(), outputs)
        # Added to nothing: there is no -0.
        np.add(found if found is entering else numeric(found, entering.shape), 0.0, entering)
        return error


def _divide(numbers: Array, divisor: int) -> None:
    """Divide numbers in place."""
    # By a power of two it is the same, bit by bit, to multiply, which is quicker.
    if divisor & (divisor - 1) == 0:
        np.multiply(numbers, 1.0 / divisor, numbers)
    else:
        np.divide(numbers, divisor, numbers)


class _Room:
    """Memory that gathers and slopes use one after the other; see `Numbers.room`."""

    def __init__(self, levels: Levels, n_samples: int, dtype: Any) -> None:
        gathers = [gather.ends.size for level in levels.forward for gather in (*level.incoming, *level.outgoing)]
        groups = [len(group.members) for level in levels.forward for group in level.groups]
        self._memory = np.empty(max(*gathers, *groups, 0, 0) * n_samples, dtype)

    def __call__(self, shape: tuple[int, ...]) -> Array:
        return self._memory[: math.prod(shape)].reshape(shape)


class _Step:
    """The optimizer at work during one call, with the part of its state that belongs to the trainable weights.

    Parameters
    ----------
    task : TrainingTask
    state : mapping
    trainable : ndarray of bool, shape (n_slots,)
    learning_rate : float
    weights : ndarray of shape (2, n_slots)
        The first row is of now; each becomes the weights after the next step while the other is as it was.
    asked : Asked

    Attributes
    ----------
    now : int
        The row of the weights of now.
    norm : float
        The sum of the squares of all weights.
    made, epoch : int
        How many steps were made, and in which epoch the last one.
    error : float
        The error of that epoch so far.
    """

    def __init__(
        self, task: TrainingTask, state: Mapping[str, Any], trainable: NDArray[np.bool_], learning_rate: float,
        weights: Array, asked: Asked,
    ) -> None:  # fmt: skip
        optimizer, shared = task.optimizer, task.schedule.shared
        self._shared, trainable = shared, trainable if shared is None else shared.once(trainable)
        self._optimizer, self._rate, self._weights, self._asked = optimizer, learning_rate, weights, asked
        self._step = undecorated(optimizer.step)
        self._dtype, self._shown = weights.dtype, [read_only(row) for row in weights]
        self._trainable, frozen = trainable, weights[0, ~trainable]
        self._every, self._frozen = not len(frozen), float(frozen.dot(frozen))
        # Some at a time: where they are among all weights, and among the trainable ones.
        self._parts: list[tuple[Any, slice]] = [(slice(None), slice(None))]
        if not self._every:
            weights[1] = weights[0]
            self._parts = [(np.flatnonzero(trainable), slice(None))]
        elif optimizer.elementwise and trainable.size > _AT_A_TIME:
            parts = [slice(low, low + _AT_A_TIME) for low in range(0, trainable.size, _AT_A_TIME)]
            self._parts = list(zip(parts, parts))
        self._most = float(np.finfo(weights.dtype).max)
        self._state = {
            name: read_only(value[trainable]) if _is_array(value) else value for name, value in state.items()
        }
        alike = all(value.dtype == weights.dtype for value in self._state.values() if _is_array(value))
        self._writes = alike and takes_out(self._step, weights.dtype, optimizer.parameters)
        self.norm = float(weights[0].dot(weights[0]))
        self.now, self.made, self.epoch, self.error = 0, 0, 0, 0.0

    def begin(self, epoch: int, error: float) -> None:
        """Begin an epoch, or go on with one that has this error so far."""
        self.epoch, self.error = epoch, error

    def make(self, gradients: Array, shown: Array, n_samples: int, error: float) -> None:
        """Change the weights and the state, and add to the error of the epoch.

        Parameters
        ----------
        gradients : ndarray of shape (n_slots,)
            Summed over the samples; become their means.
        shown : ndarray of shape (n_slots,)
            The same, not to be written to.
        n_samples : int
        error : float

        Raises
        ------
        DoubtError
            If the optimizer does not answer as it should beyond doubt, or a weight may not be finite.
        """
        before, after, norm = self._shown[self.now], self._weights[1 - self.now], self._frozen
        state = {name: np.empty_like(value) if _is_array(value) else value for name, value in self._state.items()}
        if self._shared is not None:
            self._shared.add_up(gradients)
        for chosen, among in self._parts:
            _divide(gradients[among], n_samples)
            # Of those that are trainable among others, this is a copy, as what the optimizer sees is.
            into = after[chosen]
            new = self._answer(before[chosen], shown[chosen], among, state, into)
            if new is not into or not self._every:
                after[chosen] = new
            norm += float(new.dot(new))
        if self._shared is not None:
            self._shared.level(after)
            norm = float(after.dot(after))
        if not norm < self._most:
            raise DoubtError
        for value in state.values():
            if _is_array(value):
                value.flags.writeable = False
        total, made, now = self.error + error, self.made + 1, 1 - self.now
        # Plain assignments: where something is called Ctrl-C may come in, and leave half a step.
        self._state, self.norm, self.error, self.made, self.now = state, norm, total, made, now

    def _answer(self, weights: Array, gradients: Array, among: slice, state: dict[str, Any], into: Array) -> Array:
        """Return the next weights of some, and write their state."""
        if not self._every:
            weights.flags.writeable = gradients.flags.writeable = False
        part = {name: value[among] if _is_array(value) else value for name, value in self._state.items()}
        self._asked.function = self._optimizer
        if self._writes:
            answer = self._step(weights, gradients, part, self._rate, out=into)
        else:
            answer = self._step(weights, gradients, part, self._rate)
        if not (isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], (dict, Mapping))):
            raise DoubtError
        new: Array = np.asarray(answer[0])  # the very same if it is one
        if new.shape != weights.shape or new.dtype.kind != "f" or answer[1].keys() != state.keys():
            raise DoubtError
        # Copied, as what it returns may be what it was given, or what it goes on writing into.
        for name, value in answer[1].items():
            if not _is_array(state[name]) and not _is_array(value):
                state[name] = value
            elif _is_array(state[name]) and _is_array(value) and value.shape == weights.shape:
                state[name][among] = value
            else:
                raise DoubtError
        return new if new.dtype is self._dtype else new.astype(self._dtype)

    def keep(self, state: dict[str, Any]) -> None:
        """Write the state into that of all weights."""
        for name, value in self._state.items():
            if _is_array(value):
                state[name] = np.array(state[name])
                state[name][self._trainable] = value
            else:
                state[name] = value


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim > 0
