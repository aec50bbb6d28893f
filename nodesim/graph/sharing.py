"""Slots that hold one weight: what of them an optimizer sees, and how they stay equal bit by bit."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices, Mask
from nodesim.errors import ArgumentTypeError, StaleElementError


class Shared:
    """The uses of tied weights, by slot.

    An optimizer sees the first use of each alone, with the sum of the gradients of all, and the others are set to what
    it makes of that. So a weight is one weight to every rule, also to one that looks at all of them together.

    Parameters
    ----------
    groups : iterable of sequences of int
        For each tied weight the slots of its uses, the first use first.

    Attributes
    ----------
    firsts, copies : ndarray of shape (n,)
        For each further use the slot of the first one, and its own.

    Examples
    --------
    >>> shared = Shared([(0, 2, 3)])
    >>> shared.summed(np.array([1.0, 10.0, 2.0, 4.0])).tolist()
    [7.0, 10.0, 2.0, 4.0]
    """

    def __init__(self, groups: Iterable[Sequence[int]]) -> None:
        pairs = [(group[0], slot) for group in groups for slot in group[1:]]
        self.firsts: Indices
        self.copies: Indices
        self.firsts, self.copies = np.array(pairs, dtype=np.intp).reshape(-1, 2).T.copy()

    @cached_property
    def further(self) -> frozenset[int]:
        """The slots of all further uses."""
        return frozenset(self.copies.tolist())

    def add_up(self, gradients: Array) -> None:
        """Let the gradient of each first use be the sum over all uses, in their order."""
        np.add.at(gradients, self.firsts, gradients[self.copies])

    def summed(self, gradients: Array) -> Array:
        """Return gradients in which that of each first use is the sum over all uses."""
        found = gradients.copy()
        with np.errstate(all="ignore"):
            self.add_up(found)
        return found

    def once(self, trainable: Mask) -> Mask:
        """Return what is trainable, each tied weight only where it is used first."""
        found: Mask = trainable.copy()
        found[self.copies] = False
        return found

    def level(self, numbers: NDArray[Any]) -> None:
        """Let all uses have what the first one has."""
        numbers[self.copies] = numbers[self.firsts]

    def clear(self, numbers: Array) -> None:
        """Let further uses have 0."""
        numbers[self.copies] = 0.0


def shared_slots(schedule: Any) -> Shared:
    """Return which slots hold one weight by a `nodesim.graph.schedule.Schedule`."""
    return Shared(schedule.slots[schedule.indices[list(numbers)]].tolist() for numbers in schedule.ties)


def refuse_tie(schedule: Any, name: str) -> None:
    """Raise an `ArgumentTypeError` where a name is that of a tie, and a node or a connection is needed."""
    for numbers in schedule.ties:
        uses = [schedule.connections[schedule.index_of_number(number)] for number in numbers]
        with contextlib.suppress(StaleElementError):
            if uses[0].tie is not None and uses[0].tie.name == name:
                raise ArgumentTypeError(
                    f"{name} is a tie, one weight with several uses ({', '.join(map(str, uses))}); a node or one of "
                    "these connections is needed here."
                )
