"""Whether formulas are what a function calculates: both are compared at some hundred points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.functions.contracts import Activation, Loss
from nodesim.notation.expressions import Expression
from nodesim.notation.programs import program_of
from nodesim.plugins import lookup

Pair = tuple[Expression, Expression | None]

# Of a slope that is all but 0 every digit counts: what the page says of a gradient is right to 1e-12 of its paths.
_TOLERANCE, _SMALLEST = 1e-12, 1e-300
# Nodes are often at 0 exactly, and kinks at such numbers; at the last ones exp has left the range of a double.
_ENDS = (0.0, 1e-9, 0.5, 1.0, 2.0, 3.0, 6.0, 36.5, 100.0, 700.0, 1e4)
_RANDOM = 120
_MOST_OUTPUTS = 3


def proven(function: Activation | Loss, pair: Pair) -> bool:
    """Tell whether a pair of formulas, in terms of z and a or of y, a and n, is what a function and its derivative are.

    Parameters
    ----------
    function : Activation or Loss
    pair : tuple of Expression
        The second one may be None, of an activation without a derivative.

    Returns
    -------
    bool
        False also where the function raises something at a point.
    """
    try:
        with np.errstate(all="ignore"):
            return _of_activation(function, pair) if isinstance(function, Activation) else _of_loss(function, pair)
    # Whatever an author's function raises at such points, it is no proof.
    except Exception:
        return False


def _of_activation(activation: Activation, pair: Pair) -> bool:
    z = _points(np.random.default_rng(0))[None]
    a = activation.function(z[0])
    if not _same(a, pair[0], {"z": z}):
        return False
    return pair[1] is None or _same(activation.derivative(z[0], a), pair[1], {"z": z, "a": a[None]})


def _of_loss(loss: Loss, pair: Pair) -> bool:
    rng = np.random.default_rng(0)
    function, derivative = loss.function, loss.derivative
    if loss.sum_function is not None and loss.sum_derivative is not None:
        function, derivative = loss.sum_function, loss.sum_derivative
    for n_outputs in range(loss.least_outputs, max(loss.least_outputs, _MOST_OUTPUTS) + 1):
        totals = np.array([rng.permutation(_points(rng)) for _ in range(n_outputs)])
        given = totals if loss.sum_function is not None or loss.outputs is None else _activated(loss, totals)
        target = _targets(loss, rng, totals.shape)
        values = {"y": target, "a": given, "n": float(n_outputs)}
        # An error is no factor of a product: it may be right to the digits of what it is made of.
        if not _same(function(target, given), pair[0], values, least=1.0):
            return False
        if not _same(derivative(target, given), pair[1], values):
            return False
    return True


def _activated(loss: Loss, totals: Array) -> Array:
    return lookup.activation(loss.outputs).function(totals)


def _targets(loss: Loss, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    low, high = loss.targets or (-3.0, 3.0)
    least, most = max(low, -3.0), min(high, 3.0)
    return np.where(rng.random(shape) < 0.5, rng.choice([least, most], shape), rng.uniform(least, most, shape))


def _points(rng: np.random.Generator) -> Array:
    return np.concatenate([_ENDS, np.negative(_ENDS[1:]), rng.normal(0.0, 3.0, _RANDOM)])


def _same(wanted: Array, formula: Expression | None, values: Mapping[str, Any], least: float = 0.0) -> bool:
    if formula is None:
        return False
    found = np.broadcast_to(program_of(formula)(values), np.atleast_2d(wanted).shape)
    # What the function itself cannot calculate is compared with nothing.
    finite = np.isfinite(wanted)
    wrong = ~(np.abs(found - wanted) <= _TOLERANCE * np.maximum(np.abs(wanted), least) + _SMALLEST)
    return not (wrong & finite).any()
