"""Whether a training has run into a dead end: nodes that hand on next to nothing, whatever the sample.

Where no step lowers the error any more, there is a minimum, or the gradient does not get through: inputs in the
hundreds saturate sigmoid and tanh, and push relu to where it is 0. Both look the same from the error alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodesim._arrays import Array
from nodesim.analysis.layers import SATURATED
from nodesim.gradients.derivative_graph import snapshot
from nodesim.graph.run import Run
from nodesim.graph.schedule import Schedule
from nodesim.notation.symbols import plural
from nodesim.showing import shown

_NAMED = 3


@dataclass(frozen=True)
class FlatNodes:
    """The hidden nodes whose slope is below 1/100 in every sample, as `Network.diagnose` counts them.

    Attributes
    ----------
    names : tuple of str
    of : int
        How many hidden nodes lead to an output.
    """

    names: tuple[str, ...]
    of: int

    @property
    def are_a_dead_end(self) -> bool:
        """Whether they are at least half of the hidden nodes: what is left learns little."""
        return bool(self.names) and 2 * len(self.names) >= self.of

    def __str__(self) -> str:
        if not self.names:
            return ""
        more = ", ..." if len(self.names) > _NAMED else ""
        flat = (
            f"{len(self.names):,} of {plural(self.of, 'hidden node')} hand on next to nothing of any gradient "
            f"({shown(', '.join(self.names[:_NAMED]))}{more}), as network.diagnose(X, y) shows"
        )
        if not self.are_a_dead_end:
            return flat
        return f"{flat}: a dead end, not a solution. Scale inputs and targets to about 1, or begin with other weights"


def flat_nodes(schedule: Schedule, weights: Array, run: Run) -> FlatNodes:
    """Look at the slopes of a run that went forward and backward with these weights."""
    steepest = np.abs(snapshot(schedule, weights, run).slopes).max(axis=1)
    hidden = [node for node in schedule.nodes if node.kind == "hidden" and schedule.reaching[node.row]]
    return FlatNodes(tuple(node.name for node in hidden if steepest[node.row] < SATURATED), len(hidden))
