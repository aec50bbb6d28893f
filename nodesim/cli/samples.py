"""The samples that a command line names: a data set, or a CSV file whose columns are fitted to a network."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nodesim import datasets
from nodesim._arrays import Array
from nodesim.cli.command import EitherWay, UsageError, named
from nodesim.datasets import Dataset
from nodesim.datasets.tabular import from_table
from nodesim.errors import DataError, FileError, suggestion
from nodesim.formats.delimited import Table, read_table
from nodesim.formats.spelling import in_shell
from nodesim.network import Network
from nodesim.notation.symbols import plural
from nodesim.validation import shortened

# What outputs are called that nobody has named.
_UNNAMED = re.compile(r"O\d+")
_NUMBER = re.compile(r"\d{1,15}(\.\d*)?|\.\d+")
_WITH_PARAMETERS = re.compile(r"(\w+)(?:\(([^()]*)\))?")

DATA = "a data set (see nodesim datasets), or a CSV file"


def add_samples(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """Add the argument that names the samples, and the options that say what their columns are."""
    parser.add_argument("data", metavar="DATA", nargs="?" if optional else None, help=DATA)
    columns = parser.add_argument_group("columns of a CSV file, by name, or by number, 1 for the first")
    columns.add_argument(
        "--target",
        nargs="+",
        action="extend",
        default=[],
        metavar="COLUMN",
        help="what is learned, output by output (the columns named like the outputs, else the last)",
    )
    columns.add_argument("--ignore", nargs="+", action="extend", default=[], metavar="COLUMN", help="what is left out")
    columns.add_argument(
        "--classes", nargs="+", action="extend", default=[], metavar="LABEL", help="class labels, output by output"
    )
    columns.add_argument(
        "--decimal",
        choices=(".", ","),
        default="",
        metavar="SIGN",
        help="the decimal sign, . or , (found out by itself)",
    )
    columns.add_argument("--header", action=EitherWay, help="the first row holds names (found out by itself)")


def samples(network: Network, options: argparse.Namespace, *, unlabelled: bool = False) -> Dataset:
    """Return the samples that the options name, as they fit the network.

    Parameters
    ----------
    network : Network
    options : argparse.Namespace
        With the options of `add_samples`.
    unlabelled : bool
        Whether samples without targets will do; `Dataset.y` is None then.

    Raises
    ------
    NodesimError
        If there are no such samples, or they do not fit the network.
    """
    return weighted_samples(network, options, None, unlabelled=unlabelled)[0]


def weighted_samples(
    network: Network, options: argparse.Namespace, weight: str | None, *, unlabelled: bool = False
) -> tuple[Dataset, Array | None]:
    """Return the samples that the options name, and how much each counts by one of their columns, if one is named.

    Raises
    ------
    NodesimError
        If there are no such samples, or they do not fit the network.
    """
    data, weights = data_set(options.data), None
    given = (weight, options.target, options.ignore, options.classes, options.decimal, options.header is not None)
    if data is not None and any(given):
        raise UsageError(f"{data.name} is a data set with columns of its own; those options are for CSV files.")
    if data is None:
        table = read_table(file(options.data), header=options.header, decimal=options.decimal, say=in_shell)
        ignored = options.ignore if weight is None else [*options.ignore, weight]
        data = _fitted(table, network, options, ignored, unlabelled)
        weights = None if weight is None else table.numbers([table.column(weight)])[:, 0]
    if len(data.features) != len(network.inputs):
        raise DataError(
            f"{data.name} has {plural(len(data.features), 'input')} ({_listed(data.features)}), the network has "
            f"{len(network.inputs)} ({_listed([node.name for node in network.inputs])})."
        )
    return data if data.y is None else _with_classes(data, network), weights


def data_set(name: str) -> Dataset | None:
    """Return the data set of a name, with parameters behind it maybe; None if there is none."""
    match = _WITH_PARAMETERS.fullmatch(name)
    if match is None or match[1] not in datasets.names():
        return None
    parameters: dict[str, float] = {}
    for pair in filter(str.strip, (match[2] or "").split(",")):
        key, _, value = (part.strip() for part in pair.partition("="))
        if key in parameters or not _NUMBER.fullmatch(value):
            raise UsageError(f"{shortened(name)}: parameters are written like moons(samples=500,noise=0.2,seed=1).")
        parameters[key] = float(value) if key == "noise" else int(float(value))
    return named(lambda _: datasets.load(match[1], **parameters), name)  # type: ignore[no-any-return]


def file(name: str) -> Path:
    """Return the path of a file of samples, and raise a `FileError` if there is none."""
    path = Path(name)
    if not path.exists():
        raise FileError(f"no data set and no file is named {shortened(name)}. {suggestion(name, datasets.names())}")
    return path


def _fitted(
    table: Table, network: Network, options: argparse.Namespace, ignore: Sequence[str], unlabelled: bool
) -> Dataset:
    """Choose features and targets among the columns: by the options, by the nodes' names, or by their numbers."""
    ignored = table.ignored(ignore)
    columns = range(len(table.names))
    # What a file itself says about its outputs holds, also where the network has others.
    targets = _targets(table, options.target) or list(columns[len(columns) - table.n_targets :])
    for column in ignored.intersection(targets):
        raise UsageError(f"column {table.names[column]} is both a --target and to --ignore.")
    left = [column for column in columns if column not in ignored and column not in targets]
    inputs, outputs = ([node.name for node in nodes] for nodes in (network.inputs, network.outputs))
    if set(inputs) <= {table.names[column] for column in left}:
        features = [table.column(name) for name in inputs]
        left = [column for column in left if column not in features]
        if not targets and set(outputs) <= {table.names[column] for column in left}:
            targets = [table.column(name) for name in outputs]
        elif not targets:
            targets = _last(table, left, network, unlabelled)
    else:
        if not targets:
            targets = _last(table, left[len(inputs) :], network, unlabelled)
        features = [column for column in left if column not in targets]
    classes = options.classes or _named_outputs(table, targets, outputs)
    targets = _in_order_of_outputs(table, targets, outputs, unlabelled)
    data = from_table(table, Path(table.file).name, features, targets, classes)
    if not classes and network.classes is None:
        _check_meant(data, network)
    return data


def _targets(table: Table, wanted: Sequence[str]) -> list[int]:
    """Return the columns that are named as targets."""
    for each in wanted:
        parts = each.split(",")
        if each not in table.names and len(parts) > 1 and set(parts) <= set(table.names):
            raise UsageError(f"columns are separated by spaces here: --target {' '.join(parts)}")
    return list(dict.fromkeys(table.column(each) for each in wanted))


def _in_order_of_outputs(table: Table, targets: list[int], outputs: list[str], unlabelled: bool) -> list[int]:
    """Return target columns in the order of the outputs where they are named like these, and check that all are.

    Raises
    ------
    DataError
        If some are, and others are missing.
    """
    by_name = {table.names[column]: column for column in targets}
    missing = [name for name in outputs if name not in by_name]
    if len(missing) == len(outputs):
        return targets
    if missing:
        known = [name for name in outputs if name in by_name]
        advice = f" Leave out what is there: --ignore {' '.join(known)}" if unlabelled else ""
        if set(outputs) <= set(table.names):
            advice = f" Give them all: --target {' '.join(outputs)}"
        raise DataError(
            f"{table.file}: of the outputs {_listed(outputs)} there is a column for {_listed(known)}, but "
            f"none for {_listed(missing)} among the targets.{advice}"
        )
    return [by_name[name] for name in outputs] + [column for column in targets if table.names[column] not in outputs]


def _check_meant(data: Dataset, network: Network) -> None:
    """Refuse to lay one column of classes over outputs that are named otherwise.

    Raises
    ------
    DataError
        If nothing says which class is which output.
    """
    outputs = [node.name for node in network.outputs]
    if data.y is None or len(outputs) == 1 or len(data.targets) > 1 or all(map(_UNNAMED.fullmatch, outputs)):
        return
    if data.classes or not network.loss.classifies:
        raise DataError(
            f"{data.name}: the network has the outputs {_listed(outputs)}, and column {data.targets[0]} is no one of "
            "them, nor are its labels. Give a column for each output with --target; or, if it holds classes, their "
            "labels output by output with --classes."
        )


def _last(table: Table, rest: Sequence[int], network: Network, unlabelled: bool) -> list[int]:
    """Return the columns that are left for the targets, if it is plain what they mean."""
    wanted = len(network.outputs)
    if len(rest) in (1, wanted) or (unlabelled and not rest):
        return list(rest)
    labels = ", or one of class labels" if wanted > 1 else ""
    raise DataError(
        f"{table.file} has {len(table.names)} columns; the network needs {len(network.inputs)} for its inputs and "
        f"{wanted} for its outputs{labels}. Say which with --target and --ignore."
    )


def _named_outputs(table: Table, targets: Sequence[int], outputs: list[str]) -> list[str]:
    """Return the outputs' names if the labels of a table are among them: then the order is plain."""
    if len(targets) == 1 and len(outputs) > 1:
        return outputs if set(table.text(targets[0], outputs)) <= set(outputs) else []
    return []


def wanted(network: Network, data: Dataset) -> Any:
    """Return what the samples should be: where the network has classes its own labels, which may be numbers."""
    classes = network.classes
    return data.y if classes is None or not data.classes else [classes[number] for number in data.y]


def _with_classes(data: Dataset, network: Network) -> Dataset:
    """Check that classes and outputs agree; a column of numbers for several outputs holds class numbers."""
    outputs = len(network.outputs)
    if network.classes is not None and data.classes:
        return _in_order(data, tuple(map(str, network.classes)))
    if not data.classes and data.y.shape[1] == 1 and outputs > 1:
        data = _numbered(data, outputs)
        if network.classes is not None:
            known = tuple(map(str, network.classes))
            # Numbers that are no labels of the network are those of its outputs.
            return _in_order(data if set(data.classes) <= set(known) else replace(data, classes=known), known)
    names = tuple(node.name for node in network.outputs)
    if outputs > 1 and network.classes is None and set(data.classes) == set(names):
        return _in_order(data, names)
    fits = outputs in (len(data.classes), 1 if len(data.classes) <= 2 else 0)
    if data.classes and not fits:
        raise DataError(
            f"{data.name} has {len(data.classes)} classes ({_listed(data.classes)}), the network {outputs} outputs. "
            "There is one output for each class, or one for two of them; give all labels with --classes."
        )
    return data


def _in_order(data: Dataset, known: tuple[str, ...]) -> Dataset:
    """Return a data set whose class numbers are those of a network."""
    strange = [label for label in data.classes if label not in known]
    if strange:
        raise DataError(f"{data.name} has the class {shortened(strange[0])}, the network has {_listed(known)}.")
    return replace(data, y=np.array([known.index(label) for label in data.classes])[data.y], classes=known)


def _numbered(data: Dataset, outputs: int) -> Dataset:
    column = data.y[:, 0]
    labels = np.unique(column)
    if set(labels) <= set(range(outputs)):
        return replace(data, y=column.astype(int), classes=tuple(map(str, range(outputs))))
    return replace(data, y=np.searchsorted(labels, column), classes=tuple(f"{label:g}" for label in labels))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 8 else f"{', '.join(names[:6])}, ... and {len(names) - 6} more"
