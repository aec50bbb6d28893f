"""What calculates for one simulator: a form, which is a module, and what a simulator asks besides."""

from __future__ import annotations

from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array
from nodesim.engines import vectorized
from nodesim.engines.training_task import LaneTrainer, Trainer, TrainingTask
from nodesim.graph.run import OutputGradient
from nodesim.graph.run import Run as AnyRun
from nodesim.graph.schedule import Schedule


class Form(Protocol):
    """What a module of an engine offers; see `nodesim.engines.reference` for the meaning.

    It may also have ``trainer(task)``, see `Engine.trainer`, ``lanes(task, trainable)``, see `Engine.lanes`, and
    ``one_sample(schedule)``, see `Engine.one_sample`.
    """

    Run: Any  # the kind of run that it fills

    def forward(self, schedule: Schedule, weights: Array, inputs: Array, run: Any) -> bool:
        """Set value and activated of every node, and tell whether all of them are finite."""

    def backward(
        self, schedule: Schedule, weights: Array, output_gradient: OutputGradient, run: Any, gradients: Array
    ) -> bool:
        """Set delta of every node and the gradient of every connection, and tell whether all are finite."""


class Engine:
    """An engine of one form.

    Parameters
    ----------
    form : module

    Attributes
    ----------
    work : float
        What it has noted of work that was asked for; see `expect`.
    """

    def __init__(self, form: Any) -> None:
        self._only: Form = form
        self.work = 0.0

    def form(self) -> Form:
        """Return the form of the runs to make from now on; each run stays what it is."""
        return self._only

    def form_of(self, run: AnyRun) -> Form:
        """Return the form that fills a run: NumPy fills plain ones, unless this is made for them."""
        plain = type(run) is AnyRun and self._only.Run is not AnyRun
        return vectorized if plain else self._only

    @property
    def Run(self) -> Any:  # noqa: N802
        """The kind of the runs to make from now on."""
        return self.form().Run

    def takes(self, run: AnyRun) -> bool:
        """Tell whether it can fill a run."""
        return type(run) is self.Run

    def expect(self, schedule: Schedule, n_samples: int, times: int = 1) -> None:
        """Take note of work that is asked for: so many times forward, backward and update."""

    def forward(self, schedule: Schedule, weights: Array, inputs: Array, run: Any) -> bool:
        """Run forward in the form of the run; see `Form.forward`."""
        return self.form_of(run).forward(schedule, weights, inputs, run)

    def backward(
        self, schedule: Schedule, weights: Array, output_gradient: OutputGradient, run: Any, gradients: Array
    ) -> bool:
        """Run backward in the form of the run; see `Form.backward`."""
        return self.form_of(run).backward(schedule, weights, output_gradient, run, gradients)

    def one_sample(self, schedule: Schedule) -> Any:
        """Return what runs single samples of a schedule in as few steps as there can be, or None.

        See `nodesim.engines.native.one_sample`.
        """
        make = getattr(self.form(), "one_sample", None)
        return None if make is None else make(schedule)

    def trainer(self, task: TrainingTask) -> Trainer | None:
        """Return what trains whole epochs of a task, or None where every update is left to the caller."""
        make = getattr(self.form(), "trainer", None)
        trainer: Trainer | None = None if make is None else make(task)
        return trainer

    def lanes(self, task: TrainingTask, trainable: NDArray[np.bool_]) -> LaneTrainer | None:
        """Return what trains many networks of a task's structure side by side, or None where each trains by itself."""
        make = getattr(self.form(), "lanes", None)
        trainer: LaneTrainer | None = None if make is None else make(task, trainable)
        return trainer

    def copy(self) -> Self:
        """Return the engine of a copied simulator, which goes on as the first would."""
        return self
