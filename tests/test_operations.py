"""What a form is said to cost is what it takes: each is carried out on numbers that count."""

from __future__ import annotations

import itertools
import re
import time

import numpy as np
import pytest
from helpers import SEEDS, article_network, digest, examples, random_network, random_samples
from hypothesis import given
from test_paths import ladder

import nodesim as ns
from nodesim.derivation import costs, elimination
from nodesim.derivation.elimination import Elimination
from nodesim.derivation.operations import FORMS
from nodesim.derivation.passing import Passing
from nodesim.derivation.subgraph import Subgraph
from nodesim.gradients.derivative_graph import E
from nodesim.gradients.quantities import quantity

LOSSES = ("mse", "binary_cross_entropy", "softmax_cross_entropy")


class Calculator:
    """Multiplies and adds, and counts how often."""

    def __init__(self):
        self.multiplications = self.additions = 0

    def times(self, *numbers):
        self.multiplications += len(numbers) - 1
        return float(np.prod(numbers))

    def plus(self, terms):
        terms = list(terms)
        self.additions += len(terms) - 1
        return sum(terms)

    @property
    def spent(self):
        return (self.multiplications, self.additions)


def arrows(graph, of):
    """Return the partials between e and some quantities: {numerator: {denominator: number}}."""
    found, waiting, known = {}, list(of), set()
    while waiting:
        below = waiting.pop()
        if below not in known:
            known.add(below)
            for arrow in graph.partials_into(below):
                found.setdefault(arrow.numerator, {})[below] = float(arrow.values[0])
                waiting.append(arrow.numerator)
    return found


def expanded(graph, of, calculator):
    def walks(quantity):
        for arrow in graph.partials_into(quantity):
            own = float(arrow.values[0])
            yield from [[own]] if arrow.numerator is E else ([*walk, own] for walk in walks(arrow.numerator))

    return [calculator.plus(calculator.times(*walk) for walk in walks(quantity)) for quantity in of]


def factored(graph, of, calculator, known=None):
    def derivative(quantity):
        if known is not None and quantity in known:
            return known[quantity]
        terms = []
        for arrow in graph.partials_into(quantity):
            own = float(arrow.values[0])
            terms.append(own if arrow.numerator is E else calculator.times(derivative(arrow.numerator), own))
        total = calculator.plus(terms)
        if known is not None:
            known[quantity] = total
        return total

    return [derivative(quantity) for quantity in of]


def shared(graph, of, calculator):
    return factored(graph, of, calculator, {})


def forward(graph, of, calculator):
    upwards = [*reversed(list(graph.quantities())), E]
    gradients = []
    for start in of:
        leading, carried = arrows(graph, [start]), {}
        for above in upwards[upwards.index(start) + 1 :]:
            terms = [
                partial if below == start else calculator.times(partial, carried[below])
                for below, partial in leading.get(above, {}).items()
            ]
            if terms:
                carried[above] = calculator.plus(terms)
        gradients.append(carried[E])
    return gradients


def eliminated(graph, of, calculator, order):
    leading = arrows(graph, of)
    for gone in order:
        below = leading.pop(gone)
        for above in [q for q in leading if gone in leading[q]]:
            own = leading[above][gone] if gone in of else leading[above].pop(gone)
            for target, partial in below.items():
                product = calculator.times(own, partial)
                there = leading[above].get(target)
                leading[above][target] = product if there is None else calculator.plus([there, product])
    assert set(leading) <= {E}
    assert set(leading.get(E, ())) == set(of)
    return [leading[E][q] for q in of]


def run(seed, **options):
    net, rng = random_network(seed, loss=LOSSES[seed % 3], **options)
    x, y = random_samples(net, rng, 1)
    net.forward(x[0]), net.backward(y[0])
    return net, rng


def questions(net, rng):
    """Yield what derivatives may be asked by: one, several, a layer, all; nodes as well as weights."""
    yield [], net.connections
    yield [net.layers[-1]], [c for c in net.connections if c.target.kind == "output"]
    names = [c.name for c in net.connections] + [n.name for n in net.nodes if n.kind != "bias"]
    for size in (1, 1, 1, 2, 3):
        chosen = [str(name) for name in rng.choice(names, min(size, len(names)), replace=False)]
        yield [chosen], [net[name] for name in chosen]


@examples(60)
@given(seed=SEEDS)
def test_each_form_takes_what_is_stated_and_gives_the_gradient(seed):
    net, rng = run(seed)
    graph = net.paths(net.connections[0]).derivatives
    by_name = {q.name: q for q in graph.quantities()}
    for asked, elements in questions(net, rng):
        operations = net.operations(*asked)
        of = [quantity(net.structure, element) for element in elements]
        of = [q for q in of if graph.count(q)]
        assert list(operations) == list(FORMS)
        order = [by_name[name] for name in operations.order]
        ways = {"shared": shared, "forward": forward, "elimination": lambda *a, order=order: eliminated(*a, order)}
        if sum(graph.count(q) for q in of) < 3000:
            ways |= {"expanded": expanded, "factored": factored}
        for form, way in ways.items():
            calculator = Calculator()
            found = way(graph, of, calculator)
            assert operations[form] == calculator.spent, (form, asked)
            for q, gradient in zip(of, found):
                paths = net.paths(q)
                assert abs(gradient - paths.gradient) <= 1e-12 * paths.scale
                if q.kind == "weight":
                    assert abs(gradient - q.element.gradient) <= 1e-12 * paths.scale
        assert operations["elimination"] <= min(operations["shared"], operations["forward"])
        if all(q.kind == "weight" for q in of):
            assert operations["shared"].multiplications <= operations["forward"].multiplications


@examples(50)
@given(seed=SEEDS)
def test_the_subgraph_has_the_arrows_of_the_derivative_graph(seed):
    net, rng = run(seed)
    graph = net.paths(net.connections[0]).derivatives
    for _, elements in questions(net, rng):
        of = [quantity(net.structure, element) for element in elements]
        expected = {(above, below) for above, all_below in arrows(graph, of).items() for below in all_below}
        subgraph = Subgraph(graph, of)
        assert all(above < number for number, into in enumerate(subgraph.into) for above in into)
        found = set()
        for below, into in zip(subgraph.quantities, subgraph.into):
            alike = [q for q in of if q.kind == "weight" and q.element.target is below.element.target] \
                if below.kind == "weight" else [below]  # fmt: skip
            found |= {(subgraph.quantities[above], q) for above in into for q in alike}
        assert found == expected
        assert subgraph.edges == len(expected)
        assert sum(subgraph.asked) == sum(graph.count(q) > 0 for q in of)


def fewest(subgraph):
    """Return the fewest multiplications of any order of elimination, by trying them all."""
    inner = [number for number, below in enumerate(subgraph.below()) if number and below]
    spent = {frozenset(): 0}
    for _ in inner:
        further = {}
        for gone, so_far in spent.items():
            # What is left does not depend on the order in which the others went.
            rest = Elimination(subgraph)
            for number in gone:
                rest.eliminate(number)
            for number in set(inner) - gone:
                total = so_far + rest.product(number)
                further[gone | {number}] = min(total, further.get(gone | {number}, total))
        spent = further
    return spent[frozenset(inner)]


def test_the_best_order_of_all():
    """Backpropagation is the best where that is said to be certain; where it is not, the search finds better ones."""
    certain = beaten = tried = best = 0
    for seed in range(90):
        net, rng = run(seed, max_hidden=4)
        graph = net.paths(net.connections[0]).derivatives
        for _, elements in questions(net, rng):
            subgraph = Subgraph(graph, [quantity(net.structure, element) for element in elements])
            if not 5 < len(subgraph.into) < 14:
                continue
            least = fewest(subgraph)
            reverse = costs.shared(subgraph)
            order = elimination.best_order(subgraph, reverse, costs.forward(subgraph))
            assert order.cost.multiplications >= least
            if elimination.backpropagation_is_best(subgraph):
                certain += 1
                assert reverse.multiplications == least
                assert order.proved
            else:
                tried += 1
                beaten += order.name == "cheapest quantity first"
                best += order.cost.multiplications == least
    assert certain > 50
    assert beaten > 5
    assert best > 0.8 * tried > 50


@examples(50)
@given(seed=SEEDS)
def test_backpropagation_is_certain_to_be_best_for_all_weights(seed):
    net, _ = run(seed)
    operations = net.operations()
    assert operations["elimination"] == operations["shared"]
    assert "no order takes fewer" in str(operations)


def bypass():
    """Return I1 -> H1 -> H2 -> O1 with a connection past H2."""
    net = ns.Network(seed=0)
    net.add_input(), net.add_hidden(), net.add_hidden(), net.add_output()
    for ends in (("I1", "H1"), ("H1", "H2"), ("H2", "O1"), ("H1", "O1")):
        net.connect(*ends)
    net.forward([0.5]), net.backward([1.0])
    return net


def test_an_order_that_beats_both():
    operations = bypass().derivation("W1").operations
    assert operations["expanded"] == (6 + 4, 1)
    assert operations["factored"] == (8, 1)
    assert operations["shared"] == operations["forward"] == (7, 1)
    assert operations["elimination"] == (6, 1)
    assert operations.order == ("OA1", "HA2", "H2", "O1", "HA1", "H1")
    assert "best order found: cheapest quantity first" in str(operations)


def fully_connected(*sizes):
    net = ns.Network.layered(sizes, seed=0)
    net.forward(np.full(sizes[0], 0.1)), net.backward(np.zeros(sizes[-1]))
    return net


def test_all_weights_of_a_layered_network():
    """By hand: a sweep from a weight passes its node, and every node of the layers behind, bias nodes left out."""
    sizes = (100, 300, 200, 50)
    operations = fully_connected(*sizes).operations()
    into = [0, *((a + 1) * b for a, b in itertools.pairwise(sizes))]
    between = [0, *(a * b for a, b in itertools.pairwise(sizes))]
    # Arrows into H (the slope) and into HA (one for each node behind), of one node.
    node = [0, 1 + 200, 1 + 50, 1 + 1]
    behind = [0, 200 * node[2] + 50 * node[3], 50 * node[3], 0]
    assert operations["forward"].multiplications == sum(into[k] * (node[k] + behind[k]) for k in (1, 2, 3))
    inner = between[2] + between[3] + 300 + 200 + 50
    assert operations["shared"].multiplications == sum(into) + inner
    assert operations["elimination"] == operations["shared"]
    assert operations.missing == {}


def test_the_cost_of_a_layer():
    net = fully_connected(2, 3, 2)
    layer = net.operations(net.layers[2])
    assert layer == net.operations(["W10", *(f"W{i}" for i in range(11, 18)), "W10"])
    assert layer["shared"] == (2 + 8, 0)
    assert layer["forward"] == (2 * 8, 0)
    single = [net.derivation(f"W{i}").operations for i in range(10, 18)]
    for form in ("expanded", "factored", "forward"):
        assert layer[form] == tuple(np.sum([operations[form] for operations in single], axis=0))


@examples(40)
@given(seed=SEEDS)
def test_how_many_derivatives_pass(seed):
    """Paths part and meet in many ways; counted with sets of names."""
    net, rng = random_network(seed, max_hidden=25)
    x, y = random_samples(net, rng, 1)
    net.forward(x), net.backward(y)
    graph = net.paths(net.connections[0]).derivatives
    for _, elements in questions(net, rng):
        of = [quantity(net.structure, element) for element in elements]
        passing = {}
        for start in of:
            for above in arrows(graph, [start]):
                passing[above] = passing.get(above, 0) + 1
        subgraph = Subgraph(graph, of)
        expected = [passing.get(q, 0) for q in subgraph.quantities]
        assert Passing(subgraph).counts() == expected


@examples(40)
@given(SEEDS)
def test_markowitz_takes_what_is_cheapest_now(seed):
    """Asked at every step anew, of every quantity that is left."""
    net, rng = random_network(seed, max_hidden=8)
    x, y = random_samples(net, rng, 1)
    net.forward(x), net.backward(y)
    for _, elements in questions(net, rng):
        subgraph = Subgraph(
            net.paths(net.connections[0]).derivatives, [quantity(net.structure, each) for each in elements]
        )
        rest, left, numbers = Elimination(subgraph), list(subgraph.inner), []
        while left:
            numbers.append(min(left, key=lambda number, rest=rest: (rest.product(number), number)))
            left.remove(numbers[-1])
            rest.eliminate(numbers[-1])
        order = elimination.cheapest_first(subgraph, rest.multiplications)
        assert order.numbers == numbers
        assert order.cost == (rest.multiplications, rest.additions)


def test_large_networks_return_at_once():
    net, started = ladder(7_200), time.perf_counter()
    one, all_of_them = net.derivation("W1").operations, net.operations()
    assert one["expanded"].additions == one["factored"].additions == 2**7_200 - 1
    assert one["shared"] == one["forward"] == (7_200 * 7 + 4, 7_200)
    assert "elimination" not in one
    assert re.search(r"elimination +– +– +not sought: 50,405 partial derivatives", str(one))
    assert all_of_them["elimination"] == all_of_them["shared"] == (79_205, 7_200)
    # A weight into the join with r rungs above it passes 4 + 7r arrows; two such, and two with 2 more, for each rung.
    joins = [4 + 7 * above for above in range(7_201)]
    assert all_of_them["forward"].multiplications == 2 + joins[-1] + sum(4 * join + 4 for join in joins[:-1])
    assert "≈2.606e+2167" in str(one)
    for operations in (one, all_of_them):
        assert "multiplications</th>" in operations._repr_html_()
        assert len(repr(operations)) < 100
    # Not a speed claim: sweeps one by one would take hours.
    assert time.perf_counter() - started < 60


def test_what_would_take_long_is_left_out_and_says_so(monkeypatch):
    net = fully_connected(3, 4, 4, 2)
    layer = net.operations(net.layers[1])
    monkeypatch.setattr(elimination, "MOST_EDGES", layer.subgraph.edges - 1)
    assert list(layer) == ["expanded", "factored", "shared", "forward"]
    assert len(layer) == 4
    assert layer.missing == {"elimination": f"not sought: {layer.subgraph.edges} partial derivatives"}
    assert layer.order == ()
    with pytest.raises(KeyError, match="the form 'elimination' has no cost here; not sought"):
        layer["elimination"]
    assert layer.get("elimination") is None
    monkeypatch.setattr(costs, "_MOST_BITS", 0)
    everything = net.operations()
    assert list(everything) == ["expanded", "factored", "shared", "elimination"]
    assert re.search(r"forward +– +– +not counted: 46 sweeps up to e", str(everything))
    assert ">not counted: 46 sweeps up to e</td>" in everything._repr_html_()


def test_no_path_costs_nothing():
    net = ns.Network(seed=0)
    net.add_input(), net.add_hidden(), net.add_output()
    net.connect("I1", "H1"), net.connect("I1", "O1")
    net.forward([1.0]), net.backward([0.0])
    assert set(net.derivation("W1").operations.values()) == {(0, 0)}
    assert net.operations() == net.derivation("W2").operations


def test_what_may_be_asked():
    net = article_network(2)
    weights = [net[f"W{i}"] for i in range(7, 13)]
    assert net.operations(net.layers[2]) == net.operations(weights) == net.operations(iter(weights))
    assert net.operations([net.layers[1], "W7", *net.layers[2:]]) == net.operations()
    assert net.operations("W1") == net.operations(net["W1"]) == net.derivation("W1").operations
    assert repr(net.operations("W1")) == "<Operations of ∂e/∂W1>"
    assert repr(net.operations()) == "<Operations of 18 derivatives>"
    with pytest.raises(ns.UnknownNameError, match="no form 'share' of a derivative. Did you mean 'shared'"):
        net.operations()["share"]
    assert 3 not in net.operations()


def test_the_table_is_a_photograph():
    net, twin = article_network(2), article_network(2)
    asked = net.operations(), net.operations(net.layers[2]), net.derivation("W1").operations
    net.remove("H3")
    assert asked == (twin.operations(), twin.operations(twin.layers[2]), twin.derivation("W1").operations)
    assert asked[2].order == ("OA2", "O2", "OA1", "O1", "HA4", "H4", "HA3", "H3", "HA1", "H1")


def test_what_may_not_be_asked():
    net, other = article_network(1), article_network(1)
    before = digest(net)
    for of, error, message in [
        (net.layers[0], ns.ArgumentError, r"nothing to take the derivative by in <Input layer: I1 I2, bias B1>: name"),
        ([], ns.ArgumentError, r"in \[\]: name weights, nodes, or a layer"),
        (other.layers[1], ns.StaleElementError, "H1 belongs to another network"),
        (["W1", "W99"], ns.UnknownNameError, "W99"),
        (3, ns.ArgumentTypeError, "looked up by its name"),
    ]:
        with pytest.raises(error, match=message):
            net.operations(of)
    assert digest(net) == before
    net["W1"].weight = 0.5
    with pytest.raises(ns.StateError, match="operations needs"):
        net.operations()


def test_names_are_escaped():
    net = ns.Network(seed=0)
    net.add_input("x"), net.add_output("y")
    net.connect("x", "y", name="<b>")
    net.forward([1.0]), net.backward([0.0])
    assert "from &lt;b&gt;</td>" in net.operations("<b>")._repr_html_()
    assert str(net.operations("<b>")).count("from <b>") == 1
