"""The factored derivative as a picture: its tree of boxes, with the cuts that make other derivatives of it.

References
----------
Article, section 5, "The tree".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from nodesim.derivation.cuts import RULE as CUT_RULE
from nodesim.derivation.cuts import WIDEST, Cut, cuts, short
from nodesim.derivation.definitions import Definitions
from nodesim.derivation.forms import pictured_form
from nodesim.derivation.tree import Branch, branches
from nodesim.drawing.boxes import Box, Piece, Tree
from nodesim.drawing.svg import Drawing
from nodesim.drawing.tree import draw_tree
from nodesim.drawing.tree_layout import line_width
from nodesim.gradients.derivative_graph import DerivativeGraph
from nodesim.gradients.quantities import Quantity
from nodesim.gradients.starts import CLIPPED, SAMPLE, Start
from nodesim.graph.elements import Layer
from nodesim.graph.layer_names import layer_title
from nodesim.notation.expressions import Expression, Product, evaluate
from nodesim.notation.symbols import DOT, equals, factor
from nodesim.showing import shown
from nodesim.wording.language import ENGLISH, Language
from nodesim.wording.message import Joined, Message, Numeral, Words


def drawn(
    definitions: Definitions,
    of: Quantity,
    cut_for: Sequence[Quantity],
    digits: int | None,
    limit: int,
    own: Language = ENGLISH,
) -> Drawing:
    """Draw a derivative; see `Derivation.draw`."""
    gradient = definitions.gradient(of)
    if not definitions.graph.partials_into(of):
        start, end = shown(definitions.graph.target.name), shown(of.name)
        none = own.say("no path leads from {start} to {end}.", start=start, end=end)
        return draw_tree(Tree((), {}, "", f"{gradient.name} = 0", none), f"{gradient.name} = 0")
    roots = branches(pictured_form(definitions, of, limit, own))
    roots, found = cuts(definitions, roots, cut_for)
    layers = {layer.name: layer for layer in definitions.graph.schedule.layer_of.values()}
    value = f" {own.number(equals(gradient.value, digits))}" if digits else ""
    heading = own.say("{derivative} as a tree", derivative=gradient.name)
    explained = own.tell(_explained(gradient.name, roots, definitions.graph))
    words = Tree((), {}, f"= {gradient.name}{value}", heading, explained)
    if found:
        notes = Piece(own.tell(CUT_RULE)), *(Piece(own.tell(cut.sentence), cut.ink) for cut in found)
        words = replace(words, notes=notes)
    if definitions.sample is None:
        mean = own.say(
            "This holds for each of {count} samples; the gradient is the mean of theirs.",
            count=Numeral(definitions.graph.n_samples),
        )
        words = replace(words, notes=(*words.notes, Piece(mean)))
    return draw_tree(Picture(layers, found, digits, own).tree(roots, words), own.tell(_described(gradient.name, found)))


def _described(name: str, found: Sequence[Cut]) -> Message:
    """Say what a picture shows, for those who do not see it."""
    if not found:
        return Message("{derivative} as a tree", derivative=name)
    names = ", ".join(shown(cut.of.name) for cut in found)
    if len(found) == 1:
        return Message("{derivative} as a tree, with the cut for {weight}", derivative=name, weight=names)
    return Message("{derivative} as a tree, with the cuts for {weights}", derivative=name, weights=names)


def _explained(name: str, roots: tuple[Branch, ...], graph: DerivativeGraph) -> Words:
    sums = Message("H, O: weighted sums")
    if graph.aggregations:
        sums = Message("H, O: weighted sums, or what else is made of all that comes in")
    letters = [Message("e: the error"), sums, Message("HA, OA: what activation functions make of them")]
    words = Message(
        "Read it from left to right, like a calculation: + adds the branches that arrive from the left, {dot} "
        "multiplies their sum by the box, and at the right end stands {derivative}. ({letters}.)",
        dot=DOT, derivative=name, letters=Joined("; ", [*letters, *_beside(graph.start)]),
    )  # fmt: skip
    if any(not _is_written_out(branch) for branch in _every(roots)):
        return Joined(" ", [words, Message("Dashed boxes stand for what there is no room for.")])
    return words


def _is_written_out(branch: Branch) -> bool:
    # What is folded is a symbol, or a derivative of e by an inner quantity, and belongs to no layer.
    return branch.layer != ""


class Picture:
    """Makes boxes of the branches of a tree.

    Parameters
    ----------
    layers : dict of str to Layer
        By their names.
    cuts : sequence of Cut
    digits : int or None
        Significant digits of the numbers; None writes symbols alone.
    own : Language
    """

    def __init__(
        self, layers: Mapping[str, Layer], cuts: Sequence[Cut], digits: int | None, own: Language = ENGLISH
    ) -> None:
        self.layers = layers
        self.own = own
        self.cuts = {id(cut.branch): cut for cut in cuts}
        self.digits = digits
        self.several = False

    def tree(self, roots: tuple[Branch, ...], words: Tree) -> Tree:
        """Return the tree of boxes, with its words, result and notes."""
        names = {branch.layer for branch in _every(roots)} & set(self.layers)
        titles = {float(self.layers[name].index): self.own.tell(layer_title(self.layers[name])) for name in names}
        self.several = len(roots) > 1
        boxes = tuple(self._box(root, -1.0, sorted(titles)) for root in roots)
        return replace(words, boxes=boxes, titles=titles)

    def _box(self, branch: Branch, right: float, columns: list[float]) -> Box:
        """Return the box of a branch that leads to a box in the column `right`."""
        column = float(self.layers[branch.layer].index) if branch.layer in self.layers else -1.0
        if column <= right or branch.layer not in self.layers:
            # What is folded has no layer, and outputs that feed outputs share one.
            column = next((later for later in columns if later > right), right + 1.0)
        cut = self.cuts.get(id(branch))
        factors = branch.factors.factors if isinstance(branch.factors, Product) else (branch.factors,)
        inks = [""] * (len(factors) - 1) + [cut.ink if cut else ""]
        return Box(
            (
                *_lines([(short(part), ink) for part, ink in zip(factors, inks)]),
                *self._numbers(factors, not branch.branches),
            ),
            column,
            tuple(self._box(inner, column, columns) for inner in branch.branches),
            # What comes out at the very end is written there.
            self._equals(branch) if self.digits and (right >= 0 or self.several) else "",
            dashed=not _is_written_out(branch),
            region=cut.region(self.own) if cut else None,
        )

    def _equals(self, branch: Branch) -> str:
        return self.own.number(equals(evaluate(branch.whole), self.digits))

    def _numbers(self, factors: Sequence[Expression], leaf: bool) -> Iterator[tuple[Piece, ...]]:
        # The number of a factor alone is what comes out.
        if self.digits and (len(factors) > 1 or not leaf):
            numbers = (factor(evaluate(part), self.digits or 6) for part in factors)
            yield from _lines([(self.own.number(each), "") for each in numbers])


def _lines(factors: list[tuple[str, str]]) -> Iterator[tuple[Piece, ...]]:
    """Yield the factors of a product, as many on a line as there is room for."""
    line: tuple[Piece, ...] = ()
    for index, (words, ink) in enumerate(factors):
        point = "" if index == 0 else DOT
        piece = Piece(words, ink)
        longer = (*line, Piece(point), piece) if point else (piece,)
        if line and line_width(longer) > WIDEST:
            yield line
            longer = (Piece(point), piece)
        line = longer
    yield line


def _beside(start: Start) -> Iterator[Message]:
    """Say what stands beside e."""
    if start.target == CLIPPED:
        yield Message("c: by what the gradient is cut back")
    if any(edge.denominator == SAMPLE for edge in start.before):
        yield Message("{error}: the error of one sample, by its weight", error=SAMPLE.name)
    for penalty in start.penalties:
        yield Message("{penalty}: a penalty of the weights, a part of e", penalty=shown(penalty.label))


def _every(roots: tuple[Branch, ...]) -> Iterator[Branch]:
    for branch in roots:
        yield branch
        yield from _every(branch.branches)
