"""Bands stacked over the epochs of a training: what is positive above 0, what is negative below, a line for the sum."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.drawing.scales import round_step
from nodesim.drawing.svg import Drawing, element, text
from nodesim.notation.symbols import number
from nodesim.showing import in_markup, shown

# Told apart by colour-blind readers (M. Okabe, K. Ito, 2008), and neighbours in black and white as well.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#f0e442", "#d55e00", "#56b4e9", "#8c4a8c", "#f3c9de")
OTHERS = "#c9ccd1"
_DARK = ("#0072b2", "#009e73", "#d55e00", "#8c4a8c")
_INK, _RULE, _PAPER = "#1d1d1f", "#d5d8dd", "#ffffff"
_WIDTH, _LEFT, _RIGHT, _PLOT = 760.0, 84.0, 216.0, 220.0
# Above the first panel, above each plot, under each plot, and under the last panel.
_TOP, _HEAD, _FOOT, _NOTE = 30.0, 34.0, 26.0, 34.0
_POINTS, _RULES, _TICKS, _LETTERS = 300, 6, 6, 24
# How wide a letter is, how high a label, and how far it stays away from the line.
_LETTER, _LABEL, _AWAY = 8.4, 16.0, 6.0
_GRID = 120


@dataclass(frozen=True, eq=False)
class Band:
    """One of the parts.

    Attributes
    ----------
    name, colour : str
    values : ndarray of shape (n_records,)
    """

    name: str
    colour: str
    values: Array


@dataclass(frozen=True, eq=False)
class Panel:
    """One stack of bands.

    Attributes
    ----------
    title : str
    bands : sequence of Band
        Those above 0 are stacked upwards, those below downwards, the first next to 0.
    line : ndarray of shape (n_records,)
        What they add up to.
    """

    title: str
    bands: Sequence[Band]
    line: Array


@dataclass(frozen=True)
class Words:
    """What is written around the panels.

    Attributes
    ----------
    description, heading, line, note : str
        What the picture is, above it; what the line is; and a note below it.
    percent : bool
        Whether the numbers are parts of 1, written as percentages.
    """

    description: str
    heading: str
    line: str
    note: str
    percent: bool


def draw(panels: Sequence[Panel], epochs: Sequence[int], words: Words) -> Drawing:
    """Draw panels under one another over the same epochs."""
    each = _HEAD + _PLOT + _FOOT
    height = _TOP + len(panels) * each + _NOTE
    pieces = [text(words.heading, 14, 20.0, fill=_INK, text_anchor="start", font_size=15, font_weight="bold")]
    for index, panel in enumerate(panels):
        pieces += _Pen(panel, epochs, words, _TOP + _HEAD + index * each).pieces()
    pieces.append(text(words.note, 14, height - 16, fill=_INK, text_anchor="start", font_size=12))
    return Drawing("".join(pieces), _WIDTH, height, words.description)


class _Pen:
    """Draws one panel."""

    def __init__(self, panel: Panel, epochs: Sequence[int], words: Words, top: float) -> None:
        chosen = np.unique(np.linspace(0, len(epochs) - 1, _POINTS).round().astype(int))
        # One record alone is drawn as wide as many.
        self.chosen = chosen if len(chosen) > 1 else np.zeros(2, int)
        self.epochs = np.asarray(epochs, dtype=float)
        self.panel, self.words, self.top = panel, words, top
        self.stacks = [_stack([band.values[self.chosen] for band in panel.bands], sign) for sign in (1.0, -1.0)]
        self.line = panel.line[self.chosen]
        everything = [self.line, *(edge for stack in self.stacks for edge in stack)]
        self.low, self.high, self.step = _range(min(map(np.min, everything)), max(map(np.max, everything)))
        first, last = self.epochs[0], self.epochs[-1]
        self.x = (
            _LEFT + (_WIDTH - _LEFT - _RIGHT) * (self.epochs[self.chosen] - first) / (last - first)
            if last > first
            else np.array([_LEFT, _WIDTH - _RIGHT])
        )

    def pieces(self) -> Iterator[str]:
        """Yield everything that belongs to the panel."""
        if self.panel.title:
            yield text(self.panel.title, _LEFT, self.top - 14, fill=_INK, text_anchor="start")
        yield from self._rules()
        for band, *edges in zip(self.panel.bands, *map(_pairs, self.stacks)):
            bodies = "".join(self._area(low, high, band.colour) for low, high in edges if (low != high).any())
            yield element("g", f"<title>{in_markup(band.name)}</title>{bodies}") if bodies else ""
        yield self._polyline(self.line, stroke=_PAPER, stroke_width=3.8)
        yield self._polyline(self.line, stroke=_INK, stroke_width=2.2)
        for band, *edges in zip(self.panel.bands, *map(_pairs, self.stacks)):
            yield self._label(band, edges)
        yield from self._axis()
        yield from self._legend()

    def _y(self, value: Any) -> Any:
        return self.top + _PLOT * (self.high - value) / (self.high - self.low)

    def _points(self, values: Array) -> list[str]:
        return [f"{x:.1f},{y:.1f}" for x, y in zip(self.x.tolist(), self._y(values).tolist())]

    def _polyline(self, values: Array, **style: Any) -> str:
        return element("polyline", points=" ".join(self._points(values)), fill="none", stroke_linejoin="round", **style)

    def _area(self, low: Array, high: Array, colour: str) -> str:
        points = [*self._points(high), *reversed(self._points(low))]
        return element("polygon", points=" ".join(points), fill=colour, stroke=_PAPER, stroke_width=0.6)

    def _label(self, band: Band, edges: list[tuple[Array, Array]]) -> str:
        """Write a band's name into it where there is most room, if there is enough."""
        words = _short(band.name)
        room, x, y = max(place for low, high in edges for place in self._places(low, high, _LETTER * len(words) / 2))
        if room < _LABEL:
            return ""
        ink = _PAPER if band.colour in _DARK else _INK
        return text(words, x, y, fill=ink, font_size=12, font_weight="bold")

    def _places(self, low: Array, high: Array, half: float) -> Iterator[tuple[float, float, float]]:
        """Yield how much room there is in a band, above the line and below it, and where; in the picture's units."""
        grid = np.linspace(self.x[0], self.x[-1], _GRID)
        line, *ends = (np.interp(grid, self.x, self._y(values)) for values in (self.line, low, high))
        above, below = np.minimum(*ends), np.maximum(*ends)
        centres = np.clip(grid, self.x[0] + half, self.x[-1] - half)
        under = np.abs(grid[None, :] - centres[:, None]) <= half
        for upper, lower in ((above, np.minimum(below, line - _AWAY)), (np.maximum(above, line + _AWAY), below)):
            first = np.where(under, upper, -np.inf).max(axis=1)
            last = np.where(under, lower, np.inf).min(axis=1)
            best = int(np.argmax(last - first))
            yield float((last - first)[best]), float(centres[best]), float((last + first)[best]) / 2

    def _rules(self) -> Iterator[str]:
        for index in range(round((self.high - self.low) / self.step) + 1):
            value = self.low + index * self.step
            # What is 0 but for rounding is 0.
            value = 0.0 if abs(value) < self.step / 2 else value
            y = float(self._y(value))
            yield element("line", x1=_LEFT, y1=y, x2=_WIDTH - _RIGHT, y2=y, stroke=_RULE, stroke_width=1)
            written = f"{number(100 * value, 3)} %" if self.words.percent else number(value, 3)
            yield text(written, _LEFT - 8, y, text_anchor="end", fill=_INK, font_size=12)

    def _axis(self) -> Iterator[str]:
        zero, bottom = float(self._y(0.0)), self.top + _PLOT
        right = _WIDTH - _RIGHT
        yield element("line", x1=_LEFT, y1=zero, x2=right, y2=zero, stroke=_INK, stroke_width=1)
        first, last = self.epochs[0], self.epochs[-1]
        for epoch in _ticks(first, last):
            x = _LEFT + (right - _LEFT) * (epoch - first) / ((last - first) or 1.0)
            yield element("line", x1=x, y1=bottom, x2=x, y2=bottom + 4, stroke=_INK, stroke_width=1)
            yield text(f"{epoch:,.0f}", x, bottom + 15, fill=_INK, font_size=12)
        yield text("epoch", right + 18, bottom + 15, fill=_INK, font_size=12, text_anchor="start")

    def _legend(self) -> Iterator[str]:
        x, y = _WIDTH - _RIGHT + 18, self.top + 6
        yield element("line", x1=x, y1=y, x2=x + 18, y2=y, stroke=_INK, stroke_width=2.2)
        yield text(self.words.line, x + 26, y, text_anchor="start", fill=_INK, font_size=12)
        for index, band in enumerate(self.panel.bands, 1):
            below = y + 22 * index
            yield element(
                "rect", x=x, y=below - 7, width=18, height=14, fill=band.colour, stroke=_INK, stroke_width=0.6
            )
            yield text(_short(band.name), x + 26, below, text_anchor="start", fill=_INK, font_size=12)


def _stack(values: Sequence[Array], sign: float) -> list[Array]:
    """Return the edges of what lies on one side of 0, from there outwards."""
    edges = [np.zeros_like(values[0])] if values else [np.zeros(2)]
    for each in values:
        edges.append(edges[-1] + sign * np.maximum(sign * each, 0.0))
    return edges


def _pairs(edges: list[Array]) -> list[tuple[Array, Array]]:
    return list(pairwise(edges))


def _range(low: float, high: float) -> tuple[float, float, float]:
    """Return the ends of an axis that holds 0, and the step of its rules."""
    low, high = min(float(low), 0.0), max(float(high), 0.0)
    if high - low < 1e-300:
        low, high = -1.0, 1.0
    step = round_step((high - low) / _RULES)
    return step * math.floor(low / step + 1e-9), step * math.ceil(high / step - 1e-9), step


def _ticks(first: float, last: float) -> list[float]:
    """Return the first and the last epoch, and round ones between them."""
    if last == first:
        return [first]
    step = max(round_step((last - first) / _TICKS), 1.0)
    between = np.arange(step * math.ceil(first / step), last, step).tolist()
    # Some room between the numbers.
    return [first, *(epoch for epoch in between if min(epoch - first, last - epoch) > step / 2), last]


def _short(name: str) -> str:
    """Shorten a name in its middle: paths are told by where they begin and end."""
    written = shown(name)
    half = _LETTERS // 2
    return written if len(written) <= _LETTERS else f"{written[: half - 1]} … {written[-half + 2 :]}"
