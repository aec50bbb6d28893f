"""What sparse connections hand down to their sources, and what that adds to their gradients, for a block of samples."""

from __future__ import annotations

from typing import Any

from nodesim.engines.native.jit import inlined
from nodesim.engines.native.join_kernels import error_at
from nodesim.engines.native.vectors import (
    LANES,
    UNROLLED,
    fma,
    folded_product,
    load_four,
    load_vector,
    store_four,
    sum_of,
    sums_of_four,
    zero_vector,
)


@inlined
def _by_targets(
    program: Any, weights: Any, d: Any, terms: Any, gradients: Any, base: int, position: int, own: Any
) -> Any:  # fmt: skip
    """Return Σ w_j · d[target j] over the sparse connections j out of a position; add Σ own · d[target j] to gradients.

    The first sum runs from the last connection to the first, as positions do, so that memory is walked through
    evenly; the second runs over lanes. Taken together, the two need the lane vector of each target once, and that
    of the source only at the beginning. Four gradients share the steps of their sums.
    """
    total = zero_vector(d)
    begin, j = program.out_start[position], program.out_start[position + 1]
    while j - UNROLLED >= begin:
        j -= UNROLLED
        d3 = error_at(program, d, terms, base, j + 3)
        total = fma(weights[j + 3], d3, total)
        p3 = folded_product(own, d3)
        d2 = error_at(program, d, terms, base, j + 2)
        total = fma(weights[j + 2], d2, total)
        p2 = folded_product(own, d2)
        d1 = error_at(program, d, terms, base, j + 1)
        total = fma(weights[j + 1], d1, total)
        p1 = folded_product(own, d1)
        d0 = error_at(program, d, terms, base, j)
        total = fma(weights[j], d0, total)
        p0 = folded_product(own, d0)
        store_four(gradients, j, load_four(gradients, j) + sums_of_four(p0, p1, p2, p3))
    while j > begin:
        j -= 1
        d0 = error_at(program, d, terms, base, j)
        total = fma(weights[j], d0, total)
        gradients[j] += sum_of(folded_product(own, d0))
    return total


@inlined
def error_by_value(
    program: Any, weights: Any, a: Any, d: Any, terms: Any, gradients: Any, base: int, position: int
) -> Any:  # fmt: skip
    """Return ∂e/∂a of a position, and add its share to the gradients of the sparse connections out of it.

    ∂e/∂a is what these hand down, and what dense groups have handed down to d[position].
    """
    own = load_vector(a, base + position * LANES)
    if len(terms) > 0:
        total = _by_targets(program, weights, d, terms, gradients, base, position, own)
    else:
        # Where all nodes are sums, nothing is asked for each connection.
        total = _by_targets(program, weights, d, None, gradients, base, position, own)
    if program.feeds[position]:
        total = total + load_vector(d, base + position * LANES)
    return total
