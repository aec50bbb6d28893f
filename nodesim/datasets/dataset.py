"""Samples to learn from: inputs, targets, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ArgumentTypeError, DataError
from nodesim.notation import markup
from nodesim.notation.symbols import number, plural
from nodesim.showing import shown
from nodesim.simulation.data_set import NamedSamples
from nodesim.validation import names, numbers, shortened

# How many samples, and how many inputs and targets of each, a notebook shows.
_SHOWN, _COLUMNS = 10, 12


@dataclass(frozen=True, eq=False)
class Dataset(NamedSamples):
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

    Raises
    ------
    ArgumentTypeError, DataError
        If names are no strings, or numbers and names do not fit one another.

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

    def __post_init__(self) -> None:
        for what in ("name", "description", "source", "licence"):
            if not isinstance(getattr(self, what), str):
                raise ArgumentTypeError(f"{what} must be a string, got {shortened(getattr(self, what))}.")
        for what in ("features", "targets", "classes"):
            object.__setattr__(self, what, tuple(names(getattr(self, what), what)))
        object.__setattr__(self, "X", _table(self.X, "X"))
        if self.X.ndim != 2 or self.X.shape[1] != len(self.features):
            shape = f"(n_samples, {len(self.features)}), a column for each feature"
            raise DataError(f"X must have shape {shape}; got shape {self.X.shape}.")
        if self.y is not None:
            object.__setattr__(self, "y", self._learned(_table(self.y, "y")))

    def _learned(self, y: Any) -> Any:
        n_samples, n_classes = len(self.X), len(self.classes)
        shape = (n_samples,) if self.classes else (n_samples, len(self.targets))
        if y.shape != shape:
            raise DataError(f"y must have shape {shape}, a row for each sample; got shape {y.shape}.")
        if n_classes and not np.isin(y, range(n_classes)).all():
            raise DataError(f"y must hold the numbers 0 to {n_classes - 1} of the classes, and nothing else.")
        return y.astype(int) if n_classes else y

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


def _table(given: Any, what: str) -> Any:
    # Arrays of numbers are kept as they are, not copied.
    known = isinstance(given, np.ndarray) and given.dtype.kind in "fiu" and not np.ma.isMaskedArray(given)
    return given if known else numbers(given, what)


def _ends(cells: Sequence[Any], most: int) -> list[Any]:
    """Return cells, of many the first and the last with a sign between them."""
    half = most // 2
    return list(cells) if len(cells) <= most else [*cells[:half], "…", *cells[-half:]]


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else number(float(value))
