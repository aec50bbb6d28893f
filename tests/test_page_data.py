"""The data sets that the page offers: those of nodesim.datasets in short numbers, small, and split fairly."""

from __future__ import annotations

import json

import numpy as np
import pytest

import nodesim as ns
from nodesim.explorer.data_sets import offered_data

OFFERED = {each["name"]: each for each in offered_data()}
MOST_BYTES = 40_000


def test_what_is_offered():
    assert list(OFFERED) == ["iris", "penguins", "xor", "circles", "moons", "spiral", "sine"]
    assert len(json.dumps(offered_data(), separators=(",", ":"))) <= MOST_BYTES
    for name, each in OFFERED.items():
        assert set(each) == {"name", "inputs", "outputs", "kind", "note", "x", "y", "test"}
        x, y = np.array(each["x"]), np.array(each["y"])
        assert x.shape == (len(y), len(each["inputs"]))
        assert y.shape[1] == len(each["outputs"])
        assert name == "xor" or 80 <= len(x) <= 200
        assert np.abs(x).max() < 4
        assert each["kind"] == ("numbers" if name == "sine" else "classes")
        assert all(len(repr(value)) <= 6 for row in each["x"] + each["y"] for value in row)


def test_the_numbers_are_those_of_the_data_sets():
    iris = ns.datasets.load("iris")
    assert OFFERED["iris"]["x"] == pytest.approx((iris.X - iris.X.mean(axis=0)) / iris.X.std(axis=0), abs=5.1e-4)
    assert np.argmax(OFFERED["iris"]["y"], axis=1).tolist() == iris.y.tolist()
    assert OFFERED["iris"]["outputs"] == list(iris.classes)
    for name, source, noise, samples in (("spiral", "spirals", 0.02, 120), ("sine", "sine", 0.1, 100)):
        data = ns.datasets.load(source, samples=samples, noise=noise)
        assert OFFERED[name]["x"] == pytest.approx(data.X, abs=5.1e-4)
        assert np.ravel(OFFERED[name]["y"]) == pytest.approx(np.ravel(data.y), abs=5.1e-4)
    # 151, 68 and 123 of the 342 birds are of the three species: 120 of them keep the shares.
    assert np.sum(OFFERED["penguins"]["y"], axis=0) == pytest.approx(np.array([151, 68, 123]) * 120 / 342, abs=1)


def test_the_test_is_a_quarter_of_every_class():
    for name, each in OFFERED.items():
        test = each["test"]
        if name == "xor":
            assert test == []
            continue
        assert test == sorted(set(test))
        y = np.array(each["y"])
        groups = y if each["kind"] == "classes" else np.ones_like(y)
        if groups.shape[1] == 1 and each["kind"] == "classes":
            groups = np.hstack([groups, 1 - groups])
        shares = groups[test].sum(axis=0) / groups.sum(axis=0)
        assert shares == pytest.approx(0.25, abs=0.02)
        # Drawn, not cut off: both halves of the rows are in it.
        assert 0.3 < np.mean(np.array(test) < len(y) / 2) < 0.7


def test_every_one_can_be_learned():
    """As the page learns it: a small network, full batches, and what it learned is true of the samples held out."""
    for name, epochs, least in (("iris", 150, 0.9), ("penguins", 150, 0.9), ("moons", 600, 0.9), ("circles", 600, 0.9)):
        each = OFFERED[name]
        x, y = np.array(each["x"]), np.array(each["y"])
        train = np.setdiff1d(np.arange(len(x)), each["test"])
        net = ns.Network.layered([x.shape[1], 8, y.shape[1]], hidden="tanh", output="sigmoid", seed=1)
        net.fit(x[train], y[train], epochs=epochs, learning_rate=0.05, optimizer="adam", batch_size=len(train))
        found = net.predict(x[each["test"]])
        right = (
            (found > 0.5) == (y[each["test"]] > 0.5)
            if y.shape[1] == 1
            else np.argmax(found, 1) == np.argmax(y[each["test"]], 1)
        )
        assert right.mean() >= least, name


def test_the_same_ones_every_time():
    first, second = offered_data(), offered_data()
    assert first == second
    first[0]["name"] = "changed"
    assert offered_data()[0]["name"] == "iris"
