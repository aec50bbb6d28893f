"""A, B, C, H, I and S: fully connected networks are trained by plain SGD."""

from __future__ import annotations

from functools import cache

import numpy as np
from contests import Contest, Entry, Goal
from problems import Layered, Sweep, layered


def nodesim(form: str = "compiled", name: str = "nodesim") -> Entry:
    """Return nodesim with one of its engines."""
    return Entry(name, "ours:Training", {"form": form})


def peers(*names: str) -> list[Entry]:
    """Return peers by their names."""
    where = {
        "JAX scan": "peers.with_jax:Scan",
        "JAX step": "peers.with_jax:Steps",
        "FANN": "peers.with_fann:Training",
        "NumPy by hand": "peers.by_hand:Training",
        "micrograd": "peers.with_micrograd:Training",
        "torch": "peers.with_torch:Training",
        "scikit-learn": "peers.with_sklearn:Training",
    }
    return [Entry(name, where[name]) for name in names]


def exclusive_or() -> Layered:
    """Return the problem of A."""
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = np.array([[0.2, 0.8], [0.8, 0.2], [0.8, 0.2], [0.2, 0.8]])
    return layered(x, y, [2], batch=1, rate=0.5, parts=4.0, checked=25)


def online() -> Contest:
    """Work A: the smallest network, sample by sample."""
    return Contest(
        "A  2-2-2, online, one update",
        exclusive_or,
        [
            nodesim(),
            *peers("JAX scan", "FANN", "NumPy by hand", "JAX step", "torch", "scikit-learn", "micrograd"),
        ],
        [Goal("nodesim", "JAX scan", 1.4), Goal("nodesim", "FANN", 1.5)],
    )


@cache
def handwritten() -> Layered:
    """Return scikit-learn's digits, as many as make whole batches; numbers of the same kind where it is absent."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        rng = np.random.default_rng(4)
        x, classes = rng.integers(0, 17, (1792, 64)) / 16.0, rng.integers(0, 10, 1792)
    else:
        data = load_digits()
        x, classes = data.data[:1792] / 16.0, data.target[:1792]
    return layered(x, np.eye(10)[classes], [32], batch=32, rate=2.5)


def digits() -> Contest:
    """Work B: handwritten digits."""
    return Contest(
        "B  64-32-10, digits, batch 32, one epoch of 1,792 samples",
        handwritten,
        [
            nodesim(),
            nodesim("numpy", "nodesim without numba"),
            *peers("JAX scan", "NumPy by hand", "FANN", "torch", "scikit-learn"),
        ],
        [
            Goal("nodesim", "JAX scan", 1.6),
            Goal("nodesim", "NumPy by hand", 4.0),
            Goal("nodesim without numba", "NumPy by hand", 0.75),
        ],
    )


def _large() -> Layered:
    rng = np.random.default_rng(5)
    x, y = rng.uniform(0, 1, (128, 784)), rng.uniform(0.2, 0.8, (128, 10))
    return layered(x, y, [256, 128], batch=128, rate=2.5)


def large_step() -> Contest:
    """Work C: a larger network."""
    return Contest(
        "C  784-256-128-10, batch 128, one step",
        _large,
        [
            nodesim(),
            nodesim("numpy", "nodesim without numba"),
            Entry("nodesim, float32", "ours:Training", {"dtype": "float32"}, tolerance=1e-4),
            *peers("JAX scan", "NumPy by hand", "torch", "scikit-learn", "FANN"),
        ],
        [
            Goal("nodesim", "JAX scan", 1.0),
            Goal("nodesim", "torch", 1.7),
            Goal("nodesim, float32", "nodesim", 1.7),
            Goal("nodesim without numba", "NumPy by hand", 0.9),
        ],
    )


def _seeds() -> Sweep:
    drawn = np.array([np.random.default_rng(seed).standard_normal(12) for seed in range(1000)])
    one = exclusive_or()
    return Sweep(one.x, one.y, drawn, epochs=200, rate=0.5)


def sweep() -> Contest:
    """Work S: many networks at once."""
    return Contest(
        "S  1,000 seeds of 2-2-2, online, 200 epochs",
        _seeds,
        [
            Entry("nodesim", "ours:Sweeps"),
            Entry("JAX vmap", "peers.with_jax:Vmap"),
            Entry("nodesim, fit by fit", "ours:Fits", rounds=3),
        ],
        [Goal("nodesim", "JAX vmap", 1.25)],
    )


def digits_by_nodes() -> Contest:
    """Work H: B by the engine that walks node by node."""
    slow = Entry("micrograd", "peers.with_micrograd:Training", {"batches": 1}, rounds=3)
    return Contest('H  B by the engine "nodes"', handwritten, [nodesim("nodes"), slow], [])


def _one_sample() -> Layered:
    x, y = np.array([[0.05, 0.1]]), np.array([[0.2, 0.8]])
    return layered(x, y, [2], batch=1, rate=0.5, checked=25)


def one_call() -> Contest:
    """Work I: what a single call costs."""
    return Contest(
        "I  2-2-2, one sample: forward, backward, update",
        _one_sample,
        [
            Entry("nodesim", "ours:Steps"),
            Entry("nodesim, lists of floats", "ours:Steps", {"lists": True}),
            *peers("JAX step", "NumPy by hand"),
        ],
        [
            Goal("nodesim", at_most=6e-6),
            Goal("nodesim", "JAX step", 2.0),
            Goal("nodesim, lists of floats", "JAX step", 1.6),
        ],
    )
