"""A network drawn in the article's style: circles with their names, arrows with their weights, paths in red.

References
----------
Article, section 2.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from nodesim.drawing.highlight import Highlight, highlighted
from nodesim.drawing.labels import LabelPlaces, Point
from nodesim.drawing.layout import Layout, layout
from nodesim.drawing.svg import Drawing, element, escaped, text
from nodesim.errors import ArgumentError
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection, Node
from nodesim.graph.structure import Structure
from nodesim.notation.symbols import number, plural, shown
from nodesim.validation import shortened

RED, INK, FADED, PAPER, SHADE = "#c1121f", "#1d1d1f", "#a0a4ab", "#ffffff", "#eceef1"
_RADIUS = 27.0
_MOST_LABELS = 45
LABELS = ("names", "weights", None)


def draw(network: Structure, highlight: Any, labels: str | None, titles: bool) -> Drawing:
    """Draw a network; see `Network.draw`."""
    if labels not in LABELS:
        raise ArgumentError(f"labels must be 'names', 'weights' or None, got {shortened(labels)}.")
    red = highlighted(network, highlight)
    plan = layout(network, red.nodes)
    pen = _Pen(plan, red, labels)
    connections = sorted(plan.connections, key=lambda c: c in red.connections)
    pieces = [
        *(pen.arrow(c) for c in connections),
        # Those in red choose their places first.
        *(pen.label(c) for c in reversed(_labelled(connections, red, labels))),
        *(pen.circle(node) for node in plan.places),
        *(pen.title(*column) for column in plan.columns if titles),
        *pen.legend(),
    ]
    hidden = len(network) - len(plan.places)
    rest = f", {plural(hidden, 'node')} not shown" if hidden else ""
    sizes = "-".join(str(len(layer)) for layer, _, _ in plan.columns)
    return Drawing("".join(pieces), plan.width, plan.height, f"network {sizes}{rest}")


def _labelled(connections: list[Connection], red: Highlight, labels: str | None) -> list[Connection]:
    """Return the connections whose labels find room: all, those in red, or none."""
    for some in (connections, [c for c in connections if c in red.connections]):
        if labels is not None and len(some) <= _MOST_LABELS:
            return some
    return []


class _Pen:
    """Draws the pieces of one picture."""

    def __init__(self, plan: Layout, red: Highlight, labels: str | None) -> None:
        self.plan = plan
        self.red = red
        self.labels = labels
        self.line = FADED if red.nodes else INK
        self.places = LabelPlaces()

    def circle(self, node: Node) -> str:
        x, y = self.plan.places[node]
        chosen = node in self.red.nodes
        ink = RED if chosen else INK
        names = [node.name]
        pieces = [f"<title>{escaped(f'{node.name} ({node.kind}){self.red.words(node)}')}</title>"]
        fill = SHADE if node.kind == "bias" else PAPER
        pieces.append(
            element(
                "circle", cx=x, cy=y, r=_RADIUS, fill=fill, stroke=ink, stroke_width=self.red.width(node, 1.5, 3.5),
                **self._dots(node),
            )
        )  # fmt: skip
        if node.activation is not None:
            names.append(Quantity("activated", node).name)
            pieces.append(element("line", x1=x - 20, y1=y, x2=x + 20, y2=y, stroke=ink, stroke_width=0.8))
        for name, offset in zip(names, (-10.0, 11.0) if len(names) == 2 else (0.0,)):
            pieces.append(text(_short(name), x, y + offset, fill=ink, font_size=_size(name), **_bold(chosen)))
        return element("g", "".join(pieces))

    def arrow(self, c: Connection) -> str:
        chosen = c in self.red.connections
        colour = RED if chosen else self.line
        curve, width = self._curve(c), self.red.width(c, 1.2, 3.0)
        negative = self.labels == "weights" and c.weight < 0
        dashes = self._dots(c) or ({"stroke_dasharray": "7 5"} if negative else {})
        head, base = _head(curve, colour, width)
        body = element("path", d=_path(curve[:-1], base), fill="none", stroke=colour, stroke_width=width, **dashes)
        return element("g", f"<title>{escaped(repr(c)[1:-1] + self.red.words(c))}</title>{body}{head}")

    def _dots(self, part: Node | Connection) -> dict[str, Any]:
        return {"stroke_dasharray": "2 3"} if self.red.against(part) else {}

    def _curve(self, c: Connection) -> list[Point]:
        """Return start, control point and end; arrows over several columns bend around what stands between."""
        (x1, y1), (x2, y2) = self.plan.places[c.source], self.plan.places[c.target]
        middle = ((x1 + x2) / 2, (y1 + y2) / 2)
        if abs(x2 - x1) > 200 or abs(x2 - x1) < 1:
            away = -1.0 if middle[1] <= self.plan.height / 2 else 1.0
            middle = (middle[0] + (70.0 if abs(x2 - x1) < 1 else 0.0), middle[1] + away * 90.0)
        return [_towards((x1, y1), middle, _RADIUS), middle, _towards((x2, y2), middle, _RADIUS + 2)]

    def label(self, c: Connection) -> str:
        words = c.name if self.labels == "names" else number(c.weight, 3)
        x, y = self.places.take(_short(words), partial(_point, self._curve(c)))
        chosen = c in self.red.connections
        return text(
            _short(words), x, y, fill=RED if chosen else INK, font_size=12, stroke=PAPER,
            stroke_width=max(5.0, self.red.width(c, 1.2, 3.0)), paint_order="stroke", **_bold(chosen),
        )  # fmt: skip

    def legend(self) -> list[str]:
        """Say what dashes and thickness mean, where there are some."""
        words = []
        if self.labels == "weights" and any(c.weight < 0 for c in self.plan.connections):
            words.append("dashed: weight below 0")
        if self.red.carried:
            words.append("thickness: share of the gradient")
        if any(carried.against for carried in self.red.carried.values()):
            words.append("dotted: of the opposite sign")
        middle, bottom = self.plan.width / 2, self.plan.height - 12
        return [text("; ".join(words), middle, bottom, fill=INK, font_size=11)] if words else []

    def title(self, layer: Any, x: float, left_out: int) -> str:
        pieces = [text(layer.name, x, 18.0, fill=INK, font_size=12)]
        if left_out:
            pieces.append(text(f"⋮ {left_out:,} more", x, self.plan.height - 12, fill=INK, font_size=12))
        return "".join(pieces)


def _point(curve: list[Point], t: float) -> Point:
    """Return the point of a quadratic Bézier curve at t."""
    x, y = ((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t * t * c for a, b, c in zip(*curve))
    return x, y


def _bold(chosen: bool) -> dict[str, str]:
    return {"font_weight": "bold"} if chosen else {}


def _short(name: str) -> str:
    written = shown(name)
    return written if len(written) <= 9 else f"{written[:8]}…"


def _size(name: str) -> int:
    return 13 if len(name) <= 5 else 9


def _towards(point: Point, other: Point, distance: float) -> Point:
    dx, dy = other[0] - point[0], other[1] - point[1]
    length = math.hypot(dx, dy) or 1.0
    return point[0] + dx / length * distance, point[1] + dy / length * distance


def _path(points: list[Point], end: Point) -> str:
    (x1, y1), (cx, cy) = points
    return f"M{x1:.1f} {y1:.1f}Q{cx:.1f} {cy:.1f} {end[0]:.1f} {end[1]:.1f}"


def _head(curve: list[Point], colour: str, width: float) -> tuple[str, Point]:
    """Write an arrow's head, a shape of its own, because marks are shared by all pictures of a page; and its base."""
    length, half = 8.0 + 1.67 * width, 3.0 + 0.83 * width
    (cx, cy), (x, y) = curve[1], curve[2]
    angle = math.atan2(y - cy, x - cx)
    back = x - length * math.cos(angle), y - length * math.sin(angle)
    side = half * math.sin(angle), -half * math.cos(angle)
    corners = [(x, y), (back[0] + side[0], back[1] + side[1]), (back[0] - side[0], back[1] - side[1])]
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)
    # A little inside, so that no gap shows.
    return element("polygon", points=points, fill=colour), _towards(back, (x, y), 1.0)
