"""Data sets: what is shipped is what its source says, what is calculated is what its name says."""

from __future__ import annotations

import numpy as np
import pytest

import nodesim as ns


@pytest.mark.parametrize(
    ("name", "counts", "means"),
    [
        # Fisher (1936): 50 of each species. Gorman et al. (2014): 151, 68 and 123 measured birds.
        ("iris", [50, 50, 50], [5.8433, 3.0573, 3.7580, 1.1993]),
        ("penguins", [151, 68, 123], [4.3922, 1.7151, 2.0092, 4.2018]),
    ],
)
def test_shipped(name, counts, means):
    data = ns.datasets.load(name)
    assert np.bincount(data.y).tolist() == counts
    assert data.X.mean(axis=0) == pytest.approx(means, abs=5e-5)
    assert data.source
    assert data.licence


def test_calculated():
    moons = ns.datasets.load("moons", samples=101, noise=0.0)
    assert np.bincount(moons.y).tolist() == [51, 50]
    centres = np.array([[0.0, 0.0], [1.0, 0.5]])[moons.y]
    assert np.linalg.norm(moons.X - centres, axis=1) == pytest.approx(1.0)
    circles = ns.datasets.load("circles", noise=0.0)
    assert np.linalg.norm(circles.X, axis=1) == pytest.approx(np.array([1.0, 0.5])[circles.y])
    spirals = ns.datasets.load("spirals", samples=200, noise=0.0)
    assert spirals.X[:100] == pytest.approx(-spirals.X[100:])
    sine = ns.datasets.load("sine", noise=0.0)
    assert sine.y == pytest.approx(np.sin(sine.X))
    assert ns.datasets.load("xor").y.ravel().tolist() == [0, 1, 1, 0]
    first, second, other = (ns.datasets.load("spirals", seed=seed).X for seed in (1, 1, 2))
    assert (first == second).all()
    assert (first != other).any()
    assert first.std() > 0.3


def test_wrong_arguments(tmp_path):
    with pytest.raises(ns.UnknownNameError, match="Did you mean 'iris'"):
        ns.datasets.load("irsi")
    for wrong in ({"samples": 1}, {"samples": 2.5}, {"noise": -1}, {"seed": -1}):
        with pytest.raises(ns.ArgumentError):
            ns.datasets.load("moons", **wrong)
    file = tmp_path / "data.csv"
    file.write_text("1,2,a\n")
    with pytest.raises(ns.ArgumentError, match="sequence of labels"):
        ns.datasets.read_csv(file, classes="ab")
    with pytest.raises(ns.FileError, match="column 3: 'a' is none of the classes b, c"):
        ns.datasets.read_csv(file, classes=["b", "c"])
    with pytest.raises(ns.FileError, match="column 3: 'a' is no finite number"):
        ns.datasets.read_csv(file, target=1)


def test_read_csv_learns_and_scores(tmp_path):
    iris = ns.datasets.load("iris")
    file = tmp_path / "iris.csv"
    rows = [",".join([*map(repr, x.tolist()), iris.classes[c]]) for x, c in zip(iris.X, iris.y)]
    file.write_text("\n".join(["a;b;c;d;kind".replace(";", ","), *rows]))
    data = ns.datasets.read_csv(file, target="kind")
    assert (data.X == iris.X).all()
    assert (data.y == iris.y).all()
    assert data.classes == iris.classes
    two = ns.datasets.read_csv(file, target=["a", 2], ignore=["kind"])
    assert two.y.shape == (150, 2)
    assert two.features == ("c", "d")


def test_class_numbers_that_begin_at_1(tmp_path):
    file, net = tmp_path / "classes.csv", ns.Network.layered([2, 3, 3], seed=0)
    file.write_text("f1,f2,class\n1,2,1\n3,4,2\n5,6,3\n")
    data = ns.datasets.read_csv(file)
    with pytest.raises(ns.DataError, match=r'read them as such, by read_csv\(..., classes=\["1", "2", "3"\]\)'):
        net.fit(data.X, data.y)
    data = ns.datasets.read_csv(file, classes=["1", "2", "3"])
    assert data.y.tolist() == [0, 1, 2]
    net.fit(data.X, data.y, epochs=5)
    data = ns.datasets.read_csv(file, classes=[3, 2, 1])
    assert (data.y.tolist(), data.classes) == ([2, 1, 0], ("3", "2", "1"))
    for wrong, message in (([1, 1, 2, 3], "two classes have the same label"), ([1, 2], "'3' is none of the classes")):
        with pytest.raises(ns.FileError, match=message):
            ns.datasets.read_csv(file, classes=wrong)
    with pytest.raises(ns.FileError, match="one target column; there are 2"):
        ns.datasets.read_csv(file, [1, 2], classes=[1, 2, 3])


def test_columns_are_named_by_one_or_several(tmp_path):
    file = tmp_path / "data.csv"
    file.write_text("a,b,c\n1,2,3\n4,5,6\n")
    assert ns.datasets.read_csv(file, ignore=1).features == ("b",)
    assert ns.datasets.read_csv(file, target=iter([1, "b"])).targets == ("a", "b")
    for wrong in (1.0, None, b"a", object()):
        with pytest.raises(ns.ArgumentTypeError, match="target must be a column"):
            ns.datasets.read_csv(file, target=wrong)
        with pytest.raises(ns.ArgumentTypeError, match="ignore must be a column"):
            ns.datasets.read_csv(file, ignore=wrong)
