"""torch for graphs: eager code with a sparse CSR matrix for each level, once by autograd and once without it."""

from __future__ import annotations

import warnings

import numpy as np
import torch
from problems import Array, Graph, Indices
from torch.nn import functional

torch.set_num_threads(1)
warnings.filterwarnings("ignore", message="Sparse (CSR tensor support|invariant checks)")


def _csr(keys: Indices, columns: Indices, values: Array, begin: int, end: int, width: int) -> torch.Tensor:
    """Return the rows `begin` to `end` of a matrix; keys, its row numbers, are sorted."""
    first, last = np.searchsorted(keys, [begin, end])
    rows = np.searchsorted(keys[first:last], np.arange(begin, end + 1))
    parts = (torch.tensor(part) for part in (rows, columns[first:last], values[first:last]))
    return torch.sparse_csr_tensor(*parts, (end - begin, width))


class Autograd:
    """Each level reads the levels before it, put together; leaves are the CSR matrices."""

    def __init__(self, problem: Graph) -> None:
        self.problem = problem
        self.x, self.y = torch.tensor(problem.x.T.copy()), torch.tensor(problem.y.T.copy())
        self.matrices, self.firsts = [], []
        for number, (begin, end) in enumerate(problem.levels[1:], 1):
            # The first level that is read: of successive layers only the one before.
            source = problem.source[problem.incoming(begin, end)]
            first = int(np.searchsorted(problem.starts, source.min(), side="right")) - 1
            offset = int(problem.starts[first])
            matrix = _csr(problem.target, problem.source - offset, problem.weight, begin, end, begin - offset)
            self.matrices.append(matrix.requires_grad_())
            self.firsts.append((first, number))

    def run(self, times: int) -> None:
        for _ in range(times):
            activated = [self.x]
            for matrix, (first, last) in zip(self.matrices, self.firsts):
                before = activated[first] if last - first == 1 else torch.cat(activated[first:last])
                activated.append(torch.sigmoid(torch.sparse.mm(matrix, before)))
            self.gradients = torch.autograd.grad(functional.mse_loss(activated[-1], self.y), self.matrices)

    def result(self) -> Array:
        self.run(1)
        return np.concatenate([gradient.values().numpy() for gradient in self.gradients])


class Gradient:
    """Forward by the connections into a level, backward by those out of it, gradients by sampled_addmm."""

    note = "backward written by hand"

    def __init__(self, problem: Graph) -> None:
        self.problem = problem
        n, self.levels = int(problem.starts[-1]), problem.levels
        self.x, self.y = torch.tensor(problem.x.T.copy()), torch.tensor(problem.y.T.copy())
        into = problem.target, problem.source, problem.weight
        order = np.argsort(problem.source, kind="stable")
        out = problem.source[order], problem.target[order], problem.weight[order]
        self.into = [_csr(*into, begin, end, n) for begin, end in self.levels]
        self.out_of = [_csr(*out, begin, end, n) for begin, end in self.levels]
        self.zeros = [_csr(*into[:2], np.zeros(len(order)), begin, end, n) for begin, end in self.levels]
        self.activated = torch.zeros(n, len(problem.x), dtype=torch.float64)
        self.delta = torch.zeros_like(self.activated)

    @torch.no_grad()
    def run(self, times: int) -> None:
        activated, delta, levels = self.activated, self.delta, self.levels
        for _ in range(times):
            activated[: len(self.x)] = self.x
            for (begin, end), matrix in zip(levels[1:], self.into[1:]):
                torch.sigmoid(matrix @ activated, out=activated[begin:end])
            self.error = functional.mse_loss(activated[levels[-1][0] :], self.y)
            gradients = []
            for level in range(len(levels) - 1, 0, -1):
                begin, end = levels[level]
                a = activated[begin:end]
                d = 2.0 / self.y.numel() * (a - self.y) if end == len(delta) else self.out_of[level] @ delta
                torch.mul(d, a * (1.0 - a), out=delta[begin:end])
                products = torch.sparse.sampled_addmm(self.zeros[level], delta[begin:end], activated.T, beta=0.0)
                gradients.append(products.values())
            self.gradient = torch.cat(gradients[::-1])

    def result(self) -> Array:
        self.run(1)
        return self.gradient.numpy()
