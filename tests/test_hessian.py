"""Second derivatives of e: as jax has them, as sympy has them, and as what they are made of adds up."""

from __future__ import annotations

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
LOSSES = {
    "mse": lambda y, o: ((y - o) ** 2).mean(0),
    "half_squared_error": lambda y, o: 0.5 * ((y - o) ** 2).sum(0),
    "log_cosh": lambda y, o: jnp.log(jnp.cosh(y - o)).mean(0),
    "huber": lambda y, o: jnp.where(abs(y - o) <= 1.0, (y - o) ** 2 / 2, abs(y - o) - 0.5).mean(0),
    "binary_cross_entropy": lambda y, o: (jax.nn.softplus(o) - y * o).mean(0),
    "softmax_cross_entropy": lambda y, o: -(y * jax.nn.log_softmax(o, axis=0)).sum(0),
}
SIZE, BATCH = 32, 2
AGGREGATIONS = {
    "sum": lambda c: c.sum(0),
    "product": lambda c: c.prod(0),
    "max": lambda c: c.max(0),
    "min": lambda c: c.min(0),
    "mean": lambda c: c.mean(0),
    "norm": lambda c: jnp.sqrt((c * c).sum(0)),
}


@pytest.fixture(autouse=True)
def double_precision():
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def error_in_jax(net, x, y, shares=None, masks=None, penalty=None):
    """Return e as a function of the weights in connection order, by walking the networkx graph."""
    order, loss = list(nx.topological_sort(net.graph)), net.loss.name
    x, y = jnp.asarray(np.atleast_2d(x)), jnp.asarray(np.atleast_2d(y)).T
    place = {connection: number for number, connection in enumerate(net.connections)}
    # In connection order, as at ties the first one counts.
    into = {node: sorted((d["connection"] for _, _, d in net.graph.in_edges(node, data=True)), key=place.get) for node in order}
    fused = loss in ("binary_cross_entropy", "softmax_cross_entropy")

    def error(weights):
        sums, sent = {}, {}
        for node in order:
            if node.kind == "input":
                sent[node] = x[:, net.inputs.index(node)]
            elif node.kind == "bias":
                sent[node] = jnp.full(len(x), node.value)
            else:
                coming = [weights[place[c]] * sent[c.source] for c in into[node]]
                join = AGGREGATIONS[node.aggregation.name]
                sums[node] = join(jnp.stack(coming)) if coming else jnp.zeros(len(x))
                sent[node] = ACTIVATIONS[node.activation.name](sums[node])
                if masks is not None:
                    sent[node] = sent[node] * masks[node]
        errors = LOSSES[loss](y, jnp.stack([(sums if fused else sent)[node] for node in net.outputs]))
        whole = (errors * (1.0 if shares is None else shares)).mean()
        return whole if penalty is None else whole + penalty(weights)

    return error


def checked(net, x, y, **more):
    """Compare the matrix with jax's; return both."""
    # Filled up to one size for all networks: what jax compiles for the first of them serves the others.
    count = len(net.weights)
    filled = jnp.zeros(SIZE).at[:count].set(net.weights)
    expected = np.asarray(jax.hessian(error_in_jax(net, x, y, **more))(filled))[:count, :count]
    matrix = np.asarray(net.hessian())
    scale = max(1.0, np.abs(expected).max())
    assert np.abs(matrix - expected).max() <= 1e-10 * scale
    assert (matrix == matrix.T).all()
    return matrix, expected


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


@pytest.mark.parametrize("seed", range(100))
def test_matrix_is_that_of_jax(seed):
    loss = list(LOSSES)[seed % len(LOSSES)]
    net, rng = random_network(seed, activations=ACTIVATIONS, loss=loss, max_hidden=4)
    if seed % 3 == 0:
        joined(net, rng)
    batch = BATCH
    weights = rng.random(batch) + 0.1 if seed % 2 else None
    l2 = 0.3 if seed % 5 == 0 else None
    x, y = run(net, rng, batch, sample_weight=weights, l2=l2, l1=l2)
    shares = None if weights is None else weights / weights.mean()
    penalty = None if l2 is None else lambda w: 0.15 * (w * w).sum() + 0.3 * abs(w).sum()
    matrix, expected = checked(net, x, y, shares=shares, penalty=penalty)

    scale, v = max(1.0, np.abs(matrix).max()), rng.standard_normal(len(matrix))
    assert np.abs(net.hvp(v) - expected @ v).max() <= 1e-10 * scale * np.abs(v).sum()
    one, other = (str(name) for name in rng.choice([c.name for c in net.connections], 2))
    entry = net.hessian(one, other)
    assert entry == net.hessian(other, one)
    assert abs(entry - net.hessian()[one, other]) <= 1e-14 * scale
    table = entry.by_node()
    size = sum(abs(row.value) for row in table)
    assert abs(sum(row.value for row in table) - entry) <= 1e-13 * max(size, abs(entry))
    assert np.abs(sum((row.values for row in table), np.zeros(batch)) - entry.values).max() <= 1e-12 * max(1.0, size)
    assert abs(np.mean(entry.values) - entry) <= 1e-13 * max(size, abs(entry))


def test_of_one_layer_and_one_sample_the_matrix_is_of_rank_one():
    net = ns.Network.layered([4, 1], seed=0)
    net.forward(x := [0.5, -1.0, 2.0, 0.25])
    net.backward([0.3])
    given = np.array([*x, 1.0])
    assert np.allclose(np.asarray(net.hessian()), 2.0 * np.outer(given, given), rtol=1e-14, atol=0.0)
    assert np.linalg.matrix_rank(np.asarray(net.hessian()), tol=1e-12) == 1


def test_by_formula():
    sympy = pytest.importorskip("sympy")
    net = ns.Network.layered([1, 1, 1], hidden="tanh", bias=False, seed=0)
    net.forward([0.7])
    net.backward([0.2])
    a, b = sympy.symbols("a b")
    e = (sympy.Rational(1, 5) - b * sympy.tanh(a * sympy.Rational(7, 10))) ** 2
    values = dict(zip((a, b), map(sympy.Float, net.weights.tolist())))
    expected = [[float(sympy.diff(e, one, other).evalf(20, subs=values)) for other in (a, b)] for one in (a, b)]
    assert np.allclose(np.asarray(net.hessian()), expected, rtol=1e-13)
    kinds = {(row.node, row.kind) for row in net.hessian("W1", "W2").by_node()}
    assert len(kinds) == len(net.hessian("W1", "W2").by_node())


def test_a_tied_weight_has_the_sum_over_its_uses():
    net = ns.Network.layered([2, 3, 2], hidden="tanh", seed=0)
    net.tie("W1", "W4", "W11", name="Wr")
    rng = np.random.default_rng(0)
    run(net, rng, 3)
    whole, uses = net.hessian(), [use.name for use in net["Wr"].uses]
    assert net.hessian("Wr", "W2") == pytest.approx(sum(whole[use, "W2"] for use in uses), rel=1e-13)
    square = sum(whole[one, other] for one in uses for other in uses)
    assert net.hessian("Wr", "Wr") == pytest.approx(square, rel=1e-13)


def test_what_has_no_second_derivatives_is_refused():
    net = ns.Network.layered([2, 2, 1], seed=0)
    with pytest.raises(ns.StateError, match=r"run network\.forward"):
        net.hessian()
    net.forward([0.5, 1.0])
    net.backward([1.0], clip=1e-3)
    with pytest.raises(ns.NodesimError, match="clip"):
        net.hessian()
    net.forward([0.5, 1.0])
    net.backward([1.0])
    with pytest.raises(ns.NodesimError, match="9"):
        net.hvp([1.0, 2.0])
    with pytest.raises(ns.UnknownNameError):
        net.hessian("W1", "W99")
