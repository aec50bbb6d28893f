"""Activations and slopes of a whole group, in doubles or floats.

They are functions of doubles. Floats are handed over as such, and what comes back is rounded: so every function, those
of users too, is as right as floats can be.
"""

from __future__ import annotations

from typing import Any

from numba import types

from nodesim.engines.native.function_pointers import call_derivative, call_function
from nodesim.engines.native.jit import chosen_by_name
from nodesim.engines.native.vectors import LANES, as_in, load_vector, store_vector


def activate(address: int, row: int, z: Any, a: Any, first: int, count: int, wide: Any) -> None:
    """Stand for writing a[first:] from z[first:] in compiled code."""


@chosen_by_name(activate)
def _activate_by_type(address: Any, row: Any, z: Any, a: Any, first: Any, count: Any, wide: Any) -> Any:
    if z.dtype == types.float64:
        return lambda address, row, z, a, first, count, wide: call_function(address, row, z, first, a, first, count)

    def by_doubles(address: int, row: int, z: Any, a: Any, first: int, count: int, wide: Any) -> None:
        for i in range(0, count, LANES):
            store_vector(wide, i, as_in(load_vector(z, first + i), wide))
        call_function(address, row, wide, 0, wide, count, count)
        for i in range(0, count, LANES):
            store_vector(a, first + i, as_in(load_vector(wide, count + i), a))

    return by_doubles


def slopes(address: int, row: int, z: Any, a: Any, first: int, count: int, slope: Any, wide: Any) -> None:
    """Stand for writing slope[:count] from z[first:] and a[first:] in compiled code."""


@chosen_by_name(slopes)
def _slopes_by_type(
    address: Any, row: Any, z: Any, a: Any, first: Any, count: Any, slope: Any, wide: Any
) -> Any:  # fmt: skip
    if z.dtype == types.float64:
        return lambda address, row, z, a, first, count, slope, wide: call_derivative(
            address, row, z, first, a, first, slope, 0, count
        )

    def by_doubles(address: int, row: int, z: Any, a: Any, first: int, count: int, slope: Any, wide: Any) -> None:
        for i in range(0, count, LANES):
            store_vector(wide, i, as_in(load_vector(z, first + i), wide))
            store_vector(wide, count + i, as_in(load_vector(a, first + i), wide))
        call_derivative(address, row, wide, 0, wide, count, wide, 2 * count, count)
        for i in range(0, count, LANES):
            store_vector(slope, i, as_in(load_vector(wide, 2 * count + i), slope))

    return by_doubles
