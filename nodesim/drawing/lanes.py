"""Lanes for connections that pass columns: a vertex in each of them, so that it finds its place between the nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from nodesim.drawing.heights import heights
from nodesim.drawing.ordering import Columns

# More vertices than these in lanes are not worth their time.
_MOST = 4_000
# How far lanes are from nodes, and from each other where there is room and where there is none.
BESIDE = 44.0
_LANE, _NARROWEST, _ALL_LANES = 20.0, 9.0, 420.0
# How much a piece of a connection wants to be level: between nodes, beside one, and between lanes.
_LEVEL = (1.0, 2.0, 8.0)


@dataclass(frozen=True)
class Chains:
    """Nodes and lanes as vertices of a graph whose edges join neighbouring columns.

    Attributes
    ----------
    columns : list of list of int
        The nodes have the first numbers.
    edges : list of (int, int)
        From left to right.
    lanes : list of list of int
        For each connection the vertices in the columns that it passes, from left to right.
    size : int
        How many vertices there are.
    """

    columns: Columns
    edges: list[tuple[int, int]]
    lanes: list[list[int]]
    size: int


def chained(columns: Columns, ends: Sequence[tuple[int, int]], *, straight: bool = False) -> Chains:
    """Give connections lanes in the columns that they pass, each between the nodes where a straight line would pass.

    Parameters
    ----------
    columns : list of list of int
        The nodes, numbered from 0.
    ends : sequence of (int, int)
        Of each connection.
    straight : bool
        Leave out connections that pass columns.
    """
    column_of = {vertex: index for index, column in enumerate(columns) for vertex in column}
    height = {v: (row + 0.5) / len(column) for column in columns for row, v in enumerate(column)}
    passed = sum(max(abs(column_of[target] - column_of[source]) - 1, 0) for source, target in ends)
    straight = straight or passed > _MOST
    grown, edges, lanes = [list(column) for column in columns], [], []
    size = len(column_of)
    for end in ends:
        # What leads back is a line like any other.
        source, target = sorted(end, key=column_of.__getitem__)
        first, last = column_of[source], column_of[target]
        between = [] if straight else list(range(size, size + max(last - first - 1, 0)))
        size += len(between)
        lanes.append(between)
        for index, vertex in enumerate(between, first + 1):
            share = (index - first) / (last - first)
            height[vertex] = height[source] + share * (height[target] - height[source])
            grown[index].append(vertex)
        if last == first + 1 or between:
            edges += list(pairwise([source, *between, target]))
    for column in grown:
        column.sort(key=height.__getitem__)
    return Chains(grown, edges, lanes, size)


def without_lanes(chains: Chains, nodes: int) -> Chains:
    """Return the same order of the nodes, and no lanes."""
    columns = [[vertex for vertex in column if vertex < nodes] for column in chains.columns]
    return Chains(columns, [], [[] for _ in chains.lanes], nodes)


def placed(chains: Chains, nodes: int, row: float) -> dict[int, float]:
    """Return how high every vertex stands.

    Parameters
    ----------
    chains : Chains
    nodes : int
        How many of the vertices are nodes.
    row : float
        How far nodes are from each other.
    """
    if chains.size == nodes:
        return {
            vertex: row * (place - (len(column) - 1) / 2)
            for column in chains.columns
            for place, vertex in enumerate(column)
        }
    most = max(sum(vertex >= nodes for vertex in column) for column in chains.columns)
    lane = min(_LANE, max(_NARROWEST, _ALL_LANES / most))
    rooms = [
        [(row, BESIDE, lane)[(upper >= nodes) + (lower >= nodes)] for upper, lower in pairwise(column)]
        for column in chains.columns
    ]
    weights = {(a, b): _LEVEL[(a >= nodes) + (b >= nodes)] for a, b in chains.edges}
    return heights(chains.columns, weights, rooms)
