"""The page can be used by everyone: by keyboard, read aloud, in the dark, on a small screen."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from helpers import article_network, random_network, random_samples

import nodesim as ns

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]


def serious(page):
    """Return what axe-core finds that keeps people from using the page."""
    found = Axe().run(page).response["violations"]
    return [
        f"{problem['id']} ({problem['impact']}): {node['html'][:200]}"
        for problem in found
        if problem["impact"] in ("serious", "critical")
        for node in problem["nodes"]
    ]


def recorded():
    net = ns.Network.layered([2, 3, 1], seed=1)
    recording = ns.Recording(net, limit=12)
    net.fit(*XOR, epochs=200, callbacks=recording)
    return net.explore(*XOR, history=recording)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_serious_problem(show, scheme, width):
    page = show(recorded(), color_scheme=scheme, viewport={"width": width, "height": 800}).page
    assert serious(page) == []
    page.evaluate("nodesim.find('W1')")
    assert serious(page) == []
    page.evaluate(
        "nodesim.step(5); nodesim.setState({ labels: 'numbers', edits: { weights: { W2: 1 }, inputs: {}, targets: {} } })"
    )
    assert serious(page) == []


def test_axe_on_larger_networks(show):
    net, rng = random_network(11, max_hidden=14)
    page = show(net.explore(*random_samples(net, rng, 2))).page
    page.evaluate("nodesim.select('node', 0)")
    assert serious(page) == []
    large = ns.Network.layered([70, 70], seed=0)
    assert serious(show(large.explore()).page) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_screen(show, width):
    page = show(recorded(), viewport={"width": width, "height": 800}).page
    page.evaluate("nodesim.find('W1'); nodesim.step(8)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_keyboard_goes_everywhere(show):
    page = show(article_network(1).explore()).page
    page.locator("[data-node][tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    first = page.evaluate("nodesim.state.selected")
    assert first["kind"] == "connection"
    page.keyboard.press("ArrowDown")
    second = page.evaluate("nodesim.state.selected")
    assert second["kind"] == "connection"
    assert second != first
    page.keyboard.press("ArrowRight")
    assert page.evaluate("nodesim.state.selected.kind") == "node"
    assert page.evaluate("document.activeElement.id") == f"node-{page.evaluate('nodesim.state.selected.index')}"
    page.keyboard.press("Escape")
    assert page.evaluate("nodesim.state.selected") is None


def test_every_control_is_reached_by_the_tabulator(show):
    page = show(recorded()).page
    page.evaluate("nodesim.find('W1')")
    reached = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "(document.activeElement.textContent || document.activeElement.getAttribute('aria-label') || '').trim()"
            )
        )
    for name in ("Step through", "Save", "Filter", "Names", "Numbers"):
        assert any(name in text for text in reached), (name, reached)


def test_what_happens_is_said(show):
    net = article_network(1)
    page = show(net.explore()).page
    page.evaluate("nodesim.find('W1')")
    said = page.get_by_role("status").inner_text()
    assert "W1 selected: 2 paths" in said


def test_signs_are_told_without_colour(show):
    net = article_network(1)
    page = show(net.explore()).page
    dashed = page.locator("[data-connection] .line").evaluate_all(
        "(all) => all.map((e) => getComputedStyle(e).strokeDasharray !== 'none')"
    )
    assert dashed == [c.weight < 0 for c in net.connections]


def test_dark_and_light(show):
    explorer = article_network(1).explore()

    def paper(page):
        return page.evaluate("getComputedStyle(document.querySelector('.nodesim')).backgroundColor")

    light, dark = (show(explorer, color_scheme=scheme).page for scheme in ("light", "dark"))
    assert paper(light) != paper(dark)
    dark.get_by_role("button", name="Light").click()
    assert dark.evaluate("nodesim.state.theme") == "light"
