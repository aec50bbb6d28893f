"""A handout: the gradient of one weight explained on a few pages, as a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from nodesim.cli.command import (
    Command,
    Lines,
    UsageError,
    add_language,
    add_network,
    add_outputs,
    at_least_zero,
    check_distinct,
    count,
    spoken,
)
from nodesim.cli.one_sample import add_sample, load_with_sample
from nodesim.cli.opening import load_for_one_run
from nodesim.formats.atomic import check_writable
from nodesim.network import Network
from nodesim.papers.sheets import SIZES
from nodesim.showing import shown

_DIGITS = 4


def _add_handout(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    parser.add_argument("of", metavar="NAME", help="a weight (W1)")
    add_sample(parser)
    parser.add_argument("--learning-rate", type=at_least_zero, default=0.5, metavar="ETA", help="η of the update (0.5)")
    parser.add_argument("--digits", type=count, default=_DIGITS, metavar="N", help=f"significant digits ({_DIGITS})")
    add_language(parser)
    parser.add_argument("--paper", choices=SIZES, default="a4", help="the sheets that it is printed on (a4)")
    add_outputs(parser, "the handout (.html, .md, .tex or .ipynb)")


def _handout(options: argparse.Namespace) -> Lines:
    from nodesim.handouts import handout

    _check_files(options)
    own = spoken(options)
    network, inputs, targets, sample = _sample(options)
    made = handout(
        network, options.of, inputs, targets, learning_rate=options.learning_rate, digits=options.digits,
        language=own,
    )  # fmt: skip
    numbers = sample or ("with the numbers of the sample" if inputs is not None else "all in letters")
    for file in options.output_file:
        made.save(file, options.paper)
        yield f"{shown(repr(made)[1:-1])}; {shown(numbers)}; saved to {shown(file)}"


def _check_files(options: argparse.Namespace) -> None:
    """Refuse what cannot be written, before the first file is."""
    from nodesim.handouts.saving import ENDINGS

    for file in options.output_file:
        if Path(file).suffix.lower() not in ENDINGS:
            raise UsageError(f"a handout is saved as .html, .md, .tex or .ipynb, got {file!r}.")
        check_writable(file)
    check_distinct(options.output_file, "-o")


def _sample(options: argparse.Namespace) -> tuple[Network, Any, Any, str]:
    """Return the network and its sample; None for both halves where nothing is given: all stays in letters."""
    if all(each is None for each in (options.input, options.target, options.data, options.sample)):
        return load_for_one_run(options.network), None, None, ""
    return load_with_sample(options)


COMMANDS = (
    Command(
        "handout",
        "explain the gradient of a weight on a few pages, to be handed out",
        [
            "nodesim handout trained.json W1 --input 5.1,3.5,1.4,0.2 --target 1,0,0 -o w1.html",
            "nodesim handout trained.json W1 iris --sample 3 -o w1.ipynb -o w1.html",
            "nodesim handout trained.json W1 -o w1.tex --paper letter",
        ],
        _handout,
        _add_handout,
    ),
)
