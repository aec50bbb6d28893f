"""What else a reader can do: samples, epochs, search, filter, collapse, labels, export, links."""

from __future__ import annotations

import json
import time
import xml.etree.ElementTree as ET

import jsonschema
import numpy as np
import pytest
from helpers import ROOT, article_network, iris, random_network, random_samples

import nodesim as ns
from nodesim.explorer import page as assembly

SCHEMA = json.loads((ROOT / "nodesim" / "explorer" / "schema.json").read_text(encoding="utf-8"))
XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]


def recorded(epochs=200):
    net = ns.Network.layered([2, 3, 1], seed=1)
    recording = ns.Recording(net, limit=12)
    net.fit(*XOR, epochs=epochs, callbacks=recording)
    return net.explore(*XOR, history=recording), recording


def test_samples_and_epochs_are_chosen(show):
    explorer, recording = recorded()
    watched = show(explorer)
    page = watched.page
    page.get_by_label("Sample").select_option(label="sample 3")
    slider = page.get_by_role("slider", name="Epoch")
    slider.focus()
    for place in reversed(range(len(recording))):
        assert page.evaluate("nodesim.state.epoch") == place
        twin = recording.network.copy()
        twin.weights = recording[place].weights
        twin.forward(XOR[0][2]), twin.backward(XOR[1][2])
        # At the end outputs are their targets but for 1e-8, of which rounding leaves few digits.
        np.testing.assert_allclose(watched.run()["gradient"], twin.gradients, rtol=1e-12, atol=1e-14)
        assert page.evaluate("[...nodesim.run.weights]") == recording[place].weights.tolist()
        page.keyboard.press("ArrowLeft")


def test_search(show):
    page = show(article_network(3).explore()).page
    field = page.get_by_role("combobox", name="Find")
    for words, kind, name in (
        ("W12", "connection", "W12"),
        ("HA3", "node", "H3"),
        ("h2", "node", "H2"),
        ("b1", "node", "B1"),
    ):
        field.fill(words)
        field.press("Enter")
        selected = page.evaluate("nodesim.state.selected")
        assert selected["kind"] == kind
        assert page.evaluate("nodesim.selection().name") == name
    field.fill("nothing like it")
    assert "Nothing" in page.inner_text("body")


def test_only_what_is_selected(show):
    net, rng = random_network(4)
    page = show(net.explore(*random_samples(net, rng, 1))).page
    page.evaluate("nodesim.select('connection', 0); nodesim.setState({ onlySelected: true })")
    visible = page.locator("[data-connection]:visible").evaluate_all(
        "(all) => all.map((e) => Number(e.dataset.connection))"
    )
    assert sorted(visible) == page.evaluate("nodesim.selection().connections")


def test_a_threshold_leaves_out_small_weights(show):
    net = article_network(1)
    page = show(net.explore()).page
    page.evaluate("nodesim.setState({ threshold: 0.6 })")
    visible = page.locator("[data-connection]:visible").evaluate_all(
        "(all) => all.map((e) => Number(e.dataset.connection))"
    )
    assert sorted(visible) == [place for place, c in enumerate(net.connections) if abs(c.weight) >= 0.6]


def test_a_layer_collapses_and_opens(show):
    page = show(article_network(2).explore()).page
    page.get_by_text("Filter", exact=True).click()
    page.get_by_role("checkbox", name="Hidden layer 1").check()
    assert page.locator("#node-3").count() == 0
    assert page.locator("[data-bundle]").count() > 0
    page.locator(".block[data-layer='1']").click()
    assert page.locator("#node-3").count() == 1


def test_a_path_pointed_at_is_the_only_one_in_red(show):
    net = article_network(2)
    page = show(net.explore()).page
    page.evaluate("nodesim.find('W1')")
    row = page.locator("[data-path]").first
    wanted = [int(place) for place in row.get_attribute("data-path").split()]
    row.hover()
    red = page.locator("[data-connection].on").evaluate_all("(all) => all.map((e) => Number(e.dataset.connection))")
    assert sorted(red) == sorted(wanted)
    assert len(wanted) == 3
    page.mouse.move(2, 2)
    assert page.locator("[data-connection].on").count() == len(page.evaluate("nodesim.selection().connections")) == 7


def saved(page, item):
    page.get_by_text("Save", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=item).click()
    return download.value


def test_export(show, tmp_path):
    explorer = article_network(1).explore()
    page = show(explorer).page
    page.evaluate("nodesim.find('W1')")
    assert json.loads(saved(page, "JSON").path().read_text()) == json.loads(json.dumps(explorer.document))
    drawing = ET.parse(saved(page, "SVG").path()).getroot()
    space = "{http://www.w3.org/2000/svg}"
    words = {text.text for text in drawing.iter(f"{space}text")}
    assert {"W1", "HA1", "OA2", "B2", "e", "y2", "e = ((y1 − OA1)²"} <= words
    # Eight nodes and e.
    assert len({(circle.get("cx"), circle.get("cy")) for circle in drawing.iter(f"{space}circle")}) == 9
    assert not [e for e in drawing.iter() if any("href" in key for key in e.attrib)]
    picture = saved(page, "PNG").path().read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(picture[16:20]) > 500


def test_a_network_that_was_changed_and_trained_is_saved_as_a_document_and_opens_again(show, watch, tmp_path):
    page = show(article_network(1).explore()).page
    page.get_by_label("Data set").select_option(label="iris")
    page.get_by_role("button", name="Add a hidden layer").click()
    page.evaluate("nodesim.train({epochs: 3, learningRate: 0.1, batch: 16})")
    document = json.loads(saved(page, "JSON").path().read_text())
    jsonschema.validate(document, SCHEMA)
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(page.evaluate("nodesim.document"))
    assert sum("test" in sample for sample in document["samples"]) == 36
    (tmp_path / "again.html").write_text(assembly.html(document), encoding="utf-8")
    again = watch()
    again.page.goto((tmp_path / "again.html").as_uri())
    again.ready()
    assert again.page.evaluate("nodesim.weights") == page.evaluate("nodesim.weights")
    assert again.page.evaluate("nodesim.error") == page.evaluate("nodesim.error")


def test_a_link_shows_the_same(show):
    explorer, _ = recorded()
    page = show(explorer).page
    page.evaluate(
        "nodesim.find('W4'); nodesim.setState({ sample: 2, epoch: 3, labels: 'numbers', edits: { weights: { W1: -0.5 }, inputs: {}, targets: {} } })"
    )
    before = page.evaluate("[nodesim.state, nodesim.selection()]")
    link = page.url
    assert "#" in link
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_function("window.nodesim !== undefined")
    assert page.evaluate("[nodesim.state, nodesim.selection()]") == before


@pytest.mark.parametrize(
    "fragment",
    ["#select=W99&sample=77&epoch=-3&step=x", "#%", "#weights=NaN+W1", "#collapsed=9,x", "#step=5&select=__proto__"],
)
def test_a_link_that_makes_no_sense_does_no_harm(show, fragment):
    page = show(article_network(1).explore(), fragment).page
    assert page.locator("[data-node]").count() == 8
    assert page.evaluate("nodesim.state.selected") is None


def test_the_curve_is_drawn(show):
    # By then the error is far below its thirtieth, whatever the last digits of this machine were on the way.
    explorer, _ = recorded(epochs=400)
    page = show(explorer).page
    assert page.locator(".uplot canvas").count() >= 1
    drawn = page.evaluate("nodesim.app.charts.error.plot.data.slice(0, 2).map((part) => [...part])")
    history = explorer.document["history"]
    assert drawn[0] == history["epochs"]
    # By the exponents of ten.
    assert "logarithmic" in page.inner_text("figcaption")
    np.testing.assert_allclose(drawn[1], np.log10(history["errors"]), rtol=1e-12)
    page.evaluate("nodesim.find('W1')")
    assert page.locator(".uplot canvas").count() >= 2


def test_a_curve_over_thirty_powers_of_ten_is_drawn_at_once(show):
    """Errors that fall to the rounding of the weights, to 0 and to none: labelled with powers of ten, and not blank."""
    net = ns.Network.layered([2, 3, 1], seed=1)
    errors = [*(10.0 ** -(power / 2) for power in range(61)), 0.0, np.nan, np.inf]
    page = show(net.explore(*XOR, history=ns.History(errors=errors))).page
    plot = "nodesim.app.charts.error.plot"
    page.wait_for_function(f"{plot}?.axes[1]._splits")
    ticks = page.evaluate(f"{plot}.axes[1]._splits")
    assert 4 <= len(ticks) <= 8
    assert all(tick == int(tick) and -40 <= tick <= 0 for tick in ticks)
    red = page.evaluate("""() => {
        const canvas = document.querySelector(".uplot canvas");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const columns = new Set();
        for (let at = 0; at < data.length; at += 4) if (data[at] > 150 && data[at + 1] < 100 && data[at + 2] < 100) columns.add((at / 4) % canvas.width);
        return columns.size / canvas.width;
    }""")
    assert red > 0.7
    begin = time.perf_counter()
    page.evaluate(
        "new Promise((done) => { nodesim.find('W1'); requestAnimationFrame(() => requestAnimationFrame(done)); })"
    )
    assert time.perf_counter() - begin < 2


def test_iris(show):
    net = ns.Network.layered([4, 5, 3], seed=0)
    x, y = iris()
    page = show(net.explore(x[::30], y[::30], names=["a", "b", "c", "d", "e"])).page
    assert page.get_by_label("Sample").locator("option").all_inner_texts() == ["a", "b", "c", "d", "e"]


def test_numbers_of_a_dense_network_do_not_cover_one_another(show):
    """Weights, values under the nodes and derivatives over them: at most their haloes touch."""
    x, y = iris()
    net = ns.Network.layered([4, 5, 3], seed=1)
    page = show(net.explore(x[100], y[100]), "#labels=numbers").page
    for step in (-1, page.evaluate("nodesim.steps") - 1):
        page.evaluate("(step) => nodesim.step(step)", step)
        covered = page.evaluate("""() => {
            const boxes = [...document.querySelectorAll("svg.drawing .label, svg.drawing .value, svg.drawing .title")]
                .filter((text) => text.textContent).map((text) => [text.textContent, text.getBoundingClientRect()]);
            const apart = (a, b) => a.right - 2 < b.left || b.right - 2 < a.left || a.bottom - 5 < b.top || b.bottom - 5 < a.top;
            return boxes.flatMap(([one, a], place) =>
                boxes.slice(place + 1).filter(([, b]) => !apart(a, b)).map(([other]) => `${one} and ${other}`));
        }""")
        assert covered == []


def test_labels_stay_where_they_are_while_stepping(show):
    page = show(article_network(1).explore(), "#step=0").page
    places = "[...document.querySelectorAll('svg.drawing .label')].map((text) => [text.getAttribute('x'), text.getAttribute('y')])"
    before = page.evaluate(places)
    page.evaluate("nodesim.step(nodesim.steps - 1)")
    assert page.evaluate(places) == before


def test_a_layer_says_what_a_click_on_its_title_does(show):
    page = show(article_network(1).explore()).page
    title = page.locator("text.title").nth(1)
    for words in ("collapse", "open"):
        title.hover()
        assert words in page.locator(".tip").inner_text()
        title.click()
        page.mouse.move(5, 5)
    assert page.evaluate("nodesim.state.collapsed") == []


def test_the_whole_drawing_is_clear_of_the_legend(show):
    page = show(ns.Network.layered([4, 6, 3], seed=1).explore([0.1] * 4), viewport={"width": 400, "height": 800}).page
    lowest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('.disc')].map((e) => e.getBoundingClientRect().bottom))"
    )
    assert lowest <= page.locator(".legend").bounding_box()["y"]
