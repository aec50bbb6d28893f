"""The work "texts": what a derivation of a large and of a deep network is written out in."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import numpy as np
from table import Row
from turns import compared

import nodesim as ns
from works.building import MANY

MOST = 0.050  # seconds
DEPTH = 1000


WAYS: dict[str, Callable[[ns.Derivation], str]] = {
    "first text": str,
    "text again": str,
    "text after another backward": str,
    "LaTeX": lambda derivation: derivation.latex(),
}


class Texts:
    """All forms of the derivative by W1, as `print` shows them, and in LaTeX."""

    def rows(self, rounds: int) -> list[Row]:
        """Measure in turns, and return the rows of the table."""
        goals = dict.fromkeys(WAYS, (f"at most {MOST * 1000:g} ms", MOST))
        rows = []
        for what, sizes in (("1,000,000 connections", MANY), (f"{DEPTH:,} layers", [3] * (DEPTH + 1))):
            turns, lengths = _turns(ns.Network.layered(sizes, bias=False, seed=0), min(rounds, 3))
            rows += compared(f"texts  derivation of W1, {what}", turns, goals)
            for row in rows[-len(turns) :]:
                row.note = f"{lengths[row.contestant]:,} characters"
        return rows


def _turns(net: ns.Network, rounds: int) -> tuple[dict[str, list[float]], dict[str, int]]:
    """Return the seconds of each way, and how much it writes."""
    turns: dict[str, list[float]] = {name: [] for name in WAYS}
    lengths = dict.fromkeys(WAYS, 0)
    for _ in range(rounds):
        # Nothing is known of a new network but its numbers.
        one = net.copy()
        _run(one)
        gc.collect()
        for name, way in WAYS.items():
            if "backward" in name:
                _run(one)
            started = time.perf_counter()
            written = way(one.derivation("W1"))
            turns[name].append(time.perf_counter() - started)
            lengths[name] = len(written)
    return turns, lengths


def _run(net: ns.Network) -> None:
    net.forward(np.full(len(net.inputs), 0.1))
    net.backward(np.zeros(len(net.outputs)))
