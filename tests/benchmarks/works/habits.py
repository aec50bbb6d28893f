"""The works "habits" and "fit": B as people call it, and what a call of `fit` costs beside training."""

from __future__ import annotations

import statistics
from dataclasses import replace

import numpy as np
from contests import Contest, Entry, Goal, Within
from table import Row
from turns import taken

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
    title = f"fit  784-10, {SAMPLES:,} samples, batch 128"
    rng = np.random.default_rng(0)
    x, y = rng.random((SAMPLES, PIXELS)), rng.random((SAMPLES, 10))
    net = ns.Network.layered([PIXELS, 10], output="sigmoid", seed=0)
    net.engine = "native"

    def fit(epochs: int) -> None:
        net.fit(x, y, epochs, 1e-3, 128, shuffle=False, progress=False)

    fit(1)
    turns = taken({"one": lambda: fit(1), "three": lambda: fit(3)}, rounds)
    epochs = [(three - one) / 2 for one, three in zip(turns["one"], turns["three"])]
    # The least is what it costs, the rest is what else the machine does: small differences of large times.
    epoch = (min(turns["three"]) - min(turns["one"])) / 2
    fixed = min(turns["one"]) - epoch
    return [
        Row(title, "an epoch", statistics.median(epochs), turns=epochs),
        Row(title, "a call, beside its epochs", fixed, fixed / epoch, f"at most {MOST * 1000:g} ms", fixed <= MOST,
            "by the least of all rounds", turns["one"]),
    ]  # fmt: skip
