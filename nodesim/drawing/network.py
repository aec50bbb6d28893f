"""A network drawn in the article's style: circles with their names, arrows with their weights, paths in red.

References
----------
Article, section 2.
"""

from __future__ import annotations

from typing import Any

from nodesim.drawing.curves import Curve, Point
from nodesim.drawing.highlight import Highlight, highlighted
from nodesim.drawing.labels import SIZE, LabelPlaces
from nodesim.drawing.layout import RADIUS, Layout, layout
from nodesim.drawing.measuring import width
from nodesim.drawing.routing import Router
from nodesim.drawing.svg import Drawing, element, text
from nodesim.drawing.words import cut, in_circle, in_half
from nodesim.errors import ArgumentError
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection, Layer, Node
from nodesim.graph.layer_names import layer_title
from nodesim.graph.structure import Structure
from nodesim.notation.symbols import number
from nodesim.notation.wrapping import filled
from nodesim.showing import in_markup, shown
from nodesim.validation import flag, shortened
from nodesim.wording.language import ENGLISH, Language
from nodesim.wording.language import language as spoken
from nodesim.wording.message import Message, Numeral, marked

RED, INK, FADED, PAPER, SHADE = "#c1121f", "#1d1d1f", "#a0a4ab", "#ffffff", "#eceef1"
BLUE = "#1d4ed8"
# All connections have labels if there are so many; of more those in red, if there are fewer.
_MOST_LABELS, _MOST_RED = 100, 45
_LABEL_ROOM = 84.0
# Under the picture: a line that says what is left out, and some that say what lines mean.
_NOTE, _SMALL = 24.0, 11
# The sign of a node that is no sum, on top of its circle, where fewest arrows are.
_BADGE_SIZE = 10
# The square on a delayed connection: how large, and at which share of the line.
_SQUARE, _GAP, _DELAY_PLACE = 14.0, 2.0, 0.62
LABELS = ("names", "weights", None)
_KINDS = {"input": marked("input"), "hidden": marked("hidden"), "output": marked("output"), "bias": marked("bias")}


def draw(network: Structure, highlight: Any, labels: str | None, titles: bool, language: Any = ENGLISH) -> Drawing:
    """Draw a network; see `Network.draw`. What is said of flows and comparisons is said in English."""
    # Only text is compared: an array has no one answer to whether it is equal.
    if labels is not None and not (isinstance(labels, str) and labels in LABELS):
        raise ArgumentError(f"labels must be 'names', 'weights' or None, got {shortened(labels)}.")
    titles, own = flag(titles, "titles"), spoken(language)
    red = highlighted(network, highlight)
    pen, labelled = _planned(network, red, labels, own)
    plan = pen.plan
    pieces = [
        *(pen.arrow(c) for c in pen.connections),
        *labelled,
        *(pen.delay(c) for c in pen.connections if c.delay and c not in pen.named),
        *(pen.circle(node) for node in plan.places),
        *(pen.title(*column) for column in plan.columns if titles),
        *pen.legend(titles),
    ]
    described = own.tell(_described(plan, len(network) - len(plan.places)))
    return Drawing("".join(pieces), plan.width, pen.height(titles), described)


def _described(plan: Layout, hidden: int) -> Message:
    """Say what a picture shows, for those who do not see it."""
    sizes = "-".join(str(len(layer)) for layer, _, _ in plan.columns)
    if hidden == 1:
        return Message("network {sizes}, 1 node not shown", sizes=sizes)
    if hidden:
        return Message("network {sizes}, {count} nodes not shown", sizes=sizes, count=Numeral(hidden))
    return Message("network {sizes}", sizes=sizes)


def _planned(network: Structure, red: Highlight, labels: str | None, own: Language) -> tuple[_Pen, list[str]]:
    """Return a pen for the picture, and its labels: all, if they find room, those in red, or none."""
    pen = _Pen(layout(network, red.nodes, labelled=_MOST_LABELS if labels is not None else 0), red, labels, own)
    if labels is not None and len(pen.connections) <= _MOST_LABELS:
        written, clear = pen.labelled(pen.connections)
        if clear:
            return pen, written
        pen = _Pen(layout(network, red.nodes), red, labels, own)
    some = [c for c in pen.connections if c in red.connections]
    return pen, pen.labelled(some)[0] if labels is not None and 0 < len(some) <= _MOST_RED else []


class _Pen:
    """Draws the pieces of one picture."""

    def __init__(self, plan: Layout, red: Highlight, labels: str | None, own: Language) -> None:
        self.plan = plan
        self.own = own
        self.red = red
        self.labels = labels
        self.line = FADED if red.nodes else INK
        self.named: set[Connection] = set()
        self.connections = sorted(plan.connections, key=lambda c: c in red.connections)
        router = Router(plan)
        self.curves = {c: router.curve(c) for c in self.connections}
        self.lines = {
            c: curve.outside(plan.places[c.source], RADIUS).reversed().outside(plan.places[c.target], RADIUS + 2)
            for c, curve in self.curves.items()
        }

    def circle(self, node: Node) -> str:
        x, y = self.plan.places[node]
        chosen = node in self.red.nodes
        ink = self._colour(node) if chosen else INK
        join = _join(node)
        kind = self.own.say(_KINDS[node.kind])
        if join:
            kind = self.own.say("{kind}, {join} of what comes in", kind=kind, join=str(node.aggregation))
        title = f"{node.name} ({kind}){self.red.words(node)}"
        fill = SHADE if node.kind == "bias" else PAPER
        pieces = [
            f"<title>{in_markup(title)}</title>",
            element(
                "circle", cx=x, cy=y, r=RADIUS, fill=fill, stroke=ink, stroke_width=self.red.width(node, 1.5, 3.5),
                **self._dots(node),
            ),
        ]  # fmt: skip
        if node.activation is None or Quantity("sum", node).name != node.name:
            # A name of its own is that of both halves.
            words = in_circle(node.name, RADIUS, bold=chosen)
        else:
            names = node.name, Quantity("activated", node).name
            words = [in_half(name, RADIUS, side, bold=chosen) for name, side in zip(names, (-10.0, 11.0))]
            pieces.append(element("line", x1=x - 20, y1=y, x2=x + 20, y2=y, stroke=ink, stroke_width=0.8))
        pieces += [text(name, x, y + below, fill=ink, font_size=size, **_bold(chosen)) for name, below, size in words]
        if join:
            pieces.append(_badge(join, x, y - RADIUS, ink))
        return element("g", "".join(pieces))

    def arrow(self, c: Connection) -> str:
        chosen = c in self.red.connections
        colour = self._colour(c) if chosen else self.line
        thick = self.red.width(c, 1.2, 3.0)
        negative = self.labels == "weights" and c.weight < 0
        dashes = self._dots(c) or ({"stroke_dasharray": "7 5"} if negative else {})
        back = self.lines[c]
        head, base = _head(back, colour, thick)
        body = element("path", d=base.reversed().path(), fill="none", stroke=colour, stroke_width=thick, **dashes)
        return element("g", f"<title>{in_markup(self._told(c) + self.red.words(c))}</title>{body}{head}")

    def _told(self, c: Connection) -> str:
        if self.own == ENGLISH:
            return repr(c)[1:-1]
        return self.own.say(
            "Connection {name}: {source} -> {target} = {weight}",
            name=c.name, source=c.source.name, target=c.target.name, weight=Numeral(number(c.weight, 6)),
        )  # fmt: skip

    def delay(self, c: Connection) -> str:
        """Draw on the line of a delayed connection by how many steps it is delayed."""
        points = self.lines[c].reversed().every(2.0)
        return self._square(c, points[int(_DELAY_PLACE * (len(points) - 1))])

    def _square(self, c: Connection, point: Point) -> str:
        colour = self._colour(c) if c in self.red.connections else self.line
        (x, y), words, wide = point, _shortened(c.delay), _square_width(c)
        square = element("rect", x=x - wide / 2, y=y - _SQUARE / 2, width=wide, height=_SQUARE, rx=2, fill=colour)
        return square + text(words, x, y + 0.5, fill=PAPER, font_size=10, font_weight="bold")

    def _colour(self, part: Node | Connection) -> str:
        return BLUE if self.red.contrasts and self.red.against(part) else RED

    def _dots(self, part: Node | Connection) -> dict[str, Any]:
        return {"stroke_dasharray": "2 3"} if self.red.against(part) else {}

    def labelled(self, some: list[Connection]) -> tuple[list[str], bool]:
        """Write the labels of some connections; tell whether they find room."""
        index = {c: place for place, c in enumerate(self.connections)}
        self.named = set(some)
        # Those in red choose their places first.
        labels = [self._label(c, index[c]) for c in reversed(some)]
        # A square behind the name of a delayed connection needs room, too.
        beside = [_square_width(c) + _GAP if c.delay else 0.0 for c in reversed(some)]
        places = LabelPlaces([self.lines[c].reversed() for c in self.connections], self.plan.places.values())
        points, clear = places.take(labels, beside)
        return [self._written(label, point) for label, point in zip(labels, points)], clear

    def _label(self, c: Connection, index: int) -> tuple[str, int, bool]:
        chosen = c in self.red.connections
        words = c.name if self.labels == "names" else self.own.number(number(c.weight, 3))
        return cut(words, SIZE, _LABEL_ROOM, bold=chosen), index, chosen

    def _written(self, label: tuple[str, int, bool], point: Point) -> str:
        words, index, chosen = label
        colour = self._colour(self.connections[index]) if chosen else INK
        style: dict[str, Any] = {"stroke": PAPER, "stroke_width": 3.0, "paint_order": "stroke", **_bold(chosen)}
        c, (x, y), wide = self.connections[index], point, width(words, SIZE, bold=chosen)
        square = ""
        if c.delay:
            x, right = x - (_square_width(c) + _GAP) / 2, x + (wide + _GAP) / 2
            square = self._square(c, (right, y))
        # Paper under it: lines that pass here must not look like parts of letters.
        paper = element("rect", x=x - wide / 2, y=y - 7.0, width=wide, height=14, rx=3, fill=PAPER)
        return paper + text(words, x, y, fill=colour, font_size=SIZE, **style) + square

    def height(self, titles: bool) -> float:
        """Return how high the picture is: the plan, and a line for each kind of note under it."""
        notes = bool(titles and any(left_out for *_, left_out in self.plan.columns)) + len(self._notes())
        # The plan has room for one.
        return self.plan.height + _NOTE * (notes - 1)

    def _meanings(self) -> list[str]:
        """Say what dashes and thickness mean, where there are some."""
        words = []
        if self.labels == "weights" and any(c.weight < 0 for c in self.plan.connections):
            words.append(self.own.say("dashed: weight below 0"))
        if any(c.delay for c in self.plan.connections):
            words.append(self.own.say("■ with a number on a line: what it carries arrives so many steps later"))
        if any(_join(node) for node in self.plan.places):
            words.append(self.own.say("a sign at a node: what H is of what comes in, instead of the sum"))
        if self.red.carried:
            words.append(self.red.meanings[0])
        if any(carried.against for carried in self.red.carried.values()):
            words.append(self.red.meanings[1])
        return words

    def _notes(self) -> list[str]:
        """Return what is written under all else, by line."""
        notes = [shown(note) for note in (*self.red.notes, "; ".join(self._meanings())) if note]
        return [line for note in notes for line in self._broken(note)]

    def _broken(self, note: str) -> list[str]:
        """Break a note into lines where the picture is narrower."""
        parts = -(-width(note, _SMALL) // (self.plan.width - 20))
        return [note] if parts == 1 else filled(note, int(1.1 * len(note) / parts), whole=False)

    def legend(self, titles: bool) -> list[str]:
        """Write what lines mean, under all else."""
        middle, bottom, notes = self.plan.width / 2, self.height(titles) - 12, self._notes()
        return [
            text(words, middle, bottom - _NOTE * (len(notes) - 1 - place), fill=INK, font_size=_SMALL)
            for place, words in enumerate(notes)
        ]

    def title(self, layer: Layer[Any], x: float, left_out: int) -> str:
        pieces = [text(self.own.tell(layer_title(layer)), x, 18.0, fill=INK, font_size=12)]
        if left_out:
            more = self.own.say("⋮ {count} more", count=Numeral(left_out))
            pieces.append(text(more, x, self.plan.height - 12, fill=INK, font_size=12))
        return "".join(pieces)


def _join(node: Node) -> str:
    """Return what stands at a node that is no sum: × of products, else the aggregation's name; else nothing."""
    if node.aggregation is None or node.aggregation.is_sum:
        return ""
    return "\u00d7" if node.aggregation.native == "product" else cut(node.aggregation.name, _BADGE_SIZE, 2.0 * RADIUS)


def _badge(words: str, x: float, y: float, ink: str) -> str:
    wide = max(width(words, _BADGE_SIZE) + 6.0, 14.0)
    paper = element("rect", x=x - wide / 2, y=y - 7.0, width=wide, height=14, rx=7, fill=PAPER, stroke=ink)
    return paper + text(words, x, y + 0.5, fill=ink, font_size=_BADGE_SIZE)


def _shortened(delay: int) -> str:
    return str(delay) if delay < 1_000 else f"{delay:.0e}"


def _square_width(c: Connection) -> float:
    return max(_SQUARE, width(_shortened(c.delay), 10, bold=True) + 5)


def _bold(chosen: bool) -> dict[str, Any]:
    return {"font_weight": "bold"} if chosen else {}


def _head(back: Curve, colour: str, thick: float) -> tuple[str, Curve]:
    """Write an arrow's head, a shape of its own, because marks are shared by all pictures of a page; and its body.

    Parameters
    ----------
    back : Curve
        From the arrow's tip to its start.
    """
    length, half = 8.0 + 1.67 * thick, 3.0 + 0.83 * thick
    tip = back.pieces[0][0]
    # A little inside, so that no gap shows.
    body = back.outside(tip, length - 1.0)
    base = body.pieces[0][0]
    along = (tip[0] - base[0]) / (length - 1.0), (tip[1] - base[1]) / (length - 1.0)
    root = tip[0] - length * along[0], tip[1] - length * along[1]
    corners = [
        tip,
        (root[0] + half * along[1], root[1] - half * along[0]),
        (root[0] - half * along[1], root[1] + half * along[0]),
    ]
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)
    return element("polygon", points=points, fill=colour), body
