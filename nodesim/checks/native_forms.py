"""Whether a native form calculates what the function says that names it; nothing is looked at without numba."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.engines import native_form
from nodesim.functions.contracts import Activation, Loss, Optimizer

# Two careful ways to write one formula differ in the last digits.
_TOLERANCE = 1e-14
# Of an activation's slope that is all but 0 every digit counts: one engine would call a node dead that another teaches.
_OF_A_SLOPE, _SMALLEST_SLOPE = 1e-12, 1e-300
_STEPS = 5


def activation(activation: Activation, z: Array) -> Iterator[str]:
    """Say where the native forms of an activation give other numbers than its functions."""
    forms = _native_forms(activation)
    if forms is None:
        return
    with np.errstate(all="ignore"):
        a = activation.function(z)
        slopes = activation.derivative(z, a)
    for found, found_slopes in forms.activation_forms(activation, z).values():
        yield from _compared(activation, z, (("function", found, a), ("derivative", found_slopes, slopes)))


def loss(loss: Loss, target: Array, output: Array) -> Iterator[str]:
    """Say where the native form of a loss gives other numbers than its functions; output is O for one of the sums."""
    forms = _native_forms(loss)
    if forms is None:
        return
    function, derivative = (
        (loss.sum_function, loss.sum_derivative) if loss.sum_function else (loss.function, loss.derivative)
    )
    assert function is not None
    assert derivative is not None
    errors, seeds = forms.loss_form(loss, target, output)
    found = (("function", errors, function(target, output)), ("derivative", seeds, derivative(target, output)))
    yield from _compared(loss, None, found)


def optimizer(optimizer: Optimizer, weights: Array, learning_rate: float) -> Iterator[str]:
    """Say where the native form of an optimizer goes other ways than its step."""
    forms = _native_forms(optimizer)
    if forms is None:
        return
    state: Any = {} if optimizer.start is None else optimizer.start(weights.copy(), learning_rate)
    own, native, native_state = weights, weights, state
    for _ in range(_STEPS):
        native, native_state = forms.step_by_form(optimizer, native, 2.0 * own, native_state, learning_rate)
        own, state = optimizer.step(own, 2.0 * own, state, learning_rate)
        problems = list(_compared(optimizer, None, (("step", native, own),)))
        if problems:
            yield problems[0]
            return


def _native_forms(function: Activation | Loss | Optimizer) -> Any:
    if function.native is None or not native_form.has_native():
        return None
    native_form.native()
    return importlib.import_module("nodesim.engines.native.evaluation")


def _compared(function: Any, z: Array | None, pairs: tuple[tuple[str, Array, Array], ...]) -> Iterator[str]:
    for what, found, wanted in pairs:
        with np.errstate(all="ignore"):
            allowed = _TOLERANCE * np.maximum(1.0, np.abs(wanted))
            if z is not None and what == "derivative":
                allowed = np.minimum(allowed, _OF_A_SLOPE * np.abs(wanted) + _SMALLEST_SLOPE)
            near = np.abs(found - wanted) <= allowed
        near |= (found == wanted) | (np.isnan(found) & np.isnan(wanted))
        if not near.all():
            bad = tuple(np.argwhere(~near)[0])
            where = "" if z is None else f" at z = {z[bad]:g}"
            yield (
                f"the native form {function.native!r} gives {found[bad]:g} for the {what}{where}, "
                f"the {what} itself {wanted[bad]:g}"
            )
            return
