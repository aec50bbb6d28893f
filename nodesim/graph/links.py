"""The connections of a structure by number: their two ends in arrays, and objects as soon as somebody looks at them.

An object for each of ten million connections takes seconds to make, and gigabytes. Nothing that runs or trains a
network needs them. So whoever builds many connections at once enters their ends alone; the objects, and the edges of
the graph, are made all together when the first of them is asked for, or before the first edit.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast, overload

import numpy as np

from nodesim._arrays import Indices
from nodesim.graph.collector import gc_paused
from nodesim.graph.elements import Connection
from nodesim.graph.growing import grown

_FIRST_CAPACITY = 16
_NONE = -1


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

    def state(self) -> tuple[int, list[int]]:
        """Return what decides which numbers it finds, besides those in use."""
        return self._next, list(self._freed)

    def restore(self, state: tuple[int, list[int]]) -> None:
        """Find the numbers that it found when this was its state."""
        self._next, self._freed = state[0], list(state[1])

    def release(self, number: int) -> None:
        """Give a number back."""
        # Those from there on are looked at anyway, and a lower one may be free.
        if number < self._next:
            heapq.heappush(self._freed, number)


class Linked(Sequence[Connection]):
    """The connections of one version of a structure, in connection order; objects are made when they are asked for.

    Parameters
    ----------
    links : Links
        Of that version, until it is edited.

    Attributes
    ----------
    numbers : ndarray of shape (n_connections,)
        Theirs.
    """

    def __init__(self, links: Links) -> None:
        self._links: Links | None = links
        self.numbers = links.numbers()
        self._all: tuple[Connection, ...] = ()

    def all(self) -> tuple[Connection, ...]:
        """Return all of them, which no edit changes any more."""
        if (links := self._links) is not None:
            self._all, self._links = links.all(), None
        return self._all

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> Connection: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Connection, ...]: ...
    def __getitem__(self, index: int | slice) -> Connection | tuple[Connection, ...]:
        # Once: another thread may have all of them made meanwhile.
        if (links := self._links) is not None and not isinstance(index, slice):
            return cast(Connection, links.get(int(self.numbers[index])))
        return self.all()[index]

    def __iter__(self) -> Iterator[Connection]:
        return iter(self.all())

    def __getstate__(self) -> dict[str, object]:
        return {"_all": self.all(), "_links": None, "numbers": self.numbers}


class Links:
    """Which connections there are.

    Parameters
    ----------
    make : callable
        Makes an object of (row of the source, row of the target, number, own name or None).
    enter : callable
        Makes an object an edge of the graph, in place of the one that the edge had before, if any.

    Attributes
    ----------
    size : int
        From where on no number was given yet.
    count : int
        How many connections there are.
    named : dict of str to int
        The numbers of the connections that have a name of their own.
    delays : dict of int to int
        By how many steps in time the connection of a number is delayed, where it is.
    """

    def __init__(
        self, make: Callable[[int, int, int, str | None], Connection], enter: Callable[[Connection], None]
    ) -> None:
        self._make, self._enter = make, enter
        self._sources, self._targets = (np.full(_FIRST_CAPACITY, _NONE, dtype=np.int32) for _ in range(2))
        self.size = self.count = 0
        self.named: dict[str, int] = {}
        self.delays: dict[int, int] = {}
        self._objects: list[Connection | None] | None = []
        # Those that were asked for before all were made.
        self._first: dict[int, Connection] = {}
        self._making = threading.RLock()
        self._linked: Linked | None = None
        self._unused = Numbering(self._is_taken, 0)

    def _is_taken(self, number: int) -> bool:
        return number < self.size and self._sources[number] != _NONE

    # ---- what there is ------------------------------------------------------------------------------------

    def numbers(self) -> Indices:
        """Return the numbers of all connections."""
        if self.count == self.size:
            return np.arange(self.size)
        return np.flatnonzero(self._sources[: self.size] != _NONE)

    def ends(self) -> tuple[Indices, Indices]:
        """Return the rows of the sources and of the targets of all connections."""
        chosen = slice(self.size) if self.count == self.size else self.numbers()
        return self._sources[chosen].astype(np.intp), self._targets[chosen].astype(np.intp)

    def linked(self) -> Linked:
        """Return the connections of now, whatever edits come."""
        if self._linked is None:
            self._linked = Linked(self)
        return self._linked

    def __iter__(self) -> Iterator[Connection]:
        return (connection for connection in self.made() if connection is not None)

    def all(self) -> tuple[Connection, ...]:
        """Return all connections, in connection order."""
        found = self.made()
        gaps = self.count < self.size
        return tuple([each for each in found if each is not None] if gaps else cast(list[Connection], found))

    def get(self, number: int) -> Connection | None:
        """Return the connection of a number, or None."""
        if self._objects is not None:
            return self._objects[number] if number < self.size else None
        if not self._is_taken(number):
            return None
        with self._making:
            return self.made()[number] if self._objects is not None else self._single(number)

    def of_name(self, name: str) -> Connection | None:
        """Return the connection that has this name of its own, or None."""
        number = self.named.get(name)
        return None if number is None else self.get(number)

    def _single(self, number: int) -> Connection:
        if number not in self._first:
            name = next((name for name, named in self.named.items() if named == number), None)
            ends = int(self._sources[number]), int(self._targets[number])
            self._first[number] = self._make(*ends, number, name)
        return self._first[number]

    def made(self) -> list[Connection | None]:
        """Return the objects by number, and see that every connection is one, and an edge of the graph."""
        found = self._objects
        if found is None:
            with self._making, gc_paused():
                found = self._all_made() if self._objects is None else self._objects
                self._objects, self._first = found, {}
        return found

    def _all_made(self) -> list[Connection | None]:
        found: list[Connection | None] = [None] * self.size
        names = {number: name for name, number in self.named.items()}
        numbers, *ends = (column.tolist() for column in (self.numbers(), *self.ends()))
        for source, target, number in zip(*ends, numbers):
            connection = self._first.get(number)
            if connection is None:
                connection = self._make(source, target, number, names.get(number))
            self._enter(connection)
            found[number] = connection
        return found

    # ---- edits --------------------------------------------------------------------------------------------

    def free_number(self) -> int:
        """Return the lowest free number."""
        return self.size if self.count == self.size else self._unused.first()

    def add(self, connection: Connection, source: int, target: int, own_name: str | None, delay: int = 0) -> None:
        """Enter a new connection, whose number is free, with the rows of its ends."""
        objects, number = self._begin_edit(), connection.number
        if delay:
            self.delays[number] = delay
        if number == self.size:
            if number == len(self._sources):
                self._reserve(number + 1)
            objects.append(connection)
            self.size = number + 1
        else:
            objects[number] = connection
        self._sources[number], self._targets[number] = source, target
        self.count += 1
        if own_name is not None:
            self.named[own_name] = number

    def add_all(self, sources: Indices, targets: Indices, numbers: Indices, named: Mapping[str, int]) -> None:
        """Enter many connections, which are known to be new and free of cycles, without making objects of them."""
        self._keep_linked()
        self._reserve(int(numbers.max(initial=-1)) + 1)
        self._sources[numbers], self._targets[numbers] = sources, targets
        self.count += len(numbers)
        self.named.update(named)
        self._objects = None

    def discard(self, connection: Connection) -> None:
        """Forget a connection; its number is free again."""
        objects, number = self._begin_edit(), connection.number
        objects[number] = None
        self._sources[number] = self._targets[number] = _NONE
        self.count -= 1
        self.named.pop(connection.name, None)
        self.delays.pop(number, None)
        self._unused.release(number)

    def renumber_rows(self, rows: Indices) -> None:
        """Take over that nodes have other rows: from each row the new one."""
        for ends in (self._sources, self._targets):
            taken = ends != _NONE
            ends[taken] = rows[ends[taken]]

    def state(self) -> tuple[Any, ...]:
        """Return what `linked` does not tell of the connections of now."""
        return self.size, dict(self.named), dict(self.delays), self._unused.state()

    def restore(self, linked: Linked, ends: tuple[Indices, Indices], state: tuple[Any, ...]) -> None:
        """Let the connections be those of before some edits.

        Parameters
        ----------
        linked : Linked
            What `linked` returned.
        ends : tuple of two ndarray of shape (n_connections,)
            The rows of both ends.
        state : tuple
            What `state` returned.
        """
        numbers = linked.numbers
        self.size, named, delays, unused = state
        self.count, self.named, self.delays = len(numbers), dict(named), dict(delays)
        self._unused.restore(unused)
        self._sources, self._targets = (np.full(self.size, _NONE, dtype=np.int32) for _ in range(2))
        self._sources[numbers], self._targets[numbers] = ends
        if self._linked is not linked:
            found: list[Connection | None] = list(linked.all())
            if self.count < self.size:
                found = [None] * self.size
                for connection in linked.all():
                    found[connection.number] = connection
            self._objects, self._linked = found, linked

    def _begin_edit(self) -> list[Connection | None]:
        self._keep_linked()
        return self.made()

    def _keep_linked(self) -> None:
        if self._linked is not None:
            # Whoever has the connections of before keeps them.
            _, self._linked = self._linked.all(), None

    def _reserve(self, size: int) -> None:
        if size > len(self._sources):
            self._sources, self._targets = grown(self._sources, size, _NONE), grown(self._targets, size, _NONE)
        self.size = max(self.size, size)
