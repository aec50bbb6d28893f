"""Inputs and targets at the door: checked, and turned into arrays with one column for each sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import DataError
from nodesim.functions.contracts import Loss
from nodesim.graph.elements import Node
from nodesim.validation import numbers, shortened

_DOUBLE = np.dtype(float)
_PART = 100_000
_PLAIN, _ROWS = frozenset((float, int)), frozenset((list, tuple))


def inputs(x: Any, nodes: Sequence[Node], *, shared: bool = False, looked_at: bool = True) -> tuple[Array, bool]:
    """Check inputs.

    Parameters
    ----------
    x : array_like of shape (n_inputs,) or (n_samples, n_inputs), or mapping from name to number or vector
    nodes : sequence of Node
        The input nodes.
    shared : bool
        Whether they may stay in the caller's own array, where it is one of floats.
    looked_at : bool
        Whether it is looked at every number if it is finite; else see `check_finite`.

    Returns
    -------
    ndarray of shape (n_inputs, n_samples)
    bool
        Whether it was one sample.

    Raises
    ------
    DataError
        Saying which sample and input is wrong.
    """
    if not isinstance(x, np.ndarray) and isinstance(x, Mapping):
        x = by_name(x, nodes, numbers)
    table, single = input_table(numbers(x, "x", shared=shared), nodes)
    if looked_at:
        check_finite(table, "input", nodes)
    return table.T, single


def input_table(array: Any, nodes: Sequence[Node]) -> tuple[Any, bool]:
    """Return inputs of any type as a table (n_samples, n_inputs), and whether they were one sample.

    Raises
    ------
    DataError
        If they are of another shape.
    """
    if array.ndim not in (1, 2) or array.shape[-1] != len(nodes):
        hint = (
            f" Use x.reshape(-1, 1) for {len(array)} samples of one input."
            if array.ndim == 1 and len(nodes) == 1
            else ""
        )
        raise DataError(
            f"x must have shape ({len(nodes)},) or (n_samples, {len(nodes)}), one column for each of "
            f"{_names(nodes)}; got shape {array.shape}.{hint}"
        )
    table = array if array.ndim == 2 else array[None]
    if not len(table):
        raise DataError("x holds no samples.")
    return table, array.ndim == 1


def vector(data: Any, count: int) -> Array | None:
    """Return one sample of so many numbers as an array to read, or None where it is anything but plain doubles.

    Nothing else is looked at: whether they are finite, or right for a loss.

    Examples
    --------
    >>> vector([0.5, 1], 2), vector([[0.5, 1.0]], 2), vector(["0.5", "1"], 2)
    (array([0.5, 1. ]), None, None)
    """
    if type(data) is np.ndarray:
        if data.dtype is _DOUBLE and data.shape == (count,):
            # Compiled code takes it as it is, if it is contiguous, aligned and not read-only.
            return data if data.flags.carray else np.array(data)
        return None
    if type(data) not in _ROWS or len(data) != count:
        return None
    for number in data:
        if type(number) not in _PLAIN:
            return None
    try:
        return np.array(data, _DOUBLE)
    except OverflowError:
        # An integer that no double can hold.
        return None


def targets(y: Any, nodes: Sequence[Node], n_samples: int, *, single: bool, loss: Loss, shared: bool = False) -> Array:
    """Check desired outputs.

    Parameters
    ----------
    y : array_like
        Shape (n_outputs,) for one sample; (n_samples, n_outputs) for a batch, or (n_samples,) if there is one
        output. Whole numbers of shape (n_samples,), or one for one sample, are class numbers 0, 1, ... where
        there are several outputs.
    nodes : sequence of Node
        The output nodes.
    n_samples : int
        How many samples x had.
    single : bool
        Whether x was one sample.
    loss : Loss
        May restrict what a target can be.
    shared : bool
        Whether they may stay in the caller's own array, where it is one of floats.

    Returns
    -------
    ndarray of shape (n_outputs, n_samples)

    Raises
    ------
    DataError
        Saying which sample and output is wrong.
    """
    array = numbers(y, "y", shared=shared)
    labels = (n_samples,) if not single else ()
    table: Array
    if len(nodes) > 1 and array.shape == labels:
        table = one_hot(np.atleast_1d(array), nodes)
    else:
        table = target_table(array, nodes, n_samples, single=single)
    check_finite(table, "target of output", nodes)
    check_range(table, nodes, loss)
    return table.T


def target_table(array: Any, nodes: Sequence[Node], n_samples: int, *, single: bool) -> Any:
    """Return desired outputs of any type as a table (n_samples, n_outputs).

    Raises
    ------
    DataError
        If they are of another shape.
    """
    if single and array.size == len(nodes) and array.ndim <= 2:
        return array.reshape(1, -1)
    if len(nodes) == 1 and array.shape == (n_samples,):
        return array.reshape(-1, 1)
    if array.shape == (n_samples, len(nodes)):
        return array
    wanted = f"({len(nodes)},)" if single else f"({n_samples}, {len(nodes)})"
    labels = " or class numbers of shape (n_samples,)" if len(nodes) > 1 and not single else ""
    advice = ""
    if labels and array.shape == (n_samples, 1) and array.dtype.kind == "f" and (array == np.floor(array)).all():
        found = sorted(set(array[:, 0].tolist()))[:9]
        classes = ", ".join(f'"{label:g}"' for label in found)
        advice = (
            f" If these are class labels, read them as such, by read_csv(..., classes=[{classes}]), or give class "
            "numbers 0, 1, ... of that shape."
        )
    raise DataError(
        f"y must have shape {wanted}, one column for each of {_names(nodes)}{labels}; got shape {array.shape}.{advice}"
    )


def one_hot(labels: Array, nodes: Sequence[Node]) -> Any:
    """Return class numbers as a table of targets (n_samples, n_outputs): 1 for the class, 0 for the others.

    Raises
    ------
    DataError
        If one is no class number of these outputs.
    """
    broken = np.flatnonzero(labels != np.floor(labels))
    if len(broken):
        raise DataError(
            f"sample {broken[0]}: {labels[broken[0]]} is no class number; targets of shape (n_samples,) are the whole "
            f"numbers 0 to {len(nodes) - 1}, or y has one column for each of {_names(nodes)}."
        )
    outside = np.flatnonzero((labels < 0) | (labels >= len(nodes)))
    if len(outside):
        raise DataError(
            f"sample {outside[0]}: class {labels[outside[0]]:g} is out of range; {_names(nodes)} stand for the "
            f"classes 0 to {len(nodes) - 1}."
        )
    return np.eye(len(nodes))[labels.astype(int)]


def by_name(x: Mapping[Any, Any], nodes: Sequence[Node], read: Callable[[Any, str], Any]) -> Any:
    """Return inputs that are given by name as one array; `read` makes an array of each, and is told whose it is.

    Raises
    ------
    DataError
        If an input is missing, unknown or given twice, or they are not of one length.
    """
    pairs = _pairs(x)
    given = {key.name if isinstance(key, Node) else key: value for key, value in pairs}
    if len(given) < len(pairs):
        raise DataError("x gives an input twice, by its name and as the node itself.")
    missing = [node.name for node in nodes if node.name not in given]
    unknown = [
        key if isinstance(key, str) else shortened(key) for key in given if key not in {node.name for node in nodes}
    ]
    if missing or unknown:
        parts = [f"{text} {_listed(names)}" for text, names in (("lacks", missing), ("has unknown", unknown)) if names]
        raise DataError(f"x {' and '.join(parts)}; the inputs are {_names(nodes)}.")
    columns = [read(given[node.name], f"input {node.name}") for node in nodes]
    if len({column.shape for column in columns}) > 1 or columns[0].ndim > 1:
        shapes = ", ".join(f"{node.name} {column.shape}" for node, column in zip(nodes, columns))
        raise DataError(f"each input must be a number, or all of them vectors of one length; got {shapes}.")
    return np.stack(columns, axis=-1)


def _pairs(x: Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    try:
        return list(x.items())
    except Exception as error:
        # Whatever a mapping of users' own raises.
        raise DataError(f"x cannot be read: {type(error).__name__}: {shortened(str(error))}.") from error


def check_finite(table: Array, what: str, nodes: Sequence[Node]) -> None:
    """Raise a `DataError` if a number of a table (n_samples, n) is not finite; it names the first sample and node."""
    if not _all_finite(table.ravel(order="K")):
        bad = np.argwhere(~np.isfinite(table))
        sample, column = bad[0]
        more = f" ({len(bad) - 1} more like it)" if len(bad) > 1 else ""
        raise DataError(f"sample {sample}: {what} {nodes[column].name} is {table[sample, column]}{more}.")


def _all_finite(flat: Array) -> bool:
    if len(flat) <= _PART:
        return bool(np.isfinite(flat).all())
    # Part by part: the answers for the numbers of one stay in the cache.
    return all(_all_finite(flat[first : first + _PART]) for first in range(0, len(flat), _PART))


def check_range(table: Array, nodes: Sequence[Node], loss: Loss) -> None:
    """Raise a `DataError` if a loss does not take a target, of shape (n_samples, n_outputs)."""
    if loss.targets is None:
        return
    low, high = loss.targets
    if low <= table.min() and table.max() <= high:
        return
    bad = np.argwhere((table < low) | (table > high))
    if len(bad):
        sample, column = bad[0]
        raise DataError(
            f"sample {sample}: the target of output {nodes[column].name} is {table[sample, column]:g}; "
            f"loss {loss.name!r} takes targets from {low:g} to {high:g}."
        )


def _names(nodes: Sequence[Node]) -> str:
    return _listed([node.name for node in nodes])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 8 else f"{', '.join(names[:4])}, ..., {names[-1]} ({len(names)} in all)"
