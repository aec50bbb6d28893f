"""scikit-learn's MLPRegressor: its own solver, set to plain SGD.

It cannot be made equal: the output of a regressor is linear and its error half a sum of squares. It is checked against
nodesim's on that problem.
"""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
from problems import Array, Layered, flat
from sklearn.neural_network import MLPRegressor

_TILES = 500  # epochs in one call where they are small


class Training:
    """Epochs by `partial_fit`; several small ones are one call on repeated data."""

    note = "linear output, its own loss"

    def __init__(self, problem: Layered) -> None:
        rate = problem.rate * 2.0 / problem.y.shape[1]
        self.problem = replace(problem, output="linear", loss="half_squared_error", rate=rate)
        self.model = MLPRegressor(
            hidden_layer_sizes=problem.sizes[1:-1], activation="logistic", solver="sgd", alpha=0.0,
            batch_size=problem.batch, learning_rate_init=rate, momentum=0.0, nesterovs_momentum=False, shuffle=False,
        )  # fmt: skip
        self.tiles = _TILES if len(problem.x) <= 16 else 1
        self.many = np.tile(problem.x, (self.tiles, 1)), np.tile(problem.y, (self.tiles, 1))
        self._fit(problem.x, problem.y)

    def _fit(self, x: Array, y: Array) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.model.partial_fit(x, y)

    def run(self, times: int) -> None:
        for _ in range(times // self.tiles):
            self._fit(*self.many)
        for _ in range(times % self.tiles):
            self._fit(self.problem.x, self.problem.y)

    def result(self) -> Array:
        for w, b, table in zip(self.model.coefs_, self.model.intercepts_, self.problem.weights):
            w[...], b[...] = table[:-1], table[-1]
        self.run(self.problem.checked)
        return flat([np.vstack([w, b]) for w, b in zip(self.model.coefs_, self.model.intercepts_)])
