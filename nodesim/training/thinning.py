"""A record of something long that stays small: evenly thinned out as it grows, its first and last entry kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar, overload

from nodesim.validation import whole

T = TypeVar("T")


class Thinned(Sequence[T], Generic[T]):
    """Every n-th of the records appended, the first and the newest always; never more than a limit.

    When it is full, every other record is dropped, and from then on only every second one of before is kept.

    Parameters
    ----------
    limit : int
        How many records it holds at most, 2 or more.
    every : int
        Which records are kept: the first, and every so many after it.

    Attributes
    ----------
    limit : int
    every : int
        As given, and doubled each time that it was full.

    Raises
    ------
    ArgumentError
        If an argument is not such a number.

    Examples
    --------
    >>> record = Thinned(limit=5)
    >>> for number in range(100):
    ...     record.append(number)
    >>> list(record), record.every
    ([0, 32, 64, 96, 99], 32)
    """

    def __init__(self, limit: int = 50, every: int = 1) -> None:
        self.limit = whole(limit, "limit", 2)
        self.every = whole(every, "every")
        self._kept: list[T] = []
        # The newest record where it is not one of those kept.
        self._loose: list[T] = []
        self._appended = 0

    @property
    def due(self) -> bool:
        """Whether the next record stays when others follow: one that is not is cheap to leave out."""
        return self._appended % self.every == 0

    def append(self, record: T) -> None:
        """Take a record."""
        if self.due:
            self._kept.append(record)
            self._loose = []
        else:
            self._loose = [record]
        self._appended += 1
        while len(self) > self.limit:
            self._thin()

    def _thin(self) -> None:
        # Dropping every other one leaves the first and even distances, whatever the length turns out to be, which
        # nobody knows beforehand; dropping the oldest would forget the beginning. Between limit / 2 and limit are kept.
        newest = self[-1]
        self._kept = self._kept[::2]
        self.every *= 2
        self._loose = [] if (self._appended - 1) % self.every == 0 else [newest]

    def __len__(self) -> int:
        return len(self._kept) + len(self._loose)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return [*self._kept, *self._loose][index]

    def __repr__(self) -> str:
        return f"<Thinned: {len(self)} of {self._appended:,} records, every {self.every:,}>"
