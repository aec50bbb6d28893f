"""Derivatives of formulas, as formulas.

The rules are those of any textbook, written so that they lose no digits where the function itself loses none: the
slope of tanh is 1/cosh² and not 1 - tanh², of which nothing is left where tanh is rounded to 1, and a quotient divides
twice instead of squaring what may be large. At a kink the slope of its left side counts, as everywhere in nodesim, but
for abs and sign, whose slopes there are 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from nodesim.notation.algebra import ONE, ZERO, choice, extreme, minus, over, over_all, plus, power, times
from nodesim.notation.expressions import (
    Call,
    Comparison,
    Expression,
    Negative,
    Number,
    Partial,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    parts,
)
from nodesim.notation.syntax import OVER_OUTPUTS

_TWO = Number(2.0)
# Not as one number, which would be rounded: who calculates exactly reads it, too.
_ERF_AT_0 = Quotient(_TWO, Call("sqrt", (Symbol("π", math.pi),)))
N_OUTPUTS = Symbol("n")


def derivative(expression: Expression, by: Expression, known_as: Expression | None = None) -> Expression:
    """Differentiate an expression.

    Parameters
    ----------
    expression : Expression
        Means, sums and softmaxes over outputs count as constants.
    by : Expression
        What is varied: a symbol, or a mean, sum or softmax.
    known_as : Expression, optional
        What stands for the expression itself in its derivative, as a for the formula of a.

    Returns
    -------
    Expression

    References
    ----------
    Griewank, A., and A. Walther, "Evaluating Derivatives" (SIAM, 2008), table 2.3.

    Examples
    --------
    >>> from nodesim.notation.syntax import parse, source
    >>> source(derivative(parse("z / (1 + exp(-z))"), Symbol("z")))
    '(1 + z/(1 + exp(-z))*exp(-z))/(1 + exp(-z))'
    >>> source(derivative(parse("1 / (1 + exp(-z))"), Symbol("z"), known_as=Symbol("a")))
    'a*exp(-z)/(1 + exp(-z))'
    """
    if expression == by:
        return ONE

    def slope(part: Expression) -> Expression:
        return derivative(part, by)

    whole = expression if known_as is None else known_as
    match expression:
        case Number() | Symbol() | Partial() | Comparison():
            return ZERO
        case Negative(term):
            return minus(slope(term))
        case Sum(terms):
            return plus(*map(slope, terms))
        case Product(factors):
            return plus(*_of_product(factors, slope))
        case Quotient(above, below):
            return over(plus(slope(above), minus(times(whole, slope(below)))), below)
        case Power(base, exponent):
            return _of_power(base, exponent, whole, slope(base), slope(exponent))
        case Call("where", (condition, then, otherwise)):
            return choice(condition, slope(then), slope(otherwise))
        case Call("max" | "min" as name, (left, right)):
            return _of_extreme(name, left, right, slope(left), slope(right))
        case Call(name, (inner,)) if name not in OVER_OUTPUTS:
            steep = slope(inner)
            return ZERO if steep == ZERO else times(_OF_CALLS[name](whole, inner), steep)
    return ZERO


def by_output(error: Expression, output: Symbol) -> Expression:
    """Differentiate the formula of a loss by one output.

    Parameters
    ----------
    error : Expression
        In which outputs stand within means, sums and softmaxes only.
    output : Symbol
        The letter of an output.

    Returns
    -------
    Expression
        In which `output`, and every other letter outside of means, sums and softmaxes, stands for the one output by
        which it is differentiated.

    Examples
    --------
    >>> from nodesim.notation.syntax import parse, source
    >>> source(by_output(parse("mean((y - a) ** 2)"), Symbol("a")))
    '-2*(y - a)/n'
    >>> source(by_output(parse("-sum(y * log(softmax(a)))"), Symbol("a")))
    'softmax(a)*sum(y) - y'
    """
    outermost = _outermost(error)
    return plus(*(_through(part, derivative(error, part), output, total=lambda each: each) for part in outermost))


def along(expression: Expression, moved: Mapping[Symbol, Expression]) -> Expression:
    """Differentiate an expression along a line on which several letters move at once.

    Parameters
    ----------
    expression : Expression
        Its means, sums and softmaxes over outputs move with what stands in them.
    moved : mapping of Symbol to Expression
        The letters that move, and by how much.

    Returns
    -------
    Expression

    Examples
    --------
    >>> from nodesim.notation.syntax import parse, source
    >>> z, a = Symbol("z"), Symbol("a")
    >>> source(along(parse("a * (1 - a)"), {a: Symbol("m")}))
    '(1 - 2*a)*m'
    >>> source(along(parse("softmax(a)"), {a: Symbol("m")}))
    'softmax(a)*(m - sum(softmax(a)*m))'
    """
    own = (times(derivative(expression, letter), by) for letter, by in moved.items())
    further = (times(derivative(expression, part), _along_all(part, moved)) for part in _outermost(expression))
    return plus(*own, *further)


def _along_all(reduction: Call, moved: Mapping[Symbol, Expression]) -> Expression:
    """Differentiate a mean, sum or softmax along a line."""
    (inner,) = reduction.arguments
    each = along(inner, moved)
    match reduction.function:
        case "sum":
            return over_all(each)
        case "mean":
            return over(over_all(each), N_OUTPUTS)
    return times(reduction, plus(each, minus(over_all(times(reduction, each)))))


def _through(
    reduction: Call, weight: Expression, output: Symbol, total: Callable[[Expression], Expression] = over_all
) -> Expression:
    """Return what a mean, sum or softmax, weighted by what depends on it, adds to the derivative by an output."""
    (inner,) = reduction.arguments
    match reduction.function:
        case "sum":
            arriving = total(weight)
        case "mean":
            arriving = over(total(weight), N_OUTPUTS)
        case _:
            # ∂S_i/∂x_k = S_i (δ_ik - S_k).
            share = times(weight, reduction)
            arriving = plus(share, minus(times(reduction, over_all(share))))
    own = times(arriving, derivative(inner, output))
    further = (_through(part, times(arriving, derivative(inner, part)), output) for part in _outermost(inner))
    return plus(own, *further)


def _outermost(expression: Expression) -> Iterator[Call]:
    """Yield the means, sums and softmaxes that stand in no other, each once."""
    return iter(dict.fromkeys(_all_outermost(expression)))


def _all_outermost(expression: Expression) -> Iterator[Call]:
    if isinstance(expression, Call) and expression.function in OVER_OUTPUTS:
        yield expression
        return
    for part in parts(expression):
        yield from _all_outermost(part)


def _of_product(factors: tuple[Expression, ...], slope: Callable[[Expression], Expression]) -> Iterator[Expression]:
    for place, factor in enumerate(factors):
        yield times(*factors[:place], slope(factor), *factors[place + 1 :])


def _of_power(
    base: Expression, exponent: Expression, whole: Expression, base_slope: Expression, exponent_slope: Expression
) -> Expression:
    terms = []
    if base_slope != ZERO:
        terms.append(times(exponent, power(base, plus(exponent, Number(-1.0))), base_slope))
    if exponent_slope != ZERO:
        terms.append(times(whole, Call("log", (base,)), exponent_slope))
    return plus(*terms)


def _of_extreme(name: str, left: Expression, right: Expression, first: Expression, second: Expression) -> Expression:
    """Return the slope of the larger or smaller; where both are equal, that of the left side."""
    if first == second:
        return first
    sign = ">" if name == "max" else "<"
    # On the left side of a point where both are equal, the one with the smaller slope is larger.
    equal = extreme("min" if name == "max" else "max", first, second)
    if equal == first:
        return choice(Comparison(right, sign, left), second, first)
    following = choice(Comparison(right, sign, left), second, equal)
    return choice(Comparison(left, sign, right), first, following)


def _square(expression: Expression) -> Expression:
    return Power(expression, _TWO)


# The outer derivative of f(u), given f(u) and u.
_OF_CALLS: dict[str, Callable[[Expression, Expression], Expression]] = {
    "abs": lambda whole, u: Call("sign", (u,)),
    "asinh": lambda whole, u: Quotient(ONE, Call("sqrt", (plus(ONE, _square(u)),))),
    "atan": lambda whole, u: Quotient(ONE, plus(ONE, _square(u))),
    "cos": lambda whole, u: Negative(Call("sin", (u,))),
    "cosh": lambda whole, u: Call("sinh", (u,)),
    "erf": lambda whole, u: times(_ERF_AT_0, Call("exp", (Negative(_square(u)),))),
    "exp": lambda whole, u: whole,
    "expm1": lambda whole, u: Call("exp", (u,)),
    "log": lambda whole, u: Quotient(ONE, u),
    "log1p": lambda whole, u: Quotient(ONE, plus(ONE, u)),
    "sign": lambda whole, u: ZERO,
    "sin": lambda whole, u: Call("cos", (u,)),
    "sinh": lambda whole, u: Call("cosh", (u,)),
    "sqrt": lambda whole, u: Quotient(ONE, times(_TWO, whole)),
    "tan": lambda whole, u: plus(ONE, _square(whole)),
    "tanh": lambda whole, u: _square(Quotient(ONE, Call("cosh", (u,)))),
}
