"""What is called at the end of every epoch, and what it changes of the network that is being trained."""

from __future__ import annotations

import threading
from typing import NamedTuple

import numpy as np

from nodesim.simulation.simulator import Simulator
from nodesim.training.epoch import Epoch, chosen_rate
from nodesim.training.history import History
from nodesim.training.plan import Plan
from nodesim.training.shown_history import follow


class Answer(NamedTuple):
    """What callbacks answered and did: ask for the end, set anything, exchange the loss, set a learning rate."""

    stop: bool
    changed: bool
    loss_exchanged: bool
    learning_rate: float | None = None


class Callbacks:
    """Tells the callbacks of a plan of each epoch.

    Parameters
    ----------
    plan : Plan
    simulator : Simulator
    record : History
        The training's own.

    Attributes
    ----------
    shown : History
        What they are told of it: whatever they write into it, the training goes by its own record.
    version_told : int
        That of the store when they were called: another one now, and they have changed a number or a function.
    """

    def __init__(self, plan: Plan, simulator: Simulator, record: History) -> None:
        self._callbacks, self._simulator, self._record = plan.callbacks, simulator, record
        self._options = plan.terms.options
        self.shown = History() if plan.callbacks else record
        self.version_told = simulator.structure.store.version

    def tell(self, number: int, learning_rate: float) -> Answer:
        """Call all of them at the end of an epoch, with the learning rate that comes next."""
        simulator, structure, record = self._simulator, self._simulator.structure, self._record
        if not self._callbacks:
            return Answer(stop=False, changed=False, loss_exchanged=False)
        validation = record.validation_errors[-1] if record.validation_errors else None
        follow(self.shown, record)
        epoch = Epoch(structure.face, number, record.errors[-1], validation, self.shown, learning_rate, self._options)
        # What a callback runs, it runs with the weights of this moment.
        structure.store.changed()
        self.version_told = structure.store.version
        # The store hears of every other function, constant or weight.
        chosen, loss = (simulator.engine, simulator.threads), simulator.loss
        structure.lock.open_to = threading.get_ident()
        try:
            # Every callback is told, also when an earlier one asked to stop.
            answers = [callback(epoch) for callback in self._callbacks]
        finally:
            structure.lock.open_to = None
        changed = self.have_changed_a_number or (simulator.engine, simulator.threads) != chosen
        stop = any(isinstance(answer, bool | np.bool_) and answer for answer in answers)
        return Answer(stop, changed, simulator.loss != loss, chosen_rate(epoch))

    @property
    def have_changed_a_number(self) -> bool:
        """Whether they set a weight or constant, or exchanged a function."""
        return self._simulator.structure.store.version != self.version_told
