"""Values of any kind, as a message shows them."""

from __future__ import annotations

import reprlib
from typing import Any

import numpy as np

# Of a larger collection only the first few are written: a message shows no more of them anyway.
_MANY = 100


def shortened(value: Any, length: int = 100) -> str:
    """Return what a value looks like, not more of it than fits into a message, whatever its `repr` does.

    Examples
    --------
    >>> shortened("ab"), shortened("x" * 50, 10), shortened(10**5000)
    ("'ab'", "'xxxxxxxxx...", 'a number of 16,610 bits')
    """
    try:
        text = _written(value, length)
    except Exception:
        # Whole numbers beyond some thousand digits refuse to be printed, and classes of users may fail to.
        text = f"a number of {value.bit_length():,} bits" if isinstance(value, int) else f"a {type(value).__name__}"
    return brief(text, length)


def brief(value: object, length: int = 60) -> str:
    """Return a text as it stands, of a long one its beginning; of several texts their list.

    Examples
    --------
    >>> brief("H1"), brief(["H1", "H2"]), brief("H" * 9, 3)
    ('H1', 'H1, H2', 'HHH...')
    """
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= length else f"{text[:length]}..."


def _written(value: Any, length: int) -> str:
    if isinstance(value, str | bytes):
        return str.__repr__(value[: length + 1]) if isinstance(value, str) else repr(value[: length + 1])
    if isinstance(value, list | tuple | dict | set | frozenset) and len(value) > _MANY:
        writer = reprlib.Repr()
        writer.maxother = writer.maxstring = length
        return writer.repr(value)
    # Numbers of numpy look like Python's own.
    text = repr(value.item() if isinstance(value, np.integer) else value)
    # What is written over several lines, as tables and arrays are, stands on one.
    return " ".join(text.split()) if "\n" in text else text
