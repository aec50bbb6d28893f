"""The compiled engine: in NumPy until the work is worth compiling for, natively from then on.

Numba takes a third of a second to load, and many seconds to compile what it never compiled before. So a network is run
in NumPy until about a second of work, as NumPy does it, was asked for. What was asked for is counted by the arguments
of the calls and never measured: whatever a network calculates depends on its own calls alone, and comes out the same
bit by bit in every run of a program, on a cold machine or a warm one.
"""

from __future__ import annotations

import logging
from typing import Any

from nodesim._arrays import Array
from nodesim.engines import vectorized
from nodesim.engines.native_form import has_native, native
from nodesim.engines.training_task import Trainer, TrainingTask
from nodesim.errors import MissingExtraError
from nodesim.graph.run import OutputGradient
from nodesim.graph.run import Run as PlainRun
from nodesim.graph.schedule import Schedule

_log = logging.getLogger("nodesim")

# Seconds of work in NumPy that are worth compiling for.
_WORTH = 1.0
# What forward, backward and update take in NumPy, in seconds: for each call, each depth, each connection and each node
# of each sample. Measured on networks from 2-2-2 to 784-128-10 and sparse ones of 500 depths; right to a factor of 2.
_CALL, _DEPTH, _CONNECTION, _NODE = 80e-6, 25e-6, 1.2e-9, 15e-9


class CompiledEngine:
    """The compiled engine of one simulator; see `nodesim.engines.choice.Engine`.

    Parameters
    ----------
    work : float
        Seconds of work, as NumPy does it, that were asked for before.
    """

    def __init__(self, work: float = 0.0) -> None:
        self.work = work

    @property
    def Run(self) -> Any:  # noqa: N802
        """The kind of the runs to make from now on; each stays what it is."""
        return self._form.Run

    @property
    def _form(self) -> Any:
        if self.work < _WORTH or not has_native():
            return vectorized
        try:
            return native()
        except MissingExtraError as error:
            # It is installed and broken. Nobody asked for it by name.
            _log.warning("the compiled engine stays in NumPy: %s", error)
            self.work = -float("inf")
            return vectorized

    def takes(self, run: PlainRun) -> bool:
        """Tell whether it can fill a run: one of either form."""
        return type(run) is PlainRun or type(run) is self.Run

    def expect(self, schedule: Schedule, n_samples: int, times: int) -> None:
        """Count work that is asked for: so many times forward, backward and update."""
        depth = int(schedule.depths.max(initial=0))
        numbers = _CONNECTION * len(schedule.slots) + _NODE * schedule.n_rows
        self.work += times * (_CALL + _DEPTH * depth + numbers * n_samples)

    def forward(self, schedule: Schedule, weights: Array, inputs: Array, run: Any) -> bool:
        """Run forward in the form of the run."""
        finite: bool = _form_of(run).forward(schedule, weights, inputs, run)
        return finite

    def backward(
        self, schedule: Schedule, weights: Array, output_gradient: OutputGradient, run: Any, gradients: Array
    ) -> bool:
        """Run backward in the form of the run."""
        finite: bool = _form_of(run).backward(schedule, weights, output_gradient, run, gradients)
        return finite

    def trainer(self, task: TrainingTask) -> Trainer | None:
        """Return what trains whole epochs, in native form."""
        form = self._form
        trainer: Trainer | None = None if form is vectorized else form.trainer(task)
        return trainer


def _form_of(run: PlainRun) -> Any:
    return vectorized if type(run) is PlainRun else native()
