"""What nodesim mark does: sheets and answers are read, marked, and told of."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from nodesim import exercises
from nodesim.cli.command import Lines, UsageError, spoken
from nodesim.cli.terminal import as_json, styled, table
from nodesim.errors import FileError, NodesimError
from nodesim.exercises.answer_tables import Entry, read_table
from nodesim.exercises.labels import label
from nodesim.exercises.marking import mark
from nodesim.exercises.remarks import Marking, Remark
from nodesim.exercises.sheet import Sheet
from nodesim.showing import shown
from nodesim.wording.language import Language

Marked = list[tuple[Entry, Marking]]


def lines(options: argparse.Namespace) -> Lines:
    """Yield what is said of somebody's answers, or of those of a class."""
    told_in = None if options.language is None else spoken(options)
    sheets = _sheets(options.sheet, told_in)
    if options.number is not None and options.number not in sheets:
        known = ", ".join(map(str, list(sheets)[:12])) + (", ..." if len(sheets) > 12 else "")
        raise UsageError(f"--sheet {options.number}: there is no such sheet in {options.sheet}. There are {known}.")
    entries, of_class = read_table(options.answers, list(sheets.values()), options.number)
    marked = [(entry, _marking(sheets[entry.sheet], entry, told_in)) for entry in entries]
    if options.json:
        yield as_json([_plain(*each) for each in marked] if of_class or len(marked) > 1 else marked[0][1].to_dict(), 2)
    elif of_class:
        yield from _of_class(marked, told_in or next(iter(sheets.values())).language, len(sheets) > 1)
    else:
        yield from _of_sheets(marked)


def _sheets(file: str, own: Language | None) -> dict[int, Sheet]:
    """Return the sheets of a file by the numbers that are printed on them."""
    found = exercises.load(file, own)
    sheets = found if isinstance(found, list) else [found]
    twice = [number for number, count in Counter(sheet.seed for sheet in sheets).items() if count > 1]
    if twice:
        raise FileError(
            f"{file}: {twice[0]} is the number of more than one sheet in it; answers say no more than that."
        )
    return {sheet.seed: sheet for sheet in sheets}


def _marking(sheet: Sheet, entry: Entry, told_in: Language | None) -> Marking:
    try:
        return mark(sheet, entry.answers, told_in)
    except NodesimError as error:
        raise FileError(f"{entry.where}: {error}") from error


def _plain(entry: Entry, marking: Marking) -> dict[str, Any]:
    return {"name": entry.who, "sheet": entry.sheet, **marking.to_dict()}


def _of_sheets(marked: Marked) -> Iterator[str]:
    for place, (entry, marking) in enumerate(marked):
        if place:
            yield ""
        if len(marked) > 1:
            yield styled(marking.language.say("Sheet {number}", number=entry.sheet), "bold")
        yield from str(marking).split("\n")


def _of_class(marked: Marked, own: Language, numbered: bool) -> Iterator[str]:
    """Yield a table of all persons, and below it what is to be said to each."""
    heads = [own.say("name"), *([own.say("sheet")] if numbered else []), own.say("points"), own.say("remarks")]
    rows = [_row(entry, marking, own, numbered) for entry, marking in marked]
    # The remarks are sentences, and begin where the eye looks for them.
    yield from table(heads, rows, left=len(heads))
    for entry, marking in marked:
        if marking.remarks:
            yield ""
            yield styled(shown(entry.who), "bold")
            yield from (shown(remark.text) for remark in marking.remarks)


def _row(entry: Entry, marking: Marking, own: Language, numbered: bool) -> Sequence[str]:
    points = own.say("{score} of {count}", score=marking.score, count=marking.out_of)
    remarks = "; ".join(_brief(remark, own) for remark in marking.remarks)
    return [shown(entry.who), *([str(entry.sheet)] if numbered else []), points, remarks]


def _brief(remark: Remark, own: Language) -> str:
    """Say in a few words what a remark is of."""
    if remark.verdict == "missing":
        count = len(remark.blanks)
        return own.say("1 missing") if count == 1 else own.say("{count} missing", count=count)
    blank = own.tell(label(remark.blank))
    if len(remark.blanks) > 1:
        more = len(remark.blanks) - 1
        one = own.say("{blank} and 1 more", blank=blank)
        blank = one if more == 1 else own.say("{blank} and {count} more", blank=blank, count=more)
    what = own.say("wrong") if remark.mistake is None else own.say(remark.mistake.name)
    return f"{blank}: {what}"
