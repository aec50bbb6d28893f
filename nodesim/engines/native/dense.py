"""Dense groups: consecutive places that are all fed by the same consecutive places.

Places are numbered in the order of evaluation. Numbers of places are flat arrays of shape (blocks, places, 32): 32
samples side by side. The weights of a group are one piece of the weight array, source-major: W[s, t].
"""

from __future__ import annotations

from typing import Any

from nodesim.engines.native.jit import kernel
from nodesim.engines.native.microkernel import ROWS, VECTORS, four_vectors, one_vector, two_vectors
from nodesim.engines.native.vectors import LANES, STRIP, at, transpose

PANEL = VECTORS * STRIP
# Blocks whose derivatives are turned at a time: they stay in the cache while the sources are multiplied by them.
TURNED = 8


@kernel
def _pieces(rows: int) -> int:
    """Return how many tiles cover the rows; they are made about equal, because a single row wastes its loads."""
    return (rows + ROWS - 1) // ROWS


@kernel
def _tile(vectors: int, rows: int, into: Any, into_row: int, width: int, keep: bool, scale: float, weights: Any,
          weight_term: int, weight_row: int, weight_part: int, values: Any, value_term: int, terms: int,
          parts: int) -> None:  # fmt: skip
    """Call the narrowest tile that holds the columns."""
    if vectors == 1:
        one_vector(rows, into, into_row, width, keep, scale, weights, weight_term, weight_row, weight_part,
                   values, value_term, terms, parts)  # fmt: skip
    elif vectors == 2 or VECTORS == 2:
        two_vectors(rows, into, into_row, width, keep, scale, weights, weight_term, weight_row, weight_part,
                    values, value_term, terms, parts)  # fmt: skip
    else:
        four_vectors(rows, into, into_row, width, keep, scale, weights, weight_term, weight_row, weight_part,
                     values, value_term, terms, parts)  # fmt: skip


@kernel
def forward(weights: Any, first: int, n_sources: int, n_targets: int, a: Any, source: int, z: Any, target: int) -> None:
    """z[t] = Σ_s W[s, t]·a[s] for one block, s in the order of places, as one sample by itself would add them.

    Parameters
    ----------
    weights, first : the weight array and where the group's piece begins in it.
    a, source : flat array and the element at which the first source's 32 samples begin.
    z, target : the same for the first target.
    """
    pieces = _pieces(n_targets)
    for piece in range(pieces):
        t, end = piece * n_targets // pieces, (piece + 1) * n_targets // pieces
        for lane in range(0, LANES, PANEL):
            _tile(VECTORS, end - t, at(z, target + t * LANES + lane), LANES, PANEL, False, 1.0,
                  at(weights, first + t), n_targets, 1, 0, at(a, source + lane), LANES, n_sources, 1)  # fmt: skip


@kernel
def backward(weights: Any, first: int, n_sources: int, n_targets: int, d: Any, source: int, target: int,
             keep: bool) -> None:  # fmt: skip
    """d[s] = keep·d[s] + Σ_t W[s, t]·d[t] for one block, t in the order of places: weights are read row by row.

    Parameters
    ----------
    weights, first : the weight array and where the group's piece begins in it.
    d, source, target : flat array and the elements at which the first source and the first target begin.
    keep : whether something has arrived at the sources before; if not, what stands there is not read.
    """
    pieces = _pieces(n_sources)
    for piece in range(pieces):
        s, end = piece * n_sources // pieces, (piece + 1) * n_sources // pieces
        for lane in range(0, LANES, PANEL):
            _tile(VECTORS, end - s, at(d, source + s * LANES + lane), LANES, PANEL, keep, 1.0,
                  at(weights, first + s * n_targets), 1, n_targets, 0, at(d, target + lane), LANES,
                  n_targets, 1)  # fmt: skip


@kernel
def turn(d: Any, target: int, block: int, n_blocks: int, n_targets: int, offsets: Any, turned: Any) -> None:
    """Write d with the targets side by side: turned[panel, sample, column] = d of target panel*PANEL + column.

    So the gradient needs no sum across lanes: it adds one sample's row of targets at a time.

    Parameters
    ----------
    d, target, block : flat array, the element at which the first target begins, elements from block to block.
    offsets : eight int64 of scratch.
    turned : flat array of turned_size(n_blocks, n_targets); columns beyond the targets get copies of the last.
    """
    n_samples = n_blocks * LANES
    for t in range(0, n_targets, STRIP):
        for i in range(STRIP):
            offsets[i] = min(t + i, n_targets - 1) * LANES
        into = t // PANEL * PANEL * n_samples + t % PANEL
        for sample in range(0, n_samples, STRIP):
            here = target + sample // LANES * block + sample % LANES
            transpose(at(d, here), at(offsets, 0), at(turned, into + sample * PANEL), PANEL)


@kernel
def turned_size(n_blocks: int, n_targets: int) -> int:
    """Return the length of the array for turn."""
    return (n_targets + PANEL - 1) // PANEL * PANEL * n_blocks * LANES


@kernel
def gradient(into: Any, first: int, n_sources: int, n_targets: int, a: Any, source: int, block: int, n_blocks: int,
             turned: Any, keep: bool, scale: float) -> None:  # fmt: skip
    """G[s, t] = keep·G[s, t] + scale·Σ_i a[s, i]·d[t, i], the samples i added one after the other in a register.

    With scale 1/n_samples this is the gradient; with the weights as G, keep and scale -learning_rate/n_samples it
    is the step of plain gradient descent itself, and no gradient is written to memory.

    Parameters
    ----------
    into, first : array numbered like the weights, and where the group's piece begins in it.
    a, source, block : flat array, the element at which the first source begins, elements from block to block.
    turned : the targets' d as written by turn.
    """
    pieces = _pieces(n_sources)
    n_samples = n_blocks * LANES
    for t in range(0, n_targets, PANEL):
        width = min(n_targets - t, PANEL)
        vectors = (width + STRIP - 1) // STRIP
        for piece in range(pieces):
            s, end = piece * n_sources // pieces, (piece + 1) * n_sources // pieces
            _tile(vectors, end - s, at(into, first + s * n_targets + t), n_targets, width, keep, scale,
                  at(a, source + s * LANES), 1, LANES, block, at(turned, t * n_samples), PANEL,
                  LANES, n_blocks)  # fmt: skip
