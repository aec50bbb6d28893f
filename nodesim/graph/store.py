"""Where every number lives.

One slot for each connection (`Store.weights`, `Store.gradients`), one row for each node with one column for
each sample (see `nodesim.graph.run.Run`). Nodes and connections are windows on these arrays. Slots stand in the order
in which kernels read them, that of the last schedule (`nodesim.graph.arrangement`); where a connection's slot is,
`Store.slot_of` tells by its number.

They are live: engines write into them, and whoever else does must note it (`Store.changed`). What a `Network` shows of
them is read-only.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices
from nodesim.errors import ArgumentError
from nodesim.graph.growing import grown
from nodesim.graph.run import Run
from nodesim.validation import numbers, shortened

_FIRST_CAPACITY = 16


class Store:
    """The numbers of a network's connections, and its last run.

    Attributes
    ----------
    weights, gradients : ndarray of shape (capacity,)
        In float64 or float32. By slot; only the first `size` slots are in use. Slots of removed connections hold 0, and
        are closed when the next schedule is cut.
    trainable : ndarray of bool, shape (capacity,)
        False for frozen connections and for slots without a connection.
    slot_of : ndarray of int
        By the number of a connection, its slot.
    largest : float
        The largest finite number of their type.
    structure_version : int
        Another one after every structural edit; that of before again where edits were undone.
    latest_version : int
        The highest that `structure_version` was: no version is given to two structures.
    version : int
        Goes up with every change after which a run is out of date: structure, weight, function, constant.
    run : Run or None
        What the objects show.
    has_gradients : bool
        Whether `gradients` are those of a backward on this structure, or were set in their place.
    replaced : ndarray of shape (size,) or None
        What that backward has found, where other gradients were set since.
    """

    __slots__ = (
        "gradients",
        "has_gradients",
        "largest",
        "latest_version",
        "replaced",
        "run",
        "size",
        "slot_of",
        "structure_version",
        "trainable",
        "version",
        "weights",
    )  # fmt: skip

    def __init__(self, dtype: Any = np.float64) -> None:
        self.weights: Array = np.zeros(_FIRST_CAPACITY, dtype=dtype)
        self.gradients: Array = np.zeros(_FIRST_CAPACITY, dtype=dtype)
        self.trainable = np.zeros(_FIRST_CAPACITY, dtype=bool)
        self.largest = float(np.finfo(self.weights.dtype).max)
        self.slot_of: NDArray[Any] = np.zeros(_FIRST_CAPACITY, dtype=np.intp)
        self.size = 0
        self.structure_version = self.latest_version = 0
        self.version = 0
        self.run: Run | None = None
        self.has_gradients = False
        self.replaced: Array | None = None

    def check(self, number: float, what: str) -> float:
        """Return a finite number, or raise an `ArgumentError` if it is too large for the network's numbers."""
        if abs(number) > self.largest:
            raise ArgumentError(f"{what}, {shortened(number)}, is too large for {self.weights.dtype}.")
        return number

    def occupy(self, number: int, weight: float, trainable: bool) -> None:
        """Give a slot to the new connection of a number."""
        slot = self.size
        if number >= len(self.slot_of) or slot >= len(self.weights):
            self._reserve(number + 1, slot + 1)
        self.slot_of[number] = slot
        self.size = slot + 1
        self.weights[slot] = weight
        self.trainable[slot] = trainable
        self.restructured()

    def occupy_all(self, numbers: Indices) -> None:
        """Give slots to the new connections of some numbers, of weight 0, to be trained."""
        first, self.size = self.size, self.size + len(numbers)
        self._reserve(int(numbers.max(initial=-1)) + 1, self.size)
        self.slot_of[numbers] = np.arange(first, self.size)
        self.trainable[first : self.size] = True
        self.restructured()

    def vacate(self, number: int) -> None:
        """Take the slot from a removed connection."""
        slot = self.slot_of[number]
        self.weights[slot] = 0.0
        self.gradients[slot] = 0.0
        self.trainable[slot] = False
        self.restructured()

    def _reserve(self, n_numbers: int, size: int) -> None:
        """Make room for so many numbers and slots."""
        self.slot_of = grown(self.slot_of, n_numbers)
        for name in ("weights", "gradients", "trainable"):
            setattr(self, name, grown(getattr(self, name), size))

    def arrange(self, numbers: Indices, slots: Indices) -> None:
        """Let the connections of some numbers, which are all that there are, stand in these slots.

        Parameters
        ----------
        numbers, slots : ndarray of shape (n_connections,)
            The slots are 0 ... n_connections - 1 in some order.
        """
        count = len(numbers)
        while True:
            seen, version, replaced = self.slot_of, self.version, self.replaced
            arrays = self.weights, self.gradients, self.trainable
            before = seen[numbers]
            if count == len(self.weights) and (before == slots).all():
                return
            taken = np.empty_like(before)
            taken[slots] = before
            slot_of = seen.copy()
            slot_of[numbers] = slots
            moved = [array[taken] for array in arrays]
            if replaced is not None:
                replaced = replaced[taken]
            # The handler of a signal, which comes in where something is called, may have asked for a schedule or set a
            # weight meanwhile. From here on nothing is called, and it cannot leave the half of it.
            if self.slot_of is seen and self.version == version:
                self.weights, self.gradients, self.trainable = moved
                self.slot_of, self.replaced, self.size = slot_of, replaced, count
                return

    def lay_out(self, numbers: Indices, slots: Indices, version: int) -> None:
        """Let there be the connections of some numbers in these slots again, at weight 0 unless they still are."""
        count, at_rest = len(numbers), self.structure_version == version
        if at_rest and count == self.size == len(self.weights) and (self.slot_of[numbers] == slots).all():
            return
        slot_of = np.zeros(int(numbers.max(initial=-1)) + 1, dtype=np.intp)
        slot_of[numbers] = slots
        for name in ("weights", "gradients", "trainable"):
            setattr(self, name, np.zeros(count, dtype=getattr(self, name).dtype))
        self.slot_of, self.size = slot_of, count
        self.restructured()
        self.structure_version = version

    def show(self, run: Run, gradients: Array | None = None) -> None:
        """Let the objects show a run, and the gradients of its backward if it had one."""
        self.run = run
        self.has_gradients, self.replaced = gradients is not None, None
        if gradients is not None:
            self.gradients[: self.size] = gradients

    def show_backward(self, run: Run, gradients: Array) -> None:
        """Let the objects show a run that went backward; the gradients, as many as there is room for, are kept."""
        self.run, self.gradients = run, gradients
        self.has_gradients, self.replaced = True, None

    @contextlib.contextmanager
    def as_before_on_error(self, slots: Indices) -> Iterator[None]:
        """Let the objects show what they showed before, where something fails that runs the network on the way.

        Parameters
        ----------
        slots : ndarray of shape (n_connections,)
            Those of all connections, which stay where they are.
        """
        shown, gradients = self._shown, self.gradients[slots]
        try:
            yield
        except BaseException:
            self._shown, self.gradients[slots] = shown, gradients
            raise

    @contextlib.contextmanager
    def as_before(self, slots: Indices) -> Iterator[None]:
        """Let the objects show what they showed before, whatever is run on the way; parameters as above."""
        shown, gradients = self._shown, self.gradients[slots]
        try:
            yield
        finally:
            self._shown, self.gradients[slots] = shown, gradients

    @property
    def _shown(self) -> tuple[Run | None, bool, Array | None]:
        return self.run, self.has_gradients, self.replaced

    @_shown.setter
    def _shown(self, shown: tuple[Run | None, bool, Array | None]) -> None:
        self.run, self.has_gradients, self.replaced = shown

    def changed(self) -> None:
        """Note that a number or function changed: the last run can be read, but not built upon."""
        self.version += 1

    def restructured(self) -> None:
        """Note a structural edit: the last run is of another network, and is forgotten."""
        self.latest_version += 1
        self.structure_version = self.latest_version
        self.version += 1
        self.forget()

    def forget(self) -> None:
        """Show the values of no sample, and no gradients."""
        self.run = self.replaced = None
        self.has_gradients = False

    def replace_weights(self, slots: Indices, weights: Any, check: Callable[[Array], object] | None = None) -> None:
        """Take other weights for all connections.

        Parameters
        ----------
        slots : ndarray of shape (n_connections,)
        weights : array_like of shape (n_connections,)
        check : callable, optional
            Raises what else is wrong with them.

        Raises
        ------
        ArgumentError, DataError
            If they are something else than one finite number for each slot.
        """
        new = self._one_each(slots, weights, "weights")
        if check is not None:
            check(new)
        self.weights[slots] = new
        self.changed()

    def _one_each(self, slots: Indices, given: Any, what: str) -> Array:
        new, largest = numbers(given, what, shared=True), self.largest
        # The shape first: where it is right, they are not more than can be looked at. Whatever is not a number is not
        # between the smallest and the largest one either.
        right = new.shape == slots.shape
        if not right or (new.size and not (-largest <= new.min() and new.max() <= largest)):
            raise ArgumentError(
                f"{what} must be {len(slots)} finite numbers, one for each connection and none too large for "
                f"{self.weights.dtype}; got {shortened(given)}."
            )
        return new

    def replace_gradients(self, slots: Indices, gradients: Any) -> None:
        """Let updates use other gradients than those of the backward, which are kept beside.

        Raises
        ------
        ArgumentError, DataError
            If they are something else than one finite number for each slot.
        """
        new = self._one_each(slots, gradients, "gradients")
        if self.replaced is None:
            self.replaced = self.gradients[: self.size].copy()
        self.gradients[slots] = new

    def adopt(self, other: Store) -> None:
        """Take over the numbers of another store of the same structure, without its run."""
        for name in ("weights", "gradients", "trainable", "slot_of"):
            setattr(self, name, getattr(other, name).copy())
        self.size = other.size
        # What is copied together with the network, such as a recording, still is of this structure.
        self.structure_version, self.latest_version = other.structure_version, other.latest_version
