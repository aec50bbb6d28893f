"""The first paths in the article's order, found by walking back from e, without a trellis of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.directions import fed_by
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection


def first_paths(graph: DerivativeGraph, of: Quantity, most: int) -> Iterator[tuple[Connection, ...]]:
    """Yield the first paths to a quantity, each as `GradientPath.connections` has it.

    Parameters
    ----------
    graph : DerivativeGraph
    of : Quantity
    most : int
        How many; fewer if there are no more.

    Yields
    ------
    tuple of Connection
        In the order in which `GradientPaths` lists them.

    Notes
    -----
    What is reached from the quantity is found by one pass over the arrays of the network, O(connections); each path
    then costs its length and what enters its nodes.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> paths = first_paths(net.paths("W1").derivatives, Quantity("weight", net["W1"]), 3)
    >>> [" ".join(connection.name for connection in path) for path in paths]
    ['W1 W7 W13', 'W1 W8 W15', 'W1 W7 W14']
    """
    schedule, element = graph.schedule, of.element
    goal = graph.row[element.target if isinstance(element, Connection) else element]  # type: ignore[index]
    weight = (element,) if isinstance(element, Connection) else ()
    used = fed_by(schedule, goal)
    # Where the error enters at O, the only way to OA leads through the nodes that OA feeds.
    outputs = [row for row in graph.entered[used[graph.entered]].tolist() if row != goal]
    if used[goal] and goal in graph.entered and not (graph.of_sums and of.kind == "activated"):
        outputs = sorted([*outputs, goal])
    # A stack, last in first out: what is pushed in reverse comes in order. From whatever is reached a way leads to the
    # goal, so that no more than so many have to be pushed, and none is gone in vain.
    waiting: list[tuple[int, Any]] = [(row, None) for row in reversed(outputs[:most])]
    while waiting and most:
        row, chain = waiting.pop()
        if row == goal:
            yield (*weight, *_linked(chain))
            most -= 1
            continue
        entering = graph.entering(schedule.nodes[row])
        sources = schedule.sources[entering]
        kept = used[sources]
        pairs = zip(sources[kept][:most].tolist(), entering[kept][:most].tolist())
        waiting += [(source, (schedule.connections[number], chain)) for source, number in pairs][::-1]


def _linked(chain: Any) -> Iterator[Connection]:
    while chain is not None:
        connection, chain = chain
        yield connection
