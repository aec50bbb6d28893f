"""The gradients of one weight in some updates, kept so that each can be multiplied with a factor of its own."""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array, Indices


class Summed:
    """The gradients of one weight in a chunk, in pieces: what each sample and part adds to that of its update.

    Parameters
    ----------
    n_updates : int
    axis : int
        By which samples are told apart in columns.
    """

    def __init__(self, n_updates: int, axis: int) -> None:
        self.axis = axis
        self.gradients = np.zeros(n_updates)
        # What is multiplied with factors, and summed: of each piece for itself, so that memory is that of one.
        self._kept: list[tuple[Array, Array]] = []
        self._single = n_updates == 1
        self._own: list[tuple[Indices, Array]] = []

    def add(self, sent: Array, samples: Indices, parts: Array, total: Array) -> None:
        """Add some samples: what the source sent, times their share; their parts of ∂e/∂H and all of that."""
        own = sent * total
        self.gradients += own.sum(axis=self.axis)
        table = parts.reshape(len(parts), sent.size)
        self._kept.append((table @ sent.reshape(-1), np.ones(1)) if self._single else (table, sent))
        self._own.append((samples, own))

    def times(self, factors: Array, n_samples: int) -> tuple[Array, Array]:
        """Return the sums over all updates, each times a factor, by part and by sample."""
        by_sample, by_part = np.zeros(n_samples), np.zeros(len(self._kept[0][0]))
        shaped = factors if self.axis == 0 else factors[:, None]
        for parts, sent in self._kept:
            by_part += parts * factors[0] if self._single else parts @ (sent * shaped).reshape(-1)
        for samples, own in self._own:
            by_sample += np.bincount(samples.reshape(-1), (own * shaped).reshape(-1), n_samples)
        return by_part, by_sample
