"""Derivatives for activations whose author gives none: by finite differences, or refused."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import FunctionError


class NumericalDerivative:
    """Central finite differences of a function of one variable, for authors who ask for them.

    The error is about 1e-10 of the function's scale: two step sizes and one Richardson extrapolation.
    """

    def __init__(self, function: Callable[..., Array]) -> None:
        self.function = function

    def __call__(self, z: Array, a: Array, **parameters: float) -> Array:
        """Return ∂a/∂z at z; a is not needed."""
        step = 1e-3 * np.maximum(np.abs(z), 1.0)
        wide, narrow = (self._central(z, h, parameters) for h in (step, step / 2))
        return (4.0 * narrow - wide) / 3.0

    def _central(self, z: Array, step: Array, parameters: Mapping[str, float]) -> Array:
        above, below = z + step, z - step
        return (self.function(above, **parameters) - self.function(below, **parameters)) / (above - below)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NumericalDerivative) and self.function == other.function

    def __hash__(self) -> int:
        return hash(self.function)


@functools.cache
def refusal(name: str) -> Callable[..., Array]:
    """Return a derivative that refuses to be calculated, the same object for the same name."""

    def refuse(z: Array, a: Array, **parameters: float) -> Array:
        raise FunctionError(
            f"activation {name!r} has no derivative that could train anything: use it to run forward, "
            "and a smooth activation such as 'sigmoid' to learn."
        )

    return refuse
