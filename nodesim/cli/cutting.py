"""Paths cut in the forward pass: what the error would be without what comes along them."""

from __future__ import annotations

import argparse
from typing import Any

from nodesim.cli.command import Command, Lines, add_json, add_network, count
from nodesim.cli.one_sample import add_sample, add_to, run_with_sample
from nodesim.cli.penalties import add_penalties
from nodesim.cli.ranking import add_choice, chosen, not_shown, of_one_use, passed, way
from nodesim.cli.terminal import as_json, styled
from nodesim.network import Network
from nodesim.notation.symbols import number, plural
from nodesim.notation.tables import lines
from nodesim.paths import Cut, Cuts, GradientPaths
from nodesim.showing import shown


def _add_cut(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    parser.add_argument("of", metavar="NAME", help="a weight (W1), a node (H1, I1), or an activated node (HA1)")
    add_sample(parser)
    add_to(parser)
    add_penalties(parser)
    parser.add_argument(
        "--top", type=count, metavar="K", help="cut the K strongest paths, each by itself, instead of all at once"
    )
    add_choice(parser)
    add_json(parser)


def _cut(options: argparse.Namespace) -> Lines:
    network, error, sample = run_with_sample(options)
    outputs = [node.activated for node in network.outputs]
    paths = chosen(of_one_use(network.paths(options.of, to=options.to), "cut"), options)
    found = paths.cut() if options.top is None else paths.cuts(options.top)
    if options.json:
        whole: dict[str, Any] = {"of": paths.of.name, "to": paths.derivatives.target.name, "kept": paths.kept}
        whole |= {"count": str(paths.count), "error": error}
        yield as_json(whole | (_described(found, network, outputs) if isinstance(found, Cut) else _listed(found)), 2)
        return
    target = paths.derivatives.target.name
    head = f"{target} without {plural(paths.count, 'path')} of {paths.of.name}{f', {paths.kept}' if paths.kept else ''}"
    yield styled(shown(head), "bold")
    if sample:
        yield shown(sample)
    yield ""
    yield from _whole(found, network, outputs) if isinstance(found, Cut) else _table(found, paths)


def _whole(cut: Cut, network: Network, outputs: Any) -> Lines:
    """Write what cutting all paths at once changes, and the outputs before and after."""
    heads = (f"{cut.target} before", f"{cut.target} after", "change", "predicted", "missed")
    numbers = (cut.before, cut.value, cut.change, cut.predicted, cut.missed)
    yield from lines(heads, [tuple(map(number, numbers))], ">")
    yield ""
    rows = [(node.name, number(old), number(new)) for node, old, new in zip(network.outputs, outputs, cut.outputs)]
    yield from lines(("output", "before", "after"), rows, "<>")


def _table(cuts: Cuts, paths: GradientPaths) -> Lines:
    """Write one line for each path."""
    columns = (cuts.products, cuts.predicted, cuts.change, cuts.missed)
    numbers = zip(*(map(number, column.tolist()) for column in columns))
    rows = [(str(rank), *row, way(path)) for rank, (row, path) in enumerate(zip(numbers, cuts.paths), start=1)]
    yield from lines(("", "product", "predicted", "change", "missed", "path"), rows, ">>>>><")
    yield from not_shown(paths, len(cuts))


def _described(cut: Cut, network: Network, outputs: Any) -> dict[str, Any]:
    rows = zip(network.outputs, map(float, outputs), map(float, cut.outputs))
    return {
        "cut": _numbers(cut),
        "outputs": [{"name": node.name, "before": before, "after": after} for node, before, after in rows],
    }


def _listed(cuts: Cuts) -> dict[str, Any]:
    return {"cuts": [{"product": path.product, **_numbers(cut), **passed(path)} for path, cut in zip(cuts.paths, cuts)]}


def _numbers(cut: Cut) -> dict[str, float]:
    return {name: getattr(cut, name) for name in ("value", "change", "predicted", "missed")}


COMMANDS = (
    Command(
        "cut",
        "cut paths in the forward pass, and show what changes: all of a weight at once, or the strongest one by one",
        [
            "nodesim cut trained.json W1 --input 5.1,3.5,1.4,0.2 --target 1,0,0 --through H2",
            "nodesim cut trained.json W1 --input 5.1,3.5,1.4,0.2 --target 1,0,0 --top 5",
            "nodesim cut trained.json W1 iris --sample 3",
        ],
        _cut,
        _add_cut,
    ),
)
