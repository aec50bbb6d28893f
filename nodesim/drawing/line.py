"""The curve of a training as a picture, on a logarithmic scale that errors of any size fit."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nodesim.drawing.svg import Drawing, element, text
from nodesim.notation.symbols import number

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640.0, 360.0, 84.0, 24.0, 40.0, 52.0
# Blue and orange differ for colour-blind readers as well; the second line is dashed besides.
_LINES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("error", "#0b5cad", {}),
    ("validation error", "#c2570c", {"stroke_dasharray": "7 4"}),
)
_POINTS = 600
# About so many rules; where they are powers of ten, and where there are too few of those.
_RULES, _FEW = 6, 2
_INK, _RULE = "#1d1d1f", "#d5d8dd"


def draw(errors: Sequence[float], validation_errors: Sequence[float], title: str, of: str = "epoch") -> Drawing:
    """Draw errors over the epochs on a logarithmic scale; see `History.draw`.

    Parameters
    ----------
    errors : sequence of float
        For each epoch. What is no number, or infinite, leaves a gap; 0 stands on a rule of its own below all others.
    validation_errors : sequence of float
        Likewise; empty if there are none.
    title : str
        What the picture says it is.
    of : str
        What there is an error for each of.

    Returns
    -------
    Drawing
    """
    series = [values for values in (errors, validation_errors) if values]
    numbers = [value for values in series for value in values if math.isfinite(value)]
    if not any(value > 0.0 for value in numbers):
        none = "the error is 0" if numbers else "no error is a number"
        words = text(none if series else f"no {of} completed", _WIDTH / 2, _HEIGHT / 2, fill=_INK)
        return Drawing(words, _WIDTH, _HEIGHT, "training curve")
    scale = _Scale(len(errors), numbers)
    pieces = [*scale.axes(of)]
    for values, (_, colour, dashes) in zip((errors, validation_errors), _LINES):
        for points in _unbroken(values):
            pieces.append(_stroke([scale.point(epoch, value) for epoch, value in points], colour, dashes))
    pieces += _legend(len(series))
    return Drawing("".join(pieces), _WIDTH, _HEIGHT, f"training curve: {title}")


class _Scale:
    """Where an epoch and an error stand in the picture."""

    def __init__(self, epochs: int, numbers: Sequence[float]) -> None:
        self.epochs = epochs
        # What stands at the rule for that which has no logarithm.
        self.zero = "≤ 0" if min(numbers) < 0.0 else "0" if 0.0 in numbers else ""
        levels = [math.log10(value) for value in numbers if value > 0.0]
        self.rules = _rules(min(levels), max(levels))
        self.high, self.least = self.rules[-1], self.rules[0]
        self.low = self.least - (self.high - self.least) / _RULES if self.zero else self.least

    def x(self, epoch: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (epoch - 1) / max(self.epochs - 1, 1)

    def y(self, level: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (self.high - level) / (self.high - self.low)

    def point(self, epoch: int, value: float) -> tuple[float, float]:
        return self.x(epoch), self.y(math.log10(value) if value > 0.0 else self.low)

    def axes(self, of: str) -> list[str]:
        """Draw the rules, and the first and last epoch, or whatever they are of."""
        pieces = []
        marks = [(self.y(level), _power(level)) for level in self.rules]
        for y, words in [*marks, *([(self.y(self.low), self.zero)] if self.zero else [])]:
            pieces.append(element("line", x1=_LEFT, y1=y, x2=_WIDTH - _RIGHT, y2=y, stroke=_RULE, stroke_width=1))
            pieces.append(text(words, _LEFT - 8, y, text_anchor="end", fill=_INK))
        bottom = _HEIGHT - _BOTTOM + 18
        pieces.append(text("1", self.x(1), bottom, fill=_INK))
        if self.epochs > 1:
            pieces.append(text(f"{self.epochs:,}", self.x(self.epochs), bottom, fill=_INK, text_anchor="end"))
        pieces.append(text("logarithmic scale", _WIDTH - _RIGHT, 20.0, fill=_INK, font_size=11, text_anchor="end"))
        return [*pieces, text(of, (_LEFT + _WIDTH - _RIGHT) / 2, bottom + 14, fill=_INK)]


def _rules(low: float, high: float) -> list[float]:
    """Return the levels of rules around two: powers of ten, and twice and five times those where they are few."""
    first, last = math.floor(low), math.ceil(high)
    if last - first <= _FEW:
        parts = [decade + math.log10(times) for decade in range(first, last + 1) for times in (1, 2, 5)]
        below = [level for level in parts if level <= low + 1e-9]
        above = [level for level in parts if level >= high - 1e-9]
        if below[-1] < above[0]:
            return [level for level in parts if below[-1] <= level <= above[0]]
    last = max(last, first + 1)
    step = -(-(last - first) // _RULES)
    return [float(level) for level in range(first, last + step, step)]


def _power(level: float) -> str:
    """Write a power of ten, also one that no float holds."""
    return number(10.0**level) if -300 < level < 300 else f"1e{level:+.0f}"


def _unbroken(values: Sequence[float]) -> list[list[tuple[int, float]]]:
    """Return epochs and values between which nothing is missing; of long trainings some hundred of them."""
    step = -(-len(values) // _POINTS) or 1
    runs: list[list[tuple[int, float]]] = [[]]
    for epoch, value in enumerate(values, 1):
        if not math.isfinite(value):
            runs.append([])
        elif (epoch - 1) % step == 0 or epoch == len(values) or not runs[-1]:
            runs[-1].append((epoch, value))
    return [run for run in runs if run]


def _stroke(points: list[tuple[float, float]], colour: str, dashes: dict[str, str]) -> str:
    """Draw a line, and one point as a dot: a line without length cannot be seen."""
    if len(points) == 1:
        return element("circle", cx=points[0][0], cy=points[0][1], r=4, fill=colour)
    written = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return element("polyline", points=written, fill="none", stroke=colour, stroke_width=2.0, **dashes)


def _legend(count: int) -> list[str]:
    pieces = []
    for index, (name, colour, dashes) in enumerate(_LINES[:count]):
        x = _LEFT + 10 + 130.0 * index
        pieces.append(element("line", x1=x, y1=20, x2=x + 26, y2=20, stroke=colour, stroke_width=2, **dashes))
        pieces.append(text(name, x + 32, 20.0, text_anchor="start", fill=_INK))
    return pieces
