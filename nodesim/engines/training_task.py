"""What an engine is told that trains whole epochs by itself, and what it tells in return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices
from nodesim.functions.contracts import Loss, Optimizer
from nodesim.graph.schedule import Schedule

# How many threads a network may be given: more than cores help nobody, and each takes memory of its own.
MOST_THREADS = 256
_NOTHING: Array = np.zeros((0, 0))


class TrainingTask(NamedTuple):
    """A training, weights left out.

    Attributes
    ----------
    schedule : Schedule
    loss : Loss
    optimizer : Optimizer
    inputs, targets : ndarray of shape (n, n_samples)
    batch : int
        Samples for each update.
    threads : int
        How many may share a batch.
    """

    schedule: Schedule
    loss: Loss
    optimizer: Optimizer
    inputs: Array
    targets: Array
    batch: int
    threads: int

    def without_samples(self) -> TrainingTask:
        """Return the same training of nothing."""
        return TrainingTask(self.schedule, self.loss, self.optimizer, _NOTHING, _NOTHING, self.batch, self.threads)


@dataclass
class Progress:
    """How far a trainer shall go, and how far it came.

    Attributes
    ----------
    errors : ndarray of shape (n_epochs,)
        The mean error of each epoch; of an unfinished one, its share so far.
    start : int
        How many updates of the first epoch were made before.
    most : int
        After how many updates it may stop, to be asked again.
    journal : ndarray of shape (most, n_slots) or None
        Where the weights before each update are noted, for whoever asks for them: it stops then after so many updates.
    updates : int
        How many it made.
    finite : bool
        False if the next update would not have been finite, or a function failed.
    weights : ndarray of shape (n_slots,)
        Those after these updates, until it trains again.
    failures : list of BaseException
        What functions that are called in the interpreter raised in the next update.
    """

    errors: Array
    start: int
    most: int
    journal: Array | None = None
    updates: int = 0
    finite: bool = True
    weights: Array = field(default_factory=lambda: _NOTHING)
    failures: list[BaseException] = field(default_factory=list)


class Trainer(Protocol):
    """What trains whole epochs.

    Attributes
    ----------
    fitting : int
        How many updates fit into one call, as far as its caller has found out; 0 before. The clock decides how much one
        call does, never what is calculated: errors, weights and the generator's state are those of one epoch after
        another.
    """

    fitting: int

    def begin(self, task: TrainingTask) -> None:
        """Train the samples of a task from now on; it differs in them alone from the one that this was made for."""

    def end(self) -> None:
        """Let go of the samples."""

    def train(
        self, weights: Array, state: dict[str, Any], trainable: NDArray[np.bool_], learning_rate: float, orders: Any,
        watch: Array, progress: Progress,
    ) -> None:  # fmt: skip
        """Train as many epochs as there are orders, up to one after which the watch says stop.

        Nothing that the caller goes on with is changed: where this is interrupted, nothing was trained.

        Parameters
        ----------
        weights : ndarray of shape (n_slots,)
            By which it begins.
        state : dict
            Of the optimizer; a copy, to become that after the last update.
        trainable : ndarray of bool, shape (n_slots,)
        learning_rate : float
        orders : ndarray of shape (n_epochs, n_samples)
            In which order each epoch goes through the samples.
        watch : ndarray of shape (7,)
            See `nodesim.engines.early_stopping`; changed in place.
        progress : Progress
            Becomes what was done.
        """


# How one of many networks ended, if not with its last epoch: its error was low enough, did not get lower any more, grew
# and grew; or a number was not finite, and nothing of it is of use.
RUNNING, LOW, SETTLED, DIVERGING, FAILED = range(5)


@dataclass(frozen=True)
class LaneResults:
    """What became of many networks that were trained side by side.

    Attributes
    ----------
    weights : ndarray of shape (n, n_slots)
        With which each ended.
    ended : ndarray of int, shape (n,)
        How each ended: RUNNING to its last epoch, LOW, SETTLED, DIVERGING or FAILED.
    epochs : ndarray of int, shape (n,)
        After how many epochs.
    errors : ndarray of shape (n, n_epochs)
        The mean error of each epoch, each sample's taken before its update; of no meaning behind the last one.
    """

    weights: Array
    ended: Indices
    epochs: Indices
    errors: Array


class LaneTrainer(Protocol):
    """What trains many networks of one structure, each by itself but all at once."""

    def train(
        self, weights: Array, state: Mapping[str, Any], rates: Array, epochs: int, watch: Array,
        orders: Callable[[range, int], Indices] | None, report: Callable[[int], None],
    ) -> LaneResults:  # fmt: skip
        """Train networks, each until it ends by itself or all epochs are done.

        Parameters
        ----------
        weights : ndarray of shape (n, n_slots)
            By which they begin.
        state : mapping
            What the optimizer remembers of them: arrays of the same shape, and "steps".
        rates : ndarray of shape (n,)
            Their learning rates.
        epochs : int
        watch : ndarray of shape (7,)
            That of a network which has seen no epoch; see `nodesim.engines.early_stopping`.
        orders : callable, optional
            orders(rows, count) returns the next `count` orders of samples of some networks, in an array of shape
            (count, n_samples, number of rows); without it samples come as they are.
        report : callable
            Is told after each part of the work how many epochs it was, those of all networks added up.
        """
