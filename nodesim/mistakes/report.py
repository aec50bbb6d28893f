"""What the doctor says: whether numbers are right, which mistakes made them if not, and what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, overload

from nodesim.notation import markup, tables
from nodesim.notation.symbols import MINUS, number
from nodesim.showing import shown
from nodesim.validation import Listing, position, positions
from nodesim.wording import language as languages
from nodesim.wording.language import ENGLISH, Language
from nodesim.wording.message import Joined, Message, Numeral, Words, marked

_SHOWN = 50
_HEADS = (marked("quantity"), marked("given"), marked("right"), marked("with mistake"), marked("verdict"))
_SIDES = "<>>><"
_EXPLAINED = 3
_LISTED = 5
# So many digits are shown at least; and who calculates by hand writes no more than so many.
_FEWEST, _BY_HAND = 6, 12


@dataclass(frozen=True)
class Mistake:
    """A mistake that somebody made in calculating a gradient or an update.

    Parameters
    ----------
    name : str
        "sign", "factor", "sum for mean", "bias forgotten", "path forgotten", "output slope left out",
        "hidden slope left out", "slope at HA", "updated before", "sequential update", "transposed weights",
        "input left out", "delta of another loss", "slope from H", "connection forgotten", "one sample", "other names"
        or "one weight": the same in every language.
    place : str or message
        What `where` is in any language.
    message : message
        What `text` is in any language.

    See Also
    --------
    nodesim.doctor : Finds it.
    DoctorReport : All that it found.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> wrong = {c.name: -c.gradient for c in net.connections}
    >>> ns.doctor(net, [0.05, 0.1], [0.01, 0.99], gradients=wrong).mistakes
    [<Mistake: sign, all weights>]
    """

    name: str
    place: Words
    message: Words

    @property
    def where(self) -> str:
        """At what, in English.

        A weight, a node, an arc such as "H1 -> O2", a layer, "all weights", "all outputs", "all hidden nodes", "e".
        """
        return str(self.place)

    @property
    def text(self) -> str:
        """What was done and what is right, in a sentence or two, in English."""
        return str(self.message)

    def told(self, language: str | Path | Language) -> str:
        """Return what printing shows, in a language.

        Parameters
        ----------
        language : str, path or Language
            "en", "de", or a file of texts.

        Returns
        -------
        str
            Its name, its place, what was done and what is right.

        Raises
        ------
        ArgumentError, FileError
            If there is no such language, or its file cannot be read.

        See Also
        --------
        DoctorReport.told : All that was found.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1, 1], seed=0)
        >>> _, error = net.forward([0.5]), net.backward([1.0])
        >>> mistake = ns.doctor(net, [0.5], [1.0], error=-error).mistakes[0]
        >>> print(mistake.told("de").partition(".")[0])
        Vorzeichen (e): Der Fehler e hat das falsche Vorzeichen
        """
        own = languages.language(language)
        return shown(f"{own.say(self.name)} ({own.tell(self.place)}): {own.tell(self.message)}")

    def __str__(self) -> str:
        return self.told(ENGLISH)

    def __repr__(self) -> str:
        return shown(f"<Mistake: {self.name}, {self.where}>")


class Explanation(Listing[Mistake]):
    """One or two mistakes that together explain all numbers; a sequence of `Mistake`.

    Parameters
    ----------
    mistakes : sequence of Mistake
        The mistakes.

    See Also
    --------
    DoctorReport.alternatives : Explanations besides the one that is preferred.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.5])
    >>> report = ns.doctor(net, [0.05, 0.1], [0.5], gradients={"W1": -net["W1"].gradient})
    >>> report.alternatives[-1].name, report.alternatives[-1].where
    ('sign', 'W1')
    """

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self._mistakes = tuple(mistakes)

    @property
    def name(self) -> str:
        """The names of its mistakes."""
        return " + ".join(mistake.name for mistake in self)

    @property
    def where(self) -> str:
        """Where they were made."""
        return " + ".join(mistake.where for mistake in self)

    @property
    def text(self) -> str:
        """What was done and what is right."""
        return str(self.message)

    @property
    def message(self) -> Words:
        """What `text` is in any language."""
        return Joined(" ", [mistake.message for mistake in self])

    def __len__(self) -> int:
        return len(self._mistakes)

    @overload
    def __getitem__(self, index: int) -> Mistake: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Mistake, ...]: ...
    def __getitem__(self, index: Any) -> Any:
        """Return a mistake, the first by 0."""
        if isinstance(index, slice):
            return tuple(self._mistakes[place] for place in positions(index, len(self), "mistake"))
        return self._mistakes[position(index, len(self), "mistake")]

    def __iter__(self) -> Iterator[Mistake]:
        return iter(self._mistakes)

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    def __repr__(self) -> str:
        return shown(f"<Explanation: {'; '.join(f'{mistake.name}, {mistake.where}' for mistake in self)}>")


@dataclass(frozen=True)
class CheckedNumber:
    """A number that was given, beside what is right.

    Attributes
    ----------
    label : str or message
        What `quantity` is in any language.
    written : str
        As it was given.
    given, right : float
    explained : float or None
        What it is with the mistakes that were found; None if none were.
    ok : bool
        Whether it is right, to the digits that were given: rounded, or off by one unit of the last at most.
    """

    label: Words
    written: str
    given: float
    right: float
    explained: float | None
    ok: bool

    @property
    def quantity(self) -> str:
        """What it is: "∂e/∂W1", "∂e/∂H1", "W1", "e", or "e after" the update."""
        return str(self.label)

    def _cells(self, own: Language) -> tuple[str, ...]:
        explained = "" if self.explained is None else number(self.explained, self.digits)
        numbers = (own.number(each) for each in (self.shown, number(self.right, self.digits), explained))
        return own.tell(self.label), *numbers, own.say("right") if self.ok else own.say("wrong")

    @property
    def digits(self) -> int:
        """How many significant digits it was given with, six at least: what stands beside it has as many.

        Of a float that shows all of its digits, as many as tell it from what is right, and six at least.
        """
        given = self._significant
        if given <= _BY_HAND:
            return max(given, _FEWEST)
        apart = (n for n in range(_FEWEST, 17) if self.ok or number(self.given, n) != number(self.right, n))
        return next(apart, 17)

    @property
    def shown(self) -> str:
        """As it was given, with a real minus sign; of a float that shows all of its digits as many as are compared."""
        if self._significant > _BY_HAND:
            return number(self.given, self.digits)
        return re.sub(r"^-", MINUS, self.written)

    @property
    def _significant(self) -> int:
        return len("".join(filter(str.isdigit, self.written.lower().partition("e")[0])).lstrip("0"))


@dataclass(frozen=True, repr=False)
class DoctorReport:
    """What `doctor` found; ``print`` shows a table, and tells what happened.

    Parameters
    ----------
    right : bool
        Whether all numbers are right, to the digits that were given.
    explanations : tuple of Explanation
        The shortest explanations of all numbers, best first; none if they are right, or if nothing explains them.
    checked : tuple of CheckedNumber
        Each number that was given, beside what is right and what the best explanation gives.
    tried : int
        How many single mistakes were tried.
    expecting : callable
        Returns what is right, for `expected`.
    whereabouts : tuple of message
        What `hints` are in any language.

    See Also
    --------
    nodesim.doctor : Makes it.
    Mistake : What it lists.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> _, error = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> report = ns.doctor(net, [0.05, 0.1], [0.01, 0.99], error=2 * error)
    >>> report.right, report.mistakes, report.unexplained
    (False, [<Mistake: factor, all weights>], ())
    >>> ns.doctor(net, [0.05, 0.1], [0.01, 0.99], error=error, gradients={"W1": 0.5, "W7": 0.7}).hints[0]
    'In the order of the calculation all is right up to e; the first that is wrong: ∂e/∂W7.'
    >>> sorted(report.expected)
    ['deltas', 'error', 'error_after', 'gradients', 'weights']
    """

    right: bool
    explanations: tuple[Explanation, ...]
    checked: tuple[CheckedNumber, ...]
    tried: int
    expecting: Callable[[], Mapping[str, Any]] = field(compare=False)
    whereabouts: tuple[Words, ...] = ()

    @property
    def hints(self) -> tuple[str, ...]:
        """Where the calculation first goes wrong, and in which layers, if nothing explains it; sentences in English."""
        return tuple(map(str, self.whereabouts))

    @property
    def mistakes(self) -> list[Mistake]:
        """What made these numbers, by the best explanation; empty if they are right, or if nothing explains them."""
        return list(self.explanations[0]) if self.explanations else []

    @property
    def alternatives(self) -> tuple[Explanation, ...]:
        """What explains them as well, and comes later in the order of preference."""
        return self.explanations[1:]

    @property
    def unexplained(self) -> tuple[CheckedNumber, ...]:
        """The numbers that are wrong if nothing explains them all."""
        return () if self.explanations else tuple(each for each in self.checked if not each.ok)

    @cached_property
    def expected(self) -> Mapping[str, Any]:
        """What is right: "error", "gradients", "deltas", "weights" after the update, "error_after"; by names."""
        return self.expecting()

    @property
    def text(self) -> str:
        """The verdict, and what happened, in a few sentences, in English."""
        return str(self.message)

    @property
    def message(self) -> Words:
        """What `text` is in any language."""
        if self.right:
            return self._verdict()
        if self.explanations:
            return Joined(" ", [self._verdict(), self.explanations[0].message])
        none = Message("No mistake, and no two mistakes, of those that are known explain it.")
        if len(self.unexplained) == 1:
            number = _deviation(self.unexplained[0])
            none = Message("No known mistake, and no two together, make this number: {number}.", number=number)
        return Joined(" ", [self._verdict(), none, *self.whereabouts])

    def _verdict(self) -> Message:
        """Say how many numbers are right."""
        every, wrong = len(self.checked), sum(not each.ok for each in self.checked)
        count = Numeral(every)
        if self.right:
            return (
                Message("The number is right.") if every == 1
                else Message("Both numbers are right.") if every == 2
                else Message("All {count} numbers are right.", count=count)
            )  # fmt: skip
        if wrong == every:
            return (
                Message("The number is wrong.") if every == 1
                else Message("Both numbers are wrong.") if every == 2
                else Message("All {count} numbers are wrong.", count=count)
            )  # fmt: skip
        if wrong == 1:
            return Message("1 of {count} numbers is wrong.", count=count)
        return Message("{wrong} of {count} numbers are wrong.", wrong=wrong, count=count)

    def told(self, language: str | Path | Language) -> str:
        """Return what printing shows, in a language.

        Parameters
        ----------
        language : str, path or Language
            "en", "de", or a file of texts; `nodesim languages` lists them, and begins such a file.

        Returns
        -------
        str
            A table, and what happened.

        Raises
        ------
        ArgumentError, FileError
            If there is no such language, or its file cannot be read.

        See Also
        --------
        DoctorReport.text : The sentences alone, in English.
        Mistake.told : One mistake.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1, 1], seed=0)
        >>> print(ns.doctor(net, [0.5], [1.0], error=9.5).told("de").splitlines()[2].partition(":")[0])
        Die Zahl ist falsch. Kein bekannter Fehler, und keine zwei zusammen, führen zu dieser Zahl
        """
        own = languages.language(language)
        rows, more = self._chosen()
        table = tables.lines(*self._columns(rows, own))
        return "\n".join([*table, *([own.tell(more)] if more else []), *map(shown, self._sentences(own))])

    def to_dict(self, language: str | Path | Language = ENGLISH) -> dict[str, Any]:
        """Return the report as plain lists and dicts, as JSON takes them.

        Parameters
        ----------
        language : str, path or Language
            In which texts and places are written; names, quantities and numbers are the same in every language.

        Returns
        -------
        dict
            "right", "text", "mistakes", "alternatives" (a list of lists), and "checked" with a list for each column.

        See Also
        --------
        DoctorReport.expected : What all numbers should be.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1, 1], seed=0)
        >>> ns.doctor(net, [0.5], [1.0], error=9.0).to_dict()["mistakes"]
        []
        """
        own = languages.language(language)
        columns = ("quantity", "written", "given", "right", "explained", "ok")
        return {
            "right": self.right,
            "text": own.tell(self.message),
            "mistakes": _plain(self.mistakes, own),
            "alternatives": [_plain(explanation, own) for explanation in self.alternatives],
            "checked": {name: [getattr(each, name) for each in self.checked] for name in columns},
        }

    def __bool__(self) -> bool:
        return self.right

    def _chosen(self) -> tuple[list[CheckedNumber], Message | None]:
        """Return what is printed, what is wrong first where that is not all, and what is said of the rest."""
        more = len(self.checked) - _SHOWN
        if more <= 0:
            return list(self.checked), None
        ordered = sorted(self.checked, key=lambda each: each.ok)
        left = Message("… 1 more number") if more == 1 else Message("… {count} more numbers", count=Numeral(more))
        return ordered[:_SHOWN], left

    def _sentences(self, own: Language) -> list[str]:
        head = self._verdict() if self.explanations else self.message
        told = [own.tell(head), *(f"{place}. {mistake.told(own)}" for place, mistake in enumerate(self.mistakes, 1))]
        for explanation in self.alternatives[:_LISTED]:
            mistakes = "; ".join(f"{own.say(mistake.name)} ({own.tell(mistake.place)})" for mistake in explanation)
            told.append(own.say("Or: {mistakes}", mistakes=mistakes))
        more = len(self.alternatives) - _LISTED
        if more == 1:
            told.append(
                own.say("... or 1 more explanation of the same numbers; more numbers or digits tell them apart")
            )
        elif more > 1:
            told.append(
                own.say(
                    "... or {count} more explanations of the same numbers; more numbers or digits tell them apart",
                    count=Numeral(more),
                )
            )
        return told

    def _columns(self, rows: Sequence[CheckedNumber], own: Language) -> tuple[list[str], list[tuple[str, ...]], str]:
        """Return heads, cells and sides; what mistakes make of numbers stands there only if some were found."""
        heads = [own.say(head) for head in _HEADS]
        cells = [each._cells(own) for each in rows]
        if self.explanations:
            return heads, cells, _SIDES
        first, last = slice(_EXPLAINED), slice(_EXPLAINED + 1, None)
        return heads[first] + heads[last], [row[first] + row[last] for row in cells], _SIDES[first] + _SIDES[last]

    def __str__(self) -> str:
        return self.told(ENGLISH)

    def __repr__(self) -> str:
        if self.right:
            return f"<DoctorReport: {self.text}>"
        found = "; ".join(f"{mistake.name}, {mistake.where}" for mistake in self.mistakes) or "nothing explains it"
        return shown(f"<DoctorReport: {self.text.partition('.')[0]}: {found}>")

    def _repr_html_(self) -> str:
        rows, more = self._chosen()
        first, *others = self._sentences(ENGLISH)
        table = markup.table(*self._columns(rows, ENGLISH), str(more or ""))
        return markup.line(first) + table + "".join(map(markup.line, others))


def _deviation(each: CheckedNumber) -> Message:
    off = each.given - each.right
    return Message(
        "{quantity} is {written}, right is {right}, off by {off}",
        quantity=each.label, written=Numeral(each.shown), right=Numeral(number(each.right, each.digits)),
        off=Numeral(number(off, 3)),
    )  # fmt: skip


def _plain(mistakes: Sequence[Mistake], own: Language) -> list[dict[str, str]]:
    return [{"name": each.name, "where": own.tell(each.place), "text": own.tell(each.message)} for each in mistakes]
