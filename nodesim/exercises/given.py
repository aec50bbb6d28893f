"""The head of a sheet: the network, the numbers that are given, and the rules to calculate by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from string import Formatter

from nodesim.drawing.network import draw
from nodesim.exercises.asked import Asked
from nodesim.exercises.decimals import decimals, written
from nodesim.exercises.labels import label
from nodesim.exercises.working import Step
from nodesim.gradients.quantities import Quantity, desired
from nodesim.network import Network
from nodesim.notation.expressions import Call, Expression, Partial, Symbol, transform
from nodesim.notation.symbols import ERROR, RATE
from nodesim.papers.blocks import Block, Figure, Heading, Inline, Line, Math, Paragraph, Table

# So many numbers stand beside one another on a page.
_BESIDE = 12


def head(asked: Asked, network: Network) -> Iterator[Block]:
    """Yield what stands before the tasks."""
    yield Figure(draw(network.structure, asked.working.connection, "names", True, asked.language))
    yield Heading(asked.language.say("Given"))
    yield from _numbers(asked)
    yield from _rules(asked)
    yield Paragraph((asked.language.say("y: desired outputs; η: learning rate."), " ", _accuracy(asked)))


def name_of(asked: Asked, step: Step) -> Expression:
    """Return the name of a step's quantity as mathematics writes it."""
    if step.kind == "partial":
        return Partial(step.element.numerator.name, step.element.denominator.name)
    return Partial(ERROR, step.element.name) if step.kind == "gradient" else told(asked, Symbol(step.name))


def told(asked: Asked, expression: Expression) -> Expression:
    """Name the branches and products of an expression in the sheet's language."""

    def named(part: Expression) -> Expression | None:
        own = isinstance(part, Symbol) and part.name.startswith(("branch ", "product "))
        return Symbol(asked.language.tell(label(part.name))) if own else None  # type: ignore[union-attr]

    return transform(expression, named)


def formula(asked: Asked, expression: Expression) -> Line:
    """Return a formula as part of a line: one that asks for a case is said in words."""
    say = asked.language.say
    if isinstance(expression, Call) and expression.function == "where":
        condition, then, otherwise = expression.arguments
        cases = say("{first} where {condition}, else {second}")
        return tuple(_filled(cases, {"first": then, "condition": condition, "second": otherwise}))
    return (Math(told(asked, expression)),)


def _filled(text: str, values: dict[str, Expression]) -> Iterator[Inline]:
    """Yield the words of a text, and formulas in the place of its braces."""
    for words, name, _, _ in Formatter().parse(text):
        if words:
            yield words
        if name is not None:
            yield Math(values[name])


def _numbers(asked: Asked) -> Iterator[Block]:
    working = asked.working
    schedule = working.graph.schedule
    sent = [Quantity("activated", node).name for node in (*schedule.inputs, *schedule.biases)]
    aims = [desired(node) for node in schedule.outputs]
    yield from _row(asked, [*sent, *aims, RATE])
    weights = [Quantity("weight", each).name for each in schedule.connections]
    yield from _row(asked, weights)


def _row(asked: Asked, names: Sequence[str]) -> Iterator[Block]:
    for start in range(0, len(names), _BESIDE):
        part = tuple(names[start : start + _BESIDE])
        numbers = tuple((exactly(asked, asked.working.given[name]),) for name in part)
        yield Table(part, (numbers,))


def exactly(asked: Asked, number: Fraction) -> str:
    """Write a number with all its digits, as a fraction where it has no end."""
    text = str(number) if decimals(number) is None else written(number, None)
    return asked.language.number(text.replace("-", "\N{MINUS SIGN}"))


def _accuracy(asked: Asked) -> str:
    if asked.digits is None:
        return asked.language.say(
            "All numbers come out exactly, with at most {count} decimals.",
            count=asked.decimals,
        )
    return asked.language.say(
        "Calculate with all digits, and write down each number rounded to {count} significant digits.",
        count=asked.digits,
    )


def _rules(asked: Asked) -> Iterator[Block]:
    """Yield the formulas of the forward pass, where no task shows them."""
    if not {"forward", "mistake"} & set(asked.tasks):
        for step in asked.working.steps:
            if step.kind in ("sum", "activated", "error"):
                yield Paragraph((Math(Symbol(step.name)), " = ", *formula(asked, step.formula)))


def slopes(asked: Asked) -> Iterator[Block]:
    """Yield the slope of each activation once, at the first node that has it; those that are 1 need no rule."""
    for first, words in _slopes(asked):
        yield Paragraph((asked.language.say("Slope of the activation:"), " ", Math(first), " = ", *words))


def _slopes(asked: Asked) -> Iterator[tuple[Expression, Line]]:
    """Yield the slope of each activation once, at the first node that has it; those that are 1 need no rule."""
    working = asked.working
    seen = set()
    for node in working.graph.schedule.order:
        activation = working.graph.activations.get(node)
        if activation is None or activation.label in seen or activation.name == "linear":
            continue
        seen.add(activation.label)
        slope = working.definitions.slope(node)
        assert slope is not None
        above, below = Quantity("activated", node).name, Quantity("sum", node).name
        yield Partial(above, below), formula(asked, slope)
