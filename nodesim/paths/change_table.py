"""What was and what is, row by row: a table of changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array
from nodesim.errors import UnknownNameError, suggestion
from nodesim.notation import frames, markup, tables
from nodesim.notation.symbols import Count, number, percent, plural
from nodesim.validation import Listing, position, positions, shortened

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Change:
    """A row of a `ChangeTable`.

    Attributes
    ----------
    name : str
        Of a path, the names of its nodes; otherwise that of the node or connection.
    before, after : float
        The product of a path, or the sum over all that pass; 0 where there is none.
    change : float
        after - before.
    share : float
        `change` as a part of the change of the gradient; NaN where that is 0. May be negative or above 1.
    where : str
        "both", "before" or "after": whether it is there in both, or in one alone.

    See Also
    --------
    ChangeTable : The table.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> _, _ = net.forward([[0.05, 0.1], [1.0, 0.0]]), net.backward([[0.01, 0.99], [0.0, 1.0]])
    >>> row = net.paths("W1", sample=0).compare(net.paths("W1", sample=1)).nodes["H1"]
    >>> row.where, row.change == row.after - row.before
    ('both', True)
    """

    name: str
    before: float
    after: float
    change: float
    share: float
    where: str


COLUMNS = tuple(Change.__annotations__)


class ChangeTable(Listing[Change]):
    """A table of changes: a sequence of `Change`; a row is found by number or by name, a slice is a table again.

    Parameters
    ----------
    names : sequence of str
        What each row is about.
    before, after : ndarray of shape (n_rows,)
        What it was and what it is; 0 where there is none.
    where : sequence of str
        "both", "before" or "after".
    whole : float
        The change of which each row has a share.

    See Also
    --------
    PathComparison : Has such tables of paths, nodes, connections and outputs.

    Examples
    --------
    >>> import numpy as np
    >>> print(ChangeTable(["a", "b"], np.array([1.0, 0.0]), np.array([3.0, 2.0]), ["both", "after"], 4.0))
    name  before  after  change  share  where
    a          1      3       2  50.0%  both
    b          0      2       2  50.0%  after
    """

    def __init__(self, names: Sequence[str], before: Array, after: Array, where: Sequence[str], whole: float) -> None:
        with np.errstate(all="ignore"):
            # Nobody wants to read of −0.
            before, after, change = before + 0.0, after + 0.0, after - before
            share = change / whole if whole else np.full(len(change), np.nan)
        self._columns = {"before": before, "after": after, "change": change, "share": share}
        self._texts = {"name": list(names), "where": list(where)}

    @property
    def names(self) -> list[str]:
        """The names of the rows."""
        return list(self._texts["name"])

    def column(self, name: str) -> NDArray[Any]:
        """Return a column as an array.

        Parameters
        ----------
        name : str
            "name", "before", "after", "change", "share" or "where"; see `Change`.

        Returns
        -------
        ndarray of shape (n_rows,)
            Of floats; of objects for texts.

        Raises
        ------
        UnknownNameError
            If there is none of that name.

        See Also
        --------
        ChangeTable.to_dict : All columns, as lists.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([[0.05, 0.1], [1.0, 0.0]]), net.backward([[0.01, 0.99], [0.0, 1.0]])
        >>> outputs = net.paths("W1", sample=0).compare(net.paths("W1", sample=1)).outputs
        >>> outputs.column("share").sum().round(12)
        np.float64(1.0)
        """
        if not isinstance(name, str) or name not in COLUMNS:
            raise UnknownNameError(f"a table of changes has no column {shortened(name)}. {suggestion(name, COLUMNS)}")
        if name in self._texts:
            return np.array(self._texts[name], dtype=object)
        return np.array(self._columns[name])

    def sorted(self) -> ChangeTable:
        """Return the rows by ``|change|``, the largest first; equal ones stay in order.

        Returns
        -------
        ChangeTable
            Shares stay those of the whole.

        See Also
        --------
        PathComparison.top : The paths that changed most.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([[0.05, 0.1], [1.0, 0.0]]), net.backward([[0.01, 0.99], [0.0, 1.0]])
        >>> [row.name for row in net.paths("W1", sample=0).compare(net.paths("W1", sample=1)).nodes.sorted()]
        ['I1', 'H1', 'O2', 'O1']
        """
        return self._taken(largest(self._columns["change"]))

    def _taken(self, rows: Sequence[int]) -> ChangeTable:
        # The columns of these rows as they are: shares stay those of the whole.
        taken = object.__new__(ChangeTable)
        taken._columns = {name: column[list(rows)] for name, column in self._columns.items()}
        taken._texts = {name: [column[row] for row in rows] for name, column in self._texts.items()}
        return taken

    def to_dict(self) -> dict[str, list[Any]]:
        """Return the columns as lists by name.

        Returns
        -------
        dict of str to list
            The columns that `ChangeTable.column` returns; in each list an entry for every row.

        See Also
        --------
        ChangeTable.to_pandas : The same as a data frame.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([[0.05, 0.1], [1.0, 0.0]]), net.backward([[0.01, 0.99], [0.0, 1.0]])
        >>> net.paths("W1", sample=0).compare(net.paths("W1", sample=1)).connections.to_dict()["name"]
        ['W1', 'W7', 'W8']
        """
        return {name: self.column(name).tolist() for name in COLUMNS}

    def to_pandas(self) -> Any:
        """Return the table as a data frame of pandas.

        Returns
        -------
        pandas.DataFrame
            The columns that `ChangeTable.column` returns.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.

        See Also
        --------
        ChangeTable.to_dict : The same without pandas.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([[0.05, 0.1], [1.0, 0.0]]), net.backward([[0.01, 0.99], [0.0, 1.0]])
        >>> net.paths("W1", sample=0).compare(net.paths("W1", sample=1)).connections.to_pandas().shape
        (3, 6)
        """
        return frames.frame(self.to_dict())

    def __len__(self) -> int:
        return len(self._texts["name"])

    @overload
    def __getitem__(self, row: int | str) -> Change: ...
    @overload
    def __getitem__(self, row: slice) -> ChangeTable: ...
    def __getitem__(self, row: Any) -> Change | ChangeTable:
        """Return a row by number or name; or several by a slice.

        Raises
        ------
        UnknownNameError, PositionError, ArgumentTypeError
            If there is no row of that name or number.
        """
        if isinstance(row, slice):
            return self._taken(positions(row, len(self), "row"))
        if isinstance(row, str):
            if row not in self._texts["name"]:
                known = suggestion(row, self._texts["name"])
                raise UnknownNameError(f"no path passes {shortened(row)}, before or after. {known}")
            row = self._texts["name"].index(row)
        row = position(row, len(self), "row")
        before, after, change, share = (float(column[row]) for column in self._columns.values())
        return Change(self._texts["name"][row], before, after, change, share, self._texts["where"][row])

    def __iter__(self) -> Iterator[Change]:
        return (self[row] for row in range(len(self)))

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (r.name, number(r.before), number(r.after), number(r.change), percent(r.share), r.where)
            for r in self[:_SHOWN]
        ]

    def __str__(self) -> str:
        left = len(self) - _SHOWN
        more = [f"... {plural(Count(left), 'more row')}"] if left > 0 else []
        return "\n".join([*tables.lines(COLUMNS, self._cells(), "<>>>><"), *more])

    def __repr__(self) -> str:
        return f"<ChangeTable of {plural(len(self), 'row')}: {', '.join(COLUMNS)}>"

    def _repr_html_(self) -> str:
        return markup.table(COLUMNS, self._cells(), "<>>>><", markup.left_out(len(self), _SHOWN, "row"))


def largest(changes: Array) -> list[int]:
    """Return the numbers of the rows by ``|change|``, the largest first; equal ones stay in order.

    Examples
    --------
    >>> largest(np.array([1.0, -3.0, 1.0]))
    [1, 0, 2]
    """
    rows: list[int] = np.argsort(-np.abs(changes), kind="stable").tolist()
    return rows
