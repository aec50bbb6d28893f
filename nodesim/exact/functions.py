"""What activations and losses are exactly: their formulas, and those of their derivatives.

Where the engines take a derivative that was made from the formula, it is made anew: in the text of that one numbers
were multiplied as floats. At a kink both follow the same rules, those of `nodesim.notation.differentiation`; where the
author wrote a derivative, what the author wrote counts there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from nodesim.errors import FunctionError
from nodesim.exact.values import as_written, fraction_of
from nodesim.functions.contracts import Activation, Function, Loss
from nodesim.functions.formulas import A, ActivationFormula, LossSlopeFormula, Z
from nodesim.notation.differentiation import by_output, derivative
from nodesim.notation.expressions import Expression, Number, Symbol, transform
from nodesim.notation.syntax import parse


@dataclass(frozen=True)
class Forms:
    """A function and its derivative, as formulas.

    Attributes
    ----------
    function : Expression
        In terms of z; of a loss, of y and a.
    slope : Expression or None
        By z, in terms of z and a; of a loss by a, or by z where `of_sums`. None where a derivative is refused.
    parameters : mapping of str to Fraction
        As they were written: 0.01 is 1/100.
    of_sums : bool
        Whether a loss is differentiated by the weighted sums O.
    """

    function: Expression
    slope: Expression | None
    parameters: Mapping[str, Fraction]
    of_sums: bool = False


@lru_cache(maxsize=1000)
def of_activation(activation: Activation) -> Forms:
    """Return the formulas of an activation.

    Raises
    ------
    FunctionError
        If its author gave none.

    Examples
    --------
    >>> from nodesim.notation.text import text
    >>> from nodesim.plugins import lookup
    >>> text(of_activation(lookup.activation("relu")).slope)
    'where(z > 0, 1, 0)'
    """
    function = _needed(activation, activation.formula, ("z",))
    slope = None
    if activation.trains:
        made = isinstance(activation.unbound("derivative"), ActivationFormula)
        slope = None if made else _read(activation, activation.derivative_formula, ("z", "a"))
        if slope is None:
            slope = derivative(_lettered(function), Z, known_as=A)
    return Forms(function, slope, _parameters(activation))


@lru_cache(maxsize=1000)
def of_loss(loss: Loss) -> Forms:
    """Return the formulas of a loss.

    Raises
    ------
    FunctionError
        If its author gave none.

    Examples
    --------
    >>> from nodesim.notation.text import text
    >>> from nodesim.plugins import lookup
    >>> text(of_loss(lookup.loss("mse")).slope)
    '−2/n·(y − a)'
    """
    letters = ("y", "a", "z", "n")
    function, parameters = _needed(loss, loss.formula, letters), _parameters(loss)
    if loss.sum_derivative is not None:
        by_sums = _read(loss, loss.sum_derivative_formula, letters)
        if by_sums is not None:
            return Forms(function, by_sums, parameters, of_sums=True)
    made = isinstance(loss.unbound("derivative"), LossSlopeFormula)
    slope = None if made else _read(loss, loss.derivative_formula, letters)
    return Forms(function, by_output(_lettered(function), A) if slope is None else slope, parameters)


def _needed(function: Function, formula: str, letters: Collection[str]) -> Expression:
    found = _read(function, formula, letters)
    if found is None:
        raise FunctionError(
            f"{function.label} has no formula to be calculated exactly. Give it one, as in "
            f"nodesim.{function.kind.capitalize()}({function.name!r}, formula='...')."
        )
    return found


def _read(function: Function, formula: str, letters: Collection[str]) -> Expression | None:
    """Read a formula; None where there is none, or it is plain words."""
    try:
        return parse(formula, (*letters, *function.parameters)) if formula else None
    except FunctionError:
        return None


def _parameters(function: Function) -> Mapping[str, Fraction]:
    return {name: as_written(float(value)) for name, value in function.parameters.items()}


def _lettered(expression: Expression) -> Expression:
    """Write every number as a letter that stands for its fraction: so that a derivative multiplies no floats."""

    def letter(part: Expression) -> Expression | None:
        return Symbol(repr(part.value), fraction_of(part)) if isinstance(part, Number) else None

    return transform(expression, letter)
