"""The numbers of one calculation: forward and, afterwards, backward."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Self

import numpy as np

from nodesim._arrays import Array
from nodesim.functions.contracts import Loss
from nodesim.functions.regularizer import Regularizer


class Penalty(NamedTuple):
    """What a regularizer adds to e.

    Attributes
    ----------
    label : str
        Its name.
    total : float
        The sum of the penalties of all weights.
    gradients : ndarray of shape (n_slots,)
        The derivative of this sum by each weight.
    regularizer : Regularizer
    """

    label: str
    total: float
    gradients: Array
    regularizer: Regularizer


def error_of(errors: Array, shares: Array | None = None, penalties: Iterable[Penalty] = ()) -> float:
    """Return e: the mean of the samples' errors, by their shares, and penalties; finite errors have a finite mean.

    Examples
    --------
    >>> error_of(np.array([1.0, 3.0])), error_of(np.array([1.0, 3.0]), np.array([0.5, 1.5]))
    (2.0, 2.5)
    """
    counted = errors if shares is None else errors * shares
    of_samples = float((counted / len(counted)).sum()) if len(counted) > 1 else float(counted[0])
    return sum((each.total for each in penalties), of_samples)


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
        Where each sample's own error enters the outputs; None before backward.
    shares : ndarray of shape (n_samples,) or None
        By what each sample's error counts in the mean, where samples have weights: n·w / Σw.
    penalties : tuple of Penalty
        What e has beside the mean of the errors; none before backward.
    clip : float or None
        By what all derivatives of e were multiplied, where their length is limited: 1 if it was short enough.
    """

    __slots__ = (
        "clip",
        "dtype",
        "errors",
        "loss",
        "n_rows",
        "n_samples",
        "output_gradient",
        "penalties",
        "shares",
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
        self.shares: Array | None = None
        self.penalties: tuple[Penalty, ...] = ()
        self.clip: float | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickled, a run is its tables, whatever memory an engine calculated them in.
        shown = ("value", "activated") if self.errors is None else ("value", "activated", "delta")
        tables = {what: self.table(what) for what in (*shown, *(("mask",) if self.mask is not None else ()))}
        kept = {name: getattr(self, name) for name in Run.__slots__}
        return _kept_run, ({**kept, "tables": tables},)

    def begin(self, *, single: bool, version: int) -> None:
        """Forget what an earlier calculation left: another one goes into the same room."""
        self.single, self.version = single, version
        self.errors = self.targets = self.loss = self.output_gradient = None
        self.shares = self.clip = None
        self.penalties = ()

    @property
    def mask(self) -> Array | None:
        """By what HA of every node was multiplied, where nodes were dropped: 0, or 1 / (1 - p)."""
        return self.tables.get("mask")

    @mask.setter
    def mask(self, mask: Array | None) -> None:
        self.tables.pop("mask", None)
        if mask is not None:
            self.tables["mask"] = mask

    @property
    def error(self) -> float:
        """The error e of a run that went backward: the mean over the samples, by their weights, and the penalties."""
        assert self.errors is not None
        return error_of(self.errors, self.shares, self.penalties)

    @property
    def factors(self) -> Array | float:
        """By what the derivatives of each sample's own error were multiplied: its share, and the clipping."""
        return (1.0 if self.shares is None else self.shares) * (1.0 if self.clip is None else self.clip)

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
        """Return "value", "activated", "delta" or "mask" as a table; engines make it of memory of their own."""
        if what == "mask" and what not in self.tables:
            return np.ones((self.n_rows, self.n_samples), dtype=self.dtype)
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
        twin.mask = self.mask
        return twin


def _kept_run(kept: dict[str, Any]) -> Run:
    run = Run(kept["n_rows"], kept["n_samples"])
    for name, value in kept.items():
        setattr(run, name, value)
    return run
