"""What a node is known by whatever it is called and wherever it stands: the weights that lead to and from it."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.graph.structure import Structure

_ROUNDS = 30
_FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)


def signatures(structure: Structure) -> Indices:
    """Return a number for each row: equal for nodes that have the same connections to nodes of the same number.

    Inputs and outputs are known by their place, so that two networks can be compared. Activations do not count, as
    programs call them as they like, and bias nodes count by what they add to others. Weights count to 7 digits: what is
    nearly the same is to be found, too.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 3, 1], seed=0)
    >>> found = signatures(net.structure)
    >>> [bool(found[net["H1"].row] == found[net[name].row]) for name in ("H1", "H2", "H3")]
    [True, False, False]
    """
    schedule = structure.schedule
    weights = structure.store.weights[schedule.slots].astype(float)
    numbers: Any = np.zeros(schedule.n_rows, dtype=np.uint64)
    for rows, start in ((schedule.input_rows, 1), (schedule.output_rows, 2)):
        numbers[rows] = _mixed(np.arange(len(rows), dtype=np.uint64) * np.uint64(2) + np.uint64(start))
    biased = np.isin(schedule.sources, schedule.bias_rows)
    counts = (weights != 0.0) & schedule.reaching[schedule.targets]
    numbers ^= _mixed(_digits(_shifts(structure, weights, biased)))
    links = np.flatnonzero(counts & ~biased)
    sources, targets, each = schedule.sources[links], schedule.targets[links], _mixed(_digits(weights[links]))
    for _ in range(min(_ROUNDS, len(schedule.layers) + 1)):
        sent, returned = _mixed(numbers[sources] ^ each), _mixed(numbers[targets] + each)
        for ends, what in ((targets, sent), (sources, returned)):
            gathered = np.zeros_like(numbers)
            np.add.at(gathered, ends, what)
            numbers = _mixed(numbers + gathered)
    found: Indices = numbers.view(np.int64)
    return found


def _shifts(structure: Structure, weights: Array, biased: Mask) -> Array:
    """Return for each row what bias nodes add to it: it may be one of them, or several."""
    schedule = structure.schedule
    constants = np.zeros(schedule.n_rows)
    constants[schedule.bias_rows] = schedule.constants
    links = np.flatnonzero(biased)
    shifts = np.zeros(schedule.n_rows)
    np.add.at(shifts, schedule.targets[links], constants[schedule.sources[links]] * weights[links])
    return shifts


def _digits(values: Array) -> Any:
    with np.errstate(all="ignore"):
        # 0 is -0, too.
        return (values.astype(np.float32) + np.float32(0.0)).view(np.uint32).astype(np.uint64)


def _mixed(numbers: Any) -> Any:
    """Spread each number over all bits."""
    found = (numbers ^ (numbers >> _HALF)) * _FIRST
    found = (found ^ (found >> _HALF)) * _SECOND
    return found ^ (found >> _HALF)
