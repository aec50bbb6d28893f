"""The error function: what it means, and the rule for its partial derivatives."""

from __future__ import annotations

from collections.abc import Iterator

from nodesim.gradients.quantities import PartialDerivative
from nodesim.graph.elements import Node
from nodesim.handouts.subject import Subject
from nodesim.handouts.words import Words
from nodesim.notation import parsing
from nodesim.notation.expressions import Call, Expression, Negative, Number, Sum, Symbol, bind, leaves, parts, product


def meaning(subject: Subject) -> Iterator[str]:
    """Yield in words what the error function of a network does."""
    say, loss, count = subject.say, subject.graph.loss, len(subject.network.outputs)
    told = {
        "mse": say("It is the mean of the squared differences between the two."),
        "mae": say("It is the mean of the differences between the two, all taken as positive."),
        "huber": say("It is like the mean of the squared differences for small ones, but large ones count less."),
        "binary_cross_entropy": say(
            "Each output is taken as the probability that something is so; the less of it an output gave to what is "
            "so, the more it adds to the error. The error is the mean of that."
        ),
        "softmax_cross_entropy": say(
            "softmax makes shares of the outputs that add up to 1: exp of each, divided by the sum of all of these. "
            "The smaller the share of what should have been answered, the larger is the error."
        ),
    }  # fmt: skip
    if loss.name in told:
        yield told[loss.name]
    if (formula := parsing.read(loss.formula)) is not None and _is_mean(formula):
        yield (
            say("The mean is that of the {n} outputs: their sum is divided by {n}.", n=count)
            if count > 1
            else say("The mean is that of a single output: it is divided by 1.")
        )


def _is_mean(formula: Expression) -> bool:
    return (isinstance(formula, Call) and formula.function == "mean") or any(map(_is_mean, parts(formula)))


def rule(subject: Subject, partial: PartialDerivative, words: Words) -> Iterator[str]:
    """Yield the rule for the derivative of the error by an output, whatever the number of outputs."""
    say, loss, count, output = (
        subject.say,
        subject.graph.loss,
        len(subject.network.outputs),
        partial.denominator.element,
    )
    formula = parsing.read(loss.derivative_formula)
    if formula is None or not isinstance(output, Node) or parsing.looks_at_all_outputs(formula):
        return
    letters = {"y": Symbol(subject.define.desired(output).name), "a": Symbol(subject.define.activated(output).name)}
    numbers = {name: Number(float(value)) for name, value in loss.parameters.items()}
    general = bind(formula, {**numbers, **letters})
    if not any(isinstance(leaf, Symbol) and leaf.name == "n" for leaf in leaves(general)):
        return
    yield say(
        "That is {rule}, where {n} is the number of outputs, here {count}.",
        rule=words.math(general), n=words.math(Symbol("n")), count=count,
    )  # fmt: skip
    if loss.name == "mse":
        alone = product(Number(-2.0), Sum((letters["y"], Negative(letters["a"]))))
        yield say(
            "The 2 is the power, which comes in front; with a single output that is {alone}.",
            alone=words.math(alone),
        )  # fmt: skip
