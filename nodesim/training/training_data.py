"""The samples of a training, and which of them an update takes."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import DataError
from nodesim.notation.symbols import plural
from nodesim.simulation.sample_weights import sample_weights, shares
from nodesim.simulation.simulator import Simulator

# No memory holds so many samples that, with weights this much smaller, the sum would not be finite.
_SMALLER = 2.0**-64


def sum_of(weights: Array) -> float:
    """Return the sum of weights, which may be infinite."""
    with np.errstate(over="ignore"):
        return float(weights.sum())


class Batch(NamedTuple):
    """Some samples.

    Attributes
    ----------
    inputs, targets : ndarray of shape (n, n_samples)
    shares : ndarray of shape (n_samples,) or None
        By what their errors are multiplied, where samples have weights; see `nodesim.simulation.sample_weights.shares`.
        None also where none of them counts.
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

    @property
    def counts(self) -> bool:
        """Whether any of them counts, however little of the whole that is."""
        return self.shares is not None or self.part > 0.0


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
    some_count : bool
        Whether the weight of one sample must be above 0.

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
        looked_at: bool = True, some_count: bool = True,
    ) -> None:  # fmt: skip
        self.inputs, self.targets, _ = simulator.pairs(x, y, looked_at=looked_at)
        self.weights = sample_weights(
            sample_weight, class_weight, self.targets, simulator.labels, some_count=some_count
        )
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
        own = self.weights[rows]
        if not own.any():
            return Batch(inputs, targets, None, 0.0, chosen)
        return Batch(inputs, targets, shares(own), sum_of(own * self._scale) / self._total, chosen)

    @cached_property
    def _scale(self) -> float:
        """By what weights are multiplied before they are added up, lest the sum leaves the finite numbers."""
        assert self.weights is not None
        return 1.0 if math.isfinite(sum_of(self.weights)) else _SMALLER

    @cached_property
    def _total(self) -> float:
        assert self.weights is not None
        return sum_of(self.weights * self._scale)

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
        kept, others = self._some(np.sort(order[held_out:])), self._some(np.sort(order[:held_out]))
        for what, part in (("train", kept), ("validate", others)):
            if part.weights is not None and not part.weights.any():
                raise DataError(
                    f"validation_split={fraction:g}: every sample to {what} with has weight 0. Give some of "
                    "them a weight above zero, or validation_data."
                )
        return kept, others

    def _some(self, chosen: Any) -> TrainingData:
        found = TrainingData.__new__(TrainingData)
        found.inputs, found.targets, found.count = self.inputs[:, chosen], self.targets[:, chosen], len(chosen)
        found.weights = None if self.weights is None else self.weights[chosen]
        found.source, found.rows = self, chosen
        return found
