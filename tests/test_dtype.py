"""float32: half the memory, gradients within 1e-4 of the scale, and everything else as ever."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from helpers import SEEDS, digest, random_network, random_samples, steady_scales
from hypothesis import given

import nodesim as ns
from nodesim.engines import choice


def single(net):
    """Return the same network in float32."""
    twin = ns.Network(loss=net.loss, dtype="float32")
    for node in net.nodes:
        if node.kind == "bias":
            twin.add_bias(node.name, value=node.value)
        elif node.kind == "input":
            twin.add_input(node.name)
        else:
            (twin.add_hidden if node.kind == "hidden" else twin.add_output)(node.name, activation=node.activation)
    for c in net.connections:
        twin.connect(c.source.name, c.target.name, weight=c.weight, name=c.name, trainable=c.trainable)
    return twin


SHARE = [1.0]  # what a function looks up while it runs is not compiled
needs_numba = pytest.mark.skipif(not choice.has_native(), reason="there is no native form without numba")


@given(seed=SEEDS)
def test_gradients_agree_to_1e_4_of_the_scale(engine, seed):
    net, rng = random_network(seed, activations=["tanh", "sigmoid", "softplus", "sine", "linear"])
    twin = single(net)
    twin.engine = engine
    x, y = random_samples(net, rng, int(rng.choice([1, 7, 40])))
    for each in (net, twin):
        each.forward(x), each.backward(y)
    scales = steady_scales(net)
    for c in net.connections:
        assert abs(twin[c.name].gradient - c.gradient) <= 1e-4 * scales[c] + 1e-30
    for table in (twin.store.weights, twin.store.gradients, twin.store.run.value, twin.store.run.delta):
        assert table.dtype == np.float32
    assert ns.check_gradients(twin, x, y)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "rmsprop", "rprop"])
def test_training(optimizer):
    iris = ns.datasets.load("iris")
    net = ns.Network.layered([4, 6, 3], hidden="tanh", loss="softmax_cross_entropy", seed=0, dtype="float32")
    history = net.fit(iris.X, iris.y, epochs=60, learning_rate=0.01, batch_size=10, optimizer=optimizer)
    assert history.errors[-1] < history.errors[0]
    assert net.weights.dtype == np.float32


@needs_numba
@pytest.mark.parametrize("hidden", ["sigmoid", lambda z: z / (1 + np.abs(z)), lambda z: z / (SHARE[0] + np.abs(z))])
@pytest.mark.parametrize("loss", ["mse", "huber", "softmax_cross_entropy", "binary_cross_entropy"])
def test_batches_run_natively(hidden, loss):
    """Dense layers beside sparse connections, functions of every kind: gradients and steps are those in float64."""
    output = "sigmoid" if loss == "binary_cross_entropy" else "linear"
    if not isinstance(hidden, str):
        hidden = ns.Activation("own", hidden, lambda z, a: 1 / (1 + np.abs(z)) ** 2)
    pair = []
    for dtype in ("float64", "float32"):
        net = ns.Network.layered([19, 40, 30, 5], hidden, output, loss=loss, seed=0, dtype=dtype)
        net.connect("I3", "O2", weight=0.5)
        net.engine = "native"
        pair.append(net)
    rng = np.random.default_rng(0)
    pair[0].weights = pair[1].weights = pair[1].weights.astype(float) / 3
    x, y = rng.normal(size=(150, 19)), rng.uniform(0.1, 0.9, (150, 5))
    for net in pair:
        net.forward(x), net.backward(y)
    assert type(pair[1].store.run).__name__ == "NativeRun"
    largest = np.abs(pair[0].gradients).max()
    assert np.abs(pair[1].gradients - pair[0].gradients).max() < 3e-6 * largest
    for optimizer in ("sgd", "adam"):
        for net in pair:
            net.fit(x, y, epochs=3, batch_size=64, learning_rate=0.003, optimizer=optimizer)
        assert np.abs(pair[1].weights - pair[0].weights).max() < 3e-5
    assert pair[1].weights.dtype == np.float32


@needs_numba
def test_training_agrees_with_torch_in_float32_and_is_the_same_with_any_number_of_threads():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(600, 20)), rng.uniform(0.1, 0.9, (600, 3))
    found = []
    for threads in (1, 2, 3, 8):
        net = ns.Network.layered([20, 40, 3], hidden="tanh", output="sigmoid", bias=False, seed=0, dtype="float32")
        net.engine, net.threads, start = "native", threads, net.weights
        net.forward(x), net.backward(y)
        gradients = net.gradients
        history = net.fit(x, y, epochs=10, batch_size=300, learning_rate=0.2, shuffle=False)
        found.append((net.weights.tobytes(), gradients.tobytes(), history.errors))
    assert found.count(found[0]) == 4
    a, b = (
        torch.tensor(part, requires_grad=True) for part in (start[:800].reshape(20, 40), start[800:].reshape(40, 3))
    )
    samples, wanted = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    for number in range(20):
        part = slice(number % 2 * 300, number % 2 * 300 + 300)
        error = ((torch.sigmoid(torch.tanh(samples[part] @ a) @ b) - wanted[part]) ** 2).mean()
        error.backward()
        with torch.no_grad():
            for weights in (a, b):
                weights -= 0.2 * weights.grad
                weights.grad = None
    expected = np.concatenate([weights.detach().numpy().ravel() for weights in (a, b)])
    assert np.abs(net.weights - expected).max() < 3e-6


@needs_numba
def test_what_is_too_large_for_float32_is_found_natively():
    net = ns.Network.layered([2, 3, 1], hidden="linear", seed=0, dtype="float32")
    net.engine = "native"
    net.forward(np.ones((40, 2)))
    before = digest(net)
    with pytest.raises(ns.NonFiniteError, match="I1|H1"):
        net.forward(np.full((40, 2), 1e39))
    assert digest(net) == before
    assert not net.fit(np.full((40, 2), 1e30), np.ones(40), epochs=2, learning_rate=1.0, batch_size=40).finite


def test_kept_and_copied(tmp_path):
    net = ns.Network.layered([2, 3, 1], seed=0, dtype="float32")
    net.save(tmp_path / "net.json")
    for twin in (ns.load(tmp_path / "net.json"), net.copy()):
        assert twin.dtype == "float32"
        assert twin.weights.tobytes() == net.weights.tobytes()
        assert twin.forward([1.0, -0.5]).tobytes() == net.forward([1.0, -0.5]).tobytes()


def test_what_does_not_fit():
    net = ns.Network.layered([2, 2, 1], seed=0, dtype="float32")
    net.disconnect("W1")
    before = digest(net)
    for call in (
        lambda: setattr(net["W2"], "weight", 1e39),
        lambda: net.connect("I1", "H1", weight=-1e39),
        lambda: setattr(net, "weights", np.full(len(net.connections), 1e39)),
    ):
        with pytest.raises(ns.ArgumentError, match="too large for float32"):
            call()
        assert digest(net) == before
    with pytest.raises(ns.ArgumentError, match="dtype must be one of 'float64', 'float32'"):
        ns.Network(dtype="float16")


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("size", [1e-12, 1e9])
def test_paths_beyond_the_range_of_float32(batch, size):
    net = ns.Network.layered([8] * 6, hidden="linear", bias=False, seed=0, dtype="float32")
    # Products of five weights leave the range; the second and the fourth layer's keep what the nodes hold within it.
    weights = net.weights.reshape(5, 64) * size
    weights[1::2] /= size**2 if size > 1 else 1
    net.weights = weights.ravel()
    x = np.linspace(-1, 1, 8) * np.ones((batch, 1))
    net.forward(x), net.backward(np.ones((batch, 8)))
    paths = net.paths("W1")
    listed = [path.product for path in paths]
    assert 0 < max(map(abs, listed)) < np.inf
    top = [path.product for path in paths.top(len(listed))]
    assert [abs(product) for product in top] == sorted(map(abs, listed), reverse=True)
    assert paths.as_arrays().products.tolist() == listed
    assert sum(listed) == pytest.approx(paths.gradient, abs=1e-12 * paths.scale)
    assert paths.flow().outputs.column("share").sum() == pytest.approx(1.0, rel=1e-9)


def test_initializers_that_draw_more_than_the_numbers_hold():
    """Refused before anything is changed: the generator goes on as if nobody had asked."""
    wide = ns.Initializer("wide", lambda generator, fan_in, fan_out: 1e200 * generator.normal(size=fan_in.shape))
    lifted = ns.Initializer(
        "lifted", lambda generator, fan_in, fan_out: generator.normal(size=fan_in.shape), bias=1e300
    )
    for rule in (wide, lifted):
        net = ns.Network.layered([2, 2, 1], dtype="float32", seed=0)
        one = ns.Network(dtype="float32", initializer=rule, seed=0)
        one.add_bias("B1"), one.add_output("O1")
        for made, name, arguments in ((net, "initialize", [rule]), (one, "connect", ["B1", "O1"])):
            before = digest(made)
            with pytest.raises(ns.ArgumentError, match="is not finite in float32"):
                getattr(made, name)(*arguments)
            assert digest(made) == before
