"""torch for layered networks: plain eager code and its autograd."""

from __future__ import annotations

import numpy as np
import torch
from problems import Array, Layered, flat
from torch.nn import functional

torch.set_num_threads(1)


class Training:
    """Epochs of plain SGD."""

    def __init__(self, problem: Layered) -> None:
        self.problem = problem
        self.batches = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in problem.batches]
        self._reset()

    def _reset(self) -> None:
        self.layers = [
            (torch.tensor(table[:-1].T.copy(), requires_grad=True), torch.tensor(table[-1], requires_grad=True))
            for table in self.problem.weights
        ]
        self.parameters = [parameter for layer in self.layers for parameter in layer]

    def run(self, times: int) -> None:
        for _ in range(times):
            for x, y in self.batches:
                self._step(x, y)

    def _step(self, x: torch.Tensor, y: torch.Tensor) -> None:
        for w, b in self.layers:
            x = torch.sigmoid(functional.linear(x, w, b))
        gradients = torch.autograd.grad(functional.mse_loss(x, y), self.parameters)
        with torch.no_grad():
            for parameter, gradient in zip(self.parameters, gradients):
                parameter.sub_(gradient, alpha=self.problem.rate)

    def result(self) -> Array:
        self._reset()
        self.run(self.problem.checked)
        return flat([np.vstack([w.detach().numpy().T, b.detach().numpy()]) for w, b in self.layers])
