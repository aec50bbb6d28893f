"""Files of texts: read, and refused with what is wrong with them; and written, to be filled in by somebody."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from nodesim.errors import FileError
from nodesim.validation import shortened

# Nobody translates more; a larger file is another one.
_LARGEST = 5_000_000
_KEYS = ("code", "name", "decimal", "thousands", "texts", "page")
_SIGNS = {"decimal": (".", ","), "thousands": (",", ".", "'", "\N{RIGHT SINGLE QUOTATION MARK}", " ", "\xa0", "\u202f")}
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Texts:
    """What a file of texts holds; a translation that is empty is still to be made."""

    code: str
    name: str
    decimal: str
    thousands: str
    texts: Mapping[str, str]
    page: Mapping[str, str]


def read(file: Path | Traversable, name: str) -> Texts:
    """Read a file of texts.

    Parameters
    ----------
    file : path-like within the file system or a package
    name : str
        Its name in messages.

    Raises
    ------
    FileError
        If it cannot be read, is no text in UTF-8, no JSON, or no table of texts; or if the braces of a translation are
        not those of its English text.
    """
    try:
        with file.open("rb") as stream:
            data: bytes = stream.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise FileError(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if len(data) > _LARGEST:
        raise FileError(f"{name}: this is no table of texts: it has more than {_LARGEST:,} bytes.")
    try:
        table = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_without_repetition)
    except UnicodeDecodeError as error:
        raise FileError(f"{name}: this is no text in UTF-8 ({error}). Save it as UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{name}: this is no JSON: {shortened(str(error))}.") from error
    try:
        return _checked(table)
    except _WrongError as wrong:
        raise FileError(f"{name}: {wrong}") from wrong


class _WrongError(Exception):
    """What is wrong with a table of texts."""


def _without_repetition(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise ValueError(f"{shortened(twice)} stands there twice")
    return found


def _checked(table: Any) -> Texts:
    if not isinstance(table, dict):
        raise _WrongError(f"a table of texts is an object with {_listed(_KEYS)}; this is {shortened(table)}.")
    strange = [key for key in table if key not in _KEYS]
    if strange:
        raise _WrongError(f"a table of texts has no {shortened(strange[0])}; it has {_listed(_KEYS)}.")
    code, name = (_words(table, key) for key in ("code", "name"))
    decimal = _sign(table, "decimal", ".")
    thousands = _sign(table, "thousands", "," if decimal == "." else ".")
    if decimal == thousands:
        raise _WrongError(f"the decimal sign and that of thousands are both {decimal!r}: numbers could not be read.")
    return Texts(code, name, decimal, thousands, *(_part(table, key) for key in ("texts", "page")))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _words(table: Mapping[str, Any], key: str) -> str:
    found = table.get(key)
    if not isinstance(found, str) or not 0 < len(found.strip()) <= _LONGEST_NAME or not found.isprintable():
        example = '"it"' if key == "code" else '"italiano"'
        raise _WrongError(f'"{key}" must be a short text, such as {example}; it is {shortened(found)}.')
    if key == "code" and not is_code(found):
        raise _WrongError(f'"code" must be one of HTML\'s, such as "fr" or "pt-BR"; it is {shortened(found)}.')
    return found


def is_code(text: str) -> bool:
    """Tell whether a text can be the code of a language, as HTML has them.

    Examples
    --------
    >>> is_code("pt-BR"), is_code("my texts")
    (True, False)
    """
    return re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", text) is not None


def _sign(table: Mapping[str, Any], key: str, default: str) -> str:
    found = table.get(key, default)
    if not isinstance(found, str) or found not in _SIGNS[key]:
        allowed = " or ".join(map(repr, _SIGNS[key][:2])) + (" or a space" if key == "thousands" else "")
        raise _WrongError(f'"{key}" must be {allowed}; it is {shortened(found)}.')
    return found


def _part(table: Mapping[str, Any], key: str) -> dict[str, str]:
    part = table.get(key, {})
    if not isinstance(part, dict):
        raise _WrongError(f'"{key}" must map English texts to translations; it is {shortened(part)}.')
    for text, own in part.items():
        if not isinstance(own, str):
            raise _WrongError(f'"{key}": the translation of {shortened(text)} must be a text; it is {shortened(own)}.')
        wrong = own and difference(text, own)
        if wrong:
            raise _WrongError(f'"{key}": the translation of {shortened(text)} {wrong}.')
    return part


def difference(text: str, own: str) -> str:
    """Return what is wrong with the braces of a translation; nothing if they are those of the text.

    Examples
    --------
    >>> difference("{count} paths", "{count} Pfade"), difference("{count} paths", "{zahl} Pfade")
    ('', 'lacks {count}')
    >>> difference("{count} paths", "{count} von {all} Pfaden")
    'has {all}, which the text has not'
    """
    wanted = fields(text)
    if not wanted:
        # Said as it is: braces are only braces.
        return ""
    try:
        found = fields(own)
        own.format_map(dict.fromkeys(found, ""))
    except (ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        return f"has braces that are not closed, or hold more than a name ({error})"
    lacking, more = (
        [f"{{{name}}}" for name in sorted(some - others)] for some, others in ((wanted, found), (found, wanted))
    )
    if lacking:
        return f"lacks {' and '.join(lacking)}"
    return f"has {' and '.join(more)}, which the text has not" if more else ""


def fields(text: str) -> set[str]:
    """Return the names that stand in braces.

    Raises
    ------
    ValueError
        If braces are not closed, or hold more than a name.

    Examples
    --------
    >>> sorted(fields("{quantity} lacks {term}"))
    ['quantity', 'term']
    """
    found = set()
    for _, name, form, conversion in string.Formatter().parse(text):
        if name is not None:
            if form or conversion or not name.isidentifier():
                raise ValueError(f"{{{name}{'!' + conversion if conversion else ''}{':' + form if form else ''}}}")
            found.add(name)
    return found


def written(texts: Texts) -> str:
    """Return a table of texts as the text of a file."""
    keys = {key: getattr(texts, key) for key in _KEYS}
    return json.dumps(keys, ensure_ascii=False, indent=1) + "\n"
