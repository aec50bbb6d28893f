"""What there is: the demonstration, the data sets, the plugins."""

from __future__ import annotations

import argparse

from nodesim import datasets
from nodesim.article import demo
from nodesim.cli.command import Command, Lines
from nodesim.cli.terminal import styled, table
from nodesim.engines import choice
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation, Function, Loss, Optimizer
from nodesim.notation.wrapping import columns, padded
from nodesim.plugins import lookup
from nodesim.plugins.brought import HOOKS
from nodesim.showing import shown

_HEADINGS = {kind: hook.removeprefix("nodesim_") for hook, kind in HOOKS.items()}


def _demo(options: argparse.Namespace) -> Lines:
    return demo.lines()


def _datasets(options: argparse.Namespace) -> Lines:
    rows = []
    for name in datasets.names():
        data = datasets.load(name)
        learned = f"{len(data.classes)} classes" if data.classes else f"{len(data.targets)} target"
        sizes = [str(len(data)), str(len(data.features)), learned]
        rows.append([name, data.description, data.licence or "calculated", *sizes])
    yield from table(["name", "what", "licence", "samples", "inputs", "to learn"], rows, left=3)
    yield ""
    yield "Those that are calculated take parameters: moons(samples=500,noise=0.2,seed=1)"


def _way(function: Function) -> str:
    """Say how a function runs natively; nothing of initializers, which run once."""
    if not isinstance(function, Activation | Aggregation | Loss | Optimizer):
        return ""
    return f"  {shown(choice.way_of(function))}"


def plugins_command(options: argparse.Namespace) -> Lines:
    """List the functions that are registered and how they run; what could not be loaded stands at the end."""
    for index, kind in enumerate(HOOKS.values()):
        functions = lookup.default.all(kind)
        if index:
            yield ""
        yield styled(f"{_HEADINGS[kind]} ({len(functions)})", "bold")
        names = [shown(str(function)) for function in functions]
        width = max(map(columns, names), default=0)
        ways = [_way(function) for function in functions]
        for name, function, way in zip(names, functions, ways):
            also = f"  also {', '.join(function.aliases)}" if function.aliases else ""
            what = f"  {function.description}" if function.description else ""
            yield f"  {padded(name, width)}  {function.origin}{what}{way}{also}"
    for plugin, why in lookup.default.broken.items():
        yield f"\nbroken: {shown(plugin)}\n  {shown(why)}"


COMMANDS = (
    Command("demo", "compute, trace and train the article's network", ["nodesim demo"], _demo),
    Command("datasets", "list the data sets that can be used by name", ["nodesim datasets"], _datasets),
    Command(
        "plugins",
        "list what is registered, and from where",
        ["nodesim plugins --plugins-dir my_plugins"],
        plugins_command,
    ),
)
