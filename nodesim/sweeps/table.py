"""The table of a sweep: a row for every training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices, read_only
from nodesim.errors import StateError, UnknownNameError, suggestion
from nodesim.functions.contracts import Function
from nodesim.notation import frames, markup, tables
from nodesim.notation.symbols import number, plural
from nodesim.sweeps.results import Results
from nodesim.sweeps.trial import Trial
from nodesim.validation import Listing, flag, position, positions, shortened

_SHOWN = 20
_FOUND = ("error", "epochs", "converged", "diverged", "stopped")


class Sweep(Listing[Trial]):
    """The table of a sweep: a row for every training, its parameters and what became of it as columns by name.

    A sequence of `Trial`; a slice is a table again. Shown as a table in notebooks.

    Parameters
    ----------
    results : Results
        What was asked for, and what became of it.
    numbers : sequence of int, optional
        Which of the trainings, in which order; by default all.

    See Also
    --------
    nodesim.sweep : Makes it.
    Trial : A row, which makes its network.

    Examples
    --------
    >>> import nodesim as ns
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> table = ns.sweep([2, 3, 1], X, y, seeds=5, learning_rate=[0.1, 0.5], epochs=50)
    >>> table
    <Sweep of 10 trainings: network, optimizer, batch_size, learning_rate, seed, error, epochs, converged, diverged,
     stopped>
    >>> table.weights.shape, table.where(learning_rate=0.5).best().parameters["learning_rate"]
    ((10, 13), 0.5)
    """

    def __init__(self, results: Results, numbers: Sequence[int] | Indices | None = None) -> None:
        self._results = results
        self._numbers = np.arange(results.choices.count) if numbers is None else np.asarray(numbers, dtype=np.intp)

    # ---- columns ------------------------------------------------------------------------------------------

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns: parameters, then what became of the trainings."""
        return (*self._results.choices.names, *_FOUND)

    @property
    def weights(self) -> Array:
        """The weights with which each training ended, shape (n_rows, n_connections); NaN where it failed.

        Raises
        ------
        StateError
            If the networks have different numbers of connections.
        """
        results = self._results
        inner, outcomes = results.choices.inner, results.outcomes
        places = self._numbers // inner
        used = np.unique(places)
        if len({outcomes[place].weights.shape[1] for place in used}) > 1:
            raise StateError(
                "the networks of this sweep have different numbers of connections; take those of one structure, as by "
                "sweep.where(network='2-2-2'), or the weights of each row."
            )
        if len(used) == 1 and len(self) == inner and (np.diff(self._numbers) == 1).all():
            whole: Array = read_only(outcomes[used[0]].weights)
            return whole
        rows = [outcomes[place].weights[row] for place, row in zip(places, self._numbers % inner)]
        found: Array = read_only(np.array(rows).reshape(len(self), -1))
        return found

    @property
    def errors(self) -> Array:
        """The error of each training's last epoch, on the validation data where there are any, shape (n_rows,)."""
        errors: Array = read_only(self._results.errors[self._numbers])
        return errors

    @property
    def stopped(self) -> list[str]:
        """Why each training ended, in words."""
        return [trial.stopped for trial in self]

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """What each training was made with, by name."""
        return [trial.parameters for trial in self]

    def column(self, name: str) -> NDArray[Any]:
        """Return a column as an array.

        Parameters
        ----------
        name : str
            One of `columns`.

        Returns
        -------
        ndarray of shape (n_rows,)
            Of floats for errors, of whole numbers for epochs, of bool for converged and diverged, else of objects.

        Raises
        ------
        UnknownNameError
            If there is none of that name.

        See Also
        --------
        Sweep.to_dict : All columns, as lists.
        Sweep.sorted : The rows in the order of a column.

        Examples
        --------
        >>> import nodesim as ns
        >>> table = ns.sweep([1, 2, 1], [[0.0], [1.0]], [1.0, 0.0], seeds=3, learning_rate=0.5, epochs=10)
        >>> table.column("seed").tolist(), table.column("epochs").tolist()
        ([0, 1, 2], [10, 10, 10])
        """
        self._check(name)
        if name == "error":
            return np.array(self.errors)
        if name in _FOUND:
            attribute = "stop_reason" if name == "stopped" else name
            found = [getattr(trial.history, attribute) for trial in self]
            return np.array(found, dtype=object if name == "stopped" else None)
        column = np.empty(len(self), dtype=object)
        column[:] = [trial.parameters[name] for trial in self]
        return column

    def _check(self, name: Any) -> None:
        if not isinstance(name, str) or name not in self.columns:
            raise UnknownNameError(f"a sweep has no column {shortened(name)}. {suggestion(name, self.columns)}")

    def to_dict(self) -> dict[str, list[Any]]:
        """Return the columns as lists by name, as ``pandas.DataFrame`` takes them.

        Returns
        -------
        dict of str to list
            An entry for every row in each list.

        See Also
        --------
        Sweep.column : One column, as an array.

        Examples
        --------
        >>> import nodesim as ns
        >>> table = ns.sweep([1, 2, 1], [[0.0], [1.0]], [1.0, 0.0], seeds=2, learning_rate=0.5, epochs=10)
        >>> table.to_dict()["network"]
        ['1-2-1', '1-2-1']
        """
        return {name: self.column(name).tolist() for name in self.columns}

    def to_pandas(self) -> Any:
        """Return the table as a data frame of pandas.

        Returns
        -------
        pandas.DataFrame
            The columns that `Sweep.column` returns, a row for each training.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.

        See Also
        --------
        Sweep.to_dict : The same without pandas.

        Examples
        --------
        >>> import nodesim as ns
        >>> table = ns.sweep([1, 2, 1], [[0.0], [1.0]], [1.0, 0.0], seeds=2, learning_rate=[0.1, 0.5], epochs=10)
        >>> table.to_pandas().groupby("learning_rate")["error"].mean().shape
        (2,)
        """
        return frames.frame(self.to_dict())

    # ---- rows ---------------------------------------------------------------------------------------------

    def where(self, **parameters: Any) -> Sweep:
        """Return the rows with some values of their parameters.

        Parameters
        ----------
        **parameters : object
            Values by name of the parameter, as the table shows them, or functions; also of another column.

        Returns
        -------
        Sweep
            A table of these rows, in their order.

        Raises
        ------
        UnknownNameError
            If there is no column of that name.

        See Also
        --------
        Sweep.sorted : All rows, in another order.

        Examples
        --------
        >>> import nodesim as ns
        >>> X, y = [[0.0], [1.0]], [1.0, 0.0]
        >>> table = ns.sweep([[1, 2, 1], [1, 3, 1]], X, y, seeds=2, learning_rate=[0.1, 0.5], epochs=10)
        >>> len(table), len(table.where(network="1-3-1", seed=0))
        (8, 2)
        """
        chosen = np.ones(len(self), dtype=bool)
        for name, wanted in parameters.items():
            value = str(wanted) if isinstance(wanted, Function) else wanted
            chosen &= np.array([_same(each, value) for each in self.column(name).tolist()], dtype=bool)
        return Sweep(self._results, self._numbers[chosen])

    def best(self) -> Trial:
        """Return the training whose last epoch had the lowest error; of several the first.

        Returns
        -------
        Trial
            A row of the table.

        Raises
        ------
        StateError
            If no training completed an epoch.

        See Also
        --------
        Sweep.sorted : All rows, the best first.

        Examples
        --------
        >>> import nodesim as ns
        >>> table = ns.sweep([1, 2, 1], [[0.0], [1.0]], [1.0, 0.0], seeds=9, learning_rate=0.5, epochs=10)
        >>> table.best().error == float(table.errors.min())
        True
        """
        if np.isnan(self.errors).all():
            raise StateError("no training of this sweep completed an epoch: there is no best one.")
        return self[int(np.nanargmin(self.errors))]

    def sorted(self, by: str = "error", *, ascending: bool = True) -> Sweep:
        """Return the table sorted by a column: by default the lowest error first, NaN last; equal rows stay in order.

        Parameters
        ----------
        by : str
            The column, one of `columns`.
        ascending : bool
            The smallest first.

        Returns
        -------
        Sweep
            A table with the same rows.

        Raises
        ------
        UnknownNameError
            If there is no such column.
        ArgumentError
            If `ascending` is neither True nor False.

        See Also
        --------
        Sweep.column : The values that rows are sorted by.

        Examples
        --------
        >>> import nodesim as ns
        >>> table = ns.sweep([1, 2, 1], [[0.0], [1.0]], [1.0, 0.0], seeds=9, learning_rate=0.5, epochs=10)
        >>> table.sorted()[0] == table.best()
        True
        """
        rows = tables.order(self.column(by).tolist(), ascending=flag(ascending, "ascending"))
        return Sweep(self._results, self._numbers[rows])

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, row: int) -> Trial: ...
    @overload
    def __getitem__(self, row: slice) -> Sweep: ...
    def __getitem__(self, row: Any) -> Trial | Sweep:
        """Return a row by number, or several by a slice.

        Raises
        ------
        PositionError, ArgumentTypeError
            If there is no row of that number.
        """
        if isinstance(row, slice):
            return Sweep(self._results, self._numbers[list(positions(row, len(self), "row"))])
        return Trial(self._results, int(self._numbers[position(row, len(self), "row")]))

    def __iter__(self) -> Iterator[Trial]:
        return (Trial(self._results, number) for number in self._numbers.tolist())

    # ---- shown --------------------------------------------------------------------------------------------

    @property
    def _heads(self) -> list[str]:
        """Which columns are shown: what differs, and what became of it."""
        varying = self._results.choices.varying
        return [*varying, "error", "epochs", "stopped"]

    def _cells(self) -> list[list[str]]:
        rows = []
        for trial in self[:_SHOWN]:
            parameters = trial.parameters
            chosen = [str(parameters[name]) for name in self._results.choices.varying]
            rows.append([*chosen, number(trial.error), f"{trial.history.epochs:,}", trial.stopped])
        return rows

    def __str__(self) -> str:
        left = len(self) - _SHOWN
        more = [f"... {plural(left, 'more row')}"] if left > 0 else []
        return "\n".join([*tables.lines(self._heads, self._cells(), "<"), *more])

    def __repr__(self) -> str:
        return f"<Sweep of {plural(len(self), 'training')}: {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        return markup.table(self._heads, self._cells(), "<", markup.left_out(len(self), _SHOWN, "row"))


def _same(one: Any, other: Any) -> bool:
    # Arrays, and other things with an equality of their own, are the same as no value of a table.
    known = other is None or isinstance(other, str | int | float | np.number | np.bool_)
    return known and bool(one == other)
