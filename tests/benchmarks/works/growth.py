"""The work "growth": how times grow from 100 to 1,000,000 connections."""

from __future__ import annotations

import gc
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from table import Row, amount
from turns import seconds

import nodesim as ns

WIDTHS = [5, 16, 50, 158, 500]  # of 5 layers: 10^2, 10^3, 10^4, 10^5, 10^6 connections
LARGE = 2  # from this size on, the exponent is that of the growth and no longer that of fixed costs


class Growth:
    """Everything that is done with a network, by its number of connections."""

    def rows(self, rounds: int) -> list[Row]:
        """Measure in turns, and return the rows of the table."""
        _times(WIDTHS[0])  # what is imported and compiled
        sizes: list[list[dict[str, float]]] = [[] for _ in WIDTHS]
        for _ in range(min(rounds, 3)):
            for width, found in zip(WIDTHS, sizes):
                found.append(_times(width))
        rows = []
        for name in sizes[0][0]:
            medians = [statistics.median(one[name] for one in found) for found in sizes]
            counts = [4.0 * width**2 for width in WIDTHS]
            exponent = np.polyfit(np.log(counts[LARGE:]), np.log(medians[LARGE:]), 1)[0]
            before = ", ".join(map(amount, medians[:-1]))
            turns = [one[name] for one in sizes[-1]]
            note = f"exponent {exponent:.2f}; at 10^2 to 10^5: {before}"
            rows.append(Row("growth  at 1,000,000 connections", name, medians[-1], note=note, turns=turns))
        return rows


def _times(width: int) -> dict[str, float]:
    """Return the seconds of everything for one size."""
    found: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any], times: int = 1) -> Any:
        gc.collect()
        made: list[Any] = []
        found[name] = seconds(lambda: made.extend(work() for _ in range(times))) / times
        return made[0]

    net: ns.Network = timed("layered", lambda: ns.Network.layered([width] * 5, bias=False, seed=0))
    net.engine = "native"
    x, y = np.full(width, 0.1), np.zeros(width)

    def run() -> None:
        net.forward(x)
        net.backward(y)

    timed("first run", run)
    timed("forward and backward", run, 5)
    timed("update", lambda: net.update(learning_rate=0.1))
    timed("first look at its connections", lambda: net.connections)
    timed("an edit and a run", lambda: (_edit(net), run()), 6)
    timed("paths of W1: count, gradient, top(10)", lambda: _traced(net))
    run()
    timed("text of the derivation of W1", lambda: str(net.derivation("W1")))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "net.json"
        timed("save", lambda: net.save(file))
        timed("load", lambda: ns.load(file))
    return found


def _edit(net: ns.Network) -> None:
    """Make a connection that skips layers, or take it away if it is there."""
    ends = net.inputs[0], net.outputs[-1]
    if ends[1] in net.graph.succ[ends[0]]:
        net.disconnect(*ends)
    else:
        net.connect(*ends, weight=0.5)


def _traced(net: ns.Network) -> None:
    paths = net.paths("W1")
    assert paths.count
    assert paths.gradient is not None
    assert paths.top(10)
