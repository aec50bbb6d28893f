"""Connections that NumPy calculates at once: dense ones as matrices, sparse ones gathered, by the number of ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices
from nodesim.graph.index_arrays import Places, places, ranges

# A matrix of fewer connections gains nothing from BLAS.
_SMALLEST = 4
# Nodes with up to a quarter more ends are gathered together, the missing ends being padding.
_CLASSES = np.unique(np.floor(1.25 ** np.arange(0, 90)).astype(np.intp))


@dataclass(frozen=True, slots=True)
class DenseMatrix:
    """Every one of some sources feeds every one of some targets: a matrix of weights.

    Attributes
    ----------
    sources, targets : slice or ndarray
        Rows.
    slots : ndarray of shape (n_sources, n_targets)
    start : int or None
        Where the matrix stands contiguously among the weights; None if it does not.
    by_target : bool
        Whether it stands there target by target.
    """

    sources: Places
    targets: Places
    slots: Indices
    start: int | None
    by_target: bool

    def in_place(self, numbers: Array) -> Array | None:
        """Return numbers by slot as a matrix (n_sources, n_targets), a view; None if they do not stand so."""
        if self.start is None:
            return None
        part = numbers[self.start : self.start + self.slots.size]
        rows, columns = self.slots.shape
        return part.reshape(columns, rows).T if self.by_target else part.reshape(rows, columns)


@dataclass(frozen=True, slots=True)
class Gather:
    """Some nodes, each with its own ends of connections, padded to one number of ends.

    Attributes
    ----------
    rows : slice or ndarray of shape (n,)
    ends : ndarray of shape (n, n_ends)
        Rows of the nodes at the other ends.
    slots : ndarray of shape (n, n_ends)
        Padding has the slot behind the last one, whose weight is 0.
    """

    rows: Places
    ends: Indices
    slots: Indices


def dense_matrices(sources: Indices, targets: Indices, slots: Indices) -> tuple[list[DenseMatrix], NDArray[np.bool_]]:
    """Find the dense matrices among the connections into the nodes of one depth.

    Parameters
    ----------
    sources, targets, slots : ndarray of shape (n,)
        Sorted by target, then by source.

    Returns
    -------
    list of DenseMatrix
    ndarray of bool, shape (n,)
        Which connections they contain.
    """
    inside = np.zeros(len(targets), dtype=bool)
    if len(targets) < _SMALLEST:
        return [], inside
    starts = np.flatnonzero(np.diff(targets, prepend=-1))
    counts = np.diff(starts, append=len(targets))
    found = []
    for members in _alike(sources, starts, counts):
        width = int(counts[members[0]])
        if len(members) < 2 or len(members) * width < _SMALLEST:
            continue
        places_of = starts[members][:, None] + np.arange(width)
        inside[places_of] = True
        found.append(_dense(sources[places_of[0]], targets[starts[members]], slots[places_of].T))
    return found, inside


def _alike(sources: Indices, starts: Indices, counts: Indices) -> Iterator[Indices]:
    """Yield the targets, by their number, that are fed by the same sources."""
    if not len(starts):
        return
    # Sums of random numbers tell sets of sources apart; what has one sum is compared for certain.
    marks = np.random.default_rng(0).integers(2**62, size=int(sources.max()) + 1, dtype=np.uint64)
    sums = np.add.reduceat(marks[sources], starts)
    order = np.lexsort((sums, counts))
    changes = np.diff(sums[order]).astype(bool) | np.diff(counts[order]).astype(bool)
    for members in np.split(order, np.flatnonzero(changes) + 1):
        chosen = np.sort(members)
        own = sources[starts[chosen][:, None] + np.arange(counts[chosen[0]])]
        if (own == own[0]).all():
            yield chosen


def _dense(sources: Indices, targets: Indices, slots: Indices) -> DenseMatrix:
    # Weights that stand contiguously are used as a view: no copy before BLAS, and gradients are written in place.
    start, size = int(slots.min()), slots.size
    count = np.arange(start, start + size)
    by_source = bool((slots.ravel() == count).all())
    by_target = not by_source and bool((slots.T.ravel() == count).all())
    whole = start if by_source or by_target else None
    return DenseMatrix(places(sources), places(targets), slots, whole, by_target)


def gathers(rows: Indices, ends: Indices, slots: Indices, padding: int) -> list[Gather]:
    """Return groups of nodes with about as many ends.

    Parameters
    ----------
    rows, ends, slots : ndarray of shape (n,)
        For each connection the node that it is looked at from, the node at the other end, and the slot;
        sorted by `rows`.
    padding : int
        The slot of missing ends.
    """
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    counts = np.diff(starts, append=len(rows))
    classes = np.searchsorted(_CLASSES, counts)
    return [_gather(starts[chosen], counts[chosen], rows, ends, slots, padding) for chosen in _by(classes)]


def _gather(starts: Indices, counts: Indices, rows: Indices, ends: Indices, slots: Indices, padding: int) -> Gather:
    width = int(counts.max())
    taken = np.arange(width) < counts[:, None]
    all_ends, all_slots = np.zeros(taken.shape, np.intp), np.full(taken.shape, padding, np.intp)
    chosen = ranges(starts, starts + counts)
    all_ends[taken], all_slots[taken] = ends[chosen], slots[chosen]
    return Gather(places(rows[starts]), all_ends, all_slots)


def _by(classes: Indices) -> Sequence[Indices]:
    if not len(classes):
        return []
    order = np.argsort(classes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(classes[order])) + 1)
