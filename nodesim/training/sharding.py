"""Batches in shards: the same judgement, from what any number of processes find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodesim._arrays import Array
from nodesim.graph.run import Penalty
from nodesim.simulation.dropout import Dropout
from nodesim.simulation.simulator import Simulator
from nodesim.simulation.terms import Terms
from nodesim.training.judge import Judge, Look
from nodesim.training.plan import Plan
from nodesim.training.training_data import Batch, TrainingData

if TYPE_CHECKING:
    from nodesim.parallel import Mean, ShardedGradients


class ShardedLook(Look):
    """What shards have told of a batch.

    Parameters
    ----------
    simulator : Simulator
    weights : ndarray of shape (n_slots,)
        At which they were calculated.
    mean : Mean
    terms : Terms
    mask : ndarray of shape (n_rows, n_samples) or None
    """

    def __init__(self, simulator: Simulator, weights: Array, mean: Mean, terms: Terms, mask: Array | None) -> None:
        self._structure, self._weights, self._mean, self._terms = simulator.structure, weights, mean, terms
        self._mask = mask
        self._clip: float | None = None
        self._penalties: tuple[Penalty, ...] | None = None

    @property
    def clip(self) -> float | None:
        """By what the gradient was multiplied; see `Look`."""
        return self._clip

    @property
    def mask(self) -> Array | None:
        """Which nodes were dropped; see `Look`."""
        return self._mask

    @property
    def error(self) -> float:
        """The error e."""
        penalties = self._penalties
        if penalties is None:
            penalties = self._terms.penalties(self._structure.schedule, self._weights)
        return sum((each.total for each in penalties), self._mean.error)

    def gradients(self, into: Array) -> Array:
        """Return the gradient of e by slot, written into an array."""
        into[:] = self._mean.gradients
        if self._terms:
            schedule, trainable = self._structure.schedule, self._structure.store.trainable
            self._penalties, self._clip = self._terms.add_to(into, schedule, self._weights, trainable)
        return into


class ShardedJudge(Judge):
    """Lets shards be calculated.

    Parameters
    ----------
    simulator : Simulator
    terms : Terms
    dropout : Dropout or None
    shards : ShardedGradients
        Of the samples of which batches are looked at.
    """

    def __init__(self, simulator: Simulator, terms: Terms, dropout: Dropout | None, shards: ShardedGradients) -> None:
        super().__init__(simulator, terms, dropout)
        self._shards = shards

    def look(self, batch: Batch, weights: Array, *, dropping: bool = False) -> Look:
        """Look at samples with weights by slot; without some of the nodes, if these are dropped."""
        mask = self._mask(batch, dropping=dropping)
        mean = self._shards.calculate(weights, batch.chosen, shares=batch.shares, mask=mask)
        return ShardedLook(self._simulator, weights, mean, self._terms, mask)

    def end(self) -> None:
        """Let go of the processes."""
        self._shards.end()


def sharded(simulator: Simulator, data: TrainingData, plan: Plan, dropout: Dropout | None) -> Judge:
    """Return what lets batches be calculated in shards."""
    # Loaded when somebody asks for it.
    from nodesim.parallel import ShardedGradients

    shards = ShardedGradients(simulator, data.inputs, data.targets, n_jobs=plan.n_jobs, client=plan.client)
    return ShardedJudge(simulator, plan.terms, dropout, shards)
