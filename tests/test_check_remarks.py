"""What the checks of functions find that is right at ordinary numbers, and what they remark on."""

from __future__ import annotations

import re

import numpy as np
import pytest

import nodesim as ns
from nodesim.checks import remarks
from nodesim.plugins import lookup

check = ns.checks.check_activation


def made(function, derivative="numerical", **more):
    return ns.Activation("mine", function, derivative, **more)


OVERFLOWS = [
    made(lambda z: np.log(1 + np.exp(z)), lambda z, a: 1 / (1 + np.exp(-z))),
    made(lambda z: np.log(np.cosh(z)), lambda z, a: np.tanh(z)),
    made(lambda z: np.log(1 + np.exp(-z)), lambda z, a: -1 / (1 + np.exp(z))),
    made(lambda z: np.log(1 + np.exp(2 * z)) / 2, lambda z, a: 1 / (1 + np.exp(-2 * z))),
]


@pytest.mark.parametrize("wrong", OVERFLOWS)
def test_what_overflows_on_the_way_is_found(wrong):
    with pytest.raises(ns.CheckError, match="at z = .* is inf, though at z = .* it is only .*: something on the way"):
        check(wrong)


HUGE = [
    made(np.exp, lambda z, a: a),
    made(np.sinh, lambda z, a: np.cosh(z)),
    made(lambda z: z**3, lambda z, a: 3 * z * z),
    made(lambda z: 1e-30 * np.exp(z), lambda z, a: a),
    made(lambda z: np.exp(z) - np.exp(-z) + z, lambda z, a: np.exp(z) + np.exp(-z) + 1),
    made(lambda z: (np.sqrt(z * z + 1) - 1) / 2 + z, lambda z, a: z / (2 * np.sqrt(z * z + 1)) + 1),
    made(lambda z: np.logaddexp(0, z), lambda z, a: 1 / (1 + np.exp(-z))),
]


@pytest.mark.parametrize("right", HUGE)
def test_what_is_beyond_doubles_itself_passes(right):
    assert check(right)


def test_a_derivative_that_is_nan_far_out_fails_though_the_function_is_infinite_there():
    with pytest.raises(ns.CheckError, match="the derivative at z = .* is nan"):
        check(made(np.sinh, lambda z, a: np.exp(-z) + np.exp(z) * (np.exp(z) / np.exp(z)) / 2 - np.exp(-z) / 2))


HARD = [
    ("knee", made(lambda z, knee: z / (1 + np.abs(z) / knee), lambda z, a, knee: 1 / (1 + np.abs(z) / 2) ** 2, parameters={"knee": 2.0})),
    ("b", made(lambda z, b: np.tanh(b * z), lambda z, a, b: 1 - a * a, parameters={"b": 1.0})),
    ("n", made(lambda z, n: z**n, lambda z, a, n: 3 * z**2, parameters={"n": 3})),
]  # fmt: skip


@pytest.mark.parametrize(("key", "wrong"), HARD)
def test_a_derivative_with_a_default_written_in_is_found(key, wrong):
    with pytest.raises(ns.CheckError, match=f"with {key} = .* instead of .*, the derivative at z = "):
        check(wrong)


def test_a_formula_with_a_default_written_in_is_found():
    wrong = made(lambda z, b: b * z, lambda z, a, b: b + 0 * z, parameters={"b": 2.0}, formula="2 * z")
    with pytest.raises(ns.CheckError, match=r"with b = 2\.5 instead of 2, the formula '2 \* z' gives other numbers"):
        check(wrong)
    penalty = ns.Regularizer("p", lambda w, s: s * w * w, lambda w, s: 0.2 * w, parameters={"s": 0.1})
    with pytest.raises(ns.CheckError, match=r"with s = 0\.125 instead of 0\.1, the derivative at w = "):
        ns.checks.check_regularizer(penalty)


def test_a_parameter_that_changes_nothing_is_found():
    with pytest.raises(ns.CheckError, match="the parameter 'b' changes nothing"):
        check(ns.Activation("mine", formula="tanh(z)", parameters={"b": 1.0}))


def test_values_that_a_function_is_not_made_for_are_left_out():
    def power(z, n):
        if n != 3:
            raise ValueError("only cubes")
        return z**n

    assert check(made(power, lambda z, a, n: n * z ** (n - 1), parameters={"n": 3}))
    assert check(made(lambda z, n: z**n, lambda z, a, n: n * z ** (n - 1), parameters={"n": 3}))


def test_every_built_in_function_passes_with_other_parameters():
    for activation in lookup.default.all(ns.Activation):
        for key, value in activation.parameters.items():
            assert check(activation.with_parameters(**{key: 1.1 * value + 0.01}))


def test_a_formula_that_does_not_fit_is_told_with_both_numbers():
    with pytest.raises(ns.CheckError, match=r"at z = (-?[\d.]+) it is (-?[\d.]+), the function (-?[\d.]+)") as caught:
        check(made(lambda z: 2 * z, lambda z, a: 2 + 0 * z, formula="z * 2.1"))
    found = re.findall(r"at z = (-?[\d.]+) it is (-?[\d.]+), the function (-?[\d.]+)", str(caught.value))
    z, told, true = map(float, found[0])
    assert told == pytest.approx(2.1 * z, rel=1e-4)
    assert true == pytest.approx(2 * z, rel=1e-4)
    fourth = ns.Loss("l", lambda t, o: ((t - o) ** 2).sum(0), lambda t, o: 2 * (o - t), formula="mean((y - a) ** 2)")
    with pytest.raises(ns.CheckError, match=r"at y = .*, a = .* it is .*, the function "):
        ns.checks.check_loss(fourth)


JUMPS = [
    (made(lambda z: np.where(z > 1, z, 0.0), lambda z, a: 1.0 * (z > 1)), "z = 1 from 0 to 1"),
    (made(lambda z: np.where(z >= 0, z + 0.5, z), lambda z, a: 1 + 0 * z), "z = 0 from .* to 0.5"),
    (ns.Activation("j", formula="where(z > 0.3, 2 * z, z)"), "z = 0.3 from 0.3 to 0.6"),
]


@pytest.mark.parametrize(("jumping", "where"), JUMPS)
def test_a_jump_is_remarked_on(jumping, where):
    assert re.search(f"it jumps at {where}, and no gradient shows that", check(jumping))


def test_a_function_that_cannot_be_trained_is_remarked_on():
    assert "networks with it run but cannot be trained" in check(ns.Activation("j", formula="where(z > 0.3, 1, 0)"))
    said = check(made(lambda z: np.where(z > 0.3, 1.0, 0.0), lambda z, a: 0.0 * z))
    assert "its derivative is 0 everywhere, so nothing can be trained through it" in said
    assert "it jumps at z = 0.3 from 0 to 1" in said


def test_of_the_built_in_functions_only_those_with_a_jump_are_said_to_jump():
    jumping = {each.name for each in lookup.default.all(ns.Activation) if "jumps" in remarks.remarked(each)}
    # Those of FANN end with a small one where they are cut off, and 1 / z changes its sign.
    assert jumping == {"neat_inv", "fann_sigmoid_stepwise", "fann_sigmoid_symmetric_stepwise"}


def test_infinite_steepness_is_told_from_nan():
    with pytest.raises(ns.CheckError, match="at z = 0 is nan, where the function is infinitely steep"):
        check(ns.Activation("mine", formula="sign(z) * sqrt(abs(z))"))


def test_why_nothing_is_compiled_is_said(monkeypatch):
    from nodesim.engines import choice

    monkeypatch.setattr(choice, "has_native", lambda: False)
    monkeypatch.setattr(remarks, "has_native", lambda: False)
    assert check("tanh") == "called as it is, in NumPy (numba is not installed)"


def test_an_aggregation_that_overflows_is_found():
    wrong = ns.Aggregation("lse", lambda c: np.log(np.exp(c).sum(axis=0)), lambda c, h: np.exp(c - h))
    with pytest.raises(ns.CheckError, match="overflows"):
        ns.checks.check_aggregation(wrong)

    def logsumexp(c):
        highest = c.max(axis=0)
        return highest + np.log(np.exp(c - highest).sum(axis=0))

    assert ns.checks.check_aggregation(ns.Aggregation("lse", logsumexp, lambda c, h: np.exp(c - h)))
