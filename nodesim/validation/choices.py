"""One of a few things: a truth value, or one of several words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nodesim.errors import ArgumentError
from nodesim.validation.shortening import shortened

_FLAGS = (bool, np.bool_)


def flag(value: Any, who: str) -> bool:
    """Return a truth value, or raise an `ArgumentError`: other things have a truth that nobody meant."""
    if isinstance(value, _FLAGS):
        return bool(value)
    raise ArgumentError(f"{who} must be True or False, got {shortened(value)}.")


def one_of(value: Any, words: Iterable[str], who: str) -> str:
    """Return one of several words, or raise an `ArgumentError` that lists them.

    Examples
    --------
    >>> one_of("down", ("up", "down"), "the direction")
    'down'
    """
    known = tuple(words)
    # Only text is compared: arrays, and what else has an equality of its own, answer something else than yes or no.
    if isinstance(value, str) and value in known:
        return value
    raise ArgumentError(f"{who} must be one of {', '.join(map(repr, known))}, got {shortened(value)}.")
