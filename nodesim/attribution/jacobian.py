"""The derivatives of all outputs by all inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.engines.joins import partials_of_run
from nodesim.gradients.directions import from_error
from nodesim.gradients.propagation import by_column
from nodesim.gradients.slopes import slopes_of
from nodesim.gradients.starts import in_double
from nodesim.simulation.simulator import Simulator


def jacobian(simulator: Simulator, x: Any) -> Array:
    """Return ∂OA/∂I of samples; see `nodesim.Network.jacobian`."""
    inputs, single = simulator.inputs(x)
    run = simulator.forward(inputs)
    schedule = simulator.structure.schedule
    weights = simulator.structure.store.weights.astype(float)
    parts = partials_of_run(schedule, weights, in_double(run.activated), in_double(run.value))
    passed = weights[schedule.slots] if parts is None else by_column(weights[schedule.slots][:, None] * parts)
    slopes = slopes_of(schedule, schedule.reaching, run)
    found = np.empty((run.n_samples, len(schedule.outputs), len(inputs)))
    for place, row in enumerate(schedule.output_rows.tolist()):
        # Of one output after the other: a backward for each, as an input takes a forward for each.
        entries = np.zeros_like(slopes)
        entries[row] = slopes[row]
        with np.errstate(all="ignore"):
            found[:, place] = from_error(schedule).propagate(entries, passed, slopes)[schedule.input_rows].T
    return found[0] if single else found
