"""JAX with all weights in one array and the batches of an epoch written out: less usual, faster for tiny networks."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from problems import Array, flat

from peers.with_jax import Scan, Tables, error_of


class FlatScan(Scan):
    """As `Scan`, with one array instead of two for each layer: an optimizer's step is calculated once, not for each."""

    unrolled = 4

    def _reset(self) -> None:
        self.tables = jnp.asarray(flat(self.problem.weights))

    def _error(self, weights: Any, x: Any, y: Any) -> Any:
        return error_of(self._cut(weights), x, y)

    def _cut(self, weights: Any) -> Tables:
        tables, first = [], 0
        for table in self.problem.weights:
            whole = weights[first : first + table.size].reshape(table.shape)
            tables.append((whole[:-1], whole[-1]))
            first += table.size
        return tables

    def result(self) -> Array:
        self._reset()
        self.run(self.problem.checked)
        return np.asarray(self.tables)
