"""Which nodes and connections a network has, and how they are found.

They live in a networkx `DiGraph` whose nodes are `Node` and `Bias` objects and whose edges carry their `Connection`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import networkx as nx

from nodesim.errors import ArgumentTypeError, StaleElementError
from nodesim.graph.elements import Bias, Connection, Node, fasten, in_order
from nodesim.graph.links import Links
from nodesim.graph.live_graph import NodeAttributes, live_view
from nodesim.graph.namespace import Namespace
from nodesim.graph.ties import Tie, Ties
from nodesim.notation.symbols import with_article


class Roster:
    """The nodes and connections of a network, with their names and the graph that they are.

    Parameters
    ----------
    face : object, optional
        What elements show as their network; this itself without one.

    Attributes
    ----------
    links : Links
        The connections.
    names : Namespace
    ties : Ties
        Which connections share a weight.
    """

    def __init__(self, face: Any = None) -> None:
        self.face = self if face is None else face
        self.links = Links(self._make, self._enter)
        self.ties = Ties(cast(Any, self), lambda name: name in self.names)
        self.names: Namespace = Namespace(self.links, self.ties)
        self._graph: nx.DiGraph[Node] = nx.DiGraph()
        # The public way to make networkx nodes and edges carry objects that are their own attribute mappings.
        self._graph.edge_attr_dict_factory = self._entered  # type: ignore[misc, assignment, method-assign]
        self._graph.node_attr_dict_factory = NodeAttributes  # type: ignore[misc, assignment]
        # The dicts themselves: each look-up through networkx's views costs as much as the whole check.
        self._successors: Mapping[Node, Mapping[Node, Any]] = self._graph._succ  # type: ignore[attr-defined]
        self._predecessors: Mapping[Node, Mapping[Node, Any]] = self._graph._pred  # type: ignore[attr-defined]

    # ---- what there is ------------------------------------------------------------------------------------

    @property
    def graph(self) -> nx.DiGraph[Node]:
        """The structure as a live, read-only networkx `DiGraph`."""
        self.links.made()
        return live_view(self._graph, self.face)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes, bias nodes included, in the order in which they were added."""
        return tuple(self.names.nodes())

    def of_kind(self, kind: str) -> tuple[Node, ...]:
        """Return the nodes of a kind: "input", "hidden", "output" or "bias"."""
        return tuple(node for node in self.names.rows if node is not None and node.kind == kind)

    @property
    def biases(self) -> tuple[Bias, ...]:
        """The bias nodes."""
        return tuple(node for node in self.names.rows if isinstance(node, Bias))

    @property
    def connections(self) -> tuple[Connection, ...]:
        """All connections, in the order of their default numbers W1, W2, ..."""
        return self.links.linked().all()

    def incoming(self, node: Node) -> tuple[Connection, ...]:
        """Return the connections that enter a node, in connection order."""
        self.links.made()
        return in_order(self._predecessors[node].values())

    def outgoing(self, node: Node) -> tuple[Connection, ...]:
        """Return the connections that leave a node, in connection order."""
        self.links.made()
        return in_order(self._successors[node].values())

    @property
    def n_connections(self) -> int:
        """How many connections there are."""
        return self.links.count

    def __len__(self) -> int:
        return len(self._graph)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    # ---- look-up ------------------------------------------------------------------------------------------

    def __getitem__(self, name: str) -> Any:
        return self.names.find(name)

    def __contains__(self, name: object) -> bool:
        if isinstance(name, Node | Connection | Tie):
            return name is self.names.holder(name.name)
        return isinstance(name, str) and name in self.names

    def get(self, name: str) -> Node | Connection | None:
        """Return the element of a name, or None."""
        return self.names.get(name)

    def element(self, element: object) -> Node | Connection:
        """Return an element of this structure from its name or itself.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError
            If it is unknown, removed or of another network, or no name.
        """
        if not isinstance(element, Node | Connection):
            found = self.names.find(element.name if isinstance(element, Tie) else element)
            if isinstance(found, Tie):
                raise ArgumentTypeError(
                    f"{found.name} is a tie, one weight with several uses ({', '.join(map(str, found.uses))}); a node "
                    "or one of these connections is needed here."
                )
            return found
        if cast(object, element.owner) is not self:
            raise StaleElementError(f"{element.name} belongs to another network.")
        return element

    def node(self, node: object) -> Node:
        """Return a node of this structure from its name or itself; see `nodesim.Network.node`."""
        found = self.element(node)
        if isinstance(found, Connection):
            raise ArgumentTypeError(f"{found.name} is a connection; a node is needed here.")
        return found

    def connection(self, connection: object) -> Connection:
        """Return a connection of this structure from its name or itself; see `nodesim.Network.connection`."""
        found = self.element(connection)
        if isinstance(found, Node):
            raise ArgumentTypeError(
                f"{found.name} is {with_article(found.kind)} node, not a connection; a connection is needed here."
            )
        return found

    # ---- objects ------------------------------------------------------------------------------------------

    def _make(self, source: int, target: int, number: int, own_name: str | None) -> Connection:
        rows, connection = self.names.rows, Connection()
        fasten(connection, rows[source], rows[target], number, own_name)  # type: ignore[arg-type]
        return connection

    def _enter(self, connection: Connection) -> None:
        source, target = connection.source, connection.target
        if target in self._successors[source]:
            # Where making all of them was interrupted: of an object that nobody has seen yet.
            self._graph.remove_edge(source, target)
        self._link(source, target, connection)

    def _link(self, source: Node, target: Node, connection: Connection) -> None:
        self._entering = connection
        self._graph.add_edge(source, target)

    def _entered(self) -> Connection:
        return self._entering
