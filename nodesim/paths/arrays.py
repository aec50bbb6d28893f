"""The paths as arrays: for those who go on calculating with them.

A kernel writes them where it is worth loading numba for, and products are plain floats of one sample; otherwise the
blocks of the listing are copied. Both multiply in the same order, so that the arrays are the same bit by bit.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array
from nodesim.engines import native_form
from nodesim.errors import TooManyPathsError
from nodesim.graph.elements import Connection
from nodesim.notation.symbols import Count, plural
from nodesim.paths.listing import Block, Listing
from nodesim.paths.scaled_floats import PlainFloat
from nodesim.paths.sums import PathSums

# How many paths are worth a kernel: the blocks of the listing take a second for about as many.
_WORTH = 4_000_000


class PathArrays(NamedTuple):
    """Paths as arrays, in the order of listing.

    Parameters
    ----------
    connections : ndarray of int32, shape (n_paths, longest)
        For each path the indices of its connections in `Network.connections`, from the weight to the output; -1
        behind the end of shorter ones. Paths of penalties, the last, go over none: -1 alone.
    products : ndarray of shape (n_paths,)
        What each path adds to the gradient.

    See Also
    --------
    GradientPaths.as_arrays : Makes them.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> connections, products = net.paths("W1").as_arrays()
    >>> connections.shape, bool(abs(products.sum() - net["W1"].gradient) < 1e-15)
    ((2, 2), True)
    """

    connections: NDArray[np.int32]
    products: Array


def arrays(sums: PathSums, samples: Sequence[int], limit: int) -> PathArrays:
    """Return the first paths as arrays.

    Parameters
    ----------
    sums : PathSums
    samples : sequence of int
        The mean of the products is taken over these.
    limit : int
        How many paths: no more than there are.

    Raises
    ------
    TooManyPathsError
        If they do not fit into memory.
    """
    through = _through(sums, samples, min(limit, sums.count - len(sums.direct)))
    added = sums.direct.each(samples)[: limit - len(through.products)]
    if not added:
        return through
    without = np.full((len(added), through.connections.shape[1]), -1, np.int32)
    return PathArrays(np.concatenate((through.connections, without)), np.concatenate((through.products, added)))


def _through(sums: PathSums, samples: Sequence[int], limit: int) -> PathArrays:
    """Return the first paths through the network."""
    own = _own(sums)
    if sums.empty or not limit:
        return PathArrays(np.zeros((0, len(own)), np.int32), np.zeros(0))
    listing = Listing(sums, samples)
    found = _room(limit, sums.trellis.longest + len(own))
    # The arrays are the same bit by bit, so it may depend on what the program did before.
    worth = native_form.is_loaded() or (limit >= _WORTH and native_form.has_native())
    if worth and listing.single and isinstance(listing.arithmetic, PlainFloat):
        _fill(found, listing, own)
    else:
        _copy(found, listing, own)
    return found


def _room(count: int, longest: int) -> PathArrays:
    """Return arrays with nothing in them yet."""
    try:
        return PathArrays(np.empty((count, longest), np.int32), np.empty(count))
    except (MemoryError, ValueError) as error:
        raise TooManyPathsError(
            f"{Count(count):,} paths of up to {plural(longest, 'connection')} do not fit into memory. Ask for fewer "
            "with limit=, or iterate over them."
        ) from error


def _own(sums: PathSums) -> list[int]:
    """Return the index of the weight that the paths end at, the first of every path; none for nodes."""
    of = sums.of.element
    return [sums.graph.index(of)] if isinstance(of, Connection) else []


def _fill(found: PathArrays, listing: Listing, own: list[int]) -> None:
    """Let a kernel write them."""
    trellis = listing.trellis
    factors = listing.factors(np.arange(len(trellis.above)))[:, 0].copy()
    depths = trellis.longest + 1
    scratch = *(np.zeros(depths, np.intp) for _ in range(3)), np.zeros(depths)
    filling = importlib.import_module("nodesim.paths.native.filling")
    filling.fill(
        trellis.starts, trellis.below, trellis.connections, factors, trellis.entries, listing.entries[:, 0].copy(),
        trellis.goal, float(listing.last[0]), np.array(own, dtype=np.intp), *scratch, *found,
    )  # fmt: skip


def _copy(found: PathArrays, listing: Listing, own: list[int]) -> None:
    """Write them block by block."""
    first, limit = 0, len(found.products)
    found.connections[:] = -1
    found.connections[:, : len(own)] = own
    for block, values in listing.blocks():
        rows = _rows(block, len(values))[: limit - first]
        last = first + len(rows)
        within = found.connections[first:last, len(own) : len(own) + rows.shape[1]]
        within[:] = np.where(rows >= 0, listing.trellis.connections[rows], -1)
        found.products[first:last] = values[: len(rows)]
        first = last
        if first == limit:
            return


def _rows(found: Any, count: int) -> NDArray[np.intp]:
    """Return the arcs of some paths, from the goal on, -1 behind their ends."""
    if not isinstance(found, Block):
        return np.array([found.arcs(0)], dtype=np.intp)
    common = np.array(found.common, dtype=np.intp)
    # Rows of a block run from e on, with holes behind their ends: turned around, the holes are in front, and each row
    # is shifted by as many as it has.
    turned = np.concatenate((found.rows[:, ::-1], np.tile(common, (count, 1))), axis=1)
    missing = (turned < 0).sum(axis=1)
    places = np.arange(turned.shape[1]) + missing[:, None]
    inside = places < turned.shape[1]
    return np.where(inside, np.take_along_axis(turned, np.minimum(places, turned.shape[1] - 1), axis=1), -1)
