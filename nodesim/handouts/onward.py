"""The end of a handout: the new weight, how it goes for other weights, and how sheets of exercises ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection
from nodesim.handouts.subject import Subject
from nodesim.handouts.words import Words
from nodesim.notation.expressions import Expression, Negative, Partial, Sum, Symbol, product, total
from nodesim.notation.symbols import RATE
from nodesim.papers.blocks import Block, Code, Items, Line, Paragraph
from nodesim.showing import shown

_OPENED = 8


def update(subject: Subject) -> Iterator[Block]:
    """Yield the new weight."""
    say, words, weight = subject.say, Words(), subject.weight
    yield subject.heading(say("Step 6: the new weight"))
    new = Symbol(f"{weight.name}(k+1)")
    if not subject.connection.trainable:
        yield words.paragraph(
            say("{weight} is frozen: it keeps its number, whatever its gradient is.", weight=words.math(weight))
        )
        return
    yield words.paragraph(
        say(
            "Gradient descent goes against the gradient, by a step as long as {rate} says. All weights are changed at "
            "once: until the last gradient is known, every formula takes the old ones.",
            rate=words.math(Symbol(RATE)),
        )
    )
    gradients = tuple(map(subject.define.gradient, _uses(subject)))
    if len(gradients) > 1:
        yield words.paragraph(
            say(
                "{weight} is one number with {count} uses. Each use has a gradient of its own, found like this one; "
                "the number is changed by their sum.",
                weight=words.math(weight), count=len(gradients),
            )
        )  # fmt: skip
    before = Symbol(f"{weight.name}(k)", weight.value)
    rate = Symbol(RATE, subject.rate)
    formula = Sum((before, Negative(product(rate, total(gradients)))))
    value = weight.value - subject.rate * sum(each.value for each in gradients)
    yield subject.equation(new, formula, value)


def _uses(subject: Subject) -> list[Quantity]:
    """Return the weights that change together: of a tie all its uses."""
    for tie in subject.network.ties:
        if subject.connection in tie.uses:
            return [Quantity("weight", use) for use in tie.uses]
    return [subject.derivation.of]


def other_weights(subject: Subject) -> Iterator[Block]:
    """Yield how it goes for any other weight: the strategy, and the cut of the tree."""
    say = subject.say
    yield subject.heading(say("How to go on: other weights"))
    steps = (
        say("Run the sample forward, and calculate the error."),
        say("Find all paths from the weight to the error: follow the arrows from its target on, in every way."),
        say("Write one partial derivative for each step of a path, from the error back, the last one by the weight."),
        say("Multiply along each path."),
        say("Add the products."),
        say("Take the learning rate times the sum from the weight."),
    )
    yield Items(tuple((0, (step,)) for step in steps), numbered=True)
    bias = next((each for node in subject.network.biases for each in node.outgoing), None)
    if bias is not None:
        words, define = Words(), subject.define
        yield words.paragraph(
            say(
                "The weight of a bias node is no other case: {weight} leads from {bias} to {target}, so that its last "
                "partial derivative is {bias}, a constant.",
                weight=words.math(define.weight(bias)), bias=words.math(define.activated(bias.source)),
                target=words.math(Symbol(Quantity("sum", bias.target).name)),
            )
        )  # fmt: skip
    yield from _cut(subject)


def _cut(subject: Subject) -> Iterator[Block]:
    """Yield the gradient of a later weight as a part of this one's tree."""
    later = later_weight(subject)
    if later is None:
        return
    say, words, define = subject.say, Words(), subject.define
    derivation = subject.network.derivation(later)
    old = Partial(Quantity("sum", later.target).name, Quantity("activated", later.source).name)
    (edge,) = (each for each in derivation.graph.each_into(derivation.of) if each.numerator.kind == "sum")
    new = define.partial(edge)
    yield words.paragraph(
        say(
            "A weight that lies on the paths has its gradient in the tree already. {weight} leads from {source} to "
            "{target}: cut the tree there. In the place of {old}, towards the earlier node, stands {new}, towards the "
            "weight; everything after it, nearer to {first}, is left out.",
            weight=words.math(define.weight(later)), source=shown(later.source.name), target=shown(later.target.name),
            old=old.name, new=new.name, first=words.math(subject.weight),
        )
    )  # fmt: skip
    yield subject.equation(new, define.derivative(edge), new.value)
    expression: Expression = derivation.expression("factored", _OPENED)
    yield subject.equation(derivation.symbol, expression, derivation.gradient)


def later_weight(subject: Subject) -> Connection[Any] | None:
    """Return the second weight of the first path; None where there is none."""
    path = next(iter(subject.derivation.paths))
    return path.connections[1] if len(path.connections) > 1 else None


def sheets(subject: Subject) -> Iterator[Block]:
    """Yield what the blanks of a sheet of exercises ask for."""
    say = subject.say
    yield subject.heading(say("On a sheet of exercises"))
    yield Items(tuple((0, line) for line in _blanks(subject)))


def command(subject: Subject) -> Iterator[Block]:
    """Yield how a sheet is made, for a terminal."""
    yield Paragraph((subject.say("A sheet with other numbers, and its key, is made by:"),))
    yield Code("nodesim exercise 2-2-2 --ask W1 --seed 7 -o sheet.html --key key.html")


def _blanks(subject: Subject) -> Iterator[Line]:
    say, gradient = subject.say, subject.derivation.symbol.name
    yield (say("H1, HA1, O1, OA1, e: what comes out on the way forward."),)
    yield (say("∂e/∂OA1, ∂OA1/∂O1 and so on: the numbers of the partial derivatives."),)
    yield (
        say("path 1, path 2: the nodes of each path from the first to the output, such as I1 → H1 → O1; which path "
            "comes first is free. number of paths: how many there are."),
    )  # fmt: skip
    yield (say("product 1, product 2: what the partial derivatives of that path multiply to."),)
    yield (say("branch 1, branch 2: of the tree, the sum of the branches within it times its own factors."),)
    yield (
        say("{gradient}: the sum of all products, or of the outermost branches. {new}: the weight after the step.",
            gradient=gradient, new=f"{shown(subject.weight.name)}(k+1)"),
    )  # fmt: skip
    yield (
        say("Where a mistake is to be found: calculate along. The first number that is not what its formula gives is "
            "the wrong one; what stands behind it only follows from it."),
    )  # fmt: skip
    yield (
        say("Where a sheet says to how many digits, round only what is written down, and calculate on with all "
            "digits. A 5 is rounded up, away from 0."),
    )  # fmt: skip
