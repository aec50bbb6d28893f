"""TRAINING with samples that are at hand: many epochs in one call of the engine.

An epoch of a small network takes native code microseconds, less than the Python around it: so one call goes through
many epochs. An epoch of a large data set may take it long: so a call may also end within an epoch, and `_rest` is where
the next one goes on.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.engines.ctrl_c import CtrlC
from nodesim.engines.training_task import Progress, Trainer
from nodesim.functions.interruptions import found_again, raise_interruption
from nodesim.simulation.simulator import Simulator
from nodesim.training.following import Followers
from nodesim.training.history import History
from nodesim.training.judge import Look
from nodesim.training.loop import Training
from nodesim.training.orders import Begun, Orders
from nodesim.training.plan import Plan
from nodesim.training.sharding import sharded
from nodesim.training.training_data import TrainingData

# How long the epochs that are fused into one call should take, in seconds, and how many samples they have at most:
# often enough back for the progress line, callbacks and Ctrl-C. The clock decides how much one call does, never what is
# calculated: errors, weights and the generator's state are those of one epoch after another.
_LONG = 0.05
_MOST = 500_000
# How many samples the first call has about.
_FIRST = 1_000


class SampleTraining(Training):
    """A training with a learning rate, or a schedule.

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
    data : TrainingData
    batches : int
        How many updates an epoch has.
    """

    def __init__(
        self, simulator: Simulator, data: TrainingData, validation: TrainingData | None, plan: Plan, history: History
    ) -> None:
        super().__init__(simulator, validation, plan, history, min(plan.batch_size or data.count, data.count))
        self.data, self.batches = data, -(-data.count // self.batch)
        self._orders = Orders(self.structure, data.count, mixed=plan.shuffle and self.batches > 1)
        simulator.expect(self.batch, self.batches * plan.epochs)
        if plan.is_sharded:
            self.judge = sharded(simulator, data, plan, self.dropout)
        self._trainer = self._fresh_trainer()
        self._rest: Begun | None = None
        self.followers = Followers(plan.followers, self._beginning(data))

    def _fresh_trainer(self) -> Trainer | None:
        plan = self.plan
        if self.data.weights is not None or plan.terms or plan.dropout is not None or plan.is_sharded:
            # Trainers know e as the plain mean of the samples' errors.
            return None
        return self.simulator.trainer(self.plan.optimizer, self.data.inputs, self.data.targets, self.batch)

    def look(self, weights: Array | None = None) -> Look:
        """Look at all samples; by default with the weights of now."""
        return self.judge.look(self.data.whole, self.weights if weights is None else weights)

    def _ends_at(self, error: float) -> float:
        return self.look().error

    def _check_inputs(self) -> None:
        # The first epoch is what sees all inputs, and no callback is told before it ends: where one of them is not
        # finite, that is what fit says, and nothing was done.
        self.simulator.check_inputs(self.data.inputs)

    def run(self, ctrl_c: CtrlC) -> History:
        """Train; see `Training.run`."""
        try:
            return super().run(ctrl_c)
        finally:
            self.judge.end()
            if self._trainer is not None:
                self._trainer.end()

    def _advance(self) -> None:
        if self._rest is None:
            self.rate = self._next_rate()
        if self._trainer is None:
            self._epoch(self._orders.drawn(1)[0])
        else:
            self._fused_epochs(self._trainer)
        self.followers.settle(full=True)

    def _epoch(self, order: Any, start: int = 0, error: float = 0.0) -> None:
        """Go through the samples in an order, from one of them on, with the error's share of those before."""
        for first in range(start, self.data.count, self.batch):
            batch = self.data.batch(order[first : first + self.batch] if self.batches > 1 else None)
            # Where no sample counts there is no error, and nothing to learn.
            if batch.counts:
                error += self._step(batch, order, first) * batch.part
        self._record([error])

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
        self._collect(orders, progress, state)
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
        """Return how many epochs to begin with so many updates; some look at, or change, every single one."""
        if self.plan.callbacks or self.validation is not None or self.schedule is not None:
            return 1
        left = self.plan.epochs - len(self.history.errors)
        return max(1, min(-(-fitting // self.batches), left, _MOST // self.data.count))

    def _collect(self, orders: Any, progress: Progress, state: Any) -> None:
        """Go on with what was done, record it, and keep what was begun."""
        whole, begun = divmod(progress.start + progress.updates, self.batches)
        errors = progress.errors[:whole].tolist()
        # What the validation error is, the new weights have to tell: they come first.
        known = errors if self.validation is None else []
        notes = self._noted(self.followers.in_journal(progress), orders, progress.start)
        self._take(progress.weights, progress.updates, known, notes=notes, state=state)
        if known is not errors:
            self._record(errors)
        unfinished, drawn = begun > 0 or (not progress.finite and whole < len(orders)), self._rest is None
        self._rest = Begun(orders[whole], begun, float(progress.errors[whole])) if unfinished else None
        if drawn and whole + unfinished < len(orders):
            self._orders.give_back(whole + unfinished)

    def _take_up_changes(self) -> None:
        self.simulator.check_targets(self.data.targets)
        super()._take_up_changes()
        self._trainer = self._fresh_trainer()
