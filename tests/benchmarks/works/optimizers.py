"""The work "optimizers": A with each of them that has a state beside the weights."""

from __future__ import annotations

from dataclasses import replace

from contests import Contest, Contests, Entry, Goal
from problems import Layered

from works.training import exclusive_or

RATES = {"momentum": 0.05, "nesterov": 0.05, "adam": 0.001, "rmsprop": 0.01, "rprop": 0.01}


def online() -> Contests:
    """The smallest network, sample by sample, beside JAX with the same rule."""
    return Contests([_by(name) for name in RATES])


def _by(name: str) -> Contest:
    def problem() -> Layered:
        return replace(exclusive_or(), optimizer=name, rate=RATES[name])

    return Contest(
        f"optimizers  A by {name}, one update",
        problem,
        [
            Entry("nodesim", "ours:Training"),
            Entry("JAX scan", "peers.with_jax:Scan"),
            Entry("JAX scan, one array, unrolled", "peers.jax_flat:FlatScan"),
        ],
        [Goal("nodesim", "JAX scan", 2.0)],
    )
