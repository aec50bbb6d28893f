"""Nodes that are no sums, in the memory of kernels: which there are forms for, and where their contributions stand."""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Indices, Mask
from nodesim.engines.native.builtin import aggregation_kernel
from nodesim.engines.native.program import Terms
from nodesim.graph.schedule import Schedule


def is_native(schedule: Schedule) -> bool:
    """Tell whether kernels can calculate all nodes of a schedule; otherwise NumPy does."""
    return not schedule.has_joins or schedule.cached(_has_forms)


def _has_forms(schedule: Schedule) -> bool:
    found = {schedule.nodes[row].aggregation for row in np.flatnonzero(schedule.joins).tolist()}
    return all(aggregation is not None and aggregation_kernel(aggregation) is not None for aggregation in found)


def terms_of(connections: Indices, target: Indices, joins: Mask) -> Terms:
    """Return where the contributions of sparse connections stand.

    Parameters
    ----------
    connections, target : ndarray of shape (n_sparse,)
        Their numbers in connection order, and the positions that they feed.
    joins : ndarray of bool, shape (n_positions,)
        Which are no sums.
    """
    into = np.flatnonzero(joins[target])
    end, counts = target.copy(), np.bincount(target[into], minlength=len(joins))
    # Where several are the largest, the first in connection order is, whatever the order of their sources.
    end[into[np.lexsort((connections[into], target[into]))]] = len(joins) + np.arange(len(into))
    starts = len(joins) + np.append(0, np.cumsum(counts))
    return Terms(end, starts.astype(np.int64), int(counts.max(initial=0)))
