"""A calculation by hand, step by step: each quantity, the formula that it is calculated by, and its exact number.

A step's formula is what is printed and what is calculated, in fractions where every function is rational, else in
doubles. Numbers of somebody else can be put in the place of any step's: what follows is then calculated from those.

References
----------
Article, sections 3 to 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from nodesim.derivation import forms
from nodesim.derivation.definitions import Definitions
from nodesim.derivation.tree import Branch, branches
from nodesim.exact.formulas import Formulas, IrrationalError
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection
from nodesim.notation.expressions import (
    Expression,
    Negative,
    Number,
    Partial,
    Sum,
    Symbol,
    evaluate,
    leaves,
    product,
    total,
    transform,
)
from nodesim.notation.symbols import ERROR, RATE
from nodesim.paths import GradientPath, GradientPaths

# In fractions, or in doubles where a function is not rational.
Value = Fraction | float
Values = Mapping[str, Value]
_ALL = 1_000


@dataclass(frozen=True)
class Step:
    """One quantity.

    Attributes
    ----------
    name : str
        H1, HA1, e, ∂O1/∂HA1, product 1, branch 1, ∂e/∂W1, W1(k+1).
    kind : {"sum", "activated", "error", "partial", "product", "branch", "gradient", "update"}
    formula : Expression
        What it is, in letters: names of what is given, or of steps before.
    element : Any
        Whose it is: the node of a sum, the `PartialDerivative`, the `GradientPath` of a product, the `Branch`.
    """

    name: str
    kind: str
    formula: Expression
    element: Any = field(default=None, compare=False, repr=False)

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """The names of what it is calculated from, each once, in order."""
        return tuple(dict.fromkeys(leaf.name for leaf in leaves(self.formula) if isinstance(leaf, Symbol | Partial)))


class Working:
    """All steps from the inputs to the new weight.

    Parameters
    ----------
    graph : DerivativeGraph
        Of one sample's backward.
    connection : Connection
        Whose gradient is asked for.
    given : mapping of str to Fraction
        Inputs, biases, weights, desired values and η, by the names of the formulas.

    Attributes
    ----------
    steps : tuple of Step
    paths : tuple of GradientPath
        That feed the gradient; the step "product 1" is of the first.
    """

    def __init__(self, graph: DerivativeGraph, connection: Connection, given: Mapping[str, Fraction]) -> None:
        self.graph, self.connection = graph, connection
        self.definitions = Definitions(graph)
        self.of = Quantity("weight", connection)
        self.given = dict(given)
        self.paths: tuple[GradientPath, ...] = tuple(GradientPaths(graph, self.of))
        self.steps: tuple[Step, ...] = tuple(self._steps())
        self.by_name = {step.name: step for step in self.steps}

    # ---- the steps ------------------------------------------------------------------------------------------

    def _steps(self) -> Iterator[Step]:
        yield from self._forward()
        yield from self._partials()
        for place, path in enumerate(self.paths, 1):
            factors = [self.definitions.partial(each) for each in self._factors(path)]
            yield Step(f"product {place}", "product", product(*factors), path)
        yield from self._branches()
        gradient = self.definitions.gradient(self.of)
        products = tuple(Symbol(f"product {place}") for place in range(1, len(self.paths) + 1))
        yield Step(gradient.name, "gradient", total(products), self.of)
        weight = Symbol(self.of.name)
        yield Step(f"{self.of.name}(k+1)", "update", _stepped(weight, gradient), self.of)

    def _forward(self) -> Iterator[Step]:
        define = self.definitions
        for node in self.graph.schedule.order:
            if node in self.graph.activations:
                yield Step(define.sum(node).name, "sum", define.weighted_sum(node), node)
                formula = define.activation_formula(node)
                assert formula is not None
                yield Step(define.activated(node).name, "activated", formula, node)
        formula = define.loss_formula()
        assert formula is not None
        yield Step(ERROR, "error", formula)

    def _partials(self) -> Iterator[Step]:
        define = self.definitions
        for of in forms.upstream(self.graph, self.of):
            for partial in self.graph.each_into(of):
                formula = define.derivative(partial)
                assert formula is not None
                yield Step(define.partial(partial).name, "partial", formula, partial)

    def _factors(self, path: GradientPath) -> Iterator[Any]:
        return self.graph.chain(self.of, path.connections)

    def _branches(self) -> Iterator[Step]:
        """Yield the branches of the tree, each behind those that it is made of; numbered from the root on."""
        yield from _numbered(branches(forms.factored_form(self.definitions, self.of, _ALL)), 1)[0]

    # ---- numbers --------------------------------------------------------------------------------------------

    @cached_property
    def right(self) -> Values:
        """The right number of every step."""
        return self.values()

    @cached_property
    def exact(self) -> bool:
        """Whether all numbers are fractions."""
        return all(isinstance(value, Fraction) for value in self.right.values())

    def values(self, instead: Mapping[str, Value] | None = None) -> dict[str, Value]:
        """Calculate every step.

        Parameters
        ----------
        instead : mapping of str to Fraction or float, optional
            Numbers that stand in the place of some steps' own; those after them are calculated from these.
        """
        known: dict[str, Value] = dict(self.given)
        for step in self.steps:
            own = None if instead is None else instead.get(step.name)
            known[step.name] = calculated(step.formula, known) if own is None else own
        return {step.name: known[step.name] for step in self.steps}


def calculated(formula: Expression, known: Values) -> Value:
    """Calculate a formula from the numbers of its letters: a fraction where it has one.

    Raises
    ------
    FunctionError, ArithmeticError
        If it has no value there.

    Examples
    --------
    >>> from nodesim.notation.syntax import parse
    >>> calculated(parse("z / 4"), {"z": Fraction(1, 2)})
    Fraction(1, 8)
    """
    if all(isinstance(known[name], Fraction) for name in map(_letter, leaves(formula)) if name is not None):
        try:
            found = Formulas([known]).value(formula)  # type: ignore[list-item]
            assert isinstance(found, Fraction)
            return found
        except IrrationalError:
            pass
    with np.errstate(all="ignore"):
        # What is too large for a double is inf: nobody needs to be warned of numbers that are refused.
        return float(evaluate(transform(formula, lambda part: _number(part, known))))


def _letter(leaf: Expression) -> str | None:
    return leaf.name if isinstance(leaf, Symbol | Partial) and leaf.name != "π" else None


def _number(part: Expression, known: Values) -> Expression | None:
    return Number(float(known[part.name])) if isinstance(part, Symbol | Partial) and part.name in known else None


def _stepped(weight: Symbol, gradient: Partial) -> Expression:
    return Sum((weight, Negative(product(Symbol(RATE), gradient))))


def _numbered(tree: tuple[Branch, ...], number: int) -> tuple[list[Step], list[Symbol], int]:
    """Return the steps of some branches, their symbols, and the next free number."""
    steps: list[Step] = []
    symbols: list[Symbol] = []
    for branch in tree:
        own = Symbol(f"branch {number}")
        inner, inside, number = _numbered(branch.branches, number + 1)
        formula = product(total(tuple(inside)), branch.factors) if inside else branch.factors
        steps += [*inner, Step(own.name, "branch", formula, branch)]
        symbols.append(own)
    return steps, symbols, number
