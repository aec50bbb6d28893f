"""What arrives at the goal after each number of connections, where the ways to it differ in length."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, repeat

import numpy as np

from nodesim._arrays import Array
from nodesim.paths.sums import SamplePartials
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
    For each state there is a polynomial Σ (number of ways of length d) · xᵈ: to go on by one arc multiplies it by x,
    and where ways meet polynomials are added. Instead of lists of coefficients it is one whole number, the value at
    an x that no coefficient reaches: its digits are the coefficients, and Python's integers do all the adding.

    References
    ----------
    The substitution is Kronecker's: J. von zur Gathen, J. Gerhard, "Modern Computer Algebra", section 8.4.
    """
    # The base is a power of 256, so that digits can be read off as bytes.
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


def sums(partials: SamplePartials) -> Array:
    """Return for each distance from e the sum of the products of the paths of that length.

    Parameters
    ----------
    partials : SamplePartials
        Of one sample, or several.

    Returns
    -------
    ndarray of shape (longest + 1,) or (longest + 1, n_samples)

    Notes
    -----
    O(longest · arcs): sums have no digits to be packed into, so that all ways go on by one arc at a time, and what
    has come to the goal after d arcs is written down.
    """
    if partials.entries.ndim > 1:
        passed = repeat(partials.passed) if partials.passed.ndim == 1 else partials.passed.T
        singles = zip(partials.entries.T, partials.slopes.T, partials.last, passed)
        one_by_one = (replace(partials, entries=e, slopes=s, last=last, passed=p) for e, s, last, p in singles)
        return np.stack([sums(each) for each in one_by_one], axis=1)
    trellis, arriving = partials.trellis, partials.entries
    arrived = np.zeros(trellis.longest + 1)
    for distance in range(len(arrived)):
        arrived[distance] = arriving[trellis.goal]
        handed = partials.passed * arriving[trellis.above]
        arriving = np.bincount(trellis.below, handed, trellis.n_states) * partials.slopes
    arrived *= partials.last
    return arrived
