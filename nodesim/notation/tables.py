"""Tables for readers: rows of text, as plain lines and for notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape

from nodesim.notation.symbols import shown
from nodesim.notation.wrapping import columns, filled

Rows = Sequence[Sequence[str]]
_GAP = 2
# Text in columns that are narrower is read letter by letter.
_READABLE = 12
_room: ContextVar[int | None] = ContextVar("room", default=None)


@contextmanager
def within(width: int | None) -> Iterator[None]:
    """Lay tables out for lines of a width while this lasts; None is any width.

    Examples
    --------
    >>> with within(16):
    ...     print(*lines(["name", "value", "slope"], [["H1", "0.25", "0.125"]], "<>"), sep="|")
    name  value|H1     0.25||name  slope|H1    0.125
    """
    token = _room.set(width)
    try:
        yield
    finally:
        _room.reset(token)


def lines(heads: Sequence[str], rows: Rows, sides: str) -> list[str]:
    r"""Return a table as lines of text.

    Parameters
    ----------
    heads : sequence of str
    rows : sequence of sequence of str
    sides : str
        For each column "<" or ">": to which side its cells stand; the last one is that of all further columns.

    Examples
    --------
    >>> print("\n".join(lines(["weight", "paths"], [["W1", "2"], ["W7", "1"]], "<>")))
    weight  paths
    W1          2
    W7          1
    """
    cells = [[shown(cell) for cell in row] for row in (heads, *rows)]
    return _laid_out(cells, sides.ljust(len(heads), sides[-1]), _room.get())


def _laid_out(cells: list[list[str]], sides: str, room: int | None) -> list[str]:
    """Write a table as it is; or with its widest text wrapped; or in parts that all begin with the first column."""
    wide = [max(map(columns, column)) for column in zip(*cells)]
    over = 0 if room is None else sum(wide) + _GAP * (len(wide) - 1) - room
    if over <= 0:
        return [_joined(row, sides, wide) for row in cells]
    texts = [place for place, side in enumerate(sides) if side == "<"]
    widest = max(texts, key=wide.__getitem__, default=None)
    if widest is not None and (wide[widest] - over >= _READABLE or len(wide) <= 2):
        wide[widest] = max(wide[widest] - over, _READABLE)
        return [line for row in cells for line in _broken(row, sides, wide, widest)]
    if len(wide) <= 2:
        return [_joined(row, sides, wide) for row in cells]
    return _in_parts(cells, sides, wide, room or 0)


def _in_parts(cells: list[list[str]], sides: str, wide: list[int], room: int) -> list[str]:
    parts: list[list[int]] = []
    for place in range(1, len(wide)):
        taken = sum(wide[other] + _GAP for other in parts[-1]) if parts else room
        if taken + wide[place] > room:
            parts.append([0])
        parts[-1].append(place)
    found: list[str] = []
    for part in parts:
        chosen = [[row[place] for place in part] for row in cells]
        found += ["", *_laid_out(chosen, "".join(sides[place] for place in part), room)]
    return found[1:]


def _broken(row: list[str], sides: str, wide: list[int], widest: int) -> list[str]:
    """Write a row whose one cell may take several lines."""
    pieces = filled(row[widest], wide[widest], whole=False)
    blank = [""] * len(row)
    rest = [[*blank[:widest], piece, *blank[widest + 1 :]] for piece in pieces[1:]]
    return [_joined(each, sides, wide) for each in ([*row[:widest], pieces[0], *row[widest + 1 :]], *rest)]


def _joined(row: Sequence[str], sides: str, wide: Sequence[int]) -> str:
    return (" " * _GAP).join(map(_padded, row, sides, wide)).rstrip()


def _padded(cell: str, side: str, width: int) -> str:
    space = " " * (width - columns(cell))
    return cell + space if side == "<" else space + cell


_SHOWN = 50


def html(heads: Sequence[str], rows: Rows, sides: str = "<", *, title: str = "", left: int = 0) -> str:
    """Return a table in HTML, for light and dark pages alike: it has the colours of what is around it.

    Parameters
    ----------
    heads, rows, sides
        As for `lines`.
    title : str
        What stands above it.
    left : int
        How many rows are left out besides those beyond the first 50.

    Examples
    --------
    >>> print(html(["weight"], [["W<1>"]], left=990))  # doctest: +ELLIPSIS
    <div ...<th style="text-align:left">weight</th>...<td style="text-align:left">W&lt;1&gt;</td>...… 990 more</p></div>
    """
    styles = [f"text-align:{'left' if side == '<' else 'right'}" for side in sides.ljust(len(heads), sides[-1])]
    left += max(len(rows) - _SHOWN, 0)
    body = "".join(_row("td", row, styles) for row in rows[:_SHOWN])
    return (
        # What is wider than a page scrolls by itself.
        f'<div style="overflow-x:auto;max-width:100%">{paragraph(title)}'
        f"<table><thead>{_row('th', heads, styles)}</thead><tbody>{body}</tbody></table>"
        f"{paragraph(f'… {left:,} more' if left else '')}</div>"
    )


def _row(kind: str, cells: Sequence[str], styles: Sequence[str]) -> str:
    written = (f'<{kind} style="{style}">{escape(shown(cell))}</{kind}>' for cell, style in zip(cells, styles))
    return f"<tr>{''.join(written)}</tr>"


def paragraph(text: str) -> str:
    """Return a line in HTML, nothing for none.

    Examples
    --------
    >>> paragraph("a < b")
    '<p>a &lt; b</p>'
    """
    return f"<p>{escape(shown(text))}</p>" if text else ""


class Preformatted(str):
    """Text in lines that notebooks show as it is printed.

    Examples
    --------
    >>> Preformatted("a < b")._repr_html_()
    '<pre style="overflow-x:auto">a &lt; b</pre>'
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        return f'<pre style="overflow-x:auto">{escape(self)}</pre>'
