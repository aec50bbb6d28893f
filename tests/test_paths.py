"""Paths: counted, listed in the article's order, summed; exact where float64 is; at any size."""

from __future__ import annotations

import functools
import itertools
import math
import time

import networkx as nx
import numpy as np
import pytest
from helpers import SEEDS, article_network, digest, examples, random_network, random_samples
from hypothesis import given
from hypothesis import strategies as st

import nodesim as ns
from nodesim.notation.symbols import Count


def formulas(net, weight):
    return [path.formula.replace(" · ", " ") for path in net.paths(weight)]


def test_figure_3_and_4():
    net = article_network(1)
    assert formulas(net, "W1") == [
        "∂e/∂OA1 ∂OA1/∂O1 ∂O1/∂HA1 ∂HA1/∂H1 ∂H1/∂W1",
        "∂e/∂OA2 ∂OA2/∂O2 ∂O2/∂HA1 ∂HA1/∂H1 ∂H1/∂W1",
    ]
    assert formulas(net, "W7") == ["∂e/∂OA1 ∂OA1/∂O1 ∂O1/∂W7"]
    assert formulas(net, "W11") == ["∂e/∂OA1 ∂OA1/∂O1 ∂O1/∂W11"]
    first = next(iter(net.paths("W1")))
    y1, OA1, H1 = 0.01, net["O1"].activated, net["H1"].value
    s = 1 / (1 + math.exp(-H1))
    expected = [-(2 / 2) * (y1 - OA1), 1.0, net["W7"].weight, s * (1 - s), 0.05]
    assert [float(factor) for factor in first.factors] == pytest.approx(expected, rel=1e-14)
    assert first.product == pytest.approx(math.prod(expected), rel=1e-14)
    assert math.prod(first.factors) == pytest.approx(first.product, rel=1e-14)
    assert np.prod([np.asarray(f) for f in first.factors]) == pytest.approx(first.product, rel=1e-14)
    assert [c.name for c in first.connections] == ["W1", "W7"]
    assert [node.name for node in first.nodes] == ["I1", "H1", "O1"]
    assert str(first.factors[1]) == "∂OA1/∂O1 = 1"
    w7 = next(iter(net.paths("W7")))
    assert float(w7.factors[-1]) == net["H1"].activated


def test_figure_5():
    net = article_network(2)
    head = "∂e/∂OA{0} ∂OA{0}/∂O{0} ∂O{0}/∂HA{1} ∂HA{1}/∂H{1} ∂H{1}/∂HA1 ∂HA1/∂H1 ∂H1/∂W1"
    assert formulas(net, "W1") == [head.format(o, h) for o, h in ((1, 3), (1, 4), (2, 3), (2, 4))]


def test_figure_6():
    net = article_network(3)
    head = "∂e/∂OA{0} ∂OA{0}/∂O{0} ∂O{0}/∂HA{1} ∂HA{1}/∂H{1} ∂H{1}/∂HA{2} ∂HA{2}/∂H{2} ∂H{2}/∂HA1 ∂HA1/∂H1 ∂H1/∂W1"
    assert formulas(net, "W1") == [head.format(o, h, k) for o in (1, 2) for h in (5, 6) for k in (3, 4)]
    assert [net.paths(w).count for w in ("W1", "W7", "W13", "W19")] == [8, 4, 2, 1]


@examples(60)
@given(seed=SEEDS)
def test_the_paths_are_those_of_networkx(seed):
    net, rng = random_network(seed)
    x, y = random_samples(net, rng, 1)
    net.forward(x), net.backward(y)
    for connection in net.connections:
        expected = set()
        for output in net.outputs:
            if output is connection.target:
                expected.add((connection.source, output))
            else:
                walks = nx.all_simple_paths(net.graph, connection.target, output)
                expected |= {(connection.source, *walk) for walk in walks}
        found = [path.nodes for path in net.paths(connection)]
        assert len(found) == len(set(found)) == net.paths(connection).count
        assert set(found) == expected


# One for all examples: each new one would be compiled.
SQUARE = ns.Activation("square", lambda z: z * z, lambda z, a: 2.0 * z)


@examples(60)
@given(seed=SEEDS, batch=st.sampled_from([1, 2]))
def test_exact_equality_where_every_operation_is_exact(engine, seed, batch):
    quarters = lambda rng: int(rng.integers(-4, 5)) / 4  # noqa: E731
    net, rng = random_network(seed, activations=["linear"], loss="half_squared_error", max_hidden=4, weight=quarters)
    net.engine = engine
    # One squaring on the way keeps all products within 53 bits.
    if net.hidden:
        net.hidden[0].activation = SQUARE
    x, y = (rng.integers(-4, 5, (batch, n)) / 4 for n in (len(net.inputs), len(net.outputs)))
    net.forward(x), net.backward(y)
    for connection in net.connections:
        paths = net.paths(connection)
        assert sum(path.product for path in paths) == connection.gradient == paths.gradient


def test_products_of_a_batch_are_means_and_sample_looks_at_one():
    net = article_network(2)
    x = [[0.05, 0.1], [0.5, -1.0], [2.0, 0.3]]
    y = [[0.01, 0.99], [0.0, 1.0], [1.0, 0.0]]
    singles = []
    for row, wanted in zip(x, y):
        net.forward(row), net.backward(wanted)
        singles.append([path.product for path in net.paths("W1")])
    net.forward(x), net.backward(y)
    assert [path.product for path in net.paths("W1")] == pytest.approx(np.mean(singles, axis=0), rel=1e-12)
    for i, expected in enumerate(singles):
        paths = net.paths("W1", sample=i)
        assert [path.product for path in paths] == pytest.approx(expected, rel=1e-12)
        assert paths.gradient == pytest.approx(sum(expected), rel=1e-12)
        assert isinstance(next(iter(paths)).factors[0].value, float)
    assert net.paths("W1", sample=-1).gradient == net.paths("W1", sample=2).gradient
    path = next(iter(net.paths("W1")))
    assert path.factors[0].value.shape == (3,)
    assert str(path).endswith("(mean of 3 samples)")


def test_a_trace_is_a_photograph():
    net = article_network(2)
    paths = net.paths("W1")
    products = [path.product for path in paths]
    net.update(0.5)
    net.forward([3.0, 4.0]), net.backward([0.0, 0.0])
    net.remove("H3")
    assert [path.product for path in paths] == products
    assert sum(products) == pytest.approx(paths.gradient, rel=1e-14)
    assert next(iter(paths)).formula.startswith("∂e/∂OA1 · ∂OA1/∂O1 · ∂O1/∂HA3")


def ladder(pairs, weight=0.5):
    """Return a network in which 2^pairs paths lead from W1 to the output, run on one sample."""
    net = ns.Network("half_squared_error", seed=0)
    net.add_input()
    before = net.add_hidden(activation="linear")
    net.connect("I1", before, weight=1.0)
    for _ in range(pairs):
        up, down, join = (net.add_hidden(activation="linear") for _ in range(3))
        for middle in (up, down):
            net.connect(before, middle, weight=1.0)
            net.connect(middle, join, weight=weight)
        before = join
    net.connect(before, net.add_output(), weight=1.0)
    net.forward([1.0])
    net.backward([0.0])
    return net


@functools.cache
def longest_ladder():
    """Return the ladder with 2^15,000 paths, made once because that takes seconds: look at it, but leave it alone."""
    return ladder(15_000)


def test_2_to_the_100_paths():
    net = ladder(100)
    started = time.perf_counter()
    paths = net.paths("W1")
    assert paths.count == 2**100
    assert paths.gradient == net["W1"].gradient == 1.0
    assert [path.product for path in itertools.islice(paths, 3)] == [2.0**-100] * 3
    assert repr(paths) == "<1,267,650,600,228,229,401,496,703,205,376 paths of W1: gradient 1>"
    assert "more paths; those shown sum to 7.88861e-30 (0.0% of the gradient)" in str(paths)
    for listing in (list, tuple, sorted):
        with pytest.raises(ns.TooManyPathsError, match=f"^W1 has {2**100:,} paths: too many for a list"):
            listing(paths)
    # Not a speed claim: a listing would take longer than the universe.
    assert time.perf_counter() - started < 60


@pytest.mark.parametrize("pairs", [52, 53, 54, 62, 63])
def test_one_path_more_than_a_power_of_two(pairs):
    """2^53 + 1 is the first whole number that no float is, 2^63 the first that is too large for 64 bits."""
    net = ladder(pairs)
    net.connect("H1", "O1", weight=1.0)
    net.forward([1.0]), net.backward([0.0])
    counts = net.path_counts()
    assert net.paths("W1").count == counts["W1"] == 2**pairs + 1
    assert net.paths("HA1").flow()["H1"].count == net.paths("HA1").count == 2**pairs + 1
    for number in range(1, pairs):
        (weight, _) = net[f"H{3 * number + 1}"].incoming
        assert counts[weight] == net.paths(weight).count == 2 ** (pairs - number)


def test_2_to_the_15000_paths():
    net = longest_ladder()
    paths = net.paths("W1")
    assert paths.count == 2**15_000
    assert isinstance(paths.count, int)
    for text in (str(paths.count), repr(paths.count), f"{paths.count}", f"{paths.count:,}", repr(paths), str(paths)):
        assert "≈2.818e+4515" in text
    assert paths.gradient == 1.0
    with pytest.raises(ns.TooManyPathsError, match="≈2.818e"):
        list(paths)


def test_count():
    assert (str(Count(12)), f"{Count(1234):,}", Count(5) + 1, repr(Count(-3))) == ("12", "1,234", 6, "-3")
    assert str(Count(10**60 - 1)) == "9" * 60
    assert str(Count(10**5000)) == "≈1.000e+5000"
    assert str(Count(10**5000 - 1)) == "≈1.000e+5000"
    assert str(Count(-(10**61))) == "≈-1.000e+61"


def test_derivative_graph_as_networkx():
    net = article_network(1)
    graph = net.paths("W1").derivatives.to_networkx()
    assert nx.is_directed_acyclic_graph(graph)
    assert graph.number_of_nodes() == 1 + 4 + 4 + 4 + 12
    walks = list(nx.all_simple_paths(graph, "e", "W1"))
    products = [math.prod(graph.edges[pair]["partial"] for pair in itertools.pairwise(walk)) for walk in walks]
    assert len(products) == 2
    assert sum(products) == pytest.approx(net["W1"].gradient, rel=1e-14)


@examples(80)
@given(
    SEEDS,
    st.integers(1, 8),
    st.sampled_from(["mse", "huber", "bce", "softmax_cross_entropy", "log_cosh"]),
)
def test_properties_of_any_graph(seed, batch, loss):
    net, rng = random_network(seed, loss=ns.loss(loss).name)
    x, y = random_samples(net, rng, batch)
    net.forward(x), net.backward(y)
    for connection in net.connections:
        paths = net.paths(connection)
        listed = list(itertools.islice(paths, 500))
        for path in listed[:20]:
            assert path.connections[0] is connection
            assert path.connections[-1].target.kind == "output"
            assert all(a.target is b.source for a, b in itertools.pairwise(path.connections))
            values = np.prod([np.broadcast_to(np.asarray(f), batch) for f in path.factors], axis=0)
            assert abs(values.mean() - path.product) <= 1e-12 * paths.scale
        if paths.count <= 500:
            assert abs(math.fsum(p.product for p in listed) - connection.gradient) <= 1e-12 * paths.scale


def test_check_gradients():
    net, rng = random_network(3)
    x, y = random_samples(net, rng, 4)
    weights = net.weights
    report = ns.check_gradients(net, x, y)
    assert report.ok
    assert (net.weights == weights).all()
    assert [row.name for row in report.rows] == [c.name for c in net.connections]
    assert str(report).splitlines()[0].split() == ["weight", "backprop", "path", "sum", "finite", "difference"]
    assert str(report).endswith("all agree")
    wide = ns.Network.layered([10, 40, 40, 3], seed=0)
    before = digest(wide)
    report = ns.check_gradients(wide, np.ones(10), [0.0, 1.0, 0.0])
    assert [row.name for row in report.rows] == ["random direction"]
    assert report
    assert digest(wide) == before


def test_check_gradients_finds_a_wrong_derivative():
    net = article_network(1)
    net["H1"].activation = ns.Activation("wrong", lambda z: z**2, lambda z, a: z)
    report = ns.check_gradients(net, [0.5, 1.0], [0.0, 1.0])
    assert not report
    assert {row.name for row in report.failures} == {"W1", "W3", "W5"}
    assert "DIFFERS" in str(report)
    assert "3 of 12 differ" in str(report)
    assert "W1" in repr(report)


def test_batches_are_handed_on_as_single_samples_are():
    # Layers, which are products of matrices; layers with holes and skips, which are so in part; and any other graph.
    for seed in range(12):
        net = ns.Network.layered([9, 12, 11, 10, 3], seed=seed)
        rng = np.random.default_rng(seed)
        connections = net.connections
        for place in rng.permutation(len(connections))[: 30 * (seed % 4)]:
            net.disconnect(connections[place])
        if seed % 3 == 0:
            for target in (*net.layers[3].nodes[:4], *net.outputs[:2]):
                if target.kind != "bias" and net["I1"] not in net.graph.pred[target]:
                    net.connect("I1", target)
        x, y = rng.standard_normal((7, 9)), rng.standard_normal((7, 3))
        net.forward(x), net.backward(y)
        graph = net.paths("I1").derivatives
        for sums in (graph.totals, graph.absolutes):
            assert np.isfinite(sums).all()
        for sample in range(7):
            net.forward(x[sample]), net.backward(y[sample])
            alone = net.paths("I1").derivatives
            # The rounding of a forward run depends on BLAS and on the batch; where y - OA is small, that is more of it.
            allowed = 1e-12 * alone.absolutes[:, 0] + 1e-15
            assert (np.abs(graph.totals[:, sample] - alone.totals[:, 0]) <= allowed).all()
            assert (np.abs(graph.absolutes[:, sample] - alone.absolutes[:, 0]) <= allowed).all()


def test_paths_are_called_and_shared_as_recorded_ones():
    net = ns.Network.layered([2, 2, 2], seed=0)
    net.forward([[0.05, 0.1], [1.0, 0.5]]), net.backward([[0.01, 0.99], [0.0, 1.0]], l2=0.1)
    for sample in (None, 0, 1):
        paths = list(net.paths("W1", sample=sample))
        assert [path.name for path in paths] == ["I1 → H1 → O1", "I1 → H1 → O2", "W1 → l2"]
        assert [path.title for path in paths] == [path.name.replace("→", "->") for path in paths]
        assert sum(path.share for path in paths) == pytest.approx(1, rel=1e-12)
        total = sum(path.product for path in paths)
        assert all(path.share == pytest.approx(path.product / total, rel=1e-12) for path in paths)
    *_, penalty = net.paths("W1")
    assert str(penalty).endswith("(the same in each sample)")
    assert repr(penalty.factors[0]) == "<∂e/∂l2 = 1 in each of 2 samples>"


def test_a_zero_has_no_sign():
    net = ns.Network.layered([1, 1], hidden="relu", bias=False, seed=0)
    net.forward([0.0]), net.backward([1.0])
    (path,) = net.paths("W1")
    assert str(path).endswith("· 0 = 0") or str(path).endswith("· 0 ≈ 0")
    assert repr(path) == "<path I1 -> O1: 0>"
    assert path.share != path.share
