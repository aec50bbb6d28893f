"""How a gradient is shared out over nodes, connections, outputs and lengths: a table; `flow` fills it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, overload

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array
from nodesim.errors import UnknownNameError, suggestion
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection, Node
from nodesim.notation import frames, markup, tables
from nodesim.notation.symbols import Count, number, percent, plural
from nodesim.validation import Listing, flag, position, positions, shortened

_SHOWN = 20
Named = Node | Connection | Quantity


@dataclass(frozen=True, slots=True)
class Share:
    """A row of a `Flow`.

    Attributes
    ----------
    name, kind : str
        Kind is "node", "connection", "penalty" (what e has beside the errors of samples), "output" (what enters there
        straight from e) or "length".
    count : int
        How many of the paths pass, exactly.
    gradient : float
        The sum of their products.
    share : float
        `gradient` as a part of the whole gradient; NaN where that is 0. May be negative or above 1.
    positive, negative : float
        The sums of the positive and of the negative products; of a batch, the means over the samples.
    cancellation : float
        ``|gradient|`` / sum of ``|products|``: 1 where nothing cancels, 0 where everything does; NaN where all are 0.

    See Also
    --------
    Flow : The table.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> row = net.paths("W1").flow()["H3"]
    >>> row.kind, row.count, round(row.positive + row.negative - row.gradient, 12)
    ('node', 2, 0.0)
    """

    name: str
    kind: str
    count: Count
    gradient: float
    share: float
    positive: float
    negative: float
    cancellation: float


@dataclass(frozen=True)
class RowGroup:
    """Rows of one kind.

    Attributes
    ----------
    elements : sequence
        What each row is about: a node, a connection, a penalty (a `Quantity`), or a length.
    kind : str
    counts, gradients, scales : sequence
        For each row how many paths pass, the sum of their products, and of ``|product|``.
    """

    elements: Sequence[Any]
    kind: str
    counts: Sequence[Any] | NDArray[Any]
    gradients: Sequence[Any] | Array
    scales: Sequence[Any] | Array


COLUMNS = tuple(Share.__annotations__)


class Flow(Listing[Share]):
    """A table: rows for nodes and connections (or lengths), columns by name; shown as a table in notebooks.

    A sequence of `Share`: a row is found by its number, by the name of the node or connection, or by the object; a
    slice is a table again.

    Parameters
    ----------
    parts : sequence of RowGroup
        The rows.
    whole : float
        The gradient that is shared out.
    outputs : Flow, optional
        What enters at each output.

    Attributes
    ----------
    elements : list
        What each row is about: a node, a connection, or a length.
    outputs : Flow or None
        What enters at each output, which adds up to the gradient; None for lengths.

    See Also
    --------
    GradientPaths.flow, GradientPaths.lengths : Make it.
    nodesim.Network.draw : Draws it: lines as thick as what flows through them.

    References
    ----------
    Article, section 5.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> flow = net.paths("W1").flow()
    >>> flow["H3"].count, round(flow["H3"].share + flow["H4"].share, 12)
    (2, 1.0)
    >>> flow.outputs.column("share").sum().round(12)
    np.float64(1.0)
    """

    def __init__(self, parts: Sequence[RowGroup], whole: float, outputs: Flow | None = None) -> None:
        self.outputs = outputs
        self.elements = [element for part in parts for element in part.elements]
        gradients, scales = (
            np.array([number for part in parts for number in getattr(part, name)], dtype=float)
            for name in ("gradients", "scales")
        )
        # Positive and negative parts follow from two sums, as p + n is the gradient and p - n the sum of |products|.
        # Cancellation is cut at 1, which rounding may pass by a bit.
        with np.errstate(all="ignore"):
            self._columns: dict[str, Any] = {
                "kind": [part.kind for part in parts for _ in part.elements],
                "count": [int(count) for part in parts for count in part.counts],
                "gradient": gradients,
                "share": gradients / whole if whole else np.full(len(gradients), np.nan),
                "positive": (scales + gradients) / 2,
                "negative": (gradients - scales) / 2,
                "cancellation": np.minimum(np.abs(gradients) / scales, 1.0),
            }

    @property
    def names(self) -> list[str]:
        """The names of the rows; lengths are their own names."""
        return [element.name if isinstance(element, Named) else str(element) for element in self.elements]

    def column(self, name: str) -> NDArray[Any]:
        """Return a column as an array.

        Parameters
        ----------
        name : str
            "name", "kind", "count", "gradient", "share", "positive", "negative" or "cancellation"; see `Share`.

        Returns
        -------
        ndarray of shape (n_rows,)
            Of floats; of objects for names, kinds and counts, which are exact however large they are.

        Raises
        ------
        UnknownNameError
            If there is none of that name.

        See Also
        --------
        Flow.to_dict : All columns, as lists.
        Flow.sorted : The rows in the order of a column.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> net.paths("W1").flow().outputs.column("gradient").round(4)
        array([-0.0084, -0.0149])
        """
        if not isinstance(name, str) or name not in COLUMNS:
            raise UnknownNameError(f"a flow has no column {shortened(name)}. {suggestion(name, COLUMNS)}")
        if name == "name":
            return np.array(self.names, dtype=object)
        if name == "count":
            return np.array([Count(count) for count in self._columns["count"]], dtype=object)
        return np.array(self._columns[name])

    @property
    def nodes(self) -> Flow:
        """The rows of nodes."""
        return self._where("node")

    @property
    def connections(self) -> Flow:
        """The rows of connections."""
        return self._where("connection")

    def _where(self, kind: str) -> Flow:
        return self._taken([row for row, each in enumerate(self._columns["kind"]) if each == kind])

    def _taken(self, rows: Sequence[int]) -> Flow:
        # The columns of these rows as they are: shares stay those of the whole.
        taken = object.__new__(Flow)
        taken.elements = [self.elements[row] for row in rows]
        taken.outputs = self.outputs
        taken._columns = {
            name: column[list(rows)] if isinstance(column, np.ndarray) else [column[row] for row in rows]
            for name, column in self._columns.items()
        }
        return taken

    def sorted(self, by: str = "share", *, ascending: bool = False) -> Flow:
        """Return the table sorted by a column: by default the largest first, NaN last; equal rows stay in order.

        Parameters
        ----------
        by : str
            The column, by the name that `Flow.column` takes.
        ascending : bool
            The smallest first.

        Returns
        -------
        Flow
            A table with the same rows; shares stay those of the whole.

        Raises
        ------
        UnknownNameError
            If there is no such column.
        ArgumentError
            If `ascending` is neither True nor False.

        See Also
        --------
        Flow.column : The numbers that rows are sorted by.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> [row.name for row in net.paths("W1").flow().outputs.sorted(ascending=True)]
        ['O1', 'O2']
        """
        # The share of a gradient of 0 is NaN.
        return self._taken(tables.order(self.column(by).tolist(), ascending=flag(ascending, "ascending")))

    def to_dict(self) -> dict[str, list[Any]]:
        """Return the columns as lists by name, as ``pandas.DataFrame`` takes them.

        Returns
        -------
        dict of str to list
            The columns that `Flow.column` returns; in each list an entry for every row.

        See Also
        --------
        Flow.column : One column, as an array.
        Flow.to_networkx : Nodes and connections as a graph.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> columns = net.paths("W1").flow().to_dict()
        >>> columns["name"], columns["count"]
        (['I1', 'H1', 'O1', 'O2', 'W1', 'W7', 'W8'], [2, 2, 1, 1, 2, 1, 1])
        """
        return {name: self.column(name).tolist() for name in COLUMNS}

    def to_pandas(self) -> Any:
        """Return the table as a data frame of pandas.

        Returns
        -------
        pandas.DataFrame
            The columns that `Flow.column` returns; counts that no int64 holds are Python's integers.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.

        See Also
        --------
        Flow.to_dict : The same without pandas.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> net.paths("W1").flow().outputs.to_pandas()["share"].sum().round(12)
        np.float64(1.0)
        """
        return frames.frame(self.to_dict())

    def to_networkx(self) -> nx.DiGraph[str]:
        """Return the nodes and connections as a plain `DiGraph` with the columns as attributes, for drawing.

        Returns
        -------
        networkx.DiGraph
            Nodes are names. Rows of lengths have no place in it and are left out.

        See Also
        --------
        Flow.to_dict : The columns as lists.
        nodesim.Network.to_networkx : The whole network as a graph.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> net.paths("W1").flow().to_networkx().edges["H1", "O2"]["name"]
        'W8'
        """
        graph: nx.DiGraph[str] = nx.DiGraph()
        for element, row in zip(self.elements, self):
            columns = {name: value for name, value in asdict(row).items() if name != "kind"}
            if isinstance(element, Connection):
                graph.add_edge(element.source.name, element.target.name, **columns)
            elif isinstance(element, Node):
                graph.add_node(row.name, **columns)
        return graph

    def __len__(self) -> int:
        return len(self.elements)

    @overload
    def __getitem__(self, row: int | str | Node | Connection) -> Share: ...
    @overload
    def __getitem__(self, row: slice) -> Flow: ...
    def __getitem__(self, row: Any) -> Share | Flow:
        """Return a row by number, name, node or connection; or several by a slice.

        Raises
        ------
        UnknownNameError, PositionError, ArgumentTypeError
            If there is no row of that name, object or number.
        """
        if isinstance(row, slice):
            return self._taken(positions(row, len(self), "row"))
        if isinstance(row, str):
            row = self._find(row, self.names)
        elif isinstance(row, Named):
            row = self._find(row, self.elements)
        row = position(row, len(self), "row")
        element = self.elements[row]
        name = element.name if isinstance(element, Named) else str(element)
        numbers = (float(self._columns[column][row]) for column in COLUMNS[3:])
        return Share(name, self._columns["kind"][row], Count(self._columns["count"][row]), *numbers)

    def _find(self, wanted: Any, among: Sequence[Any]) -> int:
        if wanted not in among:
            raise UnknownNameError(
                f"no path passes {shortened(str(wanted))}, or there is no such element. "
                f"{suggestion(str(wanted), self.names)}"
            )
        return among.index(wanted)

    def __iter__(self) -> Iterator[Share]:
        return (self[row] for row in range(len(self)))

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (r.name, r.kind, f"{r.count:,}", number(r.gradient), percent(r.share), number(r.positive),
             number(r.negative), f"{r.cancellation:.3g}")
            for r in self[:_SHOWN]
        ]  # fmt: skip

    @property
    def _more(self) -> list[str]:
        left = len(self) - _SHOWN
        return [f"... {plural(left, 'more row')}"] if left > 0 else []

    def __str__(self) -> str:
        return "\n".join([*tables.lines(COLUMNS, self._cells(), "<<>"), *self._more])

    def __repr__(self) -> str:
        return f"<Flow of {plural(len(self), 'row')}: {', '.join(COLUMNS)}>"

    def _repr_html_(self) -> str:
        return markup.table(COLUMNS, self._cells(), "<<>", markup.left_out(len(self), _SHOWN, "row"))
