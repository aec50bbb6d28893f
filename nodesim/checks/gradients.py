"""The gradient check: backpropagation, the sum over paths, and finite differences, side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.graph.elements import Connection
from nodesim.graph.structure import Structure
from nodesim.network import Network
from nodesim.paths import GradientPaths
from nodesim.simulation.simulator import Simulator, simulator_of

# How far path sums and finite differences may be away, in parts of the scale.
_TOLERANCES = {"float64": (1e-12, 1e-6), "float32": (1e-4, 1e-4)}
_LISTED = 10_000
_STEPS = (1e-3, 1e-5)


@dataclass(frozen=True)
class GradientRow:
    """One comparison.

    Parameters
    ----------
    name : str
        The weight, or "random direction".
    backprop, path_sum, finite_difference : float
        The derivative of e, in three ways.
    scale : float
        The sum of |product| over all paths.
    path_tolerance, difference_tolerance : float
        How far path sum and finite difference may lie from backprop.
    """

    name: str
    backprop: float
    path_sum: float
    finite_difference: float
    scale: float
    path_tolerance: float
    difference_tolerance: float

    @property
    def ok(self) -> bool:
        """Whether all three agree."""
        return (
            abs(self.path_sum - self.backprop) <= self.path_tolerance
            and abs(self.finite_difference - self.backprop) <= self.difference_tolerance
        )

    def __str__(self) -> str:
        verdict = "ok" if self.ok else f"DIFFERS (allowed {self.path_tolerance:.1e}, {self.difference_tolerance:.1e})"
        numbers = (self.backprop, self.path_sum, self.finite_difference)
        return f"{self.name:<18}" + "".join(f" {value:>20.12g}" for value in numbers) + f"  {verdict}"


@dataclass(frozen=True)
class GradientReport:
    """The result of `check_gradients`: true if everything agrees; printing it shows a table.

    Parameters
    ----------
    rows : tuple of GradientRow
        One comparison for each weight; for a large network one, along a random direction.

    See Also
    --------
    nodesim.check_gradients : Make a report.
    Network.backward : What is compared.

    Examples
    --------
    >>> import nodesim as ns
    >>> report = ns.check_gradients(ns.Network.layered([1, 1, 1], seed=0), [0.5], [1.0])
    >>> report, report.ok
    (<GradientReport: 4 of 4 agree>, True)
    >>> [row.name for row in report.rows]
    ['W1', 'W2', 'W3', 'W4']
    """

    rows: tuple[GradientRow, ...]

    @property
    def failures(self) -> tuple[GradientRow, ...]:
        """The rows that do not agree."""
        return tuple(row for row in self.rows if not row.ok)

    @property
    def ok(self) -> bool:
        """Whether all rows agree."""
        return not self.failures

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        head = f"{'weight':<18} {'backprop':>20} {'path sum':>20} {'finite difference':>20}"
        verdict = "all agree" if self.ok else f"{len(self.failures)} of {len(self.rows)} differ"
        return "\n".join([head, *map(str, self.rows), verdict])

    def __repr__(self) -> str:
        shown = "".join(f"\n{row}" for row in self.failures[:10])
        return f"<GradientReport: {len(self.rows) - len(self.failures)} of {len(self.rows)} agree>{shown}"


def check_gradients(network: Network, x: Any, y: Any, *, limit: int = 1000, seed: int = 0) -> GradientReport:
    """Compare backpropagation with the sum over all paths and with finite differences, weight by weight.

    Parameters
    ----------
    network : Network
        It is run forward and backward, and shows these numbers afterwards; no weight is changed.
    x, y : array_like
        One sample or a batch, as for `Network.forward` and `Network.backward`.
    limit : int
        Networks with more connections are checked along one random direction instead of weight by weight.
    seed : int
        Draws that direction.

    Returns
    -------
    GradientReport
        True if everything agrees; printing it shows each weight, the three numbers and the tolerance.

    Raises
    ------
    NodesimError
        As `forward` and `backward` do.

    See Also
    --------
    Network.backward : Backpropagation.
    Network.paths : The sum over paths.
    nodesim.checks.check_activation : Check a function of your own by itself.

    Notes
    -----
    The paths are listed where there are at most 10,000, else summed by dynamic programming. Path sum and
    backprop must agree to 1e-12 of the sum of |product|, finite differences to 1e-6 of that and the error. Where an
    activation has a kink, the better of two step sizes counts.

    References
    ----------
    Article, sections 3 and 4.

    Examples
    --------
    >>> import nodesim as ns
    >>> bool(ns.check_gradients(ns.Network.layered([2, 2, 2], seed=0), [0.05, 0.1], [0.01, 0.99]))
    True
    """
    simulator = simulator_of(network, "check_gradients checks a network")
    network.forward(x)
    error = network.backward(y)
    paths = [network.paths(connection) for connection in network.connections]
    measure = _error_at(simulator, x, y)
    if len(paths) <= limit:
        return GradientReport(tuple(_row(path, measure, error) for path in paths))
    return GradientReport((_direction(simulator.structure, paths, measure, error, seed),))


Measure = Callable[[Array], float]


def _row(paths: GradientPaths, measure: Measure, error: float) -> GradientRow:
    weight = paths.of.element
    assert isinstance(weight, Connection)
    direction = np.zeros(len(weight.owner.store.weights))
    direction[weight.slot] = 1.0
    size = max(1.0, abs(weight.weight))
    difference = _difference(weight.owner.store.weights, direction, measure, size, weight.gradient)
    return _compare(
        weight.name,
        weight.gradient,
        _path_sum(paths),
        difference,
        paths.scale,
        error,
        str(weight.owner.store.weights.dtype),
    )


def _direction(
    structure: Structure, paths: Iterable[GradientPaths], measure: Measure, error: float, seed: int
) -> GradientRow:
    listed = list(paths)
    slots = structure.schedule.slots
    along = np.random.default_rng(seed).standard_normal(len(slots))
    direction = np.zeros(len(structure.store.weights))
    direction[slots] = along = along / np.linalg.norm(along)
    backprop = math.fsum(along * structure.gradients)
    path_sum = math.fsum(step * path.gradient for step, path in zip(along, listed))
    scale = math.fsum(abs(step) * path.scale for step, path in zip(along, listed))
    difference = _difference(structure.store.weights, direction, measure, 1.0, backprop)
    return _compare("random direction", backprop, path_sum, difference, scale, error, structure.dtype)


def _compare(
    name: str, backprop: float, path_sum: float, difference: float, scale: float, error: float, dtype: str
) -> GradientRow:
    of_paths, of_differences = _TOLERANCES[dtype]
    allowed = of_differences * (scale + abs(error))
    return GradientRow(name, backprop, path_sum, difference, scale, of_paths * scale, allowed)


def _path_sum(paths: GradientPaths) -> float:
    return math.fsum(path.product for path in paths) if paths.count <= _LISTED else paths.gradient


def _difference(weights: Array, direction: Array, measure: Measure, size: float, expected: float) -> float:
    candidates = [_richardson(weights, direction, measure, step * size) for step in _STEPS]
    return min(candidates, key=lambda found: abs(found - expected))


def _richardson(weights: Array, direction: Array, measure: Measure, step: float) -> float:
    def central(h: float) -> float:
        return (measure(weights + h * direction) - measure(weights - h * direction)) / (2.0 * h)

    # A central difference is wrong by c·h² + O(h⁴): this combination of two cancels c, so that a step large enough for
    # few digits to cancel is exact enough, too.
    return (4.0 * central(step / 2.0) - central(step)) / 3.0


def _error_at(simulator: Simulator, x: Any, y: Any) -> Measure:
    inputs, targets, _ = simulator.pairs(x, y)

    def measure(weights: Array) -> float:
        # Differences need every digit: in float64, whatever the network's own numbers are.
        run = simulator.forward(inputs, weights=weights.astype(np.float64))
        return float(simulator.errors(run, targets).mean())

    return measure
