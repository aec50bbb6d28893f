"""What moved one weight, in all views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentError
from nodesim.graph.schedule import Schedule
from nodesim.ledger.accounts import BETWEEN, CALLBACK, ROUNDING, SET_BACK, SPECIAL, Account
from nodesim.ledger.postings import Postings
from nodesim.ledger.routes import Route
from nodesim.notation import markup
from nodesim.notation.symbols import number, plural
from nodesim.showing import shown
from nodesim.validation import shortened, whole

if TYPE_CHECKING:
    from nodesim.drawing.svg import Drawing

_ARROW = " → "
_MOST = 1_000_000
# Roundings of steps are a row of their own where they are a larger part of all that was posted.
_COUNTS = 1e-13
# What is left over is called so where it is a larger part.
_BALANCED = 1e-12
_BESIDE_EPOCHS = (SET_BACK, CALLBACK, BETWEEN)
VIEWS = ("output", "node", "sample", "path", "epoch")


class LedgerEntry:
    """What moved one weight from where it started to where it is: the entry of a `Ledger`, as it was when asked for.

    Made by a ledger: ``ledger["W1"]``.

    Parameters
    ----------
    name, source : str
        The names of the weight, and of the node that it leaves.
    account : Account
        What was posted.
    route : Route
        The ways on from the weight's target.
    changes : ndarray of shape (n_epochs,)
        By how much each epoch moved the weight.
    updates : int
        How many were posted.
    shared : sequence of str
        The optimizers whose steps were posted by share.
    penalties : sequence of str
        The names of regularizers.

    Attributes
    ----------
    name : str
        The weight's name.
    start, end : float
        The weight when the ledger began, and after the last update that was posted.
    change : float
        ``end - start``.
    balance : float
        The change less all that was posted, by output: rounding, unless something moved the weight that the ledger
        cannot tell, as an activation that returns another number each time.
    exact : bool
        Whether all optimizers so far make steps of which each gradient has its own part: sgd, momentum and nesterov.
        Steps of others are posted by share: as the parts of the gradient of that update are to the whole of it.
    epochs, updates : int
        How many were posted.
    shared : tuple of str
        The optimizers whose steps were posted by share.

    See Also
    --------
    Ledger : Makes them.
    Postings : What the views return.
    WeightHistory : What fed the gradient at some epochs.

    Notes
    -----
    Each view adds up to the change. What is no sample's has a row in each: what a regularizer did, by its name, as
    "l2"; "memory of the optimizer" where it moved the weight without a gradient, "memory of earlier trainings" that the
    ledger did not follow, and that one resumed; "set back" to the best epoch of a training that stopped early, "set by
    a callback", "set between trainings", and "rounding" where that is more than 1e-13 of all that was posted. Of these,
    the view by epoch has those that no epoch did.

    References
    ----------
    Article, section 3, step 3.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> ledger = ns.Ledger(net, "W1")
    >>> _ = net.fit([[0.05, 0.1]], [[0.01, 0.99]], epochs=100, learning_rate=0.5, callbacks=ledger)
    >>> print(ledger["W1"])
    W1: 0.12573 -> 0.139417, moved by 0.0136866 in 100 updates of 100 epochs
    output      amount  share
    O1       0.0042679  31.2%
    O2      0.00941872  68.8%
    change   0.0136866
    """

    def __init__(
        self, name: str, source: str, account: Account, route: Route, changes: Array, updates: int,
        shared: Sequence[str], penalties: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.name, self.start, self.end = name, account.start, account.now
        self.change = self.end - self.start
        self.epochs, self.updates, self.shared = len(changes), updates, tuple(shared)
        self._source, self._route, self._epochs = source, route, changes
        self._parts, self._samples = account.parts.array, account.samples.array
        self._special, self._special_names = account.special.array, (*SPECIAL, *penalties)

    @property
    def exact(self) -> bool:
        """Whether each gradient has its own part of every step."""
        return not self.shared

    @property
    def balance(self) -> float:
        """The change less all that was posted."""
        return self.by_output().balance

    @property
    def _schedule(self) -> Schedule:
        return self._route.schedule

    def _named(self, rows: Sequence[int]) -> list[str]:
        return [self._schedule.nodes[row].name for row in rows]

    def _view(self, by: str, names: Sequence[str | int], amounts: Array) -> Postings:
        """Put what is no sample's behind the amounts."""
        special = self._special.copy()
        if by == "epoch":
            # The others are a part of what epochs did.
            special[[row for row in range(len(special)) if row not in _BESIDE_EPOCHS]] = 0.0
        if abs(special[ROUNDING]) <= _COUNTS * float(np.abs(amounts).sum() + np.abs(special).sum()):
            special[ROUNDING] = 0.0
        # Penalties first: they are a part of every gradient.
        rows, taken = np.roll(np.flatnonzero(special), -int(np.count_nonzero(special[: len(SPECIAL)]))), set(names)
        names = list(names)
        for row in rows:
            name = self._special_names[row]
            while name in taken:
                name = f"({name})"
            names.append(name)
            taken.add(name)
        return Postings(self.name, by, names, np.concatenate([amounts, special[rows]]), self.change)

    def by_output(self) -> Postings:
        """Return how much came from the error of each output that the weight reaches.

        Returns
        -------
        Postings
            From the names of outputs to amounts, in the order of the network.

        See Also
        --------
        LedgerEntry.by_node, LedgerEntry.by_path : Where it came along.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> ledger = ns.Ledger(net, "W1")
        >>> _ = net.fit([[0.05, 0.1]], [[0.01, 0.99]], epochs=100, learning_rate=0.5, callbacks=ledger)
        >>> ledger["W1"].by_output().names
        ('O1', 'O2')
        """
        rows, amounts = self._route.by_output(self._parts)
        return self._view("output", self._named(rows), amounts)

    def by_node(self) -> Postings:
        """Return how much came back by each node that the weight's target feeds.

        Every path goes on from the target by one connection, and is counted at the node that this leads to. What came
        straight from the error, where the target is an output, is counted at the target itself.

        Returns
        -------
        Postings
            From the names of nodes to amounts, in connection order.

        See Also
        --------
        LedgerEntry.by_path : The paths one by one.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 3, 1], seed=0)
        >>> ledger = ns.Ledger(net, "W1")
        >>> _ = net.fit([[0.05, 0.1]], [[0.01]], epochs=10, callbacks=ledger)
        >>> ledger["W1"].by_node().names
        ('H3', 'H4', 'H5')
        """
        rows, amounts = self._route.by_node(self._parts)
        return self._view("node", self._named(rows), amounts)

    def by_sample(self) -> Postings:
        """Return how much each sample brought.

        Returns
        -------
        Postings
            From the numbers of samples, 0 for the first row of X, to amounts. Where a later training had other samples,
            theirs are numbered on.

        See Also
        --------
        LedgerEntry.by_epoch : When it came.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 3, 1], seed=1)
        >>> ledger = ns.Ledger(net, "W1")
        >>> _ = net.fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], 10, callbacks=ledger)
        >>> ledger["W1"].by_sample().names, ledger["W1"].by_sample()[0]
        ((0, 1, 2, 3), 0.0)
        """
        return self._view("sample", list(range(len(self._samples))), self._samples)

    def by_path(self, limit: int = 100) -> Postings:
        """Return how much came over each path from the weight to an output.

        Parameters
        ----------
        limit : int
            How many at most, those that brought most; the others are one row, "other paths".

        Returns
        -------
        Postings
            From the nodes of a path to its amount, the largest first.

        Raises
        ------
        ArgumentError
            If the limit is no such number.

        See Also
        --------
        Network.paths : The paths of one gradient, and what can be asked of them.

        Notes
        -----
        Of a weight with more than a thousand paths, two hundred have accounts: those that were the strongest in the
        first update. All that came over the others is in the row of other paths.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> ledger = ns.Ledger(net, "W1")
        >>> _ = net.fit([[0.05, 0.1]], [[0.01, 0.99]], epochs=100, learning_rate=0.5, callbacks=ledger)
        >>> ledger["W1"].by_path().names
        ('I1 → H1 → O2', 'I1 → H1 → O1')
        """
        most = whole(limit, "limit", 1, _MOST)
        ways, amounts = self._route.by_path(self._parts)
        order = np.argsort(-np.abs(amounts), kind="stable")[:most]
        names: list[str] = []
        taken: set[str] = set()
        for place in order.tolist():
            name = _ARROW.join([self._source, *self._named(self._route.nodes_of(ways[place]))])
            # Names of nodes may hold arrows.
            while name in taken:
                name = f"{name} "
            names.append(name)
            taken.add(name)
        chosen = amounts[order]
        if len(order) < len(ways) or not self._route.every:
            names.append("other paths")
            others = np.delete(amounts, order).sum() if self._route.every else self._total - chosen.sum()
            chosen = np.append(chosen, others)
        return self._view("path", names, chosen)

    @property
    def _total(self) -> float:
        return self._route.total(self._parts)

    def by_epoch(self) -> Postings:
        """Return by how much each epoch changed the weight.

        Returns
        -------
        Postings
            From the numbers of epochs, 1 for the first, to amounts; later trainings are numbered on.

        See Also
        --------
        History : The errors of the same epochs.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> ledger = ns.Ledger(net, "W1")
        >>> _ = net.fit([[0.05, 0.1]], [[0.01, 0.99]], epochs=3, learning_rate=0.5, callbacks=ledger)
        >>> ledger["W1"].by_epoch().array.round(5)
        array([0.01168, 0.00176, 0.00022])
        """
        return self._view("epoch", list(range(1, len(self._epochs) + 1)), self._epochs)

    def view(self, by: str) -> Postings:
        """Return a view by its name: "output", "node", "sample", "path" or "epoch".

        Parameters
        ----------
        by : str
            Which one.

        Returns
        -------
        Postings
            What the method of that name returns.

        Raises
        ------
        ArgumentError
            If it is none of these.

        See Also
        --------
        LedgerEntry.draw : A view as a picture.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Ledger(ns.Network.layered([1, 1], seed=0), "W1")["W1"].view("output")["O1"]
        0.0
        """
        if not (isinstance(by, str) and by in VIEWS):
            raise ArgumentError(f"by must be one of {', '.join(map(repr, VIEWS))}; got {shortened(by)}.")
        found: Postings = getattr(self, f"by_{by}")()
        return found

    def draw(self, by: str = "output") -> Drawing:
        """Draw how the weight came from its start to its end, a bar for each part of the way.

        Parameters
        ----------
        by : {"output", "node", "sample", "path", "epoch"}
            What the parts are. Of many the largest are drawn, the others as their sum; of epochs, as many as stand
            in a row as one.

        Returns
        -------
        Drawing
            Shown in notebooks; ``.save("W1.svg")`` keeps it.

        Raises
        ------
        ArgumentError
            If it is none of these.

        See Also
        --------
        WeightHistory.draw : What fed the gradient, epoch by epoch.
        History.draw : The errors over the epochs.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> ledger = ns.Ledger(net, "W1")
        >>> _ = net.fit([[0.05, 0.1]], [[0.01, 0.99]], epochs=100, learning_rate=0.5, callbacks=ledger)
        >>> ledger["W1"].draw()
        <Drawing: what moved W1, by output: 0.12573 to 0.139417, 760 x 254>
        """
        from nodesim.ledger.picture import draw

        return draw(self.view(by), self.start, self.end, self._over, self._remarks)

    @property
    def headline(self) -> str:
        """The entry on one line."""
        way = f"{number(self.start)} -> {number(self.end)}, moved by {number(self.change)}"
        return shown("; ".join([f"{self.name}: {way} {self._over}", *self._remarks]))

    @property
    def _over(self) -> str:
        return f"in {plural(self.updates, 'update')} of {plural(self.epochs, 'epoch')}"

    @property
    def _remarks(self) -> list[str]:
        """What has to be known of the amounts: posted by share, or not balanced."""
        remarks = [] if self.exact else [f"posted by share of the gradient ({', '.join(self.shared)})"]
        view = self.by_output()
        if abs(view.balance) > _BALANCED * float(np.abs(view.array).sum()):
            remarks.append(f"not balanced: {number(view.balance)} is left over")
        return remarks

    def __repr__(self) -> str:
        return f"<ledger entry {self.headline}>"

    def __str__(self) -> str:
        return f"{self.headline}\n{self.by_output()}"

    def _repr_html_(self) -> str:
        return self.draw()._repr_html_() + markup.line(self.headline)

    def summary(self) -> dict[str, Any]:
        """Return start, end, change, balance and what the views hold, as plain data.

        Returns
        -------
        dict
            Of numbers, and of dicts from names to amounts: what JSON can hold.

        See Also
        --------
        Ledger.to_pandas : A row for each weight.

        Examples
        --------
        >>> import nodesim as ns
        >>> list(ns.Ledger(ns.Network.layered([1, 1], seed=0), "W1")["W1"].summary())[:5]
        ['weight', 'start', 'end', 'change', 'balance']
        """
        found: dict[str, Any] = {
            "weight": self.name, "start": self.start, "end": self.end, "change": self.change,
            "balance": self.balance, "exact": self.exact, "epochs": self.epochs, "updates": self.updates,
        }  # fmt: skip
        for by in VIEWS:
            view = self.view(by)
            found[f"by_{by}"] = {str(name): amount for name, amount in zip(view.names, view.array.tolist())}
        return found
