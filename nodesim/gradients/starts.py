"""Where paths start: at the error e, or at a quantity whose derivative is asked for in its place.

The article derives e. Any other quantity that the network calculates can be derived alike: from OA1 the paths start
with ∂OA1/∂O1, from H3 with the connections into H3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast

import numpy as np

from nodesim._arrays import Array, Indices, Mask, read_only
from nodesim.errors import ArgumentError
from nodesim.gradients.directions import feeding
from nodesim.gradients.quantities import PartialDerivative, Quantity
from nodesim.graph.elements import Node
from nodesim.graph.run import Penalty, Run
from nodesim.graph.schedule import Schedule
from nodesim.notation.symbols import is_taken

# The error: what is derived where nothing else is asked for.
E = Quantity("error")
# What is derived where the length of the gradient has a limit, and the error of a sample where samples have weights.
CLIPPED, SAMPLE = Quantity("clipped"), Quantity("sample")


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
    before : tuple of PartialDerivative
        The edges that all paths begin with, where e is clipped, or its samples have weights.
    edges : mapping of Node to ndarray of shape (n_samples,)
        For each node where paths enter the edge behind these: the derivative of what they lead to.
    penalties : tuple of Penalty
        What else is added to e: an edge of its own leads from there to every weight.
    """

    target: Quantity
    gradients: Mapping[Node, Array]
    of_sums: bool
    has_edges: bool = True
    before: tuple[PartialDerivative, ...] = ()
    edges: Mapping[Node, Array] = field(default_factory=dict)
    penalties: tuple[Penalty, ...] = ()

    @property
    def entered_from(self) -> Quantity:
        """What the edges to the outputs lead from: the target, or the last of what stands before them."""
        return self.before[-1].denominator if self.before else self.target

    def derivative_by(self, quantity: Quantity) -> Any:
        """Return the derivative of the target by itself, or by what stands beside e: a number, or one per sample."""
        if quantity == self.target:
            return 1.0
        found: Any = 1.0
        for edge in self.before:
            found = found * edge.values
            if edge.denominator == quantity:
                return found
        # A penalty is a part of e as it is.
        return 1.0 if self.target == E else self.derivative_by(E)


def in_double(numbers: Array) -> Array:
    """Return floats in double precision; exact numbers, which are objects, as they are."""
    return numbers if numbers.dtype == object else numbers.astype(float, copy=False)


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
        return _of_error(schedule, run)
    node = cast(Node, target.element)
    if target.kind == "activated":
        gradients = {node: slopes[schedule.row_of[node]]}
        return Start(target, gradients, of_sums=True, edges=gradients)
    return Start(target, {node: np.ones(run.n_samples)}, of_sums=True, has_edges=False)


def _of_error(schedule: Schedule, run: Run) -> Start:
    assert run.output_gradient is not None
    entering, target = in_double(run.output_gradient.gradient), E if run.clip is None else CLIPPED
    before = []
    if run.clip is not None:
        before.append(PartialDerivative(CLIPPED, E, read_only(np.full(run.n_samples, run.clip))))
    if run.shares is not None:
        before.append(PartialDerivative(E, SAMPLE, read_only(run.shares)))
    edges, gradients = read_only(entering), read_only(entering * run.factors if before else entering)
    outputs = schedule.outputs
    return Start(
        target, dict(zip(outputs, gradients)), run.output_gradient.of_sums, before=tuple(before),
        edges=dict(zip(outputs, edges)), penalties=_told_apart(run.penalties, schedule),
    )  # fmt: skip


def _told_apart(penalties: tuple[Penalty, ...], schedule: Schedule) -> tuple[Penalty, ...]:
    """Return penalties under names that nothing else has: two may be of one name, and a node or weight, too."""
    found: dict[str, Penalty] = {}
    for penalty in penalties:
        name = penalty.label
        if is_taken(name) or schedule.get(name) is not None:
            name = f"penalty[{name}]"
        number = next(number for number in count(1) if _numbered(name, number) not in found)
        found[_numbered(name, number)] = penalty
    return tuple(penalty._replace(label=label) for label, penalty in found.items())


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name} ({number})"


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
