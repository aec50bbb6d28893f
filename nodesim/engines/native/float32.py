"""The native form for networks in float32: batches by kernels, single samples in NumPy.

Every number of a network is a float, with twice as many in a register. Functions are calculated in double precision,
and so are errors and steps.
"""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array
from nodesim.engines import vectorized
from nodesim.engines.native import engine
from nodesim.engines.native.builtin import step_form
from nodesim.engines.native.engine import backward
from nodesim.engines.native.joins import is_native
from nodesim.engines.native.memory_layout import layout_of
from nodesim.engines.native.runs import NativeRun
from nodesim.engines.native.trainer import minibatch_trainer
from nodesim.engines.training_task import Trainer, TrainingTask
from nodesim.graph.schedule import Schedule

Run = NativeRun

__all__ = ["NativeRun", "Run", "backward", "forward", "trainer"]


def forward(schedule: Schedule, weights: Array, inputs: Array, run: NativeRun) -> bool:
    """Run forward; see `nodesim.engines.native.engine.forward`."""
    if inputs.shape[1] > 1:
        return engine.forward(schedule, weights, inputs, run)
    run.numbers, run.tables = {}, {}
    return vectorized.forward(schedule, weights, inputs, run)


def trainer(task: TrainingTask) -> Trainer:
    """Return what trains a task: natively in batches, where the optimizer has a native form."""
    form = step_form(task.optimizer)
    if form is None or task.batch == 1 or not is_native(task.schedule):
        return vectorized.trainer(task)
    return minibatch_trainer(task, task.schedule.cached(layout_of), form, np.float32)
