"""Where nodes stand: layers in columns, with few crossings, and what of a large network is left out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from nodesim.drawing.lanes import Chains, chained, placed, without_lanes
from nodesim.drawing.ordering import ordered
from nodesim.graph.elements import Connection, Layer, Node
from nodesim.graph.structure import Structure

RADIUS, COLUMN, ROW, MARGIN, TOP = 27.0, 190.0, 84.0, 60.0, 66.0
# More connections are drawn where the picture is not dense: where a node has so many of them or fewer, in the mean.
_MOST, _MOST_SPARSE, _SPARSE = 200, 400, 8.0
_EACH = 5
# Beyond so many connections nobody sees which of them cross.
_MOST_UNCROSSED = 3_000
# Columns move apart: so much for a row that a connection rises, for each label between them, and no farther than that.
# Without labels, and where there are many of them, they move together.
_RISE, _LABEL, _FREE, _WIDEST, _NARROW, _MANY = 36.0, 14.0, 60.0, 420.0, 140.0, 8
# How far beyond its column a connection within it swings out, for each row.
_SWING, _SWING_ROW = 34.0, 12.0
# Room for half a label beside it.
_BESIDE = 48.0


@dataclass(frozen=True)
class Layout:
    """Places of the nodes that are shown.

    Attributes
    ----------
    places : dict of Node to (x, y)
    connections : tuple of Connection
        Those between shown nodes.
    lanes : dict of Connection to tuple of (x, y)
        Where a connection passes the columns between its ends, from left to right; only those that pass any.
    columns : tuple of (Layer, x, int)
        Each layer, where it stands, and how many of its nodes are left out.
    width, height : float
    """

    places: dict[Node, tuple[float, float]]
    connections: tuple[Connection, ...]
    lanes: dict[Connection, tuple[tuple[float, float], ...]]
    columns: tuple[tuple[Layer, float, int], ...]
    width: float
    height: float


def layout(network: Structure, preferred: Collection[Node] = (), *, whole: bool = False, labelled: int = 0) -> Layout:
    """Place the nodes of a network.

    Parameters
    ----------
    network : Structure
    preferred : collection of Node
        Of layers that are not shown whole, these nodes are shown first. Networks of more than 200 connections, or
        of more than 400 where a node has few of them, are not shown whole: nobody can read them.
    whole : bool
        Whether to place all nodes all the same, for a picture in which one can move. Then columns are as far apart
        as always, and connections pass where they like.
    labelled : int
        Columns move apart for labels where there are at most so many connections.
    """
    columns, connections = _shown(network, set(preferred), whole)
    nodes = [node for column in columns for node in column]
    chains = _arranged(columns, connections)
    if whole:
        chains = without_lanes(chains, len(nodes))
    y = placed(chains, len(nodes), ROW)
    lowest = min(y.values(), default=0.0)
    y = {vertex: round(height - lowest + TOP, 1) for vertex, height in y.items()}
    x = [MARGIN + COLUMN * index for index in range(len(columns))]
    if not whole:
        x = _across(chains, y, range(len(nodes)) if len(connections) <= labelled else ())
    point = {vertex: (x[index], y[vertex]) for index, column in enumerate(chains.columns) for vertex in column}
    places = {nodes[v]: point[v] for column in chains.columns for v in column if v < len(nodes)}
    lanes = {c: tuple(point[v] for v in lane) for c, lane in zip(connections, chains.lanes) if lane}
    layers = tuple(
        (layer, x[index], len(layer) + len(layer.biases) - len(columns[index]))
        for index, layer in enumerate(network.layers)
    )
    within = [abs(places[c.source][1] - places[c.target][1]) for c in connections if _level(places, c)]
    right = max([MARGIN, *(RADIUS + swing(rise) + _BESIDE for rise in within)])
    return Layout(places, connections, lanes, layers, x[-1] + right, max(y.values(), default=TOP) + TOP)


def swing(rise: float) -> float:
    """Return how far a connection between two nodes of a column swings out beside it."""
    return _SWING + _SWING_ROW * rise / ROW


def _level(places: dict[Node, tuple[float, float]], c: Connection) -> bool:
    return places[c.source][0] == places[c.target][0]


def _arranged(columns: list[list[Node]], connections: tuple[Connection, ...]) -> Chains:
    """Give connections lanes, and order nodes and lanes so that few connections cross."""
    nodes = [node for column in columns for node in column]
    number = {node: index for index, node in enumerate(nodes)}
    many = len(connections) > _MOST_UNCROSSED
    chains = chained(
        [[number[node] for node in column] for column in columns],
        [(number[c.source], number[c.target]) for c in connections],
        straight=many,
    )
    if many:
        return chains
    order = ordered(chains.columns, chains.edges, range(len(nodes), chains.size))
    return Chains(order, chains.edges, chains.lanes, chains.size)


def _across(chains: Chains, y: dict[int, float], labelled: Collection[int]) -> list[float]:
    """Return x of each column: far enough apart for what rises between them, and for labels."""
    rise, labels = [0.0] * len(chains.columns), [0] * len(chains.columns)
    column_of = {vertex: index for index, column in enumerate(chains.columns) for vertex in column}
    sources = set(labelled)
    for source, target in chains.edges:
        rise[column_of[source]] = max(rise[column_of[source]], abs(y[target] - y[source]))
        labels[column_of[source]] += source in sources
    least = COLUMN if labelled or len(chains.columns) < _MANY else _NARROW
    x = [MARGIN]
    for high, many in zip(rise[:-1], labels[:-1]):
        x.append(x[-1] + round(min(_WIDEST, max(least, _RISE / ROW * high, _FREE + _LABEL * many))))
    return x


def _shown(network: Structure, preferred: set[Node], whole: bool) -> tuple[list[list[Node]], tuple[Connection, ...]]:
    columns: list[list[Node]] = [[*layer.nodes, *layer.biases] for layer in network.layers]
    connections = network.connections
    sparse = len(connections) <= _SPARSE * sum(map(len, columns))
    if whole or len(connections) <= (_MOST_SPARSE if sparse else _MOST):
        return columns, connections
    for most in range(_EACH, 0, -1):
        some = [_some(column, preferred, most) for column in columns]
        kept = {node for column in some for node in column}
        between = tuple(c for c in connections if c.source in kept and c.target in kept)
        if len(between) <= _MOST:
            break
    return some, between[:_MOST]


def _some(column: list[Node], preferred: set[Node], most: int) -> list[Node]:
    chosen = set(sorted(column, key=lambda node: node not in preferred)[:most])
    return [node for node in column if node in chosen]
