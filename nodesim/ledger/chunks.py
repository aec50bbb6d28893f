"""The updates of a note, some at a time, in the layout of their columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.graph.schedule import Schedule
from nodesim.ledger.columns import layout
from nodesim.simulation.dropout import Dropout
from nodesim.training.following import Updates


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some updates of a block, in the layout of their columns.

    Attributes
    ----------
    weights : ndarray of shape (n_updates + 1, n_slots)
    samples : ndarray of int, shape ``(*shape,)``
        Which sample each column is of; where an update has fewer, one of them again.
    shares : ndarray of shape ``(*shape,)``
        By what the derivatives of each sample's error are multiplied in the gradient of its update: 1 / how many
        samples that has, or its part of their weights, and the clipping; 0 where there is none.
    rates : ndarray of shape (n_updates,)
    clips : ndarray of shape (n_updates,)
        By what the gradients were multiplied, so that they were short enough.
    dropped : ndarray of uint8, shape ``(*shape, n_bytes)``, or None
        As `nodesim.training.following.Updates` has them.
    """

    weights: Array
    samples: Indices
    shares: Array
    rates: Array
    clips: Array
    dropped: Any = None

    def pieces(self, number: int, axis: int) -> Iterator[Chunk]:
        """Yield it in pieces that have some of the samples each, which are told apart by an axis."""
        if number == 1:
            yield self
            return
        several = (
            [None] * number if table is None else np.array_split(table, number, axis)
            for table in (self.samples, self.shares, self.dropped)
        )
        for samples, shares, dropped in zip(*several):
            yield replace(self, samples=samples, shares=shares, dropped=dropped)

    def mask(self, schedule: Schedule, dropout: Dropout | None) -> Array | None:
        """Return by what HA of each node was multiplied, shape ``(n_rows, *shape)``; None where nothing was dropped."""
        if self.dropped is None or dropout is None:
            return None
        rows, probabilities = dropout.rows, dropout.probabilities
        mask = np.ones((schedule.n_rows, *self.samples.shape))
        bits = np.moveaxis(np.unpackbits(self.dropped, axis=-1, count=len(rows)), -1, 0)
        mask[rows] = np.where(bits, 0.0, (1.0 / (1.0 - probabilities))[:, None, None])
        return mask


def chunks(updates: Updates, schedule: Schedule, columns: int, weights: Array | None) -> Iterator[Chunk]:
    """Yield the updates of a note, so many columns at a time or one update.

    Parameters
    ----------
    updates : Updates
    schedule : Schedule
    columns : int
    weights : ndarray of shape (n_samples,) or None
        Those of the samples.
    """
    batch = int(updates.counts.max())
    kind, each = layout(schedule, batch), max(1, columns // batch)
    ends = np.cumsum(updates.counts)
    for low in range(0, len(updates.counts), each):
        some = slice(low, low + each)
        counts, first = updates.counts[some], (ends - updates.counts)[some]
        place = np.arange(int(counts.max()))[:, None]
        own = np.minimum(place, counts - 1)
        samples = own if updates.samples is None else updates.samples[first + own]
        shares = (place < counts) / counts if weights is None else _parts((place < counts) * weights[samples])
        shares *= updates.clips[some]
        dropped = None if updates.dropped is None else updates.dropped[first + own]
        if not kind.samples_first:
            samples, shares = samples.T, shares.T
            dropped = None if dropped is None else dropped.transpose(1, 0, 2)
        yield Chunk(
            updates.weights[low : low + each + 1], samples, shares, updates.rates[some], updates.clips[some], dropped
        )


def _parts(weights: Array) -> Array:
    """Return weights as parts of the sum of their column."""
    # Sums of large weights may leave the finite numbers; their parts of the largest do not.
    parts = weights / weights.max(axis=0)
    found: Array = parts / parts.sum(axis=0)
    return found
