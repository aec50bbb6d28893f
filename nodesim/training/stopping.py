"""When a training stops before its last epoch, and which weights it keeps then."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from nodesim._arrays import Array
from nodesim.engines.early_stopping import PATIENCE, SINCE, TOLERANCE, new_watch, stops
from nodesim.training.plan import Plan


class Stopping:
    """Watches the error of a training, or of its validation data where there is some.

    Parameters
    ----------
    plan : Plan
    validated : bool
        Whether there is validation data: then the weights of the best epoch are kept.

    Attributes
    ----------
    best_epoch : int
        When the error watched was lowest, by more than the tolerance.
    best_weights : ndarray or None
        The weights of that epoch, to be restored.
    begun : int
        How many epochs were done when a callback exchanged the loss: no error is compared with theirs.
    """

    def __init__(self, plan: Plan, *, validated: bool) -> None:
        self.plan = plan
        self.validated = validated
        self.best_epoch = self.begun = 0
        self.best_weights: Array | None = None
        self._watch = self._fresh_watch()

    def _fresh_watch(self) -> list[float]:
        plan = self.plan
        patience = math.inf if plan.patience is None else float(plan.patience)
        return new_watch(tolerance=plan.tolerance, patience=patience)

    def begin_anew(self, done: int) -> None:
        """Forget the errors of so many epochs: those to come are of another loss."""
        self.begun = done
        self._watch = self._fresh_watch()

    def compared(self, errors: Sequence[float]) -> list[float]:
        """Return the first and the last two errors of the loss of now; none where no epoch was done with it.

        Parameters
        ----------
        errors : sequence of float
            Of the epochs so far.
        """
        return [*errors[self.begun : self.begun + 1], *errors[max(self.begun, len(errors) - 2) :]]

    def observe(self, number: int, error: float, weights: Array) -> None:
        """Note the error watched at the end of an epoch, and the weights if it is the best."""
        stops(self._watch, error)
        if not self._watch[SINCE]:
            self.best_epoch = number
            self.best_weights = weights.copy() if self.validated and self.plan.patience else None

    @property
    def settled(self) -> bool:
        """Whether the error has not become lower for as many epochs as the plan's patience."""
        return self._watch[SINCE] >= self._watch[PATIENCE]

    @property
    def reason(self) -> str:
        """Why a training that settled stopped, in words."""
        plan, what = self.plan, "validation error" if self.validated else "error"
        reason = f"the {what} did not get lower by more than {plan.tolerance:g} for {plan.patience} epochs"
        if self.best_weights is None:
            return reason
        return f"{reason}; the weights of epoch {self.best_epoch:,} are restored"

    def for_engine(self, errors: Sequence[float]) -> Array:
        """Return the watch of an engine that trains several epochs: of the error that it knows, its training's own.

        Parameters
        ----------
        errors : sequence of float
            Of the epochs so far.
        """
        limit = -math.inf if self.plan.stop_at_error is None else self.plan.stop_at_error
        watch = new_watch(limit, errors=self.compared(errors) if errors else ())
        if not self.validated:
            watch[TOLERANCE : SINCE + 1] = self._watch[TOLERANCE : SINCE + 1]
        return np.array(watch)
