"""In which layers nodes stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nodesim._arrays import Indices
from nodesim.graph.elements import Bias, Layer, Node


def layers(nodes: Sequence[Node], depth: Mapping[Node, int], sources: Indices, targets: Indices) -> tuple[Layer, ...]:
    """Return input layer, hidden layers, output layer; a bias node stands in the layer before the first it feeds.

    Parameters
    ----------
    nodes : sequence of Node
        By row.
    depth : mapping of Node to int
    sources, targets : ndarray of shape (n_connections,)
        The rows of the ends of each connection.
    """
    groups = _grouped(nodes, depth)
    index = {node: layer for layer, (_, group) in enumerate(groups) for node in group}
    biases: list[list[Bias]] = [[] for _ in groups]
    by_row = np.array([index.get(node, 0) for node in nodes], dtype=np.intp)
    first = np.full(len(nodes), len(groups))
    leaving = np.flatnonzero(np.array([isinstance(node, Bias) for node in nodes], dtype=bool)[sources])
    np.minimum.at(first, sources[leaving], by_row[targets[leaving]])
    for row, node in enumerate(nodes):
        if isinstance(node, Bias):
            biases[first[row] - 1 if first[row] < len(groups) else 0].append(node)
    return tuple(
        Layer(kind, number, tuple(group), tuple(biases[number])) for number, (kind, group) in enumerate(groups)
    )


def _grouped(nodes: Sequence[Node], depth: Mapping[Node, int]) -> list[tuple[str, list[Node]]]:
    hidden = [node for node in nodes if node.kind == "hidden"]
    by_depth: dict[int, list[Node]] = {each: [] for each in sorted({depth[node] for node in hidden})}
    for node in hidden:
        by_depth[depth[node]].append(node)
    return [
        ("input", [node for node in nodes if node.kind == "input"]),
        *(("hidden", group) for group in by_depth.values()),
        ("output", [node for node in nodes if node.kind == "output"]),
    ]
