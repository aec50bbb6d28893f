"""The factored derivative as a tree: the weight's layer at the root, the output layer at the leaves.

References
----------
Article, section 5, "The tree".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from nodesim.derivation.text_lines import layer_of
from nodesim.notation.expressions import Expression, Product, Sum, evaluate, product
from nodesim.notation.symbols import equals
from nodesim.notation.text import Text
from nodesim.notation.wrapping import columns, padded

RULE = "Add the leaves of the same layer, multiply up the branch."
# The same where connections skip layers: what is added then are not leaves of one layer.
SKIPPING_RULE = "Add what hangs on the same branch, whatever its layer; multiply up the branch."


@dataclass(frozen=True)
class Branch:
    """A group of partial derivatives of one layer, and the branches whose sum it is multiplied with.

    Attributes
    ----------
    factors : Expression
        The partial derivatives of this layer.
    layer : str
    branches : tuple of Branch
        Towards the outputs; none at a leaf.
    whole : Expression
        The sum of the branches times the factors: what this branch adds.
    """

    factors: Expression
    layer: str
    branches: tuple[Branch, ...]
    whole: Expression


def branches(expression: Expression) -> tuple[Branch, ...]:
    """Return the branches of a factored derivative; a sum has several."""
    if isinstance(expression, Sum):
        return tuple(branch for term in expression.terms for branch in branches(term))
    # A product is brackets first, then factors from the outputs down: from the leaves to the root. Each group of
    # factors of one layer is wrapped around what has been made so far.
    factors = expression.factors if isinstance(expression, Product) else (expression,)
    inner: tuple[Branch, ...] = ()
    whole: tuple[Expression, ...] = ()
    if isinstance(factors[0], Sum):
        inner, whole, factors = branches(factors[0]), factors[:1], factors[1:]
    for layer, group in groupby(factors, key=layer_of):
        own = product(*group)
        whole = (*whole, own)
        inner = (Branch(own, layer, inner, product(*whole)),)
    return inner


def drawn(title: str, roots: tuple[Branch, ...], digits: int | None) -> str:
    """Write a tree, each branch with its layer and what it adds."""
    rows = [(title, "", ""), *_rows(roots, digits)]
    wide = [max(columns(row[column]) for row in rows) for column in (0, 1)]
    lines = [f"{padded(place, wide[0])}  {padded(layer, wide[1])}  {value}".rstrip() for place, layer, value in rows]
    return "\n".join([*lines, SKIPPING_RULE if _skips(roots) else RULE])


def _skips(roots: tuple[Branch, ...]) -> bool:
    """Whether branches of different layers hang side by side."""
    waiting = [roots]
    while waiting:
        side_by_side = waiting.pop()
        if len({branch.layer for branch in side_by_side}) > 1:
            return True
        waiting += [branch.branches for branch in side_by_side if branch.branches]
    return False


def _rows(roots: tuple[Branch, ...], digits: int | None) -> Iterator[tuple[str, str, str]]:
    writer = Text()
    waiting = [(branch, "", branch is roots[-1]) for branch in reversed(roots)]
    while waiting:
        branch, margin, last = waiting.pop()
        value = evaluate(branch.whole)
        place = f"{margin}{'└─' if last else '├─'} {writer.write(branch.factors)[0]}"
        yield place, branch.layer, equals(value, digits) if isinstance(value, float) else ""
        below = f"{margin}{'   ' if last else '│  '}"
        waiting += [(inner, below, inner is branch.branches[-1]) for inner in reversed(branch.branches)]
