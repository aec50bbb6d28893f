"""Papers as Markdown that GitHub, Jupyter and pandoc read: formulas between dollars, pictures as files beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nodesim.notation.expressions import Expression
from nodesim.papers.blocks import (
    Blank,
    Block,
    Code,
    Equation,
    Figure,
    Heading,
    Inline,
    Items,
    Line,
    Math,
    Paper,
    Paragraph,
    Strong,
    Table,
)
from nodesim.papers.breaking import Breaker
from nodesim.papers.latex_pieces import SIGNS, PaperLatex
from nodesim.papers.words import answer_of, heading_of
from nodesim.showing import shown, shown_lines
from nodesim.wording.language import Language

_ROOM = {"number": 8, "path": 24}
_ESCAPED = re.compile(r"([\\`*_{}\[\]<>#|$~!&])")
# What would begin a list, at the start of a paragraph.
_LISTS = re.compile(r"^(\s*\d*)([-+.)])(?=\s|$)")
# Words in a formula: a bar among them would end a cell of a table.
_WORDS = re.compile(r"\\text\{([^{}]*)\}")
_TICKS = re.compile(r"`+")


def written(
    papers: Paper | Sequence[Paper], *, filled: bool = False, size: str = "a4", name: str = "sheet"
) -> tuple[str, dict[str, bytes]]:
    """Write papers as Markdown.

    Parameters
    ----------
    papers : Paper or sequence of Paper
    filled : bool
        Whether the answers stand in the blanks: the key.
    size : {"a4", "letter"}
        Nothing that Markdown knows of; the same for all writers.
    name : str
        Of the file, without its ending: pictures lie in a folder beside it that is called after it.

    Returns
    -------
    text : str
    files : dict of str to bytes
        Pictures, by their paths beside the text.
    """
    pictures: dict[str, bytes] = {}
    several = [papers] if isinstance(papers, Paper) else list(papers)
    pages = [_Page(paper, filled, name, pictures).written() for paper in several]
    return "\n\n---\n\n".join(pages) + "\n", pictures


def plain(words: str) -> str:
    r"""Return words that Markdown takes for nothing else.

    Examples
    --------
    >>> print(plain("a_b* <1>"))
    a\_b\* \<1\>
    """
    return _ESCAPED.sub(r"\\\1", shown(words))


def begun(line: str) -> str:
    r"""Return a line that begins no list where it stands first: in a paragraph, or an item of a list.

    Examples
    --------
    >>> print(begun(plain("1. Forward")), begun(plain("- 5")), begun("2.5"))
    1\. Forward \- 5 2.5
    """
    return _LISTS.sub(r"\1\\\2", line)


def without_bars(latex: str) -> str:
    r"""Return a formula whose bars are commands: in a table of Markdown a bar is the end of a cell.

    Examples
    --------
    >>> print(without_bars(r"\left|x\right|"), without_bars(r"\text{a|b}"))
    \left\vert x\right\vert  \text{a}\vert \text{b}
    """
    split = _WORDS.sub(lambda found: found[0].replace("|", r"}\vert \text{"), latex)
    return split.replace("|", r"\vert ")


def verbatim(words: str) -> str:
    """Return words in the type of code, as they are.

    Examples
    --------
    >>> print(verbatim("a`b"), verbatim("W1"))
    `` a`b `` `W1`
    """
    ticks = [len(found) for found in _TICKS.findall(words)]
    fence = "`" * (max(ticks, default=0) + 1)
    space = " " if ticks else ""
    return f"{fence}{space}{shown(words)}{space}{fence}"


class _Page:
    """Writes one paper."""

    def __init__(self, paper: Paper, filled: bool, name: str, pictures: dict[str, bytes]) -> None:
        self.paper = paper
        self.filled = filled
        self.name = name
        self.pictures = pictures
        self.language: Language = paper.language

    def written(self) -> str:
        """Return the paper."""
        pieces = [f"# {plain(heading_of(self.paper, self.filled))}"]
        if self.paper.blanks() and not self.filled:
            pieces.append(
                f"**{plain(self.language.say('Name'))}** {'_' * 30} **{plain(self.language.say('Date'))}** {'_' * 12}"
            )
        pieces += map(self._block, self.paper.blocks)
        if self.paper.note:
            pieces.append(f"<sub>{plain(self.paper.note)}</sub>")
        return "\n\n".join(pieces)

    def _block(self, block: Block) -> str:
        match block:
            case Heading(words, level):
                return f"{'#' * min(max(level, 2), 6)} {plain(words)}"
            case Paragraph(line):
                return begun(self._line(line))
            case Equation():
                return self._equation(block)
            case Table():
                return self._table(block)
            case Items(items, numbered):
                return "\n".join(
                    f"{'   ' * depth}{'1.' if numbered else '-'} {begun(self._line(line))}" for depth, line in items
                )
            case Figure():
                return self._figure(block)
            case Code(text):
                ticks = max((len(found) for found in _TICKS.findall(text)), default=0)
                fence = "`" * max(3, ticks + 1)
                return f"{fence}python\n{shown_lines(text)}\n{fence}"

    # ---- within a line ---------------------------------------------------------------------------------------

    def _line(self, line: Line) -> str:
        return "".join(map(self._inline, line))

    def _inline(self, inline: Inline) -> str:
        match inline:
            case str():
                return plain(inline)
            case Strong(words):
                return f"**{plain(words)}**"
            case Blank():
                return self._blank(inline)
            case Math():
                return f"${without_bars(self._latex(inline).write(inline.expression)[0])}$"

    def _latex(self, math: Math) -> PaperLatex:
        return PaperLatex(math.digits, numbers=math.numbers, language=self.language)

    def _blank(self, blank: Blank) -> str:
        name = f"({verbatim(blank.caption)})"
        if blank.kind == "choice":
            right = blank.answer if self.filled else None
            choices = [
                f"&#9746;&nbsp;**{plain(each)}**" if each == right else f"&#9744;&nbsp;{plain(each)}"
                for each in blank.choices
            ]
            return f"{' '.join(choices)} {name}"
        if self.filled:
            return f"**{plain(answer_of(blank, self.language))}** {name}"
        return f"{'_' * _ROOM[blank.kind]} {name}"

    # ---- blocks ----------------------------------------------------------------------------------------------

    def _equation(self, equation: Equation) -> str:
        lines = []
        for place, (sign, math) in enumerate(equation.rights):
            writer = self._latex(math)
            rows = [
                r"\quad " * row.depth + " ".join(row.pieces) for row in Breaker(writer, SIGNS).rows(math.expression)
            ]
            left = self._left(equation.left) if place == 0 else ""
            lines += [f"{left} &{_sign(sign)} {rows[0]}", *(f"&\\quad {row}" for row in rows[1:])]
        body = " \\\\\n".join(lines)
        return f"$$\n\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n$$"

    def _left(self, left: Expression) -> str:
        return PaperLatex(language=self.language).write(left)[0]

    def _table(self, table: Table) -> str:
        rows = [[self._line(cell) for cell in row] for row in table.rows]
        lines = ["| " + " | ".join(each.replace("\n", " ") for each in row) + " |" for row in rows]
        heads = [f"| {' | '.join(map(plain, table.heads))} |", "|" + " --- |" * len(table.heads)]
        caption = [begun(plain(table.caption)), ""] if table.caption else []
        return "\n".join([*caption, *heads, *lines])

    def _figure(self, figure: Figure) -> str:
        path = f"{self.name}_files/{len(self.pictures) + 1}.svg"
        self.pictures[path] = f"{figure.drawing.svg}\n".encode()
        image = f"![{plain(figure.drawing.description)}](<{path}>)"
        return f"{image}\n\n*{plain(figure.caption)}*" if figure.caption else image


def _sign(sign: str) -> str:
    return {"≈": r"\approx", "→": r"\rightarrow"}.get(sign, sign)
