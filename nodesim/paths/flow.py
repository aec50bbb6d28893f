"""What of a gradient flows where: the dynamic programmes behind `GradientPaths.flow` and `GradientPaths.lengths`.

The paths through a state are all ways from e to it, each with all ways on to the goal. By the distributive law the sum
of their products is that of the former times that of the latter:

    Σ over the paths through s            =  arriving(s) · leaving(s)
    Σ over the paths over an arc a -> b   =  arriving(a) · ∂H/∂HA · slope(b) · leaving(b)

`arriving`, with the slope of its node, is ∂e/∂H; `leaving`, without it, is the derivative of H by what the paths end
at. Two sweeps, from e on and from the goal back, give all of them.
The same with 1 for every number counts paths, and with magnitudes it sums ``|product|``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodesim._arrays import Array, Indices
from nodesim.graph.elements import Connection
from nodesim.paths import lengths as by_length
from nodesim.paths.flow_table import Flow, RowGroup
from nodesim.paths.sums import PathSums, SamplePartials

# Whole numbers from here on are not all floats. The counts of states and arcs are below it
# if that of all paths is, as every state and arc is on a path.
_EXACT = 2**53
# How many numbers, arcs times samples, are worked on together.
_TOGETHER = 100_000


def flow(sums: PathSums, samples: Sequence[int]) -> Flow:
    """Share out the gradient over the nodes, connections and outputs that the paths pass.

    Parameters
    ----------
    sums : PathSums
    samples : sequence of int
        The mean is taken over these.

    Returns
    -------
    Flow
        The weight's source, the nodes from there on, the weight, and the connections.
    """
    direct = _direct(sums, samples)
    if sums.empty:
        whole = sum(each for part in direct for each in part.gradients)
        return Flow(direct, whole, Flow(direct, whole))
    trellis, schedule, of = sums.trellis, sums.graph.schedule, sums.of.element
    amounts, scales = _means(sums, samples, _amounts)
    counts = _counts(sums)
    rows, *by_row = _gathered(trellis.rows, counts.states, amounts.states, scales.states)
    # From the weight on, as connections of a path are.
    onwards = np.lexsort((rows, schedule.depths[rows]))
    arcs, *by_arc = _gathered(trellis.connections, counts.arcs, amounts.arcs, scales.arcs)
    nodes = [schedule.nodes[row] for row in rows[onwards]]
    connections = [schedule.connections[arc] for arc in arcs]
    everything = [counts.goal], [amounts.goal], [scales.goal]
    # Everything passes the weight and its source.
    source, weight = ([of.source], [of]) if isinstance(of, Connection) else ([], [])
    parts = [
        RowGroup(source, "node", *everything),
        RowGroup(nodes, "node", *(column[onwards] for column in by_row)),
        RowGroup(weight, "connection", *everything),
        RowGroup(connections, "connection", *by_arc),
        *direct,
    ]
    whole = sum((each for part in direct for each in part.gradients), float(amounts.goal))
    outputs = Flow([_outputs(sums, amounts, scales), *direct], whole)
    return Flow([part for part in parts if part.elements], whole, outputs)


def _direct(sums: PathSums, samples: Sequence[int]) -> list[RowGroup]:
    """Return the rows of penalties, which are fed by no node."""
    products = sums.direct.each(samples)
    if not products:
        return []
    return [RowGroup(sums.direct.quantities, "penalty", [1] * len(products), products, list(map(abs, products)))]


def lengths(sums: PathSums, samples: Sequence[int]) -> Flow:
    """Share out the gradient over the lengths of the paths, in connections; parameters as for `flow`."""
    parts = _by_length(sums, samples)
    return Flow(parts, sum(float(each) for part in parts for each in part.gradients))


def _by_length(sums: PathSums, samples: Sequence[int]) -> list[RowGroup]:
    """Return the rows of the lengths; paths of penalties go over no connection."""
    products, parts = sums.direct.each(samples), []
    if products:
        size = sum(map(abs, products))
        parts.append(RowGroup([0], "length", [len(products)], [sum(products)], [size]))
    if sums.empty:
        return parts
    trellis, own = sums.trellis, isinstance(sums.of.element, Connection)
    count = int(sums.counts[trellis.goal])
    if trellis.distances is not None:
        found, counts = [int(trellis.distances[trellis.goal])], [count]
        gradients, scales = _means(sums, samples, lambda partials: partials.arriving()[[trellis.goal]] * partials.last)
    else:
        every = by_length.counts(trellis, count)
        found = [distance for distance, count in enumerate(every) if count]
        counts = [every[distance] for distance in found]
        gradients, scales = (table[found] for table in _means(sums, samples, by_length.sums))
    return [*parts, RowGroup([distance + own for distance in found], "length", counts, gradients, scales)]


class _Amounts:
    """What passes each state and arc, what enters at each state, and what arrives at the goal."""

    def __init__(self, states: Any, arcs: Any, entries: Any, goal: Any) -> None:
        self.states = states
        self.arcs = arcs
        self.entries = entries
        self.goal = goal

    def __add__(self, other: _Amounts) -> _Amounts:
        return _Amounts(
            self.states + other.states, self.arcs + other.arcs, self.entries + other.entries, self.goal + other.goal
        )

    def __truediv__(self, count: int) -> _Amounts:
        return _Amounts(self.states / count, self.arcs / count, self.entries / count, self.goal / count)

    def sum(self, axis: int) -> _Amounts:
        """Add up over samples."""
        return _Amounts(*(each.sum(axis=axis) for each in (self.states, self.arcs, self.entries, self.goal)))


def _amounts(partials: SamplePartials) -> _Amounts:
    trellis = partials.trellis
    # The slope of a state stands in `arriving`. It must not count twice: what leads on is what the arcs hand on,
    # without it.
    arriving, onwards = partials.arriving(), partials.leaving()
    handed = (partials.passed.T * onwards[trellis.below].T).T
    leaving = np.zeros_like(partials.slopes)
    passed = np.flatnonzero(np.diff(trellis.starts))
    if len(passed):
        leaving[passed] = np.add.reduceat(handed, trellis.starts[passed], axis=0)
    leaving[trellis.goal] = partials.last
    return _Amounts(
        arriving * leaving, arriving[trellis.above] * handed, partials.entries * leaving,
        arriving[trellis.goal] * partials.last,
    )  # fmt: skip


def _means(sums: PathSums, samples: Sequence[int], calculate: Any) -> tuple[Any, Any]:
    """Return the means over samples of what is calculated of partial derivatives, and of their magnitudes."""
    with np.errstate(all="ignore"):
        pairs = ([_added(calculate, each) for each in (c, c.magnitudes())] for c in _batches(sums, samples))
        amounts, scales = reduce(lambda a, b: [a[0] + b[0], a[1] + b[1]], pairs)
        return amounts / len(samples), scales / len(samples)


def _added(calculate: Any, partials: SamplePartials) -> Any:
    found = calculate(partials)
    return found if partials.entries.ndim == 1 else found.sum(axis=-1)


def _batches(sums: PathSums, samples: Sequence[int]) -> Iterator[SamplePartials]:
    """Yield the samples: one by itself, of several as many together as there is room for."""
    if len(samples) == 1:
        yield sums.partials(samples[0])
        return
    each = max(1, _TOGETHER // max(len(sums.trellis.above), 1))
    for first in range(0, len(samples), each):
        yield sums.partials(list(samples[first : first + each]))


def _counts(sums: PathSums) -> _Amounts:
    """Return through how many paths each state and arc is passed, exactly."""
    counts, onward = sums.counts, sums.onward_counts
    count = int(counts[sums.trellis.goal])
    if count >= _EXACT:
        counts, onward = (np.array([int(count) for count in each], dtype=object) for each in (counts, onward))
    trellis = sums.trellis
    return _Amounts(counts * onward, counts[trellis.above] * onward[trellis.below], onward, count)


def _gathered(keys: Indices, counts: NDArray[Any], *columns: Array) -> list[Any]:
    """Add up what belongs to the same node or connection; return these, and the columns.

    A node has several states where lengths are told apart.
    """
    found, place = np.unique(keys, return_inverse=True)
    added = np.zeros(len(found), dtype=counts.dtype)
    np.add.at(added, place, counts)
    whole = np.array([int(count) for count in added], dtype=object)
    return [found, whole, *(np.bincount(place, column, len(found)).astype(float) for column in columns)]


def _outputs(sums: PathSums, amounts: _Amounts, scales: _Amounts) -> RowGroup:
    states = sums.trellis.entries
    outputs = [sums.graph.schedule.nodes[row] for row in sums.trellis.rows[states]]
    counts = [int(sums.onward_counts[state]) for state in states]
    return RowGroup(outputs, "output", counts, amounts.entries[states], scales.entries[states])
