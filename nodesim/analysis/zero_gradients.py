"""Why the gradients of weights are exactly 0: reasons for all of them at once, and what is to blame for some.

∂e/∂W is a mean over samples of products HA · ∂e/∂H of two floats, and a weight is dead if that float is 0. Why it is
can be told without any tolerance, from what is exactly known: whether a float is 0, and its sign. In each sample the
product is 0 because HA is, or because ∂e/∂H is (see `blocking` for that), or else it underflowed, as no other product
of two floats other than 0 is 0. If some products are not 0 in truth, it is their sum that is: it cancelled, or all of
it underflowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from nodesim._arrays import Array, Indices, Mask
from nodesim.analysis.blocking import Blame, Blocking, cancels
from nodesim.analysis.closed_joins import Bits, ClosedJoins
from nodesim.analysis.reasons import CANCELLED, NO_PATH, UNDERFLOW, ZERO_INPUT, Reasons
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection, Node
from nodesim.notation.symbols import ERROR, partial


class ZeroGradients:
    """What explains gradients of exactly 0 of one backward.

    ∂e/∂W is the mean over the samples of ∂H/∂W (of a sum, what the source sends) times ∂e/∂H. If one of the two is 0
    in every sample, that is the reason. Else it is the one in some samples and the other in the rest, or the samples
    cancel.

    Parameters
    ----------
    graph : DerivativeGraph

    Attributes
    ----------
    graph : DerivativeGraph
    reasons : Reasons
        What the bits stand for.
    sources, targets : ndarray of shape (n_connections,)
        The rows of the two ends of each connection.

    Notes
    -----
    O(samples · (nodes + connections)) for all weights.
    """

    def __init__(self, graph: DerivativeGraph) -> None:
        self.graph = graph
        self.reasons = Reasons(graph.activations.values(), graph.aggregations.values())
        self.sources, self.targets = graph.schedule.sources, graph.schedule.targets
        self._reaching: Mask = graph.schedule.reaching
        self._sends_nothing: Mask = (graph.activated == 0).all(axis=1)
        self._silent: Mask = (graph.run.delta == 0).all(axis=1)

    @cached_property
    def blocking(self) -> Blocking:
        """Where nothing of the error gets through."""
        return Blocking(self.graph, self.reasons)

    def bits(self, numbers: Indices) -> Bits:
        """Return the reasons for some connections whose gradient is 0.

        Parameters
        ----------
        numbers : ndarray of int
            Which connections, by their numbers in connection order.

        Returns
        -------
        ndarray of int
            For each of them its reasons as bits.
        """
        # Most dead weights have one reason for all samples, found without looking at samples: no path, or a source
        # that never sends anything. Of the rest, `behind` stand before a node at which ∂e/∂H is 0 in every sample, and
        # `parted` have either factor in some samples and perhaps both in others.
        found = np.where(self._reaching[self.targets[numbers]], ZERO_INPUT, NO_PATH)
        idle = self._idle(numbers)
        if self._joins is not None:
            own = np.flatnonzero((found == ZERO_INPUT) & idle)
            found[own] = self._joins.of_idle(numbers[own])
        place = np.flatnonzero((found == ZERO_INPUT) & ~idle)
        found[place] = 0
        behind = place[self._silent[self.targets[numbers[place]]]]
        parted = place[~self._silent[self.targets[numbers[place]]]]
        samples = range(self.graph.n_samples) if len(place) else ()
        for sample in samples:
            above = self.blocking.found(sample)
            found[behind] |= above[self.targets[numbers[behind]]]
            found[parted] |= self._in_sample(numbers[parted], sample, above)
        # Where a product was not 0, zeros in other samples explain nothing: the sum over samples alone does.
        summed, cancelled = self._over_samples(numbers[parted])
        found[parted[summed]] = np.where(cancelled[summed], CANCELLED, UNDERFLOW)
        return found

    def are_dead(self, numbers: Indices) -> Mask:
        """Tell for which connections the products of the samples, which are no penalties', come to 0.

        Parameters
        ----------
        numbers : ndarray of int
        """
        total = np.zeros(len(numbers))
        for sample in range(self.graph.n_samples):
            total += self._sent(numbers, sample) * self.graph.run.delta[self.targets[numbers], sample]
        dead: Mask = total == 0
        return dead

    def _idle(self, numbers: Indices) -> Mask:
        """Tell over which connections ∂H/∂W is 0 in every sample."""
        idle: Mask = self._sends_nothing[self.sources[numbers]]
        if self.graph.partials is None:
            return idle
        still: Mask = ((self.graph.activated[self.sources[numbers]] == 0) | (self.graph.partials[numbers] == 0)).all(
            axis=1
        )
        return idle | still

    def _in_sample(self, numbers: Indices, sample: int, above: Bits) -> Bits:
        idle = self.graph.activated[self.sources[numbers], sample] == 0
        behind = above[self.targets[numbers]]
        if self._joins is not None:
            own = self._joins.of_weights(numbers, sample)
            behind = np.where(own, own, behind)
        in_sample: Bits = np.where(idle, ZERO_INPUT, behind)
        return in_sample

    @property
    def _joins(self) -> ClosedJoins | None:
        return None if self.graph.partials is None else self.blocking.joins

    def _signs(self, numbers: Indices, sample: int | slice) -> Array:
        """Return the signs of ∂H/∂W: exactly, though the product of HA and ∂H/∂(W·HA) may underflow."""
        signs: Array = np.sign(self.graph.activated[self.sources[numbers], sample])
        return signs if self.graph.partials is None else signs * np.sign(self.graph.partials[numbers, sample])

    def _sent(self, numbers: Indices, sample: int) -> Array:
        """Return ∂H/∂W."""
        sent: Array = self.graph.activated[self.sources[numbers], sample]
        return sent if self.graph.partials is None else sent * self.graph.partials[numbers, sample]

    def _over_samples(self, numbers: Indices) -> tuple[Mask, Mask]:
        """Tell which connections have products that are not 0 in some sample, and in which of them these cancel."""
        positive, negative = np.zeros((2, len(numbers)), bool)
        size = np.zeros(len(numbers))
        for sample in range(self.graph.n_samples) if len(numbers) else ():
            delta = self.graph.run.delta[self.targets[numbers], sample]
            # From the signs, as the product may underflow.
            signs = self._signs(numbers, sample) * np.sign(delta)
            positive |= signs > 0
            negative |= signs < 0
            size += np.abs(self._sent(numbers, sample) * delta) / self.graph.n_samples
        return positive | negative, cancels(positive, negative, size, self.graph.run.delta.dtype)

    def blame(self, numbers: Indices, limit: int | None = None) -> Iterator[Blame]:
        """Yield the derivatives to blame for some connections, all of them dead: the nearest first.

        Parameters
        ----------
        numbers : ndarray of int
        limit : int, optional
            Look at so many nodes at most, besides those that the connections join.

        Yields
        ------
        Blame
        """
        numbers = numbers[self._reaching[self.targets[numbers]]]
        behind = self._silent[self.targets[numbers]] & ~self._idle(numbers)
        rows, whose = np.unique(self.targets[numbers], return_inverse=True)
        samples = np.zeros((len(rows), self.graph.n_samples), bool)
        samples[whose[behind]] = True
        for number, place in zip(numbers[~behind].tolist(), whose[~behind].tolist()):
            sent = self._signs(np.array([number]), slice(None))[0]
            delta = self.graph.run.delta[self.targets[number]]
            yield from self._own(number, sent, delta)
            # Cancelled samples are to blame for all: nobody need look further.
            if not ((sent != 0) & (delta != 0)).any():
                samples[place] |= (sent != 0) & (delta == 0)
        asked = samples.any(axis=1)
        if asked.any():
            yield from self.blocking.walk(rows[asked], samples[asked], limit)

    def _own(self, number: int, sent: Array, delta: Array) -> Iterator[Blame]:
        """Yield what lies with a weight itself: nothing is sent over it, or its samples sum to 0."""
        connection = self.graph.schedule.connections[number]
        if ((sent != 0) & (delta != 0)).any():
            reason = self.reasons.word(int(self.bits(np.array([number]))[0]))
            yield Blame(partial(ERROR, Quantity("weight", connection).name), reason, connection)
            return
        name = partial(Quantity("sum", connection.target).name, Quantity("weight", connection).name)
        idle = self.graph.activated[self.sources[number]] == 0
        if idle.any():
            yield Blame(name, self.reasons.word(ZERO_INPUT), connection.source)
        if self._joins is not None and (self._joins.closed[number] & ~idle).any():
            reason = self.reasons.word(self._joins.own(number))
            yield from (Blame(name, reason, each) for each in self._joins.at_fault(number, ~idle))

    def at_fault(self, numbers: Indices) -> Iterator[Node | Connection]:
        """Yield the nodes and connections whose fault it is: as `blame`, with sources that send nothing once each."""
        idle = self._sends_nothing[self.sources[numbers]] & self._reaching[self.targets[numbers]]
        yield from (self.graph.schedule.nodes[row] for row in np.unique(self.sources[numbers[idle]]))
        yield from (blame.element for blame in self.blame(numbers[~idle]))
