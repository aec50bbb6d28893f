"""One view of what moved a weight: names, and an amount for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from nodesim._arrays import Array, read_only
from nodesim.errors import UnknownNameError, suggestion
from nodesim.graph.elements import Connection, Node
from nodesim.notation import frames, markup, tables
from nodesim.notation.symbols import number, percent
from nodesim.showing import shown
from nodesim.validation import shortened

_SHOWN = 20
Key = str | int


class Postings(Mapping[Key, float]):
    """What moved a weight, shared out: a mapping from names, or numbers of samples and epochs, to amounts.

    Made by the views of a `LedgerEntry`, as `LedgerEntry.by_output`.

    Parameters
    ----------
    of : str
        The weight's name.
    by : str
        What the amounts are told apart by: "output", "node", "sample", "path" or "epoch".
    names : sequence of str or int
        One for each amount.
    array : ndarray of shape (n,)
        In the weight's own units.
    change : float
        What they add up to, by how much the weight changed.

    Attributes
    ----------
    of, by : str
    names : tuple of str or int
        Those that are no output, node, path, sample or epoch come last: "set by a callback" and its like.
    array : ndarray of shape (n,)
        The amounts, read-only.
    change : float

    See Also
    --------
    LedgerEntry : Makes them.
    Flow : What one gradient is made of.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> ledger = ns.Ledger(net, "W1")
    >>> _ = net.fit([[0.05, 0.1]], [[0.01, 0.99]], epochs=100, learning_rate=0.5, callbacks=ledger)
    >>> postings = ledger["W1"].by_output()
    >>> postings, round(postings["O1"], 6)
    (<postings of W1 by output: 2, adding up to 0.0136866>, 0.004268)
    >>> print(postings)
    output      amount  share
    O1       0.0042679  31.2%
    O2      0.00941872  68.8%
    change   0.0136866
    """

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __init__(self, of: str, by: str, names: Sequence[Key], array: Array, change: float) -> None:
        self.of, self.by, self.change = of, by, change
        self.names = tuple(names)
        self.array: Array = read_only(np.asarray(array, dtype=float))
        self._places: dict[Key, int] | None = None

    @property
    def total(self) -> float:
        """What the amounts add up to: `change`, but for what is left over."""
        return float(self.array.sum())

    @property
    def balance(self) -> float:
        """`change` less `total`: rounding, if all that moved the weight is here."""
        return self.change - self.total

    @property
    def shares(self) -> Array:
        """The amounts as parts of the change, which may be negative or above 1; NaN where that is 0."""
        with np.errstate(all="ignore"):
            shares: Array = read_only(self.array / (self.change or np.nan))
        return shares

    def __getitem__(self, name: Any) -> float:
        """Return the amount of a name, a number, or a node.

        Raises
        ------
        UnknownNameError
            If there is none of that name.
        """
        if isinstance(name, Node | Connection):
            name = name.name
        if isinstance(name, np.integer):
            name = int(name)
        if self._places is None:
            self._places = {each: place for place, each in enumerate(self.names)}
        if type(name) not in (str, int) or name not in self._places:
            known = suggestion(name, [str(each) for each in self.names[:1000]])
            raise UnknownNameError(f"no {self.by} {shortened(name)} moved {shortened(self.of)}. {known}")
        return float(self.array[self._places[name]])

    def __iter__(self) -> Iterator[Key]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def to_pandas(self) -> Any:
        """Return names, amounts and shares as a `pandas.DataFrame`.

        Returns
        -------
        pandas.DataFrame
            With the columns named as `by`, "amount" and "share".

        Raises
        ------
        MissingExtraError
            Without the extra ``pandas``.

        See Also
        --------
        Ledger.to_pandas : All weights.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1], seed=0)
        >>> ledger = ns.Ledger(net, "W1")
        >>> _ = net.fit([[0.5]], [[1.0]], epochs=2, callbacks=ledger)
        >>> ledger["W1"].by_epoch().to_pandas().columns.tolist()
        ['epoch', 'amount', 'share']
        """
        return frames.frame({self.by: self.names, "amount": self.array, "share": self.shares})

    def _cells(self) -> list[list[str]]:
        shares = self.shares.tolist()
        return [
            [str(name), number(amount), "" if share != share else percent(share)]
            for name, amount, share in zip(self.names[:_SHOWN], self.array.tolist(), shares)
        ]

    def _rows(self, dots: str) -> list[list[str]]:
        """Return all rows of the table: of many the first, then the others together, then the change."""
        rows = self._cells()
        more = len(self) - len(rows)
        if more > 0:
            rows.append([f"{dots} {more:,} more", number(float(self.array[_SHOWN:].sum())), ""])
        return [*rows, ["change", number(self.change), ""]]

    def __str__(self) -> str:
        return "\n".join(tables.lines([self.by, "amount", "share"], self._rows("..."), "<>"))

    def __repr__(self) -> str:
        return shown(f"<postings of {self.of} by {self.by}: {len(self):,}, adding up to {number(self.total)}>")

    def _repr_html_(self) -> str:
        table = markup.table([self.by, "amount", "share"], self._rows("…"), "<>")
        return markup.line(f"what moved {self.of}, by {self.by}") + table
