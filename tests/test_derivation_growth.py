"""What is written of a derivation takes work for what is shown, not for the network; and it is what a slow reader writes."""

from __future__ import annotations

import sys
from itertools import islice

import numpy as np
from helpers import SEEDS, examples, random_network, random_samples
from hypothesis import given

import nodesim as ns
from nodesim.derivation import elimination
from nodesim.gradients.quantities import Quantity
from nodesim.paths.first_paths import first_paths

FORMS = ("paths", "factored", "shared", "partials")
SHOWN = {
    "print": str,
    "repr": repr,
    "notebook": lambda derivation: derivation._repr_latex_(),
    "tree": lambda derivation: derivation.tree(),
    "draw": lambda derivation: str(derivation.draw()),
    "latex": lambda derivation: "".join(derivation.latex(form, limit=9) for form in FORMS),
    "text": lambda derivation: "".join(derivation.text(form, limit=9) for form in FORMS),
    "operations": lambda derivation: str(derivation.operations),
}


def calls(work):
    """Return how many functions are called, of Python and of C, and what comes out."""
    number = 0

    def count(frame, event, argument):
        nonlocal number
        number += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        found = work()
    finally:
        sys.setprofile(before)
    return number, found


def traced(net):
    rng = np.random.default_rng(1)
    net.forward(rng.random(len(net.inputs))), net.backward(rng.random(len(net.outputs)))
    return net


def test_work_does_not_grow_with_the_network(monkeypatch):
    # The search for an order is bounded, but goes over edges one by one: here neither network is searched.
    monkeypatch.setattr(elimination, "MOST_EDGES", 100)
    small, large = (ns.Network.layered([width] * 5, seed=1) for width in (30, 120))
    for way, write in SHOWN.items():
        # Each after a new backward, so that nothing is known of it yet; and once before, to load what is loaded.
        write(traced(small).derivation("W1"))
        few, _ = calls(lambda write=write: write(traced(small).derivation("W1")))
        many, _ = calls(lambda write=write: write(traced(large).derivation("W1")))
        # Sixteen times the connections, four times the nodes.
        assert many < 4 * few, way


def test_work_of_deep_networks_grows_with_their_text(monkeypatch):
    monkeypatch.setattr(elimination, "MOST_EDGES", 100)
    (few, short), (many, long) = (
        calls(lambda net=net: str(net.derivation("W1")))
        for net in (traced(ns.Network.layered([3] * layers, seed=1)) for layers in (100, 400))
    )
    assert len(long) > 3 * len(short)
    assert many / len(long) < 1.2 * few / len(short)


class Reader:
    """Writes in symbols what a derivation is, from nodes and connections alone, everything and at any cost."""

    def __init__(self, net, of_sums):
        self.outputs, self.of_sums = net.outputs, of_sums

    def above(self, quantity):
        """Return what a quantity is differentiated for, from the side of e."""
        kind, element = quantity
        if kind == "weight":
            found = [("sum", element.target)]
        elif kind == "sum":
            found = ["e"] * (element in self.outputs and self.of_sums) + [("activated", element)]
        else:
            found = ["e"] * (element in self.outputs and not self.of_sums)
            found += [("sum", connection.target) for connection in element.outgoing]
        return [each for each in found if each == "e" or self.above(each)]

    def order(self, quantity, known):
        for above in self.above(quantity):
            if above != "e" and above not in known:
                self.order(above, known)
        known.setdefault(quantity, None)
        return list(known)

    def paths(self, goal):
        """Return the ways from e to a weight, output by output, then source by source."""

        def ways(node, way):
            if node is goal.target:
                yield [*way, ("weight", goal)]
            for connection in node.incoming:
                yield from ways(connection.source, [*way, ("activated", connection.source), ("sum", connection.source)])

        for output in self.outputs:
            start = [("sum", output)] if self.of_sums else [("activated", output), ("sum", output)]
            yield from ways(output, ["e", *start])


def named(quantity):
    return "e" if quantity == "e" else Quantity(*quantity).name


def partial(above, below):
    return f"∂{named(above)}/∂{named(below)}"


@examples(25)
@given(SEEDS)
def test_the_text_is_that_of_a_slow_reader(seed):
    loss = ("mse", "binary_cross_entropy")[seed % 2]
    net, rng = random_network(seed, loss=loss, output="sigmoid", max_hidden=6)
    x, y = random_samples(net, rng, 1)
    net.forward(x), net.backward(y)
    weight = net.connections[rng.integers(len(net.connections))]
    derivation = net.derivation(weight)
    reader, of = Reader(net, derivation.graph.of_sums), ("weight", weight)
    if not reader.above(of):
        assert derivation.count == 0
        return
    order = reader.order(of, {})
    edges = [partial(above, below) for below in order for above in reader.above(below)]
    sums = [f"{partial('e', below)} = " + " + ".join(
        partial("e", below) if above == "e" else f"{partial('e', above)}·{partial(above, below)}"
        for above in reader.above(below)) for below in order if reader.above(below) != ["e"]]  # fmt: skip
    ways = ["·".join(map(partial, way, way[1:])) for way in reader.paths(weight)]
    # Everything, and of everything the beginning.
    for limit in (10_000, len(edges) // 2 or 1, 2, 1):
        more = [f"... and {len(edges) - limit:,} more partials"] * (len(edges) > limit)
        lines = derivation.text("partials", limit=limit, numbers=False).split("\n")
        assert [line.split(" = ")[0] for line in lines] == [*edges[:limit], *more]
        more = [f"... and {len(sums) - limit:,} more sums"] * (len(sums) > limit)
        assert derivation.text("shared", limit=limit, numbers=False).split("\n") == [*sums[:limit], *more]
        terms = [*ways[:limit], *["rest"] * (len(ways) > limit)]
        written = derivation.text("paths", limit=limit, numbers=False, width=10**6)
        equation = written.split("\nrest:")[0].split("\n")
        assert [line.strip() for line in equation] == [f"∂e/∂{named(of)} = {terms[0]}", *(f"+ {t}" for t in terms[1:])]
    assert [derivation.graph.number_into(Quantity(*below)) for below in order] == [len(reader.above(q)) for q in order]


@examples(25)
@given(SEEDS)
def test_the_first_paths_are_those_that_are_listed_first(seed):
    net, rng = random_network(seed, max_hidden=12)
    x, y = random_samples(net, rng, 1)
    net.forward(x), net.backward(y)
    for of in (net.connections[0], *net.outputs, *net.inputs[:1]):
        paths = net.paths(of)
        for most in (0, 1, 7, 10_000):
            expected = [path.connections for path in islice(paths, most)]
            assert list(first_paths(paths.derivatives, paths.of, most)) == expected
