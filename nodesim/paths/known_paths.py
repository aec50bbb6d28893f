"""Products of paths that are known from elsewhere, where they are among a set of paths."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from nodesim.paths.listing import Listing
from nodesim.paths.sums import PathSums


class KnownPaths:
    """Finds single paths of a set by their connections.

    Parameters
    ----------
    sums : PathSums
        The set.
    samples : sequence of int
        The mean of the products is taken over these.
    connections : iterable of int
        All that are asked for, by their places in connection order.

    Examples
    --------
    >>> import nodesim as ns
    >>> from nodesim.gradients.quantities import Quantity
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> paths = net.paths("W1")
    >>> known = KnownPaths(PathSums(paths.derivatives, paths.of), [0], [6, 7, 8])
    >>> known.product([6]) == next(iter(paths)).product, known.product([8])
    (True, None)
    """

    def __init__(self, sums: PathSums, samples: Sequence[int], connections: Iterable[int]) -> None:
        self._listing = listing = Listing(sums, samples)
        # For each state and connection the arc from there; for each connection the states in which e enters before it.
        self._arcs: dict[tuple[int, int], int] = {}
        self._begins: dict[int, list[int]] = {}
        self._entries: set[int] = set()
        if not sums.empty:
            trellis = listing.trellis
            self._entries = set(trellis.entries.tolist())
            asked = np.unique(np.fromiter(connections, dtype=np.intp))
            for arc in np.flatnonzero(np.isin(trellis.connections, asked)).tolist():
                state, connection = int(trellis.above[arc]), int(trellis.connections[arc])
                self._arcs[state, connection] = arc
                if state in self._entries:
                    self._begins.setdefault(connection, []).append(state)

    def product(self, path: Sequence[int]) -> float | None:
        """Return the product of the path over some connections, given from e on; None if it is none of the set."""
        goal = {self._listing.trellis.goal} if self._entries else set()
        begins = self._begins.get(path[0], []) if path else list(self._entries & goal)
        found = (self._walked(state, path) for state in begins)
        return next((product for product in found if product is not None), None)

    def _walked(self, state: int, path: Sequence[int]) -> float | None:
        listing, trellis, arithmetic = self._listing, self._listing.trellis, self._listing.arithmetic
        arcs, at = [], state
        for connection in path:
            arc = self._arcs.get((at, connection))
            if arc is None:
                return None
            arcs.append(arc)
            at = int(trellis.below[arc])
        if at != trellis.goal:
            return None
        product = arithmetic.of(listing.entries[state])
        for factor in listing.factors(np.array(arcs, dtype=np.intp)):
            product = arithmetic.times(product, arithmetic.of(factor))
        product = arithmetic.times(product, arithmetic.of(listing.last))
        return float(np.mean(arithmetic.number(product)))
