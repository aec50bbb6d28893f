"""The terms of a second derivative as a table: a row for each place where a path from each weight meets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from nodesim._arrays import Array, read_only
from nodesim.notation import frames, markup, tables
from nodesim.notation.symbols import number, plural
from nodesim.showing import shown
from nodesim.validation import flag, position, positions

_SHOWN = 20
_HEADS, _SIDES = ("node", "kind", "value", "term"), "<<><"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A row of `Meetings`: a node, or two outputs, where a path from each of two weights meets.

    Parameters
    ----------
    node : str
        Where; of a penalty its name.
    kind : str
        "slope": both weights move H, by which the slope of HA changes. "loss": both move outputs, by which the slope
        of e changes. "weight": one is a weight on a path of the other, and its derivative is the HA that this one
        moves. "penalty": what is added to e. Else the name of the aggregation of a node that is no sum, such as
        "product": both move contributions to it.
    value : float
        Of a batch, the mean over the samples.
    values : float, or ndarray of shape (n_samples,)
        Of one sample, or of each sample of a batch; read-only.
    formula : str
        What is multiplied: a second partial derivative, and derivatives that are sums over paths.

    See Also
    --------
    Meetings : The table.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([1, 1, 1], bias=False, seed=0)
    >>> _, _ = net.forward([0.5]), net.backward([1.0])
    >>> print(net.hessian("W1", "W2").by_node()[0].formula)
    ∂e/∂O1 · ∂²O1/∂W2∂HA1 · ∂HA1/∂W1
    """

    node: str
    kind: str
    value: float
    values: float | Array
    formula: str


class Meetings:
    """The terms that a second derivative of e is the sum of, by where a path from each weight meets.

    Parameters
    ----------
    weights : tuple of str
        The names of the two weights.
    terms : mapping of (node, kind, formula) to ndarray of shape (n_samples,)
        What each of them comes to.

    Attributes
    ----------
    weights : tuple of str

    See Also
    --------
    SecondDerivative.by_node : Makes it.
    Flow : How a first derivative is shared out over nodes.

    References
    ----------
    Bishop, C. M., "Exact Calculation of the Hessian Matrix for the Multilayer Perceptron" (Neural Computation 4, 1992).

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([1, 1, 1], bias=False, seed=0)
    >>> net.weights = [1.0, 2.0]
    >>> _, _ = net.forward([0.5]), net.backward([1.0])
    >>> print(net.hessian("W1", "W2").by_node())
    ∂²e/∂W1∂W2 = 0.350117, the sum of 2 terms
    node  kind        value  term
    O1    weight  0.0575568  ∂e/∂O1 · ∂²O1/∂W2∂HA1 · ∂HA1/∂W1
    O1    loss     0.292561  ∂²e/∂OA1² · ∂OA1/∂W1 · ∂OA1/∂W2
    """

    def __init__(self, weights: tuple[str, str], terms: Mapping[tuple[str, str, str], Array]) -> None:
        self.weights = weights
        self._rows = [_row(*key, values) for key, values in terms.items()]

    @property
    def value(self) -> float:
        """The sum of the terms: the second derivative itself, but for rounding."""
        return float(sum(row.value for row in self._rows))

    def sorted(self, *, ascending: bool = False) -> Meetings:
        """Return the rows in the order of their ``|value|``, the largest first.

        Parameters
        ----------
        ascending : bool
            The smallest first.

        Returns
        -------
        Meetings
            A table of its own.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If `ascending` is neither True nor False.

        See Also
        --------
        Meetings.to_pandas : The rows as a data frame.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _, _ = net.forward([0.5, 1.0]), net.backward([1.0])
        >>> [(row.node, row.kind) for row in net.hessian("W1", "W7").by_node().sorted()]
        [('O1', 'loss'), ('O1', 'weight')]
        """
        sizes = [abs(row.value) for row in self._rows]
        return self._taken(tables.order(sizes, ascending=flag(ascending, "ascending")))

    def _taken(self, places: Any) -> Meetings:
        found = Meetings(self.weights, {})
        found._rows = [self._rows[place] for place in places]
        return found

    def to_dict(self) -> dict[str, list[Any]]:
        """Return the columns as lists by name, as ``pandas.DataFrame`` takes them.

        Returns
        -------
        dict of str to list
            "node", "kind", "value" and "formula".

        See Also
        --------
        Meetings.to_pandas : The same as a data frame.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _, _ = net.forward([0.5, 1.0]), net.backward([1.0])
        >>> net.hessian("W1", "W1").by_node().to_dict()["kind"]
        ['slope', 'loss']
        """
        return {name: [getattr(row, name) for row in self._rows] for name in ("node", "kind", "value", "formula")}

    def to_pandas(self) -> Any:
        """Return what `to_dict` returns as a `pandas.DataFrame`.

        Returns
        -------
        pandas.DataFrame
            A row for each term.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.

        See Also
        --------
        Meetings.to_dict : The same without pandas.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _, _ = net.forward([0.5, 1.0]), net.backward([1.0])
        >>> net.hessian("W1", "W1").by_node().to_pandas().shape
        (2, 4)
        """
        return frames.frame(self.to_dict())

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, row: int) -> Meeting: ...
    @overload
    def __getitem__(self, row: slice) -> Meetings: ...
    def __getitem__(self, row: Any) -> Meeting | Meetings:
        """Return a row by its number, or several by a slice.

        Raises
        ------
        PositionError, ArgumentTypeError
            If there is no such row.
        """
        if isinstance(row, slice):
            return self._taken(positions(row, len(self), "row"))
        return self._rows[position(row, len(self), "row")]

    def __iter__(self) -> Iterator[Meeting]:
        return iter(self._rows)

    def _cells(self) -> list[tuple[str, ...]]:
        return [(shown(row.node), row.kind, number(row.value), row.formula) for row in self._rows[:_SHOWN]]

    @property
    def _title(self) -> str:
        terms = f"the sum of {plural(len(self), 'term')}" if len(self) else "as no path from each meets"
        return f"{written(*self.weights)} = {number(self.value)}, {terms}"

    def __str__(self) -> str:
        left = len(self) - _SHOWN
        more = [f"... {plural(left, 'more row')}"] if left > 0 else []
        table = tables.lines(_HEADS, self._cells(), _SIDES) if len(self) else []
        return "\n".join([self._title, *table, *more])

    def __repr__(self) -> str:
        return f"<Meetings of {shown(' and '.join(self.weights))}: {plural(len(self), 'term')}>"

    def _repr_html_(self) -> str:
        if not len(self):
            return markup.line(self._title)
        table = markup.table(_HEADS, self._cells(), _SIDES, markup.left_out(len(self), _SHOWN, "row"))
        return markup.line(self._title) + table


def written(one: str, other: str) -> str:
    """Write the second derivative of e by two weights.

    Examples
    --------
    >>> written("W1", "W7"), written("W1", "W1")
    ('∂²e/∂W1∂W7', '∂²e/∂W1²')
    """
    one, other = shown(one), shown(other)
    return f"∂²e/∂{one}²" if one == other else f"∂²e/∂{one}∂{other}"


def _row(node: str, kind: str, formula: str, values: Array) -> Meeting:
    whole = float(values.mean())
    return Meeting(node, kind, whole, whole if len(values) == 1 else read_only(np.asarray(values)), formula)
