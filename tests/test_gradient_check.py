"""The gradient check accuses no right gradient, whatever kinks and rounding there are, and finds every wrong one."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from helpers import (
    ACTIVATIONS,
    LOSSES,
    digest,
    random_network,
    random_samples,
    steady_scales,
    torch_error,
    torch_weights,
)

import nodesim as ns
from nodesim.engines import reference

# Everything that makes a check cry wolf: numbers that sit on kinks, close to them or in flat regions, and exact fits.
WEIGHTS = [0.0, 0.0, 1.0, -1.0, 0.5, 3.0, 1e-9, 1e-5, -1e-12]
INPUTS = [0.0, 0.0, 1.0, -1.0, 3.0, -3.0, 1e-8, 1e-4, 40.0, 800.0]


def careless_network(seed, *, exact=()):
    """Make a random network and samples of which many lie at a kink; the functions in `exact` are exchanged."""
    rng = np.random.default_rng(seed)
    loss = str(rng.choice(list(LOSSES)))
    net = ns.Network(loss, seed=seed, dtype=str(rng.choice(["float64", "float64", "float32"])))
    net.engine = "numpy" if net.dtype == "float32" else str(rng.choice(["numpy", "nodes"]))
    output = {"binary_cross_entropy": "sigmoid", "softmax_cross_entropy": "linear"}.get(loss)
    some = rng.choice(list(ACTIVATIONS), 4)
    before = [net.add_input() for _ in range(rng.integers(1, 4))] + [net.add_bias() for _ in range(rng.integers(0, 2))]
    kinds = ["hidden"] * rng.integers(0, 7) + ["output"] * (rng.integers(1, 4) + (loss == "softmax_cross_entropy"))
    for kind in rng.permutation(kinds):
        activation = str(rng.choice(some))
        if kind == "output":
            node = net.add_output(activation=output or activation)
        else:
            node = net.add_hidden(activation="elu(alpha=0.3)" if activation == "elu" else activation)
        feeding = [source for source in before if rng.random() < 0.6] or [before[rng.integers(len(before))]]
        for source in feeding:
            weight = rng.choice(WEIGHTS) if rng.random() < 0.4 else rng.standard_normal() * rng.choice([1.0, 1.0, 5.0])
            net.connect(source, node, weight=float(weight))
        before.append(node)
    batch = rng.integers(1, 5)
    x = np.where(rng.random((batch, len(net.inputs))) < 0.5, rng.choice(INPUTS, (batch, len(net.inputs))),
                 rng.standard_normal((batch, len(net.inputs))))  # fmt: skip
    return net, x, targets(net, x, rng), rng


def targets(net, x, rng):
    """Draw targets: those that fit exactly, some of them moved by a rounding or to a kink of huber."""
    outputs = net.predict(x).astype(float)
    if net.loss.name == "softmax_cross_entropy":
        return np.eye(outputs.shape[1])[rng.integers(outputs.shape[1], size=len(x))]
    if net.loss.name == "binary_cross_entropy":
        return rng.choice([outputs, np.round(outputs)])
    away = rng.choice([0.0, 0.0, 1e-16, 1e-9, 1.0, -1.0, 0.3], outputs.shape)
    return outputs + away * rng.choice([1.0, 1.0, 1e3])


def faulty(function, part, factor):
    """Return an activation or a loss whose derivative is wrong by a factor."""
    right = getattr(function, part).func if function.parameters else getattr(function, part)
    return dataclasses.replace(
        function, **{part: lambda *given, **parameters: factor * right(*given, **parameters)}, native=None
    )


@pytest.mark.parametrize("seeds", [range(60), range(60, 120)])
def test_no_right_gradient_is_accused(seeds):
    for seed in seeds:
        net, x, y, _ = careless_network(seed)
        try:
            report = ns.check_gradients(net, x, y)
        except ns.NonFiniteError:
            continue
        assert report.ok, f"seed {seed}\n{net}\n{report}"


def spoilt(net, rng):
    """Make one derivative that the net uses, that of a node or of the loss, wrong by 1e-4 of itself."""
    nodes = [node for node in net.nodes if node.activation is not None and net.schedule.reaching[node.row]]
    place, factor = rng.integers(len(nodes) + 1), 1.0 + rng.choice([-1e-4, 1e-4])
    if place < len(nodes):
        nodes[place].activation = faulty(nodes[place].activation, "derivative", factor)
    else:
        part = "sum_derivative" if net.loss.sum_derivative else "derivative"
        net.loss = faulty(net.loss, part, factor)


def test_every_wrong_derivative_is_found():
    """Where it matters: where it moves a gradient that leads away from no kink by twice the tolerance of its row.

    That tolerances are narrow is shown by the scales, whose factors count as at least 1e-3: of smaller ones, 1 - a² of a
    saturated node or o - y near an exact fit, hardly a digit is left that could tell anything. Nor is there where inputs
    or targets are in the hundreds. In float32 they are as narrow: its rounding is known, and taken off.
    """
    caught, seed, narrow = 0, 1000, {"float64": [], "float32": []}
    while caught < 50:
        seed += 1
        net, x, y, rng = careless_network(seed)
        right = ns.check_gradients(net, x, y)
        if max(np.abs(x).max(), np.abs(y).max()) <= 100.0:
            _, _ = net.forward(x), net.backward(y)
            steady, rows = steady_scales(net), zip(right.rows, net.connections)
            narrow[net.dtype] += [r.difference_tolerance <= 1e-6 * steady[c] for r, c in rows if r.scale > 1e-30]
        spoilt(net, rng)
        report = ns.check_gradients(net, x, y)
        if any(
            abs(before.backprop - after.backprop) > 2.0 * after.difference_tolerance
            for before, after in zip(right.rows, report.rows)
            if not after.kinks
        ):
            assert not report.ok, f"seed {seed}\n{net}\n{report}"
            caught += 1
    # Of these two sets of seeds the shares were 0.969 to 0.985.
    assert min(np.mean(found) for found in narrow.values()) > 0.96


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_sine_far_out_is_not_accused_and_in_float32_faults_are_found(dtype):
    """A fault of one part in ten thousand, as far as there are digits that can show it: a sine at 1e12 has three."""

    def net_with(factor):
        net = ns.Network.layered(
            [1, 1, 1], hidden=faulty(ns.activation("sine"), "derivative", factor), bias=False, dtype=dtype
        )
        net.engine, net.weights = "numpy", [1.0, 0.5]
        return net

    for z, factor in ((3.7, 1.0001), (2.9e3, 1.0001), (3.1e6, 1.1), (2.7e9, 1.1), (3.3e12, 30.0), (4.1e13, 30.0)):
        for x in z * np.linspace(1.0, 1.1, 6):
            assert ns.check_gradients(net_with(1.0), [x], [0.25]).ok
            if abs(np.cos(float(np.dtype(dtype).type(x)))) > 0.1:
                assert not ns.check_gradients(net_with(factor), [x], [0.25]).ok


def test_finite_differences_are_the_derivative_by_torch():
    for seed in range(35):
        net, rng = random_network(seed, loss=list(LOSSES)[seed % len(LOSSES)])
        x, y = random_samples(net, rng, 3)
        report = ns.check_gradients(net, x, y)
        weights = torch_weights(net)
        for weight in weights.values():
            weight.requires_grad_(True)
        torch_error(net, x, y, weights).backward()
        for row, connection in zip(report.rows, net.connections):
            assert not row.kinks
            expected = weights[connection].grad.item() if weights[connection].grad is not None else 0.0
            assert abs(row.finite_difference - expected) <= row.difference_tolerance, (seed, row)
            assert row.one_sided == (row.finite_difference, row.finite_difference)


def one_sided(net, x, y, name, step=1e-7):
    """Return the slopes of e by a weight on its two sides, by hand."""
    weight, at = net[name].weight, net.error(x, y)
    found = []
    for side in (-step, step):
        net[name].weight = weight + side
        found.append((net.error(x, y) - at) / side)
    net[name].weight = weight
    return found


def test_a_relu_network_that_starts_with_biases_of_zero():
    net = ns.Network.layered([2, 3, 1], hidden="relu", seed=0)
    for connection in net.connections:
        if connection.source.kind == "bias":
            connection.weight = 0.0
    report = ns.check_gradients(net, [0, 0], [1.0])
    assert report
    assert {row.name: row.kinks for row in report.rows if row.kinks} == {
        "W7": ("kink at H1",), "W8": ("kink at H2",), "W9": ("kink at H3",)
    }  # fmt: skip
    assert "kink at H2" in str(report)
    for row in report.rows:
        assert row.one_sided == pytest.approx(one_sided(net, [0, 0], [1.0], row.name), abs=1e-5)
    xor = [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert ns.check_gradients(net, xor, [0, 1, 1, 0])


@pytest.mark.parametrize(
    ("hidden", "output", "loss", "kink"),
    [
        ("relu", "linear", "mse", "kink at H1"),
        ("leaky_relu", "linear", "log_cosh", "kink at H1"),
        ("selu", "linear", "mse", "kink at H1"),
        ("elu(alpha=0.3)", "linear", "mse", "kink at H1"),
        ("hard_tanh", "linear", "mse", "kink at H1"),
        ("hard_sigmoid", "linear", "mse", "kink at H1"),
        ("sigmoid", "linear", "mae", "kink of mae at OA1"),
        ("sigmoid", "relu", "half_squared_error", "kink at O1"),
        ("softsign", "linear", "mse", None),
        ("elu", "softsign", "huber", None),
    ],
)
def test_kinks_have_names(hidden, output, loss, kink):
    net = ns.Network.layered([1, 1, 1], hidden=hidden, output=output, loss=loss, bias=False, seed=0)
    at = {"hard_tanh": 1.0, "hard_sigmoid": -3.0}.get(hidden, 0.0)
    net["W1"].weight = at
    net["W2"].weight = 0.0 if output == "relu" else 1.0
    fit = {"kink of mae at OA1": 0.0, None: -1.0}.get(kink, 0.7)
    y = net.predict([1.0]) + fit
    report = ns.check_gradients(net, [1.0], y)
    assert report, str(report)
    assert report.rows[0].kinks == ((kink,) if kink not in (None, "kink at O1") else ())
    bent = [row for row in report.rows if row.kinks]
    assert bool(bent) == (kink is not None)
    for row in bent:
        assert kink in row.kinks
        assert kink in str(row)
        assert row.one_sided == pytest.approx(one_sided(net, [1.0], y, row.name), abs=1e-5)
        assert min(row.one_sided) - 1e-9 <= row.backprop <= max(row.one_sided) + 1e-9


def test_a_wrong_slope_is_found_beside_a_kink_and_at_one():
    def net_with(slope, h2=0.0):
        relu = ns.Activation("mine", lambda z: np.maximum(z, 0.0), slope)
        net = ns.Network.layered([1, 2, 1], hidden=relu, bias=False, seed=0)
        net.weights = [1.0, h2, 1.0, 1.0]
        return net

    right = lambda z, a: np.where(z > 0, 1.0, 0.0)  # noqa: E731
    wrong = lambda z, a: np.where(z > 0, 1.0 + 1e-4, 0.0)  # noqa: E731
    for h2 in (0.0, 1e-8, -1e-8, 1e-5):
        assert ns.check_gradients(net_with(right, h2), [1.0], [5.0])
        assert ns.check_gradients(net_with(wrong, h2), [1.0], [5.0]).failures[0].name == "W1"
    for x, h2 in ((1e-8, 0.0), (1e-8, 5.0), (1e-5, 0.0)):
        assert ns.check_gradients(net_with(right, h2), [x], [5.0])
        assert not ns.check_gradients(net_with(wrong, h2), [x], [5.0])
    # At the kink every slope from 0 to 1 is right, and no other is.
    for slope, ok in ((0.0, True), (0.5, True), (1.0, True), (1.0001, False), (-0.001, False)):
        report = ns.check_gradients(
            net_with(lambda z, a, s=slope: np.where(z > 0, 1.0, np.where(z < 0, 0.0, s))), [1.0], [5.0]
        )
        assert (report.ok, report.rows[1].kinks) == (ok, ("kink at H2",))
        assert report.rows[0].ok


def test_kinks_along_a_random_direction_and_a_forward_pass_that_is_wrong(monkeypatch):
    net = ns.Network.layered([10, 40, 40, 3], hidden="relu", seed=0)
    net.weights = np.where([c.source.kind == "bias" for c in net.connections], 0.0, net.weights)
    X, y = [np.zeros(10), np.ones(10)], [[0.0, 1.0, 0.0]] * 2
    report = ns.check_gradients(net, X, y)
    assert report
    assert report.rows[0].kinks[:2] == ("kink at H1", "kink at H2")
    assert "kink at H3 and 77 more" in str(report)
    net["H2"].activation = faulty(net["H2"].activation, "derivative", 1.0 + 1e-2)
    assert not ns.check_gradients(net, X, y)
    # Gradients may be right for sums that are not: what feeds O1 is forgotten on the way forward only.
    small, original = ns.Network.layered([2, 2, 1], seed=0), reference.forward
    small.engine = "nodes"

    def forgetful(schedule, weights, inputs, run):
        changed = weights.copy()
        changed[0] += 1e-3
        return original(schedule, changed, inputs, run)

    monkeypatch.setattr(reference, "forward", forgetful)
    assert not ns.check_gradients(small, [1.0, 2.0], [0.0])


KINKED = [
    # Kinks of all sorts where the kit happens to look, or a finite difference would reach over them.
    lambda z, at: np.maximum(z - at, 0.0),
    lambda z, at: np.abs(z - at),
    lambda z, at: np.maximum(z - at, 0.0) ** 2,
    lambda z, at: np.minimum(np.exp(np.minimum(z - at, 1.0)), 1.0),
    lambda z, at: np.where(z > at, 0.3 * (z - at), np.expm1(np.minimum(z - at, 0.0))),
    lambda z, at: np.clip(z - at, 0.0, 0.01),
]
SLOPES = [
    lambda z, a, at: np.where(z > at, 1.0, 0.0),
    lambda z, a, at: np.sign(z - at),
    lambda z, a, at: 2.0 * np.maximum(z - at, 0.0),
    lambda z, a, at: np.where(z < at, np.exp(np.minimum(z - at, 1.0)), 0.0),
    lambda z, a, at: np.where(z > at, 0.3, np.exp(np.minimum(z - at, 0.0))),
    lambda z, a, at: np.where((z > at) & (z < at + 0.01), 1.0, 0.0),
]


@pytest.mark.usefixtures("nothing_compiled")
@pytest.mark.parametrize("number", range(len(KINKED)))
def test_the_kit_accuses_no_right_function_with_kinks(number):
    points = np.random.default_rng(0).uniform(-3.0, 3.0, 60)
    for at in [0.0, 1.0, *points[:8], *(points[:8] + 3e-4), *(points[:6] - 1e-7)]:
        mine = ns.Activation("mine", KINKED[number], SLOPES[number], parameters={"at": at})
        ns.checks.check_activation(mine)
        numerical = ns.Activation("mine", KINKED[number], "numerical", parameters={"at": at})
        ns.checks.check_activation(numerical)
        z = np.concatenate([at + np.array([-1e-2, -1e-4, -1e-6, 1e-6, 1e-4, 9e-3]), points[points != at]])
        slopes = mine.derivative(z, mine(z))
        assert numerical.derivative(z, numerical(z)) == pytest.approx(slopes, abs=2e-7)
        if slopes[6:].any():
            with pytest.raises(ns.CheckError, match="the derivative at z"):
                ns.checks.check_activation(faulty(mine, "derivative", 1.0 + 1e-4))


def test_the_kit_accuses_no_right_loss_with_kinks_and_finds_wrong_ones():
    rng = np.random.default_rng(0)
    output, target = rng.uniform(0.05, 0.95, (3, 7)), rng.uniform(0.05, 0.95, (3, 7))
    for at in [0.0, 1.0, *(output - target).ravel(), *(output - target).ravel()[:7] + 3e-6]:
        hinge = ns.Loss(
            "hinge", lambda t, o, at: np.maximum(o - t - at, 0.0).sum(0),
            lambda t, o, at: np.where(o - t > at, 1.0, 0.0), parameters={"at": at},
        )  # fmt: skip
        ns.checks.check_loss(hinge)
        if (output - target > at + 1e-9).any():
            with pytest.raises(ns.CheckError, match="the derivative by output"):
                ns.checks.check_loss(faulty(hinge, "derivative", 1.0 + 1e-4))
    for name in LOSSES:
        ns.checks.check_loss(name)
        loss = ns.loss(name)
        with pytest.raises(ns.CheckError, match="the derivative by output"):
            ns.checks.check_loss(faulty(loss, "derivative", 1.0 - 1e-4))


def error_by_hand(net, x, y, *, weight=None, l1=0.0, l2=0.0):
    """Return e, made of outputs, weights and penalties by hand."""
    share = np.ones(len(x)) if weight is None else np.asarray(weight, dtype=float)
    missed = ((net.predict(x) - y) ** 2).mean(axis=1) * (y.shape[1] if net.loss.name == "sse" else 1)
    return (share * missed).sum() / share.sum() + l1 * np.abs(net.weights).sum() + l2 / 2 * (net.weights**2).sum()


OBJECTIVES = {
    "l2": ({"l2": 0.3}, {"l2": 0.3}),
    "l1 and l2": ({"l1": 0.2, "regularizer": "l2(strength=0.3)"}, {"l1": 0.2, "l2": 0.3}),
    "weights": ({"sample_weight": [0, 1, 2, 5]}, {"weight": [0, 1, 2, 5]}),
    "all, clipped": ({"sample_weight": [3, 1, 2, 5], "l2": 0.3, "clip": 0.01}, {"weight": [3, 1, 2, 5], "l2": 0.3}),
}


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_is_checked_is_the_objective_of_backward(name, dtype):
    asked, by_hand = OBJECTIVES[name]
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(4, 2)), rng.normal(size=(4, 2))
    net = ns.Network.layered([2, 3, 2], seed=4, dtype=dtype)
    report = ns.check_gradients(net, x, y, **asked)
    assert report.ok, report
    assert bool(ns.check_gradients(net, x, y, limit=3, **asked))
    twin, step = ns.Network.layered([2, 3, 2], seed=4), 1e-6
    twin.weights = weights = np.array(net.weights, dtype=float)
    slopes = []
    for place in range(len(weights)):
        ends = []
        for side in (step, -step):
            twin.weights = weights + side * (np.arange(len(weights)) == place)
            ends.append(error_by_hand(twin, x, y, **by_hand))
        slopes.append((ends[0] - ends[1]) / (2 * step))
    if "clip" in asked:
        slopes = np.array(slopes) * min(1.0, asked["clip"] / (np.linalg.norm(slopes) + 1e-6))
    found = [row.finite_difference for row in report.rows]
    np.testing.assert_allclose(found, slopes, rtol=1e-4 if dtype == "float32" else 1e-6, atol=1e-7)


def test_the_report_says_which_objective_and_finds_wrong_penalties():
    net = ns.Network.layered([2, 2, 1], seed=0)
    x, y = [[0.5, 1.0], [1.0, 0.0]], [[1.0], [0.0]]
    plain, report = ns.check_gradients(net, x, y), ns.check_gradients(net, x, y, l2=0.01, sample_weight=[1, 2])
    assert (plain.objective, "derivatives of" in str(plain)) == ("", False)
    assert report.objective == "e with its samples weighted, the penalty l2(strength=0.01)"
    assert str(report).startswith(f"derivatives of {report.objective}\n")
    assert report.objective in repr(report)
    assert report.objective in report._repr_html_()
    wrong = ns.Regularizer("wrong", lambda w: w**2, lambda w: w)
    assert len(ns.check_gradients(net, x, y, regularizer=wrong).failures) == 9
    net["W1"].weight = 0.0
    row = ns.check_gradients(net, x, y, l1=0.25).rows[0]
    assert row.ok
    assert row.kinks == ("kink of l1 at W1",)
    assert row.one_sided[1] - row.one_sided[0] == pytest.approx(0.5)
    with pytest.raises(ns.ArgumentError):
        ns.check_gradients(net, x, y, l2=-1)


@pytest.mark.parametrize("ran", ["nothing", "forward", "backward"])
def test_the_check_leaves_no_trace(ran):
    net = ns.Network.layered([2, 2, 1], seed=0)
    if ran != "nothing":
        net.forward([[1.0, 2.0], [0.5, 1.0]])
    if ran == "backward":
        net.backward([[1.0], [0.0]], l2=0.5)
    before = digest(net)
    assert ns.check_gradients(net, [3.0, 4.0], [1.0], l1=0.1)
    assert digest(net) == before
    if ran == "backward":
        assert net.paths("W1").count == 2
        net.update()
