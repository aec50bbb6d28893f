"""What changed between two backwards, path by path and node by node, against brute force by names."""

from __future__ import annotations

import itertools
import xml.dom.minidom

import networkx as nx
import numpy as np
import pytest
from helpers import SEEDS, article_network, examples, random_network, random_samples
from hypothesis import given

import nodesim as ns
from nodesim.paths import comparison as comparison_module
from nodesim.paths import path_matching

ACTIVATIONS = ["linear", "tanh", "relu", "sigmoid", "softplus"]
LOSSES = ["mse", "softmax_cross_entropy"]


def ends_of(path):
    return tuple((c.source.name, c.target.name) for c in path.connections)


def products(paths):
    """Return the product of every path by the names along it, multiplied factor by factor."""
    found = {}
    for path in paths:
        each = np.ones(paths.derivatives.n_samples)
        for factor in path.factors:
            each = each * np.asarray(factor.value)
        key = ends_of(path)
        assert key not in found
        found[key] = float(each.mean())
    return found


def name_of(paths, ends):
    start = ends[0][0] if ends else paths.of.element.name
    return " -> ".join([start, *(target for _, target in ends)])


def shared_out(found, parts):
    """Add up products over whatever parts their paths have."""
    sums = {}
    for ends, product in found.items():
        for part in parts(ends):
            sums[part] = sums.get(part, 0.0) + product
    return sums


def assert_right(first, second):
    """Hold a comparison against brute force."""
    compared = first.compare(second)
    old, new = products(first), products(second)
    scale = 1e-12 * (first.scale + second.scale) + 1e-300
    assert compared.complete
    assert compared.counts == (len(old), len(new))
    assert compared.change == compared.after - compared.before
    assert (compared.appeared, compared.disappeared) == (len(new.keys() - old.keys()), len(old.keys() - new.keys()))
    rows = list(compared.paths)
    assert len(rows) == len(old.keys() | new.keys())
    expected = {name_of(second, ends): (old.get(ends, 0.0), new.get(ends, 0.0)) for ends in old.keys() | new.keys()}
    where = {name_of(second, ends): (ends in old, ends in new) for ends in old.keys() | new.keys()}
    assert len(expected) == len(rows)
    for row in rows:
        assert row.before == pytest.approx(expected[row.name][0], abs=scale)
        assert row.after == pytest.approx(expected[row.name][1], abs=scale)
        assert row.change == row.after - row.before
        assert row.where == {(True, True): "both", (True, False): "before", (False, True): "after"}[where[row.name]]
    sizes = [abs(row.change) for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    # The proof by a second way: paths, outputs and the two gradients agree.
    assert sum(row.change for row in rows) == pytest.approx(compared.change, abs=scale)
    assert sum(row.change for row in compared.outputs) == pytest.approx(compared.change, abs=scale)
    for k in (0, 1, 3):
        # As text: a share is NaN where nothing changed.
        assert str(list(compared.top(k))) == str(rows[:k])
    start = [second.of.element.name] if isinstance(second.of.element, ns.Node) else []
    parts = {
        "nodes": lambda ends: [*(start or ([ends[0][0]] if ends else [])), *(target for _, target in ends)],
        "connections": lambda ends: list(ends),
        "outputs": lambda ends: [ends[-1][1] if ends else start[0]],  # or where another target is entered
    }
    for kind, part in parts.items():
        table = getattr(compared, kind)
        sums = shared_out(old, part), shared_out(new, part)
        keys = compared._connections[0] if kind == "connections" else table.names
        assert {*keys} >= sums[0].keys() | sums[1].keys()
        for key, row in zip(keys, table, strict=True):
            assert row.before == pytest.approx(sums[0].get(key, 0.0), abs=scale)
            assert row.after == pytest.approx(sums[1].get(key, 0.0), abs=scale)
    return compared


def traced(net, x, y, of, **options):
    net.forward(x)
    net.backward(y)
    return net.paths(of, **options)


def picked(net, rng):
    """Return a weight or a node that feeds an output, by name."""
    found = [c.name for c in net.connections] + [node.name for node in net.nodes]
    return str(rng.choice(found))


@given(SEEDS)
@examples(40)
def test_two_samples(seed):
    net, rng = random_network(seed, activations=ACTIVATIONS, loss=LOSSES[seed % 2], max_hidden=6)
    x, y = random_samples(net, rng, 3)
    of = picked(net, rng)
    net.forward(x)
    net.backward(y)
    assert_right(net.paths(of, sample=0), net.paths(of, sample=1))
    compared = assert_right(net.paths(of, sample=2), net.paths(of))
    assert not compared.appeared
    assert str(compared)


@given(SEEDS)
@examples(40)
def test_two_moments_of_a_training(seed):
    net, rng = random_network(seed, activations=ACTIVATIONS, max_hidden=6)
    x, y = random_samples(net, rng, 1 + seed % 2)
    of = picked(net, rng)
    first = traced(net, x, y, of)
    net.weights = net.weights + 0.3 * rng.standard_normal(len(net.weights))
    second = traced(net, x, y, of)
    assert_right(first, second)
    assert_right(second, first)
    assert not any(row.change for row in first.compare(first).paths)


@given(SEEDS)
@examples(60)
def test_two_networks_of_which_one_has_more_or_fewer_nodes(seed):
    net, rng = random_network(seed, activations=ACTIVATIONS, max_hidden=6)
    x, y = random_samples(net, rng, 2)
    of = picked(net, rng)
    first, twin = traced(net, x, y, of), net.copy()
    elements = {of.removeprefix("HA"), of} | ({twin[of].source.name, twin[of].target.name} if of[0] == "W" else set())
    spare = [node for node in twin.hidden if node.name not in elements]
    if spare and seed % 3:
        twin.remove(spare[int(rng.integers(len(spare)))])
    if seed % 2:
        # Its connections may take the numbers of those that are gone.
        added = twin.add_hidden("new", "tanh")
        behind = nx.descendants(twin.graph, twin.outputs[0]) | {twin.outputs[0], added}
        sources = [node for node in twin.nodes if node not in behind]
        twin.connect(sources[int(rng.integers(len(sources)))], added, 0.5)
        twin.connect(added, twin.outputs[0], -0.5)
    for output in twin.outputs:
        if not output.incoming:
            twin.connect(twin.inputs[0], output, 0.1)
    second = traced(twin, x, y, of)
    assert_right(first, second)
    assert_right(second, first)


def test_sets_of_paths_that_are_restricted_are_compared_as_they_are():
    net = ns.Network.layered([2, 3, 3, 2], seed=0)
    first, second = (traced(net, x, [0.0, 1.0], "W1") for x in ([0.05, 0.1], [1.0, -0.5]))
    compared = assert_right(first.through("H4"), second.avoiding("H4"))
    assert (compared.appeared, compared.disappeared) == (4, 2)
    assert "2 paths, through H4; after: 4 paths, avoiding H4" in str(compared)
    nothing = first.through("H4").through("H5")
    assert_right(nothing, second)
    assert_right(second, nothing)
    empty = nothing.compare(nothing)
    assert (empty.change, len(empty.paths), len(empty.nodes)) == (0.0, 0, 0)
    assert str(empty)
    assert empty._repr_html_()


@given(SEEDS)
@examples(25)
def test_of_too_many_paths_the_strongest_are_compared_and_all_sums_are_exact(seed):
    net, rng = random_network(seed, activations=ACTIVATIONS, loss=LOSSES[seed % 2])
    x, y = random_samples(net, rng, 1 + seed % 2)
    of = picked(net, rng)
    first, twin = traced(net, x, y, of), net.copy()
    elements = {of} | ({twin[of].source.name, twin[of].target.name} if of[0] == "W" else set())
    spare = [node for node in twin.hidden if node.name not in elements]
    if spare and seed % 3:
        twin.remove(spare[0])
    for output in twin.outputs:
        if not output.incoming:
            twin.connect(twin.inputs[0], output, 0.1)
    second = traced(twin, x, y, of)
    if seed % 2 and second.count:
        second = second.of_length(len(next(iter(second)).connections))
    with pytest.MonkeyPatch.context() as patch:
        whole = first.compare(second)
        _ = whole.paths
        patch.setattr(comparison_module, "_LISTED", 0)
        patch.setattr(path_matching, "STRONGEST", 3)
        some = first.compare(second)
        assert some.complete == (not first and not second)
        old, new = products(first), products(second)
        by_name = {name_of(second, ends): (old.get(ends), new.get(ends)) for ends in old.keys() | new.keys()}
        listed = {name_of(second, ends_of(path)) for paths in (first, second) for path in paths.top(3)}
        assert {row.name for row in some.paths} == listed
        scale = 1e-12 * (first.scale + second.scale) + 1e-300
        for row in some.paths:
            assert row.before == pytest.approx(by_name[row.name][0] or 0.0, abs=scale)
            assert row.after == pytest.approx(by_name[row.name][1] or 0.0, abs=scale)
            assert (row.where != "after", row.where != "before") == tuple(p is not None for p in by_name[row.name])
        for kind in ("nodes", "connections", "outputs"):
            assert str(list(getattr(some, kind))) == str(list(getattr(whole, kind)))
        assert some.change == whole.change
        if not some.complete:
            assert "too many paths for all of them" in str(some)


def test_ten_billion_paths_are_compared_by_their_strongest_and_their_sums():
    net = ns.Network.layered([10] * 11, "tanh", bias=False, seed=0)
    net.weights = net.weights * 0.3
    first, second = (traced(net, np.full(10, number), np.zeros(10), "W1") for number in (0.1, 0.5))
    compared = first.compare(second)
    assert compared.counts == (10**9, 10**9)
    assert not compared.complete
    scale = 1e-12 * (first.scale + second.scale)
    assert compared.outputs.column("change").sum() == pytest.approx(compared.change, abs=scale)
    for layer in net.layers[1:]:
        changes = [compared.nodes[node.name].change for node in layer if node.name in compared.nodes.names]
        assert sum(changes) == pytest.approx(compared.change, abs=scale)
    assert 1000 <= len(compared.paths) <= 2000
    assert compared.paths[0].after == pytest.approx(second.top(1)[0].product)


def test_a_product_far_below_the_floats_on_the_way_is_found():
    """Paths of a thousand slopes: what lies between is smaller than any float, and the product is not."""
    net = ns.Network(seed=0)
    before = net.add_input("I1")
    for index in range(400):
        node = net.add_hidden(f"H{index + 1}", "linear")
        net.connect(before, node, 1e-3 if index < 200 else 1e3)
        before = node
    net.connect(before, net.add_output("O1"), 1.0)
    first = traced(net, [1.0], [0.0], "W1")
    second = traced(net, [2.0], [0.0], "W1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparison_module, "_LISTED", 0)
        patch.setattr(path_matching, "STRONGEST", 0)
        known = path_matching.KnownPaths(second._sums, [0], range(401))
        assert known.product(range(400, 0, -1)) == pytest.approx(second.gradient, rel=1e-10)
    row = first.compare(second).paths[0]
    assert (row.before, row.after) == pytest.approx((first.gradient, second.gradient), rel=1e-10)


def test_it_refuses_what_is_no_other_set_of_paths_of_the_same_quantity():
    net = article_network(1)
    paths = net.paths("W1")
    for wrong in (None, "W1", 3, paths.flow(), [paths], np.ones(2)):
        with pytest.raises(ns.ArgumentTypeError, match="paths are compared with paths"):
            paths.compare(wrong)
    with pytest.raises(
        ns.ArgumentError, match=r"paths of ∂e/∂W1 are compared with paths of the same derivative; got those of ∂e/∂W2"
    ):
        paths.compare(net.paths("W2"))
    with pytest.raises(ns.ArgumentError, match="got those of ∂OA1/∂W1"):
        paths.compare(net.paths("W1", to="OA1"))
    with pytest.raises(ns.ArgumentError, match="got those of ∂e/∂HA1"):
        net.paths("H1").compare(net.paths("HA1"))
    compared = paths.compare(paths)
    for wrong in (-1, 1.5, "2"):
        with pytest.raises(ns.NodesimError):
            compared.top(wrong)
    with pytest.raises(ns.UnknownNameError, match="Did you mean 'change'"):
        compared.nodes.column("chnge")
    with pytest.raises(ns.UnknownNameError, match="no path passes 'H9', before or after"):
        compared.nodes["H9"]
    with pytest.raises(ns.PositionError):
        compared.nodes[99]


def test_paths_to_other_targets_than_e_are_compared_too():
    net = ns.Network.layered([2, 3, 3, 2], "tanh", seed=0)
    for to, of in (("OA1", "W1"), ("O2", "I1"), ("H5", "W1"), ("HA6", "H2")):
        found = []
        for x in ([0.05, 0.1], [1.0, -0.5]):
            net.forward(x)
            net.backward([0.0, 1.0])
            found.append(net.paths(of, to=to))
        compared = assert_right(*found)
        assert str(compared).startswith(f"∂{to}/∂{of} changed by ")
        assert "by output" not in str(compared) + compared._repr_html_()


def test_names_that_two_connections_have_had_are_told_apart():
    net = ns.Network.layered([2, 3, 2], bias=False, seed=0)
    first, twin = traced(net, [0.1, 0.2], [0.0, 1.0], "I1"), net.copy()
    twin.remove("H1")
    twin.connect("I1", "O2", 0.5)
    compared = first.compare(traced(twin, [0.1, 0.2], [0.0, 1.0], "I1"))
    row = compared.connections["W1"]
    assert (row.where, row.before) == ("after", 0.0)
    assert compared.connections["W1 (I1 -> H1)"].where == "before"
    assert len(set(compared.connections.names)) == len(compared.connections)


def test_it_is_shown_and_drawn():
    net = ns.Network.layered([2, 2, 2], seed=0)
    net.forward([[0.05, 0.1], [1.0, 0.0]])
    net.backward([[0.01, 0.99], [0.0, 1.0]])
    compared = net.paths("W1", sample=0).compare(net.paths("W1", sample=1))
    assert str(compared).splitlines() == [
        "∂e/∂W1 changed by −0.423472: from −0.0233586 to −0.446831",
        "name                 before      after     change  share  where",
        "I1 -> H1 -> O2   −0.0149275  −0.292011  −0.277083  65.4%  both",
        "I1 -> H1 -> O1  −0.00843113   −0.15482  −0.146389  34.6%  both",
        "before: 2 paths, sample 0; after: 2 paths, sample 1",
        "above: 2 paths, together −0.423472, 100.0% of the change",
        "by output: O2 −0.277083, O1 −0.146389; together −0.423472",
    ]
    assert repr(compared) == "<comparison of 2 paths and 2 paths of W1: change −0.423472>"
    assert "changed by" in compared._repr_html_()
    drawing = compared.draw()
    svg = drawing.svg
    xml.dom.minidom.parseString(svg)
    for words in ("∂e/∂W1 changed by −0.423472", "red: up", "dotted blue: down", "from −0.00843113 to −0.15482"):
        assert words in svg
    assert svg == net.draw(highlight=compared).svg
    # What became smaller is blue and dotted, and thicker where it changed more.
    assert svg.count('stroke="#1d4ed8"') >= 6
    assert "#c1121f" not in svg
    widths = {c: float(_width_of(svg, c)) for c in ("W1", "W7", "W8")}
    assert widths["W1"] > widths["W8"] > widths["W7"] > 1.2
    back = net.paths("W1", sample=1).compare(net.paths("W1", sample=0)).draw().svg
    assert "#c1121f" in back
    assert "#1d4ed8" not in back


def _width_of(svg, name):
    piece = svg[svg.index(f"Connection {name}:") :]
    return piece[piece.index('stroke-width="') + 14 :].split('"')[0]


def test_what_is_gone_is_named_under_the_picture():
    net = ns.Network.layered([2, 3, 2], seed=0)
    first, twin = traced(net, [0.1, 0.2], [0.0, 1.0], "I1"), net.copy()
    twin.remove("H1")
    compared = first.compare(traced(twin, [0.1, 0.2], [0.0, 1.0], "I1"))
    assert "not in this network: H1, I1 -&gt; H1, H1 -&gt; O1 and 1 more" in compared.draw().svg
    assert "not in this network" not in net.draw(compared).svg
    narrow = ns.Network.layered([1, 1], bias=False, seed=0)
    drawing = traced(narrow, [0.1], [1.0], "W1").compare(traced(narrow, [0.9], [1.0], "W1")).draw()
    for line, other in itertools.pairwise(part for part in drawing.svg.split("<text") if "changed" in part):
        assert line != other
    twin.remove("I1")
    with pytest.raises(ns.StaleElementError):
        compared.draw()
