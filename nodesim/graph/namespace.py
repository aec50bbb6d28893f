"""The one namespace of a network's nodes and connections, and the article's numbering of what has no name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

import numpy as np

from nodesim.errors import (
    ArgumentError,
    ArgumentTypeError,
    KeyTypeError,
    StructureError,
    UnknownNameError,
    suggestion,
)
from nodesim.graph.elements import Connection, Node, renumber
from nodesim.graph.links import Links, Numbering
from nodesim.graph.quantity_names import explanation
from nodesim.graph.ties import Tie, Ties
from nodesim.notation.symbols import LETTERS, with_article
from nodesim.validation import shortened

# One character as two: no file keeps them apart.
_HALVES = re.compile(r"[\ud800-\udbff][\udc00-\udfff]")
_DEFAULT_CONNECTION = re.compile(LETTERS["connection"] + r"([1-9]\d*)\Z")


class Namespace:
    """Names and rows: which element has which.

    Parameters
    ----------
    links : Links
        The connections.
    ties : Ties

    Attributes
    ----------
    rows : list of Node or None
        The nodes by row, in the order in which they were added; None where one was removed.

    Notes
    -----
    The connection of number k is named W(k+1) unless it says otherwise, so that a default name costs no memory.
    """

    def __init__(self, links: Links, ties: Ties) -> None:
        self.rows: list[Node | None] = []
        self._links, self._ties = links, ties
        self._nodes: dict[str, Node] = {}
        # Whether default names may differ from numbers: a connection had a name of its own once, or a node that of one.
        self._crowded = False
        self._free_number = {
            letter: Numbering(lambda number, letter=letter: f"{letter}{number}" in self, 1)  # type: ignore[misc]
            for letter in LETTERS.values()
        }

    def get(self, name: str) -> Node | Connection | None:
        """Return the node or connection of a name, or None."""
        return self._nodes.get(name) or self._links.of_name(name) or self._by_number(name)

    def holder(self, name: str) -> Node | Connection | Tie | None:
        """Return what has a name, or None."""
        return self.get(name) or self._ties.by_name.get(name)

    def _by_number(self, name: str) -> Connection | None:
        match = _DEFAULT_CONNECTION.match(name)
        if match is None or len(name) > 20:
            return None
        found = self._links.get(int(match[1]) - 1)
        return found if found is not None and found.own_name is None else None

    def __contains__(self, name: str) -> bool:
        return self.holder(name) is not None

    def __iter__(self) -> Iterator[str]:
        yield from (node.name for node in self.rows if node is not None)
        yield from (connection.name for connection in self._links)
        yield from self._ties.by_name

    def find(self, name: object) -> Node | Connection | Tie:
        """Return the element of a name.

        Raises
        ------
        UnknownNameError
            If there is none; the message suggests the nearest name, or says where the number of a quantity such as
            HA1 stands.
        KeyTypeError
            If it is not a string.
        """
        if not isinstance(name, str):
            raise KeyTypeError(f"an element is looked up by its name, a string; got {shortened(name)}.")
        found = self.holder(name)
        if found is None:
            # Formulas show more names than there are elements.
            known = explanation(name, self.get, self._outputs)
            missing = f"nothing is named {shortened(name)} in this network"
            raise UnknownNameError(f"{missing}: {known}" if known else f"{missing}. {suggestion(name, self)}")
        return found

    def _outputs(self) -> list[Node]:
        return [node for node in self.rows if node is not None and node.kind == "output"]

    def check(self, name: str | None, kind: str) -> str:
        """Return the name a new element gets: the one asked for if it is free, or the next of its kind.

        Raises
        ------
        ArgumentTypeError, ArgumentError, StructureError
            If it is not a string, is empty, has a character in two halves, or is taken.
        """
        if name is None:
            if kind == "tie":
                return self._ties.free_name()
            letter = LETTERS[kind]
            return f"{letter}{self._free_number[letter].first()}"
        if not isinstance(name, str):
            raise ArgumentTypeError(f"the name of {_described(kind)} must be a string, got {shortened(name)}.")
        if not name:
            raise ArgumentError(
                f"the name of {_described(kind)} must not be empty; leave it out to get the next free one."
            )
        if _HALVES.search(name):
            raise ArgumentError(
                f"the name {shortened(name)} of {_described(kind)} has a character in two halves (surrogates), which "
                "no file keeps apart: write the character itself."
            )
        holder = self.holder(name)
        if holder is not None:
            raise StructureError(
                f"the name {shortened(name)} is taken by {shortened(holder)}. Names are unique in a network."
            )
        # A text of NumPy, as of a column of labels, would show itself as np.str_('a') wherever names are listed.
        return str.__str__(name)

    def next_row(self) -> int:
        """Return the row of the next new node: rows stand in the order in which nodes were added."""
        return len(self.rows)

    def nodes(self) -> Sequence[Node]:
        """Return all nodes by row."""
        whole = len(self._nodes) == len(self.rows)
        return cast(list[Node], self.rows) if whole else [node for node in self.rows if node is not None]

    def close_rows(self) -> None:
        """Close the gaps that removed nodes left; to be called when nothing refers to rows."""
        if len(self._nodes) < len(self.rows):
            kept = self.nodes()
            self._links.renumber_rows(np.cumsum([node is not None for node in self.rows]) - 1)
            renumber(kept)
            self.rows = list(kept)

    def state(self) -> tuple[Any, ...]:
        """Return what the names of now do not tell: what decides which is the next free one."""
        return self._crowded, {letter: free.state() for letter, free in self._free_number.items()}

    def restore(self, nodes: Sequence[Node], state: tuple[Any, ...]) -> None:
        """Let these be the nodes, by row, as they were when this was the state."""
        self.rows, self._nodes = list(nodes), {node.name: node for node in nodes}
        self._crowded, free = state
        for letter, each in free.items():
            self._free_number[letter].restore(each)

    def label(self, name: str | None, number: int) -> str | None:
        """Return what a new connection of a number has to remember of its checked name: nothing if it says the number.

        Raises
        ------
        ArgumentTypeError, ArgumentError, StructureError
            If the name is not a string, is empty, or is taken.
        """
        if name is None and not self._crowded and not self._links.named:
            return None
        checked = self.check(name, "connection")
        return None if checked == f"{LETTERS['connection']}{number + 1}" else checked

    def add_node(self, node: Node) -> None:
        """Enter a node under its checked name, in the next row."""
        self.rows.append(node)
        self._nodes[node.name] = node
        self.taken_by((node.name,))

    def taken_by(self, names: Iterable[str]) -> None:
        """Note that names were taken by what is no connection."""
        self._crowded = self._crowded or any(_DEFAULT_CONNECTION.match(name) for name in names)

    def remove_node(self, node: Node) -> None:
        """Free the name and the row of a node."""
        self.rows[node.row] = None
        del self._nodes[node.name]
        self.released(node.name)

    def remove_connection(self, connection: Connection) -> None:
        """Free the name and the number of a connection."""
        self._crowded = self._crowded or connection.own_name is not None
        self._links.discard(connection)
        self.released(connection.name)

    def released(self, name: str) -> None:
        """Note that a name is free again."""
        letter, digits = name[:1], name[1:]
        if (
            letter in self._free_number
            and digits.isascii()
            and digits.isdigit()
            and digits[0] != "0"
            and len(digits) < 19
        ):
            self._free_number[letter].release(int(digits))


def _described(kind: str) -> str:
    return with_article(kind if kind in ("connection", "tie") else f"{kind} node")
