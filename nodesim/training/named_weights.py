"""The weights that a callback is to look at, by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nodesim.errors import ArgumentError
from nodesim.graph.elements import Connection, Node
from nodesim.graph.structure import Structure
from nodesim.validation import items


def names_of(structure: Structure, weights: Any, who: str) -> list[str]:
    """Return the names of weights, each once.

    Parameters
    ----------
    structure : Structure
    weights : str, Connection, or an iterable of them
    who : str
        Who needs one at least, for messages.

    Raises
    ------
    NodesimError
        If one of them is no weight of the structure, or there is none.

    Examples
    --------
    >>> import nodesim as ns
    >>> names_of(ns.Network.layered([1, 1], seed=0).structure, ["W1", "W1"], "a recording")
    ['W1']
    """
    several = isinstance(weights, Iterable) and not isinstance(weights, str | bytes | Node | Connection)
    chosen = items(weights, "weights", "a weight, or a list of them") if several else [weights]
    names = list(dict.fromkeys(structure.connection(weight).name for weight in chosen))
    if not names:
        raise ArgumentError(f"{who} needs at least one weight.")
    return names
