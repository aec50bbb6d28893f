"""What grows, grows where the gradient is largest, and the network stays the same function; rescaled, too."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import built_in, digest, random_network, random_samples

import nodesim as ns


def judged(seed, **options):
    net, rng = random_network(seed, **options)
    x, y = random_samples(net, rng, 4)
    net.forward(x)
    net.backward(y)
    return net, x, y


def same(net, x, expected):
    np.testing.assert_allclose(net.forward(x), expected, rtol=0, atol=1e-13 * (1 + np.abs(expected).max()))


@pytest.mark.parametrize("engine", ["nodes", "compiled"])
def test_a_split_is_where_the_gradient_is_largest(engine):
    for seed in range(30):
        net, x, y = judged(seed)
        net.engine = engine
        before = net.forward(x)
        net.backward(y)
        largest = max(net.connections, key=lambda c: abs(c.gradient))
        name, weight, ends, count = largest.name, largest.weight, (largest.source, largest.target), len(net.connections)
        gradient = largest.gradient
        growth = net.grow("split")
        node = growth.added
        assert growth.place == name
        assert growth.gradient == pytest.approx(gradient, rel=1e-9, abs=1e-300)
        assert (node.incoming[0].source, node.outgoing[0].target) == ends
        assert (node.incoming[0].weight, node.outgoing[0].weight, str(node.activation)) == (1.0, weight, "linear")
        assert len(net.connections) == count + 1
        if engine == "nodes":
            # The way out has the old number, and its place in the sum: bit by bit the same.
            assert (net.forward(x) == before).all()
            assert growth.outputs == 0
        same(net, x, before)


def test_a_use_of_a_tied_weight_is_split():
    net = ns.Network.layered([2, 2, 1], seed=0)
    Wr = net.tie("W2", "W4")
    before = net.forward([0.5, 1.0])
    net.backward([1.0])
    gradients = [net["W2"].gradient, net["W4"].gradient]
    growth = net.grow("split", where="W4")
    assert (growth.gradient, growth.outputs, net.forward([0.5, 1.0])) == (gradients[1], 0, before)
    assert Wr.uses == (net["W2"], growth.added.outgoing[0])
    net.backward([1.0])
    assert [c.gradient for c in Wr.uses] == pytest.approx(gradients, rel=1e-14)


def test_a_connection_is_where_its_gradient_would_be_largest():
    for seed in range(15):
        net, x, y = judged(seed, max_hidden=4)
        outputs, found = net.forward(x), {}
        net.backward(y)
        for source in net.nodes:
            for target in (*net.hidden, *net.outputs):
                fed = source.kind == "bias" and any(c.source.kind == "bias" for c in target.incoming)
                try:
                    with net.trial():
                        connection = net.connect(source, target, 0.0)
                        net.forward(x)
                        net.backward(y)
                        gradient = connection.gradient
                except ns.StructureError:
                    gradient = None
                if fed or gradient is None:
                    before = digest(net)
                    with pytest.raises(ns.StructureError):
                        net.grow("connect", where=(source, target))
                    assert digest(net) == before
                else:
                    found[source.name, target.name] = gradient
        if not found:
            with pytest.raises(ns.StructureError, match="connected already"):
                net.grow("connect")
            continue
        for ends, gradient in found.items():
            with net.trial():
                assert net.grow("connect", where=ends).gradient == pytest.approx(gradient, rel=1e-9, abs=1e-14)
        growth = net.grow("connect")
        assert growth.candidates == len(found)
        ends = growth.added.source.name, growth.added.target.name
        assert abs(found[ends]) == pytest.approx(max(map(abs, found.values())), rel=1e-9)
        assert growth.added.weight == 0.0
        same(net, x, outputs)


def test_a_grown_connection_lowers_e():
    net = ns.Network.layered([2, 3, 1], seed=0)
    x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    net.forward(x)
    before = net.backward(y)
    growth = net.grow("connect")
    growth.added.weight = -0.01 * np.sign(growth.gradient)
    assert net.error(x, y) < before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("merge",), "split"),
        (("split", "W77"), "W77"),
        (("split", 3), "where"),
        (("connect", "W1"), "pair"),
        (("connect", ("I1", "H9")), "H9"),
        (("connect", ("I1", "H1")), "connected already"),
        (("connect", ("O1", "H1")), "cycle"),
        (("connect", ("B2", "H1")), "bias"),
        (("connect", ("H1", "I1")), "into input"),
        (("connect", ("H1", "H2")), "product"),
    ],
)
def test_what_cannot_grow_is_refused(arguments, words):
    net = ns.Network.layered([2, 2, 1], seed=0)
    net["H2"].aggregation = "product"
    with pytest.raises(ns.StateError):
        net.grow()
    net.forward([0.5, 1.0])
    net.backward([1.0])
    before = digest(net)
    with pytest.raises(ns.NodesimError, match=words):
        net.grow(*arguments)
    assert digest(net) == before


def flows(net, x, y):
    outputs = net.forward(x)
    net.backward(y)
    return outputs, {c.name: c.weight * c.gradient for c in net.connections}


def test_rescaled_nodes_change_nothing():
    for seed in range(40):
        net, x, y = judged(seed, activations=["relu", "leaky_relu", "linear"])
        outputs, flow = flows(net, x, y)
        rng = np.random.default_rng(seed)
        for node in net.hidden:
            scale = float(np.exp(rng.normal()))
            changed = net.rescale(node, -scale if node.activation.name == "linear" else scale)
            assert set(changed) == {*node.incoming, *node.outgoing}
        after, flow_after = flows(net, x, y)
        size = 1 + np.abs(outputs).max()
        np.testing.assert_allclose(after, outputs, rtol=0, atol=1e-12 * size)
        scales = {
            c.name: abs(c.weight) * net.paths(c).derivatives.scale(net.paths(c).of).mean() for c in net.connections
        }
        for name, value in flow.items():
            assert abs(flow_after[name] - value) <= 1e-12 * (scales[name] + 1e-300)
        # What flows into a homogeneous node flows out of it.
        for node in net.hidden:
            into, out = (sum(flow_after[c.name] for c in each) for each in (node.incoming, node.outgoing))
            if node.incoming:
                bound = sum(scales[c.name] for c in (*node.incoming, *node.outgoing))
                assert abs(into - out) <= 1e-12 * (bound + 1e-300)


def test_homogeneous_is_what_a_function_is_and_not_what_it_is_called():
    z = np.linspace(-30, 30, 601)
    for activation in built_in(ns.Activation):
        net = ns.Network.layered([2, 2, 1], hidden=activation, seed=0)
        with np.errstate(all="ignore"):
            expected = np.allclose(activation.function(2.5 * z), 2.5 * activation.function(z), rtol=1e-9, atol=0)
        before = digest(net)
        if expected:
            net.rescale("H1", 2.5)
        else:
            with pytest.raises(ns.StructureError, match="H1"):
                net.rescale("H1", 2.5)
            assert digest(net) == before
    own = ns.Activation("twice", lambda z: 2 * z, lambda z, a: np.full_like(z, 2.0))
    net = ns.Network.layered([2, 2, 1], hidden=own, seed=0)
    before = net.forward([0.5, 1.0])
    net.rescale("H2", -2.0)
    assert net.forward([0.5, 1.0]) == before


@pytest.mark.parametrize(
    ("node", "factor", "words"),
    [
        ("H1", 0.0, "must not be 0"),
        ("H1", -1.0, "above 0"),
        ("H1", float("nan"), "factor"),
        ("H1", 1e308, "range"),
        ("H2", 2.0, "product"),
        ("H3", 2.0, "tied"),
        ("I1", 2.0, "no hidden"),
        ("O1", 2.0, "no hidden"),
        ("B1", 2.0, "no hidden"),
        ("H9", 2.0, "H9"),
    ],
)
def test_what_cannot_be_rescaled_is_refused(node, factor, words):
    net = ns.Network.layered([2, 3, 1], hidden="relu", seed=0)
    net["H2"].aggregation = "product"
    net.tie("W3", "W6")
    before = digest(net)
    with pytest.raises(ns.NodesimError, match=words):
        net.rescale(node, factor)
    assert digest(net) == before


def test_largest_and_mean_can_be_rescaled():
    for aggregation in ("max", "min", "mean", "norm"):
        net = ns.Network.layered([2, 3, 1], hidden="relu", seed=0)
        net["H2"].aggregation = aggregation
        x = np.random.default_rng(0).standard_normal((6, 2))
        before = net.forward(x)
        net.rescale("H2", 3.0)
        same(net, x, before)
