"""Restricted paths, and how a gradient is shared out: equal to what the whole list gives, on random networks."""

from __future__ import annotations

import importlib.util
import itertools
import math

import numpy as np
import pytest
from helpers import SEEDS, article_network, examples, random_network, random_samples
from hypothesis import given
from test_ranking import traced

import nodesim as ns
from nodesim.notation import symbols
from nodesim.paths import arrays as arrays_module


def summed(listed):
    return math.fsum(path.product for path in listed)


def same(paths, listed, scale):
    """Assert that restricted paths are these of a list: one by one, and in what they add up to."""
    assert [path.connections for path in paths] == [path.connections for path in listed]
    assert [path.product for path in paths] == [path.product for path in listed]
    assert paths.count == len(listed)
    assert paths.gradient == pytest.approx(summed(listed), abs=1e-12 * scale)
    expected = sorted((abs(path.product) for path in listed), reverse=True)
    assert [abs(path.product) for path in paths.top(len(listed))] == expected


def some(rng, elements, count):
    """Choose so many of the elements, or all, in any order."""
    return [elements[index] for index in rng.permutation(len(elements))[:count]]


def passes(path, element):
    return element in path.nodes or element in path.connections


@examples(30)
@given(seed=SEEDS)
def test_restrictions(seed):
    net = traced(seed, 1 + seed % 4)
    rng = np.random.default_rng(seed)
    elements = [*net.nodes, *net.connections]
    for of in some(rng, [*net.connections, *net.hidden], 6):
        paths = net.paths(of)
        everything, scale = list(paths), paths.scale
        for element in some(rng, elements, 8):
            chosen = [path for path in everything if passes(path, element)]
            same(paths.through(element), chosen, scale)
            if len(everything) < 200:
                assert [path in paths.through(element) for path in everything] == [p in chosen for p in everything]
            same(paths.avoiding(element.name), [path for path in everything if path not in chosen], scale)
        one, two, three = (elements[index] for index in rng.integers(len(elements), size=3))
        both = paths.through(one).avoiding(two)
        expected = [path for path in everything if passes(path, one) and not passes(path, two)]
        same(both, expected, scale)
        same(both.through(three), [path for path in expected if passes(path, three)], scale)
        for length in {len(path.connections) for path in everything} | {0, 1, 50}:
            fitting = [path for path in everything if len(path.connections) == length]
            same(paths.of_length(length), fitting, scale)
            same(paths.of_length(length).through(one), [path for path in fitting if passes(path, one)], scale)
            same(paths.avoiding(two).of_length(length), [p for p in fitting if not passes(p, two)], scale)
        for output, part in paths.by_output().items():
            same(part, [path for path in everything if path.nodes[-1] is output], scale)
            same(paths.through(one).by_output()[output.name],
                 [path for path in everything if path.nodes[-1] is output and passes(path, one)], scale)  # fmt: skip


def equal(row, chosen, products, scale):
    """Assert that a row of a flow is about these paths, each with its products in all samples."""
    table = np.array([products[path.connections] for path in chosen]).reshape(len(chosen), -1)
    assert row.count == len(chosen)
    assert row.gradient == pytest.approx(table.mean(axis=1).sum(), abs=1e-12 * scale)
    assert row.positive == pytest.approx(np.maximum(table, 0).mean(axis=1).sum(), abs=1e-12 * scale)
    assert row.negative == pytest.approx(np.minimum(table, 0).mean(axis=1).sum(), abs=1e-12 * scale)
    magnitudes = np.abs(table).mean(axis=1).sum()
    if magnitudes > 1e-10 * scale > 0:
        assert row.cancellation == pytest.approx(abs(row.gradient) / magnitudes, abs=1e-9)


@examples(60)
@given(seed=SEEDS)
def test_shares(seed):
    net = traced(seed, batch := 1 + seed % 3)
    rng = np.random.default_rng(seed)
    for of in some(rng, [*net.connections, *net.nodes], 6):
        paths = net.paths(of)
        if seed % 2:
            paths = paths.avoiding(some(rng, net.nodes, 1)[0])
        everything, scale = list(paths), paths.scale
        single = [{p.connections: p.product for p in net.paths(of, sample=s)} for s in range(batch)]
        products = {path.connections: [each[path.connections] for each in single] for path in everything}
        flow = paths.flow()
        passed = {element for path in everything for element in (*path.nodes, *path.connections)}
        assert {*flow.elements} == passed
        assert len(flow) == len(passed) == len(flow.nodes) + len(flow.connections)
        for element in passed:
            equal(flow[element], [p for p in everything if passes(p, element)], products, scale)
        for output in flow.outputs:
            equal(output, [p for p in everything if p.nodes[-1].name == output.name], products, scale)
        for row in paths.lengths():
            equal(row, [p for p in everything if len(p.connections) == int(row.name)], products, scale)
        whole = paths.gradient
        for table in (flow.outputs, paths.lengths()):
            assert table.column("gradient").sum() == pytest.approx(whole, abs=1e-12 * scale)
            assert sum(table.column("count")) == paths.count
        assert paths.positive + paths.negative == pytest.approx(whole, abs=1e-12 * scale)
        if whole:
            assert flow.column("share") == pytest.approx(flow.column("gradient") / whole, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("kind", ["layered", "skipping", "batch", "sample", "sums"])
def test_listing_in_blocks_and_into_arrays_is_listing_one_by_one(kind, monkeypatch):
    net = ns.Network.layered([4] * 8, seed=3, loss="softmax_cross_entropy" if kind == "sums" else "mse")
    rng = np.random.default_rng(0)
    if kind == "skipping":
        for source, target in itertools.combinations(net.hidden, 2):
            if rng.random() < 0.1 and (source, target) not in net.graph.edges:
                net.connect(source, target)
    batch = 1 if kind in ("layered", "skipping", "sums") else 5
    net.forward(rng.normal(size=(batch, 4)))
    net.backward(np.abs(rng.normal(size=(batch, 4))) if kind != "sums" else [[0.25] * 4])
    paths = net.paths("W2", sample=3) if kind == "sample" else net.paths("W2")
    listed = list(paths)
    monkeypatch.setattr("nodesim.paths.listing._WORTH", 10**9)
    one_by_one = list(paths)
    monkeypatch.undo()
    assert len(listed) == paths.count >= 4**6
    assert [path.connections for path in listed] == [path.connections for path in one_by_one]
    assert [path.product for path in listed] == [path.product for path in one_by_one]
    number = {connection: index for index, connection in enumerate(net.connections)}
    for native in (True, False):
        if not native:
            monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
        for limit in (None, 0, 1, 777, 10**9):
            found = paths.as_arrays(limit)
            expected = listed[:limit]
            assert found.products.tolist() == [path.product for path in expected]
            rows = [[number[c] for c in path.connections] for path in expected]
            assert [[index for index in row if index >= 0] for row in found.connections.tolist()] == rows
            assert all((np.diff(row < 0) >= 0).all() for row in found.connections)
            assert found.connections.dtype == np.int32
    assert arrays_module.PathArrays._fields == ("connections", "products")


def test_arrays_of_small_networks_and_nodes():
    net = article_network(1)
    found = net.paths("O1").as_arrays()
    assert found.connections.shape == (1, 0)
    assert found.products.tolist() == [net.paths("O1").gradient]
    assert net.paths("W7").as_arrays().connections.tolist() == [[6]]
    for wrong in (-1, 2.5, "all"):
        with pytest.raises(ns.NodesimError, match="limit must be a whole number of at least 0"):
            net.paths("W1").as_arrays(wrong)
    deep = ns.Network.layered([10] * 12, seed=0)
    deep.forward(np.ones(10)), deep.backward(np.ones(10))
    with pytest.raises(ns.TooManyPathsError, match="take the strongest with"):
        deep.paths("W1").as_arrays()


@pytest.mark.parametrize("batch", [1, 2])
def test_arrays_that_no_memory_holds(batch):
    net = ns.Network.layered([10] * 32, seed=0)
    net.forward(np.ones((batch, 10))), net.backward(np.zeros((batch, 10)))
    for limit in (10**15, 10**25):
        with pytest.raises(ns.TooManyPathsError, match=f"{limit:,} paths of up to 31 connections do not fit"):
            net.paths("W1").as_arrays(limit)


@pytest.mark.parametrize("native", [True, False])
def test_arrays_are_as_wide_as_the_longest_path(native, monkeypatch):
    if not native:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    net = ns.Network(seed=0)
    nodes = [net.add_input(), *(net.add_hidden() for _ in range(3)), net.add_output()]
    first = net.connect(*nodes[:2])
    for source, target in itertools.combinations(nodes[1:], 2):
        net.connect(source, target)
    net.forward([1.0]), net.backward([1.0])
    for limit in (1, 2, None):
        assert net.paths(first).as_arrays(limit).connections.shape == (limit or 4, 4)


@pytest.mark.parametrize("loss", ["mse", "binary_cross_entropy"])
def test_restrictions_that_leave_nothing_of_an_activated_node(loss):
    net = ns.Network.layered([2, 2, 2], output="sigmoid", loss=loss, seed=0)
    net.connect("O1", "O2")
    net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    for name in ("OA1", "OA2", "HA1", "I1"):
        paths = net.paths(name)
        assert bool(paths) == (paths.count > 0) == bool(list(paths))
        for none in (paths.of_length(50), paths.avoiding("O1").avoiding("O2"), paths.through("B2")):
            assert not none
            assert (none.count, none.gradient, none.scale, list(none), none.top(3)) == (0, 0.0, 0.0, [], [])
            assert len(none.flow()) == len(none.lengths()) == len(none.as_arrays().products) == 0
            assert math.isnan(none.cancellation)
            assert str(none).endswith(" = 0, the sum of 0 paths")


def test_a_length_beyond_all_paths():
    net = article_network(2)
    net.connect("H1", "O1")  # so that paths differ in length
    net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    for length in (100, 2**63, 10**5000):
        none = net.paths("W1").of_length(length)
        assert none.count == 0
        assert "of length" in repr(none)
    with pytest.raises(ns.ArgumentError, match="sample must be .*, got a number of 16,610 bits"):
        net.paths("W1", sample=10**5000)


def test_elements_that_are_not_of_this_network():
    net, other = article_network(2), article_network(2)
    paths = net.paths("W1")
    for restrict in (paths.through, paths.avoiding):
        for stranger in (other["H3"], other["W7"]):
            with pytest.raises(ns.StaleElementError, match="is none of the"):
                restrict(stranger)
        with pytest.raises(ns.UnknownNameError, match="nothing was named 'H33'.*Did you mean 'H3'"):
            restrict("H33")
        with pytest.raises(ns.NodesimError, match="restricted by nodes, connections or their names, got 3"):
            restrict(3)
    with pytest.raises(ns.UnknownNameError, match="no output 'H1'. Did you mean 'O1'"):
        paths.by_output()["H1"]
    with pytest.raises(ns.UnknownNameError, match="no output"):
        paths.by_output()[other["O1"]]
    with pytest.raises(ns.NodesimError, match="length must be a whole number of at least 0, got -1"):
        paths.of_length(-1)
    with pytest.raises(ns.UnknownNameError, match="no column 'shares'. Did you mean 'share'"):
        paths.flow().sorted("shares")
    with pytest.raises(ns.UnknownNameError, match="no path passes 'I2'"):
        paths.flow()["I2"]


def test_paths_of_an_earlier_backward_keep_their_numbers():
    net = article_network(2)
    paths, removed = net.paths("W1"), net["H3"]
    before = (
        [p.product for p in paths],
        paths.flow().to_dict(),
        [p.product for p in paths.top(2)],
        paths.lengths().to_dict(),
    )
    fresh = net.paths("W1")
    net.remove("I2"), net.remove(removed)
    net.add_hidden("late")
    net.connect("I1", "late"), net.connect("late", "O1")
    net.forward([3.0]), net.backward([0.0, 0.0])
    for each in (paths, fresh):
        after = (
            [p.product for p in each],
            each.flow().to_dict(),
            [p.product for p in each.top(2)],
            each.lengths().to_dict(),
        )
        assert after == before
        assert each.through(removed).count == each.through("H3").count == each.avoiding("H4").count == 2
        assert next(iter(each.through("H3"))).formula.startswith("∂e/∂OA1 · ∂OA1/∂O1 · ∂O1/∂HA3")
        assert str(next(iter(each.through("H3")))).endswith(symbols.number(next(iter(each.through("H3"))).product))
        with pytest.raises(ns.StaleElementError, match="late is none of the nodes that this backward went over"):
            each.through(net["late"])
    assert net.paths("W1").count == 2


def test_paths_are_what_they_go_over():
    net = article_network(2)
    paths = net.paths("W1")
    first, *others = paths
    assert first == next(iter(paths)) == next(iter(paths.through("W1")))
    assert {*paths.top(4)} == {first, *others}
    assert first not in others
    assert first != "W1"
    assert first not in net.paths("W2")
    assert "W1" not in paths
    net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
    assert first not in net.paths("W1")
    assert first in paths
    deep = ns.Network.layered([10] * 12, seed=0)
    deep.forward(np.ones(10)), deep.backward(np.zeros(10))
    best = deep.paths("W1").top(1)[0]
    assert best in deep.paths("W1").through(best.nodes[5])
    assert best not in deep.paths("W1").avoiding(best.nodes[5])


def test_restrictions_say_what_they_are():
    paths = article_network(2).paths("W1")
    assert (
        repr(paths.through("H3"))
        == f"<2 paths of W1, through H3: gradient {symbols.number(paths.through('H3').gradient)}>"
    )
    assert str(paths.through("W1").avoiding("O2").of_length(3)).startswith(
        "∂e/∂W1, through W1, avoiding O2, of length 3"
    )
    assert paths.avoiding("I1").count == paths.avoiding("W1").count == 0
    assert paths.through("I1").count == paths.through("H1").count == 4
    assert repr(paths.avoiding("I1")) == "<0 paths of W1, avoiding I1: gradient 0>"
    assert repr(paths.by_output()) == "<paths of 2 outputs>"


def test_flow_is_a_table():
    net = article_network(2)
    flow = net.paths("W1").flow()
    assert [row.name for row in flow.nodes] == ["I1", "H1", "H3", "H4", "O1", "O2"]
    assert [row.name for row in flow.connections] == ["W1", "W7", "W8", "W13", "W14", "W15", "W16"]
    assert flow["H3"] == flow[2] == flow[net["H3"]]
    assert flow["W1"].share == 1.0
    shares = flow.sorted().column("share")
    assert (np.diff(shares) <= 0).all()
    assert flow.sorted("share", ascending=True)[0].share == shares[-1]
    table = flow.to_dict()
    assert list(table) == ["name", "kind", "count", "gradient", "share", "positive", "negative", "cancellation"]
    assert table["name"][:3] == ["I1", "H1", "H3"]
    graph = flow.to_networkx()
    assert graph.edges["H1", "H3"]["share"] == flow["W7"].share
    assert graph.nodes["O1"]["count"] == 2
    html = flow._repr_html_()
    assert html.count("<tr>") == 14
    hostile = ns.Network(seed=0)
    hostile.add_input("<img src=x>"), hostile.add_output()
    hostile.connect("<img src=x>", "O1", name="<b>")
    hostile.forward([1.0]), hostile.backward([0.0])
    assert "<img" not in hostile.paths("<b>").flow()._repr_html_()
    big = ns.Network.layered([30, 30, 30], seed=0)
    big.forward(np.ones(30)), big.backward(np.zeros(30))
    assert str(big.paths("W1").flow()).endswith("... 43 more rows")


@given(seed=SEEDS)
def test_shares_from_inputs_and_nodes(seed):
    net, rng = random_network(seed)
    x, y = random_samples(net, rng, 3)
    net.forward(x), net.backward(y)
    for node in net.nodes:
        paths = net.paths(node.name)
        assert paths.flow().outputs.column("gradient").sum() == pytest.approx(paths.gradient, abs=1e-12 * paths.scale)
        assert paths.gradient == pytest.approx(float(np.mean(node.delta)), abs=1e-12 * paths.scale)


def test_counts_beyond_2_to_the_53_are_exact_though_no_part_of_them_is_that_large():
    """All paths pass one node in the middle; before it and behind it they are few enough for a float."""
    net = ns.Network.layered([1, *[3] * 20, 1, *[3] * 14, 3], bias=False, seed=0)
    net.forward([1.0]), net.backward([0.0, 0.0, 0.0])
    paths, middle = net.paths("W1"), net.hidden[60]
    assert paths.count == paths.flow()[middle].count == 3**34
