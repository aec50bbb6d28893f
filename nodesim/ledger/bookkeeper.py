"""Keeps the book of a ledger while the network is trained."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import StateError
from nodesim.graph.elements import Connection
from nodesim.graph.schedule import Schedule
from nodesim.graph.structure import Structure
from nodesim.ledger.accounts import BETWEEN, CALLBACK, EARLIER, SET_BACK, SPECIAL, Account, Book, new_account
from nodesim.ledger.posting import Clerk
from nodesim.ledger.routes import Route, are_many, route
from nodesim.ledger.rules import velocity
from nodesim.training.following import Beginning, Follower, Forgotten, Note, SetBack, Updates
from nodesim.training.recording import check_same

# By which part of what was added up the velocity of a weight may differ from those of its accounts, and be theirs.
_ALIKE = {"float64": 1e-9, "float32": 1e-3}


class Bookkeeper(Follower):
    """Posts what it is told of trainings; see `nodesim.training.following.Follower`.

    Parameters
    ----------
    network : Network
    names : sequence of str
        Of the weights.

    Attributes
    ----------
    book : Book
        Never changed, but exchanged for another one: where Ctrl-C comes in, a note was posted wholly or not at all.
    routes : list of Route
        The ways on from each weight.
    sources : list of str
        The names of the nodes that they leave.
    """

    def __init__(self, network: Any, names: Sequence[str]) -> None:
        self.network, self._names = network, names
        structure = self._structure
        self._version, schedule = structure.store.structure_version, structure.schedule
        weights = self._weights
        self.sources = [weight.source.name for weight in weights]
        self.routes = [_first_route(schedule.row_of[weight.target], schedule) for weight in weights]
        self.book = Book([new_account(float(each.weight), way.size) for each, way in zip(weights, self.routes)])
        self._samples: dict[bytes, int] = {}
        self._clerk: Clerk | None = None

    @property
    def _structure(self) -> Structure:
        # Asked for, not kept: ledgers are copied and pickled with their network.
        structure: Structure = self.network.structure
        return structure

    @property
    def _weights(self) -> list[Connection]:
        return [self._structure.connection(name) for name in self._names]

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_clerk": None}

    def begin(self, training: Beginning) -> None:
        """Take note that a training begins; see `nodesim.training.following.Follower`."""
        structure, optimizer = training.simulator.structure, training.optimizer_state.optimizer
        check_same(self.network, structure.face, "ledger")
        if structure.store.structure_version != self._version:
            raise StateError("the structure was edited since this ledger began; make a new one for this training.")
        book = copy.copy(self.book)
        # Samples that were held out have accounts, too: numbers are those of all that were given.
        data = training.data.source or training.data
        known = _digest(data.inputs, data.targets)
        first = self._samples.get(known, book.n_samples)
        book.n_samples = max(book.n_samples, first + data.count)
        penalties = [each.name for each in training.terms.regularizers]
        book.penalties = tuple(dict.fromkeys((*book.penalties, *penalties)))
        for account, weight in zip(book.accounts, self._values()):
            account.set_to(weight, BETWEEN)
            account.make_room(book.n_samples, len(SPECIAL) + len(book.penalties))
        self._remember(book, training)
        book.before, book.serial = book.done, -1
        clerk = Clerk(training, self._weights, first)
        if not clerk.linear and optimizer.name not in book.shared:
            book.shared = (*book.shared, optimizer.name)
        self._samples, self._clerk, self.book = {**self._samples, known: first}, clerk, book

    def _remember(self, book: Book, training: Beginning) -> None:
        """Let accounts go on with what the optimizer remembers of the training that is resumed.

        If that is not what they remember, it has an account of its own.
        """
        state, schedule = training.optimizer_state, self._structure.schedule
        found = velocity(state.optimizer, state.state) if training.resumes else None
        slots = [schedule.slot(weight) for weight in self._weights]
        remembered = np.zeros(len(slots)) if found is None else found[slots]
        allowed = _ALIKE[self._structure.store.weights.dtype.name]
        own = zip(book.accounts, self.routes, remembered)
        if training.resumes and all(_is_of(account, way, value, allowed) for account, way, value in own):
            return
        for account, value in zip(book.accounts, remembered):
            account.forget()
            account.special_velocity[EARLIER] = value

    def follow(self, note: Note) -> None:
        """Take a note; see `nodesim.training.following.Follower`."""
        if note.serial <= self.book.serial:
            return
        assert self._clerk is not None
        book = copy.copy(self.book)
        match note:
            case Updates():
                self._reconcile(book, note.weights[0])
                self._clerk.post(book, note)
            case SetBack():
                self._set(book, note.weights, SET_BACK)
            case Forgotten():
                for account in book.accounts:
                    account.forget()
        book.serial = note.serial
        # What was posted counts from here on, all of it.
        self.book = book

    def end(self) -> None:
        """Take note that the training has ended; see `nodesim.training.following.Follower`."""
        book = copy.copy(self.book)
        self._reconcile(book, self._structure.store.weights)
        self.book, self._clerk = book, None

    def mark(self) -> Any:
        """Return all that it knows; see `nodesim.training.following.Follower`."""
        return self.book, self._samples, self._clerk

    def go_back(self, mark: Any) -> None:
        """Know what it knew then; see `nodesim.training.following.Follower`."""
        self.book, self._samples, self._clerk = mark

    def _reconcile(self, book: Book, weights: Array) -> None:
        """Note what others than the training have set."""
        self._set(book, weights, CALLBACK)

    def _set(self, book: Book, weights: Array, why: int) -> None:
        schedule = self._structure.schedule
        for account, connection in zip(book.accounts, self._weights):
            account.set_to(float(weights[schedule.slot(connection)]), why)

    def _values(self) -> list[float]:
        store, schedule = self._structure.store, self._structure.schedule
        return [float(store.weights[schedule.slot(connection)]) for connection in self._weights]


def _first_route(row: int, schedule: Schedule) -> Route:
    """Return the ways on from a node; of too many, those to have accounts are chosen with the first update."""
    if not are_many(schedule, row):
        return route(schedule, row)
    return route(schedule, row, ())


def _is_of(account: Account, way: Route, velocity: float, allowed: float) -> bool:
    """Tell whether the velocity of a weight is what its accounts remember."""
    known = way.total(account.velocity) + account.special_velocity.sum()
    size = sum(float(np.abs(part).sum()) for part in (account.velocity, account.special_velocity))
    return bool(abs(velocity - known) <= allowed * size)


def _digest(inputs: Array, targets: Array) -> bytes:
    """Return what tells samples apart."""
    digest = blake2b(digest_size=16)
    for table in (inputs, targets):
        digest.update(str((table.shape, table.dtype)).encode())
        # Sample by sample, as they mostly stand.
        digest.update(np.ascontiguousarray(table.T).data)
    return digest.digest()
