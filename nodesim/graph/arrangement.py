"""Which node gets which position, which connection which place, and which positions side by side are a group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodesim._arrays import Indices

# Positions in one group, and connections, from which on tiles are as fast as walking over connections (measured).
_FEWEST_POSITIONS, _FEWEST_CONNECTIONS = 8, 256
# Where connections in larger groups outnumber the others so many times, it pays to have all in one order.
_MANY = 4


@dataclass(frozen=True)
class Arrangement:
    """In which order kernels walk through the nodes and connections of a structure; the store keeps the same one.

    Attributes
    ----------
    kinds : ndarray of shape (n_rows,)
        What it was made for: the number of each node's activation, −1 for inputs and bias nodes.
    rows, position_of : ndarray of shape (n_rows,)
        The row of the node at each position, and the position of each row.
    order : ndarray of shape (n_connections,)
        The connections: the sparse ones by target, then by source, and behind them the matrices of dense groups, source
        by source.
    n_sparse : int
        How many are sparse.
    groups : list of (begin, end, feed_begin, feed_end)
        Positions that share an activation and do not feed each other; what feeds them all, where the group is dense.
    """

    kinds: Indices
    rows: Indices
    position_of: Indices
    order: Indices
    n_sparse: int
    groups: list[tuple[int, int, int, int]]


def arranged(sources: Indices, targets: Indices, depths: Indices, kinds: Indices, biases: Indices) -> Arrangement:
    """Arrange nodes and connections.

    Parameters
    ----------
    sources, targets : ndarray of shape (n_connections,)
        Rows.
    depths, kinds : ndarray of shape (n_rows,)
        The length of the longest path to each node; and as in `Arrangement`.
    biases : ndarray of int
        The rows of the bias nodes.
    """
    rows = _rows_by_position(sources, targets, depths, kinds, biases)
    position_of = np.empty_like(rows)
    position_of[rows] = np.arange(len(rows))
    source, target = position_of[sources], position_of[targets]
    # In the order of evaluation, sources and targets alike: memory is walked through from one end to the other.
    order = _sorted_by(source, target)
    groups = group_ranges(depths[rows], kinds[rows], source[order], target[order])
    order, n_sparse = _by_matrix(order, source, target, groups, len(rows))
    return Arrangement(kinds, rows, position_of, order, n_sparse, groups)


def _rows_by_position(sources: Indices, targets: Indices, depths: Indices, kinds: Indices, biases: Indices) -> Indices:
    """Return the row of the node at each position.

    By depth, a bias node behind those that stand just above the first node that it feeds: layers in the article's
    numbering are then fed by consecutive positions, and their connections are in the order of their numbers. Among one
    depth by activation, number of connections and sources: neighbours do the same things, which is also what branch
    prediction wants.
    """
    n_rows, depths = len(depths), depths.copy()
    highest = np.full(n_rows, n_rows)
    np.minimum.at(highest, sources, depths[targets] - 1)
    depths[biases] = np.where(highest[biases] < n_rows, highest[biases], 0)
    last = kinds.copy()
    last[biases] = kinds.max(initial=0) + 1
    # Sums of random numbers bring equal sets of sources together.
    marks = np.random.default_rng(0).integers(2**62, size=n_rows, dtype=np.uint64)
    sums = np.zeros(n_rows, dtype=np.uint64)
    np.add.at(sums, targets, marks[sources])
    counts = np.bincount(targets, minlength=n_rows)
    return np.lexsort((np.arange(n_rows), sums, counts, last, depths))


def group_ranges(
    depths: Indices, kinds: Indices, sources: Indices, targets: Indices
) -> list[tuple[int, int, int, int]]:
    """Return begin, end, feed_begin and feed_end of each group, by position.

    Positions of one depth and activation are a group; those among them that are all fed by the same consecutive
    positions are a dense group of their own, if that pays. feed_end is feed_begin where a group is not dense.

    Parameters
    ----------
    depths, kinds : ndarray of shape (n_positions,)
    sources, targets : ndarray of shape (n_connections,)
        Positions; by target, then by source.
    """
    counts = np.bincount(targets, minlength=len(depths))
    starts = np.cumsum(counts) - counts
    fed = np.flatnonzero(counts)
    feed: Indices = np.zeros((2, len(depths)), dtype=np.intp)
    first, last = sources[starts[fed]], sources[starts[fed] + counts[fed] - 1] + 1
    consecutive = last - first == counts[fed]
    feed[:, fed[consecutive]] = first[consecutive], last[consecutive]
    size, width = _sizes(depths, kinds, *feed), feed[1] - feed[0]
    small = (size < _FEWEST_POSITIONS) | (size * width < _FEWEST_CONNECTIONS)
    if not (consecutive.all() and width[~small].sum() >= _MANY * width[small].sum()):
        feed[:, small] = 0
    begins = _begins(depths, kinds, *feed)
    ends = np.append(begins[1:], len(depths))
    chosen = kinds[begins] >= 0
    columns = (begins, ends, feed[0, begins], feed[1, begins])
    return list(zip(*(column[chosen].tolist() for column in columns)))


def _begins(*labels: Indices) -> Indices:
    """Return where a label changes."""
    changes = np.any([np.diff(label) != 0 for label in labels], axis=0)
    return np.concatenate([[0], np.flatnonzero(changes) + 1])


def _sizes(*labels: Indices) -> Indices:
    """Return for each position how many neighbours, itself included, have the same labels."""
    begins = _begins(*labels)
    lengths = np.diff(np.append(begins, len(labels[0])))
    return np.repeat(lengths, lengths)


def _by_matrix(
    order: Indices, source: Indices, target: Indices, groups: list[tuple[int, int, int, int]], n_positions: int
) -> tuple[Indices, int]:
    """Return connections, given by target, in their final order, and how many of them, the first ones, are sparse."""
    matrix_of = np.full(n_positions, -1)
    for number, (begin, end, feed_begin, feed_end) in enumerate(groups):
        if feed_end > feed_begin:
            matrix_of[begin:end] = number
    matrices = matrix_of[target[order]]
    dense = order[matrices >= 0]
    dense = dense[_sorted_by(target[dense], source[dense], matrices[matrices >= 0])]
    return np.concatenate([order[matrices < 0], dense]), int((matrices < 0).sum())


def _sorted_by(*keys: Indices) -> Indices:
    """Return the order by whole numbers from 0 on, by the last key first."""
    # NumPy sorts small whole numbers by their digits, in a fraction of the time.
    return np.lexsort([key.astype(np.min_scalar_type(int(key.max(initial=0)))) for key in keys])
