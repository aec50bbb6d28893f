"""Equations in LaTeX over several lines, the brackets labelled by layer.

References
----------
Article, section 5.
"""

from __future__ import annotations

from itertools import groupby

from nodesim.derivation.text_lines import layer_of
from nodesim.notation.expressions import Expression, Product, Sum
from nodesim.notation.latex import Latex
from nodesim.notation.printing import POWER, SIGNED

# Room between rows of fractions. An empty group: a sign at the start of a row then stands between two terms.
_NEXT = "\\\\[0.4em]\n"
_BREAK = _NEXT + "&\\quad {} "


def aligned_latex(left: str, rights: list[tuple[str, str]]) -> str:
    r"""Put ``left = right = right ...`` under one another.

    Parameters
    ----------
    left : str
    rights : list of pair of str
        The sign, = or \approx, and what stands behind it.
    """
    lines = [f"{left if index == 0 else ''} &{sign} {right}" for index, (sign, right) in enumerate(rights)]
    return "\\begin{aligned}\n" + _NEXT.join(lines) + "\n\\end{aligned}"


class LatexLines:
    """Writes sums over several lines, and nested brackets with their layers.

    Parameters
    ----------
    writer : Latex
        Writes the pieces.
    """

    def __init__(self, writer: Latex) -> None:
        self.writer = writer

    def terms(self, expression: Expression, each: int = 1) -> str:
        """Write a sum with so many terms a line."""
        parts = expression.terms if isinstance(expression, Sum) else (expression,)
        written = [self._signed(*self.writer.write(part), index) for index, part in enumerate(parts)]
        rows = [" ".join(written[start : start + each]) for start in range(0, len(written), each)]
        return _BREAK.join(rows)

    def brackets(self, expression: Expression, depth: int = 0) -> str:
        """Write nested brackets; sums that hold brackets are broken before their signs."""
        if isinstance(expression, Sum):
            parts = [
                self._signed(self.brackets(part, depth + 1), self._level(part), index)
                for index, part in enumerate(expression.terms)
            ]
            return (_BREAK if any(map(_has_brackets, expression.terms)) else " ").join(parts)
        factors = expression.factors if isinstance(expression, Product) else (expression,)
        pieces = []
        if isinstance(factors[0], Sum):
            pieces.append(self._bracketed(factors[0], depth))
            factors = factors[1:]
        for layer, group in groupby(factors, key=layer_of):
            written = self._factors(list(group), leading=not pieces)
            pieces.append(_labelled(written, layer))
        return r" \cdot ".join(pieces)

    def _bracketed(self, inner: Sum, depth: int) -> str:
        opening, closing = (r"\Bigl[", r"\Bigr]") if depth == 0 else (r"\Bigl(", r"\Bigr)")
        layers = {layer_of(factor) for term in inner.terms for factor in _factors_of(term)}
        if len(layers) > 1 or any(map(_has_brackets, inner.terms)):
            return f"{opening} {self.brackets(inner, depth)} {closing}"
        return _labelled(f"{opening} {self.writer.write(inner)[0]} {closing}", layers.pop())

    def _factors(self, factors: list[Expression], *, leading: bool) -> str:
        if leading:
            return self.writer.write(Product(tuple(factors)))[0]
        return r" \cdot ".join(self.writer.within(factor, POWER) for factor in factors)

    def _level(self, expression: Expression) -> int:
        # What a label stands under keeps its own minus.
        return POWER if layer_of(_factors_of(expression)[-1]) else self.writer.write(expression)[1]

    def _signed(self, written: str, level: int, index: int) -> str:
        if index == 0:
            return written
        return f"- {written.removeprefix('-')}" if level == SIGNED else f"+ {written}"


def _factors_of(expression: Expression) -> tuple[Expression, ...]:
    return expression.factors if isinstance(expression, Product) else (expression,)


def _has_brackets(expression: Expression) -> bool:
    return isinstance(_factors_of(expression)[0], Sum)


def _labelled(written: str, layer: str) -> str:
    return rf"\underbrace{{{written}}}_{{\text{{{layer}}}}}" if layer else written
