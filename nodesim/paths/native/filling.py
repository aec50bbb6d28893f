"""The kernel that lists paths into arrays."""

from __future__ import annotations

from typing import Any

from nodesim.engines.native.jit import inlined, kernel


@inlined
def _copied(connections: Any, path: int, width: int, depth: int, own: Any, way: Any) -> None:
    """Write a row: the weight, the connections from the goal on, and -1 behind them."""
    column = 0
    for k in range(len(own)):
        connections[path, column] = own[k]
        column += 1
    for d in range(depth, 0, -1):
        connections[path, column] = way[d - 1]
        column += 1
    while column < width:
        connections[path, column] = -1
        column += 1


@kernel
def fill(
    starts: Any, below: Any, indices: Any, factors: Any, entries: Any, entering: Any, goal: int, last: float, own: Any,
    way: Any, arcs: Any, ends: Any, partial: Any, connections: Any, products: Any,
) -> None:  # fmt: skip
    """Write the connections and the product of one path after the other, depth first from e, until rows are full.

    Parameters
    ----------
    starts, below, indices, factors : ndarray
        By state where its arcs start; by arc the state below, the connection's index and the derivative.
    entries, entering : ndarray
        The states where e enters, and by state the derivative of e.
    goal, last : int, float
        Where paths end, and what every product is multiplied with.
    own : ndarray of shape (0,) or (1,)
        The index of the weight.
    way, arcs, ends, partial : ndarray of shape (longest + 1,)
        Scratch: the connection chosen at each depth, the arcs still to be tried, and the products so far.
    connections, products : ndarray of shape (n_paths, width) and (n_paths,)
    """
    path, width = 0, connections.shape[1]
    for entry in entries:
        depth, state = 0, entry
        partial[0] = entering[entry]
        arcs[0], ends[0] = starts[entry], starts[entry + 1]
        if state == goal:
            _copied(connections, path, width, 0, own, way)
            products[path] = partial[0] * last
            path += 1
        while depth >= 0 and path < len(products):
            arc = arcs[depth]
            if arc == ends[depth]:
                depth -= 1
                continue
            arcs[depth] = arc + 1
            way[depth] = indices[arc]
            product = partial[depth] * factors[arc]
            state = below[arc]
            depth += 1
            if state == goal:
                _copied(connections, path, width, depth, own, way)
                products[path] = product * last
                path += 1
                depth -= 1
            else:
                partial[depth] = product
                arcs[depth], ends[depth] = starts[state], starts[state + 1]
        if path == len(products):
            return
