"""Updates: what is forward, backward and a step, one after the other, and where they stand.

References
----------
Article, section 3, step 3.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.graph.schedule import Schedule
from nodesim.simulation.dropout import Dropout
from nodesim.simulation.kept_training import KeptTraining
from nodesim.simulation.optimizer_state import OptimizerState
from nodesim.simulation.simulator import Simulator
from nodesim.training.following import Beginning, Followers, Note
from nodesim.training.history import History
from nodesim.training.judge import Judge
from nodesim.training.plan import Plan
from nodesim.training.training_data import Batch, TrainingData


class Updates:
    """The weights of a training, its optimizer and its learning rate.

    Parameters
    ----------
    simulator : Simulator
    plan : Plan
    history : History
        Of no epoch; becomes the record.
    batch : int
        Samples for each update.

    Attributes
    ----------
    weights, trainable : ndarray of shape (n_slots,)
        The network's own.
    rate : float
        The learning rate.
    optimizer_state : OptimizerState
    judge : Judge
        What calculates e and its gradient.
    dropout : Dropout or None
        What it drops nodes by.
    followers : Followers
        What they are to be given is noted beside each change of the weights.
    """

    followers: Followers

    def __init__(self, simulator: Simulator, plan: Plan, history: History, batch: int) -> None:
        self.simulator, self.plan, self.history, self.batch = simulator, plan, history, batch
        self.structure = structure = simulator.structure
        self._order = structure.schedule
        self.weights, self.trainable = structure.store.weights, structure.store.trainable
        self._kept = simulator.kept_training if plan.resume else None
        self.schedule, self._done = plan.schedule, 0 if self._kept is None else self._kept.epochs
        # What a callback has set in the place of this learning rate holds on.
        again = self._kept is not None and self._kept.replaced == plan.asked_rate
        self._replaced = plan.asked_rate if again else None
        self.rate = self._first_rate()
        self.optimizer_state = self._first_state()
        self.dropout = Dropout(structure, plan.dropout) if plan.dropout is not None else None
        self.judge = Judge(simulator, plan.terms, self.dropout)

    @cached_property
    def gradients(self) -> Array:
        """Where the gradients of single updates are written."""
        return np.zeros(len(self.weights), self.weights.dtype)

    def _first_rate(self) -> float:
        plan = self.plan
        if self._kept is not None and self._replaced is not None:
            self.schedule = None
            return self._kept.rate
        if plan.schedule is not None:
            return plan.schedule.rate(self._done + 1)
        if plan.learning_rate is not None:
            return plan.learning_rate
        return plan.optimizer.learning_rate if self._kept is None else self._kept.rate

    def _first_state(self) -> OptimizerState:
        if self._kept is None:
            return self._fresh_state()
        return self._kept.optimizer_state(self.structure, self.plan.optimizer, self.weights)

    def kept(self) -> KeptTraining:
        """Return where it stands, for a training that goes on there."""
        return KeptTraining.of(
            self.structure, self._order, self.optimizer_state, self.rate,
            epochs=self._done + len(self.history), search=self._found_out(), replaced=self._replaced,
        )  # fmt: skip

    def _found_out(self) -> dict[str, float]:
        """Return what a search for the learning rate has found out."""
        return {}

    def _fresh_state(self) -> OptimizerState:
        return OptimizerState(self.plan.optimizer, self.weights, self.rate, self.structure.describe_slot)

    def _next_rate(self) -> float:
        return self.rate if self.schedule is None else self.schedule.rate(self._done + len(self.history) + 1)

    def _step(self, batch: Batch, order: Any, first: int) -> float:
        """Run one batch forward and backward, update all weights simultaneously, return the error before.

        The batch is what begins with the first of the samples in an order.
        """
        look = self.judge.look(batch, self.weights, dropping=True)
        look.gradients(self.gradients)
        weights, state = self.optimizer_state.step(
            self.weights, self.gradients, self.trainable, self.rate, self._order.shared
        )
        error = look.error
        notes: tuple[Note, ...] = ()
        if self.followers:
            pair, number = np.array([self.weights, weights]), first // self.batch
            notes = self._noted(pair, order[None], number, look.clip, look.mask)
        self._take(weights, 1, notes=notes, state=state)
        self.followers.settle(full=True)
        return error

    def _beginning(self, data: TrainingData) -> Beginning:
        """Return what followers are told of a training with these samples."""
        return Beginning(
            self.simulator, data, self.optimizer_state, self.plan.terms, self.dropout, resumes=self._kept is not None
        )

    def _noted(
        self, weights: Any, orders: Any, first: int, clip: float | None = None, mask: Array | None = None
    ) -> tuple[Note, ...]:  # fmt: skip
        """Return what followers are to be given of updates: the weights before each, and after the last one.

        A single one may have been cut back, and have dropped nodes.
        """
        epoch = len(self.history.errors) + 1
        return self.followers.noted(weights, orders, first, self.batch, epoch, self.rate, clip, mask)

    def _take(
        self, weights: Any, updates: int, errors: Any = (), validation: Any = (), notes: Any = (), state: Any = None
    ) -> None:  # fmt: skip
        """Go on with the weights after so many updates more, and with the errors of the epochs that these ended.

        Beside the weights stands what the optimizer remembers then.
        """
        rates, history, followers = [self.rate] * len(errors), self.history, self.followers
        # Python looks for signals where something is called, and nothing is called between these: wherever Ctrl-C
        # comes in, weights, state, number of updates and errors belong together.
        if weights is not None:
            self.weights[:] = weights
            self.optimizer_state.state = state
        followers.notes += notes
        history.updates += updates
        history.errors += errors
        history.learning_rates += rates
        history.validation_errors += validation

    def _follow(self, schedule: Schedule) -> None:
        """Go on with connections that stand in another order, as they may with another activation."""
        move, store = partial(schedule.taken_over, earlier=self._order), self.structure.store
        self.optimizer_state, self._order = self.optimizer_state.moved(move), schedule
        self.weights, self.trainable = store.weights, store.trainable
