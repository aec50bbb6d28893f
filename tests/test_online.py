"""Tiny networks trained sample by sample in native form, by any optimizer: against the plugins' own steps."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import random_network, random_samples

import nodesim as ns
from nodesim.engines import early_stopping
from nodesim.engines.training_task import Progress

pytest.importorskip("numba")
from nodesim.engines.native.trainer import OnlineTrainer

OPTIMIZERS = [
    *map(ns.optimizer, ("sgd", "momentum", "nesterov", "adam", "rmsprop", "rprop")),
    ns.optimizer("adam", beta1=0.5, beta2=0.9, epsilon=1e-3), ns.optimizer("rprop", shrink=0.3, grow=1.5),
]  # fmt: skip


def sums(count, loss="mae"):
    """Make O = Σ W·I, whose error by mae has the gradients ±I, to the last bit."""
    net = ns.Network.layered([count, 1], bias=False, output="linear", loss=loss, seed=0)
    net.engine = "native"
    return net


def trained(net, optimizer, x, y, state, trainable, rate, epochs=1):
    """Train by one call of the trainer that is used for that."""
    trainer = net.simulator.trainer(optimizer, x, y, 1)
    assert isinstance(trainer, OnlineTrainer)
    progress, orders = Progress(np.zeros(epochs), 0, 1), np.tile(np.arange(x.shape[1]), (epochs, 1))
    trainer.train(net.weights, state, trainable, rate, orders, np.array(early_stopping.new_watch()), progress)
    net.weights = progress.weights
    return progress


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_steps_are_those_of_the_plugin(optimizer):
    """Gradients that keep their sign, turn, are 0, or too large for their square; weights that are frozen and thawed."""
    rng, count, rate = np.random.default_rng(5), 13, 0.01
    net = sums(count)
    net.weights = weights = rng.normal(size=count)
    # Of steps in proportion to gradients, such would make weights too large.
    largest = 1e170 if {"square", "size"} & set(optimizer.start(weights, rate) if optimizer.start else {}) else 1e100
    scales = np.array([1.0] * 8 + [0.0, 1e-160, 1e-8, 1e8, largest])
    gradients = rng.normal(size=(3, 7, count)) * rng.choice([-1.0, 1.0, 1.0, 0.0], (3, 7, count)) * scales
    state = optimizer.start(weights, rate) if optimizer.start else {}
    found = dict(state)
    for turn, part in enumerate(gradients):
        learns = rng.random(count) < (0.6 if turn == 1 else 1.1)
        # d is 1 where the target is far below, and −1 where it is far above.
        signs = rng.choice([-1.0, 1.0], len(part))
        trained(net, optimizer, (part * signs[:, None]).T, -1e300 * signs[None, :], found, learns, rate)
        for g in part:
            own = {key: value[learns] if np.ndim(value) else value for key, value in state.items()}
            with np.errstate(all="ignore"):
                new, own = optimizer.step(weights[learns], g[learns], own, rate)
            weights, state = weights.copy(), {key: np.array(value) for key, value in state.items()}
            weights[learns] = new
            for key, value in own.items():
                state[key][learns if np.ndim(value) else ()] = value
        assert net.weights == pytest.approx(weights, rel=1e-13, abs=1e-15)
        assert set(found) == set(state)
        for key, value in state.items():
            assert found[key] == pytest.approx(value, rel=1e-13, abs=0), key


@pytest.mark.parametrize("optimizer", OPTIMIZERS[1:6], ids=str)
def test_any_graph_follows_the_article(optimizer):
    """Errors, early stopping and weights; how many epochs one call makes does not change a bit."""
    for seed, loss in enumerate(("mse", "mae", "softmax_cross_entropy", "binary_cross_entropy", "mse")):
        output = "sigmoid" if loss == "binary_cross_entropy" else None
        net, rng = random_network(seed, activations=["tanh", "sigmoid", "silu"], loss=loss, output=output)
        x, y = random_samples(net, rng, 5)
        found = []
        for engine, callbacks in (("nodes", None), ("native", None), ("native", lambda epoch: None)):
            twin = net.copy()
            twin.engine = engine
            fit = {"learning_rate": 0.003, "batch_size": 1, "optimizer": optimizer, "patience": 9}
            history = twin.fit(x, y, epochs=30, callbacks=callbacks, **fit)
            found.append((history.errors, twin.weights, history.updates, history.stop_reason))
        nodes, native, singly = found
        assert native[0] == pytest.approx(nodes[0], rel=1e-10, abs=1e-13), seed
        assert native[1] == pytest.approx(nodes[1], rel=1e-9, abs=1e-12), seed
        assert native[2:] == nodes[2:]
        assert native[0] == singly[0]
        assert (native[1] == singly[1]).all()


@pytest.mark.parametrize("optimizer", OPTIMIZERS[1:6], ids=str)
def test_the_first_update_that_is_not_finite_is_not_made(optimizer):
    """∂e/∂W1 = I·W2·f'(W1·I) is infinite for the sixth sample, and W1 frozen: neither errors nor weights show it."""
    found = []
    for engine in ("nodes", "native"):
        net = ns.Network(loss="mae", seed=0)
        source, other, hidden, target = net.add_input(), net.add_input(), net.add_hidden(), net.add_output()
        target.activation = "linear"
        net.connect(source, hidden, 1e-200, trainable=False), net.connect(hidden, target, 1e200, trainable=False)
        net.connect(other, target, 0.5)
        net.engine = engine
        x, y = np.ones((300, 2)), np.zeros(300)
        x[:, 0] = 0.0
        x[265, 0] = 1e200
        history = net.fit(x, y, epochs=9, batch_size=1, learning_rate=0.01, shuffle=False, optimizer=optimizer)
        found.append((history.updates, history.stop_reason, net["W3"].weight))
    assert found[0][0] == 265
    assert found[1][:2] == found[0][:2]
    assert found[1][2] == pytest.approx(found[0][2], rel=1e-12)


def test_a_step_too_far_is_taken_back_with_all_that_is_remembered():
    """Gradients are −1: by momentum, the sixth step of the second epoch is the first beyond floats."""
    net, state = sums(1), {"velocity": np.zeros(1)}
    net.weights = [1.0]
    x = np.ones((1, 4))
    progress = trained(net, ns.optimizer("momentum"), x, 1.79e308 + 0 * x, state, np.ones(1, bool), 1.2e307, epochs=3)
    assert (progress.updates, progress.finite) == (5, False)
    velocities = [sum(0.9**k for k in range(n)) for n in range(1, 6)]
    assert net.weights == pytest.approx([1.2e307 * sum(velocities)], rel=1e-12)
    assert state["velocity"] == pytest.approx([-velocities[-1]], rel=1e-12)
