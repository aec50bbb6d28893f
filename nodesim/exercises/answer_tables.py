"""Answers from a table: a blank and its answer a line, with the sheet's number before them, or a whole class.

Of a class the first line has the blanks, and each line below it one person's answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from nodesim.errors import FileError, NodesimError
from nodesim.exercises.reading import Names, answer, simple
from nodesim.exercises.spare import spare_blanks
from nodesim.formats.atomic import path_of
from nodesim.formats.dialect import cut
from nodesim.formats.numerals import Row, decimal_sign, parsed
from nodesim.formats.text_of_tables import read_table_text
from nodesim.notation.symbols import plural
from nodesim.papers.blocks import Blank
from nodesim.validation import shortened
from nodesim.wording.language import Language

_FORM = (
    "a line is a blank and its answer, as in: H1;0.75 or path 1;I1 - H1 - O1; or the first line has the blanks, and "
    "each line below it a name and the answers"
)


class Printed(Protocol):
    """A sheet, as far as its number and its blanks are concerned."""

    @property
    def seed(self) -> int:
        """The number that is printed on it."""

    @property
    def blanks(self) -> tuple[Blank, ...]:
        """What is asked for."""

    @property
    def language(self) -> Language:
        """In which blanks may be named, too."""


@dataclass(frozen=True)
class Entry:
    """Somebody's answers.

    Attributes
    ----------
    who : str
        A name; "" where the table has none.
    sheet : int
        The number printed on the sheet.
    answers : mapping of str to str
    where : str
        For messages: the file, and the row if there is one for each.
    """

    who: str
    sheet: int
    answers: Mapping[str, str]
    where: str


def read_table(file: Any, sheets: Sequence[Printed], only: int | None = None) -> tuple[list[Entry], bool]:
    """Read answers.

    Parameters
    ----------
    file : str or path-like
        Separated by semicolons, commas, tabs or bars; lines that begin with # are left out.
    sheets : sequence of Sheet
        Of which they are the answers.
    only : int, optional
        The number of the sheet, where the table does not say it.

    Returns
    -------
    entries : list of Entry
    of_class : bool
        Whether each is a person's, with a name.

    Raises
    ------
    FileError
        If it cannot be read, or a line is none; the message names the row.
    """
    return _Table(file, sheets, only).entries()


class _Table:
    """A table that is being read."""

    def __init__(self, file: Any, sheets: Sequence[Printed], only: int | None) -> None:
        self.file = str(path_of(file))
        self.names = {
            sheet.seed: Names((*sheet.blanks, *spare_blanks(sheet.blanks)), sheet.language) for sheet in sheets
        }
        self.languages = {sheet.seed: sheet.language for sheet in sheets}
        self.headings = {"sheet", "blatt", *(simple(sheet.language.say("sheet")) for sheet in sheets)}
        self.only = only
        self.rows, separator, _ = cut(self.file, read_table_text(file))
        # Some of a class may write commas, some points; where all write commas, 1,234 is no thousand either.
        self.commas = decimal_sign(self.rows, separator)[0] == ","
        self.separator = separator

    def fail(self, row: int | None, what: str) -> NoReturn:
        """Refuse the table."""
        where = self.file if row is None else f"{self.file}, row {row}"
        raise FileError(f"{where}: {what}")

    def entries(self) -> tuple[list[Entry], bool]:
        """Return what is in it."""
        if not self.rows:
            self.fail(None, f"there are no answers in it; {_FORM}.")
        if self._is_class(self.rows[0][1]):
            return list(self._persons()), True
        return list(self._sheets()), False

    def _is_class(self, cells: Sequence[str]) -> bool:
        """Tell whether a first line has the blanks of a class: then none stands in its first cell."""
        first, *heads = cells
        asked = [cell for cell in heads if cell and simple(cell) not in self.headings]
        strange = [cell for cell in asked if not self._names(cell)]
        if self._names(first) or len(strange) == len(asked):
            return False
        if strange and len(asked) > 2:
            # A blank and its answer have no more columns than that.
            self.fail(self.rows[0][0], f"no sheet has a blank {shortened(strange[0])}; leave this column out.")
        return not strange

    def _names(self, cell: str) -> bool:
        return any(cell in names for names in self.names.values())

    # ---- a class ------------------------------------------------------------------------------------------

    def _persons(self) -> Iterator[Entry]:
        (_, (_, *heads)), *rows = self.rows
        if not rows:
            self.fail(None, "there is nobody in it: below the blanks, each line is a name and the answers.")
        for number, (who, *cells) in rows:
            if any(cell for cell in cells[len(heads) :]):
                advice = " Where decimals have a comma, semicolons go between." if self.separator == "," else ""
                self.fail(number, f"it has {len(cells) + 1} columns, the first line {len(heads) + 1}.{advice}")
            pairs = [(head, cell) for head, cell in zip(heads, cells) if head]
            own = [cell for head, cell in pairs if simple(head) in self.headings and not self._names(head)]
            sheet = self._sheet(number, own[0] if own else "")
            given = self._given(number, sheet, [pair for pair in pairs if self._names(pair[0])])
            yield Entry(who, sheet, given, f"{self.file}, row {number}")

    def _given(self, row: int, sheet: int, pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Return one person's answers; what only other sheets ask for stays empty."""
        found: dict[str, str] = {}
        for head, cell in pairs:
            if not cell:
                continue
            if head not in self.names[sheet]:
                self.fail(row, f"sheet {sheet} has no blank {shortened(head)}, and {shortened(cell)} stands there.")
            self._put(found, row, head, cell, sheet)
        return found

    def _put(self, found: dict[str, str], row: int, name: str, cell: str, sheet: int) -> None:
        if name in found:
            self.fail(row, f"{shortened(name)} stands here for the second time.")
        found[name] = self._number(cell)
        try:
            # What cannot be read is told with its row.
            answer(self.names[sheet][name], found[name], self.languages[sheet])
        except NodesimError as error:
            self.fail(row, str(error))

    def _number(self, cell: str) -> str:
        """Return a cell, with a decimal point where it is a number beyond doubt."""
        value = parsed(cell, ",") if self.commas else None
        return cell if value is None or "." in cell else cell.replace(",", ".")

    def _sheet(self, row: int | None, cell: str) -> int:
        """Return the number of a sheet, from a cell or as it was asked for."""
        numbers = list(self.names)
        shown = ", ".join(map(str, numbers[:12])) + (", ..." if len(numbers) > 12 else "")
        if not cell:
            if self.only is not None or len(numbers) == 1:
                return numbers[0] if self.only is None else self.only
            self.fail(
                row, f"of which sheet is it? Put its number into a column sheet, or say --sheet. There are {shown}."
            )
        if not cell.isdecimal() or int(cell) not in self.names:
            self.fail(row, f"there is no sheet {shortened(cell)}. There are {shown}.")
        return int(cell)

    # ---- a line for each blank ----------------------------------------------------------------------------

    def _sheets(self) -> Iterator[Entry]:
        found: dict[int, dict[str, str]] = {}
        for place, row in enumerate(self.rows):
            number, cells = row[0], _trimmed(row)
            numbered = len(cells) == 3 or (len(cells) == 2 and cells[0].isdecimal() and self._names(cells[1]))
            name = cells[numbered] if len(cells) > numbered else cells[0]
            if not place and not self._names(name):
                # The header.
                continue
            sheet, own = self._line(number, cells, numbered)
            self.check(number, sheet, name)
            if own:
                self._put(found.setdefault(sheet, {}), number, name, own, sheet)
            else:
                found.setdefault(sheet, {})
        if not found:
            self.fail(None, f"there are no answers in it; {_FORM}.")
        for sheet, answers in found.items():
            yield Entry("", sheet, answers, self.file)

    def _line(self, number: int, cells: Sequence[str], numbered: bool) -> tuple[int, str]:
        if len(cells) > 2 + numbered:
            advice = (
                " Where there are commas in an answer, a semicolon goes before it." if self.separator == "," else ""
            )
            self.fail(number, f"it has {plural(len(cells), 'column')}; {_FORM}.{advice}")
        own = cells[1 + numbered] if len(cells) > 1 + numbered else ""
        return self._sheet(number, cells[0] if numbered else ""), own

    def check(self, number: int, sheet: int, name: str) -> None:
        """Refuse a blank that a sheet does not have."""
        names = self.names[sheet]
        if name not in names:
            try:
                names[name]
            except KeyError as error:
                raise FileError(f"{self.file}, row {number}: {error}") from error


def _trimmed(row: Row) -> Sequence[str]:
    """Return the cells of a row without the empty ones at its end, as spreadsheets write them."""
    cells = list(row[1])
    while len(cells) > 1 and not cells[-1]:
        cells.pop()
    return cells
