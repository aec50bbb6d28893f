"""What a handout is about: one weight of a network, one sample's run of it, and how numbers are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import networkx as nx

from nodesim.derivation import Derivation, forms
from nodesim.derivation.definitions import Definitions
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import PartialDerivative
from nodesim.graph.elements import Connection, Node
from nodesim.handouts.put_in import bracketed, enough, unsigned
from nodesim.network import Network
from nodesim.notation.expressions import Expression, Number, Partial, Symbol, evaluate, leaves
from nodesim.notation.symbols import is_whole
from nodesim.papers.blocks import Equation, Heading, Math
from nodesim.showing import shown
from nodesim.wording.language import Language


@dataclass(frozen=True)
class Subject:
    """A weight and its run.

    Attributes
    ----------
    network : Network
        A copy that has been run forward and backward.
    connection : Connection
        Of the copy.
    numbers : bool
        Whether the numbers of the run are shown; without, all stays in letters.
    rate : float
        η.
    digits : int
        Significant digits of the numbers.
    language : Language
    """

    network: Network
    connection: Connection[Any]
    numbers: bool
    rate: float
    digits: int
    language: Language

    @property
    def say(self) -> Callable[..., str]:
        """Says a text in the language."""
        return self.language.say

    @cached_property
    def derivation(self) -> Derivation:
        """That of the weight."""
        return self.network.derivation(self.connection)

    @property
    def define(self) -> Definitions:
        """What quantities and partial derivatives are."""
        return self.derivation.definitions

    @property
    def graph(self) -> DerivativeGraph:
        """The partial derivatives of the run."""
        return self.derivation.graph

    @cached_property
    def weight(self) -> Symbol:
        """The weight."""
        return self.define.weight(self.connection)

    @cached_property
    def partials(self) -> tuple[PartialDerivative, ...]:
        """Those on the paths, from the outputs on."""
        return tuple(
            partial for of in forms.upstream(self.graph, self.derivation.of) for partial in self.graph.each_into(of)
        )

    @cached_property
    def on_paths(self) -> frozenset[Node]:
        """The nodes that paths lead through."""
        found = {quantity.element for each in self.partials for quantity in (each.numerator, each.denominator)}
        return frozenset(each for each in found if isinstance(each, Node))

    def calculated(self) -> list[Node]:
        """Return the nodes that an output is made of, in the order in which they are calculated."""
        return [node for node in self.graph.schedule.order if node in self._needed and node in self.graph.activations]

    @cached_property
    def _needed(self) -> set[Node]:
        graph, outputs = self.network.graph, self.network.outputs
        return set(outputs).union(*(nx.ancestors(graph, output) for output in outputs))

    def entering(self, node: Node) -> list[Connection[Any]]:
        """Return the connections into a node."""
        connections = self.graph.schedule.connections
        return [connections[place] for place in self.graph.entering(node).tolist()]

    # ---- how it is written ------------------------------------------------------------------------------------

    def heading(self, words: str) -> Heading:
        """Return a heading."""
        return Heading(words)

    def value(self, value: float, more: int = 0) -> Math:
        """Return a number as it is shown, with so many digits more than others."""
        return Math(Number(unsigned(value)), digits=self.digits + more)

    def sign(self, value: float, more: int = 0) -> str:
        """Return the sign that is true before a number as it is shown: ≈ where digits are left out."""
        return "=" if is_whole(value, self.digits + more) else "≈"

    def equation(self, left: Expression, formula: Expression | None, value: float) -> Equation:
        """Return a quantity, its formula, the formula with numbers put in, and its number."""
        rights: list[tuple[str, Math]] = [] if formula is None else [("=", Math(formula))]
        if self.numbers:
            rights += self.put_in(formula, value)
        return Equation(left, tuple(rights))

    def put_in(self, formula: Expression | None, value: float) -> Iterator[tuple[str, Math]]:
        """Yield a formula with numbers put in, and its number, each behind its sign."""
        known = [] if formula is None else [leaf for leaf in leaves(formula) if isinstance(leaf, Symbol | Partial)]
        if formula is not None and known and not isinstance(formula, Symbol | Partial):
            digits = enough(formula, value, self.digits)
            exact = all(leaf.value is None or is_whole(leaf.value, digits) for leaf in known)
            yield "=" if exact else "≈", Math(bracketed(formula), numbers=True, digits=digits)
        if not isinstance(formula, Number) or formula.value != value:
            yield self.sign(value), self.value(value)

    def path(self, nodes: tuple[Node, ...]) -> str:
        """Return the name of a path: I1 → H1 → O1."""
        return " → ".join(shown(node.name) for node in nodes)


def worth(expression: Expression) -> float:
    """Return the number of an expression of one sample."""
    return unsigned(float(evaluate(expression)))
