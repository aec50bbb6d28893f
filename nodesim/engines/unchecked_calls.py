"""Functions of plugins, called again and again with the same arrays, without asking whose fault something would be.

A function that takes `out`, as NumPy's own do, is given the array that its result belongs into.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nodesim._arrays import Array, read_only
from nodesim.engines.levels import ActivationGroup
from nodesim.engines.operations import Operation
from nodesim.errors import FunctionError, NodesimError
from nodesim.functions.contracts import Function
from nodesim.functions.guard import complaint, takes_out, undecorated


class DoubtError(Exception):
    """An update that only the checked path can make, or say what is wrong with it."""


class Asked:
    """Whose fault it is if something is raised: the function that was called last.

    Attributes
    ----------
    function : Function or None
    """

    def __init__(self) -> None:
        self.function: Function | None = None

    def failure(self, error: BaseException) -> list[BaseException]:
        """Return what to say of an exception, if it is one that a function answers for."""
        if self.function is None or not isinstance(error, Exception):
            return []
        what = str(error) if isinstance(error, NodesimError) else f"it {complaint(error)}"
        return [FunctionError(f"while evaluating {self.function.label}: {what}")]


def numeric(result: Any, shape: tuple[int, ...]) -> Array:
    """Return what a function returned as an array.

    Raises
    ------
    DoubtError
        If it is not of this shape, or not of real numbers.

    Examples
    --------
    >>> numeric([1, 2], (2,))
    array([1, 2])
    """
    found: Array = np.asarray(result)
    if found.shape != shape or found.dtype.kind not in "fiub":
        raise DoubtError
    return found


def is_whole(array: Array) -> bool:
    """Tell whether numbers stand side by side, so that a function may write to them.

    Where they do not, `np.negative` gives wrong numbers at some distances of input and output (NumPy 2.4).

    Examples
    --------
    >>> table = np.zeros((4, 1))
    >>> is_whole(table[1:3]), is_whole(table[::2])
    (True, False)
    """
    return array.flags.c_contiguous


def activating(group: ActivationGroup, z: Array, a: Array, asked: Asked) -> Operation:
    """Return what sets a from z; see `nodesim.engines.operations.forward`."""
    function, shown, shape = undecorated(group.activation.function), read_only(z), z.shape

    # Every call gets views of its own, as it may give them another shape.
    def activate() -> None:
        asked.function = group.activation
        a[...] = numeric(function(shown.view()), shape)

    def activate_into() -> None:
        asked.function = group.activation
        found = function(shown.view(), out=a)
        if found is not a:
            a[...] = numeric(found, shape)

    return activate_into if is_whole(a) and takes_out(function, a.dtype, group.activation.parameters) else activate


def sloping(
    group: ActivationGroup, z: Array, a: Array, delta: Array, room: Callable[[Any], Array], asked: Asked
) -> Operation:
    """Return what multiplies delta by the slope; see `nodesim.engines.operations.backward`."""
    derivative, shape = undecorated(group.activation.derivative), z.shape
    shown_z, shown_a = read_only(z), read_only(a)

    def slope() -> None:
        asked.function = group.activation
        np.multiply(delta, numeric(derivative(shown_z.view(), shown_a.view()), shape), delta)

    def slope_into() -> None:
        asked.function = group.activation
        found = derivative(shown_z.view(), shown_a.view(), out=own)
        np.multiply(delta, found if found is own else numeric(found, shape), delta)

    if not takes_out(derivative, delta.dtype, group.activation.parameters):
        return slope
    own = room(shape)
    return slope_into
