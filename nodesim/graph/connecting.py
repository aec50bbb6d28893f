"""Which connections a network may have."""

from __future__ import annotations

from typing import NoReturn

from nodesim.errors import StructureError
from nodesim.graph.elements import Connection, Node
from nodesim.notation.symbols import with_article
from nodesim.validation import whole


def refuse(start: Node, end: Node, between: Connection | None) -> NoReturn:
    """Say why two nodes cannot be connected without a delay, or are already."""
    if end.kind in ("input", "bias"):
        raise StructureError(
            f"{start.name} -> {end.name}: nothing can be connected into {with_article(end.kind)} node."
        )
    if between is None:
        raise StructureError(
            f"{start.name} -> {end.name} would be a self-loop; a feed-forward network has none. With delay=1 the node "
            "gets what it sent one step before."
        )
    raise StructureError(
        f"{start.name} and {end.name} are connected already, by {between!r}. Set its weight, or disconnect it first."
    )


def checked_delay(start: Node, end: Node, delay: object) -> int:
    """Return by how many steps a new connection is delayed, or raise an error if it cannot be."""
    found = whole(delay, f"the delay of {start.name} -> {end.name}", least=0)
    if found and start.kind == "bias":
        raise StructureError(
            f"{start.name} -> {end.name}: a bias node sends the same at every step, so that a delay of it has no "
            "meaning; leave it out."
        )
    return found
