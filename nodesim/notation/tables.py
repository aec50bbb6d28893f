"""Tables for readers: rows of text as plain lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from nodesim.notation.wrapping import columns, filled, padded, wrapped
from nodesim.showing import shown

Rows = Sequence[Sequence[str]]
_GAP = 2
# Text in columns that are narrower is read letter by letter.
_READABLE = 12
# How wide a line of sentences is at most.
_PROSE = 110
_room: ContextVar[int | None] = ContextVar("room", default=None)


@contextmanager
def within(width: int | None) -> Iterator[None]:
    """Lay tables out for lines of a width while this lasts; None is any width.

    Examples
    --------
    >>> with within(16):
    ...     print(*lines(["name", "value", "slope"], [["H1", "0.25", "0.125"]], "<>"), sep="|")
    name  value|H1     0.25||name  slope|H1    0.125
    """
    token = _room.set(width)
    try:
        yield
    finally:
        _room.reset(token)


def prose(text: str) -> str:
    """Break a sentence into lines no wider than there is room; without a limit, than one reads well.

    Examples
    --------
    >>> with within(24):
    ...     print(prose("W4 (I2 -> H2): the least of all six weights"))
    W4 (I2 -> H2): the least
      of all six weights
    """
    return "\n".join(wrapped(text, _room.get() or _PROSE))


def order(values: Sequence[Any], *, ascending: bool) -> list[int]:
    """Return the numbers of rows in the order of their values; equal ones stay in order, None and NaN come last.

    Examples
    --------
    >>> order([2.0, float("nan"), 1.0], ascending=True), order(["b", None, "c"], ascending=False)
    ([2, 0, 1], [2, 0, 1])
    """
    # NaN is neither smaller nor larger than anything, and would spoil the order.
    last = [row for row, value in enumerate(values) if value is None or value != value]
    rest = [row for row, value in enumerate(values) if value is not None and value == value]
    texts = any(isinstance(values[row], str) for row in rest)
    rest.sort(key=lambda row: str(values[row]) if texts else values[row], reverse=not ascending)
    return [*rest, *last]


def lines(heads: Sequence[str], rows: Rows, sides: str) -> list[str]:
    r"""Return a table as lines of text.

    Parameters
    ----------
    heads : sequence of str
    rows : sequence of sequence of str
    sides : str
        For each column "<" or ">": to which side its cells stand; the last one is that of all further columns.

    Examples
    --------
    >>> print("\n".join(lines(["weight", "paths"], [["W1", "2"], ["W7", "1"]], "<>")))
    weight  paths
    W1          2
    W7          1
    """
    cells = [[shown(cell) for cell in row] for row in (heads, *rows)]
    return _laid_out(cells, sides.ljust(len(heads), sides[-1]), _room.get())


def _laid_out(cells: list[list[str]], sides: str, room: int | None) -> list[str]:
    """Write a table as it is; or with its widest text wrapped; or in parts that all begin with the first column."""
    wide = [max(map(columns, column)) for column in zip(*cells)]
    over = 0 if room is None else sum(wide) + _GAP * (len(wide) - 1) - room
    if over <= 0:
        return [_joined(row, sides, wide) for row in cells]
    texts = [place for place, side in enumerate(sides) if side == "<"]
    widest = max(texts, key=wide.__getitem__, default=None)
    if widest is not None and (wide[widest] - over >= _READABLE or len(wide) <= 2):
        wide[widest] = max(wide[widest] - over, _READABLE)
        return [line for row in cells for line in _broken(row, sides, wide, widest)]
    if len(wide) <= 2:
        return [_joined(row, sides, wide) for row in cells]
    return _in_parts(cells, sides, wide, room or 0)


def _in_parts(cells: list[list[str]], sides: str, wide: list[int], room: int) -> list[str]:
    parts: list[list[int]] = []
    for place in range(1, len(wide)):
        taken = sum(wide[other] + _GAP for other in parts[-1]) if parts else room
        if taken + wide[place] > room:
            parts.append([0])
        parts[-1].append(place)
    found: list[str] = []
    for part in parts:
        chosen = [[row[place] for place in part] for row in cells]
        found += ["", *_laid_out(chosen, "".join(sides[place] for place in part), room)]
    return found[1:]


def _broken(row: list[str], sides: str, wide: list[int], widest: int) -> list[str]:
    """Write a row whose one cell may take several lines."""
    pieces = filled(row[widest], wide[widest], whole=False)
    blank = [""] * len(row)
    rest = [[*blank[:widest], piece, *blank[widest + 1 :]] for piece in pieces[1:]]
    return [_joined(each, sides, wide) for each in ([*row[:widest], pieces[0], *row[widest + 1 :]], *rest)]


def _joined(row: Sequence[str], sides: str, wide: Sequence[int]) -> str:
    return (" " * _GAP).join(map(padded, row, wide, sides)).rstrip()
