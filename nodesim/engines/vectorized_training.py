"""Whole epochs of training in NumPy: the operations of an update are cut once and called again and again.

Functions and the optimizer are called without saying whose fault something would be, and all numbers of an update are
looked at together before its step is made. Whatever is wrong, or only may be, ends the call before that step: the
caller makes the update on the checked path, which finds the fault and names it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, read_only
from nodesim.engines import operations
from nodesim.engines.early_stopping import stops
from nodesim.engines.levels import ActivationGroup, Levels, levels_of
from nodesim.engines.operations import Numbers, Operation
from nodesim.engines.training_task import Progress, TrainingTask
from nodesim.errors import FunctionError, NodesimError
from nodesim.functions.contracts import Function, Optimizer
from nodesim.functions.guard import complaint
from nodesim.functions.interruptions import is_interruption
from nodesim.graph.schedule import places

# After so many seconds a call ends, for whoever reports how far a training came.
_LONG = 0.05


class _DoubtError(Exception):
    """An update that only the checked path can make, or say what is wrong with it."""


class VectorizedTrainer:
    """Trains in NumPy; see `nodesim.engines.training_task.Trainer`.

    Parameters
    ----------
    task : TrainingTask
    """

    def __init__(self, task: TrainingTask) -> None:
        self.task = task
        # Made when the first weights come, which tell the number type.
        self._updates: dict[int, _Update] = {}
        self._weights = self._gradients = np.zeros(0)

    def train(
        self, weights: Array, state: dict[str, Any], trainable: NDArray[np.bool_], learning_rate: float, orders: Any,
        watch: Array, progress: Progress,
    ) -> None:  # fmt: skip
        """Train; see `nodesim.engines.training_task.Trainer`."""
        if len(self._weights) != len(weights) + 1:
            self._updates.clear()
            self._weights, self._gradients = (np.zeros(len(weights) + 1, weights.dtype) for _ in range(2))
        self._weights[:-1] = weights
        step = _Step(self.task.optimizer, state, trainable, learning_rate, self._weights[:-1], self._gradients[:-1])
        step.begin(0, float(progress.errors[0]))
        seen = watch.tolist()
        try:
            self._epochs(step, orders, seen, progress)
        except _DoubtError:
            progress.finite = False
        except BaseException as error:
            progress.finite = False
            if is_interruption(error):
                progress.failures = [error]
            elif isinstance(error, Exception) and step.asked is not None and not isinstance(error, NodesimError):
                label = step.asked.label
                progress.failures = [FunctionError(f"while evaluating {label}: it {complaint(error)}")]
        watch[:] = seen
        # Wherever it was interrupted: these belong together.
        progress.updates, progress.errors[step.epoch] = step.made, step.error
        step.keep(state)
        progress.weights = self._weights[:-1].copy()

    def _epochs(self, step: _Step, orders: Any, seen: Any, progress: Progress) -> None:
        batch, count = self.task.batch, orders.shape[1]
        latest, plain = time.perf_counter() + _LONG, np.arange(count)
        for number, order in enumerate(orders):
            in_order = batch < count and bool((order == plain).all())
            step.begin(number, float(progress.errors[number]))
            for first in range(progress.start * batch if number == 0 else 0, count, batch):
                if step.made == progress.most or (step.made and time.perf_counter() > latest):
                    return
                n_samples = min(batch, count - first)
                update = self._update(n_samples)
                if n_samples < count:
                    update.feed(order[first : first + n_samples], first if in_order else None)
                update.run(step, n_samples / count)
            progress.errors[number] = step.error
            if stops(seen, step.error):
                return

    def _update(self, n_samples: int) -> _Update:
        if n_samples not in self._updates:
            update = _Update(self.task, self._weights, self._gradients, n_samples)
            if n_samples == self.task.inputs.shape[1]:
                update.feed(slice(None))
            self._updates[n_samples] = update
        return self._updates[n_samples]


class _Update:
    """One update with a number of samples.

    Parameters
    ----------
    task : TrainingTask
    weights, gradients : ndarray of shape (n_slots + 1,)
        What all updates share.
    n_samples : int
    """

    def __init__(self, task: TrainingTask, weights: Array, gradients: Array, n_samples: int) -> None:
        schedule, dtype, levels = task.schedule, weights.dtype, task.schedule.cached(levels_of)
        self._task, self._gradients, self._n_samples = task, gradients, n_samples
        value, activated, delta = (np.zeros((schedule.n_rows, n_samples), dtype) for _ in range(3))
        for bias in schedule.biases:
            activated[bias.row] = bias.value
        self._activated, self._input_rows = activated, places(schedule.input_rows)
        self._padding = int(schedule.slots.max(initial=-1)) + 1
        loss = task.loss
        self._by_sums = loss.sum_derivative is not None
        self._outputs, self._output_rows = read_only(value if self._by_sums else activated), levels.outputs
        self._function = loss.function if loss.sum_function is None else loss.sum_function
        self._derivative = loss.derivative if loss.sum_derivative is None else loss.sum_derivative
        self._entering = np.zeros((len(schedule.outputs), n_samples), dtype)
        on = Numbers(weights, value, activated, delta, _Room(levels, n_samples, dtype))
        self._forward: list[Operation] = list(operations.forward(levels, on, _activated))
        self._backward: list[Operation] = list(
            operations.backward(
                levels, on, self._entering, gradients, _slope, of_sums=self._by_sums, of_given=False
            )
        )  # fmt: skip
        calculated = np.flatnonzero(schedule.depths)
        low, high = (int(calculated[0]), int(calculated[-1]) + 1) if len(calculated) else (0, 0)
        self._value, self._sent, self._delta = (table[low:high].ravel() for table in (value, activated, delta))
        # Sums of squares below this are of finite numbers, and so are products of such numbers.
        self._most = float(np.finfo(dtype).max)

    def feed(self, chosen: Any, start: int | None = None) -> None:
        """Take some samples; if they stand side by side, from where on is given, too."""
        place: Any = chosen if start is None else slice(start, start + self._n_samples)
        self._activated[self._input_rows] = self._task.inputs[:, place]
        self._targets = read_only(self._task.targets[:, chosen])

    def run(self, step: _Step, share: float) -> None:
        """Make the update.

        Parameters
        ----------
        step : _Step
        share : float
            How much of the epoch's error the one before this update is.

        Raises
        ------
        _DoubtError
            If not everything is right beyond doubt; then no weight is changed.
        """
        for operation in self._forward:
            operation()
        step.asked = self._task.loss
        error = self._look()
        step.asked = None
        for operation in self._backward:
            operation()
        gradients = self._gradients
        np.divide(gradients, self._n_samples, gradients)
        # It may be the place of a connection that was removed.
        gradients[self._padding] = 0.0
        returned = float(self._delta.dot(self._delta))
        numbers = float(self._value.dot(self._value)) + float(self._sent.dot(self._sent))
        # The delta of an input, which nobody needs, is at most the norm of all weights times that of all delta.
        if not numbers + float(gradients.dot(gradients)) + returned * step.norm < self._most:
            raise _DoubtError
        step.make(error * share)

    def _look(self) -> float:
        """Return the error, and let its derivative enter the outputs."""
        n_samples, outputs = self._n_samples, self._outputs[self._output_rows]
        errors = _numeric(self._function(self._targets.view(), outputs), (n_samples,))
        error = float(np.add.reduce(errors / n_samples)) if n_samples > 1 else float(errors[0])
        if not math.isfinite(error):
            raise _DoubtError
        outputs = self._outputs[self._output_rows]
        self._entering[...] = _numeric(self._derivative(self._targets.view(), outputs), outputs.shape)
        return error


class _Room:
    """Memory that every gather uses after the other; see `Numbers.room`."""

    def __init__(self, levels: Levels, n_samples: int, dtype: Any) -> None:
        ends = [gather.ends.size for level in levels.forward for gather in (*level.incoming, *level.outgoing)]
        self._memory = np.empty(max(ends, default=0) * n_samples, dtype)

    def __call__(self, shape: tuple[int, ...]) -> Array:
        return self._memory[: math.prod(shape)].reshape(shape)


class _Step:
    """The optimizer at work during one call, with the part of its state that belongs to the trainable weights.

    Parameters
    ----------
    optimizer : Optimizer
    state : mapping
    trainable : ndarray of bool, shape (n_slots,)
    learning_rate : float
    weights, gradients : ndarray of shape (n_slots,)
        The weights are changed in place.

    Attributes
    ----------
    norm : float
        The sum of the squares of all weights.
    made, epoch : int
        How many steps were made, and in which epoch the last one.
    error : float
        The error of that epoch so far.
    asked : Function or None
        Which optimizer or loss is being called.
    """

    def __init__(
        self, optimizer: Optimizer, state: Mapping[str, Any], trainable: NDArray[np.bool_], learning_rate: float,
        weights: Array, gradients: Array,
    ) -> None:  # fmt: skip
        self._optimizer, self._rate, self._weights = optimizer, learning_rate, weights
        self._chosen: Any = slice(None) if trainable.all() else np.flatnonzero(trainable)
        frozen = weights[~trainable]
        self._frozen = float(frozen.dot(frozen))
        self._most = float(np.finfo(weights.dtype).max)
        self._shown = read_only(weights), read_only(gradients)
        self._part = {name: _own(value[self._chosen]) if _is_array(value) else value for name, value in state.items()}
        self.norm = float(weights.dot(weights))
        self.made, self.epoch, self.error = 0, 0, 0.0
        self.asked: Function | None = None

    def begin(self, epoch: int, error: float) -> None:
        """Begin an epoch, or go on with one that has this error so far."""
        self.epoch, self.error = epoch, error

    def make(self, error: float) -> None:
        """Change the weights and the state, and add to the error of the epoch.

        Raises
        ------
        _DoubtError
            If the optimizer does not answer as it should beyond doubt, or a weight may not be finite.
        """
        given = [read_only(numbers[self._chosen]) for numbers in self._shown]
        part = {name: value.view() if _is_array(value) else value for name, value in self._part.items()}
        self.asked = self._optimizer
        answer = self._optimizer.step(*given, part, self._rate)
        self.asked = None
        if not (isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], Mapping)):
            raise _DoubtError
        new, shape, dtype = np.asarray(answer[0]), given[0].shape, self._weights.dtype
        if new.shape != shape or new.dtype.kind != "f" or answer[1].keys() != self._part.keys():
            raise _DoubtError
        # Copies, as what it returns may be what it was given, or what it goes on writing into.
        state = {name: self._kept(value, self._part[name], shape) for name, value in answer[1].items()}
        new = new.astype(dtype, copy=False)
        norm = float(new.dot(new)) + self._frozen
        if not norm < self._most:
            raise _DoubtError
        total, made = self.error + error, self.made + 1
        # Plain assignments: where something is called Ctrl-C may come in, and leave half a step.
        self._weights[self._chosen] = new
        self._part, self.norm, self.error, self.made = state, norm, total, made

    def _kept(self, value: Any, before: Any, shape: tuple[int, ...]) -> Any:
        if _is_array(value) != _is_array(before) or (_is_array(value) and value.shape != shape):
            raise _DoubtError
        return _own(value.astype(before.dtype)) if _is_array(value) else value

    def keep(self, state: dict[str, Any]) -> None:
        """Write the state into that of all weights."""
        for name, value in self._part.items():
            if _is_array(value):
                state[name] = np.array(state[name])
                state[name][self._chosen] = value
            else:
                state[name] = value


def _own(numbers: Array) -> Array:
    """Return an array that views of it cannot be written to."""
    return read_only(numbers)  # type: ignore[no-any-return]


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim > 0


def _activated(group: ActivationGroup, z: Array) -> Array:
    return _numeric(group.activation.function(read_only(z)), z.shape)


def _slope(group: ActivationGroup, z: Array, a: Array) -> Array:
    return _numeric(group.activation.derivative(read_only(z), read_only(a)), z.shape)


def _numeric(result: Any, shape: tuple[int, ...]) -> Array:
    found = np.asarray(result)
    if found.shape != shape or found.dtype.kind not in "fiub":
        raise _DoubtError
    return found
