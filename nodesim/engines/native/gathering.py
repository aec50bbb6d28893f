"""Samples of a batch, row by row in a table and in any order, gathered into blocks, where they lie side by side."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim.engines.native.jit import inlined
from nodesim.engines.native.turning import at, transpose
from nodesim.engines.native.vectors import LANES, STRIP, as_in, load_vector, store_vector, zero_vector


@inlined
def _places(order: Any, first: int, last: int, n_columns: int, offsets: Any) -> None:
    """Write where the samples of a block begin in a table; behind the last one it is that one again."""
    for i in range(LANES):
        offsets[i] = order[min(first + i, last - 1)] * n_columns


@inlined
def _side_by_side(positions: Any, j: int) -> bool:
    same = True
    for i in range(1, STRIP):
        same = same and positions[j + i] == positions[j] + i
    return same


@inlined
def _column(table: Any, j: int, offsets: Any, into: Any, start: int) -> None:
    """Gather one column for the samples of a block."""
    for i in range(LANES):
        into[start + i] = table[np.uint64(offsets[i] + j)]


@inlined
def _columns(table: Any, j: int, offsets: Any, into: Any, start: int) -> None:
    """Gather as many columns as a strip is long."""
    # Eight samples by eight columns at a time, transposed in registers: a plain loop would write 32 numbers apart.
    for i in range(0, LANES, STRIP):
        transpose(at(table, j), at(offsets, i), at(into, start + i), LANES)


@inlined
def gather_inputs(program: Any, x: Any, order: Any, first: int, last: int, a: Any, cache: int, scratch: Any) -> None:
    """Gather the inputs of a block into their positions' a. Lanes behind the last sample are copies of it."""
    base, n_inputs, offsets = cache * a.shape[1] * LANES, len(program.given) - len(program.sent), scratch.offsets
    _places(order, first, last, n_inputs, offsets)
    j = 0
    while j < n_inputs:
        if j + STRIP <= n_inputs and _side_by_side(program.given, j):
            _columns(x, j, offsets, a, base + program.given[j] * LANES)
            j += STRIP
        else:
            _column(x, j, offsets, scratch.outputs, 0)
            store_vector(a, base + program.given[j] * LANES, as_in(load_vector(scratch.outputs, 0), a))
            j += 1
    for i in range(len(program.sent)):
        store_vector(a, base + program.given[n_inputs + i] * LANES, zero_vector(a) + program.sent[i])


@inlined
def gather_targets(program: Any, y: Any, order: Any, first: int, last: int, scratch: Any) -> None:
    """Gather the targets of a block into `scratch.targets`, likewise."""
    n_outputs, offsets = len(program.outputs), scratch.offsets
    _places(order, first, last, n_outputs, offsets)
    whole = n_outputs - n_outputs % STRIP
    for j in range(0, whole, STRIP):
        _columns(y, j, offsets, scratch.targets, j * LANES)
    for j in range(whole, n_outputs):
        _column(y, j, offsets, scratch.targets, j * LANES)
