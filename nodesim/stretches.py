"""Training several epochs at a stretch, by an engine that can; often enough back for progress, callbacks and Ctrl-C."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from nodesim.engines.task import Progress, Trainer, Watch

if TYPE_CHECKING:
    from nodesim.training import Training

# How long a stretch should take, in seconds, and how many samples it has at most.
_LONG = 0.03
_MOST = 500_000


class Stretches:
    """The epochs of a training, several at a time.

    Parameters
    ----------
    training : Training
    trainer : Trainer
    """

    def __init__(self, training: Training, trainer: Trainer) -> None:
        self.training = training
        self.trainer = trainer
        self.alone = bool(training.plan.callbacks) or training.validation is not None
        self.count = 1

    def train(self) -> None:
        """Train some epochs, and record them.

        Raises
        ------
        NonFiniteError, FunctionError
            As a single update does.
        """
        training = self.training
        left = training.plan.epochs - len(training.history)
        most = 1 if self.alone else max(1, min(self.count, left, _MOST // training.samples.count))
        generator, before = training.network._generator, training.network._generator.bit_generator.state
        orders = training.orders(most)
        progress = Progress(np.zeros(most))
        begin = time.perf_counter()
        state = dict(training.optimization.state)
        try:
            self.trainer.train(training.weights, state, training.trainable, orders, self._watch(), progress)
        finally:
            training.optimization.state = state
            whole = self._collect(progress)
            used = whole if progress.updates == whole * training.batches and progress.finite else whole + 1
            if used < most:
                # The generator shall have drawn what was used, not more.
                generator.bit_generator.state = before
                training.orders(used)
        self._adapt(time.perf_counter() - begin, most)
        if not progress.finite:
            start = progress.updates - whole * training.batches
            training.epoch(orders[whole], start * training.batch, float(progress.errors[whole]))

    def _collect(self, progress: Progress) -> int:
        """Record what was done, and return how many epochs are whole."""
        training = self.training
        whole: int = progress.updates // training.batches
        training.history.updates += progress.updates
        training.record(progress.errors[:whole].tolist())
        return whole

    def _watch(self) -> Watch:
        plan, training = self.training.plan, self.training
        limit = -math.inf if plan.stop_at_error is None else plan.stop_at_error
        patience = math.inf if plan.patience is None or training.validation is not None else plan.patience
        return Watch(limit, plan.tolerance, patience, training.best, len(training.history) - training.best_epoch)

    def _adapt(self, seconds: float, epochs: int) -> None:
        fitting: Any = epochs * _LONG / max(seconds, 1e-6)
        self.count = int(min(max(fitting, 1), 4 * epochs))
