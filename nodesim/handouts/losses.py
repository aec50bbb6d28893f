"""The error function: what it means, and the rule for its partial derivatives."""

from __future__ import annotations

from collections.abc import Iterator

from nodesim.gradients.quantities import PartialDerivative
from nodesim.graph.elements import Node
from nodesim.handouts.subject import Subject
from nodesim.handouts.words import Words
from nodesim.notation import parsing
from nodesim.notation.expressions import (
    Call,
    Expression,
    Negative,
    Number,
    Sum,
    Symbol,
    bind,
    leaves,
    parts,
    product,
)


def meaning(subject: Subject) -> Iterator[str]:
    """Yield in words what the error function of a network does."""
    say, loss, count = subject.say, subject.graph.loss, len(subject.network.outputs)
    told = {
        "mse": say("It is the mean of the squared differences between the two."),
        "mae": say("It is the mean of the differences between the two, all taken as positive."),
        "huber": say("It is like the mean of the squared differences for small ones, but large ones count less."),
        "binary_cross_entropy": say(
            "Each output is read as the probability of a yes. The smaller the probability that it gives to the right "
            "answer, the larger is its part of the error."
        ),
        "softmax_cross_entropy": say(
            "softmax makes shares of the outputs that add up to 1: exp of each, divided by the sum of all of these. "
            "The smaller the share of the right answer, the larger is the error."
        ),
    }
    formula = parsing.read(loss.formula)
    if loss.name in told:
        yield told[loss.name]
    if formula is None:
        return
    if _calls(formula, "mean"):
        yield (
            say("There is a term for each of the {n} outputs, so the sum is divided by {n}.", n=count)
            if count > 1
            else say("There is a single output here, so the sum is divided by 1.")
        )
    if _calls(formula, "log"):
        yield say("log is the natural logarithm.")


def _calls(formula: Expression, function: str) -> bool:
    own = isinstance(formula, Call) and formula.function == function
    return own or any(_calls(part, function) for part in parts(formula))


def rule(subject: Subject, partial: PartialDerivative, words: Words) -> Iterator[str]:
    """Yield the rule for the derivative of the error by an output, whatever the number of outputs."""
    say, loss, output = subject.say, subject.graph.loss, partial.denominator.element
    formula = parsing.read(loss.sum_derivative_formula if subject.graph.of_sums else loss.derivative_formula)
    if formula is None or not isinstance(output, Node) or parsing.looks_at_all_outputs(formula):
        return
    y, a = (Symbol(each.name) for each in (subject.define.desired(output), subject.define.activated(output)))
    numbers = {name: Number(float(value)) for name, value in loss.parameters.items()}
    general = bind(formula, {**numbers, "y": y, "a": a, "z": Symbol(subject.define.sum(output).name)})
    if not any(isinstance(leaf, Symbol) and leaf.name == "n" for leaf in leaves(general)):
        return
    yield say(
        "That is {rule}, where {n} is the number of outputs, here {count}.",
        rule=words.math(general), n=words.math(Symbol("n")), count=len(subject.network.outputs),
    )  # fmt: skip
    if loss.name == "mse":
        alone = words.math(product(Number(-2.0), Sum((y, Negative(a)))))
        yield say("The 2 is the power, which comes in front; with a single output that is {alone}.", alone=alone)
    if _calls(general, "sign"):
        yield say("sign is 1 of positive numbers, −1 of negative ones, and 0 of 0.")
    if _calls(general, "max"):
        yield say("max is the larger, min the smaller of two numbers.")
