"""The tree of a derivative as a picture: read back, it is the gradient; cut, it is the derivative of another weight."""

from __future__ import annotations

import contextlib
import itertools
import math
import re
import xml.etree.ElementTree as ET

import pytest
from helpers import SEEDS, article_network, examples, random_network, random_samples
from hypothesis import given
from test_derivation import HOSTILE

import nodesim as ns
from nodesim.derivation.cuts import cuts
from nodesim.derivation.forms import factored_form
from nodesim.derivation.tree import branches
from nodesim.drawing.measuring import width
from nodesim.gradients.quantities import Quantity
from nodesim.notation.expressions import evaluate

SVG = "{http://www.w3.org/2000/svg}"


def words(text):
    return "".join(text.itertext())


def numbers(written):
    return [float(part.strip("()").replace("−", "-")) for part in written.split("·") if part]


def rectangle(rect):
    x, y, wide, high = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
    return x, y, x + wide, y + high


def extent(text):
    """Return the rectangle of a text, a little smaller than it is."""
    wide, high = 0.9 * width(words(text), float(text.get("font-size"))), 0.7 * float(text.get("font-size"))
    x, y = float(text.get("x")), float(text.get("y"))
    left = x if text.get("text-anchor") == "start" else x - wide / 2
    return left, y - high / 2, left + wide, y + high / 2


def overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


class Read:
    """A picture of a tree, read as a calculation."""

    def __init__(self, drawing):
        root = ET.fromstring(drawing.svg)
        self.size = drawing.width, drawing.height
        self.texts = list(root.iter(f"{SVG}text"))
        self.rects = {}
        for group in root.iter(f"{SVG}g"):
            rect = group.find(f"{SVG}rect")
            if rect is not None and rect.get("rx") == "5":
                self.rects[rectangle(rect)] = [words(text) for text in group.iter(f"{SVG}text")]
        self.ends = {}
        for path in root.iter(f"{SVG}path"):
            x, y, joint, end = map(float, re.match(r"M(\S+) (\S+)H(\S+)V(\S+)", path.get("d")).groups())
            (start,) = (box for box in self.rects if abs(box[2] - x) < 0.2 and abs((box[1] + box[3]) / 2 - y) < 0.2)
            self.ends[start] = joint, end

    def after(self, box):
        """Return the box that a line leads to, None where it leads to the end."""
        joint, end = self.ends[box]
        found = [to for to in self.rects if abs((to[1] + to[3]) / 2 - end) < 0.2 and 0 < to[0] - joint < 40]
        assert len(found) <= 1
        return found[0] if found else None

    def value(self):
        """Return what comes out at the end."""
        before = {}
        for box in self.rects:
            before.setdefault(self.after(box), []).append(box)

        def of(box):
            arriving = sum(map(of, before[box])) if box in before else 1.0
            rows = [row for row in self.rects[box] if not re.search("[∂⋮]", row)]
            return arriving * (math.prod(numbers("".join(rows))) if rows else self.written_behind(box))

        return sum(map(of, before[None]))

    def written_behind(self, box):
        middle = (box[1] + box[3]) / 2
        rows = [words(text) for text in self.texts if abs(float(text.get("y")) - middle + 8) < 0.2
                and 0 < float(text.get("x")) - box[2] < 16]  # fmt: skip
        rows = rows or [words(text) for text in self.texts if words(text).startswith("= ∂e/∂")]
        (number,) = re.findall(r"[=≈] (−?[\d.]+(?:e[+-]\d+)?)$", rows[0])
        return float(number.replace("−", "-"))

    def check(self):
        """Nothing lies on anything else, or outside."""
        for one, other in itertools.combinations(self.rects, 2):
            assert not overlap(one, other)
        extents = [extent(text) for text in self.texts]
        for text, (left, top, right, bottom) in zip(self.texts, extents):
            assert min(left, top) >= 0, words(text)
            assert (right, bottom) <= self.size, words(text)
            assert bottom <= self.size[1], words(text)
        for (one, first), (other, second) in itertools.combinations(zip(extents, self.texts), 2):
            assert not overlap(one, other), (words(first), words(second))
        for box in self.rects:
            inside = [text for text, own in zip(self.texts, extents) if overlap(own, box)]
            assert [words(text) for text in inside] == self.rects[box]
            assert all(box[0] <= extent(text)[0] and extent(text)[2] <= box[2] for text in inside)


def traced(seed):
    net, rng = random_network(seed, activations=["sigmoid", "tanh", "linear", "relu"])
    x, y = random_samples(net, rng, 1)
    net.forward(x[0])
    net.backward(y[0])
    return net, rng


@examples(100)
@given(SEEDS)
def test_a_picture_is_the_calculation(seed):
    net, rng = traced(seed)
    elements = [*net.connections, *(node for node in net.nodes if node.kind != "bias")]
    derivation = net.derivation(elements[rng.integers(len(elements))])
    limit = int(rng.integers(1, 30))
    drawing = derivation.draw(digits=17, limit=limit)
    if not derivation.count:
        assert "= 0" in drawing.description
        return
    picture = Read(drawing)
    picture.check()
    starts = {picture.after(box) for box in picture.rects}
    # One level is always drawn, if not whole.
    assert len([box for box in picture.rects if box not in starts]) <= max(limit, 4)
    assert abs(picture.value() - derivation.gradient) <= 1e-12 * derivation.paths.scale
    targets = {connection.target: connection for connection in derivation.paths.elements[1]}
    chosen = [connection for connection in targets.values() if connection is not derivation.of.element][:4]
    with contextlib.suppress(ns.ArgumentError):
        # What is folded away cannot be cut.
        cut = Read(derivation.draw(digits=17, limit=limit, cuts=chosen))
        cut.check()
        assert abs(cut.value() - derivation.gradient) <= 1e-12 * derivation.paths.scale
    plain = Read(derivation.draw(numbers=False, limit=limit))
    plain.check()
    assert not any(re.match(r"[≈=] [−\d]", words(text)) for text in plain.texts)


@examples(60)
@given(SEEDS)
def test_a_cut_is_the_tree_of_the_other_derivative(seed):
    net, _ = traced(seed)
    if not net.connections:
        return
    derivation = max(map(net.derivation, net.connections[:6]), key=lambda one: one.count)
    if not derivation.count:
        return
    define, limit = derivation.definitions, 10_000
    roots = branches(factored_form(define, derivation.of, limit))
    reached = {connection.target for connection in derivation.paths.elements[1]}
    # All at once as well, one for each node: branches are parted wherever one of them is cut.
    into = {c.target: c for c in net.connections if c.target in reached - {derivation.of.element.target}}
    for cut in cuts(define, roots, [Quantity("weight", connection) for connection in into.values()])[1]:
        own = net.derivation(cut.of.element)
        assert abs(evaluate(cut.derivative.whole) - own.gradient) <= 1e-12 * own.paths.scale
    for connection in net.connections:
        of = Quantity("weight", connection)
        if connection is derivation.of.element:
            with pytest.raises(ns.ArgumentError, match="the whole tree is that of"):
                cuts(define, roots, [of])
        elif connection.target in reached:
            _, (cut,) = cuts(define, roots, [of])
            own = net.derivation(connection)
            assert (cut.derivative,) == branches(factored_form(define, of, limit))
            assert abs(evaluate(cut.derivative.whole) - own.gradient) <= 1e-12 * own.paths.scale
            assert cut.new.name == f"∂{connection.target.name}/∂{connection.name}"
        else:
            with pytest.raises(ns.ArgumentError, match="cannot be cut for"):
                cuts(define, roots, [of])


def test_figure_7():
    drawing = ns.figures.figure(7)
    picture = Read(drawing)
    picture.check()
    shown = [words(text) for text in picture.texts]
    assert {"Output layer", "Hidden layer 3", "Hidden layer 2", "Hidden layer 1", "= ∂e/∂W1"} <= set(shown)
    boxes = sorted(rows[0] for rows in picture.rects.values())
    e = [f"∂e/∂OA{k}·∂OA{k}/∂O{k}·∂O{k}/∂HA{j}" for j in (5, 6) for k in (1, 2)]
    layers = [f"∂HA{j}/∂H{j}·∂H{j}/∂HA{i}" for j in (5, 6) for i in (3, 4)] + [
        f"∂HA{j}/∂H{j}·∂H{j}/∂HA1" for j in (3, 4)
    ]
    assert boxes == sorted([*e, *e, *layers, "∂HA1/∂H1·∂H1/∂W1"])
    assert shown.count("+") == shown.count("·") == 7
    for weight, old, new in (
        ("W7", "∂H3/∂HA1", "∂H3/∂W7"),
        ("W13", "∂H5/∂HA3", "∂H5/∂W13"),
        ("W19", "∂O1/∂HA5", "∂O1/∂W19"),
    ):
        assert f"cut for {weight}:" in shown
        assert f"{old} becomes {new}" in shown
        assert any(row.startswith(f"∂e/∂{weight}: ") and new in row for row in shown)
    # The shaded parts lie in one another, each with all that leads to the cut: 7, 3 and 1 boxes.
    regions = [rectangle(rect) for rect in ET.fromstring(drawing.svg).iter(f"{SVG}rect") if rect.get("rx") == "6"]
    assert [sum(overlap(box, region) for box in picture.rects) for region in regions] == [7, 3, 1]
    assert drawing.width <= 1000


def test_large_trees_are_folded():
    net = ns.Network.layered([2, 30, 30, 30, 2], seed=0)
    net.forward([0.3, 0.4])
    net.backward([1.0, 0.0])
    derivation = net.derivation("W1")
    picture = Read(derivation.draw(digits=17))
    picture.check()
    assert sum(rows[0] == "⋮ 27 more terms" for rows in picture.rects.values()) == 4
    assert len(picture.rects) < 50
    assert abs(picture.value() - derivation.gradient) <= 1e-12 * derivation.paths.scale
    deep = ns.Network.layered([1] * 3000, hidden="linear", bias=False, seed=0)
    deep.forward([1.0])
    deep.backward([0.0])
    Read(deep.derivation("W1").draw()).check()


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_fits_into_its_box(name):
    net = ns.Network(seed=0)
    net.add_input("I1")
    net.add_hidden(name * 9)
    net.add_output("O1")
    net.connect("I1", name * 9)
    net.connect(name * 9, "O1")
    net.forward([1.0])
    net.backward([0.0])
    drawing = net.derivation("W1").draw(cuts=["W2"])
    Read(drawing).check()
    assert drawing.width < 1000


def test_batches_and_wrong_arguments():
    net = article_network(1)
    net.forward([[0.05, 0.1], [0.5, 0.5]])
    net.backward([[0.01, 0.99], [1.0, 0.0]])
    assert all(len(rows) == 1 for rows in Read(net.derivation("W1").draw()).rects.values())
    assert all(len(rows) == 2 for rows in Read(net.derivation("W1", sample=1).draw()).rects.values())
    derivation = net.derivation("W1")
    for wrong in (
        {"cuts": ["W2"]},
        {"cuts": ["H1"]},
        {"cuts": ["W99"]},
        {"cuts": ["W7", "W7"]},
        {"digits": 0},
        {"limit": 0},
    ):
        with pytest.raises(ns.NodesimError):
            derivation.draw(**wrong)
