"""Runs of samples for the explorer's document, calculated by the network's engine and shown to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.engines.joins import partials_of_run
from nodesim.errors import NonFiniteError, StateError
from nodesim.explorer.numbers import one, written
from nodesim.explorer.samples import Samples
from nodesim.gradients.quantities import Quantity
from nodesim.gradients.slopes import fill_slopes
from nodesim.graph.run import Run
from nodesim.notation.symbols import number
from nodesim.showing import shown
from nodesim.simulation.simulator import Simulator
from nodesim.wording.message import Message


class Calculator:
    """Runs samples with any weights, sample by sample where one spoils the others, and describes the runs.

    Parameters
    ----------
    simulator : Simulator
        Of the network that is explored: its last run, weights and gradients are left alone.

    Attributes
    ----------
    troubles : list of Message
        What went wrong, in sentences: samples whose numbers left the finite ones, activations without a derivative.
    """

    def __init__(self, simulator: Simulator) -> None:
        structure = simulator.structure
        self.simulator = simulator
        self.schedule = structure.schedule
        self.troubles: list[Message] = []
        self._version = structure.store.structure_version
        self._rows = np.array([node.row for node in structure.nodes], dtype=np.intp)
        self._flat = [t.node for t in self.schedule.calculated if t.alive and not t.node.activation.trains]  # type: ignore[union-attr]
        if self._flat:
            self.troubles.append(
                Message(
                    "No gradients: {node} has the activation {activation}, which has no derivative.",
                    node=shown(self._flat[0].name),
                    activation=str(self._flat[0].activation),
                )
            )

    @property
    def size(self) -> int:
        """How many numbers one run has."""
        return 4 * len(self._rows) + len(self.schedule.outputs) + len(self.schedule.slots) + 1

    def runs(self, weights: Array, given: Samples) -> list[dict[str, Any]]:
        """Run samples forward, and backward where they have targets, and describe the runs.

        Parameters
        ----------
        weights : ndarray of shape (n_connections,)
            In connection order.
        given : Samples

        Raises
        ------
        StateError
            If the network's structure was edited since this was made.
        """
        return [described for run in self._ran(weights, given) for described in self._described(run, weights)]

    def check(self, weights: Array, given: Samples) -> None:
        """Run samples for the sake of `troubles` alone; see `runs`."""
        for _ in self._ran(weights, given):
            pass

    def _ran(self, weights: Array, given: Samples) -> Iterator[Run]:
        """Run samples together; where that fails one by one, since one bad sample does not spoil the others."""
        if self.simulator.structure.store.structure_version != self._version:
            raise StateError("the network's structure was edited since it was explored; call network.explore again.")
        slots = self._by_slot(weights)
        try:
            run = self._run(slots, given)
        except NonFiniteError:
            if len(given.names) == 1:
                yield self._spoilt(slots, given)
            else:
                for place in range(len(given.names)):
                    yield from self._ran(weights, given.take([place]))
        else:
            yield run

    def _by_slot(self, weights: Array) -> Array:
        slots = np.zeros_like(self.simulator.structure.store.weights)
        slots[self.simulator.structure.schedule.slots] = weights
        return slots

    def _run(self, slots: Array, given: Samples) -> Run:
        run = self.simulator.forward(given.inputs, weights=slots)
        if given.targets is None or self._flat:
            return run
        self.simulator.backward(run, given.targets, weights=slots)
        return run

    def _spoilt(self, slots: Array, given: Samples) -> Run:
        """Return the values of a run forward that are finite no more."""
        run, _ = self.simulator.attempt(given.inputs, weights=slots)
        self.troubles.append(self._spoiling(run, given.names[0]))
        return run

    def _spoiling(self, run: Run, sample: str) -> Message:
        """Say which number of a sample was the first that is not finite."""
        for task in self.schedule.calculated:
            for kind, table in (("sum", run.value), ("activated", run.activated)):
                value = float(table[task.row, 0])
                if not np.isfinite(value):
                    name = shown(Quantity(kind, task.node).name)  # type: ignore[arg-type]
                    return Message(
                        "{sample}: {name} is {number}, no finite number, and so is what follows from it.",
                        sample=sample,
                        name=name,
                        number=number(value),
                    )
        return Message(
            "{sample}: its error or its gradients left the finite numbers, and are not shown.", sample=sample
        )

    def _described(self, run: Run, weights: Array) -> list[dict[str, Any]]:
        tables = {"value": run.value, "activated": run.activated, "slope": self._slopes(run)}
        traced = run.errors is not None and run.output_gradient is not None
        if traced:
            tables["delta"] = run.delta
        found = {name: table[self._rows].T for name, table in tables.items()}
        parts = partials_of_run(self.schedule, self._by_slot(weights), run.activated, run.value)
        if parts is not None:
            found["parts"] = parts.T
        if traced:
            assert run.output_gradient is not None
            found["seed"] = run.output_gradient.gradient.T
            # A sample's own gradient; those of a batch are means.
            sent = run.activated[self.schedule.sources]
            sent = sent if parts is None else sent * parts
            found["gradient"] = (sent * run.delta[self.schedule.targets]).T
        empty: dict[str, Any] = {"parts": None, "seed": None, "delta": None, "gradient": None, "error": None}
        return [
            {
                **empty,
                **{name: written(rows[sample]) for name, rows in found.items()},
                **({"error": one(run.errors[sample])} if traced and run.errors is not None else {}),
            }
            for sample in range(run.n_samples)
        ]

    def _slopes(self, run: Run) -> Array:
        """Return ∂HA/∂H of every node and sample, 1 for inputs and bias nodes, and NaN where there is none."""
        slopes, known = np.ones_like(run.value), []
        for task in self.schedule.calculated:
            if task.node.activation is not None and task.node.activation.trains:
                known.append(task.row)
            else:
                slopes[task.row] = np.nan
        fill_slopes(slopes, self.schedule, known, run)
        return slopes
