"""The one namespace of a network's nodes and connections, and the article's numbering of what has no name."""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator

from nodesim.errors import (
    ArgumentError,
    ArgumentTypeError,
    KeyTypeError,
    StructureError,
    UnknownNameError,
    suggestion,
)
from nodesim.graph.elements import Connection, Node, renumber
from nodesim.graph.quantity_names import explanation
from nodesim.notation.symbols import LETTERS, with_article
from nodesim.validation import shortened

# One character as two: no file keeps them apart.
_HALVES = re.compile(r"[\ud800-\udbff][\udc00-\udfff]")
_DEFAULT_CONNECTION = re.compile(LETTERS["connection"] + r"([1-9]\d*)\Z")


class Numbering:
    """The lowest free whole number, found quickly while numbers are taken and given back.

    Parameters
    ----------
    taken : callable
        Tells whether a number is in use.
    start : int
        The lowest number.
    """

    __slots__ = ("_freed", "_next", "_taken")

    def __init__(self, taken: Callable[[int], bool], start: int) -> None:
        self._taken = taken
        self._next = start
        self._freed: list[int] = []

    def first(self) -> int:
        """Return the lowest free number; asking does not take it."""
        while self._freed and self._taken(self._freed[0]):
            heapq.heappop(self._freed)
        if self._freed:
            return self._freed[0]
        while self._taken(self._next):
            self._next += 1
        return self._next

    def release(self, number: int) -> None:
        """Give a number back."""
        heapq.heappush(self._freed, number)


class Namespace:
    """Names, rows and slots: which element has which.

    Attributes
    ----------
    rows : list of Node or None
        The nodes by row, in the order in which they were added; None where one was removed.
    slots : list of Connection or None
        The connections by slot; None where one was removed.
    named : dict of str to Connection
        Those that have a name of their own.

    Notes
    -----
    The connection in slot k is named W(k+1) unless it says otherwise, so that a default name costs no memory:
    `named` only holds the others.
    """

    def __init__(self) -> None:
        self.rows: list[Node | None] = []
        self.slots: list[Connection | None] = []
        self._nodes: dict[str, Node] = {}
        self.named: dict[str, Connection] = {}
        self._gaps = 0
        # Whether default names may differ from slots: a connection had a name of its own, or a node that of one.
        self._crowded = False
        self._free_slot = Numbering(lambda slot: slot < len(self.slots) and self.slots[slot] is not None, 0)
        self._free_number = {
            letter: Numbering(lambda number, letter=letter: f"{letter}{number}" in self, 1)  # type: ignore[misc]
            for letter in LETTERS.values()
        }

    def get(self, name: str) -> Node | Connection | None:
        """Return the element of a name, or None."""
        return self._nodes.get(name) or self.named.get(name) or self._by_number(name)

    def _by_number(self, name: str) -> Connection | None:
        match = _DEFAULT_CONNECTION.match(name)
        if match is None or len(name) > 20:
            return None
        slot = int(match[1]) - 1
        found = self.slots[slot] if slot < len(self.slots) else None
        return found if found is not None and found.own_name is None else None

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        yield from (node.name for node in self.rows if node is not None)
        yield from (connection.name for connection in self.slots if connection is not None)

    def find(self, name: object) -> Node | Connection:
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
        found = self.get(name)
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
        holder = self.get(name)
        if holder is not None:
            raise StructureError(
                f"the name {shortened(name)} is taken by {shortened(holder)}. Names are unique in a network."
            )
        return name

    def next_row(self) -> int:
        """Return the row of the next new node: rows stand in the order in which nodes were added."""
        return len(self.rows)

    def close_rows(self) -> None:
        """Close the gaps that removed nodes left; to be called when nothing refers to rows."""
        if None in self.rows:
            kept = [node for node in self.rows if node is not None]
            renumber(kept)
            self.rows = list(kept)

    def free_slot(self) -> int:
        """Return the lowest free slot."""
        return self._free_slot.first() if self._gaps else len(self.slots)

    def reserve(self, slots: int) -> None:
        """Make room for connections that come in an order of their own."""
        self.slots = [None] * slots
        self._gaps = slots

    def label(self, name: str | None, slot: int) -> str | None:
        """Return what a new connection in a slot has to remember of its checked name: nothing if it is W<slot + 1>.

        Raises
        ------
        ArgumentTypeError, ArgumentError, StructureError
            If the name is not a string, is empty, or is taken.
        """
        if name is None and not self._crowded:
            return None
        checked = self.check(name, "connection")
        return None if checked == f"{LETTERS['connection']}{slot + 1}" else checked

    def add_node(self, node: Node) -> None:
        """Enter a node under its checked name, in the next row."""
        self.rows.append(node)
        self._nodes[node.name] = node
        self._crowded = self._crowded or _DEFAULT_CONNECTION.match(node.name) is not None

    def add_connection(self, connection: Connection, slot: int, own_name: str | None) -> None:
        """Enter a connection under its checked name, in its slot."""
        if slot == len(self.slots):
            self.slots.append(connection)
        else:
            self.slots[slot] = connection
            self._gaps -= 1
        if own_name is not None:
            self.named[own_name] = connection
            self._crowded = True

    def remove_node(self, node: Node) -> None:
        """Free the name and the row of a node."""
        self.rows[node.row] = None
        del self._nodes[node.name]
        self._release(node.name)

    def remove_connection(self, connection: Connection) -> None:
        """Free the name and the slot of a connection."""
        name = connection.name
        self.slots[connection.slot] = None
        self._gaps += 1
        self._free_slot.release(connection.slot)
        self.named.pop(name, None)
        self._release(name)

    def _release(self, name: str) -> None:
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
    return with_article(kind if kind == "connection" else f"{kind} node")
