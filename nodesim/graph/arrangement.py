"""Which node gets which position, which connection which place, and which positions side by side are a group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodesim._arrays import Indices, Mask
from nodesim.graph.index_arrays import sorted_by

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
        What it was made for: the number of each node's activation and aggregation, −1 for inputs and bias nodes.
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


def arranged(
    sources: Indices, targets: Indices, depths: Indices, kinds: Indices, biases: Indices, joins: Mask
) -> Arrangement:
    """Arrange nodes and connections.

    Parameters
    ----------
    sources, targets : ndarray of shape (n_connections,)
        Rows.
    depths, kinds : ndarray of shape (n_rows,)
        The length of the longest path to each node; and as in `Arrangement`.
    biases : ndarray of int
        The rows of the bias nodes.
    joins : ndarray of bool, shape (n_rows,)
        Whose nodes have another aggregation than the sum: they stand first among those of their depth, and in no dense
        group.
    """
    rows = _rows_by_position(sources, targets, depths, kinds, biases, joins)
    position_of = np.empty_like(rows)
    position_of[rows] = np.arange(len(rows))
    source, target = position_of[sources], position_of[targets]
    # In the order of evaluation, sources and targets alike: memory is walked through from one end to the other.
    order = sorted_by(source, target)
    groups = group_ranges(depths[rows], kinds[rows], source[order], target[order], joins[rows])
    order, n_sparse = _by_matrix(order, source, target, groups, len(rows))
    return Arrangement(kinds, rows, position_of, order, n_sparse, groups)


def _rows_by_position(
    sources: Indices, targets: Indices, depths: Indices, kinds: Indices, biases: Indices, joins: Mask
) -> Indices:
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
    return np.lexsort((np.arange(n_rows), sums, counts, last, ~joins, depths))


def group_ranges(
    depths: Indices, kinds: Indices, sources: Indices, targets: Indices, joins: Mask
) -> list[tuple[int, int, int, int]]:
    """Return begin, end, feed_begin and feed_end of each group, by position.

    Positions of one depth and activation are a group; those among them that are all fed by the same consecutive
    positions are a dense group of their own, if that pays. What else feeds it, such as a bias node of all layers or one
    from further above, does so by sparse connections. feed_end is feed_begin where a group is not dense.

    Parameters
    ----------
    depths, kinds : ndarray of shape (n_positions,)
    sources, targets : ndarray of shape (n_connections,)
        Positions; by target, then by source.
    joins : ndarray of bool, shape (n_positions,)
        Which are not sums: these are no matrix's.
    """
    feed = _feeds(depths, kinds, sources, targets)
    feed[:, joins] = 0
    size, width = _sizes(depths, kinds, *feed), feed[1] - feed[0]
    small = (size < _FEWEST_POSITIONS) | (size * width < _FEWEST_CONNECTIONS)
    if not (width.sum() == len(sources) and width[~small].sum() >= _MANY * width[small].sum()):
        feed[:, small] = 0
    begins = _begins(depths, kinds, *feed)
    ends = np.append(begins[1:], len(depths))
    chosen = kinds[begins] >= 0
    columns = (begins, ends, feed[0, begins], feed[1, begins])
    return list(zip(*(column[chosen].tolist() for column in columns)))


def _feeds(depths: Indices, kinds: Indices, sources: Indices, targets: Indices) -> Indices:
    """Return, in two rows, from where to where consecutive positions feed each position; both 0 where none do.

    It is the longest such run. Where a run that feeds many of its neighbours is a part of it, it is that one: so a
    connection more does not set a node apart.
    """
    feed: Indices = np.zeros((2, len(depths)), dtype=np.intp)
    if not len(sources):
        return feed
    begins = np.flatnonzero(np.append(True, (np.diff(sources) != 1) | (np.diff(targets) != 0)))
    ends = np.append(begins[1:], len(sources)) - 1
    longest = _last_of_each(targets[begins], ends - begins)
    feed[:, targets[begins[longest]]] = sources[begins[longest]], sources[ends[longest]] + 1
    # Of the neighbours of one depth and activation, the feed with which most connections are dense.
    begins = _begins(depths, kinds)
    block = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(depths))))
    order = sorted_by(feed[1], feed[0], block)
    alike = _begins(block[order], *feed[:, order])
    first, size = order[alike], np.diff(np.append(alike, len(order)))
    usual = first[_last_of_each(block[first], size * (feed[1, first] - feed[0, first]))]
    common = feed[:, usual[block]]
    inside = (feed[0] <= common[0]) & (feed[1] >= common[1]) & (common[1] > common[0])
    feed[:, inside] = common[:, inside]
    return feed


def _last_of_each(owners: Indices, values: Indices) -> Indices:
    """Return the place of the largest value of each owner, by owner."""
    order = sorted_by(values, owners)
    return order[np.flatnonzero(np.append(np.diff(owners[order]) != 0, True))]


def _begins(*labels: Indices) -> Indices:
    """Return where a label changes."""
    changes = np.any([np.diff(label) != 0 for label in labels], axis=0)
    return np.flatnonzero(np.append(True, changes))[: len(labels[0])]


def _sizes(*labels: Indices) -> Indices:
    """Return for each position how many neighbours, itself included, have the same labels."""
    begins = _begins(*labels)
    lengths = np.diff(np.append(begins, len(labels[0])))
    return np.repeat(lengths, lengths)


def _by_matrix(
    order: Indices, source: Indices, target: Indices, groups: list[tuple[int, int, int, int]], n_positions: int
) -> tuple[Indices, int]:
    """Return connections, given by target, in their final order, and how many of them, the first ones, are sparse."""
    matrix_of, feed = np.full(n_positions, -1), np.zeros((2, n_positions), dtype=np.intp)
    for number, (begin, end, feed_begin, feed_end) in enumerate(groups):
        if feed_end > feed_begin:
            matrix_of[begin:end] = number
            feed[:, begin:end] = [[feed_begin], [feed_end]]
    into, out_of = target[order], source[order]
    matrices = np.where((out_of >= feed[0, into]) & (out_of < feed[1, into]), matrix_of[into], -1)
    dense = order[matrices >= 0]
    dense = dense[sorted_by(target[dense], source[dense], matrices[matrices >= 0])]
    return np.concatenate([order[matrices < 0], dense]), int((matrices < 0).sum())
