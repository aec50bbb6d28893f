"""What is said of somebody's answers: which are right, which follow from a mistake, and what was done wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from nodesim.exercises.labels import label
from nodesim.exercises.units import printed
from nodesim.mistakes.report import Mistake
from nodesim.notation import markup, tables
from nodesim.showing import shown
from nodesim.wording.language import ENGLISH, Language
from nodesim.wording.message import Numeral

_SHOWN = 100


@dataclass(frozen=True)
class Remark:
    """What is said of one blank, or of several with the same mistake.

    Parameters
    ----------
    blank : str
        Which blank; of several the first.
    verdict : {"right", "follows", "wrong", "missing"}
        "follows" is what is right for the numbers that were answered before, one of which is wrong.
    given, right : str
        What was answered, as it was written, and what belongs there, as the key has it: with a decimal point.
    mistake : Mistake, optional
        What gives the number that was answered; None if no mistake that is commonly made does.
    text : str
        What is said, in the language of the sheet; nothing of what is right.
    blanks : tuple of str
        All blanks that it is said of.
    follows : tuple of str
        The blanks whose numbers are right for what was answered here.
    alternatives : tuple of Mistake
        What gives the same number, and comes later in the order of preference.

    See Also
    --------
    nodesim.exercises.Marking : What is said of all answers.

    Examples
    --------
    >>> import nodesim as ns
    >>> sheet = ns.exercises.make([2, 2, 2], ask="W1", seed=7)
    >>> sheet.mark({**sheet.key, "e": -sheet.exact["e"]}).remarks
    (<Remark: e wrong: sign>,)
    >>> print(sheet.mark({**sheet.key, "e": -sheet.exact["e"]}).remarks[0].text.partition(". ")[2])
    e has the wrong sign.
    """

    blank: str
    verdict: str
    given: str
    right: str
    mistake: Mistake | None = None
    text: str = ""
    blanks: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    alternatives: tuple[Mistake, ...] = ()

    def __str__(self) -> str:
        return shown(self.text or f"{self.blank}: {self.verdict}")

    def __repr__(self) -> str:
        what = self.verdict if self.mistake is None else f"{self.verdict}: {self.mistake.name}"
        return shown(f"<Remark: {', '.join(self.blanks or (self.blank,))} {what}>")

    def to_dict(self) -> dict[str, Any]:
        """Return the remark as plain lists and dicts, as JSON takes them.

        Returns
        -------
        dict
            By the names of the parameters.

        See Also
        --------
        nodesim.exercises.Marking.to_dict : All of a sheet.

        Examples
        --------
        >>> import nodesim as ns
        >>> sheet = ns.exercises.make([2, 2, 2], ask="W1", seed=7)
        >>> sheet.mark({**sheet.key, "e": ""}).remarks[0].to_dict()["text"]
        'Not answered: e.'
        """
        return {
            "blank": self.blank,
            "verdict": self.verdict,
            "given": self.given,
            "right": self.right,
            "mistake": None if self.mistake is None else _plain(self.mistake),
            "alternatives": [_plain(each) for each in self.alternatives],
            "blanks": list(self.blanks or (self.blank,)),
            "follows": list(self.follows),
            "text": self.text,
        }


@dataclass(frozen=True, repr=False)
class Marking:
    """Somebody's answers to a sheet, marked; ``print`` shows a table, and what is to be said.

    Each blank is one point. An answer that is not right, but follows from the answers before it, has its point, too:
    of a chain of wrong numbers the first alone has none.

    Parameters
    ----------
    verdicts : tuple of Remark
        Of every blank that is asked for, in their order.
    remarks : tuple of Remark
        What is worth a remark: mistakes, each once, with all blanks where it was made; and what is missing.
    language : Language
        In which it is told.

    See Also
    --------
    nodesim.exercises.Sheet.mark : Makes it.
    nodesim.doctor : Marks gradients without a sheet.

    Examples
    --------
    >>> import nodesim as ns
    >>> sheet = ns.exercises.make([2, 2, 2], ask="W1", seed=7)
    >>> marking = sheet.mark({**sheet.key, "H1": "1000", "e": ""})
    >>> marking.score, marking.out_of
    (25, 27)
    >>> marking.remarks
    (<Remark: H1 wrong>, <Remark: e missing>)
    """

    verdicts: tuple[Remark, ...]
    remarks: tuple[Remark, ...]
    language: Language = field(default=ENGLISH, repr=False)

    @property
    def score(self) -> int:
        """How many answers are right, or follow from others."""
        return sum(each.verdict in ("right", "follows") for each in self.verdicts)

    @property
    def out_of(self) -> int:
        """How many answers are asked for."""
        return len(self.verdicts)

    @property
    def text(self) -> str:
        """The score, and what is to be said, in a few sentences."""
        return " ".join(self._sentences())

    def to_dict(self) -> dict[str, Any]:
        """Return the marking as plain lists and dicts, as JSON takes them.

        Returns
        -------
        dict
            "score", "out_of", "remarks", and "verdicts" with a list for each column.

        See Also
        --------
        nodesim.exercises.Remark.to_dict : One of the remarks.

        Examples
        --------
        >>> import nodesim as ns
        >>> sheet = ns.exercises.make([2, 2, 2], ask="W1", seed=7)
        >>> sheet.mark(sheet.key).to_dict()["score"]
        27
        """
        columns = ("blank", "given", "right", "verdict")
        return {
            "score": self.score,
            "out_of": self.out_of,
            "remarks": [remark.to_dict() for remark in self.remarks],
            "verdicts": {name: [getattr(each, name) for each in self.verdicts] for name in columns},
        }

    def _sentences(self) -> list[str]:
        say = self.language.say
        head = say("{score} of {out_of} points.", score=self.score, out_of=self.out_of)
        return [head, *(remark.text for remark in self.remarks)]

    def _columns(self) -> tuple[Sequence[str], list[tuple[str, ...]], str]:
        say = self.language.say
        words = {
            "right": say("right"),
            "follows": say("follows"),
            "wrong": say("wrong"),
            "missing": say("missing"),
        }
        heads: Sequence[str] = (say("blank"), say("given"), say("right"), say("verdict"))
        cells: list[tuple[str, ...]] = [
            (
                self.language.tell(label(each.blank)),
                each.given,
                printed(each.right, self.language),
                words[each.verdict],
            )
            for each in self.verdicts[:_SHOWN]
        ]
        return heads, cells, "<>><"

    def _more(self) -> str:
        more = self.out_of - _SHOWN
        return self.language.say("… {count} more", count=Numeral(more)) if more > 0 else ""

    def __str__(self) -> str:
        more = [self._more()] if self._more() else []
        return "\n".join([*tables.lines(*self._columns()), *more, *map(shown, self._sentences())])

    def __repr__(self) -> str:
        found = "; ".join(repr(remark)[len("<Remark: ") : -1] for remark in self.remarks) or "all right"
        return shown(f"<Marking: {self.score} of {self.out_of}: {found}>")

    def _repr_html_(self) -> str:
        first, *others = self._sentences()
        table = markup.table(*self._columns(), self._more())
        return markup.line(first) + table + "".join(map(markup.line, others))


def _plain(mistake: Mistake) -> dict[str, str]:
    return {"name": mistake.name, "where": mistake.where, "text": mistake.text}
