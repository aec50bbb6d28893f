"""How a number came from its start to its end: a bar for each part, each where the one before it ends."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nodesim.drawing.measuring import broken, squeezed, width
from nodesim.drawing.scales import round_step
from nodesim.drawing.svg import Drawing, element, text
from nodesim.notation.symbols import number
from nodesim.showing import in_markup

# Told apart by colour-blind readers; what goes down is hatched besides, and an arrow says where each bar goes.
_UP, _DOWN, _INK, _RULE, _PAPER = "#0072b2", "#f5c77a", "#1d1d1f", "#d5d8dd", "#ffffff"
_HATCH = "#8a5a00"
_WIDTH, _LEFT, _RIGHT, _NAMES = 760.0, 220.0, 112.0, 196.0
_TOP, _ROW, _BAR, _AXIS, _FOOT = 62.0, 26.0, 16.0, 48.0, 40.0
_RULES = 6


@dataclass(frozen=True)
class Part:
    """One of the parts.

    Attributes
    ----------
    name : str
    amount : float
    """

    name: str
    amount: float


@dataclass(frozen=True)
class Words:
    """What is written around the bars.

    Attributes
    ----------
    description, heading, remark : str
        What the picture is; above it, in large and in small letters.
    axis : str
        What the axis below it has.
    up, down : str
        What the two kinds of bars do.
    """

    description: str
    heading: str
    remark: str
    axis: str
    up: str
    down: str


def draw(parts: Sequence[Part], start: float, end: float, words: Words) -> Drawing:
    """Draw the way from a start over all parts to an end."""
    levels = [start]
    for part in parts:
        levels.append(levels[-1] + part.amount)
    pen = _Pen(len(parts), [*levels, end])
    remark = broken(words.remark, 12, _WIDTH - 28)
    pieces = [
        text(squeezed(words.heading, 15, _WIDTH - 28), 14, 20.0, fill=_INK, text_anchor="start", font_size=15,
             font_weight="bold"),
        text(remark[0], 14, 42.0, fill=_INK, text_anchor="start", font_size=12),
        *pen.rules(), *pen.mark(0, "start", start),
    ]  # fmt: skip
    for row, (part, level) in enumerate(zip(parts, levels), 1):
        pieces += pen.bar(row, part, level)
    pieces += [*pen.mark(len(parts) + 1, "end", end), *pen.axis(words.axis), *pen.legend(words)]
    return Drawing("".join(pieces), _WIDTH, pen.height, words.description)


class _Pen:
    """Where things stand, and how they look."""

    def __init__(self, n_parts: int, levels: Sequence[float]) -> None:
        low, high = min(levels), max(levels)
        if not high - low > 1e-12 * max(abs(low), abs(high), 1e-300):
            size = abs(low) or 1.0
            low, high = low - 0.1 * size, high + 0.1 * size
        self.step = round_step((high - low) / _RULES)
        self.low = self.step * math.floor(low / self.step + 1e-9)
        self.high = self.step * math.ceil(high / self.step - 1e-9)
        self.bottom = _TOP + _ROW * (n_parts + 2)
        self.height = self.bottom + _AXIS + _FOOT

    def x(self, level: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (level - self.low) / (self.high - self.low)

    def _ticks(self) -> Iterator[float]:
        for place in range(round((self.high - self.low) / self.step) + 1):
            level = self.low + place * self.step
            # What is 0 but for rounding is 0.
            yield 0.0 if abs(level) < self.step / 2 else level

    def rules(self) -> Iterator[str]:
        for level in self._ticks():
            yield element("line", x1=self.x(level), y1=_TOP, x2=self.x(level), y2=self.bottom, stroke=_RULE)

    def axis(self, words: str) -> Iterator[str]:
        yield element("line", x1=_LEFT, y1=self.bottom, x2=_WIDTH - _RIGHT, y2=self.bottom, stroke=_INK)
        # As many digits as tell the ticks apart; where that makes them long, some go without.
        digits = max(1, math.ceil(math.log10(max(abs(self.low), abs(self.high)) / self.step) + 1e-9) + 1)
        written = [number(level, min(digits, 17)) for level in self._ticks()]
        room = (_WIDTH - _LEFT - _RIGHT) / max(len(written) - 1, 1)
        every = max(1, math.ceil((max(width(label, 12) for label in written) + 8) / room))
        for place, (level, label) in enumerate(zip(self._ticks(), written)):
            x = self.x(level)
            yield element("line", x1=x, y1=self.bottom, x2=x, y2=self.bottom + 4, stroke=_INK)
            if place % every == 0:
                yield text(label, x, self.bottom + 15, fill=_INK, font_size=12)
        middle = (_LEFT + _WIDTH - _RIGHT) / 2
        yield text(squeezed(words, 12, _WIDTH - _LEFT - _RIGHT), middle, self.bottom + 35, fill=_INK, font_size=12)

    def _row(self, row: int, name: str, amount: str, bold: str = "normal") -> Iterator[str]:
        y = _TOP + _ROW * (row + 0.5)
        written = text(
            squeezed(name, 12.5, _NAMES), _LEFT - 12, y, text_anchor="end", fill=_INK, font_size=12.5, font_weight=bold
        )
        yield element("g", f"<title>{in_markup(name)}</title>{written}")
        yield text(amount, _WIDTH - 14, y, text_anchor="end", fill=_INK, font_size=12.5, font_weight=bold)

    def mark(self, row: int, name: str, level: float) -> Iterator[str]:
        """Draw where the way begins or ends."""
        x, y = self.x(level), _TOP + _ROW * (row + 0.5)
        side = _ROW / 2
        begin, end = (y, y + side) if row == 0 else (y - side, y)
        yield element("line", x1=x, y1=begin, x2=x, y2=end, stroke=_INK, stroke_width=1.2)
        yield element("circle", cx=x, cy=y, r=5.0, fill=_INK)
        yield from self._row(row, name, number(level), "bold")

    def bar(self, row: int, part: Part, level: float) -> Iterator[str]:
        y, ends = _TOP + _ROW * (row + 0.5), (self.x(level), self.x(level + part.amount))
        yield element("line", x1=ends[0], y1=y - _ROW / 2, x2=ends[0], y2=y - _BAR / 2, stroke=_INK, stroke_width=1.2)
        yield element("line", x1=ends[1], y1=y + _BAR / 2, x2=ends[1], y2=y + _ROW / 2, stroke=_INK, stroke_width=1.2)
        yield from _body(min(ends), y - _BAR / 2, abs(ends[1] - ends[0]), down=part.amount < 0)
        sign = "+" if part.amount > 0 else ""
        yield from self._row(row, part.name, f"{sign}{number(part.amount, 5)}")

    def legend(self, words: Words) -> Iterator[str]:
        y = self.height - 18
        x, room = 14.0, _WIDTH / 2 - 60
        for down, meaning in ((False, words.up), (True, words.down)):
            written = squeezed(meaning, 12, room)
            yield from _body(x, y - 7, 26.0, down=down, height=14.0)
            yield text(written, x + 34, y, text_anchor="start", fill=_INK, font_size=12)
            x += 34 + width(written, 12) + 36


def _body(x: float, y: float, long: float, *, down: bool, height: float = _BAR) -> Iterator[str]:
    """Draw a bar, with an arrow in it if there is room."""
    # What is too narrow to be seen is drawn as a line.
    long = max(long, 1.0)
    yield element(
        "rect", x=x, y=y, width=long, height=height, fill=_DOWN if down else _UP, stroke=_INK, stroke_width=0.6
    )
    for place in range(1, int((long + height) / 8) if down else 0):
        # Slanting lines, cut at the edges.
        top, foot = 8.0 * place, 8.0 * place - height
        begin, end = min(top, long), max(foot, 0.0)
        yield element(
            "line", x1=x + begin, y1=y + (top - begin), x2=x + end, y2=y + (top - end), stroke=_HATCH, stroke_width=1
        )
    if long >= 16.0:
        yield _arrow(x + long / 2, y + height / 2, left=down)


def _arrow(x: float, y: float, *, left: bool) -> str:
    tip, tail = (-5.0, 4.0) if left else (5.0, -4.0)
    points = f"{x + tip:.1f},{y:.1f} {x + tail:.1f},{y - 5:.1f} {x + tail:.1f},{y + 5:.1f}"
    return element("polygon", points=points, fill=_PAPER, stroke=_INK, stroke_width=0.8)
