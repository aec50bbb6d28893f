"""What a click shows is what Python says: the paths, their number, the gradient."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import SEEDS, article_network, examples, random_network, random_samples
from hypothesis import given
from hypothesis import strategies as st

import nodesim as ns
from nodesim.drawing.network import highlighted

LOSSES = ("mse", "softmax_cross_entropy", "binary_cross_entropy", "huber")
LISTED = 200

# Selects elements one after the other, and returns what the page then shows of each.
SELECT = """(elements) => elements.map(([kind, index]) => {
    nodesim.select(kind, index);
    nodesim.setState({ shown: 200 });
    const places = (what) => [...document.querySelectorAll(`[data-${what}].on`)].map((e) => Number(e.dataset[what]));
    return { ...nodesim.selection(), red: { nodes: places("node"), connections: places("connection") } };
})"""


def wanted(net, paths):
    """Return the places of what lies on any of the paths."""
    red = highlighted(net.structure, paths)
    return {
        "nodes": sorted(map(net.nodes.index, red.nodes)), "connections": sorted(map(net.connections.index, red.connections))
    }  # fmt: skip


def ordered(places):
    return {what: sorted(found) for what, found in places.items()}


# The products of the strongest paths of a connection.
STRONGEST = """(index) => {
    nodesim.select("connection", index);
    nodesim.setState({ sort: "strongest", shown: 12 });
    return nodesim.app.listing.paths.map((path) => path.product);
}"""


@examples(5)
@given(seed=SEEDS, loss=st.sampled_from(LOSSES))
def test_all_nodes_and_thirty_weights_of_a_random_network(show, seed, loss):
    """Their paths in red, their number, sum and gradient; and the strongest paths first."""
    net, rng = random_network(seed, loss=loss, max_hidden=14)
    x, y = random_samples(net, rng, 1)
    page = show(net.explore(x, y)).page
    net.forward(x[0]), net.backward(y[0])
    chosen = sorted(rng.permutation(len(net.connections))[:30].tolist())
    for place, found in zip(chosen, page.evaluate(SELECT, [["connection", place] for place in chosen])):
        paths = net.paths(net.connections[place])
        assert found["count"] == str(paths.count)
        # Nothing is red where no path leads to e.
        assert ordered(found["red"]) == ordered({k: found[k] for k in ("nodes", "connections")})
        if paths.count:
            assert ordered(found["red"]) == wanted(net, paths)
        tolerance = 1e-12 * max(paths.scale, 1e-300)
        for name in ("gradient", "engine"):
            assert found[name] == pytest.approx(net.connections[place].gradient, abs=tolerance)
        if paths.count <= LISTED:
            assert found["shown"] == paths.count
            assert found["sum"] == pytest.approx(paths.gradient, abs=tolerance)
    for place, found in enumerate(page.evaluate(SELECT, [["node", place] for place in range(len(net))])):
        paths = net.paths(net.nodes[place])
        assert found["count"] == str(paths.count)
        if paths.count:
            assert ordered(found["red"]) == wanted(net, paths)
        assert found["gradient"] == pytest.approx(paths.gradient, abs=1e-12 * max(paths.scale, 1e-300))
    for connection in max(net.connections, key=lambda c: net.paths(c).count), net.connections[0]:
        paths = net.paths(connection)
        products = page.evaluate(STRONGEST, net.connections.index(connection))
        everything = sorted((abs(path.product) for path in paths), reverse=True)[:12]
        np.testing.assert_allclose(np.abs(products), everything, rtol=1e-11, atol=1e-14 * max(paths.scale, 1e-300))


def test_counts_beyond_doubles_are_exact(show):
    net = ns.Network.layered([2, *[9] * 18, 2], seed=0)
    net.forward([0.5, 1.0]), net.backward([0.0, 1.0])
    page = show(net.explore()).page
    page.evaluate("nodesim.select('connection', 0)")
    count = 2 * 9**17
    assert count > 2**53
    assert page.evaluate("nodesim.selection().count") == str(count) == str(int(net.paths("W1").count))
    assert f"{count:,}" in page.inner_text("body").replace("\u202f", ",").replace("\u2009", ",") or str(
        count
    ) in page.inner_text("body")


def test_a_part_of_the_paths_comes_with_a_warning(show):
    net = ns.Network.layered([2, 8, 8, 8, 2], seed=3)
    net.forward([0.5, 1.0]), net.backward([0.0, 1.0])
    page = show(net.explore()).page
    page.evaluate("nodesim.select('connection', 0)")
    found = page.evaluate("nodesim.selection()")
    assert found["shown"] == 10
    assert found["count"] == "128"
    products = page.locator(".term").evaluate_all("(all) => all.map((e) => Number(e.dataset.product))")
    share = np.abs(products).sum() / net.paths("W1").scale
    (warning,) = page.locator(".verdict.warning").all_inner_texts()
    assert "Not the whole gradient" in warning
    assert "10 paths" in warning
    assert "118 paths" in warning
    assert f"{100 * share:.4g}" in warning


def test_a_click_in_the_drawing_selects(show):
    page = show(article_network(1).explore()).page
    page.locator("#node-3").click()
    assert page.evaluate("nodesim.state.selected") == {"kind": "node", "index": 3}
    # The label lets through what is under it: the arrow.
    box = page.locator("text.label", has_text="W12").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.evaluate("nodesim.state.selected") == {"kind": "connection", "index": 11}
    page.keyboard.press("Escape")
