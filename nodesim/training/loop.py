"""TRAINING: epochs of forward, backward and simultaneous update, until converged, stopped or interrupted.

References
----------
Article, section 3, step 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nodesim._arrays import Array
from nodesim.engines.training_task import Task
from nodesim.errors import ArgumentError, DataError, NonFiniteError
from nodesim.functions.contracts import Optimizer
from nodesim.graph.run import Run
from nodesim.notation.symbols import plural
from nodesim.simulation import calculation, samples
from nodesim.simulation.optimizer_state import Optimization
from nodesim.training.history import History
from nodesim.training.progress import ProgressLine
from nodesim.training.stretches import Stretches
from nodesim.validation import at_least_zero, flag, shortened, whole

if TYPE_CHECKING:
    from nodesim.network import Network

_PATIENCE = 10


@dataclass(frozen=True)
class Epoch:
    """What a callback is told at the end of an epoch; the network holds the weights of that moment.

    Attributes
    ----------
    network : Network
    number : int
        1 for the first epoch.
    error : float
    validation_error : float or None
    history : History
        The record so far.
    """

    network: Network
    number: int
    error: float
    validation_error: float | None
    history: History


Callback = Callable[[Epoch], object]


@dataclass(frozen=True)
class Plan:
    """The checked arguments of `Network.fit`, data left out."""

    epochs: int
    learning_rate: float
    optimizer: Optimizer
    batch_size: int | None
    shuffle: bool
    stop_at_error: float | None
    patience: int | None
    tolerance: float
    callbacks: tuple[Callback, ...]
    progress: bool | None


def plan(
    *, epochs: Any, learning_rate: float, optimizer: Optimizer, batch_size: Any, shuffle: bool, stop_at_error: Any,
    patience: Any, tolerance: Any, callbacks: Any, progress: bool | None,
) -> Plan:  # fmt: skip
    """Check the arguments of `Network.fit`.

    Raises
    ------
    ArgumentError
        Naming the argument, what came, and what is allowed.
    """
    if patience is None and tolerance is not None:
        patience = _PATIENCE
    chosen = _several(callbacks)
    for callback in chosen:
        if not callable(callback):
            raise ArgumentError(f"callbacks must be callables that take an epoch, got {shortened(callback)}.")
    return Plan(
        whole(epochs, "epochs"), learning_rate, optimizer,
        None if batch_size is None else whole(batch_size, "batch_size"), flag(shuffle, "shuffle"),
        None if stop_at_error is None else at_least_zero(stop_at_error, "stop_at_error"),
        None if patience is None else whole(patience, "patience"),
        0.0 if tolerance is None else at_least_zero(tolerance, "tolerance"), chosen,
        None if progress is None else flag(progress, "progress"),
    )  # fmt: skip


def _several(callbacks: Any) -> tuple[Any, ...]:
    # What is callable is one callback, also if it can be iterated over.
    if callable(callbacks) or not isinstance(callbacks, Iterable):
        return () if callbacks is None else (callbacks,)
    return tuple(callbacks)


class Samples:
    """Inputs and targets of a data set, one column for each sample."""

    def __init__(self, network: Network, x: Any, y: Any) -> None:
        schedule = network.schedule
        self.inputs, single = samples.inputs(x, schedule.inputs)
        self.targets = samples.targets(y, schedule.outputs, len(self.inputs.T), single=single, loss=network.loss)
        self.count = self.inputs.shape[1]


class Training:
    """One call of `Network.fit`: private runs, the network's own weights.

    Parameters
    ----------
    network : Network
    samples : Samples
    validation : Samples or None
    plan : Plan

    Attributes
    ----------
    batch, batches : int
        Samples for each update, and updates in each epoch.
    best : float
        The lowest error so far, of the samples that are watched.
    best_epoch : int
        When that was.
    """

    def __init__(self, network: Network, samples: Samples, validation: Samples | None, plan: Plan) -> None:
        self.network = network
        self.samples = samples
        self.validation = validation
        self.plan = plan
        self.history = History()
        self.store = network.store
        self.engine = network._calculator
        self.schedule = network.schedule
        self.weights = self.store.weights[: self.store.size]
        self.trainable = self.store.trainable[: self.store.size]
        self.gradients = np.zeros_like(self.weights)
        self.optimization = Optimization(plan.optimizer, self.weights, plan.learning_rate, network._describe_slot)
        self.batch = min(plan.batch_size or samples.count, samples.count)
        self.batches = -(-samples.count // self.batch)
        self.best = math.inf
        self.best_epoch = 0
        self._best_weights: Array | None = None
        self._runs: dict[int, Run] = {}
        trainer = calculation.trainer(self.engine, self._task())
        self._stretches = None if trainer is None else Stretches(self, trainer)

    def _task(self) -> Task:
        plan, network = self.plan, self.network
        return Task(
            self.schedule, network.loss, plan.optimizer, self.samples.inputs, self.samples.targets, self.batch,
            plan.learning_rate, network.threads,
        )  # fmt: skip

    def run(self) -> History:
        """Train; the weights are those of a whole step whenever this returns or is interrupted."""
        line = ProgressLine(self.plan.progress)
        history, epochs = self.history, self.plan.epochs
        try:
            while len(history) < epochs:
                before = len(history)
                if not self._finite_epochs():
                    break
                if history.errors:
                    line.report(len(history), epochs, history.errors[-1])
                if self._stops(range(before + 1, len(history) + 1)):
                    break
            else:
                history.stop_reason = f"all {epochs:,} epochs done"
        except KeyboardInterrupt:
            history.stop_reason = f"interrupted after {plural(len(history), 'whole epoch')}"
        finally:
            line.close()
        return history

    def _finite_epochs(self) -> bool:
        """Train one epoch or several, and tell whether all numbers stayed finite."""
        try:
            if self._stretches is None:
                self.epoch(self.orders(1)[0])
            else:
                self._stretches.train()
        except NonFiniteError as error:
            self.history.finite = False
            self.history.stop_reason = (
                f"not finite in epoch {len(self.history) + 1}: {error} The last finite weights are kept."
            )
            return False
        return True

    def orders(self, count: int) -> Any:
        """Return in which orders so many epochs go through the samples: mixed where there are several batches."""
        plain = np.tile(np.arange(self.samples.count), (count, 1))
        if not self.plan.shuffle or self.batches == 1:
            return plain
        return self.network._generator.permuted(plain, axis=1)

    def epoch(self, order: Any, start: int = 0, error: float = 0.0) -> None:
        """Go through the samples in an order, from one of them on, with the error's share of those before."""
        samples, count = self.samples, self.samples.count
        for first in range(start, count, self.batch):
            chosen = order[first : first + self.batch] if self.batches > 1 else slice(None)
            inputs = samples.inputs[:, chosen]
            error += self._step(inputs, samples.targets[:, chosen]) * (inputs.shape[1] / count)
        self.record([error])

    def record(self, errors: Sequence[float]) -> None:
        """Note the end of epochs; where there is validation data, of one at a time."""
        validation = [] if self.validation is None or not errors else [self._error(self.validation)]
        self.history.errors.extend(errors)
        self.history.validation_errors.extend(validation)

    def _step(self, inputs: Array, targets: Array) -> float:
        """Run one batch forward and backward, update all weights simultaneously, return the error before."""
        run = self._run(inputs.shape[1])
        calculation.forward(self.engine, self.schedule, self.weights, inputs, run)
        calculation.backward(self.engine, self.network.loss, self.schedule, self.weights, targets, run, self.gradients)
        weights, state = self.optimization.step(self.weights, self.gradients, self.trainable, self.plan.learning_rate)
        self.optimization.state = state
        # One call that cannot be interrupted halfway.
        self.weights[:] = weights
        self.history.updates += 1
        assert run.errors is not None
        return calculation.mean(run.errors)

    def _run(self, n_samples: int) -> Run:
        if n_samples not in self._runs:
            self._runs[n_samples] = self.engine.Run(
                self.schedule.n_rows, n_samples, threads=self.network.threads, dtype=self.weights.dtype
            )
        return self._runs[n_samples]

    def _error(self, samples: Samples) -> float:
        run = self._run(samples.count)
        calculation.forward(self.engine, self.schedule, self.weights, samples.inputs, run)
        return calculation.mean(calculation.error(self.network.loss, self.schedule, samples.targets, run))

    def _stops(self, numbers: Iterable[int]) -> bool:
        """Look at epochs that were done, the last of which may be one to stop at."""
        plan = self.plan
        if plan.stop_at_error is None and plan.patience is None and not plan.callbacks:
            return False
        return any(self._stops_after(number) for number in numbers)

    def _stops_after(self, number: int) -> bool:
        history, plan = self.history, self.plan
        monitored = (history.errors if self.validation is None else history.validation_errors)[number - 1]
        if monitored < self.best - plan.tolerance:
            self.best, self.best_epoch = monitored, number
            self._best_weights = self.weights.copy() if self.validation is not None and plan.patience else None
        # Callbacks are told of every epoch, also of one that the training stops at anyway.
        called_off = self._called_off(number)
        if self._low_enough(number):
            history.converged, history.stop_reason = True, f"the error is at most {plan.stop_at_error:g}"
        elif plan.patience is not None and number - self.best_epoch >= plan.patience:
            self._settle()
        elif called_off:
            history.stop_reason = f"a callback asked for it in epoch {number:,}"
        else:
            return False
        return True

    def _low_enough(self, number: int) -> bool:
        # The recorded error was taken before the epoch's updates: the promise is about the weights kept.
        limit = self.plan.stop_at_error
        return limit is not None and self.history.errors[number - 1] <= limit and self._error(self.samples) <= limit

    def _settle(self) -> None:
        plan, what = self.plan, "validation error" if self.validation is not None else "error"
        self.history.converged = True
        self.history.stop_reason = (
            f"the {what} did not get lower by more than {plan.tolerance:g} for {plan.patience} epochs"
        )
        if self._best_weights is not None:
            self.weights[:] = self._best_weights
            self.history.stop_reason += f"; the weights of epoch {self.best_epoch:,} are restored"

    def _called_off(self, number: int) -> bool:
        if not self.plan.callbacks:
            return False
        history = self.history
        validation = history.validation_errors[-1] if history.validation_errors else None
        epoch = Epoch(self.network, number, history.errors[-1], validation, history)
        # What a callback runs, it runs with the weights of this moment.
        self.store.changed()
        # Every callback is told, also when an earlier one asked to stop.
        answers = [callback(epoch) for callback in self.plan.callbacks]
        return any(isinstance(answer, bool | np.bool_) and answer for answer in answers)


def fit(network: Network, x: Any, y: Any, validation_data: Any, plan: Plan) -> History:
    """Train a network as planned; see `Network.fit`. On any error weights and generator are as before."""
    samples = Samples(network, x, y)
    validation = None if validation_data is None else Samples(network, *_pair(validation_data))
    weights, generator = network.store.weights.copy(), network._generator.bit_generator.state
    network._busy = "it is being trained"
    try:
        history = Training(network, samples, validation, plan).run()
    except BaseException:
        network.store.weights[:] = weights
        network._generator.bit_generator.state = generator
        if plan.callbacks:
            # They may have run the network with weights that it has no more.
            network.store.changed()
        raise
    finally:
        network._busy = ""
    network.store.changed()
    network.store.forget()
    return history


def _pair(validation_data: Any) -> Any:
    if not isinstance(validation_data, tuple | list) or len(validation_data) != 2:
        raise DataError(f"validation_data must be a pair (X, y), got {type(validation_data).__name__}.")
    return validation_data
