"""A paper as the little XHTML that every platform keeps: no styles, no scripts, formulas as text.

Editors and filters of platforms throw away MathML and styles when a teacher opens a question and saves it; what stands
here are the elements that QTI allows and HTML has as well. Blanks and pictures are written as the platform wants them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nodesim.drawing.svg import Drawing
from nodesim.notation.expressions import Expression, Number
from nodesim.notation.text import Text
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
from nodesim.showing import in_html, shown_lines
from nodesim.wording.language import Language

# Words that run from right to left stand by themselves between these: QTI has no <bdi>.
_ISOLATES = (("<bdi>", "&#x2068;"), ("</bdi>", "&#x2069;"))


def words(text: str) -> str:
    """Return text as it stands in an element, or in an attribute.

    Examples
    --------
    >>> words("a < b")
    'a &lt; b'
    """
    written = in_html(text)
    for element, sign in _ISOLATES:
        written = written.replace(element, sign)
    return written


class Content:
    """Writes the blocks of a paper.

    Parameters
    ----------
    language : Language
    blank : callable
        Returns the field of a blank, as markup.
    picture : callable
        Returns the address of a picture; it may keep the drawing for the platform's file.
    guarded : callable
        Returns text, already fit for markup, so that the platform takes no part of it for something else.
    """

    def __init__(
        self,
        language: Language,
        blank: Callable[[Blank], str],
        picture: Callable[[Drawing], str],
        guarded: Callable[[str], str] = str,
    ) -> None:
        self._language = language
        self._field = blank
        self._address = picture
        self._guarded = guarded

    def words(self, text: str) -> str:
        """Return text as it stands in an element, guarded."""
        return self._guarded(words(text))

    def written(self, paper: Paper, *notes: str) -> str:
        """Return the blocks of a paper, below its notes; what it says of itself stands last, small."""
        pieces = [f"<p><em>{self.words(note)}</em></p>" for note in notes]
        pieces += map(self._block, paper.blocks)
        if paper.note:
            pieces.append(f"<p><small>{self.words(paper.note)}</small></p>")
        return "\n".join(pieces)

    def table(self, heads: tuple[str, ...], rows: tuple[tuple[Line, ...], ...], caption: str = "") -> str:
        """Return a table; nothing else has a head than its columns."""
        top = "".join(f"<th>{self.words(head)}</th>" for head in heads)
        body = "".join(f"<tr>{''.join(f'<td>{self._line(cell)}</td>' for cell in row)}</tr>" for row in rows)
        above = f"<caption>{self.words(caption)}</caption>" if caption else ""
        head = f"<thead><tr>{top}</tr></thead>" if any(heads) else ""
        # QTI takes no table without a row.
        return f"<table>{above}{head}<tbody>{body or '<tr><td></td></tr>'}</tbody></table>"

    # ---- blocks ----------------------------------------------------------------------------------------------

    def _block(self, block: Block) -> str:
        match block:
            case Heading(heading, level):
                # A platform writes the title of a question itself, as a heading above these.
                tag = f"h{min(level + 2, 6)}"
                return f"<{tag}>{self.words(heading)}</{tag}>"
            case Paragraph(line):
                return f"<p>{self._line(line)}</p>"
            case Equation():
                return self._equation(block)
            case Table(heads, rows, caption):
                return f"<div>{self.table(heads, tuple(_asked(rows)), caption)}</div>"
            case Items():
                return self._items(block)
            case Figure():
                return self._figure(block)
            case Code(text):
                lines = map(self.words, shown_lines(text).split("\n"))
                return f"<pre>{chr(10).join(lines)}</pre>"

    def _equation(self, equation: Equation) -> str:
        left = self._formula(equation.left, Text())
        rights = [f"{self.words(sign)} {self._inline(math)}" for sign, math in equation.rights]
        return f"<p>{left} {'<br/>'.join(rights)}</p>"

    def _items(self, block: Items) -> str:
        tag, pieces, depth = "ol" if block.numbered else "ul", [], -1
        for wanted, line in block.items:
            # A list within a list stands in an item: none can be skipped.
            own = min(wanted, depth + 1)
            pieces.append(f"<{tag}>" if own > depth else "</li>" + f"</{tag}></li>" * (depth - own))
            pieces.append(f"<li>{self._line(line)}")
            depth = own
        return "".join(pieces) + f"</li></{tag}>" * (depth + 1)

    def _figure(self, figure: Figure) -> str:
        drawing = figure.drawing
        size = f'width="{round(drawing.width)}" height="{round(drawing.height)}"'
        described = self.words(drawing.description)
        image = f'<p><img src="{self._address(drawing)}" alt="{described}" {size}/></p>'
        return image + (f"\n<p><em>{self.words(figure.caption)}</em></p>" if figure.caption else "")

    # ---- within a line ---------------------------------------------------------------------------------------

    def _line(self, line: Line) -> str:
        return "".join(map(self._inline, line))

    def _inline(self, inline: Inline) -> str:
        match inline:
            case str():
                return self.words(inline)
            case Strong(strong):
                return f"<strong>{self.words(strong)}</strong>"
            case Blank():
                return self._field(inline)
            case Math(expression, numbers, digits):
                return self._formula(expression, _Text(self._language, digits, numbers=numbers))

    def _formula(self, expression: Expression, writer: Text) -> str:
        return self.words(writer.write(expression)[0])


def _asked(rows: tuple[tuple[Line, ...], ...]) -> Iterator[tuple[Line, ...]]:
    """Yield rows without blanks in which nothing belongs, and without what they are called: no field is for these."""
    for row in rows:
        spare = {
            place for place, cell in enumerate(row) for part in cell if isinstance(part, Blank) and not part.answer
        }
        kept = tuple(() if {place, place + 1} & spare else cell for place, cell in enumerate(row))
        if any(kept) or not spare:
            yield kept


class _Text(Text):
    """Writes expressions as text, numbers with a language's decimal sign."""

    def __init__(self, language: Language, digits: int | None, *, numbers: bool) -> None:
        super().__init__(digits, numbers=numbers)
        self._language = language

    def form(self, expression: Expression) -> tuple[str, int]:
        written, level = super().form(expression)
        return (self._language.number(written), level) if isinstance(expression, Number) else (written, level)
