"""The trainer of the last training: to make one takes longer than to train a tiny network."""

from __future__ import annotations

from operator import is_
from typing import Any

from nodesim.engines.engine import Engine
from nodesim.engines.training_task import Trainer, TrainingTask

# Of how many numbers, those of all nodes for one batch, memory is kept from one training to the next.
_MOST = 100_000


class KeptTrainer:
    """Makes trainers, and gives the last one out again where everything but the samples is the same.

    Examples
    --------
    >>> import nodesim as ns
    >>> from nodesim.engines.choice import engine
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> x, y, _ = net.simulator.pairs([[0.0, 1.0]], [1.0])
    >>> task = TrainingTask(net.structure.schedule, net.loss, ns.optimizer("sgd"), x, y, batch=1, threads=1)
    >>> kept, numpy = KeptTrainer(), engine("numpy")
    >>> kept.trainer(numpy, task) is kept.trainer(numpy, task)
    True
    """

    def __init__(self) -> None:
        self._things: tuple[Any, ...] = ()
        self._sizes: tuple[int, ...] = ()
        self._trainer: Trainer | None = None

    def trainer(self, engine: Engine, task: TrainingTask) -> Trainer | None:
        """Return what trains a task, or None where the engine leaves every update to its caller."""
        # A schedule has another cache once a function or a constant was exchanged.
        things = engine.form(), task.schedule.cache, task.loss, task.optimizer
        sizes = task.batch, task.threads
        if self._trainer is not None and sizes == self._sizes and all(map(is_, things, self._things)):
            self._trainer.begin(task)
            return self._trainer
        trainer = engine.trainer(task)
        self._trainer = trainer if task.batch * task.schedule.n_rows <= _MOST else None
        self._things, self._sizes = things, sizes
        return trainer
