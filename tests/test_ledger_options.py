"""A ledger of trainings with weights, penalties, clipping, dropped nodes, schedules and memory has what torch posts."""

from __future__ import annotations

import copy
import json
import math
import pickle
import xml.etree.ElementTree as ET
from collections import Counter

import numpy as np
import pytest
import torch
from helpers import LOSSES, SEEDS, digest, random_network, random_samples
from hypothesis import given, settings
from test_ledger import LINEAR, SMOOTH, XOR, balances, forward, parts

import nodesim as ns
from nodesim.ledger import columns, posting, routes
from nodesim.ledger.entry import VIEWS
from nodesim.training import following
from nodesim.training.orders import Orders

# Torch takes long for single samples.
SOME = settings(max_examples=max(5, settings.default.max_examples // 4))
EARLIER = "memory of earlier trainings"
SLOPES = {"l1": lambda w, s: s * np.sign(w), "l2": lambda w, s: s * w, "quartic": lambda w, s: 4.0 * s * w**3}
QUARTIC = ns.Regularizer("quartic", formula="k * w ** 4", parameters={"k": 0.03})


def along_paths(net, x, y, weights, watched, mask):
    """Return the product along each path from e back to a weight, for one sample."""
    value, sent = forward(net, x, weights, mask)
    slopes = {n: torch.autograd.grad(sent[n], z, retain_graph=True)[0].item() for n, z in value.items()}
    outs = torch.stack([sent[node] for node in net.outputs])[None].detach().requires_grad_()
    seeds = torch.autograd.grad(LOSSES[net.loss.name](torch.tensor(y)[None], outs)[0], outs)[0][0].tolist()
    found = {}
    for connection in watched:
        for output, seed in zip(net.outputs, seeds):
            for way in ways(connection, output):
                product = seed * sent[connection.source].item() * math.prod(slopes[each.target] for each in way)
                product *= math.prod(weights[each].item() for each in way[1:])
                found[connection, " → ".join(node.name for node in (connection.source, *(c.target for c in way)))] = (
                    product
                )
    return found


def ways(connection, output):
    """Yield all ways from a connection to an output."""
    if connection.target is output:
        yield (connection,)
    for onward in connection.target.outgoing:
        yield from ((connection, *rest) for rest in ways(onward, output))


class Case:
    """A training with random options, and the same in torch, sample by sample and step by step."""

    def __init__(self, seed):
        self.net, rng = random_network(
            seed, activations=SMOOTH, loss=str(np.random.default_rng(seed).choice(["mse", "huber"])), max_hidden=5
        )
        self.net.connections[0].trainable, self.n = True, 6
        self.X, self.Y = random_samples(self.net, rng, self.n)
        self.optimizer = str(rng.choice([*LINEAR, "adam"]))
        self.batch = rng.choice([2, 4, None])
        self.strengths = {name: 0.03 for name in SLOPES if rng.random() < 0.4}
        self.clip = float(rng.choice([0.02, 0.5])) if rng.random() < 0.5 else None
        self.drop = 0.4 if rng.random() < 0.5 else None
        self.counts = rng.integers(0, 3, self.n).astype(float) if rng.random() < 0.5 else None
        if self.counts is not None and not self.counts.any():
            self.counts[0] = 1.0
        self.schedule = rng.random() < 0.4
        self.followed_first, self.resumes = rng.random() < 0.7, rng.random() < 0.6
        self.watched = [c.name for c in self.net.connections][:4]
        # What the replay knows.
        self.twin = self.net.copy()
        self.weights = {c: c.weight for c in self.twin.connections}
        self.memory, self.velocity, self.accounts, self.steps = {}, Counter(), Counter(), 0
        self.allowed = Counter()

    def rate(self, epoch):
        return 0.05 / epoch if self.schedule else 0.03

    @property
    def options(self):
        chosen = {name: s for name, s in self.strengths.items() if name != "quartic"}
        return {
            "epochs": 2, "optimizer": self.optimizer, "batch_size": self.batch, "clip": self.clip, "dropout": self.drop,
            "sample_weight": self.counts, "learning_rate": self.rate if self.schedule else self.rate(1), **chosen,
            "regularizer": QUARTIC if "quartic" in self.strengths else None,
        }  # fmt: skip

    def masks(self, size):
        """Draw what the training will draw: a number for each hidden node and sample."""
        if self.drop is None:
            return [{}] * size
        hidden = [node for node in self.twin.schedule.nodes if node.kind == "hidden"]
        drawn = self.twin.structure.generator.random((len(hidden), size))
        kept = np.where(drawn < self.drop, 0.0, 1.0 / (1.0 - self.drop))
        return [dict(zip(hidden, column)) for column in kept.T]

    def train(self, done):
        orders = Orders(self.twin.structure, self.n, mixed=self.batch is not None)
        for epoch in (1, 2):
            order = orders.drawn(1)[0]
            for first in range(0, self.n, self.batch or self.n):
                samples = order[first : first + (self.batch or self.n)]
                counts = np.ones(len(samples)) if self.counts is None else self.counts[samples]
                if counts.sum():
                    self.update(samples, counts / counts.sum(), self.rate(done + epoch))

    def update(self, samples, shares, rate):
        tensors = {c: torch.tensor(w, dtype=torch.float64, requires_grad=c.trainable) for c, w in self.weights.items()}
        whole, own, watched = Counter(), Counter(), [self.twin[name] for name in self.watched]
        for sample, share, mask in zip(samples, shares, self.masks(len(samples))):
            x, y = self.X[sample], self.Y[sample]
            by_output, by_node, gradients = parts(self.twin, x, y, tensors, watched, mask)
            by_path = along_paths(self.twin, x, y, tensors, watched, mask)
            for kind, found in (("output", by_output), ("node", by_node), ("path", by_path)):
                for (c, name), gradient in found.items():
                    own[c, kind, name] += gradient * share
            for c, gradient in gradients.items():
                whole[c] += gradient * share
                own[c, "sample", int(sample)] += gradient * share
        for c, weight in self.weights.items():
            for name, strength in self.strengths.items():
                whole[c] += SLOPES[name](weight, strength)
                own[c, "beside", name] += SLOPES[name](weight, strength)
        learning = [c for c in self.weights if c.trainable]
        length = math.sqrt(sum(whole[c] ** 2 for c in learning))
        cut = 1.0 if self.clip is None else min(1.0, self.clip / (length + 1e-6))
        self.steps += 1
        for c in learning:
            step, share = self.step(c, cut * whole[c], rate), None
            if self.optimizer == "adam":
                share = step / (cut * whole[c]) if whole[c] else 0.0
                size = sum(abs(g) for key, g in own.items() if key[0] is c)
                self.allowed[c] += abs(step) * (size / (abs(whole[c]) or 1.0)) ** 2
                self.accounts[c, "beside", "memory of the optimizer"] += 0.0 if whole[c] else step
            for key in {key for key in (*own, *self.velocity) if key[0] is c}:
                if share is None:
                    self.accounts[key] += self.linear(key, cut * own[key], rate)
                    self.allowed[c] += rate * abs(own[key])
                else:
                    self.accounts[key] += share * cut * own[key]
            self.weights[c] += step

    def step(self, c, gradient, rate):
        if self.optimizer != "adam":
            return self.linear(c, gradient, rate, self.memory)
        mean, square = self.memory.get(c, (0.0, 0.0))
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        self.memory[c] = mean, square
        scale = math.sqrt(square) / math.sqrt(1.0 - 0.999**self.steps) + 1e-8
        return -rate / (1.0 - 0.9**self.steps) * mean / scale

    def linear(self, key, gradient, rate, memory=None):
        """Every gradient has a velocity of its own."""
        if self.optimizer == "sgd":
            return -rate * gradient
        memory = self.velocity if memory is None else memory
        memory[key] = 0.9 * memory.get(key, 0.0) + gradient
        return -rate * (memory[key] if self.optimizer == "momentum" else gradient + 0.9 * memory[key])

    def forget(self, *, all_of_it):
        """What is remembered goes on, but is known to nobody; or is forgotten."""
        self.velocity = Counter()
        if all_of_it:
            self.memory, self.steps = {}, 0
        elif self.optimizer in LINEAR[1:]:
            self.velocity = Counter({(c, "beside", EARLIER): v for c, v in self.memory.items()})


def check(case):
    """Compare every account of two trainings, the second of which may resume the first, and the first be unseen."""
    net, twin = case.net, case.net.copy()
    ledger = ns.Ledger(net, case.watched) if case.followed_first else None
    first = net.fit(case.X, case.Y, callbacks=() if ledger is None else ledger, **case.options)
    case.train(0)
    if ledger is None:
        ledger, case.accounts = ns.Ledger(net, case.watched), Counter()
        case.forget(all_of_it=not case.resumes)
    elif not case.resumes:
        case.forget(all_of_it=True)
    second = net.fit(case.X, case.Y, callbacks=ledger, resume=case.resumes, **case.options)
    case.train(2 if case.resumes else 0)
    # It changes nothing.
    assert twin.fit(case.X, case.Y, **case.options) == first
    assert twin.fit(case.X, case.Y, resume=case.resumes, **case.options) == second
    assert digest(twin) == digest(net)
    balances(ledger)
    for name, entry in ledger.items():
        c = case.twin[name]
        allowed = 1e-11 * (case.allowed[c] + 1.0)
        assert entry.end == net[name].weight == pytest.approx(case.weights[c], rel=0, abs=allowed)
        beside = {key: amount for (d, kind, key), amount in case.accounts.items() if d is c and kind == "beside"}
        for by in ("output", "node", "sample", "path"):
            own = {key: amount for (d, kind, key), amount in case.accounts.items() if d is c and kind == by}
            wanted, found = own | beside, dict(entry.view(by))
            assert abs(found.pop("rounding", 0.0)) <= allowed
            for key in {*wanted, *found}:
                assert found.get(key, 0.0) == pytest.approx(wanted.get(key, 0.0), rel=0, abs=allowed), (name, by, key)


@pytest.mark.usefixtures("every_engine")
@SOME
@given(SEEDS)
def test_accounts_are_those_of_torch(seed):
    check(Case(seed))


# ---- what is resumed --------------------------------------------------------------------------------------------


EVERYTHING = {
    "l1": 0.002, "l2": 0.01, "clip": 0.2, "dropout": 0.3, "sample_weight": [1.0, 2.0, 0.0, 1.5], "batch_size": 3
}  # fmt: skip


@pytest.fixture
def net():
    return ns.Network.layered([2, 4, 3, 1], hidden="tanh", seed=1)


def views(ledger, names=VIEWS):
    return {(name, by): dict(entry.view(by)) for name, entry in ledger.items() for by in names}


def same(found, wanted):
    assert found.keys() == wanted.keys()
    for key, view in wanted.items():
        size = sum(map(abs, view.values()))
        for name in {*view, *found[key]}:
            assert found[key].get(name, 0.0) == pytest.approx(view.get(name, 0.0), rel=0, abs=1e-11 * size), (key, name)


@pytest.mark.parametrize("optimizer", [*LINEAR, "adam"])
def test_many_trainings_are_one(net, optimizer):
    """What is remembered of each sample and path goes on, through files, too."""
    options = {**EVERYTHING, "optimizer": optimizer, "learning_rate": lambda epoch: 0.1 / epoch, "shuffle": False}
    twin = net.copy()
    once = ns.Ledger(net, ["W1", "W14", "W27"])
    net.fit(*XOR, epochs=6, callbacks=once, **options)
    often = ns.Ledger(twin, ["W1", "W14", "W27"])
    for epochs in (1, 2, 1, 2):
        twin.fit(*XOR, epochs=epochs, callbacks=often, resume=True, **options)
        twin, often = pickle.loads(pickle.dumps((twin, often)))
    assert (twin.weights == net.weights).all()
    assert EARLIER not in often["W1"].by_output()
    same(views(often), views(once))
    balances(often)


@pytest.mark.parametrize("optimizer", ["momentum", "nesterov"])
def test_memory_of_what_was_not_followed_has_a_row(net, optimizer, engine):
    net.engine = engine
    options = {"epochs": 3, "optimizer": optimizer, "learning_rate": 0.05, "resume": True}
    ledger = ns.Ledger(net, ["W1", "W20"])
    net.fit(*XOR, callbacks=ledger, **options)
    net.fit(*XOR, **options)
    before = views(ledger)
    velocity = dict(zip(net.connections, net.simulator.kept_training.state["velocity"].tolist()))
    net.fit(*XOR, callbacks=ledger, **options)
    # From no gradient at all, only what was remembered.
    powers = [0.9 ** (step + (optimizer == "nesterov")) for step in (1, 2, 3)]
    for name, entry in ledger.items():
        wanted = -0.05 * velocity[net[name]] * sum(powers)
        for by in ("output", "node", "sample", "path"):
            assert entry.view(by)[EARLIER] == pytest.approx(wanted, rel=1e-12)
        assert EARLIER not in entry.by_epoch()
        assert set(before[name, "output"]) | {EARLIER, "set between trainings"} >= set(entry.by_output())
    balances(ledger)
    # What is set between trainings is no reason to lose what is remembered of samples.
    net["W1"].weight += 0.25
    remembered = {name: entry.by_output()[EARLIER] for name, entry in ledger.items()}
    net.fit(*XOR, callbacks=ledger, **options)
    for name, entry in ledger.items():
        left = -0.05 * velocity[net[name]] * 0.9**3 * sum(powers)
        assert entry.by_output()[EARLIER] - remembered[name] == pytest.approx(left, rel=1e-9)
    balances(ledger)
    # Afresh, nothing is remembered.
    row = {name: entry.by_output()[EARLIER] for name, entry in ledger.items()}
    net.fit(*XOR, callbacks=ledger, **{**options, "resume": False})
    assert {name: entry.by_output()[EARLIER] for name, entry in ledger.items()} == row
    balances(ledger)


def test_samples_that_are_gone_go_on_in_what_is_remembered(net):
    ledger = ns.Ledger(net, "W1")
    for first in (0, 2):
        x, y = XOR[0][first : first + 2] + 0.5, XOR[1][first : first + 2]
        before = ledger["W1"].by_sample()
        net.fit(x, y, epochs=2, optimizer="momentum", learning_rate=0.05, resume=True, callbacks=ledger)
    assert all(ledger["W1"].by_sample()[sample] != before[sample] != 0.0 for sample in (0, 1))
    balances(ledger)


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        ("sgd", {"l2": 0.01, "clip": 0.05, "sample_weight": [1.0, 2.0, 0.0, 1.5]}),
        ("sgd", {"dropout": 0.2, "clip": 0.3, "batch_size": 2}),
        ("momentum", {"l1": 0.01, "batch_size": 3}),
        ("nesterov", {"dropout": 0.2, "class_weight": "balanced", "batch_size": 3}),
    ],
)
def test_without_a_learning_rate(net, optimizer, options, small, monkeypatch):
    """Undone epochs are not posted, and take what was remembered with them."""
    if small:
        monkeypatch.setattr(following, "_BYTES", 300)
    x, y = XOR[0] * (30.0 if optimizer == "sgd" else 1.0), XOR[1]
    net.weights = (4.0 if optimizer == "sgd" else 0.01) * net.weights
    net["O1"].activation = "sigmoid"
    twin, ledger = net.copy(), ns.Ledger(net, ["W1", "W20"])
    undone = 0
    for _ in range(3):
        options |= {"epochs": 30, "optimizer": optimizer, "resume": True}
        watched, alone = net.fit(x, y, callbacks=ledger, **options), twin.fit(x, y, **options)
        assert watched == alone
        assert digest(net) == digest(twin)
        undone += alone.undone
    assert undone
    assert (ledger["W1"].epochs, ledger["W1"].end) == (90, net["W1"].weight)
    assert not {EARLIER, "set by a callback", "set between trainings"} & set(ledger["W1"].by_output())
    balances(ledger)


# ---- samples ----------------------------------------------------------------------------------------------------


def test_a_batch_of_no_weight_is_no_update(net):
    ledger = ns.Ledger(net, "W1")
    options = {"epochs": 3, "learning_rate": 0.1, "batch_size": 1, "shuffle": False, "callbacks": ledger}
    history = net.fit(*XOR, sample_weight=[0.0, 1.0, 0.0, 2.0], **options)
    assert ledger["W1"].updates == history.updates == 6
    assert [ledger["W1"].by_sample()[sample] != 0.0 for sample in range(4)] == [False, False, False, True]
    assert len(ledger["W1"].by_epoch()) == 3
    balances(ledger)


def test_samples_that_are_held_out_keep_their_numbers(net):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(10, 2)), rng.random(10)
    twin, ledger = net.copy(), ns.Ledger(net, "W1")
    options = {"epochs": 3, "learning_rate": 0.1, "batch_size": 4}
    net.fit(X, y, validation_split=0.3, sample_weight=np.arange(10.0) + 1.0, callbacks=ledger, **options)
    view = ledger["W1"].by_sample()
    trained = np.flatnonzero(view.array)
    assert len(view) == 10
    assert len(trained) == 7
    # The same samples, given alone.
    other = ns.Ledger(twin, "W1")
    twin.fit(X[trained], y[trained], sample_weight=trained + 1.0, callbacks=other, **options)
    assert view.array[trained].tolist() == other["W1"].by_sample().array.tolist()
    assert twin["W1"].weight == net["W1"].weight
    # All of them have the same numbers.
    net.fit(X, y, callbacks=ledger, **options)
    assert len(ledger["W1"].by_sample()) == 10
    assert np.all(ledger["W1"].by_sample().array)
    balances(ledger)


def test_samples_without_weight_choose_no_paths():
    """Of very many paths those are the strongest that are so for samples that count."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(30, 2)), rng.normal(size=(30, 2))
    net = ns.Network.layered([2, *[6] * 6, 2], hidden="tanh", seed=0)
    views = []
    for first, counts in ((0, np.repeat([0.0, 2.0], [20, 10])), (20, None)):
        twin = net.copy()
        ledger = ns.Ledger(twin, "W1")
        twin.fit(X[first:], Y[first:], epochs=2, learning_rate=0.1, sample_weight=counts, callbacks=ledger)
        views.append(dict(ledger["W1"].by_path(50)))
        balances(ledger)
    assert views[0] == pytest.approx(views[1], rel=1e-9)


@pytest.mark.parametrize("rate", [None, 0.1])
def test_batches_in_shards_are_followed(net, rate):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 2)), rng.random(40)
    options = {
        "epochs": 4, "learning_rate": rate, "l2": 0.01, "clip": 0.01, "sample_weight": rng.random(40), "n_jobs": 1
    }  # fmt: skip
    if rate:
        options |= {"dropout": 0.3, "batch_size": 18, "optimizer": "momentum"}
    twin, ledger = net.copy(), ns.Ledger(net, ["W1", "W20"])
    for resume in (False, True):
        watched = net.fit(X, y, callbacks=ledger, resume=resume, **options)
        assert watched == twin.fit(X, y, resume=resume, **options)
        assert digest(net) == digest(twin)
    assert ledger["W1"].updates == (24 if rate else 8)
    assert set(ledger["W1"].by_output()) - {"rounding"} == {"O1", "l2"}
    balances(ledger)


def test_batches_that_are_handed_over_are_refused(net):
    ledger, before = ns.Ledger(net, "W1"), digest(net)
    with pytest.raises(ns.ArgumentError, match="a ledger needs all samples at hand"):
        net.fit(iter([XOR]), epochs=2, callbacks=ledger)
    assert digest(net) == before
    assert ledger["W1"].updates == 0


# ---- forms of calculation ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_all_forms_post_the_same(monkeypatch, optimizer):
    """Rows and matrices, in chunks and in pieces, by all paths and by sweeps, and in many small notes."""
    rng = np.random.default_rng(0)
    X, Y, counts = rng.normal(size=(20, 3)), rng.normal(size=(20, 2)), rng.random(20)
    options = {"l2": 0.01, "clip": 0.1, "dropout": {"H2": 0.4, "H5": 0.2, "H8": 0.1}, "sample_weight": counts}

    def posted(**chosen):
        with monkeypatch.context() as patch:
            for name, (module, value) in chosen.items():
                patch.setattr(module, name, value)
            net = ns.Network.layered([3, 4, 4, 2], hidden="tanh", seed=0)
            net.connect("I1", "H6"), net.connect("H2", "O1"), net.connect("I2", "O2")
            ledger = ns.Ledger(net, ["W1", "W2", "W20", net.connections[-1]])
            for resume in (False, True):
                net.fit(
                    X, Y, epochs=2, optimizer=optimizer, learning_rate=0.01, batch_size=9, callbacks=ledger,
                    resume=resume, **options,
                )  # fmt: skip
            balances(ledger)
            return views(ledger)

    wanted = posted()
    matrices = {"_HUGE": (columns, 0)}
    pieces = {"_NUMBERS": (posting, 50), "_COLUMNS": (posting, 1)}
    for chosen in (matrices, pieces, matrices | pieces, {"_BYTES": (following, 1)}):
        found = posted(**chosen)
        for key, view in wanted.items():
            assert found[key] == pytest.approx(view, rel=1e-9, abs=1e-13), (chosen, key)
    for chosen in ({}, matrices, pieces):
        found = posted(ALL=(routes, 0), TRACKED=(posting, 3), **chosen)
        for (name, by), view in wanted.items():
            if by != "path":
                assert found[name, by] == pytest.approx(view, rel=1e-9, abs=1e-13), (chosen, name, by)
                continue
            few = found[name, by]
            assert "l2" in few
            for path, amount in few.items():
                if path != "other paths":
                    assert amount == pytest.approx(view[path], rel=1e-9, abs=1e-13), (chosen, name, path)


def test_what_was_dropped_waits_in_bits(net, monkeypatch):
    """A byte for each sample of a network of up to eight hidden nodes."""
    sizes = []

    class Watching(type(ns.Ledger(net, "W1").__follower__)):
        def follow(self, note):
            sizes.append((note.dropped.nbytes, note.size, note.nbytes))
            super().follow(note)

    ledger = ns.Ledger(net, "W1")
    ledger._keeper.__class__ = Watching
    monkeypatch.setattr(following, "_BYTES", 6_000)
    net.fit(*XOR, epochs=50, batch_size=2, learning_rate=0.1, dropout=0.5, callbacks=ledger)
    assert sum(size for _, size, _ in sizes) == 200
    assert all(dropped == size for dropped, size, _ in sizes)
    # Not more waits than may, nor much less.
    assert all(2_500 < nbytes < 6_000 for _, _, nbytes in sizes[:-1])


def test_callbacks_may_set_anything_meanwhile(net, engine):
    """Another activation puts the nodes into another order, and those that are dropped with them."""
    net.engine = engine
    ledger = ns.Ledger(net, ["W1", "W16", "W20"])

    def change(epoch):
        if epoch.number == 2:
            epoch.network["H1"].activation = "sigmoid"
        if epoch.number == 3:
            epoch.network["W1"].weight += 0.25
            epoch.learning_rate = 0.01
        if epoch.number == 4:
            epoch.network["W16"].trainable = False

    options = {**EVERYTHING, "dropout": {"H1": 0.4, "H6": 0.3}}
    net.fit(*XOR, epochs=6, learning_rate=0.1, optimizer="momentum", callbacks=[change, ledger], **options)
    assert ledger["W1"].by_output()["set by a callback"] == pytest.approx(0.25, rel=1e-12)
    assert (ledger["W16"].by_epoch().array[4:] == 0.0).all()
    balances(ledger)


@pytest.mark.parametrize("optimizer", [*LINEAR, "rmsprop"])
def test_in_float32(optimizer):
    net = ns.Network.layered([2, 4, 1], hidden="tanh", seed=1, dtype="float32")
    ledger = ns.Ledger(net, ["W1", "W13"])
    for resume in (False, True):
        net.fit(
            *XOR, epochs=5, learning_rate=0.01, optimizer=optimizer, resume=resume, callbacks=ledger, **EVERYTHING
        )  # fmt: skip
    for entry in ledger.values():
        assert abs(entry.by_output().get("rounding", 0.0)) < 1e-5
        assert EARLIER not in entry.by_output()
    balances(ledger)


# ---- penalties --------------------------------------------------------------------------------------------------


def test_a_penalty_alone_moves_a_weight_without_paths():
    net = ns.Network.layered([1, 2, 1], hidden="tanh", seed=0)
    net.add_hidden("dead end")
    loose = net.connect("I1", "dead end", weight=0.5)
    ledger = ns.Ledger(net, [loose, "W1"])
    net.fit([[1.0], [0.5]], [[0.3], [0.1]], epochs=3, learning_rate=0.1, l2=0.5, callbacks=ledger)
    assert loose.weight == pytest.approx(0.5 * 0.95**3, rel=1e-14)
    assert ledger[loose].by_path().names == ("l2",)
    assert ledger[loose].by_output()["l2"] == pytest.approx(0.5 * 0.95**3 - 0.5, rel=1e-14)
    balances(ledger)


@pytest.mark.parametrize("name", ["rounding", "O1", "set back", 'a "quoted" <name>'])
def test_odd_names_of_regularizers(net, name):
    """Rows are told apart, whatever they are called; two of one name share one."""
    odd = ns.Regularizer(name, formula="k * w ** 4", parameters={"k": 0.05})
    ledger = ns.Ledger(net, "W1")
    net.fit(*XOR, epochs=3, learning_rate=0.1, regularizer=[odd, odd.with_parameters(k=0.01)], callbacks=ledger)
    entry = ledger["W1"]
    row = f"({name})" if name == "O1" else name
    assert entry.by_output()[row] < 0.0
    assert entry.by_output()[row] == entry.by_sample()[name]
    balances(ledger)
    for by in VIEWS:
        ET.fromstring(entry.draw(by).svg)


def test_read(net):
    pandas = pytest.importorskip("pandas")
    net.fit(*XOR, epochs=2, learning_rate=0.1, optimizer="momentum", **EVERYTHING)
    ledger = ns.Ledger(net, ["W1", "W14"])
    net.fit(*XOR, epochs=20, learning_rate=0.1, optimizer="momentum", resume=True, callbacks=ledger, **EVERYTHING)
    entry = ledger["W1"]
    rows = ["O1", "l1", "l2", EARLIER]
    assert list(entry.by_output()) == rows
    assert [line.split("  ")[0] for line in str(entry).splitlines()[2:-1]] == rows
    assert entry.by_output().to_pandas()["output"].tolist() == rows
    assert isinstance(ledger.to_pandas(), pandas.DataFrame)
    assert list(json.loads(json.dumps(entry.summary()))["by_path"])[-3:] == rows[1:]
    for by in VIEWS:
        drawn = entry.draw(by).svg
        assert all((f">{row}<" in drawn) == (by != "epoch") for row in rows[1:]), by
        assert ("l2" in entry.view(by)._repr_html_()) == (by != "epoch")
    twin = copy.deepcopy((net, ledger))[1]
    assert views(twin) == views(ledger)
    balances(ledger)
