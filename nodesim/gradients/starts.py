"""Where paths start: at the error e, or at a quantity whose derivative is asked for in its place.

The article derives e. Any other quantity that the network calculates can be derived alike: from OA1 the paths start
with ∂OA1/∂O1, from H3 with the connections into H3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from nodesim._arrays import Array, Indices, Mask, read_only
from nodesim.errors import ArgumentError
from nodesim.gradients.directions import feeding
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Node
from nodesim.graph.run import Run
from nodesim.graph.schedule import Schedule

# The error: what is derived where nothing else is asked for.
E = Quantity("error")


@dataclass(frozen=True, eq=False)
class Start:
    """The quantity that is derived, and the first edges from it.

    Attributes
    ----------
    target : Quantity
        What is derived: e, or a weighted sum, or an activated value.
    gradients : mapping of Node to ndarray of shape (n_samples,)
        For each node where paths enter, the derivative of the target by its OA, or by its O where `of_sums`.
    of_sums : bool
        Whether paths enter at sums.
    has_edges : bool
        Whether these derivatives are edges. False where the target itself is the sum: nothing stands between.
    """

    target: Quantity
    gradients: Mapping[Node, Array]
    of_sums: bool
    has_edges: bool = True


def rows_entered(schedule: Schedule, target: Quantity) -> Indices:
    """Return the rows of the nodes where paths from a target enter."""
    if target.element is None:
        return schedule.output_rows
    return np.array([schedule.row_of[cast(Node, target.element)]])


def reaching(schedule: Schedule, target: Quantity) -> Mask:
    """Return by row which nodes feed a target, its own included."""
    if target.element is None:
        return schedule.reaching
    return feeding(schedule, rows_entered(schedule, target))


def start(schedule: Schedule, target: Quantity, slopes: Array, run: Run) -> Start:
    """Return the start of the paths from a target, of a run that went forward (for e: and backward)."""
    if target.element is None:
        assert run.output_gradient is not None
        entering = read_only(run.output_gradient.gradient.astype(float, copy=False))
        return Start(target, dict(zip(schedule.outputs, entering)), run.output_gradient.of_sums)
    node = cast(Node, target.element)
    if target.kind == "activated":
        return Start(target, {node: slopes[schedule.row_of[node]]}, of_sums=True)
    return Start(target, {node: np.ones(run.n_samples)}, of_sums=True, has_edges=False)


def check(target: Quantity, of: Quantity | None) -> None:
    """Check that a quantity can be derived, by another one if that is known.

    Raises
    ------
    ArgumentError
        If the target is a weight, which nothing feeds, or the same quantity.
    """
    if target.kind == "weight":
        raise ArgumentError(
            f"to must be a quantity that the network calculates, such as H1, HA1, O1 or OA1, or None for e; got the "
            f"weight {target.name}."
        )
    if of is not None and target == of:
        raise ArgumentError(f"{of.name} is what is derived here: ask for something that feeds it.")
