"""How products of many factors are kept: as they are, or with exponents of their own where floats would not reach.

The product of 5,000 slopes of at most 1/4 is below the smallest float long before it is complete. Numbers are then
pairs of mantissa and exponent: multiplied, they are rounded like floats, but never vanish or overflow.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np

from nodesim.calls import Array

_SAFE = 1000


class Arithmetic(Protocol):
    """Products, and their order by magnitude."""

    def of(self, number: Any) -> Any:
        """Return a float, or an array, as this arithmetic keeps it."""

    def times(self, product: Any, factor: Any) -> Any:
        """Multiply what `of` returned by what `of` returned."""

    def key(self, product: Any) -> Any:
        """Return what is smaller the larger a single product's magnitude is."""

    def number(self, product: Any) -> Any:
        """Return the nearest float, or array."""


class Plain:
    """Floats and arrays as they are."""

    def of(self, number: Any) -> Any:
        """Return it."""
        return number

    def times(self, product: Any, factor: Any) -> Any:
        """Multiply."""
        return product * factor

    def key(self, product: Any) -> Any:
        """Return the negative magnitude."""
        return -abs(product)

    def number(self, product: Any) -> Any:
        """Return it."""
        return product


class Extended:
    """Pairs (mantissa, exponent): mantissa · 2^exponent, the mantissa at least 1/2 and below 1 in magnitude, or 0."""

    def of(self, number: Any) -> Any:
        """Split a float or an array."""
        return np.frexp(number) if isinstance(number, np.ndarray) else math.frexp(number)

    def times(self, product: Any, factor: Any) -> Any:
        """Multiply, rounding as floats do."""
        mantissa, shift = self.of(product[0] * factor[0])
        return mantissa, product[1] + factor[1] + shift

    def key(self, product: Any) -> Any:
        """Return the negative exponent, then the negative mantissa."""
        mantissa, exponent = product
        return (-exponent, -abs(mantissa)) if mantissa else (math.inf, 0.0)

    def number(self, product: Any) -> Any:
        """Return the nearest float; 0 or infinity where there is none."""
        mantissa, exponent = product
        if isinstance(mantissa, np.ndarray):
            with np.errstate(all="ignore"):
                return np.ldexp(mantissa, np.clip(exponent, -3000, 3000))
        # math.ldexp raises where the result is too large.
        return math.ldexp(mantissa, exponent) if exponent < _SAFE else mantissa * math.inf


def arithmetic(largest: float) -> Plain | Extended:
    """Return the arithmetic for products that stay within 2^-largest and 2^largest."""
    return Plain() if largest < _SAFE else Extended()


def exponents(numbers: Array) -> Array:
    """Return how far numbers other than 0 are from 1, in powers of two, rounded up; 0 for 0."""
    found: Array = np.where(numbers == 0, 0.0, np.abs(np.frexp(numbers)[1]) + 1.0)
    return found
