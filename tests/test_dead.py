"""Dead weights: which gradients are exactly 0, why, and which partials are to blame, against every path listed."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import SEEDS, article_network, digest, examples, random_network, random_samples
from hypothesis import given
from hypothesis import strategies as st

import nodesim as ns
from nodesim.analysis.reasons import CANCELLED, NO_PATH, Reasons
from nodesim.gradients import propagation

KINKED = ["relu", "relu", "linear", "hard_tanh", "hard_sigmoid"]


def few_values(rng):
    return float(rng.choice([-1.0, -0.5, 0.0, 0.5, 1.0, 2.0]))


def traced(seed, batch):
    """Return a random network with many zeros after a backward."""
    loss = ("mse", "mae", "binary_cross_entropy")[seed % 3]
    net, rng = random_network(seed, activations=KINKED, weight=few_values, loss=loss)
    x, y = random_samples(net, rng, batch)
    if seed % 2:
        # Halves and wholes: errors of exactly 0, and sums that cancel.
        x, y = np.round(2 * x) / 2, np.round(y)
    net.forward(x), net.backward(y)
    return net


def nearest_zeros(net, of, sample):
    """Return for each path the partial of 0 that is nearest to a weight or node, or None; by listing all of them."""
    found = set()
    for path in net.paths(of, sample=sample):
        # The article's order leads from e back.
        names = [factor.name for factor in reversed(path.factors) if factor.value == 0]
        found.add(names[0] if names else None)
    return found


def reason_of(net, partial):
    """Say why a partial derivative is 0, from its name alone."""
    above, below = (part.removeprefix("∂") for part in partial.split("/"))
    if above == "e":
        return "error is 0"
    if above[0] in "HO" and above[1] == "A":
        name = net[above[0] + above[2:]].activation.name
        return f"{'dead' if name == 'relu' else 'saturated'} {name}"
    return "zero input" if below[0] == "W" else "zero weight"


@examples(150)
@given(seed=SEEDS)
def test_reasons_and_blame_are_those_of_the_listed_paths(seed):
    net = traced(seed, 1)
    dead = net.dead_weights()
    assert dead.names == [c.name for c in net.connections if c.gradient == 0]
    for entry in dead:
        if net.paths(entry.connection).count == 0:
            assert (entry.reasons, entry.blame) == (("no path",), ())
            continue
        zeros = nearest_zeros(net, entry.connection, 0)
        if None in zeros:
            # A path without any 0: then sums of several such paths must be 0.
            assert "cancelled" in entry.reasons
            assert {b.partial for b in entry.blame if b.reason != "cancelled"} <= zeros - {None}
            cancelled = [b.partial for b in entry.blame if b.reason == "cancelled"]
            assert cancelled
            for name in cancelled:
                paths = net.paths(name.removeprefix("∂e/∂"))
                assert abs(paths.gradient) <= 1e-12 * paths.scale
                assert paths.scale > 0
        else:
            assert set(entry.partials) == zeros
            assert set(entry.reasons) == {reason_of(net, partial) for partial in zeros}
            assert {b.reason for b in entry.blame} == set(entry.reasons)


@examples(100)
@given(seed=SEEDS, batch=st.integers(2, 4))
def test_a_batch_is_explained_sample_by_sample(seed, batch):
    net = traced(seed, batch)
    for entry in net.dead_weights():
        connection = entry.connection
        sent, delta = np.broadcast_to(connection.source.activated, batch), connection.target.delta
        if "no path" in entry.reasons:
            assert net.paths(connection).count == 0
        elif (sent == 0).all():
            assert entry.reasons == ("zero input",)
            assert entry.partials == (f"∂{connection.target.name}/∂{entry.name}",)
        elif (sent * delta != 0).any():
            assert entry.reasons == ("cancelled",)
            assert entry.partials == (f"∂e/∂{entry.name}",)
            assert abs((sent * delta).sum()) <= 1e-12 * np.abs(sent * delta).sum()
        else:
            # If nothing comes back in any sample, what is sent does not matter.
            silent, own = (delta == 0).all(), f"∂{connection.target.name}/∂{entry.name}"
            zeros = set()
            for sample in range(batch):
                of = connection.target if silent else connection
                zeros |= {own} if sent[sample] == 0 and not silent else nearest_zeros(net, of, sample)
            if None in zeros:
                assert "cancelled" in entry.reasons
            else:
                assert set(entry.partials) == zeros
                assert set(entry.reasons) == {reason_of(net, partial) for partial in zeros}


@given(seed=SEEDS, batch=st.integers(1, 3))
def test_wide_levels_are_explained_like_narrow_ones(monkeypatch, seed, batch):
    net = traced(seed, batch)
    before = [(entry.name, entry.reasons) for entry in net.dead_weights()]
    counts, norm = net.path_counts().array.tolist(), net.path_norm()
    with monkeypatch.context() as patch:
        # As if every level had many connections, and NumPy were the faster one.
        patch.setattr(propagation, "_NARROW", 0)
        assert [(entry.name, entry.reasons) for entry in net.dead_weights()] == before
        net.schedule.clear_cache()
        assert net.path_counts().array.tolist() == counts
        assert net.path_norm() == pytest.approx(norm, rel=1e-14)


def test_every_reason():
    net = ns.Network("half_squared_error", seed=0)
    for name in ("I1", "I2"):
        net.add_input(name)
    for name, activation in (
        ("H1", "relu"), ("H2", "tanh"), ("H3", "linear"), ("H4", "linear"), ("H5", "linear"), ("H6", "gaussian"),
        ("H7", "linear"),
    ):  # fmt: skip
        net.add_hidden(name, activation=activation)
    net.add_output("O1"), net.add_output("O2")
    made = {
        "relu": ("I1", "H1", -1.0), "tanh": ("I1", "H2", 500.0), "through": ("I1", "H3", 1.0),
        "unweighted": ("H3", "O1", 0.0), "done": ("I1", "O2", 1.0), "stub": ("I1", "H4", 1.0),
        "idle": ("I2", "H5", 1.0), "alive": ("H5", "O1", 1.0), "a": ("H1", "O1", 1.0), "b": ("H2", "O1", 1.0),
        "flat": ("I2", "H6", 1.0), "c": ("H6", "O1", 1.0), "split": ("I1", "H7", 1.0), "d": ("H7", "O1", 1.0),
    }  # fmt: skip
    for name, (source, target, weight) in made.items():
        net.connect(source, target, weight, name=name)
    # From H7 two ways of opposite sign.
    net.add_hidden("H8", activation="linear")
    net.connect("H7", "H8", 1.0, name="e1"), net.connect("H8", "O1", -1.0, name="e2")
    net.forward([1.0, 0.0]), net.backward([5.0, 1.0])
    dead = net.dead_weights()
    assert {entry.name: (entry.reason, entry.partials) for entry in dead} == {
        "relu": ("dead relu", ("∂HA1/∂H1",)),
        "tanh": ("saturated tanh", ("∂HA2/∂H2",)),
        "through": ("zero weight", ("∂O1/∂HA3",)),
        "done": ("error is 0", ("∂e/∂OA2",)),
        "stub": ("no path", ()),
        "idle": ("zero input", ("∂H5/∂idle",)),
        "alive": ("zero input", ("∂O1/∂alive",)),
        "a": ("zero input", ("∂O1/∂a",)),
        "flat": ("zero input", ("∂H6/∂flat",)),
        "split": ("cancelled", ("∂e/∂HA7",)),
    }
    assert dead.reasons == {
        "zero input": 4, "no path": 1, "dead relu": 1, "saturated tanh": 1, "zero weight": 1, "error is 0": 1,
        "cancelled": 1,
    }  # fmt: skip


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_underflow(sign):
    net = ns.Network.layered([1, 1, 1, 1], "linear", bias=False, seed=0)
    net.weights = [1.0, 1e-200, 1e-200]
    net.forward([1.0]), net.backward([sign * 5.0])
    dead = net.dead_weights()
    assert {entry.name: (entry.reason, entry.partials) for entry in dead} == {
        "W1": ("underflow", ("∂e/∂HA1",)),
    }
    net.weights = [1e-200, 1e-200, 1.0]
    net.forward([1e-200]), net.backward([sign * 5.0])
    assert [entry.reason for entry in net.dead_weights()] == ["underflow", "zero input", "zero input"]
    tiny = ns.Network.layered([1, 1], "linear", "linear", bias=False, seed=0)
    tiny.weights = [1e-200]
    tiny.forward([1e-300]), tiny.backward([1e-300])
    assert [(entry.reason, entry.partials) for entry in tiny.dead_weights()] == [("underflow", ("∂e/∂W1",))]


def test_samples_that_cancel_and_samples_that_differ():
    net = ns.Network.layered([1, 1, 1], "relu", bias=False, seed=0)
    net.weights = [1.0, 1.0]
    net.forward([[1.0], [1.0]]), net.backward([[0.0], [2.0]])
    entry = net.dead_weights()["W2"]
    assert (entry.reason, entry.partials, entry.blame[0].element) == ("cancelled", ("∂e/∂W2",), net["W2"])
    # One sample is stopped by the relu, the other one sends nothing.
    two = ns.Network.layered([2, 1, 1], "relu", bias=False, seed=0)
    two.weights = [1.0, 1.0, 1.0]
    two.forward([[0.0, 1.0], [1.0, -3.0]]), two.backward([[5.0], [5.0]])
    dead = two.dead_weights()
    assert dead.names == ["W1"]
    assert dead[0].reasons == ("zero input", "dead relu")
    assert dead[0].partials == ("∂H1/∂W1", "∂HA1/∂H1")
    assert dead[0].reason == "zero input and dead relu"


def test_an_error_that_enters_at_the_sum_passes_no_slope():
    """Where ∂e/∂O is known directly, a saturated output does not stop it; what the output feeds does pass the slope."""
    net = ns.Network("binary_cross_entropy", seed=0)
    net.add_input("I1")
    net.add_output("O1", activation="sigmoid"), net.add_output("O2", activation="sigmoid")
    net.connect("I1", "O1", 800.0), net.connect("O1", "O2", 1.0)
    net.forward([1.0]), net.backward([0.0, 0.0])
    assert len(net.dead_weights()) == 0
    net.forward([1.0]), net.backward([1.0, 0.0])
    (entry,) = net.dead_weights()
    assert (entry.name, entry.reasons) == ("W1", ("saturated sigmoid", "error is 0"))
    assert set(entry.partials) == {"∂OA1/∂O1", "∂e/∂O1"}


def test_more_activations_than_bits():
    net = ns.Network("half_squared_error", seed=0)
    net.add_input("I1"), net.add_output("O1")
    for number in range(70):
        # With a default, which could change, none of them is compiled: 70 would take half a minute.
        step = ns.Activation(f"step{number}", lambda z, height=1.0: 0 * z + height, lambda z, a: 0 * z)
        net.add_hidden(f"H{number}", activation=step)
        net.connect("I1", f"H{number}", 1.0), net.connect(f"H{number}", "O1", 1.0)
    net.forward([1.0]), net.backward([0.0])
    dead = net.dead_weights()
    assert len(dead) == 70
    assert dead["W1"].reason == "flat step0"
    assert dead["W139"].reason == "flat activation"
    assert dead["W139"].partials == ("∂HA69/∂H69",)
    words = Reasons([node.activation for node in net.hidden]).words(NO_PATH | CANCELLED)
    assert words == ("no path", "cancelled")


def test_dead_weights_as_a_sequence_and_a_table():
    net = ns.Network.layered([2, 3, 2], hidden="relu", seed=0)
    for c in net["H1"].incoming:
        c.weight = -1.0
    net.forward([1.0, 1.0]), net.backward([0.0, 0.0])
    before = digest(net)
    dead = net.dead_weights()
    text = str(dead)
    assert digest(net) == before
    assert text.splitlines()[0].startswith(f"{len(dead)} of 17 weights have a gradient of exactly 0: ")
    assert "3 dead relu (H1)" in text
    assert len(text.splitlines()) == 2 + len(dead)
    assert dead["W1"] == dead[net["W1"]] == dead[0]
    assert str(dead["W1"]) == "W1 (I1 -> H1): dead relu, ∂HA1/∂H1"
    assert [entry.name for entry in dead] == dead.names == [c.name for c in dead.connections]
    assert [entry.name for entry in dead[:2]] == dead.names[:2]
    assert dead[-1].name == dead.names[-1]
    assert "W1" in dead
    assert dead[0] in dead
    assert net["W1"] in dead
    assert "nobody" not in dead
    assert 3 not in dead
    alive = next(c for c in net.connections if c.gradient != 0)
    assert alive not in dead
    with pytest.raises(ns.UnknownNameError, match=f"'{alive.name}' is none of these weights"):
        dead[alive.name]
    with pytest.raises(ns.UnknownNameError, match="no connection here is named 'nobody'"):
        dead["nobody"]
    assert dead.of("dead relu").names == ["W1", "W4", "W7"]
    assert [blame.partial for blame in dead.of("dead relu").blame()] == ["∂HA1/∂H1"]
    with pytest.raises(ns.UnknownNameError, match="no weight is dead because of 'dead rely'. Did you mean 'dead relu'"):
        dead.of("dead rely")
    with pytest.raises(ns.UnknownNameError, match="no weight is dead because of None"):
        dead.of(None)
    with pytest.raises(IndexError):
        dead[len(dead)]
    assert dead._repr_html_().count("<tr>") == 1 + len(dead)
    assert repr(dead).startswith("<DeadWeights: ")
    net.remove("H1")
    assert str(dead) == text


def test_without_dead_weights_and_without_a_backward():
    net = article_network(1)
    dead = net.dead_weights()
    assert (len(dead), str(dead), dead.reasons) == (0, "0 of 12 weights have a gradient of exactly 0", {})
    assert dead._repr_html_() == "<p>0 of 12 weights have a gradient of exactly 0</p>"
    net["W1"].weight = 0.5
    with pytest.raises(ns.StateError, match="dead_weights needs"):
        net.dead_weights()


def test_long_tables_and_far_blame_are_cut():
    net = ns.Network.layered([30, 30, 1], "linear", bias=False, seed=0)
    x = np.ones(30)
    y = net.forward(x)
    net.backward(y)
    dead = net.dead_weights()
    assert dead.reasons == {"error is 0": 930}
    lines = str(dead).splitlines()
    assert lines[0].endswith("930 error is 0 (O1)")
    assert len(lines) == 2 + 20 + 1
    assert lines[-1] == "... 910 more weights"
    assert dead["W1"].partials == ("∂e/∂OA1",)
    deep = ns.Network.layered(
        [1] * 402, "linear", bias=False, seed=0, initializer=ns.initializer("constant", value=1.0)
    )
    deep.backward(deep.forward([1.0]))
    assert "far from here" in str(deep.dead_weights())
    assert deep.dead_weights()[0].partials == ("∂e/∂OA1",)


@pytest.mark.parametrize("options", [{"l2": 0.01}, {"l1": 0.1, "l2": 0.2, "clip": 0.01}, {"clip": 0.01}])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_penalties_revive_no_weight(options, dtype):
    net = ns.Network.layered([2, 3, 1], hidden="relu", seed=0, dtype=dtype)
    net.connect("I1", net.add_hidden("X"))
    for name in ("W1", "W4", "W7"):
        net[name].weight = -9.0
    x, y = np.abs(np.random.default_rng(0).normal(size=(5, 2))), np.ones((5, 1))
    net.forward(x), net.backward(y)
    plain = [(entry.name, entry.reasons) for entry in net.dead_weights()]
    assert ("W14", ("no path",)) in plain
    net.forward(x), net.backward(y, **options)
    dead = net.dead_weights()
    assert [(entry.name, entry.reasons) for entry in dead] == plain
    penalties = tuple(name for name in ("l1", "l2") if name in options)
    assert {entry.moved_by for entry in dead} == {penalties}
    alone = {0: "", 1: "; l2 alone moves them", 2: "; l1 and l2 alone move them"}[len(penalties)]
    assert str(dead).replace("\n  ", " ").splitlines()[0].endswith(f"1 zero input (H1){alone}")
    assert ("moved by" in str(dead)) == bool(penalties)
    net["W14"].weight = 0.0
    net.forward(x), net.backward(y, **options)
    assert net.dead_weights()["W14"].moved_by == ()


def test_a_gradient_that_a_penalty_swallows_is_not_dead():
    net = ns.Network.layered([1, 1], bias=False, seed=0)
    net["W1"].weight = 1.0
    net.forward([1e-12]), net.backward([1.0], l2=1e9)
    assert net["W1"].gradient == 1e9
    assert len(net.dead_weights()) == 0
