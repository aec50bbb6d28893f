"""What is told of answers that are wrong or missing, in a reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nodesim.exercises.judged import Judged
from nodesim.exercises.labels import label
from nodesim.exercises.remarks import Remark
from nodesim.exercises.rows import TWICE, Row
from nodesim.exercises.units import printed, told
from nodesim.mistakes.report import Mistake
from nodesim.notation.symbols import ERROR
from nodesim.wording.language import Language
from nodesim.wording.message import Message

_ALTERNATIVES, _LISTED = 2, 8


class Telling:
    """Puts into words what was found.

    Parameters
    ----------
    language : Language
    digits : int or None
        How many significant digits numbers have.
    """

    def __init__(self, language: Language, digits: int | None) -> None:
        self._say, self._language, self._digits = language.say, language, digits

    def wrong(self, group: Sequence[Remark], judged: Judged | None, follows: Sequence[str]) -> str:
        """Tell of a wrong answer, and of others with the same mistake."""
        return " ".join(self._wrong(group, judged, follows))

    def _wrong(self, group: Sequence[Remark], judged: Judged | None, follows: Sequence[str]) -> Iterator[str]:
        first, *others = group
        yield self._say(
            "{blank} is wrong: {given}, right is {right}.",
            blank=label(first.blank),
            given=first.given,
            right=printed(first.right, self._language),
        )
        if judged is not None:
            yield from self._explained(first, judged)
        if others:
            listed = [
                self._say(
                    "{blank} ({given}, right is {right})",
                    blank=label(each.blank),
                    given=each.given,
                    right=printed(each.right, self._language),
                )
                for each in others
            ]
            yield self._say("The same mistake: {blanks}.", blanks=", ".join(listed))
        yield from self.followed(follows)

    def _explained(self, first: Remark, judged: Judged) -> Iterator[str]:
        if first.mistake is not None:
            yield self._language.tell(first.mistake.message)
        else:
            yield self._say("No mistake that is commonly made gives this number.")
        for each in first.alternatives[:_ALTERNATIVES]:
            yield self._say("Or: {mistake}", mistake=each.message)
        if judged.followed is not None and judged.followed != judged.right:
            number = told(judged.followed, self._digits, self._language)
            yield self._say("From the answers before it follows {number}.", number=number)

    def followed(self, follows: Sequence[str]) -> Iterator[str]:
        """Tell what is right for a number that is wrong."""
        if follows:
            yield self._say("What follows from it is right: {blanks}.", blanks=self._listed(follows))

    def _listed(self, names: Sequence[str]) -> str:
        """List names, as many as are read."""
        told_of = [self._language.tell(label(name)) for name in names]
        if len(names) <= _LISTED:
            return ", ".join(told_of)
        first = ", ".join(told_of[: _LISTED - 1])
        return self._say("{blanks} and {count} more", blanks=first, count=len(names) - _LISTED + 1)

    def row(self, row: Row, answer: Remark, weight: str) -> str:
        """Tell of a row of a table of paths that none, or one of another row, stands in."""
        if row.state == TWICE:
            return self._say(
                "{blank}: the path {path} is named a second time.", blank=label(answer.blank), path=answer.given
            )
        return self._say(
            "{blank}: {path} is no path from {weight} to {error}.", blank=label(answer.blank), path=answer.given,
            error=ERROR, weight=weight,
        )  # fmt: skip

    def forgotten(self, paths: Sequence[str], where: Sequence[str]) -> Mistake:
        """Return the mistake of paths that were not named."""
        message = Message("The path {path} is missing.", path=paths[0])
        if len(paths) > 1:
            message = Message("These paths are missing: {paths}.", paths="; ".join(paths))
        return Mistake("path forgotten", "; ".join(where), message)

    def missing(self, blanks: Sequence[str]) -> str:
        """Tell of what was not answered."""
        return self._say("Not answered: {blanks}.", blanks=self._listed(blanks))
