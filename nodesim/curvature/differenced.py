"""Derivatives along a line by high-order differences, where no formula tells them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import FunctionError
from nodesim.functions import stencils

# A second derivative that is not known to this part of its size, or to this where it is small, is none.
_KNOWN = 1e-10
_ULP = 2.0**-52


def along(function: Callable[[Array], Array], at: Array, moved: Array, who: str) -> Array:
    """Return by how much a function's values move where its arguments move along a line.

    Parameters
    ----------
    function : callable
        Takes arguments and returns values, all of one shape.
    at : ndarray
    moved : ndarray
        Of the same shape.
    who : str
        Whose derivative it is, for the message.

    Returns
    -------
    ndarray

    Raises
    ------
    FunctionError
        If it is not known to about ten digits, as next to a kink.
    """
    # Steps in the arguments' own size: a long way is gone in short steps, and the other way round.
    length = np.abs(moved).max(initial=0.0)
    if length == 0.0:
        return np.zeros_like(moved)
    unit = moved / length
    with np.errstate(all="ignore"):
        middle = function(at)
        noise = _ULP * np.maximum(1.0, np.abs(middle))
        slope, error = stencils.slopes(lambda t: function(at + t * unit).ravel(), 0.0, 1.0, noise.ravel())
    if not (error <= _KNOWN * np.maximum(1.0, np.abs(slope))).all():
        raise FunctionError(
            f"the second derivative of {who} is not known to ten digits by differences of its derivative, as next to a "
            "kink, or where the derivative itself is differenced. Give its formula with formula='...'."
        )
    found: Array = slope.reshape(moved.shape) * length
    return found
