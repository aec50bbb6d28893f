"""Whether a formula says what the function calculates that it describes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.checks.subject import Fault
from nodesim.errors import FunctionError
from nodesim.functions import formulas
from nodesim.functions.contracts import Activation, Loss
from nodesim.functions.formulas import ActivationFormula, LossFormula, LossSlopeFormula, RegularizerFormula
from nodesim.functions.regularizer import Regularizer
from nodesim.notation.programs import program_of
from nodesim.notation.syntax import parse
from nodesim.plugins import lookup

_TOLERANCE = 1e-9


def activation(activation: Activation, z: Array, values: Array, slopes: Array | None) -> Iterator[str]:
    """Say where the formulas of an activation give other numbers than its functions gave at z."""
    parameters = activation.parameters
    if activation.formula:
        _read(formulas.activation_expression, activation.formula, parameters)
        found = ActivationFormula(activation.formula)(z, None, **parameters)
        yield from _same(activation.formula, found, values, "the function", z=z)
    if activation.derivative_formula and slopes is not None:
        _read(parse, activation.derivative_formula, ("z", "a", *parameters))
        found = ActivationFormula(activation.derivative_formula)(z, values, **parameters)
        yield from _same(activation.derivative_formula, found, slopes, "the derivative", z=z)


def regularizer(regularizer: Regularizer, w: Array, values: Array, slopes: Array) -> Iterator[str]:
    """Say where the formulas of a regularizer give other numbers than its functions gave at w."""
    parameters = regularizer.parameters
    for text, read, expected, what in (
        (regularizer.formula, formulas.regularizer_expression, values, "the function"),
        (regularizer.derivative_formula, _of_weights, slopes, "the derivative"),
    ):
        if text:
            _read(read, text, parameters)
            yield from _same(text, RegularizerFormula(text)(w, **parameters), expected, what, w=w)


def _of_weights(text: str, parameters: Any) -> Any:
    return parse(text, ("w", *parameters))


def loss(loss: Loss, target: Array, output: Array, errors: Array, slopes: Array) -> Iterator[str]:
    """Say where the formulas of a loss give other numbers than its functions gave."""
    parameters = loss.parameters
    if loss.formula:
        _read(formulas.loss_expression, loss.formula, parameters)
        found = LossFormula(loss.formula)(target, output, **parameters)
        yield from _same(loss.formula, found, errors, "the function", y=target, a=output)
    if loss.derivative_formula:
        _read(parse, loss.derivative_formula, ("y", "a", "n", *parameters))
        found = LossSlopeFormula(loss.derivative_formula)(target, output, **parameters)
        yield from _same(loss.derivative_formula, found, slopes, "the derivative", y=target, a=output)


def loss_of_sums(loss: Loss, target: Array, total: Array, slopes: Array) -> Iterator[str]:
    """Say where the formula by the sums gives other numbers than the derivative by them gave."""
    if loss.sum_derivative_formula:
        expression = _read(parse, loss.sum_derivative_formula, ("y", "a", "z", "n", *loss.parameters))
        output = lookup.activation(loss.outputs).function(total)
        letters = {**loss.parameters, "y": target, "a": output, "z": total, "n": float(len(output))}
        found = np.broadcast_to(program_of(expression)(letters), output.shape)
        yield from _same(loss.sum_derivative_formula, found, slopes, "the derivative", y=target, z=total)


def _read(read: Callable[[str, Any], Any], text: str, names: Any) -> Any:
    try:
        return read(text, names)
    except FunctionError as error:
        raise Fault(f"the formula {error}") from error


def _same(text: str, found: Array, expected: Array, what: str, **at: Array) -> Iterator[str]:
    found = np.broadcast_to(found, expected.shape)
    bad = np.argwhere(~np.isclose(found, expected, rtol=_TOLERANCE, atol=_TOLERANCE, equal_nan=True))
    if len(bad):
        place = tuple(bad[0])
        # Of a loss the last axis counts the samples, and an error is made of all outputs.
        where = ", ".join(f"{letter} = {_listed(numbers[..., place[-1]])}" for letter, numbers in at.items())
        digits = 6 if f"{found[place]:.6g}" != f"{expected[place]:.6g}" else 17
        yield (
            f"the formula {text!r} gives other numbers than {what} that it describes: at {where} it is "
            f"{found[place]:.{digits}g}, {what} {expected[place]:.{digits}g}"
        )


def _listed(numbers: Array) -> str:
    return ", ".join(f"{number:g}" for number in np.atleast_1d(numbers).tolist())
