"""Posting updates: what each of their samples, over each path, has moved the weights by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.functions.contracts import Optimizer
from nodesim.gradients.derivative_graph import snapshot
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection
from nodesim.graph.schedule import Schedule
from nodesim.ledger.accounts import MEMORY, ROUNDING, Account, Book
from nodesim.ledger.columns import layout, taken
from nodesim.ledger.routes import TRACKED, Route, Way, are_many, route
from nodesim.ledger.rules import Linear, is_linear, linear
from nodesim.paths import GradientPaths
from nodesim.simulation.simulator import Simulator
from nodesim.training.following import Updates

# How many numbers are worked on at a time: of one node, and of all.
_COLUMNS, _NUMBERS = 1 << 14, 1 << 19
# The first samples of the first update tell which paths are the strongest.
_LOOKED_AT = 16
# What a step may differ from what was posted by: roundings of the weight, and a part of the amounts.
_ROUNDINGS, _PART = 64.0, {"float64": 1e-9, "float32": 1e-3}


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some updates of a block, in the layout of their columns.

    Attributes
    ----------
    weights : ndarray of shape (n_updates + 1, n_slots)
    samples : ndarray of int, shape (*shape,)
        Which sample each column is of; where an update has fewer, one of them again.
    shares : ndarray of shape (*shape,)
        1 / how many samples the update has; 0 where there is none.
    rates : ndarray of shape (n_updates,)
    """

    weights: Array
    samples: Indices
    shares: Array
    rates: Array


class Clerk:
    """Posts the updates of one training.

    Parameters
    ----------
    simulator : Simulator
    inputs, targets : ndarray of shape (n, n_samples)
    optimizer : Optimizer
    weights : sequence of Connection
        Which have accounts, in their order.
    first : int
        The number of the account of the first sample.
    """

    def __init__(
        self, simulator: Simulator, inputs: Array, targets: Array, optimizer: Optimizer,
        weights: Sequence[Connection], first: int,
    ) -> None:  # fmt: skip
        self.simulator, self.inputs, self.targets = simulator, inputs, targets
        self.optimizer, self.weights, self.first = optimizer, weights, first
        self.linear = is_linear(optimizer)
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
        size = 2 * schedule.n_rows + max(self._routes[row].size for row in rows)
        postings = {
            number: Posting(self, book.accounts[number], self._routes[self._row(schedule, number)])
            for number in learning
        }
        for chunk in self._chunks(updates, schedule, max(1, min(_COLUMNS, _NUMBERS // size))):
            for number, sums in self._summed(chunk, schedule, postings, size):
                slot = schedule.slot(self.weights[number])
                postings[number].post(chunk, chunk.weights[:, slot].astype(float), sums)
        for posting in postings.values():
            posting.close(self.first)

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
                account.velocity = np.pad(account.velocity, (0, size - len(account.velocity)))

    def _strongest(self, row: int, updates: Updates) -> tuple[Way, ...]:
        """Return the strongest ways on from a node, by the first samples of the first update."""
        simulator, weights = self.simulator, updates.weights[0]
        samples = np.arange(updates.counts[0]) if updates.samples is None else updates.samples[: updates.counts[0]]
        samples, schedule = samples[:_LOOKED_AT], simulator.structure.schedule
        run = simulator.forward(self.inputs[:, samples], weights=weights)
        simulator.backward(run, self.targets[:, samples], weights=weights, into=np.zeros_like(weights))
        graph = snapshot(schedule, weights, run)
        paths = GradientPaths(graph, Quantity("sum", schedule.nodes[row]))
        return tuple(
            tuple(schedule.index(connection) for connection in path.connections) for path in paths.top(TRACKED)
        )

    # ---- numbers ----------------------------------------------------------------------------------------------

    def _chunks(self, updates: Updates, schedule: Schedule, columns: int) -> Iterator[Chunk]:
        """Yield the updates, so many columns at a time or one update."""
        batch = int(updates.counts.max())
        kind, each = layout(schedule, batch), max(1, columns // batch)
        ends = np.cumsum(updates.counts)
        for low in range(0, len(updates.counts), each):
            some = slice(low, low + each)
            counts, first = updates.counts[some], (ends - updates.counts)[some]
            place = np.arange(int(counts.max()))[:, None]
            samples = np.minimum(place, counts - 1)
            if updates.samples is not None:
                samples = updates.samples[first + samples]
            shares = (place < counts) / counts
            if not kind.samples_first:
                samples, shares = samples.T, shares.T
            yield Chunk(updates.weights[low : low + each + 1], samples, shares, updates.rates[some])

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
        for samples, shares in zip(
            np.array_split(chunk.samples, pieces, axis), np.array_split(chunk.shares, pieces, axis)
        ):
            columns = kind(schedule, chunk.weights[:-1], taken(self.inputs, samples))
            entering = columns.entering(self.simulator.loss, taken(self.targets, samples))
            parts = {row: self._routes[row].numbers(columns, entering) for row in self._rows(schedule, postings)}
            for number, summed in found.items():
                sent = columns.activated[schedule.row_of[self.weights[number].source]] * shares
                summed.add(sent, samples, *parts[self._row(schedule, number)])
        yield from found.items()

    def _rows(self, schedule: Schedule, postings: dict[int, Posting]) -> list[int]:
        return list(dict.fromkeys(self._row(schedule, number) for number in postings))


class Summed:
    """The gradients of one weight in a chunk, in pieces: what each sample and part adds to that of its update.

    Parameters
    ----------
    n_updates : int
    axis : int
        By which samples are told apart in columns.
    """

    def __init__(self, n_updates: int, axis: int) -> None:
        self.axis = axis
        self.gradients = np.zeros(n_updates)
        # What is multiplied with factors, and summed: of each piece for itself, so that memory is that of one.
        self._kept: list[tuple[Array, Array]] = []
        self._single = n_updates == 1
        self._own: list[tuple[Indices, Array]] = []

    def add(self, sent: Array, samples: Indices, parts: Array, total: Array) -> None:
        """Add some samples: what the source sent, times their share; their parts of ∂e/∂H and all of that."""
        own = sent * total
        self.gradients += own.sum(axis=self.axis)
        table = parts.reshape(len(parts), sent.size)
        self._kept.append((table @ sent.reshape(-1), np.ones(1)) if self._single else (table, sent))
        self._own.append((samples, own))

    def times(self, factors: Array, n_samples: int) -> tuple[Array, Array]:
        """Return the sums over all updates, each times a factor, by part and by sample."""
        by_sample, by_part = np.zeros(n_samples), np.zeros(len(self._kept[0][0]))
        shaped = factors if self.axis == 0 else factors[:, None]
        for parts, sent in self._kept:
            by_part += parts * factors[0] if self._single else parts @ (sent * shaped).reshape(-1)
        for samples, own in self._own:
            by_sample += np.bincount(samples.reshape(-1), (own * shaped).reshape(-1), n_samples)
        return by_part, by_sample


class Posting:
    """Posts a block to the account of one weight.

    Parameters
    ----------
    clerk : Clerk
    account : Account
    route : Route
    """

    def __init__(self, clerk: Clerk, account: Account, route: Route) -> None:
        self.clerk, self.account, self.route = clerk, account, route
        self._n_samples = clerk.inputs.shape[1]
        self._parts, self._samples = np.zeros(route.size), np.zeros(self._n_samples)

    def post(self, chunk: Chunk, weights: Array, summed: Summed) -> None:
        """Post a chunk, in which the weight had these values."""
        change = float(weights[-1] - weights[0])
        if self.clerk.linear:
            parts, samples = self._by_rule(linear(self.clerk.optimizer, chunk.rates), summed)
        else:
            steps = np.diff(weights)
            factors = steps / summed.gradients
            # Where there is no gradient, what moves the weight is memory.
            lost = ~np.isfinite(factors) | (summed.gradients == 0.0)
            memory = float(steps[lost].sum())
            factors[lost] = 0.0
            parts, samples = summed.times(factors, self._n_samples)
            change -= memory
            if memory:
                self.account.post_special(MEMORY, memory)
        self._parts += parts
        self._samples += samples
        # What a step is rounded by is told; what is more than that is left over, and the ledger does not balance.
        rest = change - self.route.total(parts)
        eps = float(np.finfo(chunk.weights.dtype).eps)
        size = float(np.abs(parts).sum() + np.abs(samples).sum())
        allowed = _ROUNDINGS * eps * float(np.abs(weights).sum()) + _PART[chunk.weights.dtype.name] * size
        if abs(rest) <= allowed:
            self.account.post_special(ROUNDING, rest)

    def _by_rule(self, rule: Linear, summed: Summed) -> tuple[Array, Array]:
        account, first = self.account, self.clerk.first
        parts, samples = summed.times(rule.steps, self._n_samples)
        if self.clerk.optimizer.start is None:
            return parts, samples
        own = slice(first, first + self._n_samples)
        parts += rule.from_velocity * account.velocity
        samples += rule.from_velocity * account.sample_velocity[own]
        kept, kept_samples = summed.times(rule.kept, self._n_samples)
        account.velocity = rule.left * account.velocity + kept
        velocity = account.sample_velocity.copy()
        velocity[own] = rule.left * velocity[own] + kept_samples
        account.sample_velocity = velocity
        return parts, samples

    def close(self, first: int) -> None:
        """Add what was posted to the account, that of the first sample to the account of this number."""
        self.account.parts.add(self._parts)
        amounts = np.zeros(len(self.account.sample_velocity))
        amounts[first : first + self._n_samples] = self._samples
        self.account.samples.add(amounts)


def _note_epochs(book: Book, updates: Updates, values: Array) -> None:
    """Note by how much each epoch changed the weights: from its first update to that of the next one."""
    starts = np.flatnonzero(np.diff(updates.epochs, prepend=-1))
    ends = np.append(starts[1:], len(updates.epochs))
    book.note_epochs(book.before + updates.epochs[starts], values[ends] - values[starts])
