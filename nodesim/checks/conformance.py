"""Conformance of functions: what a plugin author runs before shipping, and what the built-in ones pass."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.checks import native_forms
from nodesim.errors import CheckError, FunctionError
from nodesim.functions import finite_differences, formulas
from nodesim.functions.contracts import Activation, Function, Initializer, Loss, Optimizer
from nodesim.functions.finite_differences import Slopes
from nodesim.functions.formulas import ActivationFormula, LossFormula, LossSlopeFormula
from nodesim.functions.shapes import wrong_shape
from nodesim.notation.programs import program_of
from nodesim.notation.syntax import parse
from nodesim.plugins import lookup
from nodesim.simulation.optimizer_state import OptimizerState

_POINTS = np.random.default_rng(0).uniform(-3.0, 3.0, 60)
_ROUND = np.arange(-6.0, 7.0)
_FAR = np.array([-1e300, -1000.0, -40.0, -0.0, 0.0, 5e-324, 40.0, 1000.0, 1e300])
_START = np.array([1.0, -2.0, 3.0, -4.0])
# Of a slope, and of a number around 1.
_TOLERANCE, _LEAST = 1e-6, 1e-12


def check_activation(activation: Activation | str) -> None:
    """Check an activation: shapes, scalar = vector, no NaN, no warning, derivative, formula, native form.

    Parameters
    ----------
    activation : Activation or str
        The activation, or its name; with parameters as in "leaky_relu(slope=0.2)".

    Raises
    ------
    CheckError
        Listing everything that is wrong.
    UnknownNameError
        If no activation has that name.

    See Also
    --------
    nodesim.Activation : What an activation needs.
    nodesim.checks.check_loss : The same for a loss.
    nodesim.check_gradients : Compare the gradients of a network that uses it.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.checks.check_activation(ns.activation("tanh"))
    >>> ns.checks.check_activation(ns.Activation("bad", lambda z: z**2, lambda z, a: z, formula="z ** 2"))
    Traceback (most recent call last):
    nodesim.errors.CheckError: activation bad: the derivative at z = 0.82177 is 0.82177, finite differences give 1.64354
    """
    activation = lookup.activation(activation)
    checks = [
        lambda: _elementwise(activation.function, (_POINTS,), "the function"),
        lambda: _extremes(activation),
    ]
    if activation.trains:
        values = _values(activation)
        checks.append(lambda: _elementwise(activation.derivative, (_POINTS, values), "the derivative"))
        checks.append(lambda: _slopes(activation))
    checks.append(lambda: _formula(activation))
    checks.append(lambda: native_forms.activation(activation, np.concatenate([_POINTS, _FAR])))
    # Each check builds on those before it: the first that fails says what is wrong.
    _report(activation, next(filter(None, map(_each, checks)), []))


def _values(activation: Activation) -> Array:
    try:
        with np.errstate(all="ignore"):
            return activation.function(_POINTS.copy())
    except Exception:
        # The first check says what is wrong.
        return _POINTS


def _elementwise(call: Callable[..., Array], arguments: tuple[Array, ...], who: str) -> Iterator[str]:
    # Copies: what writes into its arguments must not change the points of later checks.
    whole = np.asarray(call(*(argument.copy() for argument in arguments)))
    for shape in ((), (len(_POINTS),), (6, 10), (0, 3)):
        count = int(np.prod(shape))
        part = [argument[:count].reshape(shape).copy() for argument in arguments]
        copies = [argument.copy() for argument in part]
        result = np.asarray(call(*part))
        if result.shape != shape:
            yield f"{who} returns shape {result.shape} for shape {shape}"
            return
        if any((a != b).any() for a, b in zip(part, copies)):
            yield f"{who} changes the array that it is given"
        if not np.array_equal(result.ravel(), whole.ravel()[:count]):
            yield f"{who} is not elementwise: other values for shape {shape} than for a vector"
    if not np.isfinite(whole).all():
        bad = np.flatnonzero(~np.isfinite(whole))[0]
        yield f"{who} at z = {arguments[0][bad]:g} is {whole[bad]}"


def _slopes(activation: Activation) -> Iterator[str]:
    # Kinks are often at whole numbers, and what an author chose there must lie between the two sides, too.
    points = np.concatenate([_POINTS, _ROUND])
    with np.errstate(all="ignore"):
        found = activation.derivative(points, activation.function(points))
    wrong = _outside(found, finite_differences.slopes(activation.function, points))
    if wrong is not None:
        place, expected = wrong
        yield f"the derivative at z = {points[place]:g} is {found[place]:g}, finite differences give {expected}"


def _outside(found: Array, expected: Slopes) -> tuple[int, str] | None:
    """Return the place of the first finite slope that finite differences do not allow, and what they give there."""
    allowed = _TOLERANCE * np.abs(found) + _LEAST
    bad = np.flatnonzero(np.isfinite(found) & ~((found >= expected.low - allowed) & (found <= expected.high + allowed)))
    if not len(bad):
        return None
    place = int(bad[0])
    left, right = expected.left[place], expected.right[place]
    return place, f"{left:g}" if not expected.kink[place] else f"a kink between {left:g} and {right:g}"


def _extremes(activation: Activation) -> Iterator[str]:
    # Overflow to infinity is right for a polynomial; what must not come out is nan.
    with np.errstate(all="ignore"):
        values = activation.function(_FAR.copy())
    if np.isnan(values).any():
        yield f"the function at z = {_FAR[np.isnan(values)][0]:g} is nan"


def _formula(activation: Activation) -> Iterator[str]:
    parameters = activation.parameters
    values = activation.function(_POINTS)
    if activation.formula:
        _read(formulas.activation_expression, activation.formula, parameters)
        found = ActivationFormula(activation.formula)(_POINTS, None, **parameters)
        yield from _same(activation.formula, found, values, "the function")
    if activation.derivative_formula and activation.trains:
        _read(parse, activation.derivative_formula, ("z", "a", *parameters))
        found = ActivationFormula(activation.derivative_formula)(_POINTS, values, **parameters)
        yield from _same(activation.derivative_formula, found, activation.derivative(_POINTS, values), "the derivative")


class _Unreadable(Exception):
    """A formula that its author gave and that cannot be read."""


def _read(read: Callable[[str, Any], Any], text: str, names: Any) -> Any:
    try:
        return read(text, names)
    except FunctionError as error:
        raise _Unreadable(str(error)) from error


def _same(text: str, found: Array, expected: Array, what: str) -> Iterator[str]:
    if not np.allclose(found, expected, rtol=1e-9, atol=1e-9, equal_nan=True):
        yield f"the formula {text!r} gives other numbers than {what} that it describes"


def check_loss(loss: Loss | str) -> None:
    """Check a loss: shapes, samples by themselves, the derivative, the formulas, and the native form.

    Parameters
    ----------
    loss : Loss or str
        The loss, or its name; with parameters as in "huber(delta=2)".

    Raises
    ------
    CheckError
        Listing everything that is wrong.
    UnknownNameError
        If no loss has that name.

    See Also
    --------
    nodesim.Loss : What a loss needs.
    nodesim.checks.check_activation : The same for an activation.
    nodesim.check_gradients : Compare the gradients of a network that uses it.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.checks.check_loss(ns.loss("mse"))
    """
    loss = lookup.loss(loss)
    generator = np.random.default_rng(0)
    output = generator.uniform(0.05, 0.95, (3, 7))
    target = generator.uniform(0.05, 0.95, (3, 7))
    problems = list(_each(lambda: _loss_parts(loss.function, loss.derivative, target, output)))
    problems = problems or _each(lambda: _loss_formulas(loss, target, output))
    if loss.sum_function is not None and loss.sum_derivative is not None:
        forms = loss.sum_function, loss.sum_derivative
        output = generator.uniform(-3.0, 3.0, (3, 7))
        problems += _each(lambda: _loss_parts(*forms, target, output))
        problems = problems or _each(lambda: _sum_formula(loss, target, output))
    problems = problems or _each(lambda: native_forms.loss(loss, target, output))
    _report(loss, problems)


def _loss_parts(function: Any, derivative: Any, target: Array, output: Array) -> Iterator[str]:
    errors, slopes = np.asarray(function(target, output)), np.asarray(derivative(target, output))
    for who, found, shape in (
        ("the function", errors, output.shape[1:]),
        ("the derivative", slopes, output.shape),
    ):
        if found.shape != shape:
            yield f"{who} returns {wrong_shape(found.shape, output.shape, shape)}"
            return
        if not np.isfinite(found).all():
            yield f"{who} returns {found[~np.isfinite(found)][0]}"
            return
    yield from _each_by_itself(function, errors, target, output, "the function")
    yield from _each_by_itself(derivative, slopes, target, output, "the derivative")
    yield from _loss_slopes(function, derivative, target, output)
    # At an exact fit some have a kink, and there what the author chose must lie between its sides.
    yield from _loss_slopes(function, derivative, target, target.copy())


def _each_by_itself(call: Any, whole: Array, target: Array, output: Array, who: str) -> Iterator[str]:
    # Engines hand over a batch in parts: what a sample adds must not depend on the others.
    part = np.asarray(call(target[:, :2].copy(), output[:, :2].copy()))
    if part.shape != whole[..., :2].shape or not np.allclose(part, whole[..., :2], rtol=1e-9, atol=1e-12):
        yield f"{who} gives a sample another number where other samples are beside it"


def _loss_formulas(loss: Loss, target: Array, output: Array) -> Iterator[str]:
    parameters = loss.parameters
    if loss.formula:
        _read(formulas.loss_expression, loss.formula, parameters)
        found = LossFormula(loss.formula)(target, output, **parameters)
        yield from _same(loss.formula, found, loss.function(target, output), "the function")
    if loss.derivative_formula:
        _read(parse, loss.derivative_formula, ("y", "a", "n", *parameters))
        slopes = LossSlopeFormula(loss.derivative_formula)(target, output, **parameters)
        yield from _same(loss.derivative_formula, slopes, loss.derivative(target, output), "the derivative")


def _sum_formula(loss: Loss, target: Array, total: Array) -> Iterator[str]:
    if loss.sum_derivative_formula and loss.sum_derivative is not None:
        expression = _read(parse, loss.sum_derivative_formula, ("y", "a", "z", "n", *loss.parameters))
        output = lookup.activation(loss.outputs).function(total)
        letters = {**loss.parameters, "y": target, "a": output, "z": total, "n": float(len(output))}
        found = np.broadcast_to(program_of(expression)(letters), output.shape)
        yield from _same(loss.sum_derivative_formula, found, loss.sum_derivative(target, total), "the derivative")


def _loss_slopes(function: Any, derivative: Any, target: Array, output: Array) -> Iterator[str]:
    with np.errstate(all="ignore"):
        slopes = np.asarray(derivative(target, output))
    for row in range(len(output)):

        def along(numbers: Array, row: int = row) -> Array:
            moved = output.copy()
            moved[row] = numbers
            return np.asarray(function(target.copy(), moved))

        wrong = _outside(slopes[row], finite_differences.slopes(along, output[row]))
        if wrong is not None:
            place, expected = wrong
            yield f"the derivative by output {row} is {slopes[row, place]:g}, finite differences give {expected}"


def check_optimizer(optimizer: Optimizer | str) -> None:
    """Check an optimizer: shapes, finite numbers, purity, that it lowers a simple error, and the native form.

    Parameters
    ----------
    optimizer : Optimizer or str
        The optimizer, or its name; with parameters as in "momentum(momentum=0.5)".

    Raises
    ------
    CheckError
        Listing everything that is wrong.
    UnknownNameError
        If no optimizer has that name.

    See Also
    --------
    nodesim.Optimizer : What an optimizer needs.
    nodesim.checks.check_initializer : The same for an initializer.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.checks.check_optimizer(ns.optimizer("adam"))
    """
    optimizer = lookup.optimizer(optimizer)
    problems = _each(lambda: _descends(optimizer))
    _report(optimizer, problems or _each(lambda: native_forms.optimizer(optimizer, _START, 0.01)))


def _descends(optimizer: Optimizer) -> Iterator[str]:
    weights, trainable = _START.copy(), np.ones(len(_START), dtype=bool)
    kept = OptimizerState(optimizer, weights, 0.01)
    for _ in range(50):
        gradients = 2.0 * weights
        weights, kept.state = kept.step(weights, gradients, trainable, 0.01)
    if not (weights**2).sum() < (_START**2).sum():
        yield "50 steps on the sum of squares did not lower it"


def check_initializer(initializer: Initializer | str) -> None:
    """Check an initializer: shape, finite numbers, and that the generator decides alone.

    Parameters
    ----------
    initializer : Initializer or str
        The initializer, or its name; with parameters as in "normal(std=0.1)".

    Raises
    ------
    CheckError
        Listing everything that is wrong.
    UnknownNameError
        If no initializer has that name.

    See Also
    --------
    nodesim.Initializer : What an initializer needs.
    nodesim.checks.check_optimizer : The same for an optimizer.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.checks.check_initializer(ns.initializer("he_normal"))
    """
    initializer = lookup.initializer(initializer)
    _report(initializer, list(_each(lambda: _draws(initializer))))


def _draws(initializer: Initializer) -> Iterator[str]:
    fans = np.arange(1, 8), np.arange(7, 0, -1)
    first, second = (np.asarray(initializer.function(np.random.default_rng(1), *fans)) for _ in range(2))
    if first.shape != (7,):
        yield f"it returns shape {first.shape} for 7 connections"
    elif not np.isfinite(first).all():
        yield "it draws weights that are not finite"
    elif not np.array_equal(first, second):
        yield "it draws other weights from the same generator: use the generator that it is given, and no other"


def _each(check: Callable[[], Iterator[str]]) -> list[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return list(check())
    except Warning as warning:
        return [f"it warns: {warning}"]
    except _Unreadable as error:
        return [f"the formula {error}"]
    except Exception as error:
        return [f"it raises {type(error).__name__}: {error}"]


def _report(function: Function, problems: list[str]) -> None:
    if problems:
        raise CheckError(f"{function.label}: {'; '.join(problems)}")
