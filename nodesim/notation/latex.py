"""Expressions in LaTeX's mathematics."""

from __future__ import annotations

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
from nodesim.notation.printing import ATOM, COMPARISON, POWER, PRODUCT, SIGNED, Writer
from nodesim.notation.symbols import latex_name, latex_number, latex_partial

_SIGNS = {"<": r"\lt ", ">": r"\gt ", "<=": r"\le ", ">=": r"\ge "}
_KNOWN = {"exp", "log", "sin", "cos", "tanh", "cosh", "max", "min"}


def latex(expression: Expression, digits: int | None = None, *, numbers: bool = False) -> str:
    r"""Write an expression.

    Parameters
    ----------
    expression : Expression
    digits : int, optional
        Significant digits of the numbers; by default as many as it takes to lose nothing.
    numbers : bool
        Whether symbols that have one value are written as that number.

    Examples
    --------
    >>> from nodesim.notation.syntax import parse
    >>> print(latex(parse("-2 / n * (y - a)")))
    -\frac{2}{n} \cdot \left(y - a\right)
    """
    return Latex(digits, numbers=numbers).write(expression)[0]


class Latex(Writer):
    """Writes expressions as LaTeX; see `latex`."""

    minus, dot, brackets = "-", r" \cdot ", (r"\left(", r"\right)")

    def form(self, expression: Expression) -> tuple[str, int]:
        """Write an expression as it is."""
        match expression:
            case Number(value):
                written = latex_number(value, self.digits)
                return written, SIGNED if written.startswith("-") else PRODUCT if "times" in written else ATOM
            case Symbol(name):
                return (r"\pi" if name == "π" else latex_name(name)), ATOM
            case Partial(numerator, denominator):
                return latex_partial(numerator, denominator), POWER
            case Sum(terms):
                return self.sum(terms)
            case Product(factors):
                return self.product(factors)
            case Quotient(over, under):
                return self._quotient(over, under)
            case Power(base, exponent):
                return f"{self.within(base, ATOM)}^{{{self.write(exponent)[0]}}}", POWER
            case Negative(term):
                return f"-{self.within(term, PRODUCT)}", SIGNED
            case Comparison(left, sign, right):
                return f"{self.write(left)[0]} {_SIGNS[sign]}{self.write(right)[0]}", COMPARISON
            case Call(function, arguments):
                return self._call(function, [self.write(argument)[0] for argument in arguments]), ATOM

    def _quotient(self, over: Expression, under: Expression) -> tuple[str, int]:
        # The minus of a fraction stands before it.
        above, sign = (over.term, "-") if isinstance(over, Negative) else (over, "")
        return rf"{sign}\frac{{{self.write(above)[0]}}}{{{self.write(under)[0]}}}", SIGNED if sign else POWER

    def _call(self, function: str, arguments: list[str]) -> str:
        match function, arguments:
            case "abs", [inner]:
                return rf"\left|{inner}\right|"
            case "sqrt", [inner]:
                return rf"\sqrt{{{inner}}}"
            case "where", [condition, then, otherwise]:
                return rf"\begin{{cases}}{then} & {condition}\\ {otherwise} & \text{{otherwise}}\end{{cases}}"
        plain = function.isalpha() and function.isascii()
        name = (
            rf"\{function}"
            if function in _KNOWN
            else rf"\operatorname{{{function}}}"
            if plain
            else latex_name(function)
        )
        return rf"{name}\left({', '.join(arguments)}\right)"
