"""The compiled engine in NumPy: depth by depth, dense matrices by BLAS, the rest gathered.

Reads and sets what `nodesim.engines.reference` does, and agrees with it up to the order of summation. No Python loop
goes over connections or nodes.
"""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array
from nodesim.engines import operations, reference
from nodesim.engines.levels import ActivationGroup, levels_of
from nodesim.engines.operations import Numbers, Operation
from nodesim.engines.training_task import Trainer, TrainingTask
from nodesim.engines.vectorized_training import VectorizedTrainer
from nodesim.errors import FunctionError
from nodesim.functions.guard import called
from nodesim.graph.run import OutputGradient, Run
from nodesim.graph.schedule import Schedule

__all__ = ["Run", "backward", "forward", "trainer"]


def trainer(task: TrainingTask) -> Trainer:
    """Return what trains whole epochs of a task."""
    return VectorizedTrainer(task)


def forward(schedule: Schedule, weights: Array, inputs: Array, run: Run) -> bool:
    """Run forward; see `nodesim.engines.operations.forward`.

    Reads the weights and inputs of shape (n_inputs, n_samples); sets value and activated of every node.
    Returns whether all of them are finite.
    """
    on = _numbers(schedule, weights, run, np.empty((0, run.n_samples)))
    reference.give(schedule, inputs, run)

    def activate(group: ActivationGroup, z: Array, a: Array) -> Operation:
        def operation() -> None:
            a[...] = _activate(schedule, group, z)
            if run.mask is not None:
                np.multiply(a, run.mask[group.members], a)

        return operation

    for operation in operations.forward(schedule.cached(levels_of), on, activate):
        operation()
    return bool(np.isfinite(on.value).all() and np.isfinite(on.activated).all())


def backward(schedule: Schedule, weights: Array, output_gradient: OutputGradient, run: Run, gradients: Array) -> bool:
    """Run backward; see `nodesim.engines.operations.backward`.

    Reads the weights, value and activated, and the output gradient; sets delta of every node and the gradient of every
    connection, the mean over the samples. Returns whether all of them are finite.
    """
    on = _numbers(schedule, weights, run, run.delta)
    found, size = np.zeros(len(on.weights), on.delta.dtype), len(on.weights) - 1
    entering = output_gradient.gradient.astype(on.delta.dtype, copy=False)

    def slope(group: ActivationGroup, z: Array, a: Array, delta: Array) -> Operation:
        return lambda: np.multiply(delta, _slope(schedule, group, z, a, run), delta)

    for operation in operations.backward(
        schedule.cached(levels_of), on, entering, found, slope, of_sums=output_gradient.of_sums, of_given=True
    ):
        operation()
    np.divide(found[:size], run.n_samples, out=gradients[:size])
    return bool(np.isfinite(on.delta).all() and np.isfinite(found[:size]).all())


def _numbers(schedule: Schedule, weights: Array, run: Run, delta: Array) -> Numbers:
    size = int(schedule.slots.max(initial=-1)) + 1
    padded = np.zeros(size + 1, dtype=weights.dtype)
    padded[:size] = weights[:size]

    def room(shape: tuple[int, ...]) -> Array:
        return np.empty(shape, dtype=padded.dtype)

    return Numbers(padded, run.value, run.activated, delta, room)


def _activate(schedule: Schedule, group: ActivationGroup, z: Array) -> Array:
    try:
        return called(group.activation.function, (z,), z.shape, lambda: "several nodes")
    except FunctionError:
        # Once more node by node: it is then known whose fault it is.
        return np.stack([reference.activate(schedule.nodes[row], own) for row, own in zip(group.members, z)])


def _slope(schedule: Schedule, group: ActivationGroup, z: Array, a: Array, run: Run) -> Array:
    if run.mask is not None:
        # Derivatives take what the activation returned, and not what is left of it.
        a = _activate(schedule, group, z)
    try:
        found = called(group.activation.derivative, (z, a), z.shape, lambda: "several nodes")
    except FunctionError:
        return np.stack([reference.slope(schedule.nodes[row], run) for row in group.members])
    return found if run.mask is None else found * run.mask[group.members]
