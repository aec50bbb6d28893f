"""Batches that are handed over one by one: the same training, whole steps whatever happens, and little memory."""

import itertools
import re
import signal
import tracemalloc

import numpy as np
import pytest

import nodesim as ns


def samples(count=60, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, 3)), rng.normal(size=(count, 2)), rng.integers(0, 3, count).astype(float)


def made(engine="numpy"):
    net = ns.Network.layered([3, 4, 2], hidden="tanh", seed=0)
    net.engine = engine
    return net


def in_tens(*columns):
    return [tuple(column[first : first + 10] for column in columns) for first in range(0, len(columns[0]), 10)]


def test_a_batch_of_weight_0_is_no_update():
    X, y, weights = samples()
    weights[20:30] = 0.0
    whole, handed = made(), made()
    options = {"epochs": 3, "learning_rate": 0.05, "optimizer": "adam"}
    expected = whole.fit(X, y, batch_size=10, shuffle=False, sample_weight=weights, **options)
    history = handed.fit(in_tens(X, y, weights), **options)
    assert handed.weights == pytest.approx(whole.weights, rel=1e-12)
    assert (history.updates, expected.updates) == (15, 15)
    assert history.errors == pytest.approx(expected.errors, rel=1e-12)
    nothing = (X, y, 0.0 * weights)
    with pytest.raises(ns.DataError, match="every sample has weight 0"):
        handed.fit([nothing, nothing], **options)
    with pytest.raises(ns.DataError, match="no finite number"):
        handed.fit([(X, y, np.full(60, 1e308))], **options)
    seen = iter([[(X, y, weights), nothing], [nothing]])
    ended = handed.fit(lambda: next(seen), **options)
    assert (ended.epochs, ended.updates) == (1, 1)
    assert "every sample has weight 0" in ended.stop_reason


class Loader:
    """What a data loader is: it can be iterated over again, and has a length."""

    def __init__(self, batches):
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __iter__(self):
        return iter(self.batches)


def generator(batches):
    yield from batches


WAYS = {
    "list": lambda batches: batches, "loader": Loader, "function": lambda batches: lambda: generator(batches),
    "lists in lists": lambda batches: Loader([list(map(np.ndarray.tolist, batch)) for batch in batches]),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_it_is_the_training_with_all_samples_at_hand(engine, way):
    X, y, weights = samples()
    for options, columns in (({}, (X, y)), ({"l2": 0.1, "clip": 0.5}, (X, y)), ({}, (X, y, weights))):
        for optimizer in ("sgd", "adam"):
            both = {"epochs": 3, "learning_rate": 0.05, "optimizer": optimizer, **options}
            whole, handed = made(engine), made(engine)
            weighted = {"sample_weight": weights} if len(columns) == 3 else {}
            expected = whole.fit(X, y, batch_size=10, shuffle=False, **weighted, **both)
            history = handed.fit(WAYS[way](in_tens(*columns)), **both)
            assert handed.weights == pytest.approx(whole.weights, rel=1e-12, abs=1e-15)
            assert history.errors == pytest.approx(expected.errors, rel=1e-12)
            assert history.updates == expected.updates


def test_it_can_be_validated_watched_and_resumed():
    X, y, _ = samples()
    batches, numbers = in_tens(X, y), []
    whole, parts = made(), made()
    options = {"learning_rate": lambda epoch: 0.1 / epoch, "optimizer": "momentum", "validation_data": (X[:5], y[:5])}
    history = whole.fit(batches, epochs=4, callbacks=lambda epoch: numbers.append(epoch.number), **options)
    assert numbers == [1, 2, 3, 4]
    assert len(history.validation_errors) == 4
    for _ in range(2):
        parts.fit(batches, epochs=2, resume=True, **options)
    assert (whole.weights == parts.weights).all()
    assert whole.fit(batches, epochs=100, stop_at_error=10.0, learning_rate=0.1).epochs == 1


def after_three(*more):
    """Hand over three good batches, and then something else."""

    def batches():
        X, y, _ = samples()
        yield from in_tens(X, y)[:3]
        for each in more:
            if isinstance(each, Exception):
                raise each
            yield each

    return batches


BAD = {
    "it raises": (ValueError("disk gone"), "ValueError: disk gone"),
    "a NodesimError": (ns.FileError("x.csv: damaged."), "x.csv: damaged"),
    "another width": ((np.zeros((5, 2)), np.zeros((5, 2))), r"x must have shape \(3,\) or \(n_samples, 3\)"),
    "another width of targets": ((np.zeros((5, 3)), np.zeros((5, 1))), "y must have shape"),
    "no targets": ((np.zeros((5, 3)), None), "y is missing"),
    "no pair": (np.zeros((5, 3)), "batch 4 must be a pair"),
    "nothing": (None, "batch 4 must be a pair"),
    "no samples": ((np.zeros((0, 3)), np.zeros((0, 2))), "x holds no samples"),
    "not finite": ((np.full((5, 3), np.nan), np.zeros((5, 2))), "sample 0: input I1 is nan"),
    "weights": ((np.zeros((2, 3)), np.zeros((2, 2)), [-1.0, 1.0]), "its weight is -1"),
}


@pytest.mark.parametrize("what", BAD)
def test_whatever_goes_wrong_leaves_whole_steps_and_says_so(what):
    given, message = BAD[what]
    net, expected = made(), made()
    history = net.fit(after_three(given), epochs=5, learning_rate=0.1)
    assert history.updates == 3
    assert history.epochs == 0
    X, y, _ = samples()
    expected.fit(in_tens(X, y)[:3], epochs=1, learning_rate=0.1)
    assert (net.weights == expected.weights).all()
    assert "the batches ended in epoch 1, after 3 of them" in history.stop_reason
    assert not history.converged
    assert re.search(message, history.stop_reason), history.stop_reason


def test_what_can_be_gone_through_once_ends_early_and_says_so():
    X, y, _ = samples()
    net, once = made(), made()
    history = net.fit(generator(in_tens(X, y)), epochs=10, learning_rate=0.1)
    once.fit(in_tens(X, y), epochs=1, learning_rate=0.1)
    assert (net.weights == once.weights).all()
    assert history.epochs == 1
    assert "no batches for epoch 2" in history.stop_reason
    endless = ((X[:5], y[:5]) for _ in itertools.count())
    stopped = made().fit(itertools.islice(endless, 7), epochs=1, learning_rate=0.1)
    assert stopped.updates == 7
    assert stopped.stop_reason.startswith("all 1 epochs done")


def test_ctrl_c_in_a_generator_leaves_whole_steps():
    X, y, _ = samples()

    def batches():
        yield from in_tens(X, y)[:4]
        signal.raise_signal(signal.SIGINT)

    net, expected = made(), made()
    history = net.fit(batches, epochs=5, learning_rate=0.1)
    expected.fit(in_tens(X, y)[:4], epochs=1, learning_rate=0.1)
    assert (net.weights == expected.weights).all()
    assert "interrupted" in history.stop_reason


@pytest.mark.parametrize(
    ("message", "batches", "options"),
    [
        ("there were no batches", iter([]), {}),
        ("batch 1 must be a pair", iter([1]), {}),
        ("TypeError", lambda: 3, {}),
        ("leave batch_size out", [([[0.0] * 3], [[0.0] * 2])], {"batch_size": 5}),
        ("validation_split needs", [([[0.0] * 3], [[0.0] * 2])], {"validation_split": 0.5}),
        ("'balanced' needs", [([[0.0] * 3], [[0.0] * 2])], {"class_weight": "balanced"}),
        ("stands in each", [([[0.0] * 3], [[0.0] * 2])], {"sample_weight": [1.0]}),
        ("a ledger needs", [([[0.0] * 3], [[0.0] * 2])], {"callbacks": "ledger"}),
    ],
)
def test_what_is_refused_before_anything_is_done(message, batches, options):
    net = made()
    if options.get("callbacks") == "ledger":
        options = {"callbacks": ns.Ledger(net, ["W1"])}
    before = net.weights.copy()
    with pytest.raises(ns.NodesimError, match=message):
        net.fit(batches, epochs=2, learning_rate=0.1, **options)
    assert (net.weights == before).all()


def test_no_batch_is_kept():
    """Of 64 MB that are made on the fly, a few at a time are in memory."""
    net = ns.Network.layered([100, 5, 1], hidden="tanh", seed=0)
    net.engine = "numpy"
    rng = np.random.default_rng(0)

    def batches():
        for rows in range(2_000, 2_040):
            X = rng.random((rows, 100))
            yield X, X[:, :1]

    one = 2_040 * 100 * 8
    tracemalloc.start()
    try:
        history = net.fit(batches, epochs=1, learning_rate=0.01)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert history.updates == 40
    assert peak < 14 * one
