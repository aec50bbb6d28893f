"""What the gradient check takes for true: every activation and the loss, differenced where a run has left them.

Nothing here has seen a derivative that an author wrote, but for one thing: at a kink the author chooses, and any slope
between the two sides is right. Which was chosen is then read off the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array, Mask
from nodesim.engines import reference
from nodesim.functions.contracts import Activation
from nodesim.functions.finite_differences import Slopes, slopes
from nodesim.functions.guard import called
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.graph.run import Run

# Up to this part, a number of the run is the one that is expected, but for rounding; beyond, it is another one.
_SAME = {"float64": 1e-9, "float32": 1e-4}
# How far a slope may be away though it is right, in parts of it: what two sides do not see of each other.
_SLACK = 1e-7
_IN_DOUBLE = float(np.finfo(float).eps) / 2.0
# And how far, whatever it is, where a function is looked at by itself: next to nothing, for one that goes from 0 to 1.
_LEAST = 1e-12


@dataclass(frozen=True, slots=True)
class Differenced:
    """The slopes of some functions in every sample, by finite differences.

    Attributes
    ----------
    slope : ndarray of shape (n, n_samples)
        The derivative; at a kink the number between the two sides that is nearest to the one that was used.
    error : ndarray of shape (n, n_samples)
        How far a right derivative may be away from it that is calculated in double precision.
    rounded : ndarray of shape (n, n_samples)
        How much farther where the network calculates in less.
    left, right : ndarray of shape (n, n_samples)
        The one-sided derivatives.
    bend : ndarray of shape (n, n_samples)
        About the absolute second derivative.
    kink : ndarray of bool, shape (n, n_samples)
    """

    slope: Array
    error: Array
    rounded: Array
    left: Array
    right: Array
    bend: Array
    kink: Mask

    @classmethod
    def known(cls, slope: Array) -> Differenced:
        """Return slopes that need no differences, until they are put: those of inputs and bias nodes."""
        still = np.zeros_like(slope)
        kink = np.zeros(slope.shape, dtype=bool)
        return cls(slope, still, still.copy(), slope.copy(), slope.copy(), still.copy(), kink)

    def put(self, rows: Any, z: Array, found: Slopes, used: Array, rounding: float) -> None:
        """Set some rows from what was found at z, and from the slopes that the run used."""
        low, high, left, right, bend = (
            part.reshape(used.shape) for part in (found.low, found.high, found.left, found.right, found.bend)
        )
        kink = found.kink.reshape(used.shape)
        self.left[rows], self.right[rows], self.bend[rows], self.kink[rows] = left, right, bend, kink
        self.slope[rows] = slope = np.where(kink, np.clip(used, low, high), low + 0.5 * (high - low))
        unsure = np.where(kink, 0.0, 0.5 * (high - low))
        self.error[rows] = unsure + _beyond(slope, z, bend)
        self.rounded[rows] = _last_digits(z, bend, rounding) - _last_digits(z, bend, _IN_DOUBLE)

    def times(self, factors: Array | float) -> Differenced:
        """Return the slopes of the same functions, each sample's multiplied by a number of at least 0."""
        counts = self.kink & (np.asarray(factors) > 0.0)
        return Differenced(
            self.slope * factors, self.error * factors, self.rounded * factors, self.left * factors,
            self.right * factors, self.bend * factors, counts,
        )  # fmt: skip

    @property
    def steepest(self) -> Array:
        """The largest absolute slope: at a kink that of the steeper side."""
        return np.maximum(np.abs(self.left), np.abs(self.right))

    def towards_nearest(self, row: int, moved: Array) -> Array:
        """Return how far the function moves where its argument moves that far, by `slope`."""
        nearest: Array = self.slope[row] * moved
        return nearest

    def towards(self, row: int, moved: Array) -> Array:
        """Return how far the function moves, by the slope of the side to which its argument moves."""
        one_sided: Array = np.where(moved > 0.0, self.right[row], self.left[row]) * moved
        return one_sided


def _last_digits(z: Array, bend: Array, rounding: float) -> Array:
    # Authors calculate with rounded numbers, too: their derivative is that of a number next to z.
    digits: Array = 3.0 * rounding * (1.0 + np.abs(z) * bend)
    return digits


def _beyond(slope: Array, z: Array, bend: Array) -> Array:
    """Return how far a right derivative may be outside the bounds of differences."""
    beyond: Array = _SLACK * np.abs(slope) + _last_digits(z, bend, _IN_DOUBLE)
    return beyond


def outside(found: Array, expected: Slopes, z: Array) -> tuple[int, str] | None:
    """Return the place of the first finite slope that differences do not allow, and what they give there."""
    allowed = _LEAST + _beyond(found, z, expected.bend)
    bad = np.flatnonzero(np.isfinite(found) & ~((found >= expected.low - allowed) & (found <= expected.high + allowed)))
    if not len(bad):
        return None
    place = int(bad[0])
    left, right = expected.left[place], expected.right[place]
    return place, f"{left:g}" if not expected.kink[place] else f"a kink between {left:g} and {right:g}"


def rounding_of(dtype: str) -> float:
    """Return the largest relative error of one rounding."""
    return float(np.finfo(dtype).eps) / 2.0


def numbers(graph: DerivativeGraph, inputs: Array, dtype: str) -> tuple[Array, Array]:
    """Return value and activated of every node, in float64: those of the run, where its forward pass was right.

    They are the run's to the last digit, so that every kink lies on the side on which the run saw it. Where that one is
    further off than rounding explains, they are what they should be: gradients that were built on others do not agree.
    """
    schedule, run, weights = graph.schedule, graph.run, graph.weights
    found = Run(run.n_rows, run.n_samples)
    reference.give(schedule, inputs, found)
    value, activated, same = found.value, found.activated, _SAME[dtype]
    for task in schedule.calculated:
        terms = reference.contributions(task, weights, activated)
        joined = bool(schedule.joins[task.row]) and len(terms) > 0
        z = reference.aggregate(task, terms) if joined else terms.sum(axis=0)
        size = np.abs(terms).sum(axis=0)
        allowed = same * (np.maximum(size, np.abs(z)) if joined else size)
        value[task.row] = z = _agreed(run.value[task.row], z, allowed)
        a = reference.activate(task.node, z)
        steep = 16.0 * rounding_of(dtype) * np.abs(z * graph.slopes[task.row])
        activated[task.row] = _agreed(run.activated[task.row], a, same * np.maximum(1.0, np.abs(a)) + steep)
    return value, activated


def _agreed(seen: Array, expected: Array, allowed: Array) -> Array:
    return np.where(np.abs(seen - expected) <= allowed, seen, expected)


def of_nodes(graph: DerivativeGraph, value: Array, dtype: str) -> Differenced:
    """Return ∂HA/∂H of every node by finite differences; 1 for inputs and bias nodes, 0 behind a dead end."""
    found = Differenced.known(np.repeat(graph.schedule.reaching[:, None].astype(float), value.shape[1], axis=1))
    for activation, rows in _alike(graph).items():
        at = slopes(activation.function, value[rows].ravel())
        found.put(rows, value[rows], at, graph.slopes[rows], rounding_of(dtype))
    return found


def _alike(graph: DerivativeGraph) -> dict[Activation, list[int]]:
    groups: dict[Activation, list[int]] = {}
    for node, activation in graph.activations.items():
        row = graph.row[node]
        if graph.schedule.reaching[row]:
            groups.setdefault(activation, []).append(row)
    return groups


def of_loss(graph: DerivativeGraph, value: Array, activated: Array, dtype: str) -> Differenced:
    """Return ∂e/∂OA of every output by finite differences, or ∂e/∂O where the loss is differentiated by that."""
    assert graph.run.targets is not None
    function = graph.loss.sum_function if graph.of_sums else graph.loss.function
    assert function is not None
    outputs = (value if graph.of_sums else activated)[graph.schedule.output_rows]
    targets = graph.run.targets.astype(float)
    found = Differenced.known(np.zeros_like(outputs))
    # An error is rounded like the largest number of its sample.
    size = np.maximum(np.abs(outputs), np.abs(targets)).max(axis=0)
    assert graph.run.output_gradient is not None
    used = np.asarray(graph.run.output_gradient.gradient, dtype=float)
    for place in range(len(outputs)):

        def along(numbers: Array, place: int = place) -> Array:
            moved = outputs.copy()
            moved[place] = numbers
            return function(targets.copy(), moved)

        found.put(place, outputs[place], slopes(along, outputs[place], size), used[place], rounding_of(dtype))
    return found.times(graph.run.factors)


def in_double(graph: DerivativeGraph, value: Array, activated: Array) -> tuple[Array, Array]:
    """Return ∂HA/∂H of every node and where the error enters, as the authors' derivatives are in double precision."""
    assert graph.run.targets is not None
    found = np.array(graph.slopes)
    outputs = (value if graph.of_sums else activated)[graph.schedule.output_rows]
    derivative = graph.loss.sum_derivative if graph.of_sums else graph.loss.derivative
    assert derivative is not None
    with np.errstate(all="ignore"):
        for activation, rows in _alike(graph).items():
            z = value[rows]
            a = called(activation.function, (z,), z.shape, lambda: activation.label)  # noqa: B023 - called at once
            found[rows] = called(activation.derivative, (z, a), z.shape, lambda: activation.label)  # noqa: B023
        arguments = graph.run.targets.astype(float), outputs
        entering = called(derivative, arguments, outputs.shape, lambda: graph.loss.label)
        return found, entering * graph.run.factors
