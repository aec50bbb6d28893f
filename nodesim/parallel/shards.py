"""How a batch is cut into shards, and in which order what they come to is added up.

Both are functions of the network and the number of samples alone. A sum of floating-point numbers depends on the order
in which they are added: as long as that is the same, so is every bit, whoever calculates a shard. The order is that of
a balanced tree, of which a process that has several shards of a row can add up a whole branch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices
from nodesim.engines.compiled import seconds
from nodesim.graph.schedule import Schedule

# Samples in a shard: with fewer it costs as much to add up gradients as to calculate them. And its work, in seconds:
# with less the call costs as much as its numbers.
_SAMPLES, _WORTH = 64, 2e-3
# Shards of a batch: at least, so that who asks for several processes gets two, and at most.
_LEAST, MOST = 2, 32


class Part(NamedTuple):
    """What some samples add to the mean error of a batch, and to its gradient.

    Attributes
    ----------
    error : float
    gradients : ndarray of shape (n,)
    """

    error: float
    gradients: Array


class Shard(NamedTuple):
    """Some samples that are calculated together.

    Attributes
    ----------
    rows : slice or ndarray of int
        Which samples.
    shares : ndarray of shape (n_samples,), or None
    mask : ndarray of shape (n_rows, n_samples), or None
    """

    rows: Any
    shares: Array | None
    mask: Array | None


class Mask(NamedTuple):
    """Which nodes are dropped, a bit for each node and sample.

    Attributes
    ----------
    bits : ndarray of bytes, shape (n_samples, n)
    factors : ndarray of shape (n_rows,)
        By what each node is multiplied where it is not dropped.
    """

    bits: NDArray[np.uint8]
    factors: Array

    @classmethod
    def packed(cls, mask: Array) -> Mask:
        """Return a mask, shape (n_rows, n_samples), of which each row has one number beside zeros."""
        return cls(np.packbits(mask.T != 0.0, axis=1), mask.max(axis=1))

    def of(self, samples: slice) -> Array:
        """Return what it was for some samples.

        Examples
        --------
        >>> Mask.packed(np.array([[2.0, 0.0, 2.0], [0.0, 0.0, 0.0]])).of(slice(1, 3)).tolist()
        [[0.0, 2.0], [0.0, 0.0]]
        """
        kept = np.unpackbits(self.bits[samples], axis=1, count=len(self.factors)).T
        found: Array = kept * self.factors[:, None]
        return found


class Order(NamedTuple):
    """Shards of one batch that follow each other: a branch of the tree.

    Attributes
    ----------
    chosen : ndarray of int, or None
        Which samples these are; None for a row of all of them.
    bounds : tuple of int
        Where in the batch each shard begins, and the last one ends.
    whole : int
        How many samples the batch has.
    shares : ndarray of shape (n_samples,), or None
        By what each of these samples counts; see `nodesim.simulation.sample_weights`.
    mask : Mask or None
        Which nodes are dropped for each of them.
    """

    chosen: Indices | None
    bounds: tuple[int, ...]
    whole: int
    shares: Array | None = None
    mask: Mask | None = None

    def shards(self) -> Iterator[Shard]:
        """Yield the shards."""
        begin = self.bounds[0]
        for first, last in pairwise(self.bounds):
            own = slice(first - begin, last - begin)
            yield Shard(
                slice(first, last) if self.chosen is None else self.chosen[own],
                None if self.shares is None else self.shares[own],
                None if self.mask is None else self.mask.of(own),
            )  # fmt: skip


def shard_count(schedule: Schedule, n_samples: int) -> int:
    """Return into how many shards a batch is cut: a power of two.

    Examples
    --------
    >>> import nodesim as ns
    >>> small, large = (ns.Network.layered([2, size, size, 1]).structure.schedule for size in (3, 200))
    >>> [shard_count(large, n_samples) for n_samples in (1, 32, 1000, 10_000)], shard_count(small, 1000)
    ([1, 2, 8, 32], 2)
    """
    worth = min(n_samples // _SAMPLES, int(seconds(schedule, n_samples) / _WORTH), MOST)
    return 1 << max(worth, min(_LEAST, n_samples)).bit_length() - 1


def branch_count(n_shards: int, workers: int) -> int:
    """Return into how many branches the tree is cut for some workers, so that none waits long for the last one.

    Examples
    --------
    >>> [branch_count(16, workers) for workers in (1, 2, 3, 4, 5, 100)]
    [1, 2, 8, 4, 16, 16]
    """
    most = 1 << max(workers - 1, 0).bit_length()
    return min(n_shards, most if most == workers else 2 * most)


def orders(
    n_shards: int, whole: Shard, n_samples: int, workers: int
) -> list[Order]:  # fmt: skip
    """Return the branches of a batch for some workers.

    Parameters
    ----------
    n_shards : int
    whole : Shard
        The batch; its rows None for all samples.
    n_samples : int
        How many it has.
    workers : int

    Examples
    --------
    >>> [order.bounds for order in orders(4, Shard(None, None, None), 70, workers=2)]
    [(0, 17, 35), (35, 52, 70)]
    """
    ends = [n_samples * shard // n_shards for shard in range(n_shards + 1)]
    each = n_shards // branch_count(n_shards, workers)
    mask = None if whole.mask is None else Mask.packed(whole.mask)
    found = []
    for first in range(0, n_shards, each):
        bounds = tuple(ends[first : first + each + 1])
        own = slice(bounds[0], bounds[-1])
        chosen = None if whole.rows is None else whole.rows[own]
        shares = None if whole.shares is None else whole.shares[own]
        part = None if mask is None else Mask(mask.bits[own], mask.factors)
        found.append(Order(chosen, bounds, n_samples, shares, part))
    return found


def added(parts: Iterable[Part]) -> Part:
    """Add up a power of two of parts, each two neighbours first; what can be written over, is.

    Examples
    --------
    >>> parts = [Part(error, np.array([error])) for error in (1e16, 1.0, 1.0, 1.0)]
    >>> added(parts).error == (1e16 + 1.0) + (1.0 + 1.0) != ((1e16 + 1.0) + 1.0) + 1.0
    True
    """
    branches: list[tuple[int, Part]] = []
    for part in parts:
        height = 0
        while branches and branches[-1][0] == height:
            before = branches.pop()[1]
            into = before.gradients if before.gradients.flags.writeable else None
            with np.errstate(all="ignore"):
                gradients = np.add(before.gradients, part.gradients, out=into)
            part = Part(before.error + part.error, gradients)
            height += 1
        branches.append((height, part))
    return branches.pop()[1]
