"""Arrays of indices: ranges put together, places in a table, the order by whole numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nodesim._arrays import Indices

Places = slice | Indices


def ranges(starts: Indices, ends: Indices) -> Indices:
    """Return the numbers of several ranges, one range after the other.

    Examples
    --------
    >>> ranges(np.array([3, 10]), np.array([5, 13])).tolist()
    [3, 4, 10, 11, 12]
    """
    lengths = ends - starts
    shift = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    moved: Indices = np.arange(lengths.sum()) + shift
    return moved


def places(indices: Sequence[int] | Indices) -> Places:
    """Return indices as a slice where they are evenly spaced upwards: NumPy then reads without copying."""
    found = np.asarray(indices, dtype=np.intp)
    if not len(found):
        return slice(0, 0)
    step = int(found[1] - found[0]) if len(found) > 1 else 1
    if step > 0 and (np.diff(found) == step).all():
        return slice(int(found[0]), int(found[-1]) + 1, step)
    return found


def sorted_by(*keys: Indices) -> Indices:
    """Return the order by whole numbers from 0 on, by the last key first."""
    # NumPy sorts small whole numbers by their digits, in a fraction of the time.
    return np.lexsort([key.astype(np.min_scalar_type(int(key.max(initial=0)))) for key in keys])
