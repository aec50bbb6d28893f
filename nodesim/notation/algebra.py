"""Sums, products and quotients that are written the short way: no 0, no factor 1, nothing that cancels.

Only rewritings that hold for real numbers wherever both sides are defined, and that lose no digits.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from nodesim.notation.expressions import Call, Expression, Negative, Number, Power, Product, Quotient, Sum

ZERO, ONE = Number(0.0), Number(1.0)


def plus(*terms: Expression) -> Expression:
    """Return a sum; equal terms are counted.

    Examples
    --------
    >>> from nodesim.notation.expressions import Symbol
    >>> plus(Symbol("z"), Number(0.0), Symbol("z"))
    Product(factors=(Number(value=2.0), Symbol(name='z', value=None)))
    """
    counts: dict[Expression, float] = {}
    for term in _flat_terms(terms):
        number, rest = _number_and_rest(term)
        counts[rest] = counts.get(rest, 0.0) + number
    kept = [_scaled(number, rest) for rest, number in counts.items() if number != 0.0]
    if not kept:
        return ZERO
    # What is subtracted stands behind: 1 - a instead of -a + 1.
    kept.sort(key=lambda term: isinstance(term, Negative) or (isinstance(term, Number) and term.value < 0))
    return kept[0] if len(kept) == 1 else Sum(tuple(kept))


def times(*factors: Expression) -> Expression:
    """Return a product; the numbers in front are one, and a factor below is taken off the same factor above.

    Examples
    --------
    >>> from nodesim.notation.expressions import Symbol
    >>> z, a = Symbol("z"), Symbol("a")
    >>> times(z, Number(2.0), Quotient(a, z))
    Product(factors=(Number(value=2.0), Symbol(name='a', value=None)))
    """
    number, divisor, above, below = 1.0, 1.0, [], []
    for factor in _cancelled(list(_flat_factors(factors))):
        match factor:
            case Number(value):
                number *= value
            case Quotient(Number(value), under):
                inverse, rest = _number_and_rest(under)
                number, divisor = number * value, divisor * inverse
                below.append(rest)
            case _:
                above.append(factor)
    if number == 0.0:
        return ZERO
    if any(isinstance(factor, Number | Negative | Product) for factor in above):
        return times(Number(number), *above, *(Quotient(ONE, under) for under in below))
    whole = _scaled(number, above[0] if len(above) == 1 else Product(tuple(above)) if above else ONE)
    if divisor != 1.0:
        whole = over(whole, Number(divisor))
    # One division after the other: the product of what stands below may leave the range of a double.
    return functools.reduce(over, below, whole)


def minus(term: Expression) -> Expression:
    """Return an expression with the other sign."""
    return times(Number(-1.0), term)


def over(above: Expression, below: Expression) -> Expression:
    """Return a quotient, its sign and a number below in front of it."""
    if below == ONE or above == ZERO:
        return above
    if above == below:
        return ONE
    number, rest = _number_and_rest(above)
    divisor, base = _number_and_rest(below)
    if isinstance(above, Number) and isinstance(below, Number):
        return Number(above.value / below.value)
    if divisor < 0:
        number, divisor = -number, -divisor
    if (number / divisor).is_integer():
        number, divisor = number / divisor, 1.0
    if divisor == 1.0 and base == ONE:
        return _scaled(number, rest)
    whole = Quotient(_scaled(abs(number), rest), _scaled(divisor, base))
    return Negative(whole) if number < 0 else whole


def power(base: Expression, exponent: Expression) -> Expression:
    """Return a power; of the first it is the base itself."""
    if exponent == ZERO:
        return ONE
    return base if exponent == ONE else Power(base, exponent)


def extreme(name: str, left: Expression, right: Expression) -> Expression:
    """Return the larger ("max") or the smaller ("min") of two, for numbers and choices among them by comparing them."""
    if left == right:
        return left
    match left, right:
        case Number(first), Number(second):
            return Number(max(first, second) if name == "max" else min(first, second))
        case Call("where", (condition, then, otherwise)), Number():
            return choice(condition, extreme(name, then, right), extreme(name, otherwise, right))
        case Number(), Call("where", (condition, then, otherwise)):
            return choice(condition, extreme(name, left, then), extreme(name, left, otherwise))
    return Call(name, (left, right))


def over_all(each: Expression) -> Expression:
    """Return the sum over the outputs, numbers in front of it."""
    number, rest = _number_and_rest(each)
    return ZERO if number == 0.0 or each == ZERO else _scaled(number, Call("sum", (rest,)))


def choice(condition: Expression, then: Expression, otherwise: Expression) -> Expression:
    """Return ``where(condition, then, otherwise)``, or what both are."""
    return then if then == otherwise else Call("where", (condition, then, otherwise))


def _flat_terms(terms: Iterable[Expression]) -> Iterable[Expression]:
    for term in terms:
        if isinstance(term, Sum):
            yield from _flat_terms(term.terms)
        elif isinstance(term, Negative) and isinstance(term.term, Sum):
            yield from map(minus, _flat_terms(term.term.terms))
        else:
            yield term


def _flat_factors(factors: Iterable[Expression]) -> Iterable[Expression]:
    for factor in factors:
        if isinstance(factor, Product):
            yield from _flat_factors(factor.factors)
        elif isinstance(factor, Negative):
            yield Number(-1.0)
            yield from _flat_factors([factor.term])
        else:
            yield factor


def _number_and_rest(term: Expression) -> tuple[float, Expression]:
    match term:
        case Number(value):
            return value, ONE
        case Negative(inner):
            number, rest = _number_and_rest(inner)
            return -number, rest
        case Product((Number(value), *others)):
            return value, others[0] if len(others) == 1 else Product(tuple(others))
    return 1.0, term


def _scaled(number: float, rest: Expression) -> Expression:
    if rest == ONE:
        return Number(number)
    if number == 1.0:
        return rest
    if number == -1.0:
        return Negative(rest)
    if number < 0:
        return Negative(_scaled(-number, rest))
    if isinstance(rest, Quotient):
        # 2/n instead of 2 · 1/n.
        return over(times(Number(number), rest.over), rest.under)
    return Product((Number(number), *(rest.factors if isinstance(rest, Product) else (rest,))))


def _cancelled(factors: list[Expression]) -> list[Expression]:
    """Take what stands below a fraction off the other factors."""
    left = list(factors)
    for place, factor in enumerate(factors):
        if isinstance(factor, Quotient):
            below = list(_flat_factors([factor.under]))
            kept = [divisor for divisor in below if not _take_off(left, place, divisor)]
            if len(kept) < len(below):
                left[place] = over(factor.over, times(*kept))
    return [factor for factor in left if factor != ONE]


def _take_off(factors: list[Expression], but: int, divisor: Expression) -> bool:
    for place, factor in enumerate(factors):
        if place != but and factor == divisor:
            factors[place] = ONE
            return True
    return False
