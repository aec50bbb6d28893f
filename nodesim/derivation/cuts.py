"""The cut rule: the tree of one weight's derivative holds those of the weights on its paths.

The factor towards the earlier node is replaced by the one towards the weight, and what comes after it is left out.

References
----------
Article, section 5, "The tree".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from nodesim.derivation.definitions import Definitions
from nodesim.derivation.forms import penalties_form
from nodesim.derivation.tree import Branch
from nodesim.drawing.boxes import Region
from nodesim.drawing.measuring import squeezed, width
from nodesim.drawing.tree_layout import TYPE
from nodesim.errors import ArgumentError
from nodesim.gradients.quantities import Quantity
from nodesim.graph.elements import Connection
from nodesim.notation.expressions import Expression, Partial, Product, Sum, product
from nodesim.notation.symbols import partial
from nodesim.notation.text import text
from nodesim.showing import shown
from nodesim.wording.language import Language
from nodesim.wording.message import Message

RULE = Message(
    "The cut rule: the derivative of a weight of a later layer is a part of this tree. Keep the part shaded for it, "
    "with all parts inside; put the new factor in the place of the one of the same colour; ignore everything outside."
)

# Of a line in a box, in pixels: longer products stand on several lines.
WIDEST = 240.0
# Inks and their shades: dark enough to be read, and told apart by the colour-blind.
_COLOURS = (("#b3261e", "#fdecea"), ("#0b57a4", "#e3f0fc"), ("#7a4b00", "#fff3d6"), ("#6a1b9a", "#f5e8fa"))


@dataclass(frozen=True)
class Cut:
    """One cut: the branch after which it is made, and the factor that is replaced.

    Attributes
    ----------
    of : Quantity
        The weight.
    branch : Branch
        Of the tree that is cut.
    old, new : Partial
        The last factor of the branch, and what takes its place.
    ink, shade : str
    target : str
        The name of what is derived.
    added : Expression or None
        What penalties add to the derivative, which is not in the tree.
    """

    of: Quantity
    branch: Branch
    old: Partial
    new: Partial
    ink: str
    shade: str
    target: str
    added: Expression | None = None

    @property
    def derivative(self) -> Branch:
        """The tree of the weight's own derivative."""
        factors = _factors(self.branch.factors)[:-1]
        whole = _factors(self.branch.whole)[:-1]
        return replace(self.branch, factors=product(*factors, self.new), whole=product(*whole, self.new))

    def region(self, own: Language) -> Region:
        """Return what is shaded, with its heading in a language."""
        heading = (
            own.say("cut for {weight}:", weight=squeezed(shown(self.of.name), TYPE, WIDEST / 2)),
            own.say("{old} becomes {new}", old=short(self.old), new=short(self.new)),
        )
        return Region(heading, self.ink, self.shade)

    @property
    def sentence(self) -> Message:
        """How the derivative comes from the tree, in words."""
        assert isinstance(self.of.element, Connection)
        name, connection = shown(self.of.name), self.of.element
        values = {
            "derivative": partial(self.target, self.of.name), "weight": name, "box": text(self.derivative.factors),
            "source": shown(connection.source.name), "target": shown(connection.target.name),
        }  # fmt: skip
        if self.added is not None:
            return Message(
                "{derivative}: what is shaded up to the line “cut for {weight}”, its last box now {box}, and added to "
                "it {added}. ({weight} leads from {source} to {target}.)",
                added=text(self.added), **values,
            )  # fmt: skip
        return Message(
            "{derivative}: what is shaded up to the line “cut for {weight}”, its last box now {box}. ({weight} leads "
            "from {source} to {target}.)",
            **values,
        )


def cuts(
    definitions: Definitions, roots: tuple[Branch, ...], weights: Sequence[Quantity]
) -> tuple[tuple[Branch, ...], list[Cut]]:
    """Find where a tree is cut for the derivatives of weights.

    Parameters
    ----------
    definitions : Definitions
    roots : tuple of Branch
    weights : sequence of Quantity
        Each of a connection into another node.

    Returns
    -------
    roots : tuple of Branch
        The tree in which branches end where they are cut.
    list of Cut

    Raises
    ------
    ArgumentError
        If one is no weight, or its derivative is no part of this tree, or two would be cut at the same place.
    """
    found: list[Cut] = []
    roots = tuple(_parted(root, {_target(of).name for of in weights}) for root in roots)
    for index, of in enumerate(weights):
        target = _target(of)
        branch = next(_ending_in(roots, target.name), None)
        if branch is None:
            raise ArgumentError(
                f"this tree cannot be cut for {shown(of.name)}: {shown(target.name)}, where it ends, is not on the "
                "paths, or is folded here (a larger limit opens more)."
            )
        old = _factors(branch.factors)[-1]
        edges = definitions.graph.partials_into(of)
        (new,) = (definitions.partial(edge) for edge in edges if edge.numerator == target)
        assert isinstance(old, Partial)
        if old.name == new.name:
            raise ArgumentError(f"the whole tree is that of {shown(of.name)}: cut it for other weights on its paths.")
        added = penalties_form(definitions, of)
        name = definitions.graph.target.name
        found.append(Cut(of, branch, old, new, *_COLOURS[index % len(_COLOURS)], name, added))
    if len({id(cut.branch) for cut in found}) < len(found):
        names = ", ".join(shown(cut.of.name) for cut in found)
        raise ArgumentError(
            f"weights into the same node are cut at the same place; name one for each node, got {names}."
        )
    return roots, found


def _target(of: Quantity) -> Quantity:
    if not isinstance(of.element, Connection):
        raise ArgumentError(f"a tree is cut for weights, got {shown(of.name)}.")
    return Quantity("sum", of.element.target)


def _parted(branch: Branch, targets: set[str]) -> Branch:
    """Part branches after factors that derive one of the sums: outputs that feed outputs are of one layer."""
    factors, whole = _factors(branch.factors), _factors(branch.whole)
    branch = replace(branch, branches=tuple(_parted(inner, targets) for inner in branch.branches))
    for index in reversed(range(len(factors) - 1)):
        if _derives(factors[index], targets):
            behind = len(factors) - 1 - index
            inner = replace(branch, factors=product(*factors[: index + 1]), whole=product(*whole[:-behind]))
            outer = product(*factors[index + 1 :])
            return Branch(outer, branch.layer, (_parted(inner, targets),), branch.whole)
    return branch


def _derives(factor: Expression, sums: set[str]) -> bool:
    return isinstance(factor, Partial) and factor.numerator in sums and factor.layer != ""


def _ending_in(branches: tuple[Branch, ...], target: str) -> Iterator[Branch]:
    """Yield the branches whose last factor derives a sum, those nearest to the root first."""
    for branch in branches:
        if _derives(_factors(branch.factors)[-1], {target}):
            yield branch
        yield from _ending_in(branch.branches, target)


def short(part: Expression) -> str:
    """Write a factor; of long names the middles are left out, as boxes have no room for them."""
    written = text(part)
    if not isinstance(part, Partial) or width(written, TYPE) <= WIDEST:
        return squeezed(written, TYPE, WIDEST)
    names = (squeezed(shown(name), TYPE, WIDEST / 2 - 15) for name in (part.numerator, part.denominator))
    return partial(*names)


def _factors(expression: Expression) -> tuple[Expression, ...]:
    assert not isinstance(expression, Sum)
    return expression.factors if isinstance(expression, Product) else (expression,)
