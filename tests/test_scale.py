"""100,000 connections, built one `connect` at a time: they run, are counted, and stay small."""

from __future__ import annotations

import gc
import itertools
import subprocess
import sys
import tracemalloc

import networkx as nx
import numpy as np
import pytest

import nodesim as ns

WIDTHS = [100, 300, 200, 50]


def build():
    net = ns.Network(seed=0)
    layers = [[net.add_input() for _ in range(WIDTHS[0])]]
    layers += [[net.add_hidden(activation="tanh") for _ in range(width)] for width in WIDTHS[1:-1]]
    layers.append([net.add_output() for _ in range(WIDTHS[-1])])
    for before, after in itertools.pairwise(layers):
        for source in before:
            for target in after:
                net.connect(source, target)
    return net


@pytest.fixture(scope="module")
def large():
    """The network, and the memory that it takes; made once, for that takes seconds."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    net = build()
    gc.collect()
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return net, used


def test_100_000_connections_stay_small(large):
    net, used = large
    assert len(net.connections) == 100_000
    assert used / 100_000 < 1000


def test_100_000_connections(engine, large):
    net = large[0]
    net.engine = engine
    out = net.forward(np.full((2, 100), 0.1))
    w1, w2, w3 = (
        net.weights[a:b].reshape(n, -1) for a, b, n in ((0, 30_000, 100), (30_000, 90_000, 300), (90_000, 100_000, 200))
    )
    expected = np.tanh(np.tanh(np.full((2, 100), 0.1) @ w1) @ w2) @ w3
    assert out == pytest.approx(expected, rel=1e-10, abs=1e-10)
    net.backward(np.zeros((2, 50)))
    paths = net.paths("W1")
    assert paths.count == 200 * 50
    assert abs(paths.gradient - net["W1"].gradient) <= 1e-12 * paths.scale
    assert net.paths("W100000").count == 1
    assert ns.check_gradients(net, np.full(100, 0.01), np.zeros(50))


def test_removing_many(large):
    net = large[0].copy()
    for name in [f"H{i}" for i in range(2, 501, 2)]:
        net.remove(name)
    assert len(net.connections) == 100 * 150 + 150 * 100 + 100 * 50
    for engine in ("nodes", "numpy", "compiled"):
        net.engine = engine
        assert net.forward(np.zeros(100)).shape == (50,)
    assert net.add_hidden().name == "H2"
    assert net.connect("I1", "H2").name == "W2"


def test_connecting_against_the_order_of_creation():
    net = ns.Network(seed=0)
    nodes = [net.add_hidden() for _ in range(600)]
    rng = np.random.default_rng(0)
    rank = dict(zip(nodes, rng.permutation(600)))
    for a, b in rng.integers(0, 600, (20_000, 2)):
        early, late = sorted((nodes[a], nodes[b]), key=rank.get)
        if early is not late and late not in net.graph.succ[early]:
            net.connect(early, late)
    assert nx.is_directed_acyclic_graph(net.graph)
    # The order that was kept up to date all the while knows what would close a cycle.
    for connection in net.connections[::20]:
        with pytest.raises(ns.CycleError):
            net.connect(connection.target, connection.source)


LARGE = """
import resource, sys, tempfile
resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
import numpy as np, nodesim as ns
net = ns.Network.layered([500, 1000, 499, 2], hidden="tanh", seed=0, initializer="xavier_normal")
assert len(net.connections) == 501 * 1000 + 1001 * 499 + 500 * 2 > 1_000_000
rng = np.random.default_rng(0)
x, y = rng.standard_normal((1000, 500)), rng.standard_normal((1000, 2))
history = net.fit(x, y, epochs=1, batch_size=100, learning_rate=0.001)
assert history.updates == 10
net.forward(x[0]), net.backward(y[0])
paths = net.paths("W1")
assert paths.count == 499 * 2
assert abs(paths.gradient - net["W1"].gradient) <= 1e-12 * paths.scale
net.save(sys.argv[1])
assert (ns.load(sys.argv[1]).weights == net.weights).all()
"""


def test_a_million_connections_in_8_gigabytes(tmp_path):
    """Built, trained for an epoch on 1,000 samples, traced, saved and loaded."""
    command = [sys.executable, "-c", LARGE, str(tmp_path / "net.json")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
