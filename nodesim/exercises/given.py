"""The head of a sheet: the network, the numbers that are given, and the rules to calculate by."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from string import Formatter
from typing import Any

from nodesim.drawing.network import draw
from nodesim.exercises.asked import Asked
from nodesim.exercises.decimals import decimals, written
from nodesim.exercises.labels import label
from nodesim.exercises.working import Step
from nodesim.gradients.quantities import Quantity, desired
from nodesim.graph.elements import Connection, Node
from nodesim.network import Network
from nodesim.notation.expressions import Call, Expression, Number, Partial, Quotient, Symbol, transform
from nodesim.notation.symbols import ERROR, RATE, partial
from nodesim.papers.blocks import Block, Figure, Heading, Inline, Line, Math, Paragraph, Table
from nodesim.showing import shown

# So many numbers stand beside one another on a page; fewer where it is said from where to where each leads.
_BESIDE, _LED = 12, 7


def head(asked: Asked, network: Network) -> Iterator[Block]:
    """Yield what stands before the tasks."""
    picture = draw(network.structure, asked.working.connection, "names", True, asked.language)
    yield Figure(picture, _caption(asked))
    yield Heading(asked.language.say("Given"))
    yield from _numbers(asked, _skipping(network))
    yield from _rules(asked)
    words = [asked.language.say("y: desired outputs; η: learning rate."), _accuracy(asked)]
    if not network.biases:
        words.insert(0, asked.language.say("There are no bias nodes."))
    yield Paragraph((" ".join(words),))


def _caption(asked: Asked) -> str:
    """Say what is red: who sees it might take it for a path that ends there."""
    weight = shown(asked.working.of.name)
    if "paths" in asked.tasks:
        return asked.language.say(
            "Red: the weight {weight}. Which paths lead on from it is asked below.", weight=weight
        )
    return asked.language.say("Red: the weight {weight}.", weight=weight)


def _skipping(network: Network) -> list[Connection[Any]]:
    """Return the connections that leave out layers."""
    place = {node: number for number, layer in enumerate(network.layers) for node in layer}
    return [
        each for each in network.connections if each.source in place and place[each.target] - place[each.source] > 1
    ]


def name_of(asked: Asked, step: Step) -> Expression:
    """Return the name of a step's quantity as mathematics writes it."""
    if step.kind == "partial":
        return Partial(step.element.numerator.name, step.element.denominator.name)
    return Partial(ERROR, step.element.name) if step.kind == "gradient" else told(asked, Symbol(step.name))


def told(asked: Asked, expression: Expression) -> Expression:
    """Name the branches and products of an expression in the sheet's language, and divide nothing by 1."""

    def named(part: Expression) -> Expression | None:
        # The mean over one output is that output's.
        if isinstance(part, Quotient) and part.under == Number(1):
            return told(asked, part.over)
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


def _numbers(asked: Asked, skipping: Sequence[Connection[Any]]) -> Iterator[Block]:
    working, say = asked.working, asked.language.say
    schedule = working.graph.schedule
    sent = [Quantity("activated", node).name for node in (*schedule.inputs, *schedule.biases)]
    aims = [desired(node) for node in schedule.outputs]
    yield from _row(asked, [*sent, *aims, RATE], _BESIDE)
    weights = [Quantity("weight", each).name for each in schedule.connections]
    if not skipping:
        yield from _row(asked, weights, _BESIDE)
        return
    # In a picture with arrows over layers it is hard to see which weight is whose.
    ends = {each.name: f"{each.source.name} \N{RIGHTWARDS ARROW} {each.target.name}" for each in schedule.connections}
    yield from _row(asked, weights, _LED, ends)
    names = ", ".join(shown(each.name) for each in skipping)
    yield Paragraph((say("Connections that skip layers: {weights}.", weights=names),))


def _row(asked: Asked, names: Sequence[str], beside: int, ends: Mapping[str, str] | None = None) -> Iterator[Block]:
    """Yield the numbers of some quantities, below their names and, of weights, from where to where they lead."""
    # Of tables under one another each has as many as the other.
    tables = math.ceil(len(names) / beside)
    each = math.ceil(len(names) / tables)
    for start in range(0, len(names), each):
        part = tuple(names[start : start + each])
        numbers = tuple((exactly(asked, asked.working.given[name]),) for name in part)
        led = () if ends is None else (tuple((ends[name],) for name in part),)
        yield Table(part, (*led, numbers))


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
        "Calculate with all digits, and write down each number rounded to {count} significant digits; zeros at the end "
        "may be left out, and a number that ends before that is written as it is.",
        count=asked.digits,
    )


def _rules(asked: Asked) -> Iterator[Block]:
    """Yield the formulas of the forward pass, where no task shows them."""
    if not {"forward", "mistake"} & set(asked.tasks):
        for step in asked.working.steps:
            if step.kind in ("sum", "activated", "error"):
                yield Paragraph((Math(Symbol(step.name)), " = ", *formula(asked, step.formula)))


def slopes(asked: Asked) -> Iterator[Block]:
    """Yield the slope of each activation once, with all nodes of the paths that have it, written out for the first."""
    working, say = asked.working, asked.language.say
    nodes: dict[str, list[Node[Any]]] = {}
    for node in working.graph.schedule.order:
        if node in working.graph.activations and _slope_of(node) in working.by_name:
            nodes.setdefault(working.graph.activations[node].label, []).append(node)
    line: list[Inline] = []
    for first, *others in nodes.values():
        slope = working.definitions.slope(first)
        assert slope is not None
        left = Partial(Quantity("activated", first).name, Quantity("sum", first).name)
        names = ", ".join(shown(Quantity("sum", node).name) for node in others)
        more = (f", {say('likewise at {nodes}', nodes=names)}",) if others else ()
        line += ["; " if line else " ", Math(left), " = ", *formula(asked, slope), *more]
    yield Paragraph((say("Slopes of the activations:"), *line, "."))


def _slope_of(node: Node[Any]) -> str:
    """Return the name of the step that is the slope of a node's activation."""
    return partial(Quantity("activated", node).name, Quantity("sum", node).name)
