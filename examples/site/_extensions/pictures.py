"""Pictures of derivative graphs for pages that explain them, in the ink of the page: light and dark."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

import networkx as nx
from IPython.display import HTML

_ACROSS, _DOWN, _WIDTH, _HEIGHT = 112, 58, 52, 26
_RED = "#d9473d"
_HALO = "paint-order:stroke;stroke:var(--color-background-primary);stroke-width:4px"


def quantities(graph: Any, red: Iterable[str] = (), title: str = "derivative graph", label: str = "partial") -> HTML:
    """Draw an acyclic graph of quantities from left to right, e first, with what its edges have written beside them."""
    columns = [sorted(column) for column in nx.topological_generations(graph)]
    tallest = max(map(len, columns))
    places = {
        name: (_ACROSS * (x + 0.5), _DOWN * ((tallest - len(column)) / 2 + y + 0.5))
        for x, column in enumerate(columns)
        for y, name in enumerate(column)
    }
    marked = set(red)
    # Sorted, so that it is the same picture each time.
    drawn = sorted(graph.edges(data=label), key=lambda edge: edge[:2])
    edges = "".join(_edge(places[a], places[b], _written(number)) for a, b, number in drawn)
    nodes = "".join(_node(name, *place, _RED if name in marked else "currentColor") for name, place in places.items())
    wide, high = _ACROSS * len(columns), _DOWN * tallest
    # On narrow screens it is moved sideways: made as narrow as these, nobody could read it.
    return HTML(
        f'<div style="overflow-x:auto"><svg role="img" viewBox="0 0 {wide} {high}" width="{wide}" '
        f'style="max-width:100%;min-width:{0.8 * wide:g}px;height:auto" font-family="sans-serif" font-size="13">'
        f"<title>{html.escape(title)}</title>{edges}{nodes}</svg></div>"
    )


def _written(value: Any) -> str:
    return "" if value is None else f"{value:.3g}".replace("-", "\N{MINUS SIGN}")


def _edge(start: tuple[float, float], end: tuple[float, float], words: str) -> str:
    (x, y), (to_x, to_y) = (start[0] + _WIDTH / 2, start[1]), (end[0] - _WIDTH / 2, end[1])
    # Off the middle, where edges cross one another.
    at_x, at_y = x + 0.3 * (to_x - x), y + 0.3 * (to_y - y)
    return (
        f'<path d="M{x:g} {y:g}L{to_x - 5:g} {to_y:g}" stroke="currentColor" opacity="0.6" fill="none"/>'
        f'<path d="M{to_x:g} {to_y:g}l-7 -3.5v7z" fill="currentColor" opacity="0.6"/>'
        f'<text x="{at_x:g}" y="{at_y + 4:g}" text-anchor="middle" font-size="10.5" fill="currentColor" '
        f'style="{_HALO}">{html.escape(words)}</text>'
    )


def _node(name: str, x: float, y: float, ink: str) -> str:
    return (
        f'<rect x="{x - _WIDTH / 2:g}" y="{y - _HEIGHT / 2:g}" width="{_WIDTH}" height="{_HEIGHT}" rx="13" '
        f'fill="none" stroke="{ink}" stroke-width="1.5"/>'
        f'<text x="{x:g}" y="{y + 4.5:g}" text-anchor="middle" fill="{ink}">{html.escape(name)}</text>'
    )
