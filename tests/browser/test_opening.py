"""A saved page opens from disk alone, draws the whole network, and lets nothing in a name run."""

from __future__ import annotations

import json

import numpy as np
import pytest
from helpers import article_network, iris, random_network, random_samples
from test_derivation import HOSTILE

import nodesim as ns
from nodesim.explorer import page as assembly
from nodesim.notation.symbols import shown


def iris_network():
    net = ns.Network.layered([4, 5, 3], seed=0)
    x, y = iris()
    return net, x[:3], y[:3]


def random_explorer(seed):
    net, rng = random_network(seed)
    return net, *random_samples(net, rng, 2)


CASES = {
    "figure 2": lambda: (article_network(1),),
    "iris": iris_network,
    **{f"random {n}": lambda n=n: random_explorer(n) for n in range(3)},
}


@pytest.mark.parametrize("case", CASES)
def test_every_node_and_connection_is_drawn(show, case, tmp_path):
    net, *given = CASES[case]()
    watched = show(net.explore(*given))
    assert watched.requests == [(tmp_path / "page.html").as_uri()]
    drawn = watched.page.evaluate("""() => ({
        nodes: Object.fromEntries([...document.querySelectorAll("[data-node]")].map((e) => [e.id, e.getAttribute("aria-label")])),
        connections: Object.fromEntries([...document.querySelectorAll("[data-connection]")].map((e) => [e.id, e.getAttribute("aria-label")])),
        seen: ["[data-node] circle", "[data-connection] .line"].map((which) => [...document.querySelectorAll(which)].filter(
            (e) => e.checkVisibility() && e.getBoundingClientRect().width > 5).map((e) => e.parentElement.id)),
    })""")
    graph = net.graph
    kinds = {"bias": "bias node"}
    assert drawn["nodes"] == {
        f"node-{net.nodes.index(node)}": f"{node.name}, {kinds.get(node.kind, f'{node.kind} node')}" for node in graph
    }
    activated = [node["activated"] for node in net.explore().document["nodes"]]
    edges = {data["connection"]: (source, target) for source, target, data in graph.edges(data=True)}
    assert drawn["connections"] == {
        f"connection-{net.connections.index(c)}": f"{c.name}, from {activated[net.nodes.index(s)]} to {t.name}"
        for c, (s, t) in edges.items()
    }
    circles, lines = map(set, drawn["seen"])
    assert circles == set(drawn["nodes"])
    assert lines == set(drawn["connections"])


NAMES = [*HOSTILE, "</script><img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "constructor", "\ud800"]


def test_hostile_names_run_nothing_and_are_shown_as_text(show):
    """Every one as the name of nodes of each kind, of connections and of a sample, all on one page."""
    net = ns.Network(seed=0)
    for name in NAMES:
        net.add_input(name), net.add_hidden(f"{name}'"), net.add_output(f"{name}!")
        net.connect(name, f"{name}'", name=f"{name}?"), net.connect(f"{name}'", f"{name}!")
    ones = np.ones((len(NAMES), len(NAMES)))
    watched = show(net.explore(ones, ones / 2, names=NAMES))
    page = watched.page
    before = page.locator("img, script, iframe, object, embed").count()
    page.evaluate("nodesim.setState({ labels: 'names' })")
    for kind, elements in (("connection", net.connections), ("node", net.nodes)):
        for index in range(len(elements)):
            page.evaluate("([kind, index]) => nodesim.select(kind, index)", [kind, index])
    page.locator("button", has_text="Step through").click()
    for sample, name in enumerate(NAMES):
        page.evaluate("(sample) => nodesim.setState({ sample })", sample)
        page.get_by_role("combobox", name="Find").fill(name[:3] if name.isprintable() else "a")
        label = page.locator(f"#node-{net.nodes.index(net[name])}").get_attribute("aria-label")
        assert label == f"{shown(name)}, input node"
    assert page.locator("img, script, iframe, object, embed").count() == before
    assert len(watched.requests) == 1


def test_what_is_missing_is_said(show):
    net = ns.Network.layered([2, 3, 1], seed=0)
    for given, words in (((), "no sample"), (([[0.0, 1.0]],), "no targets")):
        page = show(net.explore(*given)).page
        assert words in page.inner_text("body")
        page.evaluate("nodesim.select('connection', 0)")
        assert page.evaluate("nodesim.selection().count") == "1"
        assert words in page.inner_text("body")
    # Where the gradient is known nothing is missing.
    page = show(net.explore([[0.0, 1.0]], [1.0])).page
    assert page.locator(".notice:visible").count() == 0


def test_numbers_that_are_not_finite_come_with_a_warning(show):
    net = ns.Network.layered([1, 2, 1], hidden="linear", seed=0)
    net["W1"].weight = 1e308
    page = show(net.explore([[1e10]], [[0.5]])).page
    text = page.inner_text("body")
    assert "∞" in text or "Infinity" in text
    assert "no finite number" in text


@pytest.mark.parametrize(
    ("change", "words"), [({"version": 4}, "older"), ({"version": 6}, "newer"), ({"format": "other"}, "none")]
)
def test_documents_of_another_version_are_refused_in_words(watch, tmp_path, change, words):
    explorer = article_network(1).explore()
    file = tmp_path / "page.html"
    file.write_text(assembly.html({**explorer.document, **change}), encoding="utf-8")
    watched = watch()
    watched.page.goto(file.as_uri())
    watched.page.wait_for_function("document.body.innerText.trim().length > 0")
    assert words in watched.page.inner_text("body")


def test_the_frame_of_a_notebook_shows_the_page(watch):
    watched = watch()
    watched.page.set_content(f"<!doctype html><body>{article_network(1).explore()._repr_html_()}</body>")
    frame = watched.page.frame_locator("iframe")
    frame.locator("#connection-0").wait_for()
    frame.locator("#node-3").click()
    assert frame.locator("#node-3.on").count() == 1


def test_the_document_in_the_page_is_the_one_that_python_made(show):
    explorer = article_network(2).explore()
    assert show(explorer).page.evaluate("nodesim.document") == json.loads(json.dumps(explorer.document))


def test_pages_are_light(show):
    """A page weighs 450 kB besides its samples and weights; with 150 samples and a hundred epochs of irises 1 MB."""
    small = article_network(1).explore()
    assert len(small.html.encode()) < 450_000
    data = ns.datasets.load("iris")
    net = ns.Network.layered([4, 5, 3], loss="softmax_cross_entropy", inputs=data.features, seed=0)
    recording = ns.Recording(net, every=1, limit=101)
    net.fit(data, epochs=100, learning_rate=0.05, callbacks=recording, progress=False)
    explorer = net.explore(data, history=recording)
    assert (len(explorer.document["epochs"]), len(explorer.document["samples"])) == (101, 150)
    assert len(explorer.html.encode()) < 1_000_000
    assert len(explorer.html.encode()) - len(small.html.encode()) < 100_000


def test_the_drawing_is_zoomed_and_moved_without_animation(show):
    """By wheel, keys of the mouse and two fingers; what d3-zoom would animate the page has not."""
    page = show(article_network(1).explore(), has_touch=True).page
    box = page.locator(".stage").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + 12
    at = "document.querySelector('[data-node] circle').getBoundingClientRect().%s"
    width, left = page.evaluate(at % "width"), page.evaluate(at % "left")
    page.mouse.move(*middle)
    page.mouse.wheel(0, -300)
    page.wait_for_function(f"{at % 'width'} > {width} * 1.1")
    page.mouse.dblclick(*middle)
    page.touchscreen.tap(*middle), page.touchscreen.tap(*middle)
    left = page.evaluate(at % "left")
    page.mouse.down()
    page.mouse.move(middle[0] + 50, middle[1], steps=3)
    page.mouse.up()
    page.wait_for_function(f"Math.abs({at % 'left'} - {left} - 50) < 2")
