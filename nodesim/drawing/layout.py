"""Where nodes stand: layers in columns, with few crossings, and what of a large network is left out."""

from __future__ import annotations

from bisect import bisect, insort
from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from nodesim.graph.elements import Connection, Layer, Node
from nodesim.graph.structure import Structure

COLUMN, ROW, MARGIN, TOP = 190.0, 84.0, 60.0, 66.0
_MOST = 200
_EACH = 5
_SWEEPS = 8
# Beyond so many connections nobody sees which of them cross.
_MOST_UNCROSSED = 3_000


@dataclass(frozen=True)
class Layout:
    """Places of the nodes that are shown.

    Attributes
    ----------
    places : dict of Node to (x, y)
    connections : tuple of Connection
        Those between shown nodes.
    columns : tuple of (Layer, x, int)
        Each layer, where it stands, and how many of its nodes are left out.
    width, height : float
    """

    places: dict[Node, tuple[float, float]]
    connections: tuple[Connection, ...]
    columns: tuple[tuple[Layer, float, int], ...]
    width: float
    height: float


def layout(network: Structure, preferred: Collection[Node] = (), *, whole: bool = False) -> Layout:
    """Place the nodes of a network.

    Parameters
    ----------
    network : Structure
    preferred : collection of Node
        Of layers that are not shown whole, these nodes are shown first. Networks of more than 200 connections are
        not shown whole: nobody can read them.
    whole : bool
        Whether to place all nodes all the same, for a picture in which one can move.
    """
    columns, connections = _shown(network, set(preferred), whole)
    if len(connections) <= _MOST_UNCROSSED:
        columns = _uncrossed(columns, connections)
    tallest = max(len(column) for column in columns)
    places = {
        node: (MARGIN + COLUMN * index, TOP + ROW * (row + (tallest - len(column)) / 2))
        for index, column in enumerate(columns)
        for row, node in enumerate(column)
    }
    layers = tuple(
        (layer, MARGIN + COLUMN * index, len(layer) + len(layer.biases) - len(columns[index]))
        for index, layer in enumerate(network.layers)
    )
    width = 2 * MARGIN + COLUMN * (len(columns) - 1)
    return Layout(places, connections, layers, width, TOP + ROW * (tallest - 1) + TOP)


def _shown(network: Structure, preferred: set[Node], whole: bool) -> tuple[list[list[Node]], tuple[Connection, ...]]:
    columns: list[list[Node]] = [[*layer.nodes, *layer.biases] for layer in network.layers]
    connections = network.connections
    if whole or len(connections) <= _MOST:
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


def _uncrossed(columns: list[list[Node]], connections: tuple[Connection, ...]) -> list[list[Node]]:
    """Order the columns by the mean place of their neighbours, as long as connections cross less."""
    best, fewest = columns, _crossings(columns, connections)
    current = columns
    for sweep in range(_SWEEPS if fewest else 0):
        current = _swept(current, connections, backwards=bool(sweep % 2))
        crossings = _crossings(current, connections)
        if crossings < fewest:
            best, fewest = current, crossings
    return best


def _swept(columns: list[list[Node]], connections: tuple[Connection, ...], *, backwards: bool) -> list[list[Node]]:
    place = {node: float(row) for column in columns for row, node in enumerate(column)}
    neighbours: dict[Node, list[Node]] = {node: [] for node in place}
    for c in connections:
        near, far = (c.source, c.target) if backwards else (c.target, c.source)
        neighbours[near].append(far)
    swept = list(columns)
    for index in reversed(range(len(columns))) if backwards else range(len(columns)):
        mean = {
            node: sum(place[far] for far in neighbours[node]) / len(neighbours[node])
            if neighbours[node]
            else place[node]
            for node in columns[index]
        }
        swept[index] = sorted(columns[index], key=lambda node: mean[node])  # used at once
        place.update((node, float(row)) for row, node in enumerate(swept[index]))
    return swept


def _crossings(columns: list[list[Node]], connections: tuple[Connection, ...]) -> int:
    column = {node: index for index, nodes in enumerate(columns) for node in nodes}
    row = {node: index for nodes in columns for index, node in enumerate(nodes)}
    between: list[list[tuple[int, int]]] = [[] for _ in columns]
    for c in connections:
        if column[c.target] == column[c.source] + 1:
            between[column[c.source]].append((row[c.source], row[c.target]))
    return sum(_inversions(sorted(ends)) for ends in between)


def _inversions(ends: list[tuple[int, int]]) -> int:
    """Return how many pairs, sorted by their first number, have their second ones the other way round."""
    before: list[int] = []
    inversions = 0
    for _, group in groupby(ends, itemgetter(0)):
        seconds = [second for _, second in group]
        inversions += sum(len(before) - bisect(before, second) for second in seconds)
        for second in seconds:
            insort(before, second)
    return inversions
