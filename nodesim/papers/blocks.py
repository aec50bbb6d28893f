"""What a paper is made of: headings, paragraphs, formulas, tables, trees and pictures, whoever writes them down.

A blank is a place where a reader writes; a paper is written with its blanks empty, or filled: then it is the key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from nodesim.drawing.svg import Drawing
from nodesim.notation.expressions import Expression
from nodesim.wording.language import ENGLISH, Language


@dataclass(frozen=True)
class Math:
    """An expression within a line.

    Attributes
    ----------
    expression : Expression
    numbers : bool
        Whether symbols that have one value are written as that number.
    digits : int or None
        Significant digits of the numbers; None loses nothing.
    """

    expression: Expression
    numbers: bool = False
    digits: int | None = None


@dataclass(frozen=True)
class Strong:
    """Words that stand out."""

    words: str


@dataclass(frozen=True)
class Blank:
    """A place where a reader writes.

    Attributes
    ----------
    name : str
        By which its answer is known: H1, ∂e/∂W1, path 1.
    answer : str
        What belongs there, as the key shows it: a number with a decimal point, or words; "" where nothing does.
    kind : {"number", "path", "choice"}
    tolerance : str
        How far a number may be off, as a decimal: "0", or half a unit of the last digit asked for.
    choices : tuple of str
        Of a choice: what can be chosen, the answer among them.
    accepted : tuple of str
        Other ways to write the same answer.
    others : tuple of str
        Of a choice: words for what else can be chosen that are read, and not printed.
    label : str
        What a reader sees it called, in the paper's language; by default its name.
    """

    name: str
    answer: str
    kind: str = "number"
    tolerance: str = "0"
    choices: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    label: str = ""

    @property
    def caption(self) -> str:
        """What stands at it."""
        return self.label or self.name


Inline = str | Math | Strong | Blank
Line = tuple[Inline, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is that of the paper, 2 that of its parts."""

    words: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    line: Line


@dataclass(frozen=True)
class Equation:
    """An equation on lines of its own: its left side, then each sign with what stands behind it.

    Sums at the top are broken term by term where they are long; each further sign stands under the first.
    """

    left: Expression
    rights: tuple[tuple[str, Math], ...]


@dataclass(frozen=True)
class Table:
    """A table: heads of columns, rows with a line in each cell, and what stands above it."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    caption: str = ""


@dataclass(frozen=True)
class Items:
    """Lines under one another, each with its depth, 0 for the outermost: a list, or a tree."""

    items: tuple[tuple[int, Line], ...]
    numbered: bool = False


@dataclass(frozen=True)
class Figure:
    """A picture with its caption."""

    drawing: Drawing
    caption: str = ""


@dataclass(frozen=True)
class Code:
    """Python that a reader may run; in a notebook a cell of code, elsewhere a listing."""

    text: str


Block = Heading | Paragraph | Equation | Table | Items | Figure | Code


@dataclass(frozen=True)
class Paper:
    """A paper.

    Attributes
    ----------
    title : str
    blocks : sequence of Block
    language : Language
    note : str
        Small, at the foot or head: which sheet it is, and by which seed it is made again.
    """

    title: str
    blocks: Sequence[Block] = field(repr=False)
    language: Language = ENGLISH
    note: str = ""

    def blanks(self) -> list[Blank]:
        """Return the blanks in which something belongs, in order."""
        lines = (line for block in self.blocks for line in _lines(block))
        return [inline for line in lines for inline in line if isinstance(inline, Blank) and inline.answer]


def _lines(block: Block) -> list[Line]:
    match block:
        case Paragraph(line):
            return [line]
        case Items(items):
            return [line for _, line in items]
        case Table(_, rows):
            return [cell for row in rows for cell in row]
    return []
