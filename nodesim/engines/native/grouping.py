"""Which node gets which position, and which positions side by side are a group, calculated in one go."""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Indices
from nodesim.graph.schedule import Schedule

# Positions in one group, and connections, from which on tiles are as fast as walking over connections (measured).
_FEWEST_POSITIONS, _FEWEST_CONNECTIONS = 8, 256
# Where connections in larger groups outnumber the others so many times, it pays to have all in one order.
_MANY = 4


def rows_by_position(schedule: Schedule, kinds: Indices) -> Indices:
    """Return the row of the node at each position.

    By depth, a bias node behind those that stand just above the first node that it feeds: layers in the article's
    numbering are then fed by consecutive positions, and their connections are in the order of their slots. Among one
    depth by activation, number of connections and sources: neighbours do the same things, which is also what branch
    prediction wants.

    Parameters
    ----------
    schedule : Schedule
    kinds : ndarray of shape (n_rows,)
        The number of each node's activation; -1 for inputs and bias nodes.
    """
    sources, targets = schedule.sources, schedule.targets
    depths, biases = schedule.depths.copy(), np.array([bias.row for bias in schedule.biases], dtype=np.intp)
    highest = np.full(schedule.n_rows, schedule.n_rows)
    np.minimum.at(highest, sources, schedule.depths[targets] - 1)
    depths[biases] = np.where(highest[biases] < schedule.n_rows, highest[biases], 0)
    last = kinds.copy()
    last[biases] = kinds.max(initial=0) + 1
    # Sums of random numbers bring equal sets of sources together.
    marks = np.random.default_rng(0).integers(2**62, size=schedule.n_rows, dtype=np.uint64)
    sums = np.zeros(schedule.n_rows, dtype=np.uint64)
    np.add.at(sums, targets, marks[sources])
    counts = np.bincount(targets, minlength=schedule.n_rows)
    return np.lexsort((np.arange(schedule.n_rows), sums, counts, last, depths))


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
