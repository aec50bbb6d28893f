"""Networks and data: used to predict, and checked."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from nodesim.checks import check_gradients
from nodesim.cli.command import (
    Command,
    Lines,
    add_json,
    add_network,
)
from nodesim.cli.penalties import add_penalties, penalties
from nodesim.cli.samples import add_samples, samples, wanted
from nodesim.cli.terminal import as_json, styled, table
from nodesim.datasets import Dataset
from nodesim.errors import CheckError
from nodesim.gradients.quantities import Quantity
from nodesim.network import Network, load
from nodesim.notation.symbols import number, plural
from nodesim.simulation.objective import classes


def _add_predict(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    add_samples(parser)
    add_json(parser)


def _predict(options: argparse.Namespace) -> Lines:
    network = load(options.network)
    data = samples(network, options, unlabelled=True)
    outputs = network.predict(data.X)
    names = [Quantity("activated", node).name for node in network.outputs]
    labels = _labels(network, data, outputs)
    aims = _wanted(data)
    if options.json:
        found: dict[str, Any] = {"names": names, "outputs": outputs.tolist()}
        found |= {key: column for key, column in (("class", labels), ("target", aims)) if column}
        yield as_json(found)
        return
    heads = ["sample", *names, *(["class"] if labels else []), *(["target"] if aims else [])]
    columns: list[list[str]] = [[str(index) for index in range(1, len(data) + 1)]]
    columns += [[number(value) for value in column] for column in outputs.T.tolist()]
    columns += [[_written(value) for value in column] for column in (labels, aims) if column]
    yield from table(heads, list(zip(*columns)), left=0)
    if data.classes and aims:
        right = sum(label == target for label, target in zip(labels, aims))
        yield styled(f"accuracy {right / len(data):.1%}: {right} of {plural(len(data), 'sample')}", "bold")


def _labels(network: Network, data: Dataset, outputs: Any) -> list[str]:
    """Return the class of each sample, where the network tells classes."""
    known = data.classes or network.classes
    if not known and not network.loss.classifies:
        return []
    names = [str(label) for label in known] if known else [node.name for node in network.outputs]
    return [names[index] if index < len(names) else str(index) for index in classes(outputs.T)]


def _wanted(data: Dataset) -> list[Any]:
    if data.y is None:
        return []
    if data.classes:
        return [data.classes[index] for index in data.y]
    return data.y[:, 0].tolist() if data.y.shape[1] == 1 else data.y.tolist()  # type: ignore[no-any-return]


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value
    return ", ".join(number(part) for part in np.atleast_1d(value).tolist())


def _add_check(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    add_samples(parser)
    add_penalties(parser.add_argument_group("what is added to the error"))


def _check(options: argparse.Namespace) -> Lines:
    network = load(options.network)
    data = samples(network, options)
    report = check_gradients(network, data.X, wanted(network, data), **penalties(options))
    *lines, verdict = str(report).splitlines()
    yield from lines
    yield styled(verdict, "green" if report.ok else "red")
    if not report.ok:
        raise CheckError("backpropagation, the sum over paths and finite differences do not agree.")


COMMANDS = (
    Command(
        "predict",
        "calculate the outputs for samples",
        ["nodesim predict trained.json iris", "nodesim predict trained.json new.csv --json"],
        _predict,
        _add_predict,
    ),
    Command(
        "check",
        "compare backpropagation with the sum over paths and with finite differences",
        ["nodesim check trained.json iris"],
        _check,
        _add_check,
    ),
)
