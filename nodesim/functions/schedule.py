"""The contract of a learning rate that changes from epoch to epoch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from nodesim.errors import ArgumentError, FunctionError
from nodesim.functions.function import Function
from nodesim.functions.guard import called
from nodesim.validation import at_least_zero, shortened, whole


@dataclass(frozen=True, eq=False, repr=False)
class LearningRateSchedule(Function):
    """The learning rate of each epoch, from nothing but the number of the epoch.

    Parameters
    ----------
    name : str
        The name under which it is used.
    function : callable
        ``function(epoch)`` takes the number of an epoch, 1 for the first, and returns its learning rate: a finite
        number, 0 or more.
    parameters : mapping of str to float
        Passed to `function` as keyword arguments; `with_parameters` sets other values.
    aliases : tuple of str
        Other names under which it is found.
    description : str
        One line for `nodesim plugins`.
    origin : str
        The plugin that it comes from; filled in when a plugin is registered.

    Raises
    ------
    FunctionError
        For a missing name or function, aliases that are no tuple of names, or a parameter that is not a finite number.

    See Also
    --------
    nodesim.schedule : Look one up by name.
    nodesim.register : Make it known by name.
    nodesim.checks.check_schedule : Look for mistakes in it.
    Optimizer : What takes the learning rate.

    Notes
    -----
    The number of the epoch says it all, and nothing is kept from one to the next: a training that is gone on with,
    and one that is made again, see the same rates.

    Examples
    --------
    >>> import nodesim as ns
    >>> halved = ns.LearningRateSchedule("halved", lambda t, rate: rate / 2 ** (t - 1), parameters={"rate": 0.8})
    >>> halved.rate(1), halved.rate(3)
    (0.8, 0.2)
    """

    kind: ClassVar[str] = "schedule"

    function: Callable[..., float] = field(default=None)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise FunctionError(f"{self._who} needs function(epoch), got {shortened(self.function)}.")
        super().__post_init__()

    def rate(self, epoch: int) -> float:
        """Return the learning rate of an epoch.

        Parameters
        ----------
        epoch : int
            Its number, 1 for the first.

        Returns
        -------
        float
            Finite, 0 or more.

        Raises
        ------
        FunctionError
            If the function raises, or returns something else than a finite number, 0 or more; the message names the
            schedule and the epoch.
        ArgumentError
            If the epoch is no whole number from 1 on.

        See Also
        --------
        Network.fit : Train so many epochs.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.schedule("step", rate=0.5, every=10, factor=0.5).rate(11)
        0.25
        """
        number = whole(epoch, "epoch")
        with np.errstate(all="ignore"):
            found = called(self.function, (number,), None, lambda: f"{self.label} at epoch {number}")
        given = found if found.ndim else found.item()
        try:
            return at_least_zero(given, f"{self.label}: the learning rate of epoch {number}")
        except ArgumentError as error:
            raise FunctionError(str(error)) from error
