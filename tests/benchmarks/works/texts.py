"""The work "texts": what a derivation of a large and of a deep network is written out in."""

from __future__ import annotations

import gc

import numpy as np
from table import Row
from turns import compared, seconds

import nodesim as ns
from works.building import MANY

MOST = 0.050  # seconds
DEPTH = 1000


class Texts:
    """All forms of the derivative by W1, as `print` shows them, and in LaTeX."""

    def rows(self, rounds: int) -> list[Row]:
        """Measure in turns, and return the rows of the table."""
        goal = f"at most {MOST * 1000:g} ms", MOST
        rows = []
        for what, sizes in (("1,000,000 connections", MANY), (f"depth of {DEPTH:,}", [3] * (DEPTH + 1))):
            turns = _turns(ns.Network.layered(sizes, bias=False, seed=0), min(rounds, 3))
            rows += compared(f"texts  derivation of W1, {what}", turns, dict.fromkeys(turns, goal))
        return rows


def _turns(net: ns.Network, rounds: int) -> dict[str, list[float]]:
    turns: dict[str, list[float]] = {"first text": [], "text again": [], "text after another backward": [], "LaTeX": []}
    for _ in range(rounds):
        # Nothing is known of a new network but its numbers.
        one = net.copy()
        _run(one)
        gc.collect()
        for name in turns:
            if name == "text after another backward":
                _run(one)
            turns[name].append(seconds(lambda one=one, name=name: _written(one, name)))
    return turns


def _written(net: ns.Network, name: str) -> str:
    derivation = net.derivation("W1")
    return derivation.latex() if name == "LaTeX" else str(derivation)


def _run(net: ns.Network) -> None:
    net.forward(np.full(len(net.inputs), 0.1))
    net.backward(np.zeros(len(net.outputs)))
