"""The path norm of a network: what the weights along all paths from the inputs to the outputs multiply to.

One forward propagation with ``|W|^p`` for weights and activations left out, as for path counts, where it is 1 for each.

References
----------
Neyshabur, B., R. Tomioka, N. Srebro, "Norm-Based Capacity Control in Neural Networks", COLT 2015. A. Gonon, N.
Brisebarre, E. Riccietti, R. Gribonval, "A path-norm toolkit for modern networks" (ICLR 2024), for the largest input.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array
from nodesim.errors import ArgumentError, NonFiniteError, StructureError
from nodesim.gradients.directions import from_inputs
from nodesim.graph.schedule import Schedule
from nodesim.validation import finite, flag, shortened

# Of these ∂H/∂(W·HA) is 1 at most.
_BOUNDED = ("mean", "max", "min", "norm")


def path_norm(schedule: Schedule, weights: Array, p: float, bias: bool) -> float:
    """Return Σ over all paths from an input to an output of Π ``|W|^p``; see `Network.path_norm`.

    Parameters
    ----------
    schedule : Schedule
    weights : ndarray of shape (n_slots,)
    p : float
        Above 0.
    bias : bool
        Whether paths from bias nodes count as well, times ``|the constant|^p``.

    Returns
    -------
    float

    Raises
    ------
    ArgumentError
        If p is not above 0, or bias neither True nor False.
    StructureError
        If H of a node is a product, or what a plugin makes of its inputs: what a path counts is no matter of weights.
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
        factors = (_shares(schedule) * np.abs(weights[schedule.slots].astype(float))) ** power
        arriving = from_inputs(schedule).propagate(start, factors)
        total = float(arriving[schedule.output_rows].sum())
    if not np.isfinite(total):
        raise _overflow(schedule, arriving, power)
    return total


def _shares(schedule: Schedule) -> Any:
    """Return by connection the most that ∂H/∂(W·HA) can be: 1, and into a mean its part."""
    if not schedule.has_joins:
        return 1.0
    found = np.ones(len(schedule.slots))
    counts = np.bincount(schedule.targets, minlength=schedule.n_rows)
    for row in np.flatnonzero(schedule.joins & (counts > 0)).tolist():
        node = schedule.nodes[row]
        made_by = node.aggregation
        assert made_by is not None
        if made_by.native not in _BOUNDED:
            raise StructureError(
                f"there is no path norm: H of {node.name} is made by {made_by.label}, whose ∂H/∂(W·HA) has no "
                "bound. It takes nodes that are sums, means, norms, or the largest or smallest of what comes in."
            )
        if made_by.native == "mean":
            found[schedule.targets == row] = 1.0 / counts[row]
    return found


def _overflow(schedule: Schedule, arriving: NDArray[np.float64], power: float) -> NonFiniteError:
    bad = np.flatnonzero(~np.isfinite(arriving))
    # Of the nodes where it overflowed the one nearest to the inputs, behind which all others are.
    where = f" at {schedule.nodes[bad[schedule.depths[bad].argmin()]].name}" if len(bad) else ""
    return NonFiniteError(
        f"the path norm (p = {power:g}) left the finite numbers{where}. Use a smaller p, or smaller weights."
    )
