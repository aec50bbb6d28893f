"""TRAINING: epochs of forward, backward and simultaneous update, until converged, stopped or interrupted.

References
----------
Article, section 3, step 3.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.engines.ctrl_c import CtrlC
from nodesim.engines.early_stopping import diverges
from nodesim.engines.training_task import Progress, Trainer
from nodesim.errors import NodesimError, NonFiniteError
from nodesim.functions.interruptions import found_again, raise_interruption
from nodesim.graph.run import Run
from nodesim.graph.schedule import Schedule
from nodesim.simulation.optimizer_state import OptimizerState
from nodesim.simulation.simulator import Simulator, mean
from nodesim.training import endings
from nodesim.training.callbacks import Callbacks
from nodesim.training.following import Followers, Note, SetBack
from nodesim.training.history import History
from nodesim.training.orders import Begun, Orders
from nodesim.training.plan import Plan
from nodesim.training.progress import ProgressLine
from nodesim.training.runs import Runs
from nodesim.training.sharding import sharded
from nodesim.training.stopping import Stopping
from nodesim.training.training_data import TrainingData

# How long the epochs that are fused into one call should take, in seconds, and how many samples they have at most:
# often enough back for the progress line, callbacks and Ctrl-C. The clock decides how much one call does, never what is
# calculated: errors, weights and the generator's state are those of one epoch after another.
_LONG = 0.05
_MOST = 500_000
# How many samples the first call has about.
_FIRST = 1_000


class Training:
    """One call of `Network.fit` with a learning rate: private runs, the network's own weights.

    Parameters
    ----------
    simulator : Simulator
    data : TrainingData
    validation : TrainingData or None
    plan : Plan
    history : History
        Of no epoch; becomes the record.

    Attributes
    ----------
    batch, batches : int
        Samples for each update, and updates in each epoch.
    rate : float
        The learning rate.
    stopping : Stopping
    callbacks : Callbacks
    followers : Followers
        What they are to be given is noted beside each change of the weights.
    """

    def __init__(
        self, simulator: Simulator, data: TrainingData, validation: TrainingData | None, plan: Plan, history: History
    ) -> None:
        self.simulator = simulator
        self.data = data
        self.validation = validation
        self.plan = plan
        self.history = history
        self.callbacks = Callbacks(plan, simulator, history)
        structure, store = simulator.structure, simulator.structure.store
        self.structure = structure
        self._schedule = structure.schedule
        self.weights, self.trainable = store.weights, store.trainable
        self.rate = plan.optimizer.learning_rate if plan.learning_rate is None else plan.learning_rate
        self.optimizer_state = self._fresh_state()
        self.batch = min(plan.batch_size or data.count, data.count)
        self.batches = -(-data.count // self.batch)
        self._orders = Orders(structure, data.count, mixed=plan.shuffle and self.batches > 1)
        self.stopping = Stopping(plan, validated=validation is not None)
        self._runs = Runs(simulator)
        simulator.expect(self.batch, self.batches * plan.epochs)
        self.sharded = sharded(simulator, data, plan)
        self._trainer = self._fresh_trainer()
        self._rest: Begun | None = None
        self.followers = Followers(plan.followers, simulator, data.inputs, data.targets, plan.optimizer)

    @cached_property
    def gradients(self) -> Array:
        """Where the gradients of single updates are written."""
        return np.zeros(len(self.weights), self.weights.dtype)

    def _fresh_trainer(self) -> Trainer | None:
        if self.sharded is not None:
            return None
        return self.simulator.trainer(self.plan.optimizer, self.data.inputs, self.data.targets, self.batch)

    def _fresh_state(self) -> OptimizerState:
        return OptimizerState(self.plan.optimizer, self.weights, self.rate, self.structure.describe_slot)

    def run(self, ctrl_c: CtrlC) -> History:
        """Train; the weights are those of a whole step whenever this returns or is interrupted."""
        line = ProgressLine(self.plan.progress)
        history, epochs = self.history, self.plan.epochs
        try:
            while (before := len(history.errors)) < epochs:
                ctrl_c.raise_lost()
                if not self._finite_epochs():
                    break
                done = len(history.errors)
                if done:
                    line.report(done, epochs, history.errors[-1])
                if self._stops(range(before + 1, done + 1)):
                    break
            else:
                history.stop_reason = endings.all_done(epochs, self._verdict())
            self.followers.end()
        finally:
            line.close()
            if self._trainer is not None:
                self._trainer.end()
            if self.sharded is not None:
                self.sharded.end()
        return history

    def _verdict(self) -> str:
        return endings.verdict(self.history.errors[self.stopping.begun :], self.rate)

    def _finite_epochs(self) -> bool:
        """Train one epoch or several, and tell whether all numbers stayed finite, so that it can go on."""
        history = self.history
        try:
            self._advance()
        except NodesimError as error:
            if not history.errors:
                # The first epoch is what sees all inputs, and no callback is told before it ends: where one of them is
                # not finite, that is what fit says, and nothing was done.
                self.simulator.check_inputs(self.data.inputs)
            if not isinstance(error, NonFiniteError):
                raise
            history.finite, history.diverged = False, history.updates > 0
            history.stop_reason = endings.not_finite(len(history) + 1, error, self.rate if history.updates else None)
        return history.finite

    def _advance(self) -> None:
        """Train one epoch or several.

        Raises
        ------
        NonFiniteError
            If a number is not finite; the weights are those of the last whole step.
        """
        if self._trainer is None:
            self._epoch(self._orders.drawn(1)[0])
        else:
            self._fused_epochs(self._trainer)
        self.followers.settle(full=True)

    def _epoch(self, order: Any, start: int = 0, error: float = 0.0) -> None:
        """Go through the samples in an order, from one of them on, with the error's share of those before."""
        count = self.data.count
        for first in range(start, count, self.batch):
            chosen = order[first : first + self.batch] if self.batches > 1 else None
            error += self._step(chosen, order, first) * ((count if chosen is None else len(chosen)) / count)
        self._record([error])

    def _record(self, errors: Sequence[float]) -> None:
        """Note the end of epochs; where there is validation data, of one at a time."""
        validation = [] if self.validation is None or not errors else [self._error(self.validation)]
        self._take(None, 0, errors, validation)

    def _mean(self, chosen: Indices | None) -> tuple[float, Array]:
        """Run one batch forward and backward, and return its error and its gradients."""
        if self.sharded is not None:
            return self.sharded.calculate(self.weights, chosen)
        inputs, targets = self.data.batch(chosen)
        run = self._forward(inputs)
        self.simulator.backward(run, targets, weights=self.weights, into=self.gradients)
        assert run.errors is not None
        return mean(run.errors), self.gradients

    def _step(self, chosen: Indices | None, order: Any, first: int) -> float:
        """Run one batch forward and backward, update all weights simultaneously, return the error before.

        The batch is what begins with the first of the samples in an order.
        """
        error, gradients = self._mean(chosen)
        weights, state = self.optimizer_state.step(self.weights, gradients, self.trainable, self.rate)
        self.optimizer_state.state = state
        pair = np.array([self.weights, weights]) if self.followers else None
        self._take(weights, 1, notes=self._noted(pair, order[None], first // self.batch))
        self.followers.settle(full=True)
        return error

    def _noted(self, weights: Any, orders: Any, first: int) -> tuple[Note, ...]:
        """Return what followers are to be given of updates: the weights before each, and after the last one."""
        return self.followers.noted(weights, orders, first, self.batch, len(self.history.errors) + 1, self.rate)

    def _take(self, weights: Any, updates: int, errors: Any = (), validation: Any = (), notes: Any = ()) -> None:
        """Go on with the weights after so many updates more, and with the errors of the epochs that these ended."""
        rates, history, followers = [self.rate] * len(errors), self.history, self.followers
        # Python looks for signals where something is called, and nothing is called between these: wherever Ctrl-C
        # comes in, weights, number of updates and errors belong together.
        if weights is not None:
            self.weights[:] = weights
        followers.notes += notes
        history.updates += updates
        history.errors += errors
        history.learning_rates += rates
        history.validation_errors += validation

    def _forward(self, inputs: Array, weights: Array | None = None) -> Run:
        """Run forward in the room of an earlier run of as many samples; by default with the weights of now."""
        return self._runs.forward(inputs, self.weights if weights is None else weights)

    def _error(self, data: TrainingData) -> float:
        return mean(self.simulator.errors(self._forward(data.inputs), data.targets))

    # ---- several epochs in one call of the engine ---------------------------------------------------------
    #
    # An epoch of a small network takes native code microseconds, less than the Python around it: so one call goes
    # through many epochs. An epoch of a large data set may take it long: so a call may also end within an epoch, and
    # `_rest` is where the next one goes on.

    def _fused_epochs(self, trainer: Trainer) -> None:
        """Train some epochs, or a part of one, and record those that are whole.

        Raises
        ------
        NonFiniteError, FunctionError
            As a single update does.
        """
        rest, most = self._rest, trainer.fitting or max(1, _FIRST // self.batch)
        journal = self.followers.journal(most, self.weights)
        most = most if journal is None else len(journal) - 1
        if rest is None:
            orders = self._orders.drawn(self._count(most))
            progress = Progress(np.zeros(len(orders)), 0, most, journal)
        else:
            orders, progress = rest.order[None, :], Progress(np.array([rest.error]), rest.updates, most, journal)
        begin, state = time.perf_counter(), dict(self.optimizer_state.state)
        watch = self.stopping.for_engine(self.history.errors)
        try:
            self.simulator.calculate(
                trainer.train, self.weights, state, self.trainable, self.rate, orders, watch, progress
            )
        except BaseException:
            if rest is None:
                self._orders.give_back(0)
            raise
        self.optimizer_state.state = state
        self._collect(orders, progress)
        fitting = progress.updates * _LONG / max(time.perf_counter() - begin, 1e-6)
        trainer.fitting = int(min(max(fitting, 1), 4 * most))
        if not progress.finite:
            self._look_for_the_fault(progress.failures)

    def _look_for_the_fault(self, failures: list[BaseException]) -> None:
        """Go on update by update, which says what is not finite or which function failed.

        Raises
        ------
        NonFiniteError, FunctionError
            That it is, and where.
        BaseException
            What arose while a function was called, and is no fault of it: Ctrl-C, or what a signal's handler raised.
        """
        raise_interruption(failures)
        with found_again(failures):
            if self._rest is not None:
                rest, self._rest = self._rest, None
                self._epoch(rest.order, rest.updates * self.batch, rest.error)

    def _count(self, fitting: int) -> int:
        """Return how many epochs to begin with so many updates; callbacks and validation data see every single one."""
        if self.plan.callbacks or self.validation is not None:
            return 1
        left = self.plan.epochs - len(self.history.errors)
        return max(1, min(-(-fitting // self.batches), left, _MOST // self.data.count))

    def _collect(self, orders: Any, progress: Progress) -> None:
        """Go on with what was done, record it, and keep what was begun."""
        whole, begun = divmod(progress.start + progress.updates, self.batches)
        errors = progress.errors[:whole].tolist()
        # What the validation error is, the new weights have to tell: they come first.
        known = errors if self.validation is None else []
        notes = self._noted(self.followers.in_journal(progress), orders, progress.start)
        self._take(progress.weights, progress.updates, known, notes=notes)
        if known is not errors:
            self._record(errors)
        unfinished, drawn = begun > 0 or (not progress.finite and whole < len(orders)), self._rest is None
        self._rest = Begun(orders[whole], begun, float(progress.errors[whole])) if unfinished else None
        if drawn and whole + unfinished < len(orders):
            self._orders.give_back(whole + unfinished)

    # ---- when to stop -------------------------------------------------------------------------------------

    def _stops(self, numbers: Iterable[int]) -> bool:
        """Look at epochs that were done, the last of which may be one to stop at."""
        plan = self.plan
        if self._diverges():
            # Callbacks are told of every epoch, also of the last.
            self._called_off(len(self.history))
            return True
        if plan.stop_at_error is None and plan.patience is None and not plan.callbacks:
            return False
        return any(self._stops_after(number) for number in numbers)

    def _diverges(self) -> bool:
        # An engine that trains several epochs stops at the first of which this is true.
        errors, begun = self.history.errors, self.stopping.begun
        if not diverges(errors, begun):
            return False
        self.history.diverged = True
        self.history.stop_reason = endings.diverged(errors[begun:], self.rate)
        return True

    def _stops_after(self, number: int) -> bool:
        history, stopping = self.history, self.stopping
        watched = history.errors if self.validation is None else history.validation_errors
        stopping.observe(number, watched[number - 1], self.weights)
        # Callbacks are told of every epoch, also of one that the training stops at anyway.
        called_off = self._called_off(number)
        if self._low_enough(number):
            history.converged, history.stop_reason = True, endings.low_enough(self.plan.stop_at_error)
        elif stopping.settled:
            # What only got worse did not get there.
            history.converged = history.errors[number - 1] <= history.errors[stopping.begun]
            history.stop_reason = endings.settled(stopping.reason, self.rate, history.converged)
            if stopping.best_weights is not None:
                notes = [SetBack(stopping.best_weights)]
                self.weights[:] = stopping.best_weights
                self.followers.notes += notes
        elif called_off:
            history.stop_reason = f"a callback asked for it in epoch {number:,}"
        else:
            return False
        return True

    def _low_enough(self, number: int) -> bool:
        # The recorded error was taken before the epoch's updates: the promise is about the weights kept.
        limit = self.plan.stop_at_error
        if limit is None or self.history.errors[number - 1] > limit:
            return False
        try:
            return self._error(self.data) <= limit
        except NonFiniteError:
            # The last update led there; the next epoch says so.
            return False

    def _called_off(self, number: int) -> bool:
        if self.plan.callbacks:
            self.followers.settle()
        answer = self.callbacks.tell(number)
        if answer.changed:
            self._take_up_changes()
        if answer.loss_exchanged:
            self.stopping.begin_anew(number)
        return answer.stop

    def _take_up_changes(self) -> None:
        """Go on with what callbacks have set, from the next update on.

        Raises
        ------
        FunctionError, DataError
            If the loss that they have set is not for these outputs or targets.
        """
        for data in (self.data, self.validation):
            if data is not None:
                self.simulator.check_targets(data.targets)
        if self.structure.schedule is not self._schedule:
            self._follow(self.structure.schedule)
        self._trainer = self._fresh_trainer()

    def _follow(self, schedule: Schedule) -> None:
        """Go on with connections that stand in another order, as they may with another activation."""
        move, store = partial(schedule.taken_over, earlier=self._schedule), self.structure.store
        self.optimizer_state, self._schedule = self.optimizer_state.moved(move), schedule
        self.weights, self.trainable = store.weights, store.trainable
        if self.stopping.best_weights is not None:
            self.stopping.best_weights = move(self.stopping.best_weights)
