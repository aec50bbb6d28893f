"""Paths as somebody writes them down: I1 → H1 → O1, with arrows, lines, commas or blanks between the nodes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nodesim.exercises.working import Working
from nodesim.gradients.quantities import Quantity
from nodesim.notation.symbols import ERROR

Route = tuple[str, ...]
_BETWEEN = re.compile(r"[\s,;:>→⇒|/·*+\-\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}]+")


class Routes:
    """Reads paths of a network.

    Parameters
    ----------
    working : Working

    Attributes
    ----------
    right : tuple of tuple of str
        The paths that feed the gradient, each by the names of its nodes, from the weight on.
    """

    def __init__(self, working: Working) -> None:
        self.right: tuple[Route, ...] = tuple(tuple(node.name for node in path.nodes) for path in working.paths)
        schedule = working.graph.schedule
        # What a word stands for; nothing for what may stand between the nodes.
        self._meaning: dict[str, str] = {ERROR: "", "e": ""}
        for connection in schedule.connections:
            self._meaning.setdefault(connection.name.casefold(), "")
        for node in schedule.nodes:
            for kind in ("activated", "sum"):
                self._meaning[Quantity(kind, node).name.casefold()] = node.name
        self._meaning |= {node.name.casefold(): node.name for node in schedule.nodes}
        self._words = sorted(self._meaning, key=len, reverse=True)

    def read(self, text: str) -> Route | None:
        """Return the path that is meant, by its nodes; None if it is none of the network's words."""
        nodes: list[str] = []
        rest = _BETWEEN.sub(" ", text.casefold()) + " "
        rest = rest.lstrip()
        while rest:
            word = next((word for word in self._words if rest.startswith(_spaced(word))), None)
            if word is None:
                return None
            nodes += [self._meaning[word]] * bool(self._meaning[word])
            rest = rest[len(_spaced(word)) :]
        return tuple(nodes)

    def number(self, text: str) -> int | None:
        """Return which of the right paths is meant, the first by 0; None if none is.

        Written from the error back it is the same path; and so it is without the node that the weight comes from.
        """
        route = self.read(text)
        for number, right in enumerate(self.right):
            if route and any(found in (route, route[::-1]) for found in _forms(right)):
                return number
        return None

    def same(self, text: str, others: Iterable[str]) -> bool:
        """Tell whether a path is one of others, as they are written."""
        route = self.read(text)
        return route is not None and any(self.read(each) in (route, route[::-1]) for each in others)


def _forms(right: Route) -> Iterable[Route]:
    return (right, right[1:]) if len(right) > 2 else (right,)


def _spaced(word: str) -> str:
    return _BETWEEN.sub(" ", word).strip() + " "
