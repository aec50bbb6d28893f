"""Several things in one argument: lists of names, of sizes, of callbacks."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from nodesim.errors import ArgumentError, ArgumentTypeError, NodesimError
from nodesim.validation.shortening import shortened

_MOST = 1_000_000


def items(value: Any, who: str, what: str, most: int = _MOST) -> list[Any]:
    """Return what an iterable holds as a list, at most so many; no text is taken apart into characters.

    Parameters
    ----------
    value : iterable
    who : str
        Whose it is, for messages.
    what : str
        What it should be, such as "a list of names".
    most : int
        More are refused, and not looked at.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If it is no iterable, cannot be read, or holds more.

    Examples
    --------
    >>> items(("a", "b"), "names", "a list of names")
    ['a', 'b']
    """
    if isinstance(value, str | bytes | bytearray | memoryview) or not isinstance(value, Iterable):
        raise ArgumentTypeError(f"{who} must be {what}, got {shortened(value)}.")
    try:
        found = list(islice(value, most + 1))
    except NodesimError:
        raise
    except Exception as error:
        why = f"{type(error).__name__}: {shortened(error)}"
        raise ArgumentTypeError(f"{who} must be {what}; reading it failed with {why}.") from error
    if len(found) > most:
        raise ArgumentError(f"{who} must be {what}, {most:,} at most; got more: {shortened(value)}.")
    return found


def names(value: Any, who: str, what: str = "a list of names", most: int = _MOST) -> list[str]:
    """Return a list of strings.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        As for `items`, or if something else than a string is among them.
    """
    found = items(value, who, what, most)
    wrong = [each for each in found if not isinstance(each, str)]
    if wrong:
        raise ArgumentTypeError(f"{who} must be {what}; {shortened(wrong[0])} is no string.")
    return found
