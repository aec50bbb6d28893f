"""Exercise sheets made into files: for print, for learning platforms, and with their keys."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodesim.cli.command import (
    Command,
    Lines,
    UsageError,
    add_language,
    check_distinct,
    count,
    named,
    natural,
    spoken,
)
from nodesim.cli.opening import load_for_one_run
from nodesim.exercises.tasks import TASKS, USUAL, showing
from nodesim.notation.symbols import plural
from nodesim.papers.sheets import SIZES
from nodesim.plugins import lookup
from nodesim.showing import shown

if TYPE_CHECKING:
    from nodesim.exercises import Sheet
    from nodesim.papers.files import Contents

# As they are typed without quotes.
_NAMES = ", ".join(task.replace(" ", "-") for task in TASKS)


def _add_exercise(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "topology", metavar="TOPOLOGY",
        help="nodes of each layer, such as 2-2-2, dag for a small graph that is drawn, or a network's file",
    )  # fmt: skip
    parser.add_argument("--ask", default="W1", metavar="WEIGHT", help="the weight whose gradient is asked for (W1)")
    parser.add_argument("--seed", type=natural, default=0, metavar="N", help="draws the numbers (0)")
    parser.add_argument("--count", type=count, default=1, metavar="N", help="so many sheets, seed by seed (1)")
    parser.add_argument("--paths", type=count, metavar="N", help="how many paths the weight of a dag has, 2 to 8")
    parser.add_argument(
        "--tasks",
        default=",".join(USUAL),
        metavar="TASKS",
        help=f"of {_NAMES}, with commas between them; by default the first five",
    )
    parser.add_argument("--digits", type=count, metavar="N", help="round to so many significant digits")
    parser.add_argument("--hidden", metavar="NAME", help="activation of hidden nodes (relu)")
    parser.add_argument("--output", metavar="NAME", help="activation of output nodes (linear)")
    parser.add_argument("--learning-rate", metavar="ETA", help="η; by default it is drawn")
    add_language(parser)
    parser.add_argument("--paper", choices=SIZES, default="a4", help="what it is printed on (a4)")
    parser.add_argument(
        "-o", "--output-file", metavar="FILE", action="append", required=True,
        help="the sheets, as .html, .md, .tex, .json, .xml (Moodle) or .zip (QTI); may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--key", metavar="FILE", action="append", default=[], help="the same with the answers in the blanks"
    )


def _exercise(options: argparse.Namespace) -> Lines:
    from nodesim.exercises.writing import contents

    _check_files(options)
    sheets = _sheets(options)
    # All is made before the first file is written.
    made = [(file, contents(sheets, file, paper=options.paper)) for file in options.output_file]
    keys = [(file, contents(sheets, file, key=True, paper=options.paper)) for file in options.key]
    what = plural(len(sheets), "sheet")
    for files, told in ((made, f"{what} saved to"), (keys, f"key of {what} saved to")):
        yield from _written(files, told)
    if tasks := showing(sheets[0].tasks):
        names = " and ".join(task.replace(" ", "-") for task in tasks)
        shows, own = ("shows", "a sheet of its own") if len(tasks) == 1 else ("show", "sheets of their own")
        yield f"note: {names} {shows} answers to other tasks; better on {own}, with another --seed"


def _written(files: list[tuple[str, Contents]], told: str) -> Lines:
    from nodesim.papers.files import write

    for file, content in files:
        write(content)
        beside = f", with {plural(len(content) - 1, 'picture')} beside it" if len(content) > 1 else ""
        yield f"{told} {shown(file)}{beside}"


def _check_files(options: argparse.Namespace) -> None:
    """Refuse what would overwrite the network, or one file by another."""
    files = [file for file in (*options.output_file, *options.key) if _named(file)]
    check_distinct(files, "-o and --key")
    if os.path.realpath(options.topology) in map(os.path.realpath, files):
        raise UsageError("the network would be overwritten; choose another file for the sheets.")


def _named(file: str) -> bool:
    if file in ("", "-") or "\0" in file:
        raise UsageError("-o and --key need the name of a file, such as sheet.html.")
    return True


def _sheets(options: argparse.Namespace) -> list[Sheet]:
    from nodesim.exercises import make

    settings: dict[str, Any] = {
        "ask": options.ask,
        "tasks": _tasks(options.tasks),
        "digits": options.digits,
        "language": spoken(options),
        "paths": options.paths,
        "learning_rate": options.learning_rate,
        "hidden": named(lookup.activation, options.hidden or "relu").name,
        "output": named(lookup.activation, options.output or "linear").name,
    }
    network = _network(options)
    return [make(network, seed=options.seed + place, **settings) for place in range(options.count)]


def _network(options: argparse.Namespace) -> Any:
    from nodesim.exercises.topologies import DAG, is_sizes

    topology = options.topology
    if topology == DAG or is_sizes(topology):
        return topology
    if not Path(topology).exists() and not Path(topology).suffix:
        raise UsageError(
            f"a sheet is made of sizes such as 2-2-2, of dag, or of a network's file, got {shown(topology)}."
        )
    if options.hidden or options.output:
        raise UsageError("--hidden and --output are for networks that are made here; that of a file has activations.")
    return load_for_one_run(topology)


def _tasks(text: str) -> list[str]:
    found = [task.strip().replace("-", " ") for task in text.split(",")]
    if unknown := [task for task in found if task not in TASKS]:
        raise UsageError(f"there is no task {unknown[0]!r}; tasks are {_NAMES}, with commas between them.")
    return found


COMMANDS = (
    Command(
        "exercise",
        "make exercise sheets for pen and paper, with their keys",
        [
            "nodesim exercise 2-2-2 --ask W1 --seed 7 -o sheet.html -o sheet.json --key key.html",
            "nodesim exercise dag --paths 5 --count 30 -o class.tex -o class.json --key keys.tex",
            "nodesim exercise 2-2-2 --hidden sigmoid --digits 4 --language de -o blatt.html",
            "nodesim exercise net.json --ask W3 --tasks paths,missing-path,mistake -o moodle.xml",
        ],
        _exercise,
        _add_exercise,
    ),
)
