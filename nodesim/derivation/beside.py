"""What stands between e and the outputs, and beside them, as expressions: clipping, weights of samples, penalties.

So ∂(c·e)/∂e = c, e = share·e_s + l2, and ∂l2/∂W1 = 0.01·W1.
"""

from __future__ import annotations

from typing import Any, Protocol

from nodesim._arrays import Array
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import PartialDerivative, Quantity
from nodesim.gradients.starts import SAMPLE
from nodesim.graph.elements import Connection
from nodesim.graph.run import Penalty
from nodesim.notation import parsing
from nodesim.notation.expressions import Call, Expression, Number, Product, Symbol, total

ELLIPSIS = Symbol("…")


class Defining(Protocol):
    """What is asked of `Definitions`, which stands above this file."""

    graph: DerivativeGraph

    def seen(self, values: Array) -> Any:
        """Return the value of the sample, or the values of all."""

    def error(self) -> Symbol:
        """Return the error e."""

    def weight(self, connection: Connection) -> Symbol:
        """Return W."""

    def loss(self) -> Call:
        """Return the error of a sample, by the name of the loss."""

    def loss_formula(self) -> Expression | None:
        """Return it written out."""


def derived(define: Defining, edge: PartialDerivative) -> Expression:
    """Return the quantity that an edge differentiates which leads from e, or from what stands beside it.

    Parameters
    ----------
    define : Defining
    edge : PartialDerivative
        Its numerator is no node's.
    """
    match edge.numerator.kind, edge.denominator.element:
        case "clipped", _:
            return Product((_clip(define), define.error()))
        case "penalty", Connection() as connection:
            penalty = _penalty(define, edge.numerator)
            weight, regularizer = define.weight(connection), penalty.regularizer
            own = parsing.of_weight(regularizer.formula, regularizer.parameters, weight)
            others = (ELLIPSIS,) if len(define.graph.schedule.connections) > 1 else ()
            return total((own or Call(regularizer.name, (weight,)), *others))
    of_sample = define.loss_formula() or define.loss()
    return of_sample if edge.numerator == SAMPLE else error(define, of_sample)


def derivative(define: Defining, edge: PartialDerivative) -> Expression | None:
    """Return the derivative over an edge between two of them, or to a weight; parameters as for `derived`.

    None where the author of a regularizer gave no formula.
    """
    match edge.numerator.kind, edge.denominator:
        case "clipped", _:
            return _clip(define)
        case _, Quantity("sample"):
            return _share(define)
        case "penalty", Quantity("weight", Connection() as connection):
            regularizer = _penalty(define, edge.numerator).regularizer
            return parsing.of_weight(regularizer.derivative_formula, regularizer.parameters, define.weight(connection))
    return Number(1.0)


def error(define: Defining, of_sample: Expression) -> Expression:
    """Return e in terms of the error of a sample, and of penalties.

    Parameters
    ----------
    define : Defining
    of_sample : Expression
        What stands for the error of a sample where all count alike.
    """
    run, penalties = define.graph.run, define.graph.start.penalties
    if run.shares is not None:
        of_sample = Product((_share(define), Symbol(SAMPLE.name, define.seen(run.errors))))  # type: ignore[arg-type]
    return total((of_sample, *(Symbol(penalty.label, penalty.total) for penalty in penalties)))


def _clip(define: Defining) -> Symbol:
    return Symbol("c", define.graph.run.clip)


def _share(define: Defining) -> Symbol:
    # n·w / Σw, of which e is the plain mean.
    assert define.graph.run.shares is not None
    return Symbol("share", define.seen(define.graph.run.shares))


def _penalty(define: Defining, of: Quantity) -> Penalty:
    return next(penalty for penalty in define.graph.start.penalties if penalty.label == of.label)
