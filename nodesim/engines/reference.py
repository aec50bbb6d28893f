"""The `nodes` engine: the article's steps 2 and 3, node by node, for all samples of a batch at once.

It is the definition: other engines agree with it. Each function says what it reads and what it sets.

The article's forward and backward stand in seven places, each for a reason:

- here, to be read beside the article;
- `operations`: NumPy, for a whole depth at once; fast without numba, and for any number type; single runs, and training
  with any batch;
- `native.sample_kernels`: one sample, for latency; single runs, and training with batches of one;
- `native.batch_kernels` and `native.dense`: blocks of 32 samples, for throughput; batches and mini-batch training;
- `native.online_training`: one update per sample of a tiny network, where every instruction that waits is felt;
- `native.network_lanes`: one sample for 64 networks of one structure, side by side; sweeps;
- ``explorer/page/src/engine.js``: the explorer's page, which calculates without Python.

Paths that are cut go forward by themselves, over what came of a run: `nodesim.paths.cutting`.

Tests hold the others to this one, and every copy of an activation, a loss or an optimizer to the plugin's.

References
----------
Article, section 3.
"""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array
from nodesim.functions.guard import FOR_EACH, OVER_CONTRIBUTIONS, called
from nodesim.graph.elements import Node
from nodesim.graph.run import OutputGradient, Run
from nodesim.graph.schedule import NodeTask, Schedule


def forward(schedule: Schedule, weights: Array, inputs: Array, run: Run) -> bool:
    """Article step 2: H = Σ W·HA over what feeds the node, or another aggregation of it, and HA = activation(H).

    Reads the weights and inputs of shape (n_inputs, n_samples); sets value and activated of every node.
    Returns whether all of them are finite.
    """
    value, activated = run.value, run.activated
    give(schedule, inputs, run)
    for task in schedule.calculated:
        if schedule.joins[task.row] and task.incoming:
            z = value[task.row] = aggregate(task, contributions(task, weights, activated))
        else:
            z = np.dot(weights[task.source_slots], activated[task.sources], out=value[task.row])
        activated[task.row] = activate(task.node, z)
        if run.mask is not None:
            activated[task.row] *= run.mask[task.row]
    return bool(np.isfinite(value).all() and np.isfinite(activated).all())


def backward(schedule: Schedule, weights: Array, output_gradient: OutputGradient, run: Run, gradients: Array) -> bool:
    """Article step 3: ∂e/∂HA = Σ W·∂e/∂H over what the node feeds, ∂e/∂H = ∂e/∂HA · ∂HA/∂H, ∂e/∂W = mean of HA·∂e/∂H.

    Where a node is not the sum of what comes in, both W and HA are multiplied by ∂H/∂(W·HA), which is 1 for sums.

    Reads the weights, value and activated, and the output gradient, the derivatives of the error by the outputs; sets
    delta of every node and the gradient of every connection.
    Returns whether all of them are finite.
    """
    delta, parts = run.delta, parts_by_slot(schedule, weights, run)
    entering = dict(zip(schedule.outputs, output_gradient.gradient))
    for task in reversed(schedule.tasks):
        # Behind a dead end no error arrives; its activation is not even asked for a derivative.
        if not task.alive:
            delta[task.row] = 0.0
            continue
        arriving = delta[task.row]
        if parts is None:
            np.dot(weights[task.target_slots], delta[task.targets], out=arriving)
        else:
            passed = weights[task.target_slots][:, None] * parts[task.target_slots]
            np.sum(passed * delta[task.targets], axis=0, out=arriving)
        # An output may feed other nodes as well: what enters there is added to what arrives.
        error = entering.get(task.node)
        if error is not None and not output_gradient.of_sums:
            arriving += error
        if task.node.activation is not None:
            arriving *= slope(task.node, run)
        if error is not None and output_gradient.of_sums:
            arriving += error
    for task in schedule.calculated:
        sent = run.activated[task.sources]
        if parts is not None:
            sent = sent * parts[task.source_slots]
        gradients[task.source_slots] = np.dot(sent, delta[task.row]) / run.n_samples
    return bool(np.isfinite(delta).all() and np.isfinite(gradients).all())


def give(schedule: Schedule, inputs: Array, run: Run) -> None:
    """Set value and activated of inputs and bias nodes: what they are given, and their constants."""
    value, activated = run.value, run.activated
    value[schedule.input_rows] = activated[schedule.input_rows] = inputs
    for bias in schedule.biases:
        value[bias.row] = activated[bias.row] = bias.value


def contributions(task: NodeTask, weights: Array, activated: Array) -> Array:
    """Return what comes into a node: W·HA of every connection."""
    found: Array = weights[task.source_slots][:, None] * activated[task.sources]
    return found


def aggregate(task: NodeTask, coming: Array) -> Array:
    """Return H of a node that is no sum."""
    aggregation = task.node.aggregation
    assert aggregation is not None
    return called(
        aggregation.function,
        (coming,),
        coming.shape[1:],
        lambda: f"{task.node} ({aggregation.label})",
        OVER_CONTRIBUTIONS,
    )


def parts_by_slot(schedule: Schedule, weights: Array, run: Run) -> Array | None:
    """Return ∂H/∂(W·HA) of every connection; None where all nodes are sums."""
    if not schedule.has_joins:
        return None
    parts = np.ones((len(weights), run.n_samples))
    for task in (task for task in schedule.calculated if schedule.joins[task.row] and task.alive and task.incoming):
        aggregation, coming = task.node.aggregation, contributions(task, weights, run.activated)
        assert aggregation is not None
        given = coming, run.value[task.row]
        who = f"the partials of {task.node} ({aggregation.label})"
        parts[task.source_slots] = called(aggregation.partials, given, coming.shape, lambda who=who: who, FOR_EACH)  # type: ignore[misc]
    return parts


def activate(node: Node, z: Array) -> Array:
    """Return HA of a hidden or output node from H."""
    activation = node.activation
    assert activation is not None
    return called(activation.function, (z,), z.shape, lambda: f"{node} ({activation.label})")


def slope(node: Node, run: Run) -> Array:
    """Return ∂HA/∂H of a hidden or output node; reads its value and activated."""
    activation = node.activation
    assert activation is not None
    z, a = run.value[node.row], run.activated[node.row]
    if run.mask is not None:
        # Derivatives take what the activation returned, and not what is left of it.
        a = activate(node, z)
    found = called(activation.derivative, (z, a), z.shape, lambda: f"the derivative of {node} ({activation.label})")
    return found if run.mask is None else found * run.mask[node.row]
