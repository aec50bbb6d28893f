"""The rows of a table of paths: in which order somebody named them, and which of them are named twice or are none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from nodesim.exercises.reading import Answer
from nodesim.exercises.routes import Routes
from nodesim.exercises.spare import PATH, PRODUCT, spare
from nodesim.exercises.working import Working

RIGHT, TWICE, NONE, EMPTY = "right", "twice", "none", "empty"


@dataclass(frozen=True)
class Row:
    """A row.

    Attributes
    ----------
    state : str
        `RIGHT`, `TWICE`, `NONE` where no such path leads from e to the weight, or `EMPTY`.
    path : int
        Which of the right paths it is for, the first by 0: that which stands there, else one that nobody named.
    """

    state: str
    path: int


class Rows:
    """The rows of a table of paths.

    Parameters
    ----------
    working : Working
    given : mapping of str to Answer
        By the names of the blanks: "path 1", "product 1".
    asked : bool
        Whether paths are asked for; if not, they are printed, in their order.
    """

    def __init__(self, working: Working, given: Mapping[str, Answer], *, asked: bool) -> None:
        self._working, self._given, self._asked = working, given, asked
        count = len(working.paths)
        found: dict[int, Row] = {}
        named: set[int] = set()
        for number in range(count):
            answer = given.get(f"path {number + 1}")
            path = self.routes.number(answer.text) if answer is not None and asked else None
            if not asked:
                found[number] = Row(RIGHT, number)
            elif path is not None:
                found[number] = Row(TWICE if path in named else RIGHT, path)
                named.add(path)
        # What stands in no row; empty without those that are asked for.
        self.missing = [number for number in range(count) if number not in named] if asked else []
        left = list(self.missing)
        for number in range(count):
            if number not in found:
                path = self._likely(number, left)
                left.remove(path)
                found[number] = Row(NONE if f"path {number + 1}" in given else EMPTY, path)
        self._rows = found

    def spare(self) -> dict[int, str]:
        """Return what stands in spare rows, the first by the number of paths: `TWICE` or `NONE`."""
        if not self._asked:
            return {}
        count = len(self._working.paths)
        numbers = [int(name.removeprefix(PATH)) for name in spare(PATH, count) if name in self._given]
        named = {number: self.routes.number(self._given[f"{PATH} {number}"].text) for number in numbers}
        return {number - 1: NONE if path is None else TWICE for number, path in named.items()}

    def added(self) -> dict[str, Answer]:
        """Return the products of spare rows, which somebody may have added, too."""
        names = (f"{PRODUCT} {number + 1}" for number in self.spare())
        return {name: self._given[name] for name in names if name in self._given}

    @cached_property
    def routes(self) -> Routes:
        """What reads paths of the network."""
        return Routes(self._working)

    def _likely(self, number: int, left: list[int]) -> int:
        """Return which of the paths that nobody named a row is for: that whose product stands there."""
        answer = self._given.get(f"product {number + 1}")
        right = self._working.right
        for path in left:
            if answer is not None and answer.value is not None and _near(right[f"product {path + 1}"], answer.value):
                return path
        return number if number in left else left[0]

    def __getitem__(self, number: int) -> Row:
        return self._rows[number]

    def empty(self) -> Iterator[int]:
        """Yield the rows without a path and without a product."""
        for number, row in self._rows.items():
            if row.state == EMPTY and f"product {number + 1}" not in self._given:
                yield number


def _near(right: Fraction | float, value: Fraction) -> bool:
    return abs(float(right) - float(value)) <= 1e-3 * max(abs(float(right)), 1e-9)
