"""The work "aggregations": nodes that are products, largest, smallest, means or norms, beside sums of the same."""

from __future__ import annotations

import statistics
from collections.abc import Callable

import numpy as np
from table import Row
from turns import compared, taken

import nodesim as ns

NAMES = ("sum", "product", "max", "min", "mean", "norm")
INPUTS, WIDTH, LAYERS, OUTPUTS, FAN_IN = 64, 128, 2, 10, 8
SAMPLES, BATCH = 256, 32
MOST = 3.0  # times as long as sums


class Aggregations:
    """Every hidden node has 8 sources; forward and backward of a batch, and an epoch of training."""

    def rows(self, rounds: int) -> list[Row]:
        """Measure in turns, and return the rows of the table."""
        rows: list[Row] = []
        for engine in ("native", "numpy"):
            runs = {name: Run(name, engine) for name in NAMES}
            for what, call, times in (("forward, backward", Run.run, 20), ("one epoch, batch 32", Run.train, 10)):
                title = f"aggregations  64-128-128-10, {FAN_IN} sources a node, {engine}: {what}"
                rows += _rows(
                    title, {name: lambda run=run, call=call: call(run) for name, run in runs.items()}, rounds, times
                )
        return rows


def _rows(title: str, works: dict[str, Callable[[], None]], rounds: int, times: int) -> list[Row]:
    turns = taken(works, rounds, times)
    most = MOST * statistics.median(turns["sum"])
    return compared(title, turns, dict.fromkeys(NAMES[1:], (f"at most {MOST:g}x sum", most)))


class Run:
    """A network whose hidden nodes have an aggregation, and its samples."""

    def __init__(self, aggregation: str, engine: str) -> None:
        rng = np.random.default_rng(0)
        self.net = net = ns.Network(seed=0)
        before = [net.add_input() for _ in range(INPUTS)]
        for _ in range(LAYERS):
            layer = [net.add_hidden(activation="tanh", aggregation=aggregation) for _ in range(WIDTH)]
            _connect(net, before, layer, rng)
            before = layer
        _connect(net, before, [net.add_output() for _ in range(OUTPUTS)], rng)
        net.engine = engine
        self.x, self.y = rng.normal(size=(SAMPLES, INPUTS)), rng.normal(size=(SAMPLES, OUTPUTS))
        self.run()
        self._check()

    def run(self) -> None:
        """Run a batch."""
        self.net.forward(self.x)
        self.net.backward(self.y)

    def train(self) -> None:
        """Train for an epoch, with steps that are too small for anything to change."""
        self.net.fit(self.x, self.y, 1, 1e-12, BATCH, shuffle=False, progress=False)

    def _check(self) -> None:
        """Compare the gradients with those of the engine "nodes"."""
        plain = self.net.copy()
        plain.engine = "nodes"
        plain.forward(self.x)
        plain.backward(self.y)
        found, expected = self.net.gradients, plain.gradients
        assert np.abs(found - expected).max() <= 1e-12 * (1.0 + np.abs(expected).max())


def _connect(net: ns.Network, sources: list[ns.Node], targets: list[ns.Node], rng: np.random.Generator) -> None:
    for target in targets:
        for place in rng.choice(len(sources), FAN_IN, replace=False):
            net.connect(sources[place], target, float(rng.choice([-1.0, 1.0]) * rng.uniform(0.8, 1.2)))
