"""Paths as somebody writes them down: I1 → H1 → O1, with arrows, lines, commas or blanks between the nodes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from unicodedata import normalize

from nodesim.exercises.working import Working
from nodesim.gradients.quantities import Quantity
from nodesim.notation.symbols import ERROR

Route = tuple[str, ...]
# All arrows that Unicode has, dashes, and what may stand around a path: (I1, H1, O1).
_ARROWS = r"\u2190-\u21ff\u2794-\u27be\u27f0-\u27ff\u2900-\u297f"
_BETWEEN = re.compile(rf"[\s,;:<>()\[\]|/·*+=\-{_ARROWS}\u2013\u2014\u2212\u200b]+")
ARROW = " \N{RIGHTWARDS ARROW} "


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
            self._meaning.setdefault(_folded(connection.name), "")
        for node in schedule.nodes:
            for kind in ("activated", "sum"):
                self._meaning[_folded(Quantity(kind, node).name)] = node.name
        self._meaning |= {_folded(node.name): node.name for node in schedule.nodes}
        self._words = sorted(self._meaning, key=len, reverse=True)
        # As the key has them: of names that are alike but for signs, these are told apart. Not what two could be.
        self._exact: dict[str, int | None] = {}
        for number, right in enumerate(self.right):
            for text in _texts(right):
                self._exact[text] = None if self._exact.get(text, number) != number else number

    def read(self, text: str) -> Route | None:
        """Return the path that is meant, by its nodes; None if it is none of the network's words."""
        nodes: list[str] = []
        rest = _spaced(_folded(text).rstrip(" ."))
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
        exact = self._exact.get(_plain(text))
        if exact is not None:
            return exact
        route = self.read(text)
        for number, right in enumerate(self.right):
            if route and any(found in (route, route[::-1]) for found in _forms(right)):
                return number
        return None

    def same(self, text: str, others: Iterable[str]) -> bool:
        """Tell whether a path is one of others, as they are written."""
        if _plain(text) in map(_plain, others := tuple(others)):
            return True
        route = self.read(text)
        return route is not None and any(self.read(each) in (route, route[::-1]) for each in others)


def _forms(right: Route) -> Iterable[Route]:
    return (right, right[1:]) if len(right) > 2 else (right,)


def _texts(right: Route) -> Iterator[str]:
    for form in _forms(right):
        yield from (_plain(ARROW.join(form)), _plain(ARROW.join(form[::-1])))


def _folded(text: str) -> str:
    """Return a text in small letters, with H₁ and H_1 as H1."""
    return normalize("NFKC", text).replace("_", "").casefold()


def _plain(text: str) -> str:
    return " ".join(text.split())


def _spaced(word: str) -> str:
    return _BETWEEN.sub(" ", word).strip() + " "
