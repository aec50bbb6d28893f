"""Data sets made of tables: features and targets by column, class labels as class numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nodesim.datasets.dataset import Dataset
from nodesim.errors import FileError
from nodesim.formats.delimited import Table
from nodesim.formats.numerals import parsed
from nodesim.validation import brief, shortened


def from_table(
    table: Table,
    name: str,
    features: Sequence[int],
    targets: Sequence[int],
    classes: Sequence[object] = (),
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
    if classes and len(targets) != 1:
        raise FileError(f"{table.file}: classes are those of one target column; there are {len(targets)}.")
    if targets and (classes or (len(targets) == 1 and not table.is_numeric(targets[0]))):
        y, found = _class_numbers(table, targets[0], classes)
    elif targets:
        y = table.numbers(targets)
    inputs, aims = (tuple(table.names[column] for column in columns) for columns in (features, targets))
    return Dataset(name, table.numbers(features), y, inputs, aims, found, **texts)


def _class_numbers(table: Table, column: int, classes: Sequence[object]) -> tuple[Any, tuple[str, ...]]:
    known = tuple(map(str, classes))
    labels = table.text(column, known)
    known = known or tuple(sorted(set(labels)))
    places = {label: place for place, label in enumerate(known)}
    if len(places) < len(known):
        raise FileError(f"{table.file}: two classes have the same label; they are {brief(known, 200)}.")
    # 1.0 is the class 1: pandas writes whole numbers so once a value was missing.
    by_number = {parsed(label, table.decimal): place for label, place in places.items()}
    by_number.pop(None, None)
    found = []
    for (row, _), label in zip(table.rows, labels):
        place = places.get(label, by_number.get(parsed(label, table.decimal)))
        if place is None:
            where = table.place(row, column)
            raise FileError(f"{where}: {shortened(label)} is none of the classes {brief(known, 200)}.")
        found.append(place)
    return np.array(found), known
