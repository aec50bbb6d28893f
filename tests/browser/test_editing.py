"""What is shown and what a reader changes is calculated by the page itself, and its numbers are the engine's."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import ACTIVATIONS, LOSSES, SEEDS, article_network, examples, random_network, random_samples
from hypothesis import given
from hypothesis import strategies as st

import nodesim as ns
from nodesim.explorer.numbers import written
from nodesim.explorer.samples import Samples

PARTS = ("value", "activated", "slope", "seed", "delta", "gradient", "error")


def recalculated(watched, edits):
    """Return the run that the page makes of edits, after checking that it made it itself."""
    return shown(watched, edits=edits)


def shown(watched, **state):
    """Return the run that the page makes in a state, after checking that it made it itself."""
    watched.page.evaluate("(state) => nodesim.setState(state)", state)
    run = watched.run()
    assert run["by"] == "page"
    return run


def close(found, expected, scale):
    np.testing.assert_array_less(np.abs(np.subtract(found, expected)), 1e-12 * np.maximum(scale, 1e-300) + 1e-300)


def assert_engines(run, twin, error):
    """Compare a run of the page with the last run of a network."""
    assert run["error"] == pytest.approx(error, rel=1e-12, abs=1e-14)
    sizes = [sum(abs(c.weight * c.source.activated) for c in node.incoming) for node in twin.nodes]
    close(run["value"], [node.value for node in twin.nodes], np.maximum(sizes, 1.0) * 10)
    close(run["delta"], [node.delta for node in twin.nodes], [twin.paths(node).scale * 10 for node in twin.nodes])
    close(run["gradient"], twin.gradients, [twin.paths(c).scale * 10 for c in twin.connections])


@examples(6)
@given(seed=SEEDS, loss=st.sampled_from(list(LOSSES)))
def test_every_epoch_and_sample_is_the_engines(show, seed, loss):
    net, rng = random_network(seed, loss=loss, max_hidden=10)
    for bias in net.biases:
        bias.value = float(rng.standard_normal())
    x, y = random_samples(net, rng, 3)
    recording = ns.Recording(net)
    net.fit(x, y, epochs=2, learning_rate=1e-3, callbacks=recording)
    watched = show(net.explore(x, y, history=recording))
    for epoch, moment in enumerate(recording):
        twin = net.copy()
        twin.weights = moment.weights
        for sample in range(3):
            run = shown(watched, epoch=epoch, sample=sample)
            assert run["weights"] == moment.weights.tolist()
            twin.forward(x[sample])
            assert_engines(run, twin, twin.backward(y[sample]))


@examples(7)
@given(seed=SEEDS, loss=st.sampled_from(list(LOSSES)))
def test_the_pages_numbers_are_the_engines(show, seed, loss):
    net, rng = random_network(seed, loss=loss, max_hidden=10)
    x, y = random_samples(net, rng, 1)
    watched = show(net.explore(x, y))
    for _ in range(3):
        weights = {c.name: float(rng.standard_normal()) for c in net.connections if rng.random() < 0.5}
        inputs = {node.name: float(rng.standard_normal()) for node in net.inputs if rng.random() < 0.5}
        targets = {node.name: float(rng.random()) for node in net.outputs} if loss != "softmax_cross_entropy" else {}
        run = recalculated(
            watched, {"weights": {**weights, net.connections[0].name: 0.25}, "inputs": inputs, "targets": targets}
        )
        twin = net.copy()
        for name, weight in {**weights, net.connections[0].name: 0.25}.items():
            twin[name].weight = weight
        given = [inputs.get(node.name, value) for node, value in zip(net.inputs, x[0])]
        wanted = [targets.get(node.name, value) for node, value in zip(net.outputs, y[0])]
        twin.forward(given)
        assert_engines(run, twin, twin.backward(wanted))


def test_every_activation_as_such(show):
    """A hidden node with each, many sums: in the middle, at kinks, and far out."""
    chosen = [*map(ns.activation, ACTIVATIONS), ns.activation("leaky_relu", slope=0.3), ns.activation("elu", alpha=0.5)]
    net = ns.Network(seed=0)
    net.add_input("I1"), net.add_output("O1", activation="linear")
    for activation in chosen:
        node = net.add_hidden(activation=activation)
        net.connect("I1", node, weight=1.0), net.connect(node, "O1", weight=1.0)
    watched = show(net.explore([0.0], [0.0]))
    points = [
        0.0,
        1e-12,
        -1e-12,
        1e-3,
        1.0,
        -1.0,
        2.5,
        -2.5,
        3.0,
        -3.0,
        5.7,
        -5.7,
        20.0,
        -20.0,
        40.0,
        -40.0,
        300.0,
        -300.0,
        800.0,
        -800.0,
    ]
    for z in points:
        run = recalculated(watched, {"weights": {}, "inputs": {"I1": z}, "targets": {"O1": 0.125}})
        net.forward([z])
        for activation, node in zip(chosen, net.hidden, strict=True):
            expected, place = node.activated, net.nodes.index(node)
            assert run["activated"][place] == pytest.approx(expected, rel=1e-12, abs=4e-15), activation
            slope = float(activation.derivative(np.array([z]), np.array([expected]))[0])
            assert run["slope"][place] == pytest.approx(slope, rel=1e-12, abs=4e-15), activation


def test_a_weight_changed_by_hand_and_back(show):
    net = article_network(1)
    watched = show(net.explore())
    before = watched.run()
    watched.page.evaluate("nodesim.select('connection', 0)")
    field = watched.page.get_by_role("spinbutton", name="Weight W1")
    field.fill("-0.5")
    field.press("Enter")
    twin = net.copy()
    twin["W1"].weight = -0.5
    twin.forward([0.05, 0.1]), twin.backward([0.01, 0.99])
    run = watched.run()
    assert run["by"] == "page"
    np.testing.assert_allclose(run["gradient"], twin.gradients, rtol=1e-12)
    watched.page.get_by_role("button", name="Undo").or_(watched.page.get_by_role("button", name="Reset")).or_(
        watched.page.get_by_role("button", name="original")
    ).first.click()
    after = watched.run()
    assert after == before


PARTIAL = {
    "H1 overflows": ("linear", 1e308, [1e10], True),
    "the error overflows": ("linear", 1.0, [1e200], True),
    "an activation without a derivative": ("step", 1.0, [1.0], False),
}


@pytest.mark.parametrize("case", PARTIAL)
def test_where_the_engine_gives_no_gradient_the_page_gives_none(show, case):
    hidden, weight, x, warned = PARTIAL[case]
    net = ns.Network.layered([1, 2, 1], hidden=hidden, bias=False, seed=0)
    net.weights = [weight] * 4
    explorer = net.explore([x], [[0.5]])
    watched = show(explorer)
    run = shown(watched)
    (wanted,) = explorer._calculator.runs(net.weights, Samples(["one"], np.array([x]), np.array([[0.5]])))
    for part in PARTS:
        as_words = run[part] if run[part] is None or part == "error" else written(np.array(run[part], dtype=float))
        assert as_words == wanted[part], part
    assert ("∞" in watched.page.inner_text("body")) == warned
    assert explorer.document["missing"][-1] in watched.page.inner_text("body")


@pytest.mark.usefixtures("session")
def test_functions_that_the_page_does_not_know_cannot_be_edited(show):
    own = ns.Activation("softroot", lambda z: z / np.sqrt(1 + z * z), lambda z, a: (1 + z * z) ** -1.5)
    net = ns.Network.layered([2, 2, 1], hidden=own, seed=0)
    explorer = net.explore([1.0, 2.0], [1.0])
    watched = show(explorer)
    watched.page.evaluate("nodesim.select('connection', 0)")
    assert watched.page.locator("input[type=number]:enabled").count() == 0
    run = watched.run()
    assert run.pop("by") == "engine"
    assert run.pop("weights") == net.weights.tolist()
    assert run.pop("targets") == explorer.document["samples"][0]["y"]
    (wanted,) = explorer.document["runs"]
    assert {"epoch": 0, "sample": 0, **run} == wanted


@examples(5)
@given(seed=SEEDS, loss=st.sampled_from(list(LOSSES)))
def test_joins_and_tied_weights_are_the_engines(show, seed, loss):
    net, rng = random_network(seed, loss=loss, max_hidden=8)
    for node in net.hidden:
        node.aggregation = str(rng.choice(("sum", "product", "max", "min", "mean", "norm")))
    if len(net.connections) > 2:
        one, other = rng.choice(len(net.connections), 2, replace=False).tolist()
        net.connections[other].trainable = net.connections[one].trainable
        net.tie(net.connections[one], net.connections[other], name="Wr")
    x, y = random_samples(net, rng, 1)
    watched = show(net.explore(x, y))
    name = net.ties[0].uses[-1].name if net.ties else net.connections[0].name
    run, twin = recalculated(watched, {"weights": {name: 0.75}, "inputs": {}, "targets": {}}), net.copy()
    # All uses of a tied weight change with it.
    twin[name].weight = 0.75
    assert run["weights"] == twin.weights.tolist()
    twin.forward(x[0])
    assert_engines(run, twin, twin.backward(y[0]))
    page = watched.page
    for index, connection in enumerate(twin.connections):
        page.evaluate("(index) => nodesim.setState({selected: {kind: 'connection', index}})", index)
        found, paths = page.evaluate("nodesim.selection()"), twin.paths(connection)
        if paths.count:
            assert found["gradient"] == pytest.approx(connection.gradient, abs=1e-12 * max(paths.scale, 1e-300))


def test_what_the_page_cannot_join_comes_with_the_engines_numbers(show):
    squares = ns.Aggregation("squares", lambda c: (c * c).sum(axis=0), lambda c, h: 2.0 * c)
    net = ns.Network.layered([2, 3, 1], hidden="tanh", seed=0)
    net["H2"].aggregation = squares
    watched = show(net.explore([[0.5, -1.0]], [[0.3]]))
    run = watched.run()
    assert run["by"] == "engine"
    net.forward([0.5, -1.0])
    assert_engines(run, net, net.backward([0.3]))
    for index, connection in enumerate(net.connections):
        watched.page.evaluate("(index) => nodesim.setState({selected: {kind: 'connection', index}})", index)
        assert watched.page.evaluate("nodesim.selection().gradient") == pytest.approx(connection.gradient, rel=1e-12)
