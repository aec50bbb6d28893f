"""Second derivatives of e: as jax has them, as sympy has them, and as what they are made of adds up."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import networkx as nx
import numpy as np
import pytest
from helpers import random_network, random_samples
from jax.scipy.special import erf

import nodesim as ns

ACTIVATIONS = {
    "linear": lambda z: z,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "leaky_relu": jax.nn.leaky_relu,
    "elu": jax.nn.elu,
    "softplus": jax.nn.softplus,
    "softsign": jax.nn.soft_sign,
    "silu": jax.nn.silu,
    "gelu": lambda z: z * (1.0 + erf(z / np.sqrt(2.0))) / 2.0,
    "mish": jax.nn.mish,
    "gaussian": lambda z: jnp.exp(-z * z),
    "sine": jnp.sin,
}


def mean(each, real):
    return jnp.where(real, each, 0.0).sum(0) / real.sum()


def softmax_cross_entropy(y, o, real):
    return -(y * jax.nn.log_softmax(jnp.where(real, o, -1e9), axis=0)).sum(0)


LOSSES = {
    "mse": lambda y, o, real: mean((y - o) ** 2, real),
    "half_squared_error": lambda y, o, real: 0.5 * jnp.where(real, (y - o) ** 2, 0.0).sum(0),
    "log_cosh": lambda y, o, real: mean(jnp.log(jnp.cosh(y - o)), real),
    "huber": lambda y, o, real: mean(jnp.where(abs(y - o) <= 1.0, (y - o) ** 2 / 2, abs(y - o) - 0.5), real),
    "binary_cross_entropy": lambda y, o, real: mean(jax.nn.softplus(o) - y * o, real),
    "softmax_cross_entropy": softmax_cross_entropy,
}


def length(squares):
    # The root of 0 has no slope; nodesim takes 0, and samples that fill up are all 0.
    return jnp.where(squares == 0.0, 0.0, jnp.sqrt(jnp.where(squares == 0.0, 1.0, squares)))


AGGREGATIONS = {
    "sum": lambda c, fed: jnp.where(fed, c, 0.0).sum(0),
    "product": lambda c, fed: jnp.where(fed, c, 1.0).prod(0),
    "max": lambda c, fed: jnp.where(fed, c, -jnp.inf).max(0),
    "min": lambda c, fed: jnp.where(fed, c, jnp.inf).min(0),
    "mean": lambda c, fed: jnp.where(fed, c, 0.0).sum(0) / fed.sum(),
    "norm": lambda c, fed: length(jnp.where(fed, c * c, 0.0).sum(0)),
}
# jax compiles anew for every other shape: all networks are of this one, filled up with nodes that nothing feeds.
NODES, WEIGHTS, OUTPUTS, SAMPLES = 14, 64, 3, 5
FUSED = ("binary_cross_entropy", "softmax_cross_entropy")


@pytest.fixture(autouse=True)
def double_precision():
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def error_in_jax(weights, network):
    """Return e of a network that is given as arrays; node after node, in topological order."""
    matrix = jnp.zeros((NODES + 1, NODES + 1)).at[network["sources"], network["targets"]].set(weights)[:-1, :-1]

    def node(numbers, place):
        sums, sent = numbers
        fed = network["fed"][:, place][:, None]
        coming = jnp.where(fed, matrix[:, place][:, None] * sent, 0.5)
        joined = fed | ~fed.any()
        total = jax.lax.switch(network["joins"][place], list(AGGREGATIONS.values()), coming, joined)
        total = jnp.where(fed.any(), total, sent[place])
        activated = jax.lax.switch(network["functions"][place], list(ACTIVATIONS.values()), total)
        return (sums.at[place].set(total), sent.at[place].set(activated * network["mask"][place])), None

    begin = jnp.zeros_like(network["sent"]), network["sent"]
    (sums, sent), _ = jax.lax.scan(node, begin, jnp.arange(NODES))
    outputs = jnp.where(network["fused"], sums, sent)[network["outputs"]]
    errors = jax.lax.switch(network["loss"], list(LOSSES.values()), network["y"], outputs, network["real"])
    penalties = network["l2"] / 2 * (weights**2).sum() + network["l1"] * abs(weights).sum()
    return (errors * network["shares"]).sum() + penalties


# Used for a second, not worth a minute of optimizing.
_QUICKLY = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}


@functools.partial(jax.jit, compiler_options=_QUICKLY)
def hessian_and_product(weights, network, v):
    gradient = jax.grad(error_in_jax)
    return jax.hessian(error_in_jax)(weights, network), jax.jvp(lambda w: gradient(w, network), (weights,), (v,))[1]


def in_jax(net, x, y, *, shares=None, l1=0.0, l2=0.0):
    """Return the weights and the network as arrays for `error_in_jax`."""
    x, y = np.atleast_2d(x), np.atleast_2d(y)
    order, n = list(nx.topological_sort(net.graph)), len(net.connections)
    place = {node: number for number, node in enumerate(order)}
    ends = np.full((2, WEIGHTS), NODES)
    ends[:, :n] = [[place[c.source] for c in net.connections], [place[c.target] for c in net.connections]]
    fed = np.zeros((NODES + 1, NODES + 1), bool)
    fed[tuple(ends[:, :n])] = True
    sent, mask = np.zeros((NODES, SAMPLES)), np.ones((NODES, SAMPLES))
    joins, functions = np.zeros((2, NODES), int)
    for node, row in place.items():
        if node.kind in ("input", "bias"):
            sent[row, : len(x)] = x[:, net.inputs.index(node)] if node.kind == "input" else node.value
            continue
        functions[row] = list(ACTIVATIONS).index(node.activation.name)
        joins[row] = list(AGGREGATIONS).index(node.aggregation.name) if node.incoming else 0
        if net.store.run.mask is not None:
            mask[row, : len(x)] = net.store.run.mask[node.row]
    weights, targets, each = np.zeros(WEIGHTS), np.zeros((OUTPUTS, SAMPLES)), np.zeros(SAMPLES)
    weights[:n], targets[: y.shape[1], : len(y)] = net.weights, y.T
    each[: len(x)] = (np.ones(len(x)) if shares is None else shares) / len(x)
    outputs = [place[node] for node in net.outputs]
    return weights, {
        "sources": ends[0], "targets": ends[1], "fed": fed[:-1, :-1], "joins": joins, "functions": functions,
        "mask": mask, "sent": sent, "y": targets, "shares": each, "l1": l1, "l2": l2,
        "outputs": np.array(outputs + [0] * (OUTPUTS - len(outputs))),
        "real": np.arange(OUTPUTS)[:, None] < len(outputs),
        "loss": list(LOSSES).index(net.loss.name), "fused": net.loss.name in FUSED,
    }  # fmt: skip


def checked(net, x, y, **more):
    """Compare the matrix with jax's, and a product with it; return the matrix."""
    n, (weights, network) = len(net.connections), in_jax(net, x, y, **more)
    v = np.zeros(WEIGHTS)
    v[:n] = np.random.default_rng(n).standard_normal(n)
    expected, product = map(np.asarray, hessian_and_product(weights, network, v))
    matrix = np.asarray(net.hessian())
    scale = max(1.0, np.abs(expected).max())
    assert np.abs(matrix - expected[:n, :n]).max() <= 1e-10 * scale
    assert (matrix == matrix.T).all()
    assert np.abs(net.hvp(v[:n]) - product[:n]).max() <= 1e-10 * scale * np.abs(v).sum()
    return matrix


def run(net, rng, batch, **more):
    x, y = random_samples(net, rng, batch)
    net.forward(x)
    net.backward(y, **more)
    return x, y


def joined(net, rng):
    """Let some of the hidden nodes make H by something else than the sum."""
    for node in net.hidden:
        if rng.random() < 0.6 and node.incoming:
            node.aggregation = str(rng.choice(list(AGGREGATIONS)))


# Every loss, with and without joins and weights of samples.
@pytest.mark.parametrize("seed", range(42))
def test_matrix_is_that_of_jax(seed):
    loss = list(LOSSES)[seed % len(LOSSES)]
    net, rng = random_network(seed, activations=ACTIVATIONS, loss=loss, max_hidden=4)
    if seed % 3 == 0:
        joined(net, rng)
    batch = int(rng.integers(1, 6))
    weights = rng.random(batch) + 0.1 if seed % 2 else None
    l2 = 0.3 if seed % 5 == 0 else 0.0
    x, y = run(net, rng, batch, sample_weight=weights, l2=l2, l1=l2)
    matrix = checked(net, x, y, shares=None if weights is None else weights / weights.mean(), l1=l2, l2=l2)

    scale = max(1.0, np.abs(matrix).max())
    one, other = (str(name) for name in rng.choice([c.name for c in net.connections], 2))
    entry = net.hessian(one, other)
    assert entry == net.hessian(other, one)
    assert abs(entry - net.hessian()[one, other]) <= 1e-13 * scale
    adds_up(entry, batch)


def adds_up(entry, batch):
    """Check that the terms of a second derivative are what it is, in each sample and in the mean."""
    table = entry.by_node()
    size = 1e-300 + sum((abs(np.asarray(row.values)) for row in table), np.zeros(batch))
    added = sum((row.values for row in table), np.zeros(batch))
    assert (np.abs(added - entry.values) <= 1e-12 * size).all()
    assert abs(table.value - entry) <= 1e-12 * np.max(size)
    assert abs(np.mean(entry.values) - entry) <= 1e-13 * np.max(size)


def test_dropout_counts():
    net = ns.Network.layered([3, 6, 2], hidden="tanh", seed=3)
    rng = np.random.default_rng(3)
    x, y = random_samples(net, rng, 5)
    net.forward(x, dropout=0.5)
    net.backward(y)
    checked(net, x, y)


@pytest.mark.parametrize("seed", [0, 1, 7, 10, 12])
def test_tie_is_the_sum_over_its_uses(seed):
    net, rng = random_network(seed, activations=ACTIVATIONS, max_hidden=4)
    first, second, other = (str(name) for name in rng.choice([c.name for c in net.connections], 3, replace=False))
    net.tie(first, second, name="Wr")
    run(net, rng, 3, l2=0.4)
    matrix, names = net.hessian(), net.hessian().names
    uses = [names.index(first), names.index(second)]
    whole, mixed = net.hessian("Wr", "Wr"), net.hessian("Wr", other)
    assert abs(whole - matrix.matrix[np.ix_(uses, uses)].sum()) <= 1e-12 * max(1.0, abs(whole))
    assert abs(mixed - matrix.matrix[uses, names.index(other)].sum()) <= 1e-12 * max(1.0, abs(mixed))
    adds_up(whole, 3)
    adds_up(mixed, 3)
    assert np.allclose(net.hvp({"Wr": 1.0}), matrix["Wr"], rtol=0.0, atol=1e-12 * np.abs(matrix).max())
    # As e has it: the shared weight moved, and the slope taken of its gradient.
    x, y, w, h = *random_samples(net, rng, 3), net["Wr"].weight, 1e-5
    slopes = []
    for step in (h, 0.0, -h):
        net["Wr"].weight = w + step
        net.forward(x)
        net.backward(y, l2=0.4)
        slopes.append((net["Wr"].gradient, None if step else float(net.hessian("Wr", "Wr"))))
    assert abs((slopes[0][0] - slopes[2][0]) / (2.0 * h) - slopes[1][1]) <= 1e-5 * max(1.0, abs(slopes[1][1]))


def test_one_sample_of_a_linear_network_with_one_output_bends_as_its_paths_do():
    # e = (y - w2·w1·x)²: along the gradient of the output the loss bends, one rank; what is left is the shared weight.
    net = ns.Network.layered([2, 1, 1], hidden="linear", bias=False, seed=1)
    net.weights = [0.5, -1.5, 2.0]
    net.forward([1.0, 3.0])
    net.backward([net["O1"].activated])
    matrix = np.asarray(net.hessian())
    assert np.linalg.matrix_rank(matrix, 1e-12) == 1
    of_output = np.array([2.0, 6.0, -4.0])
    assert np.allclose(matrix, 2.0 * np.outer(of_output, of_output), rtol=1e-14)


def test_small_network_is_that_of_sympy():
    sympy = pytest.importorskip("sympy")
    net = ns.Network.layered([1, 2, 1], hidden="sigmoid", output="tanh", seed=4)
    net.forward([0.7])
    net.backward([0.25], l2=0.5)
    w = sympy.symbols("w1:8")
    names = dict(zip(net.connections, w))
    sent = {net["I1"]: sympy.Rational(7, 10)} | dict.fromkeys(net.biases, 1)
    for node in [*net.hidden, *net.outputs]:
        total = sum(names[c] * sent[c.source] for c in node.incoming)
        sent[node] = 1 / (1 + sympy.exp(-total)) if node.kind == "hidden" else sympy.tanh(total)
    e = (sympy.Rational(1, 4) - sent[net["O1"]]) ** 2 + sympy.Rational(1, 4) * sum(each**2 for each in w)
    at = dict(zip(w, net.weights.tolist()))
    expected = np.array(sympy.hessian(e, w).evalf(25, subs=at), float)
    assert np.abs(np.asarray(net.hessian()) - expected).max() <= 1e-14 * np.abs(expected).max()


def traced(activation="tanh", loss="mse", **more):
    net = ns.Network.layered([2, 2, 1], hidden=activation, loss=loss, seed=0)
    net.forward([[0.5, 1.0], [-1.0, 0.25]])
    net.backward([[1.0], [0.0]], **more)
    return net


def test_functions_without_formulas_are_differenced():
    plain = ns.Activation("plain_tanh", np.tanh, lambda z, a: 1.0 - a * a)
    quartic = ns.Loss("plain_mse", lambda y, a: ((y - a) ** 2).mean(0), lambda y, a: -2.0 / len(y) * (y - a))
    other = np.asarray(traced(plain, quartic).hessian())
    assert np.abs(other - np.asarray(traced().hessian())).max() <= 1e-10 * np.abs(other).max()


def test_formula_that_is_another_function_counts_for_nothing():
    wrong = ns.Activation("wrong_tanh", np.tanh, lambda z, a: 1.0 - a * a, formula="sin(z)", derivative_formula="a")
    other = np.asarray(traced(wrong).hessian())
    assert np.abs(other - np.asarray(traced().hessian())).max() <= 1e-10 * np.abs(other).max()


def test_aggregation_without_second_partials_is_differenced():
    plain = ns.Aggregation("plain_squares", lambda c: (c * c).sum(axis=0), lambda c, h: 2.0 * c)
    net = ns.Network.layered([2, 2, 1], hidden="tanh", seed=0)
    for node in net.hidden:
        node.aggregation = plain
    net.forward([0.5, 1.0])
    net.backward([1.0])
    entry = net.hessian("W1", "W3")
    adds_up(entry, 1)
    sent, w = (0.5, 1.0), net.weights
    # Σ c² of two contributions: nothing but the slope of HA1, and the loss, joins them.
    assert {row.kind for row in entry.by_node()} == {"slope", "loss"} or entry.by_node()[0].value == 0.0
    own = net.hessian("W1", "W1").by_node()[0]
    delta = net["H1"].delta
    assert (own.node, own.kind) == ("H1", "plain_squares")
    assert abs(own.value - delta * 2.0 * sent[0] ** 2) <= 1e-10
    assert w.size == len(net.connections)


def test_refusals_name_what_is_wrong():
    net = traced()
    for call, error, words in (
        (lambda: net.hessian("W1"), ns.ArgumentError, "two weights"),
        (lambda: net.hessian("W1", "W77"), ns.UnknownNameError, "W77"),
        (lambda: net.hessian("W1", "H1"), ns.ArgumentTypeError, "H1"),
        (lambda: net.hessian("W1", "W2", sample=2), ns.PositionError, "sample 2"),
        (lambda: net.hvp([1.0]), ns.DataError, "9 connections"),
        (lambda: net.hvp({"W1": np.nan}), ns.ArgumentError, "v"),
        (lambda: net.hessian()[9, 0], ns.PositionError, "9"),
        (lambda: ns.Network.layered([2, 2, 1], seed=0).hessian(), ns.StateError, "forward"),
        (lambda: traced(clip=1e-3).hessian(), ns.FunctionError, "clip"),
        (lambda: traced(ns.Activation("own", np.tanh, "numerical")).hessian(), ns.FunctionError, "own"),
        (lambda: traced(ns.Activation("bent", np.abs, lambda z, a: np.abs(np.sin(1e9 * z)))).hessian(), ns.FunctionError, "bent"),
    ):  # fmt: skip
        with pytest.raises(error, match=words):
            call()
    large = ns.Network.layered([100, 50, 1], seed=0)
    large.forward(np.zeros(100))
    large.backward([1.0])
    with pytest.raises(ns.ArgumentError, match="hvp"):
        large.hessian()
    assert large.hvp(np.ones(len(large.connections))).shape == (5101,)
    assert large.hessian("W1", "W5100") == 0.0


def test_samples_are_those_of_the_mean():
    net = traced(sample_weight=[1.0, 3.0])
    each = [net.hessian("W1", "W7", sample) for sample in (0, 1)]
    assert net.hessian("W1", "W7").values.tolist() == [float(one) for one in each]
    assert abs(net.hessian("W1", "W7") - sum(each) / 2.0) <= 1e-16
    assert "W7" in str(net.hessian("W1", "W7").by_node())
    assert net.hessian().to_pandas().loc["W1", "W7"] == net.hessian()["W1", "W7"] == net.hessian()["W1"][6]
    assert net.hessian()[0, "W7"] == net.hessian()[0, 6]
