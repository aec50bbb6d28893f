"""The edges of a table: which row holds names, which columns count rows or are empty."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from nodesim.errors import FileError
from nodesim.formats.dialect import tried
from nodesim.formats.numerals import MISSING, TRUTH, Row, is_missing, is_whole, parsed
from nodesim.formats.spelling import Spelling
from nodesim.validation import shortened

_log = logging.getLogger("nodesim")
_YEARS = range(1900, 2101)


def has_header(name: str, rows: Sequence[Row], decimal: str, say: Spelling) -> bool:
    """Tell whether the first row holds names: if it is not plain, ask.

    Raises
    ------
    FileError
        If it may be names or a sample.
    """
    first, below = rows[0][1], [cells for _, cells in rows[1:]]
    values = [_is_value(cell, decimal) for cell in first]
    doubt = ""
    if not any(values):
        if any(cell and is_missing(cell) for cell in first):
            doubt = "may be names, or a sample with missing values"
    elif below and not first[0] and _counts([cells[0] for cells in below]):
        return True
    elif any(_stands_out(place, cell, below, decimal) for place, cell in enumerate(first)):
        doubt = "holds numbers, but also words where numbers stand below"
    elif _numbered(first, below, decimal):
        doubt = "counts, as names of columns may"
    if not doubt:
        return not any(values)
    shown = shortened(", ".join(first))
    raise FileError(
        f"{name}, row {rows[0][0]}: the first row, {shown}, {doubt}. If it holds names, say {say('header', True)}; "
        f"otherwise {say('header', False)}."
    )


def names_above(comments: Sequence[str], separator: str, width: int, decimal: str) -> tuple[str, ...]:
    """Return the names that stand in a comment above a table without others, as NumPy writes them; () if none do."""
    for cells in tried(list(comments[-1:]), separator):
        names = tuple(map(str.strip, cells))
        if len(names) == width > 1 and not any(_is_value(cell, decimal) for cell in names):
            return names
    return ()


def without_edges(
    name: str, names: tuple[str, ...] | None, rows: list[Row], say: Spelling
) -> tuple[tuple[str, ...] | None, list[Row], int]:
    """Leave out columns that are no data: empty ones after trailing separators, and those that count rows.

    Parameters
    ----------
    name : str
        For messages.
    names : tuple of str, or None
        The header.
    rows : list of (int, tuple of str)
    say : Spelling

    Returns
    -------
    names, rows
        What is left.
    skipped : int
        How many columns are left out before the first: columns are counted as the file does.
    """
    names, rows = _trailing(name, names, rows)
    width = max((len(cells) for _, cells in rows), default=0)
    if names is None or width < 2 or any(len(cells) != width for _, cells in rows):
        return names, rows, 0
    first = [cells[0] for _, cells in rows]
    if width == len(names) + 1 > 2 and (_counts(first) or _are_words(first)):
        # R writes rows with names below a header that has none for them.
        _log.warning("%s: the first column has no heading and names the rows: it is left out.", name)
        return names, [(number, cells[1:]) for number, cells in rows], 0
    unnamed = not names[0] and (_counts(first) or (all(names[1:]) and _are_row_names(first)))
    if width == len(names) and (unnamed or (names[0] == "Unnamed: 0" and _counts(first))):
        what = "counts" if _counts(first) else "numbers" if all(map(str.isdigit, first)) else "names"
        _log.warning(
            "%s: the first column has no name and %s the rows: it is left out. Give it a name to keep it.", name, what
        )
        return names[1:], [(number, cells[1:]) for number, cells in rows], 1
    return names, rows, 0


def _trailing(name: str, names: tuple[str, ...] | None, rows: list[Row]) -> tuple[tuple[str, ...] | None, list[Row]]:
    """Leave out what trailing separators seem to begin, in the header, in the rows, or in both."""
    widest = max(len(cells) for cells in (names or (), *(cells for _, cells in rows)))
    kept = max(map(_length, (names or (), *(cells for _, cells in rows))))
    if kept == widest or (names is None and len({len(cells) for _, cells in rows}) > 1):
        # Without a header a row with a separator too many may lack its last number.
        return names, rows
    _log.warning("%s: what follows column %d is empty: it is left out.", name, kept)
    return names and names[:kept], [(number, cells[:kept]) for number, cells in rows]


def _length(cells: tuple[str, ...]) -> int:
    return len(cells) if cells and cells[-1] else max((place for place, cell in enumerate(cells, 1) if cell), default=0)


def _counts(cells: list[str]) -> bool:
    return any(cells == [str(number + first) for number in range(len(cells))] for first in (0, 1))


def _are_row_names(cells: list[str]) -> bool:
    """Tell whether cells are all different, and whole numbers all, or words all."""
    return _are_words(cells) or (len(set(cells)) == len(cells) and all(map(str.isdigit, cells)))


def _are_words(cells: list[str]) -> bool:
    words = not any(is_missing(cell) or _is_value(cell, ".") for cell in cells)
    return words and len(set(cells)) == len(cells)


def _is_value(cell: str, decimal: str) -> bool:
    return parsed(cell, decimal) is not None or cell.casefold() in TRUTH


def _stands_out(place: int, cell: str, below: list[tuple[str, ...]], decimal: str) -> bool:
    """Tell whether a cell of the first row is a word, and nothing but numbers stands below."""
    if cell.casefold() in MISSING or _is_value(cell, decimal):
        return False
    others = [cells[place] for cells in below if place < len(cells) and not is_missing(cells[place])]
    return bool(others) and all(_is_value(other, decimal) for other in others)


def _numbered(first: tuple[str, ...], below: list[tuple[str, ...]], decimal: str) -> bool:
    """Tell whether the first row counts columns or years: from 0, from 1900 on, or where no whole number is below."""
    if len(first) < 2 or not all(map(is_whole, first)):
        return False
    start = int(first[0])
    if list(first) != [str(start + place) for place in range(len(first))]:
        return False
    if start in _YEARS or (start == 0 and len(first) > 2):
        return True
    return len(first) > 2 and len(below) > 1 and not any(cell.isdigit() for cells in below for cell in cells)
