"""What comes into a node made one exact number, and the exact derivatives of that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce

from nodesim.errors import FunctionError
from nodesim.exact.formulas import Formulas
from nodesim.exact.values import ONE, ZERO, Value, mean, over, plus, times
from nodesim.functions.aggregation import Aggregation
from nodesim.notation.differentiation import derivative
from nodesim.notation.expressions import Call, Expression, Number, Power, Symbol, total


class Aggregated:
    """H of a node, of what comes in.

    Parameters
    ----------
    aggregation : Aggregation
        One of those that nodesim knows the native form of.
    terms : sequence of Value
        What comes in over each connection; at least one.
    symbolic : bool
        Whether what is no fraction is kept as an expression.

    Raises
    ------
    FunctionError
        For an aggregation that nothing exact is known of.

    Examples
    --------
    >>> import nodesim as ns
    >>> half, third = Fraction(1, 2), Fraction(1, 3)
    >>> found = Aggregated(ns.aggregation("product"), [half, third], symbolic=False)
    >>> found.value(), found.partials(found.value())
    (Fraction(1, 6), [Fraction(1, 3), Fraction(1, 2)])
    """

    def __init__(self, aggregation: Aggregation, terms: Sequence[Value], *, symbolic: bool) -> None:
        self.form, self.terms = aggregation.native or "", list(terms)
        self._letters = [Symbol(f"c{number}") for number in range(len(terms))]
        named: dict[str, Value] = {letter.name: term for letter, term in zip(self._letters, terms)}
        self._formulas = Formulas([named], symbolic=symbolic)
        if self.form not in _VALUES:
            raise FunctionError(
                f"{aggregation.label} cannot be calculated exactly: only {', '.join(_VALUES)} can, and those that name "
                "one of them as their native form."
            )

    def value(self) -> Value:
        """Return H.

        Raises
        ------
        IrrationalError, TooLongError
            If it is no fraction (and expressions are not wanted), or has too many digits.
        """
        return _VALUES[self.form](self)

    def partials(self, H: Value) -> list[Value]:
        """Return ∂H/∂c of each that comes in, at kinks as `Aggregation.partials` does."""
        count = len(self.terms)
        if self.form == "product":
            return [times(*self.terms[:own], *self.terms[own + 1 :]) for own in range(count)]
        if self.form == "mean":
            return [Fraction(1, count)] * count
        if self.form == "norm":
            return [ZERO if H == ZERO else over(term, H) for term in self.terms]
        return [ONE] * count if self.form == "sum" else self._chosen()

    def extreme(self) -> Value:
        """Return the largest, or the smallest, of what comes in."""
        return self._formulas.value(self._nested())

    def length(self) -> Value:
        """Return the root of the sum of squares."""
        squares: list[Expression] = [Power(letter, Number(2.0)) for letter in self._letters]
        return self._formulas.value(Call("sqrt", (total(tuple(squares)),)))

    def _nested(self) -> Expression:
        letters: list[Expression] = list(self._letters)
        return reduce(lambda one, other: Call(self.form, (one, other)), letters)

    def _chosen(self) -> list[Value]:
        known = [term for term in self.terms if isinstance(term, Fraction)]
        if len(known) < len(self.terms):
            whole = self._nested()
            return [self._formulas.value(derivative(whole, letter)) for letter in self._letters]
        place = known.index(max(known) if self.form == "max" else min(known))
        return [ONE if own == place else ZERO for own in range(len(known))]


_VALUES: dict[str, Callable[[Aggregated], Value]] = {
    "sum": lambda of: plus(*of.terms), "product": lambda of: times(*of.terms), "mean": lambda of: mean(of.terms),
    "max": Aggregated.extreme, "min": Aggregated.extreme, "norm": Aggregated.length,
}  # fmt: skip
