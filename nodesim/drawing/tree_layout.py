"""Where the boxes of a tree stand: each in its column, and each with all that leads to it in rows of its own.

So no box lies on another, and no line crosses a box or a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from nodesim.drawing.boxes import Box, Piece, Region
from nodesim.drawing.measuring import width

TYPE, SMALL = 12.0, 11.0
LINE, HEADING_LINE = 17.0, 14.0
PAD = 7.0
_ROW = 12.0
# Between columns: a line, the sign of the sum, a point, and what is written on the line.
_GAP, _LEAST_COLUMN = 46.0, 60.0
_END = 28.0
JOINT, POINT = 28.0, 8.0


@dataclass
class Placed:
    """A box with its place; so are those that lead to it.

    Attributes
    ----------
    box : Box
    left, top, wide, high : float
        Its own rectangle.
    start, end, inside : float
        The rows that it has for itself: from where to where, and how many pixels its regions reach out on the left.
    before : list of Placed
    """

    box: Box
    left: float
    wide: float
    high: float
    top: float = 0.0
    start: float = 0.0
    end: float = 0.0
    inside: float = 0.0
    before: list[Placed] = field(default_factory=list)

    @property
    def middle(self) -> float:
        """The height at which lines enter and leave."""
        return self.top + self.high / 2

    @property
    def right(self) -> float:
        """Where its line to the right begins."""
        return self.left + self.wide

    def all(self) -> Iterator[Placed]:
        """Yield it after all that leads to it."""
        for placed in self.before:
            yield from placed.all()
        yield self

    def move(self, down: float) -> None:
        """Move it with all that leads to it."""
        for placed in self.all():
            placed.top += down
            placed.start += down
            placed.end += down


class Columns:
    """Where the columns stand.

    Parameters
    ----------
    boxes : sequence of Box
        The last ones.
    titles : dict of float to str
    margin : float
        On the left.
    """

    def __init__(self, boxes: Sequence[Box], titles: dict[float, str], margin: float) -> None:
        every = list(_every(boxes))
        self.left: dict[float, float] = {}
        self.wide: dict[float, float] = {}
        x = margin + PAD * nesting(boxes)
        for column in sorted({box.column for box in every}, reverse=True):
            own = [box for box in every if box.column == column]
            needed = (_needed(box) for box in own)
            self.left[column] = x
            self.wide[column] = max(_LEAST_COLUMN, width(titles.get(column, ""), SMALL) + PAD, *needed)
            x += self.wide[column] + _GAP + max(width(box.result, SMALL) for box in own)
        # What is added at the very end needs the room of a sum, what is not only that of a line.
        self.end = x if len(boxes) > 1 else x - _GAP + _END


def placed(boxes: Iterable[Box], columns: Columns, top: float) -> tuple[list[Placed], float]:
    """Place boxes with all that leads to them under one another; return them, and where they end.

    Parameters
    ----------
    boxes : iterable of Box
    columns : Columns
    top : float
        Where they begin.
    """
    found: list[Placed] = []
    for box in boxes:
        one = _placed(box, columns, top + (_ROW if found else 0.0))
        found.append(one)
        top = one.end
    return found, top


def _placed(box: Box, columns: Columns, top: float) -> Placed:
    high = LINE * len(box.lines) + PAD
    one = Placed(box, columns.left[box.column], columns.wide[box.column], high, start=top)
    above = PAD if box.region else 0.0
    head = above + HEADING_LINE * len(box.region.heading) + PAD if box.region else 0.0
    one.before, bottom = placed(box.before, columns, top + above)
    one.inside = max((before.inside for before in one.before), default=0.0) + above
    one.top = top + head
    if one.before:
        # In the middle of what it adds; where that is too high for its heading, all of it goes down.
        one.top = (one.before[0].middle + one.before[-1].middle - high) / 2
        down = max(0.0, top + head - one.top)
        for before in one.before:
            before.move(down)
        one.top, bottom = one.top + down, bottom + down
    one.end = max(bottom, one.top + high) + above
    return one


def nesting(boxes: Iterable[Box]) -> int:
    """Return how many regions lie in one another at most."""
    return max(((box.region is not None) + nesting(box.before) for box in boxes), default=0)


def line_width(line: Iterable[Piece], size: float = TYPE) -> float:
    """Return how wide a line is; what is coloured is bold, and wider."""
    wide = 0.0
    for piece in line:
        wide += width(piece.words, size, bold=bool(piece.ink))
    return wide


def _needed(box: Box) -> float:
    region: Region | None = box.region
    heads = [width(words, SMALL) for words in region.heading] if region else []
    return max([*(line_width(line) for line in box.lines), *heads]) + 2 * PAD


def _every(boxes: Iterable[Box]) -> Iterator[Box]:
    for box in boxes:
        yield box
        yield from _every(box.before)
