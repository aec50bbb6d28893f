"""Whatever is a table is a data frame as well, with the same numbers."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from helpers import article_network, iris, random_network, random_samples

import nodesim as ns
from nodesim.notation.frames import frame

XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]


def tables():
    """Return something of every kind that is a table."""
    net = ns.Network.layered([2, 3, 1], "relu", seed=1)
    recording, traced = ns.Recording(net), ns.PathRecording(net, "W1", *XOR)
    history = net.fit(*XOR, epochs=4, learning_rate=0.1, callbacks=[recording, traced])
    net.forward(XOR[0])
    net.backward(XOR[1])
    paths = net.paths("W1")
    compared = net.paths("W2", sample=0).compare(net.paths("W2", sample=3))
    return {
        "paths": paths, "flow": paths.flow(), "lengths": paths.lengths(), "comparison": compared,
        "changes": compared.nodes, "sweep": ns.sweep([2, 2, 1], *XOR, seeds=3, learning_rate=[0.1, 0.5], epochs=3),
        "history": history, "weight history": traced["W1"], "recording": recording, "counts": net.path_counts(),
        "dead weights": net.dead_weights(), "diagnosis": net.diagnose(*XOR), "operations": net.operations("W1"),
    }  # fmt: skip


def same(left, right):
    return np.array_equal(np.asarray(left, dtype=float), np.asarray(right, dtype=float), equal_nan=True)


@pytest.mark.parametrize("kind", ["flow", "lengths", "changes", "sweep", "weight history", "diagnosis"])
def test_the_columns_are_those_of_to_dict(kind):
    table = tables()[kind]
    found, columns = table.to_pandas(), table.to_dict()
    assert isinstance(found, pd.DataFrame)
    assert list(found.columns) == list(columns)
    for name, values in columns.items():
        if found[name].dtype.kind in "fi":
            assert same(found[name], values), name
        else:
            assert found[name].tolist() == values, name


def test_paths():
    net, rng = random_network(5)
    x, y = random_samples(net, rng, 3)
    net.forward(x)
    net.backward(y)
    for of in [*net.connections, *net.inputs, *net.outputs, *net.hidden]:
        paths = net.paths(of, sample=1)
        found, listed = paths.to_pandas(), list(paths)
        assert found["path"].tolist() == [" -> ".join(node.name for node in path.nodes) for path in listed]
        assert found["connections"].tolist() == [" ".join(c.name for c in path.connections) for path in listed]
        assert found["length"].tolist() == [len(path.connections) for path in listed]
        assert found["product"].tolist() == [path.product for path in listed]
        if paths.gradient:
            assert same(found["share"], found["product"] / paths.gradient)
        scale = 1e-12 * (paths.scale + 1e-300)
        assert found["product"].sum() == pytest.approx(paths.gradient, abs=scale)


def test_too_many_paths_are_refused_as_list_refuses_them():
    net = ns.Network.layered([10] * 10, "tanh", seed=0)
    net.forward(np.zeros(10))
    net.backward(np.zeros(10))
    with pytest.raises(ns.TooManyPathsError, match="too many for a list"):
        net.paths("W1").to_pandas()


def test_counts_are_exact_however_large():
    net = ns.Network.layered([10] * 30, "tanh", bias=False, seed=0)
    net.forward(np.zeros(10))
    net.backward(np.zeros(10))
    for found, expected in (
        (net.path_counts().to_pandas()["count"], 10**28),
        (net.paths("W1").flow().to_pandas()["count"], 10**28),
    ):
        assert found.dtype == object
        assert type(found[0]) is int
        assert found[0] == expected
    counts = net.operations("W1").to_pandas()
    assert counts["multiplications"][0] == net.operations("W1")["expanded"].multiplications
    small = article_network(2)
    assert small.path_counts().to_pandas()["count"].dtype == np.int64
    assert small.paths("W1").flow().to_pandas()["count"].dtype == np.int64
    assert small.path_counts().to_pandas()["count"].tolist() == list(small.path_counts().values())


def test_each_of_the_others_by_its_own_numbers():
    found = tables()
    history, frames = found["history"], {name: table.to_pandas() for name, table in found.items()}
    assert frames["history"]["epoch"].tolist() == [1, 2, 3, 4]
    assert frames["history"]["error"].tolist() == history.errors
    assert frames["history"]["learning_rate"].tolist() == history.learning_rates
    assert frames["history"]["validation_error"].isna().all()
    recording = found["recording"]
    wide = frames["recording"].pivot(index="epoch", columns="name", values="weight")
    assert wide.index.tolist() == [moment.epoch for moment in recording]
    net = recording.network
    assert (wide[[c.name for c in net.connections]].to_numpy() == [moment.weights for moment in recording]).all()
    dead = found["dead weights"]
    assert frames["dead weights"]["name"].tolist() == dead.names
    assert frames["dead weights"]["reason"].tolist() == [weight.reason for weight in dead]
    assert frames["dead weights"]["target"].tolist() == [weight.connection.target.name for weight in dead]
    operations = found["operations"]
    assert frames["operations"].set_index("form")["additions"].to_dict() == {
        form: cost.additions for form, cost in operations.items()
    }
    compared = found["comparison"]
    assert frames["comparison"]["name"].tolist() == compared.paths.names
    assert frames["comparison"]["change"].sum() == pytest.approx(compared.change)
    assert set(frames["sweep"]["learning_rate"]) == {0.1, 0.5}
    counts = frames["counts"]
    assert counts["source"].tolist() == [c.source.name for c in net.connections]


def test_validation_errors_stand_beside_the_errors():
    X, y = iris()
    net = ns.Network.layered([4, 3, 3], loss="softmax_cross_entropy", seed=0)
    history = net.fit(X[::2], y[::2], epochs=3, validation_data=(X[1::2], y[1::2]), learning_rate=0.1)
    assert history.to_pandas()["validation_error"].tolist() == history.validation_errors


def test_there_may_be_nothing_in_a_table():
    net = article_network(1)
    for table in (ns.History(), net.paths("W1").avoiding("W1"), net.paths("W1").flow().nodes[:0]):
        found = table.to_pandas()
        assert len(found) == 0
        assert len(found.columns) >= 4
    assert len(net.dead_weights()[:0].to_pandas()) == 0
    assert len(ns.Network().path_counts().to_pandas()) == 0


def test_a_recording_of_another_structure_has_no_names():
    net = ns.Network.layered([2, 3, 1], seed=1)
    recording = ns.Recording(net)
    net.disconnect("W1")
    with pytest.raises(ns.StateError, match="was edited since this recording began"):
        recording.to_pandas()


def test_names_of_half_a_character_are_kept():
    broken = "\ud800"
    found = frame({"name": ["a", broken], "number": [1, 2]})
    assert found["name"].tolist() == ["a", broken]
    assert found["name"].dtype == object
    assert frame({"a": [True, False]})["a"].dtype == bool
    assert frame({"a": [1, None]})["a"].isna().tolist() == [False, True]


@pytest.mark.parametrize("kind", list(tables()))
def test_without_pandas_the_extra_is_named(kind, monkeypatch):
    table = tables()[kind]
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ns.MissingExtraError, match=r"pip install 'nodesim\[pandas\]'"):
        table.to_pandas()
