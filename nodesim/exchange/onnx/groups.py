"""A network by levels: groups of nodes of one depth and one activation, each calculated by one product of matrices.

A group takes the values of earlier groups side by side, multiplied by a dense matrix, and a row for each bias node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.exchange.blueprint import Blueprint, Origins
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation
from nodesim.graph.depths import depths
from nodesim.graph.index_arrays import sorted_by


@dataclass(frozen=True, eq=False)
class Part:
    """An array of weights: for each of its connections the place in it, flattened."""

    name: str
    shape: tuple[int, ...]
    connections: Indices
    places: Indices

    def filled(self, weights: Array, dtype: str) -> Array:
        """Return the array; 0 where there is no connection."""
        values = np.zeros(self.shape, dtype=dtype)
        values.flat[self.places] = weights[self.connections]
        return values


@dataclass(frozen=True, eq=False)
class Group:
    """Nodes that are calculated together.

    Attributes
    ----------
    number : int
        Its place among the groups; 0 are the inputs.
    rows : ndarray of int
        The nodes, one a column.
    activation : Activation
    sources : tuple of int
        The groups that stand side by side before the matrix.
    matrix : Part
        Shape (n_source_columns, n_nodes).
    biases : tuple of (row of the bias node, Part)
        Each of shape (n_nodes,).
    aggregation : Aggregation, optional
        Of nodes that are no sums. Their matrix is of shape (n_contributions, n_nodes), and what it is multiplied with
        is taken by `taken`.
    taken : ndarray of int, shape (n_contributions, n_nodes)
        The columns of the sources.
    constants : tuple of int
        For each contribution the row of the bias node that it comes from, -1 where it comes from columns.
    """

    number: int
    rows: Indices
    activation: Activation
    sources: tuple[int, ...]
    matrix: Part
    biases: tuple[tuple[int, Part], ...]
    aggregation: Aggregation | None = None
    taken: Indices = field(default_factory=lambda: np.empty((0, 0), dtype=np.intp))
    constants: tuple[int, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """All its arrays of weights."""
        return (self.matrix, *(part for _, part in self.biases))


class Groups:
    """The groups of a network.

    Parameters
    ----------
    blueprint : Blueprint

    Attributes
    ----------
    inputs, outputs : ndarray of int
        The rows of these nodes.
    of, column : ndarray of int, shape (n_nodes,)
        For each node the number of its group, -1 for bias nodes, and its place there.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        kinds = np.array(blueprint.kinds, dtype="U6")
        self.inputs, self.outputs = np.flatnonzero(kinds == "input"), np.flatnonzero(kinds == "output")
        least = np.isin(kinds, ("hidden", "output")).astype(np.intp)
        self._members = self._grouped(depths(blueprint.sources, blueprint.targets, least))
        self.of = np.full(len(kinds), -1, dtype=np.intp)
        self.column = np.zeros(len(kinds), dtype=np.intp)
        for number, rows in enumerate([self.inputs, *(rows for _, rows in self._members)]):
            self.of[rows] = number
            self.column[rows] = np.arange(len(rows))

    def _grouped(self, depth: Indices) -> list[tuple[Activation, Indices]]:
        found: dict[tuple[int, Activation, Any], list[int]] = {}
        joined = self._joined()
        for row in sorted_by(depth).tolist():
            function = self.blueprint.given[row]
            if isinstance(function, Activation):
                found.setdefault((int(depth[row]), function, joined.get(row)), []).append(row)
        return [(function, np.array(rows, dtype=np.intp)) for (_, function, _), rows in found.items()]

    def _joined(self) -> dict[int, Any]:
        """Return what makes nodes that are no sums alike: the aggregation, and which contributions are of biases.

        Nodes that nothing feeds are sums: of nothing.
        """
        blueprint, ends = self.blueprint, dict[int, list[int]]()
        for link in np.flatnonzero(np.isin(blueprint.targets, [*blueprint.joins])).tolist():
            source, biased = int(blueprint.sources[link]), blueprint.kinds[blueprint.sources[link]] == "bias"
            ends.setdefault(int(blueprint.targets[link]), []).append(source if biased else -1)
        return {row: (blueprint.joins[row], tuple(constants)) for row, constants in ends.items()}

    @cached_property
    def widths(self) -> Indices:
        """How many nodes the groups have, the inputs first."""
        return np.array([len(self.inputs), *(len(rows) for _, rows in self._members)], dtype=np.intp)

    @cached_property
    def all(self) -> tuple[Group, ...]:
        """All but the inputs, each after those that feed it."""
        return tuple(self._made())

    def _made(self) -> Iterator[Group]:
        owner = self.of[self.blueprint.targets]
        order = sorted_by(owner)
        ends = np.searchsorted(owner[order], np.arange(1, len(self._members) + 2))
        for number, (function, rows) in enumerate(self._members, start=1):
            yield self._group(number, function, rows, order[ends[number - 1] : ends[number]])

    def _group(self, number: int, function: Activation, rows: Indices, links: Indices) -> Group:
        origin = self.blueprint.sources[links]
        place = self.column[self.blueprint.targets[links]]
        plain = self.of[origin] >= 0
        # A product with no numbers at all would have no rows: nodes that nothing feeds take the inputs times 0.
        sources = np.unique(self.of[origin[plain]]) if plain.any() else np.zeros(1, dtype=np.intp)
        starts = np.concatenate([[0], np.cumsum(self.widths[sources])])
        line = starts[np.searchsorted(sources, self.of[origin[plain]])] + self.column[origin[plain]]
        # A join that nothing feeds stands among the sums.
        if len(links) and int(self.blueprint.targets[links[0]]) in self.blueprint.joins:
            places = np.full(len(links), -1, dtype=np.intp)
            places[plain] = line
            return self._join(number, function, rows, links, tuple(sources.tolist()), places)
        shape = int(starts[-1]), len(rows)
        matrix = Part(f"weights{number}", shape, links[plain], line * len(rows) + place[plain])
        biases = tuple(
            (row, Part(f"bias{number}_{count}", (len(rows),), links[origin == row], place[origin == row]))
            for count, row in enumerate(np.unique(origin[~plain]).tolist(), start=1)
        )
        return Group(number, rows, function, tuple(sources.tolist()), matrix, biases)

    def _join(
        self, number: int, function: Activation, rows: Indices, links: Indices, sources: tuple[int, ...], line: Indices
    ) -> Group:
        """Return nodes that are no sums; `line` are the columns that their connections come from."""
        place, count = self.column[self.blueprint.targets[links]], len(links) // len(rows)
        # By node, and in connection order within each.
        order = np.lexsort((links, place)).reshape(len(rows), count).T
        matrix = Part(f"weights{number}", (count, len(rows)), links[order].ravel(), np.arange(len(links)))
        first = self.blueprint.sources[links[order[:, 0]]].tolist()
        constants = tuple(row if self.of[row] < 0 else -1 for row in first)
        aggregation = self.blueprint.joins[int(rows[0])]
        return Group(number, rows, function, sources, matrix, (), aggregation, line[order], constants)

    @property
    def parts(self) -> tuple[Part, ...]:
        """All arrays of weights."""
        return tuple(part for group in self.all for part in group.parts)

    @property
    def size(self) -> int:
        """How many numbers they have."""
        return sum(int(np.prod(part.shape, dtype=object)) for part in self.parts)

    def origins(self) -> Origins:
        """Return where in these arrays each connection's weight stands."""
        count = len(self.blueprint.sources)
        owner, place = np.full(count, -1, dtype=np.intp), np.zeros(count, dtype=np.intp)
        for number, part in enumerate(self.parts):
            owner[part.connections] = number
            place[part.connections] = part.places
        return Origins(tuple(part.name for part in self.parts), owner, place, np.ones(count))
