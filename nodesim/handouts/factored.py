"""Factored: brackets, the tree, and what each form costs.

References
----------
Article, section 5.
"""

from __future__ import annotations

from collections.abc import Iterator

from nodesim.derivation.forms import folded
from nodesim.derivation.tree import Branch, branches
from nodesim.graph.layer_names import layer_title
from nodesim.handouts.subject import Subject, worth
from nodesim.handouts.words import Words
from nodesim.network import Network
from nodesim.notation.expressions import Expression, Symbol, product, total
from nodesim.notation.symbols import Count
from nodesim.papers.blocks import Block, Figure, Inline, Items, Line, Math, Paragraph, Strong, Table
from nodesim.wording.message import Numeral

# Brackets that hold more paths stay letters; more branches nobody reads.
_OPENED, _BRANCHES, _PICTURED = 8, 24, 12
# Deep enough that what is shared makes a difference.
_DEEPER = (2, 2, 2, 2, 2)


def factored(subject: Subject) -> Iterator[Block]:
    """Yield the factored form and its tree."""
    say, words, derivation = subject.say, Words(), subject.derivation
    yield subject.heading(say("Step 5: factored, as a tree"))
    expression = derivation.expression("factored", _OPENED)
    if derivation.count == 1:
        yield words.paragraph(say("There is only one path, and nothing to factor out: the tree is a single branch."))
    else:
        yield words.paragraph(
            say(
                "Near {weight} the paths run the same way, so their products end alike. What they have in common is "
                "factored out and written once, layer by layer:",
                weight=words.math(subject.weight),
            )
        )
        yield subject.equation(derivation.symbol, expression, derivation.gradient)
        yield from _closed(subject, expression)
    drawing = derivation.draw(
        numbers=subject.numbers, digits=min(subject.digits, 6), limit=_PICTURED, language=subject.language
    )
    caption = say("The factored gradient as a tree: outputs on the left, the weight's layer on the right.")
    if subject.numbers:
        caption += " " + say("Its numbers are rounded; the lines below have more digits.")
    yield Figure(drawing, caption)
    yield from _tree(subject, expression)


def _closed(subject: Subject, expression: Expression) -> Iterator[Block]:
    if inner := folded(expression, subject.graph.target.name):
        names = ", ".join(each.name for each in inner)
        told = subject.say("Not opened here, as there would be too many brackets in it: {names}.", names=names)
        yield Paragraph((told,))


def _tree(subject: Subject, expression: Expression) -> Iterator[Block]:
    say = subject.say
    yield Paragraph(
        (
            say(
                "The same branch by branch, numbered from the weight on; a branch stands under the one that it leads "
                "into. The rule, in every network: add the branches directly under a branch, and multiply the sum by "
                "the branch's own factors; begin with the innermost branches. A branch with none under it is its own "
                "factors alone."
            ),
        )
    )
    lines = list(numbered(subject, expression))
    yield Items(tuple(lines[:_BRANCHES]))
    if (more := len(lines) - _BRANCHES) > 0:
        yield Paragraph((say("Further branches, calculated in the same way: {count}.", count=Numeral(more)),))


def numbered(subject: Subject, expression: Expression) -> Iterator[tuple[int, Line]]:
    """Yield the branches of a factored gradient as lines, each with its depth."""
    yield from _Numbered(subject).lines(branches(expression), 0)


class _Numbered:
    """Numbers branches from the root on, as sheets of exercises do."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.number = 0

    def lines(self, tree: tuple[Branch, ...], depth: int) -> Iterator[tuple[int, Line]]:
        """Yield a line for each branch: its number, its layer, and what it is."""
        for branch in tree:
            self.number += 1
            own, first = self.number, self.number + 1
            deeper = list(self.lines(branch.branches, depth + 1))
            inner = self._names(branch.branches, first)
            yield depth, tuple(self._line(own, branch, inner))
            yield from deeper

    def _names(self, tree: tuple[Branch, ...], number: int) -> tuple[Expression, ...]:
        names: list[Expression] = []
        for branch in tree:
            names.append(Symbol(self.subject.say("branch {place}", place=number), worth(branch.whole)))
            number += _size(branch)
        return tuple(names)

    def _layer(self, name: str) -> str:
        layers = {layer.name: layer for layer in self.subject.network.layers}
        return str(self.subject.language.tell(layer_title(layers[name]))) if name in layers else name

    def _line(self, number: int, branch: Branch, inner: tuple[Expression, ...]) -> Iterator[Inline]:
        subject = self.subject
        yield Strong(subject.say("branch {place}", place=number))
        if branch.layer:
            yield f" ({self._layer(branch.layer)})"
        formula = product(total(inner), branch.factors) if inner else branch.factors
        yield " = "
        yield Math(formula)
        if subject.numbers:
            for sign, written in subject.put_in(formula, worth(branch.whole)):
                yield f" {sign} "
                yield written


def _size(branch: Branch) -> int:
    return 1 + sum(map(_size, branch.branches))


def costs(subject: Subject) -> Iterator[Block]:
    """Yield what each form costs, and what that teaches."""
    say, operations = subject.say, subject.derivation.operations
    yield subject.heading(say("What it costs"))
    forms = {
        "expanded": say("path by path, each multiplied out"),
        "factored": say("factored, bracket by bracket"),
        "shared": say("shared: every bracket once, and its number used again"),
    }

    def own(count: int) -> str:
        return subject.language.number(str(Count(count)))

    rows = tuple(
        ((words,), (own(operations[form].multiplications),), (own(operations[form].additions),))
        for form, words in forms.items()
    )
    yield Table((say("Form"), say("Multiplications"), say("Additions")), rows)
    yield Paragraph(
        (
            say(
                "Multiplications by 1 are counted, too. The partial derivatives are the same in all three, and are "
                "found once. Each further layer multiplies the number of paths, and with it the work of the first "
                "form. In the last form the work only grows with the number of connections, as every bracket is "
                "calculated once, however often it occurs: backpropagation works like that, for all weights at once."
            ),
        )
    )
    if operations["factored"].multiplications == operations["shared"].multiplications:
        yield Paragraph((_deeper(subject),))


def _deeper(subject: Subject) -> str:
    """Return what the forms cost in a network in which brackets occur again."""
    network = Network.layered(_DEEPER, seed=0)
    network.forward([0.0] * _DEEPER[0]), network.backward([0.0] * _DEEPER[-1])
    found = network.derivation("W1").operations
    return subject.say(
        "Here no bracket occurs twice, so that there is nothing to share. With more hidden layers there is: for W1 of "
        "a network {sizes}, path by path takes {expanded} multiplications, factored {factored}, and shared {shared}.",
        sizes="-".join(map(str, _DEEPER)),
        **{form: Count(found[form].multiplications) for form in ("expanded", "factored", "shared")},
    )
