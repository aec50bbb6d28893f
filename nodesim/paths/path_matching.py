"""Which path of one set is which of another, by the names of the nodes that they pass, or of the penalty."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.graph.elements import Connection, Node
from nodesim.paths.known_paths import KnownPaths
from nodesim.paths.sums import PathSums

# Of more paths than can be listed, so many of the strongest of each.
STRONGEST = 1_000
Ends = tuple[str, str]
# What stands in the place of a source where a path leads through no node: its target is the name of the penalty then.
PENALTY = ""


class Side(NamedTuple):
    """One of two sets of paths that are compared.

    Attributes
    ----------
    paths : GradientPaths
        Which stand above this file.
    sums : PathSums
        Its own.
    samples : list of int
        Those that it looks at.
    """

    paths: Any
    sums: PathSums
    samples: list[int]


class Matched(NamedTuple):
    """Paths of both sides, each once.

    Attributes
    ----------
    steps : ndarray of int, shape (n_paths, longest)
        For each path its connections, by their places in `known`; -1 behind its end.
    known : list of (str, str)
        The ends of connections; nothing and the name of a penalty.
    before, after : ndarray of shape (n_paths,)
        Products.
    there : ndarray of bool, shape (2, n_paths)
        Whether it is there before, and after.
    """

    steps: NDArray[Any]
    known: list[Ends]
    before: Array
    after: Array
    there: NDArray[np.bool_]

    def ends(self, row: int) -> list[Ends]:
        """Return the ends of a path's connections."""
        return [self.known[step] for step in self.steps[row].tolist() if step >= 0]


class _Names:
    """Numbers for connections of both sides, by the names of their ends."""

    def __init__(self) -> None:
        self.numbers: dict[Ends, int] = {}

    def of(self, graph: DerivativeGraph, indices: NDArray[Any]) -> NDArray[Any]:
        """Return the numbers of connections that are given by their places in connection order, -1 of -1."""
        schedule = graph.schedule
        used = np.unique(indices[indices >= 0])
        nodes, rows = schedule.nodes, zip(schedule.sources[used].tolist(), schedule.targets[used].tolist())
        number_of: NDArray[Any] = np.full(int(used.max(initial=-1)) + 2, -1)
        number_of[used] = [
            self.numbers.setdefault((nodes[source].name, nodes[target].name), len(self.numbers))
            for source, target in rows
        ]
        # The last one is what -1 finds.
        number_of[-1] = -1
        numbers: NDArray[Any] = number_of[indices]
        return numbers

    def added(self, side: Side, steps: NDArray[Any]) -> NDArray[Any]:
        """Give the paths of penalties, which go over no connection, a step each; they are the last."""
        names = side.sums.direct.names
        if names:
            steps[-len(names) :, 0] = [self.numbers.setdefault((PENALTY, name), len(self.numbers)) for name in names]
        return steps


def listed(before: Side, after: Side) -> Matched:
    """Match all paths of both sides."""
    names, sides = _Names(), (before, after)
    arrays = [side.paths.as_arrays() for side in sides]
    steps = [names.of(side.paths.derivatives, found.connections) for side, found in zip(sides, arrays)]
    steps = [names.added(side, each) for side, each in zip(sides, steps)]
    longest = max(each.shape[1] for each in steps)
    padded = [np.pad(each, ((0, 0), (0, longest - each.shape[1])), constant_values=-1) for each in steps]
    if np.array_equal(padded[0], padded[1]):
        there = np.ones((2, len(padded[0])), dtype=bool)
        return Matched(padded[0], list(names.numbers), arrays[0].products, arrays[1].products, there)
    rows, first, places = _distinct(np.concatenate(padded))
    products, there = np.zeros((2, len(rows))), np.zeros((2, len(rows)), dtype=bool)
    for side, (found, place) in enumerate(zip(arrays, np.split(places, [len(padded[0])]))):
        products[side, place], there[side, place] = found.products, True
    # In the order of listing: those of before, then those that are new.
    order = np.argsort(first)
    products, there = products[:, order], there[:, order]
    return Matched(rows[order], list(names.numbers), products[0], products[1], there)


def _distinct(rows: NDArray[Any]) -> tuple[NDArray[Any], Indices, Indices]:
    if not rows.shape[1]:
        # The one path that has no connection.
        return rows[:1], np.arange(len(rows[:1])), np.zeros(len(rows), dtype=np.intp)
    found, first, places = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return found, first, places.reshape(-1)


def strongest(before: Side, after: Side) -> Matched:
    """Match the strongest paths of both sides; of each, the product on both is looked up."""
    names, found = _Names(), dict[tuple[Ends, ...], list[float | None]]()
    for place, side in enumerate((before, after)):
        for path in side.paths.top(STRONGEST):
            ends = tuple((c.source.name, c.target.name) for c in path.connections)
            if path.penalty is not None:
                ends = ((PENALTY, path.penalty),)
            found.setdefault(ends, [None, None])[place] = path.product
    for place, side in enumerate((before, after)):
        _look_up(found, place, side)
    steps = np.full((len(found), max(map(len, found), default=0)), -1)
    for row, ends in enumerate(found):
        steps[row, : len(ends)] = [names.numbers.setdefault(each, len(names.numbers)) for each in ends]
    columns = [[pair[place] for pair in found.values()] for place in (0, 1)]
    there = np.array([[product is not None for product in column] for column in columns])
    products = np.array([[product or 0.0 for product in column] for column in columns])
    return Matched(steps, list(names.numbers), products[0], products[1], there)


def _look_up(found: dict[tuple[Ends, ...], list[float | None]], place: int, side: Side) -> None:
    """Fill in the products of a side that are missing."""
    graph, own, direct = side.paths.derivatives, side.paths.of.element, side.sums.direct
    for number, name in enumerate(direct.names):
        if ((PENALTY, name),) in found:
            found[(PENALTY, name),][place] = direct.product(number, side.samples)
    missing = {ends: _indices(graph, ends) for ends, pair in found.items() if pair[place] is None}
    known = {ends: indices for ends, indices in missing.items() if indices is not None}
    finder = KnownPaths(side.sums, side.samples, (index for indices in known.values() for index in indices))
    for ends, indices in known.items():
        if isinstance(own, Connection):
            # The first is the weight's own, or it is no path of this one.
            if indices[:1] != [graph.index(own)]:
                continue
            indices = indices[1:]
        found[ends][place] = finder.product(indices[::-1])


def _indices(graph: DerivativeGraph, ends: tuple[Ends, ...]) -> list[int] | None:
    """Return the places of connections in connection order, or None where there are not all of them."""
    found: list[int] = []
    schedule = graph.schedule
    for names in ends:
        source, target = (schedule.get(name) for name in names)
        if not isinstance(source, Node) or not isinstance(target, Node):
            return None
        entering = graph.entering(target)
        place = entering[schedule.sources[entering] == graph.row[source]]
        if not len(place):
            return None
        found.append(int(place[0]))
    return found
