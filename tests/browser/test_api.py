"""`window.nodesim`, by which tests and those who embed the page drive it: what it gives, does and refuses."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import article_network
from twins import learned, press

import nodesim as ns

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
# What a call returns, or in words why it is refused.
ASK = """async (code) => {
    try {
        return ["done", await eval(code)];
    } catch (error) {
        return ["refused", error.message];
    }
}"""
STATE = """() => JSON.stringify([nodesim.state, nodesim.weights, nodesim.error, nodesim.outputs, nodesim.selection(),
    nodesim.app.bench.options, nodesim.app.runs.moments.list.map(({ epoch }) => epoch), nodesim.app.runs.moments.curve,
    document.querySelector(".nodesim").innerText])"""


def xor_page(show):
    net = ns.Network.layered([2, 3, 1], hidden="tanh", output="sigmoid", seed=1)
    return net, show(net.explore(*XOR)).page


def test_numbers_are_read_set_learned_and_taken_back(show):
    net, page = xor_page(show)
    names = [c.name for c in net.connections]
    assert page.evaluate("nodesim.document.connections.map(({ name }) => name)") == names
    assert page.evaluate("nodesim.weights") == net.weights.tolist()
    outputs = net.forward(XOR[0][0])
    error = net.backward(XOR[1][0])
    assert page.evaluate("nodesim.outputs") == pytest.approx(np.ravel(outputs), rel=1e-14)
    assert page.evaluate("nodesim.error") == pytest.approx(error, rel=1e-14)
    # What is given back is the caller's own.
    page.evaluate("nodesim.weights.fill(7); nodesim.outputs.fill(7)")
    assert page.evaluate("nodesim.weights") == net.weights.tolist()
    assert [page.evaluate(f"nodesim.select('{name}')") for name in ("W3", "H2", "nothing", "y1")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert page.evaluate("nodesim.selection().name") == "H2"
    twin = net.copy()
    twin["W3"].weight = -1.25
    page.evaluate("nodesim.set('W3', -1.25); nodesim.set('I2', 0.5); nodesim.set('y1', 0.75)")
    assert page.evaluate("nodesim.outputs") == pytest.approx(np.ravel(twin.forward([0, 0.5])), rel=1e-14)
    assert page.evaluate("nodesim.error") == pytest.approx(twin.backward([0.75]), rel=1e-14)
    asked = {"epochs": 7, "learningRate": 0.25, "batch": 2, "optimizer": "adam", "shuffle": False}
    told = page.evaluate("(asked) => nodesim.train(asked)", asked)
    history = twin.fit(*XOR, epochs=7, learning_rate=0.25, batch_size=2, optimizer="adam", shuffle=False)
    assert page.evaluate("nodesim.weights") == pytest.approx(twin.weights, abs=1e-12)
    assert (told["epoch"], told["updates"]) == (7, 14)
    assert told["passed"]["errors"] == pytest.approx(history.errors, rel=1e-12)
    # As the settings stand in the page now: the reader sees with what it was trained.
    assert page.get_by_label("Optimizer", exact=True).input_value() == "adam"
    assert page.get_by_label("Learning rate", exact=True).input_value() == "0.25"
    # Back to where the training began, and from there to where all began.
    page.evaluate("nodesim.reset()")
    twin.weights, twin["W3"].weight = net.weights, -1.25
    assert page.evaluate("nodesim.weights") == twin.weights.tolist()
    page.evaluate("nodesim.reset()")
    assert page.evaluate("nodesim.weights") == net.weights.tolist()
    assert page.evaluate("nodesim.error") == pytest.approx(error, rel=1e-14)


REFUSED = [
    ("nodesim.set('nothing', 1)", "no weight, input or desired output named nothing"),
    ("nodesim.set('H1', 1)", "named H1"),
    ("nodesim.set('__proto__', 1)", "named __proto__"),
    ("nodesim.set('W1', NaN)", "W1 must be a finite number"),
    ("nodesim.set('W1', '1')", "W1 must be a finite number"),
    ("nodesim.train({ epochs: 0 })", "epochs must be a whole number, 1 or more; it was 0"),
    ("nodesim.train({ epochs: 1.5 })", "epochs must be a whole number"),
    ("nodesim.train({ learningRate: 'fast' })", "learning rate must be a number"),
    ("nodesim.train({ learningRate: -1 })", "learning rate must be a number, 0 or more; it was -1"),
    ("nodesim.train({ batch: 0 })", "batch must be “all” or a whole number"),
    ("nodesim.train({ optimizer: 'rmsprop' })", "one of sgd, momentum, adam; it was rmsprop"),
    ("nodesim.train({ shuffle: 'no' })", "shuffle must be true or false"),
    ("nodesim.train({ l2: -1 })", "L2 must be a number"),
    ("nodesim.train({ learning_rate: 1 })", "no option learning_rate; there are: learningRate"),
]


def test_what_is_refused_is_said_and_changes_nothing(show):
    _, page = xor_page(show)
    page.evaluate("nodesim.train({ epochs: 5 })")
    page.evaluate("nodesim.setState({ epoch: 0 }); nodesim.select('W1'); nodesim.set('W2', 0.5)")
    before = page.evaluate(STATE)
    for call, words in REFUSED:
        done, told = page.evaluate(ASK, call)
        assert (done, words in told) == ("refused", True), (call, told)
        assert page.evaluate(STATE) == before, call


def test_what_is_not_there_is_not_selected(show):
    _, page = xor_page(show)
    page.evaluate("nodesim.select('W1')")
    for asked in ("'nothing'", "'node', 99", "'connection', -1", "'node', 0.5", "'layer', 0", "''"):
        assert page.evaluate(ASK, f"nodesim.select({asked})") == ["done", False], asked
        assert page.evaluate("nodesim.selection().name") == "W1", asked


def test_without_a_sample_there_are_no_numbers(show):
    net = ns.Network.layered([2, 2, 1], seed=0)
    page = show(net.explore()).page
    assert page.evaluate("[nodesim.error, nodesim.outputs]") == [None, None]
    assert page.evaluate("nodesim.weights") == net.weights.tolist()
    done, told = page.evaluate(ASK, "nodesim.train({ epochs: 1 })")
    assert done == "refused"
    assert "nothing to learn from" in told
    assert page.evaluate(ASK, "nodesim.set('W1', 1)")[0] == "refused"


def test_it_is_that_of_the_network_that_is_shown_now(show):
    page = show(article_network(1).explore()).page
    press(page, "Add a node to Hidden layer 1")
    assert len(page.evaluate("nodesim.weights")) == 12 + 2 + 1 + 2
    page.evaluate("nodesim.set('W1', 3)")
    assert page.evaluate("nodesim.weights[0]") == 3
    before = page.evaluate("nodesim.error")
    assert page.evaluate("nodesim.train({ epochs: 3 })")["error"] < before
    page.evaluate("nodesim.reset()")
    assert page.evaluate("nodesim.error") == before


def test_a_weight_that_is_set_while_a_training_plays_is_where_it_goes_on(show):
    """What is shown is one network, and no mixture of two: the training stands still, and the next update begins there."""
    net, page = xor_page(show)
    press(page, "Play")
    page.wait_for_function("() => nodesim.state.epoch > 2")
    page.evaluate("nodesim.set('W1', 40)")
    page.wait_for_function("() => !nodesim.app.session.playing")
    twin = net.copy()
    twin.weights = start = page.evaluate("nodesim.weights")
    assert start[0] == 40
    twin.fit(*XOR, epochs=1, learning_rate=0.5)
    press(page, "One epoch")
    assert learned(page, start) == pytest.approx(twin.weights, abs=1e-12)


def test_of_weights_that_are_tied_the_one_set_last_counts(show):
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.tie("W1", "W4")
    page = show(net.explore([0.5, 1.0], [1.0])).page
    for name, value in (("W1", 0.25), ("W4", 0.5), ("W1", 0.75)):
        page.evaluate("([name, value]) => nodesim.set(name, value)", [name, value])
        weights = page.evaluate("nodesim.weights")
        assert weights[0] == weights[3] == value
