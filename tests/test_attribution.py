"""Jacobians, and what of a quantity comes from which input: against torch, Captum, and quadrature by others."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch
from helpers import SEEDS, article_network, digest, examples, random_network, random_samples, reference
from hypothesis import given
from test_targets import steady_scale, torch_quantities

import nodesim as ns
from nodesim.gradients.quantities import Quantity

SMOOTH = ("linear", "sigmoid", "tanh", "softplus", "silu", "gelu", "mish", "gaussian", "sine")
KINKED = ("relu", "leaky_relu", "hard_tanh", "hard_sigmoid", "elu", "selu", "softsign", "linear", "tanh")


def constants(net):
    """Return the weights as tensors that nothing is derived by."""
    return {c: torch.tensor(c.weight, dtype=torch.float64) for c in net.connections}


@pytest.mark.parametrize("engine", ["nodes", "compiled"])
@examples(20)
@given(seed=SEEDS)
def test_the_jacobian_is_that_of_torch(engine, seed):
    net, rng = random_network(seed)
    net.engine = engine
    x, _ = random_samples(net, rng, 2)
    before = digest(net)
    found, alone = net.jacobian(x), net.jacobian(x[0])
    assert digest(net) == before
    assert found.shape == (2, len(net.outputs), len(net.inputs))
    assert alone.shape == found.shape[1:]
    weights = constants(net)

    def outputs(point):
        every = torch_quantities(net, point, weights)
        return torch.cat([every[Quantity("activated", node)] for node in net.outputs])

    for sample, own in enumerate(x):
        expected = torch.autograd.functional.jacobian(outputs, torch.tensor(own)).numpy()
        net.forward(own)
        for place in np.ndindex(expected.shape):
            output, entered = Quantity("activated", net.outputs[place[0]]), net.inputs[place[1]]
            scale = steady_scale(net.paths(entered, to=output))
            assert abs(found[sample][place] - expected[place]) <= 1e-12 * scale
            assert sample or abs(alone[place] - expected[place]) <= 1e-12 * scale


def shares_along_the_line(net, target, x, baseline, pieces):
    """Return by torch, on so many equal pieces of the line, what each node conducts."""
    nodes = [node for node in net.nodes if node.kind != "bias"]
    points, weights = np.polynomial.legendre.leggauss(6)
    t = (np.arange(pieces)[:, None] + (points + 1) / 2).ravel() / pieces
    t = torch.tensor(t, requires_grad=True)
    found = torch_quantities(net, torch.tensor(baseline) + t[:, None] * torch.tensor(x - baseline), constants(net))
    sent = [found[Quantity("activated", node)] for node in nodes]
    by = torch.autograd.grad(found[target].sum(), sent, allow_unused=True, retain_graph=True)
    moved = [torch.autograd.grad(each.sum(), t, allow_unused=True, retain_graph=True)[0] for each in sent]
    parts = [None if a is None or b is None else (a * b).detach().numpy() for a, b in zip(by, moved)]
    return nodes, [0.0 if part is None else part @ np.tile(weights / 2 / pieces, pieces) for part in parts]


@pytest.mark.parametrize(
    ("engine", "kinds", "pieces", "tolerance"), [("nodes", SMOOTH, 200, 1e-9), ("compiled", KINKED, 5_000, 1e-3)]
)
@examples(15)
@given(seed=SEEDS)
def test_shares_are_integrals_and_add_up(engine, kinds, pieces, tolerance, seed):
    net, rng = random_network(seed, activations=kinds, max_hidden=6)
    net.engine = engine
    x, baseline = rng.standard_normal((2, len(net.inputs)))
    target = Quantity(("activated", "sum")[seed % 2], net.outputs[0])
    before = digest(net)
    found = net.attribute(x, to=target, baseline=baseline)
    assert digest(net) == before
    scale = max(sum(found.paths(node).scale for node in net.inputs), abs(found.difference))
    assert abs(found.missed) <= 1e-12 * scale
    assert abs(found.total - found.inputs.sum()) <= 1e-15 * scale
    nodes, expected = shares_along_the_line(net, target, x, baseline, pieces)
    shares = {row.name: row.gradient for row in found.nodes}
    for node, amount in zip(nodes, expected):
        if node is not target.element:
            assert abs(shares.get(node.name, 0.0) - amount) <= tolerance * scale
    for place, node in enumerate(net.inputs):
        paths = found.paths(node)
        assert abs(paths.gradient - found.inputs[place]) <= 1e-12 * scale
        assert abs(sum(path.product for path in paths) - found.inputs[place]) <= 1e-12 * scale


def test_inputs_and_conductance_are_those_of_captum():
    for case in reference("captum.json")["cases"]:
        net = ns.Network.layered([3, 5, 4, 2], hidden=case["activation"])
        for layer, (weights, biases) in enumerate(case["weights"], start=1):
            for node, row, bias in zip(net.layers[layer].nodes, weights, biases):
                for connection in node.incoming:
                    source = connection.source
                    place = None if source.kind == "bias" else [*net.layers[layer - 1].nodes].index(source)
                    connection.weight = bias if place is None else row[place]
        found = net.attribute(case["x"], to="OA2", baseline=case["baseline"], method="conductance")
        # Captum weighs its points in single precision, and takes what nodes move by from point to point.
        assert found.inputs == pytest.approx(np.array(case["inputs"]), rel=1e-7, abs=1e-8)
        expected = [amount for layer in case["conductance"] for amount in layer]
        hidden = [found.nodes[node.name].gradient for node in net.hidden]
        assert hidden == pytest.approx(expected, rel=1e-3, abs=1e-5)


def test_a_relu_network_is_cut_at_every_kink():
    # |x| by two relus, on a line through its kink: what each side adds is known exactly.
    net = ns.Network.layered([1, 2, 1], hidden="relu", bias=False)
    net.weights = [1.0, -1.0, 1.0, 1.0]
    found = net.attribute([3.0], baseline=[-1.0])
    assert found.inputs == pytest.approx([2.0], abs=1e-15)
    assert [found.nodes[name].gradient for name in ("H1", "H2")] == pytest.approx([3.0, -1.0], abs=1e-14)
    deep = ns.Network.layered([4, 30, 30, 30, 2], hidden="relu", seed=0)
    assert abs(deep.attribute([5.0, -3.0, 2.0, 1.0], to="OA2").missed) < 1e-11


def test_what_comes_and_goes_between_two_points_is_seen():
    # O1 = max(1 - max(100·I1 - 37.11, 0) - max(37.12 - 100·I2, 0), 0): from 0 to 1 by I2, and back by I1.
    net = ns.Network(seed=0)
    I1, I2, bias = net.add_input("I1"), net.add_input("I2"), net.add_bias("B1")
    H1, H2, O1 = net.add_hidden("H1", "relu"), net.add_hidden("H2", "relu"), net.add_output("O1", "relu")
    for source, target, weight in (
        (I1, H1, 100.0), (bias, H1, -37.11), (I2, H2, -100.0), (bias, H2, 37.12), (H1, O1, -1.0), (H2, O1, -1.0),
        (bias, O1, 1.0),
    ):  # fmt: skip
        net.connect(source, target, weight=weight)
    found = net.attribute([1.0, 1.0])
    assert found.inputs == pytest.approx([-1.0, 1.0], abs=1e-11)
    assert found.difference == 0.0
    # A sum that is rounding has no parts of so many percent.
    assert "%" not in str(found)


def test_what_comes_and_goes_by_way_of_an_oscillating_sum_is_seen():
    # What enters O1 is above 0 in 95 short pieces, less wide than what lies between two points.
    net = ns.Network(seed=0)
    I1, bias = net.add_input("I1"), net.add_bias("B1")
    H1, O1 = net.add_hidden("H1", "sine"), net.add_output("O1", "relu")
    for source, target, weight in ((I1, H1, 600.0), (H1, O1, 1.0), (bias, O1, -0.98)):
        net.connect(source, target, weight=weight)
    t = (np.arange(200_000) + 0.5) / 200_000
    slopes = np.where(np.sin(600 * t) > 0.98, 1.0, 0.0)
    found = net.attribute([1.0])
    assert (found.difference, found.total) == pytest.approx((0.0, 0.0), abs=1e-12)
    # By the sum alone nothing is seen; the size of what was passed is.
    assert found.paths("I1").scale == pytest.approx(np.mean(np.abs(600 * np.cos(600 * t)) * slopes), rel=1e-2)


def test_the_gradient_is_a_first_guess_and_says_what_it_misses():
    net = ns.Network.layered([2, 3, 1], hidden="tanh", seed=0)
    x, baseline = np.array([0.5, -1.0]), np.array([0.1, 0.2])
    guess, whole = net.attribute(x, baseline=baseline, method="gradient"), net.attribute(x, baseline=baseline)
    assert guess.inputs == pytest.approx(net.jacobian(x)[0] * (x - baseline), rel=1e-14)
    assert guess.difference == whole.difference == pytest.approx((net.forward(x) - net.forward(baseline))[0], rel=1e-14)
    assert guess.missed == pytest.approx(guess.difference - guess.inputs.sum())
    assert abs(guess.missed) > 1e-3 > 1e-12 > abs(whole.missed)


def test_a_batch_is_its_samples():
    net = ns.Network.layered([2, 3, 2], hidden="relu", seed=0)
    x = np.random.default_rng(0).standard_normal((4, 2))
    batch = net.attribute(x, to="OA1")
    alone = [net.attribute(each, to="OA1") for each in x]
    assert batch.inputs == pytest.approx(np.array([each.inputs for each in alone]), rel=1e-13, abs=1e-15)
    assert batch.difference == pytest.approx([each.difference for each in alone], rel=1e-13)
    assert batch.paths("I2").gradient == pytest.approx(batch.inputs[:, 1].mean(), rel=1e-12)
    for sample, own in enumerate(alone):
        assert batch.paths("I2", sample).gradient == pytest.approx(own.inputs[1], rel=1e-12)
        assert batch.flow(sample)["H1"].gradient == pytest.approx(own.flow()["H1"].gradient, rel=1e-12, abs=1e-15)
    assert batch.to_pandas().groupby("sample")["added"].sum().to_numpy() == pytest.approx(batch.total)
    for text in (str(batch), repr(batch), batch._repr_html_(), str(alone[0])):
        assert "OA1" in text


def test_the_flow_can_be_drawn_and_keeps_its_numbers():
    net = article_network(2)
    found = net.attribute([0.05, 0.1], to="OA1")
    before = found.paths("I1").gradient, str(found.flow())
    net.fit([[0.05, 0.1]], [[0.01, 0.99]], epochs=5, learning_rate=0.5)
    net["H1"].activation = "relu"
    assert (found.paths("I1").gradient, str(found.flow())) == before
    drawn = net.draw(highlight=found.flow()).svg
    assert f"{found.flow()['H1'].share:.1%}".rstrip("%") in drawn


def test_float32_adds_up_too():
    net = ns.Network.layered([3, 8, 2], hidden="relu", dtype="float32", seed=0)
    found = net.attribute([0.5, -2.0, 1.0], to="OA2")
    assert abs(found.missed) < 1e-13
    assert found.difference == pytest.approx(
        float(net.forward([0.5, -2.0, 1.0])[1] - net.forward([0, 0, 0])[1]), rel=1e-5
    )


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"x": [1.0]}, ns.DataError),
        ({"x": [1.0, np.nan]}, ns.DataError),
        ({"x": "text"}, ns.DataError),
        ({"x": [1.0, 2.0], "baseline": [1.0]}, ns.DataError),
        ({"x": [1.0, 2.0], "baseline": np.zeros((3, 2))}, ns.DataError),
        ({"x": [1.0, 2.0], "method": "shapley"}, ns.ArgumentError),
        ({"x": [1.0, 2.0], "to": "W1"}, ns.ArgumentError),
        ({"x": [1.0, 2.0], "to": "O9"}, ns.UnknownNameError),
        ({"x": [1.0, 2.0], "to": None}, ns.ArgumentError),
        ({"x": [1.0, 2.0], "to": 3}, ns.ArgumentTypeError),
    ],
)
def test_what_cannot_be_attributed_is_said(arguments, kind):
    net = article_network(1)
    before = digest(net)
    with pytest.raises(kind):
        net.attribute(**{"to": "OA1", **arguments})
    assert digest(net) == before


def test_what_is_wrong_with_a_baseline_is_said_of_it():
    net = article_network(1)
    for baseline, said in (
        ([0.0], r"^baseline must have shape"),
        ({"I1": 0.0}, "^baseline lacks I2"),
        ([np.nan, 0.0], "^baseline: sample 0: input I1 is nan"),
        ([0.0, 1e308], "^sample 0: input I2 goes from 1e\\+308 to -1e\\+308, which is further"),
    ):
        with pytest.raises(ns.DataError, match=said):
            net.attribute([0.5, -1e308], to="OA1", baseline=baseline)
    # A table of one row is one sample.
    found = net.attribute([[0.5, 1.0], [1.0, 0.0]], to="OA1", baseline=[[0.1, 0.2]])
    assert found.baseline.tolist() == [[0.1, 0.2]] * 2


def test_copies_have_the_paths_of_the_network():
    net = article_network(1)
    found = net.attribute([0.5, 1.0], to="OA1")
    for twin in (copy.copy(found), copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert str(twin.paths("I1")) == str(found.paths("I1"))
        assert twin.flow().to_dict() == found.flow().to_dict()
    # Along a line a path is no mean of samples.
    assert "(integral, by 20 points)" in str(found.paths("I1"))
    net.remove("I1")
    net.add_input("I1")
    with pytest.raises(ns.ArgumentError, match="I1 was added since"):
        found.paths("I1")


def test_a_step_has_no_derivative_and_is_named():
    net = ns.Network.layered([2, 2, 1], hidden="step", seed=0)
    for ask in (net.attribute, net.jacobian):
        with pytest.raises(ns.FunctionError, match="H1"):
            ask([1.0, 2.0])
    found = article_network(1).attribute([0.0, 0.0], to="OA1")
    assert (found.difference, found.total, list(found.inputs)) == (0.0, 0.0, [0.0, 0.0])
    for wrong in ("H1", "O1", 7):
        with pytest.raises(ns.NodesimError):
            found.paths(wrong)


def test_what_is_shown_tells_integrals_from_means():
    net = ns.Network.layered([2, 2, 1], hidden="tanh", seed=1)
    attribution = net.attribute([1.0, -0.5], to="OA1")
    shown = str(attribution.paths("I1")).splitlines()
    assert shown[0].endswith("the sum of 2 paths; t moves I1 from its baseline to the sample")
    assert shown[1].endswith(f"(integral, by {attribution.points} points)")
    assert "its conductance" in str(net.attribute([1.0, -0.5], to="OA1", method="conductance"))
    with pytest.raises(ns.DataError, match="baseline"):
        net.attribute([1.0, -0.5], to="OA1", baseline=[0.0])
