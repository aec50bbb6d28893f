"""All paths of a set as columns by name: for data frames."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Node
from nodesim.paths.arrays import PathArrays


def columns(graph: DerivativeGraph, of: Quantity, found: PathArrays, gradient: float) -> dict[str, Any]:
    """Return the columns "path", "connections", "length", "product" and "share" of some paths.

    Parameters
    ----------
    graph : DerivativeGraph
    of : Quantity
        Where they end.
    found : PathArrays
    gradient : float
        Of which each makes a share; NaN where it is 0.
    """
    used = np.unique(found.connections[found.connections >= 0]).tolist()
    every = {number: graph.schedule.connections[number] for number in used}
    names = {number: connection.name for number, connection in every.items()}
    targets = {number: connection.target.name for number, connection in every.items()}
    lengths = (found.connections >= 0).sum(axis=1)
    paths, walks = [], []
    for row, length in zip(found.connections.tolist(), lengths.tolist()):
        start = of.element.name if isinstance(of.element, Node) else every[row[0]].source.name
        paths.append(" -> ".join([start, *(targets[number] for number in row[:length])]))
        walks.append(" ".join(names[number] for number in row[:length]))
    shares = found.products / gradient if gradient else np.full(len(paths), np.nan)
    return {"path": paths, "connections": walks, "length": lengths, "product": found.products, "share": shares}
