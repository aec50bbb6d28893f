"""The samples of a training."""

from __future__ import annotations

from typing import Any

from nodesim._arrays import Array, Indices
from nodesim.simulation.simulator import Simulator


class TrainingData:
    """Inputs and targets, one column for each sample.

    Parameters
    ----------
    simulator : Simulator
    x, y : array_like
    looked_at : bool
        Whether it is looked at every input if it is finite. `Training` can do without: to read large data takes longer
        than to train with a few of them.
    """

    def __init__(self, simulator: Simulator, x: Any, y: Any, *, looked_at: bool = True) -> None:
        self.inputs, self.targets, _ = simulator.pairs(x, y, looked_at=looked_at)
        self.count: int = self.inputs.shape[1]

    def batch(self, chosen: Indices | None) -> tuple[Array, Array]:
        """Return inputs and targets of some samples, in this order, or of all."""
        rows: Any = slice(None) if chosen is None else chosen
        return self.inputs[:, rows], self.targets[:, rows]
