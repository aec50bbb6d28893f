"""Whole networks at once: path counts, path norm and diagnosis against brute force, and at any size."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest
from helpers import SEEDS, article_network, digest, examples, random_network, random_samples
from hypothesis import given
from hypothesis import strategies as st
from test_paths import longest_ladder

import nodesim as ns
from nodesim.gradients.quantities import Quantity


def chain(length, weight, activation="linear"):
    return ns.Network.layered(
        [1] * (length + 1), activation, bias=False, seed=0, initializer=ns.initializer("constant", value=weight)
    )


# ---- path counts ------------------------------------------------------------------------------------------


@examples(60)
@given(seed=SEEDS)
def test_counts_are_those_of_networkx(seed):
    net, _ = random_network(seed)
    counts = net.path_counts()
    ends = set(net.outputs)
    expected = {}
    for c in net.connections:
        # all_simple_paths leaves out the path of no edges.
        expected[c.name] = sum(
            1 if end is c.target else len(list(nx.all_simple_paths(net.graph, c.target, end))) for end in ends
        )
    assert dict(counts) == expected
    assert list(counts) == [c.name for c in net.connections]
    assert all(counts[c] == expected[c.name] for c in net.connections)
    assert counts.array.tolist() == list(expected.values())
    assert counts.total == sum(expected.values())
    numbers = {name: number for number, name in enumerate(expected)}
    for chosen, sign in ((counts.most, -1), (counts.least, 1)):
        order = sorted(expected, key=lambda name: (sign * expected[name], numbers[name]))
        assert [(c.name, count) for c, count in chosen(len(order) + 5)] == [(name, expected[name]) for name in order]
        assert [c.name for c, _ in chosen(2)] == order[:2]


def test_counts_need_no_run_and_do_not_change_with_the_network():
    net = ns.Network.layered([2, 2, 2, 2], seed=0)
    before = digest(net)
    counts = net.path_counts()
    assert (counts["W1"], counts["W7"], counts["W13"]) == (4, 2, 1)
    assert digest(net) == before
    w13 = net["W13"]
    net.remove("H3")
    net.connect("I1", "O1", name="skip")
    assert (counts["W13"], counts[w13], counts["W1"]) == (1, 1, 4)
    assert "skip" not in counts
    assert "W13" in counts
    with pytest.raises(ns.StaleElementError, match="skip is none of these connections"):
        counts[net["skip"]]
    assert net.path_counts()["W1"] == 2
    assert net.path_counts()["skip"] == 1


def test_names_of_all_kinds_are_found():
    net = ns.Network(seed=0)
    for name in ("I1", "I2", "I3"):
        net.add_input(name)
    net.add_hidden("W2")  # so that the next free name of a connection is not that of its number
    net.add_output("O1")
    ends = [("I1", "W2"), ("I2", "W2"), ("I3", "W2"), ("W2", "O1")]
    made = [net.connect(*pair, name=name) for pair, name in zip(ends, (None, None, "W9", "über"))]
    net.disconnect("I1", "W2")
    counts = net.path_counts()
    assert list(counts) == [c.name for c in made[1:]]
    assert [counts[c.name] for c in made[1:]] == [counts[c] for c in made[1:]] == [1, 1, 1]
    for missing in (made[0].name, "W4", "W5", "W0", "W", "W99999999999999999999999", "H1", ""):
        assert missing not in counts
        with pytest.raises(ns.UnknownNameError, match="no connection here is named"):
            counts[missing]
    with pytest.raises(ns.ArgumentTypeError, match="by its name or as itself, got 3"):
        counts[3]
    with pytest.raises(ns.StaleElementError):
        counts[made[0]]
    assert made[1] in counts
    assert made[0] not in counts  # and nothing is raised
    assert 3 not in counts


@pytest.mark.parametrize("n", [0, -1, 1.5, True, "two"])
def test_a_wrong_number_of_weights(n):
    counts = ns.Network.layered([2, 2], seed=0).path_counts()
    for chosen in (counts.most, counts.least):
        with pytest.raises(ns.ArgumentError, match="n must be a whole number of at least 1"):
            chosen(n)


def test_counts_as_text():
    counts = article_network(1).path_counts()
    assert repr(counts) == "<PathCounts of 12 weights, 18 paths to them in all>"
    lines = str(counts).splitlines()
    assert lines[0] == "12 weights, 18 paths to them in all"
    assert lines[2].split() == ["W1", "I1", "H1", "2"]
    assert lines[7].split() == ["..."] * 4
    assert lines[-1].split() == ["W12", "B2", "O2", "1"]
    assert counts._repr_html_().count("<tr>") == 12
    assert str(ns.Network(seed=0).path_counts()) == "0 weights, 0 paths to them in all"


def test_counts_in_64_bits_and_beyond():
    """Of n layers of two nodes, 2^n paths."""
    for layers, dtype in ((1, "int64"), (63, "int64"), (64, "object"), (400, "object")):
        net = ns.Network.layered([1, *[2] * layers, 1], bias=False, seed=0)
        counts = net.path_counts()
        assert counts.array.dtype == dtype
        assert counts["W1"] == 2 ** (layers - 1) == counts.array[0]
        assert all(type(count) is int for count in counts.array.tolist())
        with pytest.raises(ValueError, match="read-only"):
            counts.array[0] = 1


# ---- path norm --------------------------------------------------------------------------------------------


def products(net, start, p):
    """Yield Π |W|^p of every path from a node to an output, by walking."""
    for c in start.outgoing:
        if c.target.kind == "output":
            yield abs(c.weight) ** p
        yield from (abs(c.weight) ** p * rest for rest in products(net, c.target, p))


@examples(100)
@given(seed=SEEDS)
def test_path_norm_is_the_sum_over_listed_paths(seed):
    net, _ = random_network(seed)
    for p in (1, 2, 0.5):
        from_inputs = math.fsum(product for node in net.inputs for product in products(net, node, p))
        from_biases = math.fsum(abs(b.value) ** p * product for b in net.biases for product in products(net, b, p))
        assert net.path_norm(p) == pytest.approx(from_inputs, rel=1e-12)
        assert net.path_norm(p, bias=True) == pytest.approx(from_inputs + from_biases, rel=1e-12)


def test_path_norm_does_not_change_when_a_relu_node_is_rescaled():
    net = ns.Network.layered([3, 5, 4, 2], hidden="relu", seed=1)
    x = np.linspace(-1, 1, 12).reshape(4, 3)
    before = net.predict(x)
    norms = [net.path_norm(p, bias=bias) for p in (1, 2) for bias in (False, True)]
    for node, factor in (("H2", 8.0), ("H7", 1 / 16)):
        for c in net[node].incoming:
            c.weight *= factor
        for c in net[node].outgoing:
            c.weight /= factor
    assert net.predict(x) == pytest.approx(before, rel=1e-12)
    assert [net.path_norm(p, bias=bias) for p in (1, 2) for bias in (False, True)] == pytest.approx(norms, rel=1e-14)


def test_faults_of_the_path_norm():
    net = ns.Network.layered([2, 2, 1], seed=0)
    for p in (0, -1, float("nan"), float("inf"), "one", True):
        with pytest.raises(ns.ArgumentError, match="p must be"):
            net.path_norm(p)
    with pytest.raises(ns.ArgumentError, match="bias must be True or False"):
        net.path_norm(bias=1)
    net.weights = np.full(9, 1e200)
    before = digest(net)
    with pytest.raises(ns.NonFiniteError, match=r"the path norm \(p = 1\) left the finite numbers at O1"):
        net.path_norm()
    with pytest.raises(ns.NonFiniteError, match=r"at H1"):
        net.path_norm(2)
    assert digest(net) == before
    assert net.path_norm(0.5) == pytest.approx(4e200)
    net["B1"].value = 1e200
    with pytest.raises(ns.NonFiniteError, match=r"at B1"):
        net.path_norm(2, bias=True)
    assert ns.Network(seed=0).path_norm() == 0.0


# ---- diagnosis --------------------------------------------------------------------------------------------


def rms(values):
    values = np.asarray(values, dtype=float)
    return float(np.sqrt((values * values).mean())) if values.size else math.nan


@examples(60)
@given(
    seed=SEEDS,
    loss=st.sampled_from(["mse", "huber", "softmax_cross_entropy", "binary_cross_entropy"]),
    batch=st.integers(1, 4),
)
def test_sizes_are_those_of_the_nodes_and_weights(seed, loss, batch):
    net, rng = random_network(seed, loss=loss)
    x, y = random_samples(net, rng, batch)
    diagnosis = net.diagnose(x, y)
    e = (net.forward(x), net.backward(y))[1]
    assert diagnosis.error == e
    assert [layer.layer for layer in diagnosis] == list(net.layers[:0:-1])
    above = None
    for found in diagnosis:
        nodes = [node for node in found.layer if node in net.schedule.alive]
        assert found.cut_off == tuple(node.name for node in found.layer if node not in nodes)
        activated = [Quantity("activated", node) for node in nodes]
        arriving = rms([[net.paths(of, sample=i).gradient for i in range(batch)] for of in activated])
        if found.layer.kind == "output" and net.store.run.output_gradient.of_sums:
            assert math.isnan(found.arriving)
        else:
            # What arrives may cancel: to the measure of the sum of |products|.
            scale = max((net.paths(of).scale for of in activated), default=0.0)
            assert found.arriving == pytest.approx(arriving, rel=1e-12, abs=1e-12 * scale, nan_ok=True)
        gradients = [c.gradient for node in nodes for c in node.incoming]
        assert found.gradient == pytest.approx(
            rms(gradients) if gradients or not nodes else 0.0, rel=1e-12, nan_ok=True
        )
        if above is not None and above.delta > 0 and nodes:
            assert found.factor == pytest.approx(found.delta / above.delta, rel=1e-12)
            if found.arriving > 0:
                assert found.slopes * found.weights == pytest.approx(found.factor, rel=1e-12)
        above = above if not nodes else found


def test_a_diagnosis_changes_nothing():
    net = article_network(2)
    before = digest(net)
    other = ([[0.5, 0.1], [1.0, -1.0]], [[0.0, 1.0], [1.0, 0.0]])
    diagnosis = net.diagnose(*other)
    assert digest(net) == before
    assert net.paths("W1").gradient == net["W1"].gradient
    net.forward(other[0])
    assert diagnosis.error == net.backward(other[1])
    assert diagnosis[0].gradient == pytest.approx(rms([net[f"W{i}"].gradient for i in range(13, 19)]), rel=1e-14)


def test_all_is_well():
    net = chain(4, 1.0)
    diagnosis = net.diagnose([1.0], [0.0])
    assert diagnosis.ok
    assert (diagnosis.verdict, diagnosis.factor, diagnosis.slopes, diagnosis.weights) == ("", 1.0, 1.0, 1.0)
    assert all(layer.blame == () and layer.explanation == "" for layer in diagnosis)
    assert diagnosis.explanation.startswith("Gradients neither vanish nor explode as a whole: × 1 from ∂e/∂OA")
    assert len(str(diagnosis).splitlines()) == 2 + len(diagnosis) + 1 == 7
    assert len(diagnosis[1:]) == 3
    assert diagnosis._repr_html_().count("<tr>") == 5


def test_saturated_slopes_are_to_blame():
    net = ns.Network.layered([2, 3, 3, 1], "tanh", bias=False, seed=0)
    for c in net.connections:
        c.weight = 1.0
    for c in net["H2"].incoming:
        c.weight = 400.0
    for c in net["H1"].incoming:
        c.weight = 3.0
    for c in net["H3"].incoming:
        c.weight = 2.5
    diagnosis = net.diagnose([[1.0, 1.0], [0.5, 0.5]], [[0.0], [0.0]])
    first = diagnosis[-1]
    assert first.verdict == "vanishes"
    assert first.factor < 0.1
    assert (first.dead, first.saturated) == (("H2",), ("H1",))
    assert first.blame[0].name in ("∂HA2/∂H2", "∂HA1/∂H1")
    assert {factor.name for factor in first.blame} == {f"∂HA{i}/∂H{i}" for i in (1, 2, 3)}
    net.forward([[1.0, 1.0], [0.5, 0.5]])
    values = {f"∂HA{i}/∂H{i}": rms(1 - np.tanh(net[f"H{i}"].value) ** 2) for i in (1, 2, 3)}
    assert {factor.name: factor.value for factor in first.blame} == pytest.approx(values, rel=1e-9)
    assert first.explanation.startswith("Hidden layer 1 vanishes: × ")
    assert "The slopes, × " in first.explanation
    assert "The weights" not in first.explanation


def test_weights_are_to_blame_for_their_size_or_because_they_cancel():
    net = ns.Network.layered([1, 2, 2, 1], "linear", bias=False, seed=0)
    ones = np.ones(len(net.connections))
    net.weights = ones
    net["W3"].weight, net["W4"].weight, net["W5"].weight, net["W6"].weight = 0.01, 0.02, 0.01, 0.01
    small = net.diagnose([1.0], [0.0])[-1]
    assert small.verdict == "vanishes"
    assert "The weights, × 0.0255, are to blame: they are small; most comes over ∂H4/∂HA1 = 0.02" in small.explanation
    assert small.explanation.endswith(" and others.")
    assert str(small.blame[0]) == "∂H4/∂HA1 = 0.02"
    net.weights = 50 * ones
    large = net.diagnose([1.0], [0.0])
    assert large[-1].verdict == "explodes"
    assert "they are large" in large[-1].explanation
    assert large.verdict == "explodes"
    assert "it is the weights" in large.explanation
    net.weights = ones
    net["W4"].weight = net["W6"].weight = -0.99
    cancelling = net.diagnose([1.0], [0.0])[-1]
    assert cancelling.weights == pytest.approx(0.01)
    assert cancelling.uncancelled == pytest.approx(math.sqrt(1 + 0.99**2))
    assert "what arrives over them cancels (else about × 1.41)" in cancelling.explanation


def test_gradients_that_vanish_little_by_little():
    """Sigmoids at 0 pass a quarter: no layer by itself, but all of them together."""
    net = ns.Network.layered([1] * 9, "sigmoid", bias=False, seed=0)
    diagnosis = net.diagnose([0.0], [1.0])
    net.weights = np.full(8, 1.0)
    for c in net.connections[1:]:
        c.weight = 1.0
    diagnosis = net.diagnose([0.0], [1.0])
    assert not any(layer.verdict for layer in diagnosis)
    assert diagnosis.verdict == "vanishes"
    assert not diagnosis.ok
    assert diagnosis.weights == 1.0
    assert diagnosis.slopes == pytest.approx(diagnosis.factor)
    assert diagnosis.explanation.endswith("the weights × 1: it is the slopes.")


def test_nothing_arrives():
    net = ns.Network.layered([2, 2, 2], seed=0)
    y = net.predict([[0.5, 1.0]])
    diagnosis = net.diagnose([[0.5, 1.0]], y)
    assert diagnosis.verdict == "nothing arrives"
    assert [layer.verdict for layer in diagnosis] == ["nothing arrives"] * 2
    assert diagnosis.explanation == "The derivative of e by every output is 0: these samples teach nothing."
    assert diagnosis[1].explanation == "Hidden layer 1: nothing arrives, ∂e/∂H of output layer is 0."
    relu = ns.Network.layered([1, 2, 2, 1], "relu", bias=False, seed=0)
    relu.weights = -np.ones(8)
    stopped = relu.diagnose([1.0], [1.0])
    assert [layer.verdict for layer in stopped] == ["", "vanishes", "nothing arrives"]
    assert stopped[1].dead == ("H3", "H4")
    assert stopped[1].share_flat == 1.0
    assert stopped.verdict == "vanishes"
    assert stopped.factor == 0.0
    assert "2 dead: H3, H4" in str(stopped)


def test_one_layer_and_dead_ends():
    net = ns.Network.layered([2, 2], seed=0)
    assert len(net.diagnose([0.5, 1.0], [0.0, 0.0])) == 1
    net = ns.Network.layered([2, 2, 1], "linear", seed=0)
    net.add_hidden("stub")
    net.connect("H1", "stub")
    layers = net.diagnose([0.5, 1.0], [0.0])
    assert [layer.cut_off for layer in layers] == [(), ("stub",), ()]
    assert math.isnan(layers[1].delta)
    assert layers[1].verdict == ""
    assert layers[2].above is layers[0].layer
    assert "1 cut off: stub" in str(layers)


def test_what_diagnose_refuses():
    net = ns.Network.layered([2, 2, 1], seed=0)
    before = digest(net)
    with pytest.raises(ns.DataError):
        net.diagnose([0.5], [0.0])
    with pytest.raises(ns.DataError):
        net.diagnose([0.5, 1.0], [0.0, 1.0])
    with pytest.raises(ns.StructureError):
        ns.Network(seed=0).diagnose([], [])
    assert digest(net) == before
    wild = chain(5, 1e80)
    before = digest(wild)
    with pytest.raises(ns.NonFiniteError, match="H4 is inf|H5|O1"):
        wild.diagnose([1.0], [0.0])
    assert digest(wild) == before


# ---- at any size ------------------------------------------------------------------------------------------


def test_2_to_the_15000_paths():
    net = longest_ladder().copy()
    net.forward([1.0]), net.backward([0.0])
    counts = net.path_counts()
    assert counts["W1"] == 2**15_000
    assert "≈2.818e+4515" in str(counts)
    assert net.path_norm() == 1.0
    assert len(net.dead_weights()) == 0
    diagnosis = net.diagnose([1.0], [0.0])
    assert diagnosis.ok
    assert diagnosis.factor == 1.0
    assert "... 29,982 more" in str(diagnosis)
    net.backward([1.0])
    assert net.dead_weights().reasons == {"error is 0": 60_002}
    assert "(O1)" in str(net.dead_weights())


def test_a_chain_of_5000_nodes():
    long = chain(5000, 1.0)
    assert str(long.diagnose([1.0], [0.0]))
    long.weights = np.full(5000, 0.5)
    long["W5000"].weight = 1.0
    assert long.path_counts().total == 5000
    assert long.path_norm() == 0.0
    fading = long.diagnose([1.0], [1.0])
    assert fading.verdict == "vanishes"
    assert fading.weights == 0.0
    long.forward([1.0]), long.backward([1.0])
    assert "underflow" in str(long.dead_weights())


def skipping(into_output=0.001, past=0.678, first=0.7):
    """Make a network whose second hidden layer sends next to nothing on, and is skipped."""
    net = ns.Network(seed=0)
    net.add_input("I1"), net.add_hidden("H1", "linear"), net.add_hidden("H2", "linear"), net.add_output("O1", "linear")
    ends = [("I1", "H1", 0.5), ("H1", "H2", first), ("H2", "O1", into_output), ("H1", "O1", past)]
    for source, target, weight in ends:
        net.connect(source, target, weight=weight)
    return net


def test_no_weights_are_accused_where_a_layer_is_skipped():
    diagnosis = skipping().diagnose([[1.0], [0.5]], [[1.0], [2.0]])
    _, second, first = diagnosis
    assert second.verdict == "vanishes"
    assert first.factor == pytest.approx(678.7, rel=1e-3)
    assert (first.verdict, first.blame) == ("", ())
    assert first.explanation == (
        "Hidden layer 1 has × 679 of ∂e/∂H of hidden layer 2, as most comes past that one: it is × 0.679 of that of "
        "output layer."
    )
    assert first.explanation in str(diagnosis)


def test_weights_that_are_large_are_accused_though_a_layer_is_skipped():
    first = skipping(past=50.0).diagnose([[1.0], [0.5]], [[1.0], [2.0]])[-1]
    assert first.verdict == "explodes"
    assert str(first.blame[0]) == "∂O1/∂HA1 = 50"
    vanishing = skipping(into_output=1.0, past=0.001, first=0.01).diagnose([[1.0], [0.5]], [[1.0], [2.0]])[-1]
    assert vanishing.verdict == "vanishes"
