"""Fractions and exact expressions as they are written: text, LaTeX, and Python's own arithmetic."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from decimal import Context, Decimal
from fractions import Fraction

from nodesim.exact.values import Value, fraction_of
from nodesim.notation.expressions import Call, Comparison, Expression, Number, Partial, Power, Symbol
from nodesim.notation.latex import Latex
from nodesim.notation.printing import ATOM, COMPARISON, POWER, PRODUCT, SIGNED
from nodesim.notation.symbols import DOT, MINUS, latex_name, latex_partial, number, partial
from nodesim.notation.text import Text

# What is longer is shortened where it is shown; `written` never shortens.
_LONG, _ENDS, _SHORTENED = 40, 8, 1
_SAMPLE = re.compile(r"(.+)\((\d+)\)\Z", re.DOTALL)
_DECIMALS = Context(prec=30)


def whole(value: int) -> str:
    """Write a whole number, whatever its length: Python itself refuses to from 4,300 digits on."""
    return str(value) if value.bit_length() < 10_000 else f"{Decimal(value):f}"


def written(value: Fraction) -> str:
    """Write a fraction for programs, numerator and denominator.

    Examples
    --------
    >>> written(Fraction(-1, 2)), written(Fraction(2))
    ('-1/2', '2/1')
    """
    return f"{whole(value.numerator)}/{whole(value.denominator)}"


def readable(value: Value) -> str:
    """Write a value for a reader: long fractions by their ends, and how many digits they have.

    Examples
    --------
    >>> readable(Fraction(-1, 2)), readable(Fraction(2)), readable(Fraction(1, 7**60))
    ('−1/2', '2', '1/50802186...24836001 (51 digits)')
    """
    if not isinstance(value, Fraction):
        return ExactText(_SHORTENED).write(value)[0]
    sign = MINUS if value < 0 else ""
    above, below = _short(abs(value.numerator)), _short(value.denominator)
    return f"{sign}{above}" if value.denominator == 1 else f"{sign}{above}/{below}"


def _short(value: int) -> str:
    digits = whole(value)
    if len(digits) <= _LONG:
        return digits
    return f"{digits[:_ENDS]}...{digits[-_ENDS:]} ({len(digits):,} digits)"


def decimal(value: Fraction, digits: int = 10) -> str:
    """Write a fraction as a decimal of so many digits, also where no float is as large or as small.

    Examples
    --------
    >>> decimal(Fraction(1, 3)), decimal(Fraction(1, 10**400))
    ('0.3333333333', '1e-400')
    """
    try:
        near = float(value)
    except OverflowError:
        near = 0.0
    if near or not value:
        return number(near, digits)
    found = _DECIMALS.divide(Decimal(value.numerator), Decimal(value.denominator))
    return f"{found.normalize(Context(prec=digits)):g}".replace("-", MINUS, value < 0)


class ExactText(Text):
    """Writes exact expressions as Unicode text; `digits` other than None shortens long fractions."""

    def form(self, expression: Expression) -> tuple[str, int]:
        """Write an expression as it is."""
        match expression:
            case Number():
                value = fraction_of(expression)
                whole_form = written(value).removesuffix("/1").replace("-", MINUS)
                return whole_form if self.digits is None else readable(value), _level(value)
            case Partial(numerator, denominator):
                # 1/2·∂e/∂OA1 would be read as 1/2·∂e divided by ∂OA1, if it were not known for one sign.
                return partial(numerator, denominator), ATOM
        return super().form(expression)


def _level(value: Fraction) -> int:
    return SIGNED if value < 0 else ATOM if value.denominator == 1 else PRODUCT


class ExactLatex(Latex):
    """Writes exact expressions as LaTeX."""

    def form(self, expression: Expression) -> tuple[str, int]:
        """Write an expression as it is."""
        match expression:
            case Number():
                value = fraction_of(expression)
                sign, size = ("-", -value) if value < 0 else ("", value)
                above, below = whole(size.numerator), whole(size.denominator)
                level = SIGNED if sign else ATOM if size.denominator == 1 else POWER
                return f"{sign}{above}" if below == "1" else rf"{sign}\frac{{{above}}}{{{below}}}", level
            case Symbol(name) if name != "π":
                return letter_latex(expression), ATOM
            case Partial():
                return letter_latex(expression), POWER
        return super().form(expression)


def letter_latex(letter: Symbol | Partial) -> str:
    r"""Write a letter; that of one sample of several with the sample's number above.

    Examples
    --------
    >>> print(letter_latex(Symbol("HA1(2)")))
    \mathit{HA}_{1}^{(2)}
    """
    match = _SAMPLE.match(letter.denominator if isinstance(letter, Partial) else letter.name)
    above = f"^{{({match[2]})}}" if match else ""
    if isinstance(letter, Partial):
        names = [_SAMPLE.sub(r"\1", name) for name in (letter.numerator, letter.denominator)]
        found = latex_partial(*names)
        return rf"\left({found}\right){above}" if above else found
    return latex_name(match[1] if match else letter.name) + above


class Python(ExactText):
    """Writes exact expressions in Python's syntax; letters by the identifiers that are given for them."""

    def __init__(self, identifiers: Mapping[str, str]) -> None:
        super().__init__()
        self.identifiers = identifiers

    def form(self, expression: Expression) -> tuple[str, int]:
        """Write an expression as it is."""
        match expression:
            case Symbol("π"):
                return "pi", ATOM
            case Symbol() | Partial():
                return self.identifiers[expression.name], ATOM
            case Power(base, exponent):
                return f"{self.within(base, ATOM)}**{self.within(exponent, ATOM)}", POWER
            case Comparison(left, sign, right):
                # A comparison is a number, 1 or 0, as Python's own is.
                return f"{self.within(left, SIGNED)} {sign} {self.within(right, SIGNED)}", COMPARISON
            case Call("where", (condition, then, otherwise)):
                first, second, third = (self.within(each, SIGNED) for each in (then, condition, otherwise))
                return f"({first} if {second} else {third})", ATOM
            case Call("sign", (inner,)):
                u = self.write(inner)[0]
                return f"(({u} > 0) - ({u} < 0))", ATOM
        return super().form(expression)


_IN_PYTHON = str.maketrans({MINUS: "-", DOT: "*"})


def python(expression: Expression, identifiers: Mapping[str, str]) -> str:
    """Write an expression in Python's syntax.

    Examples
    --------
    >>> python(Power(Symbol("HA[gate]"), Number(2.0)), {"HA[gate]": "HA_gate"})
    'HA_gate**2'
    """
    return Python(identifiers).write(expression)[0].translate(_IN_PYTHON)


def identifiers(names: Iterable[str]) -> dict[str, str]:
    """Return for each name one that Python takes for a variable, no two of them alike.

    Examples
    --------
    >>> identifiers(["HA1", "HA[gate]", "HA[ gate]", "∂e/∂H1", "pi"])
    {'HA1': 'HA1', 'HA[gate]': 'HA_gate', 'HA[ gate]': 'HA_gate_2', '∂e/∂H1': 'de_dH1', 'pi': 'pi_'}
    """
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"[^0-9A-Za-z_]+", "_", name.replace("∂", "d")).strip("_") or "letter"
        if plain[0].isdigit() or keyword.iskeyword(plain) or plain in _TAKEN:
            plain = f"{plain}_" if not plain[0].isdigit() else f"letter_{plain}"
        own, times = plain, 1
        while own in found.values():
            times += 1
            own = f"{plain}_{times}"
        found[name] = own
    return found


# What a program of Python calls, or uses itself.
MATHEMATICS = (
    "asinh", "atan", "cos", "cosh", "erf", "exp", "expm1", "log", "log1p", "pi", "sin", "sinh", "sqrt", "tan", "tanh",
)  # fmt: skip
_TAKEN = {*MATHEMATICS, "abs", "max", "min", "result"}
