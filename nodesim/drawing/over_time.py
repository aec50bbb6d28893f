"""Sizes at each step in time as lines on a logarithmic scale, in which what vanishes falls and what explodes rises."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nodesim.drawing.measuring import broken, squeezed
from nodesim.drawing.svg import Drawing, element, text
from nodesim.notation.symbols import number

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760.0, 430.0, 84.0, 150.0, 92.0, 60.0
# Told apart by colour-blind readers; dashes besides.
_LINES: tuple[tuple[str, dict[str, str]], ...] = (
    ("#0072b2", {}), ("#d55e00", {"stroke_dasharray": "7 4"}), ("#00795a", {"stroke_dasharray": "2 4"}),
    ("#a3478a", {"stroke_dasharray": "10 3 2 3"}),
)  # fmt: skip
_RULES, _TICKS, _DOTTED = 7, 10, 60
_INK, _RULE = "#1d1d1f", "#d5d8dd"


@dataclass(frozen=True)
class Words:
    """What is written around the lines.

    Attributes
    ----------
    description, heading, remark : str
        What the picture is; above it, in large and in small letters.
    across, up : str
        What the two axes have.
    """

    description: str
    heading: str
    remark: str
    across: str
    up: str


def draw(lines: Mapping[str, Sequence[float]], details: Mapping[str, str], words: Words) -> Drawing:
    """Draw sizes over the steps 0, 1, 2, ...; what is 0, or no number, leaves a gap.

    Parameters
    ----------
    lines : mapping of str to sequence of float
        By what each line is called.
    details : mapping of str to str
        What is written under that.
    words : Words
    """
    sizes = [size for line in lines.values() for size in line if 0.0 < size < math.inf]
    pen = _Pen(max(map(len, lines.values()), default=1), sizes or [1.0])
    pieces = [*_heading(words), *pen.rules(words)]
    for place, line in enumerate(lines.values()):
        pieces += pen.line(line, *_LINES[place % len(_LINES)])
    return Drawing("".join([*pieces, *pen.names(lines, details)]), _WIDTH, _HEIGHT, words.description)


def _heading(words: Words) -> Iterator[str]:
    room = _WIDTH - 28
    yield text(
        squeezed(words.heading, 15, room), 14, 20.0, fill=_INK, text_anchor="start", font_size=15, font_weight="bold"
    )
    for place, part in enumerate(broken(words.remark, 12, room)[:2]):
        yield text(part, 14, 42.0 + 16.0 * place, fill=_INK, text_anchor="start", font_size=12)


class _Pen:
    """Where a step and a size stand."""

    def __init__(self, steps: int, sizes: Sequence[float]) -> None:
        self.steps = steps
        low, high = math.floor(math.log10(min(sizes))), math.ceil(math.log10(max(sizes)))
        self.every = max(1, -(-(high - low) // _RULES))
        self.low = low
        self.high = low + self.every * max(1, -(-(high - low) // self.every))

    def x(self, step: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * step / max(self.steps - 1, 1)

    def y(self, size: float) -> float:
        level = (self.high - math.log10(size)) / (self.high - self.low)
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * level

    def rules(self, words: Words) -> Iterator[str]:
        for level in range(self.low, self.high + 1, self.every):
            y = _TOP + (_HEIGHT - _TOP - _BOTTOM) * (self.high - level) / (self.high - self.low)
            yield element("line", x1=_LEFT, y1=y, x2=_WIDTH - _RIGHT, y2=y, stroke=_RULE)
            written = number(10.0**level) if -300 < level < 300 else f"1e{level:+d}"
            yield text(written, _LEFT - 8, y, text_anchor="end", fill=_INK, font_size=12)
        bottom = _HEIGHT - _BOTTOM
        yield element("line", x1=_LEFT, y1=bottom, x2=_WIDTH - _RIGHT, y2=bottom, stroke=_INK)
        for step in range(0, self.steps, max(1, -(-self.steps // _TICKS))):
            yield element("line", x1=self.x(step), y1=bottom, x2=self.x(step), y2=bottom + 4, stroke=_INK)
            yield text(f"{step:,}", self.x(step), bottom + 15, fill=_INK, font_size=12)
        yield text(words.up, 14, _TOP - 14, text_anchor="start", fill=_INK, font_size=12)
        yield text(words.across, (_LEFT + _WIDTH - _RIGHT) / 2, bottom + 38, fill=_INK, font_size=12)

    def line(self, sizes: Sequence[float], colour: str, dashes: Mapping[str, str]) -> Iterator[str]:
        runs: list[list[tuple[float, float]]] = [[]]
        for step, size in enumerate(sizes):
            if 0.0 < size < math.inf:
                runs[-1].append((self.x(step), self.y(size)))
            elif runs[-1]:
                runs.append([])
        for run in runs:
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
            yield element("polyline", points=points, fill="none", stroke=colour, stroke_width=2.0, **dashes)
            for x, y in run if self.steps <= _DOTTED else ():
                yield element("circle", cx=x, cy=y, r=2.2, fill=colour)

    def names(self, lines: Mapping[str, Sequence[float]], details: Mapping[str, str]) -> Iterator[str]:
        """Write each name behind the end of its line, one under the other where these are close."""
        ends = []
        for place, (name, sizes) in enumerate(lines.items()):
            last = next((size for size in reversed(sizes) if 0.0 < size < math.inf), None)
            ends.append((_HEIGHT - _BOTTOM if last is None else self.y(last), place, name))
        y = -math.inf
        for wanted, place, name in sorted(ends):
            y = max(wanted, y + 34.0)
            colour, dashes = _LINES[place % len(_LINES)]
            x = _WIDTH - _RIGHT + 10
            yield element("line", x1=x, y1=y, x2=x + 24, y2=y, stroke=colour, stroke_width=2.0, **dashes)
            room = _RIGHT - 48
            yield text(squeezed(name, 12.5, room), x + 30, y, text_anchor="start", fill=_INK, font_size=12.5)
            detail = squeezed(details[name], 11, room)
            yield text(detail, x + 30, y + 15.0, text_anchor="start", fill=_INK, font_size=11)
