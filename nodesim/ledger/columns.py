"""The numbers of many updates at once: each column is one sample of one update, with the weights of that update.

There are two layouts. Of a small network, a row of a table is the numbers of one node for all samples of all updates,
and goes through a few long operations for each connection. Of a larger one, connections that form matrices are
multiplied as such, one matrix for each update. Where H of some nodes is no sum, ∂H/∂HA is another one in each column,
and no matrix has it: such networks have rows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.engines.levels import levels_of
from nodesim.engines.matrices import DenseMatrix
from nodesim.functions.aggregation import aggregated, partials_of
from nodesim.functions.contracts import Activation, Loss
from nodesim.functions.guard import called
from nodesim.graph.index_arrays import Places, places
from nodesim.graph.schedule import Schedule, by_activation
from nodesim.simulation.objective import gradients_of

# From so many connections on, and samples for each update, matrices are quicker (measured).
_LARGE, _MANY = 300, 8
_HUGE = 5_000


@dataclass(frozen=True)
class _Depth:
    """The nodes of one depth: their rows, those that share an activation, and those that are no sums."""

    rows: list[int]
    groups: list[tuple[Activation, Indices]]
    joins: list[int]


def _depths(schedule: Schedule) -> list[_Depth]:
    found, feeds = [], schedule.cached(_feeds) if schedule.has_joins else []
    for depth in range(1, int(schedule.depths.max(initial=0)) + 1):
        rows = np.flatnonzero(schedule.depths == depth).tolist()
        groups = by_activation(schedule, rows).items()
        joins = [row for row in rows if schedule.joins[row] and feeds[row]] if schedule.has_joins else []
        found.append(_Depth(rows, [(activation, np.array(members)) for activation, members in groups], joins))
    return found


def _feeds(schedule: Schedule) -> list[list[tuple[int, int]]]:
    """Return for each row the rows that feed it, and the slots by which they do."""
    feeds: list[list[tuple[int, int]]] = [[] for _ in range(schedule.n_rows)]
    for source, target, slot in zip(schedule.sources.tolist(), schedule.targets.tolist(), schedule.slots.tolist()):
        feeds[target].append((source, slot))
    return feeds


def layout(schedule: Schedule, batch: int) -> type[Columns]:
    """Return which layout suits a network, and updates of so many samples."""
    size = 0 if schedule.has_joins else len(schedule.slots)
    return Matrices if size > _HUGE or (size > _LARGE and batch >= _MANY) else Rows


class Columns(ABC):
    """What all nodes send, and their slopes, for some samples of some updates.

    Parameters
    ----------
    schedule : Schedule
    weights : ndarray of shape (n_updates, n_slots)
    inputs : ndarray of shape ``(n_inputs, *shape)``
        In the layout of the columns.
    mask : ndarray of shape ``(n_rows, *shape)``, optional
        By what HA is multiplied, where nodes are dropped.

    Attributes
    ----------
    value, activated : ndarray of shape ``(n_rows, *shape)``
    """

    # By which axis samples are told apart, and by which updates.
    samples_first: bool

    def __init__(self, schedule: Schedule, weights: Array, inputs: Array, mask: Array | None = None) -> None:
        self.schedule, self.shape, self._mask = schedule, inputs.shape[1:], mask
        self._depths = schedule.cached(_depths)
        self.value, self.activated = np.empty((2, schedule.n_rows, *self.shape))
        self._slopes: dict[int, Array] = {}
        # By slot ∂H/∂(W·HA), of connections into nodes that are no sums.
        self._parts: dict[int, Array] = {}
        self._take(weights)
        self.activated[schedule.input_rows] = inputs
        for bias in schedule.biases:
            self.activated[bias.row] = bias.value
        for depth, nodes in enumerate(self._depths, 1):
            self.sums(depth, self.activated, self.value)
            for row in nodes.joins:
                self._join(row)
            for activation, rows in nodes.groups:
                a = _activated(activation, self.value[places(rows)])
                self.activated[rows] = a if mask is None else a * mask[rows]

        self._open()

    def _join(self, row: int) -> None:
        """Set H of a node that is no sum, and ∂H/∂(W·HA) of what comes into it."""
        node, feeds = self.schedule.nodes[row], self.schedule.cached(_feeds)[row]
        aggregation = node.aggregation
        assert aggregation is not None
        coming = np.stack([self.weight(slot) * self.activated[source] for source, slot in feeds])
        h = self.value[row] = aggregated(aggregation, coming, lambda: str(node))
        if self.schedule.reaching[row]:
            parts = partials_of(aggregation, coming, h, lambda: str(node))
            self._parts |= {slot: part for (_, slot), part in zip(feeds, parts)}

    @abstractmethod
    def _open(self) -> None:
        """Take note that ∂H/∂(W·HA) is known from here on."""

    def passed(self, slot: int) -> Array:
        """Return ∂H/∂HA over a connection, to be multiplied with columns: the weights, where H is a sum."""
        part = self._parts.get(slot)
        return self.weight(slot) if part is None else self.weight(slot) * part

    def sent(self, source: int, slot: int) -> Array:
        """Return ∂H/∂W of a connection from the row of its source: what that sends, where H is a sum."""
        part, sent = self._parts.get(slot), self.activated[source]
        found: Array = sent if part is None else sent * part
        return found

    @abstractmethod
    def _take(self, weights: Array) -> None:
        """Take the weights."""

    @abstractmethod
    def weight(self, slot: int) -> Array:
        """Return the weights of a slot, to be multiplied with columns."""

    @abstractmethod
    def sums(self, depth: int, table: Array, into: Array) -> None:
        """Set the rows of a depth to Σ ∂H/∂HA·number, over the rows of a table that feed them."""

    @abstractmethod
    def back(self, depth: int, table: Array, into: Array) -> None:
        """Add ∂H/∂HA·number of the rows of a depth to the rows that feed them."""

    def rows_at(self, depth: int) -> list[int]:
        """Return the rows of a depth."""
        return self._depths[depth - 1].rows

    def slope(self, row: int) -> Array:
        """Return ∂HA/∂H of a node, shape ``(*shape,)``."""
        if row not in self._slopes:
            activation = self.schedule.nodes[row].activation
            assert activation is not None
            z, mask = self.value[row], self._mask
            # Derivatives take what the activation returned, and not what is left of it.
            a = self.activated[row] if mask is None else _activated(activation, z)
            found = called(activation.derivative, (z, a), z.shape, partial(str, activation.label))
            self._slopes[row] = found if mask is None else found * mask[row]
        return self._slopes[row]

    def entering(self, loss: Loss, targets: Array) -> Array:
        """Return ∂e/∂O of each output and sample, as it enters straight from e, shape ``(n_outputs, *shape)``."""
        rows = self.schedule.output_rows
        by_activated = loss.sum_derivative is None
        outputs = (self.activated if by_activated else self.value)[rows].reshape(len(rows), -1)
        entering = gradients_of(loss, targets.reshape(len(rows), -1), outputs).reshape(len(rows), *self.shape)
        if by_activated:
            entering = entering * np.array([self.slope(row) for row in rows.tolist()])
        return entering


def _activated(activation: Activation, z: Array) -> Array:
    return called(activation.function, (z,), z.shape, partial(str, activation.label))


class Rows(Columns):
    """For small networks: columns of shape (n_samples, n_updates)."""

    samples_first = True

    def _take(self, weights: Array) -> None:
        self._weights = np.ascontiguousarray(weights.T, dtype=float)
        self._passed: Array | list[Array] = self._weights
        self._room, self._feeds = np.empty(self.shape), self.schedule.cached(_feeds)

    def _open(self) -> None:
        if self._parts:
            self._passed = [self.passed(slot) for slot in range(len(self._weights))]

    def weight(self, slot: int) -> Array:
        """Return the weights of a slot; see `Columns`."""
        found: Array = self._weights[slot]
        return found

    def sums(self, depth: int, table: Array, into: Array) -> None:
        """Set sums; see `Columns`."""
        weights, room = self._passed, self._room
        for row in self.rows_at(depth):
            feeds, own = self._feeds[row], into[row]
            if not feeds:
                own[...] = 0.0
                continue
            np.multiply(weights[feeds[0][1]], table[feeds[0][0]], own)
            for source, slot in feeds[1:]:
                np.multiply(weights[slot], table[source], room)
                np.add(own, room, own)

    def back(self, depth: int, table: Array, into: Array) -> None:
        """Add what comes back; see `Columns`."""
        for row in self.rows_at(depth):
            for source, slot in self._feeds[row]:
                np.multiply(self._passed[slot], table[row], self._room)
                into[source] += self._room


class Matrices(Columns):
    """For larger networks: columns of shape (n_updates, n_samples)."""

    samples_first = False

    def _take(self, weights: Array) -> None:
        self._weights = weights.astype(float, copy=False)
        self._levels = self.schedule.cached(levels_of).forward

    def _open(self) -> None:
        assert not self._parts

    @cached_property
    def _by_slot(self) -> Array:
        """The weights, one row for each slot; behind them 0, which padding refers to."""
        size = int(self.schedule.slots.max(initial=-1)) + 1
        padded = np.zeros((size + 1, len(self._weights)))
        padded[:size] = self._weights[:, :size].T
        return padded

    def weight(self, slot: int) -> Array:
        """Return the weights of a slot; see `Columns`."""
        found: Array = self._weights[:, slot, None]
        return found

    def sums(self, depth: int, table: Array, into: Array) -> None:
        """Set sums; see `Columns`."""
        level = self._levels[depth]
        into[level.unfed] = 0.0
        for dense in level.dense:
            found = np.matmul(self._matrices(dense).transpose(0, 2, 1), _by_update(table, dense.sources))
            into[dense.targets] = found.transpose(1, 0, 2)
        for gather in level.incoming:
            into[gather.rows] = self._gathered(table, gather.ends, gather.slots)

    def back(self, depth: int, table: Array, into: Array) -> None:
        """Add what comes back; see `Columns`."""
        level = self._levels[depth]
        for dense in level.dense:
            found = np.matmul(self._matrices(dense), _by_update(table, dense.targets))
            into[dense.sources] += found.transpose(1, 0, 2)
        for gather in level.incoming:
            own = table[gather.rows]
            for ends, slots in zip(gather.ends.T, gather.slots.T):
                # Several of these nodes may be fed by one.
                np.add.at(into, ends, self._by_slot[slots][:, :, None] * own)

    def _matrices(self, dense: DenseMatrix) -> Array:
        """Return the weights of a matrix in each update, shape (n_updates, n_sources, n_targets)."""
        n_sources, n_targets = dense.slots.shape
        if dense.start is None:
            return np.take(self._weights, dense.slots, axis=1)
        part = self._weights[:, dense.start : dense.start + dense.slots.size]
        if dense.by_target:
            return part.reshape(-1, n_targets, n_sources).transpose(0, 2, 1)
        return part.reshape(-1, n_sources, n_targets)

    def _gathered(self, table: Array, ends: Indices, slots: Indices) -> Array:
        weights = self._by_slot
        found: Array = weights[slots[:, 0]][:, :, None] * table[ends[:, 0]]
        for place in range(1, ends.shape[1]):
            found += weights[slots[:, place]][:, :, None] * table[ends[:, place]]
        return found


def _by_update(table: Array, rows: Places) -> Array:
    found: Array = table[rows].transpose(1, 0, 2)
    return found


def taken(numbers: Array, samples: Indices) -> Array:
    """Return the columns of some samples of (n, n_samples), one row for each of the n."""
    # They mostly stand sample by sample.
    found: Array = np.moveaxis(numbers.T[samples], -1, 0)
    return found
