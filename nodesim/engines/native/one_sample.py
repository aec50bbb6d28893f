"""Single samples in as few steps as there can be: what is unusual is left to those who check, and say what is wrong.

A run of a tiny network takes a tenth of a microsecond, looking at arrays with NumPy ten times that. So the kernels look
themselves whether inputs, targets and all that they calculate are finite, and nothing is shown or kept unless it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.engines.compile_notice import prepare
from nodesim.engines.native import sample_kernels
from nodesim.engines.native.builtin import loss_kernel, step_form
from nodesim.engines.native.interpreter import NO_CALLS, Calls
from nodesim.engines.native.joins import is_native
from nodesim.engines.native.memory_layout import layout_of
from nodesim.engines.native.optimizers import SGD
from nodesim.engines.native.runs import NativeRun, SampleRun
from nodesim.functions.contracts import Loss, Optimizer
from nodesim.graph.run import OutputGradient, Run
from nodesim.graph.schedule import Schedule

_ENDLESS = float("inf")


class OneSample:
    """Runs single samples of a schedule.

    Parameters
    ----------
    schedule : Schedule

    Attributes
    ----------
    n_rows, n_positions, n_inputs, n_outputs : int
    quick : bool
        Whether nothing that it calculates calls the interpreter, the loss aside.
    """

    def __init__(self, schedule: Schedule) -> None:
        schedule.check_runnable()
        self.layout = schedule.cached(layout_of)
        self.quick = not self.layout.interpreted
        self.n_rows, self.n_positions = schedule.n_rows, self.layout.n_positions
        self.n_inputs, self.n_outputs = len(schedule.inputs), len(schedule.outputs)
        self._room = self.n_positions + 1 + 2 * self.n_outputs + self.layout.largest
        self._memory = self.layout.memory
        self._loss: tuple[Loss, bool, tuple[Any, ...]] | None = None
        self._descent: Optimizer | None = None
        self._compile()

    def _compile(self) -> None:
        memory, one = self._memory, np.zeros(1)
        prepare(sample_kernels.forward, memory, 0, one, one, one, one)
        prepare(sample_kernels.backward, memory, 0, one, one, one, True, one, one)
        prepare(sample_kernels.judge_and_backward, memory, one, 0, 0, True, 0.0, 0.0, one, one, one, one)
        prepare(sample_kernels.descend, one, one, np.zeros(1, dtype=bool), 0.0)

    def forward(self, weights: Array, x: Array, address: int = NO_CALLS.address) -> tuple[Array, Array, int]:
        """Return z and a of all positions, the values of the outputs, and the bits of what is not finite.

        Parameters
        ----------
        weights : ndarray
            By slot.
        x : ndarray of shape (n_inputs,)
            Contiguous, and not checked.
        address : int
            Of the run's `Calls`.
        """
        numbers, outputs = np.empty(2 * self.n_positions), np.empty(self.n_outputs)
        return numbers, outputs, sample_kernels.forward(self._memory, address, weights, x, numbers, outputs)

    def backward(
        self, weights: Array, numbers: Array, entering: OutputGradient, gradients: Array, calls: Calls
    ) -> tuple[Array, int]:
        """Return d of all positions, set the gradients, and return the bits of what is not finite."""
        found, seeds = np.empty(self.n_positions + self.layout.largest), np.array(entering.gradient[:, 0])
        flags: int = sample_kernels.backward(
            self._memory, calls.address, weights, numbers, seeds, entering.of_sums, found, gradients
        )
        return found[: self.n_positions], flags

    def run(self, numbers: Array, version: int) -> SampleRun:
        """Return the run of these numbers."""
        return SampleRun(self, numbers, version)

    def ran(self, run: Run | None) -> bool:
        """Tell whether this has run it, and in as few steps."""
        return type(run) is SampleRun and run.sizes is self

    def went(self, run: Run) -> bool:
        """Tell whether a run went forward as this would run it."""
        return isinstance(run, NativeRun) and run.layout is self.layout and "activated" in run.numbers

    def takes(self, loss: Loss) -> bool:
        """Tell whether this loss is calculated without the interpreter; it is then the one of `judge`."""
        if self._loss is None or self._loss[0] is not loss:
            kernel = loss_kernel(loss)
            how = self.layout.loss_call(kernel, NO_CALLS)
            can = self.quick and kernel.native and not kernel.called
            self._loss = loss, can, (*how, *(loss.targets or (-_ENDLESS, _ENDLESS)))
        return self._loss[1]

    def judge(self, weights: Array, numbers: Array, y: Array, gradients: Array) -> Array | None:
        """Calculate the error of a run, and go backward from there.

        Parameters
        ----------
        weights : ndarray
            By slot.
        numbers : ndarray of shape (2 · n_positions,)
            Of `forward`.
        y : ndarray of shape (n_outputs,)
            Contiguous, and not checked.
        gradients : ndarray
            By slot; of no use where this returns None.

        Returns
        -------
        ndarray or None
            d of all positions, the error, where it enters the outputs, and the targets; None if anything is not right.
        """
        assert self._loss is not None
        found = np.empty(self._room)
        if sample_kernels.judge_and_backward(self._memory, weights, *self._loss[2], y, numbers, found, gradients):
            return None
        return found

    def judged(self, run: SampleRun, found: Array) -> SampleRun:
        """Return the run that went forward as another did, and backward to what `judge` has found."""
        assert self._loss is not None
        twin = SampleRun(self, run.flat, run.version)
        twin.found, twin.loss, twin.by_sums = found, self._loss[0], self._loss[2][2]
        return twin

    def descend(self, optimizer: Optimizer, weights: Array, gradients: Array, trainable: Any, eta: float) -> bool:
        """Make a step of plain gradient descent; False where it is not that, or a weight would not be finite."""
        if self._descent is not optimizer:
            form = step_form(optimizer)
            if form is None or form.code != SGD:
                return False
            self._descent = optimizer
        return bool(sample_kernels.descend(weights, gradients, trainable, eta))


def one_sample(schedule: Schedule) -> OneSample | None:
    """Return what runs single samples of a schedule, made once; None for one that kernels cannot calculate."""
    return schedule.cached(OneSample) if is_native(schedule) else None
