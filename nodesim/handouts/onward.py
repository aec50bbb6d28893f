"""The end of a handout: the new weight, how it goes for other weights, and how sheets of exercises ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection
from nodesim.handouts import skips
from nodesim.handouts.subject import Subject
from nodesim.handouts.words import Words
from nodesim.notation.expressions import Expression, Negative, Partial, Sum, Symbol, product, total
from nodesim.notation.symbols import RATE
from nodesim.papers.blocks import Block, Items, Line
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
            "Gradient descent steps against the gradient: {rate} times the gradient is subtracted from the weight. All "
            "weights are changed at once; until the last gradient is known, every formula takes the old ones.",
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
        say("Calculate the sample forward, and the error."),
        say("Find all paths from the weight to the error: follow the arrows from the node that it leads to, in every "
            "way."),
        say("Write one partial derivative for each step of a path, from the error back; the last one is with respect "
            "to the weight."),
        say("Multiply along each path."),
        say("Add the products."),
        say("Multiply the sum by the learning rate, and subtract the result from the weight."),
    )  # fmt: skip
    yield Items(tuple((0, (step,)) for step in steps), numbered=True)
    bias = next((each for node in subject.network.biases for each in node.outgoing), None)
    if bias is not None:
        words, define = Words(), subject.define
        yield words.paragraph(
            say(
                "The weight of a bias node is no special case: {weight} leads from {bias} to {target}, so its last "
                "partial derivative is {bias}, a constant.",
                weight=words.math(define.weight(bias)), bias=words.math(define.activated(bias.source)),
                target=words.math(Symbol(Quantity("sum", bias.target).name)),
            )
        )  # fmt: skip
    yield from _cut(subject)
    yield from skips.example(subject)


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
            "{target}: cut the tree there. {new}, with respect to this weight, takes the place of {old}, with respect "
            "to the earlier node; everything behind it, nearer to {first}, is left out.",
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


def _blanks(subject: Subject) -> Iterator[Line]:
    say, gradient = subject.say, subject.derivation.symbol.name
    yield (say("H1, HA1, O1, OA1, e: what comes out on the way forward."),)
    yield (say("∂e/∂OA1, ∂OA1/∂O1 and so on: the partial derivatives, as numbers."),)
    yield (
        say("number of paths: how many there are. path 1, path 2: the nodes of each path from the first to the output, "
            "such as I1 → H1 → O1; which path you name first is up to you."),
    )  # fmt: skip
    yield (say("product 1, product 2: the product of the partial derivatives along that path."),)
    yield (say("branch 1, branch 2: in the tree, the sum of the branches directly under it, times its own factors."),)
    yield (
        say("{gradient}: the gradient. It is the sum of the products, and branch 1 is the same number (if the tree has "
            "several outermost branches, their sum is): a check.", gradient=gradient),
    )  # fmt: skip
    yield (say("{new}: the weight after the step.", new=f"{shown(subject.weight.name)}(k+1)"),)
    yield (
        say("Numbers: where a sheet says how many digits, round only what you write down, and calculate on with more; "
            "a 5 is rounded up, away from 0. Zeros at the end may be written or left out: 0.8520 and 0.852 are both "
            "right. Where it says nothing of digits, numbers are exact: all digits, or a fraction such as 3/4."),
    )  # fmt: skip
    yield (
        say("Only on sheets that show a calculation with a mistake: calculate along. The first number that its formula "
            "does not give is the mistake; later ones that are off because of it are not mistakes of their own."),
    )  # fmt: skip
