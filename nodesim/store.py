"""Where every number lives.

One slot for each connection (`Store.weights`, `Store.gradients`), one row for each node with one column for
each sample (`Run.value`, `Run.activated`, `Run.delta`). Nodes and connections are windows on these arrays.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any, Self

import numpy as np

from nodesim.errors import ArgumentError
from nodesim.functions import Array, Loss

_FIRST_CAPACITY = 16


class Numbering:
    """The lowest free whole number, found quickly while numbers are taken and given back.

    Parameters
    ----------
    taken : callable
        Tells whether a number is in use.
    start : int
        The lowest number.
    """

    __slots__ = ("_freed", "_next", "_taken")

    def __init__(self, taken: Callable[[int], bool], start: int) -> None:
        self._taken = taken
        self._next = start
        self._freed: list[int] = []

    def first(self) -> int:
        """Return the lowest free number; asking does not take it."""
        while self._freed and self._taken(self._freed[0]):
            heapq.heappop(self._freed)
        if self._freed:
            return self._freed[0]
        while self._taken(self._next):
            self._next += 1
        return self._next

    def release(self, number: int) -> None:
        """Give a number back."""
        heapq.heappush(self._freed, number)


class Run:
    """The numbers of one forward pass and, afterwards, of its backward pass.

    Attributes
    ----------
    n_rows, n_samples : int
    threads : int
        How many may calculate, for engines that can make use of them.
    tables : dict of str to ndarray of shape (n_rows, n_samples)
        "value", "activated" and "delta": H and HA of every node and sample, and ∂e/∂H of each sample's own error.
    single : bool
        Whether the caller gave one sample as a vector, and gets numbers instead of vectors.
    edition : int
        `Store.edition` when it ran; another edition means that these numbers are out of date.
    errors : ndarray of shape (n_samples,) or None
        The error of each sample; None before backward.
    targets : ndarray of shape (n_outputs, n_samples) or None
        The desired outputs; None before backward.
    loss : Loss or None
        What the errors were calculated by; None before backward.
    seed : Seed or None
        Where the error enters the outputs; None before backward.
    """

    __slots__ = (
        "dtype", "edition", "errors", "loss", "n_rows", "n_samples", "seed", "single", "tables", "targets", "threads",
    )  # fmt: skip

    def __init__(
        self, n_rows: int, n_samples: int, *, single: bool = False, edition: int = -1, threads: int = 1,
        dtype: Any = np.float64,
    ) -> None:  # fmt: skip
        self.dtype = dtype
        self.threads = threads
        self.n_rows = n_rows
        self.n_samples = n_samples
        self.single = single
        self.edition = edition
        self.tables: dict[str, Array] = {}
        self.errors: Array | None = None
        self.targets: Array | None = None
        self.seed: Seed | None = None
        self.loss: Loss | None = None

    @property
    def value(self) -> Array:
        """H of every node and sample."""
        return self.table("value")

    @property
    def activated(self) -> Array:
        """HA of every node and sample."""
        return self.table("activated")

    @property
    def delta(self) -> Array:
        """∂e/∂H of every node and sample."""
        return self.table("delta")

    def table(self, what: str) -> Array:
        """Return "value", "activated" or "delta" as a table; engines with memory of their own make it of that."""
        if what not in self.tables:
            self.tables[what] = np.zeros((self.n_rows, self.n_samples), dtype=self.dtype)
        return self.tables[what]

    def rows(self, what: str, rows: Any) -> Array:
        """Return some rows of a table, or one."""
        found: Array = self.table(what)[rows]
        return found

    def for_backward(self) -> Self:
        """Return a run that shares value and activated, and has room of its own for what backward sets."""
        twin = type(self)(
            self.n_rows, self.n_samples, single=self.single, edition=self.edition, threads=self.threads,
            dtype=self.dtype,
        )  # fmt: skip
        twin.tables = {name: self.table(name) for name in ("value", "activated")}
        return twin


class Seed:
    """The derivative of each sample's error where it enters the network.

    Attributes
    ----------
    gradient : ndarray of shape (n_outputs, n_samples)
        ∂e/∂OA of every output, or ∂e/∂O where `of_sums`.
    of_sums : bool
        Whether the loss is differentiated by the weighted sums O directly (see `Loss.sum_derivative`).
    """

    __slots__ = ("gradient", "of_sums")

    def __init__(self, gradient: Array, *, of_sums: bool) -> None:
        self.gradient = gradient
        self.of_sums = of_sums


class Store:
    """The numbers of a network's connections, and its last run.

    Attributes
    ----------
    weights, gradients : ndarray of shape (capacity,)
        In float64 or float32. By slot; only the first `size` slots are in use, and slots of removed connections hold 0.
    trainable : ndarray of bool, shape (capacity,)
        False for frozen connections and for slots without a connection.
    structure : int
        Goes up with every structural edit.
    edition : int
        Goes up with every change after which a run is out of date: structure, weight, function, constant.
    run : Run or None
        What the objects show.
    has_gradients : bool
        Whether `gradients` are those of a backward on this structure.
    """

    __slots__ = ("edition", "gradients", "has_gradients", "run", "size", "structure", "trainable", "weights")

    def __init__(self, dtype: Any = np.float64) -> None:
        self.weights: Array = np.zeros(_FIRST_CAPACITY, dtype=dtype)
        self.gradients: Array = np.zeros(_FIRST_CAPACITY, dtype=dtype)
        self.trainable = np.zeros(_FIRST_CAPACITY, dtype=bool)
        self.size = 0
        self.structure = 0
        self.edition = 0
        self.run: Run | None = None
        self.has_gradients = False

    def check(self, weight: float, name: str) -> None:
        """Raise an `ArgumentError` if a finite weight is too large for the network's numbers."""
        if self.weights.dtype != np.float64 and abs(weight) > float(np.finfo(self.weights.dtype).max):
            raise ArgumentError(f"the weight of {name}, {weight!r}, is too large for {self.weights.dtype}.")

    def occupy(self, slot: int, weight: float, trainable: bool) -> None:
        """Give a slot to a new connection."""
        if slot >= len(self.weights):
            self._grow()
        self.size = max(self.size, slot + 1)
        self.weights[slot] = weight
        self.trainable[slot] = trainable
        self.restructured()

    def occupy_all(self, first: int, count: int) -> None:
        """Give slots from the first on to new connections of weight 0, to be trained."""
        self.reserve(first + count)
        self.trainable[first : first + count] = True
        self.restructured()

    def vacate(self, slot: int) -> None:
        """Take a slot from a removed connection."""
        self.weights[slot] = 0.0
        self.gradients[slot] = 0.0
        self.trainable[slot] = False
        self.restructured()

    def reserve(self, size: int) -> None:
        """Make room for so many slots."""
        while size > len(self.weights):
            self._grow()
        self.size = max(self.size, size)

    def _grow(self) -> None:
        for name in ("weights", "gradients", "trainable"):
            old = getattr(self, name)
            new = np.zeros(2 * len(old), dtype=old.dtype)
            new[: len(old)] = old
            setattr(self, name, new)

    def show(self, run: Run, gradients: Array | None = None) -> None:
        """Let the objects show a run, and the gradients of its backward if it had one."""
        self.run = run
        self.has_gradients = gradients is not None
        if gradients is not None:
            self.gradients[: self.size] = gradients

    def changed(self) -> None:
        """Note that a number or function changed: the last run can be read, but not built upon."""
        self.edition += 1

    def restructured(self) -> None:
        """Note a structural edit: the last run is of another network, and is forgotten."""
        self.structure += 1
        self.edition += 1
        self.forget()

    def forget(self) -> None:
        """Show the values of no sample, and no gradients."""
        self.run = None
        self.has_gradients = False

    def copy(self) -> Store:
        """Return an independent store with the same numbers, without the run."""
        twin = Store()
        for name in ("weights", "gradients", "trainable"):
            setattr(twin, name, getattr(self, name).copy())
        twin.size = self.size
        return twin
