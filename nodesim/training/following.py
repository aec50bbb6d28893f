"""Callbacks that follow a training update by update: they are given its weights in blocks, as trainers noted them.

Whoever is called at the end of every epoch makes a training come back from its engine that often. A follower does not:
what it is given later is all that it could have seen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import Any, NamedTuple

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.engines.training_task import Progress
from nodesim.simulation.dropout import Dropout
from nodesim.simulation.optimizer_state import OptimizerState
from nodesim.simulation.simulator import Simulator
from nodesim.simulation.terms import Terms
from nodesim.training.training_data import TrainingData

# How much memory weights wait in, and how many samples their updates may have, before followers are given them.
_BYTES, _SAMPLES = 4_000_000, 500_000
# Notes of less than that are joined.
_SMALL = 200_000
_serials = count()


@dataclass(frozen=True)
class Note:
    """Something that happened to the weights.

    Attributes
    ----------
    serial : int
        Later ones have larger numbers.
    """

    serial: int = field(default_factory=lambda: next(_serials), kw_only=True)


@dataclass(frozen=True, eq=False)
class Updates(Note):
    """Some updates, one after the other.

    Attributes
    ----------
    weights : ndarray of shape (n_updates + 1, n_slots)
        Those before each update, and after the last one.
    samples : ndarray of int, or None
        The numbers of the samples of all updates, one update after the other; None if each took all in their order.
    counts, epochs : ndarray of int, shape (n_updates,)
        How many samples each took, and in which epoch it was, 1 for the first.
    rates : ndarray of shape (n_updates,)
        The learning rates.
    clips : ndarray of shape (n_updates,)
        By what their gradients were multiplied, so that they were short enough.
    dropped : ndarray of uint8, shape (size, n_bytes), or None
        A bit for each sample and node that could be dropped, which tells whether it was.
    """

    weights: Array
    samples: Indices | None
    counts: Indices
    epochs: Indices
    rates: Array
    clips: Array
    dropped: Any = None

    @property
    def size(self) -> int:
        """How many samples there are, of all updates."""
        return int(self.counts.sum())

    @property
    def nbytes(self) -> int:
        """How much memory weights and bits wait in."""
        return self.weights.nbytes + (0 if self.dropped is None else self.dropped.nbytes)


@dataclass(frozen=True, eq=False)
class SetBack(Note):
    """The weights became those of an earlier epoch, the best one.

    Attributes
    ----------
    weights : ndarray of shape (n_slots,)
    """

    weights: Array


@dataclass(frozen=True, eq=False)
class Forgotten(Note):
    """The optimizer forgot what it remembered."""


class Beginning(NamedTuple):
    """What a training begins with.

    Attributes
    ----------
    simulator : Simulator
    data : TrainingData
    optimizer_state : OptimizerState
        The optimizer, and what it remembers of the training that is resumed.
    terms : Terms
    dropout : Dropout or None
    resumes : bool
        Whether there is one.
    """

    simulator: Simulator
    data: TrainingData
    optimizer_state: OptimizerState
    terms: Terms
    dropout: Dropout | None
    resumes: bool


class Follower(ABC):
    """What is given all updates of a training."""

    @abstractmethod
    def begin(self, training: Beginning) -> None:
        """Take note that a training begins; raise a `NodesimError` to refuse it."""

    @abstractmethod
    def follow(self, note: Note) -> None:
        """Take a note, wholly or not at all; one with a serial number that was seen already is not counted twice.

        Functions and constants of the network are those of these updates; of its weights only the note tells.
        """

    @abstractmethod
    def end(self) -> None:
        """Take note that the training has ended; the network has the weights with which it did. May be called again."""

    @abstractmethod
    def mark(self) -> Any:
        """Return all that it knows by now, for `go_back`."""

    @abstractmethod
    def go_back(self, mark: Any) -> None:
        """Know what it knew then: by plain assignments, that Ctrl-C cannot come between."""


class Following(ABC):
    """A callback of `Network.fit` that has a follower, and is not called at the ends of epochs."""

    @property
    @abstractmethod
    def __follower__(self) -> Follower:
        """Its follower."""


class Followers:
    """The followers of one training, and what they are to be given.

    Parameters
    ----------
    followers : sequence of Follower
    training : Beginning, optional
        Where there are any.

    Attributes
    ----------
    notes : list of Note
        Not given to them yet. Whoever changes weights adds the note by a plain assignment beside that of the weights:
        so nothing is lost where Ctrl-C comes in.
    undone : tuple or None
        What they knew when what was undone since began; set beside the weights, for `take_back`.
    """

    def __init__(self, followers: Sequence[Follower] = (), training: Beginning | None = None) -> None:
        self._all, self._dropout = followers, None if training is None else training.dropout
        self._remembers = training is not None and training.optimizer_state.optimizer.start is not None
        self.notes: list[Note] = []
        self.undone: tuple[list[Note], list[Any]] | None = None
        self._counted: tuple[Note | None, int, int, int] = None, 0, 0, 0
        if training is not None:
            for follower in followers:
                follower.begin(training)

    def __bool__(self) -> bool:
        return bool(self._all)

    def journal(self, most: int, weights: Array) -> Array | None:
        """Return room for the weights before so many updates, or as many as there may be, and those behind them."""
        if not self._all:
            return None
        rows = max(1, min(most, _BYTES // max(weights.nbytes, 1)))
        return np.empty((rows + 1, len(weights)), weights.dtype)

    def in_journal(self, progress: Progress) -> Array | None:
        """Return what a trainer noted, and the weights that it came to; None where it was not asked."""
        if progress.journal is None:
            return None
        progress.journal[progress.updates] = progress.weights
        return progress.journal[: progress.updates + 1]

    def noted(
        self, weights: Array | None, order: Any, first: int, batch: int, epoch: int, rate: float,
        clip: float | None = None, mask: Array | None = None,
    ) -> tuple[Updates, ...]:  # fmt: skip
        """Return the note of some updates; none where nobody follows.

        Parameters
        ----------
        weights : ndarray of shape (n_updates + 1, n_slots), or None
        order : ndarray of shape (n_epochs, n_samples)
            In which these epochs go through the samples.
        first : int
            Which update of the first epoch is the first of these.
        batch, epoch : int
            How many samples an update takes, and the number of the first epoch.
        rate : float
        clip : float, optional
            By what the gradient of each was multiplied.
        mask : ndarray of shape (n_rows, n_samples), optional
            By what HA was multiplied, of a single update.
        """
        if weights is None or len(weights) < 2 or not self._all:
            return ()
        n_updates = len(weights) - 1
        n_samples = order.shape[1]
        epochs, place = np.divmod(np.arange(first, first + n_updates), -(-n_samples // batch))
        starts = epochs * n_samples + place * batch
        counts = np.minimum(batch, n_samples - place * batch)
        whole = batch >= n_samples
        samples = None if whole else order.reshape(-1)[starts[0] : starts[-1] + counts[-1]]
        rates, clips = np.full(n_updates, rate), np.full(n_updates, 1.0 if clip is None else clip)
        return (Updates(weights, samples, counts, epochs + epoch, rates, clips, self._bits(mask)),)

    def _bits(self, mask: Array | None) -> Any:
        if mask is None or self._dropout is None:
            return None
        return np.packbits((mask[self._dropout.rows] == 0.0).T, axis=1)

    def settle(self, *, full: bool = False) -> None:
        """Give them all notes; or only if there are as many as may wait, if `full`."""
        if full and not self._full():
            return
        while self.notes:
            several = self._alike()
            note = _joined(self.notes[:several])
            for follower in self._all:
                follower.follow(note)
            del self.notes[:several]

    def _full(self) -> bool:
        # Asked after every update, it looks at each note once: those before it are as they were if the last of them is.
        last, number, nbytes, size = self._counted
        if not number or len(self.notes) < number or self.notes[number - 1] is not last:
            number = nbytes = size = 0
        for note in self.notes[number:]:
            if isinstance(note, Updates):
                nbytes, size = nbytes + note.nbytes, size + note.size
        if self.notes:
            self._counted = self.notes[-1], len(self.notes), nbytes, size
        return nbytes >= _BYTES or size >= _SAMPLES

    def _alike(self) -> int:
        """Return how many of the first notes can be given as one."""
        several, size = 1, 0
        for before, after in pairwise(self.notes):
            if not isinstance(before, Updates) or not isinstance(after, Updates):
                break
            size += before.nbytes
            alike = (before.samples is None) == (after.samples is None)
            if not alike or size >= _SMALL or (self._remembers and before.rates[-1] != after.rates[0]):
                break
            several += 1
        return several

    def end(self) -> None:
        """Give them all notes, and tell them that the training has ended."""
        self.take_back()
        self.settle()
        for follower in self._all:
            follower.end()

    def mark(self) -> tuple[list[Note], list[Any]]:
        """Return all that they know by now, and are to be given."""
        return list(self.notes), marks(self._all)

    def take_back(self) -> None:
        """Let all be as it was before what was undone; where Ctrl-C comes in, `end` does it once more."""
        if self.undone is None:
            return
        notes, known = self.undone
        self.notes[:] = notes
        go_back(self._all, known)
        self.undone = None


def marks(followers: Sequence[Follower]) -> list[Any]:
    """Return what followers know by now."""
    return [follower.mark() for follower in followers]


def go_back(followers: Sequence[Follower], known: Sequence[Any]) -> None:
    """Let followers know what they knew then."""
    for follower, mark in zip(followers, known):
        follower.go_back(mark)


def _joined(notes: Sequence[Note]) -> Note:
    """Return one note of several; the first of them, if it is alone."""
    if len(notes) == 1:
        return notes[0]
    updates = [note for note in notes if isinstance(note, Updates)]
    rows = [*(each.weights[:-1] for each in updates), updates[-1].weights[-1:]]
    samples, counts, epochs, rates, clips, dropped = (
        _chained([getattr(each, name) for each in updates])
        for name in ("samples", "counts", "epochs", "rates", "clips", "dropped")
    )
    return Updates(
        np.concatenate(rows), samples, counts, epochs, rates, clips, dropped, serial=updates[-1].serial
    )  # fmt: skip


def _chained(pieces: Sequence[Any]) -> Any:
    return None if pieces[0] is None else np.concatenate(pieces)
