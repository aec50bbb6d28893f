"""The drawing keeps its room, and fingers have theirs."""

from __future__ import annotations

import pytest

import nodesim as ns

ROOM = "(({ width, height }) => [width, height])(document.querySelector('.frame').getBoundingClientRect())"
SMALL = """[...document.querySelectorAll('.nodesim :is(button, select, summary, label.check, input)')]
    .filter((e) => e.checkVisibility() && e.type !== 'file' && e.type !== 'checkbox')
    .map((e) => [e.ariaLabel || e.textContent, e.getBoundingClientRect().height]).filter(([, high]) => high < 32)"""
OVER = "document.documentElement.scrollWidth - innerWidth"


def page_of(show, **settings):
    net = ns.Network.layered([2, 2, 2], hidden="identity", output="identity", seed=0)
    return show(net.explore([0.5, 1.0], [0.1, 0.99]), **settings).page


@pytest.mark.parametrize(("size", "least"), [((1280, 900), 0.55), ((1440, 900), 0.55), ((1024, 700), 0.45)])
def test_nothing_takes_the_drawing_its_room(show, size, least):
    """Neither a training that plays, nor the trouble that it comes to, nor what is wrong with a file."""
    page = page_of(show, viewport=dict(zip(("width", "height"), size, strict=True)))
    room = page.evaluate(ROOM)
    assert room[1] >= least * size[1]
    page.get_by_label("Learning rate").fill("10")
    page.get_by_role("button", name="Play", exact=True).click()
    trouble = page.locator(".training > .trouble")
    trouble.wait_for()
    assert "too large" in trouble.inner_text()
    after = page.evaluate(ROOM)
    assert after == room if size[1] == 900 else after[1] >= 0.45 * size[1]
    page.get_by_label("CSV file").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n3\n"})
    page.locator(".data-picker .trouble").wait_for()
    page.get_by_role("button", name="Reset", exact=True).click()
    page.wait_for_function("() => document.querySelector('.training > .trouble').hidden")
    after = page.evaluate(ROOM)
    assert after == room if size[1] == 900 else after[1] >= 0.45 * size[1]
    page.get_by_role("button", name="Step through").click()
    heights = page.evaluate(f"Array.from({{ length: nodesim.steps }}, (_, i) => (nodesim.step(i), {ROOM}[1]))")
    assert heights == sorted(heights, reverse=True)
    assert heights[-1] >= 0.34 * size[1]


def test_fingers_have_room(show):
    page = page_of(show, viewport={"width": 390, "height": 844})
    for name in ("W1", "H1", "B1", "O1"):
        page.evaluate("(name) => nodesim.select(name)", name)
        assert page.evaluate(SMALL) == []
        assert page.evaluate(OVER) <= 0
    top = page.evaluate("['.frame', '.training', '.panel'].map((e) => document.querySelector(e).offsetTop)")
    assert top == sorted(top)
