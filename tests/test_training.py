"""Learning: epochs, batches, stopping, callbacks, interruption, numbers that are not finite."""

from __future__ import annotations

import contextlib
import functools
import gc
import io
import itertools
import re
import tracemalloc
import weakref

import numpy as np
import pytest
from helpers import digest, iris

import nodesim as ns
from nodesim.engines import choice
from nodesim.training import progress

XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]


@pytest.fixture
def net(engine):
    network = ns.Network.layered([2, 3, 1], seed=1)
    network.engine = engine
    return network


def test_full_batch_equals_the_steps_by_hand(net):
    twin = net.copy()
    history = net.fit(*XOR, epochs=50, learning_rate=0.3)
    errors = []
    for _ in range(50):
        twin.forward(XOR[0])
        errors.append(twin.backward(XOR[1]))
        twin.update(0.3)
    assert (net.weights == twin.weights).all()
    assert history.errors == errors


def test_online_equals_the_steps_by_hand(net):
    twin = net.copy()
    net.fit(*XOR, epochs=5, learning_rate=0.3, batch_size=1, shuffle=False)
    for _ in range(5):
        for x, y in zip(*XOR):
            twin.forward([x])
            twin.backward([y])
            twin.update(0.3)
    assert net.weights == pytest.approx(twin.weights, rel=1e-12, abs=1e-12)


@functools.cache
def by_hand(batch_size, epochs):
    """Return the errors and weights of a training, step by step."""
    (net, x, y), errors = long_epochs(), []
    net.engine = "nodes"
    for _ in range(epochs):
        errors.append(0.0)
        for first in range(0, len(x), batch_size):
            part = slice(first, first + batch_size)
            net.forward(x[part])
            errors[-1] += net.backward(y[part]) * len(x[part]) / len(x)
            net.update(0.01, optimizer="adam")
    return errors, net.weights


def long_epochs():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1100, 2))
    return ns.Network.layered([2, 3, 1], hidden="tanh", seed=1), x, np.sin(x).sum(axis=1)


@pytest.mark.parametrize(("batch_size", "threads", "epochs"), [(1, 1, 1), (40, 1, 2), (40, 2, 2)])
def test_epochs_that_take_longer_than_one_call_of_an_engine(batch_size, threads, epochs):
    """An engine begins with about 1,000 samples, and goes on within the epoch: nothing is lost or done twice there."""
    pytest.importorskip("numba")
    net, x, y = long_epochs()
    net.engine, net.threads = "native", threads
    options = {"learning_rate": 0.01, "batch_size": batch_size, "shuffle": False, "optimizer": "adam"}
    twin = net.copy()
    history = twin.fit(x, y, epochs=epochs, **options)
    errors, weights = by_hand(batch_size, epochs)
    assert history.errors == pytest.approx(errors, rel=1e-10)
    assert twin.weights == pytest.approx(weights, rel=1e-9, abs=1e-11)
    # What is wrong with a sample near the end is found there.
    y[1090] = 1e200
    history = net.fit(x, y, epochs=2, **options)
    assert (history.epochs, history.updates) == (0, 1090 // batch_size)
    good = y[: history.updates * batch_size]
    twin = long_epochs()[0]
    twin.fit(x[: len(good)], good, epochs=1, **options)
    assert net.weights == pytest.approx(twin.weights, rel=1e-9, abs=1e-11)


def test_batches_cover_every_sample_once_in_another_order(engine):
    """Each sample feeds a weight of its own: the gradients that an optimizer is given tell which are in a batch."""
    net = ns.Network.layered([7, 1], bias=False, seed=1, initializer="zeros")
    net.engine, seen = engine, []

    def step(weights, gradients, state, rate):
        seen.append(np.flatnonzero(gradients).tolist())
        return weights, state

    watching = ns.Optimizer("watching", step)
    net.fit(np.eye(7), np.ones(7), epochs=3, learning_rate=0.01, batch_size=3, optimizer=watching)
    assert [len(batch) for batch in seen] == [3, 3, 1] * 3
    epochs = [[sample for batch in seen[i : i + 3] for sample in batch] for i in (0, 3, 6)]
    assert all(sorted(epoch) == list(range(7)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2]


@pytest.mark.parametrize("batch_size", [None, 1, 2, 4, 100])
def test_trains_until_converged(net, batch_size):
    history = net.fit(*XOR, epochs=20_000, learning_rate=0.3, batch_size=batch_size, stop_at_error=1e-3)
    assert history.converged
    assert history.epochs < 20_000
    assert net.error(*XOR) <= 1e-3
    assert "the error is at most 0.001" in history.stop_reason


@pytest.mark.parametrize("stop", [{"stop_at_error": 0.05}, {"patience": 20, "tolerance": 1e-4}])
def test_the_generator_has_drawn_what_was_used(net, stop):
    """However many epochs an engine trains in one call, and where ever it stops: the next draw is the same."""
    twin = net.copy()
    twin.engine = "nodes"
    settings = {"epochs": 3000, "learning_rate": 0.5, "batch_size": 2, **stop}
    first, second = net.fit(*XOR, **settings), twin.fit(*XOR, **settings)
    assert first.converged
    assert first.epochs == second.epochs > 10
    net.initialize("normal"), twin.initialize("normal")
    assert (net.weights == twin.weights).all()


def test_patience_and_tolerance(net):
    history = net.fit(*XOR, epochs=5000, learning_rate=0.3, tolerance=1e-4, patience=5)
    assert history.converged
    assert "did not get lower by more than 0.0001 for 5 epochs" in history.stop_reason
    assert max(history.errors[-6:]) - min(history.errors[-6:]) < 1e-3
    still = net.fit(*XOR, epochs=100, learning_rate=0.0, tolerance=0.0)
    assert (still.epochs, still.converged) == (11, True)


def stops_after(errors, patience, tolerance):
    """Return after how many epochs a training stops whose errors go on like these, and which epoch was the best."""
    best, since = np.inf, 0
    for number, error in enumerate(errors, start=1):
        best, since = (error, 0) if error < best - tolerance else (best, since + 1)
        if since == patience:
            return number, number - since
    return len(errors), None


@pytest.mark.parametrize("validated", [False, True])
def test_patience_and_tolerance_are_counted_epoch_by_epoch(net, validated):
    """A training that is not stopped tells when each of those that are should have stopped, whatever engine counts."""
    found, wiggly = set(), {"learning_rate": 0.4}
    if validated:
        wiggly["validation_data"] = ([[0.1, 0.9], [0.9, 0.8]], [0.9, 0.2])
    once = 1.0  # a closure, which is called in the interpreter
    called = ns.Activation("mine", lambda z: np.tanh(once * z), lambda z, a: once * (1.0 - a * a))
    for batch_size, hidden in ((None, None), (1, None), (3, None), (1, called)):
        if hidden is not None:
            for node in net.hidden:
                node.activation = hidden
        settings, told = {"batch_size": batch_size, **wiggly}, []
        net.copy().fit(*XOR, epochs=200, **settings, callbacks=told.append)
        watched = [epoch.validation_error if validated else epoch.error for epoch in told]
        for patience, tolerance in ((1, 0.0), (1, 1e-3), (2, 1e-4), (3, 0.02), (7, 0.0), (20, 1e-3), (20, 0.1)):
            history = net.copy().fit(*XOR, epochs=200, patience=patience, tolerance=tolerance, **settings)
            epochs, best = stops_after(watched, patience, tolerance)
            assert history.epochs == epochs, (batch_size, patience, tolerance)
            assert history.learning_rates == [0.4] * epochs
            assert ("did not get lower by" in history.stop_reason) == (best is not None)
            assert (f"the weights of epoch {best} are restored" in history.stop_reason) == (validated and bool(best))
            found.add(epochs)
    assert len(found) > 8


def test_best_weights_are_restored_with_validation_data():
    X, classes = iris()
    net = ns.Network.layered([4, 8, 3], hidden="tanh", loss="softmax_cross_entropy", seed=0)
    snapshots = []
    history = net.fit(
        X[::10], classes[::10], epochs=2000, learning_rate=0.2, validation_data=(X[1::3], classes[1::3]), patience=50,
        callbacks=lambda epoch: snapshots.append(epoch.network.weights),
    )  # fmt: skip
    assert history.converged
    assert len(history.validation_errors) == history.epochs < 2000
    best = int(np.argmin(history.validation_errors))
    assert f"the weights of epoch {best + 1} are restored" in history.stop_reason
    assert (net.weights == snapshots[best]).all()
    assert net.error(X[1::3], classes[1::3]) == pytest.approx(min(history.validation_errors), rel=1e-12)


def test_iris_is_learned(engine):
    X, classes = iris()
    net = ns.Network.layered([4, 5, 3], loss="softmax_cross_entropy", seed=1)
    net.engine = engine
    history = net.fit(X, classes, epochs=40, learning_rate=0.05, batch_size=8, optimizer="adam")
    assert net.score(X, classes) >= 0.95
    assert history.updates == 40 * 19


def test_callbacks(net):
    told = []

    def watch(epoch):
        told.append((epoch.number, epoch.error, epoch.network is net, epoch.history.epochs, epoch.validation_error))
        assert epoch.network["W1"].weight == net.store.weights[net["W1"].slot]
        return epoch.number == 3

    history = net.fit(*XOR, epochs=10, callbacks=[watch, lambda epoch: None])
    assert [t[0] for t in told] == [1, 2, 3]
    assert told[0][1:] == (history.errors[0], True, 1, None)
    assert history.stop_reason == "a callback asked for it in epoch 3"


@pytest.mark.parametrize("stop", [{"stop_at_error": 0.24}, {"patience": 2, "tolerance": 0.1}])
def test_callbacks_are_told_of_the_epoch_that_the_training_stops_at(net, stop):
    told = []
    history = net.fit(*XOR, epochs=500, callbacks=lambda epoch: told.append(epoch.number), **stop)
    assert history.converged
    assert told == list(range(1, history.epochs + 1))


def test_a_callback_may_be_iterable(net):
    class Listed(list):
        def __call__(self, epoch):
            self.append(epoch.number)

    told = Listed()
    net.fit(*XOR, epochs=3, callbacks=told)
    assert told == [1, 2, 3]


def test_what_a_callback_changes_is_seen(net):
    def freeze(epoch):
        net["W1"].weight = 5.0
        net["W1"].trainable = False

    net.fit(*XOR, epochs=3, callbacks=freeze)
    assert net["W1"].weight == 5.0


def test_a_callback_must_not_edit_or_train(net):
    for edit in (lambda e: net.add_hidden(), lambda e: net.remove("H1"), lambda e: net.fit(*XOR, epochs=1)):
        before = digest(net)
        with pytest.raises(ns.StructureError, match="cannot be edited while it is being trained"):
            net.fit(*XOR, epochs=3, batch_size=2, callbacks=edit)
        assert digest(net) == before


def test_a_failing_callback_leaves_no_trace(net):
    def fail(epoch):
        if epoch.number == 3:
            raise ZeroDivisionError

    before = digest(net)
    with pytest.raises(ZeroDivisionError):
        net.fit(*XOR, epochs=5, batch_size=2, callbacks=fail)
    assert digest(net) == before
    net.add_hidden()


def test_interrupt_keeps_the_weights_of_a_whole_step(net):
    twin = net.copy()

    def interrupt(epoch):
        if epoch.number == 4:
            raise KeyboardInterrupt

    history = net.fit(*XOR, epochs=100, callbacks=interrupt)
    assert history.epochs == 4
    assert history.stop_reason.startswith("interrupted")
    twin.fit(*XOR, epochs=4)
    assert (net.weights == twin.weights).all()


def test_interrupt_in_the_middle_of_an_epoch(net):
    calls = []

    def function(z):
        calls.append(1)
        if len(calls) == 40:
            raise KeyboardInterrupt
        return z

    net["H2"].activation = ns.Activation("interrupting", function, lambda z, a: 1.0 + 0 * z)
    history = net.fit(*XOR, epochs=100, batch_size=1, learning_rate=0.01, shuffle=False)
    assert history.epochs == 9
    assert history.updates == 39


# One for all tests: each new one would be compiled. The other is finite whatever it is given.
HIDING = ns.Activation("hiding", lambda z: np.where(z > 0.0, 1.0, 0.0), lambda z, a: np.where(z > 0.0, 0.0, 0.0))
CUBIC = ns.Activation("cubic", lambda z: z**3, lambda z, a: 3 * z**2)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_what_is_not_finite_stops_the_training(net, optimizer):
    for hidden in net.hidden:
        hidden.activation = CUBIC
    net.weights = net.weights * 5
    history = net.fit(*XOR, epochs=1000, learning_rate=1e110, optimizer=optimizer)
    assert np.isfinite(net.weights).all()
    assert not history.converged
    assert history.epochs < 1000
    assert history.stop_reason.startswith("not finite in epoch")
    assert re.search(r"\b(H\d|O1|W\d+)\b", history.stop_reason)
    assert "The last finite weights are kept" in history.stop_reason


def test_after_training_no_sample_is_shown(net):
    net.forward([0.0, 1.0])
    net.fit(*XOR, epochs=2)
    with pytest.raises(ns.StateError, match="made, edited or trained"):
        _ = net["H1"].value
    with pytest.raises(ns.StateError):
        _ = net["W1"].gradient


def test_frozen_weights_stay(net):
    for optimizer in ("sgd", "momentum", "adam", "rprop", "rmsprop", "nesterov"):
        twin = net.copy()
        twin["W2"].trainable = twin["W9"].trainable = False
        kept = twin["W2"].weight, twin["W9"].weight
        twin.fit(*XOR, epochs=5, batch_size=2, optimizer=optimizer)
        assert (twin["W2"].weight, twin["W9"].weight) == kept
        assert sum(a != b for a, b in zip(twin.weights, net.weights)) == len(net.weights) - 2


ARGUMENTS = [
    ({"epochs": 0}, "epochs must be a whole number of at least 1, got 0"),
    ({"epochs": 2.5}, "epochs must be"),
    ({"batch_size": 0}, "batch_size must be"),
    ({"learning_rate": float("nan")}, "the learning rate must be a finite real number, got nan"),
    ({"learning_rate": -1}, "the learning rate must be 0 or more"),
    ({"optimizer": "adma"}, "Did you mean 'adam'"),
    ({"patience": 0}, "patience must be"),
    ({"tolerance": float("nan")}, "tolerance must be"),
    ({"stop_at_error": "low"}, "stop_at_error must be"),
    ({"callbacks": 3}, "callbacks must be callables"),
    ({"validation_data": 3}, r"validation_data must be a pair \(X, y\)"),
    ({"validation_data": ([[1.0]], [1.0])}, "x must have shape"),
]


@pytest.mark.parametrize(("arguments", "message"), ARGUMENTS)
def test_refused_arguments_leave_no_trace(arguments, message):
    net = ns.Network.layered([2, 3, 1], seed=1)
    net.forward([0.0, 1.0])
    before = digest(net)
    with pytest.raises(ns.NodesimError, match=message):
        net.fit(*XOR, **{"epochs": 2, **arguments})
    assert digest(net) == before


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (lambda w, g, s, r: 1 / 0, "optimizer odd: step raised ZeroDivisionError"),
        (lambda w, g, s, r: w, r"step must return \(weights, state\)"),
        (lambda w, g, s, r: (w[:1], s), r"step returned weights of shape \(1,\)"),
    ],
)
def test_a_misbehaving_optimizer_is_named(net, step, message):
    net.forward([0.0, 1.0]), net.backward([1.0])
    before = digest(net)
    odd = ns.Optimizer("odd", step)
    for call in (lambda: net.update(0.1, optimizer=odd), lambda: net.fit(*XOR, epochs=2, optimizer=odd)):
        with pytest.raises(ns.FunctionError, match=message):
            call()
        assert digest(net) == before


def test_history_reads_well(net):
    history = net.fit(*XOR, epochs=30)
    assert str(history).startswith("30 epochs, 30 updates: error ")
    assert str(history).endswith("stopped: all 30 epochs done")
    assert len(history.chart(20, 5).splitlines()) == 7
    assert len(history) == 30
    assert ns.History().chart() == "(no epoch completed)"
    assert "no epoch completed" in str(ns.History(stop_reason="interrupted in epoch 1"))
    assert ns.History(errors=[0.5]).chart(5, 3)
    assert ns.History(errors=[0.0, 0.0]).chart(5, 3)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_line_only_on_a_terminal(monkeypatch):
    clock = iter(np.arange(0.0, 1000.0, 0.6))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    for stream, shown, expected in ((Terminal(), None, True), (io.StringIO(), None, False), (io.StringIO(), True, True), (Terminal(), False, False)):  # fmt: skip
        monkeypatch.setattr(progress.sys, "stderr", stream)
        net = ns.Network.layered([2, 3, 1], seed=1)
        # The engine that looks at the clock after every epoch.
        net.engine = "nodes"
        net.fit(*XOR, epochs=20, progress=shown)
        assert ("epoch 10/20  error " in stream.getvalue()) is expected
        if expected:
            assert stream.getvalue().endswith("\r\x1b[K")


def test_what_a_failing_callback_ran_is_forgotten(net):
    def run_and_fail(epoch):
        epoch.network.forward(XOR[0])
        raise ZeroDivisionError

    before = net.forward(XOR[0])
    with pytest.raises(ZeroDivisionError):
        net.fit(*XOR, epochs=5, learning_rate=0.5, callbacks=run_and_fail)
    assert (net.forward(XOR[0]) == before).all()


def test_a_callback_may_choose_another_engine(engine):
    """As soon as an update is made by another engine, or at the next training; the numbers are the same."""
    expected = ns.Network.layered([2, 3, 1], seed=0).fit(*XOR, epochs=5, batch_size=3).errors
    for other in (name for name in choice.ENGINES if name != "native" or choice.has_native()):
        net = ns.Network.layered([2, 3, 1], seed=0)
        net.engine = engine

        def choose(epoch, other=other):
            if epoch.number == 2:
                epoch.network.engine = other

        errors = net.fit(*XOR, epochs=5, batch_size=3, callbacks=choose).errors
        assert errors == pytest.approx(expected, rel=1e-12)
        assert net.engine == other


def test_a_training_that_is_not_finite_has_drawn_the_orders_that_it_began():
    """Also by an engine to which those of many epochs are given at once."""
    x = np.linspace(-2.0, 2.0, 40)[:, None]
    ends = {}
    for engine in (name for name in choice.ENGINES if name != "native" or choice.has_native()):
        net = ns.Network.layered([1, 3, 3, 1], hidden="linear", seed=1)
        net.engine = engine
        history = net.fit(x, 3.0 * x + 1.0, epochs=300, learning_rate=0.04, batch_size=1)
        assert not history.finite
        ends[engine] = history.epochs, history.updates, str(net.structure.generator.bit_generator.state)
    assert ends["nodes"][0] == 2
    assert set(ends.values()) == {ends["nodes"]}


def forms_of(table, folder):
    """Return arrays with the same numbers: in other memory, in another order, not aligned, not to be written to."""
    apart, shifted = np.zeros((2 * len(table), len(table[0]) + 1)), np.zeros(8 * table.size + 1, dtype=np.int8)
    apart[::2, 1:] = table
    unaligned = shifted[1:].view(float).reshape(table.shape)
    unaligned[...] = table
    fixed = table.copy()
    fixed.flags.writeable = False
    np.save(file := folder / f"{table.shape[1]}.npy", table)
    return {
        "list": table.tolist(), "by column": np.asfortranarray(table), "apart": apart[::2, 1:], "unaligned": unaligned,
        "backwards": table[::-1].copy()[::-1], "fixed": fixed, "file": np.load(file, mmap_mode="r"),
        "swapped": table.astype(table.dtype.newbyteorder()), "objects": table.astype(object),
    }  # fmt: skip


def test_samples_are_read_where_they_stand_and_left_alone(engine, tmp_path):
    net, x, y = long_epochs()
    net.engine, x, y = engine, x[:100], y[:100, None]
    before, forms = (x.tobytes(), y.tobytes()), (forms_of(x, tmp_path), forms_of(y, tmp_path).values())
    for options in ({"batch_size": 1}, {"batch_size": 40}, {"optimizer": "adam"}):
        options |= {"epochs": 2, "learning_rate": 0.01}
        twin = net.copy()
        expected = twin.fit(x, y, **options).errors
        for (what, other), targets in zip(forms[0].items(), forms[1]):
            trained = net.copy()
            assert trained.fit(other, targets, **options).errors == expected, what
            assert (trained.weights == twin.weights).all(), what
    assert (x.tobytes(), y.tobytes()) == before


def test_samples_are_neither_copied_nor_kept(engine):
    net = ns.Network.layered([100, 2, 1], seed=0)
    net.engine = engine
    rng = np.random.default_rng(0)
    options = {"epochs": 1, "learning_rate": 0.01, "batch_size": 50}
    net.fit(rng.random((100, 100)), np.ones(100), **options)
    x, y = rng.random((10_000, 100)), rng.random((10_000, 1))
    tracemalloc.start()
    net.fit(x, y, **options)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < x.nbytes / 4
    # Where all of them are one batch, engines have a room of their own for them.
    x, y = x[:100].copy(), y[:100].copy()
    net.fit(x, y, epochs=1, learning_rate=0.01)
    gone = weakref.ref(x), weakref.ref(y)
    del x, y
    assert [each() for each in gone] == [None, None]


def samples_of_a_failing_fit(engine, raised):
    """Return weak references to them: to be nobody's, without anybody's looking for what keeps itself."""
    left = [9]

    def function(z):
        left[0] -= 1
        if raised and left[0] < 0:
            raise raised
        return 1.0 * z

    hidden = ns.Activation("mine", function, lambda z, a: np.ones_like(z))
    net = ns.Network.layered([2, 3, 1], hidden=hidden, seed=0)
    net.engine = engine
    x, y = np.zeros((40, 2)), np.ones((40, 1))
    x[30, 1] = 0.0 if raised else np.nan
    with contextlib.suppress(ns.NodesimError):
        net.fit(x, y, epochs=9, learning_rate=0.01, batch_size=7)
    return weakref.ref(x), weakref.ref(y)


def test_what_fails_keeps_no_samples(engine):
    gc.disable()
    try:
        for raised in (None, ValueError, KeyboardInterrupt):
            assert [each() for each in samples_of_a_failing_fit(engine, raised)] == [None, None], raised
    finally:
        gc.enable()


def test_an_input_that_is_no_number_is_found_whatever_becomes_of_it(engine):
    """It saturates what it feeds, over weights that are 0 or frozen, and leads nowhere or feeds nothing at all."""
    for wrong, hidden, optimizer, size in itertools.product(
        (np.nan, np.inf, -np.inf), ("sigmoid", "relu", "hiding"), ("sgd", "adam"), (1, 3, None)
    ):
        net = ns.Network.layered([3, 2, 1], seed=0)
        net.engine = engine
        net.disconnect("I3", "H1"), net.disconnect("I3", "H2")
        net.connect("I3", net.add_hidden("dead"), 0.0)
        net.add_input("I4")
        for node in net.hidden:
            node.activation = HIDING if hidden == "hiding" else hidden
        for connection in net["I2"].outgoing:
            connection.weight, connection.trainable = 0.0, False
        x, before = np.zeros((7, 4)), digest(net)
        for place in range(4):
            x[5, place] = wrong
            for rate in (0.0, 0.1, None):
                with pytest.raises(ns.DataError, match=f"sample 5: input I{place + 1} is {wrong}"):
                    net.fit(x, np.zeros(7), epochs=2, learning_rate=rate, optimizer=optimizer, batch_size=size)
            assert digest(net) == before
            x[5, place] = 0.0


def test_a_number_that_is_none_is_found_among_huge_ones():
    net, x = ns.Network.layered([2, 2, 1], seed=0), np.full((3, 2), 1e200)
    net.fit(x, np.ones(3), epochs=1, learning_rate=0.1, batch_size=1)
    x[1, 1] = np.nan
    before = digest(net)
    with pytest.raises(ns.DataError, match=r"sample 1: input I2 is nan\."):
        net.fit(x, np.ones(3))
    x[2, 0] = -np.inf
    with pytest.raises(ns.DataError, match=r"sample 1: input I2 is nan \(1 more like it\)"):
        net.fit(x, np.ones(3))
    assert digest(net) == before


CHANGES = [
    lambda net: None,
    lambda net: setattr(net, "loss", "huber"),
    lambda net: setattr(net, "threads", 2),
    lambda net: setattr(net["H1"], "activation", "gelu"),
    lambda net: setattr(net.biases[0], "value", 0.5),
    lambda net: setattr(net["W3"], "trainable", False),
    lambda net: setattr(net["W4"], "weight", -3.0),
    lambda net: net.split("W1"),
    lambda net: setattr(net, "engine", "numpy"),
]


def test_a_training_after_others_is_that_of_a_network_that_was_never_trained(net):
    """What one training leaves for the next, which may be another one, is of no effect."""
    rng = np.random.default_rng(1)
    choices = [(size, optimizer) for size in (1, 3, None) for optimizer in ("sgd", "adam")]
    for change in CHANGES:
        change(net)
        for number in range(8):
            size, optimizer = choices[0] if number < 2 else choices[rng.integers(len(choices))]
            x, options = rng.standard_normal((7 + number % 3, 2)), {"batch_size": size, "optimizer": optimizer}
            twin = net.copy()
            if number == 4:
                # Numbers that leave the finite ones leave nothing behind.
                net.fit(x, 1e300 * x[:, 0], epochs=3, learning_rate=1.0, **options)
                net.weights, net.structure.generator = twin.weights, twin.copy().structure.generator
            found, expected = (each.fit(x, x[:, 0], epochs=3, learning_rate=0.05, **options) for each in (net, twin))
            assert found.errors == expected.errors
            assert (net.weights == twin.weights).all()
