"""Sweeps: every row is what `Network.fit` makes of the same network by itself, whoever is trained beside it."""

from __future__ import annotations

import contextlib
import pickle
import re
import subprocess
import sys

import numpy as np
import pytest
from helpers import ROOT, digest, random_network

import nodesim as ns
from nodesim.engines import compiled, native_form

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.5, 0.25]])
Y = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
OPTIMIZERS = ["sgd", "momentum", "nesterov", "adam", "rmsprop", "rprop"]
# Calculated anew from the row's parameters; all other columns are what became of it.
FIT = ("learning_rate", "batch_size", "optimizer")
native = pytest.mark.skipif(not native_form.has_native(), reason="numba is not installed")


def by_hand(make, row, **fit):
    """Train the network of a row as one would without a sweep, by the engine that walks from node to node."""
    net = make(row.parameters["seed"])
    net.engine = "nodes"
    history = net.fit(X, Y, **{name: row.parameters[name] for name in FIT}, **fit)
    return net, history


def assert_same(row, net, history, tolerance=1e-12):
    assert np.abs(row.weights - net.weights).max() <= tolerance * max(1.0, np.abs(net.weights).max())
    assert np.allclose(row.history.errors, history.errors, rtol=tolerance, atol=tolerance)
    for name in ("stop_reason", "converged", "diverged", "finite", "updates", "learning_rates"):
        assert getattr(row.history, name) == getattr(history, name), name
    made = row.network()
    assert (made.weights == row.weights).all()
    assert made.structure.generator.bit_generator.state == net.structure.generator.bit_generator.state


def side_by_side(table):
    """Tell that the networks of a table stood in lanes: their errors are numbers in one array."""
    return [outcome.errors.shape[1] > 0 for outcome in table._results.outcomes]


def seeded(net):
    """Return a maker of copies of a network, drawn anew from a seed."""

    def make(seed):
        twin = net.copy()
        twin.structure.generator = np.random.default_rng(seed)
        twin.initialize()
        return twin

    return make


@native
@pytest.mark.parametrize(("batch_size", "shuffle"), [(1, True), (2, False), (3, True), (None, True)])
def test_networks_side_by_side_are_those_of_fit(batch_size, shuffle):
    net = ns.Network.layered([2, 3, 2], output="sigmoid")
    net.engine = "native"
    fit = {"epochs": 12, "shuffle": shuffle}
    # The last, rprop, goes by signs alone: of single samples' gradients, which may be 0 but for a rounding.
    chosen = OPTIMIZERS[:-1] if batch_size == 1 else OPTIMIZERS
    table = ns.sweep(net, X, Y, range(70), optimizer=chosen, learning_rate=[0.01, 0.2], batch_size=batch_size, **fit)
    assert side_by_side(table) == [True] * len(chosen)
    for row in table[3 :: len(table) // 25]:
        assert_same(row, *by_hand(lambda seed: ns.Network.layered([2, 3, 2], output="sigmoid", seed=seed), row, **fit))


@native
def test_graphs_of_any_kind_stand_side_by_side():
    found = 0
    for seed in range(20):
        net, rng = random_network(seed, activations=["sigmoid", "tanh", "relu", "linear"])
        net.engine = "native"
        x, y = rng.standard_normal((4, len(net.inputs))), rng.random((4, len(net.outputs)))
        table = ns.sweep(net, x, y, 3, epochs=5, learning_rate=0.1, batch_size=1)
        found += side_by_side(table)[0]
        for row in table:
            twin = seeded(net)(row.parameters["seed"])
            twin.engine = "nodes"
            assert_same(row, twin, twin.fit(x, y, epochs=5, learning_rate=0.1, batch_size=1), 1e-11)
            frozen = [not connection.trainable for connection in net.connections]
            assert (row.weights[frozen] == net.weights[frozen]).all()
    assert found == 20


@pytest.mark.parametrize("alone", [pytest.param(False, marks=native), True])
def test_every_way_to_end(alone, monkeypatch):
    monkeypatch.setattr(compiled, "_WORTH", np.inf if alone else 0.0)
    fit = {"epochs": 60, "stop_at_error": 0.21, "patience": 5, "tolerance": 1e-4, "shuffle": False}
    rates = [0.0, 0.01, 0.5, 1.2, 50.0, 1e200]
    table = ns.sweep([2, 2, 2], X, Y, 8, learning_rate=rates, batch_size=2, hidden="relu", **fit)
    assert side_by_side(table) == [not alone]
    for row in table:
        assert_same(
            row, *by_hand(lambda seed: ns.Network.layered([2, 2, 2], hidden="relu", seed=seed), row, **fit), 1e-9
        )
    words = " ".join(table.stopped)
    for ending in ("all 60 epochs", "is at most 0.21", "did not get lower", "it diverges", "not finite in epoch"):
        assert ending in words, ending
    assert len(set(table.column("epochs"))) > 5
    assert not np.isnan(table.weights).any()


@native
def test_a_network_does_not_depend_on_its_neighbours():
    fit = {"epochs": 15, "batch_size": 1, "optimizer": "adam"}
    net = ns.Network.layered([2, 3, 2])
    net.engine = "native"
    whole = ns.sweep(net, X, Y, 130, learning_rate=[0.05, 1e3], **fit)
    some = ns.sweep(net, X, Y, [129, 3, 64, 3], learning_rate=0.05, **fit)
    for row in some:
        (same,) = whole.where(**row.parameters)
        assert (same.weights == row.weights).all()
        assert same.history == row.history


def test_rows_are_a_grid_in_order():
    table = ns.sweep(
        [[2, 2, 2], [2, 3, 2]], X, Y, seeds=[5, 1], epochs=2, learning_rate=[0.1, 0.2], batch_size=[1, None],
        optimizer=["sgd", "adam"], hidden=["tanh", "relu"], loss="mae",
    )  # fmt: skip
    assert len(table) == 64
    assert table[0].parameters == {
        "network": "2-2-2", "hidden": "tanh", "loss": "mae", "optimizer": "sgd", "batch_size": 1,
        "learning_rate": 0.1, "seed": 5,
    }  # fmt: skip
    assert [row.parameters["seed"] for row in table[:4]] == [5, 1, 5, 1]
    assert [row.parameters["learning_rate"] for row in table[:4]] == [0.1, 0.1, 0.2, 0.2]
    assert [row.parameters["network"] for row in table[31:33]] == ["2-2-2", "2-3-2"]
    chosen = table.where(network="2-3-2", hidden="relu", optimizer="adam", batch_size=None, seed=1)
    assert [row.parameters["learning_rate"] for row in chosen] == [0.1, 0.2]
    assert chosen[1].network().loss.name == "mae"
    assert chosen.weights.shape == (2, 17)
    with pytest.raises(ns.StateError, match="different numbers of connections"):
        _ = table.weights
    with pytest.raises(ns.UnknownNameError, match="seed"):
        table.where(sed=1)
    ordered = table.sorted()
    assert ordered[0] == table.best()
    assert (np.diff(ordered.errors) >= 0).all()
    assert ordered.sorted("seed", ascending=False)[0].parameters["seed"] == 5
    assert [row.number for row in ordered.sorted("batch_size")][-1] in [
        row.number for row in table.where(batch_size=None)
    ]
    assert set(table.to_dict()) == set(table.columns)
    assert table[2:5][1] == table[3] != table[4]
    assert "44 more rows" in str(table)
    assert "44 more rows" in table._repr_html_()
    again = pickle.loads(pickle.dumps(table))
    assert again.to_dict() == table.to_dict()


def test_what_a_lane_cannot_do_is_done_one_by_one():
    """With validation data, without a learning rate, in float32, with an optimizer of one's own: bit by bit as by fit."""
    own = ns.Optimizer("own", step=lambda weights, gradients, state, rate: (weights - rate * np.sign(gradients), state))
    small = ns.Network.layered([2, 2, 2], dtype="float32")
    cases = [
        ([2, 2, 2], {"validation_data": (X[:2], Y[:2]), "learning_rate": 0.3, "patience": 2}),
        ([2, 2, 2], {"learning_rate": None, "batch_size": 2}),
        (small, {"learning_rate": 0.3}),
        ([2, 2, 2], {"learning_rate": 0.01, "optimizer": own}),
    ]
    for given, fit in cases:
        table = ns.sweep(given, X, Y, [0, 4], epochs=8, **fit)
        for row in table:
            seed = row.parameters["seed"]
            net = seeded(small)(seed) if given is small else ns.Network.layered(given, seed=seed)
            history = net.fit(X, Y, epochs=8, **fit)
            assert (row.weights == net.weights).all()
            assert row.history == history
            again = row.network()
            assert again.fit(X, Y, epochs=8, **fit) == net.fit(X, Y, epochs=8, **fit)
            assert (again.weights == net.weights).all()
    assert ns.sweep([2, 2, 2], X, Y, 3, 4, validation_data=(X, Y)).errors[1] == pytest.approx(
        ns.sweep([2, 2, 2], X, Y, 3, 4)[1].network().error(X, Y)
    )


def test_without_seeds_networks_go_on_from_their_own_weights():
    net = ns.Network.layered([2, 2, 2], seed=3)
    net.fit(X, Y, epochs=5, learning_rate=0.1)
    before = digest(net)
    table = ns.sweep(net, X, Y, None, epochs=5, learning_rate=[0.1, 0.3], batch_size=2, loss="mae")
    assert digest(net) == before
    net.loss = "mae"
    for row in table:
        twin = net.copy()
        assert_same(row, twin, twin.fit(X, Y, epochs=5, learning_rate=row.parameters["learning_rate"], batch_size=2))


def test_one_that_fails_does_not_hurt_the_others():
    def picky(z):
        if np.abs(z).max() > 2.0:
            raise ValueError("too far")
        return z

    activation = ns.Activation("picky", function=picky, derivative=lambda z, a: np.ones_like(z))
    table = ns.sweep([2, 2, 2], X, Y, 8, epochs=3, learning_rate=0.01, hidden=activation)
    failed = np.isnan(table.errors)
    assert 0 < failed.sum() < 8
    for row in table:
        if not failed[row.number]:
            net = ns.Network.layered([2, 2, 2], hidden=activation, seed=row.number)
            assert row.history == net.fit(X, Y, epochs=3, learning_rate=0.01)
            continue
        assert "too far" in row.stopped
        assert np.isnan(row.weights).all()
        with pytest.raises(ns.StateError, match="too far"):
            row.network()
    assert table.sorted()[0] == table.best()
    assert np.isnan(table.sorted(ascending=False).errors[-1])
    never = ns.Activation("never", function=lambda z: 1 / 0, derivative=lambda z, a: z)
    with pytest.raises(ns.FunctionError, match="never"):
        ns.sweep([2, 2, 2], X, Y, 3, epochs=3, learning_rate=0.01, hidden=never)


@pytest.mark.parametrize("engine", [pytest.param("native", marks=native), "numpy"])
def test_the_progress_line_tells_what_is_done(monkeypatch, capsys, engine):
    """Side by side and one by one, in parts: from something to all of the epochs."""
    if engine == "native":
        monkeypatch.setattr("nodesim.engines.native.lane_training._SAMPLES", 4 * len(X))
    monkeypatch.setattr("nodesim.training.progress._Terminal.every", 0.0)
    net = ns.Network.layered([2, 3, 2])
    net.engine = engine
    table = ns.sweep(net, X, Y, 3, epochs=8, learning_rate=0.1, progress=True)
    assert side_by_side(table) == [engine == "native"]
    told = re.findall(r"(\d+)% of all epochs  (\S+ \w+) left", capsys.readouterr().err)
    parts = 2 if engine == "native" else 3
    assert [int(percent) for percent, _ in told] == [round(100 * part / parts) for part in range(1, parts + 1)]
    assert told[-1][1] == "0 s"


def test_what_is_refused():
    net = ns.Network.layered([2, 2, 2], seed=0)
    before = digest(net)
    for wrong, words in [
        ({"networks": 3}, "sizes"), ({"networks": []}, "empty"), ({"networks": [2]}, "sizes"),
        ({"networks": [[2, 2, 2], "x"]}, "sizes"), ({"networks": [2, 2, 3]}, "y must have shape"),
        ({"seeds": 0}, "seeds"), ({"seeds": []}, "empty"), ({"seeds": [1, -1]}, "seed"), ({"seeds": [None]}, "seeds"),
        ({"epochs": 0}, "epochs"), ({"learning_rate": [0.1, -1]}, "learning rate"), ({"learning_rate": "x"}, "learning rate"),
        ({"learning_rate": []}, "empty"), ({"batch_size": [1, 0]}, "batch_size"), ({"optimizer": ["sgd", "sgt"]}, "sgd"),
        ({"hidden": ["tanh", "tan"]}, "tan"), ({"networks": net, "hidden": "tanh"}, "hidden"), ({"loss": "m"}, "mse"),
        ({"networks": net, "loss": ["mse", "binary_cross_entropy"]}, "sigmoid"), ({"initializer": "x"}, "initializer"),
        ({"validation_data": 1}, "validation_data"), ({"n_jobs": 0}, "n_jobs"), ({"n_jobs": 10**9}, "n_jobs"),
        ({"seeds": 10**7, "epochs": 10**7}, "several sweeps"), ({"progress": 1}, "progress"),
    ]:  # fmt: skip
        given = {"networks": [2, 2, 2], "seeds": 2, "epochs": 2, "learning_rate": 0.1, **wrong}
        with pytest.raises(ns.NodesimError, match=words) as raised:
            ns.sweep(given.pop("networks"), X, Y, **given)
        assert len(str(raised.value)) < 500
    assert digest(net) == before


def test_the_same_table_from_other_processes(monkeypatch):
    joblib = pytest.importorskip("joblib")
    fit = {"seeds": 150, "epochs": 4, "learning_rate": [0.1, 0.5], "batch_size": 2}
    table = ns.sweep([2, 2, 2], X, Y, **fit)
    for backend in ("threading", "loky"):
        with joblib.parallel_config(backend=backend):
            other = ns.sweep([2, 2, 2], X, Y, n_jobs=2, **fit)
        assert (other.weights == table.weights).all()
        assert other.to_dict() == table.to_dict()
    square = ns.Activation("square", function=lambda z: z * z, derivative=lambda z, a: 2 * z)
    with pytest.raises(ns.FunctionError, match="register"):
        ns.sweep([2, 2, 2], X, Y, 4, epochs=2, hidden=square, n_jobs=2)
    monkeypatch.setitem(sys.modules, "joblib", None)
    with pytest.raises(ns.MissingExtraError, match=r"nodesim\[sweep\]"):
        ns.sweep([2, 2, 2], X, Y, n_jobs=2, **fit)


def test_the_same_table_where_a_machine_dies():
    """Dask, with two workers of which one is killed as soon as it has something to do."""
    pytest.importorskip("distributed")
    found = subprocess.run(
        [sys.executable, ROOT / "tests" / "killed_worker.py"], capture_output=True, text=True, timeout=120
    )
    assert found.stdout.splitlines()[-1:] == ["the same"], found.stdout + found.stderr


def test_ctrl_c_leaves_nothing_behind():
    calls = []

    def interrupted(generator, fan_in, fan_out):
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return generator.standard_normal(len(fan_in))

    net = ns.Network.layered([2, 2, 2], seed=0)
    before = digest(net)
    with pytest.raises(KeyboardInterrupt):
        ns.sweep(net, X, Y, 20, epochs=2, learning_rate=0.1, initializer=ns.Initializer("interrupted", interrupted))
    assert digest(net) == before
    with contextlib.suppress(ns.NodesimError):
        net.fit(X, Y, epochs=1)
    assert len(calls) == 5


def test_a_last_update_out_of_the_finite_numbers_is_told_not_raised():
    """Where the error was low before it, `fit` looks at the error after it, which is none."""
    net = ns.Network.layered([1, 1, 1], hidden="linear", seed=0)
    history = net.fit([[1.0]], [0.0], epochs=3, learning_rate=1e200, stop_at_error=100.0)
    assert "not finite in epoch 2" in history.stop_reason
    assert history.diverged
    assert not history.converged


def test_a_training_is_printed_by_what_makes_it_differ():
    table = ns.sweep([2, 3, 2], X, Y, seeds=2, learning_rate=[0.5, 0.1], epochs=5)
    trial = table[3]
    first, *rest = str(trial).splitlines()
    assert first == "training 3: learning_rate 0.1, seed 1"
    assert "; ".join(line.strip() for line in rest) == str(trial.history)
    assert len(repr(trial)) < 90
    assert f"error {trial.error:.4g}"[:9] in repr(trial)
