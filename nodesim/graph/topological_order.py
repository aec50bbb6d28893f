"""An online topological order: every new connection is admitted or refused as a cycle without a full search.

References
----------
D. J. Pearce and P. H. J. Kelly, "A Dynamic Topological Sort Algorithm for Directed Acyclic Graphs",
ACM Journal of Experimental Algorithmics 11 (2006).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodesim.errors import CycleError
from nodesim.graph.elements import Node

if TYPE_CHECKING:
    import networkx as nx


class TopologicalOrder:
    """Positions of nodes such that every connection leads from a lower to a higher one.

    Parameters
    ----------
    graph : networkx.DiGraph
        The graph, read when a connection is admitted.

    Notes
    -----
    Admitting a connection that agrees with the order costs O(1), as does one from a node that nothing leads to
    or to a node that leads nowhere: such a node moves to the front or to the end. Any other costs a search among
    the nodes whose positions lie between those of its two ends.
    """

    def __init__(self, graph: nx.DiGraph[Node]) -> None:
        self._graph = graph
        self._first = 0
        self._last = 0

    def append(self, node: Node) -> None:
        """Put a node that leads nowhere behind all others."""
        self._last += 1
        node._position = self._last

    def resume(self, other: TopologicalOrder) -> None:
        """Go on where the order of another graph with the same positions stands."""
        self._first, self._last = other._first, other._last

    def admit(self, source: Node, target: Node) -> None:
        """Rearrange the positions so that source stands before target.

        Raises
        ------
        CycleError
            If target leads to source already; the positions are as they were.
        """
        if source._position < target._position:
            return
        if not self._graph.pred[source]:
            self._first -= 1
            source._position = self._first
            return
        if not self._graph.succ[target]:
            self.append(target)
            return
        ahead = self._ahead(target, source)
        behind = self._behind(source, target._position)
        moved = sorted(behind, key=_position) + sorted(ahead, key=_position)
        for node, position in zip(moved, sorted(node._position for node in moved)):
            node._position = position

    def _ahead(self, start: Node, goal: Node) -> dict[Node, Node | None]:
        """Find what start leads to, up to the position of goal; each node with the one before it."""
        found: dict[Node, Node | None] = {start: None}
        waiting = [start]
        while waiting:
            node = waiting.pop()
            for after in self._graph.succ[node]:
                if after not in found and after._position <= goal._position:
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
            for before in self._graph.pred[waiting.pop()]:
                if before not in found and before._position > limit:
                    found.add(before)
                    waiting.append(before)
        return found


def _position(node: Node) -> int:
    return node._position


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
        "A feed-forward network has none."
    )
