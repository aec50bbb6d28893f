"""The beginning of a handout: what is asked, the network with what feeds it in red, the letters, and the numbers given.

References
----------
Article, sections 1 and 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from nodesim.drawing.network import draw
from nodesim.drawing.svg import Drawing
from nodesim.graph.elements import Node
from nodesim.handouts.numbering import is_in_order
from nodesim.handouts.put_in import MORE
from nodesim.handouts.subject import Subject
from nodesim.handouts.words import Words
from nodesim.notation.expressions import Partial, Symbol
from nodesim.notation.symbols import ERROR, RATE, partial
from nodesim.papers.blocks import Block, Figure, Inline, Items, Line, Math, Paragraph
from nodesim.showing import shown
from nodesim.wording.message import Numeral

# More weights than these are not listed: those of the formulas stand in the formulas.
_LISTED = 40


def introduction(subject: Subject) -> Iterator[Block]:
    """Yield what is asked, and the picture."""
    say, words = subject.say, Words()
    connection, gradient = subject.connection, subject.derivation.symbol
    source, target = shown(connection.source.name), shown(connection.target.name)
    yield words.paragraph(
        say(
            "This handout works out {gradient}, which tells how strongly the error {e} of a network reacts to its "
            "weight {weight}: if {weight} is changed by a small amount, {e} changes by about {gradient} times that "
            "amount. {weight} belongs to the connection from {source} to {target}. All you need is the chain rule.",
            gradient=gradient.name, e=words.math(Symbol(ERROR)), weight=words.math(subject.weight),
            source=source, target=target,
        )
    )  # fmt: skip
    if subject.derivation.count:
        caption = say(
            "The network. Red is what {gradient} is made of: {weight}, and every way from it to the error.",
            gradient=gradient.name, weight=shown(subject.weight.name),
        )  # fmt: skip
        yield Figure(_drawn(subject, subject.derivation), caption)
        return
    yield Figure(_drawn(subject, subject.connection), say("The network."))


def _drawn(subject: Subject, red: object) -> Drawing:
    return draw(subject.network.structure, red, "names", titles=True, language=subject.language)


def letters(subject: Subject) -> Iterator[Block]:
    """Yield what the letters mean that this network needs."""
    yield subject.heading(subject.say("The letters"))
    yield Items(tuple((0, line) for line in _letters(subject)))


def _letters(subject: Subject) -> Iterator[Line]:
    words = Words()
    yield from _given_letters(subject, words)
    yield from _quantities(subject, words)
    yield from _errors(subject, words, subject.network.outputs[0])


def _given_letters(subject: Subject, words: Words) -> Iterator[Line]:
    """Yield what inputs, bias nodes and weights are."""
    say, define, network = subject.say, subject.define, subject.network
    yield (
        say("{sizes} is short for this network: so many nodes its layers have, from the inputs to the outputs. Bias "
            "nodes are not counted.", sizes="-".join(str(len(layer)) for layer in network.layers)),
    )  # fmt: skip
    if network.inputs:
        name = words.math(define.activated(network.inputs[0]))
        yield words.line(say("{name} is an input: a number that comes from outside.", name=name))
    if network.biases:
        bias = network.biases[0]
        yield words.line(
            say(
                "{name} is a bias node. It sends a constant, here {value}, over weights that are learned like all "
                "others: the b of y = mx + b. A network without bias nodes only lacks these terms.",
                name=words.math(define.activated(bias)), value=subject.language.number(f"{bias.value:g}"),
            )
        )  # fmt: skip
    yield words.line(
        say("{name} is a weight: what goes over its connection is multiplied by it.", name=words.math(subject.weight))
    )
    yield (
        say("Weights are numbered layer by layer, from the inputs on; within a layer by the node that they come from, "
            "the bias node last, and then by the node that they lead to.")
        if is_in_order(network)
        else say("Which connection a weight belongs to is seen in step 1: it stands beside what goes over the "
                 "connection."),
    )  # fmt: skip


def _quantities(subject: Subject, words: Words) -> Iterator[Line]:
    """Yield what nodes calculate."""
    say, define, network = subject.say, subject.define, subject.network
    output = network.outputs[0]
    hidden = next((node for node in network.hidden if node in subject.graph.activations), output)
    yield words.line(
        say(
            "{sum} and {activated} are one circle in the picture, and two quantities. {sum} is what comes in: from "
            "each connection what is sent times its weight, all added up. {activated} is what its activation "
            "function makes of that, and what is sent on.",
            sum=words.math(define.sum(hidden)), activated=words.math(define.activated(hidden)),
        )
    )  # fmt: skip
    yield words.line(
        say("HA and OA are single names, not products H·A and O·A. In formulas numbers are set lower: {lower} and H1 "
            "are the same.", lower=words.math(Symbol("H1")))
    )  # fmt: skip
    yield (
        say("Activation functions let a network learn curves. Without them a network of many layers would "
            "do no more than one of a single layer: a weighted sum of weighted sums is a weighted sum again."),
    )  # fmt: skip
    for node, join in subject.graph.aggregations.items():
        yield words.line(
            say(
                "{node} does not add up what comes in: {sum} is what {join} makes of it.",
                node=shown(node.name), sum=words.math(define.sum(node)), join=shown(str(join)),
            )
        )  # fmt: skip
    if hidden is not output:
        yield words.line(
            say(
                "{sum} and {activated} are the same two quantities at an output: {activated} is the network's answer.",
                sum=words.math(define.sum(output)), activated=words.math(define.activated(output)),
            )
        )  # fmt: skip


def _errors(subject: Subject, words: Words, output: Node) -> Iterator[Line]:
    say, define = subject.say, subject.define
    yield words.line(
        say(
            "{y} is what {activated} should be. A sample is a set of inputs together with the outputs wanted for them. "
            "The error {e} is one number: it measures how far all outputs are off.",
            y=words.math(define.desired(output)), activated=words.math(define.activated(output)),
            e=words.math(Symbol(ERROR)),
        )
    )  # fmt: skip
    one = next((each for each in subject.partials if each.denominator.kind != "weight"), None)
    above, below = (one.numerator.name, one.denominator.name) if one else (ERROR, define.activated(output).name)
    yield words.line(
        say(
            "{partial}, or on one line {name}, is a partial derivative: how strongly {above} reacts to a small change "
            "of {below}, while everything else that {above} is made of stays as it is.",
            partial=words.math(Partial(above, below)), name=partial(above, below), above=words.math(Symbol(above)),
            below=words.math(Symbol(below)),
        )
    )  # fmt: skip
    yield words.line(
        say(
            "{rate} (eta) is the learning rate: it sets how long a step is. k counts the steps: before a step the "
            "weight is {before}, after it {after}.",
            rate=words.math(Symbol(RATE)), before=words.math(Symbol(f"{subject.weight.name}(k)")),
            after=words.math(Symbol(f"{subject.weight.name}(k+1)")),
        )
    )  # fmt: skip


def given(subject: Subject) -> Iterator[Block]:
    """Yield the numbers that are given, and how numbers are rounded."""
    say, define, words = subject.say, subject.define, Words()
    yield subject.heading(say("What is given"))
    if not subject.numbers:
        yield Paragraph((say("Everything here is in letters, so that it holds for all numbers."),))
        return
    network = subject.network
    inputs = [*map(define.activated, network.inputs), *map(define.desired, network.outputs)]
    yield Paragraph((say("The sample: "), *_listed(subject, inputs), "."))
    constants = [define.activated(bias) for bias in network.biases]
    rate = Symbol(RATE, subject.rate)
    yield Paragraph((say("Constants: "), *_listed(subject, [*constants, rate]), "."))
    weights = map(define.weight, network.connections)
    more = len(network.connections) - _LISTED
    ending = say("; and {count} more, which stand in the formulas where they are needed.", count=Numeral(max(more, 0)))
    yield Paragraph((say("Weights: "), *_listed(subject, islice(weights, _LISTED)), ending if more > 0 else "."))
    yield words.paragraph(
        say(
            "Rounding: everything is calculated with all digits. Results are written with {digits} significant digits, "
            "which are counted from the first one that is not 0; zeros at the end are left out. Numbers that are put "
            "into a formula have at least {more}, so that the line gives its result as it stands. = stands where a "
            "number is complete, ≈ where digits are left out. By hand, keep two digits more than are asked for, and "
            "round at the end.",
            digits=subject.digits,
            more=subject.digits + MORE,
        )
    )


def _listed(subject: Subject, symbols: Iterable[Symbol]) -> Iterator[Inline]:
    for place, symbol in enumerate(symbols):
        yield from ("; " if place else "", Math(symbol), f" {subject.sign(symbol.value, MORE)} ")
        yield subject.value(symbol.value, MORE)
