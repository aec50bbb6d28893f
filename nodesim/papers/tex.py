"""Papers as a LaTeX document that pdflatex sets with what stands in every distribution of TeX."""

from __future__ import annotations

from collections.abc import Sequence

from nodesim.notation.tex_signs import in_tex, in_tex_math
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
from nodesim.papers.breaking import Breaker, Row, width
from nodesim.papers.latex_pieces import SIGNS, PaperLatex
from nodesim.papers.sheets import turned_scale, upright_scale
from nodesim.papers.tex_preamble import preamble, room_of
from nodesim.papers.tex_tables import column_widths, has_fraction, height_of
from nodesim.papers.words import answer_of, heading_of, parted
from nodesim.showing import shown_lines

_SIGNS = {"≈": r"\approx", "→": r"\rightarrow"}
# Formulas that may be wider than their place, in letters, are made to fit.
_WIDE = 24.0
_HEADINGS = {2: "subsection*", 3: "subsubsection*"}
# A pixel of a drawing in points of TeX.
_POINT = 0.75 * 72.27 / 72

# The height of a line, in points.
_LINE = 14.0
# A table of so many rows or fewer stays on one sheet.
_SMALL = 6


def written(papers: Paper | Sequence[Paper], *, filled: bool = False, size: str = "a4") -> str:
    """Write papers as one LaTeX document.

    Parameters
    ----------
    papers : Paper or sequence of Paper
        Each begins a sheet of its own, numbered from 1.
    filled : bool
        Whether the answers stand in the blanks: the key.
    size : {"a4", "letter"}
        Of the sheets.
    """
    several = [papers] if isinstance(papers, Paper) else list(papers)
    pages = "\n\\clearpage\n".join(_Page(paper, filled, size).written() for paper in several)
    return f"{preamble(size, several[0].language.code)}\n\\begin{{document}}\n{pages}\n\\end{{document}}\n"


class _Page:
    """Writes one paper."""

    def __init__(self, paper: Paper, filled: bool, size: str) -> None:
        self.paper = paper
        self.filled = filled
        self.size, self.room = size, room_of(size)
        self.language = paper.language

    def written(self) -> str:
        """Return the paper."""
        page = in_tex(self.language.say("Page {page}", page="\1")).replace(in_tex("\1"), r"\thepage{}")
        pieces = [
            rf"\setcounter{{page}}{{1}}\fancyfoot[L]{{\footnotesize {in_tex(self.paper.note)}}}"
            rf"\fancyfoot[R]{{\footnotesize {page}}}",
            rf"\papertitle{{{in_tex(heading_of(self.paper, self.filled))}}}",
        ]
        if self.paper.blanks() and not self.filled:
            pieces.append(rf"\who{{{in_tex(self.language.say('Name'))}}}{{{in_tex(self.language.say('Date'))}}}")
        blocks = self.paper.blocks
        for place, block in enumerate(blocks):
            # What a heading stands over has its room already; between the two no sheet ends.
            headed = place > 0 and isinstance(blocks[place - 1], Heading)
            pieces.append(("" if headed else self._together(blocks[place:])) + self._block(block))
        return "\n\n".join(pieces)

    def _block(self, block: Block) -> str:
        match block:
            case Heading(words, level):
                return rf"\{_HEADINGS.get(max(level, 2), 'paragraph*')}{{{in_tex(words)}}}"
            case Paragraph(line):
                return self._line(line)
            case Equation():
                return self._equation(block)
            case Table():
                return self._table(block)
            case Items():
                return self._items(block)
            case Figure():
                return self._figure(block)
            case Code(text):
                return self._code(text)

    def _code(self, text: str) -> str:
        lines = [r"\ ".join(map(in_tex, line.split(" "))) for line in shown_lines(text).split("\n")]
        return "{\\small\\ttfamily\\raggedright\n" + "\\\\\n".join(rf"\mbox{{}}{line}" for line in lines) + "\\par}"

    # ---- within a line ---------------------------------------------------------------------------------------

    def _line(self, line: Line) -> str:
        return "".join(self._inline(inline) + "~" * stays for inline, stays in parted(line))

    def _inline(self, inline: Inline) -> str:
        match inline:
            case str():
                return in_tex(inline)
            case Strong(words):
                return rf"\textbf{{{in_tex(words)}}}"
            case Blank():
                return self._blank(inline)
            case Math():
                return self._pieces([piece for row in self._rows(inline) for piece in row.pieces], inline)

    def _rows(self, math: Math) -> list[Row]:
        writer = PaperLatex(math.digits, numbers=math.numbers, language=self.language)
        return Breaker(writer, SIGNS).rows(math.expression)

    def _pieces(self, pieces: Sequence[str], math: Math) -> str:
        wide = width(math.expression, numbers=math.numbers, digits=math.digits) > _WIDE
        written = [rf"$\displaystyle {in_tex_math(piece)}$" for piece in pieces]
        # Names of several words may be wide, too.
        return r"\penalty100 ".join(rf"\fit{{{each}}}" if wide or r"\text{" in each else each for each in written)

    def _blank(self, blank: Blank) -> str:
        if blank.kind == "choice":
            return self._choice(blank)
        answer = in_tex(answer_of(blank, self.language)) if self.filled else ""
        least = "2.7cm" if blank.kind == "number" else "6.5cm"
        return rf"\room{{{least}}}{{{answer}}}{{{in_tex(blank.caption)}}}"

    def _choice(self, blank: Blank) -> str:
        pieces = []
        for choice in blank.choices:
            right = self.filled and choice == blank.answer
            words = rf"\textbf{{{in_tex(choice)}}}" if right else in_tex(choice)
            box = "ticked" if right else "unticked"
            pieces.append(rf"\{box}~{words}\quad")
        return rf"{' '.join(pieces)} {{\scriptsize ({in_tex(blank.caption)})}}"

    # ---- blocks ----------------------------------------------------------------------------------------------

    def _equation(self, equation: Equation) -> str:
        left = rf"$\displaystyle {in_tex_math(PaperLatex(language=self.language).write(equation.left)[0])}$"
        before = r"\usebox{\lefthand}"
        lines = [rf"\begin{{equations}}{{{left}}}"]
        for place, (sign, math) in enumerate(equation.rights):
            for index, row in enumerate(self._rows(math)):
                lead = (
                    rf"\leading{{{before if place == 0 else ''}}}{{{_SIGNS.get(sign, sign)}}}"
                    if index == 0
                    else r"\further"
                )
                lines.append(rf"{lead}{{{row.depth + (index > 0)}}}{{{self._pieces(row.pieces, math)}}}")
        return "\n".join([*lines, r"\end{equations}"])

    def _table(self, table: Table) -> str:
        widths = column_widths(table, self.room, self.language)
        columns = "".join(rf">{{\raggedright\arraybackslash}}p{{{wide:.1f}pt}}" for wide in widths)
        heads = " & ".join(rf"\textbf{{{in_tex(head)}}}" for head in table.heads)
        last = len(table.rows) - 1
        # Neither the first row nor the last stands alone, and a small table on one sheet.
        tied = range(last + 1) if last < _SMALL else (0, last - 1, last)
        rows = "\n".join(self._row(row, tied=place in tied) for place, row in enumerate(table.rows))
        caption = rf"\noindent {{\small {in_tex(table.caption)}}}\nopagebreak" + "\n" if table.caption else ""
        return (
            f"{caption}\\begin{{longtable}}[l]{{@{{}}{columns}@{{}}}}\n\\toprule\n{heads} \\\\ \\midrule\n\\endhead\n"
            f"{rows}\\bottomrule\n\\end{{longtable}}"
        )

    def _row(self, row: Sequence[Line], *, tied: bool) -> str:
        # Room to write is high enough by itself; fractions below one another are not to touch.
        blank = any(isinstance(inline, Blank) for cell in row for inline in cell)
        return (
            rf"{' & '.join(map(self._line, row))} \\{'*' if tied else ''} \addlinespace[{'1ex' if blank else '1.8ex'}]"
        )

    def _items(self, block: Items) -> str:
        kind = "enumerate" if block.numbered else "itemize"
        pieces, depth = [], 0
        for wanted, line in block.items:
            new = min(wanted + 1, depth + 1, 4)
            pieces += [rf"\begin{{{kind}}}"] * max(new - depth, 0) + [rf"\end{{{kind}}}"] * max(depth - new, 0)
            pieces.append(rf"\item {{}}{self._line(line)}")
            depth = new
        return "\n".join([*pieces, *[rf"\end{{{kind}}}"] * depth])

    def _figure(self, figure: Figure) -> str:
        caption = rf"\\*[1ex]{{\small {in_tex(figure.caption)}}}" if figure.caption else ""
        scale, turned = self._placed(figure)
        picture = rf"\scalebox{{{scale:.4f}}}{{{figure.drawing.tikz}}}"
        if turned:
            # It fills a sheet: what follows goes on before it, so that none stays empty.
            return f"\\begin{{figure}}[!tp]\\centering\n\\rotatebox{{90}}{{{picture}}}{caption}\n\\end{{figure}}"
        return f"{{\\centering\n{picture}{caption}\\par}}"

    def _placed(self, figure: Figure) -> tuple[float, bool]:
        """Return how many times as large a picture is, and whether it lies on its side."""
        size = figure.drawing.width * _POINT, figure.drawing.height * _POINT
        turned = turned_scale(*size, self.size)
        return (upright_scale(*size, self.size), False) if turned is None else (turned, True)

    # ---- what stays on one sheet ------------------------------------------------------------------------------

    def _together(self, blocks: Sequence[Block]) -> str:
        """Go to the next sheet where a heading, or words before a table, would stand alone at the end of this one."""
        need = self._need(blocks)
        return rf"\needroom{{{need:.0f}pt}}" if need > _LINE else ""

    def _need(self, blocks: Sequence[Block]) -> float:
        """Return how high that is, in points, that must stay on one sheet with the first of some blocks."""
        match blocks:
            case [Heading(), *rest]:
                return 3.0 * _LINE + self._need(rest)
            case [Paragraph(line), (Table() | Items() | Equation() | Figure()) as after, *_]:
                high = any(isinstance(each, Math) and has_fraction(each.expression) for each in line)
                return (3.0 if high else 2.0) * _LINE + self._need([after])
            case [Table() as table, *_]:
                return height_of(table, _SMALL)
            case [Items() | Equation(), *_]:
                return 4.0 * _LINE
            case [Figure() as figure, *_]:
                scale, turned = self._placed(figure)
                return 0.0 if turned else scale * figure.drawing.height * _POINT + 3.0 * _LINE
        return _LINE
