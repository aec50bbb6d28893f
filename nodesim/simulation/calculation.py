"""One calculation of a network by an engine: whole, finite, or refused with the name of the first bad node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from nodesim._arrays import Array
from nodesim.engines import choice, reference, vectorized
from nodesim.engines.training_task import Task, Trainer
from nodesim.errors import ArgumentError, FunctionError, NodesimError, NonFiniteError, UnknownNameError, suggestion
from nodesim.functions.contracts import Loss
from nodesim.graph.elements import Node
from nodesim.graph.run import Run, Seed
from nodesim.graph.schedule import Schedule
from nodesim.simulation import objective
from nodesim.validation import shortened


class Engine(Protocol):
    """What an engine offers; see `nodesim.engines.reference` for the meaning."""

    Run: Any  # the kind of run that it fills

    def forward(self, schedule: Schedule, weights: Array, inputs: Array, run: Any) -> bool:
        """Set value and activated of every node, and tell whether all of them are finite."""

    def backward(self, schedule: Schedule, weights: Array, seed: Seed, run: Any, gradients: Array) -> bool:
        """Set delta of every node and the gradient of every connection, and tell whether all are finite."""


ENGINES: dict[str, Callable[[], Any]] = {
    "nodes": lambda: reference,
    "compiled": choice.best,
    "numpy": lambda: vectorized,
    "native": choice.native,
}


def engine(name: str, dtype: str = "float64") -> Engine:
    """Return an engine by name. Kernels are of double precision: other numbers are calculated in NumPy.

    Raises
    ------
    UnknownNameError, MissingExtraError
        If there is none of that name, or it is not installed.
    """
    if not isinstance(name, str) or name not in ENGINES:
        raise UnknownNameError(f"no engine named {shortened(name)}. {suggestion(str(name), ENGINES)}")
    found: Engine = ENGINES["numpy" if name == "compiled" and dtype != "float64" else name]()
    if name == "native" and dtype != "float64":
        raise ArgumentError(f"engine 'native' calculates in float64, the network is {dtype}; use 'compiled'.")
    return found


def trainer(engine: Engine, task: Task) -> Trainer | None:
    """Return what trains whole epochs of a task, or None where an engine leaves every update to its caller."""
    make: Callable[[Task], Trainer | None] | None = getattr(engine, "trainer", None)
    return None if make is None else make(task)


def forward(engine: Engine, schedule: Schedule, weights: Array, inputs: Array, run: Run) -> None:
    """Run forward.

    Raises
    ------
    NonFiniteError, FunctionError
        If a sum overflows, or an activation does not return finite numbers; the message names the node.
    """
    with np.errstate(all="ignore"):
        finite = engine.forward(schedule, weights, inputs, run)
    if not finite:
        _blame_forward(schedule, run)


def mean(errors: Array) -> float:
    """Return e, the mean of the samples' errors; finite errors have a finite mean."""
    return float((errors / len(errors)).sum()) if len(errors) > 1 else float(errors[0])


def error(loss: Loss, schedule: Schedule, target: Array, run: Run) -> Array:
    """Return the error of each sample.

    Raises
    ------
    NonFiniteError
        If it is not finite.
    """
    with np.errstate(all="ignore"):
        errors = objective.errors(loss, schedule, target, run)
    bad = _first_bad(errors)
    if bad is not None:
        farthest = max(schedule.outputs, key=lambda node: abs(run.activated[node.row, bad]))
        raise NonFiniteError(
            f"the error e ({loss.label}) of sample {bad} is {errors[bad]}; the output of {farthest.name} is "
            f"{run.activated[farthest.row, bad]:g}."
        )
    return errors


def backward(
    engine: Engine, loss: Loss, schedule: Schedule, weights: Array, target: Array, run: Run, gradients: Array
) -> None:
    """Run backward: fill errors, targets, loss, seed and delta of the run, and the gradients.

    Raises
    ------
    NonFiniteError, FunctionError
        If a derivative is not finite; the message names the node or connection.
    """
    run.errors = error(loss, schedule, target, run)
    run.loss, run.targets = loss, target
    with np.errstate(all="ignore"):
        run.seed = objective.seed(loss, schedule, target, run)
        _check_seed(loss, schedule, run.seed)
        finite = engine.backward(schedule, weights, run.seed, run, gradients)
    if not finite:
        _blame_backward(schedule, run, gradients)


def _check_seed(loss: Loss, schedule: Schedule, seed: Seed) -> None:
    if np.isfinite(seed.gradient).all():
        return
    for node, row in zip(schedule.outputs, seed.gradient):
        bad = _first_bad(row)
        if bad is not None:
            raise NonFiniteError(
                f"the derivative of the error ({loss.label}) by {node.name} is {row[bad]} for sample {bad}."
            )


def _blame_forward(schedule: Schedule, run: Run) -> None:
    for task in schedule.calculated:
        sums, results = run.value[task.row], run.activated[task.row]
        sample = _first_bad(sums)
        if sample is not None:
            raise NonFiniteError(
                f"{task.node.name} is {sums[sample]} for sample {sample}: its weighted sum left the finite numbers. "
                "Use smaller weights, inputs or learning rate."
            )
        sample = _first_bad(results)
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


def _blame_backward(schedule: Schedule, run: Run, gradients: Array) -> None:
    for task in reversed(schedule.tasks):
        sample = _first_bad(run.delta[task.row])
        if sample is not None:
            label = f" ({task.node.activation.label})" if task.node.activation is not None else ""
            raise NonFiniteError(
                f"the delta of {task.node.name}{label} is {run.delta[task.row][sample]} for sample {sample}: "
                "its derivative is not finite, or the gradient left the finite numbers."
            )
    bad = next(c for task in schedule.tasks for c in task.incoming if not np.isfinite(gradients[c.slot]))
    raise NonFiniteError(f"the gradient of {bad.name} is {gradients[bad.slot]}: it left the finite numbers.")


def _first_bad(row: Array) -> int | None:
    bad = np.flatnonzero(~np.isfinite(row))
    return int(bad[0]) if len(bad) else None
