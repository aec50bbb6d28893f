"""Learning rates of every epoch: what torch and scikit-learn take, in any order, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.linear_model import SGDRegressor
from torch.optim import lr_scheduler as torchs

import nodesim as ns
from nodesim.functions import LearningRateSchedule
from nodesim.plugins import lookup

EPOCHS = 60


def of_torch(make, rate=0.5):
    """Return the rates of a scheduler of torch, asked one epoch after the other."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)
    scheduler = make(optimizer)
    rates = []
    for _ in range(EPOCHS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step(), scheduler.step()
    return rates


def warmed(optimizer):
    up = torchs.LinearLR(optimizer, 0.1, 1.0, 7)
    return torchs.SequentialLR(optimizer, [up, torchs.CosineAnnealingLR(optimizer, 53, 0.02)], [7])


TORCHS = {
    "constant": ({}, lambda o: torchs.ConstantLR(o, 1.0)),
    "step": ({"every": 7, "factor": 0.3}, lambda o: torchs.StepLR(o, 7, 0.3)),
    "exponential": ({"factor": 0.9}, lambda o: torchs.ExponentialLR(o, 0.9)),
    "inverse": ({"decay": 0.25}, lambda o: torchs.LambdaLR(o, lambda t: 1 / (1 + 0.25 * t))),
    "linear": ({"epochs": 40, "end": 0.05}, lambda o: torchs.LinearLR(o, 1.0, 0.1, 40)),
    "polynomial": ({"epochs": 40, "power": 1.5}, lambda o: torchs.PolynomialLR(o, 40, 1.5)),
    "cosine": ({"epochs": 60, "end": 0.01}, lambda o: torchs.CosineAnnealingLR(o, 60, 0.01)),
    "cosine_restarts": ({"epochs": 5, "stretch": 2, "end": 0.1}, lambda o: torchs.CosineAnnealingWarmRestarts(o, 5, 2, 0.1)),
    "cosine_restarts(stretch=1)": ({"epochs": 7}, lambda o: torchs.CosineAnnealingWarmRestarts(o, 7)),
    "warmup": ({"epochs": 20, "start": 0.05}, lambda o: torchs.LinearLR(o, 0.1, 1.0, 20)),
    "warmup_cosine": ({"warmup": 7, "epochs": 60, "start": 0.05, "end": 0.02}, warmed),
}  # fmt: skip


@pytest.mark.parametrize("name", TORCHS)
@pytest.mark.filterwarnings("ignore:The epoch parameter in:UserWarning")
def test_the_rates_are_those_of_torch(name):
    parameters, make = TORCHS[name]
    schedule = ns.schedule(name, rate=0.5, **parameters)
    # Backwards: torch goes from epoch to epoch, and here each is found by itself.
    found = [schedule.rate(epoch) for epoch in range(EPOCHS, 0, -1)][::-1]
    assert found == pytest.approx(of_torch(make), rel=1e-12, abs=1e-15)


def test_inverse_scaling_is_that_of_scikit_learn():
    model = SGDRegressor(penalty=None, fit_intercept=False, learning_rate="invscaling", eta0=0.05, power_t=0.3)
    schedule, weight = ns.schedule("invscaling", rate=0.05, power=0.3), 0.0
    for epoch in range(1, 41):
        # One sample, W - rate · (W · 1 - 1): the rate can be read off W.
        before, weight = weight, model.partial_fit([[1.0]], [1.0]).coef_[0]
        assert schedule.rate(epoch) == pytest.approx((weight - before) / (1.0 - before), rel=1e-11)


def test_every_built_in_one_is_compared():
    built_in = {each.name for each in lookup.default.all(LearningRateSchedule) if each.origin.startswith("nodesim ")}
    assert built_in == {name.partition("(")[0] for name in TORCHS} | {"inverse_scaling"}


@pytest.mark.parametrize("name", ["linear", "polynomial", "cosine"])
def test_the_last_rate_stays(name):
    schedule = ns.schedule(name, rate=0.5, epochs=10, end=0.125)
    assert schedule.rate(10) > 0.125
    assert [schedule.rate(epoch) for epoch in (11, 12, 21, 10**9)] == [0.125] * 4


def test_numbers_and_callables_are_schedules_too():
    assert ns.schedule(0.3) == ns.schedule("constant", rate=0.3)
    assert ns.schedule(np.float32(0.5)).rate(9) == 0.5
    halved = ns.schedule(lambda epoch: 2.0**-epoch)
    assert ns.schedule(halved) is halved
    assert halved.rate(3) == 0.125
    assert ns.schedule(math.sqrt).name == "sqrt"


WRONG = [
    (lambda epoch: -1.0, r"schedule mine: the learning rate of epoch 7 must be 0 or more, got -1"),
    (lambda epoch: math.nan, r"epoch 7 must be a finite real number, got nan"),
    (lambda epoch: np.float64(epoch) / 0.0, r"epoch 7 must be a finite real number, got inf"),
    (lambda epoch: [0.1], r"epoch 7 must be a finite real number, got array\(\[0.1\]\)"),
    (lambda epoch: True, r"epoch 7 must be a finite real number, got True"),
    (lambda epoch: None, r"at epoch 7: it returned object, expected real numbers"),
    (lambda epoch: 1j, r"at epoch 7: it returned complex128"),
    (lambda epoch: 1 / (epoch - 7), r"mine at epoch 7: it raised ZeroDivisionError"),
    (lambda: 0.1, r"mine at epoch 7: it raised TypeError"),
]


@pytest.mark.parametrize(("function", "message"), WRONG)
def test_a_wrong_rate_names_the_schedule_and_the_epoch(function, message):
    with pytest.raises(ns.FunctionError, match=message):
        ns.LearningRateSchedule("mine", function).rate(7)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ns.schedule("step", every=0).rate(1), ns.FunctionError, "every must be more than 0, got 0"),
        (lambda: ns.schedule("cosine", epochs=-1).rate(1), ns.FunctionError, "epochs must be more than 0"),
        (lambda: ns.schedule("cosine_restarts", stretch=0.5).rate(1), ns.FunctionError, "stretch must be 1 or more"),
        (lambda: ns.schedule("warmup_cosine", epochs=10).rate(11), ns.FunctionError, "epochs must be more than warmup"),
        (lambda: ns.schedule("constant").rate(0), ns.ArgumentError, "epoch must be a whole number of at least 1, got 0"),
        (lambda: ns.schedule("constant").rate(1.5), ns.ArgumentError, "epoch must be a whole number"),
        (lambda: ns.schedule("cosin"), ns.UnknownNameError, "no schedule named 'cosin'. Did you mean 'cosine'"),
        (lambda: ns.schedule(None), ns.ArgumentTypeError, "a schedule is given by its name"),
        (lambda: ns.schedule(True), ns.ArgumentTypeError, "a schedule is given by its name"),
        (lambda: ns.schedule(ns.loss("mse")), ns.ArgumentTypeError, "a schedule is given by its name"),
        (lambda: ns.schedule(ns.regularizer("l1")), ns.ArgumentTypeError, "a schedule is given by its name"),
        (lambda: ns.schedule("constant", rat=1), ns.FunctionError, "no parameter 'rat'. Did you mean 'rate'"),
        (lambda: ns.Network.layered([1, 1]).fit([[1]], [1], learning_rate=[0.1, 0.2]), ns.ArgumentError, "or a callable"),
        (lambda: ns.optimizer("adam", lr=0.1), ns.FunctionError, "learning rate is an argument of fit"),
        (lambda: ns.LearningRateSchedule("mine"), ns.FunctionError, r"needs function\(epoch\), got None"),
        (lambda: ns.LearningRateSchedule("mine", 0.1), ns.FunctionError, r"needs function\(epoch\), got 0.1"),
    ],
)  # fmt: skip
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
