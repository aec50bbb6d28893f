"""What the doctor says: whether numbers are right, which mistakes made them if not, and what would be right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, overload

from nodesim.notation import markup, tables
from nodesim.notation.symbols import number, plural
from nodesim.showing import shown
from nodesim.validation import Listing, position, positions

_SHOWN = 50
_HEADS, _SIDES = ("quantity", "given", "right", "with mistake", "verdict"), "<>>><"
_EXPLAINED = 3
_LISTED = 5


@dataclass(frozen=True)
class Mistake:
    """A mistake that somebody made in calculating a gradient or an update.

    Parameters
    ----------
    name : str
        "sign", "factor", "sum for mean", "bias forgotten", "path forgotten", "output slope left out",
        "hidden slope left out", "slope at HA", "updated before", "sequential update", "transposed weights",
        "input left out", "delta of another loss" or "one weight".
    where : str
        At what: a weight, a node, an arc such as "H1 -> O2", a layer, "all weights", "all outputs", "all hidden nodes",
        "e".
    text : str
        What was done and what is right, in a sentence or two.

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
    where: str
    text: str

    def __str__(self) -> str:
        return shown(f"{self.name} ({self.where}): {self.text}")

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
    ('one weight', 'W1')
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
        return " ".join(mistake.text for mistake in self)

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
    quantity : str
        What it is: "∂e/∂W1", "∂e/∂H1", "W1", "e", or "e after" the update.
    written : str
        As it was given.
    given, right : float
    explained : float or None
        What it is with the mistakes that were found; None if none were.
    ok : bool
        Whether it is right, to the digits that were given: rounded, or off by one unit of the last at most.
    """

    quantity: str
    written: str
    given: float
    right: float
    explained: float | None
    ok: bool

    def _cells(self) -> tuple[str, ...]:
        explained = "" if self.explained is None else number(self.explained, self.digits)
        return self.quantity, self.written, number(self.right, self.digits), explained, "right" if self.ok else "wrong"

    @property
    def digits(self) -> int:
        """How many significant digits it was given with, six at least: what stands beside it has as many."""
        mantissa = "".join(filter(str.isdigit, self.written.lower().partition("e")[0])).lstrip("0")
        return min(max(len(mantissa), 6), 17)


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

    See Also
    --------
    nodesim.doctor : Makes it.
    Mistake : What it lists.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> report = ns.doctor(net, [0.05, 0.1], [0.01, 0.99], error=1.5)
    >>> report.right, report.mistakes, report.unexplained
    (False, [<Mistake: one weight, e>], ())
    >>> sorted(report.expected)
    ['deltas', 'error', 'error_after', 'gradients', 'weights']
    """

    right: bool
    explanations: tuple[Explanation, ...]
    checked: tuple[CheckedNumber, ...]
    tried: int
    expecting: Callable[[], Mapping[str, Any]] = field(compare=False)

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
        """The verdict, and what happened, in a few sentences."""
        wrong = sum(not each.ok for each in self.checked)
        count = plural(len(self.checked), "number")
        every = {1: "The number is", 2: "Both numbers are"}.get(len(self.checked), f"All {count} are")
        if self.right:
            return f"{every} right."
        head = f"{wrong} of {count} {'is' if wrong == 1 else 'are'} wrong."
        if wrong == len(self.checked):
            head = f"{every} wrong."
        if self.explanations:
            return f"{head} {self.explanations[0].text}"
        listed = "; ".join(_deviation(each) for each in self.unexplained[:_LISTED])
        more = len(self.unexplained) - _LISTED
        rest = f"; and {more:,} more" if more > 0 else ""
        return f"{head} No mistake, and no two mistakes, of those that were tried explain all of it: {listed}{rest}."

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain lists and dicts, as JSON takes them.

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
        >>> ns.doctor(net, [0.5], [1.0], error=9.0).to_dict()["mistakes"][0]["where"]
        'e'
        """
        columns = ("quantity", "written", "given", "right", "explained", "ok")
        return {
            "right": self.right,
            "text": self.text,
            "mistakes": _plain(self.mistakes),
            "alternatives": [_plain(explanation) for explanation in self.alternatives],
            "checked": {name: [getattr(each, name) for each in self.checked] for name in columns},
        }

    def __bool__(self) -> bool:
        return self.right

    def _chosen(self) -> tuple[list[CheckedNumber], str]:
        """Return what is printed, what is wrong first where that is not all, and what is said of the rest."""
        if len(self.checked) <= _SHOWN:
            return list(self.checked), ""
        ordered = sorted(self.checked, key=lambda each: each.ok)
        return ordered[:_SHOWN], markup.left_out(len(self.checked), _SHOWN, "number")

    def _sentences(self) -> list[str]:
        head = self.text if not self.explanations else self.text.partition(" wrong.")[0] + " wrong."
        told = [head, *(f"{place}. {mistake}" for place, mistake in enumerate(self.mistakes, 1))]
        for explanation in self.alternatives[:_LISTED]:
            told.append("Or: " + "; ".join(f"{mistake.name} ({mistake.where})" for mistake in explanation))
        more = len(self.alternatives) - _LISTED
        others = f"... or {plural(more, 'more explanation')} of the same numbers"
        return [*told, *([f"{others}; more numbers or digits tell them apart"] if more > 0 else [])]

    def _columns(self, rows: Sequence[CheckedNumber]) -> tuple[Sequence[str], list[tuple[str, ...]], str]:
        """Return heads, cells and sides; what mistakes make of numbers stands there only if some were found."""
        heads, sides = _HEADS, _SIDES
        cells = [each._cells() for each in rows]
        if self.explanations:
            return heads, cells, sides
        first, last = slice(_EXPLAINED), slice(_EXPLAINED + 1, None)
        return heads[first] + heads[last], [row[first] + row[last] for row in cells], sides[first] + sides[last]

    def __str__(self) -> str:
        rows, more = self._chosen()
        table = tables.lines(*self._columns(rows))
        return "\n".join([*table, *([more] if more else []), *map(shown, self._sentences())])

    def __repr__(self) -> str:
        if self.right:
            return f"<DoctorReport: {self.text}>"
        found = "; ".join(f"{mistake.name}, {mistake.where}" for mistake in self.mistakes) or "nothing explains it"
        return shown(f"<DoctorReport: {self.text.partition('.')[0]}: {found}>")

    def _repr_html_(self) -> str:
        rows, more = self._chosen()
        first, *others = self._sentences()
        return markup.line(first) + markup.table(*self._columns(rows), more) + "".join(map(markup.line, others))


def _deviation(each: CheckedNumber) -> str:
    off = each.given - each.right
    return f"{each.quantity} is {each.written}, right is {number(each.right, each.digits)}, off by {number(off, 3)}"


def _plain(mistakes: Sequence[Mistake]) -> list[dict[str, str]]:
    return [{"name": each.name, "where": each.where, "text": each.text} for each in mistakes]
