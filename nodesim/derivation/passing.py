"""How many derivatives pass each quantity, which is what forward accumulation pays for there."""

from __future__ import annotations

from nodesim.derivation.subgraph import Subgraph


class Passing:
    """For each quantity, how many of the derivatives asked for have paths through it.

    Parameters
    ----------
    graph : Subgraph

    Attributes
    ----------
    sizes : list of int
        For each bit of the sets how many derivatives it stands for.

    Notes
    -----
    While there is but one way up, numbers add. Where it forks, what has come up together gets a bit, the same one
    for all that fork to the same places, and sets of bits tell what meets again. Layers that are fully connected
    need one bit each, a chain none; at worst each node needs one, and counting costs O(edges · bits / 64).

    Examples
    --------
    >>> import nodesim as ns
    >>> from nodesim.gradients.quantities import Quantity
    >>> net = ns.Network.layered([2, 3, 2], bias=False, seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> weights = [Quantity("weight", connection) for connection in net.connections]
    >>> graph = Subgraph(net.paths("W1").derivatives, weights)
    >>> counts = Passing(graph).counts()
    >>> {quantity.name: count for quantity, count in zip(graph.quantities, counts) if count}
    {'e': 12, 'OA2': 9, 'O2': 9, 'OA1': 9, 'O1': 9, 'HA3': 2, 'H3': 2, 'HA2': 2, 'H2': 2, 'HA1': 2, 'H1': 2}
    """

    def __init__(self, graph: Subgraph) -> None:
        self.graph = graph
        self.sizes: list[int] = []
        self._bits = [0] * len(graph.into)
        # What comes up by one way, and meets nothing of itself on it.
        self._alone = [0] * len(graph.into)
        self._assign()

    def _assign(self) -> None:
        forks: dict[frozenset[int], int] = {}
        for number in range(len(self._alone) - 1, 0, -1):
            into, here = self.graph.into[number], self._alone[number] + self.graph.asked[number]
            if len(into) == 1:
                self._alone[into[0]] += here
            elif here:
                place = forks.setdefault(frozenset(into), len(forks))
                if place == len(self.sizes):
                    self.sizes.append(0)
                self.sizes[place] += here
                self._bits[number] = 1 << place

    def counts(self) -> list[int]:
        """Return the counts, in the order of the quantities; what is asked for does not pass itself."""
        counts, sets = self._alone.copy(), [0] * len(self._alone)
        # A derivative may come by many ways to one quantity and must count once there: sets are joined, and weighed.
        digits = self._digits()
        for number in range(len(counts) - 1, -1, -1):
            found = sets[number]
            counts[number] += sum((found & digit).bit_count() << place for place, digit in enumerate(digits))
            for above in self.graph.into[number]:
                sets[above] |= found | self._bits[number]
            sets[number] = 0
        return counts

    def _digits(self) -> list[int]:
        """Return for each binary digit the set of the bits whose size has it: a set is weighed digit by digit."""
        return [
            sum(1 << bit for bit, size in enumerate(self.sizes) if size >> digit & 1)
            for digit in range(max(self.sizes, default=0).bit_length())
        ]
