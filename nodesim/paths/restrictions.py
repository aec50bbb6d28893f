"""Which paths are left when those through a node, around it, or of one length are wanted.

Each function takes paths and returns the trellis of some of them, so that restrictions compose. The weight that the
paths end at, and its source, are on every path but not in the trellis: they are treated here.
"""

from __future__ import annotations

from typing import Any

from nodesim.graph.elements import Connection, Node
from nodesim.paths.sums import PathSums
from nodesim.paths.trellis import EMPTY, Trellis


def through(sums: PathSums, element: Node | Connection) -> Trellis:
    """Return the paths that pass a node or a connection.

    Parameters
    ----------
    sums : PathSums
        All the paths.
    element : Node or Connection
        Of the network as it was at the backward.
    """
    trellis = sums.trellis
    if element in _on_every_path(sums):
        return trellis
    if isinstance(element, Connection):
        return trellis.over(sums.graph.index(element))
    return trellis.through(sums.graph.row[element])


def avoiding(sums: PathSums, element: Node | Connection) -> Trellis:
    """Return the paths that do not pass a node or a connection; parameters as for `through`."""
    if element in _on_every_path(sums) or element is sums.of.element:
        return EMPTY
    if isinstance(element, Connection):
        return sums.trellis.without_connection(sums.graph.index(element))
    return sums.trellis.without(sums.graph.row[element])


def of_length(sums: PathSums, length: int) -> Trellis:
    """Return the paths of so many connections, the weight's own included."""
    own = isinstance(sums.of.element, Connection)
    # No path has more connections than there are nodes.
    return sums.trellis.of_length(min(length - own, sums.trellis.n_states))


def _on_every_path(sums: PathSums) -> tuple[Any, ...]:
    """Return the weight that the paths end at, and its source; of nodes nothing that is not in the trellis."""
    of = sums.of.element
    return (of, of.source) if isinstance(of, Connection) else ()
