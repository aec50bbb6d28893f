"""Which way activations and losses run in kernels: fused, compiled or called; and that each way gives the same numbers."""

from __future__ import annotations

import gc
import weakref

import mpmath as mp
import numpy as np
import pytest
import scipy.special
from helpers import built_in
from scipy.special import erf
from test_functions import BIG, EXACT, POINTS, TOLERANCE

import nodesim as ns
from nodesim.engines.choice import way_of
from nodesim.functions import Activation, Loss
from nodesim.plugins import lookup

pytest.importorskip("numba")

from nodesim.engines.native.builtin import activation_kernel
from nodesim.engines.native.evaluation import activation_forms, loss_form

ODD = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.7e308, -1.7e308, 5e-324])


def test_every_built_in_function_is_fused():
    for kind in (Activation, Loss):
        for function in built_in(kind):
            if function.name != "step":
                assert way_of(function).startswith("fused"), function


def test_fused_activations_are_exact():
    for name, (_, slope) in EXACT.items():
        if slope:
            assert_exact(name)


def assert_exact(name):
    activation, wanted = ns.activation(name), [mp.mpf(EXACT[name][0](mp.mpf(float(z)))) for z in POINTS]
    for way, (found, _) in activation_forms(activation, POINTS).items():
        for z, number, exact in zip(POINTS, found, wanted):
            if abs(exact) > BIG:
                assert np.isinf(number), (name, way, z)
            else:
                assert abs(mp.mpf(float(number)) - exact) <= TOLERANCE * max(1, abs(exact)), (name, way, z, number)
    with np.errstate(all="ignore"):
        values = activation.function(ODD)
        slopes = activation.derivative(ODD, values)
    found, steep = activation_forms(activation, ODD)["batch"]
    np.testing.assert_array_equal(found, values)
    np.testing.assert_allclose(steep, slopes, rtol=1e-15)


def test_fused_forms_take_the_parameters_of_the_object():
    z = np.linspace(-4.0, 4.0, 21)
    for activation in (ns.activation("leaky_relu", slope=-3.0), ns.activation("leaky_relu", slope=0.25),
                       ns.activation("elu", alpha=2.5), ns.activation("elu", alpha=0.0)):  # fmt: skip
        for found, slopes in activation_forms(activation, z).values():
            np.testing.assert_allclose(found, activation.function(z), rtol=1e-14)
            np.testing.assert_allclose(slopes, activation.derivative(z, found), rtol=1e-14)


def test_fused_losses_are_the_losses_for_any_number_of_samples():
    for loss in (ns.loss("huber", delta=0.3), *lookup.default.all(Loss)):
        if loss.origin.startswith("nodesim "):
            assert_agrees(loss)


def assert_agrees(loss):
    rng = np.random.default_rng(0)
    function, derivative = loss.sum_function or loss.function, loss.sum_derivative or loss.derivative
    for n_samples in (1, 7, 8, 32, 39):
        for scale in (1e-3, 1.0, 30.0, 1e3, 1e300):
            y, a = rng.uniform(0, 1, (3, n_samples)), rng.normal(0, scale, (3, n_samples))
            y[rng.uniform(size=y.shape) < 0.3] = 0.0
            a[0, ::2] = y[0, ::2]
            with np.errstate(all="ignore"):
                wanted, slopes = function(y, a), derivative(y, a)
            errors, seeds = loss_form(loss, y, a)
            np.testing.assert_allclose(errors, wanted, rtol=1e-13, atol=1e-15)
            np.testing.assert_allclose(seeds, slopes, rtol=1e-12, atol=1e-16 * min(1.0, np.abs(slopes).max()))


def enclosed(slope):
    """Return a leaky relu over a variable, its derivative, and what sets the variable."""

    def function(z):
        return np.where(z > 0, z, slope * z)

    def derivative(z, a):
        return np.where(z > 0, 1.0, slope)

    def change(value):
        nonlocal slope
        slope = value

    return function, derivative, change


def by_default(z, slope=0.25):
    return np.where(z > 0, z, slope * z)


def slope_by_default(z, a, slope=0.25):
    return np.where(z > 0, 1.0, slope)


def bounded(z):
    return np.clip(z, -1, 1) + np.maximum(z, 0) - np.minimum(z, 2.0) * np.full_like(z, 0.5)


def slope_bounded(z, a):
    return 1.0 * (np.abs(z) < 1) + np.where(z > 0, 1, 0) - 0.5 * (z < 2.0)


def clip(z):
    """Has the name of the function that it calls."""
    return np.clip(z, None, 1.5)


steepness = 0.5
WAYS = {
    "where, clip, maximum": (bounded, slope_bounded, ""),
    "a closure": (*enclosed(0.2)[:2], ""),
    "defaults": (by_default, slope_by_default, ""),
    "its own name": (clip, lambda z, a: np.where(z < 1.5, 1.0, np.zeros_like(z)), ""),
    "exp and tanh": (lambda z: z / (1 + np.exp(-z)) + np.tanh(z),
                     lambda z, a: (1 + np.exp(-z) + z * np.exp(-z)) / (1 + np.exp(-z)) ** 2 + 1 - np.tanh(z) ** 2, ""),
    "scipy": (lambda z: erf(z) + scipy.special.expit(z),
              lambda z, a: 2 / np.sqrt(np.pi) * np.exp(-z * z) + scipy.special.expit(z) * scipy.special.expit(-z), ""),
    "a variable": (lambda z: steepness * z, lambda z, a: steepness + 0 * z, "number steepness of its module"),
    "a method": (lambda z: z.clip(0, 1), lambda z, a: 1.0 * ((z > 0) & (z < 1)), "Unknown attribute 'clip'"),
    "numerical": (bounded, "numerical", "the derivative is no plain function, but a NumericalDerivative"),
    "other numbers": (lambda z: z + (z.ndim if hasattr(z, "ndim") else 0), lambda z, a: 1 + 0 * z, "the function"),
    "a defaulted list": (lambda z, k=[1.0]: k[0] * z, lambda z, a: 1 + 0 * z, "has a list as a default"),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_function_is_compiled_or_it_is_said_why_not(way):
    function, derivative, why = WAYS[way]
    activation = ns.Activation("mine", function, derivative)
    kernel = activation_kernel(activation)
    assert kernel.native == (not why)
    assert why in kernel.why
    assert bool(kernel.why) == bool(why)
    assert way_of(activation).startswith("NumPy, called" if why else "compiled")
    z = np.random.default_rng(1).normal(0, 3, 43)
    for found, slopes in activation_forms(activation, z).values():
        np.testing.assert_allclose(found, activation.function(z), rtol=1e-13, atol=1e-15)
        np.testing.assert_allclose(slopes, activation.derivative(z, found), rtol=1e-12, atol=1e-14)


def trained(activation, engine, weights):
    """Return what a network predicts, and its weights after some training in every manner."""
    net = ns.Network.layered([2, 3, 2], activation, "sigmoid", seed=1)
    net.engine, net.weights = engine, weights
    x, y = [[0.5, -1.0], [1.0, 2.0], [-2.0, 0.3]] * 12, [[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]] * 12
    before = net.predict(x)
    for size in (1, 7, 36):
        net.fit(x, y, epochs=2, batch_size=size, learning_rate=0.05, shuffle=False)
    net.forward([0.1, -0.7]), net.backward([0.0, 1.0])
    return np.concatenate([before.ravel(), net.weights, net.gradients])


def test_what_a_compiled_function_refers_to_is_never_stale():
    function, derivative, change = enclosed(0.2)
    closed, defaulted = ns.Activation("closed", function, derivative), ns.Activation("d", by_default, slope_by_default)
    weights = np.random.default_rng(2).normal(size=17)

    def set_defaults(value):
        by_default.__defaults__ = slope_by_default.__defaults__ = (value,)

    try:
        for activation, change_it in ((closed, change), (defaulted, set_defaults)):
            assert activation_kernel(activation).native
            seen = []
            for slope in (0.25, -0.5, 0.25, 3):
                change_it(slope)
                leaky = trained(ns.activation("leaky_relu", slope=slope), "nodes", weights)
                np.testing.assert_allclose(trained(activation, "native", weights), leaky, rtol=1e-10, atol=1e-13)
                seen.append(leaky)
            assert not np.allclose(seen[0], seen[1])
    finally:
        set_defaults(0.25)


def test_whoever_lets_go_of_a_function_lets_go_of_what_it_holds():
    class Held:
        pass

    def made(compiles):
        held, factor = Held(), 0.5
        function = (lambda z: factor * z) if compiles else (lambda z: (held, factor)[1] * z)
        function.held = held
        net = ns.Network.layered([2, 2, 1], ns.Activation("mine", function, lambda z, a: factor + 0 * z), seed=0)
        net.engine = "native"
        net.fit([[1.0, 2.0]], [[1.0]], epochs=2)
        return weakref.ref(held)

    for compiles in (True, False):
        held = made(compiles)
        gc.collect()
        assert held() is None, compiles
