"""Pieces of SVG as text. Everything that comes from a name is escaped; nothing refers to anything outside."""

from __future__ import annotations

import html
import math
from typing import Any

from nodesim.drawing.themes import CLASS, DARK_PAPER, PAPER, dark, following, ground
from nodesim.drawing.tikz import document, tikz
from nodesim.drawing.words import cut
from nodesim.errors import ArgumentError, MissingExtraError
from nodesim.formats.atomic import path_of, write_atomically
from nodesim.notation import markup
from nodesim.showing import in_markup, in_svg, shown
from nodesim.validation import finite, one_of, shortened

FONT = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif"
# Ink is dark: pages may be dark, too.
# Of a PNG: four bytes each, twice.
_MOST_PIXELS = 100_000_000
_THEMES = ("light", "dark", "auto")
# Wider pictures are drawn no smaller than so.
_WIDE, _LEAST = 2_000.0, 0.65


def element(tag: str, content: str = "", **attributes: Any) -> str:
    """Write an element; underscores in attribute names become hyphens, numbers are rounded to hundredths.

    Examples
    --------
    >>> element("circle", cx=1.0, cy=2 / 3, r=5, stroke_width=2)
    '<circle cx="1" cy="0.67" r="5" stroke-width="2"/>'
    """
    written = "".join(f' {key.replace("_", "-")}="{_value(value)}"' for key, value in attributes.items())
    return f"<{tag}{written}>{content}</{tag}>" if content else f"<{tag}{written}/>"


def text(words: str, x: float, y: float, **attributes: Any) -> str:
    """Write words centred at a point, literally."""
    style = {
        "text_anchor": "middle",
        "dominant_baseline": "central",
        "font_size": 13,
        "font_family": FONT,
        **attributes,
    }
    return element("text", in_svg(words), x=x, y=y, **style)


def _value(value: Any) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else html.escape(str(value))


class Drawing:
    """A picture: shown in notebooks, and saved as SVG, for LaTeX, or as PNG with the extra ``png``.

    Parameters
    ----------
    content : str
        The elements of the picture, as SVG.
    width, height : float
        Its size in pixels.
    description : str
        What it shows, in words: the title of the document.
    theme : str, optional
        What `Drawing.themed` says. Without one the picture stands on white, and in notebooks and pages whose theme
        is dark on dark ground.

    See Also
    --------
    Network.draw : Draw a network.
    History.draw : Draw the errors of a training.
    WeightHistory.draw : Draw what fed the gradient of a weight.
    nodesim.figures.figure : Draw a figure of the article.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.Network.layered([2, 2, 2], seed=0).draw().svg[:4]
    '<svg'
    """

    def __init__(self, content: str, width: float, height: float, description: str, theme: str | None = None) -> None:
        self.content = content
        self.width = width
        self.height = height
        self.description = description
        self.theme = theme

    def themed(self, theme: str) -> Drawing:
        """Return the same picture in the colours of a theme.

        Parameters
        ----------
        theme : str
            "light": on white; "dark": on dark ground; "auto": an SVG that follows whoever looks at it, where it is
            shown by a browser. PNG and TikZ cannot follow: of "auto" they are on white, and TikZ always is.

        Returns
        -------
        Drawing
            A new one; this one stays as it is.

        Raises
        ------
        ArgumentError
            For another one.

        See Also
        --------
        Drawing.svg, Drawing.save : What the theme is seen in.

        Examples
        --------
        >>> import nodesim as ns
        >>> drawing = ns.Network.layered([2, 2, 2], seed=0).draw()
        >>> "background:#17191d" in drawing.themed("dark").svg
        True
        """
        return Drawing(self.content, self.width, self.height, self.description, one_of(theme, _THEMES, "theme"))

    @property
    def svg(self) -> str:
        """The picture as an SVG document."""
        content = dark(self.content) if self.theme == "dark" else self.content
        kind = {"style": ground(self.theme)}
        if self.theme == "auto":
            content, kind = element("style", following(content)) + content, {"class": CLASS}
        return element(
            "svg", f"<title>{in_markup(self.description)}</title>{content}", xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {_value(self.width)} {_value(self.height)}", width=self.width, height=self.height, role="img",
            **kind,
        )  # fmt: skip

    @property
    def tikz(self) -> str:
        """The picture as TikZ: an environment for a LaTeX document that uses the package tikz."""
        return tikz(self.themed("light").svg)

    def png(self, scale: float = 2.0) -> bytes:
        """Return the picture as PNG on white, or on dark ground, so many times as large.

        Parameters
        ----------
        scale : float
            Pixels of the PNG for one of the drawing, in each direction; a whole number.

        Returns
        -------
        bytes
            What a PNG file holds.

        Raises
        ------
        ArgumentError
            If it is below 1, or the picture would have more than a hundred million pixels.
        MissingExtraError
            Without the extra ``png``.

        See Also
        --------
        Drawing.svg : The picture without loss, and without an extra.
        Drawing.save : Write either into a file.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.Network.layered([2, 2, 2], seed=0).draw().png()[1:4]
        b'PNG'
        """
        size = self._zoom(scale)
        try:
            import resvg_py
        except ImportError as error:
            raise MissingExtraError("PNG needs the extra 'png': pip install 'nodesim[png]'. SVG needs none.") from error
        one = self if self.theme == "dark" else self.themed("light")
        paper = DARK_PAPER if self.theme == "dark" else PAPER
        return bytes(resvg_py.svg_to_bytes(svg_string=one.svg, background=paper, zoom=size, **_fonts()))

    def _zoom(self, scale: float) -> int:
        # float32 is what it understands a zoom to be; whole numbers are safest.
        number = finite(scale, "scale")
        pixels = self.width * self.height * number**2 if abs(number) < _MOST_PIXELS else math.inf
        if number < 1 or pixels > _MOST_PIXELS:
            most = math.isqrt(int(_MOST_PIXELS / (self.width * self.height)))
            raise ArgumentError(f"scale must be from 1 to {most:,} for this drawing, got {shortened(scale)}.")
        return int(number)

    def save(self, file: Any) -> None:
        """Save as SVG, LaTeX or PNG, by the ending of the file's name; the old file stays until the new one is whole.

        Parameters
        ----------
        file : str or path-like
            Ends in ".svg", ".png" or ".tex": a document that is the picture alone, drawn by TikZ, on paper
            of its size.

        Raises
        ------
        ArgumentError
            For another ending.
        FileError
            If it cannot be written.
        MissingExtraError
            For PNG without the extra ``png``.

        See Also
        --------
        Drawing.svg, Drawing.tikz, Drawing.png : The same in memory.
        Explorer.save : Write a page in which a network can be traced.

        Examples
        --------
        >>> import nodesim as ns, tempfile, pathlib
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "net.svg"
        >>> ns.Network.layered([2, 2, 2], seed=0).draw().save(file)
        >>> file.read_text(encoding="utf-8")[:5]
        '<?xml'
        """
        ending = path_of(file).suffix.lower()
        if ending == ".svg":
            write_atomically(file, f'<?xml version="1.0" encoding="UTF-8"?>\n{self.svg}\n')
        elif ending == ".png":
            write_atomically(file, self.png())
        elif ending == ".tex":
            write_atomically(file, document(self.tikz, self.width, self.height))
        else:
            raise ArgumentError(f"a drawing is saved as .svg, .png or .tex, got {shortened(file)}.")

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        # As narrow as a page nobody could read a wide one: it is scrolled instead.
        least = _LEAST * self.width if self.width > _WIDE else None
        shown_svg = self.svg if self.theme else self.themed("auto").svg
        return markup.picture(shown_svg, self.description, self.width, least)

    def __repr__(self) -> str:
        return f"<Drawing: {shown(self.description)}, {self.width:g} x {self.height:g}>"


def _fonts() -> dict[str, Any]:
    """Return the font that comes with ziafont: a machine may have none."""
    from importlib.resources import files

    font = files("ziafont.fonts").joinpath("DejaVuSans.ttf")
    return {"font_files": [str(font)], "sans_serif_family": "DejaVu Sans"}


def grid(drawings: list[tuple[str, Drawing]], columns: int, description: str) -> Drawing:
    """Put captioned drawings of one size beside and under one another."""
    width, height = drawings[0][1].width, drawings[0][1].height + 30
    pieces = []
    for index, (caption, drawing) in enumerate(drawings):
        x, y = (index % columns) * width, (index // columns) * height
        shortened_caption = text(cut(caption, 14, width - 16), x + width / 2, y + 18, font_size=14)
        pieces.append(element("g", f"<title>{in_markup(caption)}</title>{shortened_caption}"))
        pieces.append(element("g", drawing.content, transform=f"translate({_value(x)} {_value(y + 30)})"))
    rows = -(-len(drawings) // columns)
    return Drawing("".join(pieces), width * min(columns, len(drawings)), height * rows, description)
