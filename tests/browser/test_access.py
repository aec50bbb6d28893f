"""The page can be used by everyone: by keyboard, read aloud, in the dark, on a small screen."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from helpers import article_network, random_network, random_samples

import nodesim as ns

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]


# Of all that axe-core tells only the violations are carried over.
RUN = "(within) => axe.run(within ?? document, { resultTypes: ['violations'] }).then(({ violations }) => violations)"


def violations(page, within=None):
    """Return what axe-core finds in a page or a part of it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    return page.evaluate(RUN, within)


def serious(page):
    """Return what axe-core finds that keeps people from using the page."""
    return [
        f"{problem['id']} ({problem['impact']}): {node['html'][:200]}"
        for problem in violations(page)
        if problem["impact"] in ("serious", "critical")
        for node in problem["nodes"]
    ]


def recorded():
    net = ns.Network.layered([2, 3, 1], seed=1)
    recording = ns.Recording(net, limit=12)
    net.fit(*XOR, epochs=200, callbacks=recording)
    return net.explore(*XOR, history=recording)


@pytest.mark.parametrize(("scheme", "width"), [("dark", 1280), ("light", 390)])
def test_axe_finds_no_serious_problem(show, scheme, width):
    page = show(recorded(), color_scheme=scheme, viewport={"width": width, "height": 800}).page
    assert serious(page) == []
    page.evaluate("nodesim.find('W1')")
    assert serious(page) == []
    page.evaluate(
        "nodesim.step(5); nodesim.app.derive(nodesim.app.network.outputs[0]); "
        "nodesim.setState({ labels: 'numbers', view: 'paths', edits: { weights: { W2: 1 }, inputs: {}, targets: {} } })"
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
    said = page.locator(".live").inner_text()
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


def test_escape_lets_go_from_everywhere_and_the_focus_is_kept(show):
    page = show(recorded()).page
    focused = "document.activeElement.getAttribute('aria-label')"
    for leave in ("Escape", "Enter"):
        page.evaluate("nodesim.find('W1')")
        page.get_by_label("Weight W1", exact=True).focus()
        if leave == "Enter":
            page.get_by_role("button", name="Clear the selection").focus()
        page.keyboard.press(leave)
        assert page.evaluate("nodesim.state.selected") is None
        assert page.evaluate(focused) == "Explanation"


def test_menus_keep_escape_to_themselves(show):
    page = show(recorded()).page
    page.evaluate("nodesim.find('W1')")
    for name in ("Filter", "Save"):
        summary = page.locator("summary", has_text=name)
        summary.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        assert page.locator("details[open]").count() == 0
        assert page.evaluate("document.activeElement.textContent") == name
        assert page.evaluate("nodesim.selection().name") == "W1"
        summary.click()
        page.locator("h2").click()
        assert page.locator("details[open]").count() == 0


def test_collapsing_with_the_keyboard_keeps_the_place(show):
    page = show(recorded()).page
    page.locator("summary", has_text="Filter").click()
    box = page.get_by_role("checkbox", name="Hidden layer 1")
    box.focus()
    for collapsed in ([1], []):
        page.keyboard.press("Space")
        assert page.evaluate("nodesim.state.collapsed") == collapsed
        assert box.evaluate("(box) => box === document.activeElement")


def test_every_digit_of_a_weight_can_be_read(show):
    net = article_network(1)
    net["W1"].weight = -0.12345678901234568
    for width in (1280, 400):
        page = show(net.explore(), "#select=W1", viewport={"width": width, "height": 800}).page
        box = page.get_by_label("Weight W1", exact=True)
        assert box.evaluate("(box) => box.scrollWidth <= box.clientWidth")
        assert box.bounding_box()["x"] + box.bounding_box()["width"] <= width


def test_the_page_follows_the_system_of_its_reader_whatever_network_it_shows(show):
    page = show(recorded(), color_scheme="light").page
    listen = "(who) => nodesim.app.state.on(['theme'], () => window.told.push(who))"
    page.evaluate("window.told = []")
    page.evaluate(listen, "the one before")
    # Another network is shown by another explorer, and the one before listens no more.
    page.get_by_role("button", name="Add a hidden layer").click()
    page.evaluate(listen, "this one")
    page.locator(".plane").scroll_into_view_if_needed()
    theme = page.get_by_title("Switch between light and dark")
    assert theme.inner_text() == "Dark"
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("() => nodesim.app.plane.theme === 'dark'")
    assert page.evaluate("window.told") == ["this one"]
    assert theme.inner_text() == "Light"
