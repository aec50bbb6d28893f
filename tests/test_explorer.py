"""The explorer's document holds what the engine calculated, and its page is one file that nothing can break out of."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import html
import json
import re
import sys

import jsonschema
import numpy as np
import pytest
from helpers import ROOT, SEEDS, article_network, digest, examples, iris, random_network, random_samples
from hypothesis import given
from hypothesis import strategies as st
from test_derivation import HOSTILE

import nodesim as ns
from nodesim.drawing.layout import layout
from nodesim.explorer import page
from nodesim.explorer.numbers import digits, unpacked
from nodesim.explorer.sizes import chosen
from nodesim.explorer.widget import answer
from nodesim.notation.programs import program_of
from nodesim.notation.syntax import parse

SCHEMA = json.loads((ROOT / "nodesim" / "explorer" / "schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
# The printer's signs, as Python writes them.
_PYTHONS = str.maketrans({"−": "-", "·": "*"})
XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]


def checked(explorer):
    """Return the document as a page reads it, after it was found to be as the schema says, and whole."""
    document = json.loads(json.dumps(explorer.document, allow_nan=False))
    VALIDATOR.validate(document)
    nodes, connections = document["nodes"], document["connections"]
    sizes_of = {
        "value": nodes, "activated": nodes, "slope": nodes, "delta": nodes, "gradient": connections,
        "seed": [n for n in nodes if n["kind"] == "output"],
    }  # fmt: skip
    for run in document["runs"]:
        assert all(run[name] is None or len(run[name]) == len(wanted) for name, wanted in sizes_of.items())
        assert run["epoch"] < len(document["epochs"])
        assert run["sample"] < len(document["samples"])
    assert not (document["editable"] and document["runs"])
    assert all(len(weights(epoch)) == len(connections) for epoch in document["epochs"])
    assert sorted(document["order"]) == list(range(len(nodes)))
    return document


def weights(epoch):
    return unpacked(epoch["weights"]).tolist()


def runs_of(document):
    """Return the runs that a document holds by epoch and sample, None where there is none."""
    found = {(run["epoch"], run["sample"]): run for run in document["runs"]}
    places = [range(len(document[part])) for part in ("epochs", "samples")]
    return [[found.get((epoch, sample)) for sample in places[1]] for epoch in places[0]]


@pytest.fixture
def by_engine(monkeypatch):
    """Make documents as of networks that the page cannot calculate: they hold the engine's runs."""
    monkeypatch.setattr("nodesim.explorer.structure._editable", lambda simulator: False)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@examples(20)
@given(seed=SEEDS, loss=st.sampled_from(["mse", "softmax_cross_entropy", "binary_cross_entropy", "huber"]))
def test_the_document_is_what_the_engine_calculates(every_engine, by_engine, seed, loss):
    net, rng = random_network(seed, loss=loss)
    x, y = random_samples(net, rng, 3)
    document = checked(net.explore(x, y))
    assert [node["name"] for node in document["nodes"]] == [node.name for node in net.nodes]
    names = [(c["name"], document["nodes"][c["source"]]["name"]) for c in document["connections"]]
    assert names == [(c.name, c.source.name) for c in net.connections]
    assert weights(document["epochs"][0]) == net.weights.tolist()
    for sample, run in enumerate(runs_of(document)[0]):
        net.forward(x[sample]), net.backward(y[sample])
        graph = net.paths(net.connections[0]).derivatives
        assert run["error"] == pytest.approx(graph.run.errors[0], rel=1e-13)
        assert document["loss"]["of_sums"] == graph.of_sums
        np.testing.assert_allclose(
            run["seed"], [graph.output_gradients[node][0] for node in net.outputs], rtol=1e-12, atol=1e-15
        )
        for place, node in enumerate(net.nodes):
            paths = net.paths(node)
            assert document["counts"]["nodes"][place] == str(paths.count)
            assert run["value"][place] == pytest.approx(node.value, rel=1e-12, abs=1e-13)
            assert run["activated"][place] == pytest.approx(node.activated, rel=1e-12, abs=1e-13)
            assert run["delta"][place] == pytest.approx(node.delta, abs=1e-12 * max(paths.scale, 1e-300))
            if paths.count:
                assert run["slope"][place] == pytest.approx(graph.slopes[node.row][0], rel=1e-11, abs=1e-13)
        for place, connection in enumerate(net.connections):
            paths = net.paths(connection)
            assert document["counts"]["connections"][place] == str(paths.count)
            assert run["gradient"][place] == pytest.approx(connection.gradient, abs=1e-12 * max(paths.scale, 1e-300))


@examples(20)
@given(seed=SEEDS)
def test_a_network_that_the_page_calculates_comes_without_runs(seed):
    net, rng = random_network(seed)
    for bias in net.biases:
        bias.value = float(rng.standard_normal())
    x, y = random_samples(net, rng, 3)
    document = checked(net.explore(x, y))
    assert document["editable"]
    assert document["runs"] == []
    assert weights(document["epochs"][0]) == net.weights.tolist()
    assert [sample["x"] for sample in document["samples"]] == x.tolist()
    assert [sample["y"] for sample in document["samples"]] == y.tolist()
    constants = {node["name"]: node["constant"] for node in document["nodes"] if node["constant"] is not None}
    assert constants == {bias.name: bias.value for bias in net.biases}


@pytest.mark.usefixtures("session")
def test_pages_of_many_epochs_and_samples_are_small():
    x, y = iris()
    net = ns.Network.layered([4, 5, 3], seed=0)
    recording = ns.Recording(net, every=1, limit=100)
    net.fit(x, y, epochs=80, learning_rate=0.5, callbacks=recording)
    explorer = net.explore(x, y, history=recording)
    document = checked(explorer)
    assert (len(document["epochs"]), len(document["samples"])) == (81, 150)
    assert document["missing"] == []
    assert len(explorer.html) < 550_000
    for moment, epoch in zip(recording, document["epochs"]):
        assert weights(epoch) == moment.weights.tolist()
    own = ns.Activation("softroot", lambda z: z / np.sqrt(1 + z * z), lambda z, a: (1 + z * z) ** -1.5)
    net = ns.Network.layered([4, 5, 3], hidden=own, seed=0)
    assert len(checked(net.explore(x, y))["runs"]) == 150


def test_the_author_of_a_page_says_what_it_is_and_what_to_try():
    net = ns.Network.layered([2, 2, 1], seed=0)
    document = checked(net.explore(title="Mine", guide=("Click W1.", ""), selected=net["W1"]))
    assert (document["title"], document["guide"], document["selected"]) == ("Mine", ["Click W1.", ""], "W1")
    plain = checked(net.explore())
    assert (plain["title"], plain["guide"], plain["selected"]) == ("network 2-2-1", [], None)
    for wrong in ({"title": 3}, {"guide": "Click W1."}, {"guide": [1]}, {"selected": "W99"}, {"selected": 3}):
        with pytest.raises(ns.NodesimError):
            net.explore(**wrong)
    with pytest.raises(ns.StaleElementError):
        net.explore(selected=net.copy()["W1"])
    assert net.explore(selected="H1").widget().selection == "H1"


def test_what_is_shown_and_what_is_run_are_limited_apart():
    """Of what the page calculates only the samples and the weights count; how much Python tries stays the same."""
    choice = chosen(samples=1000, epochs=40, per_sample=4, per_epoch=100, per_run=300, most=3000)
    assert (len(choice.samples), len(choice.epochs)) == (750, 30)
    assert (len(choice.run_samples), choice.run_epochs) == (10, [29])
    assert len(chosen(10**6, 1, 1, 1, 1, 10**7).samples) == 30_000
    assert chosen(0, 1, 2, 3, 1, 100).run_samples == []


def test_names_and_formulas_are_the_articles():
    document = checked(article_network(1).explore())
    nodes = {node["name"]: node for node in document["nodes"]}
    assert document["title"] == "network 2-2-2"
    assert (nodes["H1"]["activated"], nodes["H1"]["derivative"]) == ("HA1", "{a}·(1 − {a})")
    assert (document["loss"]["formula"], nodes["O2"]["seed"], nodes["H1"]["seed"]) == (
        "(({y1} − {a1})^2 + ({y2} − {a2})^2)/2", "−2/2·({y2} − {a2})", None
    )  # fmt: skip
    assert (nodes["O2"]["target"], nodes["O2"]["activation"], nodes["B2"]["activated"]) == ("y2", "linear", "B2")
    assert [document["layers"][nodes[name]["layer"]]["name"] for name in ("I1", "B1", "H2", "B2", "O1")] == [
        "Input layer", "Input layer", "Hidden layer 1", "Hidden layer 1", "Output layer",
    ]  # fmt: skip
    assert document["missing"] == []


@pytest.mark.parametrize("layers", [1, 3])
def test_places_are_those_of_the_figures(layers):
    net = article_network(layers)
    places = layout(net).places
    assert [(n["x"], n["y"]) for n in net.explore().document["nodes"]] == [places[node] for node in net.nodes]


def test_all_nodes_of_a_large_network_have_places_of_their_own():
    net = ns.Network.layered([60, 80, 40], seed=0)
    document = checked(net.explore())
    places = {(node["x"], node["y"]) for node in document["nodes"]}
    assert len(places) == len(net)
    size = document["size"]
    assert all(0 < x < size["width"] and 0 < y < size["height"] for x, y in places)


@pytest.mark.parametrize("traced", [False, True])
def test_the_network_is_as_before(traced, every_engine):
    net, rng = random_network(3)
    x, y = random_samples(net, rng, 4)
    if traced:
        net.forward(x[0]), net.backward(y[0])
    recording = ns.Recording(net)
    before = digest(net)
    for arguments in ((), (x,), (x, y)):
        checked(net.explore(*arguments, history=recording))
        assert digest(net) == before
    for wrong in ((x[:, :0],), (x, y[:2]), (None, y), (x * np.nan,)):
        with pytest.raises(ns.NodesimError):
            net.explore(*wrong)
        assert digest(net) == before


def test_without_arguments_the_last_run_is_shown(by_engine):
    net = ns.Network.layered([2, 3, 1], seed=0)
    document = checked(net.explore())
    assert document["samples"] == []
    assert document["runs"] == []
    assert any("no sample" in sentence for sentence in document["missing"])
    net.forward(XOR[0])
    document = checked(net.explore())
    assert [sample["x"] for sample in document["samples"]] == XOR[0]
    assert all(sample["y"] is None for sample in document["samples"])
    run = runs_of(document)[0][2]
    assert run["activated"][-1] == pytest.approx(net["O1"].activated[2], rel=1e-14)
    assert run["gradient"] is run["delta"] is run["seed"] is run["error"] is None
    assert any("no targets" in sentence for sentence in document["missing"])
    net.backward(XOR[1])
    document = checked(net.explore())
    assert [sample["y"] for sample in document["samples"]] == [[0], [1], [1], [0]]
    mean = np.mean([run["gradient"] for run in runs_of(document)[0]], axis=0)
    np.testing.assert_allclose(mean, net.gradients, rtol=1e-12, atol=1e-15)
    # The weights are those of now, not those of the run.
    net["W1"].weight = 0.25
    assert weights(checked(net.explore())["epochs"][-1])[0] == 0.25


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1, 2, 3]],), r"x must have shape \(2,\) or \(n_samples, 2\)"),
        (([[1, 2]], [[1, 2]]), "y must have shape"),
        ((None, [1]), "targets y without samples X"),
        (([[1, np.nan]],), "sample 0: input I2 is nan"),
    ],
)
def test_samples_that_do_not_fit(arguments, message):
    with pytest.raises(ns.NodesimError, match=message):
        ns.Network.layered([2, 3, 1], seed=0).explore(*arguments)


def test_other_arguments_that_do_not_fit():
    net = ns.Network.layered([2, 3, 1], seed=0)
    with pytest.raises(ns.ArgumentError, match="names must be one for each of 4 samples, got 1"):
        net.explore(*XOR, names=["one"])
    with pytest.raises(
        ns.ArgumentTypeError, match=r"history must be a nodesim\.Recording or what fit returned, got list"
    ):
        net.explore(*XOR, history=[1.0])
    with pytest.raises(ns.ArgumentError, match="history is a recording of"):
        net.explore(*XOR, history=ns.Recording(net.copy()))
    with pytest.raises(ns.StructureError, match="nothing to explore"):
        ns.Network().explore()
    half = ns.Network()
    half.add_input(), half.add_output()
    assert checked(half.explore())["counts"]["nodes"] == ["0", "1"]
    with pytest.raises(ns.StructureError, match="nothing is connected"):
        half.explore([1.0])


def test_a_recorded_training(by_engine):
    net = ns.Network.layered([2, 3, 1], seed=1)
    recording = ns.Recording(net, limit=9)
    history = net.fit(*XOR, epochs=100, callbacks=recording, validation_data=XOR)
    document = checked(net.explore(*XOR, history=recording, names=["00", "01", "10", "11"]))
    assert [epoch["epoch"] for epoch in document["epochs"]] == [0, 16, 32, 48, 64, 80, 96, 100]
    assert document["epochs"][0]["error"] is None
    assert weights(document["epochs"][-1]) == net.weights.tolist()
    assert document["history"] == {
        "epochs": list(range(1, 101)), "errors": history.errors, "validation": history.validation_errors,
    }  # fmt: skip
    assert [sample["name"] for sample in document["samples"]] == ["00", "01", "10", "11"]
    assert document["missing"] == []
    for moment, runs in zip(recording, runs_of(document)):
        twin = net.copy()
        twin.weights = moment.weights
        for x, y, run in zip(*XOR, runs):
            twin.forward(x), twin.backward([y])
            np.testing.assert_allclose(run["gradient"], twin.gradients, rtol=1e-11, atol=1e-16)


def test_the_last_epoch_is_the_one_at_which_the_training_stopped():
    net = ns.Network.layered([2, 3, 1], seed=1)
    recording = ns.Recording(net)
    history = net.fit(*XOR, epochs=5000, stop_at_error=0.2, callbacks=recording)
    epochs = checked(net.explore(*XOR, history=recording))["epochs"]
    assert history.converged
    assert (epochs[-1]["epoch"], epochs[-1]["error"]) == (len(history), history.errors[-1])
    assert weights(epochs[-1]) == net.weights.tolist()
    net["W1"].weight += 1.0
    document = checked(net.explore(*XOR, history=recording))
    assert weights(document["epochs"][-1]) == net.weights.tolist()


def test_weights_changed_after_the_training_are_told():
    net = ns.Network.layered([2, 3, 1], seed=1)
    recording = ns.Recording(net)
    net.fit(*XOR, epochs=3, callbacks=recording)
    net["W1"].weight = 5.0
    document = checked(net.explore(*XOR, history=recording))
    assert [epoch["epoch"] for epoch in document["epochs"]] == [0, 1, 2, 3, 3]
    assert document["epochs"][-1]["error"] is None
    assert any("not those that the recorded training ended with" in sentence for sentence in document["missing"])


def test_a_history_gives_the_curve():
    net = ns.Network.layered([2, 3, 1], seed=1)
    history = net.fit(*XOR, epochs=9_000, learning_rate=0.5)
    document = checked(net.explore(*XOR, history=history))
    curve = document["history"]
    assert len(curve["epochs"]) <= 4_000
    assert (curve["epochs"][0], curve["epochs"][-1]) == (1, 9_000)
    assert curve["errors"] == [history.errors[epoch - 1] for epoch in curve["epochs"]]
    assert document["epochs"][0]["epoch"] == 9_000
    assert any("errors only" in sentence for sentence in document["missing"])
    assert checked(net.explore(*XOR, history=ns.History()))["history"] is None


def test_large_documents_leave_out_and_say_so(by_engine, monkeypatch):
    net = ns.Network.layered([2, 3, 1], seed=1)
    recording = ns.Recording(net)
    net.fit(*XOR, epochs=20, callbacks=recording)
    per_run = 4 * 8 + 1 + 13 + 1
    whole = checked(net.explore(*XOR, history=recording))
    monkeypatch.setattr("nodesim.explorer.document.MOST_NUMBERS", 6 * 4 * per_run)
    document = checked(net.explore(*XOR, history=recording))
    there = [place for place, runs in enumerate(runs_of(document)) if all(runs)]
    assert there == [0, 4, 8, 12, 16, 20]
    assert [runs for place, runs in enumerate(runs_of(document)) if place not in there] == [[None] * 4] * 15
    assert document["missing"] == [
        "Values are there for 6 of 21 epochs; the others would have made the page too large, and show weights only."
    ]
    assert whole["missing"] == []
    monkeypatch.setattr("nodesim.explorer.document.MOST_NUMBERS", 2 * per_run)
    document = checked(net.explore(*XOR, history=recording))
    assert [sample["name"] for sample in document["samples"]] == ["sample 1", "sample 4"]
    assert all(runs_of(document)[-1])
    assert [epoch["epoch"] for epoch in document["epochs"]][-1] == 20
    assert len(document["missing"]) == 3


def test_numbers_that_are_not_finite_are_shown_as_they_came_out(by_engine, every_engine):
    net = ns.Network.layered([1, 2, 1], hidden="linear", seed=0)
    net.connections[0].weight = 1e308
    document = checked(net.explore([[1.0], [1e10], [-1e10]], [[0.5], [0.5], [0.5]]))
    whole, plus, minus = runs_of(document)[0]
    assert whole["activated"][net.nodes.index(net["H1"])] == pytest.approx(1e308)
    assert {plus["value"][2], minus["value"][2]} <= {"Infinity", "-Infinity", plus["value"][2]}
    assert plus["gradient"] is None
    text = " ".join(document["missing"])
    assert "sample 2: H1 is inf, no finite number" in text
    assert "sample 3: H1 is −inf" in text


@pytest.mark.parametrize("loss", ["mse", "softmax_cross_entropy", "binary_cross_entropy", "huber"])
def test_formulas_of_losses_are_what_the_engine_calculates(by_engine, loss):
    output = "sigmoid" if loss == "binary_cross_entropy" else "linear"
    net = ns.Network.layered([2, 3, 3], output=output, loss=loss, seed=4)
    document = checked(net.explore([0.3, -0.7], [0.2, 0.5, 0.3]))
    run, sample = runs_of(document)[0][0], document["samples"][0]
    outputs = [place for place, node in enumerate(document["nodes"]) if node["kind"] == "output"]
    letters = {f"y{place + 1}": y for place, y in enumerate(sample["y"])}
    letters |= {f"a{place + 1}": run["activated"][node] for place, node in enumerate(outputs)}

    def calculated(formula):
        expression = parse(re.sub(r"[{}]", "", formula).translate(_PYTHONS).replace("^", "**"))
        return float(program_of(expression)(letters))

    assert calculated(document["loss"]["formula"]) == pytest.approx(run["error"], rel=1e-12)
    seeds = [calculated(document["nodes"][node]["seed"]) for node in outputs]
    assert seeds == pytest.approx(run["seed"], rel=1e-12)


def test_formulas_of_losses_with_many_outputs_are_left_out():
    document = checked(ns.Network.layered([2, 3, 9], loss="softmax_cross_entropy", seed=4).explore())
    assert document["loss"]["formula"] is None
    assert {node["seed"] for node in document["nodes"]} == {None}


def test_activations_without_a_derivative(by_engine):
    net = ns.Network.layered([2, 2, 1], hidden="step", seed=0)
    document = checked(net.explore([1.0, 2.0], [1.0]))
    run = runs_of(document)[0][0]
    assert run["gradient"] is None
    assert run["slope"][net.nodes.index(net["H1"])] == "NaN"
    assert any("No gradients: H1 has the activation step" in sentence for sentence in document["missing"])


@pytest.mark.usefixtures("session")
def test_what_follows_from_formulas_is_editable():
    own = ns.Activation("softroot", lambda z: z / np.sqrt(1 + z * z), lambda z, a: (1 + z * z) ** -1.5)
    for hidden, dtype, editable in (
        ("leaky_relu", "float64", True),
        (own, "float64", False),
        (
            dataclasses.replace(own, formula="z / sqrt(1 + z * z)", derivative_formula="(1 + z * z) ** -1.5"),
            "float64",
            True,
        ),
        (dataclasses.replace(own, formula="z / sqrt(2 + z * z)"), "float64", False),
        ("tanh", "float32", False),
        (ns.activation("elu", alpha=0.5), "float64", True),
    ):
        net = ns.Network.layered([2, 2, 1], hidden=hidden, dtype=dtype, seed=0)
        document = checked(net.explore([1.0, 2.0], [1.0]))
        assert document["editable"] is editable
        assert (document["offered"] is not None) is editable
    net = ns.Network.layered([2, 2, 1], hidden=own, seed=0)
    assert checked(net.explore())["nodes"][3]["derivative"] is None


def test_path_counts_are_exact():
    net = ns.Network.layered([2, *[9] * 20, 2], seed=0)
    document = checked(net.explore())
    assert document["counts"]["connections"][0] == str(2 * 9**19)
    assert int(document["counts"]["connections"][0]) > 2**53
    assert digits([2**15000]) == [_exact(2**15000)]
    assert all(text.startswith("≈") for text in digits([2**15000] * 500))


def _exact(number):
    """Write a whole number in pieces that Python does not refuse."""
    pieces = []
    while number:
        number, piece = divmod(number, 10**4000)
        pieces.append(f"{piece:04000d}" if number else str(piece))
    return "".join(reversed(pieces))


def read(text):
    """Return what a browser finds in a page: policy, style, script and document."""
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    (style,) = re.findall(r"<style[^>]*>(.*?)</style", text, re.DOTALL | re.IGNORECASE)
    scripts = re.findall(r"<script([^>]*)>(.*?)</script", text, re.DOTALL | re.IGNORECASE)
    (document,) = (content for attributes, content in scripts if "application/json" in attributes)
    (script,) = (content for attributes, content in scripts if "application/json" not in attributes)
    return html.unescape(policy), style, script, document


def test_the_page_is_one_file_that_trusts_its_own_script_alone():
    policy, style, script, document = read(article_network(1).explore().html)
    assert policy.startswith("default-src 'none'; ")
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    for name, text in (("script-src", script), ("style-src", style)):
        digest_ = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert directives[name] == f"'sha256-{digest_}'"
    assert "unsafe" not in policy
    VALIDATOR.validate(json.loads(document))


def test_the_bundle_is_small_and_ends_no_element():
    files = [page.asset(name) for name in ("page.html", "style.css", "bundle.js")]
    assert sum(len(text.encode()) for text in files) < 450_000
    assert not re.search(r"</script|<!--", files[2], re.IGNORECASE)
    assert "</" not in files[1]
    assert "uplot" in page.asset("LICENSES.txt").lower()


@pytest.mark.parametrize(
    "name", [*HOSTILE, "</script><img src=x onerror=alert(1)>", "<!--<script>", "{{script}}", "\u2028", "\ud800"]
)
def test_names_cannot_leave_the_document(name):
    net = ns.Network(seed=0)
    net.add_input(name), net.add_output(f"{name}!")
    net.connect(name, f"{name}!", name=f"{name}?")
    explorer = net.explore([1.0], [0.5], names=[name])
    document = read(explorer.html)[3]
    assert not re.search("[<>&\u2028\u2029]", document)
    assert json.loads(document) == json.loads(json.dumps(explorer.document))
    assert json.loads(document)["nodes"][0]["name"] == name
    explorer.html.encode()


def test_saving(tmp_path, monkeypatch):
    explorer, file = article_network(1).explore(), tmp_path / "page.html"
    explorer.save(file)
    assert file.read_text(encoding="utf-8") == explorer.html
    with pytest.raises(ns.FileError, match="cannot be written"):
        explorer.save(tmp_path / "nowhere" / "page.html")
    monkeypatch.setattr("nodesim.formats.atomic._write", lambda *_: (_ for _ in ()).throw(OSError(28, "no space left")))
    with pytest.raises(ns.FileError, match="no space left"):
        article_network(2).explore().save(file)
    assert file.read_text(encoding="utf-8") == explorer.html
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_opening(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    explorer = article_network(1).explore()
    file = explorer.open()
    assert opened == [file.as_uri()]
    assert file.read_text(encoding="utf-8") == explorer.html


def test_in_a_notebook_the_page_stays_in_its_frame(monkeypatch):
    explorer = article_network(1).explore()
    frame = explorer._repr_html_()
    (attributes, inside) = re.fullmatch(r"<iframe ([^>]*)>(.*)</iframe>", frame, re.DOTALL).groups()
    assert not inside
    assert 'sandbox="allow-scripts"' in attributes
    (source,) = re.findall(r'srcdoc="([^"]*)"', attributes)
    assert html.unescape(source) == explorer.html
    monkeypatch.setattr("nodesim.explorer.explorer._MOST_SHOWN", 1000)
    assert "too large for a notebook" in explorer._repr_html_()
    assert len(explorer._repr_html_()) < 1000


def test_the_widget_recalculates_what_the_reader_changes():
    net = article_network(2)
    widget = net.explore().widget()
    assert widget.document["title"] == "network 2-2-2-2"
    assert repr(widget) == "<Explorer widget: network 2-2-2-2>"
    widget.selection = "W1"
    assert repr(widget) == "<Explorer widget: network 2-2-2-2, W1 selected>"
    edits = {"epoch": 0, "sample": 0, "weights": {"W1": -0.5}, "inputs": {"I2": 2.0}, "targets": {"O1": 0.5}}
    before = digest(net)
    widget.edits = edits
    assert digest(net) == before
    twin = net.copy()
    twin["W1"].weight = -0.5
    twin.forward([0.05, 2.0]), twin.backward([0.5, 0.99])
    assert widget.recalculated["edits"] == edits
    np.testing.assert_allclose(widget.recalculated["run"]["gradient"], twin.gradients, rtol=1e-12)
    jsonschema.validate(widget.recalculated["run"], {**SCHEMA["$defs"]["run"], "$defs": SCHEMA["$defs"]})
    widget.edits = {}
    assert widget.recalculated == {}


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ({"epoch": 1, "sample": 0}, "epoch must be a whole number below 1, got 1"),
        ({"epoch": 0, "sample": None}, "sample must be a whole number below 1, got None"),
        ({"epoch": 0, "sample": 0, "weights": {"W99": 1.0}}, "nothing named 'W99'"),
        ({"epoch": 0, "sample": 0, "inputs": {"I1": "much"}}, "I1 must be a finite real number, got 'much'"),
    ],
)
def test_edits_that_cannot_be_made(edits, message):
    explorer = article_network(1).explore()
    assert message in answer(explorer.document, explorer._calculator, edits)["error"]


def test_after_an_edit_of_the_structure_nothing_is_recalculated():
    net = article_network(1)
    explorer = net.explore()
    net.remove("H2")
    assert "structure was edited" in answer(explorer.document, explorer._calculator, {"epoch": 0, "sample": 0})["error"]


def test_without_the_extra_the_widget_says_what_to_install(monkeypatch):
    from nodesim.explorer import widget

    monkeypatch.setitem(sys.modules, "anywidget", None)
    widget._kind.cache_clear()
    with pytest.raises(ns.MissingExtraError, match=r"pip install 'nodesim\[widget\]'"):
        article_network(1).explore().widget()


def test_an_edit_of_a_tied_weight_is_one_of_all_its_uses():
    net = ns.Network.layered([2, 3, 1], seed=0)
    net.tie("W1", "W4", "W7", name="Wr")
    explorer = net.explore([0.5, -1.0], [0.3])
    run = answer(explorer.document, explorer._calculator, {"epoch": 0, "sample": 0, "weights": {"W4": 2.0}})["run"]
    net["Wr"].weight = 2.0
    net.forward([0.5, -1.0])
    assert float(run["error"]) == pytest.approx(net.backward([0.3]), rel=1e-14)
    assert [float(each) for each in run["gradient"]] == pytest.approx(net.gradients, rel=1e-12)
    different = {"epoch": 0, "sample": 0, "weights": {"W4": 2.0, "W7": 1.0}}
    assert "Wr" in answer(explorer.document, explorer._calculator, different)["error"]
