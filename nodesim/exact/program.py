"""Exact expressions as programs of Python that calculate them in floats."""

from __future__ import annotations

from collections.abc import Iterator

from nodesim.exact.legend import Legend
from nodesim.exact.values import expression_of
from nodesim.exact.writing import MATHEMATICS, identifiers, python
from nodesim.notation.expressions import Call, Expression, Symbol, leaves, parts


def source(legend: Legend, expression: Expression) -> str:
    """Write a program that sets ``result`` to an expression, each of its letters once before.

    Parameters
    ----------
    legend : Legend
    expression : Expression

    Examples
    --------
    >>> from nodesim.notation.syntax import parse
    >>> print(source(Legend(), parse("exp(1) + 1/2")))
    from math import exp
    <BLANKLINE>
    result = exp(1) + 1/2
    """
    needed = legend.needed(expression)
    names = identifiers(needed)
    meanings = {
        name: expression_of(legend.given[name]) if name in legend.given else legend.defined[name] for name in needed
    }
    called = {each for meaning in (*meanings.values(), expression) for each in _called(meaning)}
    lines = [f"{names[name]} = {python(meaning, names)}" for name, meaning in meanings.items()]
    imported = ", ".join(name for name in MATHEMATICS if name in called)
    head = [f"from math import {imported}", ""] if imported else []
    return "\n".join([*head, *lines, f"result = {python(expression, names)}"])


def _called(expression: Expression) -> Iterator[str]:
    """Yield the names of the functions that an expression calls, and pi if it stands in it."""
    if isinstance(expression, Call):
        yield expression.function
    if any(isinstance(leaf, Symbol) and leaf.name == "π" for leaf in leaves(expression)):
        yield "pi"
    for part in parts(expression):
        yield from _called(part)
