"""TRAINING: epochs of updates, until converged, stopped or interrupted.

References
----------
Article, section 3, step 3.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from functools import partial

from nodesim.engines.ctrl_c import CtrlC
from nodesim.engines.early_stopping import diverges
from nodesim.errors import NodesimError, NonFiniteError
from nodesim.graph.schedule import Schedule
from nodesim.simulation.simulator import Simulator
from nodesim.training import endings
from nodesim.training.callbacks import Callbacks
from nodesim.training.following import SetBack
from nodesim.training.history import History
from nodesim.training.judge import Judge
from nodesim.training.plan import Plan
from nodesim.training.progress import ProgressLine
from nodesim.training.stopping import Stopping
from nodesim.training.training_data import TrainingData
from nodesim.training.updates import Updates


class Training(Updates, ABC):
    """One call of `Network.fit`: private runs, the network's own weights.

    Parameters
    ----------
    simulator : Simulator
    validation : TrainingData or None
    plan : Plan
    history : History
        Of no epoch; becomes the record.
    batch : int
        Samples for each update.

    Attributes
    ----------
    stopping : Stopping
    callbacks : Callbacks
    """

    def __init__(
        self, simulator: Simulator, validation: TrainingData | None, plan: Plan, history: History, batch: int
    ) -> None:
        super().__init__(simulator, plan, history, batch)
        self.validation, self._validating = validation, Judge(simulator)
        self.callbacks = Callbacks(plan, simulator, history)
        self.stopping = Stopping(plan, validated=validation is not None)

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
                self._check_inputs()
            if not isinstance(error, NonFiniteError):
                raise
            history.finite, history.diverged = False, history.updates > 0
            history.stop_reason = endings.not_finite(len(history) + 1, error, self.rate if history.updates else None)
        return history.finite

    def _check_inputs(self) -> None:
        """Look whether all inputs are finite, where that was not done yet."""

    @abstractmethod
    def _advance(self) -> None:
        """Train one epoch or several.

        Raises
        ------
        NonFiniteError
            If a number is not finite; the weights are those of the last whole step.
        """

    def _record(self, errors: Sequence[float]) -> None:
        """Note the end of epochs; where there is validation data, of one at a time."""
        validation = [] if self.validation is None or not errors else [self._validation_error(self.validation)]
        self._take(None, 0, errors, validation)

    def _validation_error(self, data: TrainingData) -> float:
        # What is not trained with has an error without penalties.
        return self._validating.look(data.whole, self.weights).error

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
            return self._ends_at(self.history.errors[number - 1]) <= limit
        except NonFiniteError:
            # The last update led there; the next epoch says so.
            return False

    def _ends_at(self, error: float) -> float:
        """Return the error of all samples with the weights of now; or that of the epoch, if they are not at hand."""
        return error

    def _called_off(self, number: int) -> bool:
        if self.plan.callbacks:
            self.followers.settle()
            # What they save or copy can be gone on with.
            self.simulator.kept_training = self.kept()
        answer = self.callbacks.tell(number, self._next_rate())
        if answer.learning_rate is not None:
            self.rate, self.schedule, self._replaced = answer.learning_rate, None, self.plan.asked_rate
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
        if self.validation is not None:
            self.simulator.check_targets(self.validation.targets)
        if self.structure.schedule is not self._order:
            self._follow(self.structure.schedule)

    def _follow(self, schedule: Schedule) -> None:
        if self.stopping.best_weights is not None:
            move = partial(schedule.taken_over, earlier=self._order)
            self.stopping.best_weights = move(self.stopping.best_weights)
        super()._follow(schedule)
