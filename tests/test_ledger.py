"""A ledger has what torch posts sample by sample, adds up in every view, and changes nothing of the training."""

from __future__ import annotations

import copy
import json
import pickle
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import torch
from helpers import ACTIVATIONS, LOSSES, SEEDS, digest, iris, random_network, random_samples
from hypothesis import given, settings
from hypothesis import strategies as st
from test_derivation import HOSTILE

import nodesim as ns
from nodesim import cli
from nodesim.ledger import bookkeeper, columns, posting, routes
from nodesim.ledger.entry import VIEWS
from nodesim.training import following
from nodesim.training.orders import Orders

XOR = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1.0, 1.0, 0.0])
SMOOTH = ["tanh", "sigmoid", "sine", "softplus", "linear"]
LINEAR = ["sgd", "momentum", "nesterov"]
# Torch takes long for single samples.
FEW = settings(max_examples=max(4, settings.default.max_examples // 6))


@pytest.fixture
def net():
    return ns.Network.layered([2, 3, 1], hidden="tanh", seed=1)


def balances(ledger, allowed=1e-12):
    """Check that every view of every entry adds up to the change."""
    for entry in ledger.values():
        assert entry.change == entry.end - entry.start
        for by in VIEWS:
            view = entry.view(by)
            assert abs(entry.change - view.array.sum()) <= allowed * np.abs(view.array).sum(), (entry.name, by)
            assert view.change == entry.change
            assert view.balance == entry.change - view.total
            assert dict(view) == dict(zip(view.names, view.array.tolist()))


# ---- torch as an oracle -----------------------------------------------------------------------------------------


def forward(net, x, weights, mask):
    """Return sums and what is sent of every node, for one sample, in torch; nodes are dropped by a mask."""
    value, sent = {}, {}
    for node in nx.topological_sort(net.graph):
        if node.kind == "input":
            sent[node] = torch.tensor(x[net.inputs.index(node)])
        elif node.kind == "bias":
            sent[node] = torch.tensor(node.value)
        else:
            terms = [weights[d["connection"]] * sent[s] for s, _, d in net.graph.in_edges(node, data=True)]
            value[node] = sum(terms, torch.zeros((), dtype=torch.float64)) + torch.zeros(
                (), dtype=torch.float64, requires_grad=True
            )
            sent[node] = ACTIVATIONS[node.activation.name](value[node]) * (mask or {}).get(node, 1.0)
    return value, sent


def parts(net, x, y, weights, watched, mask=None):
    """Return ∂e/∂W of one sample by output and by node, and the gradients of all weights."""
    value, sent = forward(net, x, weights, mask)
    by_sums = net.loss.name == "binary_cross_entropy"
    outs = [(value if by_sums else sent)[node] for node in net.outputs]
    table = torch.stack(outs)[None]
    error = LOSSES[net.loss.name](torch.tensor(y)[None], table)[0]
    learning = [w for w in weights.values() if w.requires_grad]
    # Straight from e: outputs may feed others.
    alone = table.detach().requires_grad_()
    entering = torch.autograd.grad(LOSSES[net.loss.name](torch.tensor(y)[None], alone)[0], alone)[0][0]
    every = torch.autograd.grad(error, learning, retain_graph=True, allow_unused=True)
    deltas = dict(zip(value, torch.autograd.grad(error, list(value.values()), retain_graph=True, allow_unused=True)))
    gradients = dict(zip([c for c, w in weights.items() if w.requires_grad], every))
    by_output, by_node = {}, {}
    for connection in watched:
        target, a = connection.target, sent[connection.source].item()
        slope = torch.autograd.grad(sent[target], value[target], retain_graph=True)[0].item()
        for node, out, seed in zip(net.outputs, outs, entering):
            found = torch.autograd.grad(out, value[target], retain_graph=True, allow_unused=True)[0]
            if found is not None:
                by_output[connection, node.name] = found.item() * seed.item() * a
        if target in net.outputs:
            seed = entering[net.outputs.index(target)].item()
            by_node[connection, target.name] = seed * a * (1.0 if by_sums else slope)
        for onward in target.outgoing:
            if deltas[onward.target] is not None:
                by_node[connection, onward.target.name] = (
                    a * slope * weights[onward].item() * deltas[onward.target].item()
                )
    return by_output, by_node, {c: 0.0 if g is None else g.item() for c, g in gradients.items()}


class Replay:
    """A training in torch, sample by sample, with accounts by output, node and sample that have velocities of their own."""

    def __init__(self, net, watched, optimizer, rate):
        self.net, self.watched, self.optimizer, self.rate = net, watched, optimizer, rate
        self.weights = {c: c.weight for c in net.connections}
        self.velocity, self.accounts, self.scale = Counter(), Counter(), 0.0

    def step(self, gradient, key):
        if self.optimizer == "sgd":
            return -self.rate * gradient
        self.velocity[key] = 0.9 * self.velocity[key] + gradient
        if self.optimizer == "momentum":
            return -self.rate * self.velocity[key]
        return -self.rate * (gradient + 0.9 * self.velocity[key])

    def update(self, X, Y, samples):
        tensors = {c: torch.tensor(w, dtype=torch.float64, requires_grad=c.trainable) for c, w in self.weights.items()}
        whole, own = Counter(), Counter()
        for sample in samples:
            by_output, by_node, gradients = parts(self.net, X[sample], Y[sample], tensors, self.watched)
            for kind, found in (("output", by_output), ("node", by_node)):
                for (connection, name), gradient in found.items():
                    own[connection, kind, name] += gradient / len(samples)
                    self.scale += self.rate * abs(gradient) / len(samples)
            for connection, gradient in gradients.items():
                whole[connection] += gradient / len(samples)
                if connection in self.watched:
                    own[connection, "sample", int(sample)] += gradient / len(samples)
        # What an account remembers goes on also where nothing is added.
        for key in {*own, *(key for key in self.velocity if isinstance(key, tuple))}:
            if key[0].trainable:
                self.accounts[key] += self.step(own[key], key)
        for connection, gradient in whole.items():
            self.weights[connection] += self.step(gradient, connection)


@pytest.mark.usefixtures("every_engine")
@FEW
@given(
    seed=SEEDS,
    optimizer=st.sampled_from(LINEAR),
    batch=st.sampled_from([1, 3, None]),
    loss=st.sampled_from(["mse", "huber", "binary_cross_entropy"]),
)
def test_accounts_are_those_of_torch(seed, optimizer, batch, loss):
    net, rng = random_network(seed, activations=SMOOTH, loss=loss, max_hidden=5)
    X, Y = random_samples(net, rng, 7)
    twin = net.copy()
    chosen = [c.name for c in net.connections][:4]
    ledger = ns.Ledger(net, chosen)
    for epochs in (2, 1):
        replay = Replay(twin, [twin[name] for name in chosen], optimizer, 0.02)
        start = Counter(
            {
                (name, by, key): amount
                for name in chosen
                for by in ("output", "node", "sample")
                for key, amount in ledger[name].view(by).items()
            }
        )
        orders = Orders(twin.structure, 7, mixed=batch is not None)
        for _ in range(epochs):
            order = orders.drawn(1)[0]
            for first in range(0, 7, batch or 7):
                replay.update(X, Y, order[first : first + (batch or 7)])
        net.fit(X, Y, epochs=epochs, optimizer=optimizer, learning_rate=0.02, batch_size=batch, callbacks=ledger)
        allowed = 1e-12 * (replay.scale + 3 * epochs)
        for name in chosen:
            entry = ledger[name]
            assert entry.end == net[name].weight
            assert entry.end == pytest.approx(replay.weights[twin[name]], rel=0, abs=allowed)
            for by in ("output", "node", "sample"):
                wanted = {
                    key: amount for (c, kind, key), amount in replay.accounts.items() if c.name == name and kind == by
                }
                found = {
                    key: amount - start[name, by, key] for key, amount in entry.view(by).items() if key != "rounding"
                }
                for key in {*wanted, *found}:
                    assert found.get(key, 0.0) == pytest.approx(wanted.get(key, 0.0), rel=0, abs=allowed), (
                        name,
                        by,
                        key,
                    )
        balances(ledger)
        for c, weight in replay.weights.items():
            c.weight = net[c.name].weight
            assert weight == pytest.approx(c.weight, rel=0, abs=allowed)
        assert ledger[name].exact


@FEW
@given(seed=SEEDS)
def test_paths_are_those_of_a_list_of_all(seed):
    net, rng = random_network(seed, activations=SMOOTH, max_hidden=6)
    X, Y = random_samples(net, rng, 5)
    names = [c.name for c in net.connections if c.trainable][:3]
    if not names:
        return
    twin, ledger, wanted, scale = net.copy(), ns.Ledger(net, names), defaultdict(float), 0.0
    net.fit(X, Y, epochs=6, learning_rate=0.05, callbacks=ledger)
    for _ in range(6):
        twin.forward(X), twin.backward(Y)
        for name in names:
            for path in twin.paths(name):
                wanted[name, " → ".join(node.name for node in path.nodes)] -= 0.05 * path.product
                scale += 0.05 * abs(path.product)
        twin.fit(X, Y, epochs=1, learning_rate=0.05)
    for name in names:
        found = ledger[name].by_path(1000)
        assert {key for each, key in wanted if each == name} == set(found) - {"rounding"}
        for key, amount in found.items():
            if key != "rounding":
                assert amount == pytest.approx(wanted[name, key], rel=0, abs=1e-12 * (scale + 1))
        few = ledger[name].by_path(1)
        assert few.names == found.names if len(found) < 2 else few.names[1] == "other paths"
        assert abs(few.array[0]) == np.abs(found.array).max(initial=0.0) if len(found) else True
    balances(ledger)


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "rprop", "mine"])
def test_other_steps_are_posted_by_share(optimizer, engine):
    """The step of each update is shared out as the parts of its gradient are to the whole."""
    net = ns.Network.layered([3, 4, 2], hidden="tanh", seed=4)
    net.engine = engine
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    chosen = (
        ns.Optimizer("mine", lambda w, g, s, rate: (w - rate * np.arctan(g), s)) if optimizer == "mine" else optimizer
    )
    twin, ledger = net.copy(), ns.Ledger(net, ["W1", "W20"])
    moments = ns.Recording(net, limit=50)
    net.fit(X, Y, epochs=20, optimizer=chosen, learning_rate=0.01, callbacks=[ledger, moments])
    for name in ledger:
        wanted, size, slot = Counter(), 0.0, net.connections.index(net[name])
        for before, after in pairwise(moments):
            twin.weights = before.weights
            twin.forward(X), twin.backward(Y)
            flow, gradient = twin.paths(name).flow().outputs, twin[name].gradient
            step = after.weights[slot] - before.weights[slot]
            for row in flow:
                wanted[row.name] += step * row.gradient / gradient
                size += abs(step * row.gradient / gradient)
        entry = ledger[name]
        for output, amount in wanted.items():
            assert entry.by_output()[output] == pytest.approx(amount, rel=0, abs=1e-9 * size)
        assert not entry.exact
        assert f"posted by share of the gradient ({optimizer})" in repr(entry)
        assert f"posted by share of the gradient ({optimizer})" in repr(ledger)
    balances(ledger)


# ---- the training goes on as without ----------------------------------------------------------------------------


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize(
    ("optimizer", "batch"), [("sgd", 1), ("adam", 1), ("sgd", 4), ("momentum", None), ("nesterov", 4)]
)
def test_the_training_is_the_same_bit_by_bit(engine, optimizer, batch, small, monkeypatch):
    """Also where there is little room for weights, so that calls of engines end within epochs."""
    if small:
        monkeypatch.setattr(following, "_BYTES", 20_000)
    X, y = (each[::3] for each in iris())
    net = ns.Network.layered([4, 5, 3], hidden="tanh", seed=2)
    net.engine = engine
    twin, ledger = net.copy(), ns.Ledger(net, ["W3", "W30"])
    options = {
        "epochs": 4 if engine == "nodes" else 12,
        "optimizer": optimizer,
        "learning_rate": 0.01,
        "batch_size": batch,
    }
    if engine == "nodes":
        X, y = X[::10], y[::10]
    for _ in range(2):
        watched, alone = net.fit(X, y, callbacks=ledger, **options), twin.fit(X, y, **options)
        assert watched == alone
        assert digest(net) == digest(twin)
    assert ledger["W3"].updates == 2 * alone.updates
    assert ledger["W3"].epochs == 2 * alone.epochs
    balances(ledger)


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize(("optimizer", "batch"), [("sgd", None), ("sgd", 20), ("momentum", None), ("adam", 10)])
def test_without_a_learning_rate(engine, optimizer, batch, small, monkeypatch):
    """Undone epochs are not posted."""
    if small:
        monkeypatch.setattr(following, "_BYTES", 2_000)
    X, y = iris()
    X, y = X[::3] * 40.0, y[::3]
    net = ns.Network.layered([4, 5, 3], hidden="tanh", seed=2)
    net.engine = engine
    twin, ledger = net.copy(), ns.Ledger(net, ["W3", "W30"])
    options = {"epochs": 8, "optimizer": optimizer, "batch_size": batch}
    watched, alone = net.fit(X, y, callbacks=ledger, **options), twin.fit(X, y, **options)
    assert watched == alone
    assert digest(net) == digest(twin)
    assert ledger["W3"].updates == alone.updates
    assert ledger["W3"].end == net["W3"].weight
    assert not {"set by a callback", "set back", "set between trainings"} & set(ledger["W3"].by_output())
    balances(ledger)


@pytest.mark.parametrize("stop", [{"stop_at_error": 0.2}, {"patience": 2, "tolerance": 0.05}])
def test_stopping_early(net, engine, stop):
    net.engine = engine
    twin, ledger = net.copy(), ns.Ledger(net, "W1")
    history = net.fit(*XOR, epochs=1000, learning_rate=0.3, callbacks=ledger, **stop)
    assert history == twin.fit(*XOR, epochs=1000, learning_rate=0.3, **stop)
    assert history.converged
    assert (ledger["W1"].epochs, ledger["W1"].end) == (history.epochs, net["W1"].weight)
    balances(ledger)


def test_the_best_weights_are_set_back(net, engine):
    net.engine = engine
    ledger, moments = ns.Ledger(net, ["W1", "W5"]), ns.Recording(net, limit=500)
    validation = XOR[0][:2], 1.0 - XOR[1][:2]
    history = net.fit(
        *XOR, epochs=100, learning_rate=0.3, validation_data=validation, patience=5, callbacks=[ledger, moments]
    )
    assert "are restored" in history.stop_reason
    for entry in ledger.values():
        last = moments[-1].weights[net.connections.index(net[entry.name])]
        for by in VIEWS:
            assert entry.view(by)["set back"] == net[entry.name].weight - last != 0.0
    balances(ledger)


def test_what_callbacks_set_is_told(net, engine):
    net.engine = engine
    ledger, moved = ns.Ledger(net, ["W1", "W2"]), 0.0

    def move(epoch):
        nonlocal moved
        if epoch.number in (3, 5, 9):
            before = epoch.network["W1"].weight
            epoch.network["W1"].weight = before + 0.25
            moved += epoch.network["W1"].weight - before
        if epoch.number == 4:
            epoch.network["H1"].activation = "sigmoid"
        if epoch.number == 6:
            epoch.network.loss = "huber"
        if epoch.number == 7:
            epoch.network["W2"].trainable = False

    net.fit(*XOR, epochs=9, learning_rate=0.1, optimizer="momentum", callbacks=[move, ledger])
    assert ledger["W1"].by_node()["set by a callback"] == pytest.approx(moved, rel=1e-15)
    assert "set by a callback" not in ledger["W2"].by_node()
    assert (ledger["W2"].by_epoch().array[7:] == 0.0).all()
    assert ledger["W1"].end == net["W1"].weight
    balances(ledger)


def test_a_callback_can_read_it(net):
    ledger, seen = ns.Ledger(net, "W1"), []

    def look(epoch):
        seen.append((ledger["W1"].epochs, ledger["W1"].end == epoch.network["W1"].weight))

    net.fit(*XOR, epochs=4, learning_rate=0.1, callbacks=[look, ledger])
    assert seen == [(1, True), (2, True), (3, True), (4, True)]


def test_frozen_weights_and_weights_without_paths(engine):
    net = ns.Network.layered([1, 2, 1], hidden="tanh", seed=0)
    net.engine = engine
    net.add_hidden("dead end")
    loose = net.connect("I1", "dead end")
    net["W1"].trainable = False
    ledger = ns.Ledger(net, [loose, "W1", "W2"])
    for optimizer in ("sgd", "momentum", "adam"):
        net.fit([[1.0], [0.5]], [[0.3], [0.1]], epochs=3, learning_rate=0.1, optimizer=optimizer, callbacks=ledger)
    assert ledger[loose].change == ledger["W1"].change == 0.0
    assert ledger["W2"].change != 0.0
    assert len(ledger[loose].by_output()) == len(ledger[loose].by_path()) == 0
    assert np.isnan(ledger["W1"].by_output().shares).all()
    balances(ledger)
    for entry in ledger.values():
        for by in VIEWS:
            ET.fromstring(entry.draw(by).svg)


def test_an_interrupted_training(net, engine, monkeypatch):
    net.engine = engine

    def interrupt(epoch):
        if epoch.number == 7:
            raise KeyboardInterrupt

    ledger = ns.Ledger(net, "W1")
    net.fit(*XOR, epochs=100, learning_rate=0.1, callbacks=[interrupt, ledger])
    assert (ledger["W1"].epochs, ledger["W1"].updates, ledger["W1"].end) == (7, 7, net["W1"].weight)
    balances(ledger)
    # While it posts: what was done is posted all the same, and once.
    post, calls = posting.Clerk.post, []

    def interrupted(self, book, updates):
        post(self, book, updates)
        calls.append(0)
        if len(calls) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(posting.Clerk, "post", interrupted)
    history = net.fit(*XOR, epochs=10, learning_rate=0.1, callbacks=ledger)
    assert (ledger["W1"].updates, ledger["W1"].end) == (7 + history.updates, net["W1"].weight)
    assert "set by a callback" not in ledger["W1"].by_output()
    balances(ledger)


def test_an_epoch_that_is_undone_is_undone_wholly(net, engine, monkeypatch):
    """Also where Ctrl-C comes in while the ledger forgets it."""
    net.engine = engine
    go_back, calls = bookkeeper.Bookkeeper.go_back, []

    def interrupted(self, mark):
        calls.append(0)
        if len(calls) == 1:
            raise KeyboardInterrupt
        go_back(self, mark)

    monkeypatch.setattr(bookkeeper.Bookkeeper, "go_back", interrupted)
    # So little room that an epoch is posted before it is known to be undone.
    monkeypatch.setattr(following, "_BYTES", 100)
    for connection in net.connections:
        connection.weight = 4.0 * connection.weight
    ledger = ns.Ledger(net, ["W1", "W8"])
    history = net.fit(XOR[0] * 30.0, XOR[1], epochs=20, batch_size=1, callbacks=ledger)
    assert len(calls) == 2
    assert history.stop_reason.startswith("interrupted")
    for entry in ledger.values():
        assert (entry.updates, entry.epochs, entry.end) == (history.updates, len(history), net[entry.name].weight)
        assert "set by a callback" not in entry.by_output()
    balances(ledger)


def test_a_failing_training_has_no_effect(net, engine):
    net.engine = engine
    ledger = ns.Ledger(net, "W1")
    net.fit(*XOR, epochs=5, learning_rate=0.1, optimizer="momentum", callbacks=ledger)
    before, views = digest(net), {by: dict(ledger["W1"].view(by)) for by in VIEWS}

    def fail(epoch):
        epoch.network["W1"].weight = 5.0
        if epoch.number == 3:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        net.fit(*XOR, epochs=5, learning_rate=0.1, callbacks=[ledger, fail])
    with pytest.raises(ns.DataError):
        net.fit([[1.0, np.nan]], [1.0], epochs=5, learning_rate=0.1, callbacks=ledger)
    assert digest(net) == before
    assert {by: dict(ledger["W1"].view(by)) for by in VIEWS} == views
    assert (ledger["W1"].epochs, ledger["W1"].end) == (5, net["W1"].weight)
    net.fit(*XOR, epochs=2, learning_rate=0.1, callbacks=ledger)
    assert ledger["W1"].epochs == 7
    balances(ledger)


def test_a_diverging_training_keeps_what_was_done(net, engine):
    net.engine = engine
    net["O1"].activation = "linear"
    ledger = ns.Ledger(net, "W9")
    history = net.fit(XOR[0] * 1e3, XOR[1] * 1e3, epochs=300, learning_rate=10.0, callbacks=ledger)
    assert history.diverged
    assert (ledger["W9"].updates, ledger["W9"].end) == (history.updates, net["W9"].weight)
    balances(ledger)


def test_several_trainings_are_one(net):
    ledger = ns.Ledger(net, "W1")
    net.fit(*XOR, epochs=5, learning_rate=0.1, callbacks=ledger)
    first = ledger["W1"]
    net["W1"].weight += 1.0
    net.fit(XOR[0][:2], XOR[1][:2], epochs=3, learning_rate=0.1, callbacks=ledger)
    net.fit(*XOR, epochs=2, optimizer="adam", callbacks=ledger)
    entry = ledger["W1"]
    # The same samples have the same accounts, others are numbered on.
    assert entry.by_sample().names[:6] == tuple(range(6))
    assert [name for name in entry.by_epoch() if isinstance(name, int)] == list(range(1, 11))
    assert entry.by_output()["set between trainings"] == pytest.approx(1.0, rel=1e-15)
    assert (entry.start, entry.end, first.epochs) == (first.start, net["W1"].weight, 5)
    assert first.exact
    assert not entry.exact
    balances(ledger)


def test_memory_moves_weights_without_a_gradient():
    """Where all samples are behind a relu that is closed, adam goes on by what it remembers."""
    net = ns.Network.layered([1, 1, 1], hidden="relu", output="linear", bias=False, seed=0)
    net.weights = [0.05, -1.0]
    ledger = ns.Ledger(net, "W1")
    net.fit([[1.0]], [[1.0]], epochs=30, optimizer="adam", learning_rate=0.03, callbacks=ledger)
    entry = ledger["W1"]
    assert net["W1"].weight < 0.0
    assert abs(entry.by_output()["memory of the optimizer"]) > 0.01
    assert "memory of the optimizer" not in entry.by_epoch()
    balances(ledger)


def test_roundings_are_told_where_they_count():
    """In float32, and where steps are tiny beside the weight, what a step is rounded by is a row."""
    X, y = iris()
    net = ns.Network.layered([4, 5, 3], seed=0, dtype="float32")
    ledger = ns.Ledger(net, ["W1", "W30"])
    net.fit(X, y, epochs=30, learning_rate=0.1, batch_size=10, callbacks=ledger)
    balances(ledger)
    assert all(0.0 < abs(entry.by_output()["rounding"]) < 1e-5 for entry in ledger.values())
    net = ns.Network.layered([1, 1], bias=False, output="linear", seed=0)
    net.weights = [3.0]
    ledger = ns.Ledger(net, "W1")
    net.fit([[1.0]], [[3.0 + 1e-12]], epochs=20, learning_rate=0.01, callbacks=ledger)
    assert "rounding" in ledger["W1"].by_output()
    balances(ledger)


def test_what_cannot_be_explained_is_left_over():
    """An activation that returns another number each time moves weights by what nobody can tell afterwards."""
    rng = np.random.default_rng(0)
    noisy = ns.Activation("noisy", lambda z: z * rng.uniform(0.5, 1.5), lambda z, a: np.ones_like(z))
    net = ns.Network.layered([2, 3, 1], hidden=noisy, seed=1)
    ledger = ns.Ledger(net, "W1")
    net.fit(*XOR, epochs=5, learning_rate=0.1, callbacks=ledger)
    assert abs(ledger["W1"].balance) > 1e-6
    assert "not balanced" in repr(ledger["W1"])


# ---- forms of calculation ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1, 9])
@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_all_forms_post_the_same(monkeypatch, batch, optimizer):
    """Rows and matrices, in chunks and in pieces, by all paths and by sweeps."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(20, 3)), rng.normal(size=(20, 2))
    # At which nothing grows so long that no digits are left.
    rate = 0.02 if optimizer == "adam" else 0.005

    def posted(**chosen):
        with monkeypatch.context() as patch:
            for name, (module, value) in chosen.items():
                patch.setattr(module, name, value)
            net = ns.Network.layered([3, 4, 4, 2], hidden="tanh", seed=0)
            net.connect("I1", "H6"), net.connect("H2", "O1"), net.connect("O1", "O2"), net.connect("I2", "O2")
            ledger = ns.Ledger(net, ["W1", "W2", "W20", net.connections[-1], net.connections[-2]])
            net.fit(X, Y, epochs=3, optimizer=optimizer, learning_rate=rate, batch_size=batch, callbacks=ledger)
            balances(ledger)
            return {(name, by): dict(entry.view(by)) for name, entry in ledger.items() for by in VIEWS}

    wanted = posted()
    matrices = {"_HUGE": (columns, 0)}
    pieces = {"_NUMBERS": (posting, 50), "_COLUMNS": (posting, 1)}
    for chosen in (matrices, pieces, matrices | pieces, {"_COLUMNS": (posting, 25)}):
        found = posted(**chosen)
        for key, view in wanted.items():
            assert found[key] == pytest.approx(view, rel=1e-9, abs=1e-13), (chosen, key)
    for chosen in ({}, matrices, pieces):
        found = posted(ALL=(routes, 0), TRACKED=(posting, 3), **chosen)
        for (name, by), view in wanted.items():
            if by == "path":
                few = found[name, by]
                assert {path: view[path] for path in few if path != "other paths"} == pytest.approx(
                    {path: amount for path, amount in few.items() if path != "other paths"}, rel=1e-9, abs=1e-13
                )
                assert sum(few.values()) == pytest.approx(sum(view.values()), rel=1e-9, abs=1e-13)
            else:
                assert found[name, by] == pytest.approx(view, rel=1e-9, abs=1e-13), (chosen, name, by)


@pytest.mark.usefixtures("every_engine")
def test_a_weight_of_very_many_paths():
    net = ns.Network.layered([2, *[6] * 6, 2], hidden="tanh", seed=0)
    X, y = XOR[0], np.stack([XOR[1], 1 - XOR[1]], axis=1)
    ledger = ns.Ledger(net, ["W1", "W2"])
    net.fit(X, y, epochs=4, learning_rate=0.1, batch_size=3, callbacks=ledger)
    view = ledger["W1"].by_path(50)
    assert len(view) == 51
    assert view.names[-1] == "other paths"
    assert len(ledger["W1"].by_path(10**6)) == routes.TRACKED + 1
    assert len(ledger["W1"].by_node()) == 6
    balances(ledger)


# ---- read back --------------------------------------------------------------------------------------------------


def test_read(net):
    pandas = pytest.importorskip("pandas")
    ledger = ns.Ledger(net, ["W1", net["W5"]])
    assert repr(ledger) == "<Ledger of W1, W5: 0 updates of 0 epochs>"
    net.fit(*XOR, epochs=50, learning_rate=0.1, callbacks=[ledger, ledger])
    assert repr(ledger) == "<Ledger of W1, W5: 50 updates of 50 epochs>"
    entry = ledger[net["W1"]]
    assert list(ledger) == ["W1", "W5"]
    assert isinstance(ledger.to_pandas(), pandas.DataFrame)
    assert ledger.to_pandas()["end"].tolist() == [ledger[name].end for name in ledger]
    for by in VIEWS:
        view = entry.view(by)
        table = view.to_pandas()
        assert table[by].tolist() == list(view.names)
        assert table["amount"].tolist() == view.array.tolist()
        assert not view.array.flags.writeable
        assert str(view).splitlines()[0].split() == [by, "amount", "share"]
        assert "<table" in view._repr_html_()
        assert ("… 30 more</td>" in view._repr_html_()) is (by == "epoch")
        ET.fromstring(entry.draw(by).svg)
    assert entry.by_output()[net["O1"]] == entry.by_output()["O1"]
    assert entry.by_sample()[np.int64(3)] == entry.by_sample()[3]
    assert "<img" in entry._repr_html_()
    assert "<table" in ledger._repr_html_()
    assert json.loads(json.dumps(entry.summary()))["by_output"] == dict(entry.by_output())
    for twin in (pickle.loads(pickle.dumps((net, ledger))), copy.deepcopy((net, ledger))):
        other, again = twin
        assert dict(again["W1"].by_sample()) == dict(entry.by_sample())
        other.fit(*XOR, epochs=3, learning_rate=0.1, callbacks=again)
        assert again["W1"].epochs == 53
        balances(again)


def test_errors(net):
    ledger = ns.Ledger(net, "W1")
    other = net.copy()
    with pytest.raises(ns.ArgumentError, match="this ledger is of"):
        other.fit(*XOR, epochs=2, callbacks=ledger)
    with pytest.raises(ns.StateError, match="callbacks=ledger"):
        net.fit(*XOR, epochs=2, callbacks=lambda epoch: ledger(epoch))
    with pytest.raises(ns.ArgumentTypeError, match="a ledger is a callback"):
        ledger(5)
    for unknown in ("W2", other["W1"], 3):
        with pytest.raises(ns.UnknownNameError, match="not of"):
            ledger[unknown]
    for wrong in ("O2", 3, None, [], np.ones(2)):
        with pytest.raises(ns.UnknownNameError, match="no output"):
            ledger["W1"].by_output()[wrong]
    with pytest.raises(ns.ArgumentError, match="by must be"):
        ledger["W1"].draw("layer")
    with pytest.raises(ns.ArgumentError, match="limit"):
        ledger["W1"].by_path(0)
    for weights, error in (("W99", ns.UnknownNameError), ([], ns.ArgumentError), ("H1", ns.ArgumentTypeError)):
        with pytest.raises(error):
            ns.Ledger(net, weights)
    with pytest.raises(ns.ArgumentTypeError, match="of a network"):
        ns.Ledger(5, "W1")
    net.connect("I1", "O1")
    before = digest(net)
    with pytest.raises(ns.StateError, match="edited since this ledger began"):
        net.fit(*XOR, epochs=2, callbacks=ledger)
    assert digest(net) == before


@pytest.mark.parametrize("name", [*HOSTILE, "a → b", "rounding"])
def test_odd_names(name):
    net = ns.Network(seed=0)
    (
        net.add_input(name),
        net.add_hidden(f"{name} h"),
        net.add_output(f"{name} o"),
        net.add_output("set between trainings"),
    )
    first = net.connect(name, f"{name} h")
    net.connect(f"{name} h", f"{name} o"), net.connect(f"{name} h", "set between trainings")
    ledger = ns.Ledger(net, first)
    net.fit([[0.5]], [[1.0, 0.0]], epochs=3, learning_rate=0.5, callbacks=ledger)
    first.weight += 1.0
    net.fit([[0.5]], [[1.0, 0.0]], epochs=3, learning_rate=0.5, callbacks=ledger)
    entry = ledger[first]
    assert entry.by_output()["(set between trainings)"] == pytest.approx(1.0, rel=1e-15)
    balances(ledger)
    for by in VIEWS:
        ET.fromstring(entry.draw(by).svg)
        assert str(entry.view(by)).isprintable() or "\n" in str(entry.view(by))
    assert "\n" not in repr(entry) + repr(ledger) + repr(entry.by_path())


def test_a_long_picture_names_the_largest():
    X, y = iris()
    net = ns.Network.layered([4, 5, 4, 3], hidden="tanh", seed=0)
    ledger = ns.Ledger(net, net.connections[:12])
    net.fit(X, y, epochs=40, learning_rate=0.1, batch_size=10, callbacks=ledger)
    written = ledger["W3"].draw("sample").svg
    assert "139 other samples" in written
    assert "epochs 1 to 4<" in ledger["W3"].draw("epoch").svg
    assert "made W3 larger" in written
    assert repr(ledger["W3"].draw("path")).startswith("<Drawing: what moved W3, by path")


def test_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new", "4-5-3", "--seed", "1", "-o", "net.json"]) == 0
    capsys.readouterr()
    train = [
        "train",
        "net.json",
        "iris",
        "--epochs",
        "20",
        "--learning-rate",
        "0.1",
        "--ledger",
        "W1,W27",
        "-o",
        "out.json",
    ]
    assert cli.main(train) == 0
    text = capsys.readouterr().out
    net = ns.load("net.json")
    ledger = ns.Ledger(net, ["W1", "W27"])
    net.fit(*iris(), epochs=20, learning_rate=0.1, callbacks=ledger)
    assert all(str(entry) in text for entry in ledger.values())
    assert cli.main([*train, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ledger"] == [entry.summary() for entry in ledger.values()]
    assert found["epochs"] == 20
    assert cli.main([*train[:-3], "W99", "-o", "other.json"]) == 1
    assert "W99" in capsys.readouterr().err
    assert not (tmp_path / "other.json").exists()


def test_the_book_is_exchanged_and_never_changed(net):
    """What somebody has read stays as it was."""
    ledger = ns.Ledger(net, "W1")
    net.fit(*XOR, epochs=5, learning_rate=0.1, callbacks=ledger)
    entry = ledger["W1"]
    before = {by: dict(entry.view(by)) for by in VIEWS}
    net.fit(*XOR, epochs=5, learning_rate=0.1, callbacks=ledger)
    assert {by: dict(entry.view(by)) for by in VIEWS} == before
    assert isinstance(ledger.__follower__, bookkeeper.Bookkeeper)
