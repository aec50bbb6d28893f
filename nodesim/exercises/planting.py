"""A mistake put into a calculation by hand: one step is wrong, and all that follows is calculated from it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from nodesim.errors import NodesimError
from nodesim.exercises.candidates import candidates
from nodesim.exercises.units import size, unit
from nodesim.exercises.working import Step, Value, Values, Working, calculated
from nodesim.mistakes.edits import SLIP
from nodesim.mistakes.report import Mistake

# So many units of the last digit lie between numbers that nobody takes for each other.
_APART = 3


@dataclass(frozen=True)
class Plant:
    """A calculation with a mistake.

    Attributes
    ----------
    step : str
        The name of the step at which it was made, the first number that is wrong.
    value : Fraction or float
        What stands there; right is `working.right[step]`.
    mistake : Mistake
        As the doctor tells it.
    answers : mapping of str to Fraction or float
        The number of every step; those behind it are calculated from the wrong one.
    """

    step: str
    value: Value
    mistake: Mistake
    answers: Values = field(repr=False)


def plants(working: Working, *, digits: int | None = None) -> list[Plant]:
    """Return all calculations with one mistake that nobody can take for another, step by step.

    Parameters
    ----------
    working : Working
    digits : int, optional
        How many significant digits the numbers are written with; by default all.
    """
    return [plant for step in working.steps for plant in _at(working, step, digits)]


def _at(working: Working, step: Step, digits: int | None) -> Iterator[Plant]:
    right = working.right[step.name]
    made = [
        (candidate, value)
        for candidate in candidates(working, step)
        if (value := candidate.value({**working.given, **working.right})) is not None
        and not _alike(value, right, digits)
    ]
    for place, (candidate, value) in enumerate(made):
        others = (other for number, (_, other) in enumerate(made) if number != place)
        if candidate.name == SLIP or any(_alike(value, other, digits) for other in others):
            continue
        answers = _followed(working, step, value)
        if answers is not None:
            yield Plant(step.name, value, candidate.mistake(), answers)


def _followed(working: Working, step: Step, value: Value) -> Values | None:
    """Calculate everything with a wrong number; None if something has no number then, as it divides by 0."""
    changed = {step.name: value}
    known = {**working.given, **working.right, **changed}
    try:
        with np.errstate(all="ignore"):
            for each in working.steps:
                if each is not step and any(letter in changed for letter in each.letters):
                    known[each.name] = changed[each.name] = calculated(each.formula, known)
    except (NodesimError, ArithmeticError):
        return None
    return {name: known[name] for name in working.right} if all(map(math.isfinite, changed.values())) else None


def _alike(one: Value, other: Value, digits: int | None) -> bool:
    return size(one - other) <= _APART * max(unit(one, digits), unit(other, digits))
