"""Paths by rank, restricted and shared out, for networks with more paths than anybody could read."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, TypeVar

from nodesim.cli.command import Command, Lines, add_json, add_network, count, natural
from nodesim.cli.one_sample import add_sample, add_to, run_with_sample
from nodesim.cli.penalties import add_penalties
from nodesim.cli.terminal import as_json, styled
from nodesim.errors import ArgumentError
from nodesim.notation.symbols import equals, number, partial, percent, plural
from nodesim.notation.tables import lines
from nodesim.paths import GradientPath, GradientPaths
from nodesim.paths.tied_paths import TiedPaths
from nodesim.showing import shown

_TOP, _ROWS = 10, 20
_Paths = TypeVar("_Paths", GradientPaths, TiedPaths)


def _add_paths(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    parser.add_argument(
        "of",
        metavar="NAME",
        help="a weight (W1), tied ones included (Wr1), a node (H1, I1), or an activated node (HA1)",
    )
    add_sample(parser)
    add_to(parser)
    add_penalties(parser)
    parser.add_argument("--top", type=natural, default=_TOP, metavar="K", help=f"how many paths to show ({_TOP})")
    parser.add_argument("--sign", choices=("+", "-"), help="only paths with a positive, or with a negative product")
    add_choice(parser)
    parser.add_argument("--length", type=count, metavar="N", help="only paths of so many connections")
    parser.add_argument("--flow", action="store_true", help="show what flows through nodes and connections instead")
    add_json(parser)


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose paths by what they pass."""
    for name, what in (("through", "pass"), ("avoiding", "do not pass")):
        parser.add_argument(
            f"--{name}", action="append", default=[], metavar="NAME",
            help=f"only paths that {what} this node or connection; may be given several times",
        )  # fmt: skip


def _paths(options: argparse.Namespace) -> Lines:
    network, _, sample = run_with_sample(options)
    paths = chosen(network.paths(options.of, to=options.to), options)
    paths = paths if options.length is None else paths.of_length(options.length)
    if options.json:
        yield as_json(_described(paths, options), 2)
        return
    name, target = named(paths)
    what = partial(target, name) + (f", {shown(paths.kept)}" if paths.kept else "")
    yield styled(f"{what} {equals(paths.gradient)}, the sum of {plural(paths.count, 'path')}", "bold")
    if sample:
        yield shown(sample)
    if not paths:
        return
    yield f"{number(paths.positive)} of it positive, {number(paths.negative)} negative"
    yield ""
    if options.flow:
        yield str(of_one_use(paths, "--flow").flow().sorted()[:_ROWS])
    else:
        yield from _table(paths.top(options.top, options.sign), paths)


def named(paths: GradientPaths | TiedPaths) -> tuple[str, str]:
    """Return by what is derived, and what."""
    return (
        (paths.name, paths.target) if isinstance(paths, TiedPaths) else (paths.of.name, paths.derivatives.target.name)
    )


def of_one_use(paths: GradientPaths | TiedPaths, what: str) -> GradientPaths:
    """Return paths of one connection or node.

    Raises
    ------
    ArgumentError
        If they are those of a tied weight.
    """
    if isinstance(paths, TiedPaths):
        uses = ", ".join(use.name for use in paths.by_use())
        raise ArgumentError(
            f"{what} is of one connection or node, and {paths.name} is a tie: give one of its uses, {uses}."
        )
    return paths


def chosen(paths: _Paths, options: argparse.Namespace) -> _Paths:
    """Return those of the paths that pass what they are to pass, and nothing else that is named."""
    for name in options.through:
        paths = paths.through(name)
    for name in options.avoiding:
        paths = paths.avoiding(name)
    return paths


def _table(top: Sequence[GradientPath], paths: GradientPaths | TiedPaths) -> Lines:
    """Write one line for each path, with the part of the gradient that it makes with those before it."""
    rows, so_far = [], 0.0
    for rank, path in enumerate(top, start=1):
        so_far += path.product
        part = percent(so_far / paths.gradient) if paths.gradient else ""
        rows.append((str(rank), number(path.product), part, way(path)))
    yield from lines(("", "product", "so far", "path"), rows, ">>><")
    yield from not_shown(paths, len(top))


def way(path: GradientPath) -> str:
    """Return the names of all nodes on a path; of a penalty's, which passes none, those of its ends."""
    return " -> ".join(node.name for node in path.nodes) or path.title


def passed(path: GradientPath) -> dict[str, Any]:
    """Return as plain data which way a path goes."""
    found: dict[str, Any] = {"nodes": [node.name for node in path.nodes]}
    found["connections"] = [connection.name for connection in path.connections]
    return found if path.penalty is None else {**found, "penalty": path.penalty}


def not_shown(paths: GradientPaths | TiedPaths, listed: int) -> Lines:
    """Say how many paths there are besides those listed."""
    if paths.count > listed:
        yield f"\n{plural(type(paths.count)(paths.count - listed), 'path')} not shown"


def _described(paths: GradientPaths | TiedPaths, options: argparse.Namespace) -> dict[str, Any]:
    name, target = named(paths)
    described: dict[str, Any] = {
        "of": name,
        "to": target,
        "kept": paths.kept,
        # As text: programs that read JSON lose digits of large whole numbers.
        "count": str(paths.count),
        "gradient": paths.gradient,
        "positive": paths.positive,
        "negative": paths.negative,
    }
    if options.flow:
        table = of_one_use(paths, "--flow").flow().to_dict()
        described["flow"] = {**table, "count": [str(each) for each in table["count"]]}
    else:
        described["top"] = [{"product": path.product, **passed(path)} for path in paths.top(options.top, options.sign)]
    return described


COMMANDS = (
    Command(
        "paths",
        "rank the paths that feed the gradient of a weight, or share it out",
        [
            "nodesim paths trained.json W1 --input 5.1,3.5,1.4,0.2 --target 1,0,0 --top 5",
            "nodesim paths trained.json W1 --input 5.1,3.5,1.4,0.2 --target 1,0,0 --avoiding O1 --flow",
            "nodesim paths trained.json W1 iris --sample 3",
            "nodesim paths trained.json I1 --to OA2 --input 5.1,3.5,1.4,0.2",
        ],
        _paths,
        _add_paths,
    ),
)
