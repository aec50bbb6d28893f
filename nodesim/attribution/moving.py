"""Inputs on a straight line from a baseline to a sample, and what is seen of the network on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from nodesim._arrays import Array
from nodesim.attribution.join_kinks import JoinKinks
from nodesim.attribution.kinks import Kinks
from nodesim.attribution.quadrature import Seen
from nodesim.gradients import starts
from nodesim.gradients.derivative_graph import DerivativeGraph, snapshot
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Node
from nodesim.graph.run import Run
from nodesim.simulation.simulator import Simulator


@dataclass(frozen=True, eq=False)
class Moving:
    """Samples that move.

    Attributes
    ----------
    simulator : Simulator
    weights : ndarray of shape (n_slots,)
        In float64, also where the network is float32: what is shared out shall add up to the last digits.
    target : Quantity
        What is looked at.
    baseline, steps : ndarray of shape (n_inputs, n_samples)
        Where the inputs start, and how far they go.
    """

    simulator: Simulator
    weights: Array
    target: Quantity
    baseline: Array
    steps: Array

    def __deepcopy__(self, memo: object) -> Moving:
        # A copied simulator has nodes of its own; a copied attribution is still of the nodes of its network.
        return self

    def inputs(self, sample: int, t: Array) -> Array:
        """Return the inputs of a sample at points of its line."""
        return np.ascontiguousarray(self.baseline[:, [sample]] + self.steps[:, [sample]] * t)

    def run(self, inputs: Array) -> Run:
        """Run some inputs."""
        return self.simulator.forward(inputs, weights=self.weights)

    def graph(self, run: Run, steps: Array | None = None) -> DerivativeGraph:
        """Return the derivatives of the target of a run; the steps are those of the inputs."""
        schedule, moved = self.simulator.structure.schedule, None
        if steps is not None:
            moved = np.zeros((schedule.n_rows, run.n_samples))
            moved[schedule.input_rows] = steps
        return snapshot(schedule, self.weights, run, self.target, moved)

    def values(self, run: Run) -> Array:
        """Return the target of a run."""
        kind = "value" if self.target.kind == "sum" else "activated"
        return run.rows(kind, self.simulator.structure.schedule.row_of[cast(Node, self.target.element)])


class SampleLine:
    """The line of one sample, as its quadrature looks at it."""

    def __init__(self, moving: Moving, sample: int) -> None:
        self._moving, self._sample = moving, sample
        self._schedule = schedule = moving.simulator.structure.schedule
        self._rows = np.flatnonzero(starts.reaching(schedule, moving.target))
        self._kinks = Kinks(schedule, self._rows)
        self._join_kinks = JoinKinks(schedule, self._rows, moving.weights)

    def __call__(self, t: Array) -> Seen:
        """Look at some points."""
        moving, rows = self._moving, self._schedule.input_rows
        run = self._run(t)
        graph, steps = moving.graph(run), moving.steps[:, [self._sample]]
        values = moving.values(run)
        sizes = (np.abs(steps) * graph.absolutes[rows]).sum(axis=0)
        scale = float(max(sizes.max(), np.abs(values).max(), np.finfo(float).tiny))
        return Seen(values, steps * graph.totals[rows], self._entering(run), scale)

    def sums(self, t: Array) -> Array:
        """Return what enters each node on the way at some points, and what comes into joins."""
        return self._entering(self._run(t))

    def _entering(self, run: Run) -> Array:
        sums: Array = run.rows("value", self._rows)
        return np.concatenate((sums, self._join_kinks.coming(run))) if self._schedule.has_joins else sums

    def sides(self, sums: Array) -> Array:
        """Tell on which side of each kink nodes are with such sums."""
        n_nodes = len(self._rows)
        sides = self._kinks.sides(sums[:n_nodes])
        return np.concatenate((sides, self._join_kinks.sides(sums[n_nodes:]))) if self._schedule.has_joins else sides

    def _run(self, t: Array) -> Run:
        return self._moving.run(self._moving.inputs(self._sample, t))
