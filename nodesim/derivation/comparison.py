"""What two derivatives have in common: the sums that both of them need, and what sharing them saves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nodesim.derivation.costs import Cost, shared
from nodesim.derivation.forms import upstream
from nodesim.derivation.subgraph import Subgraph
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection, Node
from nodesim.notation import markup
from nodesim.notation.symbols import partial


@dataclass(frozen=True)
class DerivationComparison:
    """Two derivatives of one backward, side by side; printing it tells what they share.

    Parameters
    ----------
    names : pair of str
        The two derivatives.
    shared : tuple of str
        The derivatives that both are made of, from the outputs on.
    meeting : tuple of str
        Those of the shared ones that nothing shared is made of: where the two part.
    separate, together : Cost
        Multiplications and additions when each is calculated for itself, and when what is shared is calculated once.

    See Also
    --------
    Derivation.compare : Makes it.
    nodesim.Network.operations : Costs of any number of derivatives together.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> net.derivation("W1").compare("W3").meeting
    ('∂e/∂H1',)
    """

    names: tuple[str, str]
    shared: tuple[str, ...]
    meeting: tuple[str, ...]
    separate: Cost
    together: Cost

    def __str__(self) -> str:
        first, second = self.names
        if not self.shared:
            return f"{first} and {second} have nothing in common."
        saved = self.separate.multiplications - self.together.multiplications
        return "\n".join(
            [
                f"{first} and {second} share {len(self.shared)} derivatives: {', '.join(self.shared)}",
                f"they part at {', '.join(self.meeting)}",
                f"together they take {self.together.multiplications:,} multiplications and "
                f"{self.together.additions:,} additions; one by one {saved:,} multiplications more",
            ]
        )

    def _repr_html_(self) -> str:
        return "".join(map(markup.line, str(self).split("\n")))


def compare(graph: DerivativeGraph, first: Quantity, second: Quantity) -> DerivationComparison:
    """Compare the derivatives of e by two quantities.

    Parameters
    ----------
    graph : DerivativeGraph
    first, second : Quantity

    Returns
    -------
    DerivationComparison
    """
    inside = set(upstream(graph, second))
    common = [of for of in upstream(graph, first) if of in inside]
    used = _used(graph, common)
    apart = shared(Subgraph(graph, [first])), shared(Subgraph(graph, [second]))
    target = graph.target.name
    return DerivationComparison(
        (partial(target, first.name), partial(target, second.name)),
        tuple(partial(target, of.name) for of in common),
        tuple(partial(target, of.name) for of in common if not used(of)),
        Cost(apart[0].multiplications + apart[1].multiplications, apart[0].additions + apart[1].additions),
        shared(Subgraph(graph, [first, second])),
    )


def _used(graph: DerivativeGraph, common: list[Quantity]) -> Callable[[Quantity], bool]:
    """Return what tells whether a shared derivative is one that others of them are made of.

    What none of them is made of is nearest to the weights: there the two part.
    """
    schedule, inside = graph.schedule, set(common)
    sending = np.zeros(schedule.n_rows, bool)
    sending[[graph.row[of.element] for of in common if of.kind == "activated"]] = True  # type: ignore[index]
    fed = np.zeros(schedule.n_rows, bool)
    fed[schedule.targets[sending[schedule.sources]]] = True
    fed[[graph.row[of.element.target] for of in common if isinstance(of.element, Connection)]] = True

    def used(of: Quantity) -> bool:
        match of:
            case Quantity("sum", Node() as node):
                return bool(fed[graph.row[node]])
            case Quantity("activated", Node() as node):
                return Quantity("sum", node) in inside
            case Quantity("clipped" | "error" | "sample"):
                # They come first: what is made of them comes behind.
                return of != common[-1]
        return False

    return used
