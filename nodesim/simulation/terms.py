"""What e has beside the mean of the samples' errors, and by how much its gradient is cut back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from nodesim._arrays import Array, Mask
from nodesim.errors import NonFiniteError
from nodesim.functions.guard import called
from nodesim.functions.regularizer import Regularizer
from nodesim.graph.run import Penalty
from nodesim.graph.schedule import Schedule
from nodesim.plugins import lookup
from nodesim.simulation import faults
from nodesim.simulation.faults import first_bad
from nodesim.validation import above_zero, at_least_zero, items

# What PyTorch adds to a length before it divides by it: a gradient of no length has a factor, too.
_LEAST = 1e-6


class Terms(NamedTuple):
    """Penalties of the weights, and the greatest length of the gradient.

    Attributes
    ----------
    regularizers : tuple of Regularizer
    clip : float or None
        How long the gradient of all trainable weights may be.
    """

    regularizers: tuple[Regularizer, ...] = ()
    clip: float | None = None

    def __bool__(self) -> bool:
        return bool(self.regularizers) or self.clip is not None

    @property
    def options(self) -> dict[str, Any]:
        """The same as arguments, such as `nodesim.Network.backward` takes them."""
        given = {"regularizer": list(self.regularizers), "clip": self.clip}
        return {name: value for name, value in given.items() if value}

    def penalties(self, schedule: Schedule, weights: Array) -> tuple[Penalty, ...]:
        """Return what the regularizers add to e, and its derivatives.

        Parameters
        ----------
        schedule : Schedule
        weights : ndarray of shape (n_slots,)

        Raises
        ------
        FunctionError, NonFiniteError
            If a regularizer fails, or a penalty is not finite; the message names the weight.
        """
        with np.errstate(all="ignore"):
            return tuple(_penalty(each, schedule, weights) for each in self.regularizers)

    def add_to(
        self, gradients: Array, schedule: Schedule, weights: Array, trainable: Mask
    ) -> tuple[tuple[Penalty, ...], float | None]:  # fmt: skip
        """Add the derivatives of penalties to gradients by slot, and cut back what is too long.

        Returns
        -------
        tuple of Penalty
        float or None
            By what the gradients were multiplied.

        Raises
        ------
        FunctionError, NonFiniteError
            As for `penalties`, or if a sum is not finite; the message names the connection.
        """
        penalties, clip = self.penalties(schedule, weights), None
        # Whatever a user has asked of NumPy: what is not finite is told here.
        with np.errstate(all="ignore"):
            for penalty in penalties:
                gradients += penalty.gradients
            if penalties:
                faults.check_gradients(schedule, gradients)
            if self.clip is not None:
                # A tied weight has one gradient, the sum over its uses.
                tied = schedule.shared
                length_of = (gradients, trainable) if tied is None else (tied.summed(gradients), tied.once(trainable))
                clip = clipping(self.clip, *length_of)
                gradients *= clip
        return penalties, clip


NONE = Terms()


def terms(regularizer: Any = None, l1: Any = None, l2: Any = None, clip: Any = None) -> Terms:
    """Check and collect what a user asks for.

    Parameters
    ----------
    regularizer : str, Regularizer, list of these, or None
    l1, l2 : float or None
        Strengths of the two that everybody knows.
    clip : float or None

    Raises
    ------
    ArgumentError, UnknownNameError
        If one is none.
    """
    given = [] if regularizer is None else _several(regularizer)
    strengths = {name: at_least_zero(given, name) for name, given in (("l1", l1), ("l2", l2)) if given is not None}
    named = [lookup.regularizer(name, strength=strength) for name, strength in strengths.items() if strength]
    return Terms((*given, *named), None if clip is None else above_zero(clip, "clip"))


def _several(regularizer: Any) -> list[Regularizer]:
    # Of a mapping only the names would be taken.
    alone = isinstance(regularizer, str | Regularizer | Mapping) or not isinstance(regularizer, Iterable)
    several = [regularizer] if alone else items(regularizer, "regularizer", "a regularizer, or a list of them")
    return [lookup.regularizer(each) for each in several]


def clipping(limit: float, gradients: Array, trainable: Mask) -> float:
    """Return by what gradients are to be multiplied so that those of trainable weights are no longer than a limit.

    As `torch.nn.utils.clip_grad_norm_` does it.

    Examples
    --------
    >>> clipping(1.0, np.array([3.0, 4.0, 7.0]), np.array([True, True, False])) == 1.0 / (5.0 + 1e-6)
    True
    >>> clipping(10.0, np.array([3.0, 4.0]), np.array([True, True]))
    1.0
    """
    chosen = gradients[trainable]
    largest = float(np.abs(chosen).max(initial=0.0))
    # By the largest first: squares may leave the finite numbers where the numbers do not.
    length = largest * float(np.linalg.norm(chosen / largest)) if largest else 0.0
    return min(1.0, limit / (length + _LEAST)) if math.isfinite(length) else 0.0


def _penalty(regularizer: Regularizer, schedule: Schedule, weights: Array) -> Penalty:
    slots = schedule.slots
    given = weights[slots].astype(float, copy=False)
    found = called(regularizer.function, (given,), given.shape, lambda: regularizer.label)
    slopes = called(regularizer.derivative, (given,), given.shape, lambda: f"the derivative of {regularizer.label}")
    for what, numbers in (("", found), ("the derivative of ", slopes)):
        bad = first_bad(numbers)
        if bad is not None:
            name = schedule.connections[bad].name
            raise NonFiniteError(f"{what}{regularizer.label} is {numbers[bad]} for {name} = {given[bad]:.17g}.")
    gradients, terms = np.zeros((2, len(weights)))
    gradients[slots], terms[slots] = slopes, found
    if schedule.shared is None:
        return Penalty(regularizer.name, float(found.sum()), gradients, regularizer)
    # A tied weight is one weight: its term stands beside the first use.
    for numbers in (gradients, terms):
        schedule.shared.clear(numbers)
    return Penalty(regularizer.name, float(terms[slots].sum()), gradients, regularizer)
