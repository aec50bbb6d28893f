"""Batches in shards: the mean of plain parts added up as a tree, the same bits in any number of processes."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time

import joblib
import numpy as np
import psutil
import pytest
from helpers import ROOT, digest, random_network

import nodesim as ns
from nodesim.engines import compiled, native_form
from nodesim.parallel import ShardedGradients, calculation, one_thread, pool
from nodesim.simulation.dropout import Dropout

X = np.random.default_rng(0).standard_normal((300, 6))
Y = np.sin(X[:, :2])
PLUGIN = """
import os, signal, threading, time
import numpy as np, nodesim as ns

os.environ.setdefault("NODESIM_MAIN", str(os.getpid()))

def elsewhere():
    return os.environ["NODESIM_MAIN"] != str(os.getpid())

def mortal(z):
    if elsewhere():
        try:
            os.unlink(os.environ["NODESIM_MARK"])
            os.kill(os.getpid(), signal.SIGKILL)
        except FileNotFoundError:
            pass
    return np.tanh(z)

def deadly(z):
    if elsewhere():
        os._exit(1)
    return np.tanh(z)

def locked(z):
    if elsewhere():
        raise ValueError(threading.Lock())
    return np.tanh(z)

def endless(z):
    return endless(z) if elsewhere() else np.tanh(z)

def sleepy(z):
    if elsewhere():
        time.sleep(0.1)
    return np.tanh(z)

@ns.hookimpl
def nodesim_activations():
    return [ns.Activation(call.__name__, call, lambda z, a: 1.0 - a * a) for call in (mortal, deadly, locked, endless, sleepy)]
"""


def network(engine="numpy", *, sizes=(6, 40, 40, 2), **others):
    net = ns.Network.layered(list(sizes), **{"hidden": "tanh", "seed": 0, **others})
    net.engine = engine
    return net


def trained(net, **fit):
    fit = {"epochs": 4, "batch_size": 100, "learning_rate": 0.01, "optimizer": "adam", **fit}
    history = net.fit(X, Y, **fit)
    return net.weights.tolist(), history, str(net.structure.generator.bit_generator.state)


def sharded(net, x, y, chosen=None, **others):
    inputs, targets, _ = net.simulator.pairs(x, y)
    with ShardedGradients(net.simulator, inputs, targets) as shards:
        mean = shards.calculate(net.structure.store.weights, chosen, **others)
    return mean.error, mean.gradients[net.structure.schedule.slots]


def by_halves(net, x, y):
    """Return the mean error and gradient as somebody adds them up who has the network and a pencil."""
    cost = compiled.seconds(net.structure.schedule, len(x))
    shards = 2
    while 2 * shards <= min(len(x) / 64, cost / 2e-3, 32):
        shards *= 2
    ends = [len(x) * shard // shards for shard in range(shards + 1)]
    parts = []
    for first, last in itertools.pairwise(ends):
        net.forward(x[first:last])
        error = net.backward(y[first:last])
        parts.append((error * ((last - first) / len(x)), net.gradients * ((last - first) / len(x))))
    while len(parts) > 1:
        parts = [(a[0] + b[0], a[1] + b[1]) for a, b in zip(parts[::2], parts[1::2])]
    return parts[0], shards


def test_a_batch_is_a_tree_of_plain_parts():
    counts = set()
    for seed in range(20):
        net, rng = random_network(seed)
        net.engine = ("numpy", "nodes")[seed % 2]
        n_samples = int(rng.integers(2, 200))
        x, y = rng.standard_normal((n_samples, len(net.inputs))), rng.random((n_samples, len(net.outputs)))
        net.forward(x)
        error, gradients = net.backward(y), net.gradients.copy()
        found = sharded(net, x, y)
        assert abs(found[0] - error) <= 1e-12 * max(1.0, abs(error))
        assert np.abs(found[1] - gradients).max() <= 1e-12 * max(1.0, np.abs(gradients).max())
    for size in (20, 100, 400):
        net = network(sizes=(6, size, size, 2))
        with one_thread.one_thread():
            (error, gradients), count = by_halves(net, X, Y)
        found = sharded(net, X, Y)
        assert found[0] == error
        assert (found[1] == gradients).all()
        counts.add(count)
    assert len(counts) > 1


def test_shares_and_masks_go_with_their_samples():
    """A batch by weight, some nodes dropped, against the run of the whole batch at once."""
    rng, chosen = np.random.default_rng(2), np.random.default_rng(3).permutation(len(X))[:70]
    for seed in range(20):
        net, _ = random_network(seed)
        net.engine = ("numpy", "nodes")[seed % 2]
        x, y = rng.standard_normal((len(X), len(net.inputs))), rng.random((len(X), len(net.outputs)))
        simulator, shares, mask = net.simulator, rng.random(70), Dropout(net.structure, 0.3).mask(70)
        inputs, targets, _ = simulator.pairs(x[chosen], y[chosen])
        weights = net.structure.store.weights
        run = simulator.forward(inputs, weights=weights, mask=mask)
        gradients = simulator.backward(run, targets, weights=weights, shares=shares)[net.structure.schedule.slots]
        found = sharded(net, x, y, chosen, shares=shares, mask=mask)
        assert found[0] == pytest.approx(run.error, rel=1e-12)
        assert np.abs(found[1] - gradients).max() <= 1e-12 * max(1.0, np.abs(gradients).max())


def test_how_samples_lie_in_memory_changes_nothing():
    net = network()
    chosen = np.random.default_rng(1).permutation(len(X))[:77]
    expected = sharded(net, X[chosen], Y[chosen])
    for x in (X, np.asfortranarray(X), np.repeat(X, 2, axis=0)[::2]):
        found = sharded(net, x, Y, chosen)
        assert found[0] == expected[0]
        assert (found[1] == expected[1]).all()


def in_a_pool(n_jobs):
    return trained(network(), n_jobs=n_jobs)[0]


def test_a_process_of_a_pool_starts_no_others():
    """A daemon may not, as joblib's processes of the standard library are."""
    with joblib.parallel_config(backend="multiprocessing"):
        found = joblib.Parallel(2)(joblib.delayed(in_a_pool)(2) for _ in range(2))
    assert found == [in_a_pool(1)] * 2


def set_things(epoch):
    """Set in the middle of a training whatever a callback may."""
    net = epoch.network
    if epoch.number == 1:
        net["H7"].activation, net["B2"].value = "relu", 0.5
    if epoch.number == 2:
        net.loss, net["W3"].trainable = "mae", False
    if epoch.number == 3:
        net.engine = "nodes"


def test_processes_change_no_bit():
    expected = trained(network(), callbacks=set_things, n_jobs=1)
    assert trained(network(), callbacks=set_things, n_jobs=2) == expected
    plain = trained(network(), callbacks=set_things)
    assert np.abs(np.subtract(expected[0], plain[0])).max() < 1e-12
    assert expected[1].errors == pytest.approx(plain[1].errors, rel=1e-12)
    # Whatever else a training may have.
    other = {"dropout": 0.2, "l2": 0.01, "clip": 0.5, "sample_weight": np.arange(300.0) // 120, "batch_size": 64}
    expected = trained(network(), n_jobs=1, **other)
    assert trained(network(), n_jobs=3, **other) == expected
    assert np.abs(np.subtract(expected[0], trained(network(), **other)[0])).max() < 1e-12
    # In single precision, with a rate that is searched for, and more processes than shards.
    other = {"learning_rate": None, "optimizer": "sgd", "batch_size": None}
    expected = trained(network(dtype="float32"), n_jobs=1, **other)
    assert trained(network(dtype="float32"), n_jobs=4, **other) == expected


@pytest.mark.skipif(not native_form.has_native(), reason="numba is not installed")
def test_all_processes_calculate_in_one_form(monkeypatch):
    def forms(**others):
        net = network("compiled")
        expected = trained(net, **others)
        return expected, net.simulator.form

    assert forms(n_jobs=1)[1] == "numpy"
    # Now in one form in this process, by what was asked of the engine; the workers have not been asked for anything.
    monkeypatch.setattr(compiled, "_WORTH", 1e-3)
    expected, form = forms(n_jobs=1)
    assert form == "native"
    assert forms(n_jobs=2)[0] == expected == trained(network("native"), n_jobs=1)


def message(net, x, y, **fit):
    with pytest.raises(ns.NodesimError) as raised:
        net.fit(x, y, epochs=2, learning_rate=0.1, shuffle=False, **fit)
    return type(raised.value), str(raised.value)


def test_errors_are_those_of_one_process():
    def picky(z):
        if (z > 5.0).any():
            raise ValueError("too far")
        return z

    strict = ns.Activation("picky", picky, lambda z, a: np.ones_like(z))
    far = X.copy()
    far[211] *= 1e3
    net = network(hidden=strict)
    before = digest(net)
    expected = message(net, far, Y)
    assert "too far" in expected[1]
    assert message(net, far, Y, n_jobs=1) == expected
    assert digest(net) == before
    # A number that is not finite ends a training and is told by the number of its sample in the batch.
    ends, far = [], X.copy()
    far[140] *= 1e160
    for others in ({}, {"n_jobs": 1}, {"n_jobs": 2}):
        net = network(hidden="linear")
        history = net.fit(far, Y, epochs=3, batch_size=150, learning_rate=0.1, shuffle=False, **others)
        assert not history.finite
        ends.append((history.stop_reason, net.weights.tolist()))
    assert "of sample 140" in ends[0][0]
    assert ends[0] == ends[1] == ends[2]


def test_what_is_refused(monkeypatch):
    net = network()
    before = digest(net)
    for wrong, words in [
        ({"n_jobs": 0}, "n_jobs"), ({"n_jobs": True}, "n_jobs"), ({"n_jobs": 1.0}, "n_jobs"),
        ({"n_jobs": 10**9}, "n_jobs"), ({"client": "tcp://1.2.3.4:8786"}, "distributed.Client"),
        ({"n_jobs": 2, "client": object()}, "not both"),
        ({"X": iter([(X, Y)]), "y": None, "n_jobs": 2}, "at hand"),
    ]:  # fmt: skip
        with pytest.raises(ns.NodesimError, match=words) as raised:
            net.fit(**{"X": X, "y": Y, "epochs": 2, "learning_rate": 0.1, **wrong})
        assert len(str(raised.value)) < 500
    square = ns.Activation("square", lambda z: z * z, lambda z, a: 2 * z)
    with pytest.raises(ns.FunctionError, match="register"):
        network(hidden=square).fit(X, Y, epochs=1, learning_rate=1e-9, n_jobs=2)
    ns.register(square)
    try:
        with pytest.raises(ns.WorkerError, match=r"'square'.*installed there"):
            network(hidden=square).fit(X, Y, epochs=1, learning_rate=1e-9, n_jobs=2)
    finally:
        ns.unregister("square")
    # One that another version has sent.
    model = calculation.Model.of(net.simulator, "numpy")
    with pytest.raises(ns.WorkerError, match="nodesim 0.0.1"):
        model._replace(versions="nodesim 0.0.1 with NumPy 1").simulator()
    one_thread.one_thread.cache_clear()
    for absent, wrong, extra in [
        ("joblib", {"n_jobs": 2}, "sweep"), ("threadpoolctl", {"n_jobs": 1}, "sweep"),
        ("threadpoolctl", {"client": 1}, "dask"), ("distributed", {"client": 1}, "dask"),
    ]:  # fmt: skip
        with monkeypatch.context() as without:
            without.setitem(sys.modules, absent, None)
            with pytest.raises(ns.MissingExtraError, match=rf"nodesim\[{extra}\]"):
                net.fit(X, Y, epochs=2, learning_rate=0.1, **wrong)
    assert digest(net) == before


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "_LOOK", 0.1)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    seen = []

    def stop(epoch):
        children = psutil.Process().children(recursive=True)
        seen.extend(child for child in children if "LokyProcess" in " ".join(child.cmdline()))
        seen.append(len(list(tmp_path.iterdir())))
        raise KeyError("of a callback")

    with pytest.raises(KeyError):
        network().fit(X, Y, epochs=2, learning_rate=0.1, n_jobs=2, callbacks=stop)
    *workers, files = seen
    assert (len(workers), files) == (2, 4)
    assert list(tmp_path.iterdir()) == []
    until = time.monotonic() + 10
    while any(worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE for worker in workers):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_processes_that_die(tmp_path):
    """One that is killed changes nothing; where all die it is one error in seconds; Ctrl-C leaves a whole step."""
    (tmp_path / "mortals.py").write_text(PLUGIN)
    info = tmp_path / "mortals-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mortals\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[nodesim]\nmortals = mortals\n")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    found = subprocess.run(
        [sys.executable, ROOT / "tests" / "sharded_trainings.py"], capture_output=True, text=True, timeout=180,
        env={**os.environ, "PYTHONPATH": path, "NODESIM_MARK": str(tmp_path / "mark")},
    )  # fmt: skip
    assert found.stdout.splitlines() == [
        "loky, one that dies: the same in time",
        "loky, all die: WorkerError, as it was in time",
        "loky, Ctrl-C: interrupted after 3 whole epochs, a whole step, 0 workers left in time",
        "dask, one that dies: the same in time",
        "dask, one killed: the same in time",
        "dask, all die: WorkerError, as it was in time",
        "dask, an error that cannot be sent: FunctionError, as it was in time",
        "dask, a recursion without end: WorkerError, as it was in time",
        "dask, tasks cancelled: WorkerError, as it was in time",
        "dask, closed: WorkerError, as it was in time",
    ], found.stdout + found.stderr
