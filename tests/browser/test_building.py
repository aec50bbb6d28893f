"""The network is changed in the page by hand: what is clicked is what Python would have made of it."""

from __future__ import annotations

import numpy as np
import pytest
from test_access import violations
from twins import press

import nodesim as ns

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
SHOWN = """() => ({
    title: nodesim.app.document.title, loss: nodesim.app.document.loss.name, weights: [...nodesim.app.weights],
    nodes: nodesim.app.document.nodes.map(({ name }) => name),
    ends: nodesim.app.document.connections.map(({ source, target }) => [source, target]),
})"""


def opened(show, net=None, **settings):
    net = net or ns.Network.layered([2, 2, 1], hidden="tanh", output="sigmoid", seed=1)
    return show(net.explore(*XOR), **settings).page


def test_what_is_changed_by_hand_runs_as_in_python(show):
    page = opened(show)
    press(page, "Add a node to Hidden layer 1", "Add a hidden layer", "Remove a node from Hidden layer 2")
    page.get_by_label("Loss", exact=True).select_option("binary_cross_entropy")
    page.evaluate("nodesim.find('I1')")
    page.get_by_label("Connect from I1 to").select_option(label="O1")
    press(page, "Connect")
    page.evaluate("nodesim.find('B2')")
    press(page, "Remove B2")
    found = page.evaluate(SHOWN)
    assert found["title"] == "network 2-3-2-1"
    net = ns.Network(loss=found["loss"])
    for node in page.evaluate("nodesim.app.document.nodes"):
        options = {"activation": node["activation"]} if node["activation"] else {}
        getattr(net, f"add_{node['kind']}")(node["name"], **options)
    for (source, target), weight in zip(found["ends"], found["weights"]):
        net.connect(found["nodes"][source], found["nodes"][target], weight=weight)
    net.forward(XOR[0][0]), net.backward(XOR[1][0])
    run = page.evaluate("({ gradient: [...nodesim.app.run.gradient], error: nodesim.app.run.error })")
    np.testing.assert_allclose(run["gradient"], net.gradients, rtol=1e-12, atol=1e-15)
    assert run["error"] == pytest.approx(net.error(XOR[0][:1], XOR[1][:1]), rel=1e-12)


def test_changes_are_taken_back_one_by_one(show):
    page = opened(show)
    first = page.evaluate(SHOWN)
    press(page, "Start over with new weights")
    second = page.evaluate(SHOWN)
    assert second["ends"] == first["ends"]
    assert all(a != b for a, b in zip(first["weights"], second["weights"]))
    press(page, "Remove Hidden layer 1")
    assert page.evaluate(SHOWN)["title"] == "network 2-1"
    press(page, "Undo")
    assert page.evaluate(SHOWN) == second
    press(page, "Undo")
    assert page.evaluate(SHOWN) == first
    assert page.get_by_role("button", name="Undo").is_disabled()


def test_weights_that_the_reader_has_set_go_along_and_come_back(show):
    page = opened(show)
    page.evaluate("nodesim.setState({ edits: { weights: { W1: 2.5 }, inputs: {}, targets: {} } })")
    changed = page.evaluate(SHOWN)
    press(page, "Add a node to Hidden layer 1")
    assert page.evaluate(SHOWN)["weights"][:9] == changed["weights"]
    press(page, "Undo")
    assert page.evaluate(SHOWN) == changed
    assert changed["weights"][0] == 2.5


def test_what_cannot_be_done_is_said_and_nothing_changes(show):
    page = opened(show)
    page.get_by_label("Loss", exact=True).select_option("binary_cross_entropy")
    before = page.evaluate(SHOWN)
    page.evaluate("nodesim.find('O1')")
    page.get_by_label("Activation", exact=True).select_option("tanh")
    words = page.locator(".building [role=alert]").inner_text()
    assert "needs sigmoid outputs, so O1 cannot be tanh" in words
    assert page.get_by_label("Activation", exact=True).input_value() == "sigmoid"
    assert page.evaluate(SHOWN) == before
    page.evaluate("nodesim.find('H1')")
    assert not page.locator(".building [role=alert]").is_visible()


def test_the_keyboard_stays_where_it_was_and_changes_are_said(show):
    page = opened(show)
    page.get_by_role("button", name="Add a node to Hidden layer 1").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.evaluate(SHOWN)["title"] == "network 2-4-1"
    assert page.evaluate("document.activeElement.ariaLabel") == "Add a node to Hidden layer 1"
    assert page.locator(".live").inner_text() == "A node was added to Hidden layer 1."


def test_a_network_of_odd_names_is_changed(show):
    names = ["__proto__", "<b>x</b>", "🐍"]
    net = ns.Network.layered([3, 2, 1], inputs=names, outputs=["two\nlines"], seed=0)
    page = show(net.explore([[0.0, 1.0, 2.0]], [[1.0]])).page
    press(page, "Add a node to Hidden layer 1")
    page.evaluate("nodesim.find('<b>x</b>')")
    page.get_by_label("Connect from <b>x</b> to").select_option(label="two\\nlines")
    press(page, "Connect")
    assert page.evaluate(SHOWN)["nodes"] == [*names, "B1", "H1", "H2", "B2", "two\nlines", "H3"]
    assert page.evaluate("nodesim.selection().name") == "<b>x</b>"


@pytest.mark.parametrize("width", [1280, 390])
def test_it_can_be_read_by_everyone(show, width):
    page = opened(show, viewport={"width": width, "height": 800}, color_scheme="dark" if width == 390 else "light")
    page.evaluate("nodesim.find('H1')")
    assert [each["id"] for each in violations(page, ".building")] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = "[...document.querySelectorAll('.building *')].filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth)"
    assert page.evaluate(f"{cut}.length") == 0


def test_what_only_python_calculates_is_not_changed_here(show):
    strange = ns.Activation("strange", function=np.cbrt, derivative=lambda z, a: 1 / (3 * a**2))
    net = ns.Network.layered([2, 2, 1], hidden=strange, seed=0)
    page = show(net.explore(*XOR)).page
    assert not page.get_by_role("region", name="Change the network").is_visible()
