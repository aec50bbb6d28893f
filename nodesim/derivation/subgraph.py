"""The part of the derivative graph between e and what is asked for, in whole numbers: what costs are counted on."""

from __future__ import annotations

from collections.abc import Iterable

from nodesim.gradients.derivative_graph import DerivativeGraph, E
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection, Node
from nodesim.graph.schedule import Schedule


class Subgraph:
    """The quantities on the paths from e to some quantities, numbered from e on; e is 0.

    Parameters
    ----------
    graph : DerivativeGraph
    of : iterable of Quantity
        What derivatives are asked for; one that no path leads to is left out.

    Attributes
    ----------
    quantities : list of Quantity
        Weights into the same node stand together, as the first of them: they share every edge but the last.
    into : list of list of int
        For each quantity the numbers of those from which edges lead into it, all smaller than its own. The edges
        are those of `DerivativeGraph.partials_into`; their values are not needed here.
    asked : list of int
        For each quantity how many derivatives are asked for there: for weights that stand together, how many.

    Notes
    -----
    Cutting it costs O(nodes + connections) of the network.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 1, 1], bias=False, seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01])
    >>> graph = net.paths("W1").derivatives
    >>> cut = Subgraph(graph, [Quantity("weight", net[name]) for name in ("W1", "W2")])
    >>> [quantity.name for quantity in cut.quantities]
    ['e', 'OA1', 'O1', 'HA1', 'H1', 'W1']
    >>> cut.into, cut.asked
    ([[], [0], [1], [2], [3], [4]], [0, 0, 0, 0, 0, 2])
    """

    def __init__(self, graph: DerivativeGraph, of: Iterable[Quantity]) -> None:
        self.quantities: list[Quantity] = [E]
        self.into: list[list[int]] = [[]]
        self.asked: list[int] = [0]
        wanted = _Wanted(of)
        sums, sends = wanted.above(graph.schedule)
        numbers: dict[Node, int] = {}
        for node in reversed(graph.schedule.order):
            entering = [0] if node in graph.output_gradients else []
            activated = 0
            if node in sends:
                targets = [numbers.get(connection.target, 0) for connection in graph.schedule.outgoing[node]]
                into = [*([] if graph.of_sums else entering), *filter(None, targets)]
                activated = self._add(Quantity("activated", node), into, node in wanted.activated)
            if node in sums:
                into = [*(entering if graph.of_sums else []), *filter(None, [activated])]
                numbers[node] = self._add(Quantity("sum", node), into, node in wanted.sums)
            # Thousands of weights into a node differ in nothing that costs are counted by.
            weights = wanted.weights.get(node)
            if weights and numbers[node]:
                self._add(weights[0], [numbers[node]], len(weights))

    def _add(self, quantity: Quantity, into: list[int], asked: int) -> int:
        """Return the number that a quantity gets: 0, and no place, if no edge leads into it."""
        if not into:
            return 0
        self.quantities.append(quantity)
        self.into.append(into)
        self.asked.append(int(asked))
        return len(self.into) - 1

    @property
    def edges(self) -> int:
        """How many partial derivatives there are between e and what is asked for."""
        return sum(len(into) * max(asked, 1) for into, asked in zip(self.into, self.asked))

    def below(self) -> list[list[int]]:
        """Return for each quantity the numbers of those that edges lead to from it."""
        below: list[list[int]] = [[] for _ in self.into]
        for number, into in enumerate(self.into):
            for above in into:
                below[above].append(number)
        return below


class _Wanted:
    """What is asked for, by node; each once."""

    def __init__(self, of: Iterable[Quantity]) -> None:
        self.weights: dict[Node, list[Quantity]] = {}
        self.sums: set[Node] = set()
        self.activated: set[Node] = set()
        for quantity in dict.fromkeys(of):
            match quantity:
                case Quantity("weight", Connection() as connection):
                    self.weights.setdefault(connection.target, []).append(quantity)
                case Quantity("sum", Node() as node):
                    self.sums.add(node)
                case Quantity("activated", Node() as node):
                    self.activated.add(node)

    def above(self, schedule: Schedule) -> tuple[set[Node], set[Node]]:
        """Return the nodes whose sums, and those whose activated values, can be reached; dead ends included."""
        sums, sends = {*self.weights, *self.sums}, set(self.activated)
        for node in schedule.order:
            if node in sums:
                sends.add(node)
            if node in sends:
                sums.update(connection.target for connection in schedule.outgoing[node])
        return sums, sends
