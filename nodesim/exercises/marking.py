"""Marking of answers: what is right, what follows from a mistake, and which mistake it was, in a reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from nodesim.exercises.asked import ADDS
from nodesim.exercises.asked import MISSING as MISSING_PATH
from nodesim.exercises.following import Following
from nodesim.exercises.judged import FOLLOWS, RIGHT, WRONG, Judged
from nodesim.exercises.reading import Answer, number, read, simple
from nodesim.exercises.remarks import Marking, Remark
from nodesim.exercises.routes import ARROW, Routes
from nodesim.exercises.rows import Row, Rows
from nodesim.exercises.spare import exchanged, spare_blanks
from nodesim.exercises.telling import Telling
from nodesim.exercises.units import allowed, size, told
from nodesim.exercises.working import Working
from nodesim.mistakes.edits import SLIP
from nodesim.mistakes.report import Mistake
from nodesim.notation.symbols import MINUS
from nodesim.papers.blocks import Blank
from nodesim.wording.language import ENGLISH, Language

MISSING = "missing"


class Marked(Protocol):
    """What is marked: of a sheet no more is looked at."""

    @property
    def working(self) -> Working:
        """The calculation."""

    @property
    def key(self) -> Mapping[str, str]:
        """The right answers, by the names of the blanks."""

    @property
    def blanks(self) -> tuple[Blank, ...]:
        """What is asked for."""

    @property
    def digits(self) -> int | None:
        """How many significant digits; None if numbers are exact."""

    @property
    def language(self) -> Language:
        """In which it is told what is wrong."""


def mark(sheet: Marked, answers: Mapping[str, Any], told_in: Language | None = None) -> Marking:
    """Mark answers.

    Parameters
    ----------
    sheet : Sheet
    answers : mapping of str to str, float, Fraction or None
        By the names of the blanks; those that are missing, or empty, were not answered. Digits count as they are
        written: "0.50".
    told_in : Language, optional
        In which language it is told what is wrong; by default that of the sheet.

    Returns
    -------
    Marking

    Raises
    ------
    UnknownNameError, ArgumentError, ArgumentTypeError
        If a blank is named that is not there, or an answer cannot be read.
    """
    blanks = (*sheet.blanks, *spare_blanks(sheet.blanks))
    return _Marker(sheet, read(blanks, answers, sheet.language), told_in or sheet.language).marking()


class _Marker:
    """Marks the blanks of a sheet one after the other."""

    def __init__(self, sheet: Marked, given: Mapping[str, Answer], language: Language) -> None:
        working = sheet.working
        self._sheet, self._given, self._language = sheet, given, language
        rows = {f"path {place + 1}": place for place in range(len(working.paths))}
        self._paths = {blank.name: rows[blank.name] for blank in sheet.blanks if blank.name in rows}
        # Where what stands in a spare row was written.
        self._written_at: dict[str, str] = {}
        if len(self._paths) == len(rows):
            self._given, self._written_at = exchanged(given, len(rows), Routes(working))
        self._rows = Rows(working, self._given, asked=bool(self._paths))
        steps = {name: answer for name, answer in self._given.items() if name in working.by_name}
        self._numbers = Following(working, steps, sheet.digits, self._rows).judged
        self._judge_addend()
        self._tell = Telling(language, sheet.digits)

    def marking(self) -> Marking:
        """Return the marking."""
        verdicts = tuple(map(self._verdict, self._sheet.blanks))
        return Marking(verdicts, tuple(self._remarks(verdicts)), self._language)

    def _judge_addend(self) -> None:
        """Judge what a missing path adds by the path that was named: of another it may be the right number."""
        named, answer = self._given.get(MISSING_PATH), self._given.get(ADDS)
        place = None if named is None else self._rows.routes.number(named.text)
        if answer is None or answer.value is None or place is None:
            return
        working, key = self._sheet.working, self._sheet.key
        product = working.right[f"product {place + 1}"]
        others = place != self._rows.routes.number(key[MISSING_PATH])
        if others and size(answer.value - product) <= allowed(product, self._sheet.digits, answer.last):
            self._numbers[ADDS] = Judged(FOLLOWS, product, (MISSING_PATH,))

    # ---- each blank ---------------------------------------------------------------------------------------

    def _verdict(self, blank: Blank) -> Remark:
        answer = self._given.get(blank.name)
        if answer is None:
            return self._remark(blank, MISSING)
        if blank.name in self._numbers:
            return self._remark(blank, self._numbers[blank.name].verdict)
        if blank.name in self._paths:
            row = self._rows[self._paths[blank.name]]
            return self._remark(blank, RIGHT if row.state == RIGHT else WRONG)
        return self._remark(blank, RIGHT if self._is_right(blank, answer) else WRONG)

    def _remark(self, blank: Blank, verdict: str) -> Remark:
        answer, judged = self._given.get(blank.name), self._numbers.get(blank.name)
        mistakes = [each.mistake() for each in judged.explanations] if judged else []
        first, others = (mistakes[0], tuple(mistakes[1:])) if mistakes else (None, ())
        given = "" if answer is None else answer.text
        return Remark(blank.name, verdict, given, self._right(blank), first, blanks=(blank.name,), alternatives=others)

    def _right(self, blank: Blank) -> str:
        """Return what belongs into a blank; in a row of a table of paths that depends on what stands in the others."""
        sheet = self._sheet
        kind, _, place = blank.name.partition(" ")
        if kind in ("path", "product") and f"product {place}" in sheet.working.by_name:
            path = self._rows[int(place) - 1].path
            if f"{kind} {path + 1}" in sheet.key:
                return sheet.key[f"{kind} {path + 1}"]
            if kind == "product":
                return told(sheet.working.right[f"product {path + 1}"], sheet.digits, ENGLISH).replace(MINUS, "-")
        return sheet.key.get(blank.name, blank.answer)

    def _is_right(self, blank: Blank, answer: Answer) -> bool:
        """Tell of a blank that is no step of the calculation whether it is answered as the key has it."""
        if blank.kind == "number":
            right = number(blank.answer, blank.name, ENGLISH).value
            assert right is not None
            assert answer.value is not None
            tolerance = 2 * (number(blank.tolerance, blank.name, ENGLISH).value or 0)
            within = max(allowed(right, self._sheet.digits, answer.last), tolerance)
            return bool(size(answer.value - right) <= within)
        if blank.kind == "path":
            return self._rows.routes.same(answer.text, (blank.answer, *blank.accepted))
        return simple(answer.text) in map(simple, (blank.answer, *blank.accepted))

    # ---- what is said -------------------------------------------------------------------------------------

    def _remarks(self, verdicts: Sequence[Remark]) -> Iterator[Remark]:
        """Yield what is worth a remark: of the same mistake at several blanks one."""
        groups: dict[object, list[Remark]] = {}
        for each in verdicts:
            if each.verdict == WRONG:
                groups.setdefault(self._sort(each.blank), []).append(each)
        told_of = [(group, self._follows(verdicts, [each.blank for each in group])) for group in groups.values()]
        forgotten = self._forgotten()
        for group, follows in told_of:
            if group[0].blank in self._paths:
                yield self._of_row(group[0], follows, forgotten)
                forgotten = None
            else:
                text = self._tell.wrong(group, self._numbers.get(group[0].blank), follows)
                names = tuple(each.blank for each in group)
                yield replace(group[0], text=text, blanks=names, follows=follows)
        yield from self._spare(verdicts)
        yield from self._missing(verdicts, forgotten)

    def _sort(self, blank: str) -> object:
        """Return what a wrong number has in common with others; its own name if it is a slip."""
        judged = self._numbers.get(blank)
        best = judged.explanations[0] if judged is not None and judged.explanations else None
        return blank if best is None or best.name == SLIP else best.sort

    def _follows(self, verdicts: Sequence[Remark], causes: Sequence[str]) -> tuple[str, ...]:
        """Return what follows from some wrong answers, and from none before them."""
        numbers = self._numbers
        return tuple(
            each.blank for each in verdicts if each.verdict == FOLLOWS and numbers[each.blank].causes[0] in causes
        )

    # ---- tables of paths ----------------------------------------------------------------------------------

    def _forgotten(self) -> Mistake | None:
        """Return the mistake of the paths that were named nowhere, if any were."""
        rows, working = self._rows, self._sheet.working
        if not rows.missing or len(rows.missing) == len(working.paths):
            return None
        names = [self._sheet.key.get(f"path {place + 1}", "") for place in rows.missing]
        where = [" -> ".join(rows.routes.right[place]) for place in rows.missing]
        told_of = [name or ARROW.join(rows.routes.right[place]) for place, name in zip(rows.missing, names)]
        return self._tell.forgotten(told_of, where)

    def _of_row(self, wrong: Remark, follows: tuple[str, ...], forgotten: Mistake | None) -> Remark:
        row = self._rows[self._paths[wrong.blank]]
        told_of = [self._tell.row(row, wrong, self._sheet.working.of.name)]
        told_of += [] if forgotten is None else [self._language.tell(forgotten.message)]
        text = " ".join([*told_of, *self._tell.followed(follows)])
        return replace(wrong, mistake=forgotten, text=text, blanks=(wrong.blank,), follows=follows)

    def _spare(self, verdicts: Sequence[Remark]) -> Iterator[Remark]:
        """Yield remarks of spare rows: there is no right answer to these."""
        for place, state in self._rows.spare().items():
            name = f"path {place + 1}"
            remark = Remark(self._written_at.get(name, name), WRONG, self._given[name].text, "")
            follows = self._follows(verdicts, [name])
            told_of = [self._tell.row(Row(state, place), remark, self._sheet.working.of.name)]
            text = " ".join([*told_of, *self._tell.followed(follows)])
            yield replace(remark, text=text, blanks=(remark.blank,), follows=follows)

    def _missing(self, verdicts: Sequence[Remark], forgotten: Mistake | None) -> Iterator[Remark]:
        missing = [each for each in verdicts if each.verdict == MISSING]
        rows = [each for each in missing if each.blank in self._paths] if forgotten is not None else []
        for group, mistake in ((rows, forgotten), ([each for each in missing if each not in rows], None)):
            if group:
                names = tuple(each.blank for each in group)
                follows = self._follows(verdicts, names)
                told_of = [
                    self._tell.missing(names),
                    *([] if mistake is None else [self._language.tell(mistake.message)]),
                ]
                text = " ".join([*told_of, *self._tell.followed(follows)])
                yield replace(group[0], mistake=mistake, text=text, blanks=names, follows=follows)
