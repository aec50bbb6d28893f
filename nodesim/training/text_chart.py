"""Curves of errors for terminals, in block characters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

_BLOCKS = " ▁▂▃▄▅▆▇█"
_NOT_FINITE = "×"


def chart(errors: Sequence[float], width: int, height: int, of: str = "epoch") -> str:
    """Return the errors of epochs as a chart on a logarithmic scale; see `nodesim.History.chart`.

    Examples
    --------
    >>> print(chart([0.5, 0.0, float("inf")], width=8, height=2))
    0.5 │█ ×
        │█ ×
        └───
         error of epoch 1 to 3, logarithmic
    """
    columns = _columns(errors, width)
    if not columns:
        return f"(no {of} completed)"
    levels = [math.log10(error) for error in columns if 0.0 < error < math.inf]
    low, high = (min(levels), max(levels)) if levels else (0.0, 0.0)
    bars = [_bar(error, low, high, height) for error in columns]
    rows = ["".join(bar[row] for bar in bars).rstrip() for row in reversed(range(height))]
    labels = [_label(high, levels), *[""] * (height - 2), _label(low, levels) if high > low else ""]
    margin = max(map(len, labels))
    lines = [f"{label:>{margin}} │{row}" for label, row in zip(labels, rows)]
    shown = f"error of {of} 1 to {len(errors):,}, logarithmic" if len(errors) > 1 else f"error of {of} 1"
    return "\n".join([*lines, f"{'':{margin}} └{'─' * len(bars)}", f"{'':{margin}}  {shown}"])


def _label(level: float, levels: list[float]) -> str:
    return f"{10**level:.3g}" if levels else ""


def _bar(error: float, low: float, high: float, height: int) -> str:
    """Return one column, from below."""
    if error == 0.0:
        return " " * height
    if not math.isfinite(error):
        return _NOT_FINITE * height
    part = (math.log10(error) - low) / (high - low) if high > low else 1.0
    eighths = 1 + round(part * (8 * height - 1))
    return "".join(_BLOCKS[min(max(eighths - 8 * row, 0), 8)] for row in range(height))


def _columns(errors: Sequence[float], width: int) -> list[float]:
    """Return the height of each column: its epochs' mean, but at both ends the first and the last error itself."""
    count = min(width, len(errors))
    edges = [round(place * len(errors) / count) for place in range(count + 1)] if count else []
    columns = [math.fsum(errors[a:b]) / (b - a) if _all_finite(errors[a:b]) else math.nan for a, b in pairwise(edges)]
    if columns:
        columns[0], columns[-1] = (errors[0], errors[-1]) if count > 1 else (errors[-1], errors[-1])
    return columns


def _all_finite(errors: Sequence[float]) -> bool:
    return all(map(math.isfinite, errors))
