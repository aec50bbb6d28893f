"""Which answers are right, which follow from others that are wrong, and which mistake made those that are wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np

from nodesim.errors import NodesimError
from nodesim.exercises.candidates import candidates
from nodesim.exercises.decimals import is_rounded, significant
from nodesim.exercises.judged import FOLLOWS, RIGHT, WRONG, Judged
from nodesim.exercises.labels import label
from nodesim.exercises.mistaken import Candidate
from nodesim.exercises.reading import Answer
from nodesim.exercises.rows import EMPTY, Rows
from nodesim.exercises.units import allowed, size, unit
from nodesim.exercises.working import Step, Value, Working, calculated
from nodesim.mistakes.edits import SLIP
from nodesim.notation.expressions import Expression, Symbol, total
from nodesim.wording.message import Message

Known = dict[str, Value]
Valued = Callable[[Mapping[str, Value]], Value | None]
# Farther back nobody looks for a mistake that no blank shows.
_HIDDEN = 120


class Following:
    """Goes through a calculation, step by step, with somebody's own numbers.

    Parameters
    ----------
    working : Working
    given : mapping of str to Answer
        Numbers by the names of steps, and paths.
    digits : int or None
        How many significant digits were asked for.
    rows : Rows

    Attributes
    ----------
    judged : dict of str to Judged
        By the names of the steps that were answered.
    """

    def __init__(self, working: Working, given: Mapping[str, Answer], digits: int | None, rows: Rows) -> None:
        self._working, self._digits, self._rows = working, digits, rows
        # The same with its paths in the order of the rows: by their places they are named.
        self._told = copy(working)
        self._told.paths = tuple(working.paths[rows[number].path] for number in range(len(working.paths)))
        self._given = {name: answer for name, answer in given.items() if answer.value is not None}
        self._steps = [self._in_row(step) for step in working.steps]
        self._by_name = {step.name: step for step in self._steps}
        self._rights = {step.name: self._right(step) for step in self._steps}
        self._known: Known = dict(working.given)
        # How far those may be from what somebody calculated on with, and which wrong blanks they come from.
        self._slack: Known = {}
        self._causes: dict[str, tuple[str, ...]] = {}
        for name, answer in rows.added().items():
            assert answer.value is not None
            self._known[name], self._slack[name] = answer.value, self._half(answer)
        self._sorts: list[tuple[str, str]] = []
        self.judged: dict[str, Judged] = {}
        with np.errstate(all="ignore"):
            for place, step in enumerate(self._steps):
                if step.name in self._given:
                    self.judged[step.name] = self._judge(place, step, self._given[step.name])
                else:
                    self._pass(step)

    def _in_row(self, step: Step) -> Step:
        """Return a step: of products that of the path which was named in its row, of a tree the sum of its roots."""
        if step.kind == "gradient" and self._has("branch") and not self._has("product"):
            return replace(step, formula=self._roots())
        if step.kind != "product":
            return step
        row = self._rows[int(step.name.removeprefix("product ")) - 1]
        return replace(self._working.by_name[f"product {row.path + 1}"], name=step.name)

    def _has(self, kind: str) -> bool:
        return any(self._working.by_name[name].kind == kind for name in self._given)

    def _roots(self) -> Expression:
        """Return the sum of the branches at the root of the tree."""
        tree = [step for step in self._working.steps if step.kind == "branch"]
        inner = {letter for step in tree for letter in step.letters}
        return total(tuple(Symbol(step.name) for step in tree if step.name not in inner))

    def _right(self, step: Step) -> Value:
        if step.kind != "product":
            return self._working.right[step.name]
        row = self._rows[int(step.name.removeprefix("product ")) - 1]
        return self._working.right[f"product {row.path + 1}"]

    # ---- what is not answered -----------------------------------------------------------------------------

    def _pass(self, step: Step) -> None:
        """Put down what follows for a step that nobody answered."""
        causes = self._from(step)
        found = _value(step, self._known) if causes else None
        self._known[step.name] = self._right(step) if found is None else found
        self._slack[step.name] = self._play(partial(_value, step), step.letters)
        if causes:
            self._causes[step.name] = causes

    def _from(self, step: Step) -> tuple[str, ...]:
        """Return the wrong blanks that a step's letters come from."""
        found = [cause for letter in step.letters for cause in self._causes.get(letter, ())]
        if step.kind == "product":
            number = int(step.name.removeprefix("product ")) - 1
            if self._rows[number].state not in (RIGHT, EMPTY):
                found.append(f"path {number + 1}")
        return tuple(dict.fromkeys(found))

    def _play(self, valued: Valued, letters: tuple[str, ...]) -> Value:
        """Return how far a value may be off as those it was calculated from were rounded."""
        loose = [letter for letter in letters if self._slack.get(letter)]
        middle = valued(self._known) if loose else None
        if middle is None:
            return Fraction(0)
        total: Value = Fraction(0)
        for letter in loose:
            moved = valued({**self._known, letter: self._known[letter] + self._slack[letter]})
            if moved is not None:
                total += size(moved - middle)
        return total

    # ---- what is answered ---------------------------------------------------------------------------------

    def _judge(self, place: int, step: Step, answer: Answer) -> Judged:
        assert answer.value is not None
        right, value = self._right(step), answer.value
        self._known[step.name] = value
        own = tuple(cause for cause in self._from(step) if cause.startswith("path ")) if step.kind == "product" else ()
        if self._fits(answer, right):
            # Near what is right, and perhaps rounded from what follows from a wrong number.
            loose = self._half(answer) if self._from(step) else self._cut(right, answer)
            self._put(step, max(size(value - right), loose), own)
            return Judged(FOLLOWS if own else RIGHT, right, own)
        for way, known, causes in self._variants(step):
            followed = _value(way, known)
            play = self._play(partial(_value, way), way.letters)
            if followed is not None and self._fits(answer, followed, play):
                # What was carried on may have been this number before it was rounded, or what is right.
                within = self._half(answer) if causes else max(size(value - right), self._cut(right, answer))
                self._put(step, max(size(value - followed), within), causes)
                return Judged(FOLLOWS if causes else RIGHT, right, causes)
        return self._wrong(place, step, answer)

    def _half(self, answer: Answer) -> Value:
        """Return half a unit of the last digit that was written, where numbers are rounded; else 0."""
        if self._digits is None or not answer.value:
            return Fraction(0)
        if answer.last is not None:
            return answer.last / 2
        # A whole number may be one that was rounded if it has all digits that are asked for.
        full = (significant(answer.value) or 0) >= self._digits
        return unit(answer.value, self._digits) / 2 if full else Fraction(0)

    def _cut(self, value: Value, answer: Answer) -> Value:
        """Return how much rounding may have cut off a number: who keeps some more digits calculates on with those."""
        if not is_rounded(value, self._digits):
            return Fraction(0)
        half = unit(value, self._digits) / 2
        return half if answer.last is None else min(half, answer.last / 2)

    def _put(self, step: Step, slack: Value, causes: tuple[str, ...]) -> None:
        self._slack[step.name] = slack
        if causes:
            self._causes[step.name] = causes

    def _fits(self, answer: Answer, value: Value, play: Value = Fraction(0)) -> bool:
        assert answer.value is not None
        within = allowed(value, self._digits, answer.last)
        # From numbers that were rounded nothing follows exactly, however short it is.
        return size(answer.value - value) <= (max(within, unit(value, self._digits)) + play if play else within)

    def _variants(self, step: Step) -> Iterator[tuple[Step, Mapping[str, Value], tuple[str, ...]]]:
        """Yield how somebody may have calculated a step, and from what, and the wrong blanks that this comes from."""
        causes = self._from(step)
        yield step, self._known, causes
        if step.kind == "gradient" and self._has("branch"):
            tree = replace(step, formula=self._roots())
            yield tree, self._known, self._from(tree)
        silent = [letter for letter in step.letters if letter in self._by_name and letter not in self._given]
        if any(self._causes.get(letter) for letter in silent):
            yield step, {**self._known, **{letter: self._right(self._by_name[letter]) for letter in silent}}, causes
        if added := self._rows.added() if step.kind == "gradient" else {}:
            more = tuple(f"path {name.removeprefix('product ')}" for name in added)
            yield replace(step, formula=total((step.formula, *map(Symbol, added)))), self._known, (*causes, *more)
        empty = [f"product {number + 1}" for number in self._rows.empty()] if step.kind == "gradient" else []
        if empty:
            without = tuple(f"path {name.removeprefix('product ')}" for name in empty)
            yield step, {**self._known, **dict.fromkeys(empty, Fraction(0))}, (*causes, *without)

    # ---- what is wrong ------------------------------------------------------------------------------------

    def _wrong(self, place: int, step: Step, answer: Answer) -> Judged:
        assert answer.value is not None
        followed = _value(step, self._known) if self._from(step) else self._right(step)
        found = [
            (candidate, value)
            for candidate, valued, letters in self._guesses(step)
            if (value := valued(self._known)) is not None and self._fits(answer, value, self._play(valued, letters))
        ]
        if len(found) > 1:
            found.sort(key=lambda each: self._preference(place, step, each[0]))
        found = found or [(strayed, answer.value) for strayed in self._strayed(step, answer)]
        slack: Value = self._half(answer)
        if found:
            best, value = found[0]
            slack = max(size(answer.value - value), slack)
            self._sorts.append(best.sort)
            if best.step != step.name:
                self._suppose(place, step, best)
        self._put(step, slack, (step.name,))
        return Judged(WRONG, self._right(step), (), _different(found), followed)

    def _guesses(self, step: Step) -> Iterator[tuple[Candidate, Valued, tuple[str, ...]]]:
        """Yield the mistakes at a step, and at those before it that no blank shows, with what each makes of it."""
        for candidate in candidates(self._told, step):
            yield candidate, candidate.value, tuple(self._slack)
        hidden = self._hidden(step)
        for place, before in enumerate(hidden):
            way = hidden[place + 1 :]
            for candidate in candidates(self._told, before):
                yield (
                    candidate,
                    _through(candidate, way, step),
                    tuple(name for name in self._slack if name in self._given),
                )

    def _strayed(self, step: Step, answer: Answer) -> list[Candidate]:
        """Return the mistake of a number that belongs to another step of the same kind, if it belongs to one alone."""
        others = [
            other.name
            for other in self._steps
            if other.kind == step.kind and other is not step and self._rights[other.name] == answer.value
        ]
        if len(others) != 1:
            return []
        message = Message("This is the number of {other}.", other=label(others[0]))
        return [Candidate(step.name, SLIP, step.name, message, Symbol(others[0]))]

    def _hidden(self, step: Step) -> list[Step]:
        """Return the steps that one is calculated from without any blank between, in order."""
        found: set[str] = set()
        waiting = [step]
        while waiting:
            for letter in waiting.pop().letters:
                if letter in self._by_name and letter not in self._given and letter not in found:
                    found.add(letter)
                    waiting.append(self._by_name[letter])
        return [each for each in self._steps if each.name in found][-_HIDDEN:]

    def _preference(self, place: int, step: Step, candidate: Candidate) -> tuple[int, bool, int, bool]:
        """Return what is preferred among mistakes that give the same number, the best first.

        That which explains most of the numbers behind it; one that was made before; then the doctor's order.
        """
        more = 0 if candidate.step == step.name else self._explained(place, step, candidate)
        return -more, candidate.sort not in self._sorts, candidate.rank, candidate.step != step.name

    def _explained(self, place: int, step: Step, candidate: Candidate) -> int:
        """Count the answers behind a step that a mistake before it explains, and nothing else does."""
        start = candidate.value(self._known)
        if start is None:
            return 0
        known = {**self._rights, **self._known, candidate.step: start}
        moved, count = {candidate.step}, 0
        for number, other in enumerate(self._steps):
            if other.name == candidate.step or not moved.intersection(other.letters):
                continue
            if other.name not in self._given:
                value = _value(other, known)
                if value is not None:
                    known[other.name] = value
                    moved.add(other.name)
            elif number > place:
                value, answer = _value(other, known), self._given[other.name]
                count += value is not None and self._fits(answer, value) and not self._fits(answer, self._right(other))
        return count

    def _suppose(self, place: int, step: Step, candidate: Candidate) -> None:
        """Calculate on from a mistake that no blank shows."""
        value = candidate.value(self._known)
        assert value is not None
        self._known[candidate.step] = value
        self._causes[candidate.step] = (step.name,)
        for other in self._steps[:place]:
            if other.name not in self._given and other.name != candidate.step and self._from(other):
                self._pass(other)


def _different(found: list[tuple[Candidate, Value]]) -> tuple[Candidate, ...]:
    """Return each mistake once: what is told in the same words is the same."""
    told: dict[str, Candidate] = {}
    for candidate, _ in found:
        told.setdefault(str(candidate.text), candidate)
    return tuple(told.values())


def _value(step: Step, known: Mapping[str, Value]) -> Value | None:
    try:
        found = calculated(step.formula, known)
        return found if np.isfinite(float(found)) else None
    except (NodesimError, ArithmeticError):
        # It divides by 0, or is larger than any double.
        return None


def _through(candidate: Candidate, way: list[Step], step: Step) -> Valued:
    """Return what calculates a step from a mistake at one before it, over those between."""

    def valued(known: Mapping[str, Value]) -> Value | None:
        start = candidate.value(known)
        if start is None:
            return None
        moved = {candidate.step: start}
        changed = {**known, candidate.step: start}
        for each in way:
            if any(letter in moved for letter in each.letters):
                value = _value(each, changed)
                if value is None:
                    return None
                moved[each.name] = changed[each.name] = value
        return _value(step, changed)

    return valued
