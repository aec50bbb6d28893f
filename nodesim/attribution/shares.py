"""What passes each node and connection along a line, from all inputs together: conductance, as a flow.

The conductance of a node is the integral of ∂T/∂HA · dHA/dt: the sum, over all inputs, of what their paths through the
node carry. Two sweeps give it for all nodes, from the target back, and from the inputs on.

References
----------
Dhamdhere, K., M. Sundararajan, Q. Yan, "How Important Is a Neuron?", ICLR 2019.
"""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.directions import from_inputs
from nodesim.gradients.propagation import by_column, counted
from nodesim.paths.flow_table import Flow, RowGroup

# How many numbers, connections times points, are worked on together.
_TOGETHER = 1_000_000


def shares(graph: DerivativeGraph) -> Flow:
    """Share out what all inputs add, along the line that a graph's samples are points of.

    Parameters
    ----------
    graph : DerivativeGraph
        With the steps of the inputs.

    Returns
    -------
    Flow
        The nodes from the inputs on, the target's own included, and the connections.
    """
    return _Shares(graph).flow()


class _Shares:
    def __init__(self, graph: DerivativeGraph) -> None:
        self.graph, self.schedule = graph, graph.schedule
        assert graph.steps is not None
        moving = np.zeros(self.schedule.n_rows)
        moving[self.schedule.input_rows] = 1.0
        self.arriving = counted(from_inputs(self.schedule), moving)
        used = (self.arriving != 0) & (graph.counts != 0)
        self.arcs = np.flatnonzero(used[self.schedule.sources] & used[self.schedule.targets])
        rows = np.flatnonzero(used)
        self.rows = rows[np.lexsort((rows, self.schedule.depths[rows]))]

    def flow(self) -> Flow:
        """Return the table."""
        schedule = self.schedule
        amounts, scales = self._conducted(np.positive), self._conducted(np.abs)
        sources, targets = schedule.sources[self.arcs], schedule.targets[self.arcs]
        nodes = [schedule.nodes[row] for row in self.rows]
        connections = [schedule.connections[arc] for arc in self.arcs.tolist()]
        parts = [
            RowGroup(nodes, "node", self._counts(self.rows, self.rows), amounts[0], scales[0]),
            RowGroup(connections, "connection", self._counts(sources, targets), amounts[1], scales[1]),
        ]
        whole = float(amounts[0][np.isin(self.rows, schedule.input_rows)].sum())
        return Flow([part for part in parts if part.elements], whole)

    def _counts(self, below: Indices, above: Indices) -> list[int]:
        """Return the exact number of paths through nodes, or over connections: how many come, times how many go on."""
        return [int(a) * int(b) for a, b in zip(self.arriving[below].tolist(), self.graph.counts[above].tolist())]

    def _conducted(self, size: np.ufunc) -> tuple[Array, Array]:
        """Return what passes the nodes and the connections, the mean over the points."""
        graph, schedule, steps = self.graph, self.schedule, self.graph.steps
        assert steps is not None
        totals = graph.totals if size is np.positive else graph.absolutes
        by_row, by_arc = np.zeros(schedule.n_rows), np.zeros(len(self.arcs))
        each = max(1, _TOGETHER // max(len(schedule.slots), 1))
        for first in range(0, graph.n_samples, each):
            some = slice(first, first + each)
            moved = size(steps[:, some])
            passed = size(graph.passed if graph.partials is None else graph.passed[:, some])
            sent = from_inputs(schedule).propagate(moved, by_column(passed), size(graph.slopes[:, some]))
            arcs = passed[self.arcs] * sent[schedule.sources[self.arcs]]
            by_arc += (arcs * totals[schedule.targets[self.arcs], some]).sum(axis=1)
            by_row += (moved * totals[:, some]).sum(axis=1)
        # What leaves an input is what it adds; through any other node passes what comes in.
        by_row += np.bincount(schedule.targets[self.arcs], by_arc, schedule.n_rows)
        return by_row[self.rows] / graph.n_samples, by_arc / graph.n_samples
