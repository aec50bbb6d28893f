"""What a check says of a function that passes: how it runs, and what its author should know of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nodesim.checks.elementwise import steps
from nodesim.engines.choice import way_of
from nodesim.engines.native_form import has_native
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation, Loss, Optimizer

# Between as many numbers is looked for jumps; half of a power of 2, so that round numbers lie within.
_REACH, _COUNT = 8.0, 1 << 11
_HALVINGS = 60
_JUMP = 1e-9


def runs(function: Activation | Aggregation | Loss | Optimizer) -> str:
    """Say how a function is calculated, and why not faster.

    Examples
    --------
    >>> import nodesim as ns
    >>> runs(ns.activation("tanh")).startswith(("fused", "called as it is, in NumPy (numba "))
    True
    """
    way = way_of(function)
    if way != "NumPy":
        return way
    return f"called as it is, in NumPy (numba is {'broken' if has_native() else 'not installed'})"


def remarked(activation: Activation) -> str:
    """Say how an activation runs, and what training makes of it."""
    return "; ".join([runs(activation), *_remarks(activation)])


def _remarks(activation: Activation) -> Iterator[str]:
    if not activation.trains:
        yield "it has no derivative, so networks with it run but cannot be trained"
        return
    at = steps()
    with np.errstate(all="ignore"):
        flat = not np.any(activation.derivative(at, activation.function(at)))
    if flat:
        yield "its derivative is 0 everywhere, so nothing can be trained through it: say derivative='refuse'"
    jump = _jump(activation)
    if jump is not None:
        z, below, above = jump
        yield f"it jumps at z = {z:g} from {below:g} to {above:g}, and no gradient shows that"


def _jump(activation: Activation) -> tuple[float, float, float] | None:
    """Return where a function jumps first, and the values on both sides; None where it goes on."""
    with np.errstate(all="ignore"):
        z = np.linspace(-_REACH, _REACH, _COUNT) + 1.0 / (3.0 * _COUNT)
        low, high = z[:-1], z[1:]
        left, right = activation.function(low), activation.function(high)
        for _ in range(_HALVINGS):
            # Towards the half in which more happens.
            middle = low + 0.5 * (high - low)
            value = activation.function(middle)
            first = np.abs(value - left) >= np.abs(right - value)
            low, high = np.where(first, low, middle), np.where(first, middle, high)
            left, right = np.where(first, left, value), np.where(first, value, right)
        size = _JUMP * np.maximum(1.0, np.maximum(np.abs(left), np.abs(right)))
        places = np.flatnonzero(np.abs(right - left) > size)
    if not len(places):
        return None
    place = int(places[0])
    return float(high[place]) if abs(high[place]) > 1e-12 else 0.0, float(left[place]), float(right[place])
