"""Papers as a page of HTML that asks nobody for anything: formulas in MathML, pictures within, blanks as ruled room."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from html import escape

from nodesim.notation.mathml import MathML, bracket_pair, in_math
from nodesim.notation.symbols import MINUS
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
from nodesim.papers.breaking import Breaker, Row, Signs
from nodesim.papers.html_style import style
from nodesim.papers.sheets import turned_scale
from nodesim.papers.words import answer_of, heading_of, parted
from nodesim.showing import in_html, in_markup, shown_lines
from nodesim.wording.language import Language

_SIGNS = Signs(
    '<mo form="infix">+</mo>', f'<mo form="infix">{MINUS}</mo>', MathML.dot, *bracket_pair(), *bracket_pair("2.2em")
)

# Words of so many letters may be broken after each so many.
_LONGEST, _PART = 24, 8
# Tables of so many rows, and equations of so many, stay on one sheet.
_TOGETHER = 6
# A pixel in points, as CSS has them.
_PIXEL = 0.75


def written(papers: Paper | Sequence[Paper], *, filled: bool = False, size: str = "a4") -> str:
    """Write papers as one page of HTML.

    Parameters
    ----------
    papers : Paper or sequence of Paper
        Each begins a sheet of its own where it is printed.
    filled : bool
        Whether the answers stand in the blanks: the key.
    size : {"a4", "letter"}
        Of the sheets it is printed on.
    """
    several = [papers] if isinstance(papers, Paper) else list(papers)
    first = several[0]
    body = "\n".join(_Page(paper, filled, number, size).written() for number, paper in enumerate(several, 1))
    return (
        f'<!DOCTYPE html>\n<html lang="{in_markup(first.language.code)}">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{in_markup(heading_of(first, filled))}</title>\n<style>\n{style(size)}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def framed(paper: Paper) -> str:
    """Return a paper as a notebook shows it: a page of its own within the page, that runs nothing."""
    page, title = escape(written(paper), quote=True), in_markup(heading_of(paper, False))
    look = "width:100%;height:600px;border:1px solid #999"
    return f'<iframe srcdoc="{page}" title="{title}" style="{look}" sandbox></iframe>'


class _Page:
    """Writes one paper."""

    def __init__(self, paper: Paper, filled: bool, number: int, size: str) -> None:
        self.paper = paper
        self.filled = filled
        self.number, self.tables = number, 0
        self.size = size
        self.language: Language = paper.language

    def written(self) -> str:
        """Return the paper as an article."""
        paper = self.paper
        pieces = [f"<h1>{_told(heading_of(paper, self.filled))}</h1>"]
        if paper.blanks() and not self.filled:
            name, date = (
                f"<span><b>{_told(each)}</b><i></i></span>"
                for each in (self.language.say("Name"), self.language.say("Date"))
            )
            pieces.append(f'<div class="who">{name}{date}</div>')
        pieces += map(self._block, paper.blocks)
        if paper.note:
            pieces.append(f"<footer>{_told(paper.note)}</footer>")
        key = ' class="key"' if self.filled else ""
        return f'<article lang="{in_markup(self.language.code)}"{key}>\n' + "\n".join(pieces) + "\n</article>"

    def _block(self, block: Block) -> str:
        match block:
            case Heading(words, level):
                tag = f"h{min(max(level, 2), 6)}"
                return f"<{tag}>{_told(words)}</{tag}>"
            case Paragraph(line):
                return f"<p>{self._line(line)}</p>"
            case Equation():
                return self._equation(block)
            case Table():
                return self._table(block)
            case Items(items, numbered):
                return self._items(items, "ol" if numbered else "ul")
            case Figure():
                return self._figure(block)
            case Code(text):
                return f"<pre><code>{in_html_lines(text)}</code></pre>"

    # ---- within a line ---------------------------------------------------------------------------------------

    def _line(self, line: Line) -> str:
        pieces, sign = [], ""
        for inline, stays in parted(line):
            if isinstance(inline, Math):
                pieces.append(self._formula(inline, sign))
                sign = ""
            elif isinstance(inline, str) and stays:
                pieces.append(_told(inline[:-1]))
                sign = f"{inline[-1]}&#160;"
            else:
                pieces.append(self._inline(inline))
        return "".join(pieces)

    def _inline(self, inline: Inline) -> str:
        match inline:
            case str():
                return _told(inline)
            case Strong(words):
                return f"<strong>{_told(words)}</strong>"
            case Blank():
                return self._blank(inline)
            case Math():
                return self._formula(inline)

    def _formula(self, math: Math, before: str = "") -> str:
        """Return a formula, with the sign before it; the two are broken only where they are longer than a line."""
        written = before + self._pieces(self._rows(math))
        return f'<span class="m">{written}</span>' if before or "&#8203;" in written else written

    def _rows(self, math: Math) -> list[Row]:
        writer = MathML(math.digits, numbers=math.numbers, language=self.language)
        return Breaker(writer, _SIGNS).rows(math.expression)

    def _pieces(self, rows: list[Row]) -> str:
        return "&#8203;".join(in_math(piece) for row in rows for piece in row.pieces)

    def _blank(self, blank: Blank) -> str:
        if blank.kind == "choice":
            return self._choice(blank)
        answer = f"<b>{_told(answer_of(blank, self.language))}</b>" if self.filled else ""
        room = f'<span class="room">{answer or "&#8203;"}</span><small>{_told(blank.caption)}</small>'
        return f'<span class="blank {blank.kind}">{room}</span>'

    def _choice(self, blank: Blank) -> str:
        choices = []
        for choice in blank.choices:
            right = self.filled and choice == blank.answer
            box, words = ("&#9746;", f"<b>{_told(choice)}</b>") if right else ("&#9744;", _told(choice))
            choices.append(f'<span class="choice">{box}&#160;{words}</span>')
        return f'<span class="choices">{" ".join(choices)} <small>({_told(blank.caption)})</small></span>'

    # ---- blocks ----------------------------------------------------------------------------------------------

    def _equation(self, equation: Equation) -> str:
        left = in_math(MathML(language=self.language).write(equation.left)[0])
        pieces = []
        for place, (sign, math) in enumerate(equation.rights):
            rows = "".join(f'<div style="--d:{row.depth}">{self._pieces([row])}</div>' for row in self._rows(math))
            before = f'<div class="l">{"" if place else left}</div><div class="s">{_told(sign)}</div>'
            pieces.append(f'{before}<div class="r">{rows}</div>')
        # What is longer than that may be broken between two sheets.
        long = "" if sum(len(self._rows(math)) for _, math in equation.rights) <= _TOGETHER else " long"
        return f'<div class="eq{long}">{"".join(pieces)}</div>'

    def _table(self, table: Table) -> str:
        heads = "".join(f'<th scope="col">{_told(head)}</th>' for head in table.heads)
        caption, named = "", ""
        if table.caption:
            # No caption of HTML's own: that is broken where the table is narrow.
            self.tables += 1
            own = f"table-{self.number}-{self.tables}"
            caption, named = f'<p class="caption" id="{own}">{_told(table.caption)}</p>', f' aria-labelledby="{own}"'
        rows = "".join(
            "<tr>"
            + "".join(self._cell(cell, named=place == 0 and len(table.rows) > 1) for place, cell in enumerate(row))
            + "</tr>\n"
            for row in table.rows
        )
        body = f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>"
        small = " small" if len(table.rows) <= _TOGETHER else ""
        return f'<div class="wide{small}">{caption}<table{named}>{body}</table></div>'

    def _cell(self, cell: Line, *, named: bool) -> str:
        # A row that is alone has no name.
        tag, scope = ("th", ' scope="row"') if named else ("td", "")
        return f"<{tag}{scope}>{self._line(cell)}</{tag}>"

    def _items(self, items: tuple[tuple[int, Line], ...], tag: str) -> str:
        pieces, depth = [], -1
        for wanted, line in items:
            new = min(wanted, depth + 1)
            if new > depth:
                pieces.append(f"<{tag}>")
            else:
                pieces.append("</li>" + f"</{tag}></li>" * (depth - new))
            pieces.append(f"<li>{self._line(line)}")
            depth = new
        return "".join(pieces) + f"</li></{tag}>" * (depth + 1)

    def _figure(self, figure: Figure) -> str:
        drawing = figure.drawing
        data = b64encode(drawing.svg.encode()).decode()
        size = f'width="{round(drawing.width)}" height="{round(drawing.height)}"'
        image = f'<img src="data:image/svg+xml;base64,{data}" alt="{in_markup(drawing.description)}" {size}/>'
        caption = f"<figcaption>{_told(figure.caption)}</figcaption>" if figure.caption else ""
        turned = ""
        if (scale := turned_scale(drawing.width * _PIXEL, drawing.height * _PIXEL, self.size)) is not None:
            wide, high = (f"{scale * _PIXEL * pixels:.1f}pt" for pixels in (drawing.width, drawing.height))
            turned = f' class="turned" style="--wide:{wide};--high:{high}"'
        return f"<figure{turned}>{image}{caption}</figure>"


def in_html_lines(text: str) -> str:
    """Return lines of text as they stand in an element."""
    return "\n".join(in_html(line) for line in shown_lines(text).split("\n"))


def _told(words: str) -> str:
    """Return words in which those that are longer than any language's may be broken."""
    pieces = re.split(rf"(\S{{{_LONGEST},}})", words)
    return "".join(
        "<wbr/>".join(map(in_html, _parts(piece))) if place % 2 else in_html(piece)
        for place, piece in enumerate(pieces)
    )


def _parts(word: str) -> list[str]:
    return [word[start : start + _PART] for start in range(0, len(word), _PART)]
