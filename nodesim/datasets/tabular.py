"""Data sets made of tables: features and targets by column, class labels as class numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nodesim.datasets.dataset import Dataset
from nodesim.errors import FileError
from nodesim.formats.delimited import Table


def from_table(
    table: Table,
    name: str,
    features: Sequence[int],
    targets: Sequence[int],
    classes: Sequence[str] = (),
    **texts: str,
) -> Dataset:
    """Make a data set of columns of a table.

    Parameters
    ----------
    table : Table
    name : str
    features, targets : sequence of int
        Indices of columns. A single target column that holds something else than numbers consists of class labels.
    classes : sequence of str
        The labels in the order of their numbers; by default those that occur, sorted.
    **texts : str
        Description, source and licence.

    Raises
    ------
    FileError
        If a cell is missing, no number, or none of the classes.
    """
    found: tuple[str, ...] = ()
    y: Any = None
    if len(targets) == 1 and (classes or not table.is_numeric(targets[0])):
        y, found = _class_numbers(table, targets[0], classes)
    elif targets:
        y = table.numbers(targets)
    inputs, aims = (tuple(table.names[column] for column in columns) for columns in (features, targets))
    return Dataset(name, table.numbers(features), y, inputs, aims, found, **texts)


def _class_numbers(table: Table, column: int, classes: Sequence[str]) -> tuple[Any, tuple[str, ...]]:
    labels = table.text(column)
    known = tuple(classes) or tuple(sorted(set(labels)))
    places = {label: place for place, label in enumerate(known)}
    for (row, _), label in zip(table.rows, labels):
        if label not in places:
            raise FileError(f"{table.place(row, column)}: {label!r} is none of the classes {', '.join(known)}.")
    return np.array([places[label] for label in labels]), known
