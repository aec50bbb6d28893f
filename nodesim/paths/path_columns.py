"""All paths of a set as columns by name: for data frames."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim._arrays import Indices
from nodesim.graph.elements import Node
from nodesim.paths.arrays import PathArrays
from nodesim.paths.sums import PathSums


def columns(sums: PathSums, found: PathArrays, gradient: float) -> dict[str, Any]:
    """Return the columns "path", "connections", "length", "product" and "share" of all paths of a set.

    Parameters
    ----------
    sums : PathSums
    found : PathArrays
        The same paths.
    gradient : float
        Of which each makes a share; NaN where it is 0.
    """
    walks, connections = found.connections, sums.graph.schedule.connections
    used = [connections[number] for number in np.unique(walks[walks >= 0]).tolist()]
    # Whole columns of texts are put together: paths come by the million.
    places = np.zeros(len(connections) + 1, dtype=np.intp)
    places[np.unique(walks[walks >= 0])] = np.arange(1, len(used) + 1)
    steps = [places[column] for column in walks.T]
    element: Any = sums.of.element
    start = element.name if isinstance(element, Node) else element.source.name
    paths = _joined(len(walks), steps, ["", *(f" -> {each.target.name}" for each in used)], start)
    penalties = sums.direct.names
    paths[len(paths) - len(penalties) :] = [f"{sums.of.name} -> {name}" for name in penalties]
    names = _joined(len(walks), steps, ["", *(f" {each.name}" for each in used)], "")
    shares = found.products / gradient if gradient else np.full(len(paths), np.nan)
    return {
        "path": paths, "connections": [name[1:] for name in names], "length": (walks >= 0).sum(axis=1),
        "product": found.products, "share": shares,
    }  # fmt: skip


def _joined(count: int, steps: list[Indices], words: list[str], start: str) -> list[str]:
    table = np.array(words, dtype=object)
    texts = np.full(count, start, dtype=object)
    for step in steps:
        texts = texts + table[step]
    joined: list[str] = texts.tolist()
    return joined
