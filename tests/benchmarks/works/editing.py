"""The work "edit": one connection comes or goes, and the network is run."""

from __future__ import annotations

import numpy as np
from table import Row
from turns import compared, taken

import nodesim as ns
from works.building import WIDTHS

MOST = 0.002  # seconds


class Editing:
    """A connection that skips layers is made, and taken away again, with a run after each."""

    def rows(self, rounds: int) -> list[Row]:
        """Measure in turns, and return the rows of the table."""
        net = ns.Network.layered(WIDTHS, bias=False, seed=0)
        net.engine = "native"
        edited = Edited(net)
        _check(edited)
        works = {"nodesim": edited.once, "a run alone": edited.run}
        title = "edit  one of 100,000 connections comes or goes, then forward, backward"
        return compared(title, taken(works, rounds, 6), {"nodesim": (f"at most {MOST * 1000:g} ms", MOST)})


class Edited:
    """A network that is edited; every second edit takes back the one before."""

    def __init__(self, net: ns.Network) -> None:
        rng = np.random.default_rng(0)
        self.net, self.sample = net, (rng.random(len(net.inputs)), rng.random(len(net.outputs)))
        self.extra: ns.Connection | None = None
        self.once(), self.once()

    def run(self) -> None:
        """Run one sample."""
        self.net.forward(self.sample[0])
        self.net.backward(self.sample[1])

    def once(self) -> None:
        """Edit, and run."""
        if self.extra is None:
            self.extra = self.net.connect(self.net.inputs[0], self.net.outputs[-1], 0.5)
        else:
            self.net.disconnect(self.extra)
            self.extra = None
        self.run()


def _check(edited: Edited) -> None:
    """Compare the gradients after both kinds of edit with those of the engine "nodes"."""
    for _ in range(2):
        edited.once()
        plain = edited.net.copy()
        plain.engine = "nodes"
        plain.forward(edited.sample[0])
        plain.backward(edited.sample[1])
        found, expected = edited.net.gradients, plain.gradients
        assert np.abs(found - expected).max() <= 1e-12 * np.abs(expected).max()
