"""Second derivatives of activations, losses, regularizers and aggregations.

They follow from the formula of the first derivative, or from that of the function, as long as it calculates what the
function's author calculates; else they are differences of the derivative. At a kink of the function, such as that of
relu, where the slope jumps, nothing is added for the jump: the second derivative is that of the side whose
slope counts.

References
----------
Griewank, A., A. Walther, "Evaluating Derivatives" (2nd edition, SIAM 2008), chapter 5: a derivative along a line of a
derivative is a product of the matrix of second derivatives with the line's direction.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.curvature import differenced
from nodesim.errors import FunctionError
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation, Loss
from nodesim.functions.finite_differences import NumericalDerivative
from nodesim.functions.formulas import A, W, Y, Z
from nodesim.functions.guard import called
from nodesim.functions.regularizer import Regularizer
from nodesim.notation.differentiation import N_OUTPUTS, along, by_output, derivative
from nodesim.notation.expressions import Expression, Symbol
from nodesim.notation.programs import Program, program_of
from nodesim.notation.syntax import parse
from nodesim.plugins import lookup

# By how much z and OA move along the line; no name of a parameter is written like these.
_DZ, _DA = Symbol("∂z"), Symbol("∂a")
# Up to this part two ways to a first derivative are one.
_SAME = 1e-9
# Somewhere, and not at any number where somebody puts a kink.
_PROBES = np.linspace(-8.1373, 7.7719, 151)


def of_activation(activation: Activation, z: Array, a: Array, slope: Array) -> Array:
    """Return ∂²HA/∂H² at some sums.

    Parameters
    ----------
    activation : Activation
    z, a, slope : ndarray of one shape
        H, HA, and ∂HA/∂H as the activation's derivative has it.

    Raises
    ------
    FunctionError
        If neither its formula nor differences tell it.
    """
    program = _of_activation(activation)
    if program is not None:
        row = (each.reshape(1, -1) for each in (z, a, slope))
        found = program({**activation.parameters, **dict(zip((Z.name, A.name, _DA.name), row)), _DZ.name: 1.0})
        return np.broadcast_to(found, (1, z.size)).reshape(z.shape)
    _refuse_numerical(activation, activation.unbound("derivative"))
    return differenced.along(lambda x: _slope_at(activation, x), z, np.ones_like(z), activation.label)


def _slope_at(activation: Activation, z: Array) -> Array:
    a = called(activation.function, (z,), z.shape, lambda: activation.label)
    return called(activation.derivative, (z, a), z.shape, lambda: f"the derivative of {activation.label}")


@functools.lru_cache(maxsize=1000)
def _of_activation(activation: Activation) -> Program | None:
    """Return the program of ∂²HA/∂H², where a formula of the first derivative calculates what the author's does."""
    z = _PROBES
    with np.errstate(all="ignore"):
        expected, a = _slope_at(activation, z), np.asarray(activation.function(z))
    names = {**activation.parameters, Z.name: z.reshape(1, -1), A.name: a.reshape(1, -1)}
    for slope in _slopes(activation, (Z.name, A.name), lambda formula: derivative(formula, Z)):
        if _agree(program_of(slope)(names), expected):
            return program_of(along(slope, {Z: _DZ, A: _DA}))
    return None


def _slopes(
    function: Activation | Loss | Regularizer, letters: tuple[str, ...], derive: Callable[[Expression], Expression],
    texts: tuple[str, str] | None = None,
) -> Iterator[Expression]:  # fmt: skip
    """Yield formulas of a first derivative: as it was given, and as it follows from the function's."""
    slope, formula = texts or (function.derivative_formula, function.formula)
    names = (*letters, *function.parameters)
    for text, further in ((slope, lambda read: read), (formula, derive)):
        try:
            if text:
                yield further(parse(text, names))
        except FunctionError:
            # Only printed: what calculates is the author's function.
            continue


def _agree(found: Any, expected: Array) -> bool:
    # Beyond the range of a double they need not.
    found = np.broadcast_to(np.asarray(found), (1, expected.size)).reshape(expected.shape)
    known = np.isfinite(expected)
    return bool((np.abs(found - expected)[known] <= _SAME * np.maximum(1.0, np.abs(expected[known]))).all())


def _refuse_numerical(function: Activation | Regularizer, derive: Any) -> None:
    if isinstance(derive, NumericalDerivative):
        raise FunctionError(
            f"{function.label} has a derivative by differences, of which no second one can be known to ten digits. "
            "Give its formula with formula='...', or its derivative."
        )


def of_regularizer(regularizer: Regularizer, weights: Array) -> Array:
    """Return the second derivative of each weight's penalty, shape (n,).

    Raises
    ------
    FunctionError
        If neither its formula nor differences tell it.
    """
    label = f"the derivative of {regularizer.label}"
    expected = called(regularizer.derivative, (weights,), weights.shape, lambda: label)
    names = {**regularizer.parameters, W.name: weights.reshape(1, -1)}
    for slope in _slopes(regularizer, (W.name,), lambda formula: derivative(formula, W)):
        if _agree(program_of(slope)(names), expected):
            found = program_of(derivative(slope, W))(names)
            return np.array(np.broadcast_to(found, (1, len(weights)))[0])
    _refuse_numerical(regularizer, regularizer.unbound("derivative"))

    def slopes(w: Array) -> Array:
        return called(regularizer.derivative, (w,), w.shape, lambda: label)

    return differenced.along(slopes, weights, np.ones_like(weights), regularizer.label)


class LossCurvature:
    """How ∂e/∂OA, or ∂e/∂O, of all outputs move where the outputs move.

    Parameters
    ----------
    loss : Loss
    targets : ndarray of shape (n_outputs, n_samples)
    outputs : ndarray of shape (n_outputs, n_samples)
        OA, or O where the loss has a `sum_derivative`.
    entering : ndarray of shape (n_outputs, n_samples)
        The derivatives there.
    """

    def __init__(self, loss: Loss, targets: Array, outputs: Array, entering: Array) -> None:
        self._loss, self._targets, self._outputs = loss, targets, outputs
        self._names: dict[str, Array] = {Y.name: targets, A.name: outputs}
        self._moving: dict[Symbol, Expression] = {A: _DA}
        self._slope = np.ones_like(outputs)
        if loss.sum_derivative is not None:
            assert loss.outputs is not None
            activation = lookup.activation(loss.outputs)
            activated = np.asarray(activation.function(outputs))
            self._slope = np.asarray(activation.derivative(outputs, activated))
            self._names |= {A.name: activated, Z.name: outputs}
            self._moving[Z] = _DZ
        self._program = self._read(entering)

    def _read(self, entering: Array) -> Program | None:
        loss, fused = self._loss, self._loss.sum_derivative is not None
        texts = (loss.sum_derivative_formula, "") if fused else (loss.derivative_formula, loss.formula)
        letters = (Y.name, A.name, N_OUTPUTS.name, *((Z.name,) if fused else ()))
        values = {**loss.parameters, N_OUTPUTS.name: float(len(entering)), **self._names}
        for slope in _slopes(loss, letters, lambda formula: by_output(formula, A), texts):
            found = np.broadcast_to(program_of(slope)(values), entering.shape)
            if _agree(found.reshape(1, -1), entering.ravel()):
                return program_of(along(slope, self._moving))
        return None

    def along(self, moved: Array) -> Array:
        """Return how the derivatives move where outputs move, both of shape (n_outputs, n_directions, n_samples).

        Raises
        ------
        FunctionError
            If neither the loss's formula nor differences tell it.
        """
        n_directions = moved.shape[1]
        flat = moved.reshape(len(moved), -1)
        if self._program is None:
            targets, outputs = (np.tile(each, n_directions) for each in (self._targets, self._outputs))
            return self._differenced(targets, outputs, flat).reshape(moved.shape)
        names = {name: np.tile(values, n_directions) for name, values in self._names.items()}
        own = {
            N_OUTPUTS.name: float(len(moved)),
            _DZ.name: flat,
            _DA.name: (moved * self._slope[:, None]).reshape(flat.shape),
        }
        found = np.broadcast_to(self._program({**self._loss.parameters, **names, **own}), flat.shape)
        return found.reshape(moved.shape)

    def _differenced(self, targets: Array, outputs: Array, moved: Array) -> Array:
        call = self._loss.derivative if self._loss.sum_derivative is None else self._loss.sum_derivative
        label = f"the derivative of {self._loss.label}"

        def entering(numbers: Array) -> Array:
            return called(call, (targets, numbers), numbers.shape, lambda: label)

        return differenced.along(entering, outputs, moved, self._loss.label)


def of_aggregation(aggregation: Aggregation, contributions: Array, value: Array, moved: Array) -> Array:
    """Return how ∂H/∂c of every contribution moves where the contributions move.

    Parameters
    ----------
    aggregation : Aggregation
    contributions : ndarray of shape (n_contributions, n_samples)
    value : ndarray of shape (n_samples,)
        H of the node.
    moved : ndarray of shape (n_contributions, n_directions, n_samples)

    Returns
    -------
    ndarray shaped like `moved`

    Raises
    ------
    FunctionError
        If the aggregation does not say it, and differences of its partials do not tell it.
    """
    coming = np.broadcast_to(contributions[:, None], moved.shape)
    if aggregation.curvature is not None:
        given = coming, np.broadcast_to(value, moved.shape[1:]), moved
        return called(aggregation.curvature, given, moved.shape, lambda: f"the curvature of {aggregation.label}")

    def partials(c: Array) -> Array:
        h = called(aggregation.function, (c,), c.shape[1:], lambda: aggregation.label)
        return called(aggregation.partials, (c, h), c.shape, lambda: f"the partials of {aggregation.label}")

    return differenced.along(partials, coming, moved, aggregation.label)
