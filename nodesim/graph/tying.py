"""Which connections may be tied."""

from __future__ import annotations

from collections.abc import Sequence

from nodesim.errors import StructureError
from nodesim.graph.elements import Connection
from nodesim.graph.ties import Tie


def free_numbers(connections: Sequence[Connection], tie: Tie | None, name: str | None) -> list[int]:
    """Return the numbers of connections that are to be tied.

    Parameters
    ----------
    connections : sequence of Connection
    tie : Tie or None
        That is to get them as further uses.
    name : str or None
        What the tie is to be called.

    Raises
    ------
    StructureError
        If there are too few, or one comes twice or is tied already, or a tie is to get another name.
    """
    seen: set[Connection] = set()
    for connection in connections:
        held = connection.tie
        if connection in seen or (tie is not None and held is tie):
            raise StructureError(f"{connection.name} comes twice: it is one use of a weight.")
        if held is not None:
            raise StructureError(
                f"{connection.name} is tied already, by {held!r}. Extend that tie, or end it first: "
                f"network.untie({held.name!r})."
            )
        seen.add(connection)
    if tie is None and len(connections) < 2:
        raise StructureError(f"a tie has two uses or more: two connections; got {len(connections)}.")
    if tie is not None and (name is not None or not connections):
        raise StructureError(f"{tie.name} is a tie: to extend it give further connections, and no other name.")
    return [connection.number for connection in connections]
