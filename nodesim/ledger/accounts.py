"""What a ledger keeps: for each weight what was posted to its accounts, in sums that rounding does not wear down."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.ledger.routes import Way

# What moves a weight beside the gradients of samples' errors; what is rounded off where a step is made counts as such.
# Penalties have rows behind these.
MEMORY, EARLIER, SET_BACK, CALLBACK, BETWEEN, ROUNDING = range(6)
SPECIAL = (
    "memory of the optimizer", "memory of earlier trainings", "set back", "set by a callback", "set between trainings",
    "rounding",
)  # fmt: skip


class Sums:
    """Sums that are added to again and again, each in two parts: what it is rounded to, and the rest.

    Parameters
    ----------
    size : int

    References
    ----------
    Neumaier, A., "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen" (ZAMM 54, 1974).

    Examples
    --------
    >>> sums = Sums(1)
    >>> for number in (1.0, 1e100, 1.0, -1e100):
    ...     sums.add(np.array([number]))
    >>> sums.array
    array([2.])
    """

    __slots__ = ("_high", "_low")

    def __init__(self, size: int) -> None:
        self._high, self._low = np.zeros((2, size))

    def add(self, numbers: Array) -> None:
        """Add a number to each sum."""
        high = self._high + numbers
        larger = np.abs(self._high) >= np.abs(numbers)
        rest = np.where(larger, (self._high - high) + numbers, (numbers - high) + self._high)
        self._high, self._low = high, self._low + rest

    def extended(self, size: int) -> Sums:
        """Return these and further sums, of 0, to so many; itself if there are as many."""
        if size <= len(self._high):
            return self
        twin = Sums(size)
        twin._high, twin._low = extended(self._high, size), extended(self._low, size)
        return twin

    def __copy__(self) -> Sums:
        # What is there is never written into.
        twin = Sums(0)
        twin._high, twin._low = self._high, self._low
        return twin

    @property
    def array(self) -> Array:
        """The sums, rounded once."""
        return self._high + self._low


@dataclass
class Account:
    """What moved one weight.

    Attributes
    ----------
    start, now : float
        The weight when the ledger began, and after what was posted last.
    parts : Sums
        As its route has them.
    samples : Sums
        By sample.
    special : Sums
        As `SPECIAL` names them, and `Book.penalties` behind these.
    velocity, sample_velocity, special_velocity : ndarray
        What the optimizer remembers of the parts, where it does.
    """

    start: float
    now: float
    parts: Sums
    samples: Sums
    special: Sums
    velocity: Array
    sample_velocity: Array
    special_velocity: Array

    def __copy__(self) -> Account:
        return Account(
            self.start, self.now, copy.copy(self.parts), copy.copy(self.samples), copy.copy(self.special),
            self.velocity, self.sample_velocity, self.special_velocity,
        )  # fmt: skip

    def make_room(self, n_samples: int, n_special: int) -> None:
        """Have accounts of so many samples at least, and for so much that is no sample's."""
        self.samples, self.special = self.samples.extended(n_samples), self.special.extended(n_special)
        self.sample_velocity = extended(self.sample_velocity, n_samples)
        self.special_velocity = extended(self.special_velocity, n_special)

    def forget(self) -> None:
        """Forget what the optimizer remembers."""
        self.velocity, self.sample_velocity, self.special_velocity = map(
            np.zeros_like, (self.velocity, self.sample_velocity, self.special_velocity)
        )

    def set_to(self, weight: float, why: int) -> None:
        """Note that the weight was set."""
        if weight != self.now:
            self.post_special(why, weight - self.now)
            self.now = weight

    def post_special(self, why: int, amount: float) -> None:
        """Post something that is no gradient's."""
        amounts = np.zeros(len(self.special_velocity))
        amounts[why] = amount
        self.special.add(amounts)


def new_account(weight: float, n_parts: int) -> Account:
    """Return the account of a weight that nothing has moved yet, of no sample."""
    parts, samples, special = np.zeros(n_parts), np.zeros(0), np.zeros(len(SPECIAL))
    return Account(
        weight, weight, Sums(len(parts)), Sums(len(samples)), Sums(len(special)), parts, samples, special
    )  # fmt: skip


def extended(numbers: Array, size: int) -> Array:
    """Return numbers, and 0 up to so many; themselves if they are as many."""
    more = size - len(numbers)
    return np.pad(numbers, (0, more)) if more > 0 else numbers


@dataclass
class Epochs:
    """By how much each epoch changed the weights, in pieces that are only ever added at the end.

    Attributes
    ----------
    numbers : list of ndarray of shape (n,)
        The numbers of the epochs.
    changes : list of ndarray of shape (n, n_weights)
    """

    numbers: list[Indices] = field(default_factory=list)
    changes: list[Array] = field(default_factory=list)


@dataclass
class Book:
    """All accounts at one moment.

    Attributes
    ----------
    accounts : list of Account
    epochs : Epochs
        Shared by all books of a ledger, which differ in how many pieces are theirs.
    n_pieces : int
    before, done : int
        How many epochs earlier trainings had, and how many all had so far.
    serial : int
        Of the last note that was taken.
    updates : int
        How many were posted.
    shared : tuple of str
        Names of the optimizers whose changes were posted by share.
    n_samples : int
        How many samples have accounts.
    penalties : tuple of str
        The names of regularizers.
    strongest : dict of int to tuple of Way
        By the row of a node, the paths that have accounts where not all have.
    """

    accounts: list[Account]
    epochs: Epochs = field(default_factory=Epochs)
    n_pieces: int = 0
    before: int = 0
    done: int = 0
    serial: int = -1
    updates: int = 0
    shared: tuple[str, ...] = ()
    n_samples: int = 0
    penalties: tuple[str, ...] = ()
    strongest: dict[int, tuple[Way, ...]] = field(default_factory=dict)

    def __copy__(self) -> Book:
        twin = Book(**vars(self))
        twin.accounts = [copy.copy(account) for account in self.accounts]
        twin.strongest = dict(self.strongest)
        return twin

    def note_epochs(self, numbers: Indices, changes: Array) -> None:
        """Add a piece; one that another book left behind is forgotten."""
        for pieces in (self.epochs.numbers, self.epochs.changes):
            del pieces[self.n_pieces :]
        self.epochs.numbers.append(numbers)
        self.epochs.changes.append(changes)
        self.n_pieces += 1
        self.done = max(self.done, int(numbers[-1]))

    def by_epoch(self, weight: int) -> Array:
        """Return by how much each epoch changed a weight, shape (n_epochs,)."""
        numbers = np.concatenate([np.zeros(0, int), *self.epochs.numbers[: self.n_pieces]])
        changes = np.concatenate([np.zeros(0), *(piece[:, weight] for piece in self.epochs.changes[: self.n_pieces])])
        found = np.zeros(self.done)
        np.add.at(found, numbers - 1, changes)
        return found
