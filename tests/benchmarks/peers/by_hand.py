"""NumPy by hand: matrix products into arrays that are there already."""

from __future__ import annotations

import numpy as np
from problems import Array, Layered, flat


class Training:
    """Epochs of plain SGD; errors are calculated too, as `fit` does."""

    def __init__(self, problem: Layered) -> None:
        self.problem = problem
        self.batches = problem.batches
        self.sums = [np.empty((problem.batch, n)) for n in problem.sizes]
        self.deltas = [np.empty((problem.batch, n)) for n in problem.sizes]
        self.changes = [np.empty((n, m)) for n, m in zip(problem.sizes, problem.sizes[1:])]
        self.error = 0.0
        self._reset()

    def _reset(self) -> None:
        self.weights = [table[:-1].copy() for table in self.problem.weights]
        self.biases = [table[-1].copy() for table in self.problem.weights]

    def run(self, times: int) -> None:
        for _ in range(times):
            self.error = 0.0
            for x, y in self.batches:
                self._step(x, y)

    def _step(self, x: Array, y: Array) -> None:
        outs = [x, *self.sums[1:]]
        for before, out, w, b in zip(outs, outs[1:], self.weights, self.biases):
            np.matmul(before, w, out=out)
            out += b
            np.negative(out, out=out)
            np.exp(out, out=out)
            out += 1.0
            np.reciprocal(out, out=out)
        delta = np.subtract(outs[-1], y, out=self.deltas[-1])
        self.error += np.vdot(delta, delta)
        delta *= 2.0 * self.problem.rate / y.size
        for layer in range(len(self.weights) - 1, -1, -1):
            delta *= outs[layer + 1]
            delta *= 1.0 - outs[layer + 1]
            np.matmul(outs[layer].T, delta, out=self.changes[layer])
            change = delta.sum(axis=0)
            if layer:
                delta = np.matmul(delta, self.weights[layer].T, out=self.deltas[layer])
            self.weights[layer] -= self.changes[layer]
            self.biases[layer] -= change

    def result(self) -> Array:
        self._reset()
        self.run(self.problem.checked)
        return flat([np.vstack([w, b]) for w, b in zip(self.weights, self.biases)])
