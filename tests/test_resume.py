"""A training that is resumed goes on as if it had never stopped: in the same process, from a copy, a file, a pickle."""

import copy
import pickle

import numpy as np
import pytest

import nodesim as ns
from nodesim.plugins.lookup import default
from nodesim.training.updates import Updates

OPTIMIZERS = sorted(each.name for each in default.all(ns.Optimizer))
RATES = {"searched": None, "fixed": 0.05, "schedule": "cosine"}
OPTIONS = {
    "plain": {}, "batches": {"batch_size": 7}, "penalties": {"l1": 0.01, "l2": 0.1, "batch_size": 7},
    "clipped": {"clip": 0.3}, "dropout": {"dropout": 0.3, "batch_size": 7}, "weights": {"batch_size": 7},
}  # fmt: skip


def samples(seed=0, count=30):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, 3)), rng.normal(size=(count, 2)), rng.integers(0, 3, count).astype(float)


def made(engine="numpy", dtype="float64"):
    net = ns.Network.layered([3, 4, 2], hidden="tanh", seed=0, dtype=dtype)
    net.engine = engine
    return net


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("rate", RATES)
def test_n_trainings_of_one_epoch_are_one_of_n(optimizer, rate):
    """Bit by bit, by every optimizer, with a rate that is given, scheduled or searched for, and every option."""
    X, y, weights = samples()
    for name, options in OPTIONS.items():
        if name == "weights":
            options = {**options, "sample_weight": weights}
        options = {**options, "learning_rate": RATES[rate], "optimizer": optimizer}
        whole, parts = made(), made()
        history = whole.fit(X, y, epochs=5, **options)
        pieces = [parts.fit(X, y, epochs=1, resume=True, **options) for _ in range(5)]
        assert (whole.weights == parts.weights).all(), (name, abs(whole.weights - parts.weights).max())
        assert history.errors == [piece.errors[0] for piece in pieces]
        assert history.learning_rates == [piece.learning_rates[0] for piece in pieces]
        assert whole.simulator.structure.generator.random() == parts.simulator.structure.generator.random()


@pytest.mark.parametrize("engine", ["nodes", "native"])
def test_so_they_are_in_other_engines(engine):
    X, y, _ = samples()
    for optimizer in OPTIMIZERS:
        whole, parts = made(engine), made(engine)
        whole.fit(X, y, epochs=4, learning_rate=0.05, optimizer=optimizer, batch_size=8)
        for epochs in (1, 2, 1):
            parts.fit(X, y, epochs=epochs, learning_rate=0.05, optimizer=optimizer, batch_size=8, resume=True)
        assert (whole.weights == parts.weights).all(), optimizer


def by_file(net, folder):
    net.save(folder / "net.json")
    return ns.load(folder / "net.json")


@pytest.mark.parametrize("way", ["copy", "deepcopy", "file", "pickle"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_is_kept_goes_along(tmp_path, way, dtype):
    """Momenta, a rate that was cut back, the count of epochs: a copy or a file goes on bit by bit as the network does."""
    X, y, _ = samples()
    taken = {
        "copy": lambda net: net.copy(), "deepcopy": copy.deepcopy, "file": lambda net: by_file(net, tmp_path),
        "pickle": lambda net: pickle.loads(pickle.dumps(net)),
    }[way]  # fmt: skip
    for optimizer in OPTIMIZERS:
        net = made(dtype=dtype)
        net.fit(X, y, epochs=3, optimizer=optimizer, batch_size=7)
        other = taken(net)
        for each in (net, other):
            each.fit(X, y, epochs=3, optimizer=optimizer, batch_size=7, resume=True)
        assert (net.weights == other.weights).all(), optimizer


def test_an_activation_set_between_moves_what_is_remembered_along():
    """Connections may stand in another order of slots afterwards: each keeps its own momentum."""
    X, y, _ = samples()
    net = made()
    net.fit(X, y, epochs=2, optimizer="momentum", learning_rate=0.05)
    velocity = dict(zip((c.name for c in net.connections), net.simulator.kept_training.state["velocity"].tolist()))
    net["H2"].activation = "relu"
    before = net.weights.copy()
    frozen = [c for c in net.connections if c.name != "W5"]
    for connection in frozen:
        connection.trainable = False
    net.forward(X), net.backward(y)
    gradient = net["W5"].gradient
    net.fit(X, y, epochs=1, optimizer="momentum", learning_rate=0.05, resume=True)
    moved = dict(zip((c.name for c in net.connections), net.weights - before))
    assert moved["W5"] == pytest.approx(-0.05 * (0.9 * velocity["W5"] + gradient), rel=1e-12)
    assert all(moved[c.name] == 0.0 for c in frozen)


def test_a_first_resume_begins_afresh():
    X, y, _ = samples()
    fresh, resumed = made(), made()
    fresh.fit(X, y, epochs=3, optimizer="adam", learning_rate=0.05)
    resumed.fit(X, y, epochs=3, optimizer="adam", learning_rate=0.05, resume=True)
    assert (fresh.weights == resumed.weights).all()


def test_what_does_not_fit_is_refused():
    """By another optimizer, or after an edit: nothing is dropped silently, and nothing changed."""
    X, y, _ = samples()
    net = made()
    net.fit(X, y, epochs=2, optimizer="momentum", learning_rate=0.05)
    before = net.weights.copy()
    with pytest.raises(ns.StateError, match="by optimizer momentum"):
        net.fit(X, y, epochs=1, optimizer="adam", learning_rate=0.05, resume=True)
    net.add_hidden()
    with pytest.raises(ns.StateError, match="edited"):
        net.fit(X, y, epochs=1, optimizer="momentum", learning_rate=0.05, resume=True)
    assert (net.weights == before).all()
    net.fit(X, y, epochs=1, optimizer="momentum", learning_rate=0.05)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_an_edited_network_can_be_kept_and_is_refused_all_the_same(tmp_path, optimizer):
    """Whatever its optimizer remembered of other connections, as many as now or not."""
    X, y, _ = samples()
    for edit in (lambda net: net.connect("I1", "O1"), lambda net: (net.disconnect("W1"), net.connect("I1", "O1"))):
        net = made()
        net.fit(X, y, epochs=2, optimizer=optimizer, learning_rate=0.05)
        edit(net)
        for kept in (by_file(net, tmp_path), pickle.loads(pickle.dumps(net)), net.copy(), net):
            assert (kept.weights == net.weights).all()
            with pytest.raises(ns.StateError, match="edited"):
                kept.fit(X, y, epochs=1, optimizer=optimizer, learning_rate=0.05, resume=True)


@pytest.mark.parametrize("options", [{}, {"l2": 0.1}])
def test_what_is_kept_after_ctrl_c_belongs_to_the_weights(monkeypatch, options):
    """Wherever it comes in: also after a step was calculated, and before the weights are those after it."""
    X, y, _ = samples()
    net, taken, calls = made(), Updates._take, []

    def interrupted(self, *arguments, **more):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return taken(self, *arguments, **more)

    monkeypatch.setattr(Updates, "_take", interrupted)
    history = net.fit(X, y, epochs=50, batch_size=7, optimizer="adam", learning_rate=0.05, **options)
    assert "interrupted" in history.stop_reason
    assert net.simulator.kept_training.state["steps"] == history.updates > 0


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_what_a_callback_saves_can_be_gone_on_with(tmp_path, rate, optimizer):
    X, y, _ = samples()
    for options in ({}, {"batch_size": 7}, {"batch_size": 7, "dropout": 0.2, "l2": 0.1}):
        options = {**options, "optimizer": optimizer, "learning_rate": RATES[rate]}
        net, copies = made(), []

        def keeps(epoch, copies=copies):
            if epoch.number == 2:
                copies.extend((by_file(epoch.network, tmp_path), epoch.network.copy()))

        # Begun by another training: what that remembered is not what stands beside these weights.
        net.fit(X, y, epochs=1, **options)
        net.fit(X, y, epochs=5, callbacks=keeps, resume=True, **options)
        for each in copies:
            each.fit(X, y, epochs=3, resume=True, **options)
            assert (each.weights == net.weights).all()


def test_a_failing_training_leaves_what_was_kept(tmp_path):
    X, y, _ = samples()
    net = made()
    net.fit(X, y, epochs=2, optimizer="momentum", learning_rate=0.05)
    kept = net.simulator.kept_training

    def fails(epoch):
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        net.fit(X, y, epochs=2, optimizer="momentum", learning_rate=0.05, resume=True, callbacks=fails)
    assert net.simulator.kept_training is kept


def test_an_optimizer_that_no_file_can_name_is_told_when_it_is_asked_for(tmp_path):
    """The network can be saved; only going on with what its optimizer remembered cannot."""
    X, y, _ = samples()
    own = ns.Optimizer(
        "own_memory", lambda w, g, state, rate: (w - rate * g, {"seen": state["seen"] + 1}),
        start=lambda w, rate: {"seen": 0}, learning_rate=0.1,
    )  # fmt: skip
    net = made()
    net.fit(X, y, epochs=2, optimizer=own)
    net.fit(X, y, epochs=1, optimizer=own, resume=True)
    loaded = by_file(net, tmp_path)
    with pytest.raises(ns.StateError, match="could not be saved or read"):
        loaded.fit(X, y, epochs=1, optimizer="sgd", resume=True)


def test_a_network_can_be_read_where_its_optimizer_is_not_known(tmp_path):
    """What its optimizer remembered cannot be used there; the network can."""
    X, y, _ = samples()
    net = made()
    net.fit(X, y, epochs=2, optimizer="adam", learning_rate=0.05)
    net.save(tmp_path / "net.json")
    text = (tmp_path / "net.json").read_text()
    (tmp_path / "net.json").write_text(text.replace('"name": "adam"', '"name": "of_somebody_else"'))
    loaded = ns.load(tmp_path / "net.json")
    assert (loaded.weights == net.weights).all()
    with pytest.raises(ns.StateError, match="not registered"):
        loaded.fit(X, y, epochs=1, optimizer="adam", learning_rate=0.05, resume=True)


@pytest.mark.parametrize(("good", "bad"), [('"rate": 0.05', '"rate": -0.05'), ('"epochs": 2', '"epochs": -2')])
def test_a_file_whose_training_is_none_is_refused(tmp_path, good, bad):
    X, y, _ = samples()
    net = made()
    net.fit(X, y, epochs=2, optimizer="adam", learning_rate=0.05)
    net.save(tmp_path / "net.json")
    text = (tmp_path / "net.json").read_text()
    assert good in text
    (tmp_path / "net.json").write_text(text.replace(good, bad))
    with pytest.raises(ns.FileError, match="expected training"):
        ns.load(tmp_path / "net.json")


def test_epochs_are_counted_on():
    """A schedule goes on where it was, and a rate that a callback sets is that of the epochs to come."""
    X, y, _ = samples()
    net = made()
    first = net.fit(X, y, epochs=3, learning_rate=lambda epoch: 0.1 / epoch)
    second = net.fit(X, y, epochs=2, learning_rate=lambda epoch: 0.1 / epoch, resume=True)
    assert first.learning_rates + second.learning_rates == [0.1 / n for n in (1, 2, 3, 4, 5)]

    def stays(epoch):
        epoch.learning_rate = epoch.learning_rate

    # What is set counts in the place of a schedule, also if it is what the schedule says.
    history = net.fit(X, y, epochs=3, learning_rate=lambda epoch: 0.1 / max(1, epoch - 1), callbacks=stays)
    assert history.learning_rates == [0.1, 0.1, 0.1]

    def halves(epoch):
        if epoch.number == 2:
            epoch.learning_rate /= 2.0

    history = net.fit(X, y, epochs=4, learning_rate=lambda epoch: 0.1 / epoch, callbacks=halves)
    assert history.learning_rates == [0.1, 0.05, 0.1 / 3 / 2, 0.1 / 3 / 2]
    history = net.fit(X, y, epochs=4, learning_rate=0.1, callbacks=halves, batch_size=5)
    assert history.learning_rates == [0.1, 0.1, 0.05, 0.05]


@pytest.mark.parametrize("name", ["lr", "error"])
def test_nothing_else_of_an_epoch_can_be_set(name):
    """Under another name, as other libraries have it, a rate would change nothing and say nothing."""
    X, y, _ = samples()
    with pytest.raises(AttributeError, match=f"only learning_rate can be set, not {name}"):
        made().fit(X, y, epochs=2, callbacks=lambda epoch: setattr(epoch, name, 0.1))


@pytest.mark.parametrize("rate", [0.4, "cosine(rate=0.4)", None])
@pytest.mark.parametrize("saved", [False, True])
def test_a_rate_that_a_callback_has_set_holds_on(tmp_path, rate, saved):
    """Until another learning rate is asked for: as it does within one training."""
    X, y, _ = samples()

    def halves(epoch):
        epoch.learning_rate *= 0.5

    whole, parts = made(), made()
    options = {"learning_rate": rate, "callbacks": halves, "resume": True}
    history, found = whole.fit(X, y, epochs=4, **options), []
    for _ in range(4):
        found += parts.fit(X, y, epochs=1, **options).learning_rates
        parts = by_file(parts, tmp_path) if saved else parts
    assert found == history.learning_rates
    assert parts.weights == pytest.approx(whole.weights, rel=1e-12)
    assert parts.fit(X, y, epochs=1, learning_rate=0.3, resume=True).learning_rates == [0.3]
