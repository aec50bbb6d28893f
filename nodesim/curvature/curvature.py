"""All second derivatives of e of one run, by pairs of weights: the matrix, products with it, single entries."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from nodesim._arrays import Array
from nodesim.curvature.bends import Bends
from nodesim.curvature.second_derivatives import of_regularizer
from nodesim.curvature.sweeps import Products, Tangents
from nodesim.errors import ArgumentError, FunctionError, NonFiniteError
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.validation import position

# How many numbers of nodes, directions and samples are calculated at once.
_MOST_NUMBERS = 4_000_000
# 200 MB.
MOST_WEIGHTS = 5_000


class Curvature:
    """The second derivatives of e of a run, the mean over its samples, or those of one of them.

    Parameters
    ----------
    graph : DerivativeGraph
        Of e.
    sample : int, optional
        Which sample alone.

    Raises
    ------
    FunctionError
        If the gradient of this run was cut back.
    PositionError
        If there is no such sample.

    Attributes
    ----------
    graph : DerivativeGraph
    samples : range
        Those that are looked at.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 1], seed=0)
    >>> _, _ = net.forward([0.5, 1.0]), net.backward([1.0])
    >>> Curvature(net.paths("W1").derivatives).matrix.shape
    (9, 9)
    """

    def __init__(self, graph: DerivativeGraph, sample: int | None = None) -> None:
        clip = graph.run.clip
        if clip is not None and clip != 1.0:
            raise FunctionError(
                f"clip has cut this gradient back to {clip:.6g} of its length: it is that of no error any more, and "
                "has no matrix of second derivatives. Run network.backward(y) without clip."
            )
        self.graph = graph
        first = 0 if sample is None else position(sample, graph.n_samples, "sample")
        self.samples = range(first, graph.n_samples if sample is None else first + 1)

    @property
    def n_weights(self) -> int:
        """How many weights there are."""
        return len(self.graph.schedule.slots)

    @cached_property
    def penalties(self) -> tuple[tuple[str, Array], ...]:
        """The second derivatives of what is added to e, with its name, by each weight alone."""
        schedule, found = self.graph.schedule, []
        for penalty in self.graph.start.penalties:
            by_slot = np.zeros_like(self.graph.weights)
            with np.errstate(all="ignore"):
                by_slot[schedule.slots] = of_regularizer(penalty.regularizer, self.graph.weights[schedule.slots])
            if schedule.shared is not None:
                # A tied weight is one weight: its term stands beside the first use.
                schedule.shared.clear(by_slot)
            found.append((penalty.label, by_slot[schedule.slots]))
        return tuple(found)

    @cached_property
    def matrix(self) -> Array:
        """The matrix of all second derivatives, in connection order.

        Raises
        ------
        ArgumentError
            If it is too large.
        """
        if self.n_weights > MOST_WEIGHTS:
            raise ArgumentError(
                f"the matrix of the second derivatives by {self.n_weights:,} weights has {self.n_weights**2:,} "
                f"numbers; it is for networks of at most {MOST_WEIGHTS:,} weights. network.hvp(v) multiplies it with a "
                'vector without making it, and network.hessian("W1", "W7") calculates one entry.'
            )
        found = self.products(np.eye(self.n_weights))
        # Symmetric to the last digit: of the two ways to an entry one counts.
        upper = np.triu(found)
        upper += np.triu(found, 1).T
        return upper

    def products(self, directions: Array) -> Array:
        """Return the matrix times some directions, both of shape (n_directions, n_weights).

        Raises
        ------
        NonFiniteError
            If one is not finite.
        """
        found = np.zeros_like(directions)
        for bends in self.bends():
            together = max(1, _MOST_NUMBERS // max(bends.activated.size, 1))
            for first in range(0, len(directions), together):
                part = slice(first, first + together)
                found[part] += Products(Tangents(bends, directions[part])).totals()
        found /= len(self.samples)
        for _, penalty in self.penalties:
            found += directions * penalty
        self._check(found)
        return found

    def _check(self, found: Array) -> None:
        bad = np.flatnonzero(~np.isfinite(found).all(axis=0))
        if len(bad):
            name = self.graph.schedule.connections[int(bad[0])].name
            raise NonFiniteError(f"the second derivatives by {name} are not finite.")

    def bends(self) -> Iterator[Bends]:
        """Yield the samples, as many together as there is room for."""
        rows = self.graph.schedule.n_rows
        together = max(1, _MOST_NUMBERS // max(rows, 1))
        for first in range(self.samples.start, self.samples.stop, together):
            yield self._bends(first, min(first + together, self.samples.stop))

    def _bends(self, first: int, end: int) -> Bends:
        if (first, end) != (self.samples.start, self.samples.stop):
            return Bends(self.graph, slice(first, end))
        return self._all

    @cached_property
    def _all(self) -> Bends:
        return Bends(self.graph, slice(self.samples.start, self.samples.stop))

    def by_sample(self, one: Array, other: Array) -> Array:
        """Return one direction times the matrix times another one, for each sample, shape (n_samples,).

        Parameters
        ----------
        one, other : ndarray of shape (n_weights,)
        """
        met = np.flatnonzero(other)
        parts = []
        for bends in self.bends():
            products = Products(Tangents(bends, one[None])).of(met)
            parts.append(other[met] @ products[:, 0])
        found: Array = np.concatenate(parts)
        for _, penalty in self.penalties:
            found = found + (one * penalty) @ other
        if not np.isfinite(found).all():
            raise NonFiniteError("this second derivative is not finite.")
        return found
