"""Time and memory of a network of 100,000 connections, beside networkx alone, in one run.

Run it with ``python tests/benchmarks/building.py``; nothing is asserted. The first column is the median of several
rounds that take turns; the ratio compares with the peer's median where there is one.
"""

from __future__ import annotations

import gc
import itertools
import statistics
import time
import tracemalloc

import networkx as nx
import numpy as np

import nodesim as ns

WIDTHS = [100, 300, 200, 50]
ROUNDS = 5


def pairs(nodes):
    """Return all pairs of nodes of successive layers, in the article's order."""
    layers, start = [], 0
    for width in WIDTHS:
        layers.append(nodes[start : start + width])
        start += width
    return [(a, b) for before, after in itertools.pairwise(layers) for a in before for b in after]


def bare():
    """Return a network of nodes, and the pairs to be connected."""
    net = ns.Network(seed=0)
    kinds = [net.add_input] + [net.add_hidden] * (len(WIDTHS) - 2) + [net.add_output]
    nodes = [add() for width, add in zip(WIDTHS, kinds, strict=True) for _ in range(width)]
    return net, pairs(nodes)


def build():
    """Build with nodesim, one `connect` at a time."""
    net, ends = bare()
    started = time.perf_counter()
    for source, target in ends:
        net.connect(source, target)
    return net, time.perf_counter() - started


def build_networkx():
    """Build with networkx alone: no names, no checks, a weight for each edge."""
    graph = nx.DiGraph()
    nodes = list(range(sum(WIDTHS)))
    graph.add_nodes_from(nodes)
    ends = pairs(nodes)
    weights = np.random.default_rng(0).standard_normal(len(ends)).tolist()
    started = time.perf_counter()
    for (source, target), weight in zip(ends, weights, strict=True):
        graph.add_edge(source, target, weight=weight)
    return graph, time.perf_counter() - started


def timed(call):
    """Return the seconds that a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def memory(make, count):
    """Return the bytes for each connection that stay allocated after building."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = make()
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    return (after - before) / count


def main():
    """Print the table."""
    count = len(pairs(list(range(sum(WIDTHS)))))
    ours, peers = [], []
    for _ in range(ROUNDS):
        ours.append(build()[1])
        peers.append(build_networkx()[1])
    net, _ = build()
    x, y = np.full(WIDTHS[0], 0.1), np.zeros(WIDTHS[-1])
    rows = [
        ("build, one connect at a time", statistics.median(ours), statistics.median(peers)),
        ("first schedule", timed(lambda: net.schedule.calculated), None),
        ("forward, one sample", statistics.median(timed(lambda: net.forward(x)) for _ in range(ROUNDS)), None),
        ("backward, one sample", statistics.median(timed(lambda: net.backward(y)) for _ in range(ROUNDS)), None),
        ("count and gradient of W1, first", timed(lambda: (net.paths("W1").count, net.paths("W1").gradient)), None),
        ("count and gradient of W2, then", timed(lambda: (net.paths("W2").count, net.paths("W2").gradient)), None),
    ]
    print(f"{count:,} connections, {sum(WIDTHS)} nodes; W1 has {net.paths('W1').count:,} paths")
    print(f"{'':<34}{'nodesim':>12}{'networkx':>12}{'ratio':>8}")
    for name, seconds, peer in rows:
        beside = f"{peer * 1e3:>9.1f} ms{seconds / peer:>8.1f}" if peer else ""
        print(f"{name:<34}{seconds * 1e3:>9.1f} ms{beside}")
    bytes_ours, bytes_peer = memory(lambda: build()[0], count), memory(lambda: build_networkx()[0], count)
    print(
        f"{'memory for each connection':<34}{bytes_ours:>6.0f} bytes{bytes_peer:>6.0f} bytes{bytes_ours / bytes_peer:>8.1f}"
    )


if __name__ == "__main__":
    main()
