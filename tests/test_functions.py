"""Values and derivatives of the built-in functions, against 40-digit arithmetic, for every kind of double."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from helpers import built_in

import nodesim as ns
from nodesim import checks
from nodesim.functions import Activation

TOLERANCE = 4e-15
mp.mp.dps = 40
BIG = mp.mpf(np.finfo(float).max)

ORDINARY = np.concatenate([np.linspace(-45, 45, 301), np.random.default_rng(0).normal(0, 8, 200)])
TINY = [5e-324, 2.2e-308, 1e-200, 1e-100, 1e-30, 1e-17, 1e-16, 1e-9, 1e-8, 1e-5, 0.0]
LARGE = [36.7, 37.5, 38.6, 100.0, 700.0, 709.78, 710.0, 745.1, 746.0, 1e3, 1e5, 1e10, 1e15, 1e22, 1e100, 1e154, 1.4e154,
         1e200, 1e300, 1.7e308, 1.7976931348623157e308]  # fmt: skip
POINTS = np.concatenate([ORDINARY, TINY, np.negative(TINY), LARGE, np.negative(LARGE)])


def _sigmoid(z):
    return 1 / (1 + mp.exp(-z)) if z >= 0 else mp.exp(z) / (1 + mp.exp(z))


def _tanh_softplus(z):
    # tanh(log(1 + e^z)) = ((1 + e^z)^2 - 1) / ((1 + e^z)^2 + 1)
    if z > 200:
        return mp.mpf(1)
    square = (1 + mp.exp(z)) ** 2
    return mp.exp(z) * (mp.exp(z) + 2) / (square + 1)


def _phi(z):
    return mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi) if abs(z) < 1e4 else mp.mpf(0)


def _normal_below(z):
    return mp.erfc(-z / mp.sqrt(2)) / 2 if abs(z) < 1e4 else mp.mpf(z > 0)


ALPHA, SCALE = mp.mpf("1.6732632423543772848170429916717"), mp.mpf("1.0507009873554804934193349852946")
EXACT = {
    "linear": (lambda z: z, lambda z: 1),
    "sigmoid": (_sigmoid, lambda z: _sigmoid(z) * _sigmoid(-z)),
    "tanh": (mp.tanh, lambda z: 1 / mp.cosh(z) ** 2 if abs(z) < 1000 else 0),
    "relu": (lambda z: max(z, 0), lambda z: int(z > 0)),
    "leaky_relu": (lambda z: z if z > 0 else mp.mpf(0.01) * z, lambda z: 1 if z > 0 else mp.mpf(0.01)),
    "elu": (lambda z: z if z > 0 else mp.expm1(z), lambda z: 1 if z > 0 else mp.exp(z)),
    "selu": (
        lambda z: SCALE * (z if z > 0 else ALPHA * mp.expm1(z)),
        lambda z: SCALE * (1 if z > 0 else ALPHA * mp.exp(z)),
    ),
    "softplus": (lambda z: max(z, 0) + mp.log1p(mp.exp(-abs(z))), _sigmoid),
    "softsign": (lambda z: z / (1 + abs(z)), lambda z: 1 / (1 + abs(z)) ** 2),
    "silu": (lambda z: z * _sigmoid(z), lambda z: _sigmoid(z) * (1 + z * _sigmoid(-z))),
    "gelu": (lambda z: z * _normal_below(z), lambda z: _normal_below(z) + z * _phi(z)),
    "mish": (
        lambda z: z * _tanh_softplus(z),
        lambda z: _tanh_softplus(z) + z * (1 - _tanh_softplus(z) ** 2) * _sigmoid(z),
    ),
    "hard_sigmoid": (lambda z: min(max(z / 6 + mp.mpf(1) / 2, 0), 1), lambda z: mp.mpf(1) / 6 if abs(z) < 3 else 0),
    "hard_tanh": (lambda z: min(max(z, -1), 1), lambda z: int(abs(z) < 1)),
    "gaussian": (
        lambda z: mp.exp(-z * z) if abs(z) < 1e4 else 0,
        lambda z: -2 * z * mp.exp(-z * z) if abs(z) < 1e4 else 0,
    ),
    "sine": (lambda z: _wide(mp.sin, z), lambda z: _wide(mp.cos, z)),
    "step": (lambda z: int(z >= 0), None),
}


def _wide(function, z):
    # Reducing 1.8e308 modulo π takes 308 digits more.
    with mp.workdps(380):
        return function(z)


def test_every_activation_has_an_exact_form():
    assert set(EXACT) == {activation.name for activation in built_in(Activation)}


def _agree(found, exact, points):
    for z, got, want in zip(points, found, exact):
        want = mp.mpf(want)
        if abs(want) > BIG:
            assert np.isinf(got), (z, got, want)
        else:
            assert abs(mp.mpf(float(got)) - want) <= TOLERANCE * max(1, abs(want)), (z, got, want)


@pytest.mark.parametrize("name", EXACT)
def test_activation_is_exact(name):
    activation = ns.activation(name)
    value, derivative = EXACT[name]
    # The tests turn every warning into an error.
    found = activation.function(POINTS)
    _agree(found, [value(mp.mpf(float(z))) for z in POINTS], POINTS)
    if derivative is None:
        with pytest.raises(ns.FunctionError, match="'step' has no derivative"):
            activation.derivative(POINTS, found)
    else:
        _agree(activation.derivative(POINTS, found), [derivative(mp.mpf(float(z))) for z in POINTS], POINTS)


def _bce(t, o):
    return -(t * mp.log(o) + (1 - t) * mp.log1p(-o)) if 0 < o < 1 else mp.mpf(0)


def _bce_sums(t, s):
    return max(s, 0) - t * s + mp.log1p(mp.exp(-abs(s)))


PAIRED = {
    "mse": (lambda t, o: (t - o) ** 2, lambda t, o: 2 * (o - t)),
    "mae": (lambda t, o: abs(t - o), lambda t, o: mp.sign(o - t)),
    "half_squared_error": (lambda t, o: (t - o) ** 2 / 2, lambda t, o: o - t),
    "huber": (
        lambda t, o: (t - o) ** 2 / 2 if abs(t - o) <= 1 else abs(t - o) - mp.mpf(1) / 2,
        lambda t, o: min(max(o - t, -1), 1),
    ),
    "log_cosh": (
        lambda t, o: abs(t - o) + mp.log1p(mp.exp(-2 * abs(t - o))) - mp.log(2),
        lambda t, o: mp.tanh(o - t),
    ),
}


@pytest.mark.parametrize("name", PAIRED)
def test_loss_of_a_difference_is_exact(name):
    loss = ns.loss(name)
    value, derivative = PAIRED[name]
    # The target is 0: the difference itself is then exact, and what is tested is the function of it.
    target, output = np.zeros((1, len(POINTS))), POINTS[None, :]
    zero = mp.mpf(0)
    _agree(loss.function(target, output), [value(zero, mp.mpf(float(z))) for z in POINTS], POINTS)
    _agree(loss.derivative(target, output)[0], [derivative(zero, mp.mpf(float(z))) for z in POINTS], POINTS)


@pytest.mark.parametrize("target", [0.0, 0.25, 1.0])
def test_binary_cross_entropy_of_sums_is_exact(target):
    loss = ns.loss("bce")
    targets, sums = np.full((1, len(POINTS)), target), POINTS[None, :]
    exact = [_bce_sums(mp.mpf(target), mp.mpf(float(z))) for z in POINTS]
    _agree(loss.sum_function(targets, sums), exact, POINTS)
    _agree(loss.sum_derivative(targets, sums)[0], [_sigmoid(mp.mpf(float(z))) - mp.mpf(target) for z in POINTS], POINTS)


def test_binary_cross_entropy_of_outputs():
    loss = ns.loss("bce")
    inside = np.array([5e-324, 1e-300, 1e-17, 0.25, 0.5, 1 - 2.0**-53])
    for target in (0.0, 0.3, 1.0):
        exact = [_bce(mp.mpf(target), mp.mpf(float(o))) for o in inside]
        _agree(loss.function(np.full((1, 6), target), inside[None, :]), exact, inside)
    saturated = np.array([[0.0, 1.0, 0.0, 1.0]])
    targets = np.array([[1.0, 0.0, 0.0, 1.0]])
    assert np.isfinite(loss.function(targets, saturated)).all()
    assert loss.function(targets, saturated)[2:].tolist() == [0.0, 0.0]
    assert np.isfinite(loss.derivative(targets, saturated)).all()


def test_binary_cross_entropy_at_an_output_of_exactly_0_and_1():
    """What is infinite there is that of the number next to it in the range of a double; what is 0 is 0 exactly."""
    loss, farthest = ns.loss("bce"), float(-mp.log(mp.mpf(2) ** -1074))
    for y in (0.0, 0.25, 0.75, 1.0):
        at_0, at_1 = loss.function(np.array([[y, y]]), np.array([[0.0, 1.0]]))
        assert at_0 == pytest.approx(y * farthest, rel=1e-15)
        assert at_1 == pytest.approx((1.0 - y) * farthest, rel=1e-15)
        slope_0, slope_1 = loss.derivative(np.array([[y, y]]), np.array([[0.0, 1.0]]))[0]
        # The steepest that a double can hold, downhill.
        assert slope_0 == pytest.approx(-y / 5.6e-309, rel=1e-15)
        assert slope_1 == pytest.approx((1.0 - y) / 5.6e-309, rel=1e-15)
    two = loss.function(np.array([[0.0], [1.0]]), np.array([[1.0], [1.0]]))
    assert two == pytest.approx([farthest / 2.0], rel=1e-15)


def test_saturated_binary_cross_entropy_still_learns(engine):
    net = ns.Network("binary_cross_entropy", seed=0)
    net.engine = engine
    net.add_input(), net.add_output(activation="sigmoid")
    net.connect("I1", "O1", weight=1000.0)
    assert net.error([1.0], [0.0]) == 1000.0
    net.backward([0.0])
    assert net["W1"].gradient == 1.0
    assert net.paths("W1").gradient == 1.0
    assert [factor.name for factor in next(iter(net.paths("W1"))).factors] == ["∂e/∂O1", "∂O1/∂W1"]


def test_softmax_cross_entropy_is_exact_and_stable():
    loss = ns.loss("softmax_cross_entropy")
    for outputs in (
        [1.0, 2.0, -3.0],
        [1e3, 0.0, -1e3],
        [1.7e308, -1.7e308, 0.0],
        [5e-324, 0.0, 0.0],
        [-700.0, -710.0, -745.0],
    ):
        for targets in ([0.0, 1.0, 0.0], [0.2, 0.3, 0.5], [0.5, 0.0, 1.5]):
            o, t = [mp.mpf(v) for v in outputs], [mp.mpf(v) for v in targets]
            top = max(o)
            lse = top + mp.log(sum(mp.exp(v - top) if v - top > -1e6 else 0 for v in o))
            exact = sum(a * (lse - b) for a, b in zip(t, o))
            column = np.array(targets)[:, None], np.array(outputs)[:, None]
            _agree(loss.function(*column), [exact], [outputs])
            slopes = [(mp.exp(v - lse) if v - lse > -1e6 else 0) * sum(t) - a for v, a in zip(o, t)]
            _agree(loss.derivative(*column)[:, 0], slopes, outputs)


@pytest.mark.parametrize("engine", ["nodes", "numpy"])
def test_an_error_of_0_is_no_minus_0(engine):
    net = ns.Network.layered([1, 2], output="linear", loss="softmax_cross_entropy", bias=False)
    net.weights, net.engine = [1000.0, -1000.0], engine
    net.forward([1.0])
    assert repr(net.backward([1.0, 0.0])) == repr(net.error([1.0], [1.0, 0.0])) == "0.0"


def test_entropy_names():
    for name in ("bce", "binary_crossentropy", "log_loss"):
        assert ns.loss(name).name == "binary_cross_entropy"
    for name in ("cross_entropy", "categorical_crossentropy", "entropy"):
        assert ns.loss(name).name == "softmax_cross_entropy"


def test_parameters():
    leaky = ns.activation("leaky_relu", slope=0.2)
    assert leaky.function(np.array([-1.0])) == -0.2
    assert leaky == ns.activation({"name": "leaky_relu", "parameters": {"slope": 0.2}})
    assert leaky != ns.activation("leaky_relu")
    assert ns.activation(leaky.specification) == leaky
    assert hash(leaky) == hash(ns.activation("leaky_relu", slope=0.2))
    assert ns.loss("huber", delta=2.0).function(np.zeros((1, 1)), np.full((1, 1), 5.0)) == 2.0 * (5.0 - 1.0)
    assert ns.Network(loss=ns.loss("huber", delta=2)).loss.parameters["delta"] == 2.0
    net = ns.Network()
    assert net.add_hidden(activation=leaky).activation is leaky
    with pytest.raises(ns.FunctionError, match=r"no parameter 'slop'. Did you mean 'slope'"):
        ns.activation("leaky_relu", slop=1)
    with pytest.raises(ns.FunctionError, match="must be a finite real number"):
        ns.activation("leaky_relu", slope=float("nan"))


def test_functions_are_refused_without_what_they_need():
    with pytest.raises(ns.FunctionError, match=r"no derivative .* derivative=lambda z, a"):
        ns.Activation("half", lambda z: z / 2)
    with pytest.raises(ns.FunctionError, match="needs a function of z"):
        ns.Activation("half", 3, lambda z, a: z)
    with pytest.raises(ns.FunctionError, match="needs a name"):
        ns.Activation("", lambda z: z, lambda z, a: z)
    with pytest.raises(ns.FunctionError, match="needs function"):
        ns.Loss("l", lambda t, o: t)
    with pytest.raises(ns.FunctionError, match="together or not at all"):
        ns.Loss("l", lambda t, o: t, lambda t, o: t, sum_function=lambda t, s: t)
    with pytest.raises(ns.FunctionError, match="needs step"):
        ns.Optimizer("o")
    with pytest.raises(ns.FunctionError, match="needs function"):
        ns.Initializer("i")


def test_numerical_differentiation_is_asked_for():
    cubic = ns.Activation("cubic", lambda z, k: k * z**3, "numerical", parameters={"k": 2.0})
    z = np.linspace(-3, 3, 13)
    assert cubic.derivative(z, cubic(z)) == pytest.approx(6 * z**2, abs=1e-8)
    assert cubic.with_parameters(k=1.0).derivative(z, z) == pytest.approx(3 * z**2, abs=1e-8)
    checks.check_activation(cubic)


def test_initializers():
    net = ns.Network.layered([30, 40, 20], initializer="he_normal", seed=0)
    first = [c.weight for c in net.connections if c.source.kind == "input"]
    assert np.std(first) == pytest.approx(np.sqrt(2 / 30), rel=0.1)
    assert all(c.weight == 0.0 for c in net.connections if c.source.kind == "bias")
    net.initialize("xavier_uniform")
    second = np.array([c.weight for c in net.connections if c.source.kind == "hidden"])
    bound = np.sqrt(6 / 60)
    assert 0.9 * bound < np.abs(second).max() <= bound
    net["W1"].trainable, net["W1"].weight = False, 7.0
    net.initialize(ns.initializer("constant", value=0.5))
    assert set(net.weights) == {0.5, 7.0}
