"""Samples to learn from: inputs, targets, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nodesim._arrays import Array
from nodesim.notation.symbols import plural


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
        return (
            f"<Dataset {self.name}: {plural(len(self), 'sample')}, {plural(len(self.features), 'feature')}, {learned}>"
        )
