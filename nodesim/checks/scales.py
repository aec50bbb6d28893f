"""By what differences between two programs are measured: what rounding every weight and value may do, times 1 / ulp.

To the first order that is the sum of absolute path products: from every weight to an output, and for a gradient from e
to its weight. Terms may cancel in a result, and their rounding does not.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import numpy as np

from nodesim._arrays import Array
from nodesim.engines import reference
from nodesim.engines.joins import partials_of_run
from nodesim.errors import FunctionError
from nodesim.functions.contracts import Loss
from nodesim.functions.guard import called
from nodesim.gradients.derivative_graph import DerivativeGraph, snapshot
from nodesim.gradients.directions import from_error, from_inputs
from nodesim.graph.run import Run
from nodesim.graph.schedule import Schedule
from nodesim.simulation import objective

# How much nearer than outputs a gradient is held to, where it is a difference of nearly equal numbers.
_SHARE = 1.0 / 16.0
_NUDGE = 2.0**-20
# What is allowed of a scale in doubles.
_ROUNDING = 2.0**-40
# A slope 1 - a**2 or a (1 - a) of a saturated node has fewer digits the smaller it is, where it is made of a.
_LEAST_SLOPE = 1e-3
# Numbers below 2.2e-308 have fewer digits than others, and some programs make 0 of them: of this they are 1e-16.
TINY = float(np.finfo(np.float64).tiny) * 2.0**53
# By this part of its argument, 17 roundings of doubles where 1e-12 is allowed, a function may be off.
_ARGUMENT = 2.0**-8


@dataclass(frozen=True)
class Scales:
    """The scales of one run that went forward and backward.

    Attributes
    ----------
    outputs : ndarray of shape (n_outputs, n_samples)
        Of OA.
    error : float
        Of e, the mean over the samples.
    gradients : ndarray of shape (n_connections,)
        In connection order: the sum of ``|product|`` over all paths, the mean over the samples.
    unsure : ndarray of shape (n_connections,)
        What is to be added to that where the error enters as a difference of nearly equal numbers.
    """

    outputs: Array
    error: float
    gradients: Array
    unsure: Array


def output_scales(schedule: Schedule, weights: Array, run: Run, slopes: Array) -> tuple[Array, Array]:
    """Return the scales of O and of OA, shape (n_outputs, n_samples); weights by slot."""
    activated = np.abs(run.activated.astype(float))
    start = activated.copy()
    calculated = [task.row for task in schedule.calculated]
    # A weight's rounding moves what it sends on, and so does that of the value sent; functions round theirs, and some
    # roundings of what they are made of: 1 + erf(z) of a gelu has none of the digits of its tail.
    start[calculated] = 2.0 * start[calculated] + _ARGUMENT * np.abs(run.value[calculated].astype(float))
    lines = _lines(schedule, weights, _partials(schedule, weights, run))
    sent = from_inputs(schedule).propagate(start, lines, np.abs(slopes))
    into = [np.flatnonzero(schedule.targets == row) for row in schedule.output_rows.tolist()]
    each = lines if lines.ndim > 1 else lines[:, None]
    sums = np.array([(each[links] * sent[schedule.sources[links]]).sum(axis=0) for links in into])
    return sums, sent[schedule.output_rows] - activated[schedule.output_rows]


def _partials(schedule: Schedule, weights: Array, run: Run) -> Array | None:
    """Return ∂H/∂c of each connection; those that are not defined are as those of a sum."""
    try:
        return partials_of_run(schedule, weights, run.activated.astype(float), run.value.astype(float))
    except FunctionError:
        return None


def _lines(schedule: Schedule, weights: Array, partials: Array | None) -> Array:
    """Return ``|∂H/∂HA|`` of each connection, one for all samples where all nodes are sums."""
    lines: Array = np.abs(weights[schedule.slots])
    return lines if partials is None else lines[:, None] * np.abs(partials)


def forward_scales(schedule: Schedule, weights: Array, run: Run, loss: Loss, targets: Array) -> Scales:
    """Return the scales of a run that cannot go backward: of outputs and e alone."""
    slopes = np.zeros_like(run.activated, dtype=float)
    with np.errstate(all="ignore"):
        for task in schedule.calculated:
            # What has no derivative is flat but where it jumps.
            with contextlib.suppress(FunctionError):
                slopes[task.row] = reference.slope(task.node, run)
        _, of_outputs = output_scales(schedule, weights, run, slopes)
        outputs = run.activated[schedule.output_rows].astype(float)
        return Scales(of_outputs + TINY, _of_error(loss, targets, outputs, of_outputs), np.empty(0), np.empty(0))


def _of_error(loss: Loss, targets: Array, outputs: Array, scale: Array) -> float:
    # Whoever makes e of outputs has these digits of it, whatever nodesim's loss makes of the sums.
    slope, errors = loss.derivative(targets, outputs), loss.function(targets, outputs)
    moved = (np.abs(slope) * scale).sum(axis=0)
    if not loss.classifies:
        # Where the fit is exact the slope is 0, and what roundings do is of the second order.
        nudged = outputs + np.where(slope < 0.0, -_ROUNDING, _ROUNDING) * scale
        moved = moved + np.nan_to_num(np.abs(_errors(loss, targets, nudged) - errors) / _ROUNDING)
    return float((moved + np.abs(errors) + loss.classifies).mean())


def _errors(loss: Loss, targets: Array, outputs: Array) -> Array:
    try:
        return called(loss.function, (targets, outputs), (outputs.shape[1],), lambda: loss.label)
    except FunctionError:
        # An output beside those of the network need not be one that a loss takes.
        return np.full(outputs.shape[1], np.nan)


def scales(schedule: Schedule, weights: Array, run: Run) -> Scales:
    """Return the scales of a run that went backward; weights by slot."""
    graph = snapshot(schedule, weights, run)
    loss, targets = graph.loss, run.targets
    assert targets is not None
    with np.errstate(all="ignore"):
        of_sums, of_outputs = output_scales(schedule, weights, run, graph.slopes)
        rows = schedule.output_rows
        sums, outputs = run.value[rows].astype(float), run.activated[rows].astype(float)
        error = _of_error(loss, targets, outputs, of_outputs)
        entering = _unsure(loss, targets, sums if graph.of_sums else outputs, of_sums if graph.of_sums else of_outputs)
        start = np.zeros_like(graph.slopes)
        start[rows] = entering * (1.0 if graph.of_sums else np.abs(graph.slopes[rows]))
        lines = _lines(schedule, weights, graph.partials)
        unsure = from_error(schedule).propagate(start, lines, np.abs(graph.slopes))
        sent = np.abs(graph.activated)
        absolutes = _absolutes(schedule, loss, targets, graph, sums if graph.of_sums else outputs, lines)
        gradients, unsure = (_by_connection(schedule, sent, each, graph.partials) for each in (absolutes, unsure))
        tiny, blunt = np.full_like(sent, TINY), np.full_like(sent, TINY)
        calculated = [task.row for task in schedule.calculated]
        # As for outputs: what is sent may have none of the digits of its tail.
        blunt[calculated] += _ARGUMENT * np.abs(run.value[calculated].astype(float))
        lost = _by_connection(schedule, sent, tiny) + _by_connection(schedule, blunt, absolutes, graph.partials)
        return Scales(of_outputs + TINY, error, gradients, _SHARE * unsure + lost)


def _absolutes(
    schedule: Schedule, loss: Loss, targets: Array, graph: DerivativeGraph, at: Array, weights: Array
) -> Array:
    """Return for each node the sum of ``|product|`` over all paths from e, with no slope between 0 and the least."""
    slopes = np.where(graph.slopes == 0.0, 0.0, np.maximum(np.abs(graph.slopes), _LEAST_SLOPE))
    start, rows = np.zeros_like(slopes), schedule.output_rows
    start[rows] = np.abs(objective.gradients_of(loss, targets, at)) * (1.0 if graph.of_sums else slopes[rows])
    found: Array = from_error(schedule).propagate(start, weights, slopes)
    return found


def _by_connection(schedule: Schedule, sent: Array, arriving: Array, partials: Array | None = None) -> Array:
    if partials is not None:
        sizes = np.abs(partials) * sent[schedule.sources] * arriving[schedule.targets]
        sizes[~schedule.reaching[schedule.targets]] = 0.0
        of_each: Array = sizes.mean(axis=1)
        return of_each
    found = np.zeros(int(schedule.slots.max(initial=-1)) + 1)
    for task in schedule.calculated:
        found[task.source_slots] = sent[task.sources] @ arriving[task.row] / sent.shape[1]
    mean: Array = found[schedule.slots]
    return mean


def _unsure(loss: Loss, targets: Array, at: Array, scale: Array) -> Array:
    """Return how far ∂e/∂OA, or ∂e/∂O, moves where outputs move by their scale: the second derivatives, by nudges."""
    here = objective.gradients_of(loss, targets, at)
    generator, moved = np.random.default_rng(0), np.zeros_like(at)
    for _ in range(4):
        nudge = _NUDGE * generator.choice([-1.0, 1.0], (len(at), 1)) * scale
        moved = np.maximum(moved, np.abs(objective.gradients_of(loss, targets, at + nudge) - here) / _NUDGE)
    # Others subtract targets from probabilities near 1, and do not keep what is left of small differences.
    return moved + (1.0 / len(at) if loss.classifies else 0.0)
