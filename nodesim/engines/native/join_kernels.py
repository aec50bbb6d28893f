"""Kernels for nodes that are no sums, of one sample or of a block: their contributions have positions of their own.

Forward, c = W·a of every connection is written to a at its position; the contributions to one node stand side by side,
in connection order. Backward, ∂e/∂c is written to d there, and from then on is what an error at the end of the
connection is to others: gradients are a of the source times that, and it is that times W that goes on to the source.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from nodesim.engines.native.function_pointers import call_aggregation, call_handing
from nodesim.engines.native.jit import chosen_by_name, inlined
from nodesim.engines.native.vectors import LANES, as_in, fma, load_vector, store_vector, zero_vector


@inlined
def aggregate_one(program: Any, weights: Any, group: int, z: Any, a: Any) -> None:
    """Write z of a group of nodes that are no sums, for one sample."""
    for position in range(program.group_begin[group], program.group_end[group]):
        for k in range(program.start[position], program.start[position + 1]):
            a[np.uint64(program.end[k])] = weights[k] * a[np.uint64(program.source[k])]
        first, last = program.terms[position], program.terms[position + 1]
        z[position] = 0.0
        if last > first:
            call_aggregation(program.aggregation[group], a, first, z, position, last - first, 1)


@inlined
def hand_down_one(
    program: Any, weights: Any, group: int, z: Any, a: Any, d: Any, gradients: Any, position: int
) -> None:
    """Write the gradients of the connections into a node that is no sum, and add W·∂e/∂c to d of their sources."""
    first, last = program.terms[position], program.terms[position + np.uint64(1)]
    if last > first:
        call_handing(program.handing[group], a, first, z, position, d, position, d, first, last - first, 1)
    for k in range(np.uint64(program.start[position]), np.uint64(program.start[position + np.uint64(1)])):
        source, error = np.uint64(program.source[k]), d[np.uint64(program.end[k])]
        gradients[k] = a[source] * error
        d[source] = fma(weights[k], error, d[source])


@inlined
def aggregate_block(program: Any, weights: Any, group: int, z: Any, a: Any, base: int, odd: Any, wide: Any) -> Any:
    """Write z of a group of nodes that are no sums, for a block; return `odd` with what is not finite added."""
    for position in range(program.group_begin[group], program.group_end[group]):
        for k in range(program.start[position], program.start[position + 1]):
            sent = load_vector(a, base + np.int64(program.source[k]) * LANES)
            store_vector(a, base + np.int64(program.end[k]) * LANES, sent * weights[k])
        at, first, last = base + position * LANES, program.terms[position], program.terms[position + 1]
        store_vector(z, at, zero_vector(z))
        if last > first:
            _aggregate(program.aggregation[group], a, base + first * LANES, z, at, last - first, wide)
            odd = fma(load_vector(z, at), 0.0, odd)
    return odd


@inlined
def hand_down_block(program: Any, group: int, z: Any, a: Any, d: Any, base: int, odd: Any, wide: Any) -> Any:
    """Write ∂e/∂c of all contributions to a group, for a block; return `odd` with what is not finite added."""
    for position in range(program.group_begin[group], program.group_end[group]):
        first, last = program.terms[position], program.terms[position + 1]
        if last > first:
            at, to = base + position * LANES, base + first * LANES
            _hand(program.handing[group], a, to, z, d, at, last - first, wide)
            for term in range(first, last):
                odd = fma(load_vector(d, base + term * LANES), 0.0, odd)
    return odd


def _aggregate(address: int, a: Any, first: int, z: Any, at: int, count: int, wide: Any) -> None:
    """Stand for writing z[at:] from the contributions a[first:] in compiled code."""


@chosen_by_name(_aggregate)
def _aggregate_by_type(address: Any, a: Any, first: Any, z: Any, at: Any, count: Any, wide: Any) -> Any:
    if a.dtype == types.float64:
        return lambda address, a, first, z, at, count, wide: call_aggregation(address, a, first, z, at, count, LANES)

    def by_doubles(address: int, a: Any, first: int, z: Any, at: int, count: int, wide: Any) -> None:
        size = count * LANES
        for i in range(0, size, LANES):
            store_vector(wide, i, as_in(load_vector(a, first + i), wide))
        call_aggregation(address, wide, 0, wide, size, count, LANES)
        store_vector(z, at, as_in(load_vector(wide, size), z))

    return by_doubles


def _hand(address: int, a: Any, first: int, z: Any, d: Any, at: int, count: int, wide: Any) -> None:
    """Stand for writing d[first:] from the contributions a[first:] and z and d[at:] in compiled code."""


@chosen_by_name(_hand)
def _hand_by_type(address: Any, a: Any, first: Any, z: Any, d: Any, at: Any, count: Any, wide: Any) -> Any:
    if a.dtype == types.float64:
        return lambda address, a, first, z, d, at, count, wide: call_handing(
            address, a, first, z, at, d, at, d, first, count, LANES
        )

    def by_doubles(address: int, a: Any, first: int, z: Any, d: Any, at: int, count: int, wide: Any) -> None:
        size = count * LANES
        for i in range(0, size, LANES):
            store_vector(wide, i, as_in(load_vector(a, first + i), wide))
        store_vector(wide, size, as_in(load_vector(z, at), wide))
        store_vector(wide, size + LANES, as_in(load_vector(d, at), wide))
        into = size + 2 * LANES
        call_handing(address, wide, 0, wide, size, wide, size + LANES, wide, into, count, LANES)
        for i in range(0, size, LANES):
            store_vector(d, first + i, as_in(load_vector(wide, into + i), d))

    return by_doubles
