"""The Hessian of e by some weights, by central differences of gradients."""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.simulation.simulator import Simulator
from nodesim.surgery.samples import Samples

# The cube root of the rounding of a float64: where what is left out and rounding are about alike.
_STEP = 6e-6


def derivatives(
    simulator: Simulator, samples: Samples, weights: Array, uses: list[Indices], step: float = _STEP
) -> tuple[float, Array, Array]:
    """Return e, ∂e/∂W and ∂²e/∂W∂W of some weights, each of which may have several connections.

    Parameters
    ----------
    simulator : Simulator
    samples : Samples
    weights : ndarray of shape (n_connections,)
        Where the derivatives are taken, in connection order.
    uses : list of ndarray of int
        The connections of each weight, by their numbers in connection order.
    step : float
        By how much a weight is moved, as a part of it where it is above 1.

    Returns
    -------
    float, ndarray of shape (n_uses,), ndarray of shape (n_uses, n_uses)
    """
    slots = simulator.structure.schedule.slots
    room = np.zeros(simulator.structure.store.size)

    def gradient(moved: Array) -> Array:
        room[slots] = moved
        _, found = samples.run(simulator, room)
        by_connection = found[slots]
        return np.array([by_connection[own].sum() for own in uses])

    rows = []
    for own in uses:
        size = step * max(1.0, float(abs(weights[own[0]])))
        high, low = weights.copy(), weights.copy()
        high[own] += size
        low[own] -= size
        rows.append((gradient(high) - gradient(low)) / float(high[own[0]] - low[own[0]]))
    matrix = np.array(rows).reshape(len(uses), len(uses))
    return samples.error(simulator, weights), gradient(weights), (matrix + matrix.T) / 2
