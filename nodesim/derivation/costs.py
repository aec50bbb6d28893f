"""What a derivative costs: the multiplications and additions of each form, counted without calculating it.

Conventions, the same for all forms, so that they can be compared:

- The partial derivatives are given: each is calculated once, in advance, and costs nothing here.
- An operation takes two numbers: a product of n factors n - 1 multiplications, a sum of n terms n - 1 additions.
- A partial counts whatever its value: one that happens to be 0 or 1 is multiplied by, too.
- Nothing is multiplied by ∂e/∂e or ∂W/∂W: ∂e/∂OA is a derivative of e already, and ∂H/∂W one by W.
- One sample: for a batch each operation is one of vectors.

References
----------
Article, section 5, "Why it pays". A. Griewank, A. Walther, "Evaluating Derivatives" (2nd edition, SIAM 2008).
"""

from __future__ import annotations

from typing import NamedTuple

from nodesim.derivation.passing import Passing
from nodesim.derivation.subgraph import Subgraph
from nodesim.notation.symbols import Count

_MOST_BITS = 10**10


class Cost(NamedTuple):
    """Numbers of operations, exact whatever their size.

    Attributes
    ----------
    multiplications, additions : int
        Each of two numbers.
    """

    multiplications: int
    additions: int


def expanded(graph: Subgraph) -> Cost:
    """Return the cost of multiplying out every path: its partials less one, and all but one path are added.

    Parameters
    ----------
    graph : Subgraph

    Returns
    -------
    Cost
    """
    return _walked(graph)[0]


def factored(graph: Subgraph) -> Cost:
    """Return the cost of nested brackets: every walk from what is asked for that ends before e multiplies once.

    Parameters
    ----------
    graph : Subgraph

    Returns
    -------
    Cost
    """
    return _walked(graph)[1]


def _walked(graph: Subgraph) -> tuple[Cost, Cost]:
    # From what is asked for up to e, so that what was passed on is forgotten: these numbers have thousands of digits.
    walks, lengths = list(graph.asked), [0] * len(graph.asked)
    inside = 0
    for number in range(len(walks) - 1, 0, -1):
        here, length = walks[number], lengths[number]
        walks[number] = lengths[number] = 0
        inside += here
        for above in graph.into[number]:
            walks[above] += here
            lengths[above] += length + here
    asked = sum(graph.asked)
    additions = Count(walks[0] - asked)
    return Cost(Count(lengths[0] - walks[0]), additions), Cost(Count(inside - asked), additions)


def shared(graph: Subgraph) -> Cost:
    """Return the cost of backpropagation: each derivative of e once, from those it is made of.

    Parameters
    ----------
    graph : Subgraph

    Returns
    -------
    Cost
    """
    multiplications = additions = 0
    # Straight from e a derivative is given, and nothing to be multiplied: these edges, from number 0, are left out.
    for into, asked in zip(graph.into[1:], graph.asked[1:]):
        times = max(asked, 1)
        multiplications += times * (len(into) - into.count(0))
        additions += times * (len(into) - 1)
    return Cost(Count(multiplications), Count(additions))


def forward(graph: Subgraph) -> Cost | None:
    """Return the cost of forward accumulation: a sweep of its own for each derivative asked for, up to e.

    The sweep of W carries ∂H/∂W, ∂HA/∂W and so on: it passes each quantity on W's paths once, multiplies what it
    carries there by every partial that leads on towards e, and adds up what meets.

    Parameters
    ----------
    graph : Subgraph

    Returns
    -------
    Cost or None
        None if counting would take more than about a second: the sets of `Passing` times the edges are 10^10 bits.

    Notes
    -----
    Weights into the same node repeat each other from its sum on. Who carries one number for all of them does not
    sweep for each weight any more; `elimination.best_order` looks at such orders, too.
    """
    passing = Passing(graph)
    if len(passing.sizes) * graph.edges > _MOST_BITS:
        return None
    multiplications = additions = 0
    for into, passed, asked in zip(graph.into[1:], passing.counts()[1:], graph.asked[1:]):
        multiplications += len(into) * passed
        additions += (len(into) - 1) * (passed + asked)
    return Cost(Count(multiplications), Count(additions))
