"""What is to be said of a number that somebody answered."""

from __future__ import annotations

from dataclasses import dataclass

from nodesim.exercises.mistaken import Candidate
from nodesim.exercises.working import Value

RIGHT, FOLLOWS, WRONG = "right", "follows", "wrong"


@dataclass(frozen=True)
class Judged:
    """What is to be said of one number.

    Attributes
    ----------
    verdict : {"right", "follows", "wrong"}
    right : Fraction or float
    causes : tuple of str
        Of what follows: the blanks with the wrong numbers that it follows from.
    explanations : tuple of Candidate
        Of what is wrong: the mistakes that give this number, best first.
    followed : Fraction, float or None
        What the formula gives for the numbers that were answered before.
    """

    verdict: str
    right: Value
    causes: tuple[str, ...] = ()
    explanations: tuple[Candidate, ...] = ()
    followed: Value | None = None
