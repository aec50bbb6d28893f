"""Joins: nodes whose H another aggregation than the sum makes of what comes in.

Over connection i comes in c_i = W_i·HA_i. Of a sum ∂H/∂c_i is 1, and nobody need ask; here it is asked for, for each
sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import FunctionError
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.guard import FOR_EACH, OVER_CONTRIBUTIONS, called
from nodesim.graph.index_arrays import sorted_by
from nodesim.graph.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Join:
    """Nodes of one depth that share an aggregation and the number of their connections.

    Attributes
    ----------
    aggregation : Aggregation
    names : tuple of str
        Of the nodes, for messages.
    rows : ndarray of shape (n,)
    ends, slots, connections : ndarray of shape (n_contributions, n)
        The rows of what feeds them, and the slots and the numbers, in connection order, of the connections.
    alive : bool
        Whether an output can be reached from them.
    order, starts, sources : ndarray of int
        How what is handed down to the ends is added up: taken in this order, from these places on, for these rows.
    """

    aggregation: Aggregation
    names: tuple[str, ...]
    rows: Indices
    ends: Indices
    slots: Indices
    connections: Indices
    alive: bool
    order: Indices
    starts: Indices
    sources: Indices

    def contributions(self, weights: Array, activated: Array) -> Array:
        """Return W·HA of every connection, of shape (n_contributions, n, n_samples)."""
        found: Array = weights[self.slots][:, :, None] * activated[self.ends]
        return found

    def value(self, contributions: Array) -> Array:
        """Return H of the nodes, of shape (n, n_samples).

        Raises
        ------
        FunctionError
            If the aggregation fails; the message names the node.
        """
        label, call, hint = self.aggregation.label, self.aggregation.function, OVER_CONTRIBUTIONS
        try:
            return called(call, (contributions,), contributions.shape[1:], lambda: f"several nodes ({label})", hint)
        except FunctionError:
            # Once more node by node: it is then known whose fault it is.
            each = [
                called(call, (own,), own.shape[1:], lambda who=name: f"{who} ({label})", hint)  # type: ignore[misc]
                for name, own in zip(self.names, contributions.swapaxes(0, 1))
            ]
            return np.stack(each)

    def partials(self, contributions: Array, value: Array) -> Array:
        """Return ∂H/∂c of every contribution, of its shape.

        Raises
        ------
        FunctionError
            If the aggregation's partials fail; the message names the node.
        """
        label, call, hint = self.aggregation.label, self.aggregation.partials, FOR_EACH
        given, shape = (contributions, value), contributions.shape
        try:
            return called(call, given, shape, lambda: f"several nodes ({label})", hint)
        except FunctionError:
            each = [
                called(call, (own, h), own.shape, lambda who=name: f"the partials of {who} ({label})", hint)  # type: ignore[misc]
                for name, own, h in zip(self.names, contributions.swapaxes(0, 1), value)
            ]
            return np.stack(each, axis=1)

    def hand_down(self, arriving: Array, delta: Array) -> None:
        """Add what arrives over every connection, of shape (n_contributions, n, n_samples), to its source."""
        flat = arriving.reshape(-1, arriving.shape[-1])
        delta[self.sources] += np.add.reduceat(flat[self.order], self.starts, axis=0)


def joins_of(schedule: Schedule) -> dict[int, list[Join]]:
    """Return the joins of a schedule by their depth; those that nothing feeds are none, and have H = 0."""
    return schedule.cached(_joins_of)


def _joins_of(schedule: Schedule) -> dict[int, list[Join]]:
    if not schedule.has_joins:
        return {}
    into = np.flatnonzero(schedule.joins[schedule.targets])
    targets = schedule.targets[into]
    # By node; in connection order, which `into` is in, among those of one.
    own = np.split(into[sorted_by(targets)], np.cumsum(np.bincount(targets, minlength=schedule.n_rows))[:-1])
    alike: dict[tuple[int, Aggregation, int, bool], list[int]] = {}
    for row in np.unique(targets).tolist():
        aggregation = schedule.nodes[row].aggregation
        assert aggregation is not None
        kind = int(schedule.depths[row]), aggregation, len(own[row]), bool(schedule.reaching[row])
        alike.setdefault(kind, []).append(row)
    found: dict[int, list[Join]] = {}
    for (depth, aggregation, _, alive), rows in alike.items():
        connections = np.stack([own[row] for row in rows], axis=1)
        found.setdefault(depth, []).append(_join(schedule, aggregation, np.array(rows), connections, alive))
    return found


def _join(schedule: Schedule, aggregation: Aggregation, rows: Indices, connections: Indices, alive: bool) -> Join:
    ends = schedule.sources[connections]
    order = sorted_by(ends.ravel())
    sources, starts = np.unique(ends.ravel()[order], return_index=True)
    names = tuple(schedule.nodes[row].name for row in rows.tolist())
    return Join(aggregation, names, rows, ends, schedule.slots[connections], connections, alive, order, starts, sources)


def partials_of(schedule: Schedule, weights: Array, activated: Array, value: Array) -> Array | None:
    """Return ∂H/∂c of every connection, in connection order, for each sample; None where all nodes are sums.

    Parameters
    ----------
    schedule : Schedule
    weights : ndarray of shape (n_slots,)
        By slot.
    activated, value : ndarray of shape (n_rows, n_samples)

    Returns
    -------
    ndarray of shape (n_connections, n_samples) or None
        1 into sums; 0 into nodes from which no output can be reached: nobody asks for theirs.
    """
    if not schedule.has_joins:
        return None
    partials = np.ones((len(schedule.slots), activated.shape[1]))
    with np.errstate(all="ignore"):
        for join in (join for joins in joins_of(schedule).values() for join in joins):
            if join.alive:
                made = join.contributions(weights, activated)
                partials[join.connections] = join.partials(made, value[join.rows])
            else:
                partials[join.connections] = 0.0
    return partials
