"""What H is where it is no sum, and its partial derivatives, written out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nodesim.derivation.beside import ELLIPSIS
from nodesim.functions.aggregation import Aggregation
from nodesim.notation.expressions import (
    Call,
    Expression,
    Number,
    Partial,
    Power,
    Product,
    Quotient,
    Symbol,
    product,
    total,
)
from nodesim.notation.parsing import WRITTEN_OUT
from nodesim.notation.text import text

_TWO = Number(2.0)
# How H is written, by native form, of its contributions and how many they are; others by their names.
_WRITTEN: dict[str, Callable[[Sequence[Expression], int], Expression]] = {
    "product": lambda terms, count: _all_of(terms),
    "mean": lambda terms, count: Quotient(total(tuple(terms)), Number(float(count))),
    "norm": lambda terms, count: Call("sqrt", (total(tuple(map(_square, terms))),)),
}


def aggregated(aggregation: Aggregation | None, terms: Sequence[Expression], count: int) -> Expression:
    """Return H of what comes in.

    Parameters
    ----------
    aggregation : Aggregation or None
        None for sums.
    terms : sequence of Expression
        What comes in over each connection: HA·W. Some may be left out, with an ellipsis in their place.
    count : int
        How many there are of them.
    """
    if aggregation is None:
        return total(tuple(terms))
    write = _WRITTEN.get(aggregation.native or "")
    return Call(aggregation.name, tuple(terms)) if write is None else write(terms, count)


def derivative(
    aggregation: Aggregation, own: Expression, coming: Expression, others: Sequence[Expression], H: Symbol, values: Any
) -> Expression:
    """Return ∂H/∂HA, or ∂H/∂W, over one connection.

    Parameters
    ----------
    aggregation : Aggregation
    own : Expression
        What the contribution is differentiated to: W, or HA.
    coming : Expression
        The contribution.
    others : sequence of Expression
        The other contributions.
    H : Symbol
    values : float or ndarray
        ∂H/∂(HA·W).
    """
    written_out = len(others) < WRITTEN_OUT
    if aggregation.native == "product" and written_out:
        return _all_of([own, *others])
    if aggregation.native == "mean":
        return Quotient(own, Number(float(len(others) + 1)))
    if aggregation.native == "norm" and np.all(H.value):
        # Where H is 0, a quotient by it has no value.
        return Quotient(_all_of([own, coming]), H)
    return product(own, Partial(H.name, f"({text(coming)})", values))


def _all_of(terms: Sequence[Expression]) -> Expression:
    factors: list[Expression] = []
    for term in terms:
        factors += term.factors if isinstance(term, Product) else (term,)
    return factors[0] if len(factors) == 1 else Product(tuple(factors))


def _square(term: Expression) -> Expression:
    return term if term is ELLIPSIS else Power(term, _TWO)
