"""Whether a native form calculates what the function says that names it; nothing is looked at without numba."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from nodesim._arrays import Array, agree
from nodesim.engines import native_form
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation, Loss, Optimizer
from nodesim.simulation.optimizer_state import OptimizerState

# Two careful ways to write one formula differ in the last digits.
_TOLERANCE = 1e-14
# Of an activation's slope that is all but 0 every digit counts: one engine would call a node dead that another teaches.
_OF_A_SLOPE, _SMALLEST_SLOPE = 1e-12, 1e-300
_STEPS = 5


def activation(activation: Activation, z: Array, a: Array, slopes: Array) -> Iterator[str]:
    """Say where the native forms of an activation give other numbers than its functions gave at z."""
    forms = _native_forms(activation)
    if forms is None:
        return
    problems: list[str] = []
    for found, found_slopes in forms.activation_forms(activation, z).values():
        problems += _compared(activation, z, (("function", found, a), ("derivative", found_slopes, slopes)))
    # The forms for batches and for online training are often wrong alike.
    yield from dict.fromkeys(problems)


def aggregation(aggregation: Aggregation, c: Array, h: Array, partials: Array) -> Iterator[str]:
    """Say where the native forms of an aggregation give other numbers than its functions gave of c."""
    forms = _native_forms(aggregation)
    if forms is None or aggregation.is_sum:
        return
    problems: list[str] = []
    for found, found_partials in forms.aggregation_forms(aggregation, c):
        problems += _compared(aggregation, None, (("function", found, h), ("partials", found_partials, partials)))
    # Those of one sample and of several are often wrong alike.
    yield from dict.fromkeys(problems)


def loss(loss: Loss, target: Array, output: Array, errors: Array, slopes: Array) -> Iterator[str]:
    """Say where the native form of a loss gives other numbers than its functions gave; output is O for one of sums."""
    forms = _native_forms(loss)
    if forms is None:
        return
    found = zip(("function", "derivative"), forms.loss_form(loss, target, output), (errors, slopes))
    yield from _compared(loss, None, tuple(found))


def optimizer(optimizer: Optimizer, kept: OptimizerState, weights: Array, learning_rate: float) -> Iterator[str]:
    """Say where the native form of an optimizer goes other ways than its steps, from the state that it has kept."""
    forms = _native_forms(optimizer)
    if forms is None:
        return
    own, native, native_state = weights, weights, kept.state
    everywhere = np.ones(len(weights), dtype=bool)
    for _ in range(_STEPS):
        native, native_state = forms.step_by_form(optimizer, native, 2.0 * own, native_state, learning_rate)
        own, kept.state = kept.step(own, 2.0 * own, everywhere, learning_rate)
        problems = list(_compared(optimizer, None, (("step", native, own),)))
        if problems:
            yield problems[0]
            return


def _native_forms(function: Activation | Aggregation | Loss | Optimizer) -> Any:
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
        near = agree(found, wanted, allowed)
        if not near.all():
            bad = tuple(np.argwhere(~near)[0])
            where = "" if z is None else f" at z = {z[bad]:g}"
            # With as many digits as tell the two apart.
            digits = 6 if f"{found[bad]:g}" != f"{wanted[bad]:g}" else 17
            yield (
                f"the native form {function.native!r} gives {found[bad]:.{digits}g} for the {what}{where}, "
                f"the {what} itself {wanted[bad]:.{digits}g}"
            )
            return
