"""What every writer of papers says the same way: the title of a key, and answers in a language."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from nodesim.notation.symbols import MINUS
from nodesim.papers.blocks import Blank, Inline, Line, Math, Paper
from nodesim.wording.language import Language

_RELATIONS = ("= ", "≈ ")


def parted(line: Line) -> Iterator[tuple[Inline, bool]]:
    """Yield what a line is made of, and whether the formula behind it stays on its line: that behind = or ≈ does.

    Where it stays, the space before it is left out: each writer has its own that is not broken.

    Examples
    --------
    >>> from nodesim.notation.expressions import Symbol
    >>> list(parted(("is = ", Math(Symbol("a")), " here")))[0]
    ('is =', True)
    """
    for inline, after in zip_longest(line, line[1:]):
        if isinstance(inline, str) and isinstance(after, Math) and inline.endswith(_RELATIONS):
            yield inline[:-1], True
        else:
            yield inline, False


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
