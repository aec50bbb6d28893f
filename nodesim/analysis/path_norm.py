"""The path norm of a network: what the weights along all paths from the inputs to the outputs multiply to.

One forward propagation with |W|^p for weights and activations left out, as for path counts, where it is 1 for each.

References
----------
B. Neyshabur, R. Tomioka, N. Srebro, "Norm-Based Capacity Control in Neural Networks", COLT 2015.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, NonFiniteError
from nodesim.gradients.directions import from_inputs
from nodesim.graph.schedule import Schedule
from nodesim.validation import finite, flag, shortened


def path_norm(schedule: Schedule, weights: Array, p: float, bias: bool) -> float:
    """Return Σ over all paths from an input to an output of Π |W|^p; see `Network.path_norm`.

    Parameters
    ----------
    schedule : Schedule
    weights : ndarray of shape (n_slots,)
    p : float
        Above 0.
    bias : bool
        Whether paths from bias nodes count as well, times |the constant|^p.

    Returns
    -------
    float

    Raises
    ------
    ArgumentError
        If p is not above 0, or bias neither True nor False.
    NonFiniteError
        If the sum leaves the finite numbers; the message names the first node where it does.
    """
    power = finite(p, "p")
    if power <= 0:
        raise ArgumentError(f"p must be above 0, got {shortened(p)}: 1 sums |products|, 2 their squares.")
    flag(bias, "bias")
    # Paths start at inputs with 1; a bias node is an input that always sends its constant.
    start = np.zeros(schedule.n_rows)
    start[schedule.input_rows] = 1.0
    with np.errstate(all="ignore"):
        for node in schedule.biases if bias else ():
            start[node.row] = np.abs(node.value) ** power
        factors = np.abs(weights[schedule.slots].astype(float)) ** power
        arriving = from_inputs(schedule).propagate(start, factors)
        total = float(arriving[schedule.output_rows].sum())
    if not np.isfinite(total):
        raise _overflow(schedule, arriving, power)
    return total


def _overflow(schedule: Schedule, arriving: NDArray[np.float64], power: float) -> NonFiniteError:
    bad = np.flatnonzero(~np.isfinite(arriving))
    # Of the nodes where it overflowed the one nearest to the inputs, behind which all others are.
    where = f" at {schedule.nodes[bad[schedule.depths[bad].argmin()]].name}" if len(bad) else ""
    return NonFiniteError(
        f"the path norm (p = {power:g}) left the finite numbers{where}. Use a smaller p, or smaller weights."
    )
