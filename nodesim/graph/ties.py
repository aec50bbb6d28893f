"""Tied weights: one weight with several uses, each of which is a connection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, Protocol, cast

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import (
    ArgumentError,
    ArgumentTypeError,
    StaleElementError,
    StateError,
    UnknownNameError,
    suggestion,
)
from nodesim.graph.element import Element
from nodesim.graph.elements import Connection, Net
from nodesim.graph.links import Links, Numbering
from nodesim.graph.lock import Lock
from nodesim.graph.sharing import Shared
from nodesim.graph.store import Store
from nodesim.notation.symbols import LETTERS
from nodesim.showing import shown
from nodesim.validation import shortened

# Of a tie that is given no name: Wr1, Wr2, ...; r as in recurrent, whose weights are used at every step.
_LETTERS = LETTERS["connection"] + "r"


class TieOwner(Protocol):
    """What ties ask of the structure that they belong to."""

    store: Store
    lock: Lock
    face: Any
    links: Links
    names: Any


class Tie(Element, Generic[Net]):
    """One weight with several uses. Made by `Network.tie`.

    Each use is a connection, with a name, two ends and a gradient of its own. The weight is one number: whichever use
    is set, all of them have it, and an update changes it by the sum of the gradients of its uses.

    Parameters
    ----------
    owner : object
        The structure that the tie belongs to.
    name : str
        Unique among the names of nodes, connections and ties.
    numbers : tuple of int
        Those of the connections.

    See Also
    --------
    Network.tie : Tie connections.
    Network.untie : Give each use a weight of its own again.
    Connection.tie : The tie of a connection.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> Wr = net.tie("W1", "W4", name="Wr")
    >>> Wr.weight = 0.5
    >>> net["W1"].weight, net["W4"].weight
    (0.5, 0.5)
    >>> _ = net.forward([0.5, 1.0]), net.backward([1.0])
    >>> Wr.gradient == net["W1"].gradient + net["W4"].gradient
    True
    """

    __slots__ = ("__weakref__", "_name", "_numbers", "_owner")

    def __init__(self, owner: TieOwner, name: str, numbers: tuple[int, ...]) -> None:
        self._owner: TieOwner | None = owner
        self._name, self._numbers = name, numbers

    @property
    def name(self) -> str:
        """The tie's name, unique among the names of nodes, connections and ties."""
        return self._name

    @property
    def owner(self) -> TieOwner:
        """The structure that the tie belongs to.

        Raises
        ------
        StaleElementError
            If the tie was removed, or has ended with its last but one use.
        """
        if self._owner is None:
            raise StaleElementError(f"{self._name} was removed from its network and ties nothing any more.")
        return self._owner

    @property
    def network(self) -> Net:
        """The `Network` that the tie belongs to.

        Raises
        ------
        StaleElementError
            If the tie was removed.
        """
        return cast(Net, self.owner.face)

    @property
    def uses(self) -> tuple[Connection[Net], ...]:
        """The connections that have this weight, in connection order."""
        links = self.owner.links
        return tuple(cast("Connection[Net]", links.get(number)) for number in self._numbers)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of these connections."""
        return self._numbers

    @property
    def weight(self) -> float:
        """The weight; set it to another finite number, for all uses.

        Raises
        ------
        ArgumentError
            When it is set to something else than a finite number.
        StaleElementError
            If the tie was removed.
        """
        return self.uses[0].weight

    @weight.setter
    def weight(self, weight: float) -> None:
        self.uses[0].weight = weight

    @property
    def trainable(self) -> bool:
        """Whether updates change the weight."""
        return self.uses[0].trainable

    @trainable.setter
    def trainable(self, trainable: bool) -> None:
        self.uses[0].trainable = trainable

    @property
    def gradient(self) -> float:
        """∂e/∂W of the last backward: the sum of the gradients of its uses.

        Raises
        ------
        StateError
            Without a backward on the weights as they are.
        """
        store = self.owner.store
        if not store.has_gradients:
            raise StateError(f"{self._name} has no gradient now: run network.forward(x) and network.backward(y) first.")
        first, *more = store.gradients[store.slot_of[list(self._numbers)]].tolist()
        # One after the other, as updates add them.
        for gradient in more:
            first += gradient
        return float(first)

    def __len__(self) -> int:
        return len(self._numbers)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Connection[Net]]:
        return iter(self.uses)

    def __contains__(self, connection: object) -> bool:
        return any(connection is each for each in self.uses)

    def __str__(self) -> str:
        return self._name

    def __repr__(self) -> str:
        try:
            uses = " = ".join(each.name for each in self.uses)
            state = f" = {self.weight:.6g}" + ("" if self.trainable else ", frozen")
        except StaleElementError:
            uses, state = "removed", ""
        return shown(f"<Tie {self._name}: {uses}{state}>")


class Ties:
    """The ties of a structure.

    Parameters
    ----------
    owner : TieOwner
    taken : callable
        Tells whether a name is taken.

    Attributes
    ----------
    by_name : dict of str to Tie
    """

    def __init__(self, owner: TieOwner, taken: Any) -> None:
        self._owner = owner
        self.by_name: dict[str, Tie] = {}
        self._by_number: dict[int, Tie] = {}
        self._free = Numbering(lambda number: taken(f"{_LETTERS}{number}"), 1)

    def __len__(self) -> int:
        return len(self.by_name)

    def __iter__(self) -> Iterator[Tie]:
        return iter(tuple(self.by_name.values()))

    def of_number(self, number: int) -> Tie | None:
        """Return the tie of a connection's number, or None."""
        return self._by_number.get(number)

    def named(self, tie: object) -> Tie | None:
        """Return the tie of a name, or a tie of this structure itself; None for anything else."""
        found = self.by_name.get(tie) if isinstance(tie, str) else tie
        return found if isinstance(found, Tie) and found._owner is self._owner else None

    def find(self, tie: object) -> Tie:
        """Return a tie from its name or itself.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError
            If it is unknown, removed or of another network, or no tie.
        """
        found = self.named(tie)
        if found is not None:
            return found
        if isinstance(tie, Tie):
            raise StaleElementError(f"{tie.name} is a tie of another network, or was removed.")
        if isinstance(tie, str):
            raise UnknownNameError(f"no tie is named {shortened(tie)}. {suggestion(tie, list(self.by_name))}")
        raise ArgumentTypeError(f"a tie, or its name, is needed here; got {shortened(tie)}.")

    def numbers(self, number: int) -> Any:
        """Return the numbers of all connections that share the weight of one: this one alone where it is not tied."""
        tie = self._by_number.get(number)
        return number if tie is None else list(tie.numbers)

    def free_name(self) -> str:
        """Return the next free name: Wr1, Wr2, ..."""
        return f"{_LETTERS}{self._free.first()}"

    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Return the numbers of the uses of each tie."""
        return tuple(tie.numbers for tie in self.by_name.values())

    def described(self) -> list[tuple[str, tuple[int, ...]]]:
        """Return the name and the numbers of each tie."""
        return [(tie.name, tie.numbers) for tie in self.by_name.values()]

    # ---- edits --------------------------------------------------------------------------------------------

    def make(self, ties: Iterable[tuple[str, Sequence[int]]]) -> list[Tie]:
        """Tie connections that are known to be free, under names that are free."""
        wanted = [(name, tuple(numbers)) for name, numbers in ties]
        self._level(numbers for _, numbers in wanted)
        made = [Tie(self._owner, name, tuple(sorted(numbers))) for name, numbers in wanted]
        self._owner.names.taken_by(tie.name for tie in made)
        for tie in made:
            self.by_name[tie.name] = tie
            self._by_number.update(dict.fromkeys(tie.numbers, tie))
        self._owner.store.restructured()
        return made

    def extend(self, tie: Tie, numbers: Sequence[int]) -> Tie:
        """Give a tie further uses, which are known to be free."""
        self._level([(*tie.numbers, *numbers)])
        tie._numbers = tuple(sorted((*tie.numbers, *numbers)))
        self._by_number.update(dict.fromkeys(numbers, tie))
        self._owner.store.restructured()
        return tie

    def _level(self, groups: Iterable[tuple[int, ...]]) -> None:
        """Let all of each group have the weight of its first one, and be trainable if that is."""
        store = self._owner.store
        shared = Shared(store.slot_of[list(numbers)].tolist() for numbers in groups)
        shared.level(store.weights)
        shared.level(store.trainable)

    def end(self, tie: Tie) -> None:
        """Forget a tie; its name is free again."""
        for number in tie.numbers:
            del self._by_number[number]
        del self.by_name[tie.name]
        tie._owner = None
        self._owner.names.released(tie.name)
        digits = tie.name.removeprefix(_LETTERS)
        if tie.name.startswith(_LETTERS) and digits.isascii() and digits.isdigit() and len(digits) < 19:
            self._free.release(int(digits))

    def remove(self, tie: object) -> Tie:
        """End a tie, given by itself or its name."""
        found = self.find(tie)
        self.end(found)
        self._owner.store.restructured()
        return found

    def leave(self, number: int) -> Tie | None:
        """Forget a use if the connection of a number is one; return its tie, which may have one use alone now."""
        tie = self._by_number.pop(number, None)
        if tie is not None:
            tie._numbers = tuple(each for each in tie.numbers if each != number)
        return tie

    def discard(self, number: int) -> None:
        """Forget a use if the connection of a number is one, and its tie if only one more is left."""
        tie = self.leave(number)
        if tie is not None and len(tie) == 1:
            self.end(tie)

    def state(self) -> Any:
        """Return what they are now, for `restore`."""
        return [(tie, tie.numbers) for tie in self.by_name.values()], self._free.state()

    def restore(self, state: Any) -> None:
        """Let them be what they were."""
        kept, free = state
        for tie in self.by_name.values():
            tie._owner = None
        self.by_name.clear()
        self._by_number.clear()
        for tie, numbers in kept:
            tie._numbers, tie._owner = numbers, self._owner
            self.by_name[tie.name] = tie
            self._by_number.update(dict.fromkeys(numbers, tie))
        self._free.restore(free)

    # ---- numbers ------------------------------------------------------------------------------------------

    def level(self) -> None:
        """Let all uses have what the first one has."""
        if self.by_name:
            self._level(self.groups())

    def check(self, numbers: Indices, weights: Array) -> None:
        """Raise an `ArgumentError` unless tied connections are given the same weight.

        Parameters
        ----------
        numbers, weights : ndarray of shape (n_connections,)
        """
        for tie in self.by_name.values() if len(weights) == len(numbers) else ():
            places = np.searchsorted(numbers, tie.numbers)
            given = weights[places]
            other = np.flatnonzero(given != given[0])
            if len(other):
                uses = tie.uses
                raise ArgumentError(
                    f"{shown(tie.name)} ties {_listed(uses)}, which have one weight: weights gives {uses[0].name} "
                    f"{float(given[0])!r} and {uses[other[0]].name} {float(given[other[0]])!r}. Nothing was set."
                )


def _listed(uses: Sequence[Connection]) -> str:
    names = [each.name for each in uses[:4]] + (["..."] if len(uses) > 4 else [])
    return f"{', '.join(names[:-1])} and {names[-1]}"
