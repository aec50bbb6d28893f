"""Options as messages name them: as arguments in Python, as options in a shell."""

from __future__ import annotations

import shlex
from collections.abc import Callable

Spelling = Callable[[str, object], str]


def in_python(option: str, value: object) -> str:
    """Return an option as an argument of a function.

    Examples
    --------
    >>> in_python("ignore", ["a"])
    "ignore=['a']"
    """
    return f"{option}={value!r}"


def in_shell(option: str, value: object) -> str:
    """Return an option as it is written in a shell.

    Examples
    --------
    >>> in_shell("ignore", ["a b"]), in_shell("header", False)
    ("--ignore 'a b'", '--no-header')
    """
    if isinstance(value, bool):
        return f"--{'' if value else 'no-'}{option}"
    values = value if isinstance(value, list | tuple) else [value]
    return f"--{option} {' '.join(shlex.quote(str(each)) for each in values)}"
