"""Whose fault it is that a number is not finite: the first node, in the order of calculation, is named."""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import FunctionError, NodesimError, NonFiniteError
from nodesim.functions.contracts import Loss
from nodesim.graph.elements import Node
from nodesim.graph.run import OutputGradient, Run
from nodesim.graph.schedule import Schedule


def check_forward(schedule: Schedule, run: Run) -> None:
    """Raise the error that names the first node whose value or activated value is not finite, if there is one."""
    for task in schedule.calculated:
        sums, results = run.value[task.row], run.activated[task.row]
        sample = first_bad(sums)
        if sample is not None:
            made_by = task.node.aggregation
            h = "weighted sum" if made_by is None or made_by.is_sum else made_by.name
            raise NonFiniteError(
                f"{task.node.name} is {sums[sample]} for sample {sample}: its {h} left the finite numbers. "
                "Use smaller weights, inputs or learning rate."
            )
        sample = first_bad(results)
        if sample is not None:
            raise _faulty(task.node, float(sums[sample]), float(results[sample]), sample)


def _faulty(node: Node, z: float, result: float, sample: int) -> NodesimError:
    """Tell a function that is not defined for a number from one that only grows too large."""
    assert node.activation is not None
    kind = FunctionError if np.isnan(result) else NonFiniteError
    return kind(
        f"while evaluating {node.name} ({node.activation.label}): it returned {result} for z = {z:.17g} "
        f"(sample {sample}), which is no finite number."
    )


def check_errors(loss: Loss, schedule: Schedule, run: Run, errors: Array) -> None:
    """Raise a `NonFiniteError` if the error of a sample is not finite; it names the output that is farthest away."""
    bad = first_bad(errors)
    if bad is not None:
        farthest = max(schedule.outputs, key=lambda node: abs(run.activated[node.row, bad]))
        raise NonFiniteError(
            f"the error e ({loss.label}) of sample {bad} is {errors[bad]}; the output of {farthest.name} is "
            f"{run.activated[farthest.row, bad]:g}."
        )


def check_entering(loss: Loss, schedule: Schedule, entering: OutputGradient) -> None:
    """Raise a `NonFiniteError` if the derivative of the error by an output is not finite."""
    if np.isfinite(entering.gradient).all():
        return
    for node, row in zip(schedule.outputs, entering.gradient):
        bad = first_bad(row)
        if bad is not None:
            raise NonFiniteError(
                f"the derivative of the error ({loss.label}) by {node.name} is {row[bad]} for sample {bad}."
            )


def backward_fault(schedule: Schedule, run: Run, gradients: Array) -> NodesimError:
    """Return the error that names the first node, from e back, or else the connection, that is not finite."""
    for task in reversed(schedule.tasks):
        sample = first_bad(run.delta[task.row])
        if sample is not None:
            label = f" ({task.node.activation.label})" if task.node.activation is not None else ""
            return NonFiniteError(
                f"the delta of {task.node.name}{label} is {run.delta[task.row][sample]} for sample {sample}: "
                "its derivative is not finite, or the gradient left the finite numbers."
            )
    entering = (c for task in schedule.tasks for c in task.incoming)
    bad, found = next((c, g) for c in entering if not np.isfinite(g := gradients[schedule.slot(c)]))
    return NonFiniteError(f"the gradient of {bad.name} is {found}: it left the finite numbers.")


def check_gradients(schedule: Schedule, gradients: Array) -> None:
    """Raise a `NonFiniteError` if a gradient, to which penalties were added, is not finite."""
    bad = first_bad(gradients[schedule.slots])
    if bad is not None:
        found = gradients[schedule.slots[bad]]
        raise NonFiniteError(
            f"the gradient of {schedule.connections[bad].name} with its penalties is {found}: it left the finite "
            "numbers."
        )


def first_bad(row: Array) -> int | None:
    """Return the place of the first number that is not finite, or None."""
    bad = np.flatnonzero(~np.isfinite(row))
    return int(bad[0]) if len(bad) else None
