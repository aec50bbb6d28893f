"""The samples of a training, and which of them an update takes."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import DataError
from nodesim.notation.symbols import plural
from nodesim.simulation.sample_weights import sample_weights, shares
from nodesim.simulation.simulator import Simulator


class Batch(NamedTuple):
    """Some samples.

    Attributes
    ----------
    inputs, targets : ndarray of shape (n, n_samples)
    shares : ndarray of shape (n_samples,) or None
        By what their errors are multiplied, where samples have weights; see `nodesim.simulation.sample_weights.shares`.
    part : float
        Which part of the error of all samples theirs is.
    chosen : ndarray of int, or None
        Which of the samples they are; None for all.
    """

    inputs: Array
    targets: Array
    shares: Array | None = None
    part: float = 1.0
    chosen: Indices | None = None


class TrainingData:
    """Inputs and targets, one column for each sample.

    Parameters
    ----------
    simulator : Simulator
    x, y : array_like
    sample_weight, class_weight : optional
        As for `nodesim.Network.fit`.
    looked_at : bool
        Whether it is looked at every input if it is finite. `Training` can do without: to read large data takes longer
        than to train with a few of them.

    Attributes
    ----------
    inputs, targets : ndarray of shape (n, n_samples)
    weights : ndarray of shape (n_samples,) or None
    count : int
        How many samples there are.
    source : TrainingData or None
        What they are a part of.
    rows : ndarray of int, or None
        Which samples of that they are.
    """

    source: TrainingData | None = None
    rows: Indices | None = None

    def __init__(
        self, simulator: Simulator, x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None, *,
        looked_at: bool = True,
    ) -> None:  # fmt: skip
        self.inputs, self.targets, _ = simulator.pairs(x, y, looked_at=looked_at)
        self.weights = sample_weights(sample_weight, class_weight, self.targets, simulator.labels)
        self.count: int = self.inputs.shape[1]

    @cached_property
    def whole(self) -> Batch:
        """All samples."""
        return self.batch(None)

    def batch(self, chosen: Indices | None) -> Batch:
        """Return some of the samples, in this order, or all of them."""
        rows: Any = slice(None) if chosen is None else chosen
        inputs, targets = self.inputs[:, rows], self.targets[:, rows]
        if self.weights is None:
            return Batch(inputs, targets, None, inputs.shape[1] / self.count, chosen)
        own, (scaled, total) = self.weights[rows], self._scaled
        part = float(scaled[rows].sum()) / total
        return Batch(inputs, targets, shares(own) if part else own, part, chosen)

    @cached_property
    def _scaled(self) -> tuple[Array, float]:
        """The weights as parts of the largest, whose sum is finite whatever they are, and this sum."""
        assert self.weights is not None
        scaled: Array = self.weights / self.weights.max()
        return scaled, float(scaled.sum())

    def split(self, fraction: float) -> tuple[TrainingData, TrainingData]:
        """Divide the samples into those to train with, and a fraction to validate with.

        Which ones depends on how many there are alone: a training that is resumed never sees the others.
        """
        order = np.random.default_rng(self.count).permutation(self.count)
        held_out = round(fraction * self.count)
        if not 0 < held_out < self.count:
            raise DataError(
                f"validation_split={fraction:g} of {plural(self.count, 'sample')} leaves none to validate, or none to "
                "train, with."
            )
        return self._some(np.sort(order[held_out:])), self._some(np.sort(order[:held_out]))

    def _some(self, chosen: Any) -> TrainingData:
        found = TrainingData.__new__(TrainingData)
        found.inputs, found.targets, found.count = self.inputs[:, chosen], self.targets[:, chosen], len(chosen)
        found.weights = None if self.weights is None else self.weights[chosen]
        if found.weights is not None and not found.weights.any():
            raise DataError("validation_split leaves a part in which every sample has weight 0: give validation_data.")
        found.source, found.rows = self, chosen
        return found
