"""Single samples of a network in as few steps as there can be, where nothing about them is unusual.

A forward, a backward and an update of a tiny network take its kernels half a microsecond. So nothing is looked at here
that kernels can look at, and whatever they or a glance at the type find unusual is left to `Simulator`: that checks
everything, says what is wrong, and comes to the same numbers bit by bit where nothing is.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.engines.engine import Engine
from nodesim.errors import StructureError
from nodesim.functions.contracts import Loss, Optimizer
from nodesim.graph.run import Run
from nodesim.graph.schedule import Schedule
from nodesim.graph.structure import Structure
from nodesim.simulation import objective, samples
from nodesim.simulation.optimizer_state import OptimizerState

_LARGEST = sys.float_info.max


class AtOnce:
    """Runs single samples through a structure; each call answers None or False where others have to do it.

    Parameters
    ----------
    structure : Structure

    Attributes
    ----------
    reads_labels : bool
        Whether numbers among targets may be labels, which others have to look up.
    """

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._engine: Engine | None = None
        self._loss: Loss | None = None
        # What runs samples of a schedule, as long as this is its cache; and the one that the loss was held against.
        self._known: tuple[Any, Any] = None, None
        self._fitting: Any = None
        self.reads_labels = False

    def begin(self, engine: Engine, loss: Loss) -> None:
        """Take another engine or loss from now on."""
        self._engine, self._loss = engine, loss
        self._known, self._fitting = (None, None), None

    def forward(self, x: Any) -> tuple[Run, Array] | None:
        """Return the run of one sample, and the values of the outputs."""
        one, structure = self._runner(), self._structure
        if one is None or structure.lock.reason or not one.quick:
            return None
        given = samples.vector(x, one.n_inputs)
        if given is None:
            return None
        store = structure.store
        numbers, outputs, flags = one.forward(store.weights, given)
        return None if flags else (one.run(numbers, store.version), outputs)

    def backward(self, y: Any) -> tuple[Run, Array, float] | None:
        """Return the run that is shown, gone backward, with the gradients by slot and the error."""
        one, structure = self._runner(), self._structure
        store = structure.store
        before: Any = store.run
        if one is None or not one.ran(before) or before.version != store.version or structure.lock.reason:
            return None
        given = samples.vector(y, one.n_outputs) if self._is_judge(one) and not self.reads_labels else None
        if given is None:
            return None
        gradients = np.empty(len(store.weights))
        found = one.judge(store.weights, before.flat, given, gradients)
        return None if found is None else (one.judged(before, found), gradients, float(found[one.n_positions]))

    def update(self, kept: tuple[Schedule, OptimizerState] | None, learning_rate: Any, optimizer: Optimizer) -> bool:
        """Make a step of plain gradient descent with the gradients that are shown.

        Parameters
        ----------
        kept : tuple of Schedule and OptimizerState, or None
            Of the last update; see `Simulator.kept_state`.
        learning_rate : float or None
            Not checked.
        optimizer : Optimizer
        """
        one, store = self._runner(), self._structure.store
        if one is None or kept is None or kept[1].optimizer is not optimizer or kept[0].cache is not self._known[0]:
            return False
        if kept[0].ties:
            # The gradients of their uses have to be added up first.
            return False
        run: Any = store.run
        if not one.ran(run) or run.found is None or run.version != store.version:
            return False
        eta = optimizer.learning_rate if learning_rate is None else learning_rate
        if type(eta) is not float or not 0.0 <= eta <= _LARGEST:
            return False
        # Ctrl-C may come in right behind a call: whatever it leaves, the run is not of these weights any more.
        store.version += 1
        if one.descend(optimizer, store.weights, store.gradients, store.trainable, eta):
            return True
        store.version -= 1
        return False

    def judge(self, weights: Array, run: Run, targets: Array, gradients: Array) -> bool:
        """Fill a run of one sample, and the gradients by slot, as `Simulator.backward` does."""
        one = self._runner() if run.n_samples == 1 else None
        if one is None or not one.went(run) or not self._is_judge(one):
            return False
        numbers = run.numbers  # type: ignore[attr-defined]
        flat = np.concatenate([numbers["value"], numbers["activated"]])
        found = one.judge(weights, flat, np.array(targets[:, 0]), gradients)
        if found is None:
            return False
        twin = one.judged(one.run(flat, run.version), found)
        numbers["delta"] = twin.numbers["delta"]
        run.errors, run.loss, run.targets, run.output_gradient = twin.errors, self._loss, targets, twin.output_gradient
        return True

    def _runner(self) -> Any:
        """Return what runs single samples of the structure as it is, or None."""
        schedule = self._structure.schedule
        # A schedule has another cache once a function of it was exchanged.
        if self._known[0] is not schedule.cache:
            assert self._engine is not None
            try:
                one = self._engine.one_sample(schedule)
            except StructureError:
                # It cannot be run at all.
                one = None
            if one is None:
                return None
            self._known = schedule.cache, one
        return self._known[1]

    def _is_judge(self, one: Any) -> bool:
        """Tell whether it calculates the errors of the loss."""
        assert self._loss is not None
        if self._fitting is not one:
            objective.check_outputs(self._loss, self._structure.schedule.outputs)
            self._fitting = one
        found: bool = one.takes(self._loss)
        return found
