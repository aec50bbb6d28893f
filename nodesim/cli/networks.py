"""Networks as such: made, described, drawn."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from nodesim._version import version
from nodesim.article import figures
from nodesim.cli.command import (
    Command,
    Lines,
    UsageError,
    add_json,
    add_network,
    add_output,
    count,
    named,
    natural,
    sizes,
)
from nodesim.cli.opening import load_for_one_run
from nodesim.cli.samples import data_set, file
from nodesim.cli.terminal import as_json, as_markup, table
from nodesim.datasets import read_csv
from nodesim.drawing.svg import Drawing
from nodesim.engines import choice
from nodesim.network import Network, load
from nodesim.notation.symbols import number, plural
from nodesim.plugins import lookup
from nodesim.showing import shown
from nodesim.simulation import objective


def _add_new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sizes", type=sizes, metavar="SIZES", help="nodes of each layer, such as 4-5-3")
    parser.add_argument("--hidden", default="sigmoid", metavar="NAME", help="activation of hidden nodes (sigmoid)")
    parser.add_argument("--output", default="linear", metavar="NAME", help="activation of output nodes (linear)")
    parser.add_argument("--loss", default="mse", metavar="NAME", help="how the error is calculated (mse)")
    parser.add_argument("--initializer", default="normal", metavar="NAME", help="how weights are drawn (normal)")
    parser.add_argument("--data", metavar="DATA", help="name inputs and outputs as this data set or CSV file does")
    parser.add_argument("--no-bias", action="store_true", help="without bias nodes")
    parser.add_argument("--seed", type=natural, metavar="N", help="draw the same weights each time")
    add_output(parser, "the network", required=True)


def _new(options: argparse.Namespace) -> Lines:
    inputs, outputs = _names(options.data, options.sizes[-1])
    network = Network.layered(
        options.sizes,
        named(lookup.activation, options.hidden),
        named(lookup.activation, options.output),
        bias=not options.no_bias,
        loss=named(lookup.loss, options.loss),
        seed=options.seed,
        initializer=named(lookup.initializer, options.initializer),
        inputs=inputs,
        outputs=outputs,
    )
    named(lambda _: objective.check_outputs(network.loss, network.outputs), options.loss)
    network.save(options.output_file)
    yield f"{network} saved to {shown(options.output_file)}"


def _names(data: str | None, outputs: int) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Return what a data set calls its inputs and outputs: with several outputs for classes, as these are called."""
    if data is None:
        return None, None
    found = data_set(data) or read_csv(file(data))
    return found.features, found.classes if found.classes and outputs > 1 else found.targets


def _add_info(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    add_json(parser)
    parser.add_argument("--engine", action="store_true", help="tell what calculates on this machine")


def _info(options: argparse.Namespace) -> Lines:
    network = load(options.network)
    if options.engine:
        yield from _engine(network)
        return
    described = _described(network)
    if options.json:
        yield as_json(described, 2)
        return
    yield f"{shown(options.network)}: {described['network']}"
    yield ""
    heads = ["layer", "activations", "nodes", "biases", "connections in"]
    keys = ("name", "activations", "nodes", "biases", "incoming")
    rows = [
        [f"{layer[key]:,}" if isinstance(layer[key], int) else layer[key] for key in keys]
        for layer in described["layers"]
    ]
    yield from table(heads, rows, left=2)
    yield ""
    connections = described["connections"]
    yield f"connections  {connections['count']:,}, of which {connections['trainable']:,} are trained"
    if shared := connections["shared"]:
        yield f"ties         {sum(map(len, shared.values())):,} connections share {plural(len(shared), 'weight')}"
    if delayed := connections["delayed"]:
        yield f"delays       {plural(delayed, 'connection')} with what was sent earlier: the network runs unrolled"
    if connections["count"]:
        low, high = connections["weights"]["lowest"], connections["weights"]["highest"]
        yield f"weights      from {number(low)} to {number(high)}"
    yield f"loss         {described['loss']}"
    yield f"initializer  {described['initializer']}"
    yield f"engine       {described['engine']}"


def _engine(network: Network) -> Lines:
    """Tell which form of the engine runs, and how each activation and the loss are calculated."""
    yield f"engine       {network.engine}"
    yield f"this machine {choice.described()}"
    for activation in dict.fromkeys(node.activation for node in network.nodes if node.activation is not None):
        yield f"activation   {activation}: {choice.way_of(activation)}"
    yield f"loss         {network.loss}: {choice.way_of(network.loss)}"


def _described(network: Network) -> dict[str, Any]:
    weights = network.weights
    extremes = {"lowest": float(weights.min()), "highest": float(weights.max())} if len(weights) else None
    return {
        "nodesim": version,
        "network": repr(network)[1:-1],
        "layers": [_layer(layer) for layer in network.layers],
        "inputs": [node.name for node in network.inputs],
        "outputs": [node.name for node in network.outputs],
        "connections": {
            "count": len(weights),
            "trainable": sum(connection.trainable for connection in network.connections),
            "shared": {tie.name: [use.name for use in tie.uses] for tie in network.ties},
            "delayed": sum(connection.delay > 0 for connection in network.connections),
            "weights": extremes,
        },
        "loss": str(network.loss),
        "initializer": str(network.initializer),
        "engine": network.engine,
    }


def _layer(layer: Any) -> dict[str, Any]:
    activations = dict.fromkeys(_functions(node) for node in layer if node.activation is not None)
    return {
        "name": layer.name,
        "nodes": len(layer.nodes),
        "biases": len(layer.biases),
        "activations": ", ".join(activations),
        "incoming": sum(len(node.incoming) for node in layer),
    }


def _functions(node: Any) -> str:
    """Name what makes HA of a node: its activation, of what else than the sum of what comes in."""
    return f"{node.activation}" + ("" if node.aggregation.is_sum else f" of {node.aggregation}")


def _add_draw(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    parser.add_argument("--highlight", metavar="NAME", help="draw in red what feeds the gradient of a weight or node")
    parser.add_argument("--labels", choices=["names", "weights", "none"], default="names", help="at the connections")
    add_output(parser, "the picture (.svg, .tex for LaTeX, or .png with the extra png)")


def _draw(options: argparse.Namespace) -> Lines:
    network = load_for_one_run(options.network)
    labels = None if options.labels == "none" else options.labels
    highlight = None
    if options.highlight is not None:
        # Which paths there are does not depend on the numbers.
        network.forward([0.0] * len(network.inputs))
        network.backward([0.0] * len(network.outputs))
        highlight = network.paths(options.highlight)
    return _picture(network.draw(highlight, labels=labels), options.output_file)


def _add_figure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", type=count, choices=range(1, 8), help="1 to 7")
    add_output(parser, "the picture (.svg, .tex for LaTeX, or .png with the extra png)")


def _figure(options: argparse.Namespace) -> Lines:
    return _picture(figures.figure(options.number), options.output_file)


def _picture(drawing: Drawing, file: str | None) -> Lines:
    if file is not None and Path(file).suffix.lower() not in (".svg", ".png", ".tex"):
        raise UsageError(f"a picture is saved as .svg, .png or .tex, got {file!r}.")
    if file is None:
        yield as_markup(drawing.svg)
        return
    drawing.save(file)
    yield f"{shown(drawing.description)} drawn to {shown(file)}"


COMMANDS = (
    Command(
        "new",
        "make a fully connected network",
        [
            "nodesim new 4-5-3 --hidden sigmoid --output linear --loss mse --seed 1 -o net.json",
            "nodesim new 4-5-3 --data iris -o iris.json",
            'nodesim new 2-8-8-1 --hidden "leaky_relu(slope=0.1)" --initializer he_normal -o deep.json',
        ],
        _new,
        _add_new,
    ),
    Command(
        "info",
        "describe a network",
        ["nodesim info net.json", "nodesim info net.json --json", "nodesim info net.json --engine"],
        _info,
        _add_info,
    ),
    Command(
        "draw",
        "draw a network",
        ["nodesim draw trained.json -o net.svg", "nodesim draw net.json --highlight W1 --labels weights -o W1.svg"],
        _draw,
        _add_draw,
    ),
    Command(
        "figure",
        "draw a figure of the article",
        ["nodesim figure 3 -o figure3.svg", "nodesim figure 3 -o figure3.tex"],
        _figure,
        _add_figure,
    ),
)
