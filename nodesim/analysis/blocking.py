"""Where it is that nothing of the error gets through: why ∂e/∂H of a node is exactly 0.

Walking from a node towards e, every way ends at the first partial derivative that is 0, or where terms that are not
add up to 0. Those nearest to the node are to blame; what lies behind them does not matter. With

    ∂e/∂H  =  ∂HA/∂H · (∂e/∂HA of its own + Σ over what the node feeds of W · ∂e/∂H there)

each node is judged by itself first, from numbers that are there already: its slope is 0; or all terms of the sum are,
each because W is, or ∂e/∂H there; or the terms cancel, or underflow. The first and the last two end all ways there. Of
the others it is then known where they go on, and one propagation joins the reasons over all ways. Where H is no sum,
∂H/∂HA stands in the place of W, and may be 0 for other reasons (see `closed_joins`).

"Exactly 0" is a statement about floats, and so is the answer. A product of two numbers may be 0 though neither is:
terms are told from their factors' signs, which multiply without rounding, and never by multiplying.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.analysis.closed_joins import Bits, ClosedJoins
from nodesim.analysis.reasons import CANCELLED, NO_ERROR, UNDERFLOW, ZERO_WEIGHT, Reasons
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.directions import from_error
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection, Node
from nodesim.notation.symbols import ERROR, partial


@dataclass(frozen=True, slots=True)
class Blame:
    """A derivative that is exactly 0, and keeps others from being anything else.

    Attributes
    ----------
    partial : str
        Its name, such as ∂HA3/∂H3.
    reason : str
        Why it is 0.
    element : Node or Connection
        Whose fault that is.

    See Also
    --------
    DeadWeight.blame : Those of one weight.
    DeadWeights.blame : Those of all.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([1, 1, 1], bias=False, seed=0)
    >>> net["W2"].weight = 0.0
    >>> _, _ = net.forward([1.0]), net.backward([1.0])
    >>> blame = net.dead_weights()["W1"].blame[0]
    >>> print(blame, blame.reason, blame.element)
    ∂O1/∂HA1 = 0 zero weight W2
    """

    partial: str
    reason: str
    element: Node | Connection

    def __str__(self) -> str:
        return f"{self.partial} = 0"


def cancels(positive: Mask, negative: Mask, size: Array, dtype: Any) -> Mask:
    """Tell which sums of exactly 0 cancel: terms have both signs, and `size`, the sum of ``|terms|``, is no trifle.

    Otherwise it is that the result is smaller than the smallest number. Terms of one sign cannot cancel, and where
    ``|terms|`` add up to less than the smallest normal number, it is not their signs that made the sum 0.

    Parameters
    ----------
    positive, negative : ndarray of bool
        For each sum, whether it has a term of that sign.
    size : ndarray
    dtype : dtype
        In which the sums were made.

    Returns
    -------
    ndarray of bool
    """
    cancelled: Mask = positive & negative & (size >= np.finfo(dtype).tiny)
    return cancelled


class Blocking:
    """For every node and sample whether ∂e/∂H is 0, what of it begins there, and whether the rest comes from above.

    Parameters
    ----------
    graph : DerivativeGraph
    reasons : Reasons

    Attributes
    ----------
    begins : ndarray of int, shape (n_rows, n_samples)
        The reasons that lie with this node, as bits; 0 where ∂e/∂H is not 0.
    goes_on : ndarray of bool, shape (n_rows, n_samples)
        Whether there may be more reasons at the nodes that it feeds.

    Notes
    -----
    O(samples · (nodes + connections)).
    """

    def __init__(self, graph: DerivativeGraph, reasons: Reasons) -> None:
        self.graph = graph
        self.reasons = reasons
        self.schedule = graph.schedule
        self.joins = None if graph.partials is None else ClosedJoins(graph, reasons)
        self.passed: Array = graph.passed
        self.useful: Mask = self.schedule.reaching[self.schedule.targets]
        self.begins: Bits = np.zeros(graph.slopes.shape, np.int64)
        self.goes_on: Mask = np.zeros(graph.slopes.shape, bool)
        flat = np.zeros(self.schedule.n_rows, np.int64)
        rows = [graph.row[node] for node in graph.activations]
        flat[rows] = [self.reasons.bit(activation) for activation in graph.activations.values()]
        for sample in range(graph.n_samples):
            self._judge(sample, flat)

    def _judge(self, sample: int, flat: Bits) -> None:
        graph, rows = self.graph, self.schedule.output_rows
        begins, goes_on = self.begins[:, sample], self.goes_on[:, sample]
        seed, direct = np.zeros(len(flat)), np.zeros(len(flat), bool)
        seed[rows] = [values[sample] for values in graph.output_gradients.values()]
        direct[rows] = graph.of_sums
        # Where nothing gets through. Of inputs and bias nodes nobody asks; they have no activation and no bit.
        silent = (graph.run.delta[:, sample] == 0) & self.schedule.reaching & (flat > 0)
        level = silent & (graph.slopes[:, sample] == 0)
        # An error that enters at the sum does not pass the slope; what the node feeds does.
        begins[level & (~direct | self._feeding)] = flat[level & (~direct | self._feeding)]
        # Where the slope lets something through, and yet nothing comes, none came from above: there the reasons are.
        goes_on[silent & ~level] = True
        # At an output the error itself may be 0: it counts if it would have got through.
        begins[rows] |= np.where((silent & (direct | ~level))[rows] & (seed[rows] == 0), NO_ERROR, 0)
        # If some term is not 0, the sum is by cancelling or rounding: this is the whole reason, and ends all ways.
        summed, cancelled = self._terms(sample, seed, direct, silent & (~level | direct))
        begins[summed] = np.where(cancelled[summed], CANCELLED, UNDERFLOW)
        goes_on[summed] = False
        self._over_connections(sample, begins, goes_on)

    def _over_connections(self, sample: int, begins: Bits, goes_on: Mask) -> None:
        """Note what lies with the connections that lead on."""
        if self.joins is None:
            begins[goes_on & self._unweighted] |= ZERO_WEIGHT
            return
        own = np.zeros(len(begins), np.int64)
        np.bitwise_or.at(own, self.schedule.sources[self.useful], self.joins.bits[self.useful, sample])
        begins |= np.where(goes_on, own, 0)

    def _passed(self, sample: int) -> Array:
        """Return ∂H/∂HA over each connection in a sample."""
        passed: Array = self.passed[:, 0 if self.joins is None else sample]
        return passed

    @cached_property
    def _feeding(self) -> Mask:
        """For each row, whether it feeds something that leads to an output."""
        feeding = np.zeros(self.schedule.n_rows, bool)
        feeding[self.schedule.sources[self.useful]] = True
        return feeding

    @cached_property
    def _unweighted(self) -> Mask:
        """For each row, whether a weight of 0 leads on from it."""
        unweighted = np.zeros(self.schedule.n_rows, bool)
        unweighted[self.schedule.sources[self.useful & (self.passed[:, 0] == 0)]] = True
        return unweighted

    def _terms(self, sample: int, seed: Array, direct: Mask, candidates: Mask) -> tuple[Mask, Mask]:
        """Tell which of some nodes have terms of ∂e/∂H that are not 0, and which of these cancel."""
        delta, slopes = self.graph.run.delta[:, sample], self.graph.slopes[:, sample]
        sources, targets, passed = self.schedule.sources, self.schedule.targets, self._passed(sample)
        arcs = np.flatnonzero(candidates[sources] & self.useful & (passed != 0) & (delta[targets] != 0))
        at = sources[arcs]
        # Signs multiply exactly: the product of the numbers might underflow to a 0 that no factor is.
        signs = np.sign(passed[arcs]) * np.sign(delta[targets[arcs]]) * np.sign(slopes[at])
        entering = np.where(candidates, seed, 0.0) * np.where(direct, 1.0, np.sign(slopes))
        positive, negative = entering > 0, entering < 0
        positive[at[signs > 0]] = True
        negative[at[signs < 0]] = True
        with np.errstate(over="ignore"):
            products = np.abs(passed[arcs] * delta[targets[arcs]] * slopes[at])
            size = np.bincount(at, products, len(seed)) + np.abs(seed) * np.where(direct, 1.0, np.abs(slopes))
        return positive | negative, cancels(positive, negative, size, delta.dtype)

    def found(self, sample: int) -> Bits:
        """Return for each row all reasons why ∂e/∂H is 0 in a sample, those nearest to it alone.

        The propagation of gradients with `or`: a node's own reasons, joined with those of all that it feeds. Weights
        of 0 hand on nothing, as they are a reason themselves; where a node's own reasons end all ways, `goes_on` is 0
        in the place of the slope.
        """
        return from_error(self.schedule).propagate(
            self.begins[:, sample],
            (self._passed(sample) != 0).astype(np.int64),
            self.goes_on[:, sample].astype(np.int64),
            join=np.bitwise_or,
        )

    def walk(self, rows: Indices, samples: Mask, limit: int | None = None) -> Iterator[Blame]:
        """Yield what is to blame for ∂e/∂H of some nodes, the nearest first.

        Parameters
        ----------
        rows : ndarray of shape (n,)
            The nodes, each once.
        samples : ndarray of bool, shape (n, n_samples)
            In which samples one asks; ∂e/∂H must be 0 there.
        limit : int, optional
            Look at so many nodes at most.
        """
        # Nearest first, by depth: a heap of nodes, each of which is looked at once, when all that leads to it has been.
        # `asked` tells for which samples one has come to a node: reasons differ from sample to sample.
        depths, (arcs, starts) = self.schedule.depths, self._leaving
        fed, starts = self.schedule.targets[arcs], starts.tolist()
        asked = np.zeros(self.begins.shape, bool)
        asked[rows] = samples
        waiting = list(zip(depths[rows].tolist(), rows.tolist()))
        heapq.heapify(waiting)
        known = set(rows.tolist())
        for _ in count() if limit is None else range(limit):
            if not waiting:
                return
            _, row = heapq.heappop(waiting)
            bits = self.begins[row][asked[row]]
            if bits.any():
                yield from self._blames(row, int(np.bitwise_or.reduce(bits)), asked[row])
            onwards = asked[row] & self.goes_on[row]
            if onwards.any():
                targets = fed[starts[row] : starts[row + 1]]
                asked[targets] |= onwards if self.joins is None else onwards & self._open(row)
                for target in set(targets.tolist()) - known:
                    known.add(target)
                    heapq.heappush(waiting, (int(depths[target]), target))

    def _open(self, row: int) -> Mask:
        """Return over which of the connections that lead on from a node something comes back, sample by sample."""
        arcs, starts = self._leaving
        found: Mask = self.passed[arcs[starts[row] : starts[row + 1]]] != 0
        return found

    def _blames(self, row: int, bits: int, samples: Mask) -> Iterator[Blame]:
        node: Any = self.schedule.nodes[row]
        own, sends = Quantity("sum", node).name, Quantity("activated", node).name
        enters = own if self.graph.of_sums and node in self.graph.output_gradients else sends
        for bit in (CANCELLED, UNDERFLOW, NO_ERROR):
            if bits & bit:
                yield Blame(partial(ERROR, enters), self.reasons.word(bit), node)
        flat = self.reasons.bit(self.graph.activations[node])
        if bits & flat:
            yield Blame(partial(sends, own), self.reasons.word(flat), node)
        if bits & ZERO_WEIGHT:
            arcs, starts = self._of_no_weight
            for arc in arcs[starts[row] : starts[row + 1]]:
                connection = self.schedule.connections[arc]
                above = Quantity("sum", connection.target).name
                yield Blame(partial(above, sends), self.reasons.word(ZERO_WEIGHT), connection)
        if self.joins is not None:
            yield from self._of_joins(row, sends, samples & self.goes_on[row])

    def _of_joins(self, row: int, sends: str, samples: Mask) -> Iterator[Blame]:
        joins = self.joins
        assert joins is not None
        for number in self.graph.leaving(self.schedule.nodes[row]).tolist():
            if (joins.closed[number] & samples).any():
                above = Quantity("sum", self.schedule.connections[number].target).name
                reason = self.reasons.word(joins.own(number))
                yield from (Blame(partial(above, sends), reason, each) for each in joins.at_fault(number, samples))

    @cached_property
    def _leaving(self) -> tuple[Indices, Indices]:
        return self._by_source(self.useful & (self.passed != 0).any(axis=1))

    @cached_property
    def _of_no_weight(self) -> tuple[Indices, Indices]:
        return self._by_source(self.useful & (self.graph.weights[self.schedule.slots] == 0))

    def _by_source(self, chosen: Mask) -> tuple[Indices, Indices]:
        """Return some connections in the order of their sources, and where in it those of each row start."""
        arcs = np.flatnonzero(chosen)
        arcs = arcs[np.argsort(self.schedule.sources[arcs], kind="stable")]
        return arcs, np.searchsorted(self.schedule.sources[arcs], np.arange(self.schedule.n_rows + 1))
