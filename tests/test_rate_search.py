"""Training without a learning rate: no network ends worse than it began; with one: who diverges says so."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from helpers import torch_error, torch_weights

import nodesim as ns

SHAPES = (
    (2, 8, 1),
    (1, 12, 1),
    (4, 5, 3),
    (3, 16, 16, 2),
    (2, 2, 2),
    (5, 3, 3, 1),
    (1, 4, 4, 4, 1),
    (8, 2),
    (6, 20, 4),
    (2, 1, 1),
)
NAMES = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "linear", "gelu")
XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]


def problem(seed):
    """Return a network of some shape and activation, and samples of any size and offset."""
    rng = np.random.default_rng(seed)
    shape, name = SHAPES[seed % 10], NAMES[seed // 10 % 7]
    net = ns.Network.layered(shape, hidden=name, seed=seed)
    count = int(rng.integers(1, 40))
    x = rng.normal(rng.normal(), 10.0 ** rng.integers(-1, 3), (count, shape[0]))
    y = rng.normal(rng.normal(), 10.0 ** rng.integers(-1, 2), (count, shape[-1]))
    return net, x, y


def error_in_torch(net, x, y):
    with torch.no_grad():
        return torch_error(net, x, y, torch_weights(net)).item()


@pytest.mark.parametrize(
    "options",
    [{}, {"batch_size": 5}, {"batch_size": 1}, {"optimizer": "momentum"}, {"optimizer": "rprop", "batch_size": 7}],
    ids=["descent", "batches", "online", "momentum", "rprop"],
)
def test_no_training_ends_above_its_beginning(compiled, options):
    """In all 150 problems for descent, and 50 for the others, most of which diverge at the optimizer's own rate."""
    undone = 0
    for seed in range(150 if not options and compiled == "native" else 50):
        net, x, y = problem(seed)
        net.engine = compiled
        before = error_in_torch(net, x, y)
        history = net.fit(x, y, epochs=15, **options)
        after = error_in_torch(net, x, y)
        assert after <= before * (1 + 1e-12), (seed, history)
        assert not history.diverged
        assert len(history.learning_rates) == len(history.errors) <= 15
        if not options:
            assert all(np.diff([*history.errors, after]) <= 1e-12 * before)
        undone += history.undone
    assert undone > (20 if "optimizer" not in options else 0)


@pytest.mark.parametrize("seed", range(20))
def test_the_recorded_rates_lead_torch_to_the_same_weights(engine, seed):
    net, x, y = problem(seed)
    net.engine = engine
    twin = net.copy()
    weights = torch_weights(twin)
    history = net.fit(x, y, epochs=6)
    for rate in history.learning_rates:
        torch_error(twin, x, y, weights).backward()
        with torch.no_grad():
            for weight in weights.values():
                weight -= rate * weight.grad
                weight.grad = None
    expected = [weights[connection].item() for connection in twin.connections]
    assert net.weights == pytest.approx(expected, rel=1e-6, abs=1e-6 * np.abs(expected).max())


def test_an_epoch_that_was_undone_leaves_nothing_behind():
    """By the recorded rates torch gets there, too, if it begins anew with each: only an undone epoch changes them."""
    for seed in (5, 32):
        net, x, y = problem(seed)
        twin = net.copy()
        weights, rates, errors = torch_weights(twin), [None], []
        options = {"optimizer": ns.optimizer("momentum", momentum=0.99), "validation_data": (x, y)}
        history = net.fit(x, y, epochs=30, **options)
        assert len(set(history.learning_rates)) > 1
        for rate in history.learning_rates:
            if rate != rates[-1]:
                optimizer = torch.optim.SGD(weights.values(), lr=rate, momentum=0.99)
            rates.append(rate)
            optimizer.zero_grad()
            error = torch_error(twin, x, y, weights)
            error.backward()
            errors.append(error.item())
            optimizer.step()
        expected = [weights[connection].item() for connection in twin.connections]
        assert net.weights == pytest.approx(expected, rel=1e-6, abs=1e-6 * np.abs(expected).max()), seed
        assert history.errors == pytest.approx(errors, rel=1e-6)
        assert history.validation_errors == pytest.approx([*errors[1:], error_in_torch(net, x, y)], rel=1e-6)


def test_ordinary_problems_are_solved():
    data = ns.datasets.load("iris")
    for hidden, options in (("sigmoid", {}), ("relu", {}), ("tanh", {"batch_size": 10})):
        net = ns.Network.layered([4, 8, 3], hidden=hidden, seed=3)
        history = net.fit(data.X, data.y, **options)
        assert (net.classify(data.X) == data.y).mean() >= 0.95, (hidden, history)


@pytest.mark.usefixtures("every_engine")
def test_callbacks_and_validation_data_change_nothing():
    data = ns.datasets.load("iris")
    plain, watched = (ns.Network.layered([4, 5, 3], seed=1) for _ in range(2))
    seen = []
    first = plain.fit(data.X, data.y, epochs=30)
    second = watched.fit(
        data.X,
        data.y,
        epochs=30,
        callbacks=lambda e: seen.append((e.error, e.network.weights.copy())),
        validation_data=(data.X[:9], data.y[:9]),
    )
    assert first.errors == second.errors == [error for error, _ in seen]
    assert first.learning_rates == second.learning_rates
    assert (plain.weights == watched.weights).all()
    assert (seen[-1][1] == watched.weights).all()
    assert len(second.validation_errors) == 30


def test_a_step_that_lowers_nothing_is_the_end():
    net = ns.Network.layered([1, 2, 1], seed=0)
    for connection in net.connections:
        connection.trainable = False
    history = net.fit([[0.0], [1.0]], [0.0, 1.0])
    assert (history.epochs, history.converged) == (1, True)
    solved = ns.Network.layered([2, 3, 1], hidden="tanh", seed=0)
    history = solved.fit(*XOR)
    assert history.converged
    assert history.epochs < 1000
    assert solved.error(*XOR) < 1e-25


@pytest.mark.usefixtures("every_engine")
@pytest.mark.parametrize("batch_size", [None, 1, 3])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_divergence_is_told_with_a_rate_that_works(batch_size, optimizer):
    x = np.random.default_rng(1).normal(0, 10, (12, 2))
    y = x.sum(axis=1)
    rate, rounds = 1.0, 0
    while True:
        net = ns.Network.layered([2, 8, 1], hidden="relu", seed=0)
        history = net.fit(x, y, epochs=200, learning_rate=rate, batch_size=batch_size, optimizer=optimizer)
        assert np.isfinite(net.weights).all()
        if not history.diverged:
            break
        assert history.epochs < 200
        if history.finite:
            # The first epoch at which it is known, and not a later one.
            assert history.errors[-1] > 1e6 * history.errors[0]
            assert all(e <= 1e6 * history.errors[0] or e <= d for d, e in zip(history.errors, history.errors[1:-1]))
            assert "it diverges" in history.stop_reason
        rate, rounds = float(re.search(r"learning_rate=(\S+) ", history.stop_reason)[1]), rounds + 1
    assert rounds >= 2
    assert history.errors[-1] < history.errors[0]


@pytest.mark.usefixtures("every_engine")
@pytest.mark.parametrize("batch_size", [None, 1, 3])
def test_a_slow_divergence_stops_in_the_epoch_in_which_it_is_one(batch_size):
    """With one weight, e grows by the same factor each epoch: how many epochs a million takes can be said."""
    updates = {None: 1, 1: 3, 3: 1}[batch_size]
    # Engines look at several epochs together; each of those looks may begin or end with the one to stop at.
    for epochs in (170, 171, 172, 233):
        net = ns.Network.layered([1, 1], bias=False, seed=0)
        net["W1"].weight = 2.0
        rate = (1 + np.exp(np.log(1e6) / (epochs - 1.5) / (2 * updates))) / 2
        history = net.fit(
            [[1.0]] * 3, [0.0] * 3, epochs=1_000, learning_rate=rate, batch_size=batch_size, shuffle=False
        )
        assert history.diverged
        assert history.finite
        assert history.epochs == epochs


def test_a_training_that_did_not_get_there_says_so():
    net = ns.Network.layered([2, 3, 1], seed=0)
    assert "the error still falling" in net.fit(*XOR, epochs=30, learning_rate=0.01).stop_reason
    worse = ns.Network.layered([4, 5, 3], seed=1)
    data = ns.datasets.load("iris")
    history = worse.fit(data.X, data.y, learning_rate=3.0)
    assert history.errors[-1] > history.errors[0]
    assert "with a larger error than at the beginning. Try learning_rate=0.3" in history.stop_reason


def test_negative_errors_are_no_divergence():
    """A loss may be negative: a million times its first error means nothing then."""
    loss = ns.Loss(
        "likelihood",
        function=lambda y, o: ((y - o) ** 2).mean(axis=0) - 5.0,
        derivative=lambda y, o: 2.0 * (o - y) / len(y),
    )
    for options in ({}, {"learning_rate": 0.1}, {"batch_size": 2}):
        net = ns.Network.layered([2, 3, 1], hidden="tanh", loss=loss, seed=0)
        history = net.fit(*XOR, epochs=100, **options)
        assert not history.diverged
        assert history.errors[-1] < -4.0, (options, history)


OWN = {
    "ignores its rate": lambda w, g, s, learning_rate: (w - 50.0 * g, s),
    "decays": lambda w, g, s, learning_rate: (w * 0.5 - learning_rate * g, s),
    "climbs": lambda w, g, s, learning_rate: (w + learning_rate * g, s),
    "steps by the sign": lambda w, g, s, learning_rate: (w - 0.1 * np.sign(g), s),
}


@pytest.mark.parametrize("step", OWN.values(), ids=OWN)
@pytest.mark.parametrize(
    "more", [{}, {"batch_size": 2}, {"start": lambda w, rate: {"a": 0.0}}], ids=["descent", "batches", "memory"]
)
def test_an_optimizer_that_does_not_follow_its_rate_ends_the_search(step, more):
    options = dict(more)
    mine = ns.Optimizer("mine", step, learning_rate=0.5, start=options.pop("start", None))
    net = ns.Network.layered([2, 3, 1], seed=1)
    before = net.error(*XOR)
    history = net.fit(*XOR, epochs=30, optimizer=mine, **options)
    assert net.error(*XOR) <= before
    assert history.epochs == 30 or "optimizer mine" in history.stop_reason or history.converged
    given = net.fit(*XOR, epochs=5, optimizer=mine, learning_rate=0.01)
    assert given.epochs == 5 or given.diverged


@pytest.mark.parametrize("options", [{}, {"batch_size": 1}, {"optimizer": "adam"}], ids=["descent", "online", "adam"])
def test_a_callback_may_move_the_training_to_another_place(options):
    """The search begins again there: what it promises is about where it began last."""
    changes = {
        "weights": lambda net: setattr(net, "weights", net.weights * 20.0 + 5.0),
        "loss": lambda net: setattr(net, "loss", "half_squared_error"),
        "constant": lambda net: setattr(net.biases[0], "value", 30.0),
        "freeze": lambda net: [setattr(connection, "trainable", False) for connection in net.connections],
    }
    for what, change in changes.items():
        net = ns.Network.layered([2, 3, 1], seed=1)

        def move(epoch, change=change):
            if epoch.number == 5:
                change(epoch.network)

        history = net.fit(*XOR, epochs=20, callbacks=move, **options)
        assert history.epochs == 20 or (history.converged and what == "freeze"), (what, history)
        assert not history.diverged


def test_callbacks_are_told_of_the_epoch_in_which_a_training_diverges():
    net = ns.Network.layered([1, 3, 1], hidden="relu", seed=0)
    seen = []
    options = {"epochs": 100, "learning_rate": 5.0, "callbacks": lambda epoch: seen.append(epoch.number)}
    history = net.fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], **options)
    assert history.diverged
    assert history.finite
    assert seen == list(range(1, history.epochs + 1))


def test_patience_with_what_got_worse_is_no_success():
    net = ns.Network.layered([1, 3, 1], hidden="tanh", seed=0)
    history = net.fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], 100, 100.0, optimizer="adam", patience=5)
    assert history.errors[-1] > history.errors[0]
    assert not history.converged
    assert "Try learning_rate=10 (it was 100)" in history.stop_reason


def raw(seed):
    """Return samples as they come: columns in the tens and the ten thousands, targets in the hundreds."""
    rng = np.random.default_rng(seed)
    x = np.stack([rng.uniform(20, 60, 80), rng.uniform(2e4, 9e4, 80)], axis=1)
    return x, 100 + 2 * x[:, 0] + x[:, 1] / 1000


@pytest.mark.parametrize("hidden", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize("options", [{}, {"batch_size": 16}], ids=["descent", "batches"])
def test_a_dead_end_is_no_success(hidden, options):
    """What torch says of the slopes decides: where half of the nodes are flat, nobody may take the end for success."""
    for seed in range(10):
        x, y = raw(seed)
        net = ns.Network.layered([2, 8, 1], hidden=hidden, seed=seed)
        history = net.fit(x, y, epochs=60, **options)
        z = torch.tensor(np.stack([node.value for node in net.hidden]) if net.predict(x) is not None else 0.0)
        z.requires_grad_(True)
        {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu}[hidden](z).sum().backward()
        flat = int((z.grad.abs().amax(dim=1) < 0.01).sum())
        dead_end = "a dead end, not a solution. Scale inputs and targets to about 1" in history.stop_reason
        assert dead_end == (2 * flat >= 8), (seed, flat, history)
        assert not (dead_end and history.converged)
        assert not dead_end or f"{flat} of 8 hidden nodes" in history.stop_reason
    x, y = ((part - part.mean(0)) / part.std(0) for part in raw(0))
    history = ns.Network.layered([2, 8, 1], hidden=hidden, seed=0).fit(x, y, epochs=60, **options)
    assert "dead end" not in history.stop_reason


def test_a_history_says_how_its_error_moved_in_the_end():
    data = ns.datasets.load("iris")
    for epochs, options in (
        (200, {}),
        (50, {"learning_rate": 0.01}),
        (30, {"learning_rate": 0.0}),
        (40, {"learning_rate": 0.05, "batch_size": 5}),
    ):
        net = ns.Network.layered([4, 5, 3], loss="softmax_cross_entropy", seed=1)
        history = net.fit(data.X, data.y, epochs=epochs, **options)
        before, after = history.errors[-1 - epochs // 10], history.errors[-1]
        moved = (
            "as"
            if before == after
            else f"{abs(before - after) / before:.2%} {'less' if after < before else 'more'} than"
        )
        assert f"({moved} {epochs // 10} epochs before)" in str(history)
        if options:
            assert ("larger error than at the beginning" in history.stop_reason) == (after > history.errors[0])
            assert ("still falling" in history.stop_reason) == (before - after > 0.01 * before)
        assert not history.converged
    assert "before" not in str(net.fit(data.X, data.y, epochs=9, learning_rate=0.1))
    # Ten epochs have a tenth, nine have none; and where nothing is left of the error, nothing of it falls.
    for epochs, falling in ((9, False), (10, True)):
        net = ns.Network.layered([1, 1], bias=False, output="linear", initializer="zeros", seed=0)
        history = net.fit([[1.0]], [[1.0]], epochs=epochs, learning_rate=0.1)
        assert ("still falling" in history.stop_reason) == falling
        net["W1"].weight = 1.0
        assert net.fit([[1.0]], [[1.0]], epochs=epochs, learning_rate=0.1).stop_reason == f"all {epochs} epochs done"
