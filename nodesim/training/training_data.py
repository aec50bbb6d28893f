"""The samples of a training."""

from __future__ import annotations

from typing import Any

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
