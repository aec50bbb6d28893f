"""HTML for notebooks: tables, pictures and lines that take the colours of the page around them, and run no script.

Styles stand at the elements themselves: a notebook that is opened elsewhere, exported or not trusted, keeps these.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence

from nodesim.notation.symbols import Count, plural
from nodesim.showing import in_html, in_markup

Rows = Iterable[Sequence[str]]
# Notebooks put the cells of a table to the right, other pages to the left: those that must stand left say so.
_LEFT = ' style="text-align:left"'
_SCROLLS = "overflow-x:auto;max-width:100%"

# How the places where notebooks are shown say that they are dark: JupyterLab, VS Code, Colab, Sphinx, marimo.
_DARK = '[data-jp-theme-light="false"],.vscode-dark,[theme="dark"],[data-theme="dark"],.dark-theme'
_SCHEME = (
    f".nodesim-picture{{color-scheme:light}}:is({_DARK}) .nodesim-picture{{color-scheme:dark}}"
    '@media(prefers-color-scheme:dark){[data-theme="auto"] .nodesim-picture{color-scheme:dark}}'
)


def table(heads: Sequence[str], rows: Rows, sides: str = "<", more: str = "") -> str:
    """Return a table; a wide one scrolls by itself.

    Parameters
    ----------
    heads : sequence of str
    rows : iterable of sequence of str
    sides : str
        For each column "<" or ">", as for `nodesim.notation.tables.lines`.
    more : str
        What is said below of rows that were left out; see `left_out`.

    Examples
    --------
    >>> table(["weight", "paths"], [["<W1>", "2"]], "<>")[-52:]
    '&lt;W1&gt;</td><td>2</td></tr></tbody></table></div>'
    """
    styles = [_LEFT if side == "<" else "" for side in sides.ljust(len(heads), sides[-1])]
    head = "".join(f"<th{style}>{in_html(cell)}</th>" for cell, style in zip(heads, styles))
    body = "".join(
        f"<tr>{''.join(f'<td{style}>{in_html(cell)}</td>' for cell, style in zip(row, styles))}</tr>" for row in rows
    )
    # As wide as its cells, which notebooks would else break into many lines.
    styled = '<table style="text-align:right;table-layout:auto;width:max-content;font-variant-numeric:tabular-nums">'
    whole = f"{styled}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div style="{_SCROLLS}">{whole}</div>{line(more)}'


def left_out(total: int, listed: int, noun: str) -> str:
    """Say how many there are besides those listed; nothing if there are none.

    Examples
    --------
    >>> left_out(1000, 10, "sample"), left_out(10, 10, "sample")
    ('… 990 more samples', '')
    """
    return f"… {plural(Count(total - listed), f'more {noun}')}" if total > listed else ""


def line(words: str) -> str:
    """Return a paragraph; nothing for no words.

    Examples
    --------
    >>> line("a < b")
    '<p>a &lt; b</p>'
    """
    return f"<p>{in_html(words)}</p>" if words else ""


def points(sentences: Iterable[str]) -> str:
    """Return a list of sentences.

    Examples
    --------
    >>> points(["Gradients vanish."])
    '<ul><li>Gradients vanish.</li></ul>'
    """
    return f"<ul>{''.join(f'<li>{in_html(sentence)}</li>' for sentence in sentences)}</ul>"


def written(text: str) -> str:
    """Return lines of text as they are, under one another; long ones scroll.

    Examples
    --------
    >>> written("W1 = 1")[-12:]
    'W1 = 1</pre>'
    """
    # Its own line breaks are part of the text, `shown` would write them as signs.
    lines = "\n".join(in_html(each) for each in text.split("\n"))
    # Notebooks write what is preformatted in the font of other text, in which nothing stands below one another.
    return f'<pre style="{_SCROLLS};white-space:pre;font-family:monospace">{lines}</pre>'


def picture(svg: str, description: str, width: float, least: float | None = None) -> str:
    """Return a drawing as wide as the page, if it is not narrower by itself, in the light or dark of the page.

    It is an image: a notebook that is not trusted shows no drawing that is a part of the page, but the words in it.
    One that follows its reader is told what the page is, and not what the screen prefers.

    Parameters
    ----------
    svg, description : str
    width : float
        Its own width, which it does not exceed.
    least : float, optional
        How wide it is at least: on a page that is narrower it is scrolled.

    Examples
    --------
    >>> picture("<svg/>", "nothing", 100.0)[-61:]
    'alt="nothing" style="width:100%;max-width:100px;height:auto">'
    """
    data = b64encode(svg.encode()).decode()
    narrow = f"min-width:{least:.0f}px;" if least is not None else ""
    style = f"width:100%;max-width:{width:g}px;{narrow}height:auto"
    image = (
        f'<style>{_SCHEME}</style><img class="nodesim-picture" src="data:image/svg+xml;base64,{data}" '
        f'alt="{in_markup(description)}" style="{style}">'
    )
    return image if least is None else f'<div style="overflow-x:auto">{image}</div>'


class Lines(str):
    """Text of several lines: a `str` in every way, that a notebook shows as lines and not as one quoted string.

    Examples
    --------
    >>> Lines("W1 = 1") == "W1 = 1"
    True
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        return written(self)
