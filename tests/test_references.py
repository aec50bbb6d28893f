"""Worked examples whose numbers come from outside."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import by_ends, reference, set_weights

import nodesim as ns


@pytest.fixture
def mazur(engine):
    data = reference("mazur.json")
    net = ns.Network.layered([2, 2, 2], output="sigmoid", loss="half_squared_error", seed=0)
    net.engine = engine
    set_weights(net, data["weights"])
    for connection in net.connections:
        connection.trainable = connection.source.kind != "bias"
    return net, data


def test_mazur_forward_and_backward(mazur):
    net, data = mazur
    assert net.forward(data["inputs"]) == pytest.approx(data["outputs"], rel=1e-12)
    assert net.backward(data["targets"]) == pytest.approx(data["error"], rel=1e-12)
    assert [node.activated for node in net.hidden] == pytest.approx(data["hidden_activated"], rel=1e-12)
    assert [node.delta for node in net.outputs] == pytest.approx(data["delta_output"], rel=1e-12)
    assert [node.delta for node in net.hidden] == pytest.approx(data["delta_hidden"], rel=1e-12)
    gradients = by_ends(net, "gradient")
    assert {ends: gradients[ends] for ends in data["gradients"]} == pytest.approx(data["gradients"], rel=1e-12)


def test_mazur_paths(mazur):
    net, data = mazur
    net.forward(data["inputs"])
    net.backward(data["targets"])
    found = [(path.nodes[-1].name, path.product) for path in net.paths("W1")]
    expected = [(path["via"], path["product"]) for path in data["paths_of_I1->H1"]]
    assert [via for via, _ in found] == [via for via, _ in expected]
    assert [product for _, product in found] == pytest.approx([product for _, product in expected], rel=1e-12)


def test_mazur_one_update(mazur):
    net, data = mazur
    net.forward(data["inputs"])
    net.backward(data["targets"])
    net.update(learning_rate=data["learning_rate"])
    after = by_ends(net, "weight")
    expected = data["weights_after_one_step"]
    assert {ends: after[ends] for ends in expected} == pytest.approx(expected, rel=1e-12)
    assert all(after[ends] == weight for ends, weight in data["weights"].items() if ends.startswith("B"))
    assert net.error(data["inputs"], data["targets"]) == pytest.approx(data["error_after"]["1"], rel=1e-12)


def test_mazur_ten_thousand_updates(mazur):
    net, data = mazur
    history = net.fit([data["inputs"]], [data["targets"]], epochs=10_000, learning_rate=data["learning_rate"])
    assert (history.epochs, history.updates) == (10_000, 10_000)
    assert net.error(data["inputs"], data["targets"]) == pytest.approx(data["error_after"]["10000"], rel=1e-12)
    assert data["error_after"]["10000"] == 3.51018778297886e-05


def test_three_two_one(engine):
    data = reference("three_two_one.json")
    net = ns.Network.layered([3, 2, 1], output="sigmoid", loss="half_squared_error", seed=0)
    net.engine = engine
    set_weights(net, data["weights"])
    assert net.forward(data["inputs"]) == pytest.approx(data["outputs"], rel=1e-12)
    assert [node.activated for node in net.hidden] == pytest.approx(data["hidden_activated"], rel=1e-12)
    net.backward(data["targets"])
    net.update(learning_rate=data["learning_rate"])
    after = by_ends(net, "weight")
    for ends, weight in data["weights_after_one_step_rounded_3"].items():
        assert round(after[ends], 3) == weight


def test_skip_connection(engine):
    data = reference("skip_connection.json")
    net = ns.Network(loss="mae", seed=0)
    net.engine = engine
    net.add_input(), net.add_input(), net.add_bias(), net.add_hidden(), net.add_output(activation="sigmoid")
    for ends in data["connections"]:
        net.connect(*ends.split("->"), weight=data["weight"])
    assert net.forward(data["inputs"])[0] == pytest.approx(data["output"], rel=1e-12)
    # With mean absolute error and a target below the output, de/dOA1 is exactly 1.
    net.backward([0.0])
    assert np.array([node.delta for node in net.inputs]) == pytest.approx(data["d_output_d_input"], rel=1e-12)
