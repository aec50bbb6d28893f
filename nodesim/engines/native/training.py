"""Whole epochs of training without the interpreter between updates."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim.calls import Array
from nodesim.engines.native import online
from nodesim.engines.native.arrangement import Arrangement, cut
from nodesim.engines.native.engine import raise_interrupts
from nodesim.engines.native.losses import loss_of
from nodesim.engines.native.program import AT_SUM, AT_VALUE
from nodesim.engines.native.slabs import BUILT_IN
from nodesim.engines.native.steps import rule
from nodesim.engines.native.watch import as_array, is_watching
from nodesim.engines.task import Progress, Task, Watch

_CODES = {"linear": online.LINEAR, "sigmoid": online.SIGMOID, "tanh": online.TANH, "relu": online.RELU}


def trainer(task: Task) -> Online | None:
    """Return what trains this task natively, or None if it has to be done update by update."""
    chosen = rule(task.optimizer)
    if chosen is None or task.batch > 1 or chosen.states or chosen.code:
        return None
    return Online(task)


class Online:
    """Gradient descent with one sample for each update; see `nodesim.engines.native.online`."""

    def __init__(self, task: Task) -> None:
        schedule = task.schedule
        self.arrangement: Arrangement = schedule.cut(cut)
        by_sums = task.loss.sum_derivative is not None
        program = self.arrangement.programs[AT_SUM if by_sums else AT_VALUE]
        self.loss = loss_of(task.loss)
        places = self.arrangement.place_of
        mse = online.MSE if task.loss.name == "mse" and self.loss.native else online.OTHER_LOSS
        codes = np.zeros(len(places), dtype=np.int64)
        for begin, end, function in zip(program.group_begin, program.group_end, program.derivative):
            codes[begin:end] = _BY_DERIVATIVE.get(int(function), online.OTHER)
        self.plan = online.plan(program, places[schedule.input_rows], codes, mse, self.loss.function, by_sums=by_sums)
        constants = np.zeros(len(places))
        for bias in schedule.biases:
            constants[places[bias._row]] = bias.value
        self.numbers = online.numbers(self.plan, constants)
        self.inputs, self.targets = (np.ascontiguousarray(table.T) for table in (task.inputs, task.targets))
        self.learning_rate = task.learning_rate
        self.careful = not all(slab.native for slab in (*self.arrangement.slabs, self.loss))

    def train(
        self, weights: Array, state: dict[str, Any], trainable: NDArray[np.bool_], orders: Any, watch: Watch,
        progress: Progress,
    ) -> None:  # fmt: skip
        """Train; see `nodesim.engines.task.Trainer`."""
        slots = self.arrangement.slots
        own, rates = weights[slots], np.where(trainable[slots], self.learning_rate, 0.0)
        done = np.zeros(2, dtype=np.int64)
        try:
            online.train(
                self.plan, self.numbers, self.inputs, self.targets, orders.ravel(), orders.shape[1], len(orders), own,
                np.empty_like(own), rates, as_array(watch), is_watching(watch), self.careful, progress.errors, done,
            )  # fmt: skip
        finally:
            # Ctrl-C is only noticed here, when all updates that were made are whole.
            weights[slots] = own
            progress.updates, progress.finite = int(done[0]), not done[1]
        raise_interrupts(self.arrangement, self.loss)


_BY_DERIVATIVE = {BUILT_IN[name].derivative: code for name, code in _CODES.items()}
