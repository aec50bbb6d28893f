"""Languages: a table of texts from a file, by the English ones, and how numbers are written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from nodesim.errors import ArgumentError, FileError
from nodesim.validation import shortened


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
    """

    code: str
    name: str
    decimal: str
    texts: Mapping[str, str] = field(repr=False)

    def say(self, text: str, **values: Any) -> str:
        """Return a text of the table in this language, with values put into its braces.

        Examples
        --------
        >>> ENGLISH.say("{count} paths", count=2)
        '2 paths'
        """
        return self.texts.get(text, text).format_map(values) if values else self.texts.get(text, text)

    def number(self, written: str) -> str:
        """Return a written number with this language's decimal sign."""
        return written.replace(".", self.decimal)


ENGLISH = Language("en", "English", ".", {})


def language(which: str | Path | Language = "en") -> Language:
    """Return a language by its code, or from a file of the same form as nodesim's own.

    Raises
    ------
    ArgumentError
        If there is none of that code.
    FileError
        If the file cannot be read, or is no table of texts.

    Examples
    --------
    >>> language("de").name
    'Deutsch'
    """
    if isinstance(which, Language):
        return which
    return ENGLISH if which == "en" else _read(which)


@lru_cache(maxsize=20)
def _read(which: str | Path) -> Language:
    own = files("nodesim.wording") / "texts" / f"{which}.json"
    found = own if isinstance(which, str) and which.isalpha() and own.is_file() else Path(which)
    if not found.is_file():
        raise ArgumentError(f"there is no language {shortened(which)}: en, de, or a file of texts, such as fr.json.")
    try:
        table = json.loads(found.read_text(encoding="utf-8"))
        return Language(table["code"], table["name"], table["decimal"], table["texts"])
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(f"{which} is no table of texts: {error}.") from error
