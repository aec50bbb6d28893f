"""Training several epochs at a stretch, by an engine that can; often enough back for progress, callbacks and Ctrl-C."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nodesim.engines.training_task import Progress, Trainer, Watch

if TYPE_CHECKING:
    from nodesim.training.loop import Training

# How long a stretch should take, in seconds, and how many samples it has at most.
_LONG = 0.03
_MOST = 500_000
# How many samples the first stretch has about.
_FIRST = 1_000


@dataclass(frozen=True)
class _Rest:
    """An epoch that was begun: its order, how many updates were made, and their share of its error."""

    order: Any
    updates: int
    error: float


class Stretches:
    """The epochs of a training, several at a time, or parts of long ones.

    Parameters
    ----------
    training : Training
    trainer : Trainer
    """

    def __init__(self, training: Training, trainer: Trainer) -> None:
        self.training = training
        self.trainer = trainer
        self.alone = bool(training.plan.callbacks) or training.validation is not None
        # How many updates fit into a stretch; found out by trying.
        self.updates = max(1, _FIRST // training.batch)
        self.rest: _Rest | None = None

    def train(self) -> None:
        """Train some epochs, or a part of one, and record those that are whole.

        Raises
        ------
        NonFiniteError, FunctionError
            As a single update does.
        """
        training, before = self.training, self.training.network._generator.bit_generator.state
        if self.rest is None:
            orders = training.orders(self._epochs())
            progress = Progress(np.zeros(len(orders)), 0, self.updates)
        else:
            orders = self.rest.order[None, :]
            progress = Progress(np.array([self.rest.error]), self.rest.updates, self.updates)
        begin, state = time.perf_counter(), dict(training.optimization.state)
        try:
            self.trainer.train(training.weights, state, training.trainable, orders, self._watch(), progress)
        finally:
            training.optimization.state = state
            self._collect(orders, progress, None if self.rest else before)
        self._adapt(time.perf_counter() - begin, progress.updates)
        if not progress.finite and self.rest is not None:
            # Update by update, which says what is not finite.
            rest, self.rest = self.rest, None
            training.epoch(rest.order, rest.updates * training.batch, rest.error)

    def _epochs(self) -> int:
        """Return how many epochs to begin."""
        training = self.training
        left = training.plan.epochs - len(training.history)
        fitting = min(-(-self.updates // training.batches), left, _MOST // training.samples.count)
        return 1 if self.alone else max(1, fitting)

    def _collect(self, orders: Any, progress: Progress, before: Any) -> None:
        """Record what was done, and keep what was begun."""
        training = self.training
        whole, begun = divmod(progress.start + progress.updates, training.batches)
        training.history.updates += progress.updates
        training.record(progress.errors[:whole].tolist())
        unfinished = begun > 0 or (not progress.finite and whole < len(orders))
        self.rest = _Rest(orders[whole], begun, float(progress.errors[whole])) if unfinished else None
        if before is not None and whole + unfinished < len(orders):
            # The generator shall have drawn what was used, not more.
            training.network._generator.bit_generator.state = before
            training.orders(whole + unfinished)

    def _watch(self) -> Watch:
        plan, training = self.training.plan, self.training
        limit = -math.inf if plan.stop_at_error is None else plan.stop_at_error
        patience = math.inf if plan.patience is None or training.validation is not None else plan.patience
        return Watch(limit, plan.tolerance, patience, training.best, len(training.history) - training.best_epoch)

    def _adapt(self, seconds: float, updates: int) -> None:
        fitting = updates * _LONG / max(seconds, 1e-6)
        self.updates = int(min(max(fitting, 1), 4 * self.updates))
