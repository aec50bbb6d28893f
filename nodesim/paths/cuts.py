"""The strongest paths, each cut by itself: a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Protocol, overload

import numpy as np

from nodesim._arrays import Array, read_only
from nodesim.notation import markup, tables
from nodesim.notation.frames import frame
from nodesim.notation.symbols import ERROR, number, plural
from nodesim.paths.cut import Cut, Cuttable, check_error
from nodesim.validation import Listing, position, positions

_SHOWN = 20
_HEADS = ("path", "product", "predicted", "change", "missed")


class CuttablePath(Cuttable, Protocol):
    """A `GradientPath`."""

    @property
    def product(self) -> float:
        """The product of its factors."""

    @property
    def penalty(self) -> str | None:
        """The penalty that it leads through instead of the network, if any."""


class Cuts(Listing[Cut]):
    """Several paths, each cut by itself: a sequence of `Cut`, shown as a table; a slice is one again.

    Parameters
    ----------
    paths : sequence of GradientPath
        What is cut.
    products, predicted, values, changes : ndarray of shape (n_paths,)
        For each path the numbers that the attributes hold.
    outputs : callable
        Returns OA of all outputs where a path is cut, given its place among those that were cut together.
    target : str
        What is looked at: e, or the quantity that the paths come from.
    places : sequence of int, optional
        The places of these paths; by default they are all.
    before : float, optional
        What it was with nothing cut.

    Attributes
    ----------
    paths : list of GradientPath
        What is cut, the strongest first.
    products : ndarray of shape (n_paths,)
        The product of each path, what it adds to the gradient.
    predicted : ndarray of shape (n_paths,)
        What cutting it changes e by, to the first order.
    change : ndarray of shape (n_paths,)
        What it changes e by.
    values : ndarray of shape (n_paths,)
        e afterwards; of paths that come from another quantity (``to=``), that one.
    target : str
        What `values` are: e, or the quantity that the paths come from.

    See Also
    --------
    GradientPaths.cuts : Makes it.
    Cut : One of them.

    Notes
    -----
    The changes are those of one path each, with all others as they were: they need not add up to what cutting all of
    them at once changes, which is `GradientPaths.cut`.

    References
    ----------
    Goldowsky-Dill, N., C. MacLeod, L. Sato, A. Arora, "Localizing Model Behavior with Path Patching" (2023,
    arXiv:2304.05969).

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> cuts = net.paths("W1").cuts(2)
    >>> print(cuts)
    path                     product     predicted        change       missed
    I1 -> H1 -> H3 -> O1   0.0161485   −0.00203036   −0.00202783  2.53195e-06
    I1 -> H1 -> H4 -> O1  0.00655507  −0.000824171  −0.000823387  7.83354e-07
    >>> bool(cuts.change[0] == cuts[0].change), len(cuts[1:])
    (True, 1)
    """

    def __init__(
        self, paths: Sequence[CuttablePath], products: Array, predicted: Array, values: Array, changes: Array,
        outputs: Callable[[int], Array], target: str = ERROR, places: Sequence[int] | None = None,
        before: float | None = None,
    ) -> None:  # fmt: skip
        self.paths: list[Any] = list(paths)
        self.products: Array = read_only(products)
        self.predicted: Array = read_only(predicted)
        self.values: Array = read_only(values)
        self.change: Array = read_only(changes)
        self.target = target
        self._outputs = outputs
        self._before = before
        self._places = range(len(paths)) if places is None else places

    @property
    def errors(self) -> Array:
        """E afterwards; refused for paths that come from another quantity, which say nothing of e."""
        check_error(self.target)
        return self.values

    @property
    def missed(self) -> Array:
        """By how much the first order misses each change: change - predicted."""
        missed: Array = read_only(self.change - self.predicted)
        return missed

    def sorted(self) -> Cuts:
        """Return the same by ``|change|``, the largest first; equal ones stay in order.

        Returns
        -------
        Cuts
            The same paths, with the same numbers.

        See Also
        --------
        GradientPaths.cuts : They come by ``|product|``.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> by_change = abs(net.paths("W1").cuts(4).sorted().change)
        >>> bool((by_change[:-1] >= by_change[1:]).all())
        True
        """
        return self._taken(np.argsort(-np.abs(self.change), kind="stable").tolist())

    def to_pandas(self) -> Any:
        """Return the table as a `pandas.DataFrame`.

        Returns
        -------
        pandas.DataFrame
            Columns "path", "product", "predicted", "change", "missed" and "value"; a row for each path.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.

        See Also
        --------
        Cuts.sorted : The same by ``|change|``.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([2, 2, 2], seed=0)
        >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
        >>> net.paths("W1").cuts(5).to_pandas()["path"].tolist()
        ['I1 -> H1 -> O2', 'I1 -> H1 -> O1']
        """
        columns = ([path.title for path in self.paths], self.products, self.predicted, self.change, self.missed)
        return frame({**dict(zip(_HEADS, columns)), "value": self.values})

    def _taken(self, places: Sequence[int]) -> Cuts:
        chosen = list(places)
        paths, rows = [self.paths[place] for place in chosen], [self._places[place] for place in chosen]
        products, predicted, values = self.products[chosen], self.predicted[chosen], self.values[chosen]
        return Cuts(
            paths, products, predicted, values, self.change[chosen], self._outputs, self.target, rows, self._before
        )

    def __len__(self) -> int:
        return len(self.paths)

    @overload
    def __getitem__(self, index: int) -> Cut: ...
    @overload
    def __getitem__(self, index: slice) -> Cuts: ...
    def __getitem__(self, index: Any) -> Cut | Cuts:
        """Return one by its rank, from 0 on; or several by a slice.

        Raises
        ------
        PositionError, ArgumentTypeError, ArgumentError
            If there is none of that rank, or it is no whole number.
        """
        if isinstance(index, slice):
            return self._taken(positions(index, len(self), "cut"))
        place = position(index, len(self), "cut")
        value, change, predicted = (float(column[place]) for column in (self.values, self.change, self.predicted))
        outputs = partial(self._outputs, self._places[place])
        return Cut(self.paths[place], value, change, predicted, outputs, self.target, self._before)

    def __iter__(self) -> Iterator[Cut]:
        return (self[place] for place in range(len(self)))

    def _cells(self) -> list[list[str]]:
        columns = (self.products, self.predicted, self.change, self.missed)
        rows = zip(self.paths[:_SHOWN], *(column[:_SHOWN].tolist() for column in columns))
        return [[path.title, *map(number, numbers)] for path, *numbers in rows]

    def __str__(self) -> str:
        left = len(self) - _SHOWN
        more = [f"... {plural(left, 'more path')}"] if left > 0 else []
        return "\n".join([*tables.lines(_HEADS, self._cells(), "<>"), *more])

    def __repr__(self) -> str:
        return f"<Cuts of {plural(len(self), 'path')}: {', '.join(_HEADS)}>"

    def _repr_html_(self) -> str:
        return markup.table(_HEADS, self._cells(), "<>", markup.left_out(len(self), _SHOWN, "path"))
