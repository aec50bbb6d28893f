"""What one unit of the last digit is, of numbers that are asked for with so many digits."""

from __future__ import annotations

import math
from fractions import Fraction

from nodesim.exercises.working import Value

# Doubles that were calculated in another order are the same number.
_NOISE = 1e-9


def unit(value: Value, digits: int | None) -> Value:
    """Return one unit of the last of so many significant digits; without, 0 of a fraction, of a double its noise.

    Examples
    --------
    >>> unit(0.0331, 3), unit(Fraction(1, 3), None)
    (Fraction(1, 10000), 0)
    """
    if digits is None:
        return 0 if isinstance(value, Fraction) else _NOISE * max(abs(float(value)), 1e-3)
    if not value:
        return Fraction(0)
    ten: Fraction = Fraction(10) ** (math.floor(math.log10(size(value))) - digits + 1)
    return ten


def is_short(value: Value) -> bool:
    """Tell whether a fraction is a decimal that ends."""
    if not isinstance(value, Fraction):
        return False
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def size(value: Value) -> Value:
    """Return how large a number is, whatever its sign."""
    return value if value >= 0 else -value
