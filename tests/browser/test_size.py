"""Large networks can be read, and are never frozen."""

from __future__ import annotations

import time

import numpy as np
import pytest

import nodesim as ns
from nodesim.notation.symbols import Count


def explorer(sizes):
    net = ns.Network.layered(sizes, seed=0)
    rng = np.random.default_rng(0)
    net.forward(rng.standard_normal(sizes[0])), net.backward(rng.standard_normal(sizes[-1]))
    return net, net.explore()


def seconds(action):
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


@pytest.mark.parametrize(("sizes", "limit"), [([100, 100, 100], 3.0), ([200, 300, 130], 5.0)])
def test_large_networks_are_ready_soon(watch, tmp_path, sizes, limit):
    """And those of a hundred thousand connections are collapsed, while the others are clicked on their canvas."""
    (net, made), file = explorer(sizes), tmp_path / "page.html"
    made.save(file)
    watched = watch()
    page = watched.page

    def open_it():
        page.goto(file.as_uri())
        watched.ready()
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    assert seconds(open_it) < limit
    if len(net.connections) > 50_000:
        assert page.evaluate("nodesim.state.collapsed") == [0, 1, 2]
        assert page.evaluate("nodesim.app.scene.blocks.map(({ many }) => many)") == [201, 301, 130]
    else:
        assert page.evaluate("nodesim.state.selected") is None
        box = page.locator("canvas.drawing, .stage canvas").first.bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert page.evaluate("nodesim.state.selected") is not None
    painted = "new Promise((done) => { %s; requestAnimationFrame(() => requestAnimationFrame(done)); })"
    for index in (0, 10_000):
        assert seconds(lambda: page.evaluate(painted % f"nodesim.select('connection', {index})")) < 0.5  # noqa: B023
        assert page.evaluate("nodesim.selection().gradient") == pytest.approx(
            net.connections[index].gradient, rel=1e-9, abs=1e-15
        )


def test_counts_of_thousands_of_digits_are_shortened_and_say_so(show):
    net = ns.Network(seed=0)
    last = net.add_input()
    for _ in range(3_000):
        left, right, joined = (net.add_hidden(activation="linear") for _ in range(3))
        for source, target in ((last, left), (last, right), (left, joined), (right, joined)):
            net.connect(source, target, weight=0.5)
        last = joined
    net.connect(last, net.add_output(activation="linear"))
    page = show(net.explore([1.0], [0.0])).page
    page.evaluate("nodesim.find('W1')")
    assert page.evaluate("nodesim.selection().count") == str(Count(2**2999))
    assert "≈" in page.locator(".count").inner_text()


@pytest.mark.parametrize("weight", [0.5, 0.0])
def test_equal_products_without_end_freeze_nothing(show, weight):
    net = ns.Network.layered(
        [2, *[9] * 30, 2], hidden="relu", seed=0, initializer=ns.initializer("constant", value=weight)
    )
    page = show(net.explore([1.0, 0.5], [0.0, 1.0])).page
    assert seconds(lambda: page.evaluate("nodesim.find('W1')")) < 2
    assert page.evaluate("nodesim.selection().shown") == 10
    assert page.evaluate("nodesim.selection().count") == str(2 * 9**29)
