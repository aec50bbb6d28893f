"""Agreement with torch in float64 on random graphs: error, every gradient, and the sum over enumerated paths."""

from __future__ import annotations

import functools
import itertools
import math

import numpy as np
import pytest
import torch
from helpers import (
    ACTIVATIONS,
    LOSSES,
    SEEDS,
    iris,
    random_network,
    random_samples,
    steady_scales,
    torch_error,
    torch_outputs,
    torch_weights,
)
from hypothesis import given
from hypothesis import strategies as st

import nodesim as ns

TOLERANCE = 1e-12


# Every activation is met on its own and mixed with all others.
ALONE_OR_MIXED = st.sampled_from([[name] for name in ACTIVATIONS]) | st.just(list(ACTIVATIONS))


@pytest.mark.parametrize("loss", LOSSES)
@given(seed=SEEDS, activations=ALONE_OR_MIXED, batch=st.integers(1, 8))
def test_random_graph(engine, loss, seed, activations, batch):
    net, rng = random_network(seed, activations=activations, loss=loss)
    net.engine = engine
    x, y = random_samples(net, rng, batch)
    weights = torch_weights(net)
    expected = torch_error(net, x, y, weights)
    if expected.requires_grad:
        expected.backward()

    net.forward(x)
    error = net.backward(y)
    assert error == pytest.approx(expected.item(), rel=TOLERANCE, abs=TOLERANCE)
    scales = steady_scales(net) if net.connections else {}
    for connection in net.connections:
        paths = net.paths(connection)
        allowed = TOLERANCE * paths.scale
        if connection.trainable:
            grad = weights[connection].grad
            assert abs(connection.gradient - (0.0 if grad is None else grad.item())) <= TOLERANCE * scales[connection]
        assert abs(paths.gradient - connection.gradient) <= allowed
        assert paths.count < 10_000
        listed = list(paths)
        assert len(listed) == paths.count
        assert abs(math.fsum(path.product for path in listed) - connection.gradient) <= allowed


OPTIMIZERS = {
    "sgd": (lambda w: torch.optim.SGD(w, lr=0.1), 0.1),
    "momentum": (lambda w: torch.optim.SGD(w, lr=0.05, momentum=0.9), 0.05),
    "nesterov": (lambda w: torch.optim.SGD(w, lr=0.05, momentum=0.9, nesterov=True), 0.05),
    "adam": (lambda w: torch.optim.Adam(w), 0.001),
    "rmsprop": (lambda w: torch.optim.RMSprop(w), 0.01),
    "rprop": (lambda w: torch.optim.Rprop(w), 0.01),
}


def _problem(name):
    if name == "xor":
        x, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1], [1], [0]])
        return ns.Network.layered([2, 3, 1], seed=4), x, y
    x, classes = iris()
    # Not 1 and 0: rprop would drive softmax to its ends, where torch rounds derivatives to 0 that still have a sign.
    targets = np.full((len(x), 3), 0.05) + 0.85 * np.eye(3)[classes]
    return ns.Network.layered([4, 5, 3], loss="softmax_cross_entropy", seed=4), x, targets


@functools.cache
def _after_200_steps(name, problem):
    """Return the weights that torch arrives at; the same for every engine."""
    net, x, y = _problem(problem)
    weights = torch_weights(net)
    optimizer = OPTIMIZERS[name][0](list(weights.values()))
    for _ in range(200):
        optimizer.zero_grad()
        torch_error(net, x, y, weights).backward()
        optimizer.step()
    return np.array([weight.item() for weight in weights.values()])


@pytest.mark.parametrize("problem", ["xor", "iris"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_follows_torch_for_200_steps(name, problem, engine):
    net, x, y = _problem(problem)
    net.engine = engine
    by_hand = net.copy()
    rate = OPTIMIZERS[name][1]
    for _ in range(200):
        by_hand.forward(x)
        by_hand.backward(y)
        by_hand.update(rate, optimizer=name)
    net.fit(x, y, epochs=200, learning_rate=rate, optimizer=name)
    expected = _after_200_steps(name, problem)
    allowed = 1e-11 * np.abs(expected).max()
    assert np.abs(net.weights - expected).max() <= allowed
    assert np.abs(by_hand.weights - expected).max() <= allowed


THAWED = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1], [0.5, 2]]), np.array([[0.0], [1], [1], [0], [0.5]])


def _thawing():
    net = ns.Network.layered([2, 3, 1], hidden="tanh", seed=4)
    return net, (net["W2"], net["W11"])


@functools.cache
def _after_thawing(name, batch):
    """Return errors and weights of torch, which leaves alone what has no gradient; the same for every engine."""
    (net, frozen), (x, y), errors = _thawing(), THAWED, []
    weights = torch_weights(net)
    optimizer = OPTIMIZERS[name][0](list(weights.values()))
    for epoch in range(1, 8):
        errors.append(0.0)
        for part in (slice(first, first + batch) for first in range(0, 5, batch)):
            optimizer.zero_grad()
            error = torch_error(net, x[part], y[part], weights)
            error.backward()
            errors[-1] += error.item() * len(x[part]) / len(x)
            for connection in frozen if 3 <= epoch <= 5 else ():
                weights[connection].grad = None
                # Torch counts adam's steps by weight, nodesim those of all.
                if name == "adam":
                    optimizer.state[weights[connection]]["step"] += 1
            optimizer.step()
    return errors, [weight.item() for weight in weights.values()]


def test_a_weight_that_is_frozen_for_a_while_keeps_what_the_optimizer_remembers(engine):
    for name, batch in itertools.product(OPTIMIZERS, (5, 2, 1)):
        net, frozen = _thawing()
        net.engine = engine

        def freeze(epoch, frozen=frozen):
            for connection in frozen:
                connection.trainable = not 2 <= epoch.number < 5

        options = {"batch_size": batch, "shuffle": False, "callbacks": freeze}
        history = net.fit(*THAWED, epochs=7, learning_rate=OPTIMIZERS[name][1], optimizer=name, **options)
        errors, weights = _after_thawing(name, batch)
        assert history.errors == pytest.approx(errors, rel=1e-11), (name, batch)
        assert net.weights == pytest.approx(weights, rel=1e-10, abs=1e-12), (name, batch)


def test_predictions_on_iris_equal_torch(engine):
    net, x, _ = _problem("iris")
    net.engine = engine
    expected = torch_outputs(net, x, torch_weights(net)).detach().numpy()
    assert np.abs(net.predict(x) - expected).max() <= TOLERANCE * np.abs(expected).max()
    assert np.abs(net.predict_proba(x) - torch.softmax(torch.tensor(expected), 1).numpy()).max() <= TOLERANCE


def feeding_outputs(loss, seed):
    """Make a network whose outputs are squashed, feed each other, a hidden node and each other by that."""
    net = ns.Network(loss, seed=seed)
    net.add_input(), net.add_input(), net.add_bias()
    squash = "sigmoid" if loss == "binary_cross_entropy" else "tanh"
    net.add_output("O1", activation=squash), net.add_hidden("H1", activation="softplus")
    net.add_output("O2", activation=squash), net.add_output("O3", activation=squash)
    for ends in ("I1 O1", "I2 O1", "B1 O1", "O1 H1", "I1 H1", "O1 O2", "H1 O2", "O1 O3", "O2 O3", "H1 O3", "B1 O3"):
        net.connect(*ends.split())
    return net


@pytest.mark.parametrize("loss", ["mse", "half_squared_error", "binary_cross_entropy"])
def test_outputs_that_are_squashed_and_feed_on(engine, loss):
    """Where an output feeds on, its delta is the error's own part and what arrives; alone, in batches, in training."""
    for seed, n_samples in enumerate((1, 2, 33, 70)):
        net = feeding_outputs(loss, seed)
        net.engine = engine
        x, y = random_samples(net, np.random.default_rng(seed), n_samples)
        weights = torch_weights(net)
        torch_error(net, x, y, weights).backward()
        net.forward(x), net.backward(y)
        for connection, weight in weights.items():
            assert connection.gradient == pytest.approx(weight.grad.item(), rel=1e-12, abs=1e-14)
            assert net.paths(connection).gradient == pytest.approx(connection.gradient, rel=1e-12, abs=1e-14)
        into = {c.name: c for c in net["O1"].incoming}
        assert np.mean(net["O1"].delta) == pytest.approx(weights[into["W3"]].grad.item(), rel=1e-12)
        for output in net.outputs:
            paths, listed = net.paths(f"OA{output.name[1:]}"), {}
            for path in paths:
                listed.setdefault(path.nodes[-1].name, []).append(path.product)
            assert math.fsum(path.product for path in paths) == pytest.approx(paths.gradient, rel=1e-12, abs=1e-14)
            for other, part in paths.by_output().items():
                assert part.gradient == pytest.approx(math.fsum(listed.get(other.name, [])), rel=1e-12, abs=1e-14)
            if n_samples == 1 and loss != "binary_cross_entropy":
                slope = output.activation.derivative(output.value, output.activated)
                assert paths.gradient * slope == pytest.approx(output.delta, rel=1e-12)
        for batch_size in (None, 1, 2):
            trained, by_torch = net.copy(), torch_weights(net)
            for first in range(0, n_samples, batch_size or n_samples):
                part = slice(first, first + (batch_size or n_samples))
                torch_error(net, x[part], y[part], by_torch).backward()
                with torch.no_grad():
                    for weight in by_torch.values():
                        weight -= 0.1 * weight.grad
                        weight.grad = None
            trained.fit(x, y, epochs=1, learning_rate=0.1, batch_size=batch_size, shuffle=False, optimizer="sgd")
            assert trained.weights == pytest.approx(
                [weight.item() for weight in by_torch.values()], rel=1e-12, abs=1e-13
            )


def test_steps_of_rprop_grow_to_50_and_shrink_to_a_millionth_as_in_torch(engine):
    rprop, (weights, state) = ns.optimizer("rprop"), (np.zeros(2), {})
    by_torch = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer, state = torch.optim.Rprop([by_torch], lr=0.01), rprop.start(weights, 0.01)
    for number in range(120):
        # One always of the same sign, one that always turns.
        gradients = np.array([1.0, (-1.0) ** (number // 2)])
        weights, state = rprop.step(weights, gradients, state, 0.01)
        by_torch.grad = torch.tensor(gradients)
        optimizer.step()
    assert state["size"][0] == 50.0
    assert weights == pytest.approx(by_torch.detach().numpy(), rel=1e-12)
    # In training: one weight on its long way to a target, and two that hop about theirs by the smallest steps.
    for target, epochs in ((5000.0, 130), (0.3, 200), (0.7, 201)):
        net = ns.Network.layered([1, 1], bias=False, output="linear", initializer="zeros", seed=0)
        net.engine = engine
        weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.Rprop([weight], lr=0.01)
        for _ in range(epochs):
            weight.grad = 2.0 * (weight.detach() - target)
            optimizer.step()
        net.fit([[1.0]], [[target]], epochs=epochs, learning_rate=0.01, optimizer="rprop")
        assert net["W1"].weight == pytest.approx(weight.item(), rel=1e-13, abs=1e-10)
