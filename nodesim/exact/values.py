"""Exact values: fractions, and expressions in letters where there is no fraction.

Fractions are calculated with at once. Expressions are written the short way: numbers in front, equal terms counted, no
0 and no factor 1; nothing else is rewritten, so that a reader finds the terms of the chain rule again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, cast

from nodesim.notation.expressions import Expression, Negative, Number, Power, Product, Quotient, Sum

Value = Fraction | Expression
ZERO, ONE, MINUS_ONE = Fraction(0), Fraction(1), Fraction(-1)
_UNIT = Number(1.0)
# What has more digits than about a million takes minutes to calculate with.
MOST_BITS = 4_000_000


class TooLongError(ArithmeticError):
    """An exact number of so many digits that nobody waits for them."""


@lru_cache(maxsize=10_000)
def as_written(number: float) -> Fraction:
    """Return a float as the decimal that Python writes for it.

    Examples
    --------
    >>> as_written(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(number))


def bits(value: Fraction) -> int:
    """Return how many bits numerator and denominator have together."""
    return value.numerator.bit_length() + value.denominator.bit_length()


def expression_of(value: Value) -> Expression:
    """Return a value as an expression: a fraction as a number that holds it."""
    # A number is a float elsewhere; what is written and calculated here takes it as it is.
    return Number(cast(float, value)) if isinstance(value, Fraction) else value


def fraction_of(number: Number) -> Fraction:
    """Return the fraction that a number of a formula or of an exact expression stands for."""
    value: Any = number.value
    return value if isinstance(value, Fraction) else as_written(value)


def plus(*terms: Value) -> Value:
    """Return a sum.

    Examples
    --------
    >>> from nodesim.notation.expressions import Symbol
    >>> plus(Fraction(1, 2), Fraction(1, 3)), plus(Symbol("z"), ZERO)
    (Fraction(5, 6), Symbol(name='z', value=None))
    """
    fractions = [term for term in terms if isinstance(term, Fraction)]
    if len(fractions) == len(terms):
        return _added(fractions)
    counts: dict[Expression, Fraction] = {}
    for term in terms:
        if isinstance(term, Fraction):
            counts[_UNIT] = counts.get(_UNIT, ZERO) + term
            continue
        for part in term.terms if isinstance(term, Sum) else (term,):
            factor, rest = _split(part)
            counts[rest] = counts.get(rest, ZERO) + factor
    kept = [(factor, rest) for rest, factor in counts.items() if factor]
    if all(rest is _UNIT for _, rest in kept):
        return kept[0][0] if kept else ZERO
    # What is subtracted stands behind: 1 - HA1 instead of -HA1 + 1.
    kept.sort(key=lambda pair: pair[0] < 0)
    written = tuple(_scaled(*pair) for pair in kept)
    return written[0] if len(written) == 1 else Sum(written)


def _added(fractions: Sequence[Fraction]) -> Fraction:
    # Over one denominator, and shortened once: for decimals that is hardly longer than theirs.
    below = math.lcm(*(each.denominator for each in fractions))
    return Fraction(sum(each.numerator * (below // each.denominator) for each in fractions), below)


def times(*factors: Value) -> Value:
    """Return a product; all fractions among the factors are one, in front.

    Examples
    --------
    >>> from nodesim.notation.expressions import Symbol
    >>> times(Fraction(1, 2), Symbol("z"), Fraction(2)), times(Symbol("z"), ZERO)
    (Symbol(name='z', value=None), Fraction(0, 1))
    """
    number = ONE
    others: list[Expression] = []
    for factor in factors:
        if isinstance(factor, Fraction):
            number = factor if number is ONE else number * factor
        else:
            own, rest = _split(factor)
            number *= own
            others += rest.factors if isinstance(rest, Product) else () if rest is _UNIT else (rest,)
    if not number or not others:
        return number
    return _scaled(number, others[0] if len(others) == 1 else Product(tuple(others)))


def minus(value: Value) -> Value:
    """Return a value with the other sign."""
    return times(MINUS_ONE, value)


def over(above: Value, below: Value) -> Value:
    """Return a quotient.

    Raises
    ------
    ZeroDivisionError
        If what stands below is 0.
    """
    if isinstance(below, Fraction):
        return above / below if isinstance(above, Fraction) else times(1 / below, above)
    if isinstance(above, Fraction) and not above:
        return ZERO
    number, rest = _split(below)
    if number != 1:
        return over(times(1 / number, above), rest)
    factor, whole = (above, _UNIT) if isinstance(above, Fraction) else _split(above)
    if whole == below:
        return factor
    sign, size = (MINUS_ONE, -factor) if factor < 0 else (ONE, factor)
    return _scaled(sign, Quotient(_scaled(size, whole), below))


def power(base: Value, exponent: Value) -> Value | None:
    """Return a power; None of a fraction that is no whole power.

    Raises
    ------
    ZeroDivisionError
        For a power of 0 below 0.
    TooLongError
        If it had more digits than anybody waits for.
    """
    if isinstance(exponent, Fraction):
        if not exponent:
            return ONE
        if exponent == 1:
            return base
    if not isinstance(base, Fraction) or not isinstance(exponent, Fraction):
        return Power(expression_of(base), expression_of(exponent))
    if exponent.denominator != 1:
        return base if base in (0, 1) and exponent > 0 else None
    if base in (0, 1, -1):
        if not base and exponent < 0:
            raise ZeroDivisionError
        return base if exponent.numerator % 2 else base * base
    if bits(base) * abs(exponent) > MOST_BITS:
        raise TooLongError
    return base ** int(exponent)


def root(value: Fraction) -> Fraction | None:
    """Return the square root of a fraction of squares, else None."""
    if value < 0:
        return None
    roots = math.isqrt(value.numerator), math.isqrt(value.denominator)
    found = Fraction(*roots)
    return found if found * found == value else None


def mean(values: Iterable[Value]) -> Value:
    """Return the mean of values."""
    each = list(values)
    return each[0] if len(each) == 1 else times(Fraction(1, len(each)), plus(*each))


def _split(expression: Expression) -> tuple[Fraction, Expression]:
    """Return the number in front of an expression, and the rest."""
    match expression:
        case Number():
            return fraction_of(expression), _UNIT
        case Negative(inner):
            number, rest = _split(inner)
            return -number, rest
        case Product((Number() as number, *others)):
            return fraction_of(number), others[0] if len(others) == 1 else Product(tuple(others))
    return ONE, expression


def _scaled(number: Fraction, rest: Expression) -> Expression:
    """Write a number in front of an expression."""
    if rest is _UNIT:
        return expression_of(number)
    if number == 1:
        return rest
    if isinstance(rest, Quotient) and isinstance(rest.over, Number) and number > 0:
        return Quotient(expression_of(number * fraction_of(rest.over)), rest.under)
    if number < 0:
        # A minus before brackets goes into them: OA1 - y instead of -(y - OA1).
        factors = list(rest.factors) if isinstance(rest, Product) else [rest]
        place = next((place for place, factor in enumerate(factors) if isinstance(factor, Sum)), None)
        if place is None:
            return Negative(_scaled(-number, rest))
        factors[place] = _turned(cast(Sum, factors[place]))
        return _scaled(-number, factors[0] if len(factors) == 1 else Product(tuple(factors)))
    return Product((expression_of(number), *(rest.factors if isinstance(rest, Product) else (rest,))))


def _turned(brackets: Sum) -> Sum:
    parts = [_split(term) for term in brackets.terms]
    turned = sorted(((-number, rest) for number, rest in parts), key=lambda pair: pair[0] < 0)
    return Sum(tuple(_scaled(*pair) for pair in turned))
