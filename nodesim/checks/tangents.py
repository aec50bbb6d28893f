"""Derivatives of e the other way round than backpropagation: from a change of the weights forward to e.

Where the weights move by t·d, every sum H moves by t·Ḣ and every HA by t·HȦ: Ḣ = Σ (W·HȦ + d·HA), HȦ = ∂HA/∂H·Ḣ. Where
H is no sum, it is the derivative of H along the contributions' W·HȦ + d·HA.
That is exact for whatever slopes it is given, and at a kink, too: there HA moves by the slope of the side to which H
moves, however many nodes are at theirs at once.

References
----------
Griewank, A., A. Walther, "Evaluating Derivatives" (2nd edition, SIAM 2008), section 3.1 (the forward mode) and
chapter 14 (differentiation where there are kinks).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from nodesim._arrays import Array, Mask
from nodesim.checks import differences
from nodesim.checks.differences import Differenced
from nodesim.checks.joins import DifferencedJoins
from nodesim.checks.penalties import DifferencedPenalties
from nodesim.engines.joins import partials_of_run
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.directions import from_error
from nodesim.gradients.propagation import by_column
from nodesim.gradients.quantities import Quantity

# How many numbers of nodes, directions and samples are calculated at once.
_MOST_NUMBERS = 4_000_000
# Of the sum of |product|: what two orders of summation, and two ways to write a derivative, may differ by.
_EQUAL = 1e-12
# ∂H/∂c of every connection, and how far it may be off.
_Parts = tuple[Array, Array] | None


@dataclass(frozen=True, slots=True)
class Along:
    """What finite differences say of some directions.

    Attributes
    ----------
    derivatives, left, right : ndarray of shape (n_directions,)
        The derivatives of e and, where they lead away from a kink, those of its two sides.
    kinks : list of tuple of str
        For each direction the kinks that it leads away from.
    """

    derivatives: Array
    left: Array
    right: Array
    kinks: list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How far two ways to a right gradient may lie apart, by slot.

    Attributes
    ----------
    paths : ndarray of shape (n_slots,)
        How far a sum over all paths may be away from the gradient.
    differences : ndarray of shape (n_slots,)
        How far finite differences may be away from one that is calculated in double precision.
    rounding : ndarray of shape (n_slots,)
        How far that one may be away from the gradient; 0 where the network itself calculates in double precision.
    """

    paths: Array
    differences: Array
    rounding: Array


class _Moved(NamedTuple):
    """What moves along some directions.

    Attributes
    ----------
    errors : ndarray of shape (n_directions,)
        ė.
    sums : ndarray of shape (n_rows, n_directions, n_samples)
        Ḣ of every node.
    outputs : ndarray of shape (n_outputs, n_directions, n_samples)
        O where of_sums, else OA.
    bent : dict of int to ndarray of bool, shape (n_directions, n_samples)
        For each join, by its row, where it leads away from a kink.
    """

    errors: Array
    sums: Array
    outputs: Array
    bent: dict[int, Mask]


class Tangents:
    """The derivatives of e along directions, by finite differences of the functions alone.

    Parameters
    ----------
    graph : DerivativeGraph
        Of the backward that is checked; its run says where, and which slope was chosen at a kink.
    inputs : ndarray of shape (n_inputs, n_samples)
    dtype : str
        What the network calculates in.
    """

    def __init__(self, graph: DerivativeGraph, inputs: Array, dtype: str) -> None:
        self._graph = graph
        self._dtype = dtype
        self._value, self._activated = differences.numbers(graph, inputs, dtype)
        self._nodes = differences.of_nodes(graph, self._value, dtype)
        self._loss = differences.of_loss(graph, self._value, self._activated, dtype)
        self._penalties = DifferencedPenalties(graph, dtype)
        self._joins = None if graph.partials is None else DifferencedJoins(graph, self._activated, dtype)

    def along(self, directions: Array) -> Along:
        """Return the derivatives along directions, shape (n_directions, n_slots)."""
        together = max(1, _MOST_NUMBERS // self._activated.size)
        parts = [self._some(directions[first : first + together]) for first in range(0, len(directions), together)]
        derivatives, left, right = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("derivatives", "left", "right")
        )
        return Along(derivatives, left, right, [kinks for part in parts for kinks in part.kinks])

    def _some(self, directions: Array) -> Along:
        moved = self._moved(directions)
        derivatives = moved.errors + self._penalties.along(directions)
        kinks = [(*own, *self._penalties.kinks(each)) for own, each in zip(self._kinks(moved), directions)]
        left, right = derivatives.copy(), derivatives.copy()
        bent = [place for place, found in enumerate(kinks) if found]
        if bent:
            right[bent] = 0.0 + self._to_one_side(directions[bent])
            left[bent] = 0.0 - self._to_one_side(-directions[bent])
        return Along(derivatives, left, right, kinks)

    def _to_one_side(self, directions: Array) -> Array:
        return self._moved(directions, one_sided=True).errors + self._penalties.along(directions, one_sided=True)

    def _moved(self, directions: Array, *, one_sided: bool = False) -> _Moved:
        """Return what moves along each direction: by the slopes used, or by those of the sides to which it moves."""
        function = Differenced.towards if one_sided else Differenced.towards_nearest
        schedule, weights, activated = self._graph.schedule, self._graph.weights, self._activated
        sums = np.zeros((schedule.n_rows, len(directions), activated.shape[1]))
        moved, bent = np.zeros_like(sums), {}
        with np.errstate(all="ignore"):
            for task in schedule.calculated:
                if self._joins is not None and task.row in self._joins:
                    coming = weights[task.source_slots][:, None, None] * moved[task.sources]
                    coming += directions.T[task.source_slots][:, :, None] * activated[task.sources][:, None]
                    sums[task.row], bent[task.row] = self._joins.moved(task.row, coming, one_sided=one_sided)
                else:
                    fed = np.tensordot(weights[task.source_slots], moved[task.sources], 1)
                    sums[task.row] = fed + directions[:, task.source_slots] @ activated[task.sources]
                moved[task.row] = function(self._nodes, task.row, sums[task.row])
            outputs = (sums if self._graph.of_sums else moved)[schedule.output_rows]
            errors = sum(function(self._loss, place, out) for place, out in enumerate(outputs))
        return _Moved(np.asarray(errors).mean(axis=1), sums, outputs, bent)

    def _kinks(self, moved: _Moved) -> list[tuple[str, ...]]:
        """Return for each direction where it leads away from a kink, and e feels that."""
        graph = self._graph
        found: list[list[str]] = [[] for _ in range(moved.sums.shape[1])]
        arriving = self._arriving(self._nodes.steepest, self._loss.steepest, self._parts("steepest")) > 0.0
        for row, bent in moved.bent.items():
            node = graph.schedule.nodes[row]
            _note(found, f"kink of {graph.aggregations[node].name} at {node.name}", bent & arriving[row])
        felt = self._nodes.kink & arriving
        for row in np.flatnonzero(felt.any(axis=1)).tolist():
            _note(found, f"kink at {graph.schedule.nodes[row].name}", moved.sums[row][:, felt[row]])
        for place in np.flatnonzero(self._loss.kink.any(axis=1)).tolist():
            read = Quantity("sum" if graph.of_sums else "activated", graph.schedule.outputs[place])
            _note(found, f"kink of {graph.loss.name} at {read.name}", moved.outputs[place][:, self._loss.kink[place]])
        return [tuple(kinks) for kinks in found]

    @cached_property
    def tolerances(self) -> Tolerances:
        """Return how far path sums and differences may be away from a right gradient.

        Slopes that are off by no more than their own bounds multiply to a product that is off by no more than what the
        products of the largest and of the given slopes differ by; added up over all paths, that bounds the gradient.
        """
        nodes, loss = self._nodes, self._loss
        used = np.abs(self._graph.slopes), np.abs(np.array(list(self._graph.output_gradients.values())))
        differenced = np.abs(nodes.slope), np.abs(loss.slope)
        digits = 8.0 * differences.rounding_of(self._dtype)
        parts = None if self._joins is None else self._joins.parts
        used_parts = None if parts is None else (np.abs(self._used_parts), digits * parts.bend)
        paths = self._bound(self._dtype, *used, digits * nodes.bend, np.zeros_like(used[1]), used_parts)
        slope = None if parts is None else np.abs(parts.slope)
        exact_parts = None if parts is None or slope is None else (slope, parts.error)
        exact = self._bound("float64", *differenced, nodes.error, loss.error, exact_parts)
        own = self._penalties
        paths, exact = paths + own.paths, exact + own.differences
        if self._dtype == "float64":
            return Tolerances(paths, exact, np.zeros_like(exact))
        wide = nodes.error + nodes.rounded, loss.error + loss.rounded
        wide_parts = None if parts is None or slope is None else (slope, parts.error + parts.rounded)
        rounding = self._bound(self._dtype, *differenced, *wide, wide_parts) + own.rounding
        return Tolerances(paths, exact, rounding)

    @property
    def _used_parts(self) -> Array:
        """∂H/∂c as the run's derivatives have it."""
        assert self._graph.partials is not None
        return self._graph.partials

    def _parts(self, name: str) -> Array | None:
        """Return something of ∂H/∂c of every connection; None where all nodes are sums."""
        return None if self._joins is None else getattr(self._joins.parts, name)

    @cached_property
    def exact(self) -> Array:
        """Return by slot the gradients that the authors' derivatives have in double precision, at the run's numbers."""
        graph = self._graph
        slopes, entering = differences.in_double(graph, self._value, self._activated)
        parts = partials_of_run(graph.schedule, graph.weights, self._activated, self._value)
        reached = self._reached(slopes, entering, graph.weights[graph.schedule.slots], parts)
        return self._sent(self._activated, reached, parts) + self._penalties.exact

    def rounding(self, directions: Array, backprop: Array) -> Array:
        """Return what part of some derivatives is rounding to less than double precision, where that explains it."""
        if self._dtype == "float64":
            return np.zeros(len(directions))
        most = np.abs(directions) @ self.tolerances.rounding
        return np.asarray(np.clip(backprop - directions @ self.exact, -most, most))

    def _bound(
        self, dtype: str, slopes: Array, entering: Array, of_slopes: Array, of_entering: Array, parts: _Parts = None
    ) -> Array:
        summed = self._summation(dtype)
        largest = slopes * (1.0 + summed) + of_slopes
        entered = entering * (1.0 + summed[self._graph.schedule.output_rows]) + of_entering
        own = most = None
        if parts is not None:
            own, off = parts
            most = own * (1.0 + summed[self._graph.schedule.targets]) + off
        scale = self._by_slot(slopes, entering, own)
        # What is smaller than the smallest number has lost digits to the end of the range.
        smallest = float(np.finfo(dtype).tiny)
        return self._by_slot(largest, entered, most) - scale + _EQUAL * scale + smallest

    def _summation(self, dtype: str) -> Array:
        """By row, what part of its terms the rounding of a node's sums is, over connections and over samples."""
        schedule = self._graph.schedule
        ends = np.concatenate((schedule.sources, schedule.targets))
        terms = np.bincount(ends, minlength=schedule.n_rows) + self._graph.n_samples
        # Roundings of either sign: a sum of n terms is off by the square root of n of them.
        summation: Array = differences.rounding_of(dtype) * (2.0 + np.sqrt(terms))[:, None]
        return summation

    def _arriving(self, slopes: Array, entering: Array, parts: Array | None) -> Array:
        """Return the sum of ``|product|`` over all paths from e to H of every node."""
        return self._reached(slopes, entering, np.abs(self._graph.weights[self._graph.schedule.slots]), parts)

    def _reached(self, slopes: Array, entering: Array, weights: Array, parts: Array | None) -> Array:
        passed = weights if parts is None else by_column(weights[:, None] * parts)
        schedule, entries = self._graph.schedule, np.zeros_like(slopes)
        entries[schedule.output_rows] = entering * (1.0 if self._graph.of_sums else slopes[schedule.output_rows])
        with np.errstate(all="ignore"):
            return np.asarray(from_error(schedule).propagate(entries, passed, slopes))

    def _by_slot(self, slopes: Array, entering: Array, parts: Array | None) -> Array:
        """Return the sum of ``|product|`` over all paths from e to every weight, the mean over the samples."""
        return self._sent(np.abs(self._activated), self._arriving(slopes, entering, parts), parts)

    def _sent(self, sent: Array, arriving: Array, parts: Array | None) -> Array:
        found = np.zeros(len(self._graph.weights))
        if parts is not None:
            schedule = self._graph.schedule
            with np.errstate(all="ignore"):
                products = sent[schedule.sources] * parts * arriving[schedule.targets]
            found[schedule.slots] = products.sum(axis=1) / self._graph.n_samples
            return found
        with np.errstate(all="ignore"):
            for task in self._graph.schedule.calculated:
                found[task.source_slots] = sent[task.sources] @ arriving[task.row] / self._graph.n_samples
        return found


def _note(found: list[list[str]], kink: str, moved: Array) -> None:
    for place in np.flatnonzero((moved != 0.0).any(axis=1)):
        found[place].append(kink)
