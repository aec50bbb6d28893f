"""What is commonly done wrong on the way forward: at a weighted sum, an activation, the error."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction

from nodesim.errors import NodesimError
from nodesim.exercises.mistaken import ACTIVATION, Candidate, scaled, signed
from nodesim.exercises.working import Step, Working
from nodesim.functions.contracts import Loss
from nodesim.graph.elements import Connection, Node
from nodesim.notation import parsing
from nodesim.notation.expressions import (
    Expression,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    total,
    transform,
)
from nodesim.notation.symbols import ERROR
from nodesim.notation.text import text
from nodesim.plugins import lookup
from nodesim.simulation import objective
from nodesim.wording.message import Message

# Of these one is a multiple of the other: who takes one for the other has a factor too much.
_OF_SQUARES = ("mse", "half_squared_error")
_OTHERS = ("half_squared_error", "mse", "binary_cross_entropy", "softmax_cross_entropy")


def of_sum(working: Working, step: Step) -> Iterator[Candidate]:
    """Yield what is done wrong at a weighted sum."""
    node: Node = step.element
    yield signed(step.name, step.formula, node.name)
    if isinstance(step.formula, Quotient):
        message = Message("{quantity} was calculated as the sum of its terms; it is their mean.", quantity=step.name)
        yield Candidate(step.name, "sum for mean", node.name, message, step.formula.over)
    terms = step.formula.terms if isinstance(step.formula, Sum) else (step.formula,)
    connections = entering(working, node)
    if node in working.graph.aggregations or len(terms) != len(connections):
        return
    for place, (term, connection) in enumerate(zip(terms, connections)):
        before, behind = terms[:place], terms[place + 1 :]
        for name, message, instead in _at_term(working, step.name, term, connection):
            changed = total((*before, *instead, *behind))
            yield Candidate(step.name, name, arc(connection), message, changed)
    yield from _transposed(working, step, connections)


Changed = tuple[str, Message, tuple[Expression, ...]]


def _at_term(working: Working, quantity: str, term: Expression, connection: Connection) -> Iterator[Changed]:
    """Yield what is done wrong at one term: name, sentence, what stands in its place."""
    written = text(term)
    source, weight = working.definitions.activated(connection.source), working.definitions.weight(connection)
    if connection.source.kind == "bias":
        message = Message("{quantity} lacks its term {term}: the bias was left out.", quantity=quantity, term=written)
        yield "bias forgotten", message, ()
    else:
        message = Message("{quantity} lacks its term {term}.", quantity=quantity, term=written)
        yield "path forgotten", message, ()
        message = Message("In {quantity} the term {term} has the wrong sign.", quantity=quantity, term=written)
        yield "sign", message, (Negative(term),)
    words = {"quantity": quantity, "term": written}
    message = Message("In the term {term} of {quantity} the factor {factor} was left out.", **words, factor=source.name)
    yield "input left out", message, (weight,)
    message = Message("In the term {term} of {quantity} the weight {factor} was left out.", **words, factor=weight.name)
    yield "factor", message, (source,)


def _transposed(working: Working, step: Step, connections: list[Connection]) -> Iterator[Candidate]:
    """Yield the same sum with the weights that stand there if rows are taken for columns."""
    turned = {each: turned_round(working, each) for each in connections}
    if all(found is None for found in turned.values()):
        return
    define = working.definitions
    terms = tuple(Product((define.activated(each.source), define.weight(turned[each] or each))) for each in connections)
    message = Message(
        "{quantity} was calculated with the weights of other connections, rows taken for columns: it is {formula}.",
        quantity=step.name, formula=text(step.formula),
    )  # fmt: skip
    yield Candidate(step.name, "transposed weights", step.element.name, message, total(terms))


def entering(working: Working, node: Node) -> list[Connection]:
    """Return the connections into a node, in the order of its terms."""
    connections = working.graph.schedule.connections
    return [connections[number] for number in working.graph.entering(node).tolist()]


def arc(connection: Connection) -> str:
    """Name an arc as the doctor does."""
    return f"{connection.source.name} -> {connection.target.name}"


def turned_round(working: Working, connection: Connection) -> Connection | None:
    """Return whose weight stands in the place of a connection's if the weights between two layers are transposed.

    Between layers of different sizes: if they are counted along the rows, where they are numbered along the columns.
    """
    if connection.source.kind == "bias":
        return None
    before, behind = connection.source.layer, connection.target.layer
    sources = [node for node in before if node.kind != "bias"]
    targets = [node for node in behind if node.kind != "bias"]
    block = [
        each
        for each in working.graph.schedule.connections
        if each.source.layer is before and each.target.layer is behind and each.source.kind != "bias"
    ]
    if len(block) != len(sources) * len(targets):
        return None
    row, column = sources.index(connection.source), targets.index(connection.target)
    for place in (column * len(sources) + row, row * len(targets) + column):
        if block[place] is not connection:
            return block[place]
    return None


def of_activated(working: Working, step: Step) -> Iterator[Candidate]:
    """Yield what is done wrong at an activation."""
    node: Node = step.element
    own = working.definitions.sum(node)
    message = Message(
        "{quantity} is the activation of {sum}; {sum} itself was taken.", quantity=step.name, sum=own.name
    )
    yield Candidate(step.name, ACTIVATION, node.name, message, own)
    yield signed(step.name, step.formula, node.name)


# ---- the error ------------------------------------------------------------------------------------------------


def of_error(working: Working, step: Step) -> Iterator[Candidate]:
    """Yield what is done wrong at the error."""
    outputs = working.graph.schedule.outputs
    yield signed(step.name, step.formula, ERROR)
    yield from scaled(step.name, step.formula, ERROR, len(outputs))
    for place, output in enumerate(outputs if len(outputs) > 1 else ()):
        name = working.definitions.activated(output).name
        message = Message("{quantity} lacks what {output} adds to it.", quantity=step.name, output=name)
        yield Candidate(step.name, "path forgotten", f"e -> {output.name}", message, _without(step.formula, place))
    if _has_squares(step.formula):
        message = Message("In {quantity} the squares were left out.", quantity=step.name)
        yield Candidate(step.name, "delta of another loss", ERROR, message, transform(step.formula, _unsquared))
    for loss in other_losses(working):
        formula = loss_formula(working, loss, loss.formula)
        if formula is not None:
            message = Message(
                "The error e is that of {other}; the loss is {loss}.", other=loss.name, loss=working.graph.loss.name
            )
            yield Candidate(step.name, "delta of another loss", ERROR, message, formula)


def _without(formula: Expression, place: int) -> Expression:
    """Leave one output out of the sum over all of them, which is the first sum of a formula."""
    done = False

    def change(part: Expression) -> Expression | None:
        nonlocal done
        if done or not isinstance(part, Sum):
            return None
        done = True
        return total(tuple(term for number, term in enumerate(part.terms) if number != place))

    return transform(formula, change)


def _has_squares(formula: Expression) -> bool:
    return transform(formula, _unsquared) != formula


def _unsquared(part: Expression) -> Expression | None:
    return part.base if isinstance(part, Power) and part.exponent == Number(2.0) else None


def other_losses(working: Working) -> Iterator[Loss]:
    """Yield the losses that are taken for the network's own: of other kinds, which its outputs could be judged by."""
    own, schedule = working.graph.loss.name, working.graph.schedule
    targets = [working.given[working.definitions.desired(output).name] for output in schedule.outputs]
    for name in _OTHERS[1:] if own in _OF_SQUARES else _OTHERS[:1]:
        try:
            loss = lookup.loss(name)
            objective.check_outputs(loss, schedule.outputs)
        except NodesimError:
            # A loss that is not there, or needs other outputs.
            continue
        if loss.name == "softmax_cross_entropy" and sum(targets) != 1:
            # Its desired outputs are shares.
            continue
        low, high = loss.targets or (-math.inf, math.inf)
        if loss.name not in (own, *(_OF_SQUARES if own in _OF_SQUARES else ())) and _all_within(targets, low, high):
            yield loss


def _all_within(targets: list[Fraction], low: float, high: float) -> bool:
    return low <= min(targets) and max(targets) <= high


def loss_formula(working: Working, loss: Loss, formula: str, which: int = 0) -> Expression | None:
    """Write a formula of a loss out for the outputs of a network; None if it has none."""
    define = working.definitions
    letters: list[Mapping[str, Expression]] = [
        {"y": define.desired(output), "a": define.activated(output), "z": define.sum(output)}
        for output in working.graph.schedule.outputs
    ]
    return parsing.of_outputs(formula, loss.parameters, letters, which)


def symbols_changed(formula: Expression, instead: Mapping[str, Expression]) -> Expression:
    """Put other expressions in the place of symbols, by their names."""
    return transform(formula, lambda part: instead.get(part.name) if isinstance(part, Symbol) else None)
