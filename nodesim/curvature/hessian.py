"""The matrix of the second derivatives of e, for users; and one of its entries."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from nodesim._arrays import Array, read_only
from nodesim.curvature.curvature import Curvature
from nodesim.curvature.meeting_table import Meetings, written
from nodesim.curvature.meetings import Direction, meetings
from nodesim.errors import PositionError
from nodesim.graph.elements import Connection
from nodesim.graph.ties import Tie
from nodesim.notation import frames, markup, tables
from nodesim.notation.symbols import number, plural
from nodesim.showing import shown

_SHOWN = 12


class SecondDerivative(float):
    """The second derivative of e by two weights: a number that knows where it comes from; made by `Network.hessian`.

    Parameters
    ----------
    curvature : Curvature
        Of the last backward.
    first, second : Direction
        The two weights.
    value : float
        The number itself.

    Attributes
    ----------
    weights : tuple of str
        The names of the two weights.

    See Also
    --------
    nodesim.Network.hessian : Makes it.
    Hessian : Those by all pairs of weights.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([1, 1, 1], bias=False, seed=0)
    >>> net.weights = [1.0, 2.0]
    >>> _, _ = net.forward([0.5]), net.backward([1.0])
    >>> bend = net.hessian("W1", "W2")
    >>> print(bend, bend > 0.0, len(bend.by_node()))
    ∂²e/∂W1∂W2 = 0.350117 True 2
    """

    weights: tuple[str, str]
    _curvature: Curvature
    _directions: tuple[Direction, Direction]

    def __new__(cls, curvature: Curvature, first: Direction, second: Direction, value: float) -> SecondDerivative:
        """Return the number, which remembers what it is."""
        made = super().__new__(cls, value)
        made.weights, made._curvature, made._directions = (first.name, second.name), curvature, (first, second)
        return made

    def by_node(self) -> Meetings:
        """Return the terms that it is the sum of: where a path from each weight meets.

        Returns
        -------
        Meetings
            A table; its rows add up to this number, but for rounding.

        See Also
        --------
        Network.paths : The paths of one weight.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _, _ = net.forward([0.5, 1.0]), net.backward([1.0])
        >>> bend = net.hessian("W1", "W7")
        >>> abs(bend.by_node().value - bend) < 1e-15
        True
        """
        return meetings(self._curvature, *self._directions)

    @property
    def values(self) -> float | Array:
        """The number of each sample, of shape (n_samples,); of one sample a float. Their mean is this one."""
        found = self._curvature.by_sample(*(direction.along for direction in self._directions))
        return float(found[0]) if len(found) == 1 else read_only(found)

    def __str__(self) -> str:
        return f"{written(*self.weights)} = {number(float(self))}"

    def __repr__(self) -> str:
        return f"<{self}>"

    def __reduce__(self) -> tuple[Any, ...]:
        # Kept or sent elsewhere it is the number that it is.
        return float, (float(self),)


class Hessian:
    """The matrix of the second derivatives of e by all pairs of weights, in connection order.

    Made by `Network.hessian`. NumPy takes it as an array; names of weights find rows and entries.

    Parameters
    ----------
    curvature : Curvature
        Of the last backward.
    find : callable
        Returns the direction of a weight that is named.

    Attributes
    ----------
    names : tuple of str
        The names of the weights.
    matrix : ndarray of shape (n_weights, n_weights)
        Symmetric; read-only.

    See Also
    --------
    nodesim.Network.hessian : Makes it.
    nodesim.Network.hvp : Its product with a vector, without making it.

    Examples
    --------
    >>> import nodesim as ns, numpy as np
    >>> net = ns.Network.layered([1, 1, 1], hidden="linear", bias=False, seed=0)
    >>> net.weights = [1.0, 2.0]
    >>> _, _ = net.forward([0.5]), net.backward([1.0])
    >>> hessian = net.hessian()
    >>> print(hessian)
             W1   W2
    W1        2    1
    W2        1  0.5
    >>> float(hessian["W1", "W2"]), hessian.eigenvalues.round(6)
    (1.0, array([0. , 2.5]))
    """

    def __init__(self, curvature: Curvature, find: Callable[[Any], Direction]) -> None:
        self._curvature, self._find = curvature, find
        self.names: tuple[str, ...] = tuple(each.name for each in curvature.graph.schedule.connections)
        self.matrix: Array = read_only(curvature.matrix)

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows and columns it has."""
        return len(self.names), len(self.names)

    @cached_property
    def eigenvalues(self) -> Array:
        """The curvatures of e along its principal axes, the smallest first; all positive in a minimum."""
        found: Array = np.asarray(np.linalg.eigvalsh(self.matrix), dtype=float)
        found.flags.writeable = False
        return found

    def __len__(self) -> int:
        return len(self.names)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self.matrix, dtype=dtype) if copy else np.asarray(self.matrix, dtype=dtype)

    def __getitem__(self, which: Any) -> Any:
        """Return an entry by two weights, a row by one, or what the matrix has at numbers and slices.

        Raises
        ------
        UnknownNameError, StaleElementError, ArgumentTypeError
            If there is no such weight.
        PositionError
            If there is no such row or column.
        """
        parts = which if isinstance(which, tuple) else (which,)
        if not any(map(_names_a_weight, parts)):
            return self._at(which)
        directions = [self._find(self.names[part] if _is_number(part) else part) for part in parts]
        if len(directions) == 1:
            row: Array = directions[0].along @ self.matrix
            return read_only(row)
        first, second = directions
        return SecondDerivative(self._curvature, first, second, float(first.along @ self.matrix @ second.along))

    def _at(self, which: Any) -> Any:
        try:
            return self.matrix[which]
        except IndexError as error:
            raise PositionError(
                f"a matrix of {plural(len(self), 'row')} and columns has none of that: {error}"
            ) from error

    def to_pandas(self) -> Any:
        """Return it as a `pandas.DataFrame` with the weights' names for its rows and columns.

        Returns
        -------
        pandas.DataFrame
            Named by the weights on both sides.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.

        See Also
        --------
        Network.hessian : The matrix that this is.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 1], seed=0)
        >>> _, _ = net.forward([0.5, 1.0]), net.backward([1.0])
        >>> net.hessian().to_pandas().shape
        (9, 9)
        """
        found = frames.frame(dict(zip(self.names, self.matrix)))
        found.index = list(self.names)
        return found

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        some = [shown(name) for name in self.names[:_SHOWN]]
        rows = [[name, *map(number, row[:_SHOWN].tolist())] for name, row in zip(some, self.matrix)]
        return ["", *some], rows

    def __str__(self) -> str:
        more = markup.left_out(len(self), _SHOWN, "weight")
        return "\n".join([*tables.lines(*self._cells(), "<>"), *([more] if more else [])])

    def __repr__(self) -> str:
        return f"<Hessian of e by {plural(len(self), 'weight')}>"

    def _repr_html_(self) -> str:
        return markup.table(*self._cells(), "<>", markup.left_out(len(self), _SHOWN, "weight"))


def _is_number(part: Any) -> bool:
    return isinstance(part, int | np.integer) and not isinstance(part, bool)


def _names_a_weight(part: Any) -> bool:
    return isinstance(part, str | Connection | Tie)
