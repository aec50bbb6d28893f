"""Formulas of a document as text, with signs in braces where the page puts in names or numbers.

{z} and {a} stand for H and HA, {y1} and {a1} for the first desired value and output, and so on.
"""

from __future__ import annotations

import copy
import functools
from typing import Any

from nodesim.functions.contracts import Activation, Loss
from nodesim.notation import parsing
from nodesim.notation.expressions import Expression, Symbol
from nodesim.notation.text import text


def formula_text(activation: Activation) -> str | None:
    """Return HA, None where its author wrote none.

    Examples
    --------
    >>> import nodesim as ns
    >>> formula_text(ns.activation("sigmoid"))
    '1/(1 + exp(−{z}))'
    """
    return _of_node(activation.formula, tuple(activation.parameters.items()))


def derivative_text(activation: Activation) -> str | None:
    """Return ∂HA/∂H, None where its author wrote none.

    Examples
    --------
    >>> import nodesim as ns
    >>> derivative_text(ns.activation("sigmoid"))
    '{a}·(1 − {a})'
    """
    return _of_node(activation.derivative_formula, tuple(activation.parameters.items()))


@functools.lru_cache(maxsize=1024)
def _of_node(formula: str, parameters: tuple[tuple[str, float], ...]) -> str | None:
    # Every document has those of all nodes, and of all that is offered.
    return _text(parsing.of_node(formula, dict(parameters), Symbol("{z}"), Symbol("{a}")))


def error_text(loss: Loss, count: int) -> str | None:
    """Return e of so many outputs, None where its author wrote none, or the outputs are many.

    Examples
    --------
    >>> import nodesim as ns
    >>> error_text(ns.loss("mse"), 2)
    '(({y1} − {a1})^2 + ({y2} − {a2})^2)/2'
    """
    return _text(parsing.of_outputs(loss.formula, loss.parameters, _letters(count)))


def seed_texts(loss: Loss, count: int) -> list[str | None]:
    """Return ∂e/∂OA of each of so many outputs, or ∂e/∂O where the error enters there.

    Examples
    --------
    >>> import nodesim as ns
    >>> seed_texts(ns.loss("mse"), 2)
    ['−2/2·({y1} − {a1})', '−2/2·({y2} − {a2})']
    """
    formula, letters = _slope_formula(loss), _letters(count)
    return [_text(parsing.of_outputs(formula, loss.parameters, letters, place)) for place in range(count)]


def for_any_count(loss: Loss) -> dict[str, Any]:
    """Return what e and its derivatives are for any number of outputs.

    Returns
    -------
    dict
        "errors": e of one output, of two and so on, as far as all of them are written out; "error": e of more.
        "seeds": the derivatives likewise, a list for each number of outputs, none where no derivative looks at all of
        them; "seed": that of more, with {y}, {a} and {z} of its own output. What is of more has {n} for their number.
    """
    return copy.deepcopy(_cached(loss, loss.formula, _slope_formula(loss)))


@functools.lru_cache(maxsize=256)
def _cached(loss: Loss, formula: str, slope_formula: str) -> dict[str, Any]:
    counts = range(1, parsing.WRITTEN_OUT + 1)
    slope = parsing.read(slope_formula)
    seeds = slope is not None and parsing.looks_at_all_outputs(slope)
    return {
        "errors": [error_text(loss, count) for count in counts],
        "error": _of_one(loss, formula, "1"),
        "seeds": [seed_texts(loss, count) for count in counts] if seeds else [],
        "seed": _of_one(loss, slope_formula, ""),
    }


def _slope_formula(loss: Loss) -> str:
    return loss.derivative_formula if loss.sum_derivative is None else loss.sum_derivative_formula


def _of_one(loss: Loss, formula: str, number: str) -> str | None:
    """Return a formula in which nothing looks at all outputs, for any number n of these."""
    expression = parsing.read(formula)
    if expression is None or parsing.looks_at_all_outputs(expression):
        return None
    letters = {letter: Symbol(f"{{{letter}{number}}}") for letter in "yaz"}
    return _text(parsing.of_outputs(formula, loss.parameters, [{**letters, "n": Symbol("{n}")}]))


def _letters(count: int) -> list[dict[str, Expression]]:
    return [{letter: Symbol(f"{{{letter}{place}}}") for letter in "yaz"} for place in range(1, count + 1)]


def _text(expression: Expression | None) -> str | None:
    return None if expression is None else text(expression)
