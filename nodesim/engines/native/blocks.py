"""A batch in blocks, 32 samples side by side, and the memory for them."""

from __future__ import annotations

import ctypes
import math
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices
from nodesim.engines.native.dense import PACKED_BLOCKS, packed_size
from nodesim.engines.native.vectors import LANES


def aligned(*shape: int, dtype: Any = np.float64) -> Array:
    """Return memory, not filled, that begins at a multiple of 64 bytes: no vector lies across two cache lines."""
    size, width = math.prod(shape), np.dtype(dtype).itemsize
    memory = np.empty(size + 64 // width - 1, dtype)
    first = -memory.ctypes.data % 64 // width
    return memory[first : first + size].reshape(shape)


def to_read(table: Array) -> Array:
    """Return a table as kernels take one that they only read: its own memory, wherever that can be.

    It has to be contiguous and aligned, and of the type that kernels are compiled for: one that can be written to.
    Whoever calls this keeps the table as long as what it gets.
    """
    if table.flags.carray:
        return table
    found = np.require(table, requirements=("C", "A"))
    if found.flags.writeable:
        return found
    memory: Any = (ctypes.c_byte * found.nbytes).from_address(found.ctypes.data)
    return np.ndarray(found.shape, found.dtype, memory)


def block_count(n_samples: int) -> int:
    """Return how many blocks hold so many samples."""
    return -(-n_samples // LANES)


def into_blocks(table: Array, blocks: Array) -> None:
    """Write a table (n, n_samples) into blocks (n_blocks, n, LANES); the last sample fills the last block up.

    What is calculated in the lanes behind the last sample is then what is calculated for that sample: nothing new.
    """
    n_samples = table.shape[1]
    whole = n_samples // LANES
    blocks[:whole] = table[:, : whole * LANES].reshape(len(table), whole, LANES).transpose(1, 0, 2)
    if whole < len(blocks):
        rest = n_samples - whole * LANES
        blocks[whole, :, :rest] = table[:, whole * LANES :]
        blocks[whole, :, rest:] = table[:, -1:]


def from_blocks(blocks: Array, positions: Indices, n_samples: int) -> Array:
    """Return some positions of blocks (n_blocks, n_positions, LANES) as a table (n, n_samples)."""
    chosen = blocks[:, positions, :].transpose(1, 0, 2).reshape(len(positions), -1)
    return np.ascontiguousarray(chosen[:, :n_samples])


class Scratch(NamedTuple):
    """What kernels write to and do not keep, one for each thread.

    Attributes
    ----------
    slope : ndarray
        Derivatives of the largest group.
    packed : ndarray
        Derivatives of the largest dense group, the targets of one sample side by side; see `dense.pack`.
    offsets : ndarray of int64
        Where the eight lane vectors begin that are packed at a time.
    terms : ndarray
        ∂e/∂c of all contributions to nodes that are no sums.
    wide : ndarray of float64
        Of networks in float32, what the largest group's functions get and give.
    contributions : ndarray of float64
        What the aggregation of one node gets and gives, backward: c of all contributions, h, d, and ∂e/∂c.
    targets, outputs, seeds, errors : ndarray of float64
        What the loss gets and gives.
    """

    slope: Array
    packed: Array
    offsets: NDArray[np.int64]
    terms: Array
    wide: Array
    contributions: Array
    targets: Array
    outputs: Array
    seeds: Array
    errors: Array


class Needs(NamedTuple):
    """How much of it a layout needs.

    Attributes
    ----------
    largest, widest : int
        How many positions the largest group has, and the largest dense one.
    n_terms, most : int
        The contributions to nodes that are no sums: of all, and of the one that has most.
    n_outputs : int
    """

    largest: int
    widest: int
    n_terms: int
    most: int
    n_outputs: int


def scratch(needs: Needs, n_blocks: int, dtype: Any = np.float64) -> Scratch:
    """Return what so many blocks need."""
    largest, widest, n_terms, most, n_outputs = needs
    own = [largest * LANES, packed_size(min(n_blocks, PACKED_BLOCKS), widest), n_terms * LANES]
    functions = 0 if dtype == np.float64 else 3 * largest * LANES
    slope, packed, terms = _pieces(own, dtype)
    contributions = 2 * (most + 1) * LANES if most else 0
    wide, *others = _pieces([functions, contributions, *[n_outputs * LANES] * 3, LANES], np.float64)
    return Scratch(slope, packed, np.empty(LANES, dtype=np.int64), terms, wide, *others)


def _pieces(sizes: list[int], dtype: Any) -> list[Array]:
    memory, ends = aligned(sum(sizes), dtype=dtype), list(accumulate(sizes))
    # By hand, because np.split costs a small batch a tenth of its backward pass.
    return [memory[end - size : end] for size, end in zip(sizes, ends)]
