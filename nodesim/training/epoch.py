"""What callbacks are told at the end of an epoch, and what they may ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError, dataclass, field
from typing import Any

from nodesim.training.history import History
from nodesim.validation import at_least_zero


@dataclass
class Epoch:
    """What a callback is told at the end of an epoch; the network holds the weights of that moment.

    Of all that it says a callback may set the learning rate, for the epochs to come.

    Parameters
    ----------
    network : Network
        The network that is trained.
    number : int
        Which epoch of this call it was, 1 for the first; a schedule counts those before it, too, where it resumes.
    error : float
        The mean error of its samples, each taken just before the update that it caused.
    validation_error : float or None
        The error on the validation data at its end, where there are any.
    history : History
        The record so far, to be read: what is written into it changes no training, and is gone in the end.
    learning_rate : float
        The η that comes next. Set, it counts from the next update on, in the place of a schedule; a search goes on
        from it.
    options : mapping
        What `Network.backward` is to be given beside y to show the gradients of this training: the regularizers and the
        limit of their length.

    Raises
    ------
    ArgumentError
        When a learning rate is set that is negative or no finite number.
    AttributeError
        When anything else is set.

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
    >>> def slower(epoch: ns.Epoch) -> None:
    ...     epoch.learning_rate *= 0.5
    >>> net.fit([[0.0], [1.0]], [1.0, 0.0], epochs=3, learning_rate=0.4, callbacks=slower).learning_rates
    [0.4, 0.2, 0.1]

    Half the rate on a plateau, where ten epochs have not lowered the error:

    >>> def plateau(epoch: ns.Epoch) -> None:
    ...     errors = epoch.history.errors  # or validation_errors
    ...     if epoch.number % 10 == 0 and errors[-1] >= errors[-10]:
    ...         epoch.learning_rate *= 0.5
    >>> net.loss = "mae"
    >>> history = net.fit([[0.0], [1.0]], [1.0, 0.0], epochs=100, learning_rate=0.4, callbacks=plateau)
    >>> history.learning_rates[-1] < 0.4, history.errors[-1] < 0.1
    (True, True)
    """

    network: Any
    number: int
    error: float
    validation_error: float | None
    history: History
    learning_rate: float = 0.0
    options: Mapping[str, Any] = field(default_factory=dict)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "learning_rate":
            value = at_least_zero(value, "the learning rate")
            # The first time is when the epoch is made.
            super().__setattr__("_is_chosen", name in vars(self))
        elif name in vars(self) or name not in self.__dataclass_fields__:
            # Whoever sets `lr`, as elsewhere, is to know that it would change nothing.
            raise FrozenInstanceError(f"of an epoch only learning_rate can be set, not {name}.")
        super().__setattr__(name, value)


def chosen_rate(epoch: Epoch) -> float | None:
    """Return the learning rate that callbacks have set, also where it was the same before; None if they set none.

    Examples
    --------
    >>> epoch = Epoch(None, 1, 0.5, None, History(), 0.1)
    >>> chosen_rate(epoch)
    >>> epoch.learning_rate = 0.1
    >>> chosen_rate(epoch)
    0.1
    """
    return epoch.learning_rate if vars(epoch)["_is_chosen"] else None


Callback = Callable[[Epoch], object]
