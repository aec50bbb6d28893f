"""Expressions in MathML Core, which browsers set without a script: fractions, indices, brackets that grow."""

from __future__ import annotations

import re

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
from nodesim.notation.printing import ATOM, COMPARISON, POWER, PRODUCT, SIGNED, SUM, Writer
from nodesim.notation.symbols import DOT, MINUS, bracketed, number
from nodesim.showing import in_html, in_markup, shown
from nodesim.wording.language import ENGLISH, Language

_SIGNS = {"<": "&lt;", ">": "&gt;", "<=": "≤", ">=": "≥"}
_PREFIX, _POSTFIX = (f'form="{form}" lspace="0em" rspace="0em"' for form in ("prefix", "postfix"))
_HIGH = ("<mfrac>", "<mtable", "<msup>")
# Names of more letters may be broken.
_LONG = 12
# What is numbered as in the article, at a step in time or in an update: W12, HA1[3], W1(k+1).
_NUMBERED = re.compile(r"([A-Za-z]+)(\d+)(\[-?\d+\])?(\(k(?:\+1)?\))?\Z", re.ASCII)


def bracket_pair(high: str = "") -> tuple[str, str]:
    """Return brackets, so high at least, or as high as a line.

    Examples
    --------
    >>> bracket_pair()[0]
    '<mo form="prefix" lspace="0em" rspace="0em" stretchy="false">(</mo>'
    """
    size = f'minsize="{high}"' if high else 'stretchy="false"'
    return tuple(f"<mo {form} {size}>{sign}</mo>" for form, sign in ((_PREFIX, "("), (_POSTFIX, ")")))  # type: ignore[return-value]


def in_brackets(written: str) -> str:
    """Put brackets around what is written; they grow with what is higher than a line.

    Examples
    --------
    >>> in_brackets("<mi>k</mi>").count('stretchy="false"')
    2
    """
    opening, closing = bracket_pair("1em" if any(high in written for high in _HIGH) else "")
    return f"<mrow>{opening}{written}{closing}</mrow>"


_UPDATES = {
    None: "",
    "(k)": in_brackets("<mi>k</mi>"),
    "(k+1)": in_brackets('<mi>k</mi><mo form="infix">+</mo><mn>1</mn>'),
}


def mathml(
    expression: Expression, digits: int | None = None, *, numbers: bool = False, language: Language = ENGLISH
) -> str:
    """Write an expression.

    Parameters
    ----------
    expression : Expression
    digits : int, optional
        Significant digits of the numbers; by default as many as it takes to lose nothing.
    numbers : bool
        Whether symbols that have one value are written as that number.
    language : Language
        Whose decimal sign and words are written.

    Examples
    --------
    >>> from nodesim.notation.syntax import parse
    >>> print(mathml(parse("0.5 * W1")))
    <math><mn>0.5</mn><mo form="infix">·</mo><msub><mi>W</mi><mn>1</mn></msub></math>
    """
    return in_math(MathML(digits, numbers=numbers, language=language).write(expression)[0])


def in_math(written: str) -> str:
    """Return what a `MathML` has written as an element that stands in a page.

    Examples
    --------
    >>> in_math("<mi>e</mi>")
    '<math><mi>e</mi></math>'
    """
    return f"<math>{written}</math>"


def math_name(name: str) -> str:
    """Write a name: the number or the name in brackets as an index.

    Examples
    --------
    >>> print(math_name("W12"), math_name("HA[gate]"), math_name("width"))
    <msub><mi>W</mi><mn>12</mn></msub> <msub><mi class="n">HA</mi><mtext>gate</mtext></msub> <mtext>width</mtext>
    """
    if (numbered := _NUMBERED.match(name)) is not None:
        index = f"<msub>{_letters(numbered[1])}<mn>{numbered[2]}</mn></msub>"
        step = f"<mtext>{numbered[3]}</mtext>" if numbered[3] else ""
        return f"<mrow>{index}{step}{_UPDATES[numbered[4]]}</mrow>" if step or numbered[4] else index
    if (named := bracketed(name)) is not None:
        return f"<msub>{_letters(named[0])}{_words(named[1])}</msub>"
    return _letters(name) if len(name) == 1 and name.isalpha() else _words(name)


def _letters(letters: str) -> str:
    # One letter leans by itself, several have to be told to, by the page's style.
    return f"<mi>{in_markup(letters)}</mi>" if len(letters) == 1 else f'<mi class="n">{in_markup(letters)}</mi>'


def _words(name: str) -> str:
    written = in_html(shown(name))
    if len(written) > _LONG:
        # What stands in a span may be broken into lines, by the page's style.
        return f"<mtext><span>{written}</span></mtext>"
    # No-break spaces: MathML drops those at its ends, and makes one of several.
    return f"<mtext>{written.replace(' ', '&#160;')}</mtext>"


class MathML(Writer):
    """Writes expressions as the content of a `math` element; see `mathml`."""

    # Their forms are said: where a sign stands in its row does not tell what it is, on which the gaps beside it depend.
    minus, dot = f'<mo form="prefix" lspace="0em" rspace="0em">{MINUS}</mo>', f'<mo form="infix">{DOT}</mo>'
    brackets = ("(", ")")

    def __init__(self, digits: int | None = None, *, numbers: bool = False, language: Language = ENGLISH) -> None:
        super().__init__(digits, numbers=numbers)
        self.language = language

    def form(self, expression: Expression) -> tuple[str, int]:
        """Write an expression as it is."""
        match expression:
            case Number(value):
                return self._number(value)
            case Symbol(name):
                return math_name(name), ATOM
            case Partial(numerator, denominator):
                over, under = (f"<mrow><mo>∂</mo>{math_name(name)}</mrow>" for name in (numerator, denominator))
                return f"<mfrac>{over}{under}</mfrac>", POWER
            case Sum(terms):
                return self.sum(terms)
            case Product(factors):
                return self.product(factors)
            case Quotient(over, under):
                return self._quotient(over, under)
            case Power(base, exponent):
                return f"<msup>{_row(self.within(base, ATOM))}{_row(self.write(exponent)[0])}</msup>", POWER
            case Negative(term):
                return f"{self.minus}{self.within(term, PRODUCT)}", SIGNED
            case Comparison(left, sign, right):
                return f"{self.within(left, SUM)}<mo>{_SIGNS[sign]}</mo>{self.within(right, SUM)}", COMPARISON
            case Call(function, arguments):
                return self._call(function, [self.write(argument)[0] for argument in arguments]), ATOM

    def sum(self, terms: tuple[Expression, ...]) -> tuple[str, int]:
        """Write a sum; what has a minus is subtracted."""
        written, _ = self.write(terms[0])
        for term in terms[1:]:
            more, level = self.write(term)
            sign, more = (MINUS, more.removeprefix(self.minus)) if level == SIGNED else ("+", more)
            written += f'<mo form="infix">{sign}</mo>{more if level > COMPARISON else in_brackets(more)}'
        return written, SUM

    def _bracketed(self, written: str) -> str:
        return in_brackets(written)

    def _number(self, value: float) -> tuple[str, int]:
        mantissa, _, exponent = number(value, self.digits).partition("e")
        written = f"<mn>{self.language.number(mantissa.removeprefix(MINUS))}</mn>"
        if exponent:
            power = self._number(float(exponent))[0]
            written += f'<mo form="infix">×</mo><msup><mn>10</mn>{_row(power)}</msup>'
        if mantissa.startswith(MINUS):
            return self.minus + written, SIGNED
        return written, PRODUCT if exponent else ATOM

    def _quotient(self, over: Expression, under: Expression) -> tuple[str, int]:
        # The minus of a fraction stands before it.
        above, sign = (over.term, self.minus) if isinstance(over, Negative) else (over, "")
        fraction = f"<mfrac>{_row(self.write(above)[0])}{_row(self.write(under)[0])}</mfrac>"
        return sign + fraction, SIGNED if sign else POWER

    def _call(self, function: str, arguments: list[str]) -> str:
        match function, arguments:
            case "abs", [inner]:
                return f'<mrow><mo form="prefix">|</mo>{inner}<mo form="postfix">|</mo></mrow>'
            case "sqrt", [inner]:
                return f"<msqrt>{inner}</msqrt>"
            case "where", [condition, then, otherwise]:
                word = f"<mtext>{in_html(self.language.say('otherwise'))}</mtext>"
                rows = _cells(then, condition) + _cells(otherwise, word)
                return f'<mrow><mo form="prefix">{{</mo><mtable class="cases">{rows}</mtable></mrow>'
        return f"<mrow>{_function(function)}{in_brackets('<mo>,</mo>'.join(arguments))}</mrow>"


def _cells(*cells: str) -> str:
    return f"<mtr>{''.join(f'<mtd>{cell}</mtd>' for cell in cells)}</mtr>"


def _function(name: str) -> str:
    plain = name.isalpha() and name.isascii() and 1 < len(name) <= _LONG
    return f"<mi>{name}</mi>" if plain else math_name(name)


def _row(written: str) -> str:
    # What has several parts stands together where the element takes a fixed number of them.
    return f"<mrow>{written}</mrow>"
