"""The numbers of one calculation: forward and, afterwards, backward."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from nodesim._arrays import Array
from nodesim.functions.contracts import Loss


class OutputGradient:
    """The derivative of each sample's error where it enters the network.

    Attributes
    ----------
    gradient : ndarray of shape (n_outputs, n_samples)
        ∂e/∂OA of every output, or ∂e/∂O where `of_sums`.
    of_sums : bool
        Whether the loss is differentiated by the weighted sums O directly (see `Loss.sum_derivative`).
    """

    __slots__ = ("gradient", "of_sums")

    def __init__(self, gradient: Array, *, of_sums: bool) -> None:
        self.gradient = gradient
        self.of_sums = of_sums


class Run:
    """The numbers of one forward pass and, afterwards, of its backward pass.

    Attributes
    ----------
    n_rows, n_samples : int
    threads : int
        How many may calculate, for engines that can make use of them.
    tables : dict of str to ndarray of shape (n_rows, n_samples)
        "value", "activated" and "delta": H and HA of every node and sample, and ∂e/∂H of each sample's own error.
    single : bool
        Whether the caller gave one sample as a vector, and gets numbers instead of vectors.
    version : int
        `Store.version` when it ran; another version means that these numbers are out of date.
    errors : ndarray of shape (n_samples,) or None
        The error of each sample; None before backward.
    targets : ndarray of shape (n_outputs, n_samples) or None
        The desired outputs; None before backward.
    loss : Loss or None
        What the errors were calculated by; None before backward.
    output_gradient : OutputGradient or None
        Where the error enters the outputs; None before backward.
    """

    __slots__ = (
        "dtype",
        "errors",
        "loss",
        "n_rows",
        "n_samples",
        "output_gradient",
        "single",
        "tables",
        "targets",
        "threads",
        "version",
    )  # fmt: skip

    def __init__(
        self, n_rows: int, n_samples: int, single: bool = False, version: int = -1, threads: int = 1,
        dtype: Any = np.float64,
    ) -> None:  # fmt: skip
        self.dtype = dtype
        self.threads = threads
        self.n_rows = n_rows
        self.n_samples = n_samples
        self.single = single
        self.version = version
        self.tables: dict[str, Array] = {}
        self.errors: Array | None = None
        self.targets: Array | None = None
        self.output_gradient: OutputGradient | None = None
        self.loss: Loss | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickled, a run is its tables, whatever memory an engine calculated them in.
        run = ("value", "activated") if self.errors is None else ("value", "activated", "delta")
        tables = {what: self.table(what) for what in run}
        kept = {name: getattr(self, name) for name in Run.__slots__}
        return _kept_run, ({**kept, "tables": tables},)

    def begin(self, *, single: bool, version: int) -> None:
        """Forget what an earlier calculation left: another one goes into the same room."""
        self.single, self.version = single, version
        self.errors = self.targets = self.loss = self.output_gradient = None

    @property
    def value(self) -> Array:
        """H of every node and sample."""
        return self.table("value")

    @property
    def activated(self) -> Array:
        """HA of every node and sample."""
        return self.table("activated")

    @property
    def delta(self) -> Array:
        """∂e/∂H of every node and sample."""
        return self.table("delta")

    def table(self, what: str) -> Array:
        """Return "value", "activated" or "delta" as a table; engines with memory of their own make it of that."""
        if what not in self.tables:
            self.tables[what] = np.zeros((self.n_rows, self.n_samples), dtype=self.dtype)
        return self.tables[what]

    def rows(self, what: str, rows: Any) -> Array:
        """Return some rows of a table, or one."""
        found: Array = self.table(what)[rows]
        return found

    def for_backward(self) -> Self:
        """Return a run that shares value and activated, and has room of its own for what backward sets."""
        twin = type(self)(
            self.n_rows, self.n_samples, single=self.single, version=self.version, threads=self.threads,
            dtype=self.dtype,
        )  # fmt: skip
        twin.tables = {name: self.table(name) for name in ("value", "activated")}
        return twin


def _kept_run(kept: dict[str, Any]) -> Run:
    run = Run(kept["n_rows"], kept["n_samples"])
    for name, value in kept.items():
        setattr(run, name, value)
    return run
