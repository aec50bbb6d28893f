"""Formulas as authors of functions write them, with the quantities of nodes and outputs put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nodesim.errors import FunctionError
from nodesim.notation.expressions import (
    Call,
    Expression,
    Number,
    Quotient,
    Symbol,
    bind,
    parts,
    total,
    transform,
)
from nodesim.notation.syntax import OVER_OUTPUTS, parse

# Of losses of more outputs than these, what looks at all of them is not written out.
WRITTEN_OUT = 4


def read(formula: str) -> Expression | None:
    """Read a formula; None where there is none, or it is plain words."""
    try:
        return parse(formula) if formula else None
    except FunctionError:
        return None


def of_node(formula: str, parameters: Mapping[str, float], z: Expression, a: Expression) -> Expression | None:
    """Return an activation's formula of a node; None where its author gave none.

    Parameters
    ----------
    formula : str
        In terms of z and a.
    parameters : mapping of str to float
        Those of the activation.
    z, a : Expression
        The node's weighted sum, and its activated value.

    Examples
    --------
    >>> of_node("slope * z", {"slope": 0.5}, z=Symbol("H1"), a=Symbol("HA1"))
    Product(factors=(Number(value=0.5), Symbol(name='H1', value=None)))
    """
    expression = read(formula)
    return None if expression is None else bind(expression, {**_numbers(parameters), "z": z, "a": a})


def of_weight(formula: str, parameters: Mapping[str, float], w: Expression) -> Expression | None:
    """Return a regularizer's formula of a weight; None where its author gave none.

    Parameters
    ----------
    formula : str
        In terms of w.
    parameters : mapping of str to float
        Those of the regularizer.
    w : Expression
        The weight.

    Examples
    --------
    >>> of_weight("strength * w", {"strength": 0.5}, Symbol("W1"))
    Product(factors=(Number(value=0.5), Symbol(name='W1', value=None)))
    """
    expression = read(formula)
    return None if expression is None else bind(expression, {**_numbers(parameters), "w": w})


def of_outputs(
    formula: str, parameters: Mapping[str, float], outputs: Sequence[Mapping[str, Expression]], which: int = 0
) -> Expression | None:
    """Return a loss's formula of all outputs; None where its author gave none, or the outputs are too many.

    Parameters
    ----------
    formula : str
        In terms of y, a and z.
    parameters : mapping of str to float
        Those of the loss.
    outputs : sequence of mapping
        What y, a and z are for each output.
    which : int
        The output by which a derivative differentiates.

    Examples
    --------
    >>> of_outputs("a - y", {}, [{"y": Symbol("y1"), "a": Symbol("OA1"), "z": Symbol("O1")}])
    Sum(terms=(Symbol(name='OA1', value=None), Negative(term=Symbol(name='y1', value=None))))
    """
    expression = read(formula)
    if expression is None:
        return None
    common = {**_numbers(parameters), "n": Number(float(len(outputs)))}
    if len(outputs) > WRITTEN_OUT:
        if looks_at_all_outputs(expression):
            return None
        outputs, which = [outputs[which]], 0
    return over_outputs(expression, [{**common, **letters} for letters in outputs], which)


def over_outputs(expression: Expression, outputs: Sequence[Mapping[str, Expression]], which: int = 0) -> Expression:
    """Write out the means, sums and softmaxes of a loss's formula.

    Parameters
    ----------
    expression : Expression
        In terms of y and a.
    outputs : sequence of mapping
        What y and a are for each output.
    which : int
        The output that y and a outside of means and sums are those of.

    Examples
    --------
    >>> pair = [{"y": Symbol("y1"), "a": Symbol("OA1")}, {"y": Symbol("y2"), "a": Symbol("OA2")}]
    >>> over_outputs(parse("sum(y)"), pair)
    Sum(terms=(Symbol(name='y1', value=None), Symbol(name='y2', value=None)))
    """

    def written_out(part: Expression) -> Expression | None:
        match part:
            case Symbol(name):
                return outputs[which].get(name)
            case Call(function, (inner,)) if function in OVER_OUTPUTS:
                each = tuple(over_outputs(inner, outputs, index) for index in range(len(outputs)))
                return _combined(function, each, which)
        return None

    return transform(expression, written_out)


def looks_at_all_outputs(expression: Expression) -> bool:
    """Tell whether a loss's formula has means, sums or softmaxes over the outputs."""
    if isinstance(expression, Call) and expression.function in OVER_OUTPUTS:
        return True
    return any(map(looks_at_all_outputs, parts(expression)))


def _numbers(parameters: Mapping[str, float]) -> dict[str, Expression]:
    return {name: Number(value) for name, value in parameters.items()}


def _combined(function: str, each: tuple[Expression, ...], which: int) -> Expression:
    if function == "softmax":
        powers = tuple(Call("exp", (part,)) for part in each)
        return Quotient(powers[which], total(powers))
    return total(each) if function == "sum" else Quotient(total(each), Number(float(len(each))))
