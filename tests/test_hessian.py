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
    expected = np.asarray(jax.hessian(error_in_jax(net, x, y, **more))(jnp.asarray(net.weights)))
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
    batch = int(rng.integers(1, 6))
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
