"""All engines mean the same: random graphs with everything in them, edits in between, and no call left out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from helpers import SEEDS, built_in, examples, random_network, random_samples, steady_scales
from hypothesis import assume, given
from hypothesis import strategies as st

import nodesim as ns
from nodesim.formats import json_files
from nodesim.functions import Activation, Loss, Optimizer
from nodesim.plugins import lookup

ACTIVATIONS = [a.name for a in built_in(Activation) if a.trains]
LOSSES = [loss.name for loss in lookup.default.all(Loss)]
OPTIMIZERS = [optimizer.name for optimizer in lookup.default.all(Optimizer)]
TOLERANCE = 1e-12


def plugin(z):
    """A stranger's activation that can be compiled."""
    return z / (1.0 + np.abs(z)) + 0.1 * z


def plugin_derivative(z, a):
    return 1.0 / (1.0 + np.abs(z)) ** 2 + 0.1


def closed(factor):
    """Return one that cannot: what it refers to might change."""
    return ns.Activation("closed", lambda z: np.sin(factor * z), lambda z, a: factor * np.cos(factor * z))


STRANGERS = [ns.Activation("stranger", plugin, plugin_derivative), closed(0.5)]


def compare(net, twin, x, y):
    """Run two networks, and compare all that objects show."""
    for each in (net, twin):
        each.forward(x), each.backward(y)
    largest = max(1.0, *(np.abs(np.atleast_1d(node.value)).max() for node in twin.nodes))
    scales = steady_scales(twin)
    for node in twin.nodes:
        for what in ("value", "activated"):
            found, wanted = getattr(net[node.name], what), getattr(node, what)
            assert np.abs(found - wanted).max() <= TOLERANCE * largest, (node, what)
        scale = scales[node] if node.kind != "bias" else 1.0
        assert np.abs(net[node.name].delta - node.delta).max() <= TOLERANCE * max(scale, 1.0), node
    for connection in twin.connections:
        allowed = TOLERANCE * scales[connection] + 1e-300
        assert abs(net[connection.name].gradient - connection.gradient) <= allowed, connection


@examples(60)
@given(seed=SEEDS, loss=st.sampled_from(LOSSES), optimizer=st.sampled_from(OPTIMIZERS))
def test_random_graphs(compiled, seed, loss, optimizer):
    net, rng = random_network(seed, loss=loss, activations=ACTIVATIONS)
    for node in net.hidden:
        if rng.random() < 0.2:
            node.activation = STRANGERS[rng.integers(2)]
    twin = net.copy()
    net.engine, twin.engine = compiled, "nodes"
    batch = int(rng.choice([1, 2, 5, 31, 32, 33, 70]))
    x, y = random_samples(net, rng, batch)
    compare(net, twin, x, y)
    # Gradients that jump, as those of relu and mae do, would let a last digit decide where training goes.
    settings = {
        "epochs": 3, "learning_rate": 0.01, "batch_size": int(rng.choice([1, 2, 40])), "optimizer": optimizer,
    }  # fmt: skip
    shaken = twin.copy()
    shaken.weights = shaken.weights * (1 + 1e-14)
    first, second = net.fit(x, y, **settings), twin.fit(x, y, **settings)
    if net.weights != pytest.approx(twin.weights, rel=1e-9, abs=1e-9):
        # Where last digits decide by themselves, there is nothing to agree on.
        shaken.fit(x, y, **settings)
        assume(shaken.weights == pytest.approx(twin.weights, rel=1e-9, abs=1e-9))
    assert first.updates == second.updates
    assert first.errors == pytest.approx(second.errors, rel=1e-9)
    assert net.weights == pytest.approx(twin.weights, rel=1e-9, abs=1e-9)
    assert net.structure.generator.bit_generator.state == twin.structure.generator.bit_generator.state


def partials(net):
    """Return every partial derivative of the last run, by what is derived and by what."""
    graph = net.paths(net.connections[0]).derivatives
    return {
        (arrow.numerator.name, of.name): arrow.values for of in graph.quantities() for arrow in graph.partials_into(of)
    }


@examples(25)
@given(seed=SEEDS, loss=st.sampled_from(LOSSES), batch=st.sampled_from([1, 2, 33]))
def test_what_is_said_of_a_run(compiled, seed, loss, batch):
    """The derivative graph is all that paths, dead weights and derivations see of an engine, and diagnoses run one."""
    net, rng = random_network(seed, loss=loss, activations=ACTIVATIONS)
    twin = net.copy()
    net.engine, twin.engine = compiled, "nodes"
    x, y = random_samples(net, rng, batch)
    for each in (net, twin):
        each.forward(x), each.backward(y)
    found, wanted = partials(net), partials(twin)
    assert list(found) == list(wanted)
    largest = max(1.0, *(np.abs(value).max() for value in wanted.values()))
    for name, value in wanted.items():
        assert np.abs(found[name] - value).max() <= TOLERANCE * largest, name
    scales = steady_scales(twin)
    for connection in twin.connections:
        ours, theirs = net.paths(connection.name), twin.paths(connection)
        allowed = TOLERANCE * scales[connection] + 1e-300
        assert ours.count == theirs.count
        assert abs(ours.gradient - theirs.gradient) <= allowed
        assert abs(ours.scale - theirs.scale) <= allowed
        assert np.abs(products(ours, 50) - products(theirs, 50)).max(initial=0.0) <= allowed
    ours, theirs = net.diagnose(x, y), twin.diagnose(x, y)
    assert ours.error == pytest.approx(theirs.error, rel=TOLERANCE, abs=TOLERANCE)
    assert [layer.cut_off for layer in ours] == [layer.cut_off for layer in theirs]
    scale = max(scales[node] for node in twin.nodes)
    for what in ("arriving", "delta", "gradient"):
        sizes = [getattr(layer, what) for layer in theirs]
        assert [getattr(layer, what) for layer in ours] == pytest.approx(
            sizes, rel=1e-9, abs=TOLERANCE * max(scale, 1.0), nan_ok=True
        ), what


@examples(30)
@given(
    seed=SEEDS, loss=st.sampled_from(["mse", "half_squared_error", "mae", "huber"]), batch=st.sampled_from([1, 2, 3])
)
def test_engines_find_what_is_exact(engine, seed, loss, batch):
    """Where all functions are rational, the last word is that of fractions, in which nothing is rounded."""
    rational = ["linear", "relu", "leaky_relu", "hard_sigmoid", "hard_tanh", "softsign"]
    net, rng = random_network(seed, loss=loss, activations=rational, max_hidden=5)
    net.engine = engine
    x, y = random_samples(net, rng, batch)
    run = net.exact(x, y)
    net.forward(x)
    error = net.backward(y)
    assert abs(error - run.error) <= TOLERANCE * max(1.0, run.error)
    largest = max(1.0, *(np.abs(node.value).max() for node in net.nodes))
    scales = steady_scales(net)
    for node in net.nodes:
        for what in ("value", "activated"):
            exact = np.array(getattr(run, what)(node), dtype=float)
            assert np.abs(getattr(net[node.name], what) - exact).max() <= TOLERANCE * largest, (node, what)
        exact = np.array(run.delta(node), dtype=float)
        assert np.abs(node.delta - exact).max() <= TOLERANCE * max(scales[node], 1.0), node
    for connection in net.connections:
        allowed = TOLERANCE * scales[connection] + 1e-300
        assert abs(connection.gradient - run.gradient(connection)) <= allowed, connection
        assert abs(net.paths(connection).gradient - run.paths(connection).gradient) <= allowed, connection
        assert net.paths(connection).count == run.paths(connection).count


def products(paths, most):
    return np.array([path.product for path in itertools.islice(paths, most)])


def halves(rng):
    return float(rng.choice([-1.0, -0.5, 0.0, 0.5, 1.0, 2.0]))


@examples(25)
@given(seed=SEEDS, batch=st.sampled_from([1, 2, 4]))
def test_where_nothing_is_rounded_dead_weights_are_the_same(compiled, seed, batch):
    """A gradient of exactly 0 is one by every engine, for the same reason."""
    net, rng = random_network(
        seed, activations=["relu", "linear", "hard_tanh"], loss="half_squared_error", max_hidden=6, weight=halves
    )
    twin = net.copy()
    net.engine, twin.engine = compiled, "nodes"
    x, y = (np.round(2 * part) / 2 for part in random_samples(net, rng, batch))
    dead = []
    for each in (net, twin):
        each.forward(x), each.backward(y)
        dead.append([(entry.name, entry.reasons, entry.partials) for entry in each.dead_weights()])
    assert net.gradients.tolist() == twin.gradients.tolist()
    assert dead[0] == dead[1]


@pytest.mark.parametrize("threads", [1, 3])
def test_the_same_seed_is_the_same_bit_by_bit(engine, threads):
    results = []
    for _ in range(2):
        net, rng = random_network(7, activations=["tanh", "sigmoid"], max_hidden=20)
        net.engine, net.threads = engine, threads
        x, y = random_samples(net, rng, 200)
        history = net.fit(x, y, epochs=4, batch_size=96, learning_rate=0.05, optimizer="adam")
        net.forward(x), net.backward(y)
        results.append((net.weights.tobytes(), net.gradients.tobytes(), tuple(history.errors)))
    assert results[0] == results[1]


@pytest.mark.parametrize(
    "make", [lambda: random_network(7, max_hidden=20)[0], lambda: ns.Network.layered([9, 40, 30, 3], seed=0)]
)
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_threads_do_not_change_a_bit(engine, make, optimizer, monkeypatch):
    if engine == "native":
        # Also what threads share in large networks only.
        monkeypatch.setattr("nodesim.engines.native.threads._WORTH", 0)
    results = []
    for threads in (1, 2, 3, 8):
        net = make()
        net.engine, net.threads = engine, threads
        x, y = random_samples(net, np.random.default_rng(0), 700)
        net.forward(x), net.backward(y)
        found = [net.gradients.tobytes(), net.nodes[-1].delta.tobytes()]
        for batch_size in (700, 90):
            history = net.fit(x, y, epochs=3, batch_size=batch_size, learning_rate=0.01, optimizer=optimizer)
            found += [net.weights.tobytes(), history.errors, history.updates]
        results.append(found)
    assert all(result == results[0] for result in results)


def edits(net, rng):
    """Change something, at random."""
    names = [node.name for node in net.nodes]
    match int(rng.integers(10)):
        case 0:
            net.add_hidden(activation=str(rng.choice(["tanh", "sigmoid", "softplus"])))
        case 1 | 2 | 3:
            source, target = rng.choice(names, 2)
            if net[str(target)].kind in ("hidden", "output") and source != target:
                try:
                    net.connect(str(source), str(target))
                except ns.StructureError:
                    return
        case 4:
            chosen = net.connections[rng.integers(len(net.connections))]
            if len(chosen.target.incoming) > 1:
                net.disconnect(chosen)
        case 5:
            net.split(net.connections[rng.integers(len(net.connections))], activation="tanh")
        case 6:
            chosen = net.connections[rng.integers(len(net.connections))]
            chosen.trainable = not chosen.trainable
        case 7:
            net.connections[rng.integers(len(net.connections))].weight = float(rng.standard_normal())
        case 8:
            hidden = [node for node in net.nodes if node.kind == "hidden"]
            if hidden:
                hidden[rng.integers(len(hidden))].activation = str(rng.choice(["tanh", "sigmoid", "softsign", "sine"]))
        case 9:
            for bias in net.biases:
                bias.value = float(rng.standard_normal())


@examples(20)
@given(seed=SEEDS)
def test_sequences_of_edits(engine, seed):
    """Whatever is changed between two calls is seen by the next: as a network that was just built, node by node."""
    net = ns.Network.layered([3, 12, 8, 2], hidden="tanh", seed=seed, initializer="xavier_normal")
    net.engine = engine
    rng = np.random.default_rng(seed)
    x, y = random_samples(net, rng, 40)
    for _ in range(12):
        edits(net, rng)
        if rng.random() < 0.3:
            net.forward(x)
        if rng.random() < 0.2:
            net.fit(x, y, epochs=2, learning_rate=0.01, batch_size=int(rng.choice([1, 16, 64])))
    twin = ns.Network._loads(json_files.dumps(net.simulator))
    twin.engine = "nodes"
    compare(net, twin, x, y)
    for each in (net, twin):
        each.fit(x, y, epochs=2, learning_rate=0.01, batch_size=16)
    assert net.weights == pytest.approx(twin.weights, rel=1e-10, abs=1e-10)


def test_functions_that_cannot_be_compiled_are_called(engine):
    calls = {"function": 0, "derivative": 0, "loss": 0, "loss derivative": 0, "step": 0}

    def counted(name, call):
        def wrapper(*arguments):
            calls[name] += 1
            return call(*arguments)

        return wrapper

    activation = ns.Activation("counted", counted("function", np.tanh), counted("derivative", lambda z, a: 1.0 - a * a))
    loss = ns.Loss(
        "counted", counted("loss", lambda y, a: ((y - a) ** 2).sum(axis=0)),
        counted("loss derivative", lambda y, a: 2.0 * (a - y)),
    )  # fmt: skip
    step = ns.Optimizer("counted", counted("step", lambda w, g, state, eta: (w - eta * g, state)))
    net = ns.Network.layered([2, 3, 3, 1], hidden=activation, loss=loss, seed=0)
    net.engine = engine
    x, y = np.zeros((6, 2)), np.ones((6, 1))
    net.forward(x)
    assert calls["function"] >= 2
    net.backward(y)
    assert calls["derivative"] >= 2
    assert calls["loss"] == calls["loss derivative"] == 1
    for batch, optimizer in ((1, "sgd"), (3, "adam"), (6, step)):
        before = dict(calls)
        net.fit(x, y, epochs=4, batch_size=batch, learning_rate=0.01, optimizer=optimizer)
        updates = 4 * 6 // batch
        for name, least in (("function", 2), ("derivative", 2), ("loss", 1), ("loss derivative", 1)):
            assert calls[name] - before[name] >= least * updates, (name, batch)
    assert calls["step"] == 4


def test_a_function_that_fails_in_the_middle_of_training(engine):
    """The error is the function's own, names the node, and leaves no trace."""
    calls = []

    def fragile(z):
        calls.append(1)
        if len(calls) > 30:
            raise ValueError("worn out")
        return np.tanh(z)

    net = ns.Network.layered([2, 3, 1], hidden=ns.Activation("fragile", fragile, lambda z, a: 1.0 - a * a), seed=0)
    net.engine = engine
    before = net.weights
    with pytest.raises(ns.FunctionError, match=r"H1 \(activation fragile\): it raised ValueError: worn out"):
        net.fit(np.zeros((8, 2)), np.ones(8), epochs=100, batch_size=4, learning_rate=0.1)
    assert (net.weights == before).all()
