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
from nodesim.engines.unchecked_calls import DoubtError, activating, numeric, sloping, takes_out
from nodesim.errors import FunctionError, NodesimError
from nodesim.functions.contracts import Function, Optimizer
from nodesim.functions.guard import complaint
from nodesim.functions.interruptions import is_interruption
from nodesim.graph.schedule import places

# After so many seconds a call ends, for whoever reports how far a training came.
_LONG = 0.05


class VectorizedTrainer:
    """Trains in NumPy; see `nodesim.engines.training_task.Trainer`.

    Parameters
    ----------
    task : TrainingTask
    """

    def __init__(self, task: TrainingTask) -> None:
        self.task = task
        self.slots = task.schedule.slots
        # Made when the first weights come, which tell the number type.
        self._updates: dict[int, _Update] = {}
        self._weights = np.zeros(0)
        self._inputs, self._targets = (np.ascontiguousarray(table.T) for table in (task.inputs, task.targets))

    def train(
        self, weights: Array, state: dict[str, Any], trainable: NDArray[np.bool_], learning_rate: float, orders: Any,
        watch: Array, progress: Progress,
    ) -> None:  # fmt: skip
        """Train; see `nodesim.engines.training_task.Trainer`."""
        if len(self._weights) != len(weights) + 1:
            self._updates.clear()
            self._weights = np.zeros(len(weights) + 1, weights.dtype)
        self._weights[:-1] = weights
        step = _Step(self.task.optimizer, state, trainable, learning_rate, self._weights[:-1])
        step.begin(0, float(progress.errors[0]))
        seen = watch.tolist()
        try:
            self._epochs(step, orders, seen, progress)
        except DoubtError:
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
        progress.weights = self._weights[self.slots]

    def _epochs(self, step: _Step, orders: Any, seen: Any, progress: Progress) -> None:
        batch, count = self.task.batch, orders.shape[1]
        latest, plain = time.perf_counter() + _LONG, np.arange(count)
        for number, order in enumerate(orders):
            in_order = bool((order == plain).all())
            step.begin(number, float(progress.errors[number]))
            for first in range(progress.start * batch if number == 0 else 0, count, batch):
                if step.made == progress.most or (step.made and time.perf_counter() > latest):
                    return
                n_samples = min(batch, count - first)
                update = self._update(n_samples)
                if n_samples < count:
                    chosen = slice(first, first + n_samples)
                    update.feed(*(self._taken(chosen) if in_order else self._taken(order[chosen])))
                update.run(step, n_samples / count)
            progress.errors[number] = step.error
            if stops(seen, step.error):
                return

    def _taken(self, chosen: Any) -> tuple[Array, Array]:
        """Return inputs and targets of some samples, each sample's side by side as the checked path has them."""
        return self._inputs[chosen].T, self._targets[chosen].T

    def _update(self, n_samples: int) -> _Update:
        if n_samples not in self._updates:
            update = _Update(self.task, self._weights, n_samples)
            if n_samples == self.task.inputs.shape[1]:
                update.feed(self.task.inputs, self.task.targets)
            self._updates[n_samples] = update
        return self._updates[n_samples]


class _Update:
    """One update with a number of samples.

    Parameters
    ----------
    task : TrainingTask
    weights : ndarray of shape (n_slots + 1,)
        What all updates share.
    n_samples : int

    Attributes
    ----------
    gradients : ndarray of shape (n_slots,)
        Of the last run, not to be written to.
    """

    def __init__(self, task: TrainingTask, weights: Array, n_samples: int) -> None:
        schedule, dtype, levels = task.schedule, weights.dtype, task.schedule.cached(levels_of)
        self._n_samples, self._padding = n_samples, int(schedule.slots.max(initial=-1)) + 1
        calculated = np.flatnonzero(schedule.depths)
        low, high = (int(calculated[0]), int(calculated[-1]) + 1) if len(calculated) else (0, 0)
        tables = np.zeros((3, schedule.n_rows, n_samples), dtype)
        value, activated, delta = tables
        # What is looked at together stands side by side: sums, and what all nodes send.
        self._sent = tables[:2].reshape(-1)[low * n_samples : (schedule.n_rows + high) * n_samples]
        self._returned = delta[low:high].reshape(-1)
        self._gradients = np.zeros_like(weights)
        self.gradients = read_only(self._gradients[:-1])
        for bias in schedule.biases:
            activated[bias.row] = bias.value
        self._activated, self._input_rows = activated, places(schedule.input_rows)
        loss = self._loss = task.loss
        by_sums = loss.sum_derivative is not None
        self._outputs, self._output_rows = read_only(value if by_sums else activated), levels.outputs
        self._function = loss.function if loss.sum_function is None else loss.sum_function
        self._derivative = loss.derivative if loss.sum_derivative is None else loss.sum_derivative
        self._direct = isinstance(levels.outputs, slice) and not by_sums
        self._entering = delta[levels.outputs] if self._direct else np.zeros((len(schedule.outputs), n_samples), dtype)
        self._more = {"out": self._entering} if takes_out(loss, self._derivative, dtype) else {}
        room = _Room(levels, n_samples, dtype)
        on = Numbers(weights, value, activated, delta, room)
        self._forward: list[Operation] = list(operations.forward(levels, on, activating))
        self._backward: list[Operation] = list(
            operations.backward(
                levels, on, None if self._direct else self._entering, self._gradients, partial(sloping, room=room),
                of_sums=by_sums, of_given=False,
            )
        )  # fmt: skip
        self._backward.append(_division(self._gradients, n_samples))
        # Sums of squares below this are of finite numbers, and so are products of such numbers.
        self._most = float(np.finfo(dtype).max)

    def feed(self, inputs: Array, targets: Array) -> None:
        """Take some samples, one column for each."""
        self._activated[self._input_rows] = inputs
        self._targets = read_only(targets)

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
        for operation in self._forward:
            operation()
        step.asked = self._loss
        error = self._look()
        step.asked = None
        for operation in self._backward:
            operation()
        # It may be the place of a connection that was removed.
        self._gradients[self._padding] = 0.0
        # A gradient is at most the norm of all that is sent times that of all delta; the delta of an input, which nobody
        # needs, the norm of all weights times the latter.
        sent, returned = float(self._sent.dot(self._sent)), float(self._returned.dot(self._returned))
        if not (1.0 + sent + step.norm) * (1.0 + returned) < self._most:
            raise DoubtError
        step.make(self.gradients, error * share)

    def _look(self) -> float:
        """Return the error, and let its derivative enter the outputs."""
        n_samples, outputs = self._n_samples, self._outputs[self._output_rows]
        errors = numeric(self._function(self._targets.view(), outputs), (n_samples,))
        error = float(np.add.reduce(errors / n_samples)) if n_samples > 1 else float(errors[0])
        if not math.isfinite(error):
            raise DoubtError
        outputs, entering = self._outputs[self._output_rows], self._entering
        found = self._derivative(self._targets.view(), outputs, **self._more)
        # Added to nothing: there is no -0.
        np.add(found if found is entering else numeric(found, entering.shape), 0.0, entering)
        return error


def _division(numbers: Array, divisor: int) -> Operation:
    """Return what divides numbers in place."""
    # By a power of two it is the same, bit by bit, to multiply, which is quicker.
    if divisor & (divisor - 1) == 0:
        return partial(np.multiply, numbers, 1.0 / divisor, numbers)
    return partial(np.divide, numbers, divisor, numbers)


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
    optimizer : Optimizer
    state : mapping
    trainable : ndarray of bool, shape (n_slots,)
    learning_rate : float
    weights : ndarray of shape (n_slots,)
        Changed in place.

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
        weights: Array,
    ) -> None:  # fmt: skip
        self._optimizer, self._rate, self._weights = optimizer, learning_rate, weights
        self._every = bool(trainable.all())
        self._chosen: Any = slice(None) if self._every else np.flatnonzero(trainable)
        self._shape = (np.count_nonzero(trainable),)
        frozen = weights[~trainable]
        self._frozen = float(frozen.dot(frozen))
        self._most = float(np.finfo(weights.dtype).max)
        self._shown = read_only(weights)
        self._part = {name: _own(value[self._chosen]) if _is_array(value) else value for name, value in state.items()}
        self.norm = float(weights.dot(weights))
        self.made, self.epoch, self.error = 0, 0, 0.0
        self.asked: Function | None = None

    def begin(self, epoch: int, error: float) -> None:
        """Begin an epoch, or go on with one that has this error so far."""
        self.epoch, self.error = epoch, error

    def make(self, gradients: Array, error: float) -> None:
        """Change the weights and the state, and add to the error of the epoch.

        Raises
        ------
        DoubtError
            If the optimizer does not answer as it should beyond doubt, or a weight may not be finite.
        """
        # Views of what is read-only are so themselves; the others are copies.
        given = [numbers[self._chosen] for numbers in (self._shown, gradients)]
        if not self._every:
            given = [read_only(numbers) for numbers in given]
        part = {name: value.view() if _is_array(value) else value for name, value in self._part.items()}
        self.asked = self._optimizer
        answer = self._optimizer.step(*given, part, self._rate)
        self.asked = None
        if not (isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], Mapping)):
            raise DoubtError
        new, shape = np.asarray(answer[0]), self._shape
        if new.shape != shape or new.dtype.kind != "f" or answer[1].keys() != self._part.keys():
            raise DoubtError
        # Copies, as what it returns may be what it was given, or what it goes on writing into.
        state = {name: self._kept(value, self._part[name], shape) for name, value in answer[1].items()}
        new = new.astype(self._weights.dtype, copy=False)
        norm = float(new.dot(new)) + self._frozen
        if not norm < self._most:
            raise DoubtError
        total, made = self.error + error, self.made + 1
        # Plain assignments: where something is called Ctrl-C may come in, and leave half a step.
        self._weights[self._chosen] = new
        self._part, self.norm, self.error, self.made = state, norm, total, made

    def _kept(self, value: Any, before: Any, shape: tuple[int, ...]) -> Any:
        if _is_array(value) != _is_array(before) or (_is_array(value) and value.shape != shape):
            raise DoubtError
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
