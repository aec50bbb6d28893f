"""What a training was asked for: the checked arguments of `Network.fit`, and what its callbacks are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from nodesim.errors import ArgumentError
from nodesim.functions.contracts import Optimizer
from nodesim.simulation.optimizer_state import rate
from nodesim.training.following import Follower, Following
from nodesim.training.history import History
from nodesim.validation import at_least_zero, flag, items, shortened, whole

_PATIENCE = 10


@dataclass(frozen=True)
class Epoch:
    """What a callback is told at the end of an epoch; the network holds the weights of that moment.

    Parameters
    ----------
    network : Network
        The network that is trained.
    number : int
        Which epoch it was, 1 for the first.
    error : float
        The mean error of its samples, each taken just before the update that it caused.
    validation_error : float or None
        The error on the validation data at its end, where there are any.
    history : History
        The record so far, to be read: what is written into it changes no training, and is gone in the end.

    See Also
    --------
    Network.fit : Train, and call callbacks with every epoch.
    Recording, PathRecording : Callbacks that keep weights, and what fed their gradients.

    Examples
    --------
    >>> import nodesim as ns
    >>> def halfway(epoch: ns.Epoch) -> bool:
    ...     return epoch.error < epoch.history.errors[0] / 2
    >>> net = ns.Network.layered([1, 2, 1], seed=0)
    >>> net.fit([[0.0], [1.0]], [1.0, 0.0], epochs=500, callbacks=halfway).epochs < 500
    True
    """

    network: Any
    number: int
    error: float
    validation_error: float | None
    history: History


Callback = Callable[[Epoch], object]


class Plan(NamedTuple):
    """The checked arguments of `Network.fit`, data left out; without a learning rate, one is searched for.

    Of the callbacks, those that follow update by update are the followers.
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
    n_jobs: Any = None
    client: Any = None


def plan(
    *, epochs: Any, learning_rate: Any, optimizer: Optimizer, batch_size: Any, shuffle: bool, stop_at_error: Any,
    patience: Any, tolerance: Any, callbacks: Any, progress: bool | None, n_jobs: Any = None, client: Any = None,
) -> Plan:  # fmt: skip
    """Check the arguments of `Network.fit`.

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
    return Plan(
        whole(epochs, "epochs"), None if learning_rate is None else rate(learning_rate, optimizer), optimizer,
        None if batch_size is None else whole(batch_size, "batch_size"), flag(shuffle, "shuffle"),
        None if stop_at_error is None else at_least_zero(stop_at_error, "stop_at_error"),
        None if patience is None else whole(patience, "patience"),
        0.0 if tolerance is None else at_least_zero(tolerance, "tolerance"),
        tuple(callback for callback in chosen if not isinstance(callback, Following)),
        None if progress is None else flag(progress, "progress"),
        tuple(dict.fromkeys(each.__follower__ for each in chosen if isinstance(each, Following))), n_jobs, client,
    )  # fmt: skip


def _several(callbacks: Any) -> tuple[Any, ...]:
    if type(callbacks) is tuple and not callbacks:
        return ()
    # What is callable is one callback, also if it can be iterated over.
    if callable(callbacks) or not isinstance(callbacks, Iterable):
        return () if callbacks is None else (callbacks,)
    return tuple(items(callbacks, "callbacks", "a callable, or a list of them"))
