"""The Hessian of e by some weights, each of which may have several uses."""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.curvature.curvature import Curvature
from nodesim.gradients.derivative_graph import snapshot
from nodesim.simulation.simulator import Simulator
from nodesim.surgery.samples import Samples


def derivatives(
    simulator: Simulator, samples: Samples, weights: Array, uses: list[Indices]
) -> tuple[float, Array, Array]:
    """Return e, ∂e/∂W and ∂²e/∂W∂W of some weights.

    Parameters
    ----------
    simulator : Simulator
    samples : Samples
    weights : ndarray of shape (n_connections,)
        Where the derivatives are taken, in connection order.
    uses : list of ndarray of int
        The connections of each weight, by their numbers in connection order.

    Returns
    -------
    float, ndarray of shape (n_uses,), ndarray of shape (n_uses, n_uses)
    """
    structure = simulator.structure
    schedule, by_slot = structure.schedule, np.zeros(structure.store.size)
    by_slot[schedule.slots] = weights
    run, gradients = samples.run(simulator, by_slot)
    of_uses = np.zeros((len(weights), len(uses)))
    for place, own in enumerate(uses):
        of_uses[own, place] = 1.0
    matrix = of_uses.T @ Curvature(snapshot(schedule, by_slot, run)).matrix @ of_uses
    return run.error, of_uses.T @ gradients[schedule.slots], (matrix + matrix.T) / 2
