"""micrograd: a graph of single numbers, made anew for each sample; a sigmoid is added as its `relu` is written.

Python's search for garbage is off while it works on large graphs: it would take ten times as long as micrograd.
"""

from __future__ import annotations

import contextlib
import gc
import math
import sys
from collections.abc import Iterator, Sequence

import numpy as np
from micrograd.engine import Value
from problems import Array, Graph, Layered, flat

_LARGE = 1000  # weights

sys.setrecursionlimit(1_000_000)  # its walk back is recursive


def sigmoid(z: Value) -> Value:
    """Return the sigmoid of a value."""
    out = Value(1.0 / (1.0 + math.exp(-z.data)), (z,), "sigmoid")

    def backward() -> None:
        z.grad += out.data * (1.0 - out.data) * out.grad

    out._backward = backward
    return out


@contextlib.contextmanager
def _no_search(size: int) -> Iterator[None]:
    if size > _LARGE:
        gc.disable()
    try:
        yield
    finally:
        gc.enable()


def mean_square(outputs: Sequence[Value], targets: Sequence[float]) -> Value:
    """Return the mean of squared distances."""
    return sum((a - y) ** 2 for a, y in zip(outputs, targets)) * (1.0 / len(targets))


class Training:
    """Epochs of plain SGD; of a long one only the first batches are done, and the time extrapolated."""

    def __init__(self, problem: Layered, batches: int | None = None) -> None:
        self.problem = problem if batches is None else problem.first(batches)
        self.note = "" if batches is None else f"extrapolated from {len(self.problem.x)} samples"
        self.batches = [(x.tolist(), y.tolist()) for x, y in self.problem.batches]
        self._reset()

    def _reset(self) -> None:
        self.tables = [[[Value(w) for w in row] for row in table.tolist()] for table in self.problem.weights]
        self.neurons = [list(zip(*table)) for table in self.tables]
        self.parameters = [value for table in self.tables for row in table for value in row]

    def run(self, times: int) -> None:
        with _no_search(len(self.parameters)):
            for _ in range(times):
                for x, y in self.batches:
                    self._step(x, y)

    def _step(self, x: list[list[float]], y: list[list[float]]) -> None:
        for parameter in self.parameters:
            parameter.grad = 0
        for sample, target in zip(x, y):
            error = mean_square(self._forward(sample), target) * (1.0 / len(x))
            error.backward()  # adds to what the samples before gave
        for parameter in self.parameters:
            parameter.data -= self.problem.rate * parameter.grad

    def _forward(self, sample: list[float]) -> list[Value]:
        values: list[float] | list[Value] = sample
        for layer in self.neurons:
            values = [sigmoid(sum((w * v for w, v in zip(neuron, values)), neuron[-1])) for neuron in layer]
        return values

    def result(self) -> Array:
        self._reset()
        self.run(self.problem.checked)
        return flat([np.array([[value.data for value in row] for row in table]) for table in self.tables])


class Gradient:
    """Forward and backward of one sample."""

    def __init__(self, problem: Graph) -> None:
        self.problem = problem
        self.weights = [Value(w) for w in problem.weight.tolist()]
        ends = problem.source.tolist(), problem.target.tolist()
        self.feeds: dict[int, list[tuple[Value, int]]] = {}
        for weight, source, target in zip(self.weights, *ends):
            self.feeds.setdefault(target, []).append((weight, source))

    def run(self, times: int) -> None:
        with _no_search(len(self.weights)):
            for _ in range(times):
                self._once()

    def _once(self) -> None:
        for weight in self.weights:
            weight.grad = 0
        values = [Value(x) for x in self.problem.x[0].tolist()]
        for node in range(len(values), int(self.problem.starts[-1])):
            values.append(sigmoid(sum(weight * values[source] for weight, source in self.feeds[node])))
        targets = self.problem.y[0].tolist()
        mean_square(values[-len(targets) :], targets).backward()

    def result(self) -> Array:
        self.run(1)
        return np.array([weight.grad for weight in self.weights])
