"""From the arguments of `Network.attribute` to an `Attribution`."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.attribution import METHODS
from nodesim.attribution.attribution import Attribution
from nodesim.attribution.moving import Moving, SampleLine
from nodesim.attribution.quadrature import points
from nodesim.errors import ArgumentError, DataError
from nodesim.gradients import starts
from nodesim.gradients.quantities import Quantity, quantity
from nodesim.graph.structure import Structure
from nodesim.simulation.simulator import Simulator
from nodesim.validation import one_of

# How many numbers, nodes times points, are kept: three tables of 160 MB.
_MOST = 20_000_000
_AT_THE_SAMPLE = np.ones(1), np.ones(1)


def attribute(simulator: Simulator, x: Any, to: object, baseline: Any, method: str) -> Attribution:
    """Attribute a quantity to the inputs; see `nodesim.Network.attribute`."""
    one_of(method, METHODS, "method")
    inputs, single = simulator.inputs(x)
    target = _target(simulator.structure, to)
    start = _baseline(simulator, baseline, inputs)
    weights = simulator.structure.store.weights.astype(float)
    moving = Moving(simulator, weights, target, start, _steps(simulator, start, inputs))
    lines, points_so_far = [], 0
    for sample in range(inputs.shape[1]):
        lines.append(_AT_THE_SAMPLE if method == "gradient" else points(SampleLine(moving, sample)))
        points_so_far += len(lines[-1][0])
        _check_room(simulator, points_so_far, sample + 1)
    firsts = np.cumsum([0, *(len(t) for t, _ in lines)])[:-1]
    run = moving.run(np.concatenate([moving.inputs(sample, t) for sample, (t, _) in enumerate(lines)], axis=1))
    shares = np.concatenate([weights for _, weights in lines])
    ends = np.array([moving.values(moving.run(each)) for each in (start, inputs)])
    return Attribution(moving, run, shares, firsts, ends, method, single)


def _target(structure: Structure, to: object) -> Quantity:
    if to is None:
        outputs = structure.schedule.outputs
        if len(outputs) > 1:
            names = ", ".join(Quantity("activated", output).name for output in outputs[:12])
            raise ArgumentError(f"to must say what is attributed: one of {names}, or a hidden node's.")
        return Quantity("activated", outputs[0])
    target = quantity(structure, to)
    starts.check(target, None)
    return target


def _baseline(simulator: Simulator, baseline: Any, inputs: Array) -> Array:
    """Return where the inputs start, one column for each sample."""
    if baseline is None:
        return np.zeros_like(inputs, dtype=float)
    try:
        start, _ = simulator.inputs(baseline)
    except DataError as error:
        # It speaks of x where it says what is wrong with all of it.
        why = str(error)
        raise DataError(f"baseline{why.removeprefix('x') if why.startswith('x ') else f': {why}'}") from error
    if start.shape[1] not in (1, inputs.shape[1]):
        raise DataError(
            f"baseline must be one sample, or one for each of the {inputs.shape[1]} samples of x; got {start.shape[1]}."
        )
    return np.array(np.broadcast_to(start, inputs.shape), dtype=float)


def _steps(simulator: Simulator, start: Array, inputs: Array) -> Array:
    """Return how far each input moves, which a float must be able to hold."""
    with np.errstate(over="ignore"):
        steps: Array = inputs - start
    for place, sample in np.argwhere(~np.isfinite(steps))[:1].tolist():
        name = simulator.structure.schedule.inputs[place].name
        raise DataError(
            f"sample {sample}: input {name} goes from {start[place, sample]} to {inputs[place, sample]}, which is "
            "further than numbers reach; choose a baseline that is closer."
        )
    return steps


def _check_room(simulator: Simulator, n_points: int, done: int) -> None:
    if n_points * simulator.structure.schedule.n_rows > _MOST:
        raise ArgumentError(
            f"{done:,} of these samples need {n_points:,} points on their lines, more than there is room for in a "
            f"network of this size. Attribute fewer samples at once, {max(1, done // 2):,} or so."
        )
