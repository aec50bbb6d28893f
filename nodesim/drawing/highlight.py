"""What of a network is drawn in red, and how thick: paths, or what flows through each node and connection."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nodesim.errors import ArgumentTypeError
from nodesim.gradients.quantities import Quantity, quantity
from nodesim.graph.elements import Connection, Node
from nodesim.graph.structure import Structure
from nodesim.graph.ties import Tie
from nodesim.notation.symbols import number, percent
from nodesim.paths import Flow, GradientPath, GradientPaths
from nodesim.paths.comparison import PathComparison
from nodesim.paths.tied_paths import TiedPaths
from nodesim.validation import items, shortened

# By how much a line is thicker where the whole gradient flows.
_THICKER = 7.0
# How many are named that are gone.
_NAMED = 3
_WHAT = "paths, a flow, a comparison, a derivation, nodes or connections"


@dataclass(frozen=True)
class Highlight:
    """What is drawn in red, and thicker, so that it is not told by colour alone.

    Attributes
    ----------
    nodes : frozenset of Node
    connections : frozenset of Connection
    carried : dict of Node or Connection to Carried
        Where it is a flow, what flows through each of them.
    meanings : tuple of two str
        What thickness and dots mean.
    notes : tuple of str
        What else is written under the picture.
    contrasts : bool
        Whether what is dotted has another colour, too.
    """

    nodes: frozenset[Node]
    connections: frozenset[Connection]
    carried: dict[Node | Connection, Carried] = field(default_factory=dict)
    meanings: tuple[str, str] = ("thickness: share of the gradient", "dotted: of the opposite sign")
    notes: tuple[str, ...] = ()
    contrasts: bool = False

    def width(self, part: Node | Connection, plain: float, red: float) -> float:
        """Return how thick something is drawn: plain, as what is in red, or by what it carries."""
        if part in self.carried:
            return plain + _THICKER * self.carried[part].size
        return red if part in self.nodes or part in self.connections else plain

    def words(self, part: Node | Connection) -> str:
        """Say what it carries."""
        return f"; {self.carried[part].words}" if part in self.carried else ""

    def against(self, part: Node | Connection) -> bool:
        """Tell whether it carries what is of the other sign than the whole."""
        return part in self.carried and self.carried[part].against


@dataclass(frozen=True)
class Carried:
    """What part of a gradient flows through a node or connection.

    Attributes
    ----------
    size : float
        From 0 to 1: 1 where the whole gradient flows, or, where parts are larger than the whole, the largest of them.
    against : bool
        Whether its sign is not that of the whole.
    words : str
    """

    size: float
    against: bool
    words: str


def highlighted(network: Structure, wanted: Any) -> Highlight:
    """Return the nodes and connections that an argument of `Network.draw` stands for."""
    # A derivation, which stands above this room, is drawn as the paths that it is made of.
    try:
        paths = None if isinstance(wanted, str | Iterable) else getattr(wanted, "paths", None)
    except Exception:
        # Attributes of other people's objects may raise anything.
        paths = None
    if isinstance(paths, GradientPaths):
        wanted = paths
    match wanted:
        case None:
            return Highlight(frozenset(), frozenset())
        case GradientPath(penalty=str()):
            return Highlight(frozenset(), frozenset(), notes=(f"not through the network: {wanted.title}",))
        case GradientPath():
            return Highlight(frozenset(wanted.nodes), frozenset(wanted.connections))
        case GradientPaths():
            return _of_paths(wanted)
        case TiedPaths():
            # Use by use, without listing them: there may be more than anybody could wait for.
            return highlighted(network, list(wanted.by_use().values()))
        case Flow():
            return _of_flow(wanted)
        case PathComparison():
            return _of_comparison(network, wanted)
        case Tie():
            return highlighted(network, list(wanted.uses))
        case str() if ties := [tie for tie in network.ties if tie.name == wanted]:
            return highlighted(network, ties[0])
        case str() | Node() | Connection() | Quantity():
            return _of_element(quantity(network, wanted).element)
        case Iterable() if not isinstance(wanted, bytes):
            parts = [highlighted(network, part) for part in items(wanted, "highlight", _WHAT)]
            return Highlight(
                frozenset().union(*(part.nodes for part in parts)),
                frozenset().union(*(part.connections for part in parts)),
                {element: carried for part in parts for element, carried in part.carried.items()},
                *(parts[0].meanings, parts[0].notes, parts[0].contrasts) if len(parts) == 1 else (),
            )
    raise ArgumentTypeError(f"highlight must be {_WHAT}, got {shortened(wanted)}.")


def _of_element(element: Any) -> Highlight:
    if isinstance(element, Connection):
        return Highlight(frozenset((element.source, element.target)), frozenset((element,)))
    return Highlight(frozenset((element,)), frozenset())


def _of_paths(paths: GradientPaths) -> Highlight:
    """Return all that lies on any of the paths, without listing them."""
    nodes, connections = paths.elements
    return Highlight(frozenset(nodes), frozenset(connections))


def _of_flow(flow: Flow) -> Highlight:
    if not all(isinstance(element, Node | Connection | Quantity) for element in flow.elements):
        raise ArgumentTypeError("a flow over lengths has no nodes and connections to draw; use paths.flow().")
    shares = np.nan_to_num(flow.column("share"))
    largest = max(1.0, np.abs(shares).max(initial=0.0))
    words = [f"{percent(row.share)} of the gradient, {number(row.gradient)}" for row in flow]
    carried = {
        element: Carried(abs(share) / largest, share < 0, said)
        for element, share, said in zip(flow.elements, shares.tolist(), words)
        if not isinstance(element, Quantity)
    }
    nodes = (element for element in carried if isinstance(element, Node))
    # Penalties feed a weight through no node.
    penalties = [(each.name, said) for each, said in zip(flow.elements, words) if isinstance(each, Quantity)]
    beside = [f"{name}: {said}" for name, said in penalties]
    return Highlight(
        frozenset(nodes), frozenset(element for element in carried if isinstance(element, Connection)), carried,
        notes=(f"not through the network: {'; '.join(beside)}",) if beside else (),
    )  # fmt: skip


def _of_comparison(network: Structure, comparison: PathComparison) -> Highlight:
    changes = comparison.changes
    largest = max((abs(row.change) for row in changes.values()), default=0.0)
    found = {key: _element(network, key) for key, row in changes.items() if row.change}
    carried = {
        element: Carried(
            abs(row.change) / largest, row.change < 0,
            f"changed by {number(row.change)}, from {number(row.before)} to {number(row.after)}",
        )
        for key, row in changes.items()
        if (element := found.get(key)) is not None
    }  # fmt: skip
    missing = [key for key, element in found.items() if element is None]
    notes = [comparison.title]
    if missing:
        words = [key if isinstance(key, str) else " -> ".join(key) for key in missing]
        more = f" and {len(words) - _NAMED:,} more" if len(words) > _NAMED else ""
        notes.append(f"not in this network: {', '.join(words[:_NAMED])}{more}")
    return Highlight(
        frozenset(element for element in carried if isinstance(element, Node)),
        frozenset(element for element in carried if isinstance(element, Connection)),
        carried,
        ("thickness: how much what flows there changed; red: up", "dotted blue: down"),
        tuple(notes),
        contrasts=True,
    )


def _element(network: Structure, key: str | tuple[str, str]) -> Node | Connection | None:
    """Return the node of a name, or the connection between two names, of the network that is drawn."""
    if isinstance(key, str):
        node = network.get(key)
        return node if isinstance(node, Node) else None
    source = network.get(key[0])
    leaving = source.outgoing if isinstance(source, Node) else ()
    return next((connection for connection in leaving if connection.target.name == key[1]), None)
