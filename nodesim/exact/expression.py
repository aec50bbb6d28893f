"""An exact value in letters, as users hold it: text, LaTeX, a program, an expression of SymPy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from nodesim.errors import ArgumentError
from nodesim.exact import program, sympy_form
from nodesim.exact.legend import Legend
from nodesim.exact.values import Value, expression_of, fraction_of
from nodesim.exact.writing import ExactLatex, ExactText, decimal, letter_latex, readable
from nodesim.notation import markup
from nodesim.notation.expressions import Expression, Number, Partial, Symbol, evaluate, transform
from nodesim.notation.symbols import Count, number
from nodesim.showing import shown
from nodesim.validation import flag

# Deeper ones would leave Python's own limits, and SymPy's, to speak.
_MOST_CLOSED, _DEEPEST = 20_000, 200


class ExactExpression:
    """An exact value: a closed expression of fractions, functions and letters; `where` says what the letters are.

    `Network.exact` makes them with ``symbols=True``. A quantity that is rational is a fraction in it; one that is not
    has its letter, HA1 for one, and stays short so.

    Parameters
    ----------
    what : Symbol or Partial
        What it is, such as ∂e/∂W1.
    value : Value
        A fraction, or an expression.
    legend : Legend
        What its letters stand for.

    See Also
    --------
    nodesim.Network.exact : Makes them.
    ExactRun : Has one for every quantity.
    Derivation : The derivative in symbols, by the chain rule.

    Notes
    -----
    Two are equal if they are written alike, once all letters are put in. Whether they are the same number is for a
    computer algebra system to prove: see `sympy`.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([1, 1, 1], bias=False, seed=0)
    >>> net["W1"].weight, net["W2"].weight = 0.15, 0.4
    >>> print(net.exact(["1/2"], [1], symbols=True).gradient("W1"))
    ∂e/∂W1 = 2/5·(O1 − 1)·HA1·(1 − HA1)
    where
      HA1 = 1/(1 + exp(−3/40))
      O1 = 2/5·HA1
    """

    def __init__(self, what: Symbol | Partial, value: Value, legend: Legend) -> None:
        self._what = what
        self._legend = legend
        # What has a letter of its own is what that stands for.
        own = isinstance(value, Symbol | Partial) and value.name == what.name
        self._value = legend.defined.get(what.name, value) if own else value

    @property
    def name(self) -> str:
        """What it is, such as ∂e/∂W1."""
        return self._what.name

    @property
    def fraction(self) -> Fraction | None:
        """The value as a fraction; None if it is in letters, or in functions that are not rational."""
        return self._value if isinstance(self._value, Fraction) else None

    @property
    def formula(self) -> str:
        """The right-hand side, every digit of it."""
        return ExactText().write(self._expression)[0]

    @property
    def where(self) -> Mapping[str, ExactExpression]:
        """What the letters stand for, each after those that it is made of; but for those of `given`."""
        legend = self._legend
        return {
            name: ExactExpression(legend.symbols[name], legend.defined[name], legend)
            for name in legend.needed(self._expression)
            if name in legend.defined
        }

    @property
    def given(self) -> Mapping[str, Fraction]:
        """The letters that were asked for, by ``symbols=["W1"]``, and the numbers that they had in the run."""
        legend = self._legend
        return {name: legend.given[name] for name in legend.needed(self._expression) if name in legend.given}

    @property
    def _expression(self) -> Expression:
        return expression_of(self._value)

    def closed(self) -> ExactExpression:
        """Put in what the letters stand for.

        Returns
        -------
        ExactExpression
            Without letters, but for those of `given`.

        Raises
        ------
        ArgumentError
            If it were longer than 20,000 numbers and letters, or nested more than 200 deep.

        See Also
        --------
        ExactExpression.where : What the letters stand for.

        Notes
        -----
        What stands in several places is written in all of them: with every layer it is so many times longer.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1, 1], bias=False, seed=0)
        >>> net["W1"].weight, net["W2"].weight = 0.15, 0.4
        >>> print(net.exact(["1/2"], [1], symbols=True).gradient("W2").closed())
        ∂e/∂W2 = 2·(2/5/(1 + exp(−3/40)) − 1)·(1/(1 + exp(−3/40)))
        """
        expression = self._expression
        size, depth = self._legend.extent(expression)
        if size > _MOST_CLOSED or depth > _DEEPEST:
            raise ArgumentError(
                f"{self.name} would have {Count(size):,} numbers and letters with all letters put in, nested "
                f"{depth:,} deep. Take it with its letters (.where says what they are), or .source(), which calculates "
                "each of them once."
            )
        closed = self._legend.closed(expression)
        return ExactExpression(self._what, fraction_of(closed) if isinstance(closed, Number) else closed, self._legend)

    def latex(self) -> str:
        r"""Write it in LaTeX's mathematics, with what its letters stand for.

        Returns
        -------
        str
            An ``aligned`` environment, a line for each equation.

        See Also
        --------
        ExactExpression.formula : The same as plain text.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1, 1], bias=False, seed=0)
        >>> net["W1"].weight, net["W2"].weight = 0.15, 0.4
        >>> print(net.exact(["1/2"], [1], symbols=True).gradient("W2").latex())
        \begin{aligned}
        \frac{\partial e}{\partial W_{2}} &= 2 \cdot \left(O_{1} - 1\right) \cdot \mathit{HA}_{1}\\
        \mathit{HA}_{1} &= \frac{1}{1 + \exp\left(-\frac{3}{40}\right)}\\
        O_{1} &= \frac{2}{5} \cdot \mathit{HA}_{1}
        \end{aligned}
        """
        writer = ExactLatex()
        lines = [
            f"{letter_latex(each._what)} &= {writer.write(each._expression)[0]}"
            for each in (self, *self.where.values())
        ]
        return "\\begin{aligned}\n" + "\\\\\n".join(lines) + "\n\\end{aligned}"

    def source(self) -> str:
        """Write a program that calculates it in floats.

        Returns
        -------
        str
            Python that needs nothing but `math`: each letter once, and at the end ``result``. Letters of `given` come
            first, to be set to other numbers.

        See Also
        --------
        ExactExpression.sympy : For more digits than a float has.

        Notes
        -----
        It is calculated as it is written: exp of what is above 709 raises an OverflowError.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1, 1], bias=False, seed=0)
        >>> net["W1"].weight, net["W2"].weight = 0.15, 0.4
        >>> print(net.exact(["1/2"], [1], symbols=True).gradient("W2").source())
        from math import exp
        <BLANKLINE>
        HA1 = 1/(1 + exp(-3/40))
        O1 = 2/5*HA1
        result = 2*(O1 - 1)*HA1
        """
        return program.source(self._legend, self._expression)

    def sympy(self, *, letters: bool = False) -> Any:
        """Return it as an expression of SymPy, in exact rational numbers.

        Parameters
        ----------
        letters : bool
            Whether letters stay letters; else what they stand for is put in, and only those of `given` stay.

        Returns
        -------
        sympy.Expr
            Letters are real symbols.

        Raises
        ------
        MissingExtraError
            Without SymPy: it is the extra "sympy".
        ArgumentError
            If `letters` is no truth value; or if, with all letters put in, it were nested more than 200 deep.

        See Also
        --------
        ExactExpression.closed : Put the letters in, and stay with nodesim.

        Examples
        --------
        >>> import nodesim as ns
        >>> net = ns.Network.layered([1, 1, 1], bias=False, seed=0)
        >>> net["W1"].weight, net["W2"].weight = 0.15, 0.4
        >>> net.exact(["1/2"], [1], symbols=True).gradient("W2").sympy().evalf(30)
        -0.822208472516157597101401234446
        """
        if not flag(letters, "letters") and self._legend.extent(self._expression)[1] > _DEEPEST:
            raise ArgumentError(
                f"{self.name} with all letters put in is nested too deeply for SymPy. Ask for .sympy(letters=True), "
                "and for the letters in .where likewise."
            )
        return sympy_form.converted(self._legend, self._expression, letters=letters)

    def __float__(self) -> float:
        legend = self._legend
        known: dict[str, Any] = {name: _float(value) for name, value in self.given.items()}
        with np.errstate(all="ignore"):
            for name in legend.needed(self._expression):
                if name in legend.defined:
                    known[name] = _calculated(legend.defined[name], known)
            return _calculated(self._expression, known)

    def __eq__(self, other: object) -> bool:
        """Whether both are written alike, once their letters are put in; or it is this very fraction."""
        if isinstance(other, ExactExpression):
            return self._whole == other._whole
        return self._value == other if isinstance(other, Fraction | int) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._value if isinstance(self._value, Fraction) else self._whole)

    @property
    def _whole(self) -> tuple[Any, ...]:
        """All that it says: itself, and what its letters stand for."""
        legend = self._legend
        needed = legend.needed(self._expression)
        return self._expression, *((name, legend.defined.get(name, legend.given.get(name))) for name in needed)

    def _lines(self) -> list[str]:
        given = [f"{shown(name)} = {readable(value)}" for name, value in self.given.items()]
        first, *where = [f"{shown(each.name)} = {readable(each._value)}" for each in (self, *self.where.values())]
        return [first, *(["where"] if given or where else []), *(f"  {line}" for line in (*given, *where))]

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def __repr__(self) -> str:
        near = decimal(self.fraction, 6) if self.fraction is not None else number(float(self))
        return shown(f"<exact {self.name} {'=' if self.fraction is not None else '≈'} {near}>")

    def _repr_html_(self) -> str:
        return markup.written(str(self))


def _float(value: Fraction) -> Any:
    """Return the nearest float, of NumPy: its operations end in infinity, and raise nothing."""
    try:
        return np.float64(value)
    except OverflowError:
        return np.float64(math.inf if value > 0 else -math.inf)


def _calculated(expression: Expression, known: Mapping[str, Any]) -> float:
    """Calculate an expression in floats."""

    def in_floats(part: Expression) -> Expression | None:
        match part:
            case Number():
                return Number(_float(fraction_of(part)))
            case Symbol() | Partial() if part.name in known:
                return Number(np.float64(known[part.name]))
        return None

    return float(evaluate(transform(expression, in_floats)))
