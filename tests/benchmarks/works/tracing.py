"""J to M: paths are counted, listed, written into arrays and ranked."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import networkx as nx
import numpy as np
import ours
import problems
from table import Row
from turns import compared, seconds

import nodesim as ns
from nodesim.paths import GradientPaths

LISTED = 1_000_000
WRITTEN = 5_000_000


class Counting:
    """J: the number of paths of every weight of a large network, beside one forward and backward of it."""

    def rows(self, rounds: int) -> list[Row]:
        """Measure in turns, and return the rows of the table."""
        title = "J  1,000,000 connections, one sample: paths of every weight counted"
        turns: dict[str, list[float]] = {"nodesim": [], "forward and backward": [], "big integers": []}
        net, x, y = _successive()
        deep = ns.Network.layered([100] * 101, bias=False, seed=0)
        for network in (net, deep):
            # The first time also prepares the propagation over the structure.
            network.path_counts()
        _run(net, x, y)
        for _ in range(rounds):
            turns["forward and backward"].append(seconds(lambda: _run(net, x, y)))
            turns["nodesim"].append(seconds(lambda: net.path_counts().array))
            turns["big integers"].append(seconds(lambda: deep.path_counts().array))
        medians = {name: statistics.median(each) for name, each in turns.items()}
        once, counted = medians["forward and backward"], medians["nodesim"]
        return [
            Row(title, "nodesim", counted, None, "at most 5 times forward and backward", counted <= 5 * once,
                turns=turns["nodesim"]),
            Row(title, "nodesim: forward and backward", once, once / counted, turns=turns["forward and backward"]),
            Row(title, "nodesim: 101 layers, big integers", medians["big integers"], medians["big integers"] / counted,
                "at most 3 s", medians["big integers"] <= 3, "up to 10^198 paths", turns["big integers"]),
        ]  # fmt: skip


class Listing:
    """K: paths one by one; 10 layers of 10 nodes behind the weight."""

    def rows(self, rounds: int) -> list[Row]:
        """Measure in turns, and return the rows of the table."""
        net = _deep()
        paths = net.paths("W1")
        graph = net.graph.copy()
        first = net["W1"].target
        factors = _partials(net)
        walks: dict[str, tuple[int, Callable[[], Iterator[Any]]]] = {
            "nodesim": (LISTED, lambda: iter(net.paths("W1"))),
            "recursive generator of tuples": (LISTED, lambda: _recursive(factors, first)),
            "networkx all_simple_paths": (LISTED // 50, lambda: nx.all_simple_paths(graph, first, net.outputs)),
        }
        assert [path.product for path in itertools.islice(paths, 3000)] == paths.as_arrays(3000).products.tolist()
        turns: dict[str, list[float]] = {name: [] for name in walks}
        for _ in range(rounds):
            for name, (count, walk) in walks.items():
                turns[name].append(seconds(lambda walk=walk, count=count: _exhaust(walk(), count)) / count)
        return compared("K  one of 10^10 paths, listed", turns, {"nodesim": ("at most 1 µs", 1e-6)})


class Writing:
    """L: the same paths as arrays."""

    def rows(self, rounds: int) -> list[Row]:
        """Measure in turns, and return the rows of the table."""
        paths = _deep().paths("W1")
        paths.as_arrays(WRITTEN)  # memory that nobody used before takes its time
        turns = {"nodesim": [seconds(lambda: paths.as_arrays(WRITTEN)) / WRITTEN for _ in range(rounds)]}
        title = "L  one of 10^10 paths, written into arrays"
        return compared(title, turns, {"nodesim": ("at most 0.02 µs", 2e-8)})


class Ranking:
    """M: the thousand largest products, found without listing."""

    def rows(self, rounds: int) -> list[Row]:
        """Measure in turns, and return the rows of the table."""
        deep = _deep()
        skipping = _traced(problems.graph(*problems.skipping(800, 20_000, 60), 1))
        large, x, y = _successive()
        _run(large, x, y)
        graph, source, target = _costs(deep)
        works: list[tuple[str, Callable[[], Any], float]] = [
            ("nodesim", lambda: _top(deep, "W1"), 0.010),
            (f"nodesim: 20,000 connections, {_digits(skipping)}", lambda: _top(skipping, "W1"), 0.1),
            ("nodesim: 1,000,000 connections", lambda: _top(large, "W1"), 3.0),
        ]
        turns: dict[str, list[float]] = {name: [] for name, _, _ in works}
        peer = "networkx shortest_simple_paths"
        turns[peer] = []
        for number in range(rounds):
            for name, work, _ in works:
                turns[name].append(seconds(work))
            if number < 3:
                turns[peer].append(
                    seconds(lambda: _exhaust(nx.shortest_simple_paths(graph, source, target, "cost"), 1000))
                )
        title = "M  the 1,000 largest of 10^10 paths"
        medians = {name: statistics.median(each) for name, each in turns.items()}
        rows = [
            Row(title, name, medians[name], medians[name] / medians["nodesim"] if number else None,
                f"at most {most * 1000:g} ms", medians[name] <= most, turns=turns[name])
            for number, (name, _, most) in enumerate(works)
        ]  # fmt: skip
        rows.append(Row(title, peer, medians[peer], medians[peer] / medians["nodesim"], turns=turns[peer]))
        return rows


def _exhaust(walk: Iterator[Any], count: int) -> None:
    for _ in itertools.islice(walk, count):
        pass


def _run(net: ns.Network, x: Any, y: Any) -> None:
    net.forward(x)
    net.backward(y)


def _deep() -> ns.Network:
    net = ns.Network.layered([10] * 12, bias=False, seed=0)
    rng = np.random.default_rng(0)
    _run(net, rng.normal(size=10), rng.normal(size=10))
    return net


def _successive() -> tuple[ns.Network, Any, Any]:
    problem = problems.graph(*problems.successive(5_000, 4, 1_000_000), 1)
    return ours.network(problem), problem.x[0], problem.y[0]


def _traced(problem: problems.Graph) -> ns.Network:
    net = ours.network(problem)
    _run(net, problem.x[0], problem.y[0])
    return net


def _digits(net: ns.Network) -> str:
    return f"10^{math.log10(net.paths('W1').count):.0f} paths"


def _top(net: ns.Network, name: str) -> None:
    # The paths are new each time, so that nothing of an earlier ranking is there.
    paths: GradientPaths = net.paths(name)
    assert len(paths.top(1000)) == 1000


def _partials(net: ns.Network) -> dict[Any, list[tuple[Any, float]]]:
    """Return for each node where it leads to, with the partial derivative."""
    graph = net.paths("W1").derivatives
    return {
        node: [(c.target, c.weight * float(graph.slopes[graph.row[node], 0])) for c in node.outgoing]
        for node in net.nodes
    }


def _recursive(factors: dict[Any, list[tuple[Any, float]]], node: Any) -> Iterator[tuple[tuple[Any, ...], float]]:
    if not factors[node]:
        yield (node,), 1.0
    for target, factor in factors[node]:
        for nodes, product in _recursive(factors, target):
            yield (node, *nodes), factor * product


def _costs(net: ns.Network) -> tuple[nx.DiGraph, Any, str]:
    """Return the network as a graph whose shortest ways are the paths with the largest |product|."""
    graph = nx.DiGraph()
    factors = _partials(net)
    steps = [(node, target, -math.log(abs(factor))) for node, after in factors.items() for target, factor in after]
    least = min(cost for _, _, cost in steps)
    for node, target, cost in steps:
        # All paths are of one length: a constant for each step leaves their order alone.
        graph.add_edge(node, target, cost=cost - least)
    entries = net.paths("W1").derivatives.entries
    for output in net.outputs:
        graph.add_edge(output, "e", cost=30 - math.log(abs(float(entries[output.row, 0]))))
    return graph, net["W1"].target, "e"
