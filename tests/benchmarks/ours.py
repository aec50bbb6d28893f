"""nodesim's side: the same problems through its public interface."""

from __future__ import annotations

import itertools
import os
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from problems import Array, Graph, Layered, Sweep, UnavailableError, flat

import nodesim as ns


def choose(net: ns.Network, form: str, threads: int = 1) -> str:
    """Set the engine, and return what the table says about it.

    Parameters
    ----------
    net : Network
    form : str
        "nodes", "compiled" (in native form) or "numpy" (without numba).
    threads : int
        0 stands for as many as there are cores, where these are more than two.
    """
    cores = len(os.sched_getaffinity(0))
    if threads > cores or (threads == 0 and cores <= 2):
        raise UnavailableError(f"cores that this process may use: {cores}")
    try:
        # By name: the compiled engine would begin in NumPy.
        net.engine = "native" if form == "compiled" else form
    except ns.ArgumentError:  # numbers of this type have no native form
        net.engine = "compiled"
    net.threads = threads or cores
    return f"engine {net.engine}"


class Training:
    """Epochs by `Network.fit`; `changes` are those of the problem."""

    def __init__(self, problem: Layered, form: str = "compiled", dtype: str = "float64", **changes: Any) -> None:
        self.problem = replace(problem, **changes) if changes else problem
        self.net = self._network(dtype)
        self.note = choose(self.net, form)
        self.start = flat(problem.weights)
        self.net.structure.tie_all(ties := drawn_ties(self.problem.tied, len(self.start)))
        for _, uses in ties:
            self.start[uses] = self.start[uses[0]]
        self.net.weights = self.start

    def _network(self, dtype: str) -> ns.Network:
        p = self.problem
        return ns.Network.layered(p.sizes, p.hidden, p.output, loss=p.loss, seed=0, dtype=dtype)

    def run(self, times: int) -> None:
        p = self.problem
        history = self.net.fit(p.x, p.y, times, p.rate, p.batch, p.optimizer, shuffle=p.shuffle, progress=False)
        assert len(history) == times, history.stop_reason

    def result(self) -> Array:
        self.net.weights = self.start
        self.run(self.problem.checked)
        return self.net.weights


def drawn_ties(count: int, connections: int) -> list[tuple[str, list[int]]]:
    """Return so many ties of two of the connections each."""
    drawn = np.random.default_rng(6).permutation(connections)[: 2 * count].reshape(count, 2)
    return [(f"Wr{number}", sorted(uses)) for number, uses in enumerate(drawn.tolist(), 1)]


class EpochByEpoch(Training):
    """One epoch a call, as they are called who look at what comes out in between."""

    def run(self, times: int) -> None:
        for _ in range(times):
            super().run(1)


class OneBias(Training):
    """One bias node feeds all layers."""

    def _network(self, dtype: str) -> ns.Network:
        p, net = self.problem, ns.Network(self.problem.loss, seed=0, dtype=dtype)
        bias = net.add_bias()
        layers = [[net.add_input() for _ in range(p.sizes[0])]]
        layers += [[net.add_hidden(activation=p.hidden) for _ in range(width)] for width in p.sizes[1:-1]]
        layers += [[net.add_output(activation=p.output) for _ in range(p.sizes[-1])]]
        for before, after in itertools.pairwise(layers):
            for source, target in itertools.product([*before, bias], after):
                net.connect(source, target, 0.0)
        return net


class Steps(Training):
    """One sample forward, backward and update, call by call: of arrays, or of lists of floats."""

    def __init__(self, problem: Layered, lists: bool = False) -> None:
        super().__init__(problem)
        self.sample = (problem.x[0].tolist(), problem.y[0].tolist()) if lists else (problem.x[0], problem.y[0])

    def run(self, times: int) -> None:
        net, rate = self.net, self.problem.rate
        x, y = self.sample
        for _ in range(times):
            net.forward(x)
            net.backward(y)
            net.update(learning_rate=rate)


class Sweeps:
    """Networks side by side by `nodesim.sweep`: it draws the weights as well, and makes the table."""

    def __init__(self, problem: Sweep) -> None:
        self.problem = problem

    def run(self, times: int) -> None:
        p = self.problem
        for _ in range(times):
            self.table = ns.sweep(
                [2, 2, 2],
                p.x,
                p.y,
                len(p.weights),
                p.epochs,
                p.rate,
                1,
                output="sigmoid",
                shuffle=False,
                progress=False,
            )

    def result(self) -> Array:
        self.run(1)
        return self.table.weights[: self.problem.compared].ravel()


class Fits:
    """The same one after the other: a new network and a fit for each seed."""

    def __init__(self, problem: Sweep, form: str = "compiled") -> None:
        self.problem, self.form = problem, form

    def _trained(self, seed: int) -> Array:
        p, net = self.problem, ns.Network.layered([2, 2, 2], output="sigmoid", seed=seed)
        choose(net, self.form)
        net.fit(p.x, p.y, p.epochs, p.rate, 1, shuffle=False, progress=False)
        return net.weights

    def run(self, times: int) -> None:
        for _ in range(times):
            for seed in range(len(self.problem.weights)):
                self._trained(seed)

    def result(self) -> Array:
        return np.concatenate([self._trained(seed) for seed in range(self.problem.compared)])


class Gradient:
    """Forward and backward through a graph; a single sample is given as a vector."""

    def __init__(self, problem: Graph, form: str = "compiled", threads: int = 1) -> None:
        self.problem = problem
        self.net = network(problem)
        self.form = form, threads
        self.note = choose(self.net, *self.form)
        self.x, self.y = (problem.x, problem.y) if len(problem.x) > 1 else (problem.x[0], problem.y[0])

    def run(self, times: int) -> None:
        # The same network serves all forms: it is large.
        choose(self.net, *self.form)
        for _ in range(times):
            self.net.forward(self.x)
            self.net.backward(self.y)

    def result(self) -> Array:
        self.run(1)
        return np.array(self.net.gradients)


@cache
def network(problem: Graph) -> ns.Network:
    """Return the network of a graph, built node by node and connection by connection."""
    net = ns.Network(seed=0)
    levels = problem.levels
    nodes = []
    for number, (begin, end) in enumerate(levels):
        for _ in range(begin, end):
            if number == 0:
                nodes.append(net.add_input())
            elif number == len(levels) - 1:
                nodes.append(net.add_output(activation="sigmoid"))
            else:
                nodes.append(net.add_hidden(activation="sigmoid"))
    ends = zip(problem.source.tolist(), problem.target.tolist(), problem.weight.tolist())
    for source, target, weight in ends:
        net.connect(nodes[source], nodes[target], weight)
    return net


def forget() -> None:
    """Let go of the networks of the work that is done."""
    network.cache_clear()
