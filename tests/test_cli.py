"""The command line: its contract, its exit codes, and what it does with wrong data."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import unquote, urlparse

import numpy as np
import pytest
from helpers import ROOT

import nodesim as ns
from nodesim import cli, datasets
from nodesim.cli import catalogue
from nodesim.cli.main import COMMANDS
from nodesim.notation import symbols

pytestmark = pytest.mark.usefixtures("session")
IRIS_SAMPLE = ("--input", "5.1,3.5,1.4,0.2", "--target", "1,0,0")


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    """A small network trained on the irises, as net.json and trained.json in a folder, and what was printed."""
    place, said, errors = tmp_path_factory.mktemp("trained"), io.StringIO(), io.StringIO()
    new = "new 4-5-3 --hidden sigmoid --output linear --loss mse --seed 1 -o net.json"
    train = "train net.json iris --epochs 400 -o trained.json"
    with contextlib.chdir(place), contextlib.redirect_stderr(errors):
        assert cli.main(new.split()) == 0
        with contextlib.redirect_stdout(said):
            assert cli.main(train.split()) == 0
    assert errors.getvalue() == ""
    return place, said.getvalue()


@pytest.fixture
def trained(folder, training):
    """The files of the training in a folder of the test's own, and what it printed."""
    place, text = training
    for name in ("net.json", "trained.json"):
        shutil.copy(place / name, name)
    return text


def test_train_trains_as_fit_does(output, folder):
    """With the same defaults: bit by bit the same weights."""
    iris = ns.datasets.load("iris")
    for options, given in (
        ([], {}),
        (["--batch-size", "10"], {"batch_size": 10}),
        (["--optimizer", "adam"], {"optimizer": "adam"}),
    ):
        assert output("new", "4-5-3", "--seed", "1", "-o", "fresh.json")[0] == 0
        net = ns.load("fresh.json")
        assert output("train", "fresh.json", "iris", *options, "-o", "out.json")[0] == 0
        net.fit(iris.X, iris.y, **given)
        assert (ns.load("out.json").weights == net.weights).all()


def test_training_on_iris(trained):
    assert "150 samples, 4 inputs, classes setosa, versicolor, virginica" in trained
    accuracy = re.search(r"accuracy ([\d.]+)%: (\d+) of 150 samples", trained)
    assert float(accuracy[1]) >= 95
    data = datasets.load("iris")
    net = ns.load("trained.json")
    assert (net.classify(data.X) == data.y).sum() == int(accuracy[2])


def test_info(trained, output):
    code, text, _ = output("info", "trained.json")
    assert code == 0
    assert re.search(r"^Hidden layer 1  sigmoid +5 +1 +25$", text, re.MULTILINE)
    net = ns.load("trained.json")
    described = json.loads(output("info", "trained.json", "--json")[1])
    assert described["connections"]["count"] == 43
    assert described["connections"]["weights"] == {"lowest": net.weights.min(), "highest": net.weights.max()}
    assert [layer["nodes"] for layer in described["layers"]] == [4, 5, 3]
    assert described["outputs"] == ["O1", "O2", "O3"]


def test_predict(trained, output):
    code, text, _ = output("predict", "trained.json", "iris")
    assert code == 0
    heads, *rows, verdict = text.splitlines()
    assert heads.split() == ["sample", "OA1", "OA2", "OA3", "class", "target"]
    assert rows[0].split()[-2:] == ["setosa", "setosa"]
    assert "accuracy 9" in verdict
    found = json.loads(output("predict", "trained.json", "iris", "--json")[1])
    expected = ns.load("trained.json").predict(datasets.load("iris").X)
    assert (np.array(found["outputs"]) == expected).all()
    assert len(found["class"]) == 150


def test_check(trained, output):
    code, text, _ = output("check", "trained.json", "iris")
    assert code == 0
    assert text.splitlines()[-1] == "all agree"
    assert len(text.splitlines()) == 45


@pytest.mark.parametrize("form", ["paths", "factored", "tree", "latex"])
def test_trace(trained, output, form):
    code, text, errors = output("trace", "trained.json", "W1", *IRIS_SAMPLE, "--form", form)
    assert (code, errors) == (0, "")
    net = ns.load("trained.json")
    net.forward([5.1, 3.5, 1.4, 0.2]), net.backward([1, 0, 0])
    derivation = net.derivation("W1")
    if form == "latex":
        assert text.strip() == derivation.latex(digits=6)
    else:
        assert "the sum of 3 paths" in text
        assert (derivation.tree() if form == "tree" else derivation.text(form, digits=6)) in text
    exact = output("trace", "trained.json", "W1", *IRIS_SAMPLE, "--digits", "0")[1]
    assert symbols.number(net.paths("W1").gradient, None) in exact


def test_trace_for_programs(trained, output):
    found = json.loads(output("trace", "trained.json", "W1", *IRIS_SAMPLE, "--json", "--limit", "2")[1])
    net = ns.load("trained.json")
    net.forward([5.1, 3.5, 1.4, 0.2]), net.backward([1, 0, 0])
    assert found["gradient"] == net.paths("W1").gradient
    assert (found["count"], found["listed"]) == ("3", 2)
    first = next(iter(net.paths("W1")))
    assert found["paths"][0]["product"] == first.product
    assert np.prod([factor["value"] for factor in found["paths"][0]["factors"]]) == pytest.approx(first.product)


def test_another_target_than_the_error(trained, output):
    net = ns.load("trained.json")
    net.forward([5.1, 3.5, 1.4, 0.2])
    paths, given = net.paths("I1", to="OA2"), ("--input", "5.1,3.5,1.4,0.2")
    code, text, errors = output("paths", "trained.json", "I1", "--to", "OA2", *given)
    assert (code, errors) == (0, "")
    assert text.startswith(f"∂OA2/∂I1 {symbols.equals(paths.gradient)}, the sum of 5 paths")
    found = json.loads(output("trace", "trained.json", "I1", "--to", "OA2", *given, "--json")[1])
    assert (found["to"], found["gradient"], "error" in found) == ("OA2", paths.gradient, False)
    code, text, errors = output("trace", "trained.json", "I1", *given)
    assert (code, text) == (2, "")
    assert "--target" in errors


def test_attribute(trained, output):
    expected = ns.load("trained.json").attribute([5.1, 3.5, 1.4, 0.2], "OA2", [-1.0, 0.0, 0.0, 0.0])
    options = ("--to", "OA2", "--input", "5.1,3.5,1.4,0.2", "--baseline", "-1,0,0,0")
    code, text, errors = output("attribute", "trained.json", *options)
    assert (code, errors, text.rstrip()) == (0, "", str(expected))
    found = json.loads(output("attribute", "trained.json", *options, "--json")[1])
    assert found["inputs"]["added"] == expected.inputs.tolist()
    assert found["nodes"]["H2"] == expected.nodes["H2"].gradient
    code, text, errors = output(
        "attribute", "trained.json", "iris", "--sample", "3", "--to", "OA1", "--method", "conductance"
    )
    assert (code, errors) == (0, "")
    assert "sample 3 (setosa) of iris" in text
    assert "H5" in text
    assert output("attribute", "trained.json", "--input", "5.1,3.5,1.4,0.2")[0] == 1


def test_paths_of_a_tied_weight(output, folder):
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.tie("W1", "W4", name="Wr")
    net.save("tied.json")
    sample = ("--input", "0.5,1", "--target", "1")
    net.forward([0.5, 1.0]), net.backward([1.0])
    text = output("paths", "tied.json", "Wr", *sample)[1]
    assert text.startswith("∂e/∂Wr ≈ −0.330462, the sum of 2 paths")
    assert "I2 -> H2 -> O1" in text
    found = json.loads(output("paths", "tied.json", "Wr", *sample, "--json", "--through", "H1")[1])
    assert (found["of"], found["to"], found["kept"]) == ("Wr", "e", "through H1")
    assert found["gradient"] == found["top"][0]["product"] == net["W1"].gradient
    for command in (["paths", "--flow"], ["paths", "--flow", "--json"], ["cut"], ["cut", "--top", "2"]):
        code, _, said = output(command[0], "tied.json", "Wr", *sample, *command[1:])
        assert code == 1
        assert "is of one connection or node, and Wr is a tie: give one of its uses, W1, W4." in said
    assert "Wr is a tie, one weight" in output("exact", "tied.json", "Wr", *sample, "--symbols")[2]


def test_paths(trained, output):
    net = ns.load("trained.json")
    net.forward([5.1, 3.5, 1.4, 0.2]), net.backward([1, 0, 0])
    paths = net.paths("W1")
    code, text, errors = output("paths", "trained.json", "W1", *IRIS_SAMPLE, "--top", "2")
    assert (code, errors) == (0, "")
    assert "the sum of 3 paths" in text
    best = paths.top(1)[0]
    assert text.splitlines()[4].split()[:2] == ["1", symbols.number(best.product)]
    assert text.splitlines()[4].endswith(f"I1 -> H1 -> {best.nodes[-1].name}")
    assert text.rstrip().endswith("1 path not shown")
    chosen = ("--through", "H1", "--avoiding", "O1", "--length", "2")
    found = json.loads(output("paths", "trained.json", "W1", *IRIS_SAMPLE, *chosen, "--json")[1])
    expected = paths.through("H1").avoiding("O1").of_length(2)
    assert (found["count"], found["gradient"]) == ("2", expected.gradient)
    assert [path["product"] for path in found["top"]] == [path.product for path in expected.top(10)]
    signed = json.loads(output("paths", "trained.json", "W1", *IRIS_SAMPLE, "--sign", "-", "--json")[1])
    assert [path["product"] for path in signed["top"]] == [path.product for path in paths.top(10, "-")]
    flow = json.loads(output("paths", "trained.json", "W1", *IRIS_SAMPLE, "--flow", "--json")[1])["flow"]
    assert flow["share"] == paths.flow().column("share").tolist()
    assert str(paths.flow().sorted()) in output("paths", "trained.json", "W1", *IRIS_SAMPLE, "--flow")[1]
    assert output("paths", "trained.json", "W1", *IRIS_SAMPLE, "--through", "H99")[0] == 1


def test_cut(trained, output):
    net = ns.load("trained.json")
    before, e = net.forward([5.1, 3.5, 1.4, 0.2]), net.backward([1, 0, 0])
    paths = net.paths("W1")
    cut = paths.cut()
    code, text, errors = output("cut", "trained.json", "W1", *IRIS_SAMPLE)
    assert (code, errors) == (0, "")
    assert "e without 3 paths of W1" in text
    for value in (cut.error, cut.change, cut.predicted, cut.missed, *before, *cut.outputs):
        assert symbols.number(value) in text
    found = json.loads(output("cut", "trained.json", "W1", *IRIS_SAMPLE, "--json")[1])
    assert found["cut"] == {name: getattr(cut, name) for name in ("value", "change", "predicted", "missed")}
    assert (found["of"], found["count"], found["error"]) == ("W1", "3", e)
    assert [output["after"] for output in found["outputs"]] == cut.outputs.tolist()
    assert [output["before"] for output in found["outputs"]] == before.tolist()
    chosen = json.loads(output("cut", "trained.json", "H1", *IRIS_SAMPLE, "--avoiding", "O1", "--json")[1])
    assert chosen["cut"]["change"] == net.paths("H1").avoiding("O1").cut().change
    assert chosen["kept"] == "avoiding O1"
    listed = json.loads(output("cut", "trained.json", "W1", *IRIS_SAMPLE, "--top", "2", "--json")[1])["cuts"]
    assert [each["change"] for each in listed] == paths.cuts(2).change.tolist()
    assert [each["connections"] for each in listed] == [[c.name for c in path.connections] for path in paths.top(2)]
    table = output("cut", "trained.json", "W1", *IRIS_SAMPLE, "--top", "2")[1]
    assert " -> ".join(node.name for node in paths.top(1)[0].nodes) in table
    assert symbols.number(paths.cuts(1).missed[0]) in table
    assert "1 path not shown" in table
    assert output("cut", "trained.json", "W1", *IRIS_SAMPLE, "--through", "H99")[0] == 1
    to = json.loads(output("cut", "trained.json", "W1", *IRIS_SAMPLE[:2], "--to", "OA2", "--json")[1])
    assert (to["to"], to["error"]) == ("OA2", None)
    assert to["cut"]["value"] == net.paths("W1", to="OA2").cut().value == to["outputs"][1]["after"]
    with pytest.raises(SystemExit):
        output("cut", "trained.json", "W1", *IRIS_SAMPLE, "--top", "0")


def test_diagnose(trained, output):
    data = datasets.load("iris")
    expected = ns.load("trained.json").diagnose(data.X, data.y)
    code, text, errors = output("diagnose", "trained.json", "iris")
    assert (code, text.rstrip("\n"), errors) == (0, str(expected), "")
    found = json.loads(output("diagnose", "trained.json", "iris", "--json")[1])
    assert (found["error"], found["factor"]) == (expected.error, expected.factor)
    assert [layer["name"] for layer in found["layers"]] == ["Output layer", "Hidden layer 1"]
    assert found["layers"][0]["weights"] is None
    assert found["layers"][1]["weights"] == expected[1].weights


def test_steps(trained, output):
    code, text, _ = output("steps", "trained.json", *IRIS_SAMPLE)
    assert code == 0
    headings = [line for line in text.splitlines() if line and not line.startswith(" ")]
    assert headings == ["Feed forward", "Error", "Backpropagate", "Update, all simultaneously"]
    assert "  W43(k+1) = W43(k) − η·∂e/∂W43 ≈ " in text


def test_numbers_may_start_with_a_minus_sign(trained, output):
    code, text, _ = output("steps", "trained.json", "--input", "-5.1,3.5,1.4,0.2", "--target", "-1,0,0")
    assert code == 0
    assert "I1 = −5.1" in text


def test_pictures(trained, folder, output):
    assert output("draw", "trained.json", "-o", "net.svg")[0] == 0
    assert output("draw", "trained.json", "--highlight", "W1", "--labels", "weights", "-o", "W1.svg")[0] == 0
    for number in range(1, 8):
        assert output("figure", str(number), "-o", f"figure{number}.svg")[0] == 0
    for file in folder.glob("*.svg"):
        assert ET.parse(file).getroot().tag.endswith("svg")
    code, text, _ = output("figure", "3")
    assert code == 0
    assert text.strip() == ns.figures.figure(3).svg
    assert (folder / "figure3.svg").read_text(encoding="utf-8").count("#c1121f") == text.count("#c1121f") > 10
    assert output("figure", "3", "-o", "figure3.tex")[0] == 0
    assert ns.figures.figure(3).tikz in (folder / "figure3.tex").read_text(encoding="utf-8")
    code, _, errors = output("draw", "trained.json", "-o", "net.bmp")
    assert code == 2
    assert ".svg, .png or .tex" in errors


def test_one_file_is_not_dropped_for_another(trained, folder, output, capsys):
    for command in (("draw", "trained.json"), ("new", "2-2-1"), ("figure", "3"), ("explore", "trained.json")):
        with pytest.raises(SystemExit, match="2"):
            output(*command, "-o", "first.svg", "--output-file", "second.svg")
        assert "'first.svg' and 'second.svg'" in capsys.readouterr().err
        assert not (folder / "first.svg").exists()
        assert not (folder / "second.svg").exists()


def test_exploring(trained, folder, output):
    code, text, errors = output("explore", "trained.json", "iris", "-o", "page.html")
    assert (code, errors) == (0, "")
    assert "network 4-5-3, 20 samples, 1 epoch; saved to page.html" in text
    document = document_of(folder / "page.html")
    names = [sample["name"] for sample in document["samples"]]
    # Evenly spread: every class is among them.
    assert (names[0], names[-1]) == ("sample 1 (setosa)", "sample 150 (virginica)")
    assert sum("versicolor" in name for name in names) > 5
    assert document["samples"][0]["x"] == datasets.load("iris").X[0].tolist()
    assert output("explore", "trained.json", "iris", "--sample", "7", "3", "-o", "page.html")[0] == 0
    assert [sample["name"] for sample in document_of(folder / "page.html")["samples"]] == [
        "sample 7 (setosa)", "sample 3 (setosa)",
    ]  # fmt: skip
    code, text, _ = output("explore", "trained.json", "-o", "page.html")
    assert code == 0
    assert "There is no sample" in text
    code, _, errors = output("explore", "trained.json", "iris", "--sample", "151", "-o", "page.html")
    assert (code, "there is no sample 151" in errors) == (1, True)


def test_exploring_a_csv_file(small, folder, output):
    write("".join(f"{i},{i * i},{i % 3}\n" for i in range(50)), "three.csv")
    write("0,1\n1,0\n", "unlabelled.csv")
    assert output("explore", "net.json", "three.csv", "--limit", "5", "-o", "page.html")[0] == 0
    document = document_of(folder / "page.html")
    assert [sample["x"][0] for sample in document["samples"]] == [0, 12, 24, 37, 49]
    assert output("explore", "net.json", "unlabelled.csv", "-o", "page.html")[0] == 0
    assert document_of(folder / "page.html")["samples"][0]["y"] is None


def document_of(file):
    """Return the document that a saved page holds."""
    (text,) = re.findall(r"<script[^>]*application/json[^>]*>(.*?)</script>", file.read_text(encoding="utf-8"))
    return json.loads(text)


def test_datasets_command(output):
    code, text, _ = output("datasets")
    assert code == 0
    for name in datasets.names():
        assert re.search(rf"^{name} ", text, re.MULTILINE)
    assert "CC BY 4.0" in text


@pytest.mark.parametrize("name", ["xor", "moons", "circles", "spirals", "sine", "moons(samples=50,noise=0.0,seed=3)"])
def test_training_on_what_is_calculated(folder, output, name):
    sizes = "1-6-1" if name == "sine" else "2-6-1"
    assert output("new", sizes, "--hidden", "tanh", "--seed", "2", "-o", "net.json")[0] == 0
    code, text, errors = output("train", "net.json", name, "--epochs", "3", "--optimizer", "adam", "-o", "out.json")
    assert (code, errors) == (0, "")
    assert ("accuracy" in text) == (name not in ("sine", "xor"))


# ---- CSV ----------------------------------------------------------------------------------------------------


def write(text, name="data.csv"):
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


@pytest.fixture
def small(folder, output):
    assert output("new", "2-3-1", "--seed", "0", "-o", "net.json")[0] == 0
    assert output("new", "2-3-2", "--seed", "0", "-o", "classes.json")[0] == 0


def outputs(output, network, file, *options):
    code, text, errors = output("predict", network, file, "--json", *options)
    assert code == 0, errors
    return json.loads(text)


@pytest.mark.parametrize(
    "text",
    ["1,2,3\n4,5,6\n", "a,b,c\n1,2,3\n4,5,6\n", "\ufeffa;b;c\r\n1;2;3\r\n4;5;6\r\n", '"a","b","c"\n"1","2","3"\n\n4, 5 ,6',
     "1\t2\t3\n4\t5\t6", "1 2  3\n4 5 6\n", "x|y|z\n1,0|2,0|3\n4|5|6\n", "1,2\n4,5\n"],
)  # fmt: skip
def test_csv_of_every_kind(small, output, text):
    net = ns.load("net.json")
    assert outputs(output, "net.json", write(text))["outputs"] == net.predict([[1, 2], [4, 5]]).tolist()


def test_columns_by_name_and_number(small, output):
    net = ns.load("net.json")
    file = write("id,price,a,b\n7,0.5,1,2\n8,0.25,4,5\n")
    train = ("train", "net.json", file, "--epochs", "5", "--batch-size", "0", "-o", "out.json")
    for columns in (("--target", "price", "--ignore", "id"), ("--target", "2", "--ignore", "1")):
        assert output(*train, *columns)[0] == 0
        twin = net.copy()
        twin.fit([[1, 2], [4, 5]], [0.5, 0.25], epochs=5)
        assert ns.load("out.json").weights.tobytes() == twin.weights.tobytes()
    file = write("O1,extra,I2,I1\n0.5,0,2,1\n0.25,0,5,4\n")
    assert output(*train)[0] == 0
    assert ns.load("out.json").weights.tobytes() == twin.weights.tobytes()


def test_class_labels(small, output):
    data = "1,2,dog\n4,5,cat\n3,3,dog\n"
    found = outputs(output, "classes.json", write(data))
    assert found["target"] == ["dog", "cat", "dog"]
    assert set(found["class"]) <= {"dog", "cat"}
    net = ns.load("classes.json")
    assert output("train", "classes.json", "data.csv", "--epochs", "4", "--batch-size", "0", "-o", "out.json")[0] == 0
    net.fit([[1, 2], [4, 5], [3, 3]], [[0, 1], [1, 0], [0, 1]], epochs=4)
    assert ns.load("out.json").weights.tobytes() == net.weights.tobytes()
    assert outputs(output, "classes.json", write("1,2,dog\n"), "--classes", "dog", "cat")["target"] == ["dog"]
    assert outputs(output, "classes.json", write("1,2,5\n4,5,9\n"))["target"] == ["5", "9"]
    net = ns.Network()
    for name in ("I1", "I2"):
        net.add_input(name)
    for name in ("dog", "cat"):
        net.connect("I1", net.add_output(name))
    net.save("named.json")
    assert outputs(output, "named.json", write("1,2,cat\n4,5,cat\n"))["target"] == ["cat", "cat"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "data.csv: the file is empty"),
        ("\n \n", "data.csv: the file is empty"),
        ("a,b,c\n", "data.csv: there is a header, but no data"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff", "data.csv: this is no text"),
        ("1,2,3\n\x00,5,6\n", "data.csv: this is no text but binary data"),
        ("1,2,3\n4,5\n", "data.csv, row 2: it has 2 columns, the first row has 3"),
        ("a,b,c\n1,2,3\n\n4,x,6\n", r"data.csv, row 4, column 2 \(b\): 'x' is no finite number"),
        ("1,2,3\n4,,6\n", "data.csv, row 2, column 2: the number is missing"),
        ("1,2,3\n4,NaN,6\n", "data.csv, row 2, column 2: the number is missing"),
        ("1,2,3\n4,inf,6\n", "data.csv, row 2, column 2: 'inf' is no finite number"),
        ("1,2,3\n4,1_000,6\n", "data.csv, row 2, column 2: '1_000' is no finite number"),
        ('1,2,3\n4,"5,6\n', "data.csv, row 2: this is no CSV"),
        ("a,a,c\n1,2,3\n", "data.csv: two columns are named 'a'"),
        ("1,2,3,4,5\n", "data.csv has 5 columns; the network needs 2 for its inputs and 1 for its outputs"),
        ("1,2,0.5\n1,2,0.5\n1,2,O.7\n", "data.csv, row 3, column 3: 'O.7' is no finite number"),
        ("1,2,a\n1,2,b\n1,2,c\n", r"has 3 classes \(a, b, c\), the network 1 outputs"),
    ],
)
def test_wrong_csv(small, output, text, message):
    before = Path("net.json").read_bytes()
    code, printed, errors = output("train", "net.json", write(text), "-o", "net.json")
    assert (code, printed) == (1, "")
    assert re.fullmatch(f"nodesim: error: .*{message}.*\n", errors, re.DOTALL)
    assert Path("net.json").read_bytes() == before


def test_wrong_columns(small, output):
    file = write("a,b,c\n1,2,3\n")
    for options, message in (
        (("--target", "d"), "no column named 'd'"),
        (("--target", "4"), "there is no column 4; it has 3"),
        (("--target", "0"), "there is no column 0"),
        (("--ignore", "a"), "data.csv has 3 columns; the network needs 2"),
        (("--classes", "x", "y"), "row 2, column 3 (c): '3' is none of the classes x, y"),
        (("--target", "c", "--no-header"), "no column named 'c'"),
    ):
        code, _, errors = output("train", "net.json", file, "-o", "out.json", *options)
        assert code == 1, options
        assert message in errors
    code, _, errors = output("train", "net.json", "irsi", "-o", "out.json")
    assert code == 1
    assert "Did you mean 'iris'?" in errors
    assert not Path("out.json").exists()


def test_training_that_leaves_the_finite_numbers_saves_nothing(small, output):
    file = write("1e150,2,3\n4,5,6\n")
    code, _, errors = output("train", "net.json", file, "--learning-rate", "1e300", "-o", "out.json")
    assert code == 1
    assert "nothing is saved: not finite in epoch" in errors
    assert not Path("out.json").exists()


# ---- the whole -----------------------------------------------------------------------------------------------


def test_demo(output):
    code, text, errors = output("demo")
    assert (code, errors) == (0, "")
    for expected in (
        "H1 = I1·W1 + I2·W3 + B1·W5", "e = ((y1 − OA1)^2 + (y2 − OA2)^2)/2 ≈ ((1 − ", "path 1: ∂e/∂OA1 · ∂OA1/∂O1 · ∂O1/∂HA1 · ∂HA1/∂H1 · ∂H1/∂W1",
        "path 2: ∂e/∂OA2", "∂OA2/∂O2 = 1, as OA2 = O2", "stopped: the error is at most 0.0001", "epoch 1 to", "What to try next",
        "∂HA1/∂H1 = HA1·(1 − HA1) ≈ 0.830373·(1 − 0.830373) ≈ 0.140854", "∂O1/∂HA1 = W7 ≈ ", "98.4% of the whole",
    ):  # fmt: skip
        assert expected in text
    # The numbers that are shown lead from one line to the next.
    rows = [
        row.replace("(−", "−").replace("−", "-").replace("-)", ")")
        for row in re.findall(r"^ +≈? (.*, .*) of the whole", text, re.MULTILINE)
    ]
    products = [math.prod(map(float, re.findall(r"-?\d[\d.]*", row.split(" ≈ ")[0]))) for row in rows]
    total = float(re.search(r"backpropagation finds (\S+)", text)[1])
    assert len(products) == 2
    assert sum(products) == pytest.approx(total, rel=1e-5)
    old, rate, slope, new = map(float, re.search(r"W1\(k\) − η·∂e/∂W1 ≈ (\S+) − (\S+)·(\S+) ≈ (\S+)", text).groups())
    assert slope == total
    assert old - rate * slope == pytest.approx(new, abs=1e-5)
    # One screen.
    assert max(map(len, text.splitlines())) <= 100
    assert len(text.splitlines()) <= 45


def test_plugins_command(output, tmp_path):
    code, text, _ = output("plugins")
    assert code == 0
    assert "activations (38)" in text
    assert re.search(r"^aggregations \(8\)\n  sum +nodesim 0", text, re.MULTILINE)
    assert re.search(r"^  leaky_relu\(slope=0.01\) +nodesim 0", text, re.MULTILINE)
    (tmp_path / "bad.py").write_text("1 / 0")
    shutil.copy(ROOT / "examples" / "plugin_package" / "nodesim_bent.py", tmp_path)
    (tmp_path / "slow.py").write_text(
        "import nodesim as ns\n"
        "@ns.hookimpl\ndef nodesim_schedules():\n"
        "    return [ns.LearningRateSchedule('slow', lambda epoch, rate: rate / epoch, parameters={'rate': 0.5})]\n"
        "@ns.hookimpl\ndef nodesim_regularizers():\n"
        "    return [ns.Regularizer('quartic', formula='w ** 4', description='of large ones')]\n"
    )
    code, text, errors = output("plugins", "--plugins-dir", str(tmp_path))
    assert code == 1
    assert re.search(r"^regularizers \(4\)\n  l1\(strength=0.01\) +nodesim 0", text, re.MULTILINE)
    assert re.search(r"^  quartic +slow.py  of large ones$", text, re.MULTILINE)
    assert re.search(r"^schedules \(12\)\n  constant\(rate=0.1\) +nodesim 0", text, re.MULTILINE)
    assert re.search(r"^  slow\(rate=0.5\) +slow.py$", text, re.MULTILINE)
    assert re.search(r"^  bent +nodesim_bent.py", text, re.MULTILINE)
    assert "broken: bad.py" in text
    assert errors == "nodesim: error: plugin bad.py: importing it raised ZeroDivisionError: division by zero\n"


def test_plugins_are_used_by_every_command(folder, output):
    plugins = str(ROOT / "examples" / "plugin_package")
    with_plugins = ("--plugins-dir", plugins)
    assert output("new", "2-3-1", "--hidden", "bent", "-o", "net.json", *with_plugins)[0] == 0
    assert output("train", "net.json", "xor", "--epochs", "2", "-o", "out.json", *with_plugins)[0] == 0
    ns.unregister("bent")
    code, _, errors = output("info", "out.json")
    assert code == 1
    assert "no activation named 'bent'" in errors


@pytest.mark.parametrize(
    "line",
    ["", "dmeo", "demo --fast", "plugins --plugins-dir", "new 4 -o n", "new 4-x -o n", "new 4-0-2 -o n", "new 2-2",
     "new 2-2-1 --hidden tahn -o n", "new 2-2-1 --loss msee -o n", "new 2-2-1 --seed -1 -o n", "figure 8", "figure x",
     "trace n W1 --input a --target 1", "trace n W1 --input 1", "trace n W1 --input 1 --target 1 --form long",
     "train n iris --epochs 0 -o m", "train n iris --learning-rate -1 -o m", "train n iris --learning-rate nan -o m",
     "draw n --labels all", "figure 3 -o f.gif", "new 2-2-1 -o -", "new 2-2-1 --loss bce -o n", "train n d.csv -o d.csv",
     "explore n iris -o page.svg", "explore n --sample 1 -o page.html", "explore n iris --sample 0 -o page.html", "explore n iris"],
)  # fmt: skip
def test_wrong_usage_is_2(line, capsys, folder):
    try:
        code = cli.main(line.split())
    except SystemExit as stopped:
        code = stopped.code
        assert "usage: nodesim" in capsys.readouterr().err
    assert code == 2
    assert not list(folder.iterdir())


def test_wrong_parameters_of_a_data_set_are_2(small, output):
    for name in ("moons(samples=x)", "moons(size=3)", "moons(samples=0)", "moons(noise)", "moons(seed=1,seed=2)"):
        code, _, errors = output("train", "net.json", name, "-o", "out.json")
        assert code == 2, name
        assert "moons(samples=500" in errors or "2, got 0" in errors or "no parameter 'size'" in errors
    for name, options in (
        ("iris(samples=5)", []),
        ("xor(seed=1)", []),
        ("iris", ["--target", "1"]),
        ("iris", ["--no-header"]),
    ):
        assert output("train", "net.json", name, "-o", "out.json", *options)[0] == 2


def test_wrong_data_is_1(trained, output, folder):
    (folder / "broken.json").write_text("{")
    for line, message in (
        ("info nowhere.json", "nowhere.json: it cannot be read: No such file"),
        ("info broken.json", "broken.json: this is no whole JSON"),
        ("trace trained.json W99 --input 1,2,3,4 --target 1,0,0", "nothing is named 'W99'"),
        ("trace trained.json W1 --input 1,2 --target 1,0,0", "x must have shape (4,)"),
        ("steps trained.json --input 1,2,3,4 --target 1", "y must have shape (3,)"),
        ("predict trained.json sine", "sine has 1 input (x), the network has 4"),
        ("new 2-2-1 -o no/such/folder/net.json", "it cannot be written"),
        ("train trained.json iris -o no/such/folder/net.json", "there is no folder"),
        ("train trained.json iris -o .", "it is a folder"),
        ("new 9000000-9000000-1 -o net.json", "more than 500,000,000 fit no memory"),
        ("info trained.json --plugins-dir nowhere", "no plugins directory 'nowhere'"),
    ):
        code, text, errors = output(*line.split())
        assert (code, text) == (1, ""), line
        assert errors.startswith("nodesim: error: ")
        assert errors.count("\n") == 1
        assert message in errors


def test_a_tie_is_asked_for_by_its_uses(output, folder):
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.tie("W1", "W4", name="Wr")
    net.save("tied.json")
    for command in ("cut", "cut --top 1", "trace"):
        line = f"{command} tied.json Wr --input 1,2 --target 1"
        code, text, errors = output(*line.split())
        assert (code, text) == (1, "")
        assert re.fullmatch("nodesim: error: .*Wr is a tie.*W1, W4.*\n", errors)
    for name in ("Wr", "W4"):
        assert output("paths", "tied.json", name, "--input", "1,2", "--target", "1")[0] == 0


@pytest.mark.parametrize("command", ["", *(command.name for command in COMMANDS)])
def test_help_has_examples(command, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main([*command.split(), "--help"])
    assert caught.value.code == 0
    assert re.search(rf"examples?:\n  nodesim {command}", capsys.readouterr().out)


def test_examples_of_the_help_run(trained, folder, output):
    Path("data.csv").write_text("price,a,b\n1,2,3\n4,5,6\n")
    Path("new.csv").write_text("1,2,3,4\n")
    Path("answers.csv").write_text("quantity,value\n∂e/∂W1,0.25\nW2,-0.5\n", encoding="utf-8")
    Path("filled.csv").write_text("blank,answer\nH1,0.5\ne,\n", encoding="utf-8")
    Path("class.csv").write_text("name;H1;e\nAnn;0,5;1\nBob;;2\n", encoding="utf-8")
    Path("my_plugins").mkdir()
    shutil.copy(ROOT / "examples" / "xor.net", "xor.net")
    for command in COMMANDS:
        # What "nodesim warm" does is looked at in test_cold_start; all kernels need not be compiled twice.
        for example in command.examples if command.name != "warm" else []:
            code, _, errors = output(*(word.strip('"') for word in re.findall(r'"[^"]*"|\S+', example)[1:]))
            # The answers are not right, and the doctor says so.
            wrong = (1, "nodesim: error: 2 of 2 numbers are wrong.\n")
            assert (code, errors) == (wrong if command.name == "doctor" else (0, "")), example


def test_interrupt_and_closed_output(monkeypatch, output):
    def interrupted():
        yield "first"
        raise KeyboardInterrupt

    monkeypatch.setattr(catalogue.demo, "lines", interrupted)
    code, text, errors = output("demo")
    assert (code, text, errors) == (130, "first\n", "nodesim: error: interrupted\n")


def complaints(done):
    """Return what a process wrote to stderr, but for the note that a machine which is slow just now may get."""
    return re.sub(r"^compiling the fast engine: .*\n", "", done.stderr, flags=re.MULTILINE)


def test_whoever_stops_reading_still_gets_the_file(trained, folder):
    command = f"{sys.executable} -m nodesim train net.json iris --epochs 3 -o kept.json | true"
    assert complaints(subprocess.run(command, shell=True, capture_output=True, text=True)) == ""
    assert ns.load("kept.json")


@pytest.mark.parametrize("target", ["/dev/full", "&-"])
def test_output_that_cannot_be_written(trained, folder, target):
    done = subprocess.run(
        f"{sys.executable} -m nodesim info net.json >{target}", shell=True, capture_output=True, text=True
    )
    assert complaints(done) == (
        "" if target == "&-" else "nodesim: error: the output cannot be written: No space left on device\n"
    )
    assert done.returncode == (target != "&-")


def test_devices_are_written_to_not_replaced(trained, output):
    assert output("new", "2-2-1", "-o", "/dev/null")[0] == 0
    assert Path("/dev/null").is_char_device()


def test_names_are_shown_literally(folder, output):
    net = ns.Network(seed=0)
    name = "<b>\x1b[31m\n\u202eIn & 'put'"
    net.connect(net.add_input(name), net.add_output('"out"'))
    net.save("net.json")
    for line in ("info net.json", "steps net.json --input 1 --target 1", "trace net.json W1 --input 1 --target 1"):
        code, text, _ = output(*line.split())
        assert code == 0
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert output("draw", "net.json", "-o", "net.svg")[0] == 0
    assert ET.parse("net.svg")
    assert "<b>" not in Path("net.svg").read_text(encoding="utf-8")


def test_colour_only_on_a_terminal(trained, output):
    """A pseudo-terminal sees colour unless NO_COLOR is set; a pipe never does."""
    command = f"{sys.executable} -m nodesim check trained.json iris"
    assert "\x1b" not in output("check", "trained.json", "iris")[1]
    for no_color, coloured in (("", True), ("1", False)):
        shown = on_a_terminal(command.split(), {"TERM": "xterm", "NO_COLOR": no_color})
        assert "all agree" in shown
        assert ("\x1b[32m" in shown) == coloured


def on_a_terminal(command, environment):
    """Run a command on a pseudo-terminal and return what it shows."""
    mine, its = os.openpty()
    with subprocess.Popen(command, stdout=its, stderr=its, env={**os.environ, **environment}):
        os.close(its)
        shown = b""
        # A terminal whose program has ended answers with an error.
        with contextlib.suppress(OSError):
            while piece := os.read(mine, 65536):
                shown += piece
    os.close(mine)
    return shown.decode()


def test_shipped_figures_have_licences():
    text = (ROOT / "nodesim" / "datasets" / "data" / "README.md").read_text(encoding="utf-8")
    for file in (ROOT / "nodesim" / "datasets" / "data").glob("*.csv"):
        assert f"`{file.name}`" in text
        with file.open(newline="") as stream:
            assert len({len(row) for row in csv.reader(stream)}) == 1


def test_one_sample_of_a_data_set(folder, output):
    iris = ns.datasets.load("iris")
    net = ns.Network.layered([4, 3, 3], inputs=iris.features, outputs=iris.classes, seed=0)
    net.save("net.json")
    given = f"--input {','.join(map(repr, iris.X[59].tolist()))} --target 0,1,0"
    for command in ("trace net.json W1", "paths net.json W1", "steps net.json"):
        code, by_number, _ = output(*f"{command} iris --sample 60".split())
        assert code == 0
        assert "sample 60 (versicolor) of iris\n" in by_number
        in_numbers = output(*f"{command} {given}".split())[1]
        assert by_number.replace("sample 60 (versicolor) of iris\n", "").split() == in_numbers.split()
    for line, words in (
        ("trace net.json W1", "--input X,.. and --target X,.., or a data set and --sample N"),
        ("trace net.json W1 iris", "--sample N is missing"),
        ("steps net.json --sample 3", "as in: iris --sample 3, is missing"),
        (f"paths net.json W1 iris --sample 3 {given}", "not by both"),
    ):
        code, _, errors = output(*line.split())
        assert (code, words in errors) == (2, True), errors
    assert "there is no sample 151" in output(*["steps", "net.json", "iris", "--sample", "151"])[2]


def test_a_recorded_training_is_a_page(folder, output):
    ns.Network.layered([2, 3, 1], seed=0).save("net.json")
    code, text, _ = output(*["train", "net.json", "xor", "--epochs", "60", "-o", "out.json", "--record", "page.html"])
    assert code == 0
    assert "page.html" in text
    page = Path("page.html").read_text(encoding="utf-8")
    document = json.loads(re.search(r'type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)[1])
    assert [len(document["history"]["errors"]), document["epochs"][-1]["epoch"]] == [60, 60]
    assert len(document["samples"]) == 4
    assert output(*["train", "net.json", "xor", "-o", "out2.json", "--record", "page.svg"])[0] == 2
    assert not Path("out2.json").exists()


def test_the_page_is_opened(folder, output, monkeypatch):
    ns.Network.layered([2, 3, 1], seed=0).save("net.json")
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert output(*["explore", "net.json", "xor", "--open", "-o", "page.html"])[0] == 0
    assert output(*["explore", "net.json", "xor", "--open"])[0] == 0
    assert opened[0] == Path("page.html").resolve().as_uri()
    assert [uri.rsplit(".", 1)[1] for uri in opened] == ["html", "html"]
    assert Path(unquote(urlparse(opened[1]).path)).exists()


def test_names_of_data_reach_the_network(folder, output):
    assert output(*["new", "4-3-3", "--data", "iris", "-o", "iris.json"])[0] == 0
    assert [node.name for node in ns.load("iris.json").outputs] == ["setosa", "versicolor", "virginica"]
    Path("own.csv").write_text("width,height,price\n1,2,3\n2,3,4\n")
    assert output(*["new", "2-3-1", "--data", "own.csv", "-o", "own.json"])[0] == 0
    assert [node.name for node in ns.load("own.json").nodes if node.kind in ("input", "output")] == [
        "width",
        "height",
        "price",
    ]
    assert "outputs must be 2 names" in output(*["new", "4-3-2", "--data", "iris", "-o", "two.json"])[2]
    assert "class" in output(*["predict", "iris.json", "iris"])[1]


def test_messages_name_options_as_one_types_them(folder, output):
    ns.Network.layered([2, 3, 1], seed=0).save("net.json")
    _, _, errors = output(*["train", "net.json", "xor", "--learning-rate", "1e6", "-o", "out.json"])
    assert "Try --learning-rate " in errors
    assert "learning_rate" not in errors


def test_info_tells_of_ties_and_delays(output, folder):
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.tie("W1", "W4", "W5")
    net.save("tied.json")
    assert re.search(r"^ties +3 connections share 1 weight$", output("info", "tied.json")[1], re.MULTILINE)
    ns.Network.recurrent(1, 2, 1, seed=0).save("cell.json")
    assert re.search(r"^delays +4 connections .* unrolled$", output("info", "cell.json")[1], re.MULTILINE)
    assert json.loads(output("info", "cell.json", "--json")[1])["connections"]["delayed"] == 4
