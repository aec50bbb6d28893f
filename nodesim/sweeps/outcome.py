"""What became of some trainings of one structure: numbers in arrays, histories and words when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.engines.training_task import DIVERGING, FAILED, LOW, RUNNING
from nodesim.training import endings
from nodesim.training.history import History
from nodesim.training.plan import Plan
from nodesim.training.stopping import Stopping


@dataclass(frozen=True)
class Alone:
    """What became of a training that was made by itself.

    Attributes
    ----------
    history : History
    generator : dict
        The state of the network's generator at the end.
    """

    history: History
    generator: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What became of some trainings.

    Attributes
    ----------
    weights : ndarray of shape (n, n_connections)
        With which each ended, in connection order; NaN where a training failed.
    ended, epochs : ndarray of int, shape (n,)
        How each ended, see `nodesim.engines.training_task`, and after how many epochs.
    errors : ndarray of shape (n, n_epochs)
        The error of each epoch; of no meaning behind the last one, nor for those made by themselves.
    alone : dict of int to Alone
        Those made by themselves, by row.
    batches : int
        How many updates an epoch has.
    """

    weights: Array
    ended: Indices
    epochs: Indices
    errors: Array
    alone: dict[int, Alone]
    batches: int

    def last_errors(self, *, validated: bool) -> Array:
        """Return the error of each one's last epoch, or its validation error, shape (n,); NaN where there is none."""
        last = np.full(len(self.ended), np.nan)
        if self.errors.shape[1]:
            rows = np.flatnonzero(self.epochs > 0)
            last[rows] = self.errors[rows, self.epochs[rows] - 1]
        for row, own in self.alone.items():
            errors = own.history.validation_errors if validated else own.history.errors
            last[row] = errors[-1] if errors else np.nan
        return last

    def history(self, row: int, plan: Plan, rate: float | None) -> History:
        """Return what `Network.fit` would have returned."""
        if row in self.alone:
            return self.alone[row].history
        assert rate is not None
        ended, epochs = int(self.ended[row]), int(self.epochs[row])
        errors = self.errors[row, :epochs].tolist()
        history = History(errors, updates=epochs * self.batches, learning_rates=[rate] * epochs)
        if ended == RUNNING:
            history.stop_reason = endings.all_done(plan.epochs, endings.verdict(errors, rate))
        elif ended == DIVERGING:
            history.diverged, history.stop_reason = True, endings.diverged(errors, rate)
        elif ended == LOW:
            history.converged, history.stop_reason = True, endings.low_enough(plan.stop_at_error)
        else:
            history.converged = errors[-1] <= errors[0]
            reason = Stopping(plan, validated=False).reason
            history.stop_reason = endings.settled(reason, rate, history.converged)
        return history


def joined(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the outcomes of successive trainings of one structure as one."""
    if len(outcomes) == 1:
        return outcomes[0]
    alone, first = {}, 0
    for outcome in outcomes:
        alone.update({first + row: own for row, own in outcome.alone.items()})
        first += len(outcome.ended)
    weights, ended, epochs, errors = (
        np.concatenate([getattr(outcome, name) for outcome in outcomes])
        for name in ("weights", "ended", "epochs", "errors")
    )
    return Outcome(weights, ended, epochs, errors, alone, outcomes[0].batches)


def of_alone(trained: Sequence[tuple[Array, Alone]], batches: int) -> Outcome:
    """Return the outcome of trainings that were all made by themselves."""
    epochs = np.array([len(own.history) for _, own in trained], dtype=np.intp)
    return Outcome(
        np.array([weights for weights, _ in trained]), np.full(len(trained), FAILED), epochs,
        np.zeros((len(trained), 0)), dict(enumerate(own for _, own in trained)), batches,
    )  # fmt: skip
