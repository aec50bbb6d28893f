"""Tables of text in CSV files: separator and header found out, every number checked with its row and column."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import FileError, suggestion
from nodesim.formats.atomic import path_of
from nodesim.formats.dialect import cut
from nodesim.formats.fann_data import could_be_fann_data, is_fann_data, read_rows
from nodesim.formats.headings import has_header, names_above, without_edges
from nodesim.formats.numerals import TRUTH, Row, decimal_sign, is_missing, parsed, quantity
from nodesim.formats.spelling import Spelling, in_python
from nodesim.formats.text_of_tables import read_table_text
from nodesim.validation import shortened


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
    decimal : str
        The decimal sign of its numbers.
    n_targets : int
        How many columns, the last ones, are outputs; 0 if the file does not say.
    skipped : int
        How many columns are left out before the first.
    say : callable
        How messages name options.
    """

    file: str
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    decimal: str = "."
    n_targets: int = 0
    skipped: int = 0
    say: Spelling = in_python

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
        if self._is_skipped(text):
            raise FileError(f"{self.file}: column {text} numbers or names the rows. Choose another one.")
        if text.removeprefix("+").removeprefix("-").isdecimal() and len(text) < 20:
            number, count = int(text), len(self.names) + self.skipped
            if 1 <= number <= count:
                return number - 1 - self.skipped
            raise FileError(f"{self.file}: there is no column {number}; it has {count}.")
        raise FileError(f"{self.file}: no column named {shortened(text)}. {suggestion(text, self.names)}")

    def ignored(self, wanted: Iterable[object]) -> set[int]:
        """Return the indices of columns to leave out; those that are left out already may be among them."""
        return {self.column(each) for each in wanted if str(each) in self.names or not self._is_skipped(str(each))}

    def text(self, column: int, labels: Collection[str] = ()) -> list[str]:
        """Return the cells of a column as they stand there.

        Raises
        ------
        FileError
            If one is missing, or plainly means a quantity, and is none of the labels; naming file, row and column.
        """
        for number, cells in self.rows:
            cell = cells[column]
            if cell in labels:
                continue
            if is_missing(cell):
                raise FileError(f"{self.place(number, column)}: the value is missing. {self._fill_in(column)}")
            if not labels and parsed(cell, self.decimal) is None and (what := quantity(cell)):
                raise FileError(
                    f"{self.place(number, column)}: {shortened(cell)} is {what[0]}. {what[1]}; or give all of them "
                    f"by {self.say('classes', [cell, '...'])} if such are class labels."
                )
        return [cells[column] for _, cells in self.rows]

    def numbers(self, columns: Sequence[int]) -> Array:
        """Return columns as numbers, shape (n_rows, n_columns); where all cells say true or false, 1 and 0.

        Raises
        ------
        FileError
            If a cell is missing or no finite number, naming file, row and column.
        """
        values = np.array([self._column(column) for column in columns], dtype=float)
        return values.reshape(len(columns), len(self.rows)).T.copy()

    def is_numeric(self, column: int) -> bool:
        """Tell whether a column is meant to hold numbers: at least half of what is not missing in it are some."""
        cells = self._present(column)
        return 2 * sum(parsed(cell, self.decimal) is not None for cell in cells) >= len(cells)

    def place(self, row: int, column: int) -> str:
        """Name a cell for a message."""
        number, name = column + 1 + self.skipped, self.names[column]
        return f"{self.file}, row {row}, column {number}{f' ({name})' if name not in ('', str(number)) else ''}"

    def _is_skipped(self, text: str) -> bool:
        unnamed = text in ("", "Unnamed: 0") or (text.isdigit() and 1 <= int(text) <= self.skipped)
        return self.skipped > 0 and unnamed

    def _present(self, column: int) -> list[str]:
        return [cells[column] for _, cells in self.rows if not is_missing(cells[column])]

    def _column(self, column: int) -> list[float]:
        plain = self._plain(column)
        if plain:
            return plain
        found = [parsed(cells[column], self.decimal) for _, cells in self.rows]
        values = [value for value in found if value is not None and math.isfinite(value)]
        if len(values) == len(found):
            return values
        truths = [TRUTH.get(cells[column].casefold()) for _, cells in self.rows]
        if None not in truths:
            return truths  # type: ignore[return-value]
        wrong = next(at for at, value in enumerate(found) if value is None or not math.isfinite(value))
        raise self._wrong(wrong, column)

    def _plain(self, column: int) -> list[float]:
        """Return a column as Python reads it, if it reads it all, and as others do."""
        try:
            values = [float(cells[column]) for _, cells in self.rows]
        except ValueError:
            return []
        alike = all(map(math.isfinite, values)) and not any("_" in cells[column] for _, cells in self.rows)
        return values if alike and self.decimal == "." else []

    def _wrong(self, at: int, column: int) -> FileError:
        row, cells = self.rows[at]
        cell, where = cells[column], self.place(row, column)
        if is_missing(cell):
            return FileError(f"{where}: the number is missing. {self._fill_in(column)}")
        is_number = [parsed(each, self.decimal) is not None for each in cells]
        if is_number[column]:
            advice = self._fill_in(column)
        elif what := quantity(cell):
            advice = f"It is {what[0]}. {what[1]}, or leave the column out: {self._leave_out(column)}."
        elif cells == self.names:
            advice = "The header stands here once more: delete this row."
        elif at == 0 and len(self.rows) > 1 and not any(is_number):
            advice = "If several rows of headings stand above the numbers, keep one."
        elif not any(parsed(each, self.decimal) is not None for each in self._present(column)):
            advice = f"Leave the column out: {self._leave_out(column)}; or write 0 and 1 for each of its values."
        else:
            advice = "Other cells of the column are numbers: correct it, or drop the row."
        return FileError(f"{where}: {shortened(cell)} is no finite number. {advice}")

    def _fill_in(self, column: int) -> str:
        if not self._present(column):
            return f"So it is in all rows: leave the column out: {self._leave_out(column)}."
        return "Fill it in, or drop the row."

    def _leave_out(self, column: int) -> str:
        return self.say("ignore", [self.names[column] or column + 1 + self.skipped])


def read_table(file: Any, *, header: bool | None = None, decimal: str = "", say: Spelling = in_python) -> Table:
    """Read a CSV file: separated by commas, semicolons, tabs, bars or blanks, with or without a header.

    What counts or names the rows, and empty columns at the end, are left out, and said so. A training file of FANN is
    read as a table whose last columns are its outputs.

    Parameters
    ----------
    file : str or path-like
    header : bool, optional
        Whether the first row holds names; by default it does if nothing in it is a number, and an error asks where
        that is not plain.
    decimal : str
        "." or ","; found out by default.
    say : callable
        How messages name these options.

    Raises
    ------
    FileError
        If it cannot be read, is empty, binary or ragged; the message names file and row.
    """
    name, text = str(path_of(file)), read_table_text(file)
    if header is None and is_fann_data(text):
        rows, n_targets = read_rows(name, text)
        return _table(name, None, rows, decimal or _decimal(name, rows, " ", say), n_targets, 0, say)
    rows, separator, comments = cut(name, text)
    if not rows:
        raise FileError(f"{name}: the file is empty.")
    decimal = decimal or _decimal(name, rows, separator, say)
    names = None
    if has_header(name, rows, decimal, say) if header is None else header:
        (_, names), *rows = rows
    if not rows:
        raise FileError(f"{name}: there is a header, but no data.")
    names, rows, skipped = without_edges(name, names, rows, say)
    if names is None and header is None:
        names = names_above(comments, separator, len(rows[0][1]), decimal) or None
        names, rows, skipped = without_edges(name, names, rows, say)
    _check_widths(name, rows, len(rows[0][1]) if names is None else len(names), could_be_fann_data(text))
    return _table(name, names, rows, decimal, 0, skipped, say)


def _table(
    name: str, names: tuple[str, ...] | None, rows: list[Row], decimal: str, n_targets: int, skipped: int, say: Spelling
) -> Table:
    names = names or tuple(str(place) for place in range(1, len(rows[0][1]) + 1))
    seen = set()
    for heading in filter(None, names):
        if heading in seen:
            raise FileError(f"{name}: two columns are named {shortened(heading)}. Give one another name.")
        seen.add(heading)
    return Table(name, names, tuple(rows), decimal, n_targets, skipped, say)


def _decimal(name: str, rows: list[Row], separator: str, say: Spelling) -> str:
    sign, doubt = decimal_sign(rows, separator)
    if doubt:
        raise FileError(
            f"{name}: are decimals written with a point or a comma? {doubt[0].upper()}{doubt[1:]}. Say "
            f"{say('decimal', '.')} or {say('decimal', ',')}; the other sign then stands between thousands."
        )
    return sign


def _check_widths(name: str, rows: list[Row], width: int, could_be_fann_data: bool) -> None:
    for number, cells in rows:
        if len(cells) != width:
            advice = "What holds a separator, as a number with a decimal comma may, is put in quotes."
            if all(len(each) == width + 1 for _, each in rows):
                advice += " If the rows begin with numbers of their own, these need a name in the header, too."
            if len(cells) < width:
                advice = "Complete the row, or drop it; the first row may be no part of the table."
            if could_be_fann_data:
                advice = (
                    "If this is a training file of FANN: its first line says how many samples, inputs and outputs "
                    "there are; then each sample has a line of inputs and one of outputs."
                )
            has = f"{len(cells)} column{'s' if len(cells) != 1 else ''}"
            raise FileError(f"{name}, row {number}: it has {has}, the first row has {width}. {advice}")
