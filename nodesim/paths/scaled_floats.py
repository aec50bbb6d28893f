"""How products of many factors are kept: as they are, or with exponents of their own where floats would not reach.

The product of 5,000 slopes of at most 1/4 is below the smallest float long before it is complete. Numbers are then
pairs of mantissa and exponent: multiplied, they are rounded like floats, but never vanish or overflow.

`PlainFloat` and `ScaledFloat` are two kinds of arithmetic with the same four operations. What they work on are floats
in the one and tuples in the other, as there are too many products for an object each.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from nodesim._arrays import Array

# Floats reach from 2^-1022 to 2^1024 with all their digits.
_SAFE = 1000


class PlainFloat:
    """Floats and arrays as they are."""

    def of(self, number: Any) -> Any:
        """Return it."""
        return number

    times = staticmethod(operator.mul)

    def key(self, product: Any) -> Any:
        """Return the negative magnitude."""
        return -abs(product)

    def number(self, product: Any) -> Any:
        """Return it."""
        return product


class ScaledFloat:
    """Pairs (exponent, mantissa): 2^exponent · mantissa, the mantissa at least 1/2 and below 1 in magnitude.

    0 has the exponent -infinity, so that pairs of magnitudes compare like the numbers that they are.
    """

    def of(self, number: Any) -> Any:
        """Split a float or an array."""
        if isinstance(number, np.ndarray):
            mantissas, exponents = np.frexp(number)
            return np.where(mantissas == 0, -np.inf, exponents), mantissas
        mantissa, exponent = math.frexp(number)
        return (exponent if mantissa else -math.inf), mantissa

    def times(self, product: Any, factor: Any) -> Any:
        """Multiply, rounding as floats do."""
        # Two mantissas from 1/2 to 1 multiply to one from 1/4 to 1: it is rounded once, and shifted by 0 or -1.
        shift, mantissa = self.of(product[1] * factor[1])
        return product[0] + factor[0] + shift, mantissa

    def key(self, product: Any) -> Any:
        """Return the negative exponent, then the negative mantissa."""
        return -product[0], -abs(product[1])

    def number(self, product: Any) -> Any:
        """Return the nearest float; 0 or infinity where there is none."""
        exponent, mantissa = product
        if isinstance(mantissa, np.ndarray):
            with np.errstate(all="ignore"):
                return np.ldexp(mantissa, np.clip(exponent, -3000, 3000).astype(int))
        # math.ldexp raises where the result is too large.
        return mantissa * math.inf if exponent > _SAFE else math.ldexp(mantissa, int(max(exponent, -3000)))


def arithmetic(largest: float) -> PlainFloat | ScaledFloat:
    """Return the arithmetic for products that stay within 2^-largest and 2^largest."""
    return PlainFloat() if largest < _SAFE else ScaledFloat()


def exponents(numbers: Array) -> Array:
    """Return how far numbers other than 0 are from 1, in powers of two, rounded up; 0 for 0.

    A factor of 0 does no harm to a product: it is 0 in both, and exactly.
    """
    found: Array = np.where(numbers == 0, 0.0, np.abs(np.frexp(numbers)[1]) + 1.0)
    return found
