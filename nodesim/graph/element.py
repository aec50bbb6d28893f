"""What nodes, connections and ties have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self


class Element:
    """There is one object for each element, and its network knows that one."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def network(self) -> Any:
            """The network it belongs to."""

        @property
        def name(self) -> str:
            """Its name there."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickled, an element is its network and its name: what comes back is that network's own element.
        return _element_of, (self.network, self.name)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        # What stands in a copied graph is still the element of its network; a copied network has elements of its own.
        # networkx asks where it reverses a graph or forgets directions, and reads the data of edges out of them then.
        return self


def _element_of(network: Any, name: str) -> Any:
    return network[name]
