"""Runs whose numbers stand as kernels left them."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from nodesim._arrays import Array
from nodesim.engines.native.blocks import from_blocks
from nodesim.engines.native.memory_layout import MemoryLayout
from nodesim.graph.run import OutputGradient, Run


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

    def for_backward(self) -> NativeRun:
        """Return a run that shares value and activated."""
        twin = NativeRun(
            self.n_rows, self.n_samples, single=self.single, version=self.version, threads=self.threads,
            dtype=self.dtype,
        )  # fmt: skip
        twin.layout = self.layout
        for kept, given in ((twin.tables, self.tables), (twin.numbers, self.numbers)):
            kept.update({what: given[what] for what in ("value", "activated") if what in given})
        return twin


class Sizes(Protocol):
    """What a `SampleRun` has to know of what ran it."""

    layout: MemoryLayout
    n_rows: int
    n_positions: int
    n_outputs: int


class SampleRun(NativeRun):
    """The run of one sample, made for being made quickly: everything else is made of two arrays when it is asked for.

    Parameters
    ----------
    sizes : Sizes
    flat : ndarray of shape (2 · n_positions,)
        z and a of all positions.
    version : int
        The store's.

    Attributes
    ----------
    found : ndarray or None
        d of all positions, the error, where it enters the outputs, and the targets; None before backward.
    by_sums : bool
        Whether the error enters at the sums of the outputs.
    """

    __slots__ = ("by_sums", "flat", "found", "sizes")

    n_samples, single, threads, dtype = 1, True, 1, np.float64
    shares = clip = None
    penalties = ()

    def __init__(self, sizes: Sizes, flat: Array, version: int) -> None:
        self.sizes, self.flat, self.version = sizes, flat, version
        self.layout, self.n_rows, self.tables = sizes.layout, sizes.n_rows, {}
        self.found: Array | None = None
        self.loss, self.by_sums = None, False

    @property
    def numbers(self) -> dict[str, Array]:  # type: ignore[override]
        """What there is of z, a and d."""
        n, found = self.sizes.n_positions, self.found
        forward = {"value": self.flat[:n], "activated": self.flat[n:]}
        return forward if found is None else {**forward, "delta": found[:n]}

    @property
    def errors(self) -> Array | None:  # type: ignore[override]
        """The error."""
        return self._part(0, 1)

    @property
    def targets(self) -> Array | None:  # type: ignore[override]
        """The desired outputs."""
        part = self._part(1 + self.sizes.n_outputs, self.sizes.n_outputs)
        return None if part is None else part[:, None]

    @property
    def output_gradient(self) -> OutputGradient | None:  # type: ignore[override]
        """Where the error enters the outputs."""
        part = self._part(1, self.sizes.n_outputs)
        return None if part is None else OutputGradient(part[:, None], of_sums=self.by_sums)

    def _part(self, begin: int, count: int) -> Array | None:
        first = self.sizes.n_positions + begin
        return None if self.found is None else self.found[first : first + count]
