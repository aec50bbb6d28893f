"""One sample calculated exactly: in fractions, or in letters where a function is not rational."""

from __future__ import annotations

import argparse
from fractions import Fraction
from itertools import islice
from typing import Any

from nodesim.cli.command import Command, Lines, add_json, add_network, count
from nodesim.cli.one_sample import add_sample, load_with_sample
from nodesim.cli.terminal import as_json, styled
from nodesim.errors import DataError, FunctionError
from nodesim.exact import ExactRun
from nodesim.exact.paths import ExactPaths
from nodesim.exact.reading import fraction
from nodesim.exact.writing import decimal, readable, written
from nodesim.network import Network
from nodesim.notation.symbols import plural
from nodesim.showing import shown

_LIMIT = 50


def _numbers(text: str) -> list[Fraction]:
    """Parse numbers separated by commas, each as it is written."""
    try:
        return [fraction(part, "the number") for part in text.split(",")]
    except DataError:
        raise argparse.ArgumentTypeError(
            f"numbers separated by commas are needed, such as 0.1 or 1/3, got {text!r}"
        ) from None


def _add_exact(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    parser.add_argument(
        "of", nargs="?", metavar="NAME", help="a weight (W1), a node (H1, I1), or an activated node (HA1); else all"
    )
    add_sample(parser, _numbers)
    parser.add_argument("--symbols", action="store_true", help="keep what is not rational in letters")
    parser.add_argument(
        "--limit", type=count, default=_LIMIT, metavar="N", help=f"how many paths to write out ({_LIMIT})"
    )
    add_json(parser)


def _exact(options: argparse.Namespace) -> Lines:
    if options.sample is not None and options.data is None:
        # A single name before --sample is that of the data.
        options.of, options.data = None, options.of
    network, inputs, targets, sample = load_with_sample(options)
    try:
        run = network.exact(inputs, targets, symbols=options.symbols)
        if options.json:
            yield as_json(_all(run, network) if options.of is None else _one(run, options), 2)
            return
        title, *others = str(run).split("\n") if options.of is None else _gradient(run, options)
    except FunctionError as error:
        raise FunctionError(str(error).replace("network.exact(x, y, symbols=True)", "--symbols")) from error
    yield styled(title, "bold")
    if sample:
        yield shown(sample)
    yield from others


def _gradient(run: ExactRun, options: argparse.Namespace) -> list[str]:
    """Write a gradient: in letters as its formula, in fractions with the paths that it is the sum of."""
    paths = run.paths(options.of)
    if options.symbols:
        return str(paths.gradient).split("\n")
    title = f"∂e/∂{paths.of.name} = {readable(paths.gradient)} ≈ {decimal(paths.gradient)}"
    listed = [f"  {path}" for path in islice(paths, options.limit)]
    more = [f"  {paths.count - len(listed):,} more not shown"] if paths.count > len(listed) else []
    return [f"{title}, the sum of {plural(paths.count, 'path')}", *listed, *more]


def _all(run: ExactRun, network: Network) -> dict[str, Any]:
    nodes = [node for node in network.nodes if node.activation is not None]
    return {
        "error": _described(run.error),
        "values": {node.name: _described(run.value(node)) for node in nodes},
        "activated": {node.name: _described(run.activated(node)) for node in network.nodes},
        "gradients": {name: _described(gradient) for name, gradient in run.gradients.items()},
    }


def _one(run: ExactRun, options: argparse.Namespace) -> dict[str, Any]:
    paths: ExactPaths = run.paths(options.of)
    found = {
        "of": paths.of.name,
        "error": _described(run.error),
        "gradient": _described(paths.gradient),
        # As text: programs that read JSON lose digits of large whole numbers.
        "count": str(paths.count),
    }
    if options.symbols:
        return found
    listed = [
        {
            "nodes": [node.name for node in path.nodes],
            "connections": [connection.name for connection in path.connections],
            "factors": [{"name": factor.name, "value": _described(factor.value)} for factor in path.factors],
            "product": _described(path.product),
        }
        for path in islice(paths, options.limit)
    ]
    return {**found, "paths": listed}


def _described(value: Any) -> Any:
    """Return a fraction as numerator and denominator; of an expression its text, what its letters are, and a float."""
    if isinstance(value, Fraction):
        return written(value)
    known = None if value.fraction is None else written(value.fraction)
    where = {name: each.formula for name, each in value.where.items()}
    return {"formula": value.formula, "where": where, "fraction": known, "decimal": float(value)}


COMMANDS = (
    Command(
        "exact",
        "calculate one sample in fractions, nothing rounded",
        [
            "nodesim exact trained.json W1 iris --sample 3 --symbols",
            "nodesim new 4-5-3 --hidden relu -o relu.json",
            "nodesim exact relu.json --input 5.1,3.5,1.4,1/5 --target 1,0,0",
        ],
        _exact,
        _add_exact,
    ),
)
