"""How many multiplications and additions each form of a derivative takes.

References
----------
Article, section 5, "Why it pays".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from nodesim.derivation.forms import upstream
from nodesim.notation import Count
from nodesim.partials import DerivativeGraph, E
from nodesim.quantities import Quantity


class Cost(NamedTuple):
    """Numbers of operations, exact whatever their size.

    Attributes
    ----------
    multiplications, additions : int
    """

    multiplications: int
    additions: int


class Operations(Mapping[str, Cost]):
    """The costs of the forms "expanded", "factored" and "shared"; printing it shows a table.

    The partial derivatives themselves are taken as given: each is calculated once, in advance.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([2, 2, 2, 2], seed=0)
    >>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    >>> print(net.derivation("W1").operations)
    form      multiplications  additions
    expanded               24          3
    factored               14          3
    shared                 12          3
    """

    def __init__(self, graph: DerivativeGraph, of: Quantity) -> None:
        self._costs = _costs(graph, of)

    def __getitem__(self, form: str) -> Cost:
        return self._costs[form]

    def __iter__(self) -> Iterator[str]:
        return iter(self._costs)

    def __len__(self) -> int:
        return len(self._costs)

    def __str__(self) -> str:
        rows = [(form, f"{cost.multiplications:,}", f"{cost.additions:,}") for form, cost in self.items()]
        table = [("form", "multiplications", "additions"), *rows]
        wide = [max(map(len, column)) for column in zip(*table)]
        return "\n".join(f"{a:<{wide[0]}}  {b:>{wide[1]}}  {c:>{wide[2]}}" for a, b, c in table)

    def __repr__(self) -> str:
        return f"<Operations {dict(self)}>"

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th>{form}</th><td>{cost.multiplications:,}</td><td>{cost.additions:,}</td></tr>"
            for form, cost in self.items()
        )
        return f"<table><tr><th>form</th><th>multiplications</th><th>additions</th></tr>{cells}</table>"


def shared_cost(graph: DerivativeGraph, quantities: Sequence[Quantity]) -> Cost:
    """Return what it takes to calculate the derivatives of e by these quantities, each once, from one another."""
    into = [graph.arrows_into(quantity) for quantity in quantities]
    multiplications = sum(arrow.numerator is not E for arrows in into for arrow in arrows)
    return Cost(Count(multiplications), Count(sum(max(len(arrows) - 1, 0) for arrows in into)))


def _costs(graph: DerivativeGraph, of: Quantity) -> dict[str, Cost]:
    lengths: dict[Quantity, int] = {}
    nested: dict[Quantity, Cost] = {}
    order = upstream(graph, of)
    for quantity in order:
        into = graph.arrows_into(quantity)
        inner = [arrow.numerator for arrow in into if arrow.numerator is not E]
        sums = max(len(into) - 1, 0)
        lengths[quantity] = len(into) - len(inner) + sum(lengths[p] + graph.count(p) for p in inner)
        nested[quantity] = Cost(
            sum(nested[p].multiplications + 1 for p in inner), sum(nested[p].additions for p in inner) + sums
        )
    paths = graph.count(of)
    costs = {
        "expanded": Cost(lengths[of] - paths, max(paths - 1, 0)),
        "factored": nested[of],
        "shared": shared_cost(graph, order),
    }
    return {form: Cost(Count(cost.multiplications), Count(cost.additions)) for form, cost in costs.items()}
