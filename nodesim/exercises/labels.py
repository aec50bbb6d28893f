"""What blanks are called: the names by which answers are given are English, a reader is told them in a language."""

from __future__ import annotations

import re

from nodesim.wording.message import Message, Words

_NUMBERED = re.compile(r"(path|product|branch) (\d+)")


def label(name: str) -> Words:
    """Return what the blank of a name is called: quantities by their letters in every language.

    Examples
    --------
    >>> from nodesim.wording.language import ENGLISH
    >>> ENGLISH.tell(label("product 2")), ENGLISH.tell(label("H1"))
    ('product 2', 'H1')
    """
    found = _NUMBERED.fullmatch(name)
    if found is None:
        return _WORDS.get(name, name)
    if found[1] == "path":
        return Message("path {place}", place=found[2])
    if found[1] == "product":
        return Message("product {place}", place=found[2])
    return Message("branch {place}", place=found[2])


_WORDS = {
    "number of paths": Message("number of paths"),
    "missing path": Message("missing path"),
    "missing product": Message("missing product"),
    "wrong number": Message("wrong number"),
    "right number": Message("right number"),
    "mistake": Message("mistake"),
}
