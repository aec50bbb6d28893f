"""G: networks are built, saved and loaded; seconds and bytes."""

from __future__ import annotations

import gc
import itertools
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from table import Row

import nodesim as ns

WIDTHS = [100, 300, 200, 50]  # 100,000 connections
MANY = [1000, 600, 500, 200]  # 1,000,000 connections
MOST = 4.0  # seconds for them


class Building:
    """One `connect` at a time beside networkx alone, and many connections at once."""

    def rows(self, rounds: int) -> list[Row]:
        """Measure in turns, and return the rows of the table."""
        return [*_one_by_one(rounds), *_bytes(), *_many(min(rounds, 3))]


def _one_by_one(rounds: int) -> list[Row]:
    title = "G  100,000 connections one by one, each"
    ours, drawn, peers = [], [], []
    for _ in range(rounds):
        ours.append(build(0.5)[1])
        peers.append(build_networkx()[1])
        drawn.append(build(None)[1])
    mine, peer, with_draws = (statistics.median(times) for times in (ours, peers, drawn))
    return [
        Row(title, "nodesim", mine, None, "at most 3 µs", mine <= 3e-6, turns=ours),
        Row(title, "nodesim, weights drawn", with_draws, with_draws / mine, turns=drawn),
        Row(title, "networkx alone", peer, peer / mine, note="no names, no checks", turns=peers),
    ]


def _bytes() -> list[Row]:
    title = "G  100,000 connections one by one, memory of each"
    mine, peer = _kept(lambda: build(0.5)[0]), _kept(lambda: build_networkx()[0])
    return [
        Row(title, "nodesim", mine, None, "at most 250 bytes", mine <= 250, unit="bytes"),
        Row(title, "networkx alone", peer, peer / mine, unit="bytes"),
    ]


def _many(rounds: int) -> list[Row]:
    rows = []
    measured: dict[str, list[float]] = {}
    for _ in range(rounds):
        net, seconds = _timed(lambda: ns.Network.layered(MANY, bias=False, seed=0))
        measured.setdefault("Network.layered", []).append(seconds)
        for name, seconds in zip(("save", "load"), _saved_and_loaded(net), strict=True):
            measured.setdefault(name, []).append(seconds)
        measured.setdefault("first run", []).append(_timed(lambda net=net: _run(net))[1])
        measured.setdefault("gradient paths of W1", []).append(_timed(lambda net=net: _traced(net))[1])
        # Objects are made when somebody looks at them.
        measured.setdefault("first look at the connections", []).append(_timed(lambda net=net: net.connections)[1])
        del net
    for name, turns in measured.items():
        median = statistics.median(turns)
        row = Row("G  1,000,000 connections", name, median, turns=turns)
        if name in ("Network.layered", "load"):
            row.goal, row.reached = f"at most {MOST:g} s", median <= MOST
        rows.append(row)
    return rows


def pairs(nodes: list[Any]) -> list[tuple[Any, Any]]:
    """Return all pairs of nodes of successive layers, in the article's order."""
    ends = [0, *itertools.accumulate(WIDTHS)]
    layers = [nodes[begin:end] for begin, end in itertools.pairwise(ends)]
    return [(a, b) for before, after in itertools.pairwise(layers) for a in before for b in after]


def build(weight: float | None) -> tuple[ns.Network, float]:
    """Build with nodesim; return the network and the seconds for each connection."""
    net = ns.Network(seed=0)
    adders = [net.add_input] + [net.add_hidden] * (len(WIDTHS) - 2) + [net.add_output]
    ends = pairs([add() for width, add in zip(WIDTHS, adders, strict=True) for _ in range(width)])
    started = time.perf_counter()
    for source, target in ends:
        net.connect(source, target, weight)
    return net, (time.perf_counter() - started) / len(ends)


def build_networkx() -> tuple[nx.DiGraph, float]:
    """Build with networkx alone; return the graph and the seconds for each connection."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(sum(WIDTHS)))
    ends = pairs(list(range(sum(WIDTHS))))
    weights = np.random.default_rng(0).standard_normal(len(ends)).tolist()
    started = time.perf_counter()
    for (source, target), weight in zip(ends, weights, strict=True):
        graph.add_edge(source, target, weight=weight)
    return graph, (time.perf_counter() - started) / len(ends)


def _kept(make: Callable[[], object]) -> float:
    """Return the bytes for each connection that stay allocated after building."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = make()
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    return (after - before) / len(pairs(list(range(sum(WIDTHS)))))


def _timed(call: Callable[[], Any]) -> tuple[Any, float]:
    gc.collect()
    started = time.perf_counter()
    made = call()
    return made, time.perf_counter() - started


def _saved_and_loaded(net: ns.Network) -> tuple[float, float]:
    """Return the seconds for both."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "net.json"
        return _timed(lambda: net.save(file))[1], _timed(lambda: ns.load(file))[1]


def _run(net: ns.Network) -> None:
    net.forward(np.full(MANY[0], 0.1))
    net.backward(np.zeros(MANY[-1]))


def _traced(net: ns.Network) -> None:
    _run(net)
    paths = net.paths("W1")
    assert paths.count == 500 * 200
    assert paths.gradient is not None
