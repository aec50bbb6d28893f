"""A tree of boxes as a picture, read from left to right like a calculation: + where lines meet, · in front of a box."""

from __future__ import annotations

from collections.abc import Iterator

from nodesim.drawing.boxes import Piece, Tree
from nodesim.drawing.measuring import broken, width
from nodesim.drawing.svg import FONT, Drawing, element, text
from nodesim.drawing.tree_layout import (
    HEADING_LINE,
    JOINT,
    LINE,
    PAD,
    POINT,
    SMALL,
    TYPE,
    Columns,
    Placed,
    placed,
)
from nodesim.notation.symbols import DOT
from nodesim.showing import in_markup, in_svg

INK, PAPER, FAINT, FILL = "#1d1d1f", "#ffffff", "#6b7280", "#f6f7f9"
CENTRED = {"text_anchor": "middle", "dominant_baseline": "central", "font_family": FONT}
_MARGIN, _HEAD, _NARROWEST = 16.0, 16.0, 420.0


def draw_tree(tree: Tree, description: str) -> Drawing:
    """Draw a tree of boxes.

    Parameters
    ----------
    tree : Tree
    description : str
        What the picture shows.

    Returns
    -------
    Drawing
        On white, as it is read on paper.
    """
    columns = Columns(tree.boxes, tree.titles, _MARGIN)
    needed = columns.end + width(tree.result, 14.0, bold=True), _MARGIN + width(tree.heading, _HEAD, bold=True)
    wide = max(_NARROWEST, *needed) + _MARGIN
    explanation = broken(tree.explanation, TYPE, wide - 2 * _MARGIN) if tree.explanation else []
    top = 58.0 + LINE * len(explanation)
    last, bottom = placed(tree.boxes, columns, top + 18.0 if tree.boxes else top)
    pieces = [
        _left(tree.heading, _MARGIN, 24.0, _HEAD, font_weight="bold"),
        *(_left(line, _MARGIN, 46.0 + LINE * index, TYPE) for index, line in enumerate(explanation)),
        *(_title(tree.titles.get(column, ""), columns, column, top) for column in columns.left),
        *(_region(one) for root in last for one in reversed(list(root.all())) if one.box.region),
        *(piece for root in last for one in root.all() for piece in _joined(one.before, one.left, one.middle)),
        *(_box(one) for root in last for one in root.all()),
    ]
    if last:
        middle = (last[0].middle + last[-1].middle) / 2
        pieces += _joined(last, columns.end, middle, dot=False)
        pieces.append(_left(tree.result, columns.end + 4, middle, 14.0, font_weight="bold"))
    notes = [(line, note.ink) for note in tree.notes for line in broken(note.words, TYPE, wide - 2 * _MARGIN)]
    y = bottom + 28.0
    pieces += [_left(line, _MARGIN, y + LINE * index, TYPE, fill=ink or INK) for index, (line, ink) in enumerate(notes)]
    high = y + LINE * len(notes) + (0.0 if notes else -8.0)
    ground = element("rect", x=0, y=0, width=wide, height=high, fill=PAPER)
    told = element("desc", in_markup(" ".join([tree.explanation, *(note.words for note in tree.notes)])))
    return Drawing(told + ground + "".join(pieces), round(wide), round(high), description)


def _left(words: str, x: float, y: float, size: float, **attributes: object) -> str:
    return text(words, x, y, **{"text_anchor": "start", "font_size": size, "fill": INK, **attributes})


def _title(words: str, columns: Columns, column: float, y: float) -> str:
    return text(words, columns.left[column] + columns.wide[column] / 2, y, font_size=SMALL, fill=FAINT) if words else ""


def _region(one: Placed) -> str:
    region = one.box.region
    assert region is not None
    left = min(placed.left for placed in one.all()) - one.inside
    right = one.right + PAD
    ground = element(
        "rect", x=left, y=one.start, width=right - left, height=one.end - one.start, rx=6, fill=region.shade,
        stroke=region.ink, stroke_width=0.6,
    )  # fmt: skip
    edge = element(
        "line", x1=right, y1=one.start, x2=right, y2=one.end, stroke=region.ink, stroke_width=2.5,
        stroke_dasharray="7 4",
    )  # fmt: skip
    words = [
        text(
            line, one.left + one.wide / 2, one.start + PAD + HEADING_LINE * (index + 0.5), font_size=SMALL,
            fill=region.ink, font_weight="normal" if index else "bold",
        )
        for index, line in enumerate(region.heading)
    ]  # fmt: skip
    return element("g", ground + edge + "".join(words))


def _joined(before: list[Placed], left: float, middle: float, *, dot: bool = True) -> Iterator[str]:
    """Draw the lines that lead to a box, the sign of their sum where they meet, and the point of the product."""
    if not before:
        return
    joint = left - (JOINT if dot else JOINT - POINT)
    for one in before:
        line = f"M{one.right:.1f} {one.middle:.1f}H{joint:.1f}V{middle:.1f}"
        yield element("path", d=line, fill="none", stroke=INK, stroke_width=1.2)
        if one.box.result:
            yield _left(one.box.result, one.right + (14.0 if one.box.region else 5.0), one.middle - 8, SMALL)
    # No line between the sum and the point: it would look like a minus.
    if not dot:
        yield element("line", x1=joint, y1=middle, x2=left, y2=middle, stroke=INK, stroke_width=1.2)
    else:
        yield text(DOT, left - POINT, middle, font_size=18, font_weight="bold", fill=INK)
    if len(before) > 1:
        yield element("circle", cx=joint, cy=middle, r=8.5, fill=PAPER, stroke=INK, stroke_width=1.2)
        yield text("+", joint, middle, font_size=15, fill=INK)


def _box(one: Placed) -> str:
    dashes = {"stroke_dasharray": "4 3"} if one.box.dashed else {}
    rect = element(
        "rect", x=one.left, y=one.top, width=one.wide, height=one.high, rx=5, fill=PAPER if one.box.dashed else FILL,
        stroke=FAINT if one.box.dashed else INK, stroke_width=1.2, **dashes,
    )  # fmt: skip
    return element("g", rect + "".join(_line(one, index) for index in range(len(one.box.lines))))


def _line(one: Placed, index: int) -> str:
    pieces = one.box.lines[index]
    spans = "".join(element("tspan", in_svg(piece.words), **_ink(piece)) for piece in pieces)
    x, y = one.left + one.wide / 2, one.top + PAD / 2 + LINE * (index + 0.5)
    return element("text", spans, x=x, y=y, **CENTRED, font_size=TYPE)


def _ink(piece: Piece) -> dict[str, str]:
    return {"fill": piece.ink, "font_weight": "bold"} if piece.ink else {"fill": INK}
