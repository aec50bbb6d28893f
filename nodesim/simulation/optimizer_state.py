"""One step of an optimizer over the trainable connections, and the state that it carries along."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, read_only
from nodesim.errors import FunctionError, NodesimError, NonFiniteError
from nodesim.functions.contracts import Optimizer, State
from nodesim.functions.guard import complaint
from nodesim.functions.interruptions import is_interruption
from nodesim.graph.sharing import Shared
from nodesim.validation import at_least_zero, shortened


class OptimizerState:
    """An optimizer at work on a number of weights.

    Parameters
    ----------
    optimizer : Optimizer
    weights : ndarray of shape (n,)
        The first weights.
    learning_rate : float
        The first learning rate.
    name_of : callable
        Names the weight of a slot, for messages.
    """

    def __init__(
        self, optimizer: Optimizer, weights: Array, learning_rate: float, name_of: Callable[[int], str] = str
    ) -> None:
        self.optimizer = optimizer
        self.name_of = name_of
        self.size = len(weights)
        self.state: State = {}
        if optimizer.start is not None:
            self.state = self._call("start", optimizer.start, weights.copy(), learning_rate)
            self._check_state(self.state, "start", (self.size,))

    def moved(self, move: Callable[[Array], Array]) -> OptimizerState:
        """Return this state for weights that stand in another order.

        Parameters
        ----------
        move : callable
            Brings one number for each weight into that order.
        """
        twin = copy.copy(self)
        twin.state = {key: move(value) if _is_one_each(value) else value for key, value in self.state.items()}
        return twin

    def step(
        self, weights: Array, gradients: Array, trainable: NDArray[np.bool_], learning_rate: float,
        shared: Shared | None = None,
    ) -> tuple[Array, State]:  # fmt: skip
        """Return the next weights and state; nothing is changed, assign `state` when both are used.

        Parameters
        ----------
        weights, gradients : ndarray of shape (n,)
        trainable : ndarray of bool, shape (n,)
            Frozen weights are not shown to the optimizer.
        learning_rate : float
        shared : Shared, optional
            Which weights are one: of these the optimizer sees one, with the sum of the gradients.

        Raises
        ------
        FunctionError
            If the optimizer raises or returns something of a wrong shape.
        NonFiniteError
            If a weight would not be finite.
        """
        if shared is not None:
            gradients, trainable = shared.summed(gradients), shared.once(trainable)
        chosen: Any = slice(None) if trainable.all() else np.flatnonzero(trainable)
        part = {key: read_only(_part(value, chosen)) for key, value in self.state.items()}
        given = read_only(weights[chosen]), read_only(gradients[chosen])
        new, state = self._unpacked(
            self._call("step", self.optimizer.step, *given, part, learning_rate), given[0].shape
        )
        merged = {key: _merged(self.state.get(key), value, chosen, self.size) for key, value in state.items()}
        following = weights.copy()
        with np.errstate(over="ignore"):
            # It may come in a wider number type.
            following[chosen] = new
        if shared is not None:
            shared.level(following)
        bad = np.flatnonzero(~np.isfinite(following))
        if len(bad):
            raise NonFiniteError(f"{self.optimizer.label} would make {self.name_of(bad[0])} {following[bad[0]]}.")
        return following, merged

    def _call(self, what: str, call: Any, *arguments: Any) -> Any:
        try:
            with np.errstate(all="ignore"):
                return call(*arguments)
        except NodesimError:
            raise
        except Exception as error:
            if is_interruption(error):
                raise
            raise FunctionError(f"{self.optimizer.label}: {what} {complaint(error)}") from error

    def _unpacked(self, result: Any, shape: tuple[int, ...]) -> tuple[Array, State]:
        if not (isinstance(result, tuple) and len(result) == 2):
            raise FunctionError(f"{self.optimizer.label}: step must return (weights, state), got {shortened(result)}.")
        self._check_state(result[1], "step", shape)
        new = np.asarray(result[0])
        if new.shape != shape or new.dtype.kind != "f":
            raise FunctionError(
                f"{self.optimizer.label}: step returned weights of shape {new.shape} and type {new.dtype}, "
                f"expected {shape} and float64."
            )
        return new, result[1]

    def _check_state(self, state: Any, what: str, shape: tuple[int, ...]) -> None:
        if not isinstance(state, Mapping):
            raise FunctionError(f"{self.optimizer.label}: the state of {what} must be a dict, got {shortened(state)}.")
        for key, value in state.items():
            if _is_one_each(value) and value.shape != shape:
                found = f"{value.shape}, expected {shape}"
                raise FunctionError(
                    f"{self.optimizer.label}: {what} returned the state {shortened(key)} of shape {found}."
                )


def rate(learning_rate: Any, optimizer: Optimizer) -> float:
    """Return the learning rate to use: the one given, checked, or the optimizer's own.

    Raises
    ------
    ArgumentError
        If it is negative or not a finite number.
    """
    if learning_rate is None:
        return optimizer.learning_rate
    return at_least_zero(learning_rate, "the learning rate")


def _is_one_each(value: Any) -> bool:
    """Tell whether a part of a state is an array, which has one number for each weight."""
    return isinstance(value, np.ndarray) and value.ndim > 0


def _part(value: Any, chosen: Any) -> Any:
    return value[chosen] if _is_one_each(value) else value


def _merged(old: Any, value: Any, chosen: Any, size: int) -> Any:
    if not _is_one_each(value):
        return value
    whole = old.copy() if isinstance(old, np.ndarray) else np.zeros(size, value.dtype)
    whole[chosen] = value
    return whole
