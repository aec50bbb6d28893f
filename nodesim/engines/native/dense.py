"""Dense groups: consecutive positions that are all fed by the same consecutive positions.

Numbers of positions are flat arrays of shape (blocks, positions, 32): 32 samples side by side. The weights of a group
are a matrix in one stretch of the weight array, source by source: W[s, t].
"""

from __future__ import annotations

from typing import Any

from nodesim.engines.native.jit import inlined, kernel
from nodesim.engines.native.microkernel import four_strips, one_strip, tile_of, two_strips
from nodesim.engines.native.turning import at, transpose
from nodesim.engines.native.vectors import LANES, STRIP

# Columns that the widest of all tiles has.
_WIDEST = 4 * STRIP
# Blocks whose derivatives are packed at a time: they stay in the cache while the sources are multiplied by them.
PACKED_BLOCKS = 8


@inlined
def tile_count(rows: int, memory: Any) -> int:
    """Return how many tiles cover the rows; they are made about equal, because a single row wastes its loads."""
    most, _, _ = tile_of(memory)
    return (rows + most - 1) // most


@kernel
def _tile(strips: int, rows: int, into: Any, into_row: int, width: int, keep: bool, scale: float, weights: Any,
          weight_term: int, weight_row: int, weight_block: int, values: Any, value_term: int, terms: int,
          blocks: int) -> None:  # fmt: skip
    """Call the narrowest tile that holds the columns."""
    if strips == 1:
        one_strip(rows, into, into_row, width, keep, scale, weights, weight_term, weight_row, weight_block,
                   values, value_term, terms, blocks)  # fmt: skip
    elif strips == 2:
        two_strips(rows, into, into_row, width, keep, scale, weights, weight_term, weight_row, weight_block,
                    values, value_term, terms, blocks)  # fmt: skip
    else:
        four_strips(rows, into, into_row, width, keep, scale, weights, weight_term, weight_row, weight_block,
                     values, value_term, terms, blocks)  # fmt: skip


@kernel
def forward(weights: Any, first: int, n_sources: int, n_targets: int, a: Any, source: int, z: Any, target: int) -> None:
    """z[t] = Σ_s W[s, t]·a[s] for one block, s in the order of positions, as one sample by itself would add them.

    Parameters
    ----------
    weights, first : the weight array and where the group's matrix begins in it.
    a, source : flat array and the element at which the first source's 32 samples begin.
    z, target : the same for the first target.
    """
    # Targets outside, lanes inside: a tile's rows of weights are in the first-level cache when the next lanes come.
    tiles, (_, strips, columns) = tile_count(n_targets, z), tile_of(z)
    for tile in range(tiles):
        t, end = tile * n_targets // tiles, (tile + 1) * n_targets // tiles
        for lane in range(0, LANES, columns):
            _tile(strips, end - t, at(z, target + t * LANES + lane), LANES, columns, False, 1.0,
                  at(weights, first + t), n_targets, 1, 0, at(a, source + lane), LANES, n_sources, 1)  # fmt: skip


@kernel
def backward(weights: Any, first: int, n_sources: int, n_targets: int, d: Any, source: int, target: int,
             keep: bool) -> None:  # fmt: skip
    """d[s] = keep·d[s] + Σ_t W[s, t]·d[t] for one block, t in the order of positions: weights are read row by row.

    Parameters
    ----------
    weights, first : the weight array and where the group's matrix begins in it.
    d, source, target : flat array and the elements at which the first source and the first target begin.
    keep : whether something has arrived at the sources before; if not, what stands there is not read.
    """
    tiles, (_, strips, columns) = tile_count(n_sources, d), tile_of(d)
    for tile in range(tiles):
        s, end = tile * n_sources // tiles, (tile + 1) * n_sources // tiles
        for lane in range(0, LANES, columns):
            _tile(strips, end - s, at(d, source + s * LANES + lane), LANES, columns, keep, 1.0,
                  at(weights, first + s * n_targets), 1, n_targets, 0, at(d, target + lane), LANES,
                  n_targets, 1)  # fmt: skip


@kernel
def pack(d: Any, target: int, block: int, n_blocks: int, n_targets: int, offsets: Any, packed: Any) -> None:
    """Write d with the targets side by side: packed[panel, sample, column] = d of target panel*width + column.

    A panel is as wide as a tile.

    So the gradient needs no sum across lanes: it adds one sample's row of targets at a time.

    Parameters
    ----------
    d, target, block : flat array, the element at which the first target begins, elements from block to block.
    offsets : eight int64 of scratch.
    packed : flat array of packed_size(n_blocks, n_targets); columns beyond the targets get copies of the last.
    """
    n_samples, (_, _, columns) = n_blocks * LANES, tile_of(d)
    # Eight targets by eight samples at a time are transposed within registers.
    for t in range(0, n_targets, STRIP):
        for i in range(STRIP):
            offsets[i] = min(t + i, n_targets - 1) * LANES
        into = t // columns * columns * n_samples + t % columns
        for sample in range(0, n_samples, STRIP):
            here = target + sample // LANES * block + sample % LANES
            transpose(at(d, here), at(offsets, 0), at(packed, into + sample * columns), columns)


def packed_size(n_blocks: int, n_targets: int) -> int:
    """Return the length of the array for pack."""
    return -(-n_targets // _WIDEST) * _WIDEST * n_blocks * LANES


@kernel
def gradient(into: Any, first: int, n_sources: int, n_targets: int, a: Any, source: int, block: int, n_blocks: int,
             packed: Any, first_tile: int, last_tile: int, keep: bool, scale: float) -> None:  # fmt: skip
    """G[s, t] = keep·G[s, t] + scale·Σ_i a[s, i]·d[t, i], the samples i added one after the other in a register.

    With scale 1/n_samples this is the gradient; with the weights as G, keep and scale -learning_rate/n_samples it
    is the step of plain gradient descent itself, and no gradient is written to memory.

    Parameters
    ----------
    into, first : array numbered like the weights, and where the group's matrix begins in it.
    a, source, block : flat array, the element at which the first source begins, elements from block to block.
    packed : the targets' d as written by pack.
    first_tile, last_tile : of which tiles of sources, of all `tile_count(n_sources)`, the last one not included.
    """
    # Targets outside: a panel of packed derivatives stays in the cache while all sources pass by.
    tiles, n_samples, (_, most, columns) = tile_count(n_sources, into), n_blocks * LANES, tile_of(into)
    strip = columns // most
    for t in range(0, n_targets, columns):
        width = min(n_targets - t, columns)
        strips = (width + strip - 1) // strip
        for tile in range(first_tile, last_tile):
            s, end = tile * n_sources // tiles, (tile + 1) * n_sources // tiles
            _tile(strips, end - s, at(into, first + s * n_targets + t), n_targets, width, keep, scale,
                  at(a, source + s * LANES), 1, LANES, block, at(packed, t * n_samples), columns,
                  LANES, n_blocks)  # fmt: skip
