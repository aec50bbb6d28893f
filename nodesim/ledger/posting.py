"""Posting updates: what each of their samples, over each path, has moved the weights by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from nodesim._arrays import Array
from nodesim.functions.guard import called
from nodesim.gradients.derivative_graph import snapshot
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection
from nodesim.graph.schedule import Schedule
from nodesim.ledger.accounts import MEMORY, ROUNDING, SPECIAL, Account, Book, extended
from nodesim.ledger.chunks import Chunk, chunks
from nodesim.ledger.columns import layout, taken
from nodesim.ledger.routes import TRACKED, Route, Way, are_many, route
from nodesim.ledger.rules import Linear, is_linear, linear
from nodesim.ledger.summed import Summed
from nodesim.paths import GradientPaths
from nodesim.simulation.sample_weights import shares
from nodesim.training.following import Beginning, Updates

# How many numbers are worked on at a time: of one node, and of all.
_COLUMNS, _NUMBERS = 1 << 14, 1 << 19
# The first samples of the first update tell which paths are the strongest.
_LOOKED_AT = 16
# What a step may differ from what was posted by: roundings of the weight, and a part of the amounts.
_ROUNDINGS, _PART = 64.0, {"float64": 1e-9, "float32": 1e-3}


class Clerk:
    """Posts the updates of one training.

    Parameters
    ----------
    training : Beginning
    weights : sequence of Connection
        Which have accounts, in their order.
    first : int
        The number of the account of the first sample.

    Attributes
    ----------
    numbers : ndarray of int, shape (n_samples,)
        Of the accounts of all samples.
    """

    def __init__(self, training: Beginning, weights: Sequence[Connection], first: int) -> None:
        self.simulator, self.data, self.dropout = training.simulator, training.data, training.dropout
        self.regularizers, self.optimizer = training.terms.regularizers, training.optimizer_state.optimizer
        self.weights, self.linear = weights, is_linear(self.optimizer)
        self.numbers = first + (np.arange(self.data.count) if self.data.rows is None else self.data.rows)
        self._routes: dict[int, Route] = {}

    def post(self, book: Book, updates: Updates) -> None:
        """Post updates into a book that nobody reads yet."""
        schedule, trainable = self.simulator.structure.schedule, self.simulator.structure.store.trainable
        slots = np.array([schedule.slot(weight) for weight in self.weights])
        values = updates.weights[:, slots].astype(float)
        _note_epochs(book, updates, values)
        learning = [number for number, slot in enumerate(slots) if trainable[slot]]
        with np.errstate(all="ignore"):
            if learning:
                self._post(book, updates, schedule, learning)
        for account, weight in zip(book.accounts, values[-1].tolist()):
            account.now = weight
        book.updates += len(updates.counts)

    def _post(self, book: Book, updates: Updates, schedule: Schedule, learning: list[int]) -> None:
        rows = dict.fromkeys(self._row(schedule, number) for number in learning)
        for row in rows:
            if are_many(schedule, row) and row not in book.strongest:
                book.strongest[row] = self._strongest(row, updates)
            self._prepare(schedule, row, book.strongest.get(row))
            self._make_room(book, schedule, row)
        tables = 2 if self.dropout is None else 3
        size = tables * schedule.n_rows + max(self._routes[row].size for row in rows)
        penalties = [len(SPECIAL) + book.penalties.index(each.name) for each in self.regularizers]
        postings = {
            number: Posting(self, book.accounts[number], self._routes[self._row(schedule, number)], penalties)
            for number in learning
        }
        for chunk in chunks(updates, schedule, max(1, min(_COLUMNS, _NUMBERS // size)), self.data.weights):
            for number, sums in self._summed(chunk, schedule, postings, size):
                slot = schedule.slot(self.weights[number])
                postings[number].post(chunk, chunk.weights[:, slot].astype(float), sums)
        for posting in postings.values():
            posting.close()

    def _row(self, schedule: Schedule, number: int) -> int:
        return int(schedule.row_of[self.weights[number].target])

    def _prepare(self, schedule: Schedule, row: int, strongest: tuple[Way, ...] | None) -> None:
        known = self._routes.get(row)
        if known is None:
            self._routes[row] = route(schedule, row, strongest)
        elif known.schedule is not schedule:
            self._routes[row] = replace(known, schedule=schedule)

    def _make_room(self, book: Book, schedule: Schedule, row: int) -> None:
        """Give room to paths that were chosen since the accounts of a node's weights were made."""
        size = self._routes[row].size
        for number, account in enumerate(book.accounts):
            if self._row(schedule, number) == row and len(account.velocity) < size:
                account.parts = account.parts.extended(size)
                account.velocity = extended(account.velocity, size)

    def _strongest(self, row: int, updates: Updates) -> tuple[Way, ...]:
        """Return the strongest ways on from a node, by the first samples of the first update."""
        simulator, data, weights = self.simulator, self.data, updates.weights[0]
        samples = np.arange(updates.counts[0]) if updates.samples is None else updates.samples[: updates.counts[0]]
        if data.weights is not None:
            samples = samples[data.weights[samples] > 0.0]
        samples, schedule = samples[:_LOOKED_AT], simulator.structure.schedule
        counting = None if data.weights is None else shares(data.weights[samples])
        run = simulator.forward(data.inputs[:, samples], weights=weights)
        simulator.backward(
            run, data.targets[:, samples], weights=weights, into=np.zeros_like(weights), shares=counting
        )  # fmt: skip
        graph = snapshot(schedule, weights, run)
        paths = GradientPaths(graph, Quantity("sum", schedule.nodes[row]))
        return tuple(
            tuple(schedule.index(connection) for connection in path.connections) for path in paths.top(TRACKED)
        )

    # ---- numbers ----------------------------------------------------------------------------------------------

    def _summed(
        self, chunk: Chunk, schedule: Schedule, postings: dict[int, Posting], size: int
    ) -> Iterator[tuple[int, Summed]]:
        """Yield for each weight that learns what its accounts get of the chunk's gradients."""
        n_updates = len(chunk.rates)
        kind = layout(schedule, chunk.samples.size // n_updates)
        axis = 0 if kind.samples_first else 1
        # One update of many samples is gone through in pieces.
        pieces = -(-chunk.samples.size * size // _NUMBERS) if n_updates == 1 else 1
        found = {number: Summed(n_updates, axis) for number in postings}
        for piece in chunk.pieces(pieces, axis):
            samples, mask = piece.samples, piece.mask(schedule, self.dropout)
            columns = kind(schedule, piece.weights[:-1], taken(self.data.inputs, samples), mask)
            entering = columns.entering(self.simulator.loss, taken(self.data.targets, samples))
            parts = {row: self._routes[row].numbers(columns, entering) for row in self._rows(schedule, postings)}
            for number, summed in found.items():
                weight = self.weights[number]
                sent = columns.sent(schedule.row_of[weight.source], schedule.slot(weight))
                summed.add(sent * piece.shares, samples, *parts[self._row(schedule, number)])
        yield from found.items()

    def _rows(self, schedule: Schedule, postings: dict[int, Posting]) -> list[int]:
        return list(dict.fromkeys(self._row(schedule, number) for number in postings))


class Posting:
    """Posts a block to the account of one weight.

    Parameters
    ----------
    clerk : Clerk
    account : Account
    route : Route
    penalties : sequence of int
        Where in what is no sample's the regularizers have their rows.
    """

    def __init__(self, clerk: Clerk, account: Account, route: Route, penalties: Sequence[int]) -> None:
        self.clerk, self.account, self.route, self._penalties = clerk, account, route, penalties
        self._parts = np.zeros(route.size)
        self._samples, self._special = np.zeros_like(account.sample_velocity), np.zeros_like(account.special_velocity)

    def post(self, chunk: Chunk, weights: Array, summed: Summed) -> None:
        """Post a chunk, in which the weight had these values."""
        beside = self._beside(chunk, weights[:-1])
        if self.clerk.linear:
            parts, samples, special = self._by_rule(linear(self.clerk.optimizer, chunk.rates), summed, beside)
        else:
            parts, samples, special = self._by_share(np.diff(weights), summed, beside)
        # What a step is rounded by is told; what is more than that is left over, and the ledger does not balance.
        rest = float(weights[-1] - weights[0]) - self.route.total(parts) - float(special.sum())
        eps = float(np.finfo(chunk.weights.dtype).eps)
        size = float(sum(np.abs(amounts).sum() for amounts in (parts, samples, special)))
        allowed = _ROUNDINGS * eps * float(np.abs(weights).sum()) + _PART[chunk.weights.dtype.name] * size
        if abs(rest) <= allowed:
            special[ROUNDING] += rest
        self._parts += parts
        self._samples += samples
        self._special += special

    def _beside(self, chunk: Chunk, weights: Array) -> Array:
        """Return what is no sample's of the gradient of each update, the derivatives of penalties, row by row."""
        found = np.zeros((len(self._special), len(weights)))
        for row, each in zip(self._penalties, self.clerk.regularizers):
            # Two may have the same name.
            slopes = called(each.derivative, (weights,), weights.shape, partial(str, each.label))
            found[row] += chunk.clips * slopes
        return found

    def _by_rule(self, rule: Linear, summed: Summed, beside: Array) -> tuple[Array, Array, Array]:
        account = self.account
        parts, samples = self._times(summed, rule.steps)
        special = beside @ rule.steps
        if self.clerk.optimizer.start is None:
            return parts, samples, special
        parts += rule.from_velocity * account.velocity
        samples += rule.from_velocity * account.sample_velocity
        special += rule.from_velocity * account.special_velocity
        kept, kept_samples = self._times(summed, rule.kept)
        account.velocity = rule.left * account.velocity + kept
        account.sample_velocity = rule.left * account.sample_velocity + kept_samples
        account.special_velocity = rule.left * account.special_velocity + beside @ rule.kept
        return parts, samples, special

    def _by_share(self, steps: Array, summed: Summed, beside: Array) -> tuple[Array, Array, Array]:
        gradients = summed.gradients + beside.sum(axis=0)
        factors = steps / gradients
        # Where there is no gradient, what moves the weight is memory.
        lost = ~np.isfinite(factors) | (gradients == 0.0)
        factors[lost] = 0.0
        parts, samples = self._times(summed, factors)
        special = beside @ factors
        special[MEMORY] = steps[lost].sum()
        return parts, samples, special

    def _times(self, summed: Summed, factors: Array) -> tuple[Array, Array]:
        """Return the sums over all updates, each times a factor, by part and by account of a sample."""
        parts, own = summed.times(factors, self.clerk.data.count)
        samples = np.zeros_like(self._samples)
        samples[self.clerk.numbers] = own
        return parts, samples

    def close(self) -> None:
        """Add what was posted to the account."""
        self.account.parts.add(self._parts)
        self.account.special.add(self._special)
        self.account.samples.add(self._samples)


def _note_epochs(book: Book, updates: Updates, values: Array) -> None:
    """Note by how much each epoch changed the weights: from its first update to that of the next one."""
    starts = np.flatnonzero(np.diff(updates.epochs, prepend=-1))
    ends = np.append(starts[1:], len(updates.epochs))
    book.note_epochs(book.before + updates.epochs[starts], values[ends] - values[starts])
