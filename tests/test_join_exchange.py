"""Nodes that are no sums, taken to torch and ONNX and back: proven by the programs themselves, or refused by name."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from helpers import random_network, random_samples

import nodesim as ns
from nodesim.checks import check_exchange

AGGREGATIONS = ["product", "max", "min", "mean", "norm", "neat_maxabs"]
SMOOTH = ["linear", "tanh", "sigmoid", "softplus", "sine", "gaussian"]


def with_joins(seed):
    """Return a random network of which half of the nodes are no sums, also such that nothing feeds."""
    losses = ["mse", "mse", "softmax_cross_entropy", "binary_cross_entropy"]
    net, rng = random_network(seed, loss=losses[seed % 4], activations=SMOOTH)
    for node in net.nodes:
        if node.aggregation is not None and rng.random() < 0.5:
            node.aggregation = str(rng.choice(AGGREGATIONS))
    return net, rng


def everything(net):
    nodes = [(node.name, node.kind, node.activation, node.aggregation) for node in net.nodes]
    return nodes, [(c.name, c.source.name, c.target.name, c.weight, c.trainable) for c in net.connections], net.loss


def test_joins_go_out_and_come_back(tmp_path):
    met = set()
    for seed in range(50):
        net, rng = with_joins(seed)
        x, _ = random_samples(net, rng, 6)
        net.to_onnx(tmp_path / "net.onnx")
        others = net.to_torch(), tmp_path / "net.onnx"
        twins = ns.from_torch(others[0]), ns.from_onnx(others[1])
        for other, twin in zip(others, twins):
            assert everything(twin) == everything(net), seed
            assert (twin.predict(x) == net.predict(x)).all()
            # A proof takes long: of one in five, by the other program itself.
            assert seed % 5 or check_exchange(net, other).ok, (seed, other)
        met |= {node.aggregation.name for node in net.nodes if node.aggregation is not None and node.incoming}
    assert met == {"sum", *AGGREGATIONS}


@pytest.mark.parametrize("name", [*AGGREGATIONS, "neat_median"])
def test_torch_has_the_same_gradients_at_zeros_and_ties(name):
    net = ns.Network(loss="mse")
    output = net.add_output("O1", activation="linear", aggregation=name)
    for index in range(3):
        net.connect(net.add_input(), output, weight=[0.5, -1.5, 2.0][index])
    x = np.array([[0.0, 0.0, 0.0], [0.0, 2.0, 1.0], [4.0, 0.0, 1.0], [1.0, 2.0, 3.0]])
    module, y = net.to_torch(), np.ones((4, 1))
    found = module(torch.tensor(x))
    ((found - torch.tensor(y)) ** 2).mean().backward()
    assert np.abs(found.detach().numpy() - net.forward(x)).max() < 1e-15
    net.backward(y)
    gradients = [module.get_parameter(c.name).grad.item() for c in net.connections]
    assert gradients == pytest.approx(net.gradients.tolist(), abs=1e-14)


def test_a_join_of_biases_alone_has_a_row_for_each_sample(tmp_path):
    net = ns.Network(loss="mse")
    net.add_input("I1")
    node, output = net.add_hidden("H1", aggregation="product", activation="tanh"), net.add_output("O1")
    for value in (2.0, 0.5):
        net.connect(net.add_bias(value=value), node, weight=0.7)
    net.connect(node, output, weight=1.5), net.connect("I1", output, weight=0.1)
    net.to_onnx(tmp_path / "net.onnx")
    assert everything(ns.from_onnx(tmp_path / "net.onnx")) == everything(net)
    assert check_exchange(net, tmp_path / "net.onnx").ok
    assert check_exchange(net, net.to_torch()).ok


def test_another_aggregation_is_found(tmp_path):
    net, _ = with_joins(2)
    net.to_onnx(tmp_path / "net.onnx")
    module = net.to_torch()
    node = next(node for node in net.nodes if node.aggregation is not None and len(node.incoming) > 1)
    before = node.aggregation
    node.aggregation = "mean" if before.name != "mean" else "sum"
    for other in (module, tmp_path / "net.onnx"):
        proof = check_exchange(net, other)
        assert not proof.ok
        assert any(f"{node.name} takes the {node.aggregation} in the network" in each for each in proof.findings)


def test_what_has_no_counterpart_is_refused_by_name(tmp_path):
    own = ns.Aggregation("squares_of_a_test", lambda c: (c * c).sum(axis=0), lambda c, h: 2.0 * c)
    net = ns.Network.layered([2, 3, 1], hidden="tanh", seed=0)
    net["H2"].aggregation = own
    for call in (net.to_torch, lambda: net.to_onnx(tmp_path / "net.onnx")):
        with pytest.raises(ns.ExchangeError, match=r"H2.*squares_of_a_test.*these have: product, max"):
            call()
    assert not (tmp_path / "net.onnx").exists()
    net["H2"].aggregation = "max"
    with pytest.raises(ns.ExchangeError, match="H2 has the aggregation max; nodes of a perceptron of scikit-learn are"):
        net.to_sklearn()


def test_metadata_of_sums_say_the_version_of_before(tmp_path):
    from nodesim.exchange.onnx import metadata
    from nodesim.exchange.own_networks import blueprint_of

    net = ns.Network.layered([2, 3, 1], seed=0)
    assert '"version":1,' in metadata.written(blueprint_of(net.simulator))
    net["H2"].aggregation = "max"
    assert '"version":2,' in metadata.written(blueprint_of(net.simulator))
