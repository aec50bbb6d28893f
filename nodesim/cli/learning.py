"""Networks and data: trained, used to predict, and checked."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from nodesim.checks import check_gradients
from nodesim.cli.command import (
    Command,
    Lines,
    UsageError,
    add_json,
    add_network,
    add_output,
    as_typed,
    at_least_zero,
    count,
    named,
    natural,
)
from nodesim.cli.exploring import SAMPLES, check_page, explored
from nodesim.cli.samples import add_samples, samples, wanted
from nodesim.cli.terminal import as_json, styled, table
from nodesim.datasets import Dataset
from nodesim.errors import CheckError, DataError
from nodesim.explorer.sizes import evenly
from nodesim.formats.atomic import check_writable
from nodesim.gradients.quantities import Quantity
from nodesim.ledger.ledger import Ledger
from nodesim.network import Network, load
from nodesim.notation.symbols import number, plural
from nodesim.plugins import lookup
from nodesim.showing import shown
from nodesim.simulation.objective import classes
from nodesim.training.history import History
from nodesim.training.recording import Recording


def _add_train(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    add_samples(parser)
    parser.add_argument("--epochs", type=count, default=1000, metavar="N", help="at most so many (1000)")
    parser.add_argument("--learning-rate", type=at_least_zero, metavar="ETA", help="η (searched for)")
    parser.add_argument(
        "--batch-size",
        type=natural,
        default=0,
        metavar="N",
        help="samples for each update; 0 takes all (0)",
    )
    parser.add_argument("--optimizer", default="sgd", metavar="NAME", help="how weights are changed (sgd)")
    parser.add_argument("--stop-at-error", type=at_least_zero, metavar="E", help="stop when the error is this low")
    parser.add_argument(
        "--patience", type=count, metavar="N", help="stop when the error did not get lower for N epochs"
    )
    parser.add_argument("--record", metavar="PAGE", help="make a page of the training, epoch by epoch (.html)")
    parser.add_argument("--ledger", metavar="W1,..", help="post every update of these weights, and say what moved them")
    add_json(parser)
    add_output(parser, "the trained network", required=True)


def _train(options: argparse.Namespace) -> Lines:
    check_writable(options.output_file)
    if options.record is not None:
        check_page(options.record)
    if options.output_file == options.data:
        raise UsageError("the samples would be overwritten; choose another file for the trained network.")
    network = load(options.network)
    optimizer = named(lookup.optimizer, options.optimizer)
    data = samples(network, options)
    recording = Recording(network) if options.record is not None else None
    ledger = Ledger(network, options.ledger.split(",")) if options.ledger is not None else None
    if not options.json:
        yield shown(f"{data.name}: {_summary(data)}")
    history = network.fit(
        data.X, wanted(network, data), epochs=options.epochs, learning_rate=options.learning_rate, optimizer=optimizer,
        batch_size=options.batch_size or None, stop_at_error=options.stop_at_error, patience=options.patience,
        callbacks=[callback for callback in (recording, ledger) if callback is not None],
    )  # fmt: skip
    if history.diverged or not history.finite:
        raise DataError(f"nothing is saved: {as_typed(history.stop_reason)}")
    right = int((classes(network.predict(data.X).T) == data.y).sum()) if data.classes else None
    network.save(options.output_file)
    if recording is not None:
        explored(network, data, evenly(len(data), SAMPLES), recording).save(options.record)
    if options.json:
        yield as_json(_as_data(options, data, history, right, ledger))
        return
    if history.errors:
        yield history.chart()
    yield as_typed(str(history))
    if right is not None:
        yield styled(f"accuracy {right / len(data):.1%}: {right} of {plural(len(data), 'sample')}", "bold")
    yield f"saved to {shown(options.output_file)}"
    if recording is not None:
        yield f"its {plural(len(recording), 'recorded epoch')}: {shown(options.record)}"
    for entry in ledger.values() if ledger is not None else ():
        yield from ("", *str(entry).splitlines())


def _as_data(
    options: argparse.Namespace, data: Dataset, history: History, right: int | None, ledger: Ledger | None
) -> dict[str, Any]:
    """Return what a training came to, as plain data."""
    found: dict[str, Any] = {
        "data": data.name, "samples": len(data), "epochs": history.epochs, "updates": history.updates,
        "error": {"first": history.errors[0], "last": history.errors[-1]} if history.errors else None,
        "stopped": as_typed(history.stop_reason), "saved": options.output_file,
    }  # fmt: skip
    if right is not None:
        found["right"] = right
    if ledger is not None:
        found["ledger"] = [entry.summary() for entry in ledger.values()]
    return found


def _summary(data: Dataset) -> str:
    what = f"classes {', '.join(data.classes)}" if data.classes else f"to learn {', '.join(data.targets)}"
    return f"{plural(len(data), 'sample')}, {plural(len(data.features), 'input')}, {what}"


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


def _check(options: argparse.Namespace) -> Lines:
    network = load(options.network)
    data = samples(network, options)
    report = check_gradients(network, data.X, wanted(network, data))
    *lines, verdict = str(report).splitlines()
    yield from lines
    yield styled(verdict, "green" if report.ok else "red")
    if not report.ok:
        raise CheckError("backpropagation, the sum over paths and finite differences do not agree.")


COMMANDS = (
    Command(
        "train",
        "train a network on samples",
        [
            "nodesim train net.json iris --epochs 400 -o trained.json",
            "nodesim train deep.json data.csv --target price --optimizer adam --learning-rate 0.01 -o deep.json",
            "nodesim train net.json iris --ledger W1,W26 -o trained.json",
        ],
        _train,
        _add_train,
    ),
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
