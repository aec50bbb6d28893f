"""What networkx sees of a connection at its edge: a mapping that reads the network when it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nodesim.errors import UnknownNameError, suggestion
from nodesim.validation import shortened

_EDGE_DATA = ("connection", "name", "weight", "trainable", "order")


class EdgeData(Mapping[str, Any]):
    """The data of an edge, those of this moment."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def number(self) -> int:
            """The connection's number."""

        @property
        def tie(self) -> Any:
            """Its tie, or None."""

        @property
        def delay(self) -> int:
            """By how many steps in time it is delayed."""

    def update(self, attributes: Mapping[str, Any]) -> None:
        """Take the attributes that `networkx.DiGraph.add_edge` hands to a new edge: none; not for users.

        Parameters
        ----------
        attributes : mapping
            Without effect: the numbers of a connection live in the network.

        See Also
        --------
        Network.connect : Make a connection.
        Connection.weight : The weight, to be read and set.

        Examples
        --------
        >>> import nodesim as ns
        >>> W1 = ns.Network.layered([1, 1, 1], bias=False, initializer="zeros")["W1"]
        >>> W1.update({"weight": 2.0})
        >>> W1.weight
        0.0
        """

    def __getitem__(self, key: str) -> Any:
        # Only text is compared: an array has no one answer to whether it is equal.
        if isinstance(key, str):
            if key == "connection":
                return self
            if key == "order":
                return self.number
            if key == "tie" and self.tie is not None:
                return self.tie.name
            if key == "delay" and self.delay:
                return self.delay
            if key in _EDGE_DATA:
                return getattr(self, key)
        raise UnknownNameError(f"a connection has no {shortened(key)}. {suggestion(key, tuple(self))}")

    def __iter__(self) -> Iterator[str]:
        yield from _EDGE_DATA
        if self.tie is not None:
            yield "tie"
        if self.delay:
            yield "delay"

    def __len__(self) -> int:
        return len(_EDGE_DATA) + (self.tie is not None) + bool(self.delay)

    def copy(self) -> dict[str, Any]:
        """Return the edge data as a plain dict, as `networkx` asks for when it copies a graph.

        Returns
        -------
        dict
            The connection itself as "connection", and "name", "weight", "trainable" and "order" of this moment, and the
            name of its "tie" and its "delay" if it has one; edges in ascending order are in connection order.

        See Also
        --------
        Network.to_networkx : Return the whole network as a graph of plain data.
        Network.copy : Make an independent network.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1, 1], bias=False, initializer="zeros")
        >>> net["W1"].copy()
        {'connection': <Connection W1: I1 -> H1 = 0>, 'name': 'W1', 'weight': 0.0, 'trainable': True, 'order': 0}
        """
        return dict(self)

    # An object, not a value: two connections of equal weight are two connections.
    __eq__ = object.__eq__
    __hash__ = object.__hash__
