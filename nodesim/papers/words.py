"""What every writer of papers says the same way: the title of a key, and answers in a language."""

from __future__ import annotations

from nodesim.notation.symbols import MINUS
from nodesim.papers.blocks import Blank, Paper
from nodesim.wording.language import Language


def heading_of(paper: Paper, filled: bool) -> str:
    """Return the title of a paper, that of a key marked as one.

    Examples
    --------
    >>> heading_of(Paper("Backpropagation by hand", ()), True)
    'Key: Backpropagation by hand'
    """
    return paper.language.say("Key: {title}", title=paper.title) if filled else paper.title


def answer_of(blank: Blank, language: Language) -> str:
    """Return what belongs into a blank as it is written in a language: numbers with its decimal sign, or a dash.

    Examples
    --------
    >>> answer_of(Blank("H1", "-0.5"), Language("de", "Deutsch", ",", {}))
    '−0,5'
    """
    if not blank.answer:
        return "\N{EN DASH}"
    if blank.kind != "number":
        return blank.answer
    return language.number(blank.answer).replace("-", MINUS)
