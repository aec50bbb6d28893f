"""How a batch is cut into shards, and in which order what they come to is added up.

Both are functions of the network and the number of samples alone. A sum of floating-point numbers depends on the order
in which they are added: as long as that is the same, so is every bit, whoever calculates a shard. The order is that of
a balanced tree, of which a process that has several shards of a row can add up a whole branch.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.engines.compiled import seconds
from nodesim.graph.schedule import Schedule

# Samples in a shard, and the work of it, in seconds: below them the call costs as much as its numbers.
_SAMPLES, _WORTH = 16, 2e-3
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


class Order(NamedTuple):
    """Shards of one batch that follow each other: a branch of the tree.

    Attributes
    ----------
    chosen : ndarray of int, or None
        Which samples these are; None for a row of all of them.
    bounds : tuple of int
        Where, in the chosen ones, or else in all, each shard begins, and the last one ends.
    whole : float
        What the batch is divided by: its number of samples, or the sum of their weights.
    """

    chosen: Indices | None
    bounds: tuple[int, ...]
    whole: float

    def rows(self) -> list[Any]:
        """Return for each shard its samples, as an index."""
        spans = [slice(first, last) for first, last in pairwise(self.bounds)]
        return spans if self.chosen is None else [self.chosen[span] for span in spans]


def shard_count(schedule: Schedule, n_samples: int) -> int:
    """Return into how many shards a batch is cut: a power of two.

    Examples
    --------
    >>> import nodesim as ns
    >>> small, large = (ns.Network.layered([2, size, size, 1]).structure.schedule for size in (3, 200))
    >>> [shard_count(large, n_samples) for n_samples in (1, 32, 1000, 10_000)], shard_count(small, 1000)
    ([1, 2, 16, 32], 2)
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


def orders(n_shards: int, n_samples: int, chosen: Indices | None, whole: float, workers: int) -> list[Order]:
    """Return the branches of a batch for some workers.

    Examples
    --------
    >>> orders(4, 70, None, 70.0, workers=2)
    [Order(chosen=None, bounds=(0, 17, 35), whole=70.0), Order(chosen=None, bounds=(35, 52, 70), whole=70.0)]
    """
    ends = [n_samples * shard // n_shards for shard in range(n_shards + 1)]
    each = n_shards // branch_count(n_shards, workers)
    found = []
    for first in range(0, n_shards, each):
        own = ends[first : first + each + 1]
        if chosen is None:
            found.append(Order(None, tuple(own), whole))
        else:
            found.append(Order(chosen[own[0] : own[-1]], tuple(end - own[0] for end in own), whole))
    return found


def added(parts: Iterable[Part]) -> Part:
    """Add up a power of two of parts, each two neighbours first.

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
            with np.errstate(all="ignore"):
                part = Part(before.error + part.error, before.gradients + part.gradients)
            height += 1
        branches.append((height, part))
    return branches.pop()[1]
