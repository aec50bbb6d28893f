"""The forms of a derivative: one product for each path, factored into nested brackets, or shared by name.

References
----------
Article, section 4 (paths) and section 5 (factored).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from nodesim.derivation.definitions import PENALTY, Definitions
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import PartialDerivative, Quantity
from nodesim.gradients.starts import E
from nodesim.graph.elements import Connection, Node
from nodesim.notation.expressions import Expression, Partial, Product, Symbol, evaluate, leaves, product, total
from nodesim.paths import GradientPaths
from nodesim.paths.first_paths import first_paths
from nodesim.wording.language import ENGLISH, Language
from nodesim.wording.message import Numeral

# Brackets nested deeper than this are left as a symbol: nobody could read them, and printing them recurses.
_DEEPEST = 60
_DEEPEST_CUT = 1_000_000
# A picture writes out all terms of a sum where it has room for them, else fewer; if none of these numbers opens all
# brackets, three, and brackets are opened as far as there is room. Two edges are a layer.
_WIDEST, _WIDEST_OF_MANY = (24, 8, 5, 3, 2), 3
_DEEPEST_PICTURED = 14


def paths_form(definitions: Definitions, paths: GradientPaths, limit: int) -> Expression:
    """Return the sum of the products of the paths; beyond `limit` paths the last term is the rest, one symbol."""
    terms: list[Expression] = list(_written_paths(definitions, paths.of, limit))
    if paths.count > limit:
        terms.append(rest(definitions, paths.of, total(tuple(terms))))
    return total(tuple(terms))


def _written_paths(definitions: Definitions, of: Quantity, limit: int) -> Iterator[Expression]:
    """Yield the first paths as products; what they have in common is made once."""
    graph = definitions.graph
    known: dict[Node | Connection, list[Partial]] = {}
    for connections in first_paths(graph, of, limit):
        output: Any = connections[-1].target if connections else of.element
        if output not in known:
            known[output] = [*map(definitions.partial, graph.entry(of, output))]
        factors: list[Expression] = [*known[output]]
        for connection in reversed(connections):
            if connection not in known:
                known[connection] = [*map(definitions.partial, graph.over(of, connection))]
            factors += known[connection]
        yield product(*factors)
    if isinstance(of.element, Connection):
        yield from islice(_of_penalties(definitions, of.element), max(limit - graph.count(of, direct=False), 0))


def penalties_form(definitions: Definitions, of: Quantity) -> Expression | None:
    """Return what penalties add to the derivative by a weight: the sum of their paths; None where there are none."""
    assert isinstance(of.element, Connection)
    terms = tuple(_of_penalties(definitions, of.element))
    return total(terms) if terms else None


def _of_penalties(definitions: Definitions, connection: Connection) -> Iterator[Expression]:
    for chain in definitions.graph.direct(connection):
        yield product(*map(definitions.partial, chain))


def rest(definitions: Definitions, of: Quantity, listed: Expression) -> Symbol:
    """Return the symbol of all the paths that are not listed, which knows what they add up to.

    Its value is the whole less what is listed, so that the expression evaluates to the gradient in any case.
    """
    return Symbol("rest", definitions.seen(definitions.graph.total(of)) - evaluate(listed))


def factored_form(definitions: Definitions, of: Quantity, limit: int) -> Expression:
    """Return the nested brackets; where they would hold more than `limit` paths, the innermost stay symbols.

    ∂e/∂W = [Σ ∂e/∂HA ...]·∂HA/∂H·∂H/∂W, and so on up to the outputs: each bracket is the derivative of e by what
    the edges behind it come from. A bracket left out appears as ∂e/∂HA, whose value is exact.
    """
    return _Factoring(definitions, _cut(definitions.graph, of, limit)).derivative(of, 0, 0)


def pictured_form(definitions: Definitions, of: Quantity, limit: int, own: Language = ENGLISH) -> Expression:
    """Return the nested brackets as a picture has room for them, folded in both directions; they evaluate exactly.

    Of long sums the first terms are written out, and the others are one symbol, "⋮ 12 more terms". Brackets stay
    symbols where there would be more than `limit` leaves, or more layers than a page is wide.
    """
    graph = definitions.graph
    for widest in _WIDEST:
        cut = _cut(graph, of, limit, widest)
        if cut == _DEEPEST_CUT:
            break
    else:
        cut = _cut(graph, of, limit, widest := _WIDEST_OF_MANY)
    return _Factoring(definitions, min(cut, _DEEPEST_PICTURED), widest, own).derivative(of, 0, 0)


class _Factoring:
    def __init__(self, definitions: Definitions, cut: int, widest: int = sys.maxsize, own: Language = ENGLISH) -> None:
        self.definitions = definitions
        self.own = own
        self.graph = definitions.graph
        self.cut = cut
        self.widest = widest

    def derivative(self, of: Quantity, depth: int, nesting: int) -> Expression:
        """Return ∂e/∂(of); depth counts the edges down to where the factoring started."""
        below: list[Partial] = []
        through = of.kind == "penalty"
        while True:
            if depth > 0 and (depth >= self.cut or nesting > _DEEPEST):
                return product(self.definitions.gradient(of), *reversed(below))
            number = self.graph.number_into(of)
            if number != 1:
                break
            (only,) = self.graph.each_into(of)
            own = self.definitions.partial(only)
            through = through or only.numerator.kind == "penalty"
            if through:
                # What stands before the outputs stands before penalties, too.
                own = replace(own, layer=PENALTY)
            below.append(own)
            if only.numerator == self.graph.target:
                return product(*reversed(below))
            of, depth = only.numerator, depth + 1
        listed = _listed(number, self.widest)
        into = islice(self.graph.each_into(of), listed)
        terms = tuple(self._term(partial, depth, nesting) for partial in into)
        if listed < number:
            # Two or more: see `_listed`.
            left_out = self.own.say("⋮ {count} more terms", count=Numeral(number - listed))
            terms = (*terms, replace(rest(self.definitions, of, total(terms)), name=left_out))
        return product(total(terms), *reversed(below))

    def _term(self, partial: PartialDerivative, depth: int, nesting: int) -> Expression:
        own = self.definitions.partial(partial)
        if partial.numerator == self.graph.target:
            return own
        return product(self.derivative(partial.numerator, depth + 1, nesting + 1), own)


def _listed(number: int, widest: int) -> int:
    """Return how many terms of a sum are written out: to say that there is one more takes as much room as it."""
    return number if number <= widest + 1 else widest


def _cut(graph: DerivativeGraph, of: Quantity, limit: int, widest: int = sys.maxsize) -> int:
    """Return how many edges deep the brackets can be opened before they hold more than `limit` terms."""
    # Level by level, with how often each quantity would be written: walks are counted, and not gone over one by one.
    level = Counter([of])
    finished = depth = 0
    while level:
        deeper: Counter[Quantity] = Counter()
        terms = finished
        for quantity, times in level.items():
            number = graph.number_into(quantity)
            listed = _listed(number, widest)
            finished += times * (listed < number)
            terms += times * (listed + (listed < number))
            # They only become more: what is beyond them is not looked at.
            if terms > limit:
                return max(depth, 1)
            for partial in islice(graph.each_into(quantity), listed):
                if partial.numerator == graph.target:
                    finished += times
                else:
                    deeper[partial.numerator] += times
        level, depth = deeper, depth + 1
    return _DEEPEST_CUT


def folded(expression: Expression, target: str) -> list[Partial]:
    """Return the derivatives of the target by inner quantities that a factored form leaves as symbols, each once."""
    found = {
        leaf.name: leaf
        for leaf in leaves(expression)
        if isinstance(leaf, Partial) and leaf.numerator == target and not leaf.layer
    }
    return list(found.values())


def shared_form(definitions: Definitions, of: Quantity) -> Iterator[tuple[Partial, Expression]]:
    """Yield, from the outputs to the quantity, each derivative of e and what it is in terms of those before.

    This is backpropagation: a sum that several branches use is calculated once.
    """
    graph = definitions.graph
    for quantity in upstream(graph, of):
        into = graph.partials_into(quantity)
        if [partial.numerator for partial in into] != [graph.target]:
            terms = tuple(_named(definitions, partial) for partial in into)
            yield definitions.gradient(quantity), total(terms)


def _named(definitions: Definitions, partial: PartialDerivative) -> Expression:
    own, above = definitions.partial(partial), partial.numerator
    return own if above == definitions.graph.target else Product((definitions.gradient(above), own))


def upstream(graph: DerivativeGraph, of: Quantity) -> Iterator[Quantity]:
    """Yield the quantities on the paths from e to a quantity, without e, each after those it is made of."""
    # Depth first with a stack, as networks may be deeper than Python's recursion: a node is left when all that it is
    # made of has come. HA is only reached by way of H, so that to have seen a node is to have seen both.
    element: Any = of.element
    yield from beside(graph, of)
    if not graph.count(of, direct=False):
        yield of
        return
    schedule, row = graph.schedule, graph.row
    seen = bytearray(schedule.n_rows)
    waiting: list[tuple[Node, Iterator[int]]] = []

    def enter(node: Node) -> None:
        seen[row[node]] = True
        waiting.append((node, iter(schedule.targets[graph.onwards(node)].tolist())))

    enter(element.target if isinstance(element, Connection) else element)
    while waiting:
        node, targets = waiting[-1]
        target = next((target for target in targets if not seen[target]), None)
        if target is not None:
            enter(schedule.nodes[target])
            continue
        waiting.pop()
        if graph.count(Quantity("activated", node)):
            yield Quantity("activated", node)
        if (waiting or of.kind != "activated") and (weighted := Quantity("sum", node)) != graph.target:
            yield weighted
    if of.kind == "weight":
        yield of


def beside(graph: DerivativeGraph, of: Quantity) -> Iterator[Quantity]:
    """Yield what the paths to a quantity pass before the outputs, and beside them: of a weight the penalties."""
    through = graph.count(of, direct=False) > 0
    for edge in graph.start.before:
        if through or (edge.denominator == E and graph.count(of)):
            yield edge.denominator
    if isinstance(of.element, Connection):
        for chain in graph.direct(of.element):
            yield chain[-1].numerator
