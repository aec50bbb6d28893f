"""The derivatives of all outputs by all inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.gradients.derivative_graph import snapshot
from nodesim.gradients.quantities import Quantity
from nodesim.simulation.simulator import Simulator


def jacobian(simulator: Simulator, x: Any) -> Array:
    """Return ∂OA/∂I of samples; see `nodesim.Network.jacobian`."""
    inputs, single = simulator.inputs(x)
    run = simulator.forward(inputs)
    schedule, weights = simulator.structure.schedule, simulator.structure.store.weights
    found = np.empty((inputs.shape[1], len(schedule.outputs), len(inputs)))
    for place, output in enumerate(schedule.outputs):
        # Of one output after the other: a backward for each, as an input takes a forward for each.
        graph = snapshot(schedule, weights, run, Quantity("activated", output))
        found[:, place] = graph.totals[schedule.input_rows].T
    return found[0] if single else found
