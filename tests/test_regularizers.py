"""Penalties of weights: those of torch, exactly, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

import nodesim as ns
from nodesim.functions import Regularizer
from nodesim.plugins import lookup

W = np.concatenate([np.random.default_rng(3).normal(size=(4, 25)), [np.linspace(-6.0, 6.0, 25)]])
TORCHS = {
    "l1": ({"strength": 0.3}, lambda w: 0.3 * w.abs()),
    "l2": ({"strength": 0.3}, lambda w: 0.15 * w**2),
    "elastic_net": ({"l1": 0.2, "l2": 0.7}, lambda w: 0.2 * w.abs() + 0.35 * w**2),
}


def test_every_built_in_one_is_compared():
    built_in = [each.name for each in lookup.default.all(Regularizer) if each.origin.startswith("nodesim ")]
    assert built_in == list(TORCHS)


@pytest.mark.parametrize("name", TORCHS)
def test_penalties_and_their_derivatives_are_those_of_torch(name):
    # 0, at which an absolute value has a kink, stands among the weights.
    assert 0.0 in W
    parameters, penalty = TORCHS[name]
    regularizer, weights = ns.regularizer(name, **parameters), torch.tensor(W, requires_grad=True)
    expected = penalty(weights)
    expected.sum().backward()
    assert regularizer(W) == pytest.approx(expected.detach().numpy(), rel=1e-15)
    assert regularizer.derivative(W) == pytest.approx(weights.grad.numpy(), rel=1e-15)


def test_l2_is_torchs_weight_decay():
    weights = torch.tensor(W, requires_grad=True)
    optimizer = torch.optim.SGD([weights], lr=0.5, weight_decay=0.03)
    weights.grad = torch.zeros_like(weights)
    optimizer.step()
    decay = ns.regularizer("weight_decay", strength=0.03)
    assert W - 0.5 * decay.derivative(W) == pytest.approx(weights.detach().numpy(), rel=1e-15)


def test_a_square_that_no_double_holds():
    l2 = ns.regularizer("l2", strength=1e-200)
    exact = Fraction(1e-200) / 2 * Fraction(1e200) ** 2
    assert l2(1e200) == pytest.approx(float(exact), rel=1e-15)
    assert np.isinf(ns.regularizer("l2")(1e200))


def test_a_formula_alone_is_enough():
    log = ns.Regularizer("log", formula="k * log1p(w ** 2)", parameters={"k": 2.0})
    weights = torch.tensor(W, requires_grad=True)
    expected = 2.0 * torch.log1p(weights**2)
    expected.sum().backward()
    assert log(W) == pytest.approx(expected.detach().numpy(), rel=1e-14)
    assert log.derivative(W) == pytest.approx(weights.grad.numpy(), rel=1e-14)
    assert log.derivative(W.astype(np.float32)).dtype == np.float32
    assert log.with_parameters(k=1.0)(1.0) == pytest.approx(np.log(2.0), rel=1e-15)
    # All there is to it is its formula: it is kept without being registered.
    assert ns.regularizer(lookup.specification(log)) == log
    assert ns.checks.check_regularizer(log) is None
    # The letters of nodes are free here, and that of weights is there.
    assert ns.Regularizer("free", formula="a * z * w", parameters={"a": 2.0, "z": 3.0}).derivative(1.0) == 6.0
    assert ns.Activation("free", formula="w * z", parameters={"w": 2.0})(3.0) == 6.0


def test_numerical_derivatives():
    cubic = ns.Regularizer("cubic", lambda w, k: k * np.abs(w) ** 3, "numerical", parameters={"k": 2.0})
    assert cubic.derivative(W) == pytest.approx(6.0 * W * np.abs(W), abs=1e-8)
    kinked = ns.Regularizer("kinked", lambda w: np.abs(w), "numerical")
    assert kinked.derivative(np.array([-1.0, 0.0, 1.0])) == pytest.approx([-1.0, -1.0, 1.0], abs=1e-9)
    assert kinked == ns.Regularizer("kinked", kinked.function, "numerical")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ns.Regularizer("r"), ns.FunctionError, "needs a function of w, or its formula"),
        (lambda: ns.Regularizer("r", np.abs), ns.FunctionError, r"no derivative \(got None\).*derivative=lambda w"),
        (lambda: ns.Regularizer("r", np.abs, "refuse"), ns.FunctionError, r"no derivative \(got 'refuse'\)"),
        (lambda: ns.Regularizer("r", np.abs, 3), ns.FunctionError, r"no derivative \(got 3\)"),
        (lambda: ns.Regularizer("r", formula="3"), ns.FunctionError, "'3' has the derivative 0 everywhere"),
        (lambda: ns.Regularizer("r", formula="w +"), ns.FunctionError, "regularizer 'r': the formula "),
        (lambda: ns.Regularizer("r", formula="z"), ns.FunctionError, "regularizer 'r': the formula .*'z'"),
        (lambda: ns.Regularizer("r", formula="sum(w)"), ns.FunctionError, "looks at several weights"),
        (lambda: ns.Regularizer("r", formula="w * w", parameters={"w": 1}), ns.FunctionError, "a parameter named 'w', but that stands for the weight"),
        (lambda: ns.Regularizer("", np.abs, np.sign), ns.FunctionError, "a regularizer needs a name"),
        (lambda: ns.regularizer("l3"), ns.UnknownNameError, "no regularizer named 'l3'. Did you mean 'l2'"),
        (lambda: ns.regularizer(0.1), ns.ArgumentTypeError, "a regularizer is given by its name"),
        (lambda: ns.regularizer("l1", strenght=1), ns.FunctionError, "no parameter 'strenght'. Did you mean 'strength'"),
        (lambda: ns.regularizer("l1")("a"), ns.DataError, "w"),
    ],
)  # fmt: skip
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
