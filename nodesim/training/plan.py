"""What a training was asked for: the checked arguments of `Network.fit`, data left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from nodesim.errors import ArgumentError
from nodesim.functions.contracts import Optimizer
from nodesim.functions.schedule import LearningRateSchedule
from nodesim.plugins import lookup
from nodesim.simulation.optimizer_state import rate
from nodesim.simulation.terms import NONE, Terms, terms
from nodesim.training.epoch import Callback
from nodesim.training.following import Follower, Following
from nodesim.validation import at_least_zero, finite, flag, items, shortened, whole

_PATIENCE = 10


class Plan(NamedTuple):
    """The checked arguments of `Network.fit`, data left out; without a learning rate, one is searched for.

    Of the callbacks, those that follow update by update are the followers. A learning rate that changes is a schedule.
    """

    epochs: int
    learning_rate: float | None
    optimizer: Optimizer
    batch_size: int | None
    shuffle: bool
    stop_at_error: float | None
    patience: int | None
    tolerance: float
    callbacks: tuple[Callback, ...]
    progress: bool | None
    followers: tuple[Follower, ...]
    schedule: LearningRateSchedule | None = None
    terms: Terms = NONE
    dropout: Any = None
    validation_split: float | None = None
    resume: bool = False
    n_jobs: Any = None
    client: Any = None

    @property
    def is_sharded(self) -> bool:
        """Whether batches are calculated in shards."""
        return self.n_jobs is not None or self.client is not None

    @property
    def asked_rate(self) -> str:
        """The learning rate or schedule that was asked for, as text: whoever resumes asks for the same."""
        return str(self.learning_rate if self.schedule is None else self.schedule)

    @property
    def searches(self) -> bool:
        """Whether a learning rate is searched for."""
        return self.learning_rate is None and self.schedule is None


def plan(
    *, epochs: Any, learning_rate: Any, optimizer: Optimizer, batch_size: Any, shuffle: bool, stop_at_error: Any,
    patience: Any, tolerance: Any, callbacks: Any, progress: bool | None, dropout: Any = None,
    validation_split: Any = None, resume: bool = False, n_jobs: Any = None, client: Any = None, **penalties: Any,
) -> Plan:  # fmt: skip
    """Check the arguments of `Network.fit`; `penalties` are those of `nodesim.simulation.terms.terms`.

    Raises
    ------
    ArgumentError
        Naming the argument, what came, and what is allowed.
    """
    if patience is None and tolerance is not None:
        patience = _PATIENCE
    chosen = _several(callbacks)
    for callback in chosen:
        if not callable(callback):
            raise ArgumentError(f"callbacks must be callables that take an epoch, got {shortened(callback)}.")
    changes = isinstance(learning_rate, str | LearningRateSchedule) or callable(learning_rate)
    if isinstance(learning_rate, list | tuple):
        raise ArgumentError(
            "learning_rate must be a number, or what gives one for each epoch: a schedule, or a callable such as "
            f"lambda epoch: rates[epoch - 1]; got {shortened(learning_rate)}."
        )
    return Plan(
        whole(epochs, "epochs"), None if changes or learning_rate is None else rate(learning_rate, optimizer),
        optimizer,
        None if batch_size is None else whole(batch_size, "batch_size"), flag(shuffle, "shuffle"),
        None if stop_at_error is None else at_least_zero(stop_at_error, "stop_at_error"),
        None if patience is None else whole(patience, "patience"),
        0.0 if tolerance is None else at_least_zero(tolerance, "tolerance"),
        tuple(callback for callback in chosen if not isinstance(callback, Following)),
        None if progress is None else flag(progress, "progress"),
        tuple(dict.fromkeys(each.__follower__ for each in chosen if isinstance(each, Following))),
        lookup.schedule(learning_rate) if changes else None, terms(**penalties) if penalties else NONE,
        dropout, None if validation_split is None else _fraction(validation_split), flag(resume, "resume"),
        n_jobs, client,
    )  # fmt: skip


def _fraction(value: Any) -> float:
    fraction = finite(value, "validation_split")
    if not 0.0 < fraction < 1.0:
        raise ArgumentError(f"validation_split must be above 0 and below 1, got {shortened(value)}.")
    return fraction


def _several(callbacks: Any) -> tuple[Any, ...]:
    if type(callbacks) is tuple and not callbacks:
        return ()
    # What is callable is one callback, also if it can be iterated over.
    if callable(callbacks) or not isinstance(callbacks, Iterable):
        return () if callbacks is None else (callbacks,)
    return tuple(items(callbacks, "callbacks", "a callable, or a list of them"))
