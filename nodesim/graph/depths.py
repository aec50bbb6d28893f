"""How deep nodes lie, and from which an output can be reached."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Indices
from nodesim.graph.index_arrays import ranges, sorted_by


def depths(sources: Indices, targets: Indices, least: Indices, before: Indices | None = None) -> Indices:
    """Return for each node the length of the longest path that ends there, level by level.

    Parameters
    ----------
    sources, targets : ndarray of shape (n_connections,)
        The two ends of each connection.
    least : ndarray of shape (n_rows,)
        What it is where nothing leads to the node.
    before : ndarray of shape (n_rows,), optional
        What they were before an edit.
    """
    if before is not None:
        # Each depth follows from those above it: if none contradicts these, all are right.
        found = least.copy()
        np.maximum.at(found, targets, before[sources] + 1)
        if (found == before).all():
            return before
    depth, count = least.copy(), len(least)
    by_source = sorted_by(sources)
    starts = np.searchsorted(sources[by_source], np.arange(count + 1))
    waiting = np.bincount(targets, minlength=count)
    ready = np.flatnonzero(waiting == 0)
    while len(ready):
        leaving = by_source[ranges(starts[ready], starts[ready + 1])]
        reached = targets[leaving]
        np.maximum.at(depth, reached, depth[sources[leaving]] + 1)
        np.subtract.at(waiting, reached, 1)
        ready = np.unique(reached[waiting[reached] == 0])
    return depth


def reaching(
    sources: Indices, targets: Indices, depths: Indices, outputs: Indices, before: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """Return for each node whether an output can be reached from it.

    Parameters
    ----------
    sources, targets : ndarray of shape (n_connections,)
        The two ends of each connection.
    depths : ndarray of shape (n_rows,)
    outputs : ndarray of int
        The rows of the outputs.
    before : ndarray of bool, shape (n_rows,), optional
        What it was before an edit.
    """
    found = np.zeros(len(depths), dtype=bool)
    found[outputs] = True
    if before is not None:
        again = found.copy()
        again[sources[before[targets]]] = True
        if (again == before).all():
            return before
    # Connections by the depth of their targets, deepest first: what lies behind a target is known before.
    order = sorted_by(depths.max(initial=0) - depths[targets])
    for part in np.split(order, np.flatnonzero(np.diff(depths[targets[order]])) + 1):
        found[sources[part][found[targets[part]]]] = True
    return found
