"""What a gradient was made of, one row for each epoch and one column for each output, node or path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nodesim._arrays import Array, read_only
from nodesim.errors import UnknownNameError, suggestion
from nodesim.notation import markup
from nodesim.notation.symbols import number, plural
from nodesim.validation import shortened

ARROW = " → "
# How much of a table a notebook shows.
_ROWS, _COLUMNS = 10, 12


@dataclass(frozen=True, slots=True)
class TopPath:
    """One of the strongest paths at one epoch.

    Parameters
    ----------
    connections, nodes : tuple of str
        Their names, from the weight and from its source to the output.
    product : float
        What it adds to the gradient.
    share : float
        The product as a part of the gradient; NaN where that is 0.
    """

    connections: tuple[str, ...]
    nodes: tuple[str, ...]
    product: float
    share: float

    @property
    def name(self) -> str:
        """The way it takes, "I1 → H1 → O1"."""
        return ARROW.join(self.nodes)


class Parts(Mapping[str, Array]):
    """A table over the epochs; a mapping from the name of each column to its numbers. All arrays are read-only.

    Parameters
    ----------
    names : sequence of str
    array : ndarray of shape (n_records, n_columns)
    gradients : ndarray of shape (n_records,)
        What the columns are parts of.

    Examples
    --------
    >>> parts = Parts(["O1", "O2"], np.array([[3.0, -1.0], [0.5, 0.5]]), np.array([2.0, 1.0]))
    >>> parts["O2"]
    array([-1. ,  0.5])
    >>> parts.shares.tolist()
    [[1.5, -0.5], [0.5, 0.5]]
    """

    # Arrays have no one answer to whether they are equal.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __init__(self, names: Sequence[str], array: Array, gradients: Array) -> None:
        self.names = tuple(names)
        self.array: Array = read_only(array)
        self._gradients = gradients

    @property
    def shares(self) -> Array:
        """The same as parts of the gradient of each epoch; NaN where that is 0."""
        whole = np.where(self._gradients == 0, np.nan, self._gradients)
        with np.errstate(all="ignore"):
            shares: Array = read_only(self.array / whole[:, None])
        return shares

    def __getitem__(self, name: str) -> Array:
        """Return a column.

        Raises
        ------
        UnknownNameError
            If there is none of that name.
        """
        if not isinstance(name, str) or name not in self.names:
            raise UnknownNameError(f"there is no column {shortened(name)} here. {suggestion(name, self.names)}")
        column: Array = self.array[:, self.names.index(name)]
        return column

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"<Parts: {plural(len(self.array), 'record')} of {plural(len(self), 'column')}>"

    def _repr_html_(self) -> str:
        heads = self.names[:_COLUMNS]
        rows = [
            ["" if value != value else number(value) for value in row] for row in self.array[:_ROWS, :_COLUMNS].tolist()
        ]
        more = [
            markup.left_out(len(self.array), len(rows), "record"), markup.left_out(len(self), len(heads), "column")
        ]  # fmt: skip
        return markup.line(repr(self)[1:-1]) + markup.table(heads, rows, ">", ", ".join(filter(None, more)))
