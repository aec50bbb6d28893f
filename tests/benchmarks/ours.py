"""nodesim's side: the same problems through its public interface."""

from __future__ import annotations

import os
from functools import cache

import numpy as np
from problems import Array, Graph, Layered, Sweep, UnavailableError, flat

import nodesim as ns


def choose(net: ns.Network, form: str) -> str:
    """Set the engine, and return what the table says about it.

    Parameters
    ----------
    net : Network
    form : str
        "nodes", "compiled" (in native form), "threads" (the same, two of them) or "numpy" (without numba).
    """
    # By name: the compiled engine would begin in NumPy.
    net.engine = form if form in ("nodes", "numpy") else "native"
    net.threads = 1
    if form == "threads":
        if len(os.sched_getaffinity(0)) < 2:
            raise UnavailableError("this process may use one core only")
        net.threads = 2
    return f"engine {net.engine}"


class Training:
    """Epochs by `Network.fit`."""

    def __init__(self, problem: Layered, form: str = "compiled") -> None:
        self.problem = problem
        self.net = ns.Network.layered(problem.sizes, "sigmoid", problem.output, loss=problem.loss, seed=0)
        self.note = choose(self.net, form)
        self.start = flat(problem.weights)
        self.net.weights = self.start

    def run(self, times: int) -> None:
        problem = self.problem
        self.net.fit(
            problem.x, problem.y, epochs=times, learning_rate=problem.rate, batch_size=problem.batch, shuffle=False,
            progress=False,
        )  # fmt: skip

    def result(self) -> Array:
        self.net.weights = self.start
        self.run(self.problem.checked)
        return self.net.weights


class Steps(Training):
    """One sample forward, backward and update, call by call."""

    def run(self, times: int) -> None:
        net, rate = self.net, self.problem.rate
        x, y = self.problem.x[0], self.problem.y[0]
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

    def __init__(self, problem: Graph, form: str = "compiled") -> None:
        self.problem = problem
        self.net = network(problem)
        self.form = form
        self.note = choose(self.net, form)
        self.x, self.y = (problem.x, problem.y) if len(problem.x) > 1 else (problem.x[0], problem.y[0])

    def run(self, times: int) -> None:
        # The same network serves all forms: it is large.
        choose(self.net, self.form)
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
