"""The drawing: e in it, what can be read of it on every screen, and how the reader moves in it."""

from __future__ import annotations

import pytest
from helpers import article_network, iris

import nodesim as ns

SETTLED = "new Promise((done) => setTimeout(done, 150))"
LETTERS = """() => [...document.querySelectorAll("svg.drawing text")].filter(
    (text) => text.textContent && text.checkVisibility({ visibilityProperty: true })).map((text) => [
        text.textContent, parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a, text.getBoundingClientRect()])"""


def explored(sizes, **settings):
    net = ns.Network.layered(sizes, seed=1, **settings)
    return net, net.explore([[0.3] * sizes[0], [0.1] * sizes[0]], [[0.5] * sizes[-1], [0.2] * sizes[-1]])


def test_the_error_stands_in_the_drawing(show):
    page = show(article_network(1).explore()).page
    error = page.locator("[data-error]")
    assert "e = ((y1 − OA1)²" in error.locator("text").all_text_contents()
    assert page.locator(".edge").count() == 2
    assert {"y1", "y2"} <= set(page.locator(".label").all_text_contents())
    page.evaluate("nodesim.find('W1')")
    assert page.locator(".error.on").count() == 1
    assert page.locator(".edge.on").count() == 2
    # Another quantity is derived: e is not in red, and a click on it derives it again.
    page.evaluate("nodesim.app.derive(nodesim.app.network.outputs[1])")
    assert page.locator(".error.on, .edge.on").count() == 0
    error.locator(".disc").click()
    assert page.evaluate("[nodesim.selection().name, nodesim.selection().to]") == ["W1", "e"]
    error.locator(".disc").click()
    assert page.evaluate("nodesim.state.selected") is None


def test_one_path_reaches_the_error_by_one_edge(show):
    page = show(article_network(1).explore()).page
    page.evaluate("nodesim.find('W1')")
    page.locator("[data-path]").first.hover()
    assert page.locator(".edge.on").count() == 1
    assert page.locator(".edge.of").count() == 1


def test_the_error_shows_its_number_when_it_is_known(show):
    page = show(article_network(1).explore()).page
    number = f"{page.evaluate('nodesim.run.error'):.4g}"
    written = "document.querySelector('[data-error] .value').textContent"
    steps = page.evaluate("nodesim.steps")
    at = next(step for step in range(steps) if page.evaluate(f"nodesim.step({step}).phase") == "error")
    page.evaluate(f"nodesim.step({at - 1})")
    assert page.evaluate(written).startswith("e =")
    page.evaluate(f"nodesim.step({at})")
    assert page.evaluate(written) == number
    assert page.locator(".error.now").count() == 1
    page.evaluate("nodesim.step(-1); nodesim.setState({ labels: 'numbers' })")
    assert page.evaluate(written) == number
    assert {"y1 0.01", "y2 0.99"} <= set(page.locator(".label").all_text_contents())


def test_without_desired_outputs_there_is_no_error(show):
    page = show(ns.Network.layered([2, 2, 2], seed=0).explore([1.0, 2.0])).page
    assert page.locator("[data-error], .edge, .label.desired").count() == 0
    assert "into e" not in page.locator(".legend").inner_text()


def test_a_desired_output_says_what_it_is(show):
    page = show(article_network(1).explore()).page
    page.locator(".label.desired", has_text="y2").hover()
    assert page.locator(".tip").inner_text() == "y2, the desired output: what OA2 should be, 0.99"
    page.locator(".label.desired", has_text="y2").click()
    assert page.evaluate("nodesim.selection().name") == "O2"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("sizes", [[2, 2, 2], [2, 8, 8, 2], [2, *[1] * 8, 2], [2, *[1] * 18, 1]])
def test_letters_are_large_enough_and_inside(show, sizes, width):
    page = show(explored(sizes)[1], viewport={"width": width, "height": 800}).page
    stage = page.locator(".frame").bounding_box()
    for labels in ("names", "numbers"):
        page.evaluate("(labels) => nodesim.setState({ labels })", labels)
        page.evaluate("nodesim.step(nodesim.steps - 1)" if labels == "numbers" else "nodesim.find('W1')")
        page.evaluate(SETTLED)
        for words, size, box in page.evaluate(LETTERS):
            assert size >= 10.99, (words, size)
            assert box["x"] >= stage["x"] - 1, words
            assert box["x"] + box["width"] <= stage["x"] + stage["width"] + 1, words
    names = page.locator("svg.drawing .node .name").all_text_contents()
    assert {"I1", "H1", "O1"} <= set(names)


def test_labels_that_find_no_place_appear_when_zoomed_in(show):
    page = show(explored([4, 12, 12, 3])[1]).page
    assert page.locator(".label[data-label]").count() == 0
    page.evaluate("nodesim.find('W1')")
    page.evaluate("nodesim.select(null)")
    page.evaluate("nodesim.find('W60')")
    page.get_by_role("button", name="Zoom to the selection").click()
    assert page.locator(".label", has_text="W60").count() == 1
    page.evaluate("nodesim.select(null)")
    for _ in range(6):
        page.get_by_role("button", name="Zoom in").click()
    assert page.locator(".label[data-label]").count() > 0


@pytest.mark.parametrize(("labels", "width"), [("names", 390), ("numbers", 1280)])
def test_a_label_selects_its_own_connection(show, width, labels):
    """Whatever runs below a label: a click on its middle selects the connection that it names."""
    x, y = iris()
    networks = [
        article_network(1).explore(),
        explored([2, 3, 1])[1],
        ns.Network.layered([4, 5, 3], seed=1).explore(x[::50], y[::50]),
    ]
    for explorer in networks:
        page = show(explorer, f"#labels={labels}", viewport={"width": width, "height": 844}).page
        page.evaluate(SETTLED)
        found = page.evaluate("""() => [...document.querySelectorAll(".label[data-label]")].map((label) => {
            const { x, y, width, height } = label.getBoundingClientRect();
            return [label.dataset.label, x + width / 2, y + height / 2];
        })""")
        assert len(found) >= 12
        for connection, *middle in found:
            hit = page.evaluate("([x, y]) => ({ ...document.elementFromPoint(x, y).dataset })", middle)
            assert hit == {"label": connection}
        for connection, *middle in found[::4]:
            page.evaluate("nodesim.select(null)")
            page.mouse.click(*middle)
            assert page.evaluate("nodesim.state.selected") == {"kind": "connection", "index": int(connection)}


def test_a_label_of_a_canvas_selects_its_own_connection(show):
    page = show(explored([20, 160, 2])[1], "#select=H2").page
    page.get_by_role("button", name="Zoom to the selection").click()
    page.evaluate(SETTLED)
    labels = page.evaluate("""() => {
        const { picture: { labels, at, element } } = nodesim.app.drawing;
        const { x, y } = element.getBoundingClientRect();
        return labels.map((label) => [label.c, x + at.x + label.x * at.k, y + at.y + label.y * at.k]);
    }""")
    assert labels
    for connection, *middle in labels:
        page.evaluate("nodesim.find('H2')")
        page.mouse.click(*middle)
        assert page.evaluate("nodesim.state.selected") == {"kind": "connection", "index": connection}


def test_zoom_to_the_selection(show):
    page = show(explored([4, 12, 12, 3])[1]).page
    button = page.get_by_role("button", name="Zoom to the selection")
    assert button.is_disabled()
    page.evaluate("nodesim.find('H20')")
    before = page.locator(".node.selected .disc").bounding_box()["width"]
    button.click()
    assert page.locator(".node.selected .disc").bounding_box()["width"] > 1.5 * before
    # What is searched for and is not in sight comes into sight.
    field = page.get_by_role("combobox", name="Find")
    field.fill("I1")
    field.press("Enter")
    box, stage = page.locator(".node.selected .disc").bounding_box(), page.locator(".frame").bounding_box()
    assert stage["x"] < box["x"] < stage["x"] + stage["width"]
    assert stage["y"] < box["y"] < stage["y"] + stage["height"]


def test_a_tooltip_tells_the_numbers_of_now(show):
    page = show(article_network(1).explore()).page
    page.locator("#node-3 .disc").hover()
    before = page.locator(".tip").inner_text()
    page.evaluate("nodesim.setState({ edits: { weights: { W1: 7 }, inputs: {}, targets: {} } })")
    after = page.locator(".tip").inner_text()
    assert after != before
    assert f"{page.evaluate('nodesim.run.value[3]'):.4g}".replace("-", "−") in after


def test_a_node_is_picked(show):
    page = show(article_network(1).explore()).page
    pick = "window.picked = null; window.end = nodesim.app.drawing.pick(new Set([3, 4]), (node) => (window.picked = node)); null"
    page.evaluate(pick)
    assert page.locator(".node.allowed").count() == 2
    page.locator("#node-0").click()
    assert page.evaluate("[window.picked, nodesim.state.selected]") == [None, None]
    page.locator("#node-4").click()
    assert page.evaluate("[window.picked, nodesim.state.selected]") == [4, None]
    assert page.locator(".node.allowed").count() == 0
    page.evaluate(f"nodesim.find('W1'); {pick}")
    page.keyboard.press("Escape")
    assert page.locator(".node.allowed").count() == 0
    assert page.evaluate("[window.picked, nodesim.selection().name]") == [None, "W1"]
    page.evaluate(pick)
    page.locator("#node-3").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("window.picked") == 3


def test_painting_writes_only_what_changes(show):
    """While weights change, as in training, no element is made anew and no label is placed again."""
    x, y = iris()
    page = show(ns.Network.layered([4, 5, 3], seed=1).explore(x[::50], y[::50]), "#select=W1&labels=numbers").page
    changed = page.evaluate("""async () => {
        const found = [];
        const observer = new MutationObserver((records) => found.push(...records));
        observer.observe(document.querySelector("svg.drawing"), { childList: true, subtree: true, attributes: true });
        nodesim.setState({ edits: { weights: { W2: 0.01 }, inputs: {}, targets: {} } });
        await new Promise(requestAnimationFrame);
        return found.map(({ type, attributeName, target }) => [type, attributeName, target.localName]);
    }""")
    assert [
        change for change in changed if change[0] == "attributes" and change[1] not in ("stroke-width", "class")
    ] == []
    assert {name for kind, _, name in changed if kind == "childList"} <= {"text"}
