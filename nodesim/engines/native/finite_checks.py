"""What is not finite, found at next to no cost: 0 · number is NaN for infinity and NaN, and stays so in a sum."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim.engines.native.jit import inlined
from nodesim.engines.native.vectors import LANES, all_zero, fma, load_vector, zero_vector

# The answers of kernels are these bits together, or 0.
IN_SUMS, IN_VALUES, IN_ERRORS, IN_GRADIENTS, IN_INPUTS, IN_TARGETS, IN_LOSS = 1, 2, 4, 8, 16, 32, 64


@inlined
def vector_flag(odd: Any, bit: int) -> Any:
    """Return `bit` unless all lanes of a sum of 0 · number are 0."""
    return 0 if all_zero(odd) else bit


@inlined
def flag(numbers: Any, begin: int, end: int, bit: int) -> Any:
    """Return `bit` unless numbers[begin:end] are all finite, a lane vector at a time."""
    # One fused multiplication per lane vector, beside loads that are made anyway; a comparison with a branch for each
    # number would cost more than the sums themselves.
    odd, rest = zero_vector(numbers), 0.0
    i, stop = np.uint64(begin), np.uint64(end)
    while i + np.uint64(LANES) <= stop:
        odd = fma(load_vector(numbers, i), 0.0, odd)
        i += np.uint64(LANES)
    while i < stop:
        rest += numbers[i] * 0.0
        i += np.uint64(1)
    return vector_flag(odd, bit) | (0 if rest == 0.0 else bit)
