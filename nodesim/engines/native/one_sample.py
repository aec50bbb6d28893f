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
from nodesim.engines.native.memory_layout import layout_of
from nodesim.engines.native.optimizers import SGD
from nodesim.engines.native.runs import NativeRun
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
    n_inputs, n_outputs : int
    quick : bool
        Whether nothing that it calculates calls the interpreter, the loss aside.
    """

    def __init__(self, schedule: Schedule) -> None:
        schedule.check_runnable()
        self.layout = schedule.cached(layout_of)
        self.quick = not self.layout.interpreted
        self._n_rows, self._n_positions = schedule.n_rows, len(self.layout.rows)
        self.n_inputs, self.n_outputs = len(schedule.inputs), len(schedule.outputs)
        self._memory = self.layout.memory
        self._loss: tuple[Loss, bool, tuple[Any, ...]] | None = None
        self._descent: Optimizer | None = None
        self._compile()

    def _compile(self) -> None:
        memory, one = self._memory, np.zeros(1)
        prepare(sample_kernels.forward, memory, 0, one, one, one, one, one)
        prepare(sample_kernels.backward, memory, 0, one, one, one, one, True, one, one, one)
        prepare(
            sample_kernels.judge_and_backward, memory, 0, one, 0, 0, True, 0.0, 0.0, one, one, one, one, one, one, one,
            one,
        )  # fmt: skip
        prepare(sample_kernels.descend, one, one, np.zeros(1, dtype=bool), 0.0, one)

    def forward(self, weights: Array, x: Array, calls: Calls = NO_CALLS) -> tuple[dict[str, Array], Array, int]:
        """Return the numbers of a run, the values of the outputs, and the bits of what is not finite.

        Parameters
        ----------
        weights : ndarray of shape (n_connections,)
            In the layout's order.
        x : ndarray of shape (n_inputs,)
            Contiguous, and not checked.
        calls : Calls
        """
        z, a, outputs = np.empty(self._n_positions), np.empty(self._n_positions), np.empty(self.n_outputs)
        flags = sample_kernels.forward(self._memory, calls.address, weights, x, z, a, outputs)
        return {"value": z, "activated": a}, outputs, flags

    def backward(
        self, weights: Array, numbers: dict[str, Array], entering: OutputGradient, gradients: Array, calls: Calls
    ) -> int:
        """Add delta to the numbers of a run, set the gradients, and return the bits of what is not finite."""
        d, slope, seeds = np.empty(self._n_positions), np.empty(self.layout.largest), np.array(entering.gradient[:, 0])
        numbers["delta"] = d
        flags: int = sample_kernels.backward(
            self._memory, calls.address, weights, numbers["value"], numbers["activated"], seeds, entering.of_sums, d,
            slope, gradients,
        )  # fmt: skip
        return flags

    def ordered(self, weights: Array, version: int = -1) -> Array:
        """Return weights by slot, those of a version of the store or any, in the layout's order."""
        return self.layout.ordered(weights, self.layout.slots, version)

    def went(self, run: Run) -> bool:
        """Tell whether a run went forward as this would run it."""
        return isinstance(run, NativeRun) and run.layout is self.layout and "activated" in run.numbers

    def run(self, numbers: dict[str, Array], version: int, *, single: bool = True) -> NativeRun:
        """Return a run of these numbers."""
        run = NativeRun(self._n_rows, 1, single, version)
        run.layout, run.numbers = self.layout, numbers
        return run

    def takes(self, loss: Loss) -> bool:
        """Tell whether this loss is calculated without the interpreter; it is then the one of `judge_and_backward`."""
        if self._loss is None or self._loss[0] is not loss:
            kernel = loss_kernel(loss)
            how = self.layout.loss_call(kernel, NO_CALLS)
            self._loss = loss, kernel.native, (*how, *(loss.targets or (-_ENDLESS, _ENDLESS)))
        return self.quick and self._loss[1]

    def judge_and_backward(self, weights: Array, run: NativeRun, y: Array, gradients: Array) -> bool:
        """Calculate the error of a run and go backward from there; True if a run and gradients are now as they should.

        Parameters
        ----------
        weights : ndarray of shape (n_connections,)
        run : NativeRun
            That went forward; only changed where this returns True.
        y : ndarray of shape (n_outputs,)
            Contiguous, not checked, and kept.
        gradients : ndarray of shape (n_slots,)
            By slot; of no use where this returns False.
        """
        assert self._loss is not None
        numbers, found = run.numbers, self.layout.room(gradients)
        z, errors, seeds = numbers["value"], np.empty(1), np.empty(self.n_outputs)
        d, slope = np.empty(self._n_positions), np.empty(self.layout.largest)
        if sample_kernels.judge_and_backward(
            self._memory, 0, weights, *self._loss[2], y, z, numbers["activated"], errors, seeds, d, slope, found
        ):
            return False
        self.layout.place(found, gradients)
        numbers["delta"] = d
        run.errors, run.loss, run.targets = errors, self._loss[0], y[:, None]
        run.output_gradient = OutputGradient(seeds[:, None], of_sums=self._loss[2][2])
        return True

    def descend(self, optimizer: Optimizer, weights: Array, gradients: Array, trainable: Any, eta: float) -> Any:
        """Return the next weights of plain gradient descent; None where it is not that, or one would not be finite."""
        if self._descent is not optimizer:
            form = step_form(optimizer)
            if form is None or form.code != SGD:
                return None
            self._descent = optimizer
        following = np.empty(len(weights))
        return following if sample_kernels.descend(weights, gradients, trainable, eta, following) else None


def one_sample(schedule: Schedule) -> OneSample:
    """Return what runs single samples of a schedule, made once."""
    return schedule.cached(OneSample)
