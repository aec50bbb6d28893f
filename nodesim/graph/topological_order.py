"""An online topological order: every new connection is admitted or refused as a cycle without a full search.

Delayed connections do not count: what comes a step later may come from anywhere.

References
----------
Pearce, D. J., and P. H. J. Kelly, "A Dynamic Topological Sort Algorithm for Directed Acyclic Graphs",
ACM Journal of Experimental Algorithmics 11 (2006).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from nodesim.errors import CycleError
from nodesim.graph.elements import Node

Neighbours = Mapping[Node, Mapping[Node, Any]]


class TopologicalOrder:
    """Positions of nodes such that every connection leads from a lower to a higher one.

    Parameters
    ----------
    successors, predecessors : mapping from node to its neighbours, with the connections between them
        The graph, read when a connection is admitted.
    delays : callable
        Returns by how many steps the connection of a number is delayed, for those that are.

    Notes
    -----
    Admitting a connection that agrees with the order costs O(1), as does one from a node that nothing leads to
    or to a node that leads nowhere: such a node moves to the front or to the end. Any other costs a search among
    the nodes whose positions lie between those of its two ends.
    """

    def __init__(
        self, successors: Neighbours, predecessors: Neighbours, delays: Callable[[], Collection[int]] = tuple
    ) -> None:
        self._successors = successors
        self._predecessors = predecessors
        self._delays = delays
        self._positions: dict[Node, int] = {}
        self._first = 0
        self._last = 0

    def __getitem__(self, node: Node) -> int:
        return self._positions[node]

    def append(self, node: Node) -> None:
        """Put a node that leads nowhere behind all others."""
        self._last += 1
        self._positions[node] = self._last

    def discard(self, node: Node) -> None:
        """Forget a node that was removed."""
        del self._positions[node]

    def take_over(self, positions: Mapping[Node, int]) -> None:
        """Take over positions that agree with the connections, for all nodes."""
        first, last = min(positions.values(), default=0), max(positions.values(), default=0)
        self.restore((dict(positions), first, last))

    def state(self) -> tuple[dict[Node, int], int, int]:
        """Return the positions of now, and what decides which is the next."""
        return dict(self._positions), self._first, self._last

    def restore(self, state: tuple[dict[Node, int], int, int]) -> None:
        """Let the positions be what they were when this was the state."""
        self._positions, self._first, self._last = state

    def admit(self, source: Node, target: Node) -> None:
        """Rearrange the positions so that source stands before target.

        Raises
        ------
        CycleError
            If target leads to source already; the positions are as they were.
        """
        positions = self._positions
        if positions[source] < positions[target]:
            return
        if not self._predecessors[source]:
            self._first -= 1
            positions[source] = self._first
            return
        if not self._successors[target]:
            self.append(target)
            return
        ahead = self._ahead(target, source)
        behind = self._behind(source, positions[target])
        moved = sorted(behind, key=positions.__getitem__) + sorted(ahead, key=positions.__getitem__)
        positions.update(zip(moved, sorted(positions[node] for node in moved)))

    def _at_once(self, neighbours: Mapping[Node, Any]) -> Iterator[Node]:
        """Return the neighbours over connections without delay."""
        delays = self._delays()
        if not delays:
            return iter(neighbours)
        return (node for node, connection in neighbours.items() if connection.number not in delays)

    def _ahead(self, start: Node, goal: Node) -> dict[Node, Node | None]:
        """Find what start leads to, up to the position of goal; each node with the one before it."""
        found: dict[Node, Node | None] = {start: None}
        waiting = [start]
        while waiting:
            node = waiting.pop()
            for after in self._at_once(self._successors[node]):
                if after not in found and self._positions[after] <= self._positions[goal]:
                    found[after] = node
                    waiting.append(after)
        if goal in found:
            raise CycleError(_cycle(found, goal))
        return found

    def _behind(self, start: Node, limit: int) -> set[Node]:
        """Find what leads to start, down to the position limit."""
        found = {start}
        waiting = [start]
        while waiting:
            for before in self._at_once(self._predecessors[waiting.pop()]):
                if before not in found and self._positions[before] > limit:
                    found.add(before)
                    waiting.append(before)
        return found


def _cycle(found: dict[Node, Node | None], goal: Node) -> str:
    names = [goal.name]
    node = found[goal]
    while node is not None:
        names.append(node.name)
        node = found[node]
    names.reverse()
    shown = names if len(names) <= 12 else [*names[:6], f"... ({len(names) - 11} more)", *names[-5:]]
    return (
        f"{goal.name} -> {names[0]} would close a cycle: {' -> '.join([goal.name, *shown])}. "
        "A feed-forward network has none; in a recurrent one a connection of each cycle is delayed: delay=1."
    )
