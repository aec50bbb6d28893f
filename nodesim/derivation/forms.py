"""The forms of a derivative: one product for each path, factored into nested brackets, or shared by name.

References
----------
Article, section 4 (paths) and section 5 (factored).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from nodesim.derivation.definitions import Definitions
from nodesim.gradients.derivative_graph import DerivativeGraph, E
from nodesim.gradients.quantities import PartialDerivative, Quantity
from nodesim.notation.expressions import Expression, Partial, Product, Symbol, evaluate, leaves, product, total
from nodesim.notation.symbols import ERROR, plural
from nodesim.paths import GradientPaths

# Brackets nested deeper than this are left as a symbol: nobody could read them, and printing them recurses.
_DEEPEST = 60
_DEEPEST_CUT = 1_000_000
# A picture writes out all terms of a sum where it has room for them, else fewer; if none of these numbers opens all
# brackets, three, and brackets are opened as far as there is room. Two edges are a layer.
_WIDEST, _WIDEST_OF_MANY = (24, 8, 5, 3, 2), 3
_DEEPEST_PICTURED = 14


def paths_form(definitions: Definitions, paths: GradientPaths, limit: int) -> Expression:
    """Return the sum of the products of the paths; beyond `limit` paths the last term is the rest, one symbol."""
    graph, of = paths.derivatives, paths.of
    terms: list[Expression] = [
        product(*map(definitions.partial, graph.chain(of, path.connections))) for path in islice(paths, limit)
    ]
    if paths.count > limit:
        terms.append(rest(definitions, of, total(tuple(terms))))
    return total(tuple(terms))


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


def pictured_form(definitions: Definitions, of: Quantity, limit: int) -> Expression:
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
    return _Factoring(definitions, min(cut, _DEEPEST_PICTURED), widest).derivative(of, 0, 0)


class _Factoring:
    def __init__(self, definitions: Definitions, cut: int, widest: int = sys.maxsize) -> None:
        self.definitions = definitions
        self.graph = definitions.graph
        self.cut = cut
        self.widest = widest

    def derivative(self, of: Quantity, depth: int, nesting: int) -> Expression:
        """Return ∂e/∂(of); depth counts the edges down to where the factoring started."""
        below: list[Expression] = []
        while True:
            if depth > 0 and (depth >= self.cut or nesting > _DEEPEST):
                return product(self.definitions.gradient(of), *below)
            into = self.graph.partials_into(of)
            if len(into) != 1:
                break
            below.insert(0, self.definitions.partial(into[0]))
            if into[0].numerator is E:
                return product(*below)
            of, depth = into[0].numerator, depth + 1
        listed = _listed(into, self.widest)
        terms = tuple(self._term(partial, depth, nesting) for partial in listed)
        if len(listed) < len(into):
            left_out = f"⋮ {plural(len(into) - len(listed), 'more term')}"
            terms = (*terms, replace(rest(self.definitions, of, total(terms)), name=left_out))
        return product(total(terms), *below)

    def _term(self, partial: PartialDerivative, depth: int, nesting: int) -> Expression:
        own = self.definitions.partial(partial)
        if partial.numerator is E:
            return own
        return product(self.derivative(partial.numerator, depth + 1, nesting + 1), own)


def _listed(into: Sequence[PartialDerivative], widest: int) -> Sequence[PartialDerivative]:
    """Return which of the terms of a sum are written out: to say that there is one more takes as much room as it."""
    return into if len(into) <= widest + 1 else into[:widest]


def _cut(graph: DerivativeGraph, of: Quantity, limit: int, widest: int = sys.maxsize) -> int:
    """Return how many edges deep the brackets can be opened before they hold more than `limit` terms."""
    # Level by level, with how often each quantity would be written: walks are counted, and not gone over one by one.
    level = Counter([of])
    finished = depth = 0
    while level:
        deeper: Counter[Quantity] = Counter()
        for quantity, times in level.items():
            into = graph.partials_into(quantity)
            listed = _listed(into, widest)
            finished += times * (len(listed) < len(into))
            for partial in listed:
                if partial.numerator is E:
                    finished += times
                else:
                    deeper[partial.numerator] += times
        if finished + deeper.total() > limit:
            return max(depth, 1)
        level, depth = deeper, depth + 1
    return _DEEPEST_CUT


def folded(expression: Expression) -> list[Partial]:
    """Return the derivatives of e by inner quantities that a factored form leaves as symbols, each once."""
    found = {
        leaf.name: leaf
        for leaf in leaves(expression)
        if isinstance(leaf, Partial) and leaf.numerator == ERROR and not leaf.layer
    }
    return list(found.values())


def shared_form(definitions: Definitions, of: Quantity) -> list[tuple[Partial, Expression]]:
    """Return, from the outputs to the quantity, each derivative of e and what it is in terms of those before.

    This is backpropagation: a sum that several branches use is calculated once.
    """
    graph = definitions.graph
    lines = []
    for quantity in upstream(graph, of):
        into = graph.partials_into(quantity)
        if [partial.numerator for partial in into] != [E]:
            terms = tuple(_named(definitions, partial) for partial in into)
            lines.append((definitions.gradient(quantity), total(terms)))
    return lines


def _named(definitions: Definitions, partial: PartialDerivative) -> Expression:
    own = definitions.partial(partial)
    return own if partial.numerator is E else Product((definitions.gradient(partial.numerator), own))


def upstream(graph: DerivativeGraph, of: Quantity) -> list[Quantity]:
    """Return the quantities on the paths from e to a quantity, without e, each after those it is made of."""
    # Depth first with a stack, as networks may be deeper than Python's recursion: each quantity comes up twice, the
    # second time when all that it is made of is in its place.
    order: list[Quantity] = []
    seen: set[Quantity] = set()
    waiting: list[tuple[Quantity, bool]] = [(of, False)]
    while waiting:
        quantity, finished = waiting.pop()
        if finished:
            order.append(quantity)
        elif quantity not in seen:
            seen.add(quantity)
            waiting.append((quantity, True))
            sources = [partial.numerator for partial in graph.partials_into(quantity) if partial.numerator is not E]
            waiting.extend((source, False) for source in reversed(sources))
    return order
