"""Kernels for nodes that are no sums, of one sample or of a block: their contributions have places of their own.

Forward, c = W·a of every connection is written where the contributions to one node stand side by side, in connection
order. Backward, ∂e/∂c is written to the connection's own place, and from then on is what the error of a target is to
others: gradients are a of the source times that, and it is that times W that goes on to the source.
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
    """Write z of a group of nodes that are no sums, for one sample; contributions stand in a, behind all nodes."""
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
def _contribute(program: Any, k: int, weight: float, a: Any, base: int, c: Any, first: int) -> None:
    sent = load_vector(a, base + np.int64(program.source[k]) * LANES)
    # Rounded as h will be: of floats, too, the largest contribution is h.
    store_vector(c, (np.int64(program.end[k]) - first) * LANES, as_in(sent * weight, c))


@inlined
def aggregate_block(program: Any, weights: Any, group: int, z: Any, a: Any, base: int, odd: Any, c: Any) -> Any:
    """Write z of a group of nodes that are no sums, for a block; return `odd` with what is not finite added.

    Contributions stand in c, those to one node after those to another.
    """
    for position in range(program.group_begin[group], program.group_end[group]):
        first, count = program.terms[position], program.terms[position + 1] - program.terms[position]
        h = zero_vector(z)
        if count > 0:
            for k in range(program.start[position], program.start[position + 1]):
                _contribute(program, k, weights[k], a, base, c, first)
            call_aggregation(program.aggregation[group], c, 0, c, count * LANES, count, LANES)
            h = as_in(load_vector(c, count * LANES), z)
            odd = fma(h, 0.0, odd)
        store_vector(z, base + position * LANES, h)
    return odd


@inlined
def hand_down_block(
    program: Any, weights: Any, group: int, z: Any, a: Any, d: Any, base: int, odd: Any, c: Any, terms: Any
) -> Any:  # fmt: skip
    """Write ∂e/∂c of all contributions to a group to terms, for a block; return `odd` with what is not finite added.

    The weights are those by source. Nobody kept the contributions: they are made once more, behind them h and d.
    """
    for position in range(program.group_begin[group], program.group_end[group]):
        first, count = program.terms[position], program.terms[position + 1] - program.terms[position]
        if count > 0:
            for k in range(program.start[position], program.start[position + 1]):
                _contribute(program, k, weights[np.int64(program.out_index[k])], a, base, c, first)
            h, at, into = count * LANES, base + position * LANES, (count + 2) * LANES
            store_vector(c, h, as_in(load_vector(z, at), c))
            store_vector(c, h + LANES, as_in(load_vector(d, at), c))
            call_handing(program.handing[group], c, 0, c, h, c, h + LANES, c, into, count, LANES)
            for i in range(count):
                error = as_in(load_vector(c, into + i * LANES), d)
                store_vector(terms, (first - program.terms[0] + i) * LANES, error)
                odd = fma(error, 0.0, odd)
    return odd


def error_at(program: Any, d: Any, terms: Any, base: int, j: int) -> Any:
    """Stand for what stands at the end of connection j of the order by source: d of its target, or ∂e/∂c."""


@chosen_by_name(error_at)
def _error_at_by_type(program: Any, d: Any, terms: Any, base: Any, j: Any) -> Any:
    if isinstance(terms, types.NoneType):
        return lambda program, d, terms, base, j: load_vector(d, base + np.int64(program.target[j]) * LANES)

    def either(program: Any, d: Any, terms: Any, base: int, j: int) -> Any:
        target = np.int64(program.target[j])
        if target < program.terms[0]:
            return load_vector(d, base + target * LANES)
        return load_vector(terms, (target - program.terms[0]) * LANES)

    return either
