"""Vertex elimination: all the orders in which a gradient can be calculated, and the cheapest that is found.

The chain rule does not say in which order to multiply. Backpropagation starts at e, forward accumulation at the
weights; both are orders in which the inner vertices of one graph are eliminated, and there are as many others as there
are permutations. Which is the cheapest is NP-complete, so that a rule of thumb is tried, Markowitz's for sparse linear
equations, and said to be no more than that. In layers with all weights asked for there is nothing to seek: that
backpropagation is the best of all orders is proved below.

References
----------
Griewank, A., A. Walther, "Evaluating Derivatives" (2nd edition, SIAM 2008), part II. H. M. Markowitz, "The elimination
form of the inverse and its application to linear programming", Management Science 3 (1957).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from nodesim.derivation.costs import Cost
from nodesim.derivation.subgraph import Subgraph
from nodesim.notation.symbols import Count

# Beyond so many partial derivatives the search would take more than half a second.
MOST_EDGES = 50_000


class Elimination:
    """The derivative graph while quantities are eliminated from it, one by one.

    To eliminate HA1, each edge that leads into it is multiplied by each that leads on from it, ∂O1/∂HA1 by
    ∂HA1/∂H1, and the product becomes an edge past it, ∂O1/∂H1, or is added to the one that is there. When only e and
    what is asked for are left, its edges are the gradients. Every order gives the same numbers, at its own cost:
    from e on it is backpropagation, from the weights on it is forward accumulation.

    Parameters
    ----------
    graph : Subgraph

    Attributes
    ----------
    multiplications, additions : int
        What was spent so far.

    Examples
    --------
    >>> import nodesim as ns
    >>> from nodesim.gradients.quantities import Quantity
    >>> net = ns.Network.layered([1, 2, 2], bias=False, seed=0)
    >>> _, _ = net.forward([0.5]), net.backward([0.01, 0.99])
    >>> graph = Subgraph(net.paths("W1").derivatives, [Quantity("weight", net["W1"])])
    >>> [quantity.name for quantity in graph.quantities]
    ['e', 'OA2', 'O2', 'OA1', 'O1', 'HA1', 'H1', 'W1']
    >>> rest = Elimination(graph)
    >>> for number in (1, 2, 3, 4, 5, 6):
    ...     rest.eliminate(number)
    >>> rest.multiplications, rest.additions
    (6, 1)
    """

    def __init__(self, graph: Subgraph) -> None:
        self.asked = graph.asked
        self.above = [set(into) for into in graph.into]
        self.below = [set(below) for below in graph.below()]
        self.fans = [sum(map(self._size, below)) for below in self.below]
        self.multiplications = self.additions = 0

    def _size(self, number: int) -> int:
        return max(self.asked[number], 1)

    def product(self, number: int) -> int:
        """Return how many multiplications it takes to eliminate a quantity now: Markowitz's product."""
        return len(self.above[number]) * self.fans[number]

    def eliminate(self, number: int) -> None:
        """Eliminate a quantity; one that is asked for keeps what leads into it, and nothing leads on from it."""
        self.multiplications += self.product(number)
        for above in self.above[number]:
            self._lead_past(number, above)
        for quantity in self.below[number]:
            self.above[quantity].remove(number)
        self.below[number], self.fans[number] = set(), 0

    def _lead_past(self, number: int, above: int) -> None:
        # Where an edge past it is there already, the product is added to it: once for each of the weights that stand
        # together as one quantity.
        new = self.below[number] - self.below[above]
        fan = sum(map(self._size, new))
        self.additions += self.fans[number] - fan
        self.fans[above] += fan
        self.below[above] |= new
        for quantity in new:
            self.above[quantity].add(above)
        # What is asked for stays where it is, as the end of the edges that will be its gradient.
        if not self.asked[number]:
            self.below[above].remove(number)
            self.fans[above] -= 1


@dataclass(frozen=True)
class Order:
    """An order of elimination.

    Attributes
    ----------
    name : str
        "backpropagation", "forward accumulation" or "cheapest quantity first".
    numbers : sequence of int
        The quantities, as a `Subgraph` numbers them, in the order in which they are eliminated.
    cost : Cost
    proved : bool
        Whether it is certain that no order takes fewer operations.
    """

    name: str
    numbers: Sequence[int]
    cost: Cost
    proved: bool = False


def best_order(graph: Subgraph, reverse: Cost, forward: Cost | None) -> Order | None:
    """Return of the orders tried the one with the fewest multiplications, and of equal ones with the fewest additions.

    Tried are backpropagation, forward accumulation, and Markowitz's rule: eliminate next what takes the fewest
    multiplications now. The rule sometimes beats both and often neither, so that what is returned is never worse than
    the two. To find the best of all orders is hard (U. Naumann, "Optimal Jacobian accumulation is NP-complete",
    Mathematical Programming 112, 2008); where it is certain to be backpropagation, nothing is tried.

    Parameters
    ----------
    graph : Subgraph
    reverse, forward : Cost
        What backpropagation and forward accumulation take; None for forward if that was not counted.

    Returns
    -------
    Order or None
        None if there are more than 50,000 partial derivatives: the search would take more than half a second.
    """
    # The first of equals is returned, and backpropagation comes first: it is what engines do.
    inner = graph.inner
    if backpropagation_is_best(graph):
        return Order("backpropagation", inner, reverse, proved=True)
    if graph.edges > MOST_EDGES:
        return None
    orders = [Order("backpropagation", inner, reverse)]
    if forward is not None:
        orders.append(Order("forward accumulation", inner[::-1], forward))
    tried = cheapest_first(graph, min(order.cost.multiplications for order in orders))
    return min([*orders, *([tried] if tried else [])], key=lambda order: order.cost)


def cheapest_first(graph: Subgraph, most: int) -> Order | None:
    """Return the order of Markowitz's rule: next goes what takes the fewest multiplications now.

    Of several quantities that take equally few, the one nearest to e is next, that with the lowest number.

    Parameters
    ----------
    graph : Subgraph
    most : int
        Give up when it takes more multiplications.

    Returns
    -------
    Order or None
        None if it was given up.

    Notes
    -----
    O(most · log(quantities)): no elimination touches more edges than it multiplies.
    """
    rest, numbers = Elimination(graph), list[int]()
    waiting = [(rest.product(number), number) for number in graph.inner]
    heapq.heapify(waiting)
    while waiting:
        product, number = heapq.heappop(waiting)
        # To eliminate a quantity changes the products of its neighbours alone. They are pushed again, and what stood in
        # the heap before is left to be passed over here, when it does not agree with the product of now.
        if not rest.below[number] or product != rest.product(number):
            continue
        if rest.multiplications + product > most:
            # Greedy choices may lead into dense graphs, whose elimination costs the cube of their size.
            return None
        touched = rest.above[number] | rest.below[number]
        rest.eliminate(number)
        numbers.append(number)
        for quantity in touched:
            if quantity and rest.below[quantity]:
                heapq.heappush(waiting, (rest.product(quantity), quantity))
    return Order("cheapest quantity first", numbers, Cost(Count(rest.multiplications), Count(rest.additions)))


def backpropagation_is_best(graph: Subgraph) -> bool:
    """Tell whether it is certain that no order of elimination takes fewer operations than backpropagation.

    It is if each quantity v that is not asked for itself has a child of its own: one to which edges lead from v, and
    perhaps from e, alone. So it is when all weights are asked for: HA has H, and H has the weights into its node.

    Notes
    -----
    Let P be the number of edges that do not leave e: what backpropagation multiplies. Eliminating v, with a edges
    into it and b on from it, takes ab multiplications, and P falls by no more. If e is one of the a, a − 1 + b <= ab
    edges disappear. If not, a + b <= ab + 1 do, but a new one leads to v's own child. (If v is asked for, only b do.)
    Each that is left keeps a child of its own: where that was v, it gets v's. At the end P is 0.

    Let S be the number of edges less that of quantities without e: what backpropagation adds. Eliminating v takes
    (a − 1)(b − 1) additions more than S falls by, or (a − 1)b if v is asked for. At the end S is 0.
    """
    return not graph.childless
