"""A reader's whole session with one page: nothing is asked for, complained of or cut off, and everyone can use it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from helpers import article_network
from test_access import serious
from test_choosing import DROP
from twins import choose, press

import nodesim as ns

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
SCHEMES = ("light", "dark")
# Every word that is seen is inside of all that could cut it off, or can be scrolled to; and large enough.
CUT = r"""() => {
    const found = [];
    const walker = document.createTreeWalker(document.querySelector(".nodesim"), NodeFilter.SHOW_TEXT);
    for (let text; (text = walker.nextNode()); ) {
        const [words, element] = [text.textContent.trim(), text.parentElement];
        if (!words || element.closest("option, title, .live") || !element.checkVisibility({ visibilityProperty: true })) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        const { left, right, top, bottom, width } = range.getBoundingClientRect();
        if (!width) continue;
        const isDrawn = element.namespaceURI.endsWith("svg");
        const size = Number.parseFloat(getComputedStyle(element).fontSize) * (isDrawn ? element.getScreenCTM().a : 1);
        if (size < 10.99) found.push(`${words}: ${size} px`);
        let scrolls = false;
        for (let around = element; around && !scrolls; around = around.parentElement) {
            if (!around.namespaceURI.endsWith("xhtml")) continue;
            const { overflowX, overflowY } = getComputedStyle(around);
            scrolls = around !== document.documentElement && ["auto", "scroll"].includes(overflowX);
            const box = around.getBoundingClientRect();
            const [beside, above] = [left < box.left - 1 || right > box.right + 1, top < box.top - 2 || bottom > box.bottom + 2];
            if ((/hidden|clip/.test(overflowX) && beside) || (/hidden|clip/.test(overflowY) && above)) found.push(`${words}: cut off by ${around.className || around.localName}`);
        }
        if (!scrolls && (left < -1 || right > innerWidth + 1)) found.push(`${words}: beside the screen`);
    }
    const pen = document.createElement("canvas").getContext("2d");
    for (const list of document.querySelectorAll(".nodesim select")) {
        if (!list.checkVisibility() || !list.selectedOptions.length) continue;
        const { font, paddingLeft, paddingRight } = getComputedStyle(list);
        pen.font = font;
        const room = list.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
        if (pen.measureText(list.selectedOptions[0].text).width > room + 1) found.push(`${list.ariaLabel}: cut off`);
    }
    if (document.documentElement.scrollWidth > innerWidth) found.push(`${document.documentElement.scrollWidth} px wide`);
    return found;
}"""
PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def xor_explorer(**settings):
    net = ns.Network.layered([2, 3, 1], hidden="tanh", output="sigmoid", loss="binary_cross_entropy", seed=1)
    return net.explore(*XOR, guide=["Click W1.", "Press “Play”.", "Press “Pause”."], **settings)


def drop(page, name, text):
    page.evaluate(DROP, [name, text])
    page.get_by_role("alert").filter(has_text=name).wait_for()


def states(page):
    """Click through the page, and stop at each state of it by its name."""
    yield "opened, with its guide and map"
    page.locator("summary", has_text="Try this").click()
    page.locator("#connection-0 .hit, #connection-0").first.click(force=True)
    for tab in page.get_by_role("tab").all():
        tab.click()
        yield f"W1, {tab.inner_text()}"
    press(page, "W1 + 0.1")
    yield "a weight changed"
    page.locator("[data-node='3']").click()
    press(page, "Numbers", "Step through")
    page.get_by_role("slider", name="Step").press("End")
    page.get_by_role("button", name="Previous step").click()
    yield "a node, numbers, the step of the update"
    press(page, "Close", "Rewind to the original")
    choose(page, "Data set", "moons")
    page.locator("#connection-0 .hit, #connection-0").first.click(force=True)
    press(page, "Play")
    page.wait_for_function("() => nodesim.app.runs.moments.length > 3")
    yield "playing"
    press(page, "Pause")
    drop(page, "other.csv", "a,b,y\n1,2\n")
    yield "a file refused"
    page.evaluate("nodesim.select('O1')")
    choose(page, "Activation", "tanh")
    page.locator(".building [role=alert]").wait_for()
    yield "a change refused"
    choose(page, "Data set", "sine")
    page.get_by_label("Learning rate", exact=True).fill("100000")
    page.get_by_label("Learning rate", exact=True).press("Enter")
    press(page, "Play")
    trouble = page.get_by_role("alert").filter(has_text="learning rate")
    trouble.wait_for()
    yield "a curve, and a training that failed"
    press(page, "Reset")
    trouble.wait_for(state="hidden")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_whole_session(show, width):
    watched = show(xor_explorer(), viewport={"width": width, "height": 844})
    page = watched.page
    places = []
    for place, state in enumerate(states(page)):
        places.append(state)
        # What is light on the wide screen is dark on the narrow one.
        page.emulate_media(color_scheme=SCHEMES[(place + (width < 900)) % 2])
        page.evaluate(PAINTED)
        assert serious(page) == [], state
        assert page.evaluate(CUT) == [], state
        words = page.inner_text("body")
        assert len(re.findall("desired", words, re.IGNORECASE)) <= 1, state
    assert len(places) == 11
    # The worker that trains is no request: its script comes with the page.
    assert len([url for url in watched.requests if not url.startswith("blob:")]) == 1


def deep():
    net = ns.Network.layered([2, *[1] * 18, 1], seed=0)
    return net.explore([[0.3, 0.1]], [[0.5]])


def evolved():
    """A network of more than 300 connections without layers, as evolution makes them."""
    rng = np.random.default_rng(5)
    net = ns.Network(seed=0)
    for _ in range(6):
        net.add_input()
    hidden = [net.add_hidden(activation="tanh") for _ in range(30)]
    outputs = [net.add_output() for _ in range(3)]
    order = [*net.inputs, *hidden, *outputs]
    for place, target in enumerate([*hidden, *outputs], 6):
        before = min(place, 36)
        for source in sorted(rng.choice(before, min(before, 10), replace=False).tolist()):
            net.connect(order[source], target, weight=float(rng.standard_normal()))
    assert len(net.connections) >= 300
    return net.explore(rng.standard_normal((2, 6)), rng.random((2, 3)))


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("make", [deep, evolved])
def test_deep_narrow_and_tangled_networks_are_read(show, make, width):
    page = show(make(), viewport={"width": width, "height": 844}).page
    stage = page.locator(".frame").bounding_box()
    boxes = [each.bounding_box() for each in page.locator("[data-node] .disc").all()]
    across = max(b["x"] + b["width"] for b in boxes) - min(b["x"] for b in boxes)
    down = max(b["y"] + b["height"] for b in boxes) - min(b["y"] for b in boxes)
    # They fill the room that there is, and no node lies on another one.
    assert max(across / stage["width"], down / stage["height"]) > 0.75
    assert min(across / stage["width"], down / stage["height"]) > 0.3
    middles = np.array([(b["x"] + b["width"] / 2, b["y"] + b["height"] / 2) for b in boxes])
    apart = np.linalg.norm(middles[:, None] - middles[None], axis=2) + 1e9 * np.eye(len(boxes))
    assert apart.min() > min(b["width"] for b in boxes)
    page.evaluate("nodesim.select('connection', 5)")
    assert page.locator("[data-connection='5'].selected").count() == 1
    box = page.locator("[data-connection='5'] .line").bounding_box()
    assert box["x"] < stage["x"] + stage["width"]
    assert box["y"] < stage["y"] + stage["height"]
    for view in page.get_by_role("tab").all():
        view.click()
        page.evaluate(PAINTED)
        assert page.evaluate(CUT) == []
    page.get_by_role("button", name="Zoom to the selection").click()
    larger = page.locator("[data-connection='5'] .line").bounding_box()
    assert larger["width"] + larger["height"] >= box["width"] + box["height"]


def test_what_is_selected_moves_while_a_training_plays(show):
    """The weight, its gradient, and each path's product and share: as the engine has them when it stands still."""
    net = ns.Network.layered([2, 4, 3, 2], hidden="tanh", seed=1)
    x, y = [[1, 0], [0, 1], [0, 0], [1, 1]], [[1, 0], [1, 0], [0, 1], [0, 1]]
    page = show(net.explore(x, y), "#select=W1").page
    seen = """() => ({
        weight: [document.querySelector(".editing input").value], gradient: [document.querySelector(".gradient").textContent],
        products: [...document.querySelectorAll(".term .product")].map((each) => each.textContent),
        shares: [...document.querySelectorAll("[data-share]")].map((each) => each.dataset.share),
    })"""
    first = page.evaluate(seen)
    assert all(first.values())
    press(page, "Play")
    page.wait_for_function(
        f"(first) => Object.entries(({seen})()).every(([part, now]) => now.join() !== first[part].join())", arg=first
    )
    press(page, "Pause")
    page.wait_for_function("() => !nodesim.app.session.playing")
    net.weights = page.evaluate("nodesim.weights")
    net.forward(x[0]), net.backward(y[0])
    paths = list(net.paths("W1"))
    assert float(page.get_by_role("spinbutton", name="Weight W1").input_value()) == net["W1"].weight
    assert page.evaluate("nodesim.selection().gradient") == pytest.approx(net["W1"].gradient, rel=1e-10)
    shares = page.locator("[data-share]").evaluate_all("(all) => all.map((e) => Number(e.dataset.share))")
    sizes = sorted((abs(path.product) for path in paths), reverse=True)
    assert sorted(shares, reverse=True) == pytest.approx([size / sum(sizes) for size in sizes[: len(shares)]], rel=1e-9)
    page.locator("#connection-0").hover(force=True)
    tip = page.locator(".tip").inner_text()
    assert f"weight {net['W1'].weight:.4g}".replace("-", "−") in tip


def test_a_tooltip_follows_a_training_that_plays(show):
    page = show(article_network(1).explore()).page
    page.locator("#node-3 .disc").hover()
    before = page.locator(".tip").inner_text()
    page.get_by_role("button", name="Play", exact=True).press("Enter")
    page.wait_for_function("(before) => document.querySelector('.tip').textContent !== before", arg=before)
    page.get_by_role("button", name="Pause", exact=True).press("Enter")
    page.wait_for_function("() => !nodesim.app.session.playing")
    page.evaluate(PAINTED)
    number = f"{page.evaluate('nodesim.run.value[3]'):.4g}".replace("-", "−")
    assert f"H1 = {number}" in page.locator(".tip").inner_text()
