"""A network made into a page that can be explored."""

from __future__ import annotations

import argparse
import webbrowser
from pathlib import Path

from nodesim.cli.command import Command, Lines, UsageError, add_language, add_network, add_output, count, spoken
from nodesim.cli.one_sample import chosen, name
from nodesim.cli.opening import load_for_one_run
from nodesim.cli.samples import add_samples, samples, wanted
from nodesim.datasets import Dataset
from nodesim.explorer.explorer import Explorer
from nodesim.explorer.sizes import evenly
from nodesim.formats.atomic import check_writable
from nodesim.network import Network
from nodesim.showing import shown
from nodesim.training.recording import Recording
from nodesim.wording.language import ENGLISH, Language

# How many samples a page has, if nobody says.
SAMPLES = 20


def _add_explore(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    add_samples(parser, optional=True)
    parser.add_argument(
        "--sample", type=count, nargs="+", action="extend", metavar="N", help="these samples, 1 for the first"
    )
    parser.add_argument(
        "--limit", type=count, default=SAMPLES, metavar="N", help=f"or so many of all, evenly spread ({SAMPLES})"
    )
    parser.add_argument("--open", action="store_true", help="show the page in the browser")
    add_language(parser)
    add_output(parser, "the page (.html)")


def _explore(options: argparse.Namespace) -> Lines:
    if options.output_file is None and not options.open:
        raise UsageError("where shall the page go? -o page.html saves it, --open shows it in the browser.")
    if options.output_file is not None:
        check_page(options.output_file)
    if options.sample and options.data is None:
        raise UsageError("--sample chooses among samples: name a data set or a CSV file, too.")
    explorer = _explorer(load_for_one_run(options.network), options)
    if options.output_file is None:
        yield f"{shown(repr(explorer)[1:-1])}; opened from {shown(str(explorer.open()))}"
    else:
        explorer.save(options.output_file)
        yield f"{shown(repr(explorer)[1:-1])}; saved to {shown(options.output_file)}"
        if options.open:
            webbrowser.open(Path(options.output_file).resolve().as_uri())
    yield from explorer.document["missing"]


def check_page(file: str) -> None:
    """Check that a page can be saved in a file.

    Raises
    ------
    UsageError, FileError
        If it is not named as a page, or cannot be written.
    """
    if Path(file).suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"the page is saved as .html, got {file!r}.")
    check_writable(file)


def _explorer(network: Network, options: argparse.Namespace) -> Explorer:
    if options.data is None:
        return network.explore(language=spoken(options))
    data = samples(network, options, unlabelled=True)
    places = chosen(data, options.sample) if options.sample else evenly(len(data), options.limit)
    return explored(network, data, places, language=spoken(options))


def explored(
    network: Network,
    data: Dataset,
    places: list[int],
    history: Recording | None = None,
    language: Language = ENGLISH,
) -> Explorer:
    """Return an explorer with some samples of a data set, under their numbers and classes."""
    names = [name(data, place) for place in places]
    aims = None if data.y is None else wanted(network, data)
    chosen_aims = None if aims is None else [aims[place] for place in places]
    return network.explore(data.X[places], chosen_aims, history=history, names=names, language=language)


COMMANDS = (
    Command(
        "explore",
        "make a page in which a network can be read, stepped through and traced",
        [
            "nodesim explore trained.json iris -o page.html",
            "nodesim explore trained.json iris --open --language de",
            "nodesim explore deep.json data.csv --target price --sample 1 2 -o page.html",
        ],
        _explore,
        _add_explore,
    ),
)
