"""A structure as it was before some edits, to be put back with the same objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodesim.graph.elements import Connection, Node, Owner, fasten, release, renumber
from nodesim.graph.links import Links
from nodesim.graph.namespace import Namespace
from nodesim.graph.schedule import Schedule
from nodesim.graph.store import Store
from nodesim.graph.ties import Ties
from nodesim.graph.topological_order import TopologicalOrder


class KeptStructure:
    """Nodes and connections, names and order of a structure, and where its numbers stand; not the numbers.

    Parameters
    ----------
    schedule : Schedule
        That of the structure as it is now. It has most of what is needed: no object is made, and no array is copied.
    names : Namespace
    links : Links
    ties : Ties
    order : TopologicalOrder
    nodes, successors, predecessors : dict
        Those of the networkx graph.
    exchanges : int
        How often an activation or a constant was exchanged up to now.

    Notes
    -----
    What networkx keeps of a node is as much as it has connections. So that is kept of those nodes alone that an edit
    tells of (`coming`, `going`).
    """

    def __init__(
        self, schedule: Schedule, names: Namespace, links: Links, ties: Ties, order: TopologicalOrder,
        nodes: dict[Any, Any], successors: dict[Any, Any], predecessors: dict[Any, Any], exchanges: int,
    ) -> None:  # fmt: skip
        self.schedule, self.exchanges = schedule, exchanges
        self._names, self._links, self._order = names, links, order
        self._states = names.state(), links.state(), order.state()
        self._ties, self._tied = ties, ties.state()
        self._graph = nodes, successors, predecessors
        self._whole = tuple(dict(each) for each in self._graph)
        self._rows: dict[Node, list[dict[Any, Any]]] = {}
        self._came: list[Connection] = []
        self._went: list[Connection] = []

    def coming(self, connection: Connection) -> None:
        """Note that a connection is about to be entered."""
        self._touch(connection.source, connection.target)
        self._came.append(connection)

    def going(self, connection: Connection) -> None:
        """Note that a connection is about to be removed."""
        self._links.made()
        self._touch(connection.source, connection.target)
        self._went.append(connection)

    def _touch(self, *nodes: Node) -> None:
        for node in nodes:
            if node not in self._rows:
                self._rows[node] = [dict(rows[node]) for rows in self._graph[1:]]

    def restore(self, owner: Owner, store: Store) -> None:
        """Put all back, at weight 0 where anything was edited; that may be done again where it was interrupted.

        Parameters
        ----------
        owner : Owner
            The structure that the elements come back to.
        store : Store
            Its own.
        """
        schedule = self.schedule
        names, links, order = self._states
        if self._rows or self._nodes_now() != [*schedule.nodes] * 2:
            for node in self._nodes_now():
                if node is not None and node not in self._whole[0]:
                    release(node)
            for connection in self._went:
                fasten(connection, connection.source, connection.target, connection.number, connection.own_name)
            for connection in self._came:
                release(connection)
            self._restore_graph()
            renumber(schedule.nodes, owner)
            self._links.restore(schedule.connections, (schedule.sources, schedule.targets), links)
        self._names.restore(schedule.nodes, names)
        self._ties.restore(self._tied)
        self._order.restore(order)
        store.lay_out(schedule.numbers, schedule.slots, schedule.version)

    def _nodes_now(self) -> list[Node | None]:
        # Both, for an edit that was interrupted between the two.
        return [*self._names.rows, *self._graph[0]]

    def _restore_graph(self) -> None:
        for now, before in zip(self._graph, self._whole):
            _refill(now, before)
        for node, rows in self._rows.items():
            for now, before in zip(self._graph[1:], rows):
                # Those of a node that was made since are gone.
                if node in now:
                    _refill(now[node], before)


def _refill(now: dict[Any, Any], before: Mapping[Any, Any]) -> None:
    """Let a dict that others hold, too, be what it was, in the same order."""
    now.clear()
    now.update(before)
