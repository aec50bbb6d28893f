"""The slopes of a run: ∂HA/∂H of its nodes, by their activations' derivatives."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from nodesim._arrays import Array, Mask
from nodesim.engines.reference import slope
from nodesim.errors import FunctionError
from nodesim.functions.contracts import Activation
from nodesim.functions.guard import called
from nodesim.graph.run import Run
from nodesim.graph.schedule import Schedule, by_activation


def fill_slopes(slopes: Array, schedule: Schedule, rows: Iterable[int], run: Run) -> None:
    """Set the rows of hidden and output nodes to ∂HA/∂H; reads value and activated of the run.

    Parameters
    ----------
    slopes : ndarray of shape (n_rows, n_samples)
        Where they are written; other rows stay as they are.
    schedule : Schedule
    rows : iterable of int
        Which nodes; inputs and bias nodes among them are left out.
    run : Run
        Forward is enough.

    Raises
    ------
    FunctionError
        If the derivative of an activation fails; the message names the node.
    """
    # Nodes of one activation together, whatever their layer: one call of the derivative for all.
    with np.errstate(all="ignore"):
        for activation, members in by_activation(schedule, rows).items():
            slopes[members] = _alike(schedule, activation, members, run)


def slopes_of(schedule: Schedule, reaching: Mask, run: Run) -> Array:
    """Return ∂HA/∂H of all nodes: 1 for inputs and bias nodes, 0 for those behind a dead end.

    Parameters
    ----------
    schedule : Schedule
    reaching : ndarray of bool, shape (n_rows,)
        Which nodes feed what is derived. The slopes of others are never asked for: they are not calculated, and an
        activation without a derivative may stand there.
    run : Run
        Forward is enough.

    Returns
    -------
    ndarray of shape (n_rows, n_samples)

    Raises
    ------
    FunctionError
        If the derivative of an activation fails; the message names the node.
    """
    slopes = np.ones(run.value.shape)
    slopes[~reaching] = 0.0
    fill_slopes(slopes, schedule, np.flatnonzero(reaching).tolist(), run)
    return slopes


def _alike(schedule: Schedule, activation: Activation, rows: list[int], run: Run) -> Array:
    """Return ∂HA/∂H of nodes that share an activation."""
    z, a, mask = run.value[rows], run.activated[rows], None if run.mask is None else run.mask[rows]
    try:
        if mask is not None:
            # Derivatives take what the activation returned, and not what is left of it.
            a = called(activation.function, (z,), z.shape, lambda: activation.label)
        found = called(activation.derivative, (z, a), z.shape, lambda: f"the derivative of {activation.label}")
        return found if mask is None else found * mask
    except FunctionError:
        # One by one, the error says where.
        return np.array([slope(schedule.nodes[row], run) for row in rows])
