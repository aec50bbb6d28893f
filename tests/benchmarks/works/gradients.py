"""D, E and F: forward and backward through networks that are sparsely connected."""

from __future__ import annotations

from functools import partial

import problems
from contests import Contest, Entry, Goal
from problems import Graph


def peers(*names: str) -> list[Entry]:
    """Return peers by their names."""
    where = {
        "FANN": "peers.with_fann:Gradient",
        "SciPy CSR": "peers.with_scipy:Gradient",
        "JAX": "peers.with_jax:Gradient",
        "torch": "peers.with_torch_sparse:Autograd",
        "torch by hand": "peers.with_torch_sparse:Gradient",
        "micrograd": "peers.with_micrograd:Gradient",
    }
    return [Entry(name, where[name], rounds=3 if name == "micrograd" else None) for name in names]


OURS = [
    Entry("nodesim", "ours:Gradient"),
    Entry("nodesim, two threads", "ours:Gradient", {"threads": 2}),
    Entry("nodesim, all cores", "ours:Gradient", {"threads": 0}),
    Entry("nodesim without numba", "ours:Gradient", {"form": "numpy"}),
]


def _skipping(samples: int) -> Graph:
    return problems.graph(*problems.skipping(5_000, 100_000, 93), samples)


def skipping_batch() -> Contest:
    """Work D: connections between any levels, a batch."""
    return Contest(
        "D  graph of 5,000 nodes, 100,000 connections, 93 levels, batch 256: forward, backward",
        partial(_skipping, 256),
        [*OURS, *peers("FANN", "SciPy CSR", "JAX", "torch", "torch by hand")],
        [
            Goal("nodesim", "FANN", 8.5),
            Goal("nodesim, two threads", "nodesim", 1.4),
            Goal("nodesim without numba", "FANN", 0.8),
        ],
    )


def skipping_sample() -> Contest:
    """Work E: the same with a single sample."""
    return Contest(
        "E  graph of 5,000 nodes, 100,000 connections, 93 levels, one sample: forward, backward",
        partial(_skipping, 1),
        [OURS[0], *peers("FANN", "JAX", "torch", "torch by hand", "micrograd")],
        [Goal("nodesim", "FANN", 1.7)],
    )


def _successive() -> Graph:
    return problems.graph(*problems.successive(5_000, 4, 1_000_000), 64)


def successive_batch() -> Contest:
    """Work F: many connections between successive layers."""
    return Contest(
        "F  4 layers of 5,000 nodes, 1,000,000 connections, batch 64: forward, backward",
        _successive,
        [*OURS, *peers("FANN", "SciPy CSR", "JAX", "torch", "torch by hand")],
        [
            Goal("nodesim", "FANN", 10.0),
            Goal("nodesim", "torch", 3.5),
            Goal("nodesim, two threads", "nodesim", 1.7),
        ],
    )
