"""Pictures as TikZ, for LaTeX documents: nodesim's own SVG, element by element, each where it stands in that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from nodesim.drawing.measuring import width
from nodesim.errors import ArgumentError
from nodesim.notation.tex_signs import in_tex
from nodesim.validation import shortened

# A pixel of SVG is a ninety-sixth of an inch, a big point of TeX a seventy-second.
_PIXEL = 0.75
# Latin Modern is smaller than the type that SVG asks for. Words that are wider in it than the picture has room for are
# set as narrow as they are in that.
_FITTING = r"""\def\fitting#1#2{\setbox0=\hbox{#2}\ifdim\wd0>#1\resizebox{#1}{\height}{\box0}\else\box0\fi}"""
_TYPE = 1.05
# How far below its middle a line of type stands, in parts of its size.
_MIDDLE = 0.346
_NUMBER = r"-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
_STEP = re.compile(rf"([A-Za-z])|({_NUMBER})")
_MOVED = re.compile(rf"translate\(\s*({_NUMBER})[\s,]+({_NUMBER})\s*\)\Z")
_COLOUR = re.compile(r"#([0-9a-fA-F]{6})\Z")
_INHERITED = (
    "fill", "stroke", "stroke-width", "stroke-dasharray", "font-size", "font-weight", "text-anchor",
    "dominant-baseline", "opacity", "fill-opacity", "stroke-opacity", "stroke-linejoin", "stroke-linecap",
)  # fmt: skip
_ANCHORS = {"start": "base west", "middle": "base", "end": "base east"}
_UNSEEN = ("title", "desc")

Style = Mapping[str, str]


def tikz(svg: str) -> str:
    r"""Return a drawing's SVG as a picture of TikZ.

    Parameters
    ----------
    svg : str
        Of a `Drawing`.

    Raises
    ------
    ArgumentError
        If it holds what nodesim does not draw with.

    Examples
    --------
    >>> print(tikz('<svg width="20" height="10"><line x1="0" y1="5" x2="20" y2="5" stroke="#c1121f"/></svg>'))
    \begin{tikzpicture}[x=0.75bp,y=-0.75bp]
    \definecolor{cc1121f}{HTML}{C1121F}
    \path[use as bounding box] (0,0) rectangle (20,10);
    \draw[draw=cc1121f,line width=0.75bp] (0,5) -- (20,5);
    \end{tikzpicture}
    """
    root = ElementTree.fromstring(svg)
    picture = _Picture()
    lines = [line for element in root for line in picture.element(element, {})]
    colours = [rf"\definecolor{{{name}}}{{HTML}}{{{name[1:].upper()}}}" for name in sorted(picture.colours)]
    wide, high = _written(root.get("width", "0")), _written(root.get("height", "0"))
    return "\n".join(
        [
            rf"\begin{{tikzpicture}}[x={_PIXEL}bp,y=-{_PIXEL}bp]",
            *colours,
            rf"\path[use as bounding box] (0,0) rectangle ({wide},{high});",
            *[_FITTING] * picture.words,
            *lines,
            r"\end{tikzpicture}",
        ]
    )


def document(picture: str, wide: float, high: float) -> str:
    """Return a document of LaTeX that is a picture alone, on paper of its size in pixels."""
    size = f"paperwidth={_PIXEL * wide:g}bp,paperheight={_PIXEL * high:g}bp,margin=0pt"
    return (
        f"\\documentclass{{article}}\n\\usepackage[{size}]{{geometry}}\n\\usepackage[T1]{{fontenc}}\n"
        "\\IfFileExists{lmodern.sty}{\\usepackage{lmodern}}{}\n\\usepackage{amsmath,tikz}\n\\pagestyle{empty}\n"
        "\\setlength{\\topskip}{0pt}\\setlength{\\parindent}{0pt}\n"
        f"\\begin{{document}}\n{picture}%\n\\end{{document}}\n"
    )


class _Picture:
    """Turns elements into lines of TikZ, and remembers the colours that it needs."""

    def __init__(self) -> None:
        self.colours: set[str] = set()
        self.words = False

    def element(self, element: ElementTree.Element, around: Style) -> Iterator[str]:
        """Yield the lines of an element, in the style of what is around it."""
        tag = element.tag.rpartition("}")[2]
        style = {**around, **{name: value for name, value in element.attrib.items() if name in _INHERITED}}
        if tag in _UNSEEN:
            return
        if tag == "g":
            yield from self._group(element, style)
        elif tag == "text":
            yield self._text(element, style)
        else:
            yield rf"\draw[{','.join(self._options(element, style, tag))}] {_shape(element, tag)};"

    def _group(self, element: ElementTree.Element, style: Style) -> Iterator[str]:
        inner = [line for each in element for line in self.element(each, style)]
        if "transform" in element.attrib:
            moved = _MOVED.match(element.attrib["transform"])
            if moved is None:
                raise _foreign(f"transform={element.attrib['transform']}")
            shift = f"{_written(moved[1])},{_written(moved[2])}"
            inner = [rf"\begin{{scope}}[shift={{({shift})}}]", *inner, r"\end{scope}"]
        yield from inner

    # ---- lines and areas -------------------------------------------------------------------------------------

    def _options(self, element: ElementTree.Element, style: Style, tag: str) -> Iterator[str]:
        # What SVG fills is black unless it says otherwise, and has no line.
        fill = "none" if tag in ("line",) else style.get("fill", "#000000")
        stroke = style.get("stroke", "none")
        yield f"draw={self._colour(stroke)}"
        if fill != "none":
            yield f"fill={self._colour(fill)}"
        if stroke != "none":
            yield f"line width={_length(style.get('stroke-width', '1'))}"
        if "stroke-dasharray" in style:
            yield _dashes(style["stroke-dasharray"])
        if "rx" in element.attrib:
            yield f"rounded corners={_length(element.attrib['rx'])}"
        for name, option in (("stroke-linejoin", "line join"), ("stroke-linecap", "line cap")):
            if name in style:
                yield f"{option}={style[name]}"
        yield from _opacity(style)

    def _colour(self, colour: str) -> str:
        if colour == "none":
            return colour
        found = _COLOUR.match(colour)
        if found is None:
            raise _foreign(f"the colour {colour}")
        # A name of xcolor begins with a letter.
        name = f"c{found[1].lower()}"
        self.colours.add(name)
        return name

    # ---- words -----------------------------------------------------------------------------------------------

    def _text(self, element: ElementTree.Element, style: Style) -> str:
        size = float(style.get("font-size", "16"))
        below = _MIDDLE * size if style.get("dominant-baseline") == "central" else 0.0
        x, y = element.get("x", "0"), float(element.get("y", "0")) + below
        anchor = _ANCHORS[style.get("text-anchor", "start")]
        points = _TYPE * _PIXEL * size
        options = ",".join([f"anchor={anchor}", "inner sep=0pt", "outer sep=0pt", *_opacity(style)])
        self.words = True
        plain, bold = "".join(element.itertext()), style.get("font-weight") == "bold"
        room = f"{_PIXEL * width(plain, size, bold=bold):.2f}bp"
        words = "".join(self._words(element, style))
        font = rf"\fontsize{{{points:.2f}bp}}{{{points:.2f}bp}}\sffamily\selectfont"
        return rf"\node[{options}] at ({_written(x)},{y:.2f}) {{\fitting{{{room}}}{{{font}{words}}}}};"

    def _words(self, element: ElementTree.Element, style: Style) -> Iterator[str]:
        yield self._inked(element.text or "", style)
        for span in element:
            own = {**style, **{name: value for name, value in span.attrib.items() if name in _INHERITED}}
            yield from self._words(span, own)
            yield self._inked(span.tail or "", style)

    def _inked(self, words: str, style: Style) -> str:
        if not words:
            return ""
        written = rf"\bfseries {in_tex(words)}" if style.get("font-weight") == "bold" else in_tex(words)
        return rf"{{\color{{{self._colour(style.get('fill', '#000000'))}}}{written}}}"


def _shape(element: ElementTree.Element, tag: str) -> str:
    at = element.attrib
    match tag:
        case "line":
            return f"{_point(at['x1'], at['y1'])} -- {_point(at['x2'], at['y2'])}"
        case "rect":
            x, y = float(at.get("x", "0")), float(at.get("y", "0"))
            return f"{_point(x, y)} rectangle {_point(x + float(at['width']), y + float(at['height']))}"
        case "circle":
            return f"{_point(at['cx'], at['cy'])} circle[radius={_length(at['r'])}]"
        case "polyline" | "polygon":
            numbers = re.findall(_NUMBER, at["points"])
            points = " -- ".join(_point(x, y) for x, y in zip(numbers[::2], numbers[1::2]))
            return f"{points} -- cycle" if tag == "polygon" else points
        case "path":
            return "".join(_path(at["d"]))
    raise _foreign(f"<{tag}>")


def _path(d: str) -> Iterator[str]:
    """Yield the pieces of a path; of SVG's steps those that name points, from the origin."""
    tokens = [letter or number for letter, number in _STEP.findall(d)]
    place, step, x, y = 0, "", 0.0, 0.0
    while place < len(tokens):
        if tokens[place].isalpha():
            step, place = tokens[place], place + 1
        if step in ("Z", "z"):
            yield " -- cycle"
            if place < len(tokens) and not tokens[place].isalpha():
                raise _foreign("a number behind the end of a path")
            continue
        count = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6}.get(step)
        if count is None:
            raise _foreign(f"the step {step} of a path")
        numbers, place = [float(token) for token in tokens[place : place + count]], place + count
        x = numbers[-1] if step == "H" else x if step == "V" else numbers[-2]
        y = y if step == "H" else numbers[-1]
        if step == "C":
            first, second = _point(*numbers[:2]), _point(*numbers[2:4])
            yield f" .. controls {first} and {second} .. {_point(x, y)}"
        else:
            yield ("" if step == "M" else " -- ") + _point(x, y)
            step = "L" if step == "M" else step


def _point(x: str | float, y: str | float) -> str:
    return f"({_written(x)},{_written(y)})"


def _written(number: str | float) -> str:
    return f"{float(number):.2f}".rstrip("0").rstrip(".")


def _length(pixels: str) -> str:
    return f"{_written(_PIXEL * float(pixels))}bp"


def _dashes(written: str) -> str:
    lengths = [_length(number) for number in re.findall(_NUMBER, written)]
    lengths *= 1 + len(lengths) % 2
    return "dash pattern=" + " ".join(f"{('on', 'off')[place % 2]} {length}" for place, length in enumerate(lengths))


def _opacity(style: Style) -> Iterator[str]:
    for name, option in (("opacity", "opacity"), ("fill-opacity", "fill opacity"), ("stroke-opacity", "draw opacity")):
        if name in style:
            yield f"{option}={style[name]}"


def _foreign(what: str) -> ArgumentError:
    return ArgumentError(f"a drawing with {shortened(what)} cannot be written as TikZ; save it as .svg.")
