"""Back: the partial derivatives, the paths, their products, and the sum.

References
----------
Article, section 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from nodesim.gradients.quantities import PartialDerivative
from nodesim.handouts import losses
from nodesim.handouts.subject import Subject
from nodesim.handouts.words import Words
from nodesim.notation.expressions import Expression, Symbol, product, total
from nodesim.notation.symbols import ERROR, Count
from nodesim.papers.blocks import Block, Equation, Items, Line, Math, Paragraph, Strong, Table
from nodesim.paths import GradientPath
from nodesim.showing import shown
from nodesim.wording.message import Numeral

# More of them nobody reads.
_PARTIALS, _PATHS = 24, 8


def partials(subject: Subject) -> Iterator[Block]:
    """Yield the partial derivatives, and how each kind is found."""
    say, words = subject.say, Words()
    yield subject.heading(say("Step 3: the partial derivatives"))
    yield words.paragraph(
        say(
            "Walk from {e} back to {weight} along the red arrows. Each step is one partial derivative, and there are "
            "only a few kinds of them:",
            e=words.math(Symbol(ERROR)), weight=words.math(subject.weight),
        )
    )  # fmt: skip
    yield Items(tuple((0, line) for line in _kinds(subject)))
    heads = [say("Partial derivative"), say("Formula")]
    if subject.numbers:
        heads += [say("With numbers"), say("Number")]
    rows = tuple(tuple(_row(subject, each)) for each in islice(subject.partials, _PARTIALS))
    yield Table(tuple(heads), rows)
    if (more := len(subject.partials) - _PARTIALS) > 0:
        yield Paragraph((say("Further partial derivatives, found in the same way: {count}.", count=Numeral(more)),))


def _row(subject: Subject, partial: PartialDerivative) -> Iterator[Line]:
    symbol, formula = subject.define.partial(partial), subject.define.derivative(partial)
    yield (Math(symbol),)
    yield (Math(formula),) if formula is not None else (subject.say("of its author's own"),)
    if subject.numbers:
        # Of a letter alone, or a number, nothing is put in.
        steps = list(subject.put_in(formula, symbol.value))
        yield (steps[0][1],) if len(steps) > 1 else ()
        yield (f"{subject.sign(symbol.value)} ", subject.value(symbol.value))


def _kinds(subject: Subject) -> Iterator[Line]:
    """Yield how each kind of partial derivative that occurs is found, by its first one."""
    first: dict[str, PartialDerivative] = {}
    for partial in subject.partials:
        first.setdefault(_kind(partial), partial)
    for kind, partial in first.items():
        yield _told(subject, kind, partial)


def _kind(partial: PartialDerivative) -> str:
    above, below = partial.numerator, partial.denominator
    if above.element is None:
        return "of sums" if below.kind == "sum" else "loss"
    return "slope" if above.kind == "activated" else below.kind


def _told(subject: Subject, kind: str, partial: PartialDerivative) -> Line:
    say, words, define = subject.say, Words(), subject.define
    own = define.partial(partial).name
    if kind == "loss":
        told = say(
            "{partial}: differentiate the error with respect to this output; all else is a constant.", partial=own
        )
        return words.line(" ".join([told, *losses.rule(subject, partial, words)]))
    if kind == "of sums":
        told = say(
            "{partial}: differentiate this error straight with respect to what the output adds up, past its activation "
            "function.", partial=own,
        )  # fmt: skip
        return words.line(" ".join([told, *losses.rule(subject, partial, words)]))
    if kind == "slope":
        return words.line(say("{partial}: the slope of the activation function, from the table above.", partial=own))
    if partial.numerator.element in subject.graph.aggregations:
        return words.line(
            say(
                "{partial}: this node does not add; differentiate what it does instead with respect to this letter.",
                partial=own,
            )
        )
    factor = define.derivative(partial)
    within, letter = words.math(Symbol(partial.numerator.name)), words.math(Symbol(partial.denominator.name))
    remains = words.math(factor) if factor is not None else ""
    if kind == "weight":
        return words.line(
            say("{partial}: {sum} is a sum, and only one of its terms has {letter} in it. What {letter} is multiplied "
                "by there remains: {factor}, which is sent over the connection.",
                partial=own, sum=within, letter=letter, factor=remains)
        )  # fmt: skip
    return words.line(
        say("{partial}: {sum} is a sum, and only one of its terms has {letter} in it. What {letter} is multiplied by "
            "there remains: {factor}, the weight of the connection.",
            partial=own, sum=within, letter=letter, factor=remains)
    )  # fmt: skip


def paths(subject: Subject) -> Iterator[Block]:
    """Yield the paths with their products, and the sum."""
    say, words, derivation = subject.say, Words(), subject.derivation
    yield subject.heading(say("Step 4: path by path"))
    yield words.paragraph(
        say(
            "A path is one way from {weight} to the error. It is named by its nodes in order, from the one at which "
            "{weight} begins to an output; each circle is named once. A small change of {weight} is passed on along "
            "the arrows, and each step multiplies it by its partial derivative. Where it is passed on in several ways, "
            "each of them reaches the error, and their effects add up. That is the chain rule: multiply along each "
            "path, and add the products of all paths.",
            weight=words.math(subject.weight),
        )
    )
    products: list[Expression] = []
    for place, path in enumerate(islice(derivation.paths, _PATHS), 1):
        name = Symbol(say("product {place}", place=place), path.product)
        products.append(name)
        yield Paragraph((Strong(say("Path {place}", place=place)), f": {subject.path(path.nodes)}"))
        yield subject.equation(name, product_of(subject, path), path.product)
    if derivation.count > _PATHS:
        products.append(_rest(subject, products))
        told = say("Further paths, found in the same way: {count}.", count=Numeral(Count(derivation.count - _PATHS)))
        yield Paragraph((told,))
    yield Paragraph((say("Added up, that is the gradient:"),))
    yield _sum(subject, products)


def _rest(subject: Subject, products: list[Expression]) -> Symbol:
    known = sum(each.value for each in products if isinstance(each, Symbol))
    return Symbol(subject.say("all others"), subject.derivation.gradient - known)


def _sum(subject: Subject, products: list[Expression]) -> Equation:
    return subject.equation(subject.derivation.symbol, total(tuple(products)), subject.derivation.gradient)


def product_of(subject: Subject, path: GradientPath) -> Expression:
    """Return the product of the partial derivatives along a path."""
    chain = subject.graph.chain(subject.derivation.of, path.connections)
    return product(*(subject.define.partial(each) for each in chain))


def no_path(subject: Subject) -> Iterator[Block]:
    """Yield why the gradient is 0 where nothing leads from the weight to the error."""
    say, words = subject.say, Words()
    yield subject.heading(say("There is no path"))
    yield words.paragraph(
        say(
            "No path leads from {weight} to the error: whatever comes out of {target} reaches no output. A sum over no "
            "paths is 0, so {gradient} = 0, and gradient descent leaves this weight as it is.",
            weight=words.math(subject.weight), target=shown(subject.connection.target.name),
            gradient=subject.derivation.name,
        )
    )  # fmt: skip
