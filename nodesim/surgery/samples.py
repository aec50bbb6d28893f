"""The samples on which a change of a network is judged: those of the last backward, or others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, NonFiniteError
from nodesim.functions.regularizer import Regularizer
from nodesim.gradients.derivative_graph import DerivativeGraph, snapshot
from nodesim.graph.run import Run, error_of
from nodesim.graph.schedule import Schedule
from nodesim.simulation.simulator import Simulator
from nodesim.simulation.terms import Terms


class Measured(NamedTuple):
    """What a network makes of samples.

    Attributes
    ----------
    error : float
        e, with the penalties of the last backward, if it had any.
    outputs : ndarray of shape (n_outputs, n_samples)
    gradients : ndarray of shape (n_connections,)
        ∂e/∂W in connection order, not clipped.
    graph : DerivativeGraph
    """

    error: float
    outputs: Array
    gradients: Array
    graph: DerivativeGraph


@dataclass(frozen=True)
class Samples:
    """Samples with what is wanted of them.

    Attributes
    ----------
    inputs, targets : ndarray of shape (n_inputs, n_samples), (n_outputs, n_samples)
    shares : ndarray of shape (n_samples,), optional
        By what each counts in the mean.
    regularizers : tuple of Regularizer
        What adds penalties to e.
    """

    inputs: Array
    targets: Array
    shares: Array | None = None
    regularizers: tuple[Regularizer, ...] = ()

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self.inputs.shape[1])

    def outputs(self, simulator: Simulator) -> Array:
        """Return OA of all outputs, shape (n_outputs, n_samples)."""
        run = simulator.forward(self.inputs)
        return run.activated[simulator.structure.schedule.output_rows].copy()

    def run(self, simulator: Simulator, weights: Array | None = None) -> tuple[Run, Array]:
        """Run forward and backward, and return the run and the gradients by slot."""
        run = simulator.forward(self.inputs, weights=weights)
        terms = Terms(self.regularizers)
        return run, simulator.backward(run, self.targets, weights=weights, shares=self.shares, terms=terms)

    def error(self, simulator: Simulator, by_connection: Array) -> float:
        """Return e with other weights, which are in connection order; infinite where it leaves the finite numbers."""
        structure, weights = simulator.structure, np.zeros(simulator.structure.store.size)
        weights[structure.schedule.slots] = by_connection
        try:
            run = simulator.forward(self.inputs, weights=weights)
            errors = simulator.errors(run, self.targets)
        except NonFiniteError:
            return float("inf")
        return error_of(errors, self.shares, Terms(self.regularizers).penalties(structure.schedule, weights))

    def measured(self, simulator: Simulator) -> Measured:
        """Run forward and backward, and return what comes out."""
        run, gradients = self.run(simulator)
        structure = simulator.structure
        schedule = structure.schedule
        graph = snapshot(schedule, structure.store.weights, run)
        outputs = run.activated[schedule.output_rows].copy()
        return Measured(run.error, outputs, gradients[schedule.slots], graph)


def samples_of_run(schedule: Schedule, run: Run) -> Samples:
    """Return the samples of a run that went backward; nodes that dropout dropped take part again."""
    assert run.targets is not None
    regularizers = tuple(penalty.regularizer for penalty in run.penalties)
    return Samples(run.value[schedule.input_rows].copy(), run.targets, run.shares, regularizers)


def samples_given(simulator: Simulator, x: Any, y: Any) -> Samples | None:
    """Return the samples that a user gave, checked; None if there are none."""
    if x is None and y is None:
        return None
    if x is None:
        raise ArgumentError("y was given without x: give both, or neither for the samples of the last backward.")
    inputs, targets, _ = simulator.pairs(x, y)
    return Samples(inputs, targets)


def largest_change(before: Array, after: Array) -> float:
    """Return the largest change of any output on any sample."""
    return float(np.abs(after.astype(float) - before).max(initial=0.0))
