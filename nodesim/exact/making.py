"""Exact runs from what users give: samples as written, and which letters they want."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim.errors import ArgumentError
from nodesim.exact import reading
from nodesim.exact.calculation import Calculation
from nodesim.exact.run import ExactRun
from nodesim.gradients.quantities import Quantity, quantities
from nodesim.simulation import objective
from nodesim.simulation.simulator import Simulator
from nodesim.validation import flag


def exact(simulator: Simulator, x: Any, y: Any = None, symbols: Any = False) -> ExactRun:
    """Run samples exactly; see `nodesim.Network.exact`."""
    structure = simulator.structure
    schedule = structure.schedule
    schedule.check_runnable()
    structure.lock.check_settable()
    kept = _kept(simulator, symbols)
    inputs, single = reading.inputs(x, schedule.inputs)
    targets = None
    if y is not None:
        objective.check_outputs(simulator.loss, schedule.outputs)
        targets = reading.targets(
            y, schedule.outputs, len(inputs), single=single, loss=simulator.loss, classes=simulator.classes
        )
    symbolic = kept is not None
    return ExactRun(Calculation(simulator, inputs, targets, symbolic=symbolic, kept=kept or set()), single=single)


def _kept(simulator: Simulator, symbols: Any) -> set[Quantity] | None:
    """Return what stays a letter; None for a run in fractions."""
    if isinstance(symbols, bool | np.bool_):
        return set() if flag(symbols, "symbols") else None
    found = quantities(simulator.structure, symbols)
    for each in found:
        if each.kind == "sum" or (each.kind == "activated" and each.element.kind not in ("input", "bias")):  # type: ignore[union-attr]
            raise ArgumentError(
                f"symbols: {each.name} is calculated; what stays a letter is a weight, an input or a bias node."
            )
    return set(found)
