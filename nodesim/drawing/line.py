"""The curve of a training as a picture."""

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
_INK, _RULE = "#1d1d1f", "#d5d8dd"


def draw(errors: Sequence[float], validation_errors: Sequence[float], title: str) -> Drawing:
    """Draw errors over the epochs on a logarithmic scale; see `History.draw`.

    Parameters
    ----------
    errors : sequence of float
        For each epoch.
    validation_errors : sequence of float
        Likewise; empty if there are none.
    title : str
        What the picture says it is.

    Returns
    -------
    Drawing
    """
    series = [values for values in (errors, validation_errors) if values]
    levels = [math.log10(value) for values in series for value in values if value > 0.0]
    if not levels:
        words = text("no epoch completed" if not series else "the error is 0", _WIDTH / 2, _HEIGHT / 2)
        return Drawing(words, _WIDTH, _HEIGHT, "training curve")
    low, high = math.floor(min(levels)), math.ceil(max(levels))
    scale = _Scale(len(errors), low, max(high, low + 1))
    pieces = [*scale.axes()]
    for values, (_, colour, dashes) in zip((errors, validation_errors), _LINES):
        if values:
            points = " ".join(scale.point(epoch, value) for epoch, value in _thinned(values))
            pieces.append(element("polyline", points=points, fill="none", stroke=colour, stroke_width=2.0, **dashes))
    pieces += _legend(len(series))
    return Drawing("".join(pieces), _WIDTH, _HEIGHT, f"training curve: {title}")


class _Scale:
    """Where an epoch and an error stand in the picture."""

    def __init__(self, epochs: int, low: int, high: int) -> None:
        self.epochs, self.low, self.high = epochs, low, high

    def x(self, epoch: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (epoch - 1) / max(self.epochs - 1, 1)

    def y(self, level: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (self.high - level) / (self.high - self.low)

    def point(self, epoch: int, value: float) -> str:
        level = math.log10(value) if value > 0.0 else float(self.low)
        return f"{self.x(epoch):.1f},{self.y(level):.1f}"

    def axes(self) -> list[str]:
        """Draw a rule for powers of ten, about six of them, and the first and last epoch."""
        step = max(1, (self.high - self.low) // 6)
        pieces = []
        for level in range(self.low, self.high + 1, step):
            y = self.y(level)
            pieces.append(element("line", x1=_LEFT, y1=y, x2=_WIDTH - _RIGHT, y2=y, stroke=_RULE, stroke_width=1))
            pieces.append(text(number(10.0**level), _LEFT - 8, y, text_anchor="end", fill=_INK))
        bottom = _HEIGHT - _BOTTOM + 18
        pieces.append(text("1", self.x(1), bottom, fill=_INK))
        if self.epochs > 1:
            pieces.append(text(f"{self.epochs:,}", self.x(self.epochs), bottom, fill=_INK, text_anchor="end"))
        return [*pieces, text("epoch", (_LEFT + _WIDTH - _RIGHT) / 2, bottom + 14, fill=_INK)]


def _thinned(values: Sequence[float]) -> list[tuple[int, float]]:
    """Return epochs and values, of long trainings some hundred of them, the last included."""
    step = -(-len(values) // _POINTS)
    chosen = [*range(0, len(values), step)]
    if chosen[-1] != len(values) - 1:
        chosen.append(len(values) - 1)
    return [(index + 1, values[index]) for index in chosen]


def _legend(count: int) -> list[str]:
    pieces = []
    for index, (name, colour, dashes) in enumerate(_LINES[:count]):
        x = _LEFT + 10 + 130.0 * index
        pieces.append(element("line", x1=x, y1=20, x2=x + 26, y2=20, stroke=colour, stroke_width=2, **dashes))
        pieces.append(text(name, x + 32, 20.0, text_anchor="start", fill=_INK))
    return pieces
