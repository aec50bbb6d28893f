"""Formulas of activations as torch calculates them, compared with what the activation itself calculates."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from nodesim._arrays import Array
from nodesim.errors import ExchangeError, FunctionError
from nodesim.functions.contracts import Activation
from nodesim.functions.finite_differences import NumericalDerivative
from nodesim.functions.formulas import activation_slope
from nodesim.notation.programs import Program, Step, program_of
from nodesim.notation.syntax import parse

_CALLS: dict[str, Callable[..., Any]] = {
    "+": operator.add, "*": operator.mul, "/": torch.div, "**": torch.pow, "negative": operator.neg,
    "max": torch.maximum, "min": torch.minimum, "where": lambda chosen, *two: torch.where(chosen != 0.0, *two),
    "<": lambda left, right: (left < right).to(left.dtype), "<=": lambda left, right: (left <= right).to(left.dtype),
    ">": lambda left, right: (left > right).to(left.dtype), ">=": lambda left, right: (left >= right).to(left.dtype),
}  # fmt: skip
# Where a formula is compared: ordinary numbers, round ones, where kinks are, and some further out.
_POINTS = np.concatenate([np.linspace(-5.7, 5.3, 57), np.arange(-6.0, 6.5, 0.5), [-30.0, -12.0, 12.0, 30.0]])
_AGREE, _AGREE_NUMERICALLY = 1e-11, 1e-6


def formula_pair(activation: Activation) -> tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]:
    """Return the function and the slope that an activation's formulas say.

    Raises
    ------
    ExchangeError
        If one of them cannot be read, or says something else than the activation calculates.
    """
    value = _calculating(activation, activation.formula)
    slope = _slope(activation) if activation.trains else lambda z, a: _refused(activation)
    check_same(activation, value, slope, "formula")
    return value, slope


def check_same(
    activation: Activation, value: Callable[[Any], Any], slope: Callable[[Any, Any], Any], which: str
) -> None:
    """Compare what torch is to calculate with what the activation calculates.

    Raises
    ------
    ExchangeError
        If they differ.
    """
    with np.errstate(all="ignore"):
        values = np.asarray(activation.function(_POINTS), dtype=float)
        _compare(activation, which, value(_tensor(_POINTS)), values, _AGREE)
        if activation.trains:
            slopes = np.asarray(activation.derivative(_POINTS, values), dtype=float)
            numerical = isinstance(activation.unbound("derivative"), NumericalDerivative)
            found = slope(_tensor(_POINTS), _tensor(values))
            which = "derivative_formula" if which == "formula" else which
            _compare(activation, which, found, slopes, _AGREE_NUMERICALLY if numerical else _AGREE)


def _refused(activation: Activation) -> Any:
    return activation.derivative(np.zeros(1), np.zeros(1))


def _slope(activation: Activation) -> Callable[..., Any]:
    text = activation.derivative_formula
    if not text:
        slope = activation_slope(activation.formula, tuple(activation.parameters))
        text = "0*z" if slope is None else slope.text
    return _calculating(activation, text)


def _calculating(activation: Activation, text: str) -> Callable[..., Any]:
    try:
        program = program_of(parse(text, ("z", "a", *activation.parameters)))
    except FunctionError as error:
        raise ExchangeError(f"{activation.label} cannot be calculated by torch: its formula {error}") from error
    numbers = dict(activation.parameters)
    return lambda z, a=None: _result(program, {**numbers, "z": z, "a": a}, z)


def _result(program: Program, values: dict[str, Any], z: Any) -> Any:
    results: list[Any] = []
    for step in program.steps:
        results.append(_step(step, [results[place] for place in step.operands], values, z))
    return results[-1].expand_as(z)


def _step(step: Step, operands: list[Any], values: dict[str, Any], z: Any) -> Any:
    if step.operation in ("number", "name"):
        found = step.number if step.operation == "number" else values[step.name]
        return found if isinstance(found, torch.Tensor) else torch.full_like(z, found)
    return (_CALLS.get(step.operation) or getattr(torch, step.operation))(*operands)


def _tensor(numbers: Array) -> Any:
    return torch.tensor(numbers, dtype=torch.float64)


def _compare(activation: Activation, which: str, found: Any, expected: Array, tolerance: float) -> None:
    values = found.detach().numpy()
    finite = np.isfinite(values) & np.isfinite(expected)
    distance = np.where(finite, np.abs(np.where(finite, values - expected, 0.0)), 0.0)
    wrong = distance > tolerance * np.maximum(1.0, np.abs(np.where(finite, expected, 0.0)))
    wrong |= np.isfinite(expected) & ~np.isfinite(values)
    if wrong.any():
        place = int(np.argmax(wrong))
        raise ExchangeError(
            f"{activation.label} cannot be calculated by torch: at z = {_POINTS[place]:g} its {which} gives "
            f"{values[place]:g}, and its function in Python {expected[place]:g}. Give the one that says the same."
        )
