"""What stands for X and y: frames of pandas and polars by column name, class labels, data sets of nodesim."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from helpers import digest, random_network, random_samples

import nodesim as ns

NAMES = ["age", "height", "weight"]
IRIS = ns.datasets.load("iris")
SPECIES = np.array(IRIS.classes)[IRIS.y]


def network(outputs=("O1",), **options):
    return ns.Network.layered([3, 4, len(outputs)], "tanh", inputs=NAMES, outputs=outputs, seed=3, **options)


def flowers(*, named=True, **options):
    names = {"inputs": IRIS.features, "outputs": IRIS.classes} if named else {}
    return ns.Network.layered([4, 3, 3], "tanh", loss="softmax_cross_entropy", seed=0, **names, **options)


def frames(table, names, rng):
    """Return a frame of each library, its columns shuffled, and an index of no order."""
    order = rng.permutation(len(names))
    columns = {names[place]: table[:, place] for place in order}
    return [pd.DataFrame(columns, index=rng.permutation(len(table))), pl.DataFrame(columns)]


@pytest.mark.parametrize("seed", range(30))
def test_shuffled_columns_give_the_same_network_bit_by_bit(seed):
    net, rng = random_network(seed)
    x, y = random_samples(net, rng, 5)
    alike, bits = net.copy(), None
    alike.fit(x, y, epochs=4, learning_rate=0.05, batch_size=2)
    outputs = [node.name for node in net.outputs]
    inputs = [node.name for node in net.inputs]
    for frame, wanted in zip(frames(x, inputs, rng), frames(y, outputs, rng)):
        own = net.copy()
        own.fit(frame, wanted, epochs=4, learning_rate=0.05, batch_size=2)
        bits = own.weights.tobytes()
        assert bits == alike.weights.tobytes()
        assert own.error(frame, wanted) == alike.error(x, y)
        assert (own.jacobian(frame) == alike.jacobian(x)).all()
        assert str(own.diagnose(frame, wanted)) == str(alike.diagnose(x, y))
        assert ns.check_gradients(own, frame, wanted).ok
    row = pd.DataFrame(x, columns=inputs)[inputs[::-1]].iloc[0]
    assert (alike.forward(row) == alike.forward(x[0])).all()
    # A single row of targets has names, too; a mapping is like a frame.
    row = pd.Series(dict(zip(outputs[::-1], y[0, ::-1])))
    assert alike.backward(row) == alike.error(x[0], y[0])
    assert alike.error(dict(zip(inputs, x.T)), dict(zip(outputs, y.T))) == alike.error(x, y)


def test_dtypes_that_hold_numbers_are_numbers():
    net, exact = network(), {"age": [1, 2], "height": [0, 1], "weight": [0.5, 2.0]}
    expected = net.predict(np.array(list(exact.values()), dtype=float).T)
    for frame in (
        pd.DataFrame(exact).astype({"age": "Int64", "height": "boolean", "weight": "Float64"}),
        pd.DataFrame(exact).astype({"age": "uint8", "height": bool, "weight": "float32"}),
        pd.DataFrame(exact).astype({"age": object, "height": "category"}),
        pl.DataFrame(exact).with_columns(pl.col("age").cast(pl.UInt8), pl.col("height").cast(pl.Boolean)),
        pl.DataFrame(exact).with_columns(pl.col("weight").cast(pl.Decimal(9, 3))),
    ):
        assert (net.predict(frame) == expected).all()
    written, straight = (
        {"weight": ["1/2", "2"], "age": [1, 2], "height": [0.0, 1.0]},
        ns.Network.layered([3, 1], inputs=NAMES, seed=0),
    )
    ordered = [[1, 0, "1/2"], [2, 1, 2]]
    for frame in (pd.DataFrame(written), pl.DataFrame(written)):
        assert straight.exact(frame).outputs == straight.exact(ordered).outputs
    assert (
        straight.exact(pd.DataFrame(written), pl.Series(["1/2", "3"])).error == straight.exact(ordered, [0.5, 3]).error
    )


GOOD = {"age": [1.0, 2.0], "height": [0.0, 1.0], "weight": [0.5, 2.0]}
BROKEN = [
    (pd.DataFrame(GOOD).drop(columns="height"), "x lacks height; the inputs are age, height, weight"),
    (pl.DataFrame(GOOD).with_columns(id=1), "x has unknown id; the inputs are age, height, weight. Take those columns alone"),
    (pd.DataFrame(GOOD).rename(columns={"age": "Age"}), "x lacks age and has unknown Age"),
    (pd.DataFrame([[1, 2, 3, 4]], columns=[*NAMES, "age"]), "x has 'age' more than once"),
    (pd.DataFrame(np.ones((2, 3))), "the columns of x are 0, 1, 2, and the inputs are age, height, weight: columns are taken by name"),
    (pl.DataFrame(np.ones((2, 3))), r"or pass x.to_numpy\(\) if they stand in the order"),
    (pl.DataFrame(GOOD).lazy(), r"x is a LazyFrame, which holds no numbers yet: pass x.collect\(\)"),
    (pd.DataFrame(GOOD).assign(age=pd.array([1, None], dtype="Int64")), "sample 1: input age is missing"),
    (pd.DataFrame(GOOD).assign(weight=[None, None]), r"sample 0: input weight is missing \(1 more like it\)"),
    (pl.DataFrame({**GOOD, "height": [1.0, None]}), "sample 1: input height is missing"),
    (pl.DataFrame({**GOOD, "height": [1.0, float("nan")]}), "sample 1: input height is nan"),
    (pd.DataFrame({**GOOD, "age": ["1", "2"]}), "sample 0: input age is '1'; it must be a real number"),
    (pl.DataFrame({**GOOD, "age": [[1], [2]]}), "sample 0: input age is"),
    (pd.DataFrame({**GOOD, "age": pd.to_datetime(["2020", "2021"])}), "input age must hold real numbers, got datetime64"),
    (pd.DataFrame(GOOD).iloc[:0], "x holds no samples"),
    (pd.DataFrame(GOOD).drop(columns="age").iloc[0], "x lacks age"),
    (pd.DataFrame({("a", "age"): [1], ("a", "height"): [2]}), "columns of x are"),
]  # fmt: skip


@pytest.mark.parametrize(("frame", "message"), BROKEN)
def test_broken_frames_are_refused_by_column(frame, message):
    net = network()
    net.forward(GOOD)
    before = digest(net)
    for call in (net.forward, net.jacobian, lambda x: net.fit(x, [1.0, 2.0], epochs=1), net.attribute):
        with pytest.raises(ns.DataError, match=message):
            call(frame)
    assert digest(net) == before


def test_default_names_take_no_columns_by_place():
    net, frame = ns.Network.layered([2, 1], seed=0), pd.DataFrame({"width": [1.0], "height": [2.0]})
    with pytest.raises(ns.DataError, match=r"Network.layered\(..., inputs=list\(x.columns\)\)"):
        net.predict(frame)
    assert (net.predict(frame.set_axis(["I2", "I1"], axis=1)) == net.predict([[2.0, 1.0]])).all()


def test_targets_of_frames_are_those_of_arrays():
    two, one = network(["low", "high"]), network()
    y = pd.DataFrame({"high": [1.0, 2.0], "low": [3.0, 4.0]}, index=[7, 3])
    assert two.error(GOOD, y) == two.error(GOOD, [[3.0, 1.0], [4.0, 2.0]])
    for single in (
        y["high"],
        y[["high"]],
        pl.Series([1, 2]),
        pl.DataFrame({"price": [1, 2]}),
        pd.Series([1, 2], index=["a", "b"]),
    ):
        assert one.error(GOOD, single) == one.error(GOOD, [1.0, 2.0])
    numbers = pd.Series([1, 0], name="class")
    assert two.error(GOOD, numbers) == two.error(GOOD, numbers.to_frame()) == two.error(GOOD, [1, 0])
    for wrong, message in (
        (y.rename(columns={"low": "Low"}), "y lacks low and has unknown Low; the outputs are low, high"),
        (y[["low"]], "y lacks high"),
        (y.set_axis(["a", "b"], axis=1), "the columns of y are a, b, and the outputs are low, high"),
        (pd.Series(pd.array([1, None], dtype="Int64")), "sample 1: y is missing"),
    ):
        with pytest.raises(ns.DataError, match=message):
            two.error(GOOD, wrong)


# ---- labels ----------------------------------------------------------------------------------------------------


def labels(kind):
    """Return the species as something that holds labels."""
    return {
        "array": SPECIES, "list": SPECIES.tolist(), "objects": SPECIES.astype(object), "column": SPECIES[:, None],
        "categorical": pd.Categorical(SPECIES), "series": pd.Series(SPECIES), "category": pd.Series(SPECIES, dtype="category"),
        "frame": pd.DataFrame({"species": SPECIES}), "polars": pl.Series(SPECIES), "polars frame": pl.DataFrame({"species": SPECIES}),
        "polars categorical": pl.Series(SPECIES, dtype=pl.Categorical),
    }[kind]  # fmt: skip


KINDS = [
    "array", "list", "objects", "column", "categorical", "series", "category", "frame", "polars", "polars frame",
    "polars categorical",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_labels_are_learned_as_class_numbers_are(kind):
    by_number, by_label, by_name = flowers(named=False), flowers(named=False), flowers()
    by_number.fit(IRIS.X, IRIS.y, epochs=3)
    assert by_number.classes is None
    for net in (by_label, by_name):
        net.fit(IRIS.X, labels(kind), epochs=3)
        assert net.weights.tobytes() == by_number.weights.tobytes()
        assert net.classes == IRIS.classes
        assert net.score(IRIS.X, labels(kind)) == net.score(IRIS.X, IRIS.y) == by_number.score(IRIS.X, IRIS.y)
        assert net.classify(IRIS.X).tolist() == [IRIS.classes[n] for n in by_number.classify(IRIS.X)]
        assert net.classify(IRIS.X[0]) == IRIS.classes[by_number.classify(IRIS.X[0])]
        assert net.error(IRIS.X[0], "setosa") == net.error(IRIS.X[0], ["setosa"]) == net.error(IRIS.X[0], 0)


def test_labels_stand_for_the_outputs_that_are_named_so():
    net = ns.Network.layered([4, 3], outputs=["virginica", "setosa", "versicolor"], seed=0)
    places = [[node.name for node in net.outputs].index(label) for label in SPECIES]
    assert net.error(IRIS.X, SPECIES) == net.error(IRIS.X, places)
    net.fit(IRIS.X[:100], SPECIES[:100], epochs=1)
    assert net.classes == ("virginica", "setosa", "versicolor")
    for wrong in (["setosa", "virginica", "versicolor"], ["setosa", "a", "b"]):
        net.classes = None
        with pytest.raises(ns.ArgumentError, match="which is the name of another output"):
            net.classes = wrong
    with pytest.raises(ns.DataError, match="y holds the label 'setos', which is none of the outputs virginica, setosa"):
        net.fit(IRIS.X, np.where(SPECIES == "setosa", "setos", SPECIES))


@pytest.mark.parametrize(
    ("classes", "y", "numbers"),
    [
        (["no", "yes"], ["yes", "no"], [1, 0]),
        ([False, True], [True, False], [1, 0]),
        ([2, 1], [1, 2], [1, 0]),
        ([2, 1], [1.0, 2.0], [1, 0]),
        ([2, 1], np.array([1, 2], dtype=np.uint8), [1, 0]),
        (["no", 7], np.array(["no", 7], dtype=object), [0, 1]),
        (["no", "yes"], [0.25, 1], [0.25, 1]),
    ],
)
def test_a_single_output_stands_for_two_labels(classes, y, numbers):
    net = ns.Network.layered([1, 1], output="sigmoid", loss="binary_cross_entropy", seed=0)
    x = [[0.5], [-3.0]]
    expected = [net.error(x, numbers), net.score(x, numbers), net.error(x[0], numbers[:1])]
    plain = net.classify(x)
    net.classes = classes
    assert [net.error(x, y), net.score(x, y), net.error(x[0], y[:1])] == expected
    net.forward(x[0])
    assert net.backward([y[0]]) == expected[2]
    found = net.classify(x)
    assert found.tolist() == [classes[number] for number in plain]
    assert type(net.classify(x[0])) is type(classes[0] if plain[0] == 0 else classes[1])
    assert net.classes == tuple(classes)


def test_unknown_and_missing_labels_are_named():
    net = flowers(named=False)
    cases = [
        (["a", "b"], "sample 0: the label 'a' is unknown: the network has no classes, and its outputs are O1, O2, O3")
    ]
    for y, message in cases:
        with pytest.raises(ns.DataError, match=message):
            net.error(IRIS.X[:2], y)
    net.classes = ("a", "b", "c")
    for y, message in [
        (["a", "d"], "sample 1: the label 'd' is none of the classes a, b, c"),
        (["a", None], "sample 1: y is missing"),
        (np.array(["a", np.nan], dtype=object), "sample 1: y is missing"),
        (pd.Series(["a", pd.NA], dtype="string"), "sample 1: y is missing"),
        (pl.Series(["a", None]), "sample 1: y is missing"),
        (pd.Series(["a", None], dtype="category"), "sample 1: y is missing"),
        (["a"], r"y must be 2 labels, one for each sample, or targets as numbers; got labels of shape \(1,\)"),
        ([["a", "b"]] * 2, "got labels of shape"),
        ([3, 0], "class 3 is out of range"),
    ]:
        before = digest(net)
        for call in (net.error, net.fit):
            with pytest.raises(ns.DataError, match=message):
                call(IRIS.X[:2], y)
        assert digest(net) == before
    net.classes = [5, 6, 7]
    with pytest.raises(ns.DataError, match="sample 1: the label 0 is none of the classes 5, 6, 7"):
        net.error(IRIS.X[:2], [5, 0])


@pytest.mark.parametrize(
    ("sizes", "y", "message"),
    [
        (
            [4, 3],
            list("abcd"),
            r"y holds 4 labels \(a, b, c, d\), and the network has 3 outputs: there must be 3 labels",
        ),
        ([4, 3], list("aabb"), r"y holds 2 labels \(a, b\), and the network has 3 outputs"),
        ([4, 1], list("abca"), "y holds 3 labels .* 1 output: there must be two labels, those of 0 and 1 of O1"),
        ([4, 1], list("aaaa"), "y holds 1 label "),
        ([4, 2], np.array(["a", 1, "a", 1], dtype=object), "the labels are of several kinds"),
    ],
)
def test_a_wrong_number_of_labels_leaves_the_network_as_it_was(sizes, y, message):
    net = ns.Network.layered(sizes, seed=0)
    before = digest(net)
    with pytest.raises(ns.DataError, match=message):
        net.fit(IRIS.X[:4], y, epochs=1)
    assert digest(net) == before
    assert net.classes is None


def test_a_fit_that_fails_leaves_classes_as_they_were():
    net = flowers(named=False)

    def raising(epoch):
        assert epoch.network.classes == IRIS.classes
        epoch.network.classes = None
        raise RuntimeError

    for faulty in ({"callbacks": raising}, {"validation_data": (IRIS.X, ["a"] * 150)}):
        with pytest.raises((RuntimeError, ns.DataError)):
            net.fit(IRIS.X, SPECIES, epochs=2, **faulty)
        assert net.classes is None
    with net.trial():
        net.fit(IRIS.X, SPECIES, epochs=1)
        assert net.classes == IRIS.classes
    assert net.classes is None


def test_classes_are_kept_in_files_and_copies(tmp_path):
    net = flowers()
    old = json.loads((net.save(tmp_path / "old.json"), (tmp_path / "old.json").read_text())[1])
    assert "classes" not in old
    assert ns.load(tmp_path / "old.json").classes is None
    for classes in (IRIS.classes, (3, 1, 2), ("a", 1, False)):
        net.classes = classes
        net.save(tmp_path / "net.json")
        for twin in (ns.load(tmp_path / "net.json"), net.copy(), copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
            assert twin.classes == classes
            assert [type(label) for label in twin.classes] == [type(label) for label in classes]
    assert pickle.loads(pickle.dumps(net.simulator.copy())).classes == classes
    for wrong in (["a"], ["a", "a", "b"], ["a", "b", None], ["a", "b", 0.5], "abc", {}):
        (tmp_path / "bad.json").write_text(json.dumps({**old, "classes": wrong}))
        with pytest.raises(ns.FileError, match="classes"):
            ns.load(tmp_path / "bad.json")


def test_classes_go_with_the_outputs_and_are_checked():
    net = flowers()
    net.classes = IRIS.classes
    with net.trial():
        net.remove("setosa")
        assert net.classes is None
        assert net.classify(IRIS.X[0]) in (0, 1)
    assert net.classes == IRIS.classes
    for wrong, message in [
        (["a", "b"], "classes must be 3 labels, one for each of setosa, versicolor, virginica; got 2: a, b"),
        (["a", "a", "b"], "different"), (["a", "b", None], "None"), ({"a", "b", "c"}, "order"), ("abc", "'abc'"), (3, "got 3"), ([1, True, 2], "different"),
    ]:  # fmt: skip
        with pytest.raises(ns.NodesimError, match=message):
            net.classes = wrong
        assert net.classes == IRIS.classes
    with pytest.raises(ns.ArgumentError, match="the network has none yet"):
        ns.Network().classes = ["a", "b"]


def test_accuracy_is_told_where_there_are_classes():
    net = ns.Network.layered([4, 3, 3], seed=0)
    squares = net.score(IRIS.X, IRIS.y)
    net.classes = IRIS.classes
    assert (
        net.score(IRIS.X, SPECIES) == net.score(IRIS.X, IRIS.y) == np.mean(net.classify(IRIS.X) == SPECIES) != squares
    )


@pytest.mark.parametrize(
    ("loss", "output", "count"),
    [("softmax_cross_entropy", "linear", 3), ("binary_cross_entropy", "sigmoid", 3), ("binary_cross_entropy", "sigmoid", 1),
     ("softmax_cross_entropy", "linear", 2), ("binary_cross_entropy", "sigmoid", 2)],
)  # fmt: skip
def test_score_takes_class_numbers_of_every_type(loss, output, count):
    net = ns.Network.layered([4, 3, count], output=output, loss=loss, seed=1)
    y = IRIS.y % max(count, 2)
    expected = np.mean(net.classify(IRIS.X) == y)
    for given in (
        y,
        y.tolist(),
        y.astype(float),
        y.astype(np.uint8),
        pd.Series(y),
        pl.Series(y),
        pd.Series(y).astype("Int64"),
        pd.DataFrame({"y": y}),
    ):
        assert net.score(IRIS.X, given) == expected
    assert net.score(IRIS.X[0], y[0]) == (net.classify(IRIS.X[0]) == y[0])


# ---- data sets -------------------------------------------------------------------------------------------------


def test_a_data_set_stands_for_both():
    for named in (True, False):
        by_arrays, by_data = flowers(named=named), flowers(named=named)
        by_arrays.fit(IRIS.X, IRIS.y, epochs=3)
        by_data.fit(IRIS, epochs=3, validation_data=IRIS)
        assert by_data.weights.tobytes() == by_arrays.weights.tobytes()
        assert by_data.classes == IRIS.classes
        assert by_data.error(IRIS) == by_arrays.error(IRIS) == by_arrays.error(IRIS.X, IRIS.y)
        assert by_data.score(IRIS) == by_arrays.score(IRIS.X, IRIS.y)
        assert (by_data.predict(IRIS) == by_arrays.predict(IRIS.X)).all()
    xor = ns.datasets.load("xor")
    net = ns.Network.layered([2, 3, 1], seed=1)
    assert net.fit(xor, epochs=3).epochs == 3
    assert net.classes is None
    assert ns.sweep(net, xor, seeds=2, epochs=2).best().network().error(xor) == ns.sweep(
        net, xor.X, xor.y, seeds=2, epochs=2
    ).best().network().error(xor.X, xor.y)
    assert ns.sweep([4, 3, 3], IRIS.X, SPECIES, seeds=1, epochs=2)[0].network().classes == IRIS.classes
    assert "4 samples" in repr(net.explore(xor))


def test_the_columns_of_a_data_set_are_taken_by_name():
    order = [2, 0, 3, 1]
    turned = ns.Dataset("turned", IRIS.X[:, order], (IRIS.y + 1) % 3, [IRIS.features[n] for n in order], ["species"],
                        [IRIS.classes[n - 1] for n in range(3)])  # fmt: skip
    net = flowers()
    assert net.error(turned) == net.error(IRIS)
    net.classes = IRIS.classes
    assert net.error(turned) == net.error(IRIS)
    with pytest.raises(
        ns.DataError, match="the data set lacks sepal_length_cm, sepal_width_cm, .* and has unknown a, b, c, d"
    ):
        net.error(ns.Dataset("other", IRIS.X, IRIS.y, list("abcd"), ["species"], IRIS.classes))
    with pytest.raises(ns.DataError, match="the data set has no targets: give y"):
        net.error(ns.Dataset("bare", IRIS.X, None, IRIS.features, ()))
    with pytest.raises(ns.DataError, match="sample 0: the label 'a' is none of the classes setosa"):
        net.error(ns.Dataset("other", IRIS.X, IRIS.y, IRIS.features, ["species"], list("abc")))


@pytest.mark.parametrize("x", [IRIS.X, None, pd.DataFrame(IRIS.X, columns=IRIS.features), (IRIS.X, IRIS.y)])
def test_without_y_everything_else_is_refused(x):
    net = flowers()
    before = digest(net)
    for call in (net.fit, net.error, net.score):
        with pytest.raises(ns.DataError, match="y is missing: give what the samples should be, or a nodesim Dataset"):
            call(x)
    assert digest(net) == before


# ---- hundreds of broken ones -----------------------------------------------------------------------------------


def columns(rng, count):
    """Draw values of a column, of a random kind."""
    return [
        lambda: rng.normal(size=count), lambda: rng.integers(0, 2, count), lambda: rng.normal(size=count) > 0,
        lambda: [["a", "b", "setosa"][n] for n in rng.integers(0, 3, count)], lambda: [None] * count,
        lambda: [None, *rng.normal(size=count - 1).tolist()], lambda: np.full(count, np.inf), lambda: [[1.0]] * count,
        lambda: np.full(count, "2020-01-01", dtype="M8[ms]"), lambda: np.full(count, 1, dtype="m8[ms]"),
    ][rng.integers(10)]()  # fmt: skip


def test_of_hundreds_of_frames_only_data_errors_come():
    rng, refused, net = np.random.default_rng(5), 0, network(["a", "b", "setosa"])
    pool = [*NAMES, "a", "b", "setosa", "id", "", "Age", "I1"]
    for case in range(600):
        count = int(rng.integers(1, 4))
        parts = []
        for wanted in (NAMES, ["a", "b", "setosa"] if rng.integers(2) else ["label"]):
            some = list(wanted) if rng.integers(4) else list(rng.choice(pool, rng.integers(1, 5), replace=False))
            plain = rng.integers(3) > 0
            table = {name: rng.integers(0, 2, count) if plain else columns(rng, count) for name in some}
            frame = pd.DataFrame(table) if rng.integers(2) else pl.DataFrame(table, strict=False)
            if isinstance(frame, pd.DataFrame) and rng.integers(8) == 0:
                frame.columns = [*frame.columns[:-1], frame.columns[0]]
            if isinstance(frame, pd.DataFrame) and rng.integers(3) == 0:
                frame = frame.convert_dtypes()
            parts.append(frame if len(some) > 1 or rng.integers(2) else frame[some[0]])
        before = digest(net)
        call = [net.fit, net.error, net.score, lambda x, y: net.predict(x), net.diagnose, lambda x, y: net.exact(x, y)][
            case % 6
        ]
        fault = None
        try:
            call(*parts) if call != net.fit else net.copy().fit(*parts, epochs=1)
        except ns.NodesimError as error:
            fault = error
        refused += isinstance(fault, ns.DataError)
        # What fits may still have no R², nor run exactly.
        assert (
            fault is None
            or isinstance(fault, ns.DataError)
            or "R² is not defined" in str(fault)
            or "tanh" in str(fault)
        )
        assert len(str(fault)) < 500
        assert digest(net) == before or fault is None
    assert 150 < refused < 560


def test_no_library_of_frames_is_imported():
    code = (
        "import sys, nodesim as ns; net = ns.Network.layered([2, 2, 2], seed=0); net.fit([[0, 1], [1, 0]], ['a', 'b'], epochs=1);"
        "net.error({'I1': 1, 'I2': 2}, 'a'); assert not {'pandas', 'polars', 'pyarrow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("classes", [["virginica", "setosa", "versicolor"], None])
def test_the_command_learns_by_the_labels_of_the_network(tmp_path, capsys, classes):
    from nodesim.cli.main import main

    net = ns.Network.layered([4, 3, 3], "tanh", loss="softmax_cross_entropy", seed=0)
    net.classes = classes
    net.save(tmp_path / "net.json")
    assert (
        main(
            ["train", str(tmp_path / "net.json"), "iris", "--epochs", "200", "-o", str(tmp_path / "out.json"), "--json"]
        )
        == 0
    )
    told = json.loads(capsys.readouterr().out)
    net.fit(IRIS.X, IRIS.y if classes is None else SPECIES, epochs=200)
    found = ns.load(tmp_path / "out.json")
    assert found.weights.tobytes() == net.weights.tobytes()
    assert found.classes == net.classes
    assert told["right"] == round(150 * net.score(IRIS.X, IRIS.y if classes is None else SPECIES)) > 100
    assert main(["predict", str(tmp_path / "out.json"), "iris", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert np.mean(np.array(told["class"]) == SPECIES) > 0.6
    assert told["target"] == SPECIES.tolist()
    net.classes = [30, 10, 20]
    net.save(tmp_path / "net.json")
    (tmp_path / "data.csv").write_text(
        "a,b,c,d,label\n"
        + "".join(f"{a},{b},{c},{d},{10 * (n % 3 + 1)}\n" for n, (a, b, c, d) in enumerate(IRIS.X[::30]))
    )
    assert main(["check", str(tmp_path / "net.json"), str(tmp_path / "data.csv")]) == 0
