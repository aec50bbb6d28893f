"""A mistake at one step of a calculation by hand: what it is called, and which number it makes there."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nodesim.errors import NodesimError
from nodesim.exercises.labels import label
from nodesim.exercises.working import Value, Values, calculated
from nodesim.mistakes.edits import NAMES as DOCTORS
from nodesim.mistakes.edits import SLIP
from nodesim.mistakes.report import Mistake
from nodesim.notation.expressions import Expression, Negative, Number, Quotient, product
from nodesim.wording.message import Message, marked

# The doctor looks at numbers behind the sums, where this one is in; of a sheet HA is looked at alone.
ACTIVATION = marked("activation left out")
# In the order of preference, a slip last.
NAMES = (*(name for name in DOCTORS if name != SLIP), ACTIVATION, SLIP)


@dataclass(frozen=True)
class Candidate:
    """A mistake that can have been made at a step.

    Attributes
    ----------
    step : str
        The name of the step.
    name, where : str
        As the doctor calls it.
    text : Message
        What was done and what is right.
    formula : Expression
        By which the wrong number is calculated.
    """

    step: str
    name: str
    where: str
    text: Message
    formula: Expression

    @property
    def rank(self) -> int:
        """The place of its name in the order of preference."""
        return NAMES.index(self.name)

    @property
    def sort(self) -> tuple[str, str]:
        """What it has in common with the same mistake at other steps."""
        return self.name, self.text.text

    def value(self, known: Values) -> Value | None:
        """Return the number that it makes; None where it makes none, as it divides by 0."""
        try:
            with np.errstate(all="ignore"):
                found = calculated(self.formula, known)
            # A fraction can be larger than any double.
            return found if math.isfinite(found) else None
        except (NodesimError, ArithmeticError):
            return None

    def mistake(self) -> Mistake:
        """Return it as the doctor tells it."""
        return Mistake(self.name, self.where, self.text)


def signed(quantity: str, formula: Expression, where: str) -> Candidate:
    """Return the mistake of a wrong sign."""
    return Candidate(
        quantity, "sign", where, Message("{quantity} has the wrong sign.", quantity=label(quantity)), _no(formula)
    )


def _no(formula: Expression) -> Expression:
    return formula.term if isinstance(formula, Negative) else Negative(formula)


def scaled(quantity: str, formula: Expression, where: str, n_outputs: int) -> Iterator[Candidate]:
    """Yield the mistakes of a factor that is commonly forgotten, or one too many."""
    named = {2.0: "2", 0.5: "1/2"}
    over: dict[str, Expression] = {"2": product(Number(2.0), formula), "1/2": _over(formula, 2.0)}
    if n_outputs > 2:
        named |= {float(n_outputs): f"n = {n_outputs}", 1.0 / n_outputs: f"1/n = 1/{n_outputs}"}
        over[f"n = {n_outputs}"] = product(Number(float(n_outputs)), formula)
        over[f"1/n = 1/{n_outputs}"] = _over(formula, float(n_outputs))
    for written in named.values():
        text = Message(
            "{quantity} has a factor {factor} that does not belong there.", quantity=label(quantity), factor=written
        )
        yield Candidate(quantity, "factor", where, text, over[written])


def _over(formula: Expression, under: float) -> Expression:
    return Quotient(formula, Number(under))
