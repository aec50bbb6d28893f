"""What a training calculates of some samples: e, with all that was asked for beside the loss, and its gradient."""

from __future__ import annotations

from abc import ABC, abstractmethod

from nodesim._arrays import Array
from nodesim.graph.run import Run, error_of
from nodesim.simulation.dropout import Dropout
from nodesim.simulation.simulator import Simulator
from nodesim.simulation.terms import NONE, Terms
from nodesim.training.runs import Runs
from nodesim.training.training_data import Batch


class Look(ABC):
    """What is known of some samples."""

    @property
    @abstractmethod
    def clip(self) -> float | None:
        """By what the gradient was multiplied so that it is short enough; None before that, and without a limit."""

    @property
    @abstractmethod
    def mask(self) -> Array | None:
        """By what HA of every node was multiplied, shape (n_rows, n_samples); None where no nodes were dropped."""

    @property
    @abstractmethod
    def error(self) -> float:
        """The error e."""

    @abstractmethod
    def gradients(self, into: Array) -> Array:
        """Return the gradient of e by slot, written into an array."""


class RunLook(Look):
    """What one run of some samples tells; its numbers stand until the next run of as many.

    Parameters
    ----------
    simulator : Simulator
    batch : Batch
    weights : ndarray of shape (n_slots,)
        With which it ran.
    run : Run
        That went forward.
    terms : Terms

    Attributes
    ----------
    run : Run
    """

    def __init__(self, simulator: Simulator, batch: Batch, weights: Array, run: Run, terms: Terms) -> None:
        self._simulator, self._batch, self._weights, self._terms = simulator, batch, weights, terms
        self.run = run

    @property
    def clip(self) -> float | None:
        """By what the gradient was multiplied; see `Look`."""
        return self.run.clip

    @property
    def mask(self) -> Array | None:
        """Which nodes were dropped; see `Look`."""
        return self.run.mask

    @property
    def error(self) -> float:
        """The error e."""
        if self.run.errors is not None:
            return self.run.error
        errors, schedule = self._simulator.errors(self.run, self._batch.targets), self._simulator.structure.schedule
        return error_of(errors, self._batch.shares, self._terms.penalties(schedule, self._weights))

    def gradients(self, into: Array) -> Array:
        """Return the gradient of e by slot, written into an array."""
        batch, terms = self._batch, self._terms
        return self._simulator.backward(
            self.run, batch.targets, weights=self._weights, into=into, shares=batch.shares, terms=terms
        )


class Judge:
    """Runs samples for a training.

    Parameters
    ----------
    simulator : Simulator
    terms : Terms
    dropout : Dropout or None
    """

    def __init__(self, simulator: Simulator, terms: Terms = NONE, dropout: Dropout | None = None) -> None:
        self._simulator, self._terms, self._dropout = simulator, terms, dropout
        self._runs = Runs(simulator)

    def look(self, batch: Batch, weights: Array, *, dropping: bool = False) -> Look:
        """Look at samples with weights by slot; without some of the nodes, if these are dropped."""
        return self.run(batch, weights, dropping=dropping)

    def run(self, batch: Batch, weights: Array, *, dropping: bool = False) -> RunLook:
        """Run samples forward in this process, all at once."""
        run = self._runs.forward(batch.inputs, weights, self._mask(batch, dropping=dropping))
        return RunLook(self._simulator, batch, weights, run, self._terms)

    def _mask(self, batch: Batch, *, dropping: bool) -> Array | None:
        dropped = self._dropout if dropping else None
        return None if dropped is None else dropped.mask(batch.inputs.shape[1])

    def end(self) -> None:
        """Let go of other processes, where there are any."""
