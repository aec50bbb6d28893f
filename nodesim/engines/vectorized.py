"""The compiled engine in NumPy: depth by depth, dense matrices by BLAS, the rest gathered.

Reads and sets what `nodesim.engines.reference` does, and agrees with it up to the order of summation. No Python loop
goes over connections or nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.engines import reference
from nodesim.engines.matrices import DenseMatrix, Gather, dense_matrices, gathers
from nodesim.errors import FunctionError
from nodesim.functions.contracts import Activation
from nodesim.functions.guard import called
from nodesim.graph.run import OutputGradient, Run
from nodesim.graph.schedule import Places, Schedule, places


@dataclass(frozen=True, slots=True)
class ActivationGroup:
    """Nodes of one depth that share an activation.

    Attributes
    ----------
    activation : Activation
    rows : slice or ndarray
    alive : bool
        Whether an output can be reached from them.
    members : ndarray of int
        Their rows, one by one.
    """

    activation: Activation
    rows: Places
    alive: bool
    members: Indices


@dataclass(frozen=True, slots=True)
class Level:
    """The nodes of one depth, and the connections that enter and leave them.

    Attributes
    ----------
    rows : slice or ndarray
    dead, unfed : ndarray of int
        The rows from which no output can be reached, and those of hidden nodes that nothing feeds.
    groups : tuple of ActivationGroup
    dense : tuple of DenseMatrix
        Into these nodes.
    incoming, outgoing : tuple of Gather
        The other connections: all that enter, and those that leave towards an output.
    """

    rows: Places
    dead: Indices
    unfed: Indices
    groups: tuple[ActivationGroup, ...]
    dense: tuple[DenseMatrix, ...]
    incoming: tuple[Gather, ...]
    outgoing: tuple[Gather, ...]


def levels_of(schedule: Schedule) -> list[Level]:
    """Cut the levels of a schedule."""
    depth_of = schedule.depths
    order = np.lexsort((schedule.sources, schedule.targets, depth_of[schedule.targets]))
    sources, targets, slots = schedule.sources[order], schedule.targets[order], schedule.slots[order]
    padding = int(schedule.slots.max(initial=-1)) + 1
    last = int(depth_of.max(initial=0))
    bounds = np.searchsorted(depth_of[targets], np.arange(last + 2))
    matrices, inside = [], np.zeros(len(targets), dtype=bool)
    for low, high in pairwise(bounds):
        found, within = dense_matrices(sources[low:high], targets[low:high], slots[low:high])
        matrices.append(found)
        inside[low:high] = within
    sparse = ~inside
    useful = sparse & schedule.reaching[targets]
    into = _split(targets[sparse], sources[sparse], slots[sparse], depth_of, last, padding)
    out_of = _split(sources[useful], targets[useful], slots[useful], depth_of, last, padding)
    fed = np.bincount(targets, minlength=schedule.n_rows) > 0
    given = np.concatenate([schedule.input_rows, [bias.row for bias in schedule.biases]])
    fed[given.astype(np.intp)] = True
    by_depth = np.split(np.argsort(depth_of, kind="stable"), np.cumsum(np.bincount(depth_of))[:-1])
    return [
        Level(
            places(rows), rows[~schedule.reaching[rows]], rows[~fed[rows]], _groups(schedule, rows),
            tuple(matrix), tuple(entering), tuple(leaving),
        )
        for rows, matrix, entering, leaving in zip(by_depth, matrices, into, out_of)
    ]  # fmt: skip


def _split(
    rows: Indices, ends: Indices, slots: Indices, depth_of: Indices, last: int, padding: int
) -> list[list[Gather]]:
    order = np.lexsort((ends, rows, depth_of[rows]))
    rows, ends, slots = rows[order], ends[order], slots[order]
    bounds = np.searchsorted(depth_of[rows], np.arange(last + 2))
    return [gathers(rows[a:b], ends[a:b], slots[a:b], padding) for a, b in pairwise(bounds)]


def _groups(schedule: Schedule, rows: Indices) -> tuple[ActivationGroup, ...]:
    found: dict[tuple[Activation, bool], list[int]] = {}
    for row in rows.tolist():
        activation = schedule.nodes[row].activation
        if activation is not None:
            found.setdefault((activation, bool(schedule.reaching[row])), []).append(row)
    return tuple(
        ActivationGroup(activation, places(np.array(members)), alive, np.array(members))
        for (activation, alive), members in found.items()
    )


def forward(schedule: Schedule, weights: Array, inputs: Array, run: Run) -> bool:
    """Article step 2: H = Σ W·HA over what feeds the node, HA = activation(H), for all nodes of a depth at once.

    Reads the weights and inputs of shape (n_inputs, n_samples); sets value and activated of every node.
    Returns whether all of them are finite.
    """
    value, activated = run.value, run.activated
    reference.give(schedule, inputs, run)
    padded = _padded(schedule, weights)
    # Nodes of one depth do not feed each other, so a whole depth can be calculated at once.
    for level in schedule.cached(levels_of):
        if len(level.unfed):
            value[level.unfed] = 0.0
        for dense in level.dense:
            _multiply(dense.matrix(weights).T, activated[dense.sources], value, dense.targets)
        for gather in level.incoming:
            value[gather.rows] = _sums(padded[gather.slots], activated, gather)
        for group in level.groups:
            activated[group.rows] = _activate(schedule, group, value[group.rows])
    return bool(np.isfinite(value).all() and np.isfinite(activated).all())


def backward(schedule: Schedule, weights: Array, output_gradient: OutputGradient, run: Run, gradients: Array) -> bool:
    """Article step 3: ∂e/∂HA = Σ W·∂e/∂H, ∂e/∂H = ∂e/∂HA·∂HA/∂H, ∂e/∂W = mean of HA·∂e/∂H, for all nodes of a depth.

    Reads the weights, value and activated, and the output gradient; sets delta of every node and the gradient of every
    connection. Returns whether all of them are finite.
    """
    delta = run.delta
    delta[:] = 0.0
    padded, entering = _padded(schedule, weights), np.zeros_like(delta)
    entering[schedule.output_rows] = output_gradient.gradient
    if not output_gradient.of_sums:
        delta += entering
    # One more than there are connections: what padding gathers is written behind the last gradient, and left there.
    found = np.zeros(len(padded), dtype=padded.dtype)
    for level in reversed(schedule.cached(levels_of)):
        for gather in level.outgoing:
            delta[gather.rows] += _sums(padded[gather.slots], delta, gather)
        for group in level.groups:
            if group.alive:
                delta[group.rows] *= _slope(schedule, group, run)
        if len(level.dead):
            delta[level.dead] = 0.0
        if output_gradient.of_sums:
            delta[level.rows] += entering[level.rows]
        for dense in level.dense:
            delta[dense.sources] += dense.matrix(weights) @ delta[dense.targets]
            dense.write(run.activated[dense.sources], delta[dense.targets], found)
        for gather in level.incoming:
            found[gather.slots] = (run.activated[gather.ends] @ delta[gather.rows][:, :, None])[:, :, 0]
    np.divide(found[:-1], run.n_samples, out=gradients[: len(found) - 1])
    return bool(np.isfinite(delta).all() and np.isfinite(found).all())


def _multiply(matrix: Array, numbers: Array, table: Array, rows: Places) -> None:
    """Write matrix @ numbers into rows of a table, without a copy where they stand side by side."""
    if isinstance(rows, slice):
        np.matmul(matrix, numbers, out=table[rows])
    else:
        table[rows] = matrix @ numbers


def _padded(schedule: Schedule, weights: Array) -> Array:
    """Return the weights with a 0 behind them, which padding refers to."""
    size = int(schedule.slots.max(initial=-1)) + 1
    padded = np.zeros(size + 1, dtype=weights.dtype)
    padded[:size] = weights[:size]
    return padded


def _sums(weights: Array, numbers: Array, gather: Gather) -> Array:
    # A stack of matrix products is slow for a single column.
    if numbers.shape[1] == 1:
        sums: Array = np.einsum("ne,ne->n", weights, numbers[gather.ends, 0])[:, None]
        return sums
    return (weights[:, None, :] @ numbers[gather.ends])[:, 0, :]


def _activate(schedule: Schedule, group: ActivationGroup, z: Array) -> Array:
    try:
        return called(group.activation.function, (z,), z.shape, lambda: "several nodes")
    except FunctionError:
        # Once more node by node: it is then known whose fault it is.
        return np.stack([reference.activate(schedule.nodes[row], own) for row, own in zip(group.members, z)])


def _slope(schedule: Schedule, group: ActivationGroup, run: Run) -> Array:
    z, a = run.value[group.rows], run.activated[group.rows]
    try:
        return called(group.activation.derivative, (z, a), z.shape, lambda: "several nodes")
    except FunctionError:
        return np.stack([reference.slope(schedule.nodes[row], run) for row in group.members])
