"""Steps: every quantity once, in order, with numbers that add up when they are calculated from the text."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from helpers import SEEDS, article_network, random_network, random_samples
from hypothesis import given

import nodesim as ns


def calculated(text):
    """Evaluate the numbers of a step as a reader with a pocket calculator would."""
    text = text.replace("−", "-").replace("·", "*").replace("^", "**")
    names = {"exp": np.exp, "log": np.log, "tanh": np.tanh, "sin": np.sin, "cos": np.cos, "sqrt": np.sqrt, "abs": abs,
             "max": max, "min": min, "pi": math.pi, "erf": math.erf, "sign": np.sign,
             "where": lambda condition, a, b: a if condition else b}  # fmt: skip
    return float(eval(text, {"__builtins__": {}}, names))


@pytest.mark.usefixtures("every_engine")
def test_the_article_network_in_order():
    net = article_network(1)
    steps = list(net.steps([0.05, 0.1], [0.01, 0.99], learning_rate=0.5))
    phases = [step.phase for step in steps]
    assert phases == sorted(phases, key=["forward", "error", "backward", "update"].index)
    forward = [step.quantity for step in steps if step.phase == "forward"]
    assert forward == ["I1", "I2", "B1", "B2", "H1", "HA1", "H2", "HA2", "O1", "OA1", "O2", "OA2"]
    backward = [step.quantity for step in steps if step.phase == "backward"]
    assert backward[:6] == ["∂e/∂OA1", "∂OA1/∂O1", "∂e/∂O1", "∂e/∂W7", "∂e/∂W9", "∂e/∂W11"]
    assert [s.quantity for s in steps if s.phase == "update"] == [f"W{i}(k+1)" for i in range(1, 13)]
    by_name = {step.quantity: step for step in steps}
    assert by_name["H1"].formula == "I1·W1 + I2·W3 + B1·W5"
    assert by_name["O1"].formula == "HA1·W7 + HA2·W9 + B2·W11"
    assert by_name["∂e/∂HA1"].formula == "∂e/∂O1·W7 + ∂e/∂O2·W8"
    assert by_name["∂e/∂OA1"].formula == "−2/2·(y1 − OA1)"
    assert by_name["∂HA1/∂H1"].formula == "HA1·(1 − HA1)"
    assert by_name["W1(k+1)"].formula == "W1(k) − η·∂e/∂W1"
    assert by_name["e"].value == net.backward([0.01, 0.99])
    assert by_name["∂e/∂W1"].value == net["W1"].gradient
    net.update(0.5)
    assert [s.value for s in steps if s.phase == "update"] == net.weights.tolist()


@pytest.mark.parametrize("loss", ["mse", "half_squared_error", "mae", "huber", "log_cosh", "bce"])
@given(seed=SEEDS)
def test_the_numbers_put_in_give_the_result(loss, seed):
    net, rng = random_network(seed, loss=ns.loss(loss).name)
    x, y = random_samples(net, rng, 1)
    weights = net.weights
    steps = list(net.steps(x, y))
    assert (net.weights == weights).all()
    for step in steps:
        if step.phase != "error" and step.numbers:
            scale = sum(abs(float(n)) for n in re.findall(r"\d+\.?\d*(?:e[-+]\d+)?", step.numbers)) + 1
            assert calculated(step.numbers) == pytest.approx(step.value, rel=1e-4, abs=1e-5 * scale**2), str(step)
    values = {step.quantity: step.value for step in steps}
    for node in (*net.hidden, *net.outputs):
        assert values[node.name] == node.value
        assert values[f"∂e/∂{node.name}"] == node.delta
    for connection in net.connections:
        assert values[f"∂e/∂{connection.name}"] == connection.gradient


def test_custom_function_without_formula_and_odd_names():
    net = ns.Network(ns.Loss("fourth", lambda t, o: ((o - t) ** 4).sum(0), lambda t, o: 4 * (o - t) ** 3), seed=0)
    (
        net.add_input("in → 1"),
        net.add_output("price", activation=ns.Activation("twice", lambda z: 2 * z, lambda z, a: 2 + 0 * z)),
    )
    net.connect("in → 1", "price", weight=0.5)
    lines = [str(step) for step in net.steps([1.0], [0.0])]
    assert lines[1:4] == ["O[price] = in → 1·W1 = 1·0.5 = 0.5", "OA[price] = twice(O[price]) = twice(0.5) = 1", "e = fourth(y[price], OA[price]) = fourth(0, 1) = 1"]  # fmt: skip
    assert "∂e/∂OA[price] = fourth'(y[price], OA[price]) = 4" in lines


def test_frozen_and_dead():
    net = ns.Network(seed=0)
    net.add_input(), net.add_output(), net.add_hidden()
    net.connect("I1", "O1", weight=1.0, trainable=False), net.connect("I1", "H1", weight=1.0)
    lines = [str(step) for step in net.steps([1.0], [0.0])]
    assert "W1(k+1) = W1(k), frozen = 1" in lines
    assert "∂e/∂H1 = 0" in lines


def test_only_one_sample():
    net = article_network(1)
    with pytest.raises(ns.DataError, match="one sample at a time, got 2"):
        net.steps([[0.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]])
    with pytest.raises(ns.ArgumentError, match="the learning rate"):
        net.steps([0.0, 1.0], [0.0, 1.0], learning_rate=float("nan"))


@given(seed=SEEDS)
def test_signs_are_true(seed):
    """= stands between numbers that are equal as they are printed, ≈ wherever digits were left out."""
    net, rng = random_network(seed, loss="mse")
    net.weights = [rng.choice([0.5, -0.25, 2.0, 1 / 3, 0.1]) for _ in net.connections]
    x, y = random_samples(net, rng, 1)
    for step in net.steps(np.round(x, rng.choice([0, 9])), y):
        *_, sign, last = re.split(r" ([=≈]) ", str(step))
        if re.fullmatch(r"−?[\d.]+(e[−-]?\d+)?", last):
            printed_value = float(last.replace("−", "-"))
            close = abs(printed_value - step.value) <= 1e-12 * abs(step.value)
            assert (sign == "=") <= close, str(step)
            if sign == "=" and step.numbers and step.phase != "error":
                assert calculated(step.numbers) == pytest.approx(printed_value, rel=1e-9, abs=1e-12), str(step)


def test_a_sum_of_doubles_is_no_digit_left_out():
    net = ns.Network.layered([2, 1], bias=False, seed=0)
    net.weights = [0.1, 0.2]
    lines = [str(step) for step in net.steps([1.0, 1.0], [1.0])]
    assert lines[2] == "O1 = I1·W1 + I2·W2 = 1·0.1 + 1·0.2 = 0.3"
    net.weights = [1 / 3, 0.5]
    assert str(list(net.steps([1.0, 1.0], [1.0]))[2]) == "O1 = I1·W1 + I2·W2 ≈ 1·0.333333 + 1·0.5 ≈ 0.833333"


def test_a_batch_is_told_what_to_do():
    with pytest.raises(ns.DataError, match=r"net.steps\(x\[0\], y\[0\]\) shows the first"):
        article_network(1).steps([[0.0, 1.0]] * 3, [[0.0, 1.0]] * 3)
