"""A callback that posts every update of a training to accounts of some weights."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import blake2b
from itertools import islice
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import StateError, UnknownNameError, suggestion
from nodesim.functions.contracts import Optimizer
from nodesim.graph.elements import Connection
from nodesim.graph.structure import Structure
from nodesim.ledger.accounts import BETWEEN, CALLBACK, SET_BACK, Book, new_account
from nodesim.ledger.entry import LedgerEntry
from nodesim.ledger.posting import Clerk
from nodesim.ledger.routes import Route, are_many, route
from nodesim.notation import frames, markup, tables
from nodesim.notation.symbols import number, plural
from nodesim.showing import shown
from nodesim.simulation.simulator import Simulator, simulator_of
from nodesim.training.following import Follower, Forgotten, Note, SetBack, Updates
from nodesim.training.named_weights import names_of
from nodesim.training.plan import Epoch
from nodesim.training.recording import check_network
from nodesim.validation import shortened

# How many weights a notebook lists.
_SHOWN = 20
_HEADS = ("weight", "start", "end", "change", "balance")


class Ledger(Follower, Mapping[str, LedgerEntry]):
    """Posts what every update of a training moved some weights by, and why: a callback for `Network.fit`.

    A mapping from the names of weights to `LedgerEntry`.

    Parameters
    ----------
    network : Network
        Whose trainings are followed.
    weights : str, Connection, or a list of them
        Whose changes are posted.

    Raises
    ------
    NodesimError
        If an argument is not usable. As a callback: if another network is trained, or if the network was edited since
        the ledger began. The training has no effect then, neither on the network nor on the ledger.

    See Also
    --------
    Network.fit : Takes it as a callback.
    LedgerEntry : What it knows of one weight.
    PathRecording : Keeps which paths fed the gradients at some epochs.

    Notes
    -----
    The training notes the weights before each update, and goes on as without a ledger: with the same numbers, bit by
    bit. From these weights the ledger calculates what each sample, over each path, adds to the gradient of that update,
    and so to the step. Sgd, momentum and nesterov are linear in gradients: their steps are posted exactly. Other
    optimizers' steps are posted by share; see `LedgerEntry.exact`.

    Memory is that of the accounts: for each weight its paths (a thousand at most), samples and epochs. Several
    trainings are posted one after the other. What moves weights beside updates has rows of its own.

    A ledger is not called with each epoch: give itself to `fit`, and not a function that calls it.

    References
    ----------
    Article, section 3, step 3.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 3, 1], seed=1)
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> ledger = ns.Ledger(net, ["W1", "W2"])
    >>> _ = net.fit(X, y, epochs=500, learning_rate=0.5, callbacks=ledger)
    >>> ledger
    <Ledger of W1, W2: 500 updates of 500 epochs>
    >>> entry = ledger["W1"]
    >>> abs(entry.by_sample().total - entry.change) < 1e-12
    True
    """

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __init__(self, network: Any, weights: Any) -> None:
        simulator = simulator_of(network, "a ledger is of a network")
        structure = simulator.structure
        names = names_of(structure, weights, "a ledger")
        self.network = network
        self._version = structure.store.structure_version
        self._names = tuple(names)
        connections = [structure.connection(name) for name in names]
        # The objects are known also when their network has them no more.
        self._known = dict(zip(connections, names))
        schedule = structure.schedule
        self._routes = [_first_route(schedule.row_of[each.target], schedule) for each in connections]
        accounts = [new_account(float(each.weight), found.size, 0) for each, found in zip(connections, self._routes)]
        self._book = Book(accounts)
        self._samples: dict[bytes, int] = {}
        self._clerk: Clerk | None = None

    @property
    def _structure(self) -> Structure:
        # Asked for, not kept: ledgers are copied and pickled with their network.
        structure: Structure = self.network.structure
        return structure

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_clerk": None}

    # ---- as a callback ------------------------------------------------------------------------------------

    def __call__(self, epoch: Epoch) -> None:
        """Refuse to be called with an epoch by anybody but `fit`, which does not: it gives all updates."""
        check_network(self.network, epoch, "ledger")
        raise StateError("a ledger follows every update: give it to network.fit itself, as callbacks=ledger.")

    def begin(self, simulator: Simulator, inputs: Array, targets: Array, optimizer: Optimizer) -> None:
        """Take note that a training begins; see `nodesim.training.following.Follower`."""
        structure = simulator.structure
        check_network(self.network, Epoch(structure.face, 0, 0.0, None, None), "ledger")  # type: ignore[arg-type]
        if structure.store.structure_version != self._version:
            raise StateError("the structure was edited since this ledger began; make a new one for this training.")
        book = copy.copy(self._book)
        known = _digest(inputs, targets)
        first = self._samples.get(known, book.n_samples)
        book.n_samples = max(book.n_samples, first + inputs.shape[1])
        for account, weight in zip(book.accounts, self._weights()):
            account.set_to(weight, BETWEEN)
            account.samples = account.samples.extended(book.n_samples)
            account.velocity, account.sample_velocity = np.zeros_like(account.velocity), np.zeros(book.n_samples)
        book.before, book.serial = book.done, -1
        clerk = Clerk(simulator, inputs, targets, optimizer, list(self._known), first)
        if not clerk.linear and optimizer.name not in book.shared:
            book.shared = (*book.shared, optimizer.name)
        self._samples, self._clerk, self._book = {**self._samples, known: first}, clerk, book

    def follow(self, note: Note) -> None:
        """Take a note; see `nodesim.training.following.Follower`."""
        if note.serial <= self._book.serial:
            return
        assert self._clerk is not None
        book = copy.copy(self._book)
        match note:
            case Updates():
                self._reconcile(book, note.weights[0])
                self._clerk.post(book, note)
            case SetBack():
                self._set(book, note.weights, SET_BACK)
            case Forgotten():
                for account in book.accounts:
                    account.velocity = np.zeros_like(account.velocity)
                    account.sample_velocity = np.zeros_like(account.sample_velocity)
        book.serial = note.serial
        # What was posted counts from here on, all of it.
        self._book = book

    def end(self) -> None:
        """Take note that the training has ended; see `nodesim.training.following.Follower`."""
        book = copy.copy(self._book)
        self._reconcile(book, self._structure.store.weights)
        self._book, self._clerk = book, None

    def mark(self) -> Any:
        """Return all that it knows; see `nodesim.training.following.Follower`."""
        return self._book, self._samples, self._clerk

    def go_back(self, mark: Any) -> None:
        """Know what it knew then; see `nodesim.training.following.Follower`."""
        self._book, self._samples, self._clerk = mark

    def _reconcile(self, book: Book, weights: Array) -> None:
        """Note what others than the training have set."""
        self._set(book, weights, CALLBACK)

    def _set(self, book: Book, weights: Array, why: int) -> None:
        schedule = self._structure.schedule
        for account, connection in zip(book.accounts, self._known):
            account.set_to(float(weights[schedule.slot(connection)]), why)

    def _weights(self) -> list[float]:
        store, schedule = self._structure.store, self._structure.schedule
        return [float(store.weights[schedule.slot(connection)]) for connection in self._known]

    # ---- read back ----------------------------------------------------------------------------------------

    def __getitem__(self, weight: str | Connection) -> LedgerEntry:
        """Return what was posted for a weight so far.

        Raises
        ------
        UnknownNameError
            If it is none of those that the ledger is of.
        """
        name = self._known.get(weight, weight) if isinstance(weight, Connection) else weight
        if not isinstance(name, str) or name not in self._names:
            raise UnknownNameError(f"this ledger is not of {shortened(name)}. {suggestion(name, self._names)}")
        place, book = self._names.index(name), self._book
        connection, found = list(self._known)[place], self._routes[place]
        if not found.every and found.row in book.strongest:
            found = replace(found, ways=book.strongest[found.row])
        source = found.schedule.nodes[found.schedule.sources[found.schedule.index(connection)]].name
        return LedgerEntry(name, source, book.accounts[place], found, book.by_epoch(place), book.updates, book.shared)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def to_pandas(self) -> Any:
        """Return a row for each weight as a `pandas.DataFrame`.

        Returns
        -------
        pandas.DataFrame
            With the columns "weight", "start", "end", "change", "balance" and "exact".

        Raises
        ------
        MissingExtraError
            Without the extra ``pandas``.

        See Also
        --------
        Postings.to_pandas : One view of one weight.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Ledger(ns.Network.layered([1, 1], seed=0), "W1").to_pandas().columns.tolist()
        ['weight', 'start', 'end', 'change', 'balance', 'exact']
        """
        entries = list(self.values())
        columns = {"weight": [entry.name for entry in entries]}
        columns |= {name: [getattr(entry, name) for entry in entries] for name in (*_HEADS[1:], "exact")}
        return frames.frame(columns)

    def _cells(self, most: int | None = None) -> list[list[str]]:
        return [
            [entry.name, *(number(getattr(entry, name)) for name in _HEADS[1:])]
            for entry in islice(self.values(), most)
        ]

    @property
    def _by_share(self) -> str:
        names = ", ".join(self._book.shared)
        return f"; posted by share of the gradient ({names})" if names else ""

    def __str__(self) -> str:
        return "\n".join([repr(self)[1:-1], *tables.lines(_HEADS, self._cells(), "<>")])

    def __repr__(self) -> str:
        book, names = self._book, ", ".join(self)
        return shown(
            f"<Ledger of {names}: {plural(book.updates, 'update')} of {plural(book.done, 'epoch')}{self._by_share}>"
        )

    def _repr_html_(self) -> str:
        rows = self._cells(_SHOWN)
        return markup.line(repr(self)[1:-1]) + markup.table(
            _HEADS, rows, "<>", markup.left_out(len(self), len(rows), "weight")
        )


def _first_route(row: int, schedule: Any) -> Route:
    """Return the ways on from a node; of too many, those to have accounts are chosen with the first update."""
    if not are_many(schedule, row):
        return route(schedule, row)
    return route(schedule, row, ())


def _digest(inputs: Array, targets: Array) -> bytes:
    """Return what tells samples apart."""
    digest = blake2b(digest_size=16)
    for table in (inputs, targets):
        digest.update(str((table.shape, table.dtype)).encode())
        # Sample by sample, as they mostly stand.
        digest.update(np.ascontiguousarray(table.T).data)
    return digest.digest()
