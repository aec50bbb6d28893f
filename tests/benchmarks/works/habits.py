"""The works "habits", "ties" and "fit": B as people call it, with tied weights, and what a call of `fit` costs."""

from __future__ import annotations

import gc
import time
from dataclasses import replace

import numpy as np
from contests import Contest, Entry, Goal, Within
from problems import Array
from table import Row

import nodesim as ns
from works.training import exclusive_or, handwritten, peers

SAMPLES, PIXELS = 60_000, 784
MOST = 0.010  # seconds


def habits() -> Contest:
    """Work "habits": each of the usual ways differs in one thing from the kind case, which is B."""
    usual = [
        Entry("shuffled", "ours:Training", {"shuffle": True}),
        Entry("one epoch a call", "ours:EpochByEpoch"),
        Entry("huber", "ours:Training", {"loss": "huber"}),
        Entry("binary cross-entropy", "ours:Training", {"loss": "binary_cross_entropy"}),
        Entry("one bias node for all layers", "ours:OneBias"),
        Entry("shuffled, one epoch a call, huber", "ours:EpochByEpoch", {"shuffle": True, "loss": "huber"}),
    ]
    return Contest(
        "habits  B as people call it, one epoch",
        handwritten,
        [Entry("nodesim", "ours:Training"), *usual, *peers("JAX scan")],
        [Within(entry.name, "nodesim", 1.15) for entry in usual],
    )


def ties() -> Contest:
    """Work "ties": B with half of its connections in ties of two."""
    return Contest(
        "ties  B with 603 tied weights of two uses, one epoch",
        handwritten,
        [
            Entry("nodesim", "ours:Training"),
            Entry("tied", "ours:Training", {"tied": 603}),
            Entry("nodesim without numba", "ours:Training", {"form": "numpy"}),
            Entry("tied, without numba", "ours:Training", {"form": "numpy", "tied": 603}),
        ],
        [Within("tied", "nodesim", 1.3), Within("tied, without numba", "nodesim without numba", 1.3)],
    )


class Fits:
    """Work "fit": calls that train for a short time only."""

    def rows(self, rounds: int) -> list[Row]:
        """Measure in turns, and return the rows of the table."""
        small = Contest(
            "fit  2-2-2, a call for one epoch of 4 updates",
            lambda: replace(exclusive_or(), parts=1.0),
            [Entry("nodesim", "ours:EpochByEpoch")],
            [Goal("nodesim", at_most=20e-6)],
        )
        return [*small.rows(rounds), *_many_samples(rounds)]


def _many_samples(rounds: int) -> list[Row]:
    """Compare the first epoch of a call with those after it, by the clock of the processor: it is a small difference."""
    title = f"fit  784-10, {SAMPLES:,} samples, batch 128"
    rng = np.random.default_rng(0)
    x, y = rng.random((SAMPLES, PIXELS)), rng.random((SAMPLES, 10))
    net = ns.Network.layered([PIXELS, 10], output="sigmoid", seed=0)
    net.engine = "native"
    epochs, calls = [], []
    _times(net, x, y)  # memory that nobody used before takes its time
    for _ in range(rounds):
        gc.collect()
        first, *others, rest = _times(net, x, y)
        epochs += others
        calls.append(first + rest)
    epoch, fixed = min(epochs), min(calls) - min(epochs)
    return [
        Row(title, "an epoch", epoch, note="the least, as below", turns=epochs),
        Row(title, "a call, beside its epochs", fixed, fixed / epoch, f"at most {MOST * 1000:g} ms", fixed <= MOST,
            turns=[call - epoch for call in calls]),
    ]  # fmt: skip


def _times(net: ns.Network, x: Array, y: Array) -> Array:
    """Return what passes in a call up to the end of each epoch, and after the last."""
    clock = [time.process_time()]
    net.fit(x, y, 4, 1e-3, 128, shuffle=False, progress=False, callbacks=lambda _: clock.append(time.process_time()))
    return np.diff([*clock, time.process_time()])
