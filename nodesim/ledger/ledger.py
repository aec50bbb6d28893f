"""A callback that posts every update of a training to accounts of some weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from nodesim.errors import StateError, StructureError, UnknownNameError, suggestion
from nodesim.graph.elements import Connection
from nodesim.ledger.bookkeeper import Bookkeeper
from nodesim.ledger.entry import LedgerEntry
from nodesim.notation import frames, markup, tables
from nodesim.notation.symbols import number, plural
from nodesim.showing import shown
from nodesim.simulation.simulator import simulator_of
from nodesim.training.epoch import Epoch
from nodesim.training.following import Following
from nodesim.training.named_weights import names_of
from nodesim.training.recording import check_network
from nodesim.validation import shortened

# How many weights a notebook lists.
_SHOWN = 20
_HEADS = ("weight", "start", "end", "change", "balance")


class Ledger(Following, Mapping[str, LedgerEntry]):
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

    Weights of samples, clipping and dropped nodes are in the amounts: what a sample adds to a gradient is multiplied by
    its share and the factor of that update, and no path leads over a node that was dropped for it. What a penalty adds
    is no sample's: each regularizer has a row of its own, under its name.

    Memory is that of the accounts: for each weight its paths (a thousand at most), samples and epochs. Several
    trainings are posted one after the other; one that resumes goes on with what is remembered of each sample and path.
    What the optimizer remembers of trainings that were not followed, and what moves weights beside updates, has rows of
    its own. A training with batches that are handed over one by one is refused: its samples are gone when their turn
    to be posted comes.

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
        self._names = tuple(names)
        connections = [structure.connection(name) for name in names]
        for connection in connections:
            if connection.tie is not None:
                raise StructureError(
                    f"a ledger keeps no account of {connection.name}, a use of the tied weight {connection.tie.name}: "
                    "an update changes it by what all uses contribute. Untie it, or give weights that are not tied."
                )
        # The objects are known also when their network has them no more.
        self._known = dict(zip(connections, names))
        self._keeper = Bookkeeper(network, self._names)

    # ---- as a callback ------------------------------------------------------------------------------------

    def __call__(self, epoch: Epoch) -> None:
        """Refuse to be called with an epoch by anybody but `fit`, which does not: it gives all updates."""
        check_network(self.network, epoch, "ledger")
        raise StateError("a ledger follows every update: give it to network.fit itself, as callbacks=ledger.")

    @property
    def __follower__(self) -> Bookkeeper:
        """What `fit` tells of all updates."""
        return self._keeper

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
        place, keeper = self._names.index(name), self._keeper
        found, book = keeper.routes[place], keeper.book
        if not found.every and found.row in book.strongest:
            found = replace(found, ways=book.strongest[found.row])
        return LedgerEntry(
            name, keeper.sources[place], book.accounts[place], found, book.by_epoch(place), book.updates, book.shared,
            book.penalties,
        )  # fmt: skip

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
        names = ", ".join(self._keeper.book.shared)
        return f"; posted by share of the gradient ({names})" if names else ""

    def __str__(self) -> str:
        return "\n".join([repr(self)[1:-1], *tables.lines(_HEADS, self._cells(), "<>")])

    def __repr__(self) -> str:
        book, names = self._keeper.book, ", ".join(self)
        return shown(
            f"<Ledger of {names}: {plural(book.updates, 'update')} of {plural(book.done, 'epoch')}{self._by_share}>"
        )

    def _repr_html_(self) -> str:
        rows = self._cells(_SHOWN)
        return markup.line(repr(self)[1:-1]) + markup.table(
            _HEADS, rows, "<>", markup.left_out(len(self), len(rows), "weight")
        )
