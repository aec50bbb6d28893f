"""Round numbers along an axis."""

from __future__ import annotations

import math


def round_step(least: float) -> float:
    """Return 1, 2 or 5 times a power of ten, not below a number.

    Examples
    --------
    >>> round_step(0.3), round_step(40.0)
    (0.5, 50.0)
    """
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= least * (1 - 1e-9))
