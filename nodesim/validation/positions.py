"""Numbers of rows, as Python's own sequences take them, and what sequences of ours have in common."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, TypeVar

from nodesim.errors import ArgumentError, ArgumentTypeError, PositionError
from nodesim.validation.shortening import shortened

T = TypeVar("T", covariant=True)


def position(index: Any, length: int, what: str) -> int:
    """Return the place, from 0 on, of an index into a sequence; one below 0 counts from the end.

    Raises
    ------
    ArgumentTypeError
        If it is no whole number.
    PositionError
        If there is nothing at that place; loops by number end there.

    Examples
    --------
    >>> position(-1, 3, "row")
    2
    """
    number = _number(index, what)
    if -length <= number < length:
        return number % length
    there = f"there are {length:,}, from 0 on" if length else "there are none"
    raise PositionError(f"there is no {what} {shortened(number)}: {there}.")


def positions(places: slice, length: int, what: str) -> range:
    """Return the places that a slice takes of a sequence.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If its ends are no whole numbers, or its step is 0.

    Examples
    --------
    >>> positions(slice(1, None), 3, "row")
    range(1, 3)
    """
    parts = [None if part is None else _number(part, what) for part in (places.start, places.stop, places.step)]
    if parts[2] == 0:
        raise ArgumentError(f"the step of a slice must not be 0, got {shortened(places)}.")
    return range(length)[slice(*parts)]


def _number(index: Any, what: str) -> int:
    try:
        return operator.index(index)
    except Exception as error:
        raise ArgumentTypeError(f"the number of a {what} is a whole number, got {shortened(index)}.") from error


class Listing(Sequence[T]):
    """A sequence that is asked for anything, and answers: what is of another kind is not among its members."""

    def __contains__(self, value: object) -> bool:
        return any(_same(each, value) for each in self)

    def count(self, value: object) -> int:
        """Return how many times something is there."""
        return sum(_same(each, value) for each in self)

    def index(self, value: object, start: int = 0, stop: int | None = None) -> int:
        """Return the first place of something, of those that a slice from start to stop takes.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If it is not there, or an end is no whole number.
        """
        for place in positions(slice(start, stop), len(self), "row"):
            if _same(self[place], value):
                return place
        raise ArgumentError(f"{shortened(value)} is not among these {len(self):,}.")


def _same(each: object, value: object) -> bool:
    # Arrays, and other things with an equality of their own, are never compared with.
    return each is value or (type(each) is type(value) and bool(each == value))
