"""The history of a weight as a picture: which bands there are, and which are drawn as one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from nodesim._arrays import Array
from nodesim.drawing.stacked import COLOURS, OTHERS, Band, Panel, Words
from nodesim.drawing.stacked import draw as drawn
from nodesim.drawing.svg import Drawing
from nodesim.notation.symbols import ERROR, partial, plural, shown
from nodesim.training.contributions import Parts

if TYPE_CHECKING:
    from nodesim.training.weight_history import WeightHistory

By = Literal["output", "node", "path"]
BY = ("output", "node", "path")

_PANELS = 4
# What is left of a sum when all its parts are taken away is rounding.
_ROUNDING = 1e-9


def draw(history: WeightHistory, by: By, *, relative: bool) -> Drawing:
    """Draw what a gradient was made of; see `WeightHistory.draw`."""
    name, first, last = shown(history.name), f"{history.epochs[0]:,}", f"{history.epochs[-1]:,}"
    over = f"epoch {first}" if first == last else f"epochs {first} to {last}"
    gradient = partial(ERROR, history.name)
    split = _split(history, by)
    panels = [_panel(title, parts, history, by, relative) for title, parts in split[:_PANELS]]
    left_out = f" Not drawn: {plural(len(split) - _PANELS, 'more layer')}." if len(split) > _PANELS else ""
    words = Words(
        description=f"what fed the gradient of {name}, by {by}: {over}",
        heading=f"What fed {gradient}, by {by}" + (" (each epoch scaled to 100 %)" if relative else ""),
        line=f"{gradient}, the sum",
        note=f"Where the sum {gradient} is above 0, gradient descent makes {name} smaller; below 0, larger.{left_out}",
        percent=relative,
    )
    return drawn(panels, history.epochs.tolist(), words)


def _split(history: WeightHistory, by: By) -> list[tuple[str, Parts]]:
    """Return what is drawn under one another, with titles."""
    if by != "node":
        return [("", history.outputs if by == "output" else history.paths)]
    levels = [
        (title, Parts([history.nodes.names[i] for i in places], history.nodes.array[:, places], history.gradients))
        for title, places in history.levels
    ]
    # A node that everything passes tells nothing.
    telling = [(title, parts) for title, parts in levels if len(parts) > 1 or not _whole(parts, history)]
    return telling or levels[-1:] or [("", history.nodes)]


def _whole(parts: Parts, history: WeightHistory) -> bool:
    return not _counts(history.gradients - parts.array.sum(axis=1), history)


def _counts(rest: Array, history: WeightHistory) -> bool:
    """Tell whether what is left is more than rounding."""
    return bool((np.abs(rest) > _ROUNDING * history.scales).any())


def _panel(title: str, parts: Parts, history: WeightHistory, by: By, relative: bool) -> Panel:
    """Name the largest parts, and put the others together."""
    chosen = _largest(parts.array)
    values = [np.nan_to_num(parts.array[:, column]) for column in chosen]
    bands = [Band(parts.names[column], colour, each) for column, colour, each in zip(chosen, COLOURS, values)]
    rest = history.gradients - np.sum(values, axis=0)
    if _counts(rest, history):
        bands.append(Band("other paths" if by == "path" else "others", OTHERS, rest))
    if not relative:
        return Panel(title, bands, history.gradients)
    size = np.sum([np.abs(band.values) for band in bands], axis=0)
    size = np.where(size == 0, 1.0, size)
    return Panel(title, [replace(band, values=band.values / size) for band in bands], history.gradients / size)


def _largest(table: Array) -> list[int]:
    """Return the columns that are the largest parts of the rows, as many as there are colours, in their order."""
    parts = np.abs(np.nan_to_num(table))
    whole = parts.sum(axis=1, keepdims=True)
    means = (parts / np.where(whole == 0, 1.0, whole)).sum(axis=0)
    return sorted(np.argsort(-means, kind="stable")[: len(COLOURS)].tolist())
