"""What somebody wrote into the blanks of a sheet: which blank is meant, and which number, path or choice."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from nodesim.errors import ArgumentError, ArgumentTypeError, NodesimError, UnknownNameError, suggestion
from nodesim.exercises.labels import label
from nodesim.exercises.units import told
from nodesim.mistakes.digits import written
from nodesim.notation.symbols import ERROR, MINUS
from nodesim.papers.blocks import Blank
from nodesim.validation import shortened
from nodesim.wording.language import ENGLISH, Language

_PLAIN = r"(?:\d+\.?\d*|\.\d+)"
_NUMBER = re.compile(rf"[+-]?{_PLAIN}(?:[eE][+-]?\d{{1,3}})?", re.ASCII)
_QUOTIENT = re.compile(rf"([+-]?)\s*(?:(\d+)\s+)?({_PLAIN})\s*/\s*({_PLAIN})", re.ASCII)
# Of 1,234 nobody knows whether it is a little more than one, or than a thousand.
_DOUBTFUL = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
_LONGEST = 200
# A mistake can make numbers far from those of any sheet; but products of what is beyond these would leave the doubles.
_SMALLEST, _LARGEST = Fraction(10) ** -200, Fraction(10) ** 100
_MOST = 100_000
_NEW_WEIGHT = re.compile(r"(.+)\(k\+1\)")


@dataclass(frozen=True)
class Answer:
    """What stands in a blank.

    Attributes
    ----------
    text : str
        As it was written.
    value : Fraction or None
        Of a number.
    last : Fraction or None
        What one unit of its last digit is; None if it was written as a whole number or a fraction, and is exact.
    """

    text: str
    value: Fraction | None = None
    last: Fraction | None = None


def read(blanks: Sequence[Blank], answers: Any, language: Language) -> dict[str, Answer]:
    """Return what was answered, by the names of the blanks; blanks that were left empty are not in it.

    Raises
    ------
    UnknownNameError, ArgumentError, ArgumentTypeError
        If a blank is named that is not there, or something cannot be read.
    """
    meant = Names(blanks, language)
    found: dict[str, Answer] = {}
    before: dict[str, str] = {}
    for key, value in _pairs(answers):
        blank = meant[key]
        if blank.name in before:
            raise ArgumentError(
                f"{blank.name} is answered twice, as {shortened(before[blank.name])} and as {shortened(key)}."
            )
        before[blank.name] = key
        if not _is_empty(value):
            found[blank.name] = answer(blank, value, language)
    return found


def _pairs(answers: Any) -> list[tuple[Any, Any]]:
    if not isinstance(answers, Mapping):
        raise ArgumentTypeError(
            f'answers are a dict from blanks to what stands in them, as {{"H1": "0.75"}}; got {shortened(answers)}.'
        )
    if len(answers) > _MOST:
        raise ArgumentError(f"there are {len(answers):,} answers, more than any sheet has blanks.")
    return list(answers.items())


def _is_empty(value: Any) -> bool:
    """Tell what stands for no answer: nothing, blanks, or the NaN of a table's empty cell."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, float) and math.isnan(value))


# ---- names ---------------------------------------------------------------------------------------------------


class Names:
    """The blanks of a sheet by their names, and by other spellings of these.

    Parameters
    ----------
    blanks : sequence of Blank
    language : Language
        In which the names may be written, too.
    """

    def __init__(self, blanks: Sequence[Blank], language: Language = ENGLISH) -> None:
        self._exact = {blank.name: blank for blank in blanks}
        self._spelled: dict[str, Blank | None] = {}
        # As it is, as it is called in the language, and shortened: what comes first counts.
        for spellings in (_own, lambda name: [simple(language.tell(label(name)))], _short):
            found: dict[str, Blank | None] = {}
            for blank in blanks:
                for spelling in spellings(blank.name):
                    # What two blanks could be called is neither of them.
                    found[spelling] = None if found.get(spelling, blank) is not blank else blank
            self._spelled = {**found, **self._spelled}

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def get(self, name: str) -> Blank | None:
        """Return the blank of a name; None if there is none."""
        return self._exact.get(name.strip()) or self._spelled.get(simple(name))

    def __getitem__(self, name: Any) -> Blank:
        found = self.get(name) if isinstance(name, str) and len(name) <= _LONGEST else None
        if found is None:
            raise UnknownNameError(f"there is no blank {shortened(name)} here. {suggestion(name, self._exact)}")
        return found


def simple(name: str) -> str:
    """Return a name without what is written in several ways: ∂ or d, blanks, large and small letters.

    Examples
    --------
    >>> simple("∂e / ∂W1"), simple("Path 1")
    ('de/dw1', 'path1')
    """
    return re.sub(r"\s+", "", name).replace("∂", "d").replace(MINUS, "-").casefold()


def _own(name: str) -> Iterator[str]:
    yield simple(name)


def _short(name: str) -> Iterator[str]:
    """Yield the doctor's spellings: dW1 or gradient W1 for ∂e/∂W1, W1 for the new weight."""
    plain = simple(name)
    if plain == ERROR:
        yield "error"
    if plain.startswith("de/d"):
        of = plain.removeprefix("de/d")
        yield from (f"d{of}", f"δ{of}", f"delta{of}", f"gradient{of}")
    new = _NEW_WEIGHT.fullmatch(plain)
    if new is not None:
        yield from (new[1], f"{new[1]}new", f"{new[1]}k+1", f"{new[1]}'")


# ---- values --------------------------------------------------------------------------------------------------


def answer(blank: Blank, value: Any, language: Language) -> Answer:
    """Read what stands in a blank.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it cannot be read.
    """
    if blank.kind == "number":
        return number(value, blank.name, language)
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{blank.name} is answered in words, such as {blank.answer!r}; got {shortened(value)}.")
    if blank.kind == "choice":
        return Answer(_chosen(blank, value))
    return Answer(value.strip())


def _chosen(blank: Blank, value: str) -> str:
    named = {simple(each): each for each in (*blank.others, *blank.choices, blank.answer, *blank.accepted)}
    found = named.get(simple(value))
    if found is None:
        raise ArgumentError(
            f"{blank.name} cannot be {shortened(value)}. {suggestion(value, blank.choices or (blank.answer,))}"
        )
    return found


def number(value: Any, who: str, language: Language) -> Answer:
    """Read a number: 0.75, "0,75", "3/4", "−3/4", Fraction(3, 4).

    Raises
    ------
    ArgumentError
        If it is none.
    """
    found = _number(value, who, language)
    assert found.value is not None
    _check_size(found.value, value, who)
    return found


def _check_size(found: Fraction, value: Any, who: str) -> None:
    if found and not _SMALLEST <= abs(found) <= _LARGEST:
        what = "a number of so many digits" if isinstance(value, int | Fraction) else shortened(value)
        raise ArgumentError(f"{who}: {what} cannot be meant: no sheet has numbers like this.")


def _number(value: Any, who: str, language: Language) -> Answer:
    if isinstance(value, str):
        return _from_text(value, who, language)
    if isinstance(value, Fraction) or (isinstance(value, int) and not isinstance(value, bool)):
        # Before it is written: Python does not write numbers of thousands of digits.
        _check_size(Fraction(value), value, who)
        return Answer(told(Fraction(value), None, language), Fraction(value))
    try:
        digits = written(value, who)
    except NodesimError as error:
        raise ArgumentError(_unreadable(value, who)) from error
    exact = Fraction(Decimal(digits.text))
    return Answer(_plain(digits.text, language), exact, Fraction(10) ** digits.last)


def _plain(text: str, language: Language) -> str:
    return language.number(text.replace("-", MINUS))


def _from_text(text: str, who: str, language: Language) -> Answer:
    plain = re.sub(f"[{MINUS}\N{EN DASH}]", "-", text).strip().lstrip("=≈~ ").strip()
    if len(plain) > _LONGEST:
        raise ArgumentError(_unreadable(text, who))
    if language.decimal != "," and _DOUBTFUL.fullmatch(plain):
        both = plain.replace(",", "."), plain.replace(",", "")
        raise ArgumentError(f"{who}: {shortened(text)} can be {both[0]} or {both[1]}; write the one that is meant.")
    plain = re.sub(r"^([+-])\s+", r"\1", plain.replace(",", "."))
    if _NUMBER.fullmatch(plain):
        decimal = Decimal(plain)
        exponent = int(decimal.as_tuple().exponent)
        last = Fraction(10) ** exponent if exponent < 0 else None
        return Answer(_plain(plain, language), Fraction(decimal), last)
    parts = _QUOTIENT.fullmatch(plain)
    if parts is None or not Fraction(parts[4]):
        raise ArgumentError(_unreadable(text, who))
    whole = Fraction(parts[2] or 0) + Fraction(parts[3]) / Fraction(parts[4])
    return Answer(_plain(plain, language), -whole if parts[1] == "-" else whole)


def _unreadable(value: Any, who: str) -> str:
    return f"{who}: {shortened(value)} is no number; numbers are written as 0.75, 0,75 or 3/4."
