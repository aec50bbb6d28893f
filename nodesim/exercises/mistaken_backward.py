"""What is commonly done wrong on the way back: at partial derivatives, products, sums over paths, the update."""

from __future__ import annotations

from collections.abc import Iterator

from nodesim.exercises.labels import label
from nodesim.exercises.mistaken import ACTIVATION, Candidate, scaled, signed
from nodesim.exercises.mistaken_forward import (
    arc,
    entering,
    loss_formula,
    other_losses,
    symbols_changed,
    turned_round,
)
from nodesim.exercises.routes import ARROW
from nodesim.exercises.working import Step, Working
from nodesim.gradients.quantities import PartialDerivative
from nodesim.graph.elements import Connection, Node
from nodesim.mistakes.edits import SLIP
from nodesim.notation.expressions import (
    Expression,
    Negative,
    Number,
    Partial,
    Product,
    Sum,
    Symbol,
    product,
    total,
)
from nodesim.notation.symbols import DOT, MINUS, RATE
from nodesim.notation.text import text
from nodesim.wording.message import Message

_ONE, _NOTHING = Number(1.0), Number(0.0)
Guesses = Iterator[Candidate]


def of_partial(working: Working, step: Step) -> Guesses:
    """Yield what is done wrong at a partial derivative."""
    partial: PartialDerivative = step.element
    if not isinstance(step.formula, Number):
        yield signed(step.name, step.formula, _place(partial))
    if partial.numerator.element is None:
        yield from _by_output(working, step, partial)
    elif partial.numerator.kind == "activated":
        yield from _of_slope(working, step, step.element.numerator.element)
    elif isinstance(partial.denominator.element, Connection):
        yield from _by_weight(working, step, partial.denominator.element)
    else:
        yield from _by_sent(working, step, partial)


def _place(partial: PartialDerivative) -> str:
    element = partial.denominator.element
    assert element is not None
    return element.name


def _by_output(working: Working, step: Step, partial: PartialDerivative) -> Guesses:
    outputs, output = working.graph.schedule.outputs, partial.denominator.element
    yield from scaled(step.name, step.formula, _place(partial), len(outputs))
    which = list[object](outputs).index(output)
    by_sum = partial.denominator.kind == "sum"
    for loss in other_losses(working):
        written = loss.derivative_formula
        if by_sum and loss.sum_derivative_formula:
            written = loss.sum_derivative_formula
        formula = loss_formula(working, loss, written, which)
        if formula is not None:
            message = Message(
                "{quantity} is that of {other}; the loss is {loss}.", quantity=step.name, other=loss.name,
                loss=working.graph.loss.name,
            )  # fmt: skip
            yield Candidate(step.name, "delta of another loss", _place(partial), message, formula)


def _of_slope(working: Working, step: Step, node: Node) -> Guesses:
    define = working.definitions
    own, sent = define.sum(node), define.activated(node)
    kind = "output slope left out" if node.kind == "output" else "hidden slope left out"
    message = Message("The slope {quantity} was left out: taken to be 1.", quantity=step.name)
    yield Candidate(step.name, kind, node.name, message, _ONE)
    again = define.activation_formula(node)
    assert again is not None
    at_sent = symbols_changed(step.formula, {own.name: sent, sent.name: symbols_changed(again, {own.name: sent})})
    message = Message(
        "The slope {quantity} was taken at {sent} instead of {sum}.", quantity=step.name, sent=sent.name, sum=own.name
    )
    yield Candidate(step.name, "slope at HA", node.name, message, at_sent)
    bare = symbols_changed(step.formula, {sent.name: own})
    message = Message(
        "In {quantity} {sum} was taken in the place of {sent}.", quantity=step.name, sum=own.name, sent=sent.name
    )
    yield Candidate(step.name, ACTIVATION, node.name, message, bare)


def _by_weight(working: Working, step: Step, connection: Connection) -> Guesses:
    """Yield what is done wrong at ∂H/∂W, which is what the source sends."""
    define = working.definitions
    sent = define.activated(connection.source)
    if step.formula != sent:
        return
    if connection.source.kind == "bias":
        message = Message("{quantity} is what the bias {sent} sends; it was taken to be 0.", **_names(step, sent))
        yield Candidate(step.name, "bias forgotten", connection.name, message, _NOTHING)
    message = Message("{quantity} = {sent}: it was left out, taken to be 1.", **_names(step, sent))
    yield Candidate(step.name, "input left out", connection.name, message, _ONE)
    others = [define.activated(each.source) for each in entering(working, connection.target) if each is not connection]
    for other in (define.weight(connection), *others):
        message = Message(
            "{quantity} = {sent}: {other} was taken in its place.", **_names(step, sent), other=other.name
        )
        yield Candidate(step.name, "input left out", connection.name, message, other)


def _by_sent(working: Working, step: Step, partial: PartialDerivative) -> Guesses:
    """Yield what is done wrong at ∂H/∂HA, which is a weight."""
    define, target = working.definitions, partial.numerator.element
    connections = entering(working, target)  # type: ignore[arg-type]
    own = next(each for each in connections if each.source is partial.denominator.element)
    weight = define.weight(own)
    if step.formula != weight:
        return
    turned = turned_round(working, own)
    others = [each for each in (turned, *connections) if each is not None and each is not own]
    others += [each for each in working.graph.schedule.connections if each.source is own.source and each is not own]
    for other in dict.fromkeys(others):
        message = Message(
            "{quantity} = {weight}: {other}, the weight of another connection, was taken in its place.",
            quantity=step.name, weight=weight.name, other=define.weight(other).name,
        )  # fmt: skip
        yield Candidate(step.name, "transposed weights", arc(own), message, define.weight(other))
    message = Message(
        "{quantity} = {weight}: {other} was taken in its place.", quantity=step.name, weight=weight.name,
        other=define.activated(own.source).name,
    )  # fmt: skip
    yield Candidate(step.name, "factor", arc(own), message, define.activated(own.source))


def _names(step: Step, sent: Symbol) -> dict[str, str]:
    return {"quantity": step.name, "sent": sent.name}


# ---- products and sums ---------------------------------------------------------------------------------------


def of_product(working: Working, step: Step) -> Guesses:
    """Yield what is done wrong at the product of a path."""
    where = route(step.element.nodes)
    yield signed(step.name, step.formula, where)
    yield from _factors_left_out(working, step, where)
    yield from scaled(step.name, step.formula, where, len(working.graph.schedule.outputs))
    for other in working.steps:
        if other.kind == "product" and other.element is not step.element:
            path = route(other.element.nodes, ARROW)
            message = Message("{quantity} is that of the path {path}.", quantity=label(step.name), path=path)
            yield Candidate(step.name, SLIP, where, message, other.formula)


def route(nodes: object, between: str = " -> ") -> str:
    """Name a path as the doctor names places, I1 -> H1 -> O1, or with the arrows of the sheet."""
    return between.join(node.name for node in nodes)  # type: ignore[attr-defined]


def _factors_left_out(working: Working, step: Step, where: str) -> Guesses:
    factors = step.formula.factors if isinstance(step.formula, Product) else (step.formula,)
    for place, factor in enumerate(factors if len(factors) > 1 else ()):
        if isinstance(factor, Partial):
            rest = product(*factors[:place], *factors[place + 1 :])
            message = Message(
                "In {quantity} the factor {factor} was left out.", quantity=label(step.name), factor=factor.name
            )
            yield Candidate(step.name, _kind_of_factor(working, factor), where, message, rest)


def _kind_of_factor(working: Working, factor: Partial) -> str:
    partial: PartialDerivative = working.by_name[factor.name].element
    above, below = partial.numerator, partial.denominator
    if above.kind == "activated" and isinstance(above.element, Node):
        return "output slope left out" if above.element.kind == "output" else "hidden slope left out"
    return "input left out" if below.kind == "weight" else "factor"


def of_branch(working: Working, step: Step) -> Guesses:
    """Yield what is done wrong at a branch of the tree."""
    yield signed(step.name, step.formula, step.name)
    first = step.formula.factors[0] if isinstance(step.formula, Product) else step.formula
    if isinstance(first, Sum):
        rest = step.formula.factors[1:] if isinstance(step.formula, Product) else ()
        for place, term in enumerate(first.terms):
            kept = total((*first.terms[:place], *first.terms[place + 1 :]))
            message = Message(
                "In {quantity} what comes from {term} was left out.", quantity=label(step.name), term=label(text(term))
            )
            yield Candidate(step.name, "path forgotten", text(term), message, product(kept, *rest))
    yield from _factors_left_out(working, step, step.name)
    yield from scaled(step.name, step.formula, step.name, len(working.graph.schedule.outputs))


def of_gradient(working: Working, step: Step) -> Guesses:
    """Yield what is done wrong at the sum over all paths."""
    connection = working.connection
    yield signed(step.name, step.formula, connection.name)
    terms = step.formula.terms if isinstance(step.formula, Sum) else (step.formula,)
    named = {f"product {place}": path.nodes for place, path in enumerate(working.paths, 1)}
    for place, term in enumerate(terms if len(terms) > 1 else ()):
        # The paths, or the branches of the tree.
        written = text(term)
        name = route(named[written]) if written in named else written
        words = {"quantity": step.name, "path": route(named[written], ARROW) if written in named else label(written)}
        message = Message("{quantity} is the sum over all paths; the path {path} was left out.", **words)
        kept = total((*terms[:place], *terms[place + 1 :]))
        yield Candidate(step.name, "path forgotten", name, message, kept)
        if len(terms) > 2:
            message = Message("{quantity} is the sum over all paths; {path} alone was taken.", **words)
            yield Candidate(step.name, "path forgotten", name, message, term)
    if connection.source.kind == "bias":
        message = Message("{quantity}, of a bias, was taken to be 0.", quantity=step.name)
        yield Candidate(step.name, "bias forgotten", connection.name, message, _NOTHING)
    yield from scaled(step.name, step.formula, connection.name, len(working.graph.schedule.outputs))


def of_update(working: Working, step: Step) -> Guesses:
    """Yield what is done wrong at the new weight."""
    connection = working.connection
    weight, gradient, rate = Symbol(working.of.name), working.definitions.gradient(working.of), Symbol(RATE)
    rule = {"quantity": step.name, "formula": f"{weight.name} {MINUS} {RATE}{DOT}{gradient.name}"}
    message = Message("{quantity} = {formula}: it was added, not subtracted.", **rule)
    yield Candidate(step.name, "sign", connection.name, message, Sum((weight, product(rate, gradient))))
    message = Message("{quantity} = {formula}: the factor {rate} was left out.", **rule, rate=RATE)
    yield Candidate(step.name, "factor", connection.name, message, Sum((weight, Negative(gradient))))
    for written, factor in (("2", 2.0), ("1/2", 0.5)):
        message = Message(
            "{quantity} = {formula}: the update has a factor {factor} that does not belong there.",
            **rule, factor=written,
        )  # fmt: skip
        changed: Expression = Sum((weight, Negative(product(Number(factor), rate, gradient))))
        yield Candidate(step.name, "factor", connection.name, message, changed)
    message = Message("{quantity} = {formula}: {weight} was not updated.", **rule, weight=weight.name)
    kind = "bias forgotten" if connection.source.kind == "bias" else SLIP
    yield Candidate(step.name, kind, connection.name, message, weight)
    for alone in (gradient, product(rate, gradient), Negative(product(rate, gradient))):
        message = Message("{quantity} = {formula}: {alone} alone was taken for it.", **rule, alone=text(alone))
        yield Candidate(step.name, SLIP, connection.name, message, alone)
