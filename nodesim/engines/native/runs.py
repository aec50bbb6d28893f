"""Runs whose numbers stand as kernels left them."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from nodesim._arrays import Array
from nodesim.engines.native.blocks import from_blocks
from nodesim.engines.native.memory_layout import MemoryLayout
from nodesim.graph.run import Run


class NativeRun(Run):
    """A run whose numbers stand in blocks, as kernels left them; tables are made when they are asked for.

    Attributes
    ----------
    layout : MemoryLayout or None
    numbers : dict of str to ndarray
        "value", "activated" and "delta" of all positions, of shape (n_positions,) for one sample, else (n_blocks,
        n_positions, LANES).
    """

    __slots__ = ("layout", "numbers")

    def __init__(
        self, n_rows: int, n_samples: int, single: bool = False, version: int = -1, threads: int = 1,
        dtype: Any = np.float64,
    ) -> None:  # fmt: skip
        super().__init__(n_rows, n_samples, single, version, threads, dtype)
        self.layout: MemoryLayout | None = None
        self.numbers: dict[str, Array] = {}

    def table(self, what: str) -> Array:
        """Return "value", "activated" or "delta" as a table."""
        if what not in self.tables and what in self.numbers:
            self.tables[what] = self.rows(what, slice(None))
        return super().table(what)

    def rows(self, what: str, rows: Any) -> Array:
        """Return some rows, or one, without making the whole table."""
        if what in self.tables or what not in self.numbers:
            return super().rows(what, rows)
        assert self.layout is not None
        numbers, positions = self.numbers[what], self.layout.position_of[rows]
        if numbers.ndim == 1:
            return np.array(numbers[positions])[..., None]
        if positions.ndim == 0:
            return np.ascontiguousarray(numbers[:, positions, :].ravel()[: self.n_samples])
        return from_blocks(numbers, positions, self.n_samples)

    def for_backward(self) -> Self:
        """Return a run that shares value and activated."""
        twin = type(self)(
            self.n_rows, self.n_samples, single=self.single, version=self.version, threads=self.threads,
            dtype=self.dtype,
        )  # fmt: skip
        twin.layout = self.layout
        for kept, given in ((twin.tables, self.tables), (twin.numbers, self.numbers)):
            kept.update({what: given[what] for what in ("value", "activated") if what in given})
        return twin
