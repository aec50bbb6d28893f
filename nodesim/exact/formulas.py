"""Formulas calculated exactly: in fractions, and in letters where a function of a fraction is not one.

At a whole argument of 0 or 1 some functions are rational, as exp(0) is 1; at every other rational argument exp, log,
sin and their like are not (the theorem of Lindemann and Weierstrass), so that nothing is refused that has a fraction.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from nodesim.exact.values import (
    MINUS_ONE,
    ONE,
    ZERO,
    TooLongError,
    Value,
    expression_of,
    fraction_of,
    minus,
    over,
    plus,
    power,
    root,
    times,
)
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
)
from nodesim.notation.syntax import OVER_OUTPUTS

_SIGNS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge
}  # fmt: skip
# Where functions that are not rational have a fraction.
_KNOWN = {
    **{(name, ZERO): ZERO for name in ("asinh", "atan", "erf", "expm1", "log1p", "sin", "sinh", "tan", "tanh")},
    **{(name, ZERO): ONE for name in ("cos", "cosh", "exp")},
    ("log", ONE): ZERO,
}
# Below these, or there, they are not defined.
_ABOVE = {"log": ZERO, "log1p": MINUS_ONE}


class IrrationalError(ArithmeticError):
    """A part of a formula that has no fraction; its text says which."""


class UndefinedError(ArithmeticError):
    """A part of a formula that has no value; its text says which."""


class Formulas:
    """Calculates formulas of one node, or of all outputs at once.

    Parameters
    ----------
    letters : sequence of mapping of str to Value
        For each output, or for the one node, what the names of the formula stand for.
    symbolic : bool
        Whether what has no fraction is kept as an expression; else it is an `IrrationalError`.

    Examples
    --------
    >>> from nodesim.notation.syntax import parse
    >>> Formulas([{"z": Fraction(1, 3)}]).value(parse("z / (1 + abs(z))"))
    Fraction(1, 4)
    """

    def __init__(self, letters: Sequence[Mapping[str, Value]], *, symbolic: bool = False) -> None:
        self.letters = letters
        self.symbolic = symbolic
        self._reduced: dict[Expression, Value] = {}

    def value(self, expression: Expression, which: int = 0) -> Value:
        """Calculate an expression; outside of means and sums its letters are those of one output.

        Raises
        ------
        IrrationalError, UndefinedError, ZeroDivisionError, TooLongError
            If it has no fraction (and is not symbolic), no value, or one of too many digits.
        """
        match expression:
            case Number():
                return fraction_of(expression)
            case Symbol() | Partial():
                return self._letter(expression, which)
            case Sum(terms):
                return plus(*(self.value(term, which) for term in terms))
            case Product(factors):
                return self._product(factors, which)
            case Negative(term):
                return minus(self.value(term, which))
            case Quotient(above, below):
                return over(self.value(above, which), self.value(below, which))
            case Power(base, exponent):
                return self._power(self.value(base, which), self.value(exponent, which))
            case Comparison(left, sign, right):
                return self._compared(self.value(left, which), sign, self.value(right, which))
            case Call("where", (condition, then, otherwise)):
                return self._choice(self.value(condition, which), then, otherwise, which)
            case Call(name, (inner,)) if name in OVER_OUTPUTS:
                return self._over_outputs(expression, name, inner, which)
            case Call(name, arguments):
                return self._call(name, [self.value(argument, which) for argument in arguments])

    def _letter(self, letter: Symbol | Partial, which: int) -> Value:
        if letter.name in self.letters[which]:
            return self.letters[which][letter.name]
        if isinstance(letter.value, Fraction):
            return letter.value
        if letter.name == "π":
            return self._kept(letter, "π")
        raise UndefinedError(f"nothing is known of {letter.name}")

    def _kept(self, expression: Expression, what: str) -> Value:
        if self.symbolic:
            return expression
        raise IrrationalError(what)

    def _product(self, factors: Sequence[Expression], which: int) -> Value:
        known: list[Value] = []
        irrational = None
        for factor in factors:
            try:
                known.append(self.value(factor, which))
            except IrrationalError as error:
                # A factor 0 makes a fraction of it all the same.
                irrational = error
        product = times(*known)
        if irrational is not None and product != ZERO:
            raise irrational
        return product

    def _power(self, base: Value, exponent: Value) -> Value:
        found = power(base, exponent)
        if found is not None:
            return found
        whole = Power(expression_of(base), expression_of(exponent))
        if isinstance(base, Fraction) and base < 0:
            raise UndefinedError("a power of a number below 0 that is no whole power")
        return self._kept(whole, f"a power of {exponent}")

    def _compared(self, left: Value, sign: str, right: Value) -> Value:
        if isinstance(left, Fraction) and isinstance(right, Fraction):
            return ONE if _SIGNS[sign](left, right) else ZERO
        return Comparison(expression_of(left), sign, expression_of(right))

    def _choice(self, condition: Value, then: Expression, otherwise: Expression, which: int) -> Value:
        if isinstance(condition, Fraction):
            # What is not chosen may be undefined, as 1 / z is at 0.
            return self.value(then if condition else otherwise, which)
        first, second = self.value(then, which), self.value(otherwise, which)
        return first if first == second else Call("where", (condition, expression_of(first), expression_of(second)))

    def _over_outputs(self, whole: Expression, name: str, inner: Expression, which: int) -> Value:
        if name == "softmax":
            return self._softmax([self.value(inner, each) for each in range(len(self.letters))], which)
        if whole not in self._reduced:
            found = plus(*(self.value(inner, each) for each in range(len(self.letters))))
            self._reduced[whole] = found if name == "sum" else over(found, Fraction(len(self.letters)))
        return self._reduced[whole]

    def _softmax(self, each: list[Value], which: int) -> Value:
        if all(value == each[0] for value in each):
            return Fraction(1, len(each))
        powers = [self._call("exp", [value]) for value in each]
        return over(powers[which], plus(*powers))

    def _call(self, name: str, arguments: list[Value]) -> Value:
        fractions = [argument for argument in arguments if isinstance(argument, Fraction)]
        if len(fractions) < len(arguments):
            if len(arguments) == 2 and arguments[0] == arguments[1]:
                return arguments[0]
            return Call(name, tuple(map(expression_of, arguments)))
        match name, fractions:
            case "abs", [u]:
                return abs(u)
            case "sign", [u]:
                return Fraction((u > 0) - (u < 0))
            case "max", [u, v]:
                return max(u, v)
            case "min", [u, v]:
                return min(u, v)
        (u,) = fractions
        return self._of_fraction(name, u)

    def _of_fraction(self, name: str, u: Fraction) -> Value:
        """Return a function that is rational at single places only."""
        if name in _ABOVE and u <= _ABOVE[name]:
            raise UndefinedError(f"{name} of a number that is not above {_ABOVE[name]}")
        if name == "sqrt":
            if u < 0:
                raise UndefinedError("the root of a number below 0")
            known = root(u)
        else:
            known = _KNOWN.get((name, u))
        return self._kept(Call(name, (expression_of(u),)), name) if known is None else known


# What a formula may raise that is calculated exactly.
FAULTS = (IrrationalError, UndefinedError, ZeroDivisionError, TooLongError)
