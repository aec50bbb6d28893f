"""Languages: a table of texts by the English ones, and how numbers are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from nodesim.errors import ArgumentError, ArgumentTypeError
from nodesim.validation import shortened
from nodesim.wording.files import Texts, read

# A number as nodesim writes one, with what may stand around it: ≈ 1,234.5e-05, (−0.25), 2.5 \times 10^{-7}.
_POWER = r"(?:[eE][+\-−]?\d+|\s?(?:\\times|\\cdot|[·×])\s?10\^\{?[\-−]?\d+\}?)"
_SIGNED = rf"[+\-−]?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)?(?:\.\d+)?{_POWER}?%?"
_NUMBER = re.compile(rf"(?:[=≈≤≥<>±]\s?)?(?:{_SIGNED}|\({_SIGNED}\)|\\left\({_SIGNED}\\right\))")


@runtime_checkable
class Told(Protocol):
    """What can be said in any language."""

    def told(self, language: Language) -> str:
        """Return it in a language."""


@dataclass(frozen=True)
class Language:
    """A language.

    Parameters
    ----------
    code : str
        As in HTML: "de".
    name : str
        What its speakers call it.
    decimal : str
        The decimal sign: "." or ",".
    texts : mapping of str to str
        By the English ones; what is missing stays English.
    page : mapping of str to str
        Those of the explorer's page, which travel into it.
    thousands : str
        What stands between the thousands of a count.
    """

    code: str
    name: str
    decimal: str
    texts: Mapping[str, str] = field(repr=False, hash=False)
    page: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    thousands: str = ","

    def say(self, text: str, **values: Any) -> str:
        """Return a text of the table in this language, with values put into its braces.

        Parameters
        ----------
        text : str
            In English, a literal: all texts are found by reading the source.
        **values : Any
            By the names in braces; what can be said in any language is said in this one.

        Examples
        --------
        >>> ENGLISH.say("{count} paths", count=2)
        '2 paths'
        """
        found = self.texts.get(text, text)
        return found.format_map({name: self.tell(each) for name, each in values.items()}) if values else found

    def tell(self, words: Any) -> Any:
        """Return a message, or whatever else has words, in this language; anything else as it is."""
        return words.told(self) if isinstance(words, Told) else words

    def number(self, written: str) -> str:
        """Return a number that nodesim wrote with this language's signs: what is no number stays as it is.

        Examples
        --------
        >>> german = language("de")
        >>> german.number("−0.25"), german.number("≈ 3.5e-05"), german.number("1,234"), german.number("version 1.2")
        ('−0,25', '≈ 3,5e-05', '1.234', 'version 1.2')
        """
        if (self.decimal, self.thousands) == (".", ",") or not _NUMBER.fullmatch(written):
            return written
        return written.translate({ord("."): self.decimal, ord(","): self.thousands})


ENGLISH = Language("en", "English", ".", {})
OWN = files("nodesim.wording") / "texts"


def language(which: str | Path | Language = "en") -> Language:
    """Return a language by its code, or from a file of the same form as nodesim's own.

    Parameters
    ----------
    which : str, path or Language
        A code, such as "de"; or a file: what has a folder or ".json" in its name, or is a `Path`.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If there is none of that code, or it is neither.
    FileError
        If the file cannot be read, or is no table of texts.

    Examples
    --------
    >>> language("de").name
    'Deutsch'
    """
    if isinstance(which, Language):
        return which
    if isinstance(which, Path) or (
        isinstance(which, str) and ("/" in which or "\\" in which or which.endswith(".json"))
    ):
        return _of(read(Path(which), str(which)))
    if not isinstance(which, str):
        raise ArgumentTypeError(f"a language is a code, such as 'de', or a file of texts; got {shortened(which)}.")
    if which not in codes():
        raise ArgumentError(
            f"there is no language {shortened(which)}; there are {', '.join(codes())}. Another one comes from a file "
            "of texts: give its path, such as ./fr.json."
        )
    return ENGLISH if which == ENGLISH.code else _own(which)


@lru_cache(maxsize=1)
def codes() -> tuple[str, ...]:
    """Return the codes of the languages that come with nodesim."""
    return (
        ENGLISH.code,
        *sorted(each.name.removesuffix(".json") for each in OWN.iterdir() if each.name[-5:] == ".json"),
    )


@lru_cache(maxsize=20)
def _own(code: str) -> Language:
    name = f"{code}.json"
    return _of(read(OWN / name, name))


def _of(found: Texts) -> Language:
    # An empty translation is one that is still to be made.
    texts, page = ({text: own for text, own in part.items() if own.strip()} for part in (found.texts, found.page))
    return Language(found.code, found.name, found.decimal, texts, page, found.thousands)
