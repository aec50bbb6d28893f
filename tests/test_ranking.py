"""Paths by rank: exactly those that sorting the whole list gives, at any size."""

from __future__ import annotations

import itertools
import math
import time
from fractions import Fraction

import numpy as np
import pytest
from helpers import SEEDS, article_network, examples, random_network, random_samples
from hypothesis import given
from test_paths import ladder, longest_ladder

import nodesim as ns
from nodesim.paths import GradientPaths


def few_values(rng):
    return float(rng.choice([-1.0, -0.5, 0.0, 0.5, 0.5, 1.0, 2.0]))


def traced(seed, batch, **kind):
    """Return a random network after a backward; every third has few different weights, so that products tie."""
    if seed % 3 == 0:
        kind = {"activations": ["linear", "relu"], "weight": few_values, **kind}
    net, rng = random_network(seed, loss=("mse", "mae", "softmax_cross_entropy")[seed % 3], **kind)
    x, y = random_samples(net, rng, batch)
    if seed % 3 == 0:
        x, y = np.round(x), np.round(y)
    net.forward(x), net.backward(y)
    return net


def indices(net, path):
    return [net.connections.index(connection) for connection in path.connections]


@pytest.mark.parametrize("batch", [1, 5])
@examples(120)
@given(seed=SEEDS)
def test_top_is_the_sorted_list(batch, seed):
    net = traced(seed, batch)
    for connection in net.connections:
        paths = net.paths(connection)
        everything = list(paths)
        expected = sorted((abs(path.product) for path in everything), reverse=True)
        ranked = paths.top(len(everything) + 3)
        found = [abs(path.product) for path in ranked]
        # Of one sample to the last bit; the mean of a batch as well, for both multiply alike.
        assert found == expected
        products = {path.connections: path.product for path in everything}
        assert {path.connections: path.product for path in ranked} == products
        for k in (1, 10):
            assert [path.connections for path in paths.top(k)] == [path.connections for path in ranked[:k]]


@examples(30)
@given(seed=SEEDS.map(lambda seed: seed - seed % 3))
def test_ties_come_in_the_order_of_connections_from_the_weight_on(seed):
    net = traced(seed, 1)
    for of in [*net.connections, *net.hidden]:
        for _, tied in itertools.groupby(net.paths(of).ranked(), key=lambda path: abs(path.product)):
            order = [indices(net, path) for path in tied if path.product]
            assert order == sorted(order)


@pytest.mark.parametrize("batch", [1, 5])
@examples(60)
@given(seed=SEEDS)
def test_one_sign_alone(batch, seed):
    net = traced(seed, batch)
    for connection in net.connections:
        paths = net.paths(connection)
        positive = sorted((path.product for path in paths if path.product > 0), reverse=True)
        negative = sorted(path.product for path in paths if path.product < 0)
        assert [path.product for path in paths.ranked("+")] == positive
        assert [path.product for path in paths.ranked(sign="-")] == negative
        assert [path.product for path in paths.top(2, sign="-")] == negative[:2]


@given(seed=SEEDS)
def test_sample_and_nodes_and_inputs(seed):
    net = traced(seed, 4)
    for of in [*net.nodes, *(ns.Network.paths(net, node.name).of for node in net.inputs)]:
        for sample in (None, 2):
            paths = net.paths(of, sample=sample)
            expected = sorted((abs(path.product) for path in paths), reverse=True)
            assert [abs(path.product) for path in paths.ranked()] == expected


def chain(length, weight, activation="linear", skip=()):
    """Return a chain of hidden nodes, with connections that skip from and to some of them, after a backward."""
    net = ns.Network("half_squared_error", seed=0)
    nodes = [net.add_input(), *(net.add_hidden(activation=activation) for _ in range(length)), net.add_output()]
    for source, target in itertools.pairwise(nodes):
        net.connect(source, target, weight=weight)
    for source, target, value in skip:
        net.connect(nodes[source], nodes[target], weight=value)
    net.forward([1.0])
    net.backward([-1.0])
    return net


def test_products_beyond_the_floats_are_ranked_rightly():
    # Some 1,500 halvings, 1,400, and 1,300: none of these products is a float other than 0.
    skip = [(1, 102, 0.5), (1, 202, 0.5), (205, 207, 0.125)]
    net = chain(1500, 0.5, skip=skip)
    ranked = net.paths("W1").top(10)
    assert [path.product for path in ranked] == [0.0] * 6
    assert [len(path.connections) for path in ranked] == [1301, 1300, 1401, 1400, 1501, 1500]
    steps = -np.diff([path.log_product for path in ranked]) / math.log(2)
    assert steps == pytest.approx([1, 99, 1, 99, 1], rel=1e-9)
    # From e on there are 21 factors of 1e-40 first: no float reaches 1e-840, but the whole product is one.
    net = chain(40, 1.0)
    net.weights = [1e40 if index < 20 else 1e-40 for index in range(41)]
    net.forward([0.0]), net.backward([1.0])
    paths = net.paths("H1")
    assert [path.product for path in (*paths, *paths.top(1))] == pytest.approx([-1e-80] * 2, rel=1e-12)


def test_products_of_either_sign_beyond_the_floats_are_in_the_order_of_fractions():
    """Ways around a node differ in their last binary digits and in their sign, but not in their power of two."""
    skip = [(1, 3, -0.3), (5, 7, 0.28), (9, 11, -0.26), (13, 15, -0.45), (17, 19, 0.4)]
    net = chain(1100, 0.5, skip=skip)
    paths = net.paths("W1")
    exact = {path.connections: math.prod(Fraction(c.weight) for c in path.connections[1:]) for path in paths}
    assert len(exact) == 2 ** len(skip)
    expected = sorted(exact, key=lambda path: -abs(exact[path]))
    assert [path.connections for path in paths.ranked()] == expected
    for sign in "+-":
        chosen = [path for path in expected if (exact[path] < 0) == (sign == "-")]
        assert [path.connections for path in paths.ranked(sign=sign)] == chosen


def test_a_chain_of_5000_nodes():
    started = time.perf_counter()
    net = chain(5000, 0.25, activation="sigmoid", skip=[(1, 3, -0.5)])
    paths = net.paths("W1")
    assert paths.count == 2
    first, second = paths.top(10)
    assert first.product == second.product == 0.0
    assert [len(first.connections), len(second.connections)] == [5000, 5001]
    assert first.log_product > second.log_product
    signs = [path.connections for sign in "+-" for path in paths.top(2, sign=sign)]
    assert {first.connections, second.connections} == set(signs)
    assert len(signs) == 2
    assert paths.of_length(5000).count == paths.lengths()["5000"].count == 1
    assert paths.flow()["H3"].count == 2
    for shown in (repr(paths), str(paths), repr(first), repr(paths.flow()), str(paths.lengths())):
        assert shown
    assert time.perf_counter() - started < 60


def test_10_to_the_30_paths_at_once():
    started = time.perf_counter()
    net = ns.Network.layered([10] * 32, seed=0)
    rng = np.random.default_rng(1)
    net.forward(rng.normal(size=10)), net.backward(rng.normal(size=10))
    paths = net.paths("W1")
    assert paths.count == 10**30
    products = [path.product for path in paths.top(1000)]
    assert products == sorted(products, key=abs, reverse=True)
    positive, negative = paths.top(5, "+"), paths.top(5, "-")
    assert {abs(path.product) for path in positive} | {abs(path.product) for path in negative} >= {
        abs(product) for product in products[:5]
    }
    flow = paths.flow()
    assert flow["H150"].count == 10**29
    assert flow.outputs.column("gradient").sum() == pytest.approx(paths.gradient, abs=1e-12 * paths.scale)
    assert paths.through("H150").count == 10**29
    assert paths.lengths().column("count").tolist() == [10**30]
    assert time.perf_counter() - started < 60


def test_2_to_the_15000_paths_at_once():
    net, started = longest_ladder(), time.perf_counter()
    paths = net.paths("W1")
    top = paths.top(10)
    assert [path.log_product for path in top] == pytest.approx([-15_000 * math.log(2)] * 10, rel=1e-12)
    assert len({path.connections for path in top}) == 10
    assert paths.through("H2").count == 2**14_999
    assert paths.avoiding("H3").count == 2**14_999
    flow = paths.flow()
    assert flow["H2"].count == 2**14_999
    assert flow["H2"].share == 0.5
    assert flow["H4"].share == 1.0
    assert paths.lengths().column("count").tolist() == [2**15_000]
    assert paths.coverage(10) == 0.0
    assert "≈1.409e+4515" in str(flow.sorted("count", ascending=True)[:5])
    for thing in (paths, top[0], flow, paths.lengths(), flow.outputs, paths.by_output()):
        assert len(repr(thing)) < 1000
    assert time.perf_counter() - started < 60


def test_ranked_may_be_stopped_anywhere_and_is_lazy():
    net = ns.Network.layered([10] * 22, seed=0)
    net.forward(np.ones(10)), net.backward(np.zeros(10))
    ranked = net.paths("W1").ranked()
    first = list(itertools.islice(ranked, 3))
    assert first == sorted(first, key=lambda path: -abs(path.product))
    assert abs(next(ranked).product) <= abs(first[-1].product)


@pytest.mark.parametrize("k", [-1, 1.5, True, "3", None])
def test_k_must_be_a_whole_number(k):
    with pytest.raises(ns.NodesimError, match="k must be a whole number of at least 0"):
        article_network(2).paths("W1").top(k)


def test_k_of_nothing_and_of_more_than_there_are():
    paths = article_network(2).paths("W1")
    assert paths.top(0) == []
    assert len(paths.top(1000)) == 4
    assert paths.coverage(1000) == pytest.approx(1.0, rel=1e-12)
    assert paths.coverage(0) == 0.0
    assert paths.coverage(2, absolute=True) == sum(abs(p.product) for p in paths.top(2)) / paths.scale
    with pytest.raises(ns.NodesimError, match=r"sign must be '\+', '-' or None"):
        paths.ranked("positive")
    with pytest.raises(ns.ArgumentError, match="absolute must be True or False, got 'yes'"):
        paths.coverage(2, absolute="yes")


def test_k_beyond_what_a_machine_counts():
    few, many = article_network(2).paths("W1"), ladder(100).paths("W1")
    for k in (10**7 + 1, 2**63, 10**5000):
        assert len(few.top(k)) == len(few.top(k, "+")) + len(few.top(k, "-")) == 4
        assert few.coverage(k) == pytest.approx(1.0, rel=1e-12)
        with pytest.raises(ns.TooManyPathsError, match="through H2 has .* paths: too many for a list"):
            many.through("H2").top(k)


def test_what_is_not_finite_has_no_order():
    net = article_network(2)
    graph = net._derivatives("paths")
    graph.slopes = graph.slopes.copy()
    graph.slopes[net["H3"].row] = np.nan
    paths = GradientPaths(graph, net.paths("W1").of)
    with pytest.raises(
        ns.NodesimError, match=r"cannot be ranked: ∂HA3/∂H3 = nan is not finite, in ∂e/∂OA1 · .*∂H1/∂W1"
    ):
        paths.top(1)
    assert math.isnan(next(iter(paths)).product)
    assert paths.avoiding("H3").top(1)[0].nodes[2].name == "H4"


def test_a_weight_that_feeds_nothing():
    net = ns.Network(seed=0)
    net.add_input(), net.add_hidden(), net.add_output()
    net.connect("I1", "O1"), net.connect("I1", "H1", name="lost")
    net.forward([1.0]), net.backward([0.0])
    paths = net.paths("lost")
    assert (paths.count, paths.gradient, paths.top(3), list(paths), list(paths.ranked("-"))) == (0, 0.0, [], [], [])
    assert math.isnan(paths.coverage(1))
    assert math.isnan(paths.cancellation)
    assert len(paths.flow()) == len(paths.flow().outputs) == len(paths.lengths()) == 0
    assert paths.as_arrays().connections.shape[0] == 0
    assert repr(paths) == "<0 paths of lost: gradient 0>"


def test_interrupted_listing_leaves_everything_as_it_was():
    net = ns.Network.layered([10] * 12, seed=0)
    net.forward(np.ones(10)), net.backward(np.zeros(10))
    paths = net.paths("W1")
    before, seen = [path.product for path in itertools.islice(paths, 50)], 0
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - what raises is the loop
        for _ in paths:
            seen += 1
            if seen == 12_345:
                raise KeyboardInterrupt
    assert [path.product for path in itertools.islice(paths, 50)] == before
    assert len(paths.top(7)) == 7
