"""Slopes and derivatives of losses, to 1e-12 of themselves, on every engine, in training and on the page.

How small a slope is decides what a saturated node still learns, so here an error counts as a share of the number, not
of 1. The oracle is arithmetic with 50 digits.
"""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from test_copies import NODE, page_numbers, program
from test_functions import EXACT

import nodesim as ns

RELATIVE, OF_LARGEST_TERM, SMALLEST = mp.mpf("1e-12"), mp.mpf("1e-15"), mp.mpf("1e-300")


def _spread():
    rng = np.random.default_rng(3)
    tiny, ordinary = 10 ** rng.uniform(-300, -3, 30), 10 ** rng.uniform(-3, np.log10(700), 80)
    # Where forms change over, the ends, and next to the zeros of silu's, gelu's and mish's slope.
    chosen = [1e-300, 3.4657, 3.5, 5.99, 6.0, 6.24, 15.0, 25.0, 35.9, 36.1, 345.0, 690.0, 700.0,
              1.278, 1.2784645427610738, 0.752, 0.7517915246935645, 1.192, 1.1924335]  # fmt: skip
    sizes = np.concatenate([tiny, ordinary, chosen])
    return np.concatenate([sizes, -sizes])


POINTS = _spread()


def _sigmoid(z):
    return 1 / (1 + mp.exp(-z))


# Of slopes that cross 0 the largest term, beside which rounding shows.
LARGEST_TERM = {
    "silu": lambda z: max(_sigmoid(z), abs(z) * _sigmoid(z) * _sigmoid(-z)),
    "gelu": lambda z: max(mp.erfc(-z / mp.sqrt(2)) / 2, abs(z) * mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)),
    "mish": lambda z: abs(EXACT["mish"][0](z) / z),
}
PARAMETERS = {
    "leaky_relu(slope=1e-09)": lambda z: 1 if z > 0 else mp.mpf(1e-9),
    "elu(alpha=0.7)": lambda z: 1 if z > 0 else mp.mpf(0.7) * mp.exp(z),
}
SLOPES = {**{name: slope for name, (_, slope) in EXACT.items() if slope}, **PARAMETERS}


def _exact(name):
    with mp.workdps(50):
        points = [mp.mpf(float(z)) for z in POINTS]
        terms = [LARGEST_TERM[name](z) if name in LARGEST_TERM else mp.mpf(0) for z in points]
        return [mp.mpf(SLOPES[name](z)) for z in points], terms


EXACTLY = {name: _exact(name) for name in SLOPES}


def wrong(found, exact, terms):
    """Return which numbers are further from the exact ones than is allowed."""
    return [
        (float(POINTS[i % len(POINTS)]), float(got), float(want))
        for i, (got, want, term) in enumerate(zip(found, exact, terms))
        if abs(want) > SMALLEST and not abs(mp.mpf(float(got)) - want) <= max(RELATIVE * abs(want), OF_LARGEST_TERM * term)
    ]  # fmt: skip


# ∂e/∂OA is 1 at every output: what arrives at the sum is the slope itself.
TOTAL = ns.Loss("total", lambda target, output: output.sum(axis=0), lambda target, output: np.ones_like(output))


def side_by_side(engine, loss, activation, count):
    """Return a network of outputs that are each fed by an input of their own, and by a bias with weight 0."""
    net = ns.Network(loss, seed=0)
    net.engine = engine
    bias = net.add_bias()
    for _ in range(count):
        one = net.connect(net.add_input(), net.add_output(activation=activation), 1.0)
        one.trainable = False
        net.connect(bias, one.target, 0.0)
    return net


def learnt(net, x, y, optimizer="sgd"):
    """Return ∂e/∂O of the outputs by one step of training: with rate 1 the weight of a bias becomes minus that."""
    net.weights = np.tile([1.0, 0.0], len(net.outputs))
    net.fit(x, y, epochs=1, batch_size=len(x), learning_rate=1.0, optimizer=optimizer)
    return -net.weights[1::2]


def test_slopes(engine):
    zeros = np.zeros(len(POINTS))
    one, several = ((np.tile(POINTS, (n, 1)), np.tile(zeros, (n, 1))) for n in (1, 3))
    for name, exactly in EXACTLY.items():
        net, found = side_by_side(engine, TOTAL, name, len(POINTS)), {}
        net.forward(POINTS), net.backward(zeros)
        found["one sample"] = [node.delta for node in net.outputs]
        net.forward(several[0]), net.backward(several[1])
        found["a batch"] = [node.delta[1] for node in net.outputs]
        found["online training"] = learnt(net, *one)
        found["training by single samples"] = learnt(net, *one, "momentum")
        found["training by batches"] = learnt(net, *several)
        for way, slopes in found.items():
            assert not wrong(slopes, *exactly), (name, way)


@pytest.mark.skipif(NODE is None, reason="the page's code runs in node")
def test_slopes_on_the_page():
    body = """
        const numbers = data.programs.flatMap((_, program) => {
            const { call, derivative } = activationOf(data, { program });
            return data.z.map((z) => derivative(z, call(z)));
        });
    """
    data = {"programs": [program(ns.activation(name)) for name in SLOPES], "z": POINTS.tolist()}
    for name, slopes in zip(SLOPES, page_numbers(body, data).reshape(len(SLOPES), -1)):
        assert not wrong(slopes, *EXACTLY[name]), name


def _saturated(loss):
    """Return targets, outputs and their exact derivatives for many samples of three outputs: one is ahead, by far."""
    rng = np.random.default_rng(4)
    target, output = [], []
    for _ in range(200):
        hard = np.eye(3)[rng.integers(3)] if loss == "softmax_cross_entropy" else rng.integers(0, 2, 3).astype(float)
        target.append(hard)
        ahead = 10 ** rng.uniform(-2, np.log10(650))
        output.append(rng.normal(0, 1, 3) + ahead * np.eye(3)[rng.integers(3)] * rng.choice([-1.0, 1.0]))
    target, output = np.transpose(target), np.transpose(output)
    exact = []
    with mp.workdps(600):
        for y, o in zip(target.T, output.T):
            y, o = [mp.mpf(float(v)) for v in y], [mp.mpf(float(v)) for v in o]
            whole = sum(mp.exp(v) for v in o)
            soft = loss == "softmax_cross_entropy"
            exact.append([mp.exp(v) / whole * sum(y) - t if soft else (_sigmoid(v) - t) / 3 for t, v in zip(y, o)])
    return target, output, np.transpose(exact)


@pytest.mark.parametrize("name", ["binary_cross_entropy", "softmax_cross_entropy"])
def test_what_is_left_where_an_output_is_all_but_right(engine, name):
    target, output, exact = _saturated(name)
    net = side_by_side(engine, name, "sigmoid" if name == "binary_cross_entropy" else "linear", 3)
    net.forward(output.T), net.backward(target.T)
    found = {"a batch": np.array([node.delta for node in net.outputs])}
    found["training"] = np.transpose([learnt(net, [o], [y]) for y, o in zip(target.T, output.T)])
    if NODE:
        body = "const numbers = data.y.flatMap((y, i) => lossOf(data, { program: 0 }).seed(y, data.a[i]));"
        data = {"programs": [program(ns.loss(name))], "y": target.T.tolist(), "a": output.T.tolist()}
        found["the page"] = page_numbers(body, data).reshape(-1, 3).T
    for way, derivatives in found.items():
        assert not wrong(derivatives.ravel(), exact.ravel(), [0] * exact.size), way


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_a_saturated_node_is_not_dead(engine, name):
    net = ns.Network.layered([1, 1, 1], name, bias=False, seed=0)
    net.engine = engine
    net.weights = [25.0, 1.0]
    net.forward([1.0]), net.backward([0.0])
    assert not list(net.dead_weights())
    (layer,) = [layer for layer in net.diagnose([[1.0]], [[0.0]]) if layer.name == "Hidden layer 1"]
    with mp.workdps(50):
        assert abs(layer.slopes - SLOPES[name](mp.mpf(25))) <= RELATIVE * layer.slopes
    assert (layer.verdict, layer.dead, layer.saturated) == ("vanishes", (), ("H1",))
