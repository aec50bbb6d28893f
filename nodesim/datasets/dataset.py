"""Samples to learn from: inputs, targets, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.notation import markup
from nodesim.notation.symbols import number, plural
from nodesim.showing import shown

# How many samples, and how many inputs and targets of each, a notebook shows.
_SHOWN, _COLUMNS = 10, 12


@dataclass(frozen=True, eq=False)
class Dataset:
    """Inputs and targets with their names.

    Parameters
    ----------
    name : str
        What it is called.
    X : ndarray of shape (n_samples, n_inputs)
        The inputs, a row for each sample.
    y : ndarray or None
        Class numbers of shape (n_samples,) where there are `classes`, else targets of shape (n_samples, n_outputs).
    features : tuple of str
        What the inputs are called.
    targets : tuple of str
        What the targets are called.
    classes : tuple of str
        The names of the classes 0, 1, ...; empty where the targets are numbers.
    description : str
        What the samples are.
    source : str
        Who published them, and where.
    licence : str
        On what terms they are shared.

    See Also
    --------
    nodesim.datasets.load : Return one by its name.
    nodesim.datasets.read_csv : Read one from a file.
    Network.fit : Learn from X and y.

    Examples
    --------
    >>> import nodesim as ns
    >>> iris = ns.datasets.load("iris")
    >>> iris.X.shape, iris.y.shape, iris.classes
    ((150, 4), (150,), ('setosa', 'versicolor', 'virginica'))
    """

    name: str
    X: Array
    y: Any
    features: tuple[str, ...]
    targets: tuple[str, ...]
    classes: tuple[str, ...] = ()
    description: str = field(default="", kw_only=True)
    source: str = field(default="", kw_only=True)
    licence: str = field(default="", kw_only=True)

    def __len__(self) -> int:
        return len(self.X)

    def __repr__(self) -> str:
        learned = f"{len(self.classes)} classes" if self.classes else plural(len(self.targets), "target")
        counts = f"{plural(len(self), 'sample')}, {plural(len(self.features), 'feature')}, {learned}"
        return f"<Dataset {shown(self.name)}: {counts}>"

    def _repr_html_(self) -> str:
        features, inputs = _ends(self.features, _COLUMNS), self.X[:_SHOWN]
        named = [[self.classes[number]] for number in self.y[:_SHOWN]] if self.classes else None
        targets = [""] * len(inputs) if self.y is None else named or np.reshape(self.y[:_SHOWN], (len(inputs), -1))
        written = [[_cell(value) for value in _ends(row, _COLUMNS)] for row in inputs.tolist()]
        learned = [[_cell(value) for value in _ends(list(row), _COLUMNS)] for row in targets]
        rows = [[f"{place}", *left, *right] for place, (left, right) in enumerate(zip(written, learned))]
        heads = ["", *features, *(_ends(self.targets, _COLUMNS) if rows and learned[0] else [])]
        sides = ">" * (1 + len(features)) + ("<" if self.classes else ">")
        more = markup.left_out(len(self), len(rows), "sample")
        return f"{markup.line(repr(self)[1:-1])}{markup.table(heads, rows, sides, more)}{markup.line(self.description)}"


def _ends(cells: Sequence[Any], most: int) -> list[Any]:
    """Return cells, of many the first and the last with a sign between them."""
    half = most // 2
    return list(cells) if len(cells) <= most else [*cells[:half], "…", *cells[-half:]]


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else number(float(value))
