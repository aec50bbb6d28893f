"""The gallery: every page opens without a complaint, and what its sentences speak of is in it."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from itertools import pairwise

import pytest
from helpers import ROOT

import nodesim as ns

SCRIPT = ROOT / "examples" / "gallery" / "make.py"
PAGES = runpy.run_path(str(SCRIPT))["PAGES"]
# What the article's letters name: an element or its activated self, and e's bias and weight nodes.
_NAME = re.compile(r"\b(?:[IBWO]|OA|HA?)\d+\b")
_DOING = re.compile("Click ([A-Z]+\\d+)|“([^”]+)”")
_CONTROLS = ("button", "tab", "slider", "spinbutton", "combobox")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The gallery, written by the script alone, in an isolated Python."""
    folder = tmp_path_factory.mktemp("gallery")
    run = subprocess.run(
        [sys.executable, "-W", "error", str(SCRIPT), str(folder)], capture_output=True, text=True, check=True
    )
    assert run.stdout.count(" kB ") == len(PAGES)
    return folder


def test_the_index_leads_to_every_page(watch, folder):
    watched = watch()
    watched.page.goto((folder / "index.html").as_uri())
    links = watched.page.get_by_role("link")
    assert [link.get_attribute("href") for link in links.all()] == [f"{name}.html" for name in PAGES]
    assert len(watched.requests) == 1
    assert {path.name for path in folder.iterdir()} == {"index.html", *(f"{name}.html" for name in PAGES)}


def follow(page, control):
    """Find what a sentence speaks of, and press it if it can be pressed."""
    found = [(role, each) for role in _CONTROLS for each in page.get_by_role(role, name=control, exact=True).all()]
    assert found, f"“{control}” is nowhere to be seen"
    role, element = found[0]
    if role in ("button", "tab"):
        element.click()


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_says_to_try_is_there(watch, folder, name):
    watched = watch()
    page = watched.page
    page.goto((folder / f"{name}.html").as_uri())
    watched.ready()
    sentences = page.evaluate("nodesim.document.guide")
    assert len(sentences) == 3
    assert page.locator(".guide li").all_inner_texts() == sentences
    selected = page.evaluate("nodesim.document.selected")
    assert page.evaluate("nodesim.selection()?.name ?? null") == selected
    document = page.evaluate("nodesim.document")
    named = {each["name"] for part in ("nodes", "connections") for each in document[part]}
    named |= {each["activated"] for each in document["nodes"]}
    text = " ".join(sentences)
    assert set(_NAME.findall(text)) - named == set()
    for clicked, control in _DOING.findall(text):
        # The field of a weight is there once that is selected.
        if element := clicked or control.removeprefix("Weight ") * control.startswith("Weight "):
            page.evaluate("(name) => nodesim.find(name)", element)
        if control:
            follow(page, control)
    # The worker that trains is no request: its script comes with the page.
    assert len([url for url in watched.requests if not url.startswith("blob:")]) == 1


@pytest.fixture
def opened(watch, folder):
    """Open a page of the gallery on a phone."""

    def opened(name):
        watched = watch(viewport={"width": 390, "height": 844})
        watched.page.goto((folder / f"{name}.html").as_uri())
        return watched.ready()

    return opened


def test_every_relu_dies_at_epoch_2_and_none_with_short_steps(opened):
    watched = opened("dying-relu")
    page, epoch = watched.page, watched.page.get_by_role("slider", name="Epoch", exact=True)
    for at, alive in ((1, True), (2, False), (8, False)):
        epoch.fill(str(at))
        page.wait_for_function("(epoch) => nodesim.state.epoch === epoch", arg=at)
        assert [value > 1 for value in watched.run()["activated"][2:5]] == [alive] * 3
    epoch.fill("0")
    page.evaluate("nodesim.train({ epochs: 600, learningRate: 0.02 })")
    assert all(value > 1 for value in watched.run()["activated"][2:5])


def test_the_gradients_vanish_as_fast_as_is_said(opened):
    page = opened("vanishing-gradient").page
    said = []
    for name in ("W37", "W31", "W25", "W19", "W13", "W7", "W1"):
        page.evaluate("(name) => nodesim.find(name)", name)
        page.locator(".live").filter(has_text=f"{name} selected").wait_for(state="attached")
        said.append(abs(page.evaluate("nodesim.selection().gradient")))
    assert all(6 < above / below < 14 for above, below in pairwise(said))


def test_another_network_has_no_guide_of_the_old_one(opened):
    page = opened("xor").page
    assert page.locator(".guide").count() == 1
    page.get_by_role("button", name="Add a hidden layer").click()
    page.wait_for_function("nodesim.document.layers.length === 4")
    assert page.locator(".guide").count() == 0


def test_the_guide_stays_closed_and_is_text_whatever_it_says(show):
    hostile = ["</script><img src=x onerror=alert(1)>", "\ud800\u202e constructor", "x" * 500]
    net = ns.Network.layered([2, 2, 1], seed=0)
    page = show(
        net.explore([0.0, 1.0], [1.0], guide=hostile, title="<b>&amp;"), viewport={"width": 390, "height": 844}
    ).page
    assert page.get_by_role("heading", level=1).inner_text() == "<b>&amp;"
    assert page.locator(".guide li").count() == 3
    assert page.locator("img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".guide summary").click()
    for name in ("W1", "H1"):
        page.evaluate("(name) => nodesim.find(name)", name)
        assert not page.locator(".guide li").first.is_visible()
    page.locator(".guide summary").click()
    assert page.locator(".guide li").first.is_visible()


def test_what_is_selected_at_first_is_no_more_than_a_start(show):
    page = show(ns.Network.layered([2, 2, 1], seed=0).explore([0.0, 1.0], [1.0], selected="W2")).page
    assert page.evaluate("nodesim.selection().name") == "W2"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Clear the selection").click()
    page.reload()
    page.wait_for_function("document.querySelector('[data-ready]') !== null")
    assert page.evaluate("nodesim.selection()") is None
    page.evaluate("location.hash = 'select=W3'")
    page.wait_for_function("nodesim.selection()?.name === 'W3'")
    page.evaluate("location.hash = ''")
    page.wait_for_function("nodesim.selection()?.name === 'W2'")


def test_a_title_has_room_in_a_low_and_narrow_frame(watch, folder):
    # As in a page of text on a phone. Beside facts that keep their width it was broken after every letter.
    watched = watch(viewport={"width": 358, "height": 720})
    watched.page.goto((folder / "figure-5.html").as_uri())
    watched.ready()
    title, facts = (watched.page.locator(f".titles {part}").bounding_box() for part in ("h1", ".facts"))
    assert title["height"] < 60 < title["width"]
    last = watched.page.locator(".top button").first.bounding_box()
    assert facts["x"] + facts["width"] <= last["x"]
