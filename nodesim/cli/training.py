"""Networks are trained."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

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
    fraction,
    named,
    natural,
)
from nodesim.cli.exploring import SAMPLES, check_page, explored
from nodesim.cli.penalties import add_penalties, penalties
from nodesim.cli.samples import add_samples, wanted, weighted_samples
from nodesim.cli.terminal import as_json, styled
from nodesim.datasets import Dataset
from nodesim.errors import DataError
from nodesim.explorer.sizes import evenly
from nodesim.formats.atomic import check_writable
from nodesim.ledger.ledger import Ledger
from nodesim.network import Network, load
from nodesim.notation.symbols import plural
from nodesim.plugins import lookup
from nodesim.showing import shown
from nodesim.simulation.objective import classes
from nodesim.training.history import History
from nodesim.training.recording import Recording


def _add_train(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    add_samples(parser)
    parser.add_argument("--epochs", type=count, default=1000, metavar="N", help="at most so many (1000)")
    parser.add_argument(
        "--learning-rate",
        type=_rate,
        metavar="ETA",
        help='η, or a schedule: "cosine(rate=0.5)" (searched for)',
    )
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
    _add_terms(parser)
    parser.add_argument("--resume", action="store_true", help="go on where the last training of the network stopped")
    parser.add_argument("--jobs", type=count, metavar="N", help="calculate each update in so many processes")
    parser.add_argument("--record", metavar="PAGE", help="make a page of the training, epoch by epoch (.html)")
    parser.add_argument("--ledger", metavar="W1,..", help="post every update of these weights, and say what moved them")
    add_json(parser)
    add_output(parser, "the trained network", required=True)


def _add_terms(parser: argparse.ArgumentParser) -> None:
    """Add the options that change the error, or its gradient."""
    terms = parser.add_argument_group("what counts, and what is added to the error")
    terms.add_argument("--sample-weight", metavar="COLUMN", help="the column that says how much each sample counts")
    terms.add_argument(
        "--class-weight",
        metavar="LABEL=W,..",
        help="how much the samples of classes count; 'balanced' lets all classes count alike",
    )
    terms.add_argument("--validation-split", type=fraction, metavar="PART", help="hold this part out, and watch it")
    add_penalties(terms)
    terms.add_argument("--dropout", type=at_least_zero, metavar="P", help="how often a hidden node is dropped")


def _train(options: argparse.Namespace) -> Lines:
    check_writable(options.output_file)
    if options.record is not None:
        check_page(options.record)
    if options.output_file == options.data:
        raise UsageError("the samples would be overwritten; choose another file for the trained network.")
    network = load(options.network)
    optimizer, rate = named(lookup.optimizer, options.optimizer), options.learning_rate
    if isinstance(rate, str):
        rate = named(lookup.schedule, rate)
    terms = penalties(options)
    data, weights = weighted_samples(network, options, options.sample_weight)
    recording = Recording(network) if options.record is not None else None
    ledger = Ledger(network, options.ledger.split(",")) if options.ledger is not None else None
    if not options.json:
        yield shown(f"{data.name}: {_summary(data)}")
    history = network.fit(
        data.X, wanted(network, data), epochs=options.epochs, learning_rate=rate,
        optimizer=optimizer,
        batch_size=options.batch_size or None, stop_at_error=options.stop_at_error, patience=options.patience,
        sample_weight=weights, class_weight=_class_weight(options.class_weight, network, data),
        validation_split=options.validation_split,
        **terms, dropout=options.dropout, resume=options.resume, n_jobs=options.jobs,
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


def _rate(text: str) -> float | str:
    """Parse a learning rate; what is no number is the name of a schedule."""
    try:
        float(text)
    except ValueError:
        return text
    return at_least_zero(text)


def _class_weight(text: str | None, network: Network, data: Dataset) -> Any:
    """Return the weights of classes that an option names, by their numbers or by the labels of the network."""
    if text is None or text == "balanced":
        return text
    own = network.classes or range(len(data.classes))
    return {own[number]: weight for number, weight in _weights_of_classes(text, data)}


def _weights_of_classes(text: str, data: Dataset) -> Iterator[tuple[int, float]]:
    seen: set[str] = set()
    for pair in text.split(","):
        label, _, weight = pair.partition("=")
        if label not in data.classes:
            raise UsageError(f"{data.name} has no class {label}; it has {', '.join(data.classes) or 'none'}.")
        if label in seen:
            raise UsageError(f"--class-weight has two weights for {label}; give one.")
        seen.add(label)
        try:
            yield data.classes.index(label), float(weight)
        except ValueError:
            raise UsageError(f"--class-weight takes weights like setosa=2.5, or 'balanced'; got {pair!r}.") from None


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


COMMANDS = (
    Command(
        "train",
        "train a network on samples",
        [
            "nodesim train net.json iris --epochs 400 -o trained.json",
            "nodesim train deep.json data.csv --target price --optimizer adam --learning-rate 0.01 -o deep.json",
            "nodesim train net.json iris --ledger W1,W26 -o trained.json",
            'nodesim train trained.json iris --resume --l2 0.001 --learning-rate "step(rate=0.5)" -o trained.json',
        ],
        _train,
        _add_train,
    ),
)
