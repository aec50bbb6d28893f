"""The runs of a training: those of as many samples take turns in one room."""

from __future__ import annotations

from nodesim._arrays import Array
from nodesim.graph.run import Run
from nodesim.simulation.simulator import Simulator

_MOST = 3


class Runs:
    """Runs samples forward in the room of an earlier run of as many.

    Parameters
    ----------
    simulator : Simulator
    """

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._kept: dict[tuple[str, int, bool], Run] = {}

    def forward(self, inputs: Array, weights: Array, mask: Array | None = None) -> Run:
        """Run forward with weights by slot; the numbers stand until the next run of as many samples."""
        # A callback may choose another engine, which has runs of its own kind.
        kind = self._simulator.engine, inputs.shape[1], mask is not None
        if kind not in self._kept:
            if len(self._kept) == _MOST:
                # Batches that somebody hands over may be of any size.
                del self._kept[next(iter(self._kept))]
            self._kept[kind] = self._simulator.empty_run(inputs.shape[1], masked=mask is not None)
        return self._simulator.forward(inputs, weights=weights, into=self._kept[kind], mask=mask)
