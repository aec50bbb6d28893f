"""What a way to prune decides: which weights go, in which order, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nodesim._arrays import Array
from nodesim.notation.symbols import number
from nodesim.surgery.candidates import Candidates


@dataclass(frozen=True)
class Choice:
    """One weight that goes.

    Attributes
    ----------
    place : int
        Its place among the candidates' `uses`.
    score : float
    threshold : float or None
        The least score of what was left when it went.
    why : str
    """

    place: int
    score: float
    threshold: float | None
    why: str


@dataclass
class Plan:
    """All weights that go.

    Attributes
    ----------
    choices : list of Choice
        In the order in which they go.
    scores : ndarray of shape (n_connections,)
        Of all connections, before anything went.
    corrections : ndarray of shape (n_connections,), optional
        What is added to the weights that stay.
    predicted : float or None
        By how much e changes, as far as that is known without trying.
    predicted_by : str
        How that is known.
    notes : list of str
        What else is to be told.
    warnings : list of str
        Why scores are not to be relied on.
    """

    choices: list[Choice]
    scores: Array
    corrections: Array | None = None
    predicted: float | None = None
    predicted_by: str = ""
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def least(candidates: Candidates, scores: Array, count: int, words: str) -> list[Choice]:
    """Choose the weights of the least scores; of equal ones those that come first.

    Parameters
    ----------
    candidates : Candidates
    scores : ndarray of shape (n_uses,)
    count : int
        How many go.
    words : str
        What the score is, in a sentence with a place for its number, such as ``"|W| is {}"``.
    """
    places = candidates.places
    order = places[np.argsort(scores[places], kind="stable")]
    total, stays = len(order), order[count:]
    threshold = float(scores[stays[0]]) if len(stays) else None
    behind = "all go" if threshold is None else f"what stays has {number(threshold, 3)} or more"
    return [
        Choice(
            int(place), float(scores[place]), threshold,
            f"{words.format(number(float(scores[place]), 3))}, {ordinal(rank)} least of {total}; {behind}",
        )
        for rank, place in enumerate(order[:count].tolist(), 1)
    ]  # fmt: skip


def ordinal(rank: int) -> str:
    """Write the place in an order; the first has no number of its own before "least".

    Examples
    --------
    >>> ordinal(1), ordinal(2), ordinal(23), ordinal(112)
    ('the', '2nd', '23rd', '112th')
    """
    if rank == 1:
        return "the"
    ending = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{ending}"
