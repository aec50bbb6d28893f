"""The gradient check: backpropagation, the sum over paths, and finite differences, side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.checks.tangents import Tangents
from nodesim.graph.run import Run
from nodesim.graph.structure import Structure
from nodesim.graph.ties import Tie
from nodesim.network import Network
from nodesim.notation import markup
from nodesim.notation.symbols import number
from nodesim.notation.wrapping import padded
from nodesim.paths import GradientPaths
from nodesim.showing import shown
from nodesim.simulation.simulator import Simulator, simulator_of
from nodesim.validation import whole

_LISTED = 10_000
_NAMED_KINKS = 3
_TOGETHER = 256
# How many rows a notebook shows.
_SHOWN = 50
_HEADS = ("weight", "backprop", "path sum", "finite difference", "verdict")


@dataclass(frozen=True)
class GradientRow:
    """One comparison.

    Parameters
    ----------
    name : str
        The weight, or "random direction".
    backprop, path_sum, finite_difference : float
        The derivative of e, in three ways. At a kink each function may have any slope between those of its two sides;
        the finite difference then takes the one that is nearest to backprop's. In float32 it is rounded as backprop is.
    scale : float
        The sum of ``|product|`` over all paths.
    path_tolerance, difference_tolerance : float
        How far path sum and finite difference may lie from backprop.
    kinks : tuple of str
        Where e has no derivative, because a function that this weight moves is at a kink: "kink at H1",
        "kink of mae at OA1".
    one_sided : tuple of float
        There the slopes of e to its left and to its right, where the weight becomes smaller and larger; without a kink
        twice the finite difference.

    See Also
    --------
    GradientReport : All comparisons of a network.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([1, 1, 1], hidden="relu", bias=False, initializer="zeros")
    >>> net["W2"].weight = 1.0
    >>> row = ns.check_gradients(net, [2.0], [1.0]).rows[0]
    >>> row.ok, row.kinks, row.backprop, [round(slope, 6) for slope in row.one_sided]
    (True, ('kink at H1',), 0.0, [0.0, -4.0])
    """

    name: str
    backprop: float
    path_sum: float
    finite_difference: float
    scale: float
    path_tolerance: float
    difference_tolerance: float
    kinks: tuple[str, ...] = ()
    one_sided: tuple[float, float] = (math.nan, math.nan)

    @property
    def ok(self) -> bool:
        """Whether all three agree."""
        return (
            abs(self.path_sum - self.backprop) <= self.path_tolerance
            and abs(self.finite_difference - self.backprop) <= self.difference_tolerance
        )

    def __str__(self) -> str:
        numbers = (self.backprop, self.path_sum, self.finite_difference)
        return shown(
            padded(shown(self.name), 18) + "".join(f" {value:>20.12g}" for value in numbers) + f"  {self._verdict}"
        )

    @property
    def _verdict(self) -> str:
        verdict = "ok" if self.ok else f"DIFFERS (allowed {self.path_tolerance:.1e}, {self.difference_tolerance:.1e})"
        return f"{verdict}{self._bent}"

    @property
    def _bent(self) -> str:
        if not self.kinks:
            return ""
        more = len(self.kinks) - _NAMED_KINKS
        named = ", ".join(self.kinks[:_NAMED_KINKS]) + (f" and {more} more" if more > 0 else "")
        left, right = self.one_sided
        return f", {named}: e has the slopes {left:.6g} and {right:.6g} on its two sides"


def _cells(row: GradientRow) -> tuple[str, ...]:
    numbers = (row.backprop, row.path_sum, row.finite_difference)
    return row.name, *(f"{value:.12g}" for value in numbers), row._verdict


@dataclass(frozen=True)
class GradientReport:
    """The result of `check_gradients`: true if everything agrees; printing it shows a table.

    Parameters
    ----------
    rows : tuple of GradientRow
        One comparison for each weight; for a large network one, along a random direction.
    objective : str
        What was derived, in words, such as "e with the penalty l2(strength=0.01)"; empty for e, the plain mean of the
        samples' errors.

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
    objective: str = ""

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
        return "\n".join([*self._told, head, *map(str, self.rows), verdict])

    @property
    def _told(self) -> list[str]:
        return [f"derivatives of {self.objective}"] if self.objective else []

    def _repr_html_(self) -> str:
        # Those that differ come first: nobody should have to look for them.
        chosen = [*self.failures, *(row for row in self.rows if row.ok)][:_SHOWN]
        title = "all agree" if self.ok else f"{len(self.failures)} of {len(self.rows)} differ"
        more = markup.left_out(len(self.rows), len(chosen), "row")
        told = "".join(map(markup.line, self._told))
        return markup.line(title) + told + markup.table(_HEADS, [_cells(row) for row in chosen], "<>>><", more)

    def __repr__(self) -> str:
        shown = "".join(f"\n{row}" for row in self.failures[:10])
        agree = f"{len(self.rows) - len(self.failures)} of {len(self.rows)} agree"
        return f"<GradientReport: {', '.join([agree, *self._told])}>{shown}"


def check_gradients(
    network: Network, x: Any, y: Any, *, sample_weight: Any = None, class_weight: Any = None, l1: float | None = None,
    l2: float | None = None, regularizer: Any = None, clip: float | None = None, limit: int = 1000, seed: int = 0,
) -> GradientReport:  # fmt: skip
    """Compare backpropagation with the sum over all paths and with finite differences, weight by weight.

    Parameters
    ----------
    network : Network
        It is run forward and backward, and shows afterwards what it showed before: values, gradients, all.
    x, y : array_like
        One sample or a batch, as for `Network.forward` and `Network.backward`.
    sample_weight : array_like of shape (n_samples,), optional
        How much each sample counts, as for `Network.backward` and `Network.fit`.
    class_weight : mapping from class to weight, or "balanced", optional
        How much the samples of each class count.
    l1, l2 : float, optional
        Strengths of penalties that are added to e.
    regularizer : str, Regularizer, or list of these, optional
        Other penalties.
    clip : float, optional
        How long the gradient may be. All three numbers are multiplied by what backpropagation multiplies gradients by.
    limit : int
        Networks with more connections are checked along one random direction instead of weight by weight. A tied weight
        has a row for each use, and one in which all uses move at once.
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
    The paths are listed where there are at most 10,000, else summed by dynamic programming; rounding apart, they must
    agree with backprop to 1e-12 of the sum of ``|product|``.

    The finite differences see no derivative that an author wrote: every activation and the loss are differenced at the
    very numbers that the run left there, on either side by itself and by steps that reach over no kink, and multiplied
    on from the weight to e, the other way round than backpropagation does. So there is no error of the last digits of e
    to be divided by a small step, near an exact fit neither. Each difference knows its own bounds, from the rounding of
    the values that it is made of; these multiply on, too, and are the tolerance, mostly some 1e-7 of the sum of
    ``|product|``. It is wider where few digits are left: where nodes are saturated, outputs nearly fit, or inputs are
    in the hundreds. A wrong derivative is found where it moves a gradient by more than that.

    In float32 what is differenced is compared with what the authors' derivatives are in double precision, by the same
    tolerance, and that with backprop by what rounding to float32 explains, mostly some 1e-5.

    At a kink (of relu at 0, of mae where an output is its target) e has no derivative but one to each side. There a
    slope is right if it lies between those of its function's two sides; all else must agree as elsewhere. A kink nearer
    than about 1e-9 counts as one.

    O(connections · (nodes + connections) · samples) weight by weight, O((nodes + connections) · samples) along a random
    direction, and O(outputs² · samples) for the loss.

    References
    ----------
    Article, sections 3 and 4.

    Examples
    --------
    >>> import nodesim as ns
    >>> bool(ns.check_gradients(ns.Network.layered([2, 2, 2], seed=0), [0.05, 0.1], [0.01, 0.99]))
    True
    >>> ns.check_gradients(ns.Network.layered([2, 2, 2], seed=0), [0.05, 0.1], [0.01, 0.99], l2=0.01).objective
    'e with the penalty l2(strength=0.01)'
    """
    simulator = simulator_of(network, "check_gradients checks a network")
    limit, seed = whole(limit, "limit", 0), whole(seed, "seed", 0)
    objective = {
        "sample_weight": sample_weight, "class_weight": class_weight, "l1": l1, "l2": l2, "regularizer": regularizer,
        "clip": clip,
    }  # fmt: skip
    with simulator.structure.store.as_before(simulator.structure.schedule.slots):
        return _checked(network, simulator, (x, y), objective, limit, seed)


def _checked(
    network: Network, simulator: Simulator, samples: tuple[Any, Any], objective: dict[str, Any], limit: int, seed: int
) -> GradientReport:
    inputs, _, _ = simulator.pairs(*samples)
    network.forward(samples[0])
    network.backward(samples[1], **objective)
    paths = [network.paths(connection) for connection in network.connections]
    tangents = Tangents(paths[0].derivatives, inputs, network.dtype)
    told = _objective(paths[0].derivatives.run)
    if len(paths) <= limit:
        rows = _each(simulator.structure, paths, tangents)
        tied = (_tied(simulator.structure, tie, paths, tangents) for tie in network.ties)
        return GradientReport((*rows, *tied), told)
    return GradientReport((_random(simulator.structure, paths, tangents, seed),), told)


def _objective(run: Run) -> str:
    """Say what a backward derived, where that is more than the mean of the samples' errors."""
    parts = ["its samples weighted"] if run.shares is not None else []
    if run.penalties:
        names = ", ".join(str(penalty.regularizer) for penalty in run.penalties)
        parts.append(f"the {'penalty' if len(run.penalties) == 1 else 'penalties'} {names}")
    if run.clip is not None:
        parts.append(f"its gradient clipped, × {number(run.clip, 4)}")
    return shown(f"e with {', '.join(parts)}") if parts else ""


def _each(structure: Structure, paths: Sequence[GradientPaths], tangents: Tangents) -> tuple[GradientRow, ...]:
    rows: list[GradientRow] = []
    for first in range(0, len(paths), _TOGETHER):
        block = slice(first, first + _TOGETHER)
        slots, some = structure.schedule.slots[block], paths[block]
        directions = np.zeros((len(some), len(structure.store.weights)))
        directions[np.arange(len(some)), slots] = 1.0
        names = [connection.name for connection in structure.schedule.connections[block]]
        sums, scales = [_path_sum(path) for path in some], [path.scale for path in some]
        rows += _rows(names, structure.gradients[block], sums, scales, directions, tangents)
    return tuple(rows)


def _tied(structure: Structure, tie: Tie, paths: Sequence[GradientPaths], tangents: Tangents) -> GradientRow:
    """Return the row of a tied weight, all uses of which are moved at once."""
    places = [structure.schedule.index_of_number(number) for number in tie.numbers]
    directions = np.zeros((1, len(structure.store.weights)))
    directions[0, structure.schedule.slots[places]] = 1.0
    path_sum, scale = (math.fsum(numbers) for numbers in zip(*((_path_sum(paths[k]), paths[k].scale) for k in places)))
    (row,) = _rows([tie.name], np.array([tie.gradient]), [path_sum], [scale], directions, tangents)
    return row


def _random(structure: Structure, paths: Sequence[GradientPaths], tangents: Tangents, seed: int) -> GradientRow:
    slots = structure.schedule.slots
    along = np.random.default_rng(seed).standard_normal(len(slots))
    along /= np.linalg.norm(along)
    directions = np.zeros((1, len(structure.store.weights)))
    directions[0, slots] = along
    backprop = math.fsum(along * structure.gradients)
    path_sum = math.fsum(step * path.gradient for step, path in zip(along, paths))
    scale = math.fsum(abs(step) * path.scale for step, path in zip(along, paths))
    (row,) = _rows(["random direction"], np.array([backprop]), [path_sum], [scale], directions, tangents)
    return row


def _rows(
    names: Sequence[str], backprop: Array, sums: Sequence[float], scales: Sequence[float], directions: Array,
    tangents: Tangents,
) -> tuple[GradientRow, ...]:  # fmt: skip
    found, allowed = tangents.along(directions), tangents.tolerances
    rounding = tangents.rounding(directions, backprop)
    derivatives, left, right = ((each + rounding).tolist() for each in (found.derivatives, found.left, found.right))
    columns = (
        names, backprop.tolist(), sums, derivatives, scales,
        (np.abs(directions) @ allowed.paths).tolist(), (np.abs(directions) @ allowed.differences).tolist(),
        found.kinks, zip(left, right),
    )  # fmt: skip
    return tuple(GradientRow(*row) for row in zip(*columns))


def _path_sum(paths: GradientPaths) -> float:
    return math.fsum(path.product for path in paths) if paths.count <= _LISTED else paths.gradient
