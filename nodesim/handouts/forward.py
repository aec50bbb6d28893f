"""Forward: what every node adds up and sends, and the error.

References
----------
Article, section 3.
"""

from __future__ import annotations

from collections.abc import Iterator

from nodesim.functions.contracts import Activation
from nodesim.graph.elements import Node
from nodesim.handouts import losses
from nodesim.handouts.subject import Subject
from nodesim.handouts.words import Words
from nodesim.notation import parsing
from nodesim.notation.expressions import Symbol
from nodesim.notation.symbols import ERROR
from nodesim.papers.blocks import Block, Line, Math, Paragraph, Table
from nodesim.plugins import lookup
from nodesim.showing import shown
from nodesim.wording.message import Numeral

# Whoever has learned how slopes are found meets these on sheets of exercises, too.
_USUAL = ("linear", "relu", "sigmoid")
# More nodes, and longer sums, nobody reads: the others go the same way.
_NODES, _TERMS = 12, 8


def functions(subject: Subject) -> Iterator[Block]:
    """Yield the table of activation functions and their slopes."""
    say, words = subject.say, Words()
    yield subject.heading(say("Activation functions and their slopes"))
    own = {str(each): each for node in subject.calculated() for each in [subject.graph.activations[node]]}
    usual = {name: lookup.activation(name) for name in _USUAL if name not in own}
    rows = tuple(tuple(_function(subject, each)) for each in (own | usual).values())
    yield Table((say("Function"), say("f(z)"), say("Slope f'(z), with a = f(z)")), rows)
    if usual:
        names = ", ".join(map(shown, own))
        told = say("This network has {names}; the others are common on exercise sheets.", names=names)
        yield Paragraph((told,))
    yield words.paragraph(
        say(
            "Here z is what a node adds up, and a what it sends. To find a slope, put in z or a, which you know from "
            "the way forward. Where there are cases, look which of them z belongs to: the slope is what stands there."
        )
    )


def _function(subject: Subject, activation: Activation) -> Iterator[Line]:
    yield (shown(str(activation)),)
    for formula in (activation.formula, activation.derivative_formula):
        found = parsing.of_node(formula, activation.parameters, z=Symbol("z"), a=Symbol("a"))
        yield (Math(found),) if found is not None else (subject.say("of its author's own"),)


def forward(subject: Subject) -> Iterator[Block]:
    """Yield what every node adds up and sends, from the inputs on."""
    say, nodes = subject.say, subject.calculated()
    yield subject.heading(say("Step 1: forward"))
    yield Paragraph(
        (say("Start at the inputs, and calculate each node as soon as everything that comes into it is known."),)
    )
    listed = _chosen(subject, nodes)
    for node in listed:
        yield from _node(subject, node)
    if len(listed) < len(nodes):
        left_out = len(nodes) - len(listed)
        yield Paragraph((say("Further nodes, calculated in the same way: {count}.", count=Numeral(left_out)),))


def _chosen(subject: Subject, nodes: list[Node]) -> list[Node]:
    """Return the nodes that are written out: those on the paths before others."""
    if len(nodes) <= _NODES:
        return nodes
    first = [node for node in nodes if node in subject.on_paths] + nodes
    kept = set(list(dict.fromkeys(first))[:_NODES])
    return [node for node in nodes if node in kept]


def _node(subject: Subject, node: Node) -> Iterator[Block]:
    define, entering = subject.define, subject.entering(node)
    added, sent = define.sum(node), define.activated(node)
    if entering:
        around = next((each for each in entering if each.source in subject.on_paths), entering[0])
        formula = define.weighted_sum(node, around=around if len(entering) > _TERMS else None)
        yield subject.equation(added, formula, added.value)
    else:
        words = Words()
        told = subject.say("Nothing leads into {node}: {sum} is 0.", node=shown(node.name), sum=words.math(added))
        yield words.paragraph(told)
    yield subject.equation(sent, define.activation_formula(node) or define.activation(node), sent.value)


def error(subject: Subject) -> Iterator[Block]:
    """Yield the error."""
    say, define, words = subject.say, subject.define, Words()
    yield subject.heading(say("Step 2: the error"))
    loss, symbol = subject.graph.loss, define.error()
    told = say(
        "{e} is calculated by an error function, also called loss, from the outputs and from what they should be. "
        "That of this network is {loss}.", loss=shown(str(loss)), e=words.math(Symbol(ERROR))
    )  # fmt: skip
    yield words.paragraph(" ".join([told, *losses.meaning(subject)]))
    yield subject.equation(symbol, define.loss_formula() or define.loss(), symbol.value)
