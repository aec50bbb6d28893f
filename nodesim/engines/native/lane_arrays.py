"""The arrays of networks that are trained side by side; see `nodesim.engines.native.network_lanes`."""

from __future__ import annotations

from typing import Any, NamedTuple

from nodesim._arrays import Array


class LaneProgram(NamedTuple):
    """What kernels read of the one structure: positions in the order of evaluation.

    Attributes
    ----------
    given : ndarray
        The positions of inputs, then those of bias nodes.
    start, source : ndarray
        Connections by target: position p is fed by source[start[p]] ... source[start[p + 1] - 1], and these are also
        the numbers of their weights.
    out_start, out_weight, out_target : ndarray
        The same by source: the numbers of their weights, and what they feed.
    learns : ndarray of bool, shape (n_connections,)
        False for frozen connections.
    group_begin, group_end, function, derivative, row : ndarray
        Consecutive positions that are calculated in one go, by which functions, and what these are given first.
    outputs : ndarray
        The positions of the outputs.
    column : ndarray of shape (n_positions,)
        Which of them a position is; -1 for others.
    loss : LossCall
    """

    given: Any
    start: Any
    source: Any
    out_start: Any
    out_weight: Any
    out_target: Any
    learns: Any
    group_begin: Any
    group_end: Any
    function: Any
    derivative: Any
    row: Any
    outputs: Any
    column: Any
    loss: Any


class LaneSamples(NamedTuple):
    """What all lanes learn from.

    Attributes
    ----------
    x, y : ndarray of shape (n_samples, n_given) and (n_samples, n_outputs)
        What inputs and bias nodes send, and the targets.
    batch : int
        Samples for each update.
    """

    x: Array
    y: Array
    batch: int


class LaneNumbers(NamedTuple):
    """The numbers of a block of lanes: flat arrays of lane vectors, one for each connection, position or output.

    Attributes
    ----------
    weights, gradients, first, second : ndarray of shape (n_connections · WIDE,)
        `first` and `second` are what the optimizer remembers; they, and `gradients` in online descent, may be empty.
    kept, errors : flat ndarray of shape (n_connections, row) and (n_epochs, row)
        For each network of all blocks the weights with which it ended, and the mean error of each epoch, each sample's
        taken before its update.
    row, column : int
        How many networks all blocks have room for, and which of them the block's first lane is.
    z, a, d, slope : ndarray of shape (n_positions · WIDE,)
    wanted, results, seeds : ndarray of shape (n_outputs · WIDE,)
    judged, sizes, total : ndarray of shape (WIDE,)
        The errors of a sample; ``Σ|W|`` after an epoch; the mean errors over all samples, where an end depends on them.
    rates : ndarray of shape (WIDE,)
        The learning rates.
    bound : ndarray of shape (WIDE,)
        The error above which a training may diverge.
    watch : ndarray of shape (WIDE, 7)
        See `nodesim.engines.early_stopping`.
    ended, epochs : ndarray of int, shape (WIDE,)
        How a lane ended, and after how many epochs.
    """

    weights: Array
    gradients: Array
    first: Array
    second: Array
    kept: Array
    errors: Array
    row: int
    column: int
    z: Array
    a: Array
    d: Array
    slope: Array
    wanted: Array
    results: Array
    seeds: Array
    judged: Array
    sizes: Array
    total: Array
    rates: Array
    bound: Array
    watch: Array
    ended: Any
    epochs: Any
