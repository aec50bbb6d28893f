"""Samples that bring their own names: inputs and targets in one, as `nodesim.datasets` makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import DataError
from nodesim.graph.elements import Node
from nodesim.notation.symbols import LETTERS
from nodesim.simulation import class_labels
from nodesim.simulation.class_labels import Labels
from nodesim.simulation.named_columns import check_each_once, check_names


class NamedSamples:
    """What `nodesim.Dataset` is: wherever samples come in, it may stand for X and y together.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_inputs)
    y : ndarray or None
        Class numbers where there are `classes`, else of shape (n_samples, n_targets).
    features, targets : tuple of str
        What the columns of X and y are called.
    classes : tuple of str
        The labels of the class numbers.
    """

    X: Array
    y: Any
    features: tuple[str, ...]
    targets: tuple[str, ...]
    classes: tuple[str, ...]


def inputs(data: NamedSamples, nodes: Sequence[Node]) -> Any:
    """Return the inputs in the order of nodes.

    Raises
    ------
    DataError
        If the names are not those of the nodes; it says which are missing and unknown.
    """
    return _arranged(data.X, data.features, nodes, "input")


def targets(data: NamedSamples, nodes: Sequence[Node], classes: Labels | None) -> Any:
    """Return the targets in the order of nodes, or class numbers by the labels of the network.

    Raises
    ------
    DataError
        If there are none, or their names or labels are not those of the network.
    """
    if data.y is None:
        raise DataError("the data set has no targets: give y.")
    if not data.classes:
        return _arranged(data.y, data.targets, nodes, "output")
    known = classes if classes is not None else learned(data, nodes)
    return class_labels.numbered(np.array(data.classes, dtype=object)[data.y], nodes, known)


def learned(data: NamedSamples, nodes: Sequence[Node]) -> Labels:
    """Return the classes of a network that learns these data.

    Raises
    ------
    DataError
        If they are not as many as the outputs stand for.
    """
    return class_labels.learned(data.classes, nodes, "the data set")


def _arranged(table: Any, given: Sequence[str], nodes: Sequence[Node], what: str) -> Any:
    """Return columns in the order of nodes; where nodes have no names of their own, as they stand."""
    wanted = [node.name for node in nodes]
    if list(given) == wanted or (set(given).isdisjoint(wanted) and _takes_places(nodes, what)):
        return table
    check_each_once(given, "the data set")
    check_names(given, nodes, "the data set", what, framed=False)
    return np.ascontiguousarray(table[:, [given.index(name) for name in wanted]])


def _takes_places(nodes: Sequence[Node], what: str) -> bool:
    """Tell whether nodes are called I1, I2, ..., which no column is meant by, or there is one target only."""
    letter = LETTERS[what]
    plain = all(node.name.startswith(letter) and node.name[len(letter) :].isdecimal() for node in nodes)
    return plain or (what == "output" and len(nodes) == 1)
