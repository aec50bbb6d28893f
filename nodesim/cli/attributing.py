"""What of an output comes from which input, for one sample."""

from __future__ import annotations

import argparse

from nodesim.attribution import METHODS
from nodesim.cli.command import Command, Lines, add_json, add_network, numbers
from nodesim.cli.one_sample import add_sample, load_with_sample
from nodesim.cli.terminal import as_json
from nodesim.showing import shown


def _add_attribute(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    add_sample(parser)
    parser.add_argument("--to", metavar="NAME", help="what is shared out: OA1, O1, H3, ...; by default the only output")
    parser.add_argument("--baseline", type=numbers, metavar="X,..", help="what the sample is compared with (all 0)")
    parser.add_argument(
        "--method", choices=METHODS, default=METHODS[0], help="integrated; by its gradient alone; or by nodes"
    )
    add_json(parser)


def _attribute(options: argparse.Namespace) -> Lines:
    network, inputs, _, sample = load_with_sample(options, judged=False)
    attribution = network.attribute(inputs, options.to, options.baseline, options.method)
    if options.json:
        sums = {name: getattr(attribution, name) for name in ("to", "method", "difference", "total", "missed")}
        rows = {row.name: row.gradient for row in attribution.nodes}
        yield as_json({**sums, "inputs": attribution.to_dict(), "nodes": rows}, 2)
        return
    if sample:
        yield shown(sample)
    yield from str(attribution).splitlines()


COMMANDS = (
    Command(
        "attribute",
        "say what of an output comes from which input",
        [
            "nodesim attribute trained.json --to OA2 --input 5.1,3.5,1.4,0.2",
            "nodesim attribute trained.json iris --sample 3 --to OA1 --method conductance --json",
        ],
        _attribute,
        _add_attribute,
    ),
)
