"""Mathematical expressions as trees, that printers write and that evaluate to a number.

What is printed and what is calculated is the same tree, so that a formula and its number cannot disagree.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nodesim.errors import FunctionError
from nodesim.notation.symbols import partial

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": np.abs, "asinh": np.arcsinh, "atan": np.arctan, "cos": np.cos, "cosh": np.cosh,
    "erf": np.vectorize(math.erf, otypes=[float]), "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p,
    "max": np.maximum, "min": np.minimum, "sign": np.sign, "sin": np.sin, "sinh": np.sinh, "sqrt": np.sqrt,
    "tan": np.tan, "tanh": np.tanh, "where": np.where,
}  # fmt: skip
# How many arguments a function takes, where that is not one.
ARGUMENTS = {"max": 2, "min": 2, "where": 3}
# Of comparisons 1.0 or 0.0 comes out, with which one can calculate on: NumPy has no minus for truth values.
COMPARISONS: dict[str, Callable[..., Any]] = {
    "<": lambda left, right: (left < right) * 1.0,
    "<=": lambda left, right: (left <= right) * 1.0,
    ">": lambda left, right: (left > right) * 1.0,
    ">=": lambda left, right: (left >= right) * 1.0,
}


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True, slots=True)
class Symbol:
    """A named quantity, with its value where that is known: a number, or one for each sample."""

    name: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Partial:
    """A partial derivative, a quantity like any other; `layer` names the layer that it belongs to."""

    numerator: str
    denominator: str
    value: Any = None
    layer: str = ""

    @property
    def name(self) -> str:
        """The partial derivative as it is written."""
        return partial(self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms that are added."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """Factors that are multiplied."""

    factors: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Quotient:
    """One expression over another."""

    over: Expression
    under: Expression


@dataclass(frozen=True, slots=True)
class Power:
    """A base and its exponent."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True, slots=True)
class Negative:
    """An expression with a minus in front."""

    term: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """A function of `FUNCTIONS`, or one of another name that can be printed but not evaluated."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two expressions and one of the signs of `COMPARISONS` between them."""

    left: Expression
    sign: str
    right: Expression


Leaf = Number | Symbol | Partial
Expression = Number | Symbol | Partial | Sum | Product | Quotient | Power | Negative | Call | Comparison


def evaluate(expression: Expression) -> Any:
    """Return the value of an expression: a float, or an array where the symbols have arrays.

    Raises
    ------
    FunctionError
        If a symbol has no value, or a function is not known.

    Examples
    --------
    >>> evaluate(Product((Symbol("W1", 0.5), Sum((Symbol("I1", 2.0), Number(1.0))))))
    1.5
    """
    match expression:
        case Number(value):
            return value
        case Symbol() | Partial():
            if expression.value is None:
                raise FunctionError(f"{expression.name} has no value.")
            return expression.value
        case Sum(terms):
            return functools.reduce(operator.add, map(evaluate, terms))
        case Product(factors):
            return functools.reduce(operator.mul, map(evaluate, factors))
        case Quotient(over, under):
            return evaluate(over) / evaluate(under)
        case Power(base, exponent):
            return evaluate(base) ** evaluate(exponent)
        case Negative(term):
            return -evaluate(term)
        case Comparison(left, sign, right):
            return COMPARISONS[sign](evaluate(left), evaluate(right))
        case Call(function, arguments):
            if function not in FUNCTIONS:
                raise FunctionError(f"the function {function!r} is not known.")
            return FUNCTIONS[function](*map(evaluate, arguments))


def parts(expression: Expression) -> tuple[Expression, ...]:
    """Return what an expression is made of; nothing for numbers and symbols."""
    match expression:
        case Sum(found) | Product(found) | Call(_, found):
            return found
        case Quotient(left, right) | Power(left, right) | Comparison(left, _, right):
            return (left, right)
        case Negative(term):
            return (term,)
    return ()


def leaves(expression: Expression) -> Iterator[Leaf]:
    """Yield the numbers and symbols of an expression, from left to right."""
    if isinstance(expression, Leaf):
        yield expression
    for part in parts(expression):
        if isinstance(part, Leaf):
            yield part
        else:
            yield from leaves(part)


def bind(expression: Expression, meanings: Mapping[str, Expression]) -> Expression:
    """Put expressions in the place of symbols.

    Examples
    --------
    >>> bind(Negative(Symbol("z")), {"z": Number(2.0)})
    Negative(term=Number(value=2.0))
    """
    return transform(expression, lambda part: meanings.get(part.name) if isinstance(part, Symbol) else None)


def transform(expression: Expression, change: Callable[[Expression], Expression | None]) -> Expression:
    """Replace parts of an expression, from the outside in: what `change` returns, or, if None, the part rebuilt."""
    changed = change(expression)
    if changed is not None:
        return changed
    again = tuple(transform(part, change) for part in parts(expression))
    match expression:
        case Sum():
            return Sum(again)
        case Product():
            return Product(again)
        case Call(function, _):
            return Call(function, again)
        case Quotient():
            return Quotient(*again)
        case Power():
            return Power(*again)
        case Comparison(_, sign, _):
            return Comparison(again[0], sign, again[1])
        case Negative():
            return Negative(*again)
    return expression


def total(terms: tuple[Expression, ...]) -> Expression:
    """Return the sum of terms: 0 if there are none, the term itself if it is alone."""
    if len(terms) == 1:
        return terms[0]
    return Sum(terms) if terms else Number(0.0)


def product(*factors: Expression) -> Expression:
    """Return the product of factors, those of products among them one by one."""
    flat = [part for factor in factors for part in (factor.factors if isinstance(factor, Product) else (factor,))]
    return flat[0] if len(flat) == 1 else Product(tuple(flat))
