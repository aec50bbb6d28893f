"""The doctor accuses nobody who is right, and names the mistakes of those who are not."""

from __future__ import annotations

import csv
import decimal
import json
import math
import re
from fractions import Fraction

import numpy as np
import pytest
import torch
from helpers import digest, random_network, random_samples, reference, set_weights, torch_error, torch_weights
from planted import KINDS, RATE, Hand, case, given, rate, rounded

import nodesim as ns
from nodesim import cli
from nodesim.mistakes.digits import units, written
from nodesim.mistakes.edits import NAMES

X, Y = [0.05, 0.1], [0.01, 0.99]


def mazur():
    """Return the network of Mazur's page, whose biases are not trained, and what is right, by names."""
    worked = reference("mazur.json")
    net = ns.Network.layered([2, 2, 2], hidden="sigmoid", output="sigmoid", loss="half_squared_error", seed=0)
    set_weights(net, worked["weights"])
    names = {f"{c.source.name}->{c.target.name}": c.name for c in net.connections}
    for bias in net.biases:
        for connection in bias.outgoing:
            connection.trainable = False
    right = {
        "error": worked["error"],
        "gradients": {names[ends]: value for ends, value in worked["gradients"].items()},
        "weights": {names[ends]: value for ends, value in worked["weights_after_one_step"].items()},
        "deltas": {
            **dict(zip(("O1", "O2"), worked["delta_output"])), **dict(zip(("H1", "H2"), worked["delta_hidden"])),
        },
    }  # fmt: skip
    return net, right


def found(report):
    return [(mistake.name, mistake.where) for mistake in report.mistakes]


# ---- who is right ----------------------------------------------------------------------------------------------


def cut_off(value, digits):
    """Return a number whose digits behind the first few were cut off."""
    if value == 0.0:
        return "0"
    exact = decimal.Decimal(value)
    with decimal.localcontext(decimal.Context(prec=800)):
        unit = decimal.Decimal(1).scaleb(exact.adjusted() - digits + 1)
        return str(exact.quantize(unit, rounding=decimal.ROUND_DOWN))


WAYS = {
    "significant": lambda value, digits: float(f"{value:.{digits}g}"),
    "decimals": round,
    "text": lambda value, digits: f"{value:.{digits}e}",
    "fixed": lambda value, digits: f"{value:.{digits}f}",
    "cut off": cut_off,
    "decimal": lambda value, digits: decimal.Decimal(f"{value:.{digits}g}"),
    "numpy": lambda value, digits: np.float64(f"{value:.{digits}g}"),
}


def with_digits(answers, way, digits):
    return {
        "error": way(answers["error"], digits),
        **{
            kind: {
                name: [way(each, digits) for each in value] if isinstance(value, list) else way(value, digits)
                for name, value in answers[kind].items()
            }
            for kind in ("gradients", "deltas", "weights")
        },
    }


@pytest.mark.parametrize("way", WAYS)
def test_right_answers_are_right_with_any_digits(way):
    for seed in range(5000, 5005):
        net, x, y, _ = case(KINDS[seed % len(KINDS)], seed)
        answers = Hand(net, x, y).answers()
        for digits in range(3, 18, 1 if way == "significant" else 3):
            report = ns.doctor(net, x, y, learning_rate=RATE, **given(with_digits(answers, WAYS[way], digits)))
            assert report.right, (seed, digits, report.text)
            assert (report.mistakes, report.alternatives, report.unexplained) == ([], (), ())


def test_a_worked_example_is_right_and_its_error_afterwards_too():
    net, right = mazur()
    report = ns.doctor(net, X, Y, error_after=reference("mazur.json")["error_after"]["1"], **right)
    assert report.right
    assert report
    assert "All 22 numbers are right." in str(report)


@pytest.mark.parametrize("loss", ["mse", "mae", "huber", "log_cosh", "binary_cross_entropy", "softmax_cross_entropy"])
def test_what_torch_calculates_is_right_and_is_what_is_expected(loss):
    for seed in range(4):
        net, rng = random_network(seed, loss=loss)
        x, y = random_samples(net, rng, 3)
        weights = torch_weights(net)
        error = torch_error(net, x, y, weights)
        if not any(each.requires_grad for each in weights.values()) or not error.requires_grad:
            continue
        error.backward()
        gradients = {c.name: float(w.grad) for c, w in weights.items() if w.grad is not None}
        report = ns.doctor(net, x, y, error=float(error.detach()), gradients=gradients)
        assert report.right, (seed, report.text)
        for name, value in gradients.items():
            assert report.expected["gradients"][name] == pytest.approx(value, rel=1e-9, abs=1e-12)


def test_what_is_expected_is_what_the_network_does(engine):
    net = ns.Network.layered([3, 4, 2], output="tanh", seed=3)
    net.engine = engine
    net["W2"].trainable = False
    x, y = np.random.default_rng(0).standard_normal((2, 5, 3))[:, :, :3]
    y = y[:, :2]
    expected = ns.doctor(net, x, y, error=1.0, learning_rate=0.25).expected
    assert net.store.run is None
    net.forward(x)
    assert expected["error"] == pytest.approx(net.backward(y), rel=1e-12)
    assert [expected["gradients"][c.name] for c in net.connections] == pytest.approx(net.gradients, rel=1e-9, abs=1e-14)
    assert expected["deltas"]["H2"] == pytest.approx(net["H2"].delta, rel=1e-9, abs=1e-14)
    net.update(0.25)
    assert [expected["weights"][c.name] for c in net.connections] == pytest.approx(net.weights, rel=1e-12)
    assert expected["error_after"] == pytest.approx(net.error(x, y), rel=1e-12)


def test_single_precision_is_not_accused():
    net = ns.Network.layered([3, 4, 2], seed=1, dtype="float32")
    net.engine = "numpy"
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((4, 3)), rng.standard_normal((4, 2))
    net.forward(x)
    error = net.backward(y)
    gradients = {c.name: c.gradient for c in net.connections}
    assert ns.doctor(net, x, y, error=error, gradients=gradients).right
    wide = ns.Network.layered([3, 4, 2], seed=1)
    wide.weights = net.weights
    assert ns.doctor(wide, x, y, gradients={name: np.float32(value) for name, value in gradients.items()}).right
    wrong = ns.doctor(net, x, y, gradients={name: -value for name, value in gradients.items()})
    assert found(wrong) == [("sign", "all weights")]


def test_deltas_of_a_batch_may_be_their_means():
    net = ns.Network.layered([2, 2, 2], seed=0)
    x, y = np.random.default_rng(2).standard_normal((2, 3, 2))
    net.forward(x), net.backward(y)
    deltas = {"H1": net["H1"].delta, "O1": float(net["O1"].delta.mean())}
    assert ns.doctor(net, x, y, deltas=deltas).right
    assert not ns.doctor(net, x, y, deltas={"O1": 1.01 * float(net["O1"].delta.mean())}).right


def test_an_error_after_a_long_step_may_be_rounded_as_its_weights_are():
    """A step that leads far off makes much of a rounding; fractions have none."""
    for weight in range(5, 12):
        net = ns.Network.layered([1, 1, 1], hidden="linear", output="linear", seed=0)
        for connection, value in zip(net.connections, (weight + 0.1, 0.0, weight + 0.7, 0.0), strict=True):
            connection.weight, connection.trainable = value, value > 0.0
        first, second = Fraction(weight + 0.1), Fraction(weight + 0.7)
        x, y, half = Fraction(9.3), Fraction(0.9), Fraction(1, 2)
        slope = 2 * (first * second * x - y)
        after = ((first - half * slope * second * x) * (second - half * slope * first * x) * x - y) ** 2
        exact = decimal.Context(prec=18).divide(after.numerator, after.denominator)
        report = ns.doctor(net, [9.3], [0.9], error_after=exact)
        assert report.right, report
        assert not ns.doctor(net, [9.3], [0.9], error_after=exact * decimal.Decimal("1.000001")).right


# ---- digits ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "last"),
    [(0.0331, -4), (1e-05, -5), ("0.50", -2), (0.5, -1), (2.0, 0), (7, 0), ("−1.5e-3", -4), (decimal.Decimal("3.20"), -2),
     (np.float64(0.25), -2), (np.float32(0.1), -1), (np.array(0.125), -3), (Fraction(1, 4), -2), (12.0, 0), (".5", -1)],
)  # fmt: skip
def test_digits_are_those_that_are_written(value, last):
    assert written(value, "e").last == last


def test_zeros_at_the_end_count_as_the_digits_beside_them():
    """To three significant digits 1234.5 is 1230, and 0.0004 is 0 to three decimals."""
    assert units([written(value, "") for value in (1230.0, 0.123, 45.6)]).units.tolist() == [10.0, 0.001, 0.1]
    assert units([written(value, "") for value in (0.0, 0.123, 0.456)]).units.tolist() == [0.001, 0.001, 0.001]
    assert units([written(20.0, "")]).units.tolist() == [10.0]


def test_a_last_digit_may_be_off_by_one_and_not_by_two():
    net, right = mazur()
    value = right["gradients"]["W7"]
    below = decimal.Decimal(value).quantize(decimal.Decimal("1e-6"), rounding=decimal.ROUND_FLOOR)
    for off, verdict in ((0, True), (1, True), (2, False), (-1, False)):
        report = ns.doctor(net, X, Y, gradients={"W7": below + off * decimal.Decimal("1e-6")})
        assert report.right is verdict, off


@pytest.mark.parametrize(
    ("number", "verdict"),
    [("0.08", True), ("0.09", False), ("0.1", True), ("0.2", False), (1, False), (-1, False), (0, False), ("0.0", True)],
)  # fmt: skip
def test_one_digit_alone_is_rounded_or_cut_off_and_nothing_else(number, verdict):
    """∂e/∂W7 is 0.0822: within 1 of it is much that is not it. A zero with nothing beside it is a zero."""
    net, _ = mazur()
    assert ns.doctor(net, X, Y, gradients={"W7": number}).right is verdict


def test_who_adds_gradients_to_weights_is_told_of_the_update():
    net, _ = mazur()
    net.forward(X), net.backward(Y)
    added = {c.name: round(c.weight + 0.5 * c.gradient, 4) for c in net.connections if c.trainable}
    assert ns.doctor(net, X, Y, weights=added).mistakes[0].text.startswith("The update has the wrong sign")
    both = ns.doctor(net, X, Y, weights=added, gradients={"W7": -round(net["W7"].gradient, 4)})
    assert both.mistakes[0].text.startswith("The derivative of e with respect to every output")


@pytest.mark.parametrize("single", [False, True])
def test_what_torch_calculates_is_handed_over_as_it_is(single):
    """Gradients and the error of a module, whose parameters have the network's names, as tensors."""
    net = ns.Network.layered([2, 3, 2], seed=4)
    module = net.to_torch()
    module = module.float() if single else module
    x, y = (torch.tensor(values, dtype=next(module.parameters()).dtype) for values in (X, Y))
    error = torch.nn.functional.mse_loss(module(x), y)
    error.backward()
    gradients = {name: parameter.grad for name, parameter in module.named_parameters()}
    assert error.requires_grad
    assert set(gradients) == {connection.name for connection in net.connections}
    assert ns.doctor(net, x, y, error=error, gradients=gradients).right
    assert written(torch.tensor(0.001), "e") == written(np.float32(0.001), "e")
    # A second backward without zero_grad in between adds to what is there.
    torch.nn.functional.mse_loss(module(x), y).backward()
    assert found(ns.doctor(net, x, y, gradients=gradients)) == [("factor", "all weights")]
    with pytest.raises(ns.ArgumentError, match=r"gradients\['W1'\] must be a finite real number"):
        ns.doctor(net, x, y, gradients={"W1": torch.tensor([0.5, 0.25])})


def test_numbers_of_single_precision_say_what_they_show():
    """As a double, np.float32(0.001) is 0.0010000000475: more than one unit of its last digit from 0."""
    assert written(np.float32(0.001), "e").value == 0.001
    net = ns.Network.layered([1, 1, 1], hidden="relu", seed=0)
    net["W1"].weight = -1.0
    for given_as in (float, np.float32, np.float64):
        assert not ns.doctor(net, [0.5], [1.0], gradients={"W1": given_as(0.001)}).right, given_as


# ---- mistakes --------------------------------------------------------------------------------------------------


def test_nearly_all_planted_mistakes_are_named():
    share, missed = rate(60, 1)
    assert share >= 0.98, missed


def test_nearly_all_pairs_of_planted_mistakes_are_named():
    share, missed = rate(40, 2)
    assert share >= 0.95, missed


MADE = [
    ("sign", "all weights", "all weights"), ("sign", "H1", "H1"), ("sign", "O2", "O2"), ("sign", "W5", "W5"),
    ("factor", ("all weights", 2.0), "all weights"), ("factor", ("H2", 0.5), "H2"), ("factor", ("W4", 3.0), "W4"),
    ("sum for mean", "all weights", "all weights"), ("bias forgotten", "B1", "B1"), ("bias forgotten", "all biases", "all biases"),
    ("bias forgotten", "update", "all biases"), ("path forgotten", "H2 -> O3", "H2 -> O3"),
    ("output slope left out", "all output", "all outputs"), ("output slope left out", "O1", "O1"),
    ("hidden slope left out", "all hidden", "all hidden nodes"), ("hidden slope left out", "H3", "H3"),
    ("slope at HA", "all hidden", "all hidden nodes"), ("slope at HA", "all nodes", "all nodes"), ("slope at HA", "H1", "H1"),
    ("updated before", "", "all weights"), ("sequential update", "", "all weights"),
    ("transposed weights", "Output layer", "Output layer"), ("input left out", "all weights", "all weights"),
    ("input left out", "W2", "W2"), ("delta of another loss", "entropy", "all outputs"),
    ("delta of another loss", "half_squared_error", "all outputs"), ("one weight", ("W7", 1.3), "W7"),
    ("sum for mean", "all biases", "all biases"), ("sign", "into O1", "O1"), ("sign", "into H2", "H2"),
    ("slope from H", "all hidden", "all hidden nodes"), ("slope from H", "all nodes", "all nodes"), ("slope from H", "H1", "H1"),
    ("one sample", ("all biases", 0, 1.0), "all biases"), ("one sample", ("all weights", 3, 0.25), "all weights"),
    ("one sample", ("all weights", 2, 1.0), "all weights"), ("other names", "Output layer", "Output layer"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "how", "where"), MADE)
@pytest.mark.parametrize("sizes", [[3, 3, 3], [2, 3, 3, 3]])
def test_every_mistake_is_named_where_it_was_made(name, how, where, sizes):
    net = ns.Network.layered(sizes, output="sigmoid", seed=len(sizes))
    rng = np.random.default_rng(4)
    x, y = rng.standard_normal((4, sizes[0])), rng.random((4, 3))
    if len(sizes) == 4 and where.startswith("H") and "->" in where:
        how = where = "H5 -> O3"
    answers = rounded(Hand(net, x, y, {name: how}).answers(), 5)
    report = ns.doctor(net, x, y, learning_rate=RATE, **answers)
    if (name, len(sizes)) == ("sequential update", 3):
        # With one hidden layer both come to the same.
        assert found(report) == [("updated before", "all weights")]
        assert (report.alternatives[0].name, report.alternatives[0].where) == (name, where)
    else:
        assert found(report) == [(name, where)]
    assert report.mistakes[0].text in str(report)
    assert not report.right


def test_all_names_are_planted():
    # Skip connections have a test of their own.
    assert {name for name, *_ in MADE} | {"connection forgotten"} == set(NAMES)


@pytest.mark.parametrize("digits", [3, 5, 17])
@pytest.mark.parametrize("hidden", ["sigmoid", "tanh"])
def test_a_matrix_of_another_shape_and_numbers_under_other_names(hidden, digits):
    net = ns.Network.layered([2, 3, 2], hidden=hidden, output="sigmoid", seed=1)
    x, y = [0.5, -0.3], [0.2, 0.9]
    for name in ("transposed weights", "other names"):
        for given_too in ({"gradients"}, {"gradients", "deltas", "weights"}):
            answers = given(rounded(Hand(net, x, y, {name: "Output layer"}).answers(), digits))
            report = ns.doctor(net, x, y, **{kind: answers[kind] for kind in given_too})
            assert found(report) == [(name, "Output layer")]
    assert "W.T.ravel()" in report.text


def test_the_gradients_that_torch_has_are_right_under_other_names():
    net = ns.Network.layered([2, 3, 2], seed=4)
    x, y = torch.tensor(X, dtype=torch.float64), torch.tensor(Y, dtype=torch.float64)
    layers = torch.nn.Linear(2, 3).double(), torch.nn.Linear(3, 2).double()
    W = net.weights
    with torch.no_grad():
        for layer, (matrix, bias) in zip(layers, ((W[:6].reshape(2, 3), W[6:9]), (W[9:15].reshape(3, 2), W[15:]))):
            layer.weight.copy_(torch.tensor(matrix.T.copy())), layer.bias.copy_(torch.tensor(bias))
    torch.nn.functional.mse_loss(layers[1](torch.sigmoid(layers[0](x))), y).backward()
    flat = [number for each in layers for own in (each.weight, each.bias) for number in own.grad.ravel().tolist()]
    report = ns.doctor(net, X, Y, gradients=dict(zip((c.name for c in net.connections), flat)))
    assert found(report) == [("other names", "all weights")]
    flat = [
        number for each in layers for own in (each.weight.grad.T, each.bias.grad) for number in own.ravel().tolist()
    ]
    assert ns.doctor(net, X, Y, gradients=dict(zip((c.name for c in net.connections), flat))).right


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh"])
def test_a_slope_from_the_sum(hidden):
    """1 - H ** 2 for 1 - HA ** 2, of sums beyond 1 as well."""
    for seed in range(8):
        net = ns.Network.layered([3, 3, 2], hidden=hidden, seed=seed)
        net.weights = 3 * net.weights
        rng = np.random.default_rng(seed)
        x, y = rng.standard_normal(3), rng.random(2)
        answers = given(rounded(Hand(net, x, y, {"slope from H": "all hidden"}).answers(), 4))
        assert found(ns.doctor(net, x, y, gradients=answers["gradients"])) == [("slope from H", "all hidden nodes")]
    smooth = ns.Network.layered([3, 3, 2], hidden="softplus", seed=0)
    wrong = {c.name: 1.0 for c in smooth.connections}
    assert not any(each.name == "slope from H" for each in ns.doctor(smooth, x, y, gradients=wrong).mistakes)


@pytest.mark.parametrize("seed", range(6))
def test_a_skip_connection_that_is_missing(seed):
    net = ns.Network.layered([2, 3, 2], output="sigmoid", seed=seed)
    net.connect("I1", "O1"), net.connect("I2", "O2")
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal(2), rng.random(2)
    answers = given(rounded(Hand(net, x, y, {"connection forgotten": "I2 -> O2"}).answers(), 4))
    assert found(ns.doctor(net, x, y, learning_rate=RATE, **answers)) == [("connection forgotten", "I2 -> O2")]


def test_two_numbers_under_each_others_names():
    """In this network I2 = 2·I1, so that W1's gradient is half that of W3: a factor 2 explains one of them."""
    net = ns.Network.layered([2, 2, 2], seed=0)
    net.forward(X), net.backward(Y)
    g = {c.name: c.gradient for c in net.connections}
    report = ns.doctor(net, X, Y, gradients={"W3": g["W1"], "W1": g["W3"]})
    assert found(report) == [("other names", "W3, W1")]
    # A slip beside it explains whatever is left: one number more is too little to say so.
    report = ns.doctor(net, X, Y, gradients={"W3": 2 * g["W3"], "W1": 1.2345 * g["W1"]})
    assert found(report) == []


# ---- a single number -------------------------------------------------------------------------------------------


def deep():
    """Return a network in which four paths feed W1, and these, the weakest of them first."""
    net = ns.Network.layered([2, 2, 2, 2], hidden="tanh", output="sigmoid", seed=1)
    x, y = [0.5, -0.3], [0.2, 0.9]
    net.forward(x), net.backward(y)
    return net, x, y, list(net.paths("W1"))


def test_a_number_that_nothing_makes_is_unexplained():
    net = ns.Network.layered([2, 2, 2], seed=0)
    for kind in (
        {"gradients": {"W1": "0.0123"}},
        {"error": 9.0},
        {"deltas": {"H1": "0.771"}},
        {"weights": {"W7": "0.31"}},
    ):
        report = ns.doctor(net, X, Y, **kind)
        assert (report.mistakes, report.alternatives, len(report.unexplained)) == ([], (), 1)
        assert "No known mistake, and no two together" in str(report)
    net.forward(X), net.backward(Y)
    report = ns.doctor(net, X, Y, gradients={"W1": "0.0123", "W7": round(net["W7"].gradient, 5)})
    assert found(report) == [("one weight", "W1")]
    assert "no known mistake makes it" in report.text


@pytest.mark.parametrize("beside", [{}, {"W7": 1.0, "W8": 1.0}])
def test_a_sign_and_a_factor_at_one_number(beside):
    net = ns.Network.layered([2, 2, 2], seed=0)
    net.forward(X), net.backward(Y)
    for factor in (-2.0, -0.5):
        gradients = {"W1": factor, **beside}
        report = ns.doctor(net, X, Y, gradients={n: f"{f * net[n].gradient:.4g}" for n, f in gradients.items()})
        assert sorted(mistake.name for mistake in report.mistakes) == ["factor", "sign"]
        assert "With both" not in report.mistakes[0].text
        assert "With both" in report.mistakes[1].text


def test_some_of_the_paths_of_a_gradient():
    net, x, y, paths = deep()
    for one in range(4):
        for other in range(one):
            total = paths[one].product + paths[other].product
            report = ns.doctor(net, x, y, gradients={"W1": f"{total:.4g}"})
            assert [mistake.name for mistake in report.mistakes] == ["path forgotten"]
            # Two that share a node are those which a single arc, or node, leaves.
            if not {node.name for node in paths[one].nodes[2:]} & {node.name for node in paths[other].nodes[2:]}:
                assert report.mistakes[0].where == "2 of 4 paths"
                assert all(path.title in report.text for path in (paths[one], paths[other]))


def test_a_mistake_on_one_of_the_paths_of_a_gradient():
    net, x, y, paths = deep()
    right = net["W1"].gradient
    for path in paths:
        report = ns.doctor(net, x, y, gradients={"W1": f"{right - 2 * path.product:.5g}"})
        assert found(report) == [("sign", path.title)]
        slope = next(each for each in path.factors if each.name == "∂HA1/∂H1")
        wrong = f"{right - path.product + path.product / slope.value:.6g}"
        report = ns.doctor(net, x, y, gradients={"W1": wrong})
        assert found(report) == [("hidden slope left out", path.title)]
        assert "∂HA1/∂H1" in report.text


def test_few_digits_say_nothing_of_paths():
    """With two digits some sum of paths, or some pair of mistakes, is near almost any number."""
    net, x, y, paths = deep()
    rng = np.random.default_rng(0)
    titles, by_chance = {path.title for path in paths}, 0
    for _ in range(60):
        number = f"{rng.uniform(-1, 1) * sum(abs(path.product) for path in paths):.2g}"
        report = ns.doctor(net, x, y, gradients={"W1": number})
        of_paths = any("paths" in where or where in titles for _, where in found(report))
        by_chance += of_paths or len(report.mistakes) > 1
    assert by_chance <= 6


# ---- where it goes wrong ---------------------------------------------------------------------------------------


def test_where_the_calculation_first_goes_wrong():
    net = ns.Network.layered([2, 3, 2], hidden="tanh", output="sigmoid", seed=1)
    x, y = [0.5, -0.3], [0.2, 0.9]
    answers = given(Hand(net, x, y).answers())
    gradients, deltas = dict(answers["gradients"]), dict(answers["deltas"])
    for place, name in enumerate(("H1", "H2", "H3")):
        deltas[name] *= 1.37 + 0.31 * place
    for place in range(1, 10):
        gradients[f"W{place}"] *= 1.21 + 0.17 * place
    report = ns.doctor(net, x, y, deltas=deltas)
    assert report.mistakes == []
    assert report.hints == (
        "In the order of the calculation all is right up to ∂e/∂O1, ∂e/∂O2; the first that is wrong: ∂e/∂H1, ∂e/∂H2, ∂e/∂H3.",
    )
    report = ns.doctor(net, x, y, error=answers["error"], deltas=deltas, gradients=gradients)
    assert report.hints[1].endswith("into the output layer all are right; into the hidden layer 1 all are wrong.")
    assert report.hints[0].endswith("the first that is wrong: ∂e/∂H1, ∂e/∂H2, ∂e/∂H3.")
    assert all(hint in str(report) for hint in report.hints)
    gradients["W10"] *= 1.5
    report = ns.doctor(net, x, y, error=answers["error"], deltas=deltas, gradients=gradients)
    assert report.hints[0].endswith("all is right up to ∂e/∂O1, ∂e/∂O2; the first that is wrong: ∂e/∂W10.")
    assert "into the output layer 1 of 8 are wrong" in report.hints[1]
    assert ns.doctor(net, x, y, **answers).hints == ()


# ---- how it is said --------------------------------------------------------------------------------------------


def test_numbers_have_no_more_digits_than_are_needed():
    net = ns.Network.layered([2, 2, 2], seed=0)
    net.forward(X), net.backward(Y)
    report = ns.doctor(net, X, Y, gradients={c.name: -c.gradient for c in net.connections})
    words = re.findall(r"(?<=[\s−])\d\.\d+", str(report))
    assert len(words) > 30
    assert max(len(word.replace(".", "").lstrip("0")) for word in words) <= 6
    assert "-" not in str(report).replace("e-0", "").replace("->", "")
    close = net["W7"].gradient * (1 + 1e-9)
    near = ns.doctor(net, X, Y, gradients={"W7": close, "W8": net["W8"].gradient})
    shown = near.checked[0].shown, ns.notation.symbols.number(near.checked[0].right, near.checked[0].digits)
    assert shown[0] != shown[1]
    assert ns.doctor(net, X, Y, gradients={"W7": "-0.12345678"}).checked[0].shown == "−0.12345678"


@pytest.mark.parametrize(("sizes", "factor"), [([2, 3, 3], 3.0), ([2, 3, 3], 1 / 3), ([2, 2, 2], 2.0)])
def test_a_factor_of_the_number_of_outputs_may_be_another_convention(sizes, factor):
    net = ns.Network.layered(sizes, seed=0)
    net.forward(X), net.backward([0.5] * sizes[-1])
    report = ns.doctor(net, X, [0.5] * sizes[-1], gradients={c.name: factor * c.gradient for c in net.connections})
    assert found(report) == [("factor", "all weights")]
    assert f"There are {sizes[-1]} outputs: the loss may be meant as the sum" in report.text


def test_numbers_as_sheets_take_them_and_names_as_tables_print_them():
    net = ns.Network.layered([2, 2, 2], seed=0)
    net.forward(X), net.backward(Y)
    g, comma = net["W7"].gradient, f"{net['W7'].gradient:.5f}".replace(".", ",")
    for name in ("W7", "∂e/∂W7", "dW7", "de/dW7", "gradient W7"):
        assert ns.doctor(net, X, Y, gradients={name: comma}).right
    assert ns.doctor(net, X, Y, deltas={"∂e/∂H1": f"{net['H1'].delta:.5f}", "δO1": net["O1"].delta}).right
    exact = Fraction(g).limit_denominator(10**9)
    assert ns.doctor(net, X, Y, gradients={"W7": f"{exact.numerator}/{exact.denominator}"}).right
    assert written("-7/300", "e").value == -7 / 300
    assert written("−0,0234", "e").last == -4
    # A fraction is exact: 0.33 is a third to two digits, 33/100 is not.
    assert written("33/100", "e").value == 0.33
    with pytest.raises(ns.ArgumentError, match=r"1.234 or 1234"):
        ns.doctor(net, X, Y, gradients={"W7": "1,234"})
    for matrix in (np.eye(2), [[1.0, 2.0]]):
        with pytest.raises(ns.ArgumentError, match=r"W\.ravel\(\)"):
            ns.doctor(net, X, Y, gradients={"W7": matrix})
    for bad in ("1/0", "1/-2", "1,2,3", "1.5,2"):
        with pytest.raises(ns.ArgumentError, match="must be a number"):
            ns.doctor(net, X, Y, gradients={"W7": bad})


def test_of_equal_explanations_the_first_is_preferred_and_the_others_are_told():
    net = ns.Network.layered([2, 2, 2], seed=0)
    net.forward(X), net.backward(Y)
    report = ns.doctor(net, X, Y, gradients={"W7": -net["W7"].gradient, "W8": net["W8"].gradient})
    assert found(report) == [("sign", "O1")]
    others = [(each.name, each.where) for each in report.alternatives]
    assert ("one weight", "W7") in others
    assert [NAMES.index(name) for name, _ in others] == sorted(NAMES.index(name) for name, _ in others)


def test_the_sign_that_the_article_drops():
    net = ns.Network.layered([2, 2, 2], seed=0)
    net.forward(X), net.backward(Y)
    gradients = {c.name: c.gradient for c in net.connections}
    gradients["W7"] = (Y[0] - net["O1"].activated) * net["H1"].activated
    assert found(ns.doctor(net, X, Y, gradients=gradients)) == [("sign", "W7")]


def test_an_error_that_mixes_two_updates():
    """Mazur's page: gradients and weights of one update, and e after it of another, in which each layer saw the new ones."""
    net, right = mazur()
    report = ns.doctor(net, X, Y, error_after=0.291027924, **right)
    assert found(report) == [("updated before", "all weights")]
    assert "sequential update" in [each.name for each in report.alternatives]
    assert "another calculation" in report.mistakes[0].text
    assert found(ns.doctor(net, X, Y, error_after=0.291027924)) == [("updated before", "all weights")]


def test_a_library_that_updates_before_it_walks_back():
    net, _ = mazur()
    report = ns.doctor(net, X, Y, gradients={"W1": 0.00013266, "W7": 0.43983})
    assert found(report) == [("output slope left out", "all outputs"), ("updated before", "all weights")]


def test_a_path_that_one_weight_lacks():
    net = ns.Network.layered([2, 2, 2, 2], seed=0)
    net.forward(X), net.backward(Y)
    path = net.paths("W1").top(1)[0]
    gradients = {c.name: c.gradient for c in net.connections}
    gradients["W1"] -= path.product
    report = ns.doctor(net, X, Y, gradients=gradients)
    assert found(report) == [("path forgotten", " -> ".join(node.name for node in path.nodes))]


def test_weights_updated_one_after_the_other():
    net = ns.Network.layered([2, 2, 2], seed=0)
    before = net.weights
    weights = {}
    for connection in net.connections:
        net.forward(X), net.backward(Y)
        weights[connection.name] = connection.weight - 0.5 * connection.gradient
        connection.weight = weights[connection.name]
    net.weights = before
    assert found(ns.doctor(net, X, Y, weights=weights)) == [("sequential update", "all weights")]


def test_weights_updated_after_every_sample():
    net = ns.Network.layered([2, 2, 2], seed=0)
    before = net.weights
    x, y = np.random.default_rng(0).standard_normal((2, 3, 2))
    for one, other in zip(x, y):
        net.forward(one), net.backward(other), net.update(0.5)
    weights = {c.name: c.weight for c in net.connections}
    net.weights = before
    assert found(ns.doctor(net, x, y, weights=weights)) == [("sequential update", "all weights")]


def test_a_slip_at_the_error_or_at_a_delta():
    net, right = mazur()
    assert found(ns.doctor(net, X, Y, **{**right, "error": 0.2884})) == [("one weight", "e")]
    wrong = {**right, "deltas": {**right["deltas"], "H1": 0.00787}}
    report = ns.doctor(net, X, Y, **wrong)
    assert found(report) == [("one weight", "H1")]
    assert "0.00787" in report.text
    assert "0.00877135" in report.text


def test_what_no_known_mistake_explains_is_said_to_be_wrong_and_no_more():
    net = ns.Network.layered([3, 3, 2], seed=0)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal(3), rng.standard_normal(2)
    for _ in range(5):
        wrong = {c.name: float(rng.standard_normal()) for c in net.connections}
        report = ns.doctor(net, x, y, gradients=wrong)
        assert (report.right, report.mistakes) == (False, [])
        assert len(report.unexplained) >= len(wrong) - 1
        assert len(report.text) < 400


def test_two_slips_are_told_among_numbers_that_are_right():
    net, right = mazur()
    wrong = right["gradients"] | {"W1": 0.00071, "W8": 0.0317}
    assert found(ns.doctor(net, X, Y, gradients=wrong)) == [("one weight", "W1"), ("one weight", "W8")]
    assert found(ns.doctor(net, X, Y, gradients={name: wrong[name] for name in ("W1", "W8")})) == []


def test_large_networks_are_looked_at_as_a_whole():
    net = ns.Network.layered([20, 60, 60, 5], seed=0)
    net.engine = "numpy"
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 20)), rng.standard_normal((2, 5))
    net.forward(x), net.backward(y)
    gradients = {c.name: float(f"{c.gradient:.5g}") for c in net.connections}
    assert ns.doctor(net, x, y, gradients=gradients).right
    wrong = {name: 2 * value for name, value in gradients.items()}
    assert ("sum for mean", "all weights") in [
        (e.name, e.where) for e in ns.doctor(net, x, y, gradients=wrong).explanations
    ]


def test_dead_ends_and_functions_without_derivative_behind_them():
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.add_hidden("step", activation="step")
    net.connect("H1", "step")
    net.forward(X), net.backward([1.0])
    gradients = {c.name: c.gradient for c in net.connections}
    assert ns.doctor(net, X, [1.0], gradients=gradients).right
    assert not ns.doctor(net, X, [1.0], gradients={net.connections[-1].name: 0.3}).right
    assert found(ns.doctor(net, X, [1.0], gradients={k: -v for k, v in gradients.items()})) == [("sign", "all weights")]


# ---- calls and reports -----------------------------------------------------------------------------------------


BAD = [
    {}, {"gradients": {}}, {"error": "much"}, {"error": math.nan}, {"error": math.inf}, {"error": True}, {"error": [1.0]},
    {"error": 10**400}, {"error": 1j}, {"error": b"1"}, {"error": "1_0"}, {"error": decimal.Decimal("NaN")}, {"error": object()},
    {"gradients": 0.5}, {"gradients": {"W99": 0.5}}, {"gradients": {"H1": 0.5}}, {"gradients": {5: 0.5}},
    {"gradients": {"W1": None}}, {"gradients": [0.1, 0.2]}, {"deltas": {"W1": 0.5}}, {"deltas": {"I1": 0.5}},
    {"deltas": {"H1": [0.1, 0.2]}}, {"deltas": {"H1": np.zeros((2, 2))}}, {"weights": {"W1": "x"}},
    {"weights": {"W1": 0.5}, "learning_rate": None}, {"weights": {"W1": 0.5}, "learning_rate": -1.0}, {"error_after": "?"},
]  # fmt: skip


@pytest.mark.parametrize("wrong", BAD)
def test_bad_calls_are_refused_and_change_nothing(wrong):
    net = ns.Network.layered([2, 2, 2], seed=0)
    net.forward(X), net.backward(Y)
    before = digest(net)
    with pytest.raises(ns.NodesimError):
        ns.doctor(net, X, Y, **wrong)
    assert digest(net) == before


def test_other_bad_calls():
    net, other = ns.Network.layered([2, 2, 2], seed=0), ns.Network.layered([2, 2, 2], seed=0)
    with pytest.raises(ns.ArgumentTypeError, match="doctor looks at numbers of a network"):
        ns.doctor("net", X, Y, error=1.0)
    with pytest.raises(ns.DataError):
        ns.doctor(net, [1.0], Y, error=1.0)
    with pytest.raises(ns.StaleElementError):
        ns.doctor(net, X, Y, gradients={other["W1"]: 0.5})
    with pytest.raises(ns.ArgumentError, match="given twice"):
        ns.doctor(net, X, Y, gradients={net["W1"]: 0.5, "W1": 0.5})


def test_it_leaves_the_network_alone_and_takes_elements_for_names():
    net = ns.Network.layered([2, 2, 2], seed=0)
    net.forward(X), net.backward(Y)
    before = digest(net)
    report = ns.doctor(net, X, Y, gradients={net["W7"]: net["W7"].gradient}, deltas={net["H1"]: 2 * net["H1"].delta})
    assert found(report)[0][0] == "factor"
    assert digest(net) == before


def test_reports_are_shown_whole():
    net, right = mazur()
    report = ns.doctor(net, X, Y, gradients={name: -value for name, value in right["gradients"].items()})
    assert repr(report) == "<DoctorReport: All 8 numbers are wrong: sign, all weights>"
    assert str(report).splitlines()[0].split() == ["quantity", "given", "right", "with", "mistake", "verdict"]
    nothing = ns.doctor(net, X, Y, gradients={"W1": 1.234, "W7": 5.678})
    assert str(nothing).splitlines()[0].split() == ["quantity", "given", "right", "verdict"]
    assert "<table" in report._repr_html_()
    plain = json.loads(json.dumps(report.to_dict()))
    assert plain["mistakes"][0]["name"] == "sign"
    assert plain["checked"]["quantity"][0] == "∂e/∂W1"
    assert len(plain["checked"]["ok"]) == 8
    assert str(report.mistakes[0]).startswith("sign (all weights): ")
    assert [each.explained for each in report.checked] == [pytest.approx(each.given) for each in report.checked]


# ---- the command -----------------------------------------------------------------------------------------------


@pytest.fixture
def asked(tmp_path, monkeypatch, capsys):
    """Return a function that asks the command about a text, of the network of Mazur's page."""
    monkeypatch.chdir(tmp_path)
    net, _ = mazur()
    net.save("net.json")

    def ask(text, *options):
        (tmp_path / "answers.csv").write_bytes(text.encode("utf-8"))
        arguments = ["doctor", "net.json", "--input", "0.05,0.1", "--target", "0.01,0.99", "answers.csv", *options]
        return cli.main(arguments), *capsys.readouterr()

    return ask


@pytest.mark.parametrize(
    "text",
    ["quantity,value\ne,0.298\n∂e/∂W7,0.0822\n∂e/∂H1,0.00877\nW7,0.359\ne after,0.2910278\n",
     "error;0,298\nde/dW7;0,0822\ndelta H1;0,00877\nW7;0,359\nerror after;0,2910278\n",
     "# by hand\ne\t0.298\n\ndW7\t0.0822\ndH1\t.00877\nW7\t3.59e-1\nE after\t0.2910278\n",
     "e,0.298\ngradient W7,0.0822\n∂e/∂H1,0.00877\nW7,0.359\nerror after,0.2910278\n",
     "E,0.298\ndE/dW7,0.0822\nδH1,0.00877\nW1,\nW7,0.359\nW9,\ne after,0.2910278\n",
     "quantity,value,\ne,0.298,\ndW7,0.0822,\ndH1,0.00877,,\nW7,0.359,\ne after,0.2910278,\n"],
)  # fmt: skip
def test_the_command_reads_answers_of_every_kind(asked, text):
    code, printed, errors = asked(text)
    assert (code, errors) == (0, "")
    assert "All 5 numbers are right." in printed
    columns = json.loads(asked(text, "--json")[1])["checked"]
    assert sorted(columns["quantity"]) == ["W7", "e", "e after", "∂e/∂H1", "∂e/∂W7"]


def test_the_command_names_mistakes_with_a_learning_rate(asked):
    code, printed, errors = asked("dW1,0.00013266\ndW7,0.43983\n")
    assert (code, errors) == (1, "nodesim: error: 2 of 2 numbers are wrong.\n")
    assert "1. output slope left out (all outputs)" in printed
    assert "2. updated before (all weights)" in printed
    assert "number is right" in asked(f"W7,{0.4 - 0.1 * 0.08216704}\n", "--learning-rate", "0.1")[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "no answers"), ("quantity,value\n", "no answers"), ("W1\n", "1 column;"), ("W1,1,2\n", "3 columns;"), ("W99,1\n", "W99"),
     ("W1,x\n", "row 1: 'x' is no number"), ("H1,1\n", "∂e/∂H1"), ("HA1,1\n", "no gradient"), ("W1,1\nW1,2\n", "second time"),
     ("W1,\nW2,\n", "no answers"), ("W1,1\nW2\n", "row 2"), ("e,0,298\n", "a semicolon goes before"),
     ("e,inf\n", "row 1: 'inf' is no number"), ("dI1,1\n", "no gradient"), ("\0", "no text")],
)  # fmt: skip
def test_wrong_files_are_one_line(asked, text, message):
    code, printed, errors = asked(text)
    assert (code, printed) == (1, "")
    assert errors.startswith("nodesim: error: ")
    assert errors.count("\n") == 1
    assert message in errors


def test_files_keep_their_digits(asked, tmp_path):
    with (tmp_path / "other.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["W7", "0.40"], ["dW7", "0.08"]])
    assert "0.40" in asked((tmp_path / "other.csv").read_text(encoding="utf-8"))[1]
