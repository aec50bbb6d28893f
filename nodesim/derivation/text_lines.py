"""Equations as text over several lines, broken where a mathematician would break them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby

from nodesim.notation.expressions import Expression, Partial, Product, Sum
from nodesim.notation.printing import POWER
from nodesim.notation.symbols import DOT, MINUS
from nodesim.notation.text import Text
from nodesim.notation.wrapping import columns, padded


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an equation.

    Attributes
    ----------
    text : str
    layer : str
        The name of the layer that its factors belong to.
    sign : str
        Plus or minus, if the line begins a further term.
    """

    text: str
    layer: str = ""
    sign: str = ""


def equation(left: str, rights: list[tuple[str, list[Line]]]) -> str:
    """Write ``left = right ≈ right ...`` with aligned signs; layers stand in a column behind.

    Examples
    --------
    >>> print(equation("a", [("=", [Line("b"), Line("c", sign="+")]), ("≈", [Line("3")])]))
    a = b
      + c
      ≈ 3
    """
    lines: list[tuple[str, str]] = []
    margin = " " * columns(left)
    for relation, right in rights:
        for index, line in enumerate(right):
            sign = relation if index == 0 else line.sign or " "
            lines.append((f"{margin if lines else left} {sign} {line.text}", line.layer))
    wide = max((columns(text) for text, layer in lines if layer), default=0)
    return "\n".join(f"{padded(text, wide)}   # {layer}" if layer else text for text, layer in lines)


class TextLines:
    """How expressions are laid out.

    Parameters
    ----------
    writer : Text
        Writes the pieces.
    width : int
        How long a line should be at most.
    """

    def __init__(self, writer: Text, width: int) -> None:
        self.writer = writer
        self.width = width

    def text(self, expression: Expression) -> str:
        """Write an expression on one line."""
        return self.writer.write(expression)[0]

    def terms(self, expression: Expression) -> list[Line]:
        """Write a sum with one term a line; long products are broken before a factor."""
        parts = expression.terms if isinstance(expression, Sum) else (expression,)
        return [line for index, part in enumerate(parts) for line in _term(self._product(part), index)]

    def running(self, expression: Expression) -> list[Line]:
        """Write a sum in as few lines as it needs, broken before a sign."""
        parts = expression.terms if isinstance(expression, Sum) else (expression,)
        lines: list[Line] = []
        for index, part in enumerate(parts):
            (line,) = _term([Line(self.text(part))], index)
            if lines and columns(lines[-1].text) + columns(line.text) + 3 <= self.width:
                lines[-1] = replace(lines[-1], text=f"{lines[-1].text} {line.sign} {line.text}")
            else:
                lines.append(line)
        return lines

    def brackets(self, expression: Expression, depth: int = 0) -> list[Line]:
        """Write nested brackets, one line for each group of factors of a layer; the outermost are square."""
        if isinstance(expression, Sum):
            parts = [self.brackets(part, depth + 1) for part in expression.terms]
            return [line for index, lines in enumerate(parts) for line in _term(lines, index)]
        factors = expression.factors if isinstance(expression, Product) else (expression,)
        lines, closing = [], ""
        if isinstance(factors[0], Sum):
            opening, closing = ("[", "]") if depth == 0 else ("(", ")")
            lines, factors = _opened(self.brackets(factors[0], depth), opening), factors[1:]
        for layer, group in groupby(factors, key=layer_of):
            written = self._factors(list(group), leading=not (lines or closing))
            lines.append(Line(closing + written, layer))
            closing = ""
        return lines

    def _factors(self, factors: list[Expression], *, leading: bool) -> str:
        if leading:
            return self.text(Product(tuple(factors)))
        return "".join(DOT + self.writer.within(factor, POWER) for factor in factors)

    def _product(self, expression: Expression) -> list[Line]:
        written = self.text(expression)
        lines, start = [], 0
        while len(written) - start > self.width and (cut := written.rfind(DOT, start + 1, start + self.width)) > 0:
            lines.append(Line(written[start:cut]))
            start = cut
        return [*lines, Line(written[start:])]


def layer_of(factor: Expression) -> str:
    """Return the name of the layer that a factor belongs to, if any."""
    return factor.layer if isinstance(factor, Partial) else ""


def _term(lines: list[Line], index: int) -> list[Line]:
    """Give the lines of a further term its sign; the first term keeps its minus."""
    first, *others = lines
    if index == 0:
        return lines
    sign, written = (MINUS, first.text[1:]) if first.text.startswith(MINUS) else ("+", first.text)
    return [replace(first, text=written, sign=sign), *others]


def _opened(lines: list[Line], opening: str) -> list[Line]:
    return [
        replace(line, text=f"{opening if index == 0 else line.sign or ' '} {line.text}", sign="")
        for index, line in enumerate(lines)
    ]
