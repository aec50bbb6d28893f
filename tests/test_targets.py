"""Paths to other targets than e: to what an output sends, to a hidden node's sum, to what it sends; and the Jacobian."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
import torch
from helpers import ACTIVATIONS, SEEDS, article_network, digest, examples, random_network, random_samples
from hypothesis import given

import nodesim as ns
from nodesim.gradients.quantities import Quantity
from nodesim.notation.expressions import evaluate


def torch_quantities(net, point, weights):
    """Run forward in torch, and return every quantity; `point` is of shape (n_inputs,) or (n_samples, n_inputs)."""
    columns, found = torch.atleast_2d(point), {}

    def keep(quantity, value):
        # A tensor of its own: linear activations return what they are given.
        found[quantity] = value.clone() if value.requires_grad else value.clone().requires_grad_()

    for node in nx.topological_sort(net.graph):
        if node.kind == "input":
            keep(Quantity("activated", node), columns[:, net.inputs.index(node)])
        elif node.kind == "bias":
            keep(Quantity("activated", node), torch.full((len(columns),), node.value, dtype=torch.float64))
        else:
            total = torch.zeros(len(columns), dtype=torch.float64)
            for source, _, data in net.graph.in_edges(node, data=True):
                total = total + weights[data["connection"]] * found[Quantity("activated", source)]
            keep(Quantity("sum", node), total)
            keep(Quantity("activated", node), ACTIVATIONS[node.activation.name](found[Quantity("sum", node)]))
    return found


def steady_scale(paths, least=1e-3):
    """Return the sum of |products|, factors between 0 and the least counted as that: see `helpers.steady_scales`."""
    sizes = (np.abs(np.array([factor.value for factor in path.factors], dtype=float)) for path in paths)
    return sum(float(np.prod(np.where(size > 0, np.maximum(size, least), 0.0))) for size in sizes)


def pairs_of(net, rng, count):
    """Draw pairs of a target and of what it is derived by."""
    calculated = [node for node in net.nodes if node.activation is not None]
    targets = [Quantity(kind, node) for node in calculated for kind in ("sum", "activated")]
    below = [*targets, *(Quantity("activated", node) for node in (*net.inputs, *net.biases))]
    below += [Quantity("weight", connection) for connection in net.connections]
    drawn = [(targets[rng.integers(len(targets))], below[rng.integers(len(below))]) for _ in range(count)]
    return [(target, of) for target, of in drawn if target != of]


@pytest.mark.parametrize("engine", ["nodes", "compiled"])
@examples(25)
@given(seed=SEEDS)
def test_derivatives_to_any_target_are_those_of_torch(engine, seed):
    net, rng = random_network(seed)
    net.engine = engine
    x, _ = random_samples(net, rng, 1 + seed % 3)
    net.forward(x)
    weights = {c: torch.full((len(x),), c.weight, dtype=torch.float64, requires_grad=True) for c in net.connections}
    for target, of in pairs_of(net, rng, 6):
        paths = net.paths(of, to=target)
        found = torch_quantities(net, torch.tensor(x), weights)
        by = weights[of.element] if of.kind == "weight" else found[of]
        (expected,) = torch.autograd.grad(found[target].sum(), by, allow_unused=True)
        expected = np.zeros(len(x)) if expected is None else expected.detach().numpy()
        for sample in range(len(x)):
            one = net.paths(of, sample, to=target)
            listed = list(one)
            assert abs(one.gradient - expected[sample]) <= 1e-12 * steady_scale(listed)
            assert len(listed) == one.count
            assert abs(sum(path.product for path in listed) - one.gradient) <= 1e-12 * one.scale
        mean = np.mean([net.paths(of, sample, to=target).gradient for sample in range(len(x))])
        assert abs(paths.gradient - mean) <= 1e-14 * paths.scale


@examples(30)
@given(seed=SEEDS)
def test_paths_to_any_target_are_those_of_networkx(seed):
    net, rng = random_network(seed, max_hidden=6)
    x, _ = random_samples(net, rng, 1)
    net.forward(x)
    for target, of in pairs_of(net, rng, 6):
        paths = net.paths(of, to=target)
        graph = paths.derivatives.to_networkx()
        if not graph.has_node(target.name) or not graph.has_node(of.name):
            assert paths.count == 0
            assert paths.gradient == 0.0
            continue
        walks = list(nx.all_simple_paths(graph, target.name, of.name))
        products = [np.prod([graph.edges[edge]["partial"] for edge in itertools.pairwise(walk)]) for walk in walks]
        assert paths.count == len(walks)
        assert sorted(path.product for path in paths) == pytest.approx(sorted(products), rel=1e-12, abs=1e-300)
        names = {tuple(f.name for f in path.factors) for path in paths}
        assert names == {tuple(f"∂{a}/∂{b}" for a, b in itertools.pairwise(walk)) for walk in walks}
        strongest = [abs(path.product) for path in paths.top(len(walks))]
        assert strongest == sorted(strongest, reverse=True)
        for row in paths.flow().nodes if walks else ():
            element = next(node for node in net.nodes if node.name == row.name)
            passing = [path.product for path in paths if element in path.nodes]
            assert row.count == len(passing)
            assert abs(row.gradient - sum(passing)) <= 1e-12 * paths.scale
        derivation = net.derivation(of, to=target)
        for form in ("paths", "factored"):
            if walks:
                value = evaluate(derivation.expression(form))
                assert abs(float(np.sum(value)) - paths.gradient) <= 1e-12 * max(paths.scale, 1e-300)
        if walks:
            operations = derivation.operations
            edges = sum(len(walk) - 2 for walk in walks)
            assert operations["expanded"] == (edges, len(walks) - 1)
            below = nx.ancestors(graph, of.name) & (nx.descendants(graph, target.name) | {target.name})
            inside = graph.subgraph({*below, of.name})
            straight = inside.out_degree(target.name)
            assert operations["shared"].multiplications == inside.number_of_edges() - straight
            assert operations["shared"].additions == inside.number_of_edges() - (len(inside) - 1)
            assert operations["elimination"].multiplications <= operations["shared"].multiplications


def test_a_forward_is_enough_and_no_target_is_none():
    net = ns.Network.layered([2, 3, 2], seed=0)
    with pytest.raises(ns.StateError, match="forward"):
        net.paths("W1", to="OA1")
    net.forward([0.5, 1.0])
    to_output, to_none = net.paths("W1", to="OA1"), net.paths("W10", to="HA1")
    assert (to_output.count, to_none.count, to_none.gradient, bool(to_none)) == (1, 0, 0.0, False)
    assert str(to_none) == "∂HA1/∂W10 = 0, the sum of 0 paths"
    assert net.derivation("W10", to="HA1").text() == "∂HA1/∂W10 = 0: no path leads from HA1 to W10."
    with pytest.raises(ns.StateError, match="backward"):
        net.paths("W1")
    # A node stands for its sum, as where it is derived by.
    assert net.paths("W1", to=net["O2"]).gradient == net.paths("W1", to="O2").gradient


def test_a_target_keeps_its_numbers():
    net = article_network(2)
    paths, error = net.paths("W1", to="H3"), net.paths("W1")
    before = paths.gradient, str(paths), error.gradient
    net.update(0.5)
    net.forward([3.0, -1.0])
    assert (paths.gradient, str(paths), error.gradient) == before
    assert net.paths("W1", to="H3").gradient != before[0]


@pytest.mark.parametrize(
    ("of", "to", "kind"),
    [
        ("W1", "W2", ns.ArgumentError),
        ("OA1", "OA1", ns.ArgumentError),
        ("H1", "H1", ns.ArgumentError),
        ("W1", "O9", ns.UnknownNameError),
        ("W1", 5, ns.ArgumentTypeError),
        ("W1", b"OA1", ns.ArgumentTypeError),
        ("W1", ["OA1"], ns.ArgumentTypeError),
        ("W1", Quantity("error"), ns.ArgumentTypeError),
    ],
)
def test_what_cannot_be_derived_is_said(of, to, kind):
    net = article_network(1)
    before = digest(net)
    for ask in (net.paths, net.derivation):
        with pytest.raises(kind):
            ask(of, to=to)
    assert digest(net) == before


def test_dead_ends_have_derivatives_too():
    net = ns.Network(seed=0)
    net.add_input(), net.add_hidden(activation="tanh"), net.add_hidden(activation="tanh"), net.add_output()
    net.connect("I1", "H1", 2.0), net.connect("H1", "H2", -0.5), net.connect("I1", "O1")
    net.forward([0.25])
    inner, slope = np.tanh(0.5), lambda value: 1 - value**2
    expected = slope(np.tanh(-0.5 * inner)) * -0.5 * slope(inner) * 2.0
    assert net.paths("I1", to="HA2").gradient == pytest.approx(expected, rel=1e-14)


def test_what_is_shown_says_what_is_derived():
    net = ns.Network.layered([2, 2, 2], seed=0)
    net.forward([[0.05, 0.1], [1.0, 2.0]]), net.backward([[0.01, 0.99], [0.0, 1.0]])
    paths = net.paths("I1", to="OA2")
    assert paths.title == "2 paths of ∂OA2/∂I1"
    assert repr(paths.cut()).startswith("<cut of 2 paths of ∂OA2/∂I1: ")
    assert net.paths("W1", to="e").title == net.paths("W1").title == "2 paths of W1"
    assert net.derivation("W1", to="e").text() == net.derivation("W1").text()
    # A mean has no numbers of one sample.
    assert ">numbers<" not in paths._repr_html_()
    assert ">numbers<" in net.paths("I1", to="OA2", sample=0)._repr_html_()
