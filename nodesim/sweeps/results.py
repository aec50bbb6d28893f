"""All that a sweep came to, by the number of the training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nodesim._arrays import Array, read_only
from nodesim.network import Network
from nodesim.simulation.optimizer_state import rate
from nodesim.sweeps.choices import Choices
from nodesim.sweeps.outcome import Outcome
from nodesim.training.history import History
from nodesim.training.plan import Plan


@dataclass(frozen=True, eq=False)
class Results:
    """What a sweep was asked for, and what became of each training.

    Attributes
    ----------
    choices : Choices
    outcomes : sequence of Outcome
        For each model with each plan.
    n_samples : int
    validated : bool
        Whether there was validation data.
    """

    choices: Choices
    outcomes: Sequence[Outcome]
    n_samples: int
    validated: bool

    def place(self, number: int) -> tuple[Outcome, int]:
        """Return the outcome that has a training, and its row there."""
        place, row = divmod(number, self.choices.inner)
        return self.outcomes[place], row

    def model(self, number: int) -> Network:
        """Return what the network of a training is a copy of."""
        place = number // self.choices.inner
        return self.choices.models[place // len(self.choices.plans)].network

    def plan(self, number: int) -> Plan:
        """Return how a training was made, but for its learning rate."""
        return self.choices.plans[number // self.choices.inner % len(self.choices.plans)][1]

    def history(self, number: int) -> History:
        """Return what `Network.fit` would have returned."""
        outcome, row = self.place(number)
        plan, chosen = self.plan(number), self.choices.rates[row // len(self.choices.seeds)]
        return outcome.history(row, plan, None if chosen is None else rate(chosen, plan.optimizer))

    @cached_property
    def errors(self) -> Array:
        """The error of each training's last epoch, on the validation data where there are any, shape (n,)."""
        errors: Array = np.concatenate([outcome.last_errors(validated=self.validated) for outcome in self.outcomes])
        found: Array = read_only(errors)
        return found
