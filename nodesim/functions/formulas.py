"""Functions made from their formulas: what is printed is what is calculated, and the derivative follows from it.

Two of them are equal if their texts are, and a text is all that they hold.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import FunctionError
from nodesim.notation.algebra import ZERO
from nodesim.notation.differentiation import N_OUTPUTS, by_output, derivative
from nodesim.notation.expressions import Call, Expression, Symbol, parts
from nodesim.notation.parsing import looks_at_all_outputs
from nodesim.notation.programs import Program, program_of
from nodesim.notation.syntax import OVER_OUTPUTS, parse, source

Z, A, Y, W = Symbol("z"), Symbol("a"), Symbol("y"), Symbol("w")
_OF_A_LOSS = (Y.name, A.name, N_OUTPUTS.name)
_OF_NODES = (Z.name, *_OF_A_LOSS)


@dataclass(frozen=True)
class Formula:
    """A text that calculates.

    Parameters
    ----------
    text : str
        In the syntax of `nodesim.notation.syntax.parse`.
    """

    text: str

    @functools.cached_property
    def program(self) -> Program:
        """The steps that calculate it."""
        return program_of(parse(self.text))


class ActivationFormula(Formula):
    """HA, or ∂HA/∂H, from the formula: in terms of z, of a where it is a derivative, and of parameters."""

    def __call__(self, z: Array, a: Array | None = None, /, **parameters: float) -> Array:
        """Return the values at z, of its shape, and of its type where that is a float."""
        activated = {} if a is None else {A.name: np.asarray(a).reshape(1, -1)}
        return _elementwise(self, Z, z, {**parameters, **activated})


class RegularizerFormula(Formula):
    """The penalty of each weight, or its derivative by it, from the formula: in terms of w and of parameters."""

    def __call__(self, w: Array, /, **parameters: float) -> Array:
        """Return the values at w, of its shape, and of its type where that is a float."""
        return _elementwise(self, W, w, parameters)


def _elementwise(formula: Formula, letter: Symbol, given: Array, values: dict[str, Any]) -> Array:
    given = np.asarray(given)
    numbers = given if given.dtype.kind == "f" else given.astype(float)
    row = numbers.reshape(1, -1)
    found = np.broadcast_to(formula.program({**values, letter.name: row}), row.shape)
    return np.array(found, dtype=numbers.dtype).reshape(given.shape)


class LossFormula(Formula):
    """The error of each sample from the formula, in terms of y, a, n and of parameters."""

    def __call__(self, target: Array, output: Array, /, **parameters: float) -> Array:
        """Return the errors, of shape (n_samples,)."""
        errors: Array = _of_samples(self, target, output, parameters)[0]
        return errors


class LossSlopeFormula(Formula):
    """∂e/∂OA from the formula, in terms of y, a, n and of parameters."""

    def __call__(self, target: Array, output: Array, /, **parameters: float) -> Array:
        """Return the derivatives by each output, of shape (n_outputs, n_samples)."""
        return np.array(np.broadcast_to(_of_samples(self, target, output, parameters), np.shape(output)))


def _of_samples(formula: Formula, target: Array, output: Array, parameters: dict[str, float]) -> Array:
    values = {**parameters, "y": np.asarray(target), "a": np.asarray(output), "n": float(len(output))}
    return formula.program(values)


def activation_slope(formula: str, parameters: Collection[str]) -> ActivationFormula | None:
    """Return the derivative of an activation's formula; None if it is 0 everywhere, as that of a step.

    Raises
    ------
    FunctionError
        If the text is no formula of z and of the parameters; the message names the place.
    """
    expression = activation_expression(formula, parameters)
    slope = derivative(expression, Z, known_as=A)
    return None if slope == ZERO else ActivationFormula(source(slope))


def activation_expression(formula: str, parameters: Collection[str]) -> Expression:
    """Read the formula of an activation.

    Raises
    ------
    FunctionError
        If the text is no formula of z and of the parameters; the message names the place.
    """
    return _of_one(formula, _names((Z.name,), parameters, _OF_NODES), "nodes")


def regularizer_slope(formula: str, parameters: Collection[str]) -> RegularizerFormula:
    """Return the derivative of a regularizer's formula by the weight.

    Raises
    ------
    FunctionError
        If the text is no formula of w and of the parameters, or does not depend on w.
    """
    slope = derivative(regularizer_expression(formula, parameters), W)
    if slope == ZERO:
        raise FunctionError(f"{formula!r} has the derivative 0 everywhere, so no gradient would change.")
    return RegularizerFormula(source(slope))


def regularizer_expression(formula: str, parameters: Collection[str]) -> Expression:
    """Read the formula of a regularizer.

    Raises
    ------
    FunctionError
        If the text is no formula of w and of the parameters; the message names the place.
    """
    return _of_one(formula, _names((W.name,), parameters, (W.name,)), "weights")


def _of_one(formula: str, names: tuple[str, ...], what: str) -> Expression:
    expression = parse(formula, names)
    if looks_at_all_outputs(expression):
        raise FunctionError(
            f"{formula!r} looks at several {what}; {', '.join(OVER_OUTPUTS)} are for the formulas of losses."
        )
    return expression


def loss_slope(formula: str, parameters: Collection[str]) -> LossSlopeFormula:
    """Return the derivative of a loss's formula by an output.

    Raises
    ------
    FunctionError
        If the text is no formula of y and a that makes one number of all outputs, or does not depend on a.
    """
    slope = by_output(loss_expression(formula, parameters), A)
    if slope == ZERO:
        raise FunctionError(f"{formula!r} has the derivative 0 everywhere, so nothing could be trained by it.")
    return LossSlopeFormula(source(slope))


def loss_expression(formula: str, parameters: Collection[str]) -> Expression:
    """Read the formula of a loss.

    Raises
    ------
    FunctionError
        If the text is no formula of y and a that makes one number of all outputs; the message names the place.
    """
    expression = parse(formula, _names(_OF_A_LOSS, parameters, _OF_NODES))
    if _differs_by_output(expression):
        raise FunctionError(
            f"{formula!r} is another number for each output; an error is one: write mean(...) or sum(...) over the "
            "outputs, as in mean((y - a) ** 2)."
        )
    return expression


def _names(letters: tuple[str, ...], parameters: Collection[str], reserved: tuple[str, ...]) -> tuple[str, ...]:
    taken = [name for name in parameters if name in reserved]
    if taken:
        *others, last = reserved
        stand = f"{', '.join(others)} and {last} stand for other quantities" if others else "that stands for the weight"
        raise FunctionError(f"has a parameter named {taken[0]!r}, but {stand} there.")
    return (*letters, *parameters)


def _differs_by_output(expression: Expression) -> bool:
    match expression:
        case Symbol("y" | "a"):
            return True
        case Call("mean" | "sum", _):
            return False
        case Call("softmax", _):
            return True
    return any(map(_differs_by_output, parts(expression)))
