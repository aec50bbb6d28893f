"""Compiling ahead, for images and machines where nobody shall wait for it."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import numpy as np

from nodesim.cli.command import Command, Lines
from nodesim.engines import native_form
from nodesim.engines.compile_notice import announced
from nodesim.network import Network

# What else than the sum kernels make of what comes in.
_AGGREGATIONS = ("product", "max", "min", "mean", "norm")


def _warm(options: argparse.Namespace) -> Lines:
    begin = time.perf_counter()
    with announced():
        native_form.native()
        version = native_form.version()
        yield f"compiling the native engine with numba {version}: up to half a minute where it was never done"
        for what in _compiled():
            yield f"  {what}"
    yield f"done in {time.perf_counter() - begin:.1f} s; kept on disk, for every program of this user on this machine"


def _compiled() -> Iterator[str]:
    """Make every kernel do something, and say what."""
    # Loaded for no other command.
    from nodesim.sweeps import sweep

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(70, 3)), rng.normal(size=(70, 2))
    network = Network.layered([3, 4, 2], seed=0)
    network.engine = "native"
    for what, x, wanted in (("one sample", X[0], y[0]), ("a batch", X, y)):
        network.forward(x)
        network.backward(wanted)
        yield f"forward and backward: {what}"
    joined = Network.layered([3, len(_AGGREGATIONS), 2], seed=0)
    joined.engine = "native"
    for node, aggregation in zip(joined.hidden, _AGGREGATIONS):
        node.aggregation = aggregation
    joined.forward(X)
    joined.backward(y)
    yield f"forward and backward: {', '.join(_AGGREGATIONS)}"
    # Many outputs of many paths: a kernel writes them once the native form is loaded.
    network.paths("W1").as_arrays()
    yield "paths as arrays"
    for threads in (1, 2):
        network.threads = threads
        for what, size in (("sample by sample", 1), ("mini-batches", 64)):
            for optimizer in ("sgd", "adam"):
                network.fit(X, y, epochs=1, batch_size=size, learning_rate=0.001, optimizer=optimizer)
            yield f"training: {what}, {threads} thread{'s' if threads > 1 else ''}"
    small = Network.layered([3, 9, 2], seed=0, dtype="float32")
    small.engine = "native"
    small.forward(X)
    small.backward(y)
    small.fit(X, y, epochs=1, batch_size=64, learning_rate=0.001)
    yield "float32: forward and backward, training"
    sweep(network, X, y, seeds=1, epochs=1, learning_rate=0.001)
    yield "training: many networks side by side"


COMMANDS = (
    Command(
        "warm",
        "compile the native engine ahead, so that nothing waits for it later",
        ["nodesim warm"],
        _warm,
    ),
)
