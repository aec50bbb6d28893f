"""Tables of text in CSV files: separator and header found out, every number checked with its row and column."""

from __future__ import annotations

import csv
import io
import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import FileError, suggestion
from nodesim.formats.atomic import path_of, read_text
from nodesim.formats.fann_data import is_fann_data, read_rows
from nodesim.validation import shortened

_log = logging.getLogger("nodesim")

# In the order in which they are tried: a comma may also be a decimal comma.
_SEPARATORS = ("\t", ";", "|", ",")
_LOOKED_AT = 20
_MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-"}


@dataclass(frozen=True)
class Table:
    """The cells of a CSV file.

    Attributes
    ----------
    file : str
        Its name, for messages.
    names : tuple of str
        The header; without one "1", "2", ...
    rows : tuple of (int, tuple of str)
        Each with its number in the file, as an editor or a spreadsheet counts.
    decimal_comma : bool
        Whether numbers may be written 1,5.
    n_targets : int
        How many columns, the last ones, are to be learned if nobody says which.
    """

    file: str
    names: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    decimal_comma: bool = False
    n_targets: int = 1

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, wanted: object) -> int:
        """Return the index of a column from its name, or its number as a spreadsheet counts, 1 for the first.

        Raises
        ------
        FileError
            If there is no such column.
        """
        text = str(wanted)
        if text in self.names:
            return self.names.index(text)
        if text.lstrip("+-").isdigit():
            number, count = int(text), len(self.names)
            if 1 <= number <= count:
                return number - 1
            raise FileError(f"{self.file}: there is no column {number}; it has {count}.")
        raise FileError(f"{self.file}: no column named {shortened(text)}. {suggestion(text, self.names)}")

    def text(self, column: int) -> list[str]:
        """Return the cells of a column as they stand there.

        Raises
        ------
        FileError
            If one is missing, naming file, row and column.
        """
        for number, cells in self.rows:
            if cells[column].casefold() in _MISSING:
                raise FileError(f"{self.place(number, column)}: the value is missing.")
        return [cells[column] for _, cells in self.rows]

    def numbers(self, columns: Sequence[int]) -> Array:
        """Return columns as numbers, shape (n_rows, n_columns).

        Raises
        ------
        FileError
            If a cell is missing or no finite number, naming file, row and column.
        """
        values = [self._number(number, cells[column], column) for number, cells in self.rows for column in columns]
        return np.array(values, dtype=float).reshape(len(self.rows), len(columns))

    def is_numeric(self, column: int) -> bool:
        """Tell whether a column is meant to hold numbers: at least half of what is not missing in it are some."""
        cells = [cells[column] for _, cells in self.rows if cells[column].casefold() not in _MISSING]
        return 2 * sum(_parsed(cell, self.decimal_comma) is not None for cell in cells) >= len(cells)

    def _number(self, row: int, cell: str, column: int) -> float:
        value = _parsed(cell, self.decimal_comma)
        if value is not None and math.isfinite(value):
            return value
        if cell.casefold() in _MISSING:
            raise FileError(f"{self.place(row, column)}: the number is missing. Fill it in, or drop the row.")
        raise FileError(f"{self.place(row, column)}: {shortened(cell)} is no finite number.")

    def place(self, row: int, column: int) -> str:
        """Name a cell for a message."""
        name = "" if self.names[column] == str(column + 1) else f" ({self.names[column]})"
        return f"{self.file}, row {row}, column {column + 1}{name}"


def read_table(file: Any, *, header: bool | None = None) -> Table:
    """Read a CSV file: separated by commas, semicolons, tabs, bars or blanks, with or without a header.

    A first column without a name that counts the rows, as pandas writes it, is left out, and said so. A training file
    of FANN is read as a table whose last columns are its outputs.

    Parameters
    ----------
    file : str or path-like
    header : bool, optional
        Whether the first row holds names; by default it does if nothing in it is a number.

    Raises
    ------
    FileError
        If it cannot be read, is empty, binary or ragged; the message names file and row.
    """
    name, text = str(path_of(file)), read_text(file, wide=True)
    if "\0" in text:
        raise FileError(f"{name}: this is no text but binary data.")
    separator, n_targets = _separator(text), 1
    if header is None and is_fann_data(text):
        (rows, n_targets), header = read_rows(name, text), False
    else:
        rows = [(n, tuple(map(str.strip, cells))) for n, cells in _cells(name, text, separator) if any(cells)]
    if not rows:
        raise FileError(f"{name}: the file is empty.")
    decimal_comma, first = separator != ",", rows[0][1]
    if header is None:
        header = not any(_parsed(cell, decimal_comma) is not None for cell in first)
    names = first if header else tuple(str(index + 1) for index in range(len(first)))
    _check_names(name, names)
    rows = rows[1:] if header else rows
    _check_widths(name, rows, len(names))
    if len(names) > 1 and not names[0] and _counts([cells[0] for _, cells in rows]):
        _log.warning("%s: the first column has no name and counts the rows: it is left out.", name)
        names, rows = names[1:], [(number, cells[1:]) for number, cells in rows]
    return Table(name, names, tuple(rows), decimal_comma, n_targets)


def _counts(cells: list[str]) -> bool:
    return any(cells == [str(number + first) for number in range(len(cells))] for first in (0, 1))


def _separator(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()][:_LOOKED_AT]
    for candidate in _SEPARATORS:
        if all(candidate in line for line in lines):
            return candidate
    return " " if lines and all(" " in line.strip() and "," not in line for line in lines) else ","


def _cells(name: str, text: str, separator: str) -> Iterable[tuple[int, list[str]]]:
    lines = (line.strip() if separator == " " else line for line in io.StringIO(text, newline=""))
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)
    number = 0
    try:
        for cells in reader:
            number += 1
            yield number, cells
    except csv.Error as error:
        raise FileError(f"{name}, row {number + 1}: this is no CSV: {error}.") from error


def _check_names(name: str, names: tuple[str, ...]) -> None:
    seen = set()
    for heading in filter(None, names):
        if heading in seen:
            raise FileError(f"{name}: two columns are named {shortened(heading)}.")
        seen.add(heading)


def _check_widths(name: str, rows: list[tuple[int, tuple[str, ...]]], width: int) -> None:
    if not rows:
        raise FileError(f"{name}: there is a header, but no data.")
    for number, cells in rows:
        if len(cells) != width:
            raise FileError(f"{name}, row {number}: it has {len(cells)} columns, the first row has {width}.")


def _parsed(cell: str, decimal_comma: bool) -> float | None:
    written = cell.replace(",", ".") if decimal_comma and cell.count(",") == 1 and "." not in cell else cell
    try:
        # Python would read 1_000 as a number; no other program writes that.
        return None if "_" in written or written.casefold() in _MISSING else float(written)
    except ValueError:
        return None
