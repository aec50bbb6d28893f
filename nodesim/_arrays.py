"""The types of arrays: of numbers, of places in other arrays, and of yes and no; and who may write into which.

An array that a user gets belongs to one of two:

- What a call has calculated for its caller, as `Network.predict` does, is the caller's, who may write into it.
- What shows the state of a network, of a run or of a record, as `Network.weights`, `Node.value` and
  `WeightHistory.gradients` do, is read-only, a copy included: a number written into it would be lost, or would change
  what nobody meant to change. NumPy says so then: "assignment destination is read-only". Where a state can be set, its
  attribute takes a whole new array.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]


def agree(found: Array, wanted: Array, allowed: Any) -> Mask:
    """Tell which numbers are as near as is allowed; infinities must be the same, and what is no number must be none."""
    with np.errstate(all="ignore"):
        near = np.abs(found - wanted) <= allowed
    same: Mask = near | (found == wanted) | (np.isnan(found) & np.isnan(wanted))
    return same


def stable_order(keys: Indices, below: int) -> Indices:
    """Return how whole numbers from 0 to `below` - 1 are sorted; equal ones stay in their order.

    Examples
    --------
    >>> stable_order(np.array([2, 0, 70000, 0]), 70001).tolist()
    [1, 3, 0, 2]
    """
    # NumPy sorts numbers of 16 bits digit by digit, many times quicker than it compares larger ones.
    low = keys.astype(np.uint16)
    if below <= 1 << 16 and (low[1:] >= low[:-1]).all():
        return np.arange(len(keys))
    order: Indices = np.argsort(low, kind="stable")
    if below > 1 << 16:
        high = (keys >> 16)[order]
        order = order[np.argsort(high.astype(np.uint16) if below <= 1 << 32 else high, kind="stable")]
    return order


def read_only(value: Any) -> Any:
    """Return a view of an array that cannot be written to; anything else as it is."""
    if not isinstance(value, np.ndarray):
        return value
    view = value.view()
    view.flags.writeable = False
    return view
