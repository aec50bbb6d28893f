"""The page trains the network before one's eyes, and what comes out is what `Network.fit` makes of the same."""

from __future__ import annotations

import re

import numpy as np
import pytest
from helpers import article_network, iris
from twins import learned, press

import nodesim as ns

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
BUTTONS = ("Play", "Pause", "One update", "One epoch", "Reset")


@pytest.fixture
def article():
    return article_network(1)


def xor_network():
    return ns.Network.layered([2, 3, 1], hidden="tanh", output="sigmoid", loss="binary_cross_entropy", seed=1)


def weights(page):
    return page.evaluate("nodesim.weights")


def test_the_article_converges_under_the_buttons(show, article):
    twin = article.copy()
    page = show(article.explore([0.05, 0.1], [0.01, 0.99]), "#select=W1").page
    for name in BUTTONS:
        assert page.get_by_role("button", name=name, exact=True).count() == 1
    start, before = weights(page), page.evaluate("nodesim.error")
    assert start == twin.weights.tolist()
    press(page, "One update")
    once = learned(page, start)
    twin.forward([0.05, 0.1])
    twin.backward([0.01, 0.99])
    twin.update(learning_rate=0.5)
    np.testing.assert_allclose(once, twin.weights, rtol=0, atol=1e-12)
    assert page.evaluate("nodesim.error") < before
    press(page, "One epoch")
    twin.fit([[0.05, 0.1]], [[0.01, 0.99]], epochs=1, learning_rate=0.5)
    np.testing.assert_allclose(learned(page, once), twin.weights, rtol=0, atol=1e-12)
    press(page, "Play")
    page.wait_for_function("() => nodesim.error < 1e-4")
    press(page, "Pause")
    page.wait_for_function("() => !nodesim.app.session.playing")
    still = weights(page)
    page.wait_for_timeout(200)
    assert weights(page) == still
    press(page, "Reset")
    page.wait_for_function("(start) => nodesim.weights.every((weight, c) => weight === start[c])", arg=start)
    assert page.evaluate("nodesim.error") == before
    # The same start leads to the same end.
    press(page, "One update")
    assert learned(page, start) == once


@pytest.mark.parametrize("batch", [1, 16, "all"])
def test_training_is_that_of_fit(show, batch):
    x, y = iris()
    every = 10 if batch == 1 else 3
    x, y = x[::every], y[::every]
    net = ns.Network.layered([4, 5, 3], loss="softmax_cross_entropy", output="linear", seed=0)
    page = show(net.explore(x, y)).page
    for optimizer, rate in {"sgd": 0.05, "momentum": 0.01, "adam": 0.01}.items():
        # An update of one sample that leads astray doubles what rounding made different: so smaller steps there.
        rate = rate / (10 if batch == 1 else 1)
        told = page.evaluate(
            "(asked) => nodesim.train(asked)",
            {"epochs": 200, "learningRate": rate, "batch": batch, "optimizer": optimizer, "shuffle": False},
        )
        twin = net.copy()
        history = twin.fit(
            x, y, epochs=200, learning_rate=rate, batch_size=None if batch == "all" else batch, optimizer=optimizer,
            shuffle=False,
        )  # fmt: skip
        np.testing.assert_allclose(weights(page), twin.weights, rtol=0, atol=1e-9)
        assert told["epoch"] == 200
        assert told["error"] == pytest.approx(history.errors[-1], abs=1e-9)
        page.evaluate("nodesim.reset()")
        assert weights(page) == net.weights.tolist()


def test_what_is_selected_moves_as_it_learns(show):
    page = show(xor_network().explore(*XOR), "#select=W1").page
    seen = """() => [...document.querySelectorAll(".gradient, .term .product, .editing input")].map(
        (each) => each.value ?? each.textContent).join()"""
    first = page.evaluate(seen)
    press(page, "Play")
    page.wait_for_function(f"(first) => ({seen})() !== first", arg=first)
    second = page.evaluate(seen)
    page.wait_for_function(f"(second) => ({seen})() !== second", arg=second)
    press(page, "Pause")
    page.wait_for_function("() => !nodesim.app.session.playing")
    w1 = page.get_by_role("spinbutton", name="Weight W1")
    assert float(w1.input_value()) == weights(page)[0]
    page.get_by_role("slider", name="Epoch").fill("0")
    assert float(w1.input_value()) == xor_network().weights[0]


def test_the_chart_tells_the_errors_of_training_and_test(show):
    page = show(xor_network().explore(*XOR)).page
    page.get_by_label("Data set", exact=True).select_option("circles")
    page.wait_for_function("() => nodesim.document.samples.length > 50")
    moment = page.evaluate("nodesim.train({ epochs: 30, learningRate: 0.1, batch: 'all', optimizer: 'sgd' })")
    plot = page.locator(".charts .u-over").first
    plot.hover(position={"x": plot.bounding_box()["width"] - 3, "y": 40})
    legend = page.locator(".charts .u-legend").first.inner_text()
    told = dict(re.findall(r"(training|test)\s*([\d.e+−-]+)", legend))
    assert float(told["training"]) == pytest.approx(moment["mean"], rel=1e-4)
    assert float(told["test"]) == pytest.approx(moment["test"], rel=1e-4)
    # The curve begins before the first update.
    plot.hover(position={"x": 1, "y": 40})
    first = re.search(r"training\s*([\d.e+−-]+)", page.locator(".charts .u-legend").first.inner_text())[1]
    assert float(first) == pytest.approx(moment["passed"]["errors"][0], rel=1e-4)


def test_a_learning_rate_that_is_too_large_is_told(show, article):
    page = show(ns.Network.layered([2, 2, 1], hidden="linear", seed=0).explore([[1.0, 2.0]], [[3.0]])).page
    page.get_by_label("Learning rate").fill("10")
    page.get_by_label("Learning rate").press("Enter")
    press(page, "Play")
    page.wait_for_function("() => !nodesim.app.session.playing")
    words = page.get_by_role("alert").filter(has_text="learning rate").inner_text()
    assert "learning rate" in words
    assert np.isfinite(weights(page)).all()
    press(page, "Reset")
    page.wait_for_function("() => [...document.querySelectorAll('.training .trouble')].every((each) => each.hidden)")


def test_training_goes_on_from_what_is_shown(show):
    """A weight set by hand, or an earlier epoch, is where the next update begins."""
    net = xor_network()
    page = show(net.explore(*XOR)).page
    page.evaluate("nodesim.train({ epochs: 5, learningRate: 0.5, batch: 'all', optimizer: 'momentum' })")
    page.evaluate("nodesim.setState({ epoch: 2 }); nodesim.set('W1', 0.25)")
    start = weights(page)
    assert start[0] == 0.25
    page.get_by_label("Optimizer").select_option("sgd")
    page.get_by_label("Learning rate").fill("0.5")
    press(page, "One epoch")
    twin = net.copy()
    twin.weights = start
    twin.fit(*XOR, epochs=1, learning_rate=0.5)
    np.testing.assert_allclose(learned(page, start), twin.weights, rtol=0, atol=1e-12)
    assert page.evaluate("nodesim.state.edits.weights") == {}
    press(page, "Reset")
    page.wait_for_function(
        "(start) => nodesim.weights.every((weight, c) => weight === start[c])", arg=net.weights.tolist()
    )


def test_scripts_set_numbers_and_read_them(show, article):
    page = show(article.explore([0.05, 0.1], [0.01, 0.99])).page
    twin = article.copy()
    twin.connection("W2").weight = 0.75
    page.evaluate("nodesim.set('W2', 0.75); nodesim.set('I1', 0.5); nodesim.set('y2', 0.25)")
    outputs = twin.forward([0.5, 0.1])
    error = twin.backward([0.01, 0.25])
    np.testing.assert_allclose(page.evaluate("nodesim.outputs"), np.ravel(outputs), rtol=1e-14)
    assert page.evaluate("nodesim.error") == pytest.approx(error, rel=1e-14)
    assert page.evaluate("nodesim.select('H1') && nodesim.state.selected.kind") == "node"
    for wrong in (
        "nodesim.set('H1', 1)",
        "nodesim.set('W1', NaN)",
        "nodesim.set('W1', '1')",
        "nodesim.set('nothing', 1)",
    ):
        assert page.evaluate(f"(() => {{ try {{ {wrong}; }} catch (error) {{ return error.message; }} }})()")
    page.evaluate("nodesim.reset()")
    assert weights(page) == article.weights.tolist()


def test_what_cannot_be_trained_says_why(show):
    own = ns.Activation("softroot", lambda z: z / np.sqrt(1 + z * z), lambda z, a: (1 + z * z) ** -1.5)
    net = ns.Network.layered([2, 2, 1], hidden=own, seed=0)
    page = show(net.explore([1.0, 2.0], [1.0])).page
    assert "only Python knows" in page.locator(".training .readout").inner_text()
    for name in BUTTONS:
        assert page.get_by_role("button", name=name, exact=True).is_disabled()
