"""SciPy: a CSR matrix for each level, forward and backward, products with all samples at once."""

from __future__ import annotations

import numpy as np
from problems import Array, Graph
from scipy.sparse import csr_array

_CHUNK = 1 << 17  # numbers gathered at a time, so that they stay in the cache


class Gradient:
    """Forward by the connections into a level, backward by those out of it, gradients by gathered products."""

    def __init__(self, problem: Graph) -> None:
        self.problem = problem
        self.samples = len(problem.x)
        n, self.levels = int(problem.starts[-1]), problem.levels
        self.inputs, self.targets = np.ascontiguousarray(problem.x.T), np.ascontiguousarray(problem.y.T)
        self.activated, self.delta = np.zeros((n, self.samples)), np.zeros((n, self.samples))
        self.gradient = np.empty(len(problem.source))
        whole = csr_array((problem.weight, (problem.target, problem.source)), shape=(n, n))
        out = csr_array((problem.weight, (problem.source, problem.target)), shape=(n, n))
        self.into = [whole[begin:end] for begin, end in self.levels]
        self.out_of = [out[begin:end] for begin, end in self.levels]
        size = max(1, _CHUNK // self.samples)
        self.chunks = [slice(i, i + size) for i in range(0, len(problem.source), size)]

    def run(self, times: int) -> None:
        for _ in range(times):
            self._forward()
            self._backward()

    def _forward(self) -> None:
        activated = self.activated
        for (begin, end), matrix in zip(self.levels, self.into):
            if begin == 0:
                activated[:end] = self.inputs
                continue
            z = matrix @ activated
            np.negative(z, out=z)
            np.exp(z, out=z)
            z += 1.0
            np.reciprocal(z, out=activated[begin:end])

    def _backward(self) -> None:
        activated, delta = self.activated, self.delta
        for level in range(len(self.levels) - 1, 0, -1):
            begin, end = self.levels[level]
            a = activated[begin:end]
            d = 2.0 / self.targets.size * (a - self.targets) if end == len(delta) else self.out_of[level] @ delta
            d *= a
            np.multiply(d, 1.0 - a, out=delta[begin:end])
        source, target = self.problem.source, self.problem.target
        for chunk in self.chunks:
            gathered = activated[source[chunk]], delta[target[chunk]]
            self.gradient[chunk] = np.einsum("ij,ij->i", *gathered)

    def result(self) -> Array:
        self.run(1)
        return self.gradient.copy()
