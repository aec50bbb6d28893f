"""Formulas in LaTeX as papers write them: in a language, and in pieces between which long ones are broken."""

from __future__ import annotations

import re

from nodesim.notation.expressions import Call, Expression, Number, Symbol
from nodesim.notation.latex import Latex
from nodesim.notation.symbols import latex_name
from nodesim.papers.breaking import Signs
from nodesim.wording.language import ENGLISH, Language

# Signs at the edge of a piece have something beside them, else they would stand as close as those of one number.
SIGNS = Signs("{} + ", "{} - ", r"{} \cdot ", "(", ")", r"\Bigl( ", r" \Bigr)")
# A weight of an update: W1(k+1).
_UPDATED = re.compile(r"(.*)(\(k(?:\+1)?\))\Z", re.DOTALL)


class PaperLatex(Latex):
    """Writes expressions as LaTeX with the decimal sign and words of a language."""

    def __init__(self, digits: int | None = None, *, numbers: bool = False, language: Language = ENGLISH) -> None:
        super().__init__(digits, numbers=numbers)
        self.language = language

    def form(self, expression: Expression) -> tuple[str, int]:
        """Write an expression as it is."""
        written, level = super().form(expression)
        match expression:
            case Number():
                # A comma by itself would be followed by a gap, as in lists.
                decimal = self.language.decimal
                return self.language.number(written).replace(
                    decimal, f"{{{decimal}}}" if decimal != "." else "."
                ), level
            case Symbol(name) if (updated := _UPDATED.match(name)) is not None:
                return latex_name(updated[1]) + updated[2], level
            case Call("where"):
                return written.replace(r"\text{otherwise}", rf"\text{{{self.language.say('otherwise')}}}"), level
        return written, level
