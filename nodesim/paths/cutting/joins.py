"""Joins asked again: what H would be if something else came in over some connections.

H of a join is no sum, and no part of it can be taken off: it is made anew of all that comes in. What a path brings is
W·HA of the node before; where that is HA' instead, the contribution is W·HA', and all others stay as they were. So the
largest of what comes in may then be another one, and a product is 0 where one of its factors is cut off.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.functions.aggregation import aggregated
from nodesim.paths.cutting.nodes import Nodes

# How many numbers are worked on together.
_TOGETHER = 1 << 18


class Joins:
    """The joins of a backward.

    Parameters
    ----------
    nodes : Nodes
    """

    def __init__(self, nodes: Nodes) -> None:
        self._nodes, self._graph = nodes, nodes.graph

    @cached_property
    def rows(self) -> Mask | None:
        """By row, whether it is a join; None where all nodes are sums."""
        return None if self._graph.partials is None else self._graph.joins

    def among(self, rows: Indices) -> Indices:
        """Return the places of those that are joins."""
        return np.zeros(0, dtype=np.intp) if self.rows is None else np.flatnonzero(self.rows[rows])

    def each(self, rows: Indices, connections: Indices, changes: Array, block: slice) -> Array:
        """Return H' of joins where one connection brings something else, each by itself.

        Parameters
        ----------
        rows : ndarray of shape (n,)
            May name a join several times.
        connections : ndarray of shape (n,)
            The connection into each, by its number.
        changes : ndarray of shape (n, n_samples)
            HA' - HA of what that one comes from.
        block : slice
            The samples that these are.

        Returns
        -------
        ndarray of shape (n, n_samples)

        Raises
        ------
        FunctionError
            If an aggregation fails; the message names the node.
        """
        found = np.empty_like(changes)
        for row in np.unique(rows).tolist():
            own = np.flatnonzero(rows == row)
            many = max(1, _TOGETHER // max(1, len(self._entering(row)) * changes.shape[1]))
            for first in range(0, len(own), many):
                some = own[first : first + many]
                found[some] = self._value(row, connections[some], changes[some], np.arange(len(some)), block)
        return found

    def together(self, row: int, connections: Indices, changes: Array, block: slice) -> Array:
        """Return H' of a join, shape (n_samples,), where several connections bring something else at once."""
        found: Array = self._value(row, connections, changes, np.zeros(len(connections), dtype=np.intp), block)[0]
        return found

    def _entering(self, row: int) -> Indices:
        return self._graph.entering(self._graph.schedule.nodes[row])

    def _value(self, row: int, connections: Indices, changes: Array, cases: Indices, block: slice) -> Array:
        """Return H' in some cases, shape (n_cases, n_samples): in which of them each connection brings another HA."""
        schedule, entering = self._graph.schedule, self._entering(row)
        weights = self._graph.weights[schedule.slots[entering]][:, None]
        sent = self._graph.activated[schedule.sources[entering], block]
        places = np.searchsorted(entering, connections)
        with np.errstate(all="ignore"):
            before = weights * sent
            coming = np.repeat(before[:, None], cases.max(initial=0) + 1, axis=1)
            coming[places, cases] = weights[places] * (sent[places] + changes)
            was, now = self._aggregated(row, before), self._aggregated(row, coming)
            known = self._nodes.sums[row, block]
            # What the run has may be rounded otherwise; where nothing is changed it is just that.
            same = (coming == before[:, None]).all(axis=0)
            return np.where(same, known, now + (known - was))

    def _aggregated(self, row: int, coming: Array) -> Array:
        node = self._graph.schedule.nodes[row]
        return aggregated(self._graph.aggregations[node], coming, lambda: str(node)).astype(float, copy=False)
