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

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
    # A path has as many edges as quantities besides e: it is counted once at each of them, with all that pass there.
    activated, sums = graph.walks
    to_activated = graph.graph.counts - graph.sums.enters
    whole = _dot(activated, to_activated) + _dot(sums + graph.weights, graph.graph.counts)
    through, direct = _paths(graph), _direct(graph)
    paths = through + direct
    whole += through * len(graph.before) + direct * (2 + graph.clipped)
    return Cost(Count(whole - paths), Count(paths - graph.n_asked))


def factored(graph: Subgraph) -> Cost:
    """Return the cost of nested brackets: every walk from what is asked for that ends before e multiplies once.

    Parameters
    ----------
    graph : Subgraph

    Returns
    -------
    Cost
    """
    inside = sum(_dot(walks, np.ones(len(walks))) for walks in (*graph.walks, graph.asked_weights))
    through, direct = _paths(graph), _direct(graph)
    inside += through * len(graph.before) + direct * (1 + graph.clipped)
    return Cost(Count(inside - graph.n_asked), Count(through + direct - graph.n_asked))


def _direct(graph: Subgraph) -> int:
    """Return how many paths lead through penalties."""
    return graph.n_penalties * int(graph.asked_weights.sum())


def _paths(graph: Subgraph) -> int:
    """Return how many paths there are from e to what is asked for."""
    entering = sum(_dot(walks, part.enters) for walks, part in zip(graph.walks, graph.parts))
    return entering + int(graph.straight.sum())


def _dot(numbers: NDArray[Any], others: NDArray[Any]) -> int:
    """Return the sum of the products of whole numbers, none of them negative: exact, whatever its size."""
    if numbers.dtype != object and others.dtype != object:
        # As `counted` does: a sum that stays below 2^53 was rounded nowhere.
        rough = float(np.dot(numbers.astype(float), others.astype(float)))
        if rough < 2.0**53:
            return int(rough)
    return sum(int(number) * int(other) for number, other in zip(numbers.tolist(), others.tolist()))


def shared(graph: Subgraph) -> Cost:
    """Return the cost of backpropagation: each derivative of e once, from those it is made of.

    Parameters
    ----------
    graph : Subgraph

    Returns
    -------
    Cost
    """
    direct, weights = _direct(graph), int(graph.asked_weights.sum())
    # Straight from e a derivative is given, and nothing to be multiplied: these edges are left out.
    multiplications = max(len(graph.before) - 1, 0) + graph.clipped * graph.n_penalties + direct
    additions = direct - (weights - int(graph.weights.sum()))
    for part in graph.parts:
        multiplications += part.edges - (0 if graph.before else int(part.enters.sum()))
        additions += part.edges - part.size
    return Cost(Count(multiplications + int(graph.weights.sum() - graph.straight.sum())), Count(additions))


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
    if graph.places <= 1 and not graph.before and not graph.n_penalties:
        # All that is asked for goes the same ways, and passes everything but itself.
        edges = sum(part.edges - int(part.into[part.asked].sum()) for part in graph.parts)
        return Cost(Count(graph.n_asked * edges), Count(graph.n_asked * shared(graph).additions))
    passing = Passing(graph)
    if len(passing.sizes) * graph.edges > _MOST_BITS:
        return None
    multiplications = additions = 0
    for into, passed, asked in zip(graph.into[1:], passing.counts()[1:], graph.asked[1:]):
        multiplications += len(into) * passed
        additions += (len(into) - 1) * (passed + asked)
    return Cost(Count(multiplications), Count(additions))
