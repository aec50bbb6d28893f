"""A network made into a page that can be explored."""

from __future__ import annotations

import argparse
from pathlib import Path

from nodesim.cli.command import Command, Lines, UsageError, add_network, add_output, count
from nodesim.cli.opening import load_for_one_run
from nodesim.cli.samples import add_samples, samples
from nodesim.datasets import Dataset
from nodesim.errors import DataError
from nodesim.explorer.explorer import Explorer
from nodesim.explorer.sizes import evenly
from nodesim.formats.atomic import check_writable
from nodesim.network import Network
from nodesim.notation.symbols import shown

_LIMIT = 20


def _add_explore(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    add_samples(parser, optional=True)
    parser.add_argument("--sample", type=count, nargs="+", metavar="N", help="these samples, 1 for the first")
    parser.add_argument(
        "--limit", type=count, default=_LIMIT, metavar="N", help=f"or so many of all, evenly spread ({_LIMIT})"
    )
    add_output(parser, "the page (.html)", required=True)


def _explore(options: argparse.Namespace) -> Lines:
    if Path(options.output_file).suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"the page is saved as .html, got {options.output_file!r}.")
    if options.sample and options.data is None:
        raise UsageError("--sample chooses among samples: name a data set or a CSV file, too.")
    check_writable(options.output_file)
    explorer = _explorer(load_for_one_run(options.network), options)
    explorer.save(options.output_file)
    yield f"{shown(repr(explorer)[1:-1])}; saved to {shown(options.output_file)}"
    yield from explorer.document["missing"]


def _explorer(network: Network, options: argparse.Namespace) -> Explorer:
    if options.data is None:
        return network.explore()
    data = samples(network, options, unlabelled=True)
    places = _chosen(data, options)
    names = [_name(data, place) for place in places]
    return network.explore(data.X[places], None if data.y is None else data.y[places], names=names)


def _chosen(data: Dataset, options: argparse.Namespace) -> list[int]:
    if not options.sample:
        return evenly(len(data), options.limit)
    beyond = max(options.sample)
    if beyond > len(data):
        raise DataError(f"{data.name} has {len(data)} samples; there is no sample {beyond}.")
    return [number - 1 for number in options.sample]


def _name(data: Dataset, place: int) -> str:
    label = f" ({data.classes[data.y[place]]})" if data.classes and data.y is not None else ""
    return f"sample {place + 1}{label}"


COMMANDS = (
    Command(
        "explore",
        "make a page in which a network can be read, stepped through and traced",
        [
            "nodesim explore trained.json iris -o page.html",
            "nodesim explore deep.json data.csv --target price --sample 1 2 -o page.html",
        ],
        _explore,
        _add_explore,
    ),
)
