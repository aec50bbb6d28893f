"""The arrays that kernels run on, made from a network's connections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodesim.engines.native.slabs import Slab

AT_NOTHING, AT_VALUE, AT_SUM = 0, 1, 2  # where the error enters a place: nowhere, by its a, by its z

Integers = NDArray[np.int64]
Indices = NDArray[np.uint32]


class Program(NamedTuple):
    """A network in evaluation order: places instead of nodes, connections numbered by target.

    Attributes
    ----------
    first : int
        How many places, the first ones, are inputs and bias constants.
    start : ndarray of shape (n_places + 1,)
        The connections into place p are k = start[p] ... start[p + 1] − 1.
    source : ndarray of shape (n_connections,)
        The place that feeds connection k.
    fan_start : ndarray of shape (n_places + 1,)
        The connections out of place p are at positions j = fan_start[p] ... fan_start[p + 1] − 1 of the order by
        source, which is by target among equal sources.
    target : ndarray of shape (n_connections,)
        The place that the connection at position j feeds.
    position : ndarray of shape (n_connections,)
        The position j of connection k.
    group_begin, group_end : ndarray of shape (n_groups,)
        Runs of places that share an activation and do not feed each other.
    function, derivative : ndarray of shape (n_groups,)
        Addresses of the groups' slab functions.
    entry : ndarray of shape (n_places,)
        Where the error enters each place: AT_NOTHING, AT_VALUE or AT_SUM.
    outputs : ndarray of shape (n_outputs,)
        The output places, in the order of the targets' columns.
    """

    first: int
    start: Integers
    source: Indices
    fan_start: Integers
    target: Indices
    position: Indices
    group_begin: Integers
    group_end: Integers
    function: Integers
    derivative: Integers
    entry: NDArray[np.uint8]
    outputs: Integers


def arrange(
    first: int,
    start: Integers,
    source: Indices,
    groups: Sequence[tuple[int, int, Slab]],
    outputs: Integers,
    entry: int = AT_VALUE,
) -> Program:
    """Return the program of a network whose places stand in evaluation order.

    Parameters
    ----------
    first, start, source, outputs
        As in `Program`.
    groups : sequence of (begin, end, Slab)
        In ascending order; together they cover all calculated places.
    entry : int
        How the loss gives its derivative: by the outputs' values (AT_VALUE), or by their sums (AT_SUM).
    """
    n_places = len(start) - 1
    order = np.argsort(source, kind="stable")
    position = np.empty(len(source), dtype=np.uint32)
    position[order] = np.arange(len(source), dtype=np.uint32)
    target = np.repeat(np.arange(n_places, dtype=np.uint32), np.diff(start))[order]
    fan_start = np.zeros(n_places + 1, dtype=np.int64)
    np.cumsum(np.bincount(source, minlength=n_places), out=fan_start[1:])
    entries = np.zeros(n_places, dtype=np.uint8)
    entries[outputs] = entry
    return Program(
        first, start, source, fan_start, target, position,
        np.array([begin for begin, _, _ in groups], dtype=np.int64),
        np.array([end for _, end, _ in groups], dtype=np.int64),
        np.array([slab.function for _, _, slab in groups], dtype=np.int64),
        np.array([slab.derivative for _, _, slab in groups], dtype=np.int64),
        entries, np.asarray(outputs, dtype=np.int64),
    )  # fmt: skip
