"""Inputs and targets at the door: checked, and turned into arrays with one column for each sample."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import DataError
from nodesim.functions.contracts import Loss
from nodesim.graph.elements import Node
from nodesim.simulation import class_labels, data_set
from nodesim.simulation.class_labels import Labels
from nodesim.simulation.data_set import NamedSamples
from nodesim.simulation.named_columns import by_name, column, is_frame, is_series, named, names
from nodesim.validation import numbers

_DOUBLE = np.dtype(float)
_PART = 100_000
_PLAIN, _ROWS = frozenset((float, int)), frozenset((list, tuple))


def inputs(x: Any, nodes: Sequence[Node], *, shared: bool = False, looked_at: bool = True) -> tuple[Array, bool]:
    """Check inputs.

    Parameters
    ----------
    x : array_like of shape (n_inputs,) or (n_samples, n_inputs), mapping, data frame, or NamedSamples
        A mapping leads from the inputs' names to numbers or vectors; a frame has them as columns, one row of it as the
        index.
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
    if type(x) is not np.ndarray and type(x) is not list:
        x = arranged_inputs(x, nodes, partial(column, shared=True))
    table, single = input_table(numbers(x, "x", shared=shared), nodes)
    if looked_at:
        check_finite(table, "input", nodes)
    return table.T, single


def arranged_inputs(x: Any, nodes: Sequence[Node], read: Callable[[Any, str], Any]) -> Any:
    """Return inputs that have names in the order of nodes, each as it is read; all others as they are.

    Raises
    ------
    DataError
        If their names are not those of the nodes.
    """
    if isinstance(x, NamedSamples):
        return data_set.inputs(x, nodes)
    given = named(x, "x")
    return x if given is None else by_name(given, nodes, read)


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
            else _rows(array, "x", len(nodes))
        )
        raise DataError(
            f"x must have shape ({len(nodes)},) or (n_samples, {len(nodes)}), one column for each of "
            f"{names(nodes)}; got shape {array.shape}.{hint}"
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


def targets(
    y: Any, nodes: Sequence[Node], n_samples: int, *, single: bool, loss: Loss, shared: bool = False,
    classes: Labels | None = None,
) -> Array:  # fmt: skip
    """Check desired outputs.

    Parameters
    ----------
    y : array_like, mapping, data frame, or NamedSamples
        Shape (n_outputs,) for one sample; (n_samples, n_outputs) for a batch, or (n_samples,) if there is one
        output. Whole numbers of shape (n_samples,), or one for one sample, are class numbers 0, 1, ... where
        there are several outputs. Labels of that shape are those of the classes, or the outputs' names.
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
    classes : tuple, optional
        The labels of the outputs.

    Returns
    -------
    ndarray of shape (n_outputs, n_samples)

    Raises
    ------
    DataError
        Saying which sample and output is wrong.
    """
    array = plain_targets(y, nodes, n_samples, classes, single=single, read=partial(column, shared=shared))
    several = (n_samples,) if not single else ()
    table: Array
    if len(nodes) > 1 and array.shape == several:
        table = one_hot(np.atleast_1d(array), nodes)
    else:
        table = target_table(array, nodes, n_samples, single=single)
    check_finite(table, "target of output", nodes)
    check_range(table, nodes, loss)
    return table.T


def plain_targets(
    y: Any, nodes: Sequence[Node], n_samples: int, classes: Labels | None, *, single: bool,
    read: Callable[[Any, str], Any], texts_are_numbers: bool = False,
) -> Any:  # fmt: skip
    """Return desired outputs as an array without names: those of frames by column, labels as class numbers.

    Parameters
    ----------
    y, nodes, n_samples, classes, single
        As for `targets`.
    read : callable
        Makes an array of what are no labels, and is told whose it is.
    texts_are_numbers : bool
        Whether texts that are no labels are numbers as they are written.

    Raises
    ------
    DataError
        If names or labels are not those of the outputs.
    """
    if isinstance(y, NamedSamples):
        return data_set.targets(y, nodes, classes)
    y, given = named_targets(y, nodes, single=single)
    if given is not None:
        return by_name(given, nodes, read, "y", "output")
    found = class_labels.of(y)
    if texts_are_numbers and found is not None and not class_labels.known(found, nodes, classes):
        found = None
    if found is None:
        array = read(y, "y")
        if not class_labels.numeric(classes) or array.ndim > 1 or array.size != n_samples:
            return array
        found = array
    elif found.size != n_samples or found.ndim > 2:
        one = "one label" if single else f"{n_samples} labels, one for each sample"
        raise DataError(f"y must be {one}, or targets as numbers; got labels of shape {found.shape}.")
    return class_labels.numbered(found.reshape(() if single else (n_samples,)), nodes, classes)


def named_targets(y: Any, nodes: Sequence[Node], *, single: bool) -> tuple[Any, Any]:
    """Return desired outputs, and where they have the outputs' names as a mapping; else of a frame its one column."""
    if type(y) is np.ndarray or type(y) is list:
        return y, None
    row = is_series(y) and not is_frame(y)
    # What the samples of a batch are called does not matter, nor what a single number is.
    given = named(y, "y") if single or not row else None
    if given is None or (row and len(given) == 1):
        return y, None
    if is_frame(y) and len(given) == 1 and nodes[0].name not in given:
        # A column by itself cannot be taken for another.
        (name,) = given
        return given[name], None
    return y, given


def labels_among(y: Any, nodes: Sequence[Node]) -> Any:
    """Return the labels that the targets of a training are, or None if they are none."""
    y, given = named_targets(y, nodes, single=False)
    return None if given is not None else class_labels.of(y)


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
    advice = _rows(array, "y", len(nodes))
    if labels and array.shape == (n_samples, 1) and array.dtype.kind == "f" and (array == np.floor(array)).all():
        found = sorted(set(array[:, 0].tolist()))[:9]
        classes = ", ".join(f'"{label:g}"' for label in found)
        advice = (
            f" If these are class labels, read them as such, by read_csv(..., classes=[{classes}]), or give class "
            "numbers 0, 1, ... of that shape."
        )
    raise DataError(
        f"y must have shape {wanted}, one column for each of {names(nodes)}{labels}; got shape {array.shape}.{advice}"
    )


def _rows(array: Any, name: str, count: int) -> str:
    """Say how samples of several axes, such as sequences with their steps, become rows."""
    if array.ndim < 3 or math.prod(array.shape[1:]) != count:
        return ""
    return f" Use {name}.reshape(len({name}), -1) to have all numbers of a sample in one row."


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
            f"numbers 0 to {len(nodes) - 1}, or y has one column for each of {names(nodes)}."
        )
    outside = np.flatnonzero((labels < 0) | (labels >= len(nodes)))
    if len(outside):
        raise DataError(
            f"sample {outside[0]}: class {labels[outside[0]]:g} is out of range; {names(nodes)} stand for the "
            f"classes 0 to {len(nodes) - 1}."
        )
    return np.eye(len(nodes))[labels.astype(int)]


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
