"""What arrives at the goal after each number of connections, where the ways to it differ in length."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from nodesim._arrays import Array
from nodesim.paths.sums import Column
from nodesim.paths.trellis import Trellis


def counts(trellis: Trellis, count: int) -> list[int]:
    """Return for each distance from e, from 0 on, the exact number of paths of that length.

    Parameters
    ----------
    trellis : Trellis
    count : int
        How many paths there are.

    Notes
    -----
    All the numbers of a state are the digits of a single one, in a base that no count reaches: to go on by one arc
    multiplies it by the base, and to add two of them adds all their digits.
    """
    width = count.bit_length() // 8 + 1
    numbers = [int(entered) for entered in trellis.entered]
    starts = trellis.starts.tolist()
    for state, (first, end) in enumerate(pairwise(starts)):
        if state != trellis.goal:
            shifted = numbers[state] << 8 * width
            for below in trellis.below[first:end].tolist():
                numbers[below] += shifted
            numbers[state] = 0  # they are large
    digits = numbers[trellis.goal].to_bytes(width * (trellis.longest + 1), "little")
    return [int.from_bytes(digits[place : place + width], "little") for place in range(0, len(digits), width)]


def sums(column: Column) -> Array:
    """Return for each distance from e the sum of the products of the paths of that length.

    Parameters
    ----------
    column : Column
        Of one sample, or several.

    Returns
    -------
    ndarray of shape (longest + 1,) or (longest + 1, n_samples)
    """
    if column.entries.ndim > 1:
        singles = zip(column.entries.T, column.slopes.T, column.last)
        return np.stack([sums(Column(column.trellis, e, s, column.weights, last)) for e, s, last in singles], axis=1)
    trellis, arriving = column.trellis, column.entries
    arrived = np.zeros(trellis.longest + 1)
    for distance in range(len(arrived)):
        arrived[distance] = arriving[trellis.goal]
        handed = column.weights * arriving[trellis.above]
        arriving = np.bincount(trellis.below, handed, trellis.n_states) * column.slopes
    arrived *= column.last
    return arrived
