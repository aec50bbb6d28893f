"""Python's own random numbers, which neat-python draws: a state of our own while it runs, and then that of before."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from nodesim.graph.initialization import generator_of


def seed_of(given: Any) -> int | None:
    """Return what `random.seed` takes: a whole number itself, or one that a generator draws.

    Raises
    ------
    ArgumentError
        If it is no seed.
    """
    generator = generator_of(given)
    if given is None:
        return None
    return int(generator.integers(2**63)) if isinstance(given, np.random.Generator) else int(given)


class OwnRandom:
    """A state of the module `random` that is there only while something runs.

    Examples
    --------
    >>> before, own = random.getstate(), OwnRandom()
    >>> with own.inside():
    ...     random.seed(3)
    ...     drawn = random.random()
    ...     with own.outside():
    ...         assert random.getstate() == before
    >>> random.getstate() == before
    True
    """

    def __init__(self) -> None:
        self._users = random.getstate()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Let what runs meanwhile draw from a state of its own, which nobody can foretell unless it is seeded."""
        self._users = random.getstate()
        try:
            random.seed()
            yield
        finally:
            random.setstate(self._users)

    @contextmanager
    def outside(self) -> Iterator[None]:
        """Give somebody else, who is called on the way, the state that he knows."""
        own = random.getstate()
        random.setstate(self._users)
        try:
            yield
        finally:
            self._users = random.getstate()
            random.setstate(own)
