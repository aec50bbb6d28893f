"""DATA SETS to learn from: two that come with nodesim, some that are calculated, and your own CSV files.

Examples
--------
>>> import nodesim as ns
>>> ns.datasets.load("moons", samples=100, noise=0.1, seed=1)
<Dataset moons: 100 samples, 2 features, 2 classes>
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nodesim.datasets import generators
from nodesim.datasets.dataset import Dataset
from nodesim.datasets.shipped import SHIPPED, shipped
from nodesim.datasets.tabular import from_table
from nodesim.errors import ArgumentError, FileError, UnknownNameError, suggestion
from nodesim.formats.atomic import path_of
from nodesim.formats.delimited import read_table
from nodesim.notation.symbols import plural
from nodesim.validation import at_least_zero, brief, flag, items, shortened, whole

__all__ = ["Dataset", "load", "names", "read_csv"]

_GENERATED: dict[str, Callable[[int, float, np.random.Generator], Dataset]] = {
    "moons": generators.moons,
    "circles": generators.circles,
    "spirals": generators.spirals,
    "sine": generators.sine,
}
# More than any example needs, and than fits into memory several times.
_MOST_SAMPLES = 10_000_000
_PARAMETERS: dict[str, float] = {"samples": 200, "noise": 0.1, "seed": 0}


def names() -> tuple[str, ...]:
    """Return the names that `load` takes.

    Returns
    -------
    tuple of str
        Those that come with nodesim, then those that are calculated.

    See Also
    --------
    nodesim.datasets.load : Return the data set of a name.

    Examples
    --------
    >>> names()
    ('iris', 'penguins', 'xor', 'moons', 'circles', 'spirals', 'sine')
    """
    return (*SHIPPED, "xor", *_GENERATED)


def load(name: str, **parameters: float) -> Dataset:
    """Return a data set by name.

    Parameters
    ----------
    name : str
        A data set: "iris" (Fisher 1936; CC BY 4.0) and "penguins" (Gorman et al. 2014; CC0) come with nodesim. "xor" is
        the exclusive or. "moons", "circles", "spirals" and "sine" are calculated.
    **parameters : float
        Of those that are calculated: `samples`, how many (200); `noise`, the standard deviation of what is added to
        them (0.1); and `seed`, which draws it (0).

    Returns
    -------
    Dataset
        Inputs, targets, and what they are called; of those that others published also source and licence.

    Raises
    ------
    UnknownNameError, ArgumentError
        If there is no data set of that name, or it does not take such a parameter.

    See Also
    --------
    nodesim.datasets.names : Which data sets there are.
    nodesim.datasets.read_csv : Read a data set of your own.
    Network.fit : Learn from it.

    References
    ----------
    Fisher, R. A., "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7 (1936).
    Gorman, K. B., T. D. Williams, W. R. Fraser, "Ecological sexual dimorphism and environmental variability within a
    community of Antarctic penguins (genus Pygoscelis)", PLoS ONE 9(3): e90081 (2014).

    Examples
    --------
    >>> load("sine", samples=50, noise=0.0).X.shape
    (50, 1)
    """
    if not isinstance(name, str) or name not in names():
        raise UnknownNameError(f"no data set named {shortened(name)}. {suggestion(name, names())}")
    known = _PARAMETERS if name in _GENERATED else {}
    for key in parameters:
        if key not in known:
            allowed = f"It takes {', '.join(known)}" if known else "It takes none"
            raise ArgumentError(f"data set {name} has no parameter {shortened(key)}. {allowed}.")
    if name in SHIPPED:
        return shipped(name)
    if name == "xor":
        return generators.xor()
    chosen = {**known, **parameters}
    generator = np.random.default_rng(whole(chosen["seed"], "seed", 0))
    count, noise = whole(chosen["samples"], "samples", 2, _MOST_SAMPLES), at_least_zero(chosen["noise"], "noise")
    with np.errstate(all="ignore"):
        made = _GENERATED[name](count, noise, generator)
    if not all(np.isfinite(part).all() for part in (made.X, made.y)):
        raise ArgumentError(f"noise is so large that samples are not finite numbers: {shortened(noise)}.")
    return made


def read_csv(
    file: str | Path,
    target: object | Iterable[object] = (),
    *,
    ignore: Iterable[object] = (),
    header: bool | None = None,
    classes: Sequence[object] = (),
    decimal: str = "",
) -> Dataset:
    r"""Read a data set from a CSV file.

    Parameters
    ----------
    file : str or path-like
        Text in UTF-8, or in UTF-16 as spreadsheets write it, separated by commas, semicolons, tabs, bars or blanks;
        lines that begin with # are comments. A first column without a name that counts or names the rows is left out,
        and so are empty columns at the end; a warning of the logger "nodesim" says so. A training file of FANN is
        read, too.
    target : str, int, or an iterable of them
        The columns to be learned, by name, or by number, 1 for the first; by default the last one, or all outputs of
        a training file of FANN.
    ignore : iterable of str or int
        Columns to leave out.
    header : bool, optional
        Whether the first row holds names; by default it does if nothing in it is a number, and you are asked where
        that is not plain, as where years stand there.
    classes : sequence of str or int
        The class labels in the order of the outputs; by default those that occur in the target, sorted. Give them
        where labels are numbers, as ``classes=[1, 2, 3]``: a column of numbers is else learned as numbers.
    decimal : str, optional
        "." or ",", the decimal sign; the other one may then stand between thousands. By default it is found out, and
        asked for where 1,234 may be 1.234 or 1234.

    Returns
    -------
    Dataset
        A single target column that holds text becomes class numbers. Columns of true and false become 1 and 0.

    Raises
    ------
    FileError
        If the file cannot be read or is no table of numbers; the message names file, row and column.

    See Also
    --------
    nodesim.datasets.load : Return a data set that comes with nodesim.
    Network.fit : Learn from it.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "data.csv"
    >>> _ = file.write_text("width,height,sort\n1,2,a\n3,4,b\n")
    >>> read_csv(file)
    <Dataset data: 2 samples, 2 features, 2 classes>
    """
    if isinstance(classes, str):
        raise ArgumentError(f"classes must be a sequence of labels, got the string {shortened(classes)}.")
    labels = items(classes, "classes", "a sequence of labels")
    if header is not None:
        header = flag(header, "header")
    if not isinstance(decimal, str) or decimal not in ("", ".", ","):
        raise ArgumentError(f"decimal is the sign before fractions, '.' or ','; got {shortened(decimal)}.")
    table = read_table(file, header=header, decimal=decimal)
    columns = range(len(table.names))
    targets = [table.column(column) for column in _columns(target, "target")] or list(
        columns[-(table.n_targets or 1) :]
    )
    left_out = {*targets, *table.ignored(_columns(ignore, "ignore"))}
    features = [column for column in columns if column not in left_out]
    if not features:
        raise FileError(
            f"{table.file}: no column is left for the inputs; it has {plural(len(columns), 'column')}, and learned is "
            f"{brief([table.names[column] for column in targets])}. Columns are separated by commas, semicolons, "
            "tabs, bars or blanks."
        )
    return from_table(table, path_of(file).stem, features, targets, labels)


def _columns(given: Any, what: str) -> list[Any]:
    """Return the columns that an argument names: one, or several."""
    one = isinstance(given, str | int | np.integer)
    several = [given] if one else items(given, what, "a column, by name or by number, 1 for the first, or several")
    return [each if isinstance(each, str) else shortened(each, 20) for each in several]
