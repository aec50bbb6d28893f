"""What the nodes of a structure are, by row: the same as long as no node comes or goes, whatever is connected."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Indices
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation
from nodesim.graph.elements import Bias, Node


class Roll:
    """The nodes of a structure.

    Parameters
    ----------
    nodes : tuple of Node
        By row.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([1, 2, 1], seed=0)
    >>> roll = Roll(net.nodes)
    >>> roll.output_rows.tolist(), roll.functions.tolist()
    ([5], [-1, -1, 0, 0, -1, 1])
    """

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.nodes = nodes

    def __getstate__(self) -> dict[str, object]:
        return {"nodes": self.nodes}

    @cached_property
    def row_of(self) -> dict[Node, int]:
        """For each node its row."""
        return {node: row for row, node in enumerate(self.nodes)}

    @cached_property
    def inputs(self) -> list[Node]:
        """The input nodes, by row."""
        return [node for node in self.nodes if node.kind == "input"]

    @cached_property
    def outputs(self) -> list[Node]:
        """The output nodes, by row."""
        return [node for node in self.nodes if node.kind == "output"]

    @cached_property
    def biases(self) -> list[Bias]:
        """The bias nodes, by row."""
        return [node for node in self.nodes if isinstance(node, Bias)]

    @cached_property
    def input_rows(self) -> Indices:
        """The rows of the inputs."""
        return self._rows_of("input")

    @cached_property
    def output_rows(self) -> Indices:
        """The rows of the outputs."""
        return self._rows_of("output")

    @cached_property
    def bias_rows(self) -> Indices:
        """The rows of the bias nodes."""
        return self._rows_of("bias")

    def _rows_of(self, kind: str) -> Indices:
        # Not those of the nodes now, which an edit may have moved.
        return np.array([row for row, node in enumerate(self.nodes) if node.kind == kind], dtype=np.intp)

    @cached_property
    def calculated(self) -> NDArray[np.bool_]:
        """For each row, whether its node is calculated: hidden and output nodes are."""
        return np.array([node.kind in ("hidden", "output") for node in self.nodes], dtype=bool)

    @cached_property
    def functions(self) -> Indices:
        """For each row, which of the different activations its node has, numbered as they come; −1 for none."""
        numbers: dict[Activation, int] = {}
        activations = [node.activation for node in self.nodes]
        return np.array([-1 if f is None else numbers.setdefault(f, len(numbers)) for f in activations], dtype=np.intp)

    @cached_property
    def aggregations(self) -> Indices:
        """For each row, which of the aggregations other than the sum its node has, from 1 on; 0 for the sum."""
        numbers: dict[Aggregation, int] = {}
        found = [node.aggregation for node in self.nodes]
        return np.array(
            [0 if f is None or f.is_sum else numbers.setdefault(f, len(numbers) + 1) for f in found], dtype=np.intp
        )

    def exchanged(self) -> None:
        """Note that an activation or an aggregation was exchanged."""
        vars(self).pop("functions", None)
        vars(self).pop("aggregations", None)
