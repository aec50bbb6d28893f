"""How a text of a table is cut into rows and cells: its separator, comments, and what Excel writes above them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from nodesim.errors import FileError
from nodesim.formats.numerals import MISSING, Row

# The first of those that fit best: a comma may also be a decimal comma.
_SEPARATORS = ("\t", ";", "|", ",", " ")
_LOOKED_AT = 40
_NUMERIC = re.compile(r"[+-]?(\d[\d.,]*|[.,]\d+)([eE][+-]?\d+)?")
_SEP = re.compile(r'"?sep=([^"\r\n\0])"?\s*', re.IGNORECASE)


def cut(name: str, text: str) -> tuple[list[Row], str, list[str]]:
    """Cut a text into rows.

    Parameters
    ----------
    name : str
        For messages.
    text : str

    Returns
    -------
    rows : list of (int, tuple of str)
        Each with its number in the file, as an editor or a spreadsheet counts; empty ones are left out.
    separator : str
    comments : list of str
        What stands in lines that begin with #, above the first row.

    Raises
    ------
    FileError
        If quotes are not closed, naming the row.
    """
    lines, comments = _without_comments(io.StringIO(text, newline=""))
    separator = ""
    first = next((place for place, line in enumerate(lines) if line.strip()), 0)
    if lines and (match := _SEP.fullmatch(lines[first])):
        separator, lines[first] = match[1], "\n"
    separator = separator or _separator(lines)
    rows = []
    for number, cells in _numbered(name, lines, separator):
        stripped = tuple(map(str.strip, cells))
        if any(stripped):
            rows.append((number, stripped))
    return rows, separator, comments


def split(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    """Split lines into cells; several blanks separate like one."""
    if separator == " ":
        lines = (line.strip() if '"' in line else " ".join(line.split()) for line in lines)
    return iter(csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True))


def tried(lines: list[str], separator: str) -> list[list[str]]:
    """Split lines into cells as far as that goes."""
    rows: list[list[str]] = []
    try:
        for cells in split(lines, separator):
            rows.append(cells)
    except csv.Error:
        # Quotes that close below what is looked at; wrong ones are told when all is read.
        pass
    return rows


def _without_comments(lines: Iterable[str]) -> tuple[list[str], list[str]]:
    """Empty the lines that begin with #: the others keep their numbers. Errors of Excel do so, too."""
    kept: list[str] = []
    comments: list[str] = []
    for line in lines:
        word = re.split(r"[,;|\s]", line, maxsplit=1)[0]
        if line.startswith("#") and word.casefold() not in MISSING:
            if not any(map(str.strip, kept)):
                comments.append(line[1:].strip())
            line = "\n"
        kept.append(line)
    return kept, comments


def _separator(lines: list[str]) -> str:
    """Return the separator that cuts all rows alike, and the most cells so that they are numbers."""
    looked_at = list(islice(filter(str.strip, lines), _LOOKED_AT))
    best, highest = "", -1.0
    for candidate in _SEPARATORS:
        rows = tried(looked_at, candidate)
        widths = {len(row) for row in rows[1:]} or {len(rows[0]) if rows else 0}
        if len(widths) > 1 or min(widths) < 2 or not 2 <= len(rows[0]) <= max(widths) + 1 <= len(rows[0]) + 2:
            continue
        cells = [cell.strip() for row in rows for cell in row]
        share = sum(_NUMERIC.fullmatch(cell) is not None for cell in cells) / len(cells)
        if share > highest:
            best, highest = candidate, share
    if best or not looked_at:
        return best or ","
    # Rows of several lengths: what is in all of them is what shall be said to be missing in some.
    numbers = all(map(_NUMERIC.fullmatch, looked_at[0].split()))
    everywhere = (mark for mark in _SEPARATORS if all(mark in line.strip() for line in looked_at))
    return next(everywhere, " " if numbers and " " in looked_at[0].strip() else ",")


def _numbered(name: str, lines: list[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    number = 0
    try:
        for number, cells in enumerate(split(lines, separator), 1):
            yield number, cells
    except csv.Error as error:
        advice = "A quote that is opened has to be closed, and one within quotes is doubled."
        raise FileError(f"{name}, row {number + 1}: this is no CSV: {error}. {advice}") from error
